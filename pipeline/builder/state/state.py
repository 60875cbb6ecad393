"""What was made of what: the records of one course.

A task's record says what it was made from (`inputs`) and what came out (`digest`, `value`). A
record is kept with everything it says or not at all, and committed within a tenth of a second, so
that a build that is killed has lost next to nothing. SQLite keeps the file whole.
"""

import contextlib
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from pipeline.builder.disk.sweep import FileStamp
from pipeline.builder.state.damage import with_sum
from pipeline.builder.state.database import Database
from pipeline.builder.state.index_tables import IndexTables
from pipeline.builder.state.stamps import FileStamps
from pipeline.errors import Diagnostic, StateError
from pipeline.paths import item_of
from pipeline.values import decode, encode

_SHOWN_NOWHERE = ("render:", "markdown:", "static:", "repairs:", "site:", "former:", "search:")
_COLUMNS = "inputs, digest, failed, diagnostics, facts"
_Row = tuple[bytes, bytes, int, str, str]
_IS_REPAIR = "task >= 'repair:' and task < 'repair;'"

DROPPED_HELD = 100
"""Texts of lessons that have gone in this run are compared with the new ones; of so many at most."""
RECORDS_HELD = 15_000
"""Records that are not asked of the file again."""
FACTS_HELD = 16_000_000
"""Characters of what they say: of a section it is as much as of hundreds of lessons."""


class Record(NamedTuple):
    """What the last run of a task left."""

    inputs: bytes
    """Digest of all it was made from; empty when it must run again."""
    digest: bytes
    """Digest of what came out; empty when nothing ever did."""
    failed: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    facts: str = ""
    """The part of the value that other tasks ask for, encoded."""


class _DiagnosticList(NamedTuple):
    items: tuple[Diagnostic, ...]


