"""language + English message -> the message in the language of the interface.

The sources are gettext catalogues beside this module, `<language>/LC_MESSAGES/course.po`: a new
language is a new folder. Nothing is compiled: a catalogue has 40 messages and is read in 1 ms,
while importing Babel takes 20; a test reads them with Babel too and compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).resolve().parent
FALLBACK = "en"

_ENTRY_RE = re.compile(r'^msgid (?P<id>(?:"(?:[^"\\]|\\.)*"\s*)+)^msgstr (?P<text>(?:"(?:[^"\\]|\\.)*"\s*)+)', re.M)
_STRING_RE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE_RE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t"}


@cache
def read_catalogue(language: str) -> dict[str, str]:
    """The messages of a language: of `pt-BR`, else of `pt`, else of English."""
    for name in (language.replace("-", "_"), language.partition("-")[0].lower(), FALLBACK):
        path = CATALOGUES / name / "LC_MESSAGES" / "course.po"
        if path.is_file():
            return parse_catalogue(path.read_text("utf-8"))
    raise AssertionError("the English catalogue is part of the package")


def parse_catalogue(source: str) -> dict[str, str]:
    r"""The messages of a catalogue; those without a translation and its header are left out.

    >>> parse_catalogue('msgid "Next"\nmsgstr ""\n"Bài "\n"sau"\n')
    {'Next': 'Bài sau'}
    """
    found = {_text(entry["id"]): _text(entry["text"]) for entry in _ENTRY_RE.finditer(source)}
    return {message: text for message, text in found.items() if message and text}


def translator(language: str) -> Callable[[str], str]:
    """A function from an English message to the interface's language; what is unknown stays English."""
    messages = read_catalogue(language)

    def translate(message: str) -> str:
        return messages.get(message, message)

    return translate


def _text(strings: str) -> str:
    joined = "".join(_STRING_RE.findall(strings))
    return _ESCAPE_RE.sub(lambda match: _ESCAPES.get(match[1], match[1]), joined)
