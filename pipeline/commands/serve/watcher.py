"""folders -> what changed in them, again and again.

A watcher can lose changes: when there are too many at once, in folders that have just been made, or while it begins.
So what it says is followed by a full look as soon as it is quiet, and now and then after that.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

QUIET_MS = 500
"""So long without a change is quiet."""
LOOK_EVERY = 60
"""So many quiet times pass between two full looks: half a minute."""
GATHER_MS = 10
"""A change waits so long for others: an editor that saves writes several times."""
GATHER_MOST_MS = 500
"""And no longer than this, while others still come."""
ABSENT_SECONDS = 0.2
"""How often a content folder that is gone is looked for."""
POLL_SECONDS = 1.0
"""How often is looked without a watcher."""

Changed = list[str] | None
"""Paths from the content folder; None where anything may have changed."""


def watch_course(content: Path, others: Sequence[Path]) -> Iterator[Changed]:
    """What changes in the content folder, or in the `others`, of which not each has to be there. It never ends."""
    while True:
        if not content.is_dir():
            time.sleep(ABSENT_SECONDS)
            if content.is_dir():
                yield None
            continue
        folders = [content, *(folder for folder in others if folder.is_dir())]
        known = _identities(folders)
        quiet = 0
        for paths in _watch(folders):
            if _identities(folders) != known:
                break  # the watcher holds on to a folder that is no longer that one
            quiet = 0 if paths else quiet + 1
            if paths:
                yield _within(content, paths)
            elif quiet == 1 or quiet % LOOK_EVERY == 0:
                yield None
        yield None


def _watch(folders: Sequence[Path]) -> Iterator[set[str]]:
    """Paths of what changed; an empty set when it is quiet, or when only a look can tell."""
    try:
        import watchfiles
    except ImportError:
        yield from _poll("watchfiles is not installed (pip install 'lesson-pipeline[serve]')")
        return
    try:
        for changes in watchfiles.watch(
            *folders,
            watch_filter=None,
            debounce=GATHER_MOST_MS,
            step=GATHER_MS,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
        ):
            yield {path for _, path in changes}
    except OSError as error:  # such as too many folders, or one that may not be read: none behind it would be watched
        yield from _poll(f"changes cannot be watched for: {error.strerror or error}")


def _poll(why: str) -> Iterator[set[str]]:
    sys.stderr.write(f"warning: {why}: the folders are looked at every {POLL_SECONDS:g} s\n")
    while True:
        time.sleep(POLL_SECONDS)
        for _ in range(LOOK_EVERY):  # each look is a full one
            yield set()


def _within(content: Path, paths: set[str]) -> Changed:
    """The paths from the content folder; None if one is elsewhere. What begins with a dot is no lesson, and git writes
    much of it."""
    found = []
    for path in sorted(paths):
        if not Path(path).is_relative_to(content):
            return None
        inside = Path(path).relative_to(content)
        if not any(part.startswith(".") for part in inside.parts):
            found.append(inside.as_posix())
    return found


def _identities(folders: Sequence[Path]) -> list[tuple[int, int] | None]:
    found: list[tuple[int, int] | None] = []
    for folder in folders:
        try:
            status = os.stat(folder)
        except OSError:
            found.append(None)
        else:
            found.append((status.st_dev, status.st_ino))
    return found
