"""stamps of what was written -> which files of the output are gone, or not that any more.

One stat for each file of the output is most of what a run with nothing to do takes, so it is taken once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pipeline.builder.disk.sweep import walk


class OutputCheck:
    """The comparison of an output folder with the size and modification time of each file in it."""

    def __init__(self, output: Path, written: Mapping[str, tuple[int, int]]) -> None:
        self._output = output
        self._written = written

    @cached_property
    def spoiled(self) -> list[str]:
        """The files that are not what was written."""
        if not self._written:
            return []
        try:
            now = {path: (status.st_size, status.st_mtime_ns) for path, status in walk(os.fspath(self._output))}
        except OSError:
            now = {}
        if now == self._written:
            return []
        return [target for target, stamp in self._written.items() if now.get(target) != stamp]
