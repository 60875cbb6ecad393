"""A stage's task, as doit asks and runs it: do the work, and tell what went wrong.

A `PipelineError` is kept with the task and told at the end of the run; what depends on the task goes on with what it
left last time. Any other exception is a bug: it is kept the same way, with its traceback, so that one bad lesson never
stops the others.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from doit.action import BaseAction
from doit.exceptions import BaseFail, TaskError

from pipeline.builder.course.graph import Graph
from pipeline.builder.course.told import place, tell_in_place
from pipeline.builder.stages import FAILED_KEY, REPAIRED_KEY, TOLD_KEY, WARNED_KEY, WRITTEN_KEY
from pipeline.builder.state.state import Record
from pipeline.errors import ClusterError, Diagnostic, PipelineError, StateError
from pipeline.paths import task_name


class Step(BaseAction):  # type: ignore[misc]
    """The task of a stage for one item, as doit has it: its action, and what is asked just before that would run, when
    all that the task depends on is done. doit's own action for Python functions looks at the function's signature each
    time, which takes longer than many a task."""

    out = err = result = task = None
    values: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, graph: Graph, stage: str, item: str) -> None:
        self.graph = graph
        self.stage = stage
        self.item = item

    def __call__(self) -> bool:
        """Whether the task is up to date; no when the state cannot be used, which the task itself tells."""
        return has_state(lambda: self.graph.is_current(self.stage, self.item))

    def __repr__(self) -> str:
        """Why it is not: `doit info` shows it."""
        return self.graph.why_stale(self.stage, self.item)

    def execute(self, out: object = None, err: object = None) -> BaseFail | None:
        try:
            self.values = run_step(self.graph, self.stage, self.item)
        except Exception as error:
            return TaskError(f"a bug in this program: {type(error).__name__}", error)
        return None


def has_state(question: Callable[[], bool]) -> bool:
    """The answer to a question; no when the state cannot be used."""
    try:
        return question()
    except StateError:
        return False


def run_step(graph: Graph, stage: str, item: str) -> dict[str, Any]:
    """Run one task. What went wrong is returned, for the reporter, and kept in the state."""
    task = task_name(stage, item)
    if graph.course.state.lost or graph.ahead.stopped is not None:
        return {FAILED_KEY: True, TOLD_KEY: []}
    try:
        return _told_of(graph, stage, item, task)
    except StateError as error:
        return {FAILED_KEY: True, TOLD_KEY: [error.diagnostic]}
    except ClusterError as error:
        return {FAILED_KEY: True, TOLD_KEY: [error.diagnostic]}


def _told_of(graph: Graph, stage: str, item: str, task: str) -> dict[str, Any]:
    kind = graph.stages[stage]
    try:
        kind.make(graph, item)
    except (StateError, ClusterError):
        raise
    except PipelineError as error:
        graph.course.state.fail(task, (error.diagnostic,))
    except Exception as error:
        where = traceback.format_exc(limit=-4)
        message = f"a bug in this program: {type(error).__name__}: {error}"
        graph.course.state.fail(
            task, (Diagnostic(message, hint=f"please report it\n{where}", severity="error", code="bug-here"),)
        )
    record = graph.course.state.record(task)
    found, subject = _found(graph, stage, item), kind.subject(graph, item)
    is_told = [d for d in found if graph.is_to_tell(d)]
    told = [place(graph.course.location, tell_in_place(graph, d, item), subject) for d in is_told]
    told += kind.found_once(graph, item)
    failed = bool(record and record.failed) or (graph.course.settings.strict and bool(told))
    values = {
        FAILED_KEY: failed,
        TOLD_KEY: told,
        WRITTEN_KEY: record is not None and not record.failed and kind.wrote_target(record),
        REPAIRED_KEY: record is not None and kind.is_mended(record),
    }
    warned = _count(record, found)
    if warned != (0, ()):
        values[WARNED_KEY] = warned
    return values


def warned_of(graph: Graph, stage: str, item: str) -> tuple[int, tuple[str, ...]]:
    """What is kept under `WARNED_KEY`, of a task that did not run."""
    return _count(graph.course.state.record(task_name(stage, item)), _found(graph, stage, item))


def _count(record: Record | None, found: Iterable[Diagnostic]) -> tuple[int, tuple[str, ...]]:
    if record is None or record.failed:
        return 0, ()
    warnings = [d for d in found if d.severity == "warning"]
    return sum(not d.path for d in warnings), tuple(sorted({d.format() for d in warnings if d.path}))


def _found(graph: Graph, stage: str, item: str) -> tuple[Diagnostic, ...]:
    """What is wrong, as a task kept it, and what is told with it."""
    record = graph.course.state.record(task_name(stage, item))
    found = (*(record.diagnostics if record else ()), *graph.stages[stage].found_beside(graph, item))
    return tuple(dict.fromkeys(found)) if len(found) > 1 else found
