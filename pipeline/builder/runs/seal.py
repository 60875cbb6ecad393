"""The seal of a finished build: what every file looked like when nothing was left to do.

When a run ends with every task asked, the stamps of all that the build reads and writes are kept, with
its plan. The next run takes the stamps again, in one sweep of each folder. The same: no task can be
stale and none is even made. Only lessons, files or pages differ: the tasks are those that the difference
can reach (`partial.py`). Anything else: contents are compared in place of stamps (`moved.py`), for on another
machine no file has the stamp it had; where code, templates or settings say something else, every task is asked.
"""

import contextlib
import marshal
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from zlib import ZLIB_RUNTIME_VERSION

from pipeline.builder.course.fingerprint import PACKAGE_FOLDER, every_version
from pipeline.builder.course.plan import Plan
from pipeline.builder.disk.files import DIGEST_BYTES, digest_of
from pipeline.builder.disk.history import log_stamp
from pipeline.builder.disk.location import TEMPLATES_FOLDER, Location
from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.disk.sources import ABOUT_LIMIT, read_source
from pipeline.builder.disk.sweep import is_settled, walk
from pipeline.errors import SourceError
from pipeline.patterns import lazy_pattern
from pipeline.settings import COURSE_FILES, REDIRECTS_NAME, SETTINGS_NAME

_PACKAGE_RE = lazy_pattern(r"^\s*+(?:from|import)\s++(\w+)|[\"'](\w+)(?:\.\w+)*+:\w", re.M)
"""A package that code imports, or that a row of the task definitions names: `"words.stage:Words"`."""
SEAL_NAME = "seal"
BROKEN_NAME = "seal.broken"
_RENAMES = ""
"""Stands for the note of renames in a seal that is kept, which names no place of this machine."""

Stamp = tuple[int, int, int, int]
"""Size, modification time, change time, inode."""


class Sweep(NamedTuple):
    """What is on the disk when a run begins."""

    rest: bytes
    """Digest of the stamps of everything but the lessons and files: code, templates, settings; and of versions."""
    is_settled: bool
    """Whether none of that changed so recently that it may change again without another stamp."""
    content: dict[str, Stamp | None]
    """Stamp of each file of the content folder, and of the note of renames; None if it changed that recently."""
    commits: str = ""
    """What git's log looked like; `""` where the course wants no dates of it."""


class Seal(NamedTuple):
    """What was on the disk when a build had nothing left to do."""

    rest: bytes
    """Empty if it was not settled: then it is the rest of no sweep."""
    content: dict[str, Stamp | None]
    output: dict[str, tuple[int, int]]
    """Size and modification time of each file that the build wrote."""
    plan: Plan
    is_sound: bool
    """False when a fault was told: what failed is tried again."""
    mark: str
    """What the state was marked with: one without it is another, or an older one."""
    code: tuple[dict[str, bytes], dict[str, bytes]]
    """`Fingerprints.known`: all that they are digests of is in `rest`."""
    contents: bytes
    """Digest of what the files in `rest` said, and of the same versions; empty if that is not known."""
    commits: str
    """As in `Sweep`."""
    dates: dict[str, str]
    """When each lesson was changed last, by git; empty where nobody wants to know."""


class Difference:
    """What has changed since a seal was put, besides the content of files that it names."""

    def __init__(self, seal: Seal, content: dict[str, Stamp | None], output: OutputCheck) -> None:
        self.seal = seal
        self.edited: list[str] = []
        """Files of the content folder whose stamp is another one."""
        self.is_same_tree = True
        """Whether the same files are in the content folder."""
        self.redated = frozenset[str]()
        """Lessons that git gives other dates than then."""
        self._output = output
        old = seal.content
        if old != content or None in content.values():
            self.edited = [path for path, stamp in content.items() if stamp is None or old.get(path) != stamp]
            self.is_same_tree = old.keys() == content.keys()

    @property
    def edited_lessons(self) -> set[str]:
        """Those of the edited files that were lessons then."""
        return set(self.edited).intersection(self.seal.plan.lessons) if self.edited else set()

    @property
    def spoiled(self) -> list[str]:
        """Targets that are gone, or not what was written."""
        return self._output.spoiled

    @property
    def is_none(self) -> bool:
        """Whether nothing is left to do."""
        is_same = self.is_same_tree and not self.edited and not self.redated
        return self.seal.is_sound and is_same and not self.spoiled


