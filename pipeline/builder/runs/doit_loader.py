"""doit's task loader: `dodo.py` as ever, begun a little earlier.

This is the first module of the project that a run imports: what else a run needs is imported when it is. What is done
for a course is in `session.py`, which does not need it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from doit.cmd_base import DodoTaskLoader

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
        sys.stderr.write("\ninterrupted: the next doit goes on from here\n")
    else:
        sys.__excepthook__(kind, error, trace)


def tell_interrupts() -> None:
    """Have Ctrl-C tell a line, not where in the code it came; the process still ends by the signal."""
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
        tell_interrupts()  # before anything else of the project is imported
        from pipeline.builder.course.garbage import collect_rarely

        collect_rarely()  # a run is mostly imports
