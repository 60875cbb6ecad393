"""One course, built again and again in one process, by doit's own control and runner, as plain `doit` builds it.

What the first build imported and compiled is there for the next. Each run opens the course, holds its lock, and leaves
its state as any `doit` does, so that others may build it between two runs.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, NamedTuple, TextIO

from doit.control import TaskControl
from doit.exceptions import InvalidTask
from doit.runner import Runner
from doit.task import Stream, Task

from pipeline.builder.course.garbage import collect_rarely
from pipeline.builder.disk.location import Location
from pipeline.builder.disk.lock import CourseLock
from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.runs.doit_hooks import CourseRecords
from pipeline.builder.runs.doit_loader import count_processors
from pipeline.builder.runs.doit_private import change_doit, share_defaults
from pipeline.builder.runs.doit_tasks import made_tasks
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.seal import Difference, Seal, Sweep, sweep_again
from pipeline.builder.runs.session import MOST_PROCESSES
from pipeline.builder.tasks import SETTINGS, TASKS, Definition
from pipeline.page import forget_templates


class Outcome(NamedTuple):
    """What one run did."""

    status: int
    """As `doit` would end: 0, or 1 when something is left to mend."""
    told: dict[str, Any]
    """The object that `doit -r json` writes."""


class Builds:
    """Every build of one course in this process. The tasks that a person wrote into `dodo.py` are not among them."""

    def __init__(self, location: Location, tasks: Iterable[Definition] = TASKS, lock: CourseLock | None = None) -> None:
        """`lock` is the one that each run takes; one that is held over several is theirs too."""
        change_doit()
        collect_rarely()
        self._location = location
        self.processes = min(count_processors(), MOST_PROCESSES)
        """How many may work ahead, which are forked; 0 where that must not be."""
        self.tells_standing = False
        """Whether each run tells every warning that stands, and not only those of what it made."""
        self._rows = tuple(tasks)
        self._lock = lock
        self._sweep: Sweep | None = None
        self._seal: Seal | None = None

    def run(self, outstream: TextIO | None = None, changed: Iterable[str] | None = None) -> Outcome:
        """Build what is stale. What `doit` would show goes to `outstream`.

        `changed` are the files of the content folder that came, went or were edited since the last run of this object,
        where that is known, as from a watcher: then no other file is looked at, neither there nor in the output.
        """
        course = CourseRun(self._location, self._rows)
        course.is_begun, course.is_listed = True, False
        course.lock = self._lock or course.lock
        course.tells_standing = self.tells_standing
        course.processes = self.processes
        records = CourseRecords(course)
        course.take_lock()
        records.on_closed = [course.end_workers, course.lock.release]
        try:
            return self._run(course, records, outstream, changed)
        finally:
            records.close()  # nothing is left to do, unless it ended in the middle

    def _run(
        self, course: CourseRun, records: CourseRecords, outstream: TextIO | None, changed: Iterable[str] | None
    ) -> Outcome:
        if changed is not None:
            self._tell_changed(course, changed)
        self._forget_templates(course)
        try:
            tasks, chosen = _tasks_of(course)
        except InvalidTask as error:
            if not course.begins_anew(error):
                raise
            tasks, chosen = _tasks_of(course)
        control = TaskControl(tasks)
        control.process(chosen)
        reporter = course.reporters["console"](outstream or io.StringIO(), {})
        runner = Runner(records, reporter, continue_=True, stream=Stream(0))
        try:
            status = runner.run_all(control.task_dispatcher())
        except SystemExit:
            status = 1
        self._seal = course.sealed or (self._seal if not tasks else None)
        return Outcome(int(status), reporter.outcome())

    def _tell_changed(self, course: CourseRun, changed: Iterable[str]) -> None:
        """Have a run take what is known for what it would find."""
        if self._sweep is None or self._seal is None:
            return
        sweep = sweep_again(self._location, self._sweep, changed)
        if sweep is not None:
            course.sweep = sweep
            course.difference = Difference(self._seal, sweep.content, OutputCheck(self._location.output, {}))

    def _forget_templates(self, course: CourseRun) -> None:
        """Compiled templates are of use as long as no template, word or setting has changed."""
        before, self._sweep = self._sweep, course.sweep
        if before is None or self._sweep is None or before.rest != self._sweep.rest:
            forget_templates()


def _tasks_of(course: CourseRun) -> tuple[list[Task], list[str] | None]:
    """What there is to ask, and in which order."""
    tasks = course.reached_tasks(None if course.is_refused else course.difference)
    if tasks is None:
        tasks = [
            share_defaults(task)
            for name in course.definitions.default
            for task in made_tasks(name, course.tasks.of(name))
        ]
        course.adopt_written()
        course.claim_targets()
    if course.error is not None:
        return tasks, [SETTINGS]
    return tasks, course.tasks.in_order() if tasks else None
