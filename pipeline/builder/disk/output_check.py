"""stamps of what was written -> which files of the output are gone, or not that any more.

One stat for each file of the output is most of what a run with nothing to do takes, so it is taken once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pipeline.builder.disk.files import digest_target
from pipeline.builder.disk.sweep import walk

Written = tuple[int, int]
"""Size and modification time of a file of the output."""


class OutputCheck:
    """The comparison of an output folder with the size and modification time of each file in it."""

    def __init__(self, output: Path, written: Mapping[str, Written]) -> None:
        self._output = output
        self._written = written

    @cached_property
    def now(self) -> dict[str, Written]:
        """What there is."""
        try:
            return {path: (status.st_size, status.st_mtime_ns) for path, status in walk(os.fspath(self._output))}
        except OSError:
            return {}

    def compare_contents(self, digests: Mapping[str, bytes]) -> dict[str, Written]:
        """Take each file that has another stamp, but the content of its digest, for what was written; gives the stamps
        of all that was written, as they are from here on."""
        found = dict(self._written)
        for target, (size, _) in self._written.items():
            now, digest = self.now.get(target), digests.get(target)
            if now is None or now == self._written[target] or now[0] != size or not digest:
                continue
            with contextlib.suppress(OSError):
                status, read = digest_target(f"{self._output}/{target}")
                if read == digest and (status.st_size, status.st_mtime_ns) == now:
                    found[target] = now
        self._written = found
        return found

    @cached_property
    def spoiled(self) -> list[str]:
        """The files that are not what was written."""
        if not self._written:
            return []
        if self.now == self._written:
            return []
        return [target for target, stamp in self._written.items() if self.now.get(target) != stamp]
