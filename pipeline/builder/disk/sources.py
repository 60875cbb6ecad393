"""content folder and a path in it -> an open file: the one way in which the build reads what a course brings.

What is there may have been swapped since the folder was swept: a pipe would be waited for until somebody kills the
build, a device never ends, a link leads to what is not the course's to publish. So a file is opened without waiting and
without following links, and looked at once it is open. A link that stays inside the course is followed, as ever.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.builder.disk.files import DIGEST_BYTES, digest_of
from pipeline.builder.disk.sweep import LEAVES_COURSE, NOT_A_FILE, FileStamp
from pipeline.errors import SourceError
from pipeline.paths import is_lesson


class Limit(NamedTuple):
    """How large a file may be."""

    size: int
    what: str
    hint: str


FILE_LIMIT = Limit(500_000_000, "a file", "put it elsewhere and link to it")
"""A sparse file of 2 GB, which takes a contributor nothing, took two minutes and the space."""
LESSON_LIMIT = Limit(5_000_000, "a lesson", "split it, or give a data file another ending than .md")
"""The longest lesson of the real course has 60 KB; Python-Markdown takes 15 s for 5 MB."""
PART_LIMIT = Limit(1_000_000, "a part", "divide it")
"""Of a lesson: it is repaired as a whole for each lesson that names a few lines of it."""
ABOUT_LIMIT = Limit(5_000_000, "a file about a course", "shorten it")
"""Of `course.toml` and those beside it."""

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_BLOCK_BYTES = 1 << 20


class SourceBytes(NamedTuple):
    """The bytes of a source with the stamp they had when they were read."""

    content: bytes
    stamp: FileStamp
    digest: bytes


class Source:
    """A regular file inside the course, open for reading."""

    def __init__(self, stream: BinaryIO, limit: Limit) -> None:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(NOT_A_FILE)
        self.stamp = FileStamp.of(status)
        """Taken before anything is read: an edit that comes later gives the file another one, and so makes it stale."""
        self._stream, self._limit = stream, limit
        self._check(status.st_size)

    def blocks(self) -> Iterator[bytes]:
        """What is in it. Raises `SourceError` when it has grown above the limit, OSError when it cannot be read."""
        read = 0
        while block := self._stream.read(_BLOCK_BYTES):
            read += len(block)
            self._check(read)
            yield block

    def _check(self, size: int) -> None:
        most, what, hint = self._limit
        if size > most:
            raise SourceError(f"{what} of {size / 1e6:.1f} MB; the limit is {most / 1e6:.0f} MB", hint=hint)


@contextlib.contextmanager
def open_source(content: Path, path: str, limit: Limit = FILE_LIMIT) -> Iterator[Source]:
    """Open a file of a course. Raises `SourceError` if it is gone, unreadable, too large, no regular file, or not
    inside the course."""
    try:
        with open(_open_inside(os.fspath(content), path), "rb", buffering=0) as stream:
            yield Source(stream, limit)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError("the file vanished while it was being read", hint="build again") from None
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENODEV):
            raise SourceError(NOT_A_FILE) from None
        raise SourceError(
            f"cannot read this file: {error.strerror}",
            hint="check its permissions; its page is kept as it was",
        ) from None


def limit_of(path: str) -> Limit:
    """How large a file of a course may be, by its name."""
    return LESSON_LIMIT if is_lesson(path) else FILE_LIMIT


def read_source(content: Path, path: str, limit: Limit = LESSON_LIMIT) -> SourceBytes:
    """Read a source once; raises `SourceError`."""
    with open_source(content, path, limit) as source:
        read = b"".join(source.blocks())
        return SourceBytes(read, source.stamp, digest_of(read))


def digest_source(content: Path, path: str, limit: Limit) -> tuple[FileStamp, bytes]:
    """The stamp of a file of a course, taken before it is read, and its digest; raises `SourceError`."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with open_source(content, path, limit) as source:
        for block in source.blocks():
            digest.update(block)
        return source.stamp, digest.digest()


def _open_inside(root: str, path: str) -> int:
    try:
        return _open_below(root, path)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
            raise
    # A link is on the way: where it leads is opened without following any.
    root = os.path.realpath(root)
    real = os.path.realpath(os.path.join(root, path), strict=True)
    if not real.startswith(root + os.sep):
        raise SourceError(LEAVES_COURSE)
    return _open_below(root, os.path.relpath(real, root))


def _open_below(root: str, path: str) -> int:
    """A descriptor of the file. Each folder is opened in the one above: none can be swapped for a link meanwhile."""
    *folders, name = path.split("/")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            inner = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, _FLAGS, dir_fd=folder)
    finally:
        os.close(folder)
