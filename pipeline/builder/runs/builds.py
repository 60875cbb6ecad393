"""One course, built again and again in one process, by doit's own control and runner, as plain `doit` builds it.

What the first build imported and compiled is there for the next. Each run opens the course, holds its lock, and leaves
its state as any `doit` does, so that others may build it between two runs.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TextIO

from doit.control import TaskControl
from doit.exceptions import InvalidTask
from doit.runner import Runner
from doit.task import Stream, Task

from pipeline.builder.course.garbage import collect_rarely
from pipeline.builder.disk.location import Location
from pipeline.builder.disk.lock import CourseLock
from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.runs.doit_course import DoitCourse
from pipeline.builder.runs.doit_hooks import CourseRecords
from pipeline.builder.runs.doit_loader import count_processors
from pipeline.builder.runs.doit_private import change_doit
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.seal import SEAL_NAME, Difference, Seal, Sweep, put_seal, sweep_again
from pipeline.builder.runs.session import MOST_PROCESSES
from pipeline.builder.state.state import State
from pipeline.builder.tasks import ASSETS, PAGES, SETTINGS, SITE_FILES, STATICS, TASKS, Definition
from pipeline.errors import PipelineError
from pipeline.page import forget_templates

SHOWN = (ASSETS, STATICS, PAGES, SITE_FILES)
"""What the stages make that a browser loads with a page."""


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
        self._waiting: Seal | None = None
        """A seal that is not on the disk yet."""

    def run(
        self,
        outstream: TextIO | None = None,
        changed: Iterable[str] | None = None,
        on_pages: Callable[[], object] | None = None,
    ) -> Outcome:
        """Build what is stale. What `doit` would show goes to `outstream`.

        `changed` are the files of the content folder that came, went or were edited since the last run of this object,
        where that is known, as from a watcher: then no other file is looked at, neither there nor in the output. The
        seal of such a run is put on the disk by the next one that looks: it is large, and whoever edits does not wait
        for it.

        `on_pages` is called when the run has written all that pages show; what is found by searching, the report and
        what is deleted come after that. It is not called when no page and no file that pages load was written.
        """
        course = DoitCourse(self._location, self._rows)
        run = course.run
        run.is_begun, run.is_listed = True, False
        run.lock = self._lock or run.lock
        run.tells_standing = self.tells_standing
        run.processes = self.processes
        records = CourseRecords(run)
        run.take_lock()
        records.on_closed = [run.end_workers, run.lock.release]
        try:
            return self._run(course, records, outstream, changed, on_pages)
        finally:
            records.close()  # nothing is left to do, unless it ended in the middle

    def _run(
        self,
        course: DoitCourse,
        records: CourseRecords,
        outstream: TextIO | None,
        changed: Iterable[str] | None,
        on_pages: Callable[[], object] | None,
    ) -> Outcome:
        run = course.run
        run.keeps_seal = changed is None or not self._tell_changed(run, changed)
        if run.keeps_seal:
            self._put_waiting()
        self._forget_templates(run)
        try:
            tasks, chosen = _tasks_of(course)
        except InvalidTask as error:
            if not course.begins_anew(error):
                raise
            tasks, chosen = _tasks_of(course)
        control = TaskControl(tasks)
        control.process(chosen)
        reporter = course.reporters["console"](outstream or io.StringIO(), {})
        runner = _Runner(records, reporter, continue_=True, stream=Stream(0))
        if on_pages is not None:
            runner.tell_pages(self._rows, on_pages)
        try:
            status = runner.run_all(control.task_dispatcher())
        except SystemExit:
            status = 1
        if tasks:
            self._seal = run.sealed
            self._waiting = None if run.keeps_seal else run.sealed
        return Outcome(int(status), reporter.outcome())

    def _tell_changed(self, run: CourseRun, changed: Iterable[str]) -> bool:
        """Have a run take what is known for what it would find; False if it has to look."""
        if self._sweep is None or not self._sweep.is_settled or self._seal is None:
            return False
        sweep = sweep_again(self._location, self._sweep, changed)
        if sweep is None:
            return False
        run.sweep = sweep
        run.difference = Difference(self._seal, sweep.content, OutputCheck(self._location.output, {}))
        return True

    def _put_waiting(self) -> None:
        """Put the last seal on the disk, unless another process has begun to build since."""
        seal, self._waiting = self._waiting, None
        if seal is None or (self._location.state_folder / SEAL_NAME).exists():
            return
        with contextlib.suppress(PipelineError), contextlib.closing(State(self._location.state_path)) as state:
            if state.mark() == seal.mark:
                put_seal(self._location, seal)

    def _forget_templates(self, run: CourseRun) -> None:
        """Compiled templates are of use as long as no template, word or setting has changed."""
        before, self._sweep = self._sweep, run.sweep
        is_settled = before is not None and before.is_settled
        if before is None or not is_settled or self._sweep is None or before.rest != self._sweep.rest:
            forget_templates()


class _Runner(Runner):  # type: ignore[misc]
    """doit's, which tells when it is past the pages and what they load."""

    def tell_pages(self, rows: Iterable[Definition], on_pages: Callable[[], object]) -> None:
        """Call `on_pages` before the first task behind all that pages show, if any of that was made."""
        names = [row.name for row in rows if row.is_default]
        self._shown = {row.name for row in rows if row.items in SHOWN}
        self._behind = set(names[max(map(names.index, self._shown)) + 1 :])
        self._on_pages = on_pages

    _on_pages: Callable[[], object] | None = None
    _is_made = False

    def select_task(self, node: Any, tasks_dict: Any) -> bool:
        if self._on_pages is not None and node.task.name.partition(":")[0] in self._behind:
            on_pages, self._on_pages = self._on_pages, None
            if self._is_made:
                on_pages()
        return bool(super().select_task(node, tasks_dict))

    def execute_task(self, task: Task) -> Any:
        self._is_made |= (
            self._on_pages is not None and bool(task.actions) and task.name.partition(":")[0] in self._shown
        )
        return super().execute_task(task)


def _tasks_of(course: DoitCourse) -> tuple[list[Task], list[str] | None]:
    """What there is to ask, and in which order."""
    run = course.run
    tasks = course.reached_tasks(None if run.is_refused else run.difference)
    if tasks is None:
        tasks = [task for name in run.definitions.default for task in course.tasks.of(name)]
        run.adopt_written()
        run.claim_targets()
    if run.error is not None:
        return tasks, [SETTINGS]
    return tasks, course.tasks.in_order() if tasks else None
