"""Work done ahead, in other processes and in batches, while doit goes through its tasks one by one.

doit can run tasks in processes itself (`-n`), but sends each task to a process and back: with four small
tasks a lesson that costs more than it saves. Here doit stays in one process, which alone touches the
state and the output, and the pure part of the tasks to come (`work.py`) is handed to workers in batches.
A task takes its result if it is made from what the task is made from now, and else works itself: whether
and where work was done ahead never shows.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.builder.course.work import ParseWork, RepairWork, Workshop, do_parse, do_render, do_repair
from pipeline.paths import task_name

if TYPE_CHECKING:
    from pipeline.builder.course.graph import Graph

BATCH_JOBS = 8
"""Jobs sent to a worker at once: about 30 ms of work, so that sending them costs little."""
WAITING_BATCHES = 3
"""Batches under way for each process: enough that none waits, few enough to keep memory flat."""
FEWEST_JOBS = 24
"""Fewer are done here: starting the workers takes about as long."""
FARTHEST_LOOK = 500
"""Tasks that are looked through for work to come."""
GARBAGE_THRESHOLD = 100_000
"""New objects, less those that are gone, between two searches for garbage that holds itself. A build makes next
to none; at Python's 700 the search is a tenth of the time, of workers and of the process of doit alike."""



def collect_rarely() -> None:
    """Let a process that builds look for garbage as seldom as it pays."""
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])


_Key = tuple[str, str]
_Job = tuple[Any, ...]


class Ahead:
    """The work under way for one run. Without `processes` there is none."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.processes = 0
        self.candidates: dict[str, list[str]] = {}
        """The items of the tasks of each stage that this run has, in doit's order."""
        self._jobs: dict[str, Iterator[tuple[_Key, _Job]]] = {}
        self._waiting: deque[Future[list[tuple[_Key, Any]]]] = deque()
        self._where: dict[_Key, Future[list[tuple[_Key, Any]]]] = {}
        self._done: dict[_Key, Any] = {}
        self._pool: ProcessPoolExecutor | None = None

    def take_repair(self, path: str) -> RepairWork | None:
        """The work of `repair:<path>`, if it was done ahead."""
        work = self._take("repair", path)
        return work if isinstance(work, RepairWork) else None

    def take_parse(self, path: str, repaired: bytes) -> ParseWork | None:
        """The work of `parse:<path>` on the text with this digest, if it was done ahead."""
        work = self._take("parse", path)
        return work if isinstance(work, ParseWork) and work.repaired == repaired else None

    def take_page(self, page: str, inputs: bytes) -> bytes | None:
        """The page made from these inputs, if it was done ahead."""
        work = self._take("render", page)
        return work[1] if isinstance(work, tuple) and work[0] == inputs else None

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None
        self.processes = 0

    # --- handing out and taking in ---

    def _take(self, stage: str, item: str) -> Any:
        if self.processes < 2:
            return None
        key = (stage, item)
        if key not in self._done:
            self._hand_out(stage, item)
            batch = self._where.pop(key, None)
            if batch is not None:
                self._take_in(batch)
        return self._done.pop(key, None)

    def _hand_out(self, stage: str, item: str) -> None:
        """Keep the workers busy with what comes after `item`."""
        if stage not in self._jobs:
            jobs = _JOBS[stage](self._graph, self._after(stage, item))
            first = list(islice(jobs, FEWEST_JOBS))
            self._jobs[stage] = iter(()) if len(first) < FEWEST_JOBS else _chain(first, jobs)
        while len(self._waiting) < self.processes * WAITING_BATCHES:
            batch = list(islice(self._jobs[stage], BATCH_JOBS))
            if not batch:
                return
            future = self._submit(batch)
            if future is None:
                return
            self._waiting.append(future)
            for key, job in batch:
                self._where[key] = future
                if job[0] is _work_on_lesson:
                    self._where["parse", key[1]] = future

    def _take_in(self, batch: Future[list[tuple[_Key, Any]]]) -> None:
        with contextlib.suppress(ValueError):
            self._waiting.remove(batch)
        try:
            found = batch.result()
        except (BrokenProcessPool, OSError):
            self.close()  # a worker was killed: its work is done here
            return
        for key, work in found:
            self._where.pop(key, None)
            self._done[key] = work

    def _submit(self, batch: list[tuple[_Key, _Job]]) -> Future[list[tuple[_Key, Any]]] | None:
        try:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self.processes, initializer=_start_worker, initargs=(self._graph.course.workshop,)
                )
            return self._pool.submit(_work_on, batch)
        except (BrokenProcessPool, OSError, RuntimeError):
            self.close()
            return None

    def _after(self, stage: str, item: str) -> Iterator[str]:
        items = self.candidates.get(stage, [])
        start = items.index(item) if item in items else len(items)
        return islice(items, start, None)


