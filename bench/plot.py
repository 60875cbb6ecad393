#!/usr/bin/env python3
"""Figures -> an SVG: time against lessons, both logarithmic, a panel for each case.

Written by hand: three kinds of marks need no library. Colours follow the reader's light or dark
scheme, and each builder has a shape of its own, so that nothing hangs on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from figures import CASES, FIRST, Figures, Measurement

PANEL_WIDTH, PANEL_HEIGHT = 240, 170
GAP_WIDTH, GAP_HEIGHT = 56, 58
TOP, LEFT = 66, 56
COLUMNS = 3
_LIGHT = (
    "--paper:#fff;--ink:#1a1a1a;--faint:#d0d0d0;"
    "--c0:#0b62a8;--c1:#c2185b;--c2:#8a6d00;--c3:#2e7d32;--c4:#6a3fb5;--c5:#a34700"
)
_DARK = (
    "--paper:#16181b;--ink:#e6e6e6;--faint:#3c4046;"
    "--c0:#6db3f2;--c1:#ff7fae;--c2:#e0bf4a;--c3:#7ccf80;--c4:#b99af5;--c5:#f0a060"
)
_STYLE = f"""
:root{{{_LIGHT}}}
@media (prefers-color-scheme:dark){{:root{{{_DARK}}}}}
text{{fill:var(--ink);font:12px sans-serif}}
.tick{{font-size:11px}}
.case{{font-weight:bold}}
.grid{{stroke:var(--faint)}}
.line{{fill:none;stroke-width:1.5}}
"""
_TICKS = (
    (0.01, "10 ms"),
    (0.1, "0.1 s"),
    (1.0, "1 s"),
    (10.0, "10 s"),
    (60.0, "1 min"),
    (600.0, "10 min"),
    (3600.0, "1 h"),
)


class Scale:
    """A logarithmic axis: a value to its place between two ends, in pixels."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low = math.log(low)
        self._span = math.log(high) - self._low or 1.0
        self._start, self._length = start, end - start

    def __call__(self, value: float) -> float:
        return round(self._start + self._length * (math.log(value) - self._low) / self._span, 1)


def draw_plot(figures: Figures) -> str:
    """The plot as SVG; raises ValueError when nothing was measured."""
    measured = figures.measurements
    if not measured:
        raise ValueError("nothing was measured")
    cases = [case for case in CASES if any(one.case == case for one in measured)]
    sizes = figures.sizes()
    x_axis = Scale(sizes[0] / 1.3, sizes[-1] * 1.3, 0, PANEL_WIDTH)
    medians = [one.median for one in measured]
    y_axis = Scale(min(medians) / 1.5, max(medians) * 1.5, PANEL_HEIGHT, 0)
    builders = figures.builders()
    rows = math.ceil(len(cases) / COLUMNS)
    width = LEFT + COLUMNS * (PANEL_WIDTH + GAP_WIDTH)
    height = TOP + rows * (PANEL_HEIGHT + GAP_HEIGHT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>Time of a build against the number of lessons</title>",
        f'<style>{_STYLE}</style><rect width="{width}" height="{height}" fill="var(--paper)"/>',
        _legend(builders),
    ]
    for number, case in enumerate(cases):
        row, column = divmod(number, COLUMNS)
        left, top = LEFT + column * (PANEL_WIDTH + GAP_WIDTH), TOP + row * (PANEL_HEIGHT + GAP_HEIGHT)
        parts.append(f'<g transform="translate({left} {top})">{_grid(case, sizes, medians, x_axis, y_axis)}')
        for place, builder in enumerate(builders):
            line = [one for size in sizes if (one := figures.find(size, case, builder))]
            parts.append(_line(line, place, x_axis, y_axis))
        parts.append("</g>")
    return "\n".join([*parts, "</svg>\n"])


def _legend(builders: Sequence[str]) -> str:
    parts, x = [], LEFT
    for place, builder in enumerate(builders):
        parts.append(f'{_mark(x, 20, place)}<text x="{x + 10}" y="24">{escape(builder)}</text>')
        x += 34 + 7 * len(builder)
    return "".join(parts)


def _grid(case: str, sizes: Sequence[int], medians: Sequence[float], x_axis: Scale, y_axis: Scale) -> str:
    parts = [f'<text class="case" y="-8">{escape(case)}</text>']
    low, high = min(medians) / 1.5, max(medians) * 1.5
    for seconds, words in _TICKS:
        if low <= seconds <= high:
            y = y_axis(seconds)
            parts.append(f'<path class="grid" d="M0 {y}H{PANEL_WIDTH}"/>')
            parts.append(f'<text class="tick" x="-6" y="{y + 4}" text-anchor="end">{words}</text>')
    for size in sizes:
        x = x_axis(size)
        parts.append(f'<path class="grid" d="M{x} 0V{PANEL_HEIGHT}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{PANEL_HEIGHT + 15}" text-anchor="middle">{size:,}</text>')
    if case == FIRST:
        parts.append(f'<text class="tick" x="{PANEL_WIDTH}" y="{PANEL_HEIGHT + 30}" text-anchor="end">lessons</text>')
    return "".join(parts)


def _line(points: Sequence[Measurement], place: int, x_axis: Scale, y_axis: Scale) -> str:
    parts = []
    if len(points) > 1:
        path = "L".join(f"{x_axis(one.lessons)} {y_axis(one.median)}" for one in points)
        parts.append(f'<path class="line" stroke="var(--c{place % 6})" d="M{path}"/>')
    for one in points:
        said = f"{one.builder}: {one.median:.2f} s at {one.lessons:,} lessons"
        parts.append(_mark(x_axis(one.lessons), y_axis(one.median), place, said))
    return "".join(parts)


def _mark(x: float, y: float, place: int, said: str = "") -> str:
    """A dot, square, diamond, triangle, cross or ring."""
    shapes = (
        f'M{x - 4} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"',
        f'M{x - 3.5} {y - 3.5}h7v7h-7z"',
        f'M{x} {y - 5}l5 5l-5 5l-5 -5z"',
        f'M{x} {y - 5}l5 9h-10z"',
        f'M{x - 4} {y - 4}l8 8m0 -8l-8 8" stroke-width="2.5"',
        f'M{x - 4} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0" fill-opacity="0" stroke-width="2"',
    )
    colour = f"var(--c{place % 6})"
    title = f"<title>{escape(said)}</title>" if said else ""
    return f'<path fill="{colour}" stroke="{colour}" d="{shapes[place % 6]}>{title}</path>'
