"""Reading sources and writing targets: whole, or not at all."""

import contextlib
import errno
import hashlib
import os
import posixpath
import shutil
import threading
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.disk.sweep import FileStamp
from pipeline.errors import SourceError, TargetError

PART_PREFIX = ".lesson-pipeline-"
"""Begins the name of a file that is being written; one that a killed build left is removed."""
DIGEST_BYTES = 16


class SourceBytes(NamedTuple):
    """The bytes of a source with the stamp they had when they were read."""

    content: bytes
    stamp: FileStamp
    digest: bytes


def digest_of(content: bytes) -> bytes:
    """A 16-byte BLAKE2b digest, by which contents are compared everywhere in the build."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


def read_source(path: Path, *, limit: int | None = None) -> SourceBytes:
    """Read a source once; raises `SourceError` if it is gone, unreadable or above `limit` bytes.

    The stamp is taken from the open file before it is read: an edit that comes later gives the
    file another stamp, and so makes it stale on the next run.
    """
    try:
        with open(path, "rb") as source:
            status = os.fstat(source.fileno())
            if limit is not None and status.st_size > limit:
                raise SourceError(
                    f"a lesson of {status.st_size / 1e6:.1f} MB; the limit is {limit / 1e6:.0f} MB",
                    hint="split it, or give a data file another ending than .md",
                )
            content = source.read()
    except FileNotFoundError:
        raise SourceError("the file vanished while it was being read", hint="run doit again") from None
    except OSError as error:
        raise SourceError(
            f"cannot read this file: {error.strerror}",
            hint="check its permissions; its page is kept as it was",
        ) from None
    return SourceBytes(content, FileStamp.of(status), digest_of(content))


def digest_file(path: Path) -> bytes:
    """The digest of a file of any size; raises OSError."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with open(path, "rb") as source:
        while block := source.read(1 << 20):
            digest.update(block)
    return digest.digest()


def write_target(output: Path, target: str, content: bytes) -> FileStamp:
    """Write a file of the site atomically: a reader sees the old one or the new one."""
    part, path = _part(output), f"{output}/{target}"
    try:
        try:
            return _put(part, path, content)
        except FileNotFoundError:  # the first file of its folder
            os.makedirs(posixpath.dirname(path), exist_ok=True)
            return _put(part, path, content)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise _cannot_write(error, output, target) from None


def _put(part: Path, path: str, content: bytes) -> FileStamp:
    with open(part, "wb") as stream:
        stream.write(content)
    os.replace(part, path)
    return FileStamp.of(os.stat(path))


def copy_target(source: Path, output: Path, target: str) -> tuple[FileStamp, FileStamp, bytes]:
    """Copy a file into the site atomically; gives both stamps and the digest of what was copied."""
    part = _part(output)
    path = output / target
    try:
        stream = open(source, "rb")  # noqa: SIM115  (its errors are the source's, not the target's)
    except FileNotFoundError:
        raise SourceError("the file vanished while it was being read", hint="run doit again") from None
    except OSError as error:
        raise SourceError(f"cannot read this file: {error.strerror}") from None
    with stream:
        stamp = FileStamp.of(os.fstat(stream.fileno()))
        try:
            os.makedirs(path.parent, exist_ok=True)
            with open(part, "wb") as copy:
                shutil.copyfileobj(stream, copy, 1 << 20)
            digest = digest_file(part)
            os.replace(part, path)
            return stamp, FileStamp.of(os.stat(path)), digest
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink()
            raise _cannot_write(error, output, target) from None


def remove_target(output: Path, target: str) -> None:
    """Delete a file of the site and the folders that are empty without it."""
    try:
        (output / target).unlink(missing_ok=True)
    except (NotADirectoryError, IsADirectoryError):
        return
    except OSError as error:
        raise TargetError(
            f"cannot delete {output.name}/{target}: {error.strerror}", hint="check its permissions"
        ) from None
    folder = posixpath.dirname(target)
    while folder:
        try:
            (output / folder).rmdir()
        except OSError:
            return
        folder = posixpath.dirname(folder)


def _part(output: Path) -> Path:
    """A name of its own for each process and thread that writes."""
    return output / f"{PART_PREFIX}{os.getpid()}-{threading.get_ident()}.part"


def remove_parts(output: Path) -> None:
    """Delete what a killed build was writing."""
    for part in output.glob(f"{PART_PREFIX}*.part"):
        part.unlink(missing_ok=True)


def _cannot_write(error: OSError, output: Path, target: str) -> TargetError:
    hints = {errno.ENOSPC: "free some space", errno.EROFS: "choose another output folder"}
    return TargetError(
        f"cannot write {output.name}/{target}: {error.strerror}",
        hint=hints.get(error.errno or 0, "check the permissions of the output folder") + "; the page is kept as it was",
    )
