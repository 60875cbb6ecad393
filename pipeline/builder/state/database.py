"""The SQLite file of a course's state: its tables, and how it is opened, checked and begun anew."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pipeline import errors
from pipeline.builder.disk.files import digest_of
from pipeline.builder.state.damage import Connection, remove_state
from pipeline.builder.state.index_tables import INDEX_TABLES
from pipeline.errors import SettingsError

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
create index told on record (task) where failed = 1 or diagnostics != '';
create index by_task on target (task) where substr(task, -4) = ':all';
create index repaired on record (digest) where task >= 'repair:' and task < 'repair;';
create index damaged on record (task) where facts != '' and task >= 'repair:' and task < 'repair;';
"""


def open_database(path: Path, notes: list[str]) -> Connection:
    """A connection to the state file. One that is damaged, cut short or of another version is begun
    anew, which is noted. Raises `SettingsError` if the file cannot be used."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path)
        if connection is None:
            notes.append("the state file was damaged or of another version: building anew")
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
    return connection


def _connect(path: Path) -> Connection | None:
    """A connection to a file of this version, or None if the file is not one."""
    is_new = not path.exists() or path.stat().st_size == 0
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False, factory=Connection)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        if is_new:
            version = f"insert or replace into meta values ('version', '{_version()}');"  # noqa: S608
            connection.executescript(f"begin;{_TABLES}{INDEX_TABLES}{version}commit;")
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
