"""line -> the damaged words of another language that a word list decides: what ftfy leaves, or a byte was lost in.

The list is the accented words of wordfreq's 37 small lists, met once in 100,000 words or more. A reading is taken only
when it is in the list and no other reading is.
"""

import zlib
from functools import cache
from importlib import resources

from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.words import WORD_RE
from pipeline.repair.wordtable import LONGEST_WORD, WordTable

WORDS_NAME = "words.bin"
CONFIDENCE = 0.95


@cache
def load_words() -> frozenset[str]:
    """Read the word list."""
    packed = resources.files(__package__).joinpath(WORDS_NAME).read_bytes()
    return frozenset(zlib.decompress(packed).decode("utf-8").split("\n"))


def read_words(line: str, table: WordTable) -> dict[str, str] | None:
    """Return the damaged words of a line with their readings; None when one of them is not decided.

    A word that only may be damaged ('Âge') stays when it is in the list itself.
    """
    readings: dict[str, str] = {}
    for word in table.word_re.split(line)[1::2]:
        if word in readings or len(word) > LONGEST_WORD:
            continue
        known = [text for _, text in table.list_readings(word) if _is_known(text)]
        known = [text for text in known if table.verify(text, word)]
        if len(known) == 1 and not (_is_known(word) and not SUSPECT_RE.search(word)):
            readings[word] = known[0]
        elif SUSPECT_RE.search(word) or not _is_known(word):
            return None
    return readings if any(map(SUSPECT_RE.search, readings)) else None


def _is_known(text: str) -> bool:
    words = [match[0] for match in WORD_RE.finditer(text) if not match[0].isascii()]
    marks = [c for c in text if not c.isascii() and not WORD_RE.match(c)]
    known = load_words()
    return bool(words) and not marks and all(word.lower() in known for word in words)
