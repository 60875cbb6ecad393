"""A course -> its doit tasks, as `dodo.py` hands them to doit.

doit runs the graph: the order, the selection of tasks. Whether a task is up to date is asked of its stage, through
the task's `uptodate`.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from typing import Any

from doit.task import Task

from pipeline.builder.course.graph import Graph
from pipeline.builder.course.stage import Stage
from pipeline.builder.runs.doit_private import LightTask
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.stages.action import Step, has_state
from pipeline.builder.stages.chores import Chore, fail_with
from pipeline.builder.tasks import CLEAR, SETTINGS, Definition
from pipeline.errors import show_path
from pipeline.paths import task_name


class StageTask(LightTask):
    """The task of a stage for one item."""

    __slots__ = ("_graph", "_item", "_stage")

    def __init__(self, graph: Graph, stage: Stage, item: str, task_dep: list[str], doc: str) -> None:
        super().__init__(task_name(stage.name, item), stage.name, task_dep, doc)
        self._graph, self._stage, self._item = graph, stage, item

    @property
    def steps(self) -> list[Step]:
        """What it does."""
        return [Step(self._graph, self._stage.name, self._item)]

    @property
    def uptodate(self) -> list[tuple[Any, ...]]:
        """What to ask whether it is up to date, as doit has it: a function and its arguments."""
        return [(*self.steps, (), {})]

    @property
    def targets(self) -> tuple[str, ...]:
        """The file that it writes, if it has one."""
        target = self._stage.target(self._graph.course, self._item)
        return (os.path.join(self._graph.course.location.output, target),) if target else ()

    @property
    def file_dep(self) -> set[str]:
        """The file of the course that it reads, if it is one."""
        source = self._stage.source(self._graph.course, self._item)
        return {source} if source else set()


class CourseTasks:
    """The tasks of one course for one run of doit."""

    def __init__(self, run: CourseRun) -> None:
        self._run = run
        self._definitions = run.definitions

    def in_order(self) -> list[str]:
        """What to run when no task is named: each lesson's `repair` and `parse` follow one another, so that what was
        worked out ahead need not be kept for long. Each task is named before its group: of a group that comes first,
        doit notes all tasks before it runs one."""
        default = self._definitions.default
        if self._run.error is not None:
            return default
        both, candidates = ("repair", "parse"), self._run.graph.ahead.candidates
        lessons = dict.fromkeys(path for stage in both for path in candidates.get(stage, ()))
        made = {stage: set(candidates.get(stage, ())) for stage in both}
        names = [SETTINGS, CLEAR]
        names += (task_name(stage, path) for path in lessons for stage in both if path in made[stage])
        for name in default:
            if name not in both:
                names += (task_name(name, item) for item in candidates.get(name, ()))
            names.append(name)
        return list(dict.fromkeys(names))

    def of(self, name: str, only: Container[str] | None = None, doc: str | None = None) -> Iterator[Task]:
        """The tasks of one name; of a stage the group and those of some items, when `only` these are to be asked.
        `doc` is for commands that show it."""
        row, is_closed = self._definitions.rows[name], self._run.error is not None
        if is_closed and name == SETTINGS:
            yield Task(name, [(fail_with, [[self._run.why_closed]])], uptodate=[False])
        elif is_closed or name == SETTINGS:
            yield make_group(name, doc)
        elif row.items:
            yield from self._of_stage(self._definitions.stages[name], only, doc)
        else:
            yield self._chore(row, self._definitions.work(name))

    def _chore(self, row: Definition, chore: Chore) -> Task:
        graph = self._run.graph
        return Task(
            row.name,
            [(chore.run, [graph])],
            doc=row.doc,
            uptodate=[lambda: has_state(lambda: chore.is_done(graph))],
            task_dep=list(row.after),
        )

    def _of_stage(self, stage: Stage, only: Container[str] | None, doc: str | None) -> Iterator[Task]:
        course, graph, is_listed = self._run.course, self._run.graph, self._run.is_listed
        every = stage.items(course.plan)
        items = stage.arrange(course, [item for item in every if only is None or item in only])
        graph.ahead.expect(stage.name, items)
        group = make_group(stage.name, doc)
        yield group
        for item in items:
            graph.ahead.go_on()
            edges = stage.edges(graph, item, only, is_listed=is_listed)
            shown = show_path(stage.title(graph, item)) if is_listed else ""
            task = StageTask(graph, stage, item, [*stage.row.after, *edges], shown)
            group.task_dep.append(task.name)
            yield task


def make_group(name: str, doc: str | None = None) -> Task:
    """A task that only stands for others; for none, until they are added."""
    return Task(name, None, doc=doc, has_subtask=True)
