"""text -> its damage that stays as it is, because nothing reads it surely: so that it is told."""

import re

from pipeline.repair.escapes import find_escapes, speaks_of_encodings
from pipeline.repair.evidence import WORD_BEYOND_ASCII_RE, judge_word
from pipeline.repair.lost import REPLACED, has_lost_letter
from pipeline.repair.lost import WORD_RE as LOST_WORD_RE
from pipeline.repair.quoted import lists_characters, names_damage
from pipeline.repair.remains import find_remains
from pipeline.repair.review import UNREAD
from pipeline.repair.split import Split
from pipeline.values import Repair

_EASTERN_RE = re.compile(r"(?![ạ-ỹẠ-Ỹ])[^\W\d_\x00-\u036f]")


def leave_unread(text: str, prose: list[str]) -> Split:
    """Cut up a text at the damage in its prose: words with lost letters, those that are damaged in a sound text
    (`Há»c`), and what is left of words."""
    said = [claimed if not names_damage(claimed) else "" for claimed in prose]
    remains = find_remains(said)
    split = Split()
    for number, line in enumerate(text.split("\n")):
        split.pieces[-1] += "\n" * (number > 0)
        done = 0
        if len(said[number]) == len(line):
            for start, end in sorted(_find_words(said[number]) + remains[number]):
                if start >= done:
                    split.add_piece(line[done:start], line[start:end], line[start:end], 0.0)
                    done = end
        split.pieces[-1] += line[done:]
    return split


def tell_escapes(text: str, prose: list[str], repairs: tuple[Repair, ...]) -> tuple[Repair, ...]:
    """Return the repairs of a text, and the letters in its prose that stand there written out as bytes."""
    if speaks_of_encodings(text):
        return repairs
    told = list(repairs)
    taken = {(repair.line, at) for repair in repairs for at in range(repair.column, repair.column + len(repair.before))}
    for number, (line, claimed) in enumerate(zip(text.split("\n"), prose, strict=True), 1):
        if len(claimed) == len(line) and not names_damage(claimed):
            for start, end in find_escapes(claimed):
                if taken.isdisjoint((number, at + 1) for at in range(start, end)):
                    told.append(Repair(number, start + 1, line[start:end], line[start:end], UNREAD, 0.0, ""))
    return tuple(sorted(told, key=lambda repair: (repair.line, repair.column)))


def _find_words(line: str) -> list[tuple[int, int]]:
    if line.isascii():
        return []
    if REPLACED in line:
        return [match.span() for match in LOST_WORD_RE.finditer(line) if has_lost_letter(match[0])]
    if lists_characters(line):
        return []
    return [match.span() for match in WORD_BEYOND_ASCII_RE.finditer(line) if _is_damaged(match[0])]


def _is_damaged(word: str) -> bool:
    """Say whether a word of a sound text is damaged. What is shown of UTF-8 in letters of Greek or Cyrillic may be a
    word of theirs (`Ці`, `об’єкт`)."""
    return bool(judge_word(word)) and not _EASTERN_RE.search(word)
