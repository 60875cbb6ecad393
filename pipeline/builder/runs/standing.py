"""what the tasks of a run told -> how many warnings stand, with those of the runs before."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Container, Mapping
from pathlib import Path

Warned = tuple[int, tuple[str, ...]]
"""How many warnings of a task are of it alone, and those that others may have too."""
STANDING_NAME = "warnings"
"""The file beside the state with the warnings that each task had when it ran last. The total has a line
of its own, which is all that a run with nothing to do reads; what a killed run told is not in it: the next one asks."""


def count_standing(state_folder: Path) -> int | None:
    """How many warnings stood when the last run ended; None if that is not known."""
    try:
        with (state_folder / STANDING_NAME).open("rb") as stream:
            return int(stream.readline())
    except (OSError, ValueError):
        return None


def read_standing(state_folder: Path) -> dict[str, Warned] | None:
    """The warnings that each task had when the last run ended; None if that is not known."""
    try:
        kept = json.loads((state_folder / STANDING_NAME).read_bytes().partition(b"\n")[2])
        return {task: (count, tuple(shared)) for task, (count, shared) in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def keep_standing(
    state_folder: Path,
    old: Mapping[str, Warned] | None,
    told: Mapping[str, Warned],
    is_current: Callable[[], Container[str] | None],
) -> int:
    """How many warnings stand now, given those that stood and those of each task of this run, also of one that has
    none.

    `is_current` tells the tasks that there are, or None if they are the same as before.
    """
    path = state_folder / STANDING_NAME
    known = is_current() if old else None
    left = {task: warned for task, warned in (old or {}).items() if known is None or task in known}
    new = {task: warned for task, warned in {**left, **told}.items() if warned != (0, ())}
    total = sum(count for count, _ in new.values()) + len({text for _, shared in new.values() for text in shared})
    if new != old:
        part = path.with_suffix(".part")
        with contextlib.suppress(OSError):
            part.write_bytes(b"%d\n%b" % (total, json.dumps(new).encode()))
            part.replace(path)
    return total