def read_seal(
    location: Location, take: Callable[[], Sweep | None], compare: Callable[[Seal, Sweep], Difference | None]
) -> Difference | None:
    """What has changed since the last finished build, given how to take a sweep now, and how to compare contents where
    stamps say too little; None if that cannot be told."""
    kept = load_seal(location)
    sweep = take() if kept is not None else None
    if kept is None or sweep is None:
        return None
    if not sweep.is_settled or kept.rest != sweep.rest:
        return compare(kept, sweep)
    return Difference(kept, sweep.content, OutputCheck(location.output, kept.output))


def sweep_again(location: Location, before: Sweep, changed: Iterable[str]) -> Sweep | None:
    """What is on the disk, when it is known which files of the content folder have changed since it was looked at;
    None if they are not all lessons or files."""
    content = dict(before.content)
    for path in changed:
        if path in COURSE_FILES:
            return None
        try:
            status = os.lstat(location.content / path)
        except FileNotFoundError:
            if content.pop(path, None) is None:
                return None  # it may have been a folder
            continue
        if not stat.S_ISREG(status.st_mode):
            return None
        content[path] = _settled_stamp(status)
    return before._replace(content=content)


def break_seal(state_folder: Path) -> None:
    """Something is about to be built: should it be interrupted, anything may have changed. What was written until now
    stays known, for a state that is lost meanwhile."""
    with contextlib.suppress(OSError):
        (state_folder / SEAL_NAME).replace(state_folder / BROKEN_NAME)


def put_seal(location: Location, seal: Seal) -> None:
    """Keep a seal. Its stamps are those of the beginning of the run: an edit since then shows."""
    plan = tuple(getattr(seal.plan, name) for name in Plan.KEPT)
    content = _rename(seal.content, location.renames_path, _RENAMES)
    kept = marshal.dumps((seal.rest, content, seal.output, plan, *seal[4:]))
    path = location.state_folder / SEAL_NAME
    part = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        with part.open("wb") as file:
            file.write(digest_of(kept))
            file.write(kept)
        part.replace(path)


def load_seal(location: Location, name: str = SEAL_NAME) -> Seal | None:
    """The seal of the last finished build, if there is one; with `BROKEN_NAME` the last that was broken."""
    try:
        kept = (location.state_folder / name).read_bytes()
    except OSError:
        return None
    if kept[:DIGEST_BYTES] != digest_of(kept[DIGEST_BYTES:]):
        return None
    # `marshal` is as quick as reading can be, and the digest says that these are our own bytes. Another
    # Python may read them otherwise: its version is a part of `rest`, which comes first.
    try:
        rest, content, output, plan, *others = marshal.loads(memoryview(kept)[DIGEST_BYTES:])
        return Seal(rest, _rename(content, _RENAMES, location.renames_path), output, Plan.of_kept(plan), *others)
    except (ValueError, TypeError, EOFError):
        return None  # another version of this program wrote it


def _rename(content: dict[str, Stamp | None], old: str, new: str) -> dict[str, Stamp | None]:
    if old not in content:
        return content
    content = dict(content)
    content[new] = content.pop(old)
    return content


