"""text -> its damage that stays as it is, because nothing reads it surely: so that it is told."""

import re

from pipeline.repair.escapes import find_escapes, may_have_escapes, speaks_of_encodings
from pipeline.repair.evidence import WORD_BEYOND_ASCII_RE, judge_word
from pipeline.repair.lost import REPLACED, has_lost_letter
from pipeline.repair.lost import WORD_RE as LOST_WORD_RE
from pipeline.repair.quoted import lists_characters, names_damage
from pipeline.repair.remains import find_remains
from pipeline.repair.split import Split

_EASTERN_RE = re.compile(r"(?![ạ-ỹẠ-Ỹ])[^\W\d_\x00-\u036f]")


def leave_unread(text: str, prose: list[str]) -> Split:
    """Cut up a text at the damage in its prose: words with lost letters, those that are damaged in a sound text
    (`Há»c`), what is left of words, and letters written out as bytes."""
    said = [claimed if not names_damage(claimed) else "" for claimed in prose]
    remains = find_remains(said)
    escaped = may_have_escapes(text) and not speaks_of_encodings(text)
    split = Split()
    for number, line in enumerate(text.split("\n")):
        split.pieces[-1] += "\n" * (number > 0)
        done = 0
        if len(said[number]) == len(line):
            places = _find_words(said[number]) + remains[number]
            places += find_escapes(said[number]) if escaped else []
            for start, end in sorted(places):
                if start >= done:
                    split.add_piece(line[done:start], line[start:end], line[start:end], 0.0)
                    done = end
        split.pieces[-1] += line[done:]
    return split


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
