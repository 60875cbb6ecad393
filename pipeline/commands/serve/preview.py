"""A course -> its preview: a site of its own, with drafts, built again and again in this process.

It is kept in `.lesson-pipeline/serve/`, so that nothing of it is ever in the output, and a build beside it is in
nobody's way. Each server that runs at the same time has a folder of its own there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from pipeline.builder.disk.location import STATE_FOLDER, Location
from pipeline.builder.runs.builds import Builds
from pipeline.builder.tasks import TASKS, Definition

FOLDER = "serve"
_SEEDS = ("renames.toml", "known.json", "warnings")
"""What of the last build's state is copied besides the database. Not the seal, which knows the files it was put on."""


class Report(NamedTuple):
    """What there is to show after a build."""

    number: int
    """Another one when anything of the site, or of what is wrong, is another."""
    faults: tuple[str, ...]
    """What is wrong, each as it is shown: path, line, what, and in a second line what to do."""


class Preview:
    """The preview of one course, as long as one server shows it."""

    def __init__(self, course: Location, outstream: TextIO, tasks: Iterable[Definition] = TASKS) -> None:
        self._lock, folder = _claim_folder(course.root / STATE_FOLDER / FOLDER)
        home = course.home or course.content.parent
        own = Location(folder, course.content, folder / "output", course.trusted, home, shows_drafts=True)
        self.location = own._replace(project=course.root)
        self._outstream = outstream
        if not self.location.state_path.exists():
            _seed(course, self.location)
        self._builds = Builds(self.location, tasks)
        self.report = Report(0, ())

    def build(
        self, changed: Iterable[str] | None = None, show: Callable[[Report], object] = lambda report: None
    ) -> Report:
        """Build what is stale; `changed` is what `Builds.run` takes. `show` is given a report already when the pages
        are there, and the rest of the site is not. A bug is a fault like others: it goes on."""

        def show_pages() -> None:
            self.report = Report(self.report.number + 1, self.report.faults)
            show(self.report)

        before = self.report
        is_first = before.number == 0
        executed = list[str]()
        faults: tuple[str, ...]
        try:
            outcome = self._builds.run(self._outstream if is_first else None, changed, None if is_first else show_pages)
        except Exception:
            faults = (f"the preview could not be built: a bug in this program\n{traceback.format_exc()}",)
            lines = list(faults)
        else:
            executed = outcome.told["executed"]
            faults = _one_by_one(outcome.told["errors"])
            lines = [*outcome.told["warnings"], *faults, _summary(outcome.told)]
        # Threads serve from here on, and a process that has some is not to be forked.
        self._builds.processes = 0
        # What fails is tried again by each build, and is news once: a full look at the same faults did no more.
        is_news = faults != before.faults or (bool(executed) and (bool(changed) or not faults))
        if is_first or is_news or executed:
            self.report = Report(self.report.number + 1, faults)
        if is_news and not is_first:
            self._outstream.write("".join(f"{line}\n" for line in lines))
            self._outstream.flush()
        return self.report


def _one_by_one(errors: Iterable[str]) -> tuple[str, ...]:
    """Each fault, with the lines below it that belong to it. `report` tells all that are left in one.

    >>> _one_by_one(["a.md:1: no text\\n  hint: write it\\nb.md: empty\\n  hint: fill it"])
    ('a.md:1: no text\\n  hint: write it', 'b.md: empty\\n  hint: fill it')
    """
    found = list[str]()
    for line in "\n".join(errors).split("\n") if errors else ():
        if line.startswith(" ") and found:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return tuple(found)


def _summary(told: Mapping[str, Any]) -> str:
    pages: int = told["pages"]
    return f"{pages:,} {'page' if pages == 1 else 'pages'} rebuilt, {told['seconds']:.2f} s"


def _claim_folder(top: Path) -> tuple[int, Path]:
    """The first folder that no other server holds, and its lock, which dies with this process."""
    number = 0
    while True:
        number += 1
        folder = top / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return lock, folder


def _seed(course: Location, preview: Location) -> None:
    """Begin where the last build of the course ended, as far as it can be copied: what is missing is built."""
    if not course.state_path.is_file():
        return
    preview.state_folder.mkdir(parents=True, exist_ok=True)
    part = preview.state_path.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{course.state_path.as_uri()}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(part)) as target,
        ):
            source.backup(target)
    except sqlite3.Error:
        return
    for name in _SEEDS:
        with contextlib.suppress(OSError):
            shutil.copyfile(course.state_folder / name, preview.state_folder / name)
    with contextlib.suppress(shutil.Error, OSError):  # a build beside it may delete files meanwhile
        shutil.copytree(course.output, preview.output, symlinks=True, dirs_exist_ok=True)
    part.replace(preview.state_path)
