"""How a run ends before its time: a signal, or a limit.

Every step of a run may be killed at any moment, and the next run goes on from there. So nothing is unwound: the row is
written, the programs that run are ended, and the process ends where it is.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from pipeline.nightly.programs import end_programs

LEAST_SECONDS = 0.001
"""A timer of 0 would never ring."""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def end_by_signals(note: Callable[[str], None]) -> None:
    """Have SIGTERM, Ctrl-C and a closed terminal end this process at once, by that signal, after `note` was told how
    it ends. Processes that it forks, which systemd and a terminal signal too, end without a word."""
    leader = os.getpid()

    def end(number: int, frame: FrameType | None) -> None:
        for own in SIGNALS:
            signal.signal(own, signal.SIG_IGN)
        try:
            if os.getpid() == leader:
                end_programs()
                note(f"ended by {signal.Signals(number).name}")
        finally:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, end)


def end_no_more() -> None:
    """The run is at its end: the limit no longer counts."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def end_after(seconds: float, note: Callable[[], int]) -> None:
    """Have this process end when this time is over, with the status that `note` gives; never with 0."""

    def end(number: int, frame: FrameType | None) -> None:
        end_programs()
        status = 1
        try:
            status = note()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, LEAST_SECONDS))
