"""word -> how common it is among the words that lose a byte: what tells the readings of a word of any language apart.

`words.bin` has the words of wordfreq's lists that windows-1252 or -1254 leaves a letter out of, by their first letter
beyond ASCII. It is read where a word has several readings, and of it only the part that these may be in.
"""

import marshal
import re
import zlib
from functools import cache
from importlib import resources

from pipeline.repair.plausibility import fold
from pipeline.repair.words import letter_case

WORDS_NAME = "words.bin"
# What a word costs whose share of its language is 1 in 10,000 at least, in 100,000, in a million.
COSTS = (4.0, 6.0, 8.0)

_BEYOND_ASCII_RE = re.compile(r"[^\x00-\x7f]")


def find_cost(word: str) -> float | None:
    """Return what a word costs that is listed, None for another one, or with a capital behind a small letter.

    >>> find_cost('известная') is not None, find_cost('известнас')
    (True, None)
    """
    folded = fold(word)
    beyond = _BEYOND_ASCII_RE.search(folded)
    cost = _load_costs(beyond[0]).get(folded) if beyond else None
    return None if cost is None or (letter_case(word) == "M" and word != word.lower()) else cost


@cache
def _load_costs(letter: str) -> dict[str, float]:
    """Return what the words cost whose first letter beyond ASCII is the given one: to read all takes longer than most
    texts of a few pages."""
    packed = _load_packed().get(letter)
    costs: dict[str, float] = {}
    for band, cost in zip(zlib.decompress(packed).decode("utf-8").split("\n") if packed else (), COSTS):
        costs.update(dict.fromkeys(band.split(" "), cost))
    return costs


@cache
def _load_packed() -> dict[str, bytes]:
    """Return the packed words by their first letter beyond ASCII."""
    packed: dict[str, bytes] = marshal.loads(resources.files(__package__).joinpath(WORDS_NAME).read_bytes())
    return packed
