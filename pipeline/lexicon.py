"""texts -> counts of their words and pairs of words, and the form in which the counts are kept.

The words of a course's own sound lessons tell its names and terms from rare words elsewhere. What stands beside a word
that loses a byte tells it from the others that are left alike: the course calls functions, another one sends letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from pipeline.errors import SettingsError
from pipeline.patterns import lazy_pattern

MINIMUM = 2
"""A word that stands once may be a slip."""
MOST_WORDS = 2
MOST_DIGITS = 9
"""Of a count."""
_WORD_RE = lazy_pattern(r"[^\W\d_]+")
_PHRASE_RE = lazy_pattern(r"[^\W\d_]+(?: [^\W\d_]+)+")
# The bytes that windows-1252 and -1254 leave undefined, and the soft hyphen: what a damaged word may have lost.
_LOST = frozenset(b"\x81\x8d\x8e\x8f\x90\x9d\x9e\xad")
_HEAD = "# Words of the sound lessons, pairs of them, and their counts, written by `doit lexicon`.\n"


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """Words with a letter that is not ASCII, and pairs with a word that may lose a byte, in small letters, with their
    counts.

    >>> count_words(["Học, học và học.", "và x x"])
    {'học': 3, 'và': 2}
    >>> count_words(["Ta gọi hàm. Lại gọi hàm."])
    {'gọi': 2, 'gọi hàm': 2, 'hàm': 2}
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word.lower() for word in _WORD_RE.findall(text) if not word.isascii())
        for phrase in _PHRASE_RE.findall(text):
            words = phrase.lower().split(" ")
            counts.update(f"{first} {second}" for first, second in pairwise(words) if _loses(first) or _loses(second))
    return {words: counts[words] for words in sorted(counts) if counts[words] >= MINIMUM}


def _loses(word: str) -> bool:
    return not word.isascii() and not _LOST.isdisjoint(word.encode("utf-8"))


def format_lexicon(counts: dict[str, int]) -> str:
    """The text of `lexicon.tsv`: a word or a pair of words and its count in each line."""
    return _HEAD + "".join(f"{words}\t{count}\n" for words, count in counts.items())


def parse_lexicon(text: str) -> dict[str, int]:
    """The counts in the text of `lexicon.tsv`; raises `SettingsError` with the line.

    >>> parse_lexicon(format_lexicon({"học": 3}))
    {'học': 3}
    """
    counts = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        word, _, count = line.partition("\t")
        if not 1 <= len(word.split(" ")) <= MOST_WORDS or not all(word.split(" ")) or not count.isdecimal():
            raise SettingsError(
                "a line must be a word or two, a tab and a count",
                line=number,
                hint="the task lexicon writes the file anew",
            )
        if len(count) > MOST_DIGITS:
            raise SettingsError(
                f"a count has at most {MOST_DIGITS} digits", line=number, hint="the task lexicon writes the file anew"
            )
        counts[word] = int(count)
    return counts
