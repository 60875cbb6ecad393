"""content folder -> Tree: every lesson and file of a course, in one walk."""

import contextlib
import errno
import fnmatch
import os
import posixpath
import re
import stat
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from pipeline.errors import Diagnostic
from pipeline.paths import NOJEKYLL_NAME, WELL_KNOWN, is_lesson, nfc
from pipeline.patterns import lazy_pattern
from pipeline.settings import COURSE_FILES

RACY_NS = 2_000_000_000
"""A file changed less than this before it was read may change again and keep its time stamp: 2 s is
the coarsest clock of a file system in use (FAT). It is looked at once more on the next run."""

MAX_DEPTH = 100
"""Folders in one another: a thousand of them stopped the build."""
MAX_LINKED = 20_000
"""What links to folders may bring into a course besides what is in it: thirty folders with two links to the next one
would bring a thousand million."""

LEAVES_COURSE = "symbolic link that leaves the course"
NOT_A_FILE = "not a file: a pipe, socket or device"

_CONTROL_RE = lazy_pattern(r"[\x00-\x1f\x7f]")


class FileStamp(NamedTuple):
    """What the file system says of a file; equal stamps mean the same content.

    Size and inode catch what a clock that stands still hides, the change time catches an edit
    whose modification time was set back.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def is_settled(changed_ns: int) -> bool:
    """Whether a file that changed then cannot change again without another time stamp."""
    return changed_ns <= time.time_ns() - RACY_NS


class Tree:
    """What a content folder holds. Paths are relative to it."""

    def __init__(self, lessons: Mapping[str, FileStamp], assets: Mapping[str, FileStamp]) -> None:
        self.lessons = lessons
        self.assets = assets
        self.problems: list[tuple[str, Diagnostic]] = []
        """Paths that cannot be built, and why."""
        self.unreadable: list[str] = []
        """Folders that were not listed, or whose files could not be looked at: what is in them is unknown, not gone."""


def sweep_content(content: Path, ignore: tuple[str, ...]) -> Tree:
    """Walk through `content`, following links that stay inside it; nothing is opened."""
    root = os.path.realpath(content)
    walk = _Walk(root, _ignorer(ignore))
    walk.folder(os.fspath(content), "", (root,))
    return walk.tree


class _Walk:
    def __init__(self, root: str, ignored: Callable[[str, str], bool]) -> None:
        self._lessons: dict[str, FileStamp] = {}
        self._assets: dict[str, FileStamp] = {}
        self.tree = Tree(self._lessons, self._assets)
        self._root = root
        self._ignored = ignored
        self._linked = 0

    def folder(self, folder: str, prefix: str, chain: tuple[str, ...], *, is_linked: bool = False) -> None:
        """One folder; `chain` is the real path of each folder above it, to notice a loop."""
        if len(chain) > MAX_DEPTH:
            self.tree.unreadable.append(prefix)
            self._refuse(prefix, f"folders nested more than {MAX_DEPTH} deep", "move it up")
            return
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self.tree.unreadable.append(prefix)
            self.tree.problems.append((prefix or ".", _unreadable(error, "folder")))
            return
        for entry in entries:
            path = posixpath.join(prefix, entry.name)
            self._linked += is_linked
            if is_linked and self._linked > MAX_LINKED:
                self.tree.unreadable.append(prefix)
                if self._linked == MAX_LINKED + 1:
                    many = f"symbolic links to folders bring more than {MAX_LINKED:,} files into the course"
                    self._refuse(prefix, many, "have fewer of them, or copies; what is above that is left out")
                return
            if self._ignored(entry.name, path) or path in (*COURSE_FILES, NOJEKYLL_NAME):
                continue
            problem = _check_name(entry.name)
            if problem:
                self.tree.problems.append((path, problem))
                continue
            try:
                if entry.is_symlink():
                    self._follow(entry, path, chain)
                elif entry.is_dir(follow_symlinks=False):
                    inner = (*chain, posixpath.join(chain[-1], entry.name))
                    self.folder(entry.path, path, inner, is_linked=is_linked)
                else:
                    self._add_file(path, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue  # deleted since the folder was listed
            except OSError as error:
                if prefix not in self.tree.unreadable:
                    self.tree.unreadable.append(prefix)
                self.tree.problems.append((path, _unreadable(error, "file")))

    def _follow(self, entry: os.DirEntry[str], path: str, chain: tuple[str, ...]) -> None:
        """A symbolic link: taken if it stays inside the course and does not lead into itself."""
        try:
            real = os.path.realpath(entry.path, strict=True)
        except OSError as error:
            loop = error.errno == errno.ELOOP
            message = "symbolic link that leads to itself" if loop else "symbolic link to nothing"
            self._refuse(path, message, "delete it")
            return
        if real != self._root and not real.startswith(self._root + os.sep):
            self._refuse(path, LEAVES_COURSE, "copy what it leads to into the content folder")
        elif not os.path.isdir(real):
            self._add_file(path, os.stat(real))
        elif any(real == step or step.startswith(real + os.sep) for step in chain):
            self._refuse(path, "symbolic link to a folder it is in: a loop", "delete it")
        else:
            self.folder(entry.path, path, (*chain, real), is_linked=True)

    def _add_file(self, path: str, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            self.tree.problems.append((path, Diagnostic(NOT_A_FILE, severity="error", code="refused-file")))
            return
        group = self._lessons if is_lesson(path) else self._assets
        group[path] = FileStamp.of(status)

    def _refuse(self, path: str, message: str, hint: str) -> None:
        self.tree.problems.append((path, Diagnostic(message, hint=hint, severity="error", code="refused-file")))


def _check_name(name: str) -> Diagnostic | None:
    hint = "rename it"
    if _CONTROL_RE.search(name):
        return Diagnostic("file name with a control character", hint=hint, severity="error", code="refused-file")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return Diagnostic("file name that is not UTF-8", hint=hint, severity="error", code="refused-file")
    return None


def _unreadable(error: OSError, what: str) -> Diagnostic:
    return Diagnostic(
        f"cannot read this {what}: {error.strerror}",
        hint="check its permissions; what was built from it is kept",
        severity="error",
        code="unreadable-file",
    )


@cache
def _ignorer(patterns: tuple[str, ...]) -> Callable[[str, str], bool]:
    names = [fnmatch.translate(nfc(pattern)) for pattern in patterns if "/" not in pattern]
    paths = [fnmatch.translate(nfc(pattern.strip("/"))) for pattern in patterns if "/" in pattern]
    name_re = re.compile("|".join(names) or r"(?!)")
    path_re = re.compile("|".join(paths) or r"(?!)")
    taken = "" if WELL_KNOWN in patterns else WELL_KNOWN
    return lambda name, path: path != taken and bool(name_re.match(nfc(name)) or path_re.match(nfc(path)))


def is_left_out(content: Path, path: str, ignore: tuple[str, ...]) -> bool:
    """Whether a file or folder is there, which `ignore` leaves out by its own name or that of a folder it is in."""
    parts = path.split("/")
    ignored = _ignorer(ignore)
    found = any(ignored(name, "/".join(parts[: number + 1])) for number, name in enumerate(parts))
    return found and os.path.exists(content / path)


def walk(top: str, without: str = "") -> list[tuple[str, os.stat_result]]:
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
