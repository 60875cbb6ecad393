"""doit's task loader: `dodo.py` as ever, but for a full run only the tasks that can be stale.

This is the first module of the project that a run imports: what else a run needs is imported when it is, beside a
process that imports what an edited lesson needs.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from doit.cmd_base import DodoTaskLoader
from doit.exceptions import InvalidTask
from doit.task import Task

from pipeline.builder.course.edited import EditedLessons
from pipeline.builder.course.garbage import collect_rarely, forget_garbage

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.builder.runs.run import CourseRun

VERBOSE = 2
"""`doit -v 2` has a line for each lesson."""
_TRUSTING = ("clean", "forget", "ignore")
"""Commands that do at once what the state says, where a run would find out in time that it is damaged."""
MOST_PROCESSES = 8
"""More than these do not help: one process keeps what they make."""


_VERIFY = {
    "name": "verify",
    "long": "verify",
    "type": bool,
    "default": False,
    "help": "compare the content of every file, not its size and time",
}


def _tell_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C is no fault of the program."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("\ninterrupted: the next doit goes on from here\n")
    else:
        sys.__excepthook__(kind, error, trace)


def count_processors() -> int:
    """How many processors this process may use: a container or `taskset` may give it fewer than there are."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


class CourseLoader(DodoTaskLoader):  # type: ignore[misc]
    """Loads the tasks of `dodo.py`, whose `COURSE` knows the course.

    `run` without task names is the case that must be quick: when the seal of the last build holds,
    it gets no tasks; when only lessons, files or pages differ, those that they reach. `list`, `info`, `clean`,
    `forget` and runs of named tasks always get them all.
    """

    cmd_options = (*DodoTaskLoader.cmd_options, _VERIFY)

    def __init__(self) -> None:
        super().__init__()
        sys.excepthook = _tell_uncaught
        collect_rarely()  # a run is mostly imports
        # Some 20 ms before it is known what was edited, if anything was.
        words = [argument for argument in sys.argv[1:] if not argument.startswith("-") and "=" not in argument]
        is_run = all(map(str.isdigit, words))  # `-n 2`
        self._ready = EditedLessons() if is_run and count_processors() > 1 else None

    def setup(self, opt_values: Any) -> None:
        super().setup(opt_values)
        self._asks_all = bool(opt_values.get("always") or opt_values.get("verify"))
        self._options = opt_values

    def load_tasks(self, cmd: Any, pos_args: list[str]) -> list[Task]:
        from pipeline.builder.runs.run import CourseRun

        course = self.namespace.get("COURSE") if self.namespace else None
        if not isinstance(course, CourseRun):
            if self._ready:
                self._ready.close()
            loaded: list[Task] = super().load_tasks(cmd, pos_args)
            return loaded
        try:
            return self._load(course, cmd, pos_args)
        except InvalidTask as error:
            if not cmd.execute_tasks or not course.begins_anew(error):
                raise
            return self._load(course, cmd, pos_args)

    def _load(self, course: CourseRun, cmd: Any, pos_args: list[str]) -> list[Task]:
        from pipeline.builder.runs.course_task import share_defaults
        from pipeline.builder.runs.doit_hooks import StateBackend
        from pipeline.builder.runs.reporter import CourseReporter
        from pipeline.builder.runs.run import REPORT, SETTINGS
        from pipeline.builder.runs.seal import break_seal

        is_rehearsal = getattr(cmd, "is_rehearsal", False)
        tasks: list[Task]
        if cmd.execute_tasks:
            course.take_lock()
            StateBackend.on_closed = [course.release_lock, forget_garbage]
            processes = self._count_processes()
            if not is_rehearsal:
                course.processes = processes
                StateBackend.on_closed.insert(0, course.end_workers)
            course.is_listed = False
            course.trusts_stamps = not self._options.get("verify")
            CourseReporter.count_lessons = [course.count_lessons]
            CourseReporter.count_expected = [course.count_expected]
            CourseReporter.is_verbose = (self._options.get("verbosity") or 0) >= VERBOSE
            CourseReporter.on_finished = []
            CourseReporter.count_standing = [] if is_rehearsal else [course.count_standing]
            CourseReporter.tell_standing = [course.standing] if REPORT in pos_args else []
        if cmd.name in _TRUSTING:
            course.take_lock()
            StateBackend.on_closed = [course.release_lock]
            if course.is_refused:
                raise InvalidTask(str(course.error))
            if course.error is None:
                course.course.state.check()
        is_full_run = cmd.execute_tasks and not pos_args and not self._asks_all and not course.is_refused
        difference = course.difference if is_full_run else None
        course.begin_edited(difference, self._ready)
        if difference is not None and difference.is_none:
            cmd.sel_tasks = None
            return []
        if cmd.execute_tasks and not is_rehearsal and not course.is_refused:
            break_seal(course.location.state_folder)
            CourseReporter.on_finished = [course.finish]
        if difference is not None and course.error is None:
            from pipeline.builder.runs.partial import PartialTasks

            partial = PartialTasks(course.tasks, difference)
            if partial.is_possible():
                if not difference.is_same_tree and not is_rehearsal:
                    course.claim_targets()
                tasks = partial.load()
                cmd.sel_tasks = course.tasks.in_order()
                return tasks
        tasks = [share_defaults(task) for task in super().load_tasks(cmd, pos_args)]
        if cmd.execute_tasks and not is_rehearsal:
            if not pos_args or REPORT in pos_args:  # every task is asked: none of what is known anew is missed
                course.adopt_written()
            course.claim_targets()
        if cmd.execute_tasks and course.error is not None:
            cmd.sel_tasks = [SETTINGS]  # whatever was asked for: it tells why
        elif cmd.execute_tasks and not pos_args:
            cmd.sel_tasks = course.tasks.in_order()
        return tasks

    def _count_processes(self) -> int:
        """`-n` is the number of processes that work ahead (`ahead.py`), by default one for each
        processor; doit itself stays in this one."""
        asked = self._options.get("num_process") or 0
        is_given = "num_process" in getattr(self._options, "_non_default_keys", ())
        if "num_process" in self._options:
            self._options["num_process"] = 0
        return asked if is_given else min(count_processors(), MOST_PROCESSES)
