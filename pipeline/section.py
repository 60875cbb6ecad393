"""entries of a folder -> Section: what its page lists, in reading order."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from pipeline.paths import NaturalKey, natural_key, readable_title, section_page_id, url_quote
from pipeline.patterns import lazy_pattern
from pipeline.values import Card, Entry, Section

_WORD_RE = lazy_pattern("[A-Za-z0-9]+")
_SPECIAL_RE = lazy_pattern(".[A-Z]|[A-Z][0-9]")
BRANCHES_SHOWN = 30
"""Sections at the top of the course in a page's tree."""
SIBLINGS_SHOWN = 24
"""Lessons in a page's sibling list, about what a screen has room for: each is 25 bytes over the wire. A longer section
shows those around the lesson."""
SIBLING_BYTES = 4_200
"""What they may come to: 24 titles are about 3 KB. Where a file name in Vietnamese, percent-encoded, takes 200 bytes,
fewer are shown."""
FEWEST_SIBLINGS = 7
_SIBLING_MARKUP = 45
"""Bytes around the title and the address of a sibling."""


def build_section(
    path: str,
    *,
    title: str,
    summary: str,
    order: float | None,
    lessons: Iterable[Entry],
    sections: Iterable[Entry],
) -> Section:
    """The section at `path` from its published lessons and sub-sections, in any order.

    Entries with an `order` come first, by that number; the others follow by file name in natural
    order, so that `lesson_2` stands before `lesson_10`.
    """
    return Section(path, title, summary, order, _arrange(lessons), _arrange(sections))


def outline_of(section: Section) -> tuple[object, ...]:
    """What the course tree and the search box show of a section: its pages and their titles."""
    lists = (section.lessons, section.sections)
    return (section.title, *(tuple((card.page, card.title) for card in cards) for cards in lists))


def neighbours(cards: tuple[Card, ...], page: str) -> tuple[Card | None, Card | None]:
    """The cards before and after the one of `page`; None at either end, or if it is not there."""
    for position, card in enumerate(cards):
        if card.page == page:
            before = cards[position - 1] if position else None
            after = cards[position + 1] if position + 1 < len(cards) else None
            return before, after
    return None, None


def name_section(path: str, own: str, given: Mapping[str, str], entries: Iterable[Entry]) -> str:
    """The title of a folder: the one that is given for its path, else that of its own text, else its name made
    readable, with words as the titles of its entries write them.

    >>> name_section("05_flan_t5", "", {}, [Entry(Card("05_flan_t5/a", "FLAN-T5 in focus", ""), "a.md", None)])
    '5. FLAN T5'
    """
    name = posixpath.basename(path)
    titles = (entry.card.title for entry in entries)
    return given.get(path) or own or readable_title(name, _spellings(name.lower(), titles))


def _spellings(name: str, titles: Iterable[str]) -> dict[str, str]:
    """Words of a name that have capitals inside in some title, or a capital and a digit, as most titles write them."""
    counts = Counter[str]()
    for title in titles:
        found = _WORD_RE.findall(title)
        if not title.isupper():  # `CHAPTER FIVE` says nothing of its words
            counts.update(word for word in found if _SPECIAL_RE.search(word) and word.lower() in name)
    return {word.lower(): word for word, _ in reversed(counts.most_common())}


def list_branches(top: Section | None, trail: Sequence[str]) -> tuple[Card, ...]:
    """The sections at the top of the course that stand in the tree of a page, with their titles only; `trail` are the
    sections that it is in, the whole course first."""
    return window(branches_of(top), section_page_id(trail[1] if len(trail) > 1 else trail[0]), BRANCHES_SHOWN)


def branches_of(top: Section | None) -> tuple[Card, ...]:
    """The sections at the top of the course with nothing but their titles; none before they are listed."""
    return tuple(Card(card.page, card.title, "") for card in top.sections) if top else ()


def list_siblings(lessons: tuple[Card, ...], page: str) -> tuple[Card, ...]:
    """The lessons of a section that stand on the page of one of them."""
    shown = window(lessons, page, SIBLINGS_SHOWN)
    while (size := sum(map(bytes_in_list, shown))) > SIBLING_BYTES and len(shown) > FEWEST_SIBLINGS:
        shown = window(shown, page, max(FEWEST_SIBLINGS, len(shown) * SIBLING_BYTES // size))
    return shown


@lru_cache(maxsize=4096)
def bytes_in_list(card: Card) -> int:
    """About what a lesson in a list of siblings adds to a page."""
    return len(url_quote(posixpath.basename(card.page))) + len(card.title.encode()) + _SIBLING_MARKUP


def window(cards: tuple[Card, ...], page: str, size: int) -> tuple[Card, ...]:
    """At most `size` cards, with the one of `page` in the middle where that is possible."""
    if len(cards) <= size:
        return cards
    position = next((i for i, card in enumerate(cards) if card.page == page), 0)
    start = min(max(0, position - size // 2), len(cards) - size)
    return cards[start : start + size]


def _arrange(entries: Iterable[Entry]) -> tuple[Card, ...]:
    return tuple(entry.card for entry in sorted(entries, key=_reading_order))


def _reading_order(entry: Entry) -> tuple[bool, float, NaturalKey, str]:
    order = entry.order
    return (order is None, order or 0.0, natural_key(entry.name), entry.card.page)
