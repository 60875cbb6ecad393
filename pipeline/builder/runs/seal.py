"""The seal of a finished build: what every file looked like when nothing was left to do.

When a run ends with every task asked, the stamps of all that the build reads and writes are kept, with
its plan. The next run takes the stamps again, in one sweep of each folder. The same: no task can be
stale and none is even made. Only lessons, files or pages differ: the tasks are those that the difference
can reach (`partial.py`). Anything else: every task is asked.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.course.fingerprint import PACKAGE_FOLDER, installed_versions
from pipeline.builder.course.plan import Plan
from pipeline.builder.disk.files import DIGEST_BYTES, digest_of
from pipeline.builder.disk.history import log_stamp
from pipeline.builder.disk.location import Location
from pipeline.builder.disk.sweep import is_settled
from pipeline.settings import COURSE_FILES, REDIRECTS_NAME, SETTINGS_NAME

SEAL_NAME = "seal"

Stamp = tuple[int, int, int, int]
"""Size, modification time, change time, inode."""


class Sweep(NamedTuple):
    """What is on the disk when a run begins."""

    rest: bytes
    """Digest of everything but the lessons and files: code, templates, settings, versions."""
    content: dict[str, Stamp | None]
    """Stamp of each file of the content folder; None if it changed so recently that it may change
    again without another stamp."""


class Seal(NamedTuple):
    """What was on the disk when a build had nothing left to do."""

    rest: bytes
    content: dict[str, Stamp | None]
    output: dict[str, tuple[int, int]]
    """Size and modification time of each file that the build wrote."""
    plan: Plan
    is_sound: bool
    """False when a fault was told: what failed is tried again."""
    mark: str
    """What the state was marked with: one without it is another, or an older one."""


class Difference(NamedTuple):
    """What has changed since a seal was put, besides the content of files that it names."""

    seal: Seal
    edited: list[str]
    """Files of the content folder whose stamp is another one."""
    is_same_tree: bool
    """Whether the same files are in the content folder."""
    spoiled: list[str]
    """Targets that are gone, or not what was written."""

    @property
    def is_none(self) -> bool:
        """Whether nothing is left to do."""
        return self.seal.is_sound and self.is_same_tree and not self.edited and not self.spoiled


def read_seal(location: Location, sweep: Sweep | None) -> Difference | None:
    """What has changed since the last finished build; None if that cannot be told."""
    kept = _load(location) if sweep is not None else None
    if sweep is None or kept is None or kept.rest != sweep.rest:
        return None
    old, new = kept.content, sweep.content
    spoiled = []
    if kept.output:
        now = sweep_output(location.output)
        if now != kept.output:
            spoiled = [target for target, stamp in kept.output.items() if now.get(target) != stamp]
    if old == new and None not in new.values():
        return Difference(kept, [], is_same_tree=True, spoiled=spoiled)
    edited = [path for path, stamp in new.items() if stamp is None or old.get(path) != stamp]
    return Difference(kept, edited, is_same_tree=old.keys() == new.keys(), spoiled=spoiled)


def break_seal(state_folder: Path) -> None:
    """Something is about to be built: should it be interrupted, anything may have changed."""
    with contextlib.suppress(OSError):
        (state_folder / SEAL_NAME).unlink()


def put_seal(location: Location, seal: Seal) -> None:
    """Keep a seal. Its stamps are those of the beginning of the run: an edit since then shows."""
    plan = tuple(getattr(seal.plan, name) for name in Plan.KEPT)
    kept = marshal.dumps((seal.rest, seal.content, seal.output, plan, seal.is_sound, seal.mark))
    path = location.state_folder / SEAL_NAME
    part = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        part.write_bytes(digest_of(kept) + kept)
        part.replace(path)


def _load(location: Location) -> Seal | None:
    try:
        kept = (location.state_folder / SEAL_NAME).read_bytes()
    except OSError:
        return None
    if kept[:DIGEST_BYTES] != digest_of(kept[DIGEST_BYTES:]):
        return None
    # `marshal` is as quick as reading can be, and the digest says that these are our own bytes. Another
    # Python may read them otherwise: its version is a part of `rest`, which comes first.
    try:
        rest, content, output, plan, is_sound, mark = marshal.loads(memoryview(kept)[DIGEST_BYTES:])
        return Seal(rest, content, output, Plan(**dict(zip(Plan.KEPT, plan, strict=True))), is_sound, mark)
    except (ValueError, TypeError, EOFError):
        return None  # another version of this program wrote it


def take_sweep(location: Location) -> Sweep | None:
    """What is on the disk now; None if that cannot be told, or if the code has just changed."""
    lines: list[str] = []
    newest = 0
    try:
        lines += map(" ".join, installed_versions().items())
        lines.append(f"{sys.implementation.name} {sys.version}")
        for folder in (*location.template_folders, PACKAGE_FOLDER):
            if not folder.is_dir():
                continue  # a course need not have templates of its own
            for path, status in sorted(_walk(os.fspath(folder), without="__pycache__")):
                if stat.S_ISDIR(status.st_mode):
                    return None  # a link to a folder is not followed here
                lines.append(f"{path} {_stamp(status)}")
                newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
        for name in COURSE_FILES:
            if name == REDIRECTS_NAME:
                continue  # one task reads it, which is asked in any run
            with contextlib.suppress(FileNotFoundError):
                status = (location.content / name).stat()
                lines.append(f"{name} {_stamp(status)}")
                newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
                if name == SETTINGS_NAME and "last_updated" in (location.content / name).read_text("utf-8", "replace"):
                    commits = log_stamp(location.content)
                    if commits is None:
                        return None
                    lines.append(commits)
        content: dict[str, Stamp | None] = {}
        for path, status in _walk(os.fspath(location.content)):
            if not stat.S_ISREG(status.st_mode):
                return None  # a link to a folder is not followed here: such a course is asked as ever
            changed = max(status.st_mtime_ns, status.st_ctime_ns)
            content[path] = _stamp(status) if is_settled(changed) else None
    except OSError:
        return None
    if not is_settled(newest):
        return None
    return Sweep(digest_of("\n".join(lines).encode("utf-8", "surrogateescape")), content)


def sweep_output(output: Path) -> dict[str, tuple[int, int]]:
    """Size and modification time of every file in the output."""
    try:
        return {path: (status.st_size, status.st_mtime_ns) for path, status in _walk(os.fspath(output))}
    except OSError:
        return {}


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _walk(top: str, without: str = "") -> list[tuple[str, os.stat_result]]:
    """Every file below a folder by its path from there, in any order. Links to files are followed, links
    to folders are given as they are."""
    found = []
    waiting = [(top, "")]
    while waiting:
        folder, prefix = waiting.pop()
        with os.scandir(folder) as listing:
            for entry in listing:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if name != without:
                        waiting.append((entry.path, f"{prefix}{name}/"))
                    continue
                status = entry.stat(follow_symlinks=False)
                if entry.is_symlink():
                    with contextlib.suppress(OSError):
                        status = os.stat(entry.path)
                found.append((prefix + name, status))
    return found
