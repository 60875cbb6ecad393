"""doit's task loader: `dodo.py` as ever, but for a full run only the tasks that can be stale."""

from __future__ import annotations

from typing import Any

from doit.cmd_base import DodoTaskLoader
from doit.task import Task

from pipeline.builder.doit_hooks import CourseReporter, StateBackend
from pipeline.builder.partial import PartialTasks
from pipeline.builder.seal import break_seal
from pipeline.builder.tasks import CourseTasks


class CourseLoader(DodoTaskLoader):  # type: ignore[misc]
    """Loads the tasks of `dodo.py`, whose `TASKS` knows the course.

    `run` without task names is the case that must be quick: when the seal of the last build holds,
    it gets no tasks; when only lessons, files or pages differ, those that they reach. `list`, `info`, `clean`,
    `forget` and runs of named tasks always get them all.
    """

    def setup(self, opt_values: Any) -> None:
        super().setup(opt_values)
        self._always = bool(opt_values.get("always"))

    def load_tasks(self, cmd: Any, pos_args: list[str]) -> list[Task]:
        course = self.namespace.get("TASKS") if self.namespace else None
        if not isinstance(course, CourseTasks):
            loaded: list[Task] = super().load_tasks(cmd, pos_args)
            return loaded
        if cmd.execute_tasks:
            course.take_lock()
            StateBackend.on_closed = [course.release_lock]
        is_full_run = cmd.execute_tasks and not pos_args and not self._always
        difference = course.difference if is_full_run else None
        if difference is not None and difference.is_none:
            cmd.sel_tasks = None
            return []
        if cmd.execute_tasks and not getattr(cmd, "is_rehearsal", False):
            break_seal(course.location.state_folder)
            CourseReporter.on_finished = [course.put_seal]
        if difference is not None and course.error is None:
            partial = PartialTasks(course, difference)
            if partial.is_possible():
                return partial.load()
        tasks: list[Task] = super().load_tasks(cmd, pos_args)
        return tasks
