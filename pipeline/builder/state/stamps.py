"""What the state knows of files: the stamps of sources, and the files of the output that are ours."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeline.builder.disk.files import digest_target
from pipeline.builder.disk.sweep import FileStamp, is_settled
from pipeline.builder.state.database import Database
from pipeline.errors import StateError

_IS_BUNDLED = "substr(task, -4) = ':all'"
"""As in the index `by_task`, which SQLite uses only where it reads the same."""
_CLAIMED = "-1,-1,-1,-1"
_ASKED_AT_ONCE = 500
"""Paths in one query; SQLite takes 999 and more."""


class FileStamps:
    """The tables `source` and `target`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.trusts_stamps = True
        """Whether a file with the size and times it had is taken for the file it was."""
        self._written: dict[str, tuple[int, int] | None] = {}
        """Size and modification time of what this run wrote; None for what it deleted."""
        self._claimed_in: Path | None = None
        """The output, once this run has claimed something in it."""

    def source_digest(self, path: str, stamp: FileStamp) -> bytes | None:
        """The digest of a source, if its stamp is the one it was read with."""
        if not self.trusts_stamps:
            return None
        row = self._db.execute(
            "select size, mtime, ctime, inode, digest from source where path = ?", (path,)
        ).fetchone()
        return row[4] if row is not None and FileStamp(*row[:4]) == stamp else None

    def keep_source(self, path: str, stamp: FileStamp, digest: bytes) -> None:
        """Remember that a file with this stamp has this content."""
        with contextlib.suppress(StateError), self._db.guard():
            self.put_source(path, stamp, digest)

    def put_source(self, path: str, stamp: FileStamp, digest: bytes) -> None:
        """The same, as a part of what a task keeps."""
        if not is_settled(max(stamp.mtime_ns, stamp.ctime_ns)):
            self._db.execute("delete from source where path = ?", (path,))
            return
        self._db.execute(
            "insert or replace into source values (?,?,?,?,?,?)",
            (path, stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode, digest),
        )

    def sources(self) -> dict[str, tuple[tuple[int, int, int, int], bytes]]:
        """The stamp and the digest of each source that was read."""
        rows = self._db.execute("select path, size, mtime, ctime, inode, digest from source")
        return {row[0]: (row[1:5], row[5]) for row in rows}

    def doubt_source(self, path: str, digest: bytes) -> None:
        """A task read a source besides its own, which had this digest: what is known of another content is given up."""
        with contextlib.suppress(StateError), self._db.guard():
            self._db.execute("delete from source where path = ? and digest != ?", (path, digest))

    def restamp_sources(self, stamps: Mapping[str, tuple[int, int, int, int]]) -> None:
        """These sources have other stamps now, and the same content."""
        rows = [(*stamp, path) for path, stamp in stamps.items()]
        with contextlib.suppress(StateError), self._db.guard():
            self._db.begin()
            self._db.executemany("update source set size=?, mtime=?, ctime=?, inode=? where path=?", rows)
            self._db.flush()

    def put_target(self, task: str, path: str, stamp: FileStamp, digest: bytes) -> None:
        """A task wrote a file of the output, as a part of what it keeps."""
        self._db.execute(
            "insert or replace into target values (?,?,?,?,?,?,?)",
            (path, task, stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.inode, digest),
        )
        self._written[path] = stamp.size, stamp.mtime_ns

    def targets(self) -> Iterator[tuple[str, str]]:
        """Every file that the project wrote into the output and has not deleted, and by which task."""
        return self._db.execute("select path, task from target order by path").in_parts()

    def targets_of(self, task: str) -> list[str]:
        """The files that a task of many files wrote."""
        return list(self.target_digests(task))

    def target_digests(self, task: str) -> dict[str, bytes]:
        """The files that a task of many files wrote, and their digests."""
        query = f"select path, digest from target where {_IS_BUNDLED} and task = ? order by path"  # noqa: S608
        return dict(self._db.execute(query, (task,)))

    def all_digests(self) -> dict[str, bytes]:
        """The digest of each file that the project wrote into the output."""
        return dict(self._db.execute("select path, digest from target where size >= 0"))

    def digests_of(self, targets: Iterable[str]) -> dict[str, bytes]:
        """The digests of some files of the output, as far as they are ours."""
        query = "select path, digest from target where path = ?"
        return dict(row for target in targets for row in self._db.execute(query, (target,)))

    def targets_below(self, folder: str) -> list[str]:
        """The files that the project wrote into a folder of the output, and below it."""
        query = "select path from target where path > ? and path < ? and size >= 0 order by path"
        return [row[0] for row in self._db.execute(query, (f"{folder}/", f"{folder}0"))]  # 0 is what follows /

    def keep_target(self, task: str, target: str, stamp: FileStamp, digest: bytes) -> None:
        """A task of many files wrote one of them."""
        with self._db.guard():
            self.put_target(task, target, stamp, digest)

    def claim(self, targets: Iterable[tuple[str, str]], output: Path) -> None:
        """Before they are written: a build that is killed between writing a file and committing it
        still knows that the file is its own. What stands there already is not."""
        database, self._claimed_in = self._db, output
        if database.connection.in_transaction:
            database.execute("commit")
        asked = list(targets)
        known = set[str]()
        for start in range(0, len(asked), _ASKED_AT_ONCE):
            paths = [path for path, _ in asked[start : start + _ASKED_AT_ONCE]]
            query = f"select path from target where path in ({','.join('?' * len(paths))})"  # noqa: S608
            known.update(row[0] for row in database.execute(query, paths))
        new = [(path, task) for path, task in asked if path not in known and not os.path.lexists(f"{output}/{path}")]
        if new:
            with self._db.guard():
                database.executemany(f"insert into target values (?,?,{_CLAIMED},x'')", new)  # noqa: S608

    def drop_claims(self) -> None:
        """The run is over: what was claimed and is not there is not ours. What is there was written by a run that was
        stopped before it could say so, this one or another, and stays known."""
        output = self._claimed_in
        if output is not None:
            self._db.begin()
            claimed = self._db.execute("select path from target where size < 0")
            gone = [row for row in claimed if not os.path.lexists(output / row[0])]
            self._db.executemany("delete from target where path = ?", gone)

    def adopt(self, written: Mapping[str, tuple[int, int]], tasks: Mapping[str, str]) -> None:
        """Take files over that a state wrote which is no more: size and modification time of each. `tasks` make some of
        them now."""
        rows = [(path, tasks.get(path, ""), size, mtime) for path, (size, mtime) in written.items()]
        with self._db.guard():
            self._db.executemany("insert or ignore into target values (?,?,?,?,0,0,x'')", rows)

    def owns(self, target: str) -> bool:
        """Whether a file of the output is the project's: it was written, or claimed by a run that was killed."""
        row = self._db.execute("select 1 from target where path = ?", (target,)).fetchone()
        return row is not None

    def drop_target(self, target: str) -> None:
        """A file of the output is gone."""
        with self._db.guard():
            self._db.execute("delete from target where path = ?", (target,))
        self._written[target] = None

    def target_is_intact(self, target: str, path: Path) -> bool:
        """Whether a file of the output is what was written: by stamp, else by content."""
        row = self._db.execute(
            "select size, mtime, ctime, inode, digest, task from target where path = ?", (target,)
        ).fetchone()
        if row is None:
            return False
        try:
            status = os.stat(path, follow_symlinks=False)
            if self.trusts_stamps and (status.st_size, status.st_mtime_ns) == (row[0], row[1]):
                return True
            if status.st_size != row[0] or digest_target(os.fspath(path))[1] != row[4]:
                return False
        except OSError:
            return False
        self.put_target(row[5], target, FileStamp.of(status), row[4])
        return True

    def target_stamps(self, before: Mapping[str, tuple[int, int]] | None = None) -> dict[str, tuple[int, int]]:
        """Size and modification time of every file that was written; `before` are those at the beginning of the run,
        if they are known."""
        if before is not None:
            found = {**before, **self._written}
            return {path: stamp for path, stamp in found.items() if stamp is not None}
        rows = self._db.execute("select path, size, mtime from target where size >= 0").in_parts()
        return {path: (size, mtime) for path, size, mtime in rows}
