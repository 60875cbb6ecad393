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
    control.TaskDispatcher = CourseDispatcher
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
# run is over, with a node that says what waits for it. At 100,000 lessons there are 400,000 of them.


class LightTask(Task):  # type: ignore[misc]
    """A task that takes what is the same in all from its class, and works out the rest when it is asked for. What is
    its own has a slot: a dictionary for each would be three times as much."""

    __slots__ = (
        *("name", "subtask_of", "task_dep", "doc"),
        *("_action_instances", "dep_changed", "executed", "options", "result", "values", "verbosity"),
    )

    def __init__(self, name: str, group: str, task_dep: list[str], doc: str) -> None:
        self.name, self.subtask_of, self.task_dep, self.doc = name, group, task_dep, doc

    @property
    def steps(self) -> list[Any]:
        """What it does, as doit's actions."""
        return []

    @property
    def _actions(self) -> list[Any]:
        return self.steps

    def __getattr__(self, name: str) -> Any:
        """What doit has not noted yet."""
        if name == "values":
            self.values = dict[str, Any]()
            return self.values
        try:
            return _DEFAULTS[name]
        except KeyError:
            raise AttributeError(name) from None

    def release(self) -> None:
        """It is done: let go of what nobody asks for any more."""
        self.task_dep = []
        for name in ("_action_instances", "dep_changed", "options", "result", "values"):
            with contextlib.suppress(AttributeError):
                delattr(self, name)


_DEFAULTS = vars(Task("", None))


class CourseDispatcher(control.TaskDispatcher):  # type: ignore[misc]
    """doit's dispatcher, which keeps a note for each task; of those that are done it has one for all."""

    def _update_waiting(self, processed: Any) -> None:
        super()._update_waiting(processed)
        if processed is not None and processed.run_status in _DONE:
            self.nodes[processed.task.name] = _DONE[processed.run_status]


_DONE = {status: control.ExecNode(Task("", None), None) for status in ("successful", "up-to-date")}
for _status, _node in _DONE.items():
    _node.run_status = _status
