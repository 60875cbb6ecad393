"""What search.js does with a query, in Python, from the same shards: the reference it is tested against."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from unicodedata import normalize

from pipeline.search import Geometry
from pipeline.search.shards import read_shard, term_place
from pipeline.search.words import LONGEST_PREFIX, SHORTEST_PREFIX, pair_terms, prefix_term, read_words, title_term

MOST_WORDS = 8
WEIGHTS = (2, 3, 5, 10)
PHRASE, TITLE, EXACT, WHOLE_TITLE = 10_000, 7_000, 40_000, 80_000


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
    score: Counter[int] = Counter()
    matched, in_title, exact = defaultdict(set), defaultdict(set), defaultdict(set)
    for number, word in enumerate(words):
        found = find(word.term)
        if (
            is_open
            and number == len(words) - 1
            and len(word.folded) >= SHORTEST_PREFIX
            and not (found and len(word.folded) > LONGEST_PREFIX)
        ):
            prefix = prefix_term(word.folded[:LONGEST_PREFIX])
            found = found + [(slot, value >> 1, kind) for slot, value, kind in find(prefix)]
        points: dict[int, int] = {}
        for slot, value, kind in found:
            points[slot] = max(points.get(slot, 0), value)
            matched[slot].add(number)
            if kind == 3:
                in_title[slot].add(number)
        score.update(points)
        for slot, value, _ in find(word.exact) if word.exact else ():
            exact[slot].add(number)
            score[slot] += value
    row = [word.term for word in words]
    for term in pair_terms(row):
        for slot, value, _ in find(term):
            score[slot] += 2 * value + PHRASE // (len(row) - 1)
    for slot, _, _ in find(title_term(words)):
        score[slot] += WHOLE_TITLE
    most = max(map(len, matched.values()), default=0)
    everything = set(range(len(words)))
    accented = {number for number, word in enumerate(words) if word.exact}
    slots = [slot for slot, which in matched.items() if len(which) == most and 2 * most >= len(words)]
    for slot in slots:
        score[slot] += TITLE * (in_title[slot] == everything)
        score[slot] += EXACT * bool(accented and exact[slot] == accented)
    return sorted(slots, key=lambda slot: (-score[slot], slot))
