"""a lesson -> letters that look like those of another script, and letters that are written in two parts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pipeline.checks.view import LessonView
from pipeline.errors import Diagnostic, Edit
from pipeline.patterns import lazy_pattern

LATIN_BY_CYRILLIC = dict(zip("аеорсухіѕјһԁԛԝАВЕКМНОРСТХІЅЈ", "aeopcyxisjhdqwABEKMHOPCTXISJ"))
LATIN_BY_GREEK = dict(zip("οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oABEZHIKMNOPTYX"))
"""Letters of which most fonts draw a pair alike: a part of Unicode's own table (UTS 39, confusables)."""
_ALIKE_RE = lazy_pattern(f"[{''.join((*LATIN_BY_CYRILLIC, *LATIN_BY_GREEK))}]")
_WORD_RE = lazy_pattern(r"[^\W\d_]{2,}")
_DECOMPOSED_RE = lazy_pattern(r"[^\W\d_][\u0300-\u036f]+")
_ANY_WORD_RE = lazy_pattern(r"[\w\u0300-\u036f]+")


def find_look_alikes(view: LessonView) -> Iterator[Diagnostic]:
    """A word with a letter of another script that looks like one of its own: no search finds it."""
    if not _ALIKE_RE.search(view.prose):
        return
    for match in _WORD_RE.finditer(view.prose):
        word = match[0]
        if word.isascii() or not _ALIKE_RE.search(word):
            continue
        readings = _readings(word)
        if readings:
            meant = readings[0]
            wrong = next(letter for letter, other in zip(word, meant) if letter != other)
            name = unicodedata.name(wrong).title()
            line, column = view.place(match.start())
            message = f"'{word[:60]}' is written with a letter of another script: {name}"
            hint = f"write it with letters of one: {meant[:60]}"
            fix = (Edit(line, column or 1, word, meant),) if len(readings) == 1 else ()
            yield Diagnostic(message, line, hint, code="look-alike", column=column, fix=fix)


def _readings(word: str) -> list[str]:
    """The word in the letters of one script, as it can be meant, the likelier first; none if it is in one, or if its
    others look like none of that.

    >>> _readings("P\u0443thon"), _readings("\u041f\u0440\u0438\u0432e\u0442"), _readings("Python")
    (['Python'], ['Привет'], [])
    """
    scripts = [_script(letter) for letter in word]
    latin = scripts.count("LATIN")
    for script, table in (("CYRILLIC", LATIN_BY_CYRILLIC), ("GREEK", LATIN_BY_GREEK)):
        others = scripts.count(script)
        if not latin or not others or latin + others != len(word):
            continue
        back = {plain: letter for letter, plain in table.items()}
        found = []
        if all(letter in table for letter, own in zip(word, scripts) if own == script):
            found.append("".join(table.get(letter, letter) for letter in word))
        if all(letter in back for letter, own in zip(word, scripts) if own == "LATIN"):
            found.insert(0 if others > latin else len(found), "".join(back.get(letter, letter) for letter in word))
        return found
    return []


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def find_decomposed(view: LessonView) -> Iterator[Diagnostic]:
    """Letters whose marks are characters of their own, as a Mac writes names: they look the same and are not."""
    if view.prose.isascii() or not _DECOMPOSED_RE.search(view.prose):
        return
    edits = []
    for match in _ANY_WORD_RE.finditer(view.prose):
        if match[0].isascii():
            continue
        composed = unicodedata.normalize("NFC", match[0])
        if composed != match[0] and len(composed) < len(match[0]):
            line, column = view.place(match.start())
            edits.append(Edit(line, column or 1, match[0], composed))
    if edits:
        words = f"{len(edits):,} words have" if len(edits) > 1 else "a word has"
        first = edits[0]
        message = f"{words} letters in two parts (NFD), the first '{first.after[:60]}'"
        hint = "write each letter as one character (NFC)"
        yield Diagnostic(message, first.line, hint, code="split-letters", column=first.column, fix=tuple(edits))
