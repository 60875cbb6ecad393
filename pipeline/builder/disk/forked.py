"""work -> its bytes, from a process forked for it while this one goes on.

A fork costs some 3 ms and needs nothing sent to it: it pays for one piece of work that takes longer and is known
as a whole. Many pieces go to `course/workers.py`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable

LOOK_SECONDS = 0.25
"""How often a forked process looks whether the one that forked it is there."""
_DESCRIPTORS = 256


class Forked:
    """One piece of work under way in a process of its own, where there can be one."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._child = 0
        self._fork(work, None)

    @property
    def process(self) -> int:
        """Its number; 0 if there is none, or none any more."""
        return self._child

    def result(self) -> bytes:
        """What the work gave, waited for; empty if it failed, if there was no process, or when asked again."""
        if not self._child:
            return b""
        with open(self._reader, "rb", closefd=False) as pipe:
            told = pipe.read()  # which may be interrupted: then it is closed as if nobody had asked
        os.close(self._reader)
        os.waitpid(self._child, 0)
        self._child = 0
        return told

    def close(self) -> None:
        """Nobody will ask."""
        if self._child:
            os.close(self._reader)
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
            self._child = 0

    def _fork(self, work: Callable[[], bytes], listens: int | None) -> None:
        # A fork takes only the thread that asks for it: no other may hold a lock then.
        if not hasattr(os, "fork") or threading.active_count() > 1:
            return
        try:
            self._reader, writer = os.pipe()
        except OSError:
            return
        parent = os.getpid()
        try:
            self._child = os.fork()
        except OSError:
            os.close(self._reader)
            os.close(writer)
            return
        if self._child:
            os.close(writer)
            return
        try:
            _end_with(parent)
            _let_go({writer} if listens is None else {writer, listens})
            with open(writer, "wb") as pipe:
                pipe.write(work())
        finally:
            os._exit(0)


class Standby(Forked):
    """A process that gets ready while it is not known yet what for, or whether there is anything to do."""

    def __init__(self, get_ready: Callable[[], object], work: Callable[[bytes], bytes]) -> None:
        self._child = 0
        self._speaks = -1
        try:
            listens, self._speaks = os.pipe()
        except OSError:
            return

        def listen() -> bytes:
            get_ready()
            with open(listens, "rb") as pipe:
                asked = pipe.read()  # nothing when the process that forked this one is gone
            return work(asked) if asked else b""

        self._fork(listen, listens)
        os.close(listens)
        if not self._child:
            os.close(self._speaks)

    def ask(self, asked: bytes) -> None:
        """Say what is to be worked on; once, and not nothing."""
        if self._child:
            speaks, self._speaks = self._speaks, -1
            with contextlib.suppress(BrokenPipeError), open(speaks, "wb") as pipe:
                pipe.write(asked)

    def close(self) -> None:
        if self._child and self._speaks >= 0:
            os.close(self._speaks)
        super().close()


def _end_with(parent: int) -> None:
    """End soon after the process that forked this one, whatever this one is at: nobody waits for it any more."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)


def _let_go(kept: set[int]) -> None:
    """Hold nothing of the process that was forked: its lock goes with it, its output ends with it."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in {0, 1, 2} - kept:
        os.dup2(null, standard)
    lowest = 3
    for descriptor in (*sorted(kept), _DESCRIPTORS):
        if descriptor > lowest:  # an empty range with an end below 1 is taken for all there are
            os.closerange(lowest, descriptor)
        lowest = max(lowest, descriptor + 1)
