"""language + English message -> the message in the language of the interface.

The sources are gettext catalogues beside this module, `<language>/LC_MESSAGES/course.po`: a new
language is a new folder. A course's own, `locale/<language>.po` in its templates, goes before.
Nothing is compiled: a catalogue has 40 messages and is read in 1 ms, while importing Babel takes
20; a test reads them with Babel too and compares.

    faults.py     what cannot be read of a course's own
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pipeline.patterns import lazy_pattern

CATALOGUES = Path(__file__).resolve().parent
FALLBACK = "en"
COURSE_CATALOGUES = "locale"
"""The folder in a course's `templates/` where its own catalogues are."""

_RIGHT_TO_LEFT = frozenset(
    "adlm aran arab hebr mand mend nkoo rohg samr syrc thaa"
    " apc ar arc ary azb bal bgn bqi brh ckb dv fa he iw ji ks"
    " lrc mzn nqo pnb prs ps rhg sd sdh skr syr trw ug ur yi".split()
)
"""Scripts (ISO 15924) and languages (ISO 639) that are written from right to left, as CLDR has it (`orientation`)."""
_ENTRY_RE = lazy_pattern(
    r'^[ \t]*msgid[ \t]*(?P<id>(?:"(?:[^"\\\n]|\\.)*"\s*)+)'
    r'^[ \t]*msgstr[ \t]*(?P<text>(?:"(?:[^"\\\n]|\\.)*"\s*)+)',
    re.M,
)
# What a tool has guessed and nobody has looked at (GNU gettext, "PO Files"); the header is fuzzy in every new file.
_FUZZY_RE = lazy_pattern(r"^#,[^\n]*\bfuzzy\b[^\n]*\n(?:(?:#[^\n]*)?\n)*(?:(?:msg\w+[ \t]*)?\"[^\n]*(?:\n|$))+", re.M)
_PLACE_RE = lazy_pattern(r"\{\w*\}|%[a-z]")
_STRING_RE = lazy_pattern(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE_RE = lazy_pattern(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t"}


def is_right_to_left(language: str) -> bool:
    """Whether a language, given by its BCP 47 tag, is written from right to left: its script says so if there is one.

    >>> [tag for tag in ("ar", "he-IL", "fa", "az-Arab", "ks-Deva", "vi", "en-AR") if is_right_to_left(tag)]
    ['ar', 'he-IL', 'fa', 'az-Arab']
    """
    name, *others = language.lower().replace("_", "-").split("-")
    return next((part for part in others if len(part) == 4), name) in _RIGHT_TO_LEFT


@cache
def read_catalogue(language: str) -> dict[str, str]:
    """The messages of a language: of `pt-BR`, else of `pt`, else of English."""
    for name in (*_names_of(language), FALLBACK):
        path = CATALOGUES / name / "LC_MESSAGES" / "course.po"
        if path.is_file():
            return parse_catalogue(path.read_text("utf-8"))
    raise AssertionError("the English catalogue is part of the package")


def read_course_catalogue(language: str, templates: tuple[Path, ...]) -> dict[str, str]:
    """The messages that a course brings along for a language: what it leaves out is as without it."""
    path = find_course_catalogue(language, templates)
    try:
        return parse_catalogue(path.read_text("utf-8-sig")) if path else {}
    except (OSError, UnicodeDecodeError):
        return {}  # `faults.py` tells it


def read_lesson_words(language: str, templates: tuple[Path, ...]) -> dict[str, str]:
    """Of these the ones that are no words of the frame: they are for the lessons."""
    own = read_course_catalogue(language, templates)
    frame = read_catalogue(FALLBACK) if own else {}
    return {message: text for message, text in own.items() if message not in frame}


def find_course_catalogue(language: str, templates: tuple[Path, ...]) -> Path | None:
    """The catalogue that a course brings along for a language."""
    for folder in templates:
        for name in _names_of(language):
            path = folder / COURSE_CATALOGUES / f"{name}.po"
            if path.is_file():
                return path
    return None


def _names_of(language: str) -> tuple[str, str]:
    return language.replace("-", "_"), language.partition("-")[0].lower()


def parse_catalogue(source: str) -> dict[str, str]:
    r"""The messages of a catalogue; those without a translation, with an unsure
    or an unfit one and its header are left out.

    >>> parse_catalogue('msgid "Next"\nmsgstr ""\n"Bài "\n"sau"\n\n#, fuzzy\nmsgid "Close"\nmsgstr "Mở"\n')
    {'Next': 'Bài sau'}
    """
    found = read_entries(source).items()
    return {message: text for message, text in found if message and text and places_in(message) == places_in(text)}


def read_entries(source: str) -> dict[str, str]:
    """Every message of a catalogue as it is translated, but those that are marked as unsure."""
    if "fuzzy" in source:
        source = _FUZZY_RE.sub("", source)
    return {_text(entry["id"]): _text(entry["text"]) for entry in _ENTRY_RE.finditer(source)}


def places_in(message: str) -> list[str]:
    """What is put into a message: a translation has the same.

    >>> places_in("{count} of %d"), places_in("%Y-%m-%d")
    (['%d', '{count}'], [])
    """
    return sorted(_PLACE_RE.findall(message)) if "%Y" not in message else []


def translator(language: str, templates: tuple[Path, ...] = ()) -> Callable[[str], str]:
    """A function from an English message to the interface's language; what is unknown stays English.

    `templates` are the folders where the course's own catalogue may be.
    """
    messages = {**read_catalogue(language), **read_course_catalogue(language, templates)}

    def translate(message: str) -> str:
        return messages.get(message, message)

    return translate


def _text(strings: str) -> str:
    joined = "".join(_STRING_RE.findall(strings))
    return _ESCAPE_RE.sub(lambda match: _ESCAPES.get(match[1], match[1]), joined)
