"""text -> its words, and the terms they are found by: numbers of 30 bits, of which the lowest two are 0.

A term stands for a folded word, a word as it is written, the beginning of a word, two words in a row, a whole title
or heading, or a word that is looked for by its first or last letters. `search.js` works out the same numbers; a test
compares the two.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from zlib import crc32

from pipeline.patterns import lazy_pattern

_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana and Han are written without spaces: what stands between two spaces is a sentence."""
_BOUNDS = "".join(first + chr(ord(last) + 1) for first, last in zip(_UNSPACED[::3], _UNSPACED[2::3]))
"""Where such letters begin and end, in order: to compile a pattern of them takes longer than most lessons' words."""
_WORD_RE = lazy_pattern(r"[^\W_]+")
_MIXED_WORD_RE = lazy_pattern(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_SYLLABLE_RE = lazy_pattern(
    "(?:[bcdghklmnpqrstvx]|ch|gh|gi|kh|n[gh]|ngh|ph|qu|t[hr])?[aeiouy]{1,3}(?:[cmnpt]|ch|n[gh])?"
)
"""A folded syllable of Vietnamese."""
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WITHOUT_TONES = dict.fromkeys(map(ord, _TONES))
SHORTEST_PREFIX = 2
LONGEST_PREFIX = 5
"""Beginnings of words are terms of their own from 2 letters to 5: Vietnamese syllables have 3.4 on
average, and a sixth letter adds 31 terms to a lesson that 5 letters tell apart nearly as well."""
SHORTEST_MISTYPED = 5
"""A shorter word with another letter is another word."""
EDGE_LETTERS = 3
"""A typing error leaves the first or the last three letters of a word as they are, if it has six or more."""

TERM_BITS = 30
"""Python compares integers of 30 bits twice as fast as longer ones. With a million terms, one in 270
shares its number with another: then a few lessons are found that should not be."""
TERM_MASK = (1 << TERM_BITS) - 4
"""The two low bits of a packed term hold its class."""
_HOME_MASK = TERM_MASK >> 16 << 16
"""Words that begin with the same 5 letters share these bits, and so their shard while there are at most 2 ** 14; so do
the word as written, its beginning and a title with the folded word. Typing one more letter costs one file, or none."""
_AWAY_MASK = TERM_MASK & ~_HOME_MASK
_PAIR_FACTOR = 0x9E3779B1  # 2**32 / golden ratio, made odd: Knuth's multiplicative hash
_REMEMBERED_WORDS = 200_000
_LONGEST_REMEMBERED = 40
"""Characters between two spaces that are looked up at once when they come again."""


_MARKS = {**dict.fromkeys(map(ord, "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")), ord("đ"): "d"}
"""Those of Vietnamese."""


class Word:
    """A word of some text and its terms; words that differ in case only are one object."""

    __slots__ = ("edges", "exact", "folded", "found", "term", "terms")

    def __init__(self, lower: str) -> None:
        is_unspaced = _is_unspaced(lower[:1])
        folded = self.folded = lower if is_unspaced else fold(lower)
        if folded.isascii():
            # The same numbers as those below: a hash goes on from where it stopped.
            written = folded.encode()
            number = crc32(written[:1])
            found = []
            for end in range(SHORTEST_PREFIX, min(LONGEST_PREFIX + 1, len(written))):
                number = crc32(written[end - 1 : end], number)
                found.append(number & _HOME_MASK | crc32(b"*", number) & _AWAY_MASK)
            home = number if len(written) > LONGEST_PREFIX else crc32(written)
            self.term = home & _HOME_MASK | crc32(written) & _AWAY_MASK
        else:
            self.term = word_term(folded)
            ends = range(1 if is_unspaced else SHORTEST_PREFIX, min(LONGEST_PREFIX + 1, len(folded)))
            found = [prefix_term(folded[:end]) for end in ends]
        self.found = self.term, *found
        """The folded word's term and those of its beginnings."""
        self.exact = exact_term(self.term, lower) if lower != folded else 0
        """That of the word with its diacritics; 0 if it has none."""
        self.terms = (*self.found, self.exact) if self.exact else self.found
        """All of them."""
        is_mistyped = len(folded) >= SHORTEST_MISTYPED and folded.isalpha() and not _SYLLABLE_RE.fullmatch(folded)
        self.edges = edge_terms(folded) if is_mistyped else ()
        """What it is found by when a letter of it is wrong; nothing for a syllable of Vietnamese, whose neighbours are
        few enough to be tried."""


class _Words(dict[str, Word]):
    def __missing__(self, lower: str) -> Word:
        if len(self) > _REMEMBERED_WORDS:
            self.clear()
        word = self[lower] = Word(lower)
        return word


class _Runs(dict[str, list[Word]]):
    """What stands between two spaces, such as `(học` -> the words in it."""

    def __missing__(self, run: str) -> list[Word]:
        if len(self) > _REMEMBERED_WORDS:
            self.clear()
        pattern = _WORD_RE if run.isascii() or not any(map(_is_unspaced, run)) else _MIXED_WORD_RE
        words = [_WORDS[part] for written in pattern.findall(run) for part in _parts(written.lower())]
        if len(run) <= _LONGEST_REMEMBERED:
            self[run] = words
        return words


def _is_unspaced(letter: str) -> bool:
    return bisect_right(_BOUNDS, letter) % 2 == 1


def _parts(lower: str) -> list[str]:
    """The words in a run of letters: in a script without spaces each two neighbours, and the last letter alone."""
    if not _is_unspaced(lower[:1]):
        return [lower]
    return [lower[at : at + 2] for at in range(len(lower))]


_WORDS, _RUNS = _Words(), _Runs()


def fold(word: str) -> str:
    """A word without case and diacritics.

    >>> fold("Đường"), fold(unicodedata.normalize("NFD", "Học")), fold("ﬁle")
    ('duong', 'hoc', 'file')
    """
    split = unicodedata.normalize("NFKD", word.lower())
    if split.isascii():
        return split
    split = split.translate(_MARKS)
    if not split.isascii():
        split = "".join(letter for letter in split if unicodedata.category(letter)[0] != "M")
    return split


def read_words(text: str) -> list[Word]:
    """The words of a text in NFC, in order."""
    return [word for run in text.split() for word in _RUNS[run]]


def word_term(folded: str) -> int:
    """The term of a folded word."""
    return _near(_hash(folded[:LONGEST_PREFIX]), folded)


def exact_term(word: int, lower: str) -> int:
    """The term of a word as it is written, in small letters; `word` is the folded word's."""
    return _near(word, f"={spell(lower)}")


def spell(lower: str) -> str:
    """A word with its tones before it: `hoà` and `hòa` are one word.

    >>> spell("hoà") == spell("hòa") == chr(0x300) + "hoa", spell("đạo") == chr(0x323) + "đao"
    (True, True)
    """
    split = unicodedata.normalize("NFD", lower)
    return "".join([sign for sign in split if sign in _TONES]) + split.translate(_WITHOUT_TONES)


def edge_terms(folded: str) -> tuple[int, int]:
    """The terms that a word is looked for by when only its first, or only its last letters are sure."""
    return (
        _near(_hash(f"<{folded[:EDGE_LETTERS]}"), folded),
        _near(_hash(f">{folded[-EDGE_LETTERS:]}"), folded),
    )


def prefix_term(prefix: str) -> int:
    """The term of all words that begin with `prefix` and are longer."""
    return _near(word_term(prefix), f"{prefix}*")


def pair_terms(words: Sequence[int]) -> list[int]:
    """The terms of each two neighbours in a row of folded words' terms."""
    return [(first * _PAIR_FACTOR + second) & TERM_MASK for first, second in zip(words, words[1:])]


def title_term(words: Sequence[Word]) -> int:
    """The term of a title or heading that consists of these words, at least one."""
    return _near(words[0].term, "^" + " ".join([word.folded for word in words]))


def _near(term: int, text: str) -> int:
    """A term for `text` in the shard of another."""
    return term & _HOME_MASK | _hash(text) & _AWAY_MASK


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))
