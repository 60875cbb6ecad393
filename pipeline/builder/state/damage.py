"""The connection to a state file that may turn out to be damaged.

A file that is cut short or no database is noticed when it is opened (`database.py`). A bad page in its middle shows
when it is read, which may be anywhere: the file is removed then, and the next that is opened begins anew. SQLite
looks at the structure of its pages alone, so what is large has a sum of its own.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from zlib import crc32

from doit.exceptions import InvalidTask

from pipeline.errors import StateError

_SUM_BYTES = 4
_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class StateDamagedError(StateError, InvalidTask):  # type: ignore[misc]
    """The state file was damaged and is removed. doit tells it in one line wherever it is raised."""


class Connection(sqlite3.Connection):
    """A connection whose every query raises `StateDamagedError` when it shows that the file is damaged.

    Cursors come from its `cursor`, which now and then forgets those that are gone: of `Cursor(connection)` it keeps a
    weak reference for good, 90 bytes a query.
    """

    path: Path | None = None
    """The file; as long as there is none, its damage is left to who opens it."""
    damage = ""
    """What is wrong with it, if that has shown."""

    def execute(self, query: str, parameters: Any = ()) -> Cursor:
        try:
            return self.cursor(Cursor).execute(query, parameters)
        except sqlite3.DatabaseError as error:
            self.tell(error)
            raise

    def executemany(self, query: str, parameters: Any) -> Cursor:
        try:
            return self.cursor(Cursor).executemany(query, parameters)
        except sqlite3.DatabaseError as error:
            self.tell(error)
            raise

    def tell(self, error: sqlite3.DatabaseError) -> None:
        """Raise StateDamagedError if it is one."""
        code = getattr(error, "sqlite_errorcode", None)
        is_damage = code is not None and code & 0xFF in _CODES
        if self.path is not None and (is_damage or "Could not decode" in str(error)):
            self.give_up(str(error))

    def whole(self, kept: bytes) -> bytes:
        """What was kept `with_sum`; raises StateDamagedError if it is not that any more."""
        content = without_sum(kept)
        if content is None:
            self.give_up("what was kept is not what is there")
        return content

    def give_up(self, why: str) -> NoReturn:
        """Remove the file: the next doit begins anew."""
        if not self.damage:
            self.damage = f"the state file was damaged ({why}): the next build begins anew"
            with contextlib.suppress(OSError):
                if self.path is not None:
                    remove_state(self.path)
        raise StateDamagedError(self.damage) from None


class Cursor(sqlite3.Cursor):
    """The rows of a query on such a connection."""

    connection: Connection

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            self.connection.tell(error)
            raise

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            self.connection.tell(error)
            raise

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(self.fetchall())

    def in_parts(self) -> Iterator[Any]:
        """The rows, of which never all are held; nothing is to be written in between."""
        try:
            while found := self.fetchmany(1000):
                yield from found
        except sqlite3.DatabaseError as error:
            self.connection.tell(error)
            raise


def with_sum(content: bytes) -> bytes:
    """What is kept of some bytes.

    >>> without_sum(with_sum(b"text")), without_sum(b"taxt" + with_sum(b"text")[4:]), without_sum(b"")
    (b'text', None, None)
    """
    return content + crc32(content).to_bytes(_SUM_BYTES, "little")


def without_sum(kept: bytes) -> bytes | None:
    """The bytes again, None if they are others."""
    content = kept[:-_SUM_BYTES]
    return content if crc32(content).to_bytes(_SUM_BYTES, "little") == kept[-_SUM_BYTES:] else None


def remove_state(path: Path) -> None:
    """Remove a state file, and what SQLite has beside it."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
