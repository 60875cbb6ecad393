"""command line -> exit status and what it wrote, with its output in the log of the run."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pipeline.nightly.history import Log
from pipeline.patterns import TERMINAL_SIGNS

MOST_READ = 4_000
"""Characters of what a program wrote that a message may quote."""
REASON_LINES = 3
REASON_CHARACTERS = 240
"""A reason stands in a line of a message, behind what it is the reason of."""
_ERROR_RE = re.compile(r"\b(?:fatal|error|failed|denied|refused|cannot|could not|no such|\w+error)\b", re.I)
_ADVICE_RE = re.compile(r"(?:remote: )?hint:")
_RETURN_RE = re.compile(r"\r\n?")
"""Also where a line of progress is written over."""
_CONTROL_RE = re.compile(rf"(?:\x1b\[|\x9b)[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f{TERMINAL_SIGNS}“”]")
"""What a terminal obeys, and what turns the order of letters around."""
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
    def reason(self) -> str:
        """Why it failed, by what it wrote; in quotes, as another program's words."""
        return f"“{find_reason(self.text) or f'status {self.status}'}”"


def find_reason(text: str) -> str:
    """The words of a program that tell why it failed: of the last paragraph in which it speaks of an error, for advice
    may follow; else its last line. Of a long paragraph only what is about the first error.

    >>> find_reason("fetching\\n\\nssh: no route\\nfatal: cannot read\\n\\nPlease make sure it exists.\\n")
    'ssh: no route; fatal: cannot read'
    """
    lines = [line.strip() for line in _CONTROL_RE.sub("", _RETURN_RE.sub("\n", text)).split("\n")]
    paragraphs = [list(group) for is_text, group in groupby(lines, bool) if is_text]
    for paragraph in reversed(paragraphs):
        said = [line for line in paragraph if not _ADVICE_RE.match(line)]
        first = next((number for number, line in enumerate(said) if " " in line and _ERROR_RE.search(line)), None)
        if first is not None:
            return _cut("; ".join(said[max(0, first - 1) : first + REASON_LINES]))
    return _cut(paragraphs[-1][-1]) if paragraphs else ""


def _cut(text: str) -> str:
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 1] + "…"


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
