"""The output of a build -> a release folder of its own, to which one link is switched when it is complete.

    published/
      current -> releases/000012-20261130T023000Z    what a web server shows
      releases/                                      the last five
      manifests/                                     what each was made from
      course                                         whose they are

A file that is the same as in the release before is a hard link to it; every other is a copy, so that no later build
reaches into a release. Names begin with a number: their order hangs on no clock.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import html
import os
import re
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.disk.sweep import FileStamp
from pipeline.errors import SettingsError, TargetError, as_typed
from pipeline.nightly.manifest import Files, Manifest, read_files, read_manifest, settled, write_manifest
from pipeline.paths import SEARCH_FOLDER, STATIC_FOLDER

CURRENT, RELEASES, MANIFESTS, OWNER = "current", "releases", "manifests", "course"
RELEASES_KEPT = 5
KEPT_SECONDS = 7 * 24 * 3600
"""How long a page that a reader opened finds its style sheets, scripts and search files."""
_PART = ".part"
_KEPT_FOLDERS = (f"{STATIC_FOLDER}/", f"{SEARCH_FOLDER}/")
_NAME_RE = re.compile(r"(\d{6,})-\d{8}T\d{6}Z\Z")
_NO_LINK = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP)
"""What a file system says that has no hard links, or no more of this file."""
_HEAD_RE = re.compile(rb".*?</head>\s*<body[^>]*>", re.S | re.I)
_ADDRESS_RE = re.compile(rb'\s(?:href|src)="[./]*(' + STATIC_FOLDER.encode() + rb'/[^"?#]+)"')
_LOADED_RE = re.compile(rb':"(' + STATIC_FOLDER.encode() + rb'/[^"]+)"')
"""In the first line of a script (`pipeline/statics.py`)."""


class Changes(NamedTuple):
    """What a release has otherwise than the one before, as sorted paths."""

    changed: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return any(self)

    @property
    def total(self) -> int:
        """How many files."""
        return sum(map(len, self))


class Prepared(NamedTuple):
    """A release that is complete and not yet shown."""

    name: str
    path: Path
    last: Path | None
    """The release that is shown."""
    changes: Changes
    manifest: Manifest


class Releases:
    """The releases in one folder. One process at a time works with them: the nightly lock is held."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._releases = folder / RELEASES
        self._manifests = folder / MANIFESTS
        self._link = folder / CURRENT

    def claim(self, content: Path, output: Path) -> None:
        """Note that these releases are of this course. Raises `SettingsError` if they are of another one, with which
        it would take turns before the readers, or would be among the files of these folders; `TargetError`."""
        own = Path(os.path.realpath(self.folder))
        for folder in map(Path, map(os.path.realpath, (content, output))):
            if own == folder or folder in own.parents:
                raise SettingsError(f"releases would be among the files of {folder}", hint="say another publish")
        course = os.fsencode(f"{os.path.relpath(content, own)}\n{os.path.relpath(output, own)}\n")
        path = self.folder / OWNER
        try:
            if not path.exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(course)
            is_own = path.read_bytes() == course
        except OSError as error:
            raise _cannot(error, self.folder) from None
        if not is_own:
            raise SettingsError(
                f"the releases in {self.folder} are of another course",
                hint=f"say another publish; if the folders were renamed, delete {path}",
            )

    # --- what there is ---

    def names(self) -> list[str]:
        """Of complete releases that are or were shown, the oldest first."""
        return sorted((name for name in self._complete() if self._was_shown(name)), key=_number)

    def _was_shown(self, name: str) -> bool:
        """One that was not has no manifest and is newer than the one that is shown; a manifest may be lost."""
        return self._manifest_path(name).is_file() or _number(name) <= _number(self.current())

    def current(self) -> str:
        """The release that is shown; `""` if there is none, or its folder is gone."""
        try:
            name = os.path.basename(os.readlink(self._link))
        except OSError:
            return ""
        return name if _NAME_RE.match(name) and (self._releases / name).is_dir() else ""

    def path(self, name: str) -> Path:
        """The folder of a release."""
        return self._releases / name

    def manifest(self, name: str) -> Manifest | None:
        """What a release was made from, as far as that is known."""
        return read_manifest(self._manifest_path(name))

    def _complete(self) -> list[str]:
        return [path.name for path in self._releases.glob("*") if _NAME_RE.match(path.name) and path.is_dir()]

    def _manifest_path(self, name: str) -> Path:
        return self._manifests / f"{name}.json"

    # --- a new one ---

    def prepare(self, output: Path) -> Prepared | None:
        """Make a release of the output; None if readers see it already, or it was taken back by `roll_back`.

        Raises `TargetError`: nothing that readers see has changed then."""
        try:
            self._begin()
            return self._prepare(output)
        except OSError as error:
            raise _cannot(error, self.folder) from None

    def _begin(self) -> None:
        for folder in (self._releases, self._manifests):
            folder.mkdir(parents=True, exist_ok=True)
        for path in self._releases.glob("*"):  # what a killed run left
            is_part = path.name.endswith(_PART) and _NAME_RE.match(path.name.removesuffix(_PART))
            if is_part or (_NAME_RE.match(path.name) and not self._was_shown(path.name)):
                shutil.rmtree(path)

    def _prepare(self, output: Path) -> Prepared | None:
        files, names, current = read_files(output), self.names(), self.current()
        newest = names[-1] if names else ""
        if newest and self._is_same(newest, output, files):
            if not current:
                self._switch(newest)  # its folder was deleted, or the link
            self._note(newest, files)
            return None
        last = _Last(self.path(current or newest), self.manifest(current or newest)) if newest else None
        name = f"{self._next_number():06d}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
        part = self.path(name + _PART)
        part.mkdir()
        try:
            changed = _fill(part, output, files, last)
            kept = _keep(part, files, last) if last else {}
            missing = missing_styles(part, changed)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        if missing:
            shutil.rmtree(part)
            raise TargetError(
                f"pages of {output.name} show files that are not there: {', '.join(sorted(missing)[:3])}",
                hint=f"{as_typed('--verify')} finds and makes them",
            )
        before = set(read_files(last.path)) if last and current else set[str]()
        now = {*files, *kept}
        changes = Changes(tuple(sorted(changed & before)), tuple(sorted(now - before)), tuple(sorted(before - now)))
        _write_out()  # a power cut after the switch finds whole files behind it
        part.rename(self.path(name))
        return Prepared(
            name, self.path(name), last.path if last and current else None, changes, Manifest(settled(files), kept)
        )

    def _is_same(self, name: str, output: Path, files: Files) -> bool:
        """Whether a release is what the output is now."""
        manifest, folder = self.manifest(name), self.path(name)
        there = read_files(folder)
        if manifest is None:
            return files.keys() <= there.keys() and all(_is_equal(output / path, folder / path) for path in files)
        if manifest.files.keys() != files.keys() or not files.keys() <= there.keys():
            return False
        last = _Last(folder, manifest)
        return all(last.has(path, output / path, stamp) for path, stamp in files.items())

    def _note(self, name: str, files: Files) -> None:
        """What was too fresh to be trusted is old enough by now, or soon."""
        manifest = self.manifest(name)
        if manifest is None or None in manifest.files.values():
            write_manifest(self._manifest_path(name), Manifest(settled(files), manifest.kept if manifest else {}))

    def _next_number(self) -> int:
        names = [*self._complete(), *(path.stem for path in self._manifests.glob("*.json"))]
        return 1 + max((_number(name) for name in names if _NAME_RE.match(name)), default=0)

    def drop(self, prepared: Prepared) -> None:
        """Forget a release that is not to be shown."""
        shutil.rmtree(prepared.path, ignore_errors=True)

    # --- shown ---

    def show(self, prepared: Prepared) -> None:
        """Let readers see it, and delete releases that are too old. Raises `TargetError`."""
        try:
            self._switch(prepared.name)
            write_manifest(self._manifest_path(prepared.name), prepared.manifest)
            self._prune()
        except OSError as error:
            raise _cannot(error, self.folder) from None

    def _switch(self, name: str) -> None:
        part = self._link.with_name(CURRENT + _PART)
        part.unlink(missing_ok=True)
        part.symlink_to(f"{RELEASES}/{name}")
        part.replace(self._link)

    def _prune(self) -> None:
        kept = {self.current(), *self.names()[-RELEASES_KEPT:]}
        for path in self._releases.glob("*"):
            if _NAME_RE.match(path.name) and path.name not in kept:
                shutil.rmtree(path)
        for manifest in self._manifests.glob("*.json"):
            if manifest.stem not in kept:
                manifest.unlink(missing_ok=True)

    def roll_back(self, back: int) -> Prepared:
        """The release that stood so many before the one that is shown, ready to be shown; with 0 the newest. Style
        sheets and the like of the one that is shown are put beside its own. Raises `TargetError` if there is none."""
        names, current = self.names(), self.current()
        older = names.index(current) if current else len(names)
        place = older - back if back else len(names) - 1
        if not names or place < 0:
            raise TargetError(f"there are only {older} releases before", hint=f"they are in {self._releases}")
        name = names[place]
        path, manifest = self.path(name), self.manifest(name) or Manifest({}, {})
        shown = read_files(self.path(current)) if current else {}
        there = read_files(path)
        try:
            for file in (file for file in shown if file.startswith(_KEPT_FOLDERS) and file not in there):
                _place(path / file, self.path(current) / file)
                manifest.kept[file] = time.time()
        except OSError as error:
            raise _cannot(error, self.folder) from None
        same = {file for file in there.keys() & shown.keys() if there[file].inode == shown[file].inode}
        both, now = there.keys() & shown.keys(), there.keys() | manifest.kept.keys()
        changes = Changes(
            tuple(sorted(both - same)), tuple(sorted(there.keys() - shown.keys())), tuple(sorted(shown.keys() - now))
        )
        return Prepared(name, path, self.path(current) if current else None, changes, manifest)


