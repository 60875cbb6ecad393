"""The seal of a finished build: what every file looked like when nothing was left to do.

When a run ends with every task up to date and no fault, the stamps of all that the build reads and
writes are digested and kept. The next run takes the stamps again, in one sweep of each folder: if
they give the same digest, no task can be stale and none is even made. If only lessons differ, the
tasks are those that these lessons can reach (`partial.py`); otherwise every task is asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.builder.files import DIGEST_BYTES
from pipeline.builder.fingerprint import PACKAGE_FOLDER, STAGES
from pipeline.builder.location import Location
from pipeline.builder.sweep import FileStamp, is_settled
from pipeline.settings import COURSE_FILES

if TYPE_CHECKING:
    from pipeline.builder.graph import Graph

SEAL_NAME = "seal"


def seal_path(location: Location) -> Path:
    """The file that holds the seal of a course."""
    return location.state_folder / SEAL_NAME


@dataclass(frozen=True, slots=True)
class Stamps:
    """Digests of what a build reads, taken when a run begins."""

    rest: bytes
    """Everything but the lessons and files: code, templates, settings, versions."""
    content: bytes
    settled: bool
    """False when some file changed so recently that it may change again without a new stamp."""


class Standing(Enum):
    """What a seal says of a course."""

    FINISHED = "nothing has changed"
    CONTENT = "nothing but lessons or files has changed"
    UNKNOWN = "anything may have changed"


def read_seal(location: Location, stamps: Stamps | None) -> Standing:
    """What has changed since the last finished build."""
    if stamps is None:
        return Standing.UNKNOWN
    try:
        kept = seal_path(location).read_bytes()
        if kept[:DIGEST_BYTES] != stamps.rest or kept[-DIGEST_BYTES:] != digest_output(location.output):
            return Standing.UNKNOWN
    except OSError:
        return Standing.UNKNOWN
    same = stamps.settled and kept[DIGEST_BYTES:-DIGEST_BYTES] == stamps.content
    return Standing.FINISHED if same else Standing.CONTENT


def break_seal(location: Location) -> None:
    """Something is about to be built: should it be interrupted, anything may have changed."""
    with contextlib.suppress(OSError):
        seal_path(location).unlink()


def put_seal(location: Location, stamps: Stamps | None, graph: Graph) -> None:
    """Seal a finished build. `stamps` are those of the beginning: an edit since then shows."""
    if stamps is None or not graph.targets_are_intact():
        return
    path = seal_path(location)
    part = path.with_suffix(".part")
    content = stamps.content if stamps.settled else bytes(DIGEST_BYTES)
    with contextlib.suppress(OSError):
        part.write_bytes(stamps.rest + content + digest_output(location.output))
        part.replace(path)


def take_stamps(location: Location) -> Stamps | None:
    """The stamps of all that a build reads; None if a folder cannot be listed."""
    try:
        rest = _Digest()
        for package in sorted({name for code in STAGES.values() for name in code.packages}):
            with contextlib.suppress(metadata.PackageNotFoundError):
                rest.add(f"{package} {metadata.version(package)}\n".encode(), 0)
        rest.add(f"{sys.implementation.name} {sys.version}\n".encode(), 0)
        for folder in (*location.template_folders, PACKAGE_FOLDER):
            if not folder.is_dir():
                continue  # a course need not have templates of its own
            for line, changed in _stamps(os.fspath(folder), with_change_time=True):
                rest.add(line, changed)
        for name in COURSE_FILES:
            with contextlib.suppress(FileNotFoundError):
                status = (location.content / name).stat()
                rest.add(f"{name} {FileStamp.of(status)}\n".encode(), status.st_ctime_ns)
        content = _Digest()
        for line, changed in _stamps(os.fspath(location.content), with_change_time=True):
            content.add(line, changed)
    except OSError:
        return None
    if not rest.is_settled:
        return None
    return Stamps(rest.digest(), content.digest(), content.is_settled)


def digest_output(output: Path) -> bytes:
    """Digest of the sizes and times of every file in the output."""
    digest = _Digest()
    for line, _ in _stamps(os.fspath(output), with_change_time=False):
        digest.add(line, 0)
    return digest.digest()


class _Digest:
    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=DIGEST_BYTES)
        self._newest = 0

    def add(self, line: bytes, changed_ns: int) -> None:
        self._hash.update(line)
        self._newest = max(self._newest, changed_ns)

    @property
    def is_settled(self) -> bool:
        return is_settled(self._newest)

    def digest(self) -> bytes:
        return self._hash.digest()


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
