"""command line -> exit status and what it wrote, with its output in the log of the run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.nightly.history import Log

MOST_READ = 4_000
"""Characters of what a program wrote that a message may quote."""
NOT_FOUND = 127
"""As the shell's, for a program that is not there."""

_RUNNING: set[int] = set()
"""The process groups of programs that a signal has to end with the run."""


class Ended(NamedTuple):
    """How a program ended."""

    status: int
    text: str
    """The end of what it wrote, to both of its outputs."""

    @property
    def last_line(self) -> str:
        """What it said last, which mostly says why it failed."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return lines[-1] if lines else f"status {self.status}"


def run_program(
    command: Sequence[str] | str,
    log: Log,
    *,
    folder: Path,
    told: bytes = b"",
    environment: Mapping[str, str | None] | None = None,
    seconds: float | None = None,
    goes_on: bool = False,
) -> Ended:
    """Run a program to its end, a text by the shell; after `seconds` it is ended. `told` is its standard input.

    Its output goes straight into the log: a program that leaves another behind is not waited for. One that `goes_on`
    finishes by itself where the run is ended. What the `environment` has as None is taken out of it.
    """
    start, path = log.size(), log.path if log.is_writable() else Path(os.devnull)
    try:
        with open(path, "ab") as output:
            process = subprocess.Popen(
                command,
                shell=isinstance(command, str),
                cwd=folder,
                env={name: value for name, value in {**os.environ, **(environment or {})}.items() if value is not None},
                stdin=subprocess.PIPE if told else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except FileNotFoundError as error:
        return Ended(NOT_FOUND, f"there is no {error.filename}")
    if not goes_on:
        _RUNNING.add(process.pid)
    try:
        process.communicate(told or None, timeout=seconds)
    except subprocess.TimeoutExpired:
        _end_group(process.pid)
        process.wait()
        log.write(f"ended after {seconds:.0f} s")
    finally:
        _RUNNING.discard(process.pid)
    with open(log.path, "rb") as written:
        written.seek(max(start, log.size() - MOST_READ))
        return Ended(process.returncode, written.read().decode("utf-8", "replace"))


def end_programs() -> None:
    """End those that run, with all that they started."""
    for group in _RUNNING:
        _end_group(group)


def _end_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