class _Last:
    """The release before: what can be linked from it."""

    def __init__(self, path: Path, manifest: Manifest | None) -> None:
        self.path = path
        self.manifest = manifest or Manifest({}, {})

    def has(self, path: str, made: Path, stamp: FileStamp) -> bool:
        """Whether this file of the output, `made` with this stamp, is the one that stands in the release."""
        file = self.path / path
        try:
            status = file.lstat()
        except OSError:
            return False
        if status.st_size != stamp.size:
            return False
        # A copy has the time of its original: one that was changed by hand has another.
        if self.manifest.files.get(path) == stamp and status.st_mtime_ns == stamp.mtime_ns:
            return True
        return _is_equal(made, file)


def _fill(part: Path, output: Path, files: Files, last: _Last | None) -> set[str]:
    """Put the files of the output into a release; those that are not as in the last one."""
    changed, folders = set[str](), {""}
    for path, stamp in files.items():
        folder = path.rpartition("/")[0]
        if folder not in folders:
            os.makedirs(part / folder, exist_ok=True)
            folders.add(folder)
        if last is not None and last.has(path, output / path, stamp):
            _place(part / path, last.path / path)
        else:
            shutil.copy2(output / path, part / path, follow_symlinks=False)
            changed.add(path)
    return changed


def _keep(part: Path, files: Files, last: _Last) -> dict[str, float]:
    """Link what pages of former releases show and this one has not, for as long as they may be open."""
    now, kept = time.time(), dict[str, float]()
    for path in read_files(last.path):
        if not path.startswith(_KEPT_FOLDERS) or path in files:
            continue
        since = min(last.manifest.kept.get(path, now), now)  # after a clock was set back: longer, not for ever
        if now - since < KEPT_SECONDS:
            _place(part / path, last.path / path)
            kept[path] = since
    return kept


