"""The private parts of doit that are used, for want of a plug-in point: each with the reason.

`pyproject.toml` bounds the versions of doit, and `tests/test_private_parts.py` says which part a new one moved.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import Any

from doit import control, runner
from doit.cmd_base import Command, DoitCmdBase
from doit.dependency import Dependency
from doit.globals import Globals
from doit.task import Task


def change_doit() -> None:
    """Have doit, in this process, hold less of what is done, and end with 1 whatever went wrong in a run."""
    control.ExecNode = CourseNode
    runner.ERROR = runner.FAILURE  # a state damaged in the middle of a run too; 3 is for one that did not start


def leave_reader() -> int:
    """The reader, such as `head`, has had enough: what is left goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def leave_readers_quietly() -> None:
    """Have whatever doit writes, its help too, end without a word when its reader has had enough."""
    if Command.parse_execute is not _parse_quietly:
        Command.parse_execute = _parse_quietly
        atexit.register(_flush_quietly)


_parse_loudly = Command.parse_execute


def _parse_quietly(command: Any, in_args: Any) -> Any:
    try:
        return _parse_loudly(command, in_args)
    except BrokenPipeError:
        return leave_reader()


def _flush_quietly() -> None:
    """At the end: at Python's own, a reader that has gone would be an error."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        leave_reader()


def command_at_work() -> tuple[Any, Any]:
    """The command of doit that is reading `dodo.py`, and its options; nothing if none is.

    doit reads the plug-ins of the folder in which it is started, but every way leads through the first line of
    `dodo.py`. Whatever loader is reading it does not tell for which command: that is seen on the stack.
    """
    frame = sys._getframe(1)
    while not isinstance(command := frame.f_locals.get("self"), DoitCmdBase):
        if frame.f_back is None:
            return None, None
        frame = frame.f_back
    # `execute` has the options under either name.
    return command, frame.f_locals.get("params", frame.f_locals.get("opt_values"))


def is_given(options: Any, name: str) -> bool:
    """Whether an option was said on the command line or in a file, and is not doit's default."""
    return name in getattr(options, "_non_default_keys", ())


def set_records(command: Any, records: Any) -> None:
    """Have a command ask these records, and what doit offers to actions too."""
    command.dep_manager = Globals.dep_manager = records


def drop_changes(records: Dependency) -> None:
    """Let doit's database forget what this command noted."""
    records.backend._conn.rollback()


# --- tasks in less memory ---
# doit makes a task of 34 attributes, of which nearly all are the same in every one of ours, and keeps each until the
# run is over, with a node that says what waits for it. At 100,000 lessons there are 300,000 of them.


class CourseTask(Task):  # type: ignore[misc]
    """A task that has of its own only what is not the same in nearly all."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        """What a task says when it has run: nothing of those that do not run."""
        if name != "values":
            raise AttributeError(name)
        self.values = {}
        return self.values


_OWN = ("name", "_actions", "task_dep", "uptodate", "subtask_of")
_DONE = ("_actions", "_action_instances", "file_dep", "uptodate", "targets", "values", "dep_changed", "options")
"""What nobody asks a task for when it is done."""
_GONE_THROUGH = ("_actions", "file_dep", "targets")
"""Lists and sets of one thing, to which doit adds nothing in a course: as tuples they take a quarter."""
_DEFAULTS = vars(Task("", None))
_EMPTY: dict[str, Any] = {"file_dep": frozenset(), "targets": ()}
"""What many have in common must not be added to."""
for _name, _value in (_DEFAULTS | _EMPTY).items():
    if (_name not in _OWN or _name in _DONE) and _name != "values":
        setattr(CourseTask, _name, _value)
_NOTHING: dict[str, Any] = {}


def share_defaults(task: Task) -> Task:
    """The task, with what it has by default taken from its class."""
    if type(task) is not Task:
        return task
    if vars(task.io) == vars(_DEFAULTS["io"]):
        task.io = _DEFAULTS["io"]
    light = CourseTask.__new__(CourseTask)
    # One by one, so that Python keeps the names once for all tasks: a dictionary for each takes twice as much.
    for name, value in vars(task).items():
        if name in _OWN or value != _DEFAULTS[name]:
            setattr(light, name, value)
    light.name = sys.intern(task.name)
    light.uptodate = tuple((asked, arguments or (), named or _NOTHING) for asked, arguments, named in task.uptodate)
    for name in _GONE_THROUGH:
        if getattr(light, name):
            setattr(light, name, tuple(getattr(light, name)))
    return light


def release(task: Task) -> None:
    """A task is done: let go of what it was made of."""
    if type(task) is CourseTask:
        for name in _DONE:
            with contextlib.suppress(AttributeError):
                delattr(task, name)


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
