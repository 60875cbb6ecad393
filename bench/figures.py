#!/usr/bin/env python3
"""Measurements -> JSON at rest, and the tables of docs/speed.md.

A figure is what was measured, not what is shown: every run's seconds are kept, so that tables and
the plot (`plot.py`) can be made again without measuring.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

OURS, HUGO = "lesson-pipeline", "Hugo"
FIRST, SECOND, NOTHING = "first build", "the run after it", "nothing to do"
BODY, TITLE = "body edit", "title edit, section of 30"
ADDED, REMOVED, RENAMED, MENDED = "lesson added", "lesson removed", "lesson renamed", "fault mended"
CASES = (FIRST, SECOND, NOTHING, BODY, TITLE, ADDED, REMOVED, RENAMED, MENDED)
"""In the order in which they are measured and shown."""
_ARTICLE_RE = re.compile(rb"<article\b[^>]*>(.*)</article>", re.S)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One case at one size with one builder."""

    lessons: int
    case: str
    builder: str
    seconds: tuple[float, ...]
    """Wall time of each run, in the order of the runs."""
    largest_mb: float
    """Peak of the largest process, over the runs."""
    sum_mb: float
    """Peak of all processes together, over the runs."""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@dataclass(frozen=True, slots=True)
class PageBytes:
    """What the lesson pages of one build weigh."""

    lessons: int
    builder: str
    pages: int
    own_mean: float
    """Bytes of the lesson's own HTML, what stands inside `<article>`."""
    beyond_mean: float
    """Bytes of the page that are not the lesson's own."""
    beyond_max: int


@dataclass(slots=True)
class Figures:
    """All that one or more runs of the bench found out."""

    about: dict[str, str] = field(default_factory=dict)
    """The machine, the date, the lessons and every builder's version."""
    measurements: list[Measurement] = field(default_factory=list)
    pages: list[PageBytes] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be run, and what went wrong."""

    def find(self, lessons: int, case: str, builder: str) -> Measurement | None:
        wanted = (lessons, case, builder)
        return next((m for m in self.measurements if (m.lessons, m.case, m.builder) == wanted), None)

    def sizes(self) -> list[int]:
        return sorted({measurement.lessons for measurement in self.measurements})

    def builders(self, lessons: int | None = None) -> list[str]:
        """The builders measured, ours first, Hugo second."""
        names = {m.builder: None for m in self.measurements if lessons in (None, m.lessons)}
        return sorted(names, key=lambda name: (name != OURS, name != HUGO))


def save_figures(figures: Figures, path: Path) -> None:
    path.write_text(json.dumps(asdict(figures), ensure_ascii=False, indent=1) + "\n", "utf-8")


def load_figures(paths: Iterable[Path]) -> Figures:
    """The figures of one or more files; what a later file measured again replaces the earlier."""
    merged = Figures()
    measured: dict[tuple[int, str, str], Measurement] = {}
    pages: dict[tuple[int, str], PageBytes] = {}
    for path in paths:
        kept = json.loads(path.read_text("utf-8"))
        merged.about |= kept["about"]
        merged.notes += [note for note in kept["notes"] if note not in merged.notes]
        for plain in kept["measurements"]:
            one = Measurement(**{**plain, "seconds": tuple(plain["seconds"])})
            measured[one.lessons, one.case, one.builder] = one
        for plain in kept["pages"]:
            weighed = PageBytes(**plain)
            pages[weighed.lessons, weighed.builder] = weighed
    merged.measurements, merged.pages = list(measured.values()), list(pages.values())
    return merged


def own_bytes(page: bytes) -> int:
    """Bytes of the lesson's own HTML in its page, 0 when it cannot be told.

    >>> own_bytes(b'<main><article class="a"><h1>A</h1></article></main>')
    10
    """
    article = _ARTICLE_RE.search(page)
    return len(article[1]) if article else 0


def leads_elsewhere(page: bytes) -> bool:
    """Whether this is the page at a former address: not a lesson, and not left over either."""
    return b'http-equiv="refresh"' in page


def weigh_pages(lessons: int, builder: str, paths: Iterable[Path]) -> PageBytes | None:
    """The bytes of lesson pages; None when there are none, or a page does not say what is the lesson's own."""
    own, beyond = [], []
    for path in paths:
        page = path.read_bytes()
        if leads_elsewhere(page):
            continue
        own.append(own_bytes(page))
        beyond.append(len(page) - own[-1])
    if not own or not all(own):
        return None
    return PageBytes(lessons, builder, len(own), statistics.fmean(own), statistics.fmean(beyond), max(beyond))


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def time_tables(figures: Figures) -> str:
    """A table for each size: median, minimum in brackets, and ours through Hugo's."""
    return "\n\n".join(_time_table(figures, lessons) for lessons in figures.sizes())


def _time_table(figures: Figures, lessons: int) -> str:
    builders = figures.builders(lessons)
    head = [f"{lessons:,} lessons"]
    for builder in builders:
        head += [builder, "ours / Hugo"] if builder == HUGO else [builder]
    rows = []
    for case in CASES:
        ours = figures.find(lessons, case, OURS)
        row = [case]
        for builder in builders:
            one = figures.find(lessons, case, builder)
            row.append(f"{_seconds(one.median)} ({_seconds(min(one.seconds))})" if one else "-")
            if builder == HUGO:
                row.append(f"{_digits(ours.median / one.median)}" if ours and one else "-")
        if any(cell != "-" for cell in row[1:]):
            rows.append(row)
    return markdown_table(head, rows)


def memory_table(figures: Figures) -> str:
    """Peak megabytes: the largest process, and in brackets all processes together."""
    builders = figures.builders()
    rows = []
    for lessons in figures.sizes():
        for case in (FIRST, NOTHING, BODY):
            found = [figures.find(lessons, case, builder) for builder in builders]
            if any(found):
                cells = [f"{one.largest_mb:.0f} ({one.sum_mb:.0f})" if one else "-" for one in found]
                rows.append([f"{lessons:,}, {case}", *cells])
    return markdown_table(["MB", *builders], rows)


def page_table(figures: Figures) -> str:
    """Bytes of a lesson page beyond the lesson's own."""
    rows = [
        [f"{one.lessons:,}", one.builder, f"{one.own_mean:,.0f}", f"{one.beyond_mean:,.0f}", f"{one.beyond_max:,}"]
        for one in sorted(figures.pages, key=lambda one: (one.lessons, one.builder))
    ]
    return markdown_table(["lessons", "builder", "own bytes, mean", "beyond, mean", "beyond, most"], rows)


def report(figures: Figures) -> str:
    """All tables, with what was measured where and what could not be run."""
    about = "; ".join(f"{name} {said}" for name, said in figures.about.items())
    runs = sorted({len(one.seconds) for one in figures.measurements if one.case not in (FIRST, SECOND)})
    parts = [
        f"{about}.",
        f"Wall seconds of the whole process, median of {_one_of(runs)} runs (the fastest in brackets), in alternation.",
        time_tables(figures),
        "Peak memory of the largest process (in brackets all processes together).",
        memory_table(figures),
    ]
    if figures.pages:
        parts += ["Bytes of a lesson page.", page_table(figures)]
    if figures.notes:
        parts.append("\n".join(f"- {note}" for note in figures.notes))
    return "\n\n".join(parts) + "\n"


def _one_of(numbers: Sequence[int]) -> str:
    return " or ".join(map(str, numbers)) or "no"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def _digits(value: float) -> str:
    """Two digits that count.

    >>> [_digits(value) for value in (0.0264, 0.304, 5.69, 28.4)]
    ['0.026', '0.30', '5.7', '28']
    """
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
