"""doit's action of a stage's task: do the work, and tell what went wrong.

A `PipelineError` is kept with the task and told at the end of the run; what depends on the task goes on with what it
left last time. Any other exception is a bug: it is kept the same way, with its traceback, so that one bad lesson never
stops the others.
"""

from __future__ import annotations

import traceback
from typing import Any

from doit.action import BaseAction
from doit.exceptions import BaseFail, TaskError

from pipeline.builder.course.graph import Graph
from pipeline.builder.course.told import place, tell_first
from pipeline.builder.stages import FAILED_KEY, REPAIRED_KEY, TOLD_KEY, WARNED_KEY
from pipeline.errors import ClusterError, Diagnostic, PipelineError, StateError
from pipeline.paths import task_name


class StepAction(BaseAction):  # type: ignore[misc]
    """doit's action of a task. doit's own for Python functions looks at the function's signature each
    time, which takes longer than many a task."""

    out = err = result = None

    def __init__(self, graph: Graph, stage: str, item: str) -> None:
        self._what = (graph, stage, item)
        self.values: dict[str, Any] = {}
        self.task: Any = None

    def execute(self, out: object = None, err: object = None) -> BaseFail | None:
        try:
            self.values = run_step(*self._what)
        except Exception as error:
            return TaskError(f"a bug in this program: {type(error).__name__}", error)
        return None

    def __str__(self) -> str:
        _, stage, item = self._what
        return f"{stage} {item}"


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
    found = record.diagnostics if record else ()
    found, subject = (*found, *kind.found_beside(graph, item)), kind.subject(graph, item)
    is_told = [d for d in found if graph.is_to_tell(d)]
    told = [place(graph.course.location, tell_first(graph, d, item), subject) for d in is_told]
    warnings = [d for d in found if d.severity == "warning"]
    shared = tuple(sorted({d.format() for d in warnings if d.path}))
    told += kind.found_once(graph, item)
    failed = bool(record and record.failed) or (graph.course.settings.strict and bool(told))
    return {
        FAILED_KEY: failed,
        TOLD_KEY: told,
        REPAIRED_KEY: record is not None and kind.is_mended(record),
        WARNED_KEY: (0, ()) if failed else (sum(not d.path for d in warnings), shared),
    }
