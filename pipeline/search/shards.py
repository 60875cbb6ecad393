"""terms of lessons -> shards: who contains a term, in which class.

A shard is ASCII text, and the same for the same course however it came about: records joined by
`,` in the order of their keys. A record is a key of three characters and up to four lists joined
by `.`, one for each class of `entry.py`; empty lists at its end are left out. A list tells the
slots of its lessons, ascending, by the gaps between them, five bits a digit, of which all but the
last have 32 added; or, where that is shorter, by `!` and a bitmap of all slots.
"""

import gc
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from pipeline.patterns import lazy_pattern
from pipeline.search.entry import unpack_terms
from pipeline.search.slots import Geometry
from pipeline.search.words import TERM_BITS

DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_DIGITS = bytes.maketrans(_BASE64.encode(), DIGITS.encode())
_FROM_DIGITS = bytes.maketrans(DIGITS.encode(), _BASE64.encode())
_KEY_DIGITS = 3
_LOW_BITS = 20
"""18 bits of a key and 2 of a class: a packed term's lowest. The highest tell its shard."""
CLASSES = 4
_MOST_PASSES = 32
"""A build goes over the terms so many times, to hold a part of the lists at a time."""
MOST_HELD = 20_000
"""Lessons whose terms are held, about 7 KB each; the shards of more are built in parts."""
_ONE_RE = lazy_pattern("1")
_GAP_RE = lazy_pattern(f"[{DIGITS[32:]}]*[{DIGITS[:32]}]")


class Posting(NamedTuple):
    """What the shards know of a lesson."""

    terms: bytes
    """Its `SearchEntry.terms`."""
    slot: int


class ShardChange:
    """What is to be done to one shard: pairs of a packed term and a slot."""

    def __init__(self, removed: Iterable[tuple[int, int]] = (), added: Iterable[tuple[int, int]] = ()) -> None:
        self.removed = list(removed)
        self.added = list(added)


