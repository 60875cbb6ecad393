"""Work done ahead, in other processes and in batches, while doit goes through its tasks one by one.

doit can run tasks in processes itself (`-n`), but sends each task to a process and back: with four small
tasks a lesson that costs more than it saves. Here doit stays in one process, which alone writes the
state and the output, and the pure part of the tasks to come (`work.py`) is handed to workers in batches.
A task takes its result if it is made from what the task is made from now, and else works itself: whether
and where work was done ahead never shows.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.builder.course.work import ParseWork, RepairWork, Workshop, do_lesson, do_parse, do_render
from pipeline.builder.state.readers import read_terms
from pipeline.paths import task_name

if TYPE_CHECKING:
    from pipeline.builder.course.graph import Graph
    from pipeline.builder.course.workers import Workers
    from pipeline.search import Geometry, Posting

BATCH_JOBS = 4
"""Jobs sent to a worker at once: about 15 ms of work, so that sending them costs little, and that no worker has
much to do when there is nothing left for the others."""
MOST_AHEAD = 400
"""Results under way or not asked for yet, of which a lesson has two: enough while doit collects its tasks or waits
for a long lesson, and at most some 10 MB."""
FEWEST_JOBS = 24
"""Fewer are not for workers: starting them takes about as long."""
FARTHEST_LOOK = 500
"""Tasks that are looked through for work to come."""

_Key = tuple[str, str]
_Job = tuple[tuple[_Key, ...], Callable[..., Iterator[Any]], tuple[Any, ...]]
"""What it makes, in order; the function that makes it, and what that is given."""
_SHARDS = ("search", "shards")
_UNDER_WAY = object()


class Ahead:
    """The work under way for one run. Without `processes` there is none."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.processes = 0
        self.candidates: dict[str, list[str]] = {}
        """The items of the tasks of each stage that this run has, in doit's order."""
        self._jobs: dict[str, Iterator[_Job]] = {}
        self._to_come: Iterator[_Job] = iter(())
        self._results: OrderedDict[_Key, Any] = OrderedDict()
        """What was handed out and not asked for yet, in that order; None where it failed."""
        self._shards: Any = None
        self._shards_from: tuple[Any, ...] = ()
        self._workers: Workers | None = None

    def take_repair(self, path: str) -> RepairWork | None:
        """The work of `repair:<path>`, if it was done ahead."""
        work = self._take("repair", path)
        return work if isinstance(work, RepairWork) else None

    def take_parse(self, path: str, page: str, repaired: bytes) -> ParseWork | None:
        """The work of `parse:<path>` on the text with this digest and for this page, if it was done ahead."""
        work = self._take("parse", path)
        return work if isinstance(work, ParseWork) and (work.page, work.repaired) == (page, repaired) else None

    def take_page(self, page: str, inputs: bytes) -> bytes | None:
        """The page made from these inputs, if it was done ahead."""
        work = self._take("render", page)
        return work[1] if isinstance(work, tuple) and work[0] == inputs else None

    def expect(self, stage: str, items: list[str]) -> None:
        """A run has these tasks of a stage. The first stage begins before its first task is asked, while doit still
        collects them."""
        self.candidates[stage] = items
        if stage == "repair" and self.processes >= 2 and len(items) >= FEWEST_JOBS:
            with self._workers_may_end():
                self._find_jobs(stage, items[0])
                self._hand_out()

    def go_on(self) -> None:
        """Take in what is done and hand out more, if there are workers: it takes a microsecond."""
        if self._workers is not None:
            with self._workers_may_end():
                self._take_in(block=False)
                self._hand_out()

    @property
    def is_busy(self) -> bool:
        """Whether there are workers."""
        return self._workers is not None

    def begin_shards(self, geometry: Geometry, lessons: list[tuple[str, int]], others: list[Posting]) -> None:
        """Have the shards of a new index worked out while pages are rendered, if there are workers: from the terms
        of lessons, which they read themselves, with their slots, and those of other pages."""
        if self._workers is None:
            return
        state = self._graph.course.state
        if state.flush():
            arguments = (state.path, geometry, lessons, others)
            self._shards_from = (state.changes, *arguments[1:])
            with self._workers_may_end():
                self._workers.give([((_SHARDS,), _work_on_shards, arguments)])
                self._shards = _UNDER_WAY

    def take_shards(
        self, geometry: Geometry, lessons: list[tuple[str, int]], others: list[Posting]
    ) -> list[tuple[int, bytes]] | None:
        """The shards, if they were worked out from the same and nothing has been parsed since."""
        with self._workers_may_end():
            while self._workers is not None and self._shards is _UNDER_WAY:
                self._take_in(block=True)
        shards, self._shards = self._shards, None
        is_same = self._shards_from == (self._graph.course.state.changes, geometry, lessons, others)
        return shards if is_same and isinstance(shards, list) else None

    def close(self) -> None:
        """End the workers."""
        if self._workers is not None:
            self._workers.close()
        self._workers = None
        self.processes = 0

    # --- handing out and taking in ---

    def _take(self, stage: str, item: str) -> Any:
        if self.processes < 2:
            return None
        key = (stage, item)
        with self._workers_may_end():
            self._take_in(block=False)
            if key not in self._results:
                self._find_jobs(stage, item)
            self._hand_out()
            while self._results.get(key) is _UNDER_WAY:
                self._take_in(block=True)
                self._hand_out()
        while key in self._results:
            # What was handed out before is not asked for any more.
            first, work = self._results.popitem(last=False)
            if first == key:
                return work
        return None

    @contextlib.contextmanager
    def _workers_may_end(self) -> Iterator[None]:
        """A worker that was killed is no fault: its work is done here."""
        try:
            yield
        except (OSError, BrokenExecutor):
            self.close()

    def _find_jobs(self, stage: str, item: str) -> None:
        """What is handed out from now on: the work of a stage from `item` on."""
        if stage not in self._jobs:
            jobs = _JOBS[stage](self._graph, self._after(stage, item))
            first = list(islice(jobs, FEWEST_JOBS))
            self._jobs[stage] = iter(()) if len(first) < FEWEST_JOBS else chain(first, jobs)
        self._to_come = self._jobs[stage]

    def _hand_out(self) -> None:
        """Keep the workers busy."""
        while len(self._results) < MOST_AHEAD and (self._workers is None or self._workers.has_room()):
            batch = list(islice(self._to_come, BATCH_JOBS))
            if not batch:
                return
            self._start().give(batch)
            self._results.update((key, _UNDER_WAY) for keys, _, _ in batch for key in keys)

    def _take_in(self, *, block: bool) -> None:
        for found in self._workers.take(block=block) if self._workers is not None else ():
            self._results.update((key, work) for key, work in found.items() if key in self._results)
            self._shards = found.get(_SHARDS, self._shards)

    def _start(self) -> Workers:
        from pipeline.builder.course.workers import Workers  # 10 ms, and most runs need none

        if self._workers is None:
            self._workers = Workers(self.processes, _work_on, self._graph.course.workshop)
        return self._workers

    def _after(self, stage: str, item: str) -> Iterator[str]:
        items = self.candidates.get(stage, [])
        start = items.index(item) if item in items else len(items)
        return islice(items, start, None)


