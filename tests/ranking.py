"""What search.js does with a query, in Python, from the same shards: the reference it is tested against."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from unicodedata import normalize

from pipeline.search import Geometry
from pipeline.search.labels import FILLERS
from pipeline.search.shards import read_shard, term_place
from pipeline.search.words import (
    _SYLLABLE_RE,
    LONGEST_PREFIX,
    SHORTEST_PREFIX,
    Word,
    fold,
    pair_terms,
    prefix_term,
    read_words,
    title_term,
)

MOST_WORDS = 8
LARGE_SLOT_BITS = 11
WEIGHTS = (2, 3, 5, 10)
PHRASE, TITLE, HEADING, EXACT, MISSING, ENOUGH = 10_000, 15_000, 20_000, 40_000, 100_000, 5
WHOLE = {2: 60_000, 3: 80_000}
FILLER_WORDS = FILLERS.split()


def rank(geometry: Geometry, shards: Mapping[int, bytes], query: str) -> list[int]:
    """The slots of the lessons that fit a query best, best first."""

    def find(term: int) -> list[tuple[int, int, int]]:
        """Slot, worth and class of each posting."""
        shard, key = term_place(geometry, term)
        lists = read_shard(geometry, shards.get(shard, b"")).get(key, [])
        rare = geometry.slot_bits + 2 - sum(map(len, lists)).bit_length()
        return [(slot, WEIGHTS[kind] * rare, kind) for kind, slots in enumerate(lists) for slot in slots]

    query = normalize("NFC", query)
    words = read_words(query)[:MOST_WORDS]
    if not words:
        return []
    is_open = re.search(r"[^\W_]$", query) is not None
    if is_open and len(words) > 1 and len(words[-1].folded) == 1 and words[-1].folded.isalpha():
        words, is_open = words[:-1], False  # it narrows nothing down
    fillers = fillers_in(query, len(words))
    while fillers[0] and fillers.count(False) > 1:
        words, fillers = words[1:], fillers[1:]
    everything = set(range(len(words)))
    needed = {number for number, filler in enumerate(fillers) if not filler} or everything
    score: Counter[int] = Counter()
    matched, in_title, in_heading = defaultdict(set), defaultdict(set), defaultdict(set)
    exact, rows = Counter[int](), Counter[int]()
    rare = dict[int, int]()
    for number, word in enumerate(words):
        twin = twin_of(word.folded, geometry) if number in needed and not fillers[number] else []
        found = find(word.term)
        found = found + [(slot, value >> 1, kind) for other in twin for slot, value, kind in find(other.term)]
        if (
            is_open
            and number == len(words) - 1
            and len(word.folded) >= SHORTEST_PREFIX
            and not (found and len(word.folded) > LONGEST_PREFIX)
        ):
            prefix = prefix_term(word.folded[:LONGEST_PREFIX])
            found = found + [(slot, value >> 1, kind) for slot, value, kind in find(prefix)]
        rare[number] = max(1, geometry.slot_bits + 2 - len(found).bit_length()) if found and number in needed else 0
        shift = 0 if number in needed else 2
        points: dict[int, int] = {}
        for slot, value, kind in found:
            points[slot] = max(points.get(slot, 0), value)
            if number in needed and value:
                matched[slot].add(number)
            if kind > 1:
                in_heading[slot].add(number)
            if kind > 2:
                in_title[slot].add(number)
        for slot, value in points.items():
            score[slot] += value >> shift
        for slot, value, _ in find(word.exact) if word.exact else ():
            exact[slot] += rare[number]
            score[slot] += value >> shift
    pairs = pair_terms([word.term for word in words])
    for term in pairs:
        for slot, value, kind in find(term):
            score[slot] += 2 * value + PHRASE // len(pairs)
            rows[slot] += kind > 1
    for slot, _, kind in find(title_term(words)):
        score[slot] += WHOLE.get(kind, 0)
    for twin_word in [] if fillers[len(words) - 1] else twin_of(words[-1].folded, geometry):
        for slot, _, kind in find(title_term([*words[:-1], twin_word])):
            score[slot] += WHOLE.get(kind, 0) >> 1
    total = sum(rare.values())
    accented = sum(rare[number] for number in needed if words[number].exact)
    is_strict = sum(which == needed for which in matched.values()) >= ENOUGH and needed == everything and len(words) < 4
    slots = []
    for slot, which in matched.items():
        weight = sum(map(rare.__getitem__, which))
        if 2 * weight < total or (is_strict and which != needed):
            continue
        slots.append(slot)
        score[slot] += TITLE * sum(rare[number] for number in which & in_title[slot]) // total
        score[slot] -= MISSING * (total - weight) // total
        score[slot] += HEADING * (in_heading[slot] == everything and rows[slot] == len(pairs))
        score[slot] += EXACT * exact[slot] // accented if accented else 0
    return sorted(slots, key=lambda slot: (-score[slot], slot))


def twin_of(folded: str, geometry: Geometry) -> list[Word]:
    """The same word with or without an `s` at its end; nothing where one of them is a syllable of Vietnamese, or where
    a large index has it in another shard."""
    twin = folded.removesuffix("s") if folded.endswith("s") else folded + "s"
    is_near = geometry.slot_bits <= LARGE_SLOT_BITS or twin[:LONGEST_PREFIX] == folded[:LONGEST_PREFIX]
    is_word = is_near and re.fullmatch("[a-z]{3,}", twin) and not folded.endswith("ss")
    return read_words(twin) if is_word and not any(map(_SYLLABLE_RE.fullmatch, (folded, twin))) else []


def fillers_in(query: str, count: int) -> list[bool]:
    """Which of the first words of a query only make a question of it."""
    written = re.findall(r"[^\W_]+", query.lower())
    is_plain = all(fold(word) == word for word in written)
    fillers = set(map(fold, FILLER_WORDS) if is_plain else FILLER_WORDS)
    return [word in fillers for word in written[:count]] + [False] * (count - len(written))
