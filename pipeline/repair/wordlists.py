"""word -> how common it is among the words that lose a byte: what tells the readings of a word of any language apart.

`words.bin` has, for each script, the words of wordfreq's lists that windows-1252 or -1254 leaves a letter out of. It is
read where a word has several readings, and of it only the part of the word's script.
"""

import marshal
import re
import zlib
from functools import cache
from importlib import resources

from pipeline.repair.plausibility import fold, name_script
from pipeline.repair.words import letter_case

WORDS_NAME = "words.bin"
# What a word costs whose share of its language is 1 in 10,000 at least, in 100,000, in a million.
COSTS = (4.0, 6.0, 8.0)

_ASCII_RE = re.compile(r"[\x00-\x7f]")


def find_cost(word: str) -> float | None:
    """Return what a word costs that is listed, None for another one, or with a capital behind a small letter.

    >>> find_cost('известная') is not None, find_cost('известнас')
    (True, None)
    """
    script = next((name_script(letter) for letter in word if letter > "\x7f"), "")
    if script != "latin" and _ASCII_RE.search(word):
        return None  # and no list is read to see it
    cost = _load_costs(script).get(fold(word))
    return None if cost is None or (letter_case(word) == "M" and word != word.lower()) else cost


@cache
def _load_costs(script: str) -> dict[str, float]:
    packed = _load_scripts().get(script)
    costs: dict[str, float] = {}
    for band, cost in zip(zlib.decompress(packed).decode("utf-8").split("\n") if packed else (), COSTS):
        costs.update(dict.fromkeys(band.split(" "), cost))
    return costs


@cache
def _load_scripts() -> dict[str, bytes]:
    """Return the packed words of each script."""
    scripts: dict[str, bytes] = marshal.loads(resources.files(__package__).joinpath(WORDS_NAME).read_bytes())
    return scripts
