"""One build of a course at a time: a lock that dies with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import sys
from io import TextIOWrapper

from pipeline.builder.disk.location import Location
from pipeline.errors import SettingsError

LOCK_NAME = "lock"
_HELD: dict[str, TextIOWrapper] = {}


def take_lock(location: Location, *, wait: bool) -> None:
    """Hold the course's lock until the process ends or `release_lock` is called.

    Another build that holds it is waited for, or with `wait=False` told in a `SettingsError`.
    """
    path = os.fspath(location.state_folder / LOCK_NAME)
    if path in _HELD:
        return
    try:
        location.state_folder.mkdir(parents=True, exist_ok=True)
        stream = open(path, "a+", encoding="utf-8")  # noqa: SIM115  (it stays open as long as it is held)
    except OSError as error:
        raise SettingsError(
            f"cannot use the state folder {location.state_folder.name}: {error.strerror}",
            hint="check its permissions and the free space",
        ) from None
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.seek(0)
        running = f"another build of this course is running (process {stream.read().strip() or 'unknown'})"
        if not wait:
            stream.close()
            raise SettingsError(running, hint="wait for it, or say doit wait=yes") from None
        if sys.stderr:
            sys.stderr.write(f"{running}: waiting for it\n")
        fcntl.flock(stream, fcntl.LOCK_EX)
    stream.truncate(0)
    stream.write(f"{os.getpid()}\n")
    stream.flush()
    _HELD[path] = stream


def release_lock(location: Location) -> None:
    """Let the next build begin."""
    stream = _HELD.pop(os.fspath(location.state_folder / LOCK_NAME), None)
    if stream is not None:
        stream.close()