# --- what is to come: a guess, which may be wrong ---


def _lessons_to_come(graph: Graph, paths: Iterator[str]) -> Iterator[_Job]:
    for path in _near(paths, lambda path: not graph.is_current("repair", path)):
        yield (("repair", path), ("parse", path)), do_lesson, (path, graph.course.plan.page_of(path))


def _texts_to_come(graph: Graph, paths: Iterator[str]) -> Iterator[_Job]:
    def is_stale(path: str) -> bool:
        return graph.is_current("repair", path) and not graph.is_current("parse", path)

    for path in _near(paths, is_stale):
        task = task_name("repair", path)
        record, value = graph.course.state.record(task), graph.course.state.value(task)
        if record is not None and value is not None:
            yield (("parse", path),), _work_on_text, (path, graph.course.plan.page_of(path), value, record.digest)


def _pages_to_come(graph: Graph, pages: Iterator[str]) -> Iterator[_Job]:
    for page in _near(pages, lambda page: not graph.is_current("render", page)):
        inputs, encoded, _ = graph.page_work(page)
        lesson = graph.parsed_value(page, inputs)
        if inputs.published and (lesson is not None or not inputs.lesson):
            yield (("render", page),), _work_on_page, (encoded, lesson)


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


def _work_on(shop: Workshop, batch: list[_Job]) -> dict[_Key, Any]:
    found: dict[_Key, Any] = {}
    for keys, work, arguments in batch:
        found |= dict.fromkeys(keys)
        # What goes wrong here goes wrong again where it can be told.
        with contextlib.suppress(Exception):
            found.update(zip(keys, work(shop, *arguments), strict=False))
    return found


def _work_on_text(shop: Workshop, path: str, page: str, lesson: bytes, digest: bytes) -> Iterator[ParseWork]:
    yield do_parse(path, page, lesson, digest, shop)


def _work_on_page(shop: Workshop, inputs: bytes, lesson: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    yield inputs, do_render(inputs, lesson, shop)


def _work_on_shards(
    shop: Workshop, state_path: Path, geometry: Geometry, lessons: list[tuple[str, int]], others: list[Posting]
) -> Iterator[list[tuple[int, bytes]]]:
    from pipeline.search import Posting, build_shards

    terms = read_terms(state_path, [path for path, _ in lessons])
    read = (Posting(found, slot) for found, (_, slot) in zip(terms, lessons, strict=True))
    yield list(build_shards(geometry, chain(read, others)))
