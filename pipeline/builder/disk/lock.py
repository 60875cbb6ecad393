"""One build of a course at a time: a lock that dies with the process that holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.builder.disk.location import Location
from pipeline.errors import SettingsError

LOCK_NAME = "lock"
_HOLDER_BYTES = 20
POLL_SECONDS = 0.2
"""How often a lock is tried that is waited for no longer than a while."""
_HELD: dict[str, int] = {}
"""The open file of each lock."""
_KEPT = set[str]()
"""Those that are held beyond the end of a build."""


class BusyError(SettingsError):
    """Another process holds the lock."""


def take_lock(location: Location, *, wait: bool) -> None:
    """Hold the course's lock, and that of its output, until the process ends or `release_lock` is called.

    Another build that holds one is waited for, or with `wait=False` told in a `BusyError`.
    """
    try:
        _take(location.state_folder / LOCK_NAME, "another build of this course is running", wait=wait)
    except OSError as error:
        raise SettingsError(
            f"cannot use the state folder {location.state_folder.name}: {error.strerror}",
            hint="check its permissions and the free space",
        ) from None
    with contextlib.suppress(OSError):  # only the output itself has to be writable
        _take(_lock_of_output(location), "a build of another course into this output folder is running", wait=wait)


def _take(path: Path, running: str, *, wait: bool) -> None:
    name = os.fspath(path)
    if name in _HELD:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, _HOLDER_BYTES, 0).decode().strip()
        running = f"{running} (process {holder or 'unknown'})"
        if not wait:
            os.close(lock)
            raise BusyError(running, hint="wait for it, or say doit wait=yes") from None
        if sys.stderr:
            sys.stderr.write(f"{running}: waiting for it\n")
        fcntl.flock(lock, fcntl.LOCK_EX)
    # As wide as it was: to cut a file off takes a millisecond.
    os.pwrite(lock, f"{os.getpid()}\n".rjust(_HOLDER_BYTES).encode(), 0)
    _HELD[name] = lock


def release_lock(location: Location) -> None:
    """Let the next build begin."""
    for path in (_lock_of_output(location), location.state_folder / LOCK_NAME):
        lock = None if os.fspath(path) in _KEPT else _HELD.pop(os.fspath(path), None)
        if lock is not None:
            os.close(lock)


@contextlib.contextmanager
def hold_lock(location: Location, seconds: float) -> Iterator[None]:
    """Hold the course's lock over all builds in between. Raises `BusyError` when another build still runs after this
    time."""
    until = time.monotonic() + seconds
    while True:
        try:
            take_lock(location, wait=False)
            break
        except BusyError:
            if time.monotonic() >= until:
                release_lock(location)
                raise
            time.sleep(POLL_SECONDS)
    names = {os.fspath(location.state_folder / LOCK_NAME), os.fspath(_lock_of_output(location))}
    _KEPT.update(names)
    try:
        yield
    finally:
        _KEPT.difference_update(names)
        release_lock(location)


def _lock_of_output(location: Location) -> Path:
    return location.output_note.with_suffix(".lock")
