"""Writing targets: whole, or not at all."""

import contextlib
import errno
import hashlib
import os
import posixpath
import stat
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from pipeline.builder.disk.sweep import FileStamp
from pipeline.errors import TargetError

PART_PREFIX = ".lesson-pipeline-"
"""Begins the name of a file that is being written; one that a killed build left is removed."""
DIGEST_BYTES = 16
_BLOCK_BYTES = 1 << 20


def digest_of(content: bytes) -> bytes:
    """A 16-byte BLAKE2b digest, by which contents are compared everywhere in the build."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


def digest_file(path: Path, head: bytes = b"") -> bytes:
    """The digest of a file of any size, behind a `head`; raises OSError."""
    digest = hashlib.blake2b(head, digest_size=DIGEST_BYTES)
    with open(path, "rb") as source:
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.digest()


def digest_target(path: str) -> tuple[os.stat_result, bytes]:
    """The status of a file of the output, taken before it is read, and its digest; raises OSError, also for a link, a
    pipe or the like."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FileExistsError(path)
        digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
        asked = read = min(status.st_size + 1, _BLOCK_BYTES)
        while read == asked:  # less is the end of a file
            block = os.read(descriptor, asked)
            read = len(block)
            digest.update(block)
        return status, digest.digest()
    finally:
        os.close(descriptor)


def write_target(output: Path, target: str, content: bytes) -> FileStamp:
    """Write a file of the site atomically: a reader sees the old one or the new one."""
    part, path = _part(output), f"{output}/{target}"
    _check_folders(output, target)
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
    with _begin(part) as stream:
        stream.write(content)
    os.replace(part, path)
    return FileStamp.of(os.stat(path))


def copy_target(blocks: Iterable[bytes], output: Path, target: str) -> tuple[FileStamp, bytes]:
    """Write a file of the site atomically, part by part; gives its stamp and digest. Raises `TargetError`, and what the
    `blocks` raise."""
    part, path = _part(output), output / target
    _check_folders(output, target)
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    try:
        os.makedirs(path.parent, exist_ok=True)
        with _begin(part) as copy:
            for block in blocks:
                digest.update(block)
                copy.write(block)
        os.replace(part, path)
        return FileStamp.of(os.stat(path)), digest.digest()
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise _cannot_write(error, output, target) from None
        raise


def remove_target(output: Path, target: str) -> None:
    """Delete a file of the site and the folders that are empty without it."""
    _check_folders(output, target)
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


def _check_folders(output: Path, target: str) -> None:
    """Raise `TargetError` if a folder of the output is a link: what is elsewhere is neither written nor deleted."""
    end = target.find("/")
    while end > 0:
        if os.path.islink(f"{output}/{target[:end]}"):
            raise TargetError(
                f"{output.name}/{target[:end]} is a symbolic link, which is not written through",
                hint="delete it; the output as a whole may be a link",
            )
        end = target.find("/", end + 1)


def _begin(part: Path) -> BinaryIO:
    """Open a part file anew: what stands under its name, such as a link, is not written through."""
    try:
        return open(part, "xb")
    except FileExistsError:
        part.unlink()
        return open(part, "xb")


def _part(output: Path) -> Path:
    """A name of its own for each process and thread that writes."""
    return output / f"{PART_PREFIX}{os.getpid()}-{threading.get_ident()}.part"


def remove_parts(output: Path) -> None:
    """Delete what a killed build was writing."""
    for part in output.glob(f"{PART_PREFIX}*.part"):
        with contextlib.suppress(OSError):  # a folder of that name is not ours
            part.unlink()


def _cannot_write(error: OSError, output: Path, target: str) -> TargetError:
    hints = {errno.ENOSPC: "free some space", errno.EROFS: "choose another output folder"}
    return TargetError(
        f"cannot write {output.name}/{target}: {error.strerror}",
        hint=hints.get(error.errno or 0, "check the permissions of the output folder") + "; the page is kept as it was",
    )
