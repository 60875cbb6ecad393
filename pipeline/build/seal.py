"""The seal of a finished build: what every file looked like when nothing was left to do.

When a run ends with every task up to date and no fault, the stamps of all that the build reads and
writes are digested and kept. The next run takes the stamps again, in one sweep of each folder: if
they give the same digest, no task can be stale and none is even made. One stamp differs, and every
task is asked as ever.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.build.fingerprint import PACKAGE_FOLDER, STAGES
from pipeline.build.location import Location

if TYPE_CHECKING:
    from pipeline.build.graph import Graph

SEAL_NAME = "seal"
# A file that changed less than this before it was stamped may change again without a new stamp
# (2 s is the coarsest clock of a file system in use, FAT).
RACY_NS = 2_000_000_000


def seal_path(location: Location) -> Path:
    """The file that holds the seal of a course."""
    return location.state_folder / SEAL_NAME


def is_sealed(location: Location) -> bool:
    """Whether nothing that a build reads or writes has changed since a build was finished."""
    try:
        kept = seal_path(location).read_bytes()
        return kept == digest_inputs(location) + digest_output(location.output)
    except OSError:
        return False


def break_seal(location: Location) -> None:
    """Something is about to be built."""
    with contextlib.suppress(OSError):
        seal_path(location).unlink()


def put_seal(location: Location, inputs: bytes, graph: Graph) -> None:
    """Seal a finished build, unless a file may yet change unseen.

    `inputs` is what `digest_inputs` gave when the run began: an edit since then breaks the seal.
    """
    if not inputs or not graph.targets_are_intact():
        return
    path = seal_path(location)
    part = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        part.write_bytes(inputs + digest_output(location.output))
        part.replace(path)


def digest_inputs(location: Location) -> bytes:
    """Digest of the stamps of content, templates and code, and of the versions of all packages.

    Empty when some file changed so recently that it may change again without a new stamp.
    """
    digest = hashlib.blake2b(digest_size=16)
    for package in sorted({name for code in STAGES.values() for name in code.packages}):
        with contextlib.suppress(metadata.PackageNotFoundError):
            digest.update(f"{package} {metadata.version(package)}\n".encode())
    digest.update(f"{sys.implementation.name} {sys.version}\n".encode())
    newest = 0
    for folder in (location.content, location.templates, PACKAGE_FOLDER):
        for line, changed in _stamps(os.fspath(folder), with_change_time=True):
            digest.update(line)
            newest = max(newest, changed)
    return b"" if newest > time.time_ns() - RACY_NS else digest.digest()


def digest_output(output: Path) -> bytes:
    """Digest of the sizes and times of every file in the output."""
    digest = hashlib.blake2b(digest_size=16)
    for line, _ in _stamps(os.fspath(output), with_change_time=False):
        digest.update(line)
    return digest.digest()


def _stamps(folder: str, *, with_change_time: bool) -> Iterator[tuple[bytes, int]]:
    """A line for each entry below `folder` in a fixed order, and when it changed last."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        with os.scandir(current) as listing:
            entries = sorted(listing, key=_name_of)
        for entry in entries:
            if entry.name == "__pycache__":
                continue
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                waiting.append(entry.path)
                yield os.fsencode(f"{entry.path[len(folder) :]}/\n"), 0
                continue
            if stat.S_ISLNK(status.st_mode):
                with contextlib.suppress(OSError):
                    status = os.stat(entry.path)
                if stat.S_ISDIR(status.st_mode):
                    # What a link leads to is not swept here: such a course is asked as ever.
                    yield os.fsencode(f"{entry.path}\0{time.time_ns()}\n"), sys.maxsize
                    continue
            changed = max(status.st_ctime_ns, status.st_mtime_ns)
            more = f"\0{status.st_ctime_ns}\0{status.st_ino}" if with_change_time else ""
            yield (
                os.fsencode(f"{entry.path[len(folder) :]}\0{status.st_size}\0{status.st_mtime_ns}{more}\n"),
                changed,
            )


def _name_of(entry: os.DirEntry[str]) -> str:
    return entry.name
