"""One build of a course at a time: a lock that dies with the process that holds it.

`fcntl` is on POSIX only, and stays: every run takes the lock, also one with nothing to do, which takes 0.1 s of
processor time. filelock (4.3.1, and 3.32.7 alike) took 0.030 s to import, after all that doit imports; `fcntl` is built
in. filelock also locks the open file: a child that is forked then holds the lock as long as it lives. Here the process
holds it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.builder.disk.location import Location
from pipeline.errors import SettingsError, as_typed

LOCK_NAME = "lock"
_HOLDER_BYTES = 20
POLL_SECONDS = 0.2
"""How often a lock is tried that is waited for no longer than a while."""


class BusyError(SettingsError):
    """Another process holds the lock."""


class CourseLock:
    """The locks of one build: that of the course's state, and that of its output."""

    def __init__(self, location: Location) -> None:
        self._state_folder = location.state_folder
        self._paths = [location.state_folder / LOCK_NAME, location.output_note.with_suffix(".lock")]
        self._held: list[int] = []
        self._is_kept = False
        """Whether it is held beyond the end of a build."""

    def take(self, *, wait: bool) -> None:
        """Hold them until the process ends or `release` is called; nothing is done if they are held.

        Another build that holds one is waited for, or with `wait=False` told in a `BusyError`.
        """
        if self._held:
            return
        ours, output = self._paths
        try:
            self._held.append(_open_locked(ours, "another build of this course is running", wait=wait))
        except OSError as error:
            raise SettingsError(
                f"cannot use the state folder {self._state_folder.name}: {error.strerror}",
                hint="check its permissions and the free space",
            ) from None
        told = "a build of another course into this output folder is running"
        try:
            self._held.append(_open_locked(output, told, wait=wait))
        except OSError:
            return  # only the output itself has to be writable
        except SettingsError:
            self.release()
            raise

    def release(self) -> None:
        """Let the next build begin."""
        while self._held and not self._is_kept:
            os.close(self._held.pop())

    @contextlib.contextmanager
    def hold(self, seconds: float) -> Iterator[None]:
        """Hold them over all builds in between that are lent this lock. Raises `BusyError` when another build still
        runs after this time."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.take(wait=False)
                break
            except BusyError:
                if time.monotonic() >= until:
                    raise
                time.sleep(POLL_SECONDS)
        self._is_kept = True
        try:
            yield
        finally:
            self._is_kept = False
            self.release()


def _open_locked(path: Path, running: str, *, wait: bool) -> int:
    """The file of a lock, which is held as long as it is open: by the process, so that children that it forks do not
    hold it, and a run that ended in the middle does not keep the next one of the same process waiting."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX allows either
        holder = os.pread(lock, _HOLDER_BYTES, 0).decode().strip()
        running = f"{running} (process {holder or 'unknown'})"
        if not wait:
            os.close(lock)
            raise BusyError(running, hint=f"wait for it, or say {as_typed('wait=yes')}") from None
        if sys.stderr:
            sys.stderr.write(f"{running}: waiting for it\n")
        fcntl.lockf(lock, fcntl.LOCK_EX)
    # As wide as it was: to cut a file off takes a millisecond.
    os.pwrite(lock, f"{os.getpid()}\n".rjust(_HOLDER_BYTES).encode(), 0)
    return lock
