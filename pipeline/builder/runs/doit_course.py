"""A course as `dodo.py` hands it to doit: what doit is to do, its tasks, and who tells of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from doit.exceptions import InvalidDodoFile

from pipeline.builder.disk.location import Location
from pipeline.builder.runs.reporter import CourseReporter, reporters_of
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.seal import Difference, break_seal
from pipeline.builder.tasks import TASKS, Definition
from pipeline.errors import as_typed

if TYPE_CHECKING:
    from doit.task import Task

    from pipeline.builder.runs.doit_tasks import CourseTasks


class DoitCourse:
    """One course for one run of doit."""

    def __init__(self, location: Location, tasks: Iterable[Definition] = TASKS) -> None:
        self.run = CourseRun(location, tasks)

    @property
    def doit_config(self) -> dict[str, Any]:
        """`DOIT_CONFIG`: what doit does unless told otherwise."""
        default = self.run.definitions.default
        return {"reporter": self.reporters["console"], "continue": True, "default_tasks": default}

    @cached_property
    def reporters(self) -> dict[str, type[CourseReporter]]:
        """What tells of this run, by doit's names."""
        return reporters_of(self.run)

    @cached_property
    def creators(self) -> dict[str, Callable[[], Iterator[Task]]]:
        """What `dodo.py` has for doit to find: for each row of the task definitions a function that makes its tasks."""
        return {f"task_{row.name}": self._creator(row) for row in self.run.definitions.rows.values()}

    def _creator(self, row: Definition) -> Callable[[], Iterator[Task]]:
        def create() -> Iterator[Task]:
            yield from self.tasks.of(row.name, doc=row.doc)

        create.__doc__ = row.doc
        return create

    @cached_property
    def tasks(self) -> CourseTasks:
        """All tasks of the course. Raises `InvalidDodoFile` for a `dodo.py` that cannot lock the course."""
        from pipeline.builder.runs.doit_tasks import CourseTasks

        if not self.run.is_begun:
            path = self.run.location.root / "dodo.py"
            raise InvalidDodoFile(
                "a course is built by doit's own loader of dodo.py, or it could not be locked\n"
                f"  hint: {as_typed(f'-f {path}')}"
            )
        return CourseTasks(self.run)

    def reached_tasks(self, difference: Difference | None) -> list[Task] | None:
        """The tasks that this difference from the last finished build can reach; None if every task has to be asked."""
        if difference is not None and difference.is_none:
            return []
        run = self.run
        if not run.is_rehearsal and not run.is_refused:
            break_seal(run.location.state_folder)
            run.is_changing = True
        if difference is None and run.is_changing:
            run.contents  # noqa: B018  (read before anything is made of them)
        if run.error is not None:
            return None
        if run.is_changing:
            run.course.state.break_mark()
        if difference is None:
            return None
        from pipeline.builder.runs.partial import PartialTasks

        partial = PartialTasks(run, self.tasks, difference)
        if not partial.is_possible():
            return None
        if not difference.is_same_tree:
            run.claim_targets()
        return partial.load()

    def begins_anew(self, error: Exception) -> bool:
        """Open the course anew, if what is wrong is that its state was damaged."""
        if not self.run.begins_anew(error):
            return False
        self.__dict__.pop("tasks", None)
        return True
