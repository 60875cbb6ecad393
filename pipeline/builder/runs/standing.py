"""what the tasks of a run told -> how many warnings stand, with those of the runs before."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Container, Mapping
from pathlib import Path

STANDING_NAME = "warnings"
"""The file beside the state with the number of warnings that each task told when it ran last. The total has a line
of its own, which is all that a run with nothing to do reads; what a killed run told is not in it."""


def count_standing(state_folder: Path) -> int:
    """How many warnings stood when the last run ended."""
    try:
        with (state_folder / STANDING_NAME).open("rb") as stream:
            return int(stream.readline())
    except (OSError, ValueError):
        return 0


def keep_standing(state_folder: Path, told: Mapping[str, int], is_current: Callable[[], Container[str] | None]) -> int:
    """How many warnings stand now, given how many each task of this run told, none among them.

    `is_current` tells the tasks that there are, or None if they are the same as before.
    """
    path = state_folder / STANDING_NAME
    try:
        old: dict[str, int] = json.loads(path.read_bytes().partition(b"\n")[2])
    except (OSError, ValueError):
        old = {}
    known = is_current() if old else None
    kept = {task: count for task, count in old.items() if known is None or task in known}
    new = {task: count for task, count in {**kept, **told}.items() if count}
    if new != old:
        part = path.with_suffix(".part")
        with contextlib.suppress(OSError):
            part.write_bytes(b"%d\n%b" % (sum(new.values()), json.dumps(new).encode()))
            part.replace(path)
    return sum(new.values())
