"""work -> its bytes, from a process forked for it while this one goes on.

A fork costs some 3 ms and needs nothing sent to it: it pays for one piece of work that takes longer and is known
as a whole. Many pieces go to `course/workers.py`.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable

_DESCRIPTORS = 256


class Forked:
    """One piece of work under way in a process of its own, where there can be one."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._child = 0
        # A fork takes only the thread that asks for it: no other may hold a lock then.
        if hasattr(os, "fork") and threading.active_count() == 1:
            with contextlib.suppress(OSError):
                self._fork(work)

    def result(self) -> bytes:
        """What the work gave, waited for; empty if it failed, if there was no process, or when asked again."""
        if not self._child:
            return b""
        with open(self._reader, "rb") as pipe:
            told = pipe.read()
        os.waitpid(self._child, 0)
        self._child = 0
        return told

    def close(self) -> None:
        """Nobody will ask."""
        if self._child:
            os.close(self._reader)
            self._child = 0

    def _fork(self, work: Callable[[], bytes]) -> None:
        self._reader, writer = os.pipe()
        try:
            self._child = os.fork()
        except OSError:
            os.close(self._reader)
            os.close(writer)
            raise
        if self._child:
            os.close(writer)
            return
        try:
            # Not even the lock of the course is held here: it must go with the process that works.
            os.closerange(3, writer)
            os.closerange(writer + 1, _DESCRIPTORS)
            with open(writer, "wb") as pipe:
                pipe.write(work())
        finally:
            os._exit(0)
