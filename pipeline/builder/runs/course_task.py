"""doit's tasks -> the same in less memory: at 100,000 lessons there are 300,000 of them for the whole run.

doit makes a task of 34 attributes, of which nearly all are the same in every one of ours, and keeps each
until the run is over.
"""

from __future__ import annotations

from doit.task import Task


class CourseTask(Task):  # type: ignore[misc]
    """A task that has of its own only what is not the same in nearly all."""


_OWN = ("name", "_actions", "_action_instances", "file_dep", "task_dep", "uptodate", "targets", "subtask_of", "values")
_DONE = ("_actions", "_action_instances", "file_dep", "uptodate", "targets", "values")
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
        for name in _DONE:
            task.__dict__.pop(name, None)
