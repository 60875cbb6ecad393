"""`doit history`: what the nights did."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from doit.exceptions import InvalidCommand

from pipeline.builder.runs.helpful import HelpfulCommand
from pipeline.errors import as_typed
from pipeline.nightly.history import History, Row

SHOWN = 20
_COLUMNS = (
    "started",
    "s",
    "result",
    "revision",
    "lessons",
    "made",
    "changed",
    "repaired",
    "doubtful",
    "warnings",
    "faults",
)
_LEFT = ("started", "result", "revision")


class ShowHistory(HelpfulCommand):
    """The command; it reads and changes nothing."""

    name = "history"
    doc_purpose = "show what the runs by night did"
    doc_usage = "[-n N] [--json | --plot]"
    doc_description = (
        "A row for each run, the newest last; --json writes a line of JSON for each, with its faults by code, "
        "--plot an SVG of build time, damage and faults, for `history --plot > nights.svg`"
    )
    cmd_options = (
        {
            "name": "number",
            "short": "n",
            "type": int,
            "default": 0,
            "help": f"so many rows (default: {SHOWN}; all with --json and --plot)",
        },
        {"name": "json", "long": "json", "type": bool, "default": False, "help": "a line of JSON for each run"},
        {"name": "plot", "long": "plot", "type": bool, "default": False, "help": "an SVG"},
    )

    def execute(self, opt_values: Any, pos_args: list[str]) -> int:
        """Write it to the standard output."""
        from pipeline.commands.course_here import course_here

        if pos_args or opt_values["number"] < 0 or (opt_values["json"] and opt_values["plot"]):
            raise InvalidCommand(
                f"that is not to be had\n  hint: {as_typed('history -n 10')}, {as_typed('history --json')}"
            )
        history = History(course_here().location)
        is_whole = opt_values["json"] or opt_values["plot"]
        rows = history.rows(opt_values["number"] or (None if is_whole else SHOWN))
        if opt_values["plot"]:
            from pipeline.nightly.plot import draw_history

            text = draw_history(rows)
        elif opt_values["json"]:
            text = "".join(row.encode().decode() for row in rows)
        else:
            text = (
                format_rows(rows) + f"\nlogs: {history.folder / 'logs'}\n"
                if rows
                else f"no runs yet: {as_typed('nightly')}\n"
            )
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            from pipeline.builder.runs.doit_private import leave_reader

            return leave_reader()
        return 0


def format_rows(rows: Sequence[Row]) -> str:
    """A table, the last codes of faults below it.

    >>> print(format_rows([Row(started="2026-01-01T02:30:00Z", result="published", lessons=3)]).splitlines()[1].split())
    ['2026-01-01', '02:30:00', '0.0', 'published', '3', '0', '0', '0', '0', '0', '0']
    """
    cells = [_COLUMNS, *(_cells_of(row) for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(_COLUMNS))]
    lines = [
        "  ".join(
            cell.ljust(width) if name in _LEFT else cell.rjust(width)
            for name, cell, width in zip(_COLUMNS, line, widths, strict=True)
        ).rstrip()
        for line in cells
    ]
    codes = rows[-1].fault_codes if rows else {}
    return "\n".join([*lines, *(f"  {count:,} x {code}" for code, count in codes.items())])


def _cells_of(row: Row) -> tuple[str, ...]:
    started = row.started.replace("T", " ").removesuffix("Z")
    counts = (row.lessons, row.pages, row.changed, row.repaired, row.doubtful, row.warnings, len(row.faults))
    return (started, f"{row.seconds:.1f}", row.result, row.after[:10], *(f"{count:,}" for count in counts))
