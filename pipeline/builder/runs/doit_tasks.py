"""A course -> its doit tasks, as the dictionaries that `dodo.py` hands to doit.

doit runs the graph: the order, the selection of tasks. Whether a task is up to date is asked of its stage, through
the task's `uptodate`.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator
from typing import Any

from doit.task import Task, dict_to_task

from pipeline.builder.course.stage import Stage
from pipeline.builder.runs.doit_private import share_defaults
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.stages.action import Step, has_state
from pipeline.builder.stages.chores import Chore, fail_with
from pipeline.builder.tasks import CLEAR, SETTINGS, Definition
from pipeline.errors import show_path
from pipeline.paths import task_name

TaskDict = dict[str, Any]


def make_tasks(name: str, found: Iterable[TaskDict], doc: str | None = None) -> Iterator[Task]:
    """The group of this name and its tasks, as doit makes them of what a function in `dodo.py` yields; but each lets
    go of what it has in common with the others before the next is made. `doc` is for commands that show it."""
    group = None
    for task_dict in found:
        basename, item = task_dict.pop("basename"), task_dict.pop("name", None)
        if item is None:
            yield share_defaults(dict_to_task({"name": basename, **task_dict}))
            return
        if group is None:
            yield (group := _make_group(name, doc))
        task = dict_to_task({"name": f"{basename}:{item}", **task_dict})
        task.subtask_of = basename
        yield share_defaults(task)
        group.task_dep.append(task.name)
    if group is None:
        yield _make_group(name, doc)


def _make_group(name: str, doc: str | None) -> Task:
    return share_defaults(Task(name, None, doc=doc, has_subtask=True))


class CourseTasks:
    """The tasks of one course for one run of doit."""

    def __init__(self, run: CourseRun) -> None:
        self._run = run
        self._definitions = run.definitions

    def in_order(self) -> list[str]:
        """What to run when no task is named: each lesson's `repair` and `parse` follow one another, so
        that what was worked out ahead need not be kept for long."""
        default = self._definitions.default
        if self._run.error is not None:
            return default
        both = ("repair", "parse")
        candidates = self._run.graph.ahead.candidates
        lessons = dict.fromkeys(path for stage in both for path in candidates.get(stage, ()))
        made = {stage: set(candidates.get(stage, ())) for stage in both}
        names = [task_name(stage, path) for path in lessons for stage in both if path in made[stage]]
        return [SETTINGS, CLEAR, *names, *(name for name in default if name not in (SETTINGS, CLEAR))]

    def of(self, name: str, only: Container[str] | None = None) -> Iterator[TaskDict]:
        """The tasks of one name; of a stage those of some items, when `only` these are to be asked."""
        row, is_closed = self._definitions.rows[name], self._run.error is not None
        if (name == SETTINGS) is not is_closed:
            return
        if is_closed:
            yield {"basename": SETTINGS, "actions": [(fail_with, [[self._run.why_closed]])], "uptodate": [False]}
        elif row.items:
            yield from self._of_stage(self._definitions.stages[name], only)
        else:
            yield self._chore(row, self._definitions.work(name))

    def _chore(self, row: Definition, chore: Chore) -> TaskDict:
        graph = self._run.graph
        return {
            "basename": row.name,
            "doc": row.doc,
            "actions": [(chore.run, [graph])],
            "uptodate": [lambda: has_state(lambda: chore.is_done(graph))],
            "task_dep": list(row.after),
        }

    def _of_stage(self, stage: Stage, only: Container[str] | None) -> Iterator[TaskDict]:
        course, graph, is_listed = self._run.course, self._run.graph, self._run.is_listed
        every = stage.items(course.plan)
        items = stage.arrange(course, [item for item in every if only is None or item in only])
        graph.ahead.expect(stage.name, items)
        for item in items:
            graph.ahead.go_on()
            name, target, source = task_name(stage.name, item), stage.target(course, item), stage.source(course, item)
            edges = stage.edges(graph, item, only, is_listed=is_listed)
            step = Step(graph, stage.name, item)
            yield {
                "basename": stage.name,
                "name": name.removeprefix(f"{stage.name}:"),
                "doc": show_path(stage.title(graph, item)) if is_listed else "",
                "actions": [step],
                "uptodate": [step],
                "targets": [os.path.join(course.location.output, target)] if target else [],
                "file_dep": [source] if source else [],
                "task_dep": [*stage.row.after, *edges],
            }
