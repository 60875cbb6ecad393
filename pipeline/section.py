"""entries of a folder -> Section: what its page lists, in reading order."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.paths import NaturalKey, natural_key
from pipeline.values import Card, Entry, Section


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
