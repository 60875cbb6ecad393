"""The SQLite file of a course's state: its tables, how it is opened and begun anew, and what is kept together."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from pipeline import errors
from pipeline.builder.disk.files import digest_of
from pipeline.builder.state.damage import Connection, Cursor, remove_state
from pipeline.errors import SettingsError, StateError

STATE_VERSION = 9
"""Raised whenever the tables change or what they mean: an older file is rebuilt. The values that they
hold have a version of their own: the digest of the modules that define them."""

_TABLES = """
create table meta (name text primary key, value text);
create table record (task text primary key, inputs blob, digest blob, failed int,
                     diagnostics text, facts text, sum int);
create table value (task text primary key, value blob);
create table source (path text primary key, size int, mtime int, ctime int, inode int, digest blob);
create table target (path text primary key, task text,
                     size int, mtime int, ctime int, inode int, digest blob);
create table alias (task text, path text, primary key (task, path));
create table gone (path text primary key, digest blob, rivals text);
create table asked (task text primary key, keys blob);
create table reads (key integer, task text, primary key (key, task)) without rowid;
create table ignored (task text primary key);
create table entry (path text primary key, digest blob, terms blob, text blob);
create table unindexed (path text primary key, terms blob);
create table indexed (page text primary key, slot int, path text, title text, trail text);
create index by_slot on indexed (slot);
create table shard (number integer primary key, shard blob);
create index told on record (task) where failed = 1 or diagnostics != '';
create index by_task on target (task) where substr(task, -4) = ':all';
create index repaired on record (digest) where task >= 'repair:' and task < 'repair;';
create index damaged on record (task) where facts != '' and task >= 'repair:' and task < 'repair;';
"""


BATCH_SECONDS = 0.1
"""At most so much work is lost when a build is killed: a commit for each task would take a third of
the time of a quick one."""

Written = dict[str, tuple[int, int]]
"""Files of the output -> size and modification time, when they were written."""


class Database:
    """The open file. The tables of sources and targets, of the search index and of tasks share it."""

    def __init__(self, path: Path, notes: list[str], on_failure: Callable[[], object]) -> None:
        self.path = path
        self.is_rehearsal = False
        """Whether nothing is kept: what is written is seen until the file is closed."""
        self.connection, self.written_before = open_database(path, notes)
        self.execute: Callable[..., Cursor] = self.connection.execute
        self.executemany = self.connection.executemany
        self.whole = self.connection.whole
        self._on_failure = on_failure
        """What to call when something that was written is not kept."""
        self._lost = ""
        self._begun = 0.0

    @property
    def lost(self) -> str:
        """Why nothing can be kept any more, if so."""
        return self.connection.damage or self._lost

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Tell a full disk and the like as what it is."""
        try:
            yield
        except (sqlite3.Error, KeyboardInterrupt) as error:  # a task half kept, by Ctrl-C between two rows, is none
            with contextlib.suppress(sqlite3.Error):
                self.connection.rollback()
            self._on_failure()
            if isinstance(error, sqlite3.Error):
                self._give_up(error)
            raise

    def begin(self) -> None:
        """Let what is written from now on be kept together."""
        if not self.connection.in_transaction:
            self.execute("begin immediate")
            self._begun = time.monotonic()

    def keep(self) -> None:
        """Keep what was written, if the first of it was long enough ago."""
        if not self.is_rehearsal and time.monotonic() - self._begun > BATCH_SECONDS:
            self.execute("commit")

    def flush(self) -> bool:
        """Keep what was written; False if nothing can be kept."""
        with contextlib.suppress(StateError), self.guard():
            if self.connection.in_transaction and not self.is_rehearsal:
                self.execute("commit")
        return not self.lost

    def _give_up(self, error: sqlite3.Error) -> NoReturn:
        """Nothing can be kept any more: what was made since the last commit is made again next time."""
        self._lost = (
            f"cannot keep what was made: {error}; free some space or check the permissions of "
            f"{self.path.parent.name}/, and build again"
        )
        raise StateError(self._lost)

    def rehearse(self) -> None:
        """From now on nothing is kept."""
        self.execute("begin immediate")
        self.is_rehearsal = True

    def close(self) -> None:
        """Close the file; what was written is kept, unless this was a rehearsal."""
        with contextlib.suppress(sqlite3.Error, StateError):  # the file is closed already, or damaged
            if self.connection.in_transaction:
                self.execute("rollback" if self.is_rehearsal else "commit")
        self.connection.close()


def open_database(path: Path, notes: list[str]) -> tuple[Connection, Written]:
    """A connection to the state file, and what a state of another version wrote. One that is damaged, cut short or of
    another version is begun anew, which is noted. Raises `SettingsError` if the file cannot be used."""
    written: Written = {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path)
        if connection is None:
            notes.append("the state file was damaged or of another version: building anew")
            written = _read_written(path)
            remove_state(path)
            connection = _connect(path)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"cannot use the state file {path.name}: {reason}",
            hint=f"check the permissions of {path.parent.name}/ and the free space",
        ) from None
    if connection is None:
        raise SettingsError(f"cannot create the state file {path.name}")
    connection.path = path
    return connection, written


def _read_written(path: Path) -> Written:
    """The files of the output that a state of another version knows; none if its file is damaged."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as connection:
        if connection.execute("pragma quick_check(1)").fetchone() == ("ok",):
            rows = connection.execute("select path, size, mtime from target").fetchall()
            return {target: (size, mtime) for target, size, mtime in rows}
    return {}


def _connect(path: Path) -> Connection | None:
    """A connection to a file of this version, or None if the file is not one."""
    is_new = not path.exists() or path.stat().st_size == 0
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False, factory=Connection)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        if is_new:
            version = f"insert or replace into meta values ('version', '{_version()}');"  # noqa: S608
            connection.executescript(f"begin;{_TABLES}{version}commit;")
            return connection
        found = connection.execute("select value from meta where name = 'version'").fetchone()
        if found == (_version(),):
            return connection
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            connection.close()
            raise
    except sqlite3.DatabaseError:
        pass
    connection.close()
    return None


def _version() -> str:
    """The version of the tables and of the values in them."""
    folder = Path(errors.__file__).parent
    values = b"".join((folder / name).read_bytes() for name in ("errors.py", "values.py"))
    return f"{STATE_VERSION} {digest_of(values).hex()}"
