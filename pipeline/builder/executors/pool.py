"""batches of jobs -> their results, by processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from threading import Thread
from typing import Any

from pipeline.builder.course.garbage import collect_rarely

BATCHES_EACH = 2
"""Batches that a worker has: one under way, one that waits."""
BATCH_JOBS = 4
"""Jobs sent to a worker at once: about 15 ms of work, so that sending them costs little, and that no worker has
much to do when there is nothing left for the others."""

Work = Callable[[Any, Any], Any]
"""What all batches have in common, and a batch -> its result."""


class Pool:
    """Batches under way. `take` raises `BrokenExecutor` when a process is gone."""

    def __init__(self, count: int, work: Work, common: object) -> None:
        self.count = count
        self._most = count * BATCHES_EACH
        self._executor: Executor = ProcessPoolExecutor(count, initializer=_begin, initargs=(work, common))
        self._under_way: set[Future[Any]] = set()

    @property
    def batch_jobs(self) -> int:
        """How many jobs the next batch should have."""
        return BATCH_JOBS

    def has_room(self) -> bool:
        """Whether fewer batches are under way than there should be."""
        return len(self._under_way) < self._most

    def give(self, batch: object) -> None:
        """Hand out a batch."""
        self._under_way.add(self._executor.submit(_work_on, batch))

    give_here = give

    def take(self, *, block: bool) -> Iterator[Any]:
        """The results that have come since; at least one, if asked to wait for it."""
        if block:
            wait(self._under_way, return_when=FIRST_COMPLETED)
        done = {future for future in self._under_way if future.done()}
        self._under_way -= done
        for future in done:
            yield future.result()

    def close(self) -> None:
        """End when what is under way is done; what waits is not begun."""
        self._executor.shutdown(cancel_futures=True)


_AT_WORK: list[Any] = []
"""In a worker: what to do with a batch, and what all batches have in common."""


def _begin(work: Work, common: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    _AT_WORK[:] = work, common
    Thread(target=_end_with_parent, daemon=True).start()


def _work_on(batch: object) -> Any:
    work, common = _AT_WORK
    return work(common, batch)


def _end_with_parent() -> None:
    """A worker of a build that was killed must not go on, nor hold its lock."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
