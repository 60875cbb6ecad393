"""doit's task loader: `dodo.py` as ever, and no tasks at all when a full run has nothing to do."""

from __future__ import annotations

from typing import Any

from doit.cmd_base import DodoTaskLoader
from doit.task import Task

from pipeline.build.doit_hooks import CourseReporter
from pipeline.build.seal import break_seal
from pipeline.build.tasks import CourseTasks


class CourseLoader(DodoTaskLoader):  # type: ignore[misc]
    """Loads the tasks of `dodo.py`, whose `TASKS` knows the course.

    `run` without task names is the case that must be quick: when the seal of the last build holds,
    it gets no tasks. `list`, `info`, `clean`, `forget` and runs of named tasks always get them all.
    """

    def setup(self, opt_values: Any) -> None:
        super().setup(opt_values)
        self._always = bool(opt_values.get("always"))

    def load_tasks(self, cmd: Any, pos_args: list[str]) -> list[Task]:
        course = self.namespace.get("TASKS") if self.namespace else None
        if not isinstance(course, CourseTasks):
            loaded: list[Task] = super().load_tasks(cmd, pos_args)
            return loaded
        is_full_run = cmd.execute_tasks and not pos_args and not self._always
        if is_full_run and course.are_sealed():
            cmd.sel_tasks = None
            return []
        if cmd.execute_tasks:
            break_seal(course.location)
            CourseReporter.on_finished = [course.put_seal]
        tasks: list[Task] = super().load_tasks(cmd, pos_args)
        return tasks
