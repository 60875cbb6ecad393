"""doit's plug-in point for what it knows of tasks, filled.

doit would keep its own database of file times for all of them. A task of the course commits its own record
(`state.py`) and is asked itself whether it is current, so for these there is nothing to keep. A task that a person
wrote beside them is judged by doit's own rules, with doit's own checker and database.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from doit.cmd_base import Command
from doit.dependency import DatabaseException, Dependency, DependencyStatus, SqliteDB
from doit.exceptions import InvalidCommand

from pipeline.builder.runs.doit_private import drop_changes
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.seal import break_seal

if TYPE_CHECKING:
    from pipeline.builder.state.state import State

OWN_RECORDS = "own-tasks.sqlite3"
"""The file beside the state in which doit keeps what it knows of a person's own tasks."""


class CourseRecords:
    """What doit asks and tells of the course's tasks, as its `Dependency` is asked and told."""

    def __init__(self, course: CourseRun) -> None:
        self._course = course
        self._is_closed = False
        self.on_closed: list[Callable[[], None]] = []
        """What to call when the command is over; set by the session."""

    @property
    def _state(self) -> State | None:
        """It is opened when tasks are made, and not at all without them; none is left when the command is over."""
        return None if self._is_closed else self._course.open_state

    def get_status(self, task: Any, tasks: object, get_log: bool = False) -> DependencyStatus:
        """Whether a task must run: it compares its sources and targets itself, when its `uptodate` is asked."""
        status = DependencyStatus(get_log)
        for asked, arguments, named in task.uptodate:
            if not (asked(*arguments, **named) if callable(asked) else asked):
                status.add_reason("uptodate_false", (asked, arguments, named))
        if not task.uptodate:
            status.set_reason("has_no_dependencies", True)  # a group
        return status

    def status_is_ignore(self, task: Any) -> Any:
        return self._state is not None and self._state.is_ignored(task.name)

    def get_values(self, task: str) -> Any:
        return {}

    def get_value(self, task: str, key: str) -> Any:
        raise LookupError(f"{task} is a task of the course: it has no value {key!r} for others")

    def get_result(self, task: str) -> Any:
        return None

    def save_success(self, task: Any, result_hash: object = None) -> None:
        """A task has run, and has committed its own record."""

    def remove(self, task: str) -> None:
        """`doit forget`, or a task that failed."""
        if self._state and not self._state.is_rehearsal:
            break_seal(self._state.path.parent)
            self._state.forget(task)

    def remove_success(self, task: Any) -> None:
        self.remove(task.name)

    def remove_all(self) -> None:
        for task in self._state.tasks() if self._state else ():
            self.remove(task)

    def ignore(self, task: Any) -> None:
        """`doit ignore`."""
        if self._state:
            break_seal(self._state.path.parent)
            self._state.ignore(task.name)

    def close(self) -> None:
        """The command is over."""
        if not self._is_closed:
            state = self._state
            self._is_closed = True
            if state is not None:
                state.close()
            for call in self.on_closed:
                call()


class Records(CourseRecords):
    """The same for a `dodo.py` that has tasks of a person's own too: doit keeps what it knows of these in a database
    of its own, beside the state. The file is begun anew if it is damaged: these tasks then run once more."""

    def __init__(self, course: CourseRun, checker: type) -> None:
        super().__init__(course)
        path = course.location.state_folder / OWN_RECORDS
        try:
            self.own = Dependency(SqliteDB, os.fspath(path), checker_cls=checker)
        except DatabaseException:
            path.unlink(missing_ok=True)
            self.own = Dependency(SqliteDB, os.fspath(path), checker_cls=checker)

    def _of(self, task: str) -> Any:
        return super() if self._course.definitions.has(task) else self.own

    def get_status(self, task: Any, tasks: object, get_log: bool = False) -> DependencyStatus:
        return self._of(task.name).get_status(task, tasks, get_log)

    def status_is_ignore(self, task: Any) -> Any:
        return self._of(task.name).status_is_ignore(task)

    def get_values(self, task: str) -> Any:
        return self._of(task).get_values(task)

    def get_value(self, task: str, key: str) -> Any:
        return self._of(task).get_value(task, key)

    def get_result(self, task: str) -> Any:
        return self._of(task).get_result(task)

    def save_success(self, task: Any, result_hash: object = None) -> None:
        self._of(task.name).save_success(task, result_hash)

    def remove(self, task: str) -> None:
        self._of(task).remove(task)

    def ignore(self, task: Any) -> None:
        self._of(task.name).ignore(task)

    def remove_all(self) -> None:
        super().remove_all()
        self.own.remove_all()

    def close(self) -> None:
        if not self._is_closed:
            if self._state and self._state.is_rehearsal:
                drop_changes(self.own)
            import sqlite3  # most courses have no such tasks

            try:
                self.own.close()
            except sqlite3.Error as error:
                sys.stderr.write(f"what the tasks of your own did is not noted, they run again: {error}\n")
        super().close()


class NoDatabase(Command):  # type: ignore[misc]
    """`doit dumpdb`, which would look for a database that a course does not have."""

    name = "dumpdb"
    doc_purpose = "not for a course: its records are no database of doit's"
    doc_usage = ""
    cmd_options = ()

    def execute(self, opt_values: object, pos_args: object) -> int:
        raise InvalidCommand(
            f"a course has no database of doit's\n"
            f"  hint: {self.bin_name} info TASK shows a task, {self.bin_name} list --all --status of every one"
        )