def count_parts(geometry: Geometry, lessons: int) -> int:
    """In how many parts `build_shards` should build the shards of so many lessons.

    >>> count_parts(Geometry(14, 10), 10_000), count_parts(Geometry(17, 12), 100_000)
    (1, 5)
    """
    return max(1, min(geometry.shards, -(-lessons // MOST_HELD)))


def build_shards(
    geometry: Geometry, lessons: Iterable[Posting], part: int = 0, parts: int = 1
) -> Iterator[tuple[int, bytes]]:
    """Every shard of one of several parts with its number, ascending; one that would be empty is left out.

    Holds the terms of all lessons that are in this part, and the lists of some of its shards.
    """
    shift = TERM_BITS - geometry.shard_bits
    first, last = (geometry.shards * number // parts for number in (part, part + 1))
    held = sorted((lesson.slot, _cut(_terms(geometry, lesson), first << shift, last << shift)) for lesson in lessons)
    passes = min(last - first, _MOST_PASSES)
    starts = [0] * len(held)
    for number in range(1, passes + 1):
        end = first + (last - first) * number // passes
        yield from _write_shards(geometry, _group(held, starts, end << shift))


def collect_changes(
    geometry: Geometry, changes: Iterable[tuple[Posting | None, Posting | None]]
) -> dict[int, ShardChange]:
    """What lessons that came, changed, moved or went (before, after) do to the shards, by number.

    A lesson that did not move touches only the shards of terms it gained or lost.
    """
    found: defaultdict[int, ShardChange] = defaultdict(ShardChange)
    shift = TERM_BITS - geometry.shard_bits
    for before, after in changes:
        old = set(_terms(geometry, before)) if before else set[int]()
        new = set(_terms(geometry, after)) if after else set[int]()
        stays = before is not None and after is not None and before.slot == after.slot
        if before:
            for term in old - new if stays else old:
                found[term >> shift].removed.append((term, before.slot))
        if after:
            for term in new - old if stays else new:
                found[term >> shift].added.append((term, after.slot))
    return dict(found)


def patch_shard(geometry: Geometry, shard: bytes, change: ShardChange) -> bytes:
    """The shard after a change; `b""` stands for one with nothing in it."""
    records = {text[:_KEY_DIGITS]: text for text in shard.decode("ascii").split(",")} if shard else {}
    todo: defaultdict[str, defaultdict[int, tuple[set[int], set[int]]]]
    todo = defaultdict(lambda: defaultdict(lambda: (set(), set())))
    for side, pairs in enumerate((change.removed, change.added)):
        for term, slot in pairs:
            todo[_key(term)][term & 3][side].add(slot)
    for key, classes in todo.items():
        lists = records.get(key, key)[_KEY_DIGITS:].split(".")
        lists += [""] * (CLASSES - len(lists))
        for number, (removed, added) in classes.items():
            lists[number] = _patch_list(geometry, lists[number], removed, added)
        text = ".".join(lists).rstrip(".")
        if text:
            records[key] = key + text
        else:
            records.pop(key, None)
    return ",".join([records[key] for key in sorted(records)]).encode("ascii")


def read_shard(geometry: Geometry, shard: bytes) -> dict[str, list[list[int]]]:
    """The slots in a shard by key and class, for tests and reports."""
    records = shard.decode("ascii").split(",") if shard else []
    return {
        record[:_KEY_DIGITS]: [_read_list(geometry, part) for part in record[_KEY_DIGITS:].split(".")]
        for record in records
    }


def term_place(geometry: Geometry, term: int) -> tuple[int, str]:
    """The shard a term is in, and its key there."""
    return term >> (TERM_BITS - geometry.shard_bits), _key(term)


def _cut(terms: "array[int]", start: int, end: int) -> "array[int]":
    """Those of some ascending terms that are in a range."""
    return terms[bisect_left(terms, start) : bisect_left(terms, end)]


def _group(held: Sequence[tuple[int, "array[int]"]], starts: list[int], end: int) -> dict[int, list[int]]:
    """The slots of each term below `end`, from where `starts` says; that is moved on."""
    slots_of: defaultdict[int, list[int]] = defaultdict(list)
    was_enabled = gc.isenabled()
    gc.disable()  # which would go through a million small lists again and again: half of the time
    try:
        for position, (slot, terms) in enumerate(held):
            start = starts[position]
            stop = starts[position] = bisect_left(terms, end, start)
            for term in terms[start:stop]:
                slots_of[term].append(slot)
    finally:
        if was_enabled:
            gc.enable()
    return slots_of


def _write_shards(geometry: Geometry, slots_of: dict[int, list[int]]) -> Iterator[tuple[int, bytes]]:
    shift = TERM_BITS - geometry.shard_bits
    current, records = -1, list[str]()
    previous, filled = -1, 0
    for term in sorted(slots_of):
        text = _write_list(geometry, slots_of[term])
        if term >> 2 == previous:
            records[-1] += "." * ((term & 3) - filled) + text
        else:
            if term >> shift != current:
                if records:
                    yield current, ",".join(records).encode("ascii")
                current, records = term >> shift, []
            records.append(_key(term) + "." * (term & 3) + text)
            previous = term >> 2
        filled = term & 3
    if records:
        yield current, ",".join(records).encode("ascii")


def _terms(geometry: Geometry, lesson: Posting) -> "array[int]":
    """The terms of a lesson without the bits that neither the shard nor the key tells.

    Terms that become one keep the higher class: what was one posting can be taken out as one.
    """
    terms = unpack_terms(lesson.terms)
    if geometry.shard_bits >= TERM_BITS - _LOW_BITS:
        return terms
    mask = -1 << (TERM_BITS - geometry.shard_bits) | (1 << _LOW_BITS) - 1
    merged = {term >> 2: term for term in sorted({term & mask for term in terms})}
    return array("I", merged.values())


def _key(term: int) -> str:
    return DIGITS[term >> 14 & 63] + DIGITS[term >> 8 & 63] + DIGITS[term >> 2 & 63]


class _GapTexts(dict[int, str]):
    """The text of a gap between two slots that follow each other, one less than their difference."""

    def __missing__(self, gap: int) -> str:
        text, rest = DIGITS[gap & 31], gap
        while rest := rest >> 5:
            text = DIGITS[32 + (rest & 31)] + text
        self[gap] = text
        return text


class _Gaps(dict[str, int]):
    """And back."""

    def __missing__(self, text: str) -> int:
        gap = 0
        for digit in text:
            gap = gap << 5 | DIGITS.index(digit) & 31
        self[text] = gap
        return gap


_GAP_TEXTS, _GAPS = _GapTexts(), _Gaps()


@cache
def _bitmap_bytes(slot_bits: int) -> int:
    return -(-(1 << slot_bits) // 24) * 3


def _write_list(geometry: Geometry, slots: Sequence[int]) -> str:
    """The text of a list of slots, ascending."""
    size = _bitmap_bytes(geometry.slot_bits)
    limit = size // 3 * 4
    if len(slots) <= limit:
        texts = _GAP_TEXTS
        text = texts[slots[0]] + "".join([texts[b - a - 1] for a, b in pairwise(slots)]) if slots else ""
        if len(text) <= limit:
            return text
    flags = bytearray(b"0") * (size * 8)
    for slot in slots:
        flags[slot] = 49  # "1"
    return _write_bitmap(int(flags, 2), size)


def _write_bitmap(bitmap: int, size: int) -> str:
    return "!" + b64encode(bitmap.to_bytes(size, "big")).translate(_TO_DIGITS).decode("ascii")


def _read_bitmap(text: str) -> int:
    return int.from_bytes(b64decode(text[1:].encode("ascii").translate(_FROM_DIGITS)), "big")


def _read_list(geometry: Geometry, text: str) -> list[int]:
    """The slots of a list, ascending."""
    if text[:1] == "!":
        flags = f"{_read_bitmap(text):0{_bitmap_bytes(geometry.slot_bits) * 8}b}"
        return [match.start() for match in _ONE_RE.finditer(flags)]
    steps = accumulate(map(_GAPS.__getitem__, _GAP_RE.findall(text)))
    return [place + number for number, place in enumerate(steps)]


def _patch_list(geometry: Geometry, text: str, removed: set[int], added: set[int]) -> str:
    if text[:1] == "!":
        bitmap, size = _read_bitmap(text), _bitmap_bytes(geometry.slot_bits)
        for slot in removed:
            bitmap &= ~(1 << (size * 8 - 1 - slot))
        for slot in added:
            bitmap |= 1 << (size * 8 - 1 - slot)
        if bitmap.bit_count() > size // 3 * 4:  # gaps take a digit each at least: it stays a bitmap
            return _write_bitmap(bitmap, size)
    return _write_list(geometry, sorted(set(_read_list(geometry, text)) - removed | added))
