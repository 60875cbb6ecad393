"""doit's own plug-in points, filled: backend and checker.

doit would keep its own database of file times and write it when the run closes. Here every task
commits its own record (`state.py`), so the backend only passes on what doit says of tasks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from doit.dependency import FileChangedChecker

from pipeline.builder.runs.seal import break_seal

if TYPE_CHECKING:
    from pipeline.builder.state.state import State

_STATES: dict[str, State] = {}


def register_state(state: State) -> None:
    """Let the backend of this run use the state that the tasks have open."""
    _STATES[os.fspath(state.path)] = state


class StateBackend:
    """doit's database, on top of the state of the course.

    Without a registered state, because the course could not be opened, it keeps nothing.
    """

    desc = "the state of the course: committed task by task"
    on_closed: ClassVar[list[Callable[[], None]]] = []
    """What to call when the run is over; set by the loader."""

    def __init__(self, name: str, codec: object, *, module_name: object = None) -> None:
        self.name = name

    @property
    def _state(self) -> State | None:
        """The state is opened after the backend, when tasks are made, and not at all without them."""
        return _STATES.get(self.name)

    def get(self, task_id: str, dependency: str) -> Any:
        """doit asks for its own marks and for the saved state of file dependencies."""
        if dependency == "ignore:":
            return "1" if self._state and self._state.is_ignored(task_id) else None
        # Of a file it only has to be non-empty: the task's `uptodate` has compared it already.
        return None if dependency.endswith(":") else dependency

    def set(self, task_id: str, dependency: str, value: object) -> None:
        """doit saves a task that has run; the task has committed its own record already."""
        if self._state and dependency == "ignore:":
            break_seal(self._state.path.parent)
            self._state.ignore(task_id)

    def in_(self, task_id: str) -> bool:
        return self._state is not None and self._state.record(task_id) is not None

    def remove(self, task_id: str) -> None:
        """`doit forget`, or a task that failed."""
        if self._state and not self._state.is_rehearsal:
            break_seal(self._state.path.parent)
            self._state.forget(task_id)

    def remove_all(self) -> None:
        for task in self._state.tasks() if self._state else ():
            self.remove(task)

    def dump(self) -> None:
        """The run is over."""
        state = _STATES.pop(self.name, None)
        if state:
            state.close()
        for call in self.on_closed:
            call()


class SweptChecker(FileChangedChecker):  # type: ignore[misc]
    """doit's MD5 checker takes an equal time stamp as an equal file. Whether a source or a target
    has changed is decided once, by `graph.py`; doit is told that there is nothing more to check."""

    def exists(self, file_path: str) -> bool:
        return True

    def info(self, file_path: str) -> None:
        return None

    def check_modified(self, file_path: str, file_stat: object, state: object) -> bool:
        return False

    def get_state(self, dep: str, current_state: object) -> None:
        return None
