"""texts -> counts of their words, and the form in which the counts are kept.

The words of a course's own sound lessons tell its names and terms from rare words elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.errors import SettingsError
from pipeline.patterns import lazy_pattern

MINIMUM = 2
"""A word that stands once may be a slip."""
MOST_DIGITS = 9
"""Of a count."""
_WORD_RE = lazy_pattern(r"[^\W\d_]+")
_HEAD = "# Words of the sound lessons and their counts, written by `doit lexicon`.\n"


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """Words with a letter that is not ASCII, in small letters, with their counts.

    >>> count_words(["Học, học và học.", "và x x"])
    {'học': 3, 'và': 2}
    """
    counts = Counter(word.lower() for text in texts for word in _WORD_RE.findall(text) if not word.isascii())
    return {word: counts[word] for word in sorted(counts) if counts[word] >= MINIMUM}


def format_lexicon(counts: dict[str, int]) -> str:
    """The text of `lexicon.tsv`: a word and its count in each line."""
    return _HEAD + "".join(f"{word}\t{count}\n" for word, count in counts.items())


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
        if not word or not count.isdecimal() or len(count) > MOST_DIGITS:
            raise SettingsError("a line must be a word, a tab and a count", line=number, hint="run doit lexicon")
        counts[word] = int(count)
    return counts
