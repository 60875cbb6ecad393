"""batches of jobs -> their results, worked out by other processes.

`concurrent.futures` would keep three threads in the process of doit, which take turns with it at every batch.
Here it has none: it looks whether results have come when it has time, and waits when it needs one. Each worker
has a second batch while it works on a first, and pipes that hold some results: none waits for doit.
"""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import select
import signal
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread
from typing import Any

from pipeline.builder.course.garbage import collect_rarely

BATCHES_EACH = 2
"""Batches that a worker has: one under way, one that waits."""
PIPE_BYTES = 1 << 20
"""What a pipe is to hold, where the system lets one choose: some batches of results."""

Work = Callable[[Any, Any], Any]
"""What all batches have in common, and a batch -> its result."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    batches: Connection
    results: Connection
    under_way: deque[int] = field(default_factory=deque)
    """How much each batch counts whose results have not come."""

    @property
    def load(self) -> int:
        return sum(self.under_way)


class Workers:
    """Processes that work. Any method raises OSError or EOFError when one of them is gone."""

    def __init__(self, count: int, work: Work, common: object) -> None:
        self._workers: dict[int, _Worker] = {}
        self._poll = select.poll()
        for _ in range(count):
            batches, batches_end = multiprocessing.Pipe(duplex=False)
            results_end, results = multiprocessing.Pipe(duplex=False)
            for pipe in (batches_end, results):
                with contextlib.suppress(OSError, AttributeError):  # another system, or a limit of this one
                    fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            process = multiprocessing.Process(target=_serve, args=(batches, results, work, common), daemon=True)
            process.start()
            # Else the end of a worker would not be seen.
            batches.close()
            results.close()
            self._workers[results_end.fileno()] = _Worker(process, batches_end, results_end)
            self._poll.register(results_end.fileno(), select.POLLIN)

    def has_room(self) -> bool:
        """Whether a worker has fewer batches than it should."""
        return any(worker.load < BATCHES_EACH for worker in self._workers.values())

    def give(self, batch: object, *, is_long: bool = False) -> None:
        """Hand a batch to the worker that has the fewest; behind a long one none is to wait."""
        worker = min(self._workers.values(), key=lambda worker: worker.load)
        worker.batches.send(batch)
        worker.under_way.append(BATCHES_EACH if is_long else 1)

    def take(self, *, block: bool) -> Iterator[Any]:
        """The results that have come since; at least one, if asked to wait for it."""
        for number, _ in self._poll.poll(None if block else 0):
            worker = self._workers[number]
            found = worker.results.recv()
            worker.under_way.popleft()
            yield found

    def close(self) -> None:
        """End them, whatever they are at."""
        for worker in self._workers.values():
            worker.process.terminate()
        for worker in self._workers.values():
            worker.process.join()
            worker.batches.close()
            worker.results.close()
        self._workers.clear()


def _serve(batches: Connection, results: Connection, work: Work, common: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    waiting: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_read, args=(batches, waiting), daemon=True).start()
    while True:
        results.send(work(common, waiting.get()))


def _read(batches: Connection, waiting: SimpleQueue[Any]) -> None:
    """Keep the pipe empty, so that who fills it never waits for who reads it, and the other way round.

    A worker of a build that was killed must not go on, nor hold its lock.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    with contextlib.suppress(EOFError, OSError):
        while batches in wait([batches, parent.sentinel]):
            waiting.put(batches.recv())
    os._exit(1)
