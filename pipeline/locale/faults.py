"""text of a course's own catalogue -> what in it cannot be read.

`parse_catalogue` takes what it can read and leaves out the rest; this tells of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import Diagnostic, find_line
from pipeline.locale import find_course_catalogue, places_in, read_entries
from pipeline.paths import show_template

_LINE_RE = re.compile(r'(?:(?P<word>msgid|msgstr|msgctxt)\s*)?"(?:[^"\\]|\\.)*"\s*$')
_PLURAL_RE = re.compile(r"msgid_plural\b|msgstr\[")
_FORM = 'an entry is two lines: msgid "Search" and msgstr "Rechercher"'


def check_course_catalogue(language: str, templates: tuple[Path, ...]) -> Iterator[Diagnostic]:
    """What is wrong with the catalogue that a course brings along for its language, if it does."""
    path = find_course_catalogue(language, templates)
    if path is None:
        return
    place = show_template(path.parents[1], f"{path.parent.name}/{path.name}", templates)
    try:
        content = path.read_bytes()
        source = content.decode("utf-8-sig")
    except OSError as error:
        yield Diagnostic(
            f"cannot be read: {error.strerror}; the project's own words are used", path=place, code="broken-words"
        )
        return
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "not UTF-8; the project's own words are used"
        yield Diagnostic(message, line, "save it as UTF-8", path=place, code="broken-words")
        return
    for line, message, hint in check_catalogue(source):
        yield Diagnostic(f"{message}; the project's own word is used", line, hint, path=place, code="broken-words")


def check_catalogue(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, fault and hint of what `parse_catalogue` leaves out.

    >>> list(check_catalogue('msgid "Search"\\nmsgstr "Rechercher\\n'))
    [(2, 'a text in quotes does not end on its line', 'close it with "')]
    """
    last = ""
    yield from _check_places(source)
    for number, line in enumerate(source.split("\n"), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if _PLURAL_RE.match(line):
            yield number, "plural forms are not read", _FORM
            last = "plural"
            continue
        found = _LINE_RE.match(line)
        if found is None:
            is_open = line.count('"') - line.count('\\"') == 1
            told = "a text in quotes does not end on its line" if is_open else "this is no line of a catalogue"
            yield number, told, 'close it with "' if is_open else _FORM
            last = "msgid" if line.startswith("msgid") else "msgstr"
            continue
        word = found["word"]
        if word == "msgstr" and last not in ("msgid", "plural"):
            yield number, "a msgstr without a msgid before it", _FORM
        elif word in ("msgid", "msgctxt") and last == "msgid":
            yield number, "the msgid before this line has no msgstr", _FORM
        elif word is None and not last:
            yield number, "a text that belongs to nothing", _FORM
        last = word or last
    if last == "msgid":
        yield source.rstrip().count("\n") + 1, "the last msgid has no msgstr", _FORM


def _check_places(source: str) -> Iterator[tuple[int, str, str]]:
    """Translations that lack what is put into their message, or ask for something else."""
    for message, text in read_entries(source).items():
        wanted, found = places_in(message), places_in(text)
        if message and text and wanted != found:
            odd = next((place for place in found if place not in wanted), "")
            told = f"{odd} stands for nothing here" if odd else f"{wanted[0]} is missing"
            yield find_line(source, text) or 1, told, f"write {' and '.join(wanted) or 'it without'}"
