"""text -> its words whose letters became question marks: Vietnamese saved as "ANSI", or decoded with errors replaced.

A program that saves in windows-1252 writes `?` for each letter that the page has not (`kho?ng cách gi?a`), some the
nearest plain letter for đ, ơ, ư (`d?n`); one that reads such bytes as UTF-8 shows U+FFFD for each (`c�ch`), which may
be damaged again (`cï¿½ch`). One mark is one letter, so the words that fit are looked up, and those beside them decide.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from unicodedata import normalize

from pipeline.repair.model import Model
from pipeline.repair.search import Choice
from pipeline.repair.words import case_class
from pipeline.syllables import is_syllable

STEP = "letters-lost"
MARK, REPLACED = "?", "\ufffd"
DAMAGED_REPLACED = "ï¿½"
# A word keeps this many readings, the commonest.
MOST_READINGS = 8
# So many of the words with a mark within must be words of the language, and at least two, or one beside another word
# of the language: 'tính toán kho?ng'.
LEAST_SHARE = 0.7
# Of a text without a letter beyond ASCII so many of its different words must be syllables: of English a fifth is.
LEAST_PLAIN = 0.5
FEW = 2

_LETTER = r"[^\W\d_]"
# No part of an address, of code or of a name: 'page?id=1', 'a?.b'.
WORD_RE = re.compile(
    rf"(?<![\w/.=&?%#\\-])({_LETTER}*(?:[?\ufffd]|{DAMAGED_REPLACED})(?:{_LETTER}|[?\ufffd¿½])*)(?![\w=/&\\(\[]|\.\w)"
)
_INNER_RE = re.compile(rf"^[?\ufffd]+{_LETTER}|{_LETTER}[?\ufffd]+{_LETTER}")
_PLAIN = str.maketrans("đĐơƠưƯăĂĩĨũŨ", "dDoOuUaAiIuU")


def has_lost_letter(word: str) -> bool:
    """Say whether a letter of a word became U+FFFD; a question mark may ask.

    >>> [has_lost_letter(word) for word in ('c\ufffdch', 'cï¿½ch', 'gì?', '\ufffd')]
    [True, True, False, False]
    """
    rest = word.replace(DAMAGED_REPLACED, REPLACED)
    return REPLACED in rest and any(map(str.isalpha, rest))


def _replace(word: str, beyond: str, within: str) -> str:
    """Put `beyond` for each letter that windows-1252 has not, `within` for each that it has beyond ASCII."""
    return "".join(c if c.isascii() else (within or c) if _is_western(c) else beyond for c in word)


def _is_western(character: str) -> bool:
    return character <= "\xff"


class LostLetters(dict[str, Choice | str | None]):
    """The readings of words with lost letters; None has none."""

    word_re, step = WORD_RE, STEP

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        """What each word of the language may be left as -> the words, the commonest first."""
        index: dict[str, list[str]] = {}
        known = [
            word for word in self.model.list_counted() if not word.isascii() and len(word) > 1 and is_syllable(word)
        ]
        for word in known:
            forms = {_replace(word, MARK, ""), _replace(word.translate(_PLAIN), MARK, "")}
            forms |= {_replace(word, mark, REPLACED) for mark in (MARK, REPLACED)}
            for form in forms:
                if MARK in form or REPLACED in form:
                    index.setdefault(form, []).append(word)
        return index

    def find(self, text: str) -> bool:
        """Say whether letters of the text are lost, by all of its words."""
        inner = read = 0
        different = set()
        for match in WORD_RE.finditer(text):
            word = match[0].replace(DAMAGED_REPLACED, REPLACED)
            if _INNER_RE.search(word):
                inner += 1
                if self[match[0]] is not None:
                    read += 1
                    different.add(word.lower())
        if not read or read < LEAST_SHARE * inner:
            return False
        words = re.findall(f"{_LETTER}+", WORD_RE.sub(" ", text))
        beyond = [word for word in words if not word.isascii()]
        if not beyond and not any(REPLACED in word for word in different):
            plain = {word.lower() for word in words if len(word) > 1}
            if sum(map(is_syllable, plain)) < LEAST_PLAIN * len(plain):
                return False  # code of regular expressions: '(?P<name>', 'v?'
        return len(different) >= FEW or self._has_words(beyond)

    def _has_words(self, beyond: list[str]) -> bool:
        found = [is_syllable(word.lower()) for word in beyond]
        return sum(found) > 0 and sum(found) >= LEAST_SHARE * len(found)

    def verify(self, reading: str, word: str) -> str:
        """Return the step that makes the damaged word of a reading."""
        return STEP if reading != word else ""

    def __missing__(self, word: str) -> Choice | str | None:
        value = self[word] = self._read(word)
        return value

    def _read(self, word: str) -> Choice | str | None:
        damaged = word.replace(DAMAGED_REPLACED, REPLACED)
        stem = damaged.rstrip(MARK)
        if MARK in damaged and not _INNER_RE.search(damaged) and (not stem or is_syllable(stem.lower())):
            return None  # 'không?' asks
        texts = list(dict.fromkeys(_restore_case(damaged, self._index.get(normalize("NFC", damaged.lower()), ()))))
        if not texts:
            return None
        cases = "".join(map(case_class, texts))
        return Choice(
            texts,
            [0.0] * len(texts),
            [self.model.pieces(text) for text in texts],
            cases if len(set(cases)) > 1 else "",
            emoji=False,
        )


def _restore_case(damaged: str, words: "list[str] | tuple[()]") -> Iterator[str]:
    """Yield the words in the case of the damaged one, in both where its first letter is lost."""
    letters = [c for c in damaged if c.isalpha()]
    for word in words[:MOST_READINGS]:
        if len(letters) > 1 and all(map(str.isupper, letters)):
            yield word.upper()
        elif damaged[0].isupper():
            yield word.capitalize()
        else:
            yield word
            if not damaged[0].isalpha():
                yield word.capitalize()
