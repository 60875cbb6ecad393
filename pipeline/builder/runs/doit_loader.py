"""doit's task loader: `dodo.py` as ever, begun a little earlier.

This is the first module of the project that a run imports: what else a run needs is imported when it is. What is done
for a course is in `session.py`, which does not need it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from doit.cmd_base import DodoTaskLoader
from doit.exceptions import InvalidDodoFile

from pipeline.builder.runs.doit_private import leave_reader, leave_readers_quietly

if TYPE_CHECKING:
    from types import TracebackType

_VERIFY = {
    "name": "verify",
    "long": "verify",
    "type": bool,
    "default": False,
    "help": "compare the content of every file, not its size and time",
}
_CLUSTER = {
    "name": "cluster",
    "long": "cluster",
    "type": str,
    "default": "",
    "help": "work on a Dask cluster: tcp://HOST:PORT, tls://HOST:PORT, or local:4 for processes of this machine",
}
_INSECURE = {
    "name": "insecure",
    "long": "insecure",
    "type": bool,
    "default": False,
    "help": "let the connection to a cluster on another machine be unencrypted",
}


def _tell_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C is no fault of the program."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("\ninterrupted: the next build goes on from here\n")
    elif issubclass(kind, BrokenPipeError):
        leave_reader()
    else:
        sys.__excepthook__(kind, error, trace)


def tell_interrupts() -> None:
    """Have Ctrl-C tell a line, not where in the code it came; the process still ends by the signal. A reader of the
    output that has gone is no fault either."""
    sys.excepthook = _tell_uncaught


def count_processors() -> int:
    """How many processors this process may use: a container or `taskset` may give it fewer than there are."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


class CourseLoader(DodoTaskLoader):  # type: ignore[misc]
    """doit's own loader of `dodo.py`, with options of its own."""

    cmd_options = (*DodoTaskLoader.cmd_options, _VERIFY, _CLUSTER, _INSECURE)

    def __init__(self) -> None:
        super().__init__()
        leave_readers_quietly()
        tell_interrupts()  # before anything else of the project is imported
        from pipeline.builder.course.garbage import collect_rarely

        collect_rarely()  # a run is mostly imports

    def setup(self, opt_values: Any) -> None:
        with telling_faults(opt_values["dodoFile"], is_there=opt_values["seek_file"]):
            super().setup(opt_values)


@contextmanager
def telling_faults(dodo: str, *, is_there: bool = False) -> Iterator[None]:
    """Have what is wrong with `dodo.py` itself be a line, where it is read; a fault elsewhere keeps its traceback."""
    path = os.path.abspath(dodo)
    if not is_there and not os.path.exists(path):
        raise InvalidDodoFile(f"there is no {path}\n  hint: lesson-pipeline new . makes what a course lacks")
    try:
        yield
    except SyntaxError as error:
        place = f"{error.filename or path}:{error.lineno or 1}"
        raise InvalidDodoFile(f"{place}: this is no Python: {error.msg}") from None
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or os.path.realpath(trace.tb_frame.f_code.co_filename) != os.path.realpath(path):
            raise
        raise InvalidDodoFile(f"{path}:{trace.tb_lineno}: {type(error).__name__}: {error}") from None
