"""A row for each run, in a file that no version of the state forgets, and the run's log.

A row is a line of JSON: it is written in one piece, and a line that a full disk or a kill has cut off is passed over.
"""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.builder.disk.location import Location

FOLDER_NAME = "nightly"
HISTORY_NAME = "history.jsonl"
RUNNING_NAME = "running.json"
LOGS_NAME = "logs"
LOGS_KEPT = 100
LAST_BYTES = 1 << 20
"""What is read from the end of the file to know the last row."""


class Row(NamedTuple):
    """What is kept of one run. What an older version did not keep has its default."""

    run: str = ""
    """Names the run and its log."""
    started: str = ""
    """ISO 8601, in UTC."""
    ended: str = ""
    result: str = ""
    status: int = 0
    """The exit status."""
    before: str = ""
    """The revision of the source that was there."""
    after: str = ""
    """The one that was built."""
    lessons: int = 0
    pages: int = 0
    """Made by this run."""
    repaired: int = 0
    """Words that were repaired, in the whole course."""
    doubtful: int = 0
    """Those of them that need a person."""
    warnings: int = 0
    """That stand, in the whole course."""
    faults: tuple[str, ...] = ()
    warning_codes: dict[str, int] = {}  # noqa: RUF012  (a tuple's default, never changed)
    """Of those that this run told: how many of each code."""
    fault_codes: dict[str, int] = {}  # noqa: RUF012
    renames: tuple[str, ...] = ()
    """What the build saw renamed."""
    release: str = ""
    """The release that readers see after the run."""
    changed: int = 0
    """Files of the release that are others, new and gone since the last."""
    build_seconds: float = 0.0
    seconds: float = 0.0
    verified: str = ""
    """When the published site was last held against a clean build."""
    told: tuple[str, ...] = ()
    """The faults that a person has been told of and that are left."""
    is_failing: bool = False
    """Whether what a person was told last is that something is wrong."""

    def encode(self) -> bytes:
        """A line of JSON."""
        return json.dumps(self._asdict(), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def decode_row(line: bytes) -> Row | None:
    """A row from its line; None if it is none.

    >>> decode_row(Row(run="a", faults=("b",)).encode()) == Row(run="a", faults=("b",)), decode_row(b'{"run": ')
    (True, None)
    """
    try:
        said: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    defaults = Row()._asdict()
    kept: dict[str, Any] = {}
    for name, default in defaults.items():
        value = said.get(name, default)
        value = tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
        value = float(value) if isinstance(default, float) and isinstance(value, int) else value
        kept[name] = value if type(value) is type(default) else default
    return Row(**kept)


class History:
    """The rows of one course."""

    def __init__(self, location: Location) -> None:
        self.folder = location.state_folder / FOLDER_NAME
        self.path = self.folder / HISTORY_NAME
        self._running = self.folder / RUNNING_NAME

    def rows(self, last: int | None = None) -> list[Row]:
        """The last rows, or all, the oldest first."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        rows = [row for line in lines if (row := decode_row(line)) is not None]
        return rows if last is None else rows[max(0, len(rows) - last) :]

    def last(self) -> Row:
        """The last row; an empty one if there is none."""
        try:
            with open(self.path, "rb") as stream:
                stream.seek(max(0, stream.seek(0, os.SEEK_END) - LAST_BYTES))
                lines = stream.read().splitlines()
        except FileNotFoundError:
            return Row()
        return next((row for line in reversed(lines) if (row := decode_row(line)) is not None), Row())

    def add(self, row: Row) -> None:
        """Append a row in one write. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a+b", buffering=0) as stream:
            size = stream.seek(0, os.SEEK_END)
            is_cut = size > 0 and (stream.seek(size - 1), stream.read(1))[1] != b"\n"
            stream.write(b"\n" * is_cut + row.encode())

    def begin(self, row: Row) -> None:
        """Note that a run is at work. One that was killed has left its note: it gets its row now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            left = decode_row(self._running.read_bytes())
            if left is not None and left.run != row.run:
                last = self.last()
                self.add(
                    left._replace(result=KILLED, verified=last.verified, told=last.told, is_failing=last.is_failing)
                )
        self._running.write_bytes(row.encode())

    def finish(self, row: Row) -> None:
        """The run is over."""
        self.add(row)
        self._running.unlink(missing_ok=True)

    def open_log(self, run: str) -> Log:
        """The log of a run; of old ones only the newest are kept."""
        folder = self.folder / LOGS_NAME
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.log"))[: -LOGS_KEPT + 1]:
            old.unlink(missing_ok=True)
        return Log(folder / f"{run}.log")


KILLED = "killed"


class Log:
    """What one run did, a line each with its time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def size(self) -> int:
        """Bytes that were written so far."""
        return self.path.stat().st_size

    def is_writable(self) -> bool:
        """Whether more can be written: the disk may be read-only by now."""
        return os.access(self.path, os.W_OK)

    def write(self, text: str) -> None:
        """Append a text; a log that cannot be written stops nothing."""
        with contextlib.suppress(OSError), open(self.path, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{datetime.now(UTC):%H:%M:%S} {text}\n")
