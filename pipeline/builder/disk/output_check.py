"""stamps of what was written -> which files of the output are gone, or not that any more.

One stat for each file of the output is most of what a run with nothing to do takes. A large output is looked
at by a process of its own, forked for this, while this one looks at the content and imports what an
edit needs.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pipeline.builder.disk.sweep import walk

FORKED_FILES = 4_000
"""Fewer than these take less time than a process: some 2 us each, where one takes 5 ms."""
_DESCRIPTORS = 256


class OutputCheck:
    """The comparison of an output folder with the size and modification time of each file in it."""

    def __init__(self, output: Path, written: Mapping[str, tuple[int, int]]) -> None:
        self._output = output
        self._written = written
        self._child = 0
        # A fork takes only the thread that asks for it: no other may hold a lock then.
        if len(written) >= FORKED_FILES and hasattr(os, "fork") and threading.active_count() == 1:
            with contextlib.suppress(OSError):
                self._fork()

    @cached_property
    def spoiled(self) -> list[str]:
        """The files that are not what was written."""
        told = self._wait() if self._child else b""
        if told:
            with contextlib.suppress(ValueError, EOFError, TypeError):
                found: list[str] = marshal.loads(told)
                return found
        return self._compare()

    def close(self) -> None:
        """Nobody will ask."""
        if self._child:
            os.close(self._reader)
            self._child = 0

    def _compare(self) -> list[str]:
        if not self._written:
            return []
        try:
            now = {path: (status.st_size, status.st_mtime_ns) for path, status in walk(os.fspath(self._output))}
        except OSError:
            now = {}
        if now == self._written:
            return []
        return [target for target, stamp in self._written.items() if now.get(target) != stamp]

    def _fork(self) -> None:
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
                pipe.write(marshal.dumps(self._compare()))
        finally:
            os._exit(0)

    def _wait(self) -> bytes:
        with open(self._reader, "rb") as pipe:
            told = pipe.read()
        os.waitpid(self._child, 0)
        return told
