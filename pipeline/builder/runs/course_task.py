"""doit's tasks -> the same in less memory: at 100,000 lessons there are 300,000 of them for the whole run.

doit makes a task of 34 attributes, of which nearly all are the same in every one of ours, and keeps each
until the run is over, with a node that says what waits for it.
"""

from __future__ import annotations

from typing import Any

from doit import control, runner
from doit.task import Task


class CourseTask(Task):  # type: ignore[misc]
    """A task that has of its own only what is not the same in nearly all."""


_OWN = ("name", "_actions", "_action_instances", "file_dep", "task_dep", "uptodate", "targets", "subtask_of", "values")
_DONE = ("_actions", "_action_instances", "file_dep", "uptodate", "targets", "values", "dep_changed", "options")
"""What nobody asks a task for when it is done."""
_DEFAULTS = vars(Task("", None))
for _name, _value in _DEFAULTS.items():
    if _name not in _OWN or _name in _DONE:
        setattr(CourseTask, _name, _value)


def share_defaults(task: Task) -> Task:
    """The task, with what it has by default taken from its class."""
    if type(task) is Task:
        if vars(task.io) == vars(_DEFAULTS["io"]):
            task.io = _DEFAULTS["io"]
        own = {name: value for name, value in vars(task).items() if name in _OWN or value != _DEFAULTS[name]}
        task.__class__ = CourseTask
        task.__dict__ = own
    return task


def release(task: Task) -> None:
    """A task is done: let go of what it was made of."""
    if type(task) is CourseTask:
        # A new dictionary: one that was larger keeps its size.
        task.__dict__ = {name: value for name, value in vars(task).items() if name not in _DONE}


class CourseNode(control.ExecNode):  # type: ignore[misc]
    """doit's note of a task in a run; when nothing is left to do for it, it lets go of four sets and four lists."""

    def step(self) -> Any:
        step = super().step()
        if step is None:
            self.generator = _NO_STEPS
            self.calc_dep = self.wait_run = self.wait_run_calc = self.waiting_me = _NONE
            self.task_dep = self.ancestors = self.bad_deps = self.ignored_deps = ()
        return step


_NO_STEPS, _NONE = iter(()), frozenset[Any]()
control.ExecNode = CourseNode  # where doit looks for it; no plug-in point is there
runner.ERROR = runner.FAILURE  # whatever went wrong in a run, a state damaged in its middle too, is status 1
