"""rows of the history -> an SVG: build time, damage and faults over time.

Written by hand: lines and dots need no library. Colours follow the reader's light or dark scheme, and every line is
named at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

from pipeline.errors import count_of
from pipeline.nightly.history import Row

WIDTH, HEIGHT, GAP, LEFT, RIGHT, TOP = 720, 130, 50, 60, 110, 40
_STYLE = """
:root{--paper:#fff;--ink:#1a1a1a;--faint:#d0d0d0;--c0:#0b62a8;--c1:#a34700}
@media (prefers-color-scheme:dark){:root{--paper:#16181b;--ink:#e6e6e6;--faint:#3c4046;--c0:#6db3f2;--c1:#f0a060}}
text{fill:var(--ink);font:12px sans-serif}
.title{font-weight:bold}
path{fill:none;stroke-width:1.5}
"""


class Line(NamedTuple):
    """One value of each run."""

    name: str
    values: Sequence[float]


def draw_history(rows: Sequence[Row]) -> str:
    """The SVG of runs that built something; an empty plot where none did."""
    built = [row for row in rows if row.lessons and _moment_of(row) is not None]
    panels = (
        ("Build time (s)", (Line("build", [row.build_seconds for row in built]),)),
        ("Damaged words", _lines(built, "repaired", "doubtful")),
        ("To mend", (Line("faults", [float(len(row.faults)) for row in built]), *_lines(built, "warnings"))),
    )
    moments = [moment for row in built if (moment := _moment_of(row)) is not None]
    height = TOP + len(panels) * (HEIGHT + GAP)
    runs = count_of(len(built), "run")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" role="img"'
        f' aria-label="{runs}"><style>{_STYLE}</style><rect width="100%" height="100%" fill="var(--paper)"/>'
    ]
    for number, (title, lines) in enumerate(panels):
        parts += _draw_panel(title, lines, moments, TOP + number * (HEIGHT + GAP))
    if built:
        parts += [
            f'<text x="{x}" y="{height - 25}" text-anchor="{anchor}">{escape(row.started[:10])}</text>'
            for row, x, anchor in ((built[0], LEFT, "start"), (built[-1], LEFT + WIDTH, "end"))
        ]
    return "\n".join([*parts, "</svg>", ""])


def _moment_of(row: Row) -> float | None:
    """When it started; None if that was edited by hand into what is no time."""
    try:
        return datetime.fromisoformat(row.started).timestamp()
    except (ValueError, OverflowError):
        return None


def _lines(rows: Sequence[Row], *names: str) -> tuple[Line, ...]:
    return tuple(Line(name, [float(getattr(row, name)) for row in rows]) for name in names)


def _draw_panel(title: str, lines: Sequence[Line], moments: Sequence[float], top: int) -> list[str]:
    most = max((value for line in lines for value in line.values), default=0) or 1
    first = min(moments, default=0)  # not that of the first row: a clock may have been set back
    span = max(moments, default=0) - first or 1
    bottom = top + HEIGHT
    parts = [
        f'<text class="title" x="{LEFT}" y="{top - 8}">{escape(title)}</text>',
        f'<path d="M{LEFT} {top}V{bottom}H{LEFT + WIDTH}" stroke="var(--faint)"/>',
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{most:,g}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">0</text>',
    ]
    taken = float("inf")
    for number, line in enumerate(lines):
        points = [
            (LEFT + WIDTH * (moment - first) / span, bottom - HEIGHT * value / most)
            for moment, value in zip(moments, line.values, strict=True)
        ]
        if not points:
            continue
        way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        label = min(points[-1][1] + 4, taken - 14) if number else points[-1][1] + 4  # never one over the other
        taken = label
        parts += [
            f'<path d="M{way}" stroke="var(--c{number})"/>',
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="var(--c{number})"/>' for x, y in points),
            f'<text x="{LEFT + WIDTH + 8}" y="{label:.1f}">{escape(line.name)}</text>',
        ]
    return parts
