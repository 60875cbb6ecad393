"""pages -> the size of the index, and a number for each page that its neighbours hardly move.

A page's number must be a function of the course alone, or an index that was patched would differ
from one built afresh; and it must stay when other pages come and go, or each of them would rewrite
the whole index. So numbers are slots of a hash table: each page in the order of its hash takes the
first of its own candidates that is free.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple
from zlib import crc32

SMALLEST_SLOT_BITS = 6
SHARDS_A_LESSON = 0.3
"""A lesson of 5 KB of text adds about 2.4 KB to the index: shards come to 4 to 8 KB. A query loads one or two for each
word; each of their files costs a look in every later run."""
LARGEST_SHARD_BITS = 16


class Geometry(NamedTuple):
    """How large the index is; a new one means new files throughout."""

    slot_bits: int
    """There are 2 ** slot_bits slots, of which at most 4 in 5 are taken."""
    shard_bits: int
    """There are 2 ** shard_bits shards: one for each value of a term's highest bits."""

    @property
    def shards(self) -> int:
        """
        >>> Geometry(slot_bits=6, shard_bits=3).shards
        8
        """
        return 1 << self.shard_bits


def choose_geometry(lessons: int) -> Geometry:
    """The geometry of an index of so many pages.

    >>> choose_geometry(468), choose_geometry(10_000)
    (Geometry(slot_bits=10, shard_bits=8), Geometry(slot_bits=14, shard_bits=12))
    >>> choose_geometry(0), choose_geometry(1_000_000)
    (Geometry(slot_bits=6, shard_bits=0), Geometry(slot_bits=21, shard_bits=16))
    """
    slot_bits = max(SMALLEST_SLOT_BITS, (lessons * 5 // 4).bit_length())
    shard_bits = int(lessons * SHARDS_A_LESSON).bit_length()
    return Geometry(slot_bits, min(shard_bits, LARGEST_SHARD_BITS))


def assign_slots(pages: Iterable[str], geometry: Geometry) -> dict[str, int]:
    """The slot of every page; the order in which they are given does not matter.

    >>> assign_slots(["b", "a"], choose_geometry(2)) == assign_slots(["a", "b"], choose_geometry(2))
    True
    """
    shift = 32 - geometry.slot_bits
    taken: dict[str, int] = {}
    used = set[int]()
    late = []
    # Whoever wins its first candidate keeps it: only the losers of a collision can be moved by another page.
    for number, page in sorted((crc32(page.encode("utf-8", "surrogatepass")), page) for page in pages):
        slot = number >> shift
        if slot in used:
            late.append(page)
        else:
            used.add(slot)
            taken[page] = slot
    for page in late:
        slot = next(slot for slot in _candidates(page, shift) if slot not in used)
        used.add(slot)
        taken[page] = slot
    return taken


def _candidates(page: str, shift: int) -> Iterator[int]:
    for step in count(1):
        yield crc32(f"{step}:{page}".encode("utf-8", "surrogatepass")) >> shift