class State:
    """The records of one course."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dropped: dict[str, bytes] = {}
        """Lessons that were dropped in this run, with what their `repair` left."""
        self.left: dict[str, bytes] = {}
        """Lessons whose text this run found to be another one, with the digest of the one they had."""
        self.arrived: dict[bytes, str] = {}
        """Digests of the texts that this run found where they were not, and the `repair` task of each."""
        self.notes: list[str] = []
        self._mark: str | None = None
        self._seen: dict[str, Record | None] = {}
        self._facts_held = 0
        self._db = Database(path, self.notes, self._seen.clear)
        self.written_before = self._db.written_before
        """What a state of another version wrote, which was here until now."""
        self.files = FileStamps(self._db)
        """What is known of sources, and of the files of the output."""
        self.index = IndexTables(self._db)
        """What is known of the search index."""
        self.begin, self.flush, self.rehearse = self._db.begin, self._db.flush, self._db.rehearse
        self.guard = self._db.guard
        self.has_dropped = False
        """Whether this run removed a task that the course no longer has."""
        self.changes = 0
        """Counts what was committed that a page may show."""
        self.was_stopped = False
        """Whether a run was killed since the warnings that stand were counted last, known once this one has begun."""
        self._has_begun = False

    @property
    def lost(self) -> str:
        """Why nothing can be kept any more, if so."""
        return self._db.lost

    @property
    def is_rehearsal(self) -> bool:
        """Whether nothing is kept."""
        return self._db.is_rehearsal

    def close(self) -> None:
        """Close the file; what was committed is there, unless this was a rehearsal."""
        if not self.is_rehearsal:
            with contextlib.suppress(sqlite3.Error, StateError):  # the file is closed already, or damaged
                self.files.drop_claims()
                if self._has_begun and not self.was_stopped:
                    self._db.execute("delete from meta where name = 'begun'")
        self._db.close()

    def check(self) -> None:
        """Raise `StateDamagedError` unless every page of the file has the structure that SQLite gave it. It takes
        seconds for 10,000 lessons."""
        found = self._db.execute("pragma quick_check(1)").fetchone()
        if found != ("ok",):
            self._db.connection.give_up(str(found[0]).splitlines()[-1])

    # --- records ---

    def record(self, task: str) -> Record | None:
        """What the last run of a task left, None if it never ran."""
        if task in self._seen:
            return self._seen[task]
        row = self._db.execute(f"select {_COLUMNS}, sum from record where task = ?", (task,)).fetchone()  # noqa: S608
        found = None if row is None else _record(self._whole(row))
        self._remember(task, found)
        return found

    def _remember(self, task: str, record: Record | None) -> None:
        size = len(record.facts) if record is not None else 0
        if len(self._seen) >= RECORDS_HELD or self._facts_held + size > FACTS_HELD:
            self._seen.clear()
            self._facts_held = 0
        self._seen[task] = record
        self._facts_held += size

    def told(self, severity: str = "") -> list[tuple[str, tuple[Diagnostic, ...]]]:
        """The tasks that have something to tell, of some severity if one is given, and all they tell."""
        rows = self._db.execute(
            f"select task, {_COLUMNS}, sum from record where diagnostics != '' and instr(diagnostics, ?) order by task",  # noqa: S608
            (f'"{severity}"' if severity else "",),
        )
        found = ((task, _record(self._whole(row)).diagnostics) for task, *row in rows)
        # The words of a severity may stand in a message, too.
        return [(task, told) for task, told in found if any(severity in ("", one.severity) for one in told)]

    def damaged(self) -> list[tuple[str, str]]:
        """The `repair` tasks of damaged lessons, and their summaries, encoded."""
        rows = self._db.execute(
            f"select task, {_COLUMNS}, sum from record"  # noqa: S608
            " where facts != '' and task >= 'repair:' and task < 'repair;' order by task"
        )
        return [(task, self._whole(row)[4]) for task, *row in rows]

    def _whole(self, row: Sequence[Any]) -> _Row:
        """The columns of a record, whose sum comes behind them."""
        columns: _Row = (row[0], row[1], row[2], row[3], row[4])
        if _sum_of(columns) != row[5]:
            self._db.connection.give_up("a record is not what was kept")
        return columns

    # --- what tasks read of others, as keys: an index, by which a change finds whom to ask ---

    def reads(self, task: str) -> set[int]:
        """The keys that a task asked for when it ran last."""
        row = self._db.execute("select keys from asked where task = ?", (task,)).fetchone()
        return set(array("q", self._db.whole(row[0]))) if row else set()

    def readers(self, keys: Iterable[int]) -> set[str]:
        """The tasks that asked for any of some keys."""
        rows = (self._db.execute("select task from reads where key = ?", (key,)) for key in keys)
        return {task for found in rows for (task,) in found}

    def _put_reads(self, task: str, packed: bytes) -> None:
        before, now = self.reads(task), set(array("q", packed))
        if before != now:
            self._db.execute("insert or replace into asked values (?,?)", (task, with_sum(packed)))
            self._db.executemany("delete from reads where key = ? and task = ?", [(key, task) for key in before - now])
            self._db.executemany("insert or ignore into reads values (?,?)", [(key, task) for key in now - before])

    def failed(self) -> list[str]:
        """The tasks that failed."""
        return [row[0] for row in self._db.execute("select task from record where failed = 1 order by task")]

    def retired(self) -> list[tuple[str, bool]]:
        """Files of lessons that have no such file any more: pages of drafts, accounts of sound ones; and whether each
        was only claimed, and may not be there."""
        unpublished = "record.digest = x'' and inputs != x''"
        either = f"({unpublished} or {_IS_REPAIR} and facts = '')"
        rows = self._db.execute(f"select path, size < 0 from target join record using (task) where {either}")  # noqa: S608
        return [(path, bool(is_claimed)) for path, is_claimed in rows]

    def tasks(self) -> list[str]:
        """Every task that has a record."""
        return [row[0] for row in self._db.execute("select task from record order by task")]

    def value(self, task: str) -> bytes | None:
        """The value a task left, encoded."""
        row = self._db.execute("select value from value where task = ?", (task,)).fetchone()
        return None if row is None else self._db.whole(row[0])

    def aliases(self) -> list[tuple[str, str]]:
        """The `parse` tasks of lessons with former paths, and these."""
        return self._db.execute("select task, path from alias order by task, path").fetchall()

    def renames(self) -> list[tuple[str, str]]:
        """Paths of lessons that are gone, and a `repair` task whose text is the same and that was not there
        beside them."""
        return self._db.execute(
            f"select gone.path, task from gone join record using (digest) where {_IS_REPAIR}"  # noqa: S608
            " and task not in (select value from json_each(gone.rivals)) order by gone.path, task"
        ).fetchall()

    def commit(
        self,
        task: str,
        record: Record,
        *,
        value: bytes | None = None,
        source: tuple[str, FileStamp, bytes] | None = None,
        target: tuple[str, FileStamp, bytes] | None = None,
        aliases: tuple[str, ...] | None = None,
        entry: tuple[str, bytes, bytes, bytes] | None = None,
        reads: bytes | None = None,
    ) -> None:
        """Keep all that a task did, or nothing of it. It is safe from a kill a moment later, with what
        else was committed in the same `BATCH_SECONDS`."""
        database = self._db
        if task.startswith("repair:"):
            self._compare(task, record)
        with self._db.guard():
            self.begin()
            told = encode(_DiagnosticList(record.diagnostics)).decode() if record.diagnostics else ""
            columns = (record.inputs, record.digest, int(record.failed), told, record.facts)
            database.execute("insert or replace into record values (?,?,?,?,?,?,?)", (task, *columns, _sum_of(columns)))
            if value is not None:
                database.execute("insert or replace into value values (?,?)", (task, with_sum(value)))
            if aliases is not None:
                database.execute("delete from alias where task = ?", (task,))
                database.executemany("insert or ignore into alias values (?,?)", [(task, path) for path in aliases])
            if entry is not None:
                self.index.put_entry(*entry)
            if reads is not None:
                self._put_reads(task, reads)
            if source is not None:
                self.files.put_source(*source)
            if target is not None:
                self.files.put_target(task, *target)
            database.keep()
        self._remember(task, record)
        self.changes += not task.startswith(_SHOWN_NOWHERE)

    def _compare(self, task: str, record: Record) -> None:
        before = old.digest if (old := self.record(task)) else b""
        if before != record.digest:
            self.arrived[record.digest] = task
            if before:
                self.left[item_of(task)] = before

    def forget_gone(self, paths: Iterable[str]) -> None:
        """Where these lessons stand now has been noted."""
        with self._db.guard():
            self.begin()
            self._db.executemany("delete from gone where path = ?", [(path,) for path in paths])
        self.flush()

    def mark(self) -> str:
        """What the last finished run marked this state with, as it was before this one; empty if something was
        forgotten since, or a run did not finish."""
        if self._mark is None:
            row = self._db.execute("select value from meta where name = 'mark'").fetchone()
            self._mark = row[0] if row else ""
        return self._mark

    def break_mark(self) -> None:
        """A run that changes something has begun: should it not finish, no seal goes with what it leaves."""
        with contextlib.suppress(StateError), self._db.guard():
            if self.mark():
                self._db.execute("delete from meta where name = 'mark'")
            added = self._db.execute("insert or ignore into meta values ('begun', '')").rowcount
            self.was_stopped, self._has_begun = not added, True

    def put_mark(self, mark: str) -> bool:
        """A run is finished: its seal has the same mark. False if nothing can be kept."""
        with contextlib.suppress(StateError), self._db.guard():
            self._db.execute("insert or replace into meta values ('mark', ?)", (mark,))
            self._mark = mark
        return self.flush()

    def fail(self, task: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        """A task failed: keep what it left before, and have it run again."""
        old = self.record(task)
        digest, facts = (old.digest, old.facts) if old else (b"", "")
        self.commit(task, Record(b"", digest, True, diagnostics, facts))

    def forget(self, task: str) -> None:
        """Have a task run again; what it left stays in use until it has."""
        old = self.record(task)
        if old is not None:
            self.commit(task, Record(b"", old.digest, old.failed, old.diagnostics, old.facts))
        self._db.execute("delete from ignored where task = ?", (task,))
        self._db.execute("delete from meta where name = 'mark'")
        self._mark = ""

    def drop(self, task: str) -> None:
        """Remove a task that the course no longer has."""
        with self._db.guard():
            if task.startswith("repair:"):
                self._db.execute(
                    "insert or replace into gone select ?, digest, (select json_group_array(task) from record as other"  # noqa: S608
                    f" where other.digest = record.digest and {_IS_REPAIR})"
                    " from record where task = ? and digest != x''",
                    (item_of(task), task),
                )
                if len(self.dropped) < DROPPED_HELD and (value := self.value(task)) is not None:
                    self.dropped[item_of(task)] = value
            if task.startswith("parse:"):
                self.index.drop_entry(item_of(task))
            self._put_reads(task, b"")
            for table in ("asked", "record", "value", "ignored", "alias"):
                self._db.execute(f"delete from {table} where task = ?", (task,))  # noqa: S608
        self._seen.pop(task, None)
        self.changes += 1
        self.has_dropped = True

    # --- doit's marks ---

    def is_ignored(self, task: str) -> bool:
        """Whether `doit ignore` was said of a task."""
        row = self._db.execute("select 1 from ignored where task = ?", (task,)).fetchone()
        return row is not None

    def ignore(self, task: str) -> None:
        """Leave a task out until `doit forget` is said of it."""
        self._db.execute("insert or replace into ignored values (?)", (task,))


def _sum_of(columns: _Row) -> int:
    inputs, digest, failed, diagnostics, facts = columns
    texts = f"{failed}\0{diagnostics}\0{facts}".encode("utf-8", "surrogatepass")
    return crc32(texts, crc32(digest, crc32(inputs)))


def _record(row: _Row) -> Record:
    diagnostics = decode(_DiagnosticList, row[3]).items if row[3] else ()
    return Record(row[0], row[1], bool(row[2]), diagnostics, row[4])
