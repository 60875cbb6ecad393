"""`doit list` and `doit clean`, which doit has too, as they are for a course."""

from __future__ import annotations

import sys

from doit.cmd_clean import Clean
from doit.cmd_list import List
from doit.task import Task

from pipeline.builder.runs.commands import CourseCommand, course_of
from pipeline.builder.runs.doit_private import leave_reader
from pipeline.builder.tasks import SETTINGS

LEGEND = "R: the next run executes it; U: it is up to date; I: it is ignored\n"
"""Of the letters of `--status`. It goes where no program reads that is given the list."""


class ListCourse(CourseCommand, List):  # type: ignore[misc]
    """`doit list`, whose `--status` marks with `R` just what the next run would execute. doit's own
    looks at each task's own inputs, not at what an upstream change will reach."""

    name = "list"
    sel_tasks: list[str]

    def _execute(
        self,
        subtasks: bool = False,
        quiet: bool = True,
        status: bool = False,
        private: bool = False,
        list_deps: bool = False,
        template: str | None = None,
        sort: str = "name",
        pos_args: list[str] | None = None,
    ) -> int:
        self._ignored = set[str]()
        self._runs = set[str]()
        course = course_of(self) if status else None
        run = course.run if course else None
        if course is not None and run is not None and run.error is None:
            from pipeline.builder.runs.explain import Narrator, rehearse

            self._ignored = {task.name for task in self.task_list if self.dep_manager.status_is_ignore(task)}
            run.take_lock()
            narrator = Narrator(None, run)
            self.sel_tasks = [*course.tasks.in_order(), *run.own_tasks]
            rehearse(self, run, narrator)
            self._runs = narrator.told
            run.lock.release()
        elif course is not None:
            self._runs = {SETTINGS}
        try:
            result: int = super()._execute(subtasks, quiet, status, private, list_deps, template, sort, pos_args)
            self.outstream.flush()
            if status:
                sys.stderr.write(LEGEND)
        except BrokenPipeError:
            return leave_reader()
        return result

    def _print_task(self, template: str, task: Task, status: bool, list_deps: bool, tasks: dict[str, Task]) -> None:
        own = {task.name, *(name for name in task.task_dep if task.has_subtask)}
        letter = "I" if task.name in self._ignored else "R" if own & self._runs else "U"
        self.outstream.write(template.format(name=task.name, doc=task.doc, status=letter))
        if list_deps:
            self.outstream.write("".join(f" -  {name}\n" for name in (*task.file_dep, *task.task_dep)) + "\n")


class CleanCourse(CourseCommand, Clean):  # type: ignore[misc]
    """`doit clean`, which tells how many files it deleted, not each with the name of a function."""

    name = "clean"

    def clean_tasks(self, tasks: list[Task], dryrun: bool, cleanforget: bool) -> None:
        try:
            once = {task.name: task for task in tasks}
            deleted = sum(self._clean(task, dryrun, cleanforget) for task in once.values())
            self.dep_manager.close()
            named = f"{deleted:,} file{'' if deleted == 1 else 's'}"
            self.outstream.write(f"{named} would be deleted\n" if dryrun else f"deleted {named}\n")
            self.outstream.flush()
        except BrokenPipeError:
            self.dep_manager.close()
            leave_reader()

    def _clean(self, task: Task, dryrun: bool, cleanforget: bool) -> int:
        """Delete what a task made; how many files."""
        deleted = 0
        if not course_of(self).run.definitions.has(task.name):
            task.clean(self.outstream, dryrun)
        elif not task.has_subtask:
            from pipeline.builder.stages.chores import clean_task

            targets = clean_task(course_of(self).run.graph, task.name, is_dry=dryrun)
            deleted = len(targets)
            if dryrun:
                self.outstream.write("".join(f"{target}\n" for target in targets))
        if cleanforget and not dryrun:
            self.dep_manager.remove(task.name)
        return deleted