def _place(target: Path, source: Path) -> None:
    """Link a file, or copy it where the file system has no links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copy2(source, target)


def missing_styles(release: Path, changed: Iterable[str]) -> set[str]:
    """The style sheets and scripts that the heads of these pages name, or such a script loads, and that are not there.
    What a lesson says stands below the head, in `content`, or with its quotes written otherwise: it names none."""
    shown = set[bytes]()
    for path in changed:
        if path.endswith(".html") and (head := _HEAD_RE.match((release / path).read_bytes())):
            shown.update(_ADDRESS_RE.findall(head.group()))
    names = {urllib.parse.unquote(html.unescape(os.fsdecode(address)), errors="surrogateescape") for address in shown}
    for script in [name for name in names if name.endswith(".js")]:
        with contextlib.suppress(OSError), open(release / script, "rb") as lines:
            names.update(map(os.fsdecode, _LOADED_RE.findall(lines.readline())))
    return {name for name in names if not os.path.lexists(release / name)}


def _write_out() -> None:
    """Have the disk hold what was written: by a program, as who waits for the disk hears no signal."""
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["sync"], check=False)


def _is_equal(first: Path, second: Path) -> bool:
    with contextlib.suppress(OSError):
        return filecmp.cmp(first, second, shallow=False)
    return False


def _number(name: str) -> int:
    found = _NAME_RE.match(name)
    return int(found.group(1)) if found else 0


def _cannot(error: OSError, folder: Path) -> TargetError:
    hints = {errno.ENOSPC: "free some space", errno.EROFS: "say publish = another folder"}
    return TargetError(
        f"cannot publish into {folder}: {error.strerror}",
        hint=hints.get(error.errno or 0, "check the permissions of the folder") + "; readers see what they saw",
    )