def take_sweep(location: Location) -> Sweep | None:
    """What is on the disk now; None if that cannot be told."""
    try:
        rest, is_rest_settled = stamp_rest(location)
        content: dict[str, Stamp | None] = {}
        renames = location.renames_path  # one task reads it, as redirects.toml
        with contextlib.suppress(FileNotFoundError):
            content[renames] = _settled_stamp(os.stat(renames))
        for path, status in walk(os.fspath(location.content)):
            if not stat.S_ISREG(status.st_mode):
                return None  # a link to a folder is not followed here: such a course is asked as ever
            content[path] = _settled_stamp(status)
        commits = _stamp_commits(location)
    except (OSError, SourceError):
        return None
    return None if commits is None else Sweep(rest, is_rest_settled, content, commits)


def _stamp_commits(location: Location) -> str | None:
    """What git's log looks like, if the course wants dates of it; None if it keeps none."""
    if not os.path.lexists(location.content / SETTINGS_NAME):
        return ""
    settings = read_source(location.content, SETTINGS_NAME, ABOUT_LIMIT).content
    return log_stamp(location.content) if b"last_updated" in settings else ""


def stamp_rest(location: Location) -> tuple[bytes, bool]:
    """What a sweep says of everything but the lessons and files. Raises OSError and `SourceError`."""
    newest = 0

    def describe(folder: Path, path: str, status: os.stat_result) -> str:
        nonlocal newest
        newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
        return str(_stamp(status))

    digest = digest_rest(location, describe)
    return digest, is_settled(newest)


def digest_rest(location: Location, describe: Callable[[Path, str, os.stat_result], str]) -> bytes:
    """The digest of everything that a build is made with besides the lessons and files, given what is to be said of a
    file: its folder, its path from there and its status. Raises OSError and `SourceError`."""
    lines = every_version()
    lines.append(f"{sys.implementation.name} {sys.version} {ZLIB_RUNTIME_VERSION} {location.trusted}")
    for place, folder, path, status in _list_rest(location):
        lines.append(f"{place} {path} {describe(folder, path, status)}")
    return digest_of("\n".join(lines).encode("utf-8", "surrogateescape"))


def _list_rest(location: Location) -> Iterator[tuple[int, Path, str, os.stat_result]]:
    """Which of the folders it is, the folder, the path from there and the status of each such file, in the same order
    everywhere."""
    inside = TEMPLATES_FOLDER.is_relative_to(PACKAGE_FOLDER)
    for place, folder in enumerate((PACKAGE_FOLDER, *location.template_folders[: -1 if inside else None])):
        if not folder.is_dir():
            continue  # a course need not have templates of its own
        for path, status in sorted(walk(os.fspath(folder), without="__pycache__")):
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(path)  # a link to a folder is not followed here
            yield place, folder, path, status
    for name, status in sorted(_list_own(location)):
        yield -1, location.root, name, status
    for name in COURSE_FILES:
        if name != REDIRECTS_NAME:  # one task reads it, which is asked in any run
            with contextlib.suppress(FileNotFoundError):
                yield -2, location.content, name, (location.content / name).stat()


def _list_own(location: Location) -> Iterator[tuple[str, os.stat_result]]:
    """`dodo.py` and what else of Python stands beside it, such as a stage of a person's own; and all that is in the
    folders beside it that one of these names as a package."""
    with os.scandir(location.root) as entries:
        beside = [*entries]
    others = (PACKAGE_FOLDER, TEMPLATES_FOLDER, location.content, location.output)
    folders = {entry.name for entry in beside if entry.is_dir() and location.root / entry.name not in others}
    found = [(entry.name, entry.stat()) for entry in beside if entry.name.endswith(".py")]
    for path, status in found:
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(path)  # a link to a folder is not followed here
        yield path, status
        if not path.endswith(".py"):
            continue
        for match in _PACKAGE_RE.finditer((location.root / path).read_text("utf-8", "replace")):
            name = match[1] or match[2]
            if name in folders:
                folders.remove(name)
                inside = walk(os.fspath(location.root / name), without="__pycache__")
                found += [(f"{name}/{path}", status) for path, status in inside]


def _settled_stamp(status: os.stat_result) -> Stamp | None:
    return _stamp(status) if is_settled(max(status.st_mtime_ns, status.st_ctime_ns)) else None


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
