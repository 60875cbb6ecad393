#!/usr/bin/env python3
"""command -> its wall seconds and memory, taken by a small process of its own.

The peak that Linux reports for a process starts from what its parent took, so the parent must be
small: this file runs itself as that parent (`python -I -S timing.py FOLDER COMMAND...`) and imports
next to nothing. The start of the measuring process is not in the figures.
"""

from __future__ import annotations

import os
import sys
import time
from threading import Event, Thread

SAMPLE_SECONDS = 0.05
"""Between two looks at the processes: one look takes about 0.1 ms."""
MESSAGE_CHARACTERS = 2000
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


class CommandFailedError(Exception):
    """A measured command ended with a status that was not expected."""


class Timing:
    """What one run of a command took."""

    __slots__ = ("largest_mb", "seconds", "status", "sum_mb")

    def __init__(self, seconds: float, largest_mb: float, sum_mb: float, status: int) -> None:
        self.seconds = seconds
        """Wall time of the whole process."""
        self.largest_mb = largest_mb
        """Peak resident megabytes of the largest process, the command or one of its children."""
        self.sum_mb = sum_mb
        """Peak of the resident megabytes of all its processes together, as sampled: pages that
        forked processes share count once for each of them. Never less than `largest_mb`."""
        self.status = status


def time_command(command: list[str], folder: str | os.PathLike[str], *, accept: tuple[int, ...] = (0,)) -> Timing:
    """Run a command in a folder and time it.

    Raises CommandFailedError with the end of what it wrote unless its status is in `accept`.
    """
    import subprocess
    import tempfile

    with tempfile.TemporaryFile() as written:
        finished = subprocess.run(
            [sys.executable, "-I", "-S", os.path.abspath(__file__), os.fspath(folder), *command],
            stdout=subprocess.PIPE,
            stderr=written,
            check=False,
        )
        written.seek(0)
        message = written.read().decode("utf-8", "replace")
    fields = finished.stdout.split()
    if len(fields) != 4:
        raise CommandFailedError(f"{command[0]} could not be started: {message[-MESSAGE_CHARACTERS:]}")
    timing = Timing(float(fields[0]), float(fields[1]), float(fields[2]), int(fields[3]))
    if timing.status not in accept:
        raise CommandFailedError(
            f"{' '.join(command)}: status {timing.status}: {message[-MESSAGE_CHARACTERS:].strip()}"
        )
    return timing


def _processes(root: int) -> list[int]:
    """A process and all that descend from it."""
    found = [root]
    for process in found:
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as children:
                    found.extend(map(int, children.read().split()))
        except (OSError, ValueError):
            continue  # it has ended, or this is not Linux
    return found


def _resident_mb(process: int) -> float:
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * _PAGE_MB
    except (OSError, ValueError, IndexError):
        return 0.0


def _measure(folder: str, command: list[str]) -> str:
    os.chdir(folder)
    null = os.open(os.devnull, os.O_RDWR)
    over, largest, together = Event(), 0.0, 0.0
    # What the command writes to standard output goes to standard error, a file: reading it costs nothing.
    moves = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, 2, 1)]
    started = time.perf_counter()
    root = os.posix_spawnp(command[0], command, os.environ, file_actions=moves)

    def sample() -> None:
        nonlocal largest, together
        while not over.wait(SAMPLE_SECONDS):
            resident = list(map(_resident_mb, _processes(root)))
            largest, together = max(largest, *resident), max(together, sum(resident))

    sampler = Thread(target=sample, daemon=True)
    sampler.start()
    _, status, usage = os.wait4(root, 0)
    seconds = time.perf_counter() - started
    over.set()
    sampler.join()
    # kilobytes on Linux, bytes on macOS
    largest = max(largest, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
    return f"{seconds:.6f} {largest:.2f} {max(together, largest):.2f} {os.waitstatus_to_exitcode(status)}"


if __name__ == "__main__":
    print(_measure(sys.argv[1], sys.argv[2:]))