def _chain(first: list[tuple[_Key, _Job]], rest: Iterator[tuple[_Key, _Job]]) -> Iterator[tuple[_Key, _Job]]:
    yield from first
    yield from rest


# --- what is to come: a guess, which may be wrong ---


def _lessons_to_come(graph: Graph, paths: Iterator[str]) -> Iterator[tuple[_Key, _Job]]:
    for path in _near(paths, lambda path: not graph.is_current("repair", path)):
        yield ("repair", path), (_work_on_lesson, path)


def _texts_to_come(graph: Graph, paths: Iterator[str]) -> Iterator[tuple[_Key, _Job]]:
    def is_stale(path: str) -> bool:
        return graph.is_current("repair", path) and not graph.is_current("parse", path)

    for path in _near(paths, is_stale):
        task = task_name("repair", path)
        record, value = graph.course.state.record(task), graph.course.state.value(task)
        if record is not None and value is not None:
            yield ("parse", path), (_work_on_text, path, value, record.digest)


def _pages_to_come(graph: Graph, pages: Iterator[str]) -> Iterator[tuple[_Key, _Job]]:
    for page in _near(pages, lambda page: not graph.is_current("render", page)):
        inputs, encoded = graph.encoded_page_inputs(page)
        if inputs.published:
            yield ("render", page), (_work_on_page, page, encoded, graph.parsed_value(page, inputs))


def _near(items: Iterator[str], is_stale: Callable[[str], bool]) -> Iterator[str]:
    """The stale ones, until there are too many in a row that are not."""
    current = 0
    for item in items:
        if is_stale(item):
            current = 0
            yield item
        else:
            current += 1
            if current > FARTHEST_LOOK:
                return


_JOBS = {"repair": _lessons_to_come, "parse": _texts_to_come, "render": _pages_to_come}


# --- in the workers ---

_SHOP: list[Workshop] = []


def _start_worker(shop: Workshop) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    _SHOP[:] = [shop]
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    """A worker of a build that was killed must not go on, nor hold its lock."""
    parent.join()
    os._exit(1)


def _work_on(batch: list[tuple[_Key, _Job]]) -> list[tuple[_Key, Any]]:
    found: list[tuple[_Key, Any]] = []
    for _, (work, *arguments) in batch:
        # What goes wrong here goes wrong again where it can be told.
        with contextlib.suppress(Exception):
            found.extend(work(_SHOP[0], *arguments))
    return found


def _work_on_lesson(shop: Workshop, path: str) -> Iterator[tuple[_Key, Any]]:
    repaired = do_repair(path, shop)
    yield ("repair", path), repaired
    yield ("parse", path), do_parse(path, repaired.lesson, repaired.digest, shop)


def _work_on_text(shop: Workshop, path: str, lesson: bytes, digest: bytes) -> Iterator[tuple[_Key, Any]]:
    yield ("parse", path), do_parse(path, lesson, digest, shop)


def _work_on_page(shop: Workshop, page: str, inputs: bytes, lesson: bytes | None) -> Iterator[tuple[_Key, Any]]:
    yield ("render", page), (inputs, do_render(inputs, lesson, shop))
