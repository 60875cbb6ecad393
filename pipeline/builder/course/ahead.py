"""Work done ahead, in other processes and in batches, while doit goes through its tasks one by one.

doit can run tasks in processes itself (`-n`), but sends each task to a process and back: with four small
tasks a lesson that costs more than it saves. Here doit stays in one process, which alone writes the
state and the output, and the pure part of the tasks to come (`work.py`) is handed to workers in batches.
A task takes its result if it is made from what the task is made from now, and else works itself: whether
and where work was done ahead never shows.
"""

from __future__ import annotations

import contextlib
import marshal
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pipeline.builder.course.work import ParseWork, RepairWork, Workshop, do_parse, do_render
from pipeline.builder.disk.files import PART_PREFIX, digest_of, remove_parts
from pipeline.builder.state.readers import read_terms
from pipeline.errors import ClusterError, PipelineError

if TYPE_CHECKING:
    from pipeline.builder.course.course import Course
    from pipeline.search import Geometry, Posting

FEWEST_JOBS = 24
"""Fewer are not for processes of this machine: starting them takes about as long."""
MOST_AHEAD = 400
"""Results under way or not asked for yet, of which a lesson has two: enough while doit collects its tasks or waits
for a long lesson, and at most some 10 MB."""
BATCH_BYTES = 2_000_000
"""A batch is closed when its jobs bring so much."""

Key = tuple[str, str]
Job = tuple[tuple[Key, ...], Callable[..., Iterator[Any]], tuple[Any, ...]]
"""What it makes, in order; the function that makes it, and what that is given."""
_SHARDS = "shards"
_UNDER_WAY = object()

Work = Callable[[Any, Any], Any]
"""What all batches have in common, and a batch -> its result."""


class Workers(Protocol):
    """Who works on batches (`executors/`)."""

    @property
    def count(self) -> int:
        """How many there are."""

    @property
    def batch_jobs(self) -> int:
        """How many jobs the next batch should have."""

    def has_room(self) -> bool:
        """Whether fewer batches are under way than there should be."""

    def give(self, batch: list[Job]) -> None:
        """Hand out a batch."""

    def give_here(self, batch: list[Job]) -> None:
        """Hand out a batch that reads the state, and so needs a process of this machine."""

    def take(self, *, block: bool) -> Iterator[dict[Key, Any]]:
        """The results that have come since; at least one, if asked to wait for it. Raises `BrokenExecutor` when
        nobody works any more: the rest is done here."""

    def close(self) -> None:
        """The work is over."""


class Executor(NamedTuple):
    """How to come by workers, when there is enough to do."""

    start: Callable[[Work, Workshop], Workers]
    """Given what to do with a batch, and what all batches have in common."""
    fewest_jobs: int = FEWEST_JOBS
    """With fewer jobs it is not worth while."""
    most_ahead: int = MOST_AHEAD
    """How many results may be under way or not asked for yet."""
    otherwise: Executor | None = None
    """Who works where there is too little to do, or when these workers are gone."""
    tell: Callable[[str], object] = lambda message: None
    """Where to tell that."""


class Aside:
    """Lists of numbers and bytes that are asked for long after they were made: each in a file, which who made it has
    written, for together they may be larger than all else that a build holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.close()

    def path(self, part: int) -> str:
        """Where one of them is."""
        return os.path.join(self._folder, f"{PART_PREFIX}shards-{part}.part")

    def read(self, parts: int) -> Iterator[Any]:
        """The members of all of them; the files are deleted one by one."""
        for part in range(parts):
            with open(self.path(part), "rb") as file:
                found = marshal.load(file)  # nobody else writes into the state's folder
            os.unlink(self.path(part))
            yield from found

    def close(self) -> None:
        """Delete what is left of them."""
        remove_parts(self._folder)


class Ahead:
    """The work under way for one run. Without an `executor` there is none."""

    def __init__(self, course: Course, find_jobs: Callable[[str, Iterator[str]], Iterator[Job]]) -> None:
        self._course = course
        self._find = find_jobs
        """A stage, and items of its tasks to come -> the jobs among them; a guess, which may be wrong."""
        self.executor: Executor | None = None
        self.stopped: ClusterError | None = None
        """Why the run cannot go on, if so: what was asked for to work ahead cannot be used."""
        self.candidates: dict[str, list[str]] = {}
        """The items of the tasks of each stage that this run has, in doit's order."""
        self._jobs: dict[str, Iterator[Job]] = {}
        self._to_come: Iterator[Job] = iter(())
        self._results: OrderedDict[Key, Any] = OrderedDict()
        """What was handed out and not asked for yet, in that order; None where it failed."""
        self._shards: dict[Key, Any] = {}
        """The parts of a new search index: whether each was made, or `_UNDER_WAY`."""
        self._aside: Aside | None = None
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
        return work[1] if isinstance(work, tuple) and work[0] == digest_of(inputs) else None

    def expect(self, stage: str, items: list[str]) -> None:
        """A run has these tasks of a stage. The first stage begins before its first task is asked, while doit still
        collects them."""
        self.candidates[stage] = items
        if stage == "repair" and self.executor is not None and len(items) >= self.executor.fewest_jobs:
            with self._workers_may_end():
                self._find_jobs(stage, items[0])
                self._hand_out()

    def go_on(self) -> None:
        """Take in what is done and hand out more, if there are workers: it takes a microsecond."""
        if self._workers is not None:
            with self._workers_may_end():
                self._take_in(block=False)
                self._hand_out()

    def count_workers(self) -> int:
        """How many work now."""
        return self._workers.count if self._workers is not None else 0

    @property
    def is_busy(self) -> bool:
        """Whether there are workers."""
        return self._workers is not None

    def begin_shards(self, geometry: Geometry, lessons: list[tuple[str, int]], others: list[Posting]) -> None:
        """Have the shards of a new index worked out while pages are rendered, if there are workers: from the terms
        of lessons, which they read themselves, with their slots, and those of other pages."""
        if self._workers is None:
            return
        from pipeline.search import count_parts

        state = self._course.state
        if state.flush():
            parts = count_parts(geometry, len(lessons))
            self._aside = Aside(state.path.parent)
            self._shards_from = (state.changes, geometry, lessons, others)
            self._shards = {(_SHARDS, str(part)): _UNDER_WAY for part in range(parts)}
            with self._workers_may_end():
                for part, key in enumerate(self._shards):
                    target = self._aside.path(part)
                    job = ((key,), _work_on_shards, (target, state.path, geometry, lessons, others, part, parts))
                    self._workers.give_here([job])

    def take_shards(
        self, geometry: Geometry, lessons: list[tuple[str, int]], others: list[Posting]
    ) -> Iterator[tuple[int, bytes]] | None:
        """The shards, if they were worked out from the same and nothing has been parsed since."""
        with self._workers_may_end():
            while self._workers is not None and _UNDER_WAY in self._shards.values():
                self._take_in(block=True)
        made = list(self._shards.values())
        is_same = self._shards_from == (self._course.state.changes, geometry, lessons, others)
        self._shards_from = ()
        if self._aside is None or not is_same or not made or any(found is not True for found in made):
            self._forget_shards()
            return None
        return self._aside.read(len(made))

    def _forget_shards(self) -> None:
        if self._aside is not None:
            self._aside.close()
        self._aside, self._shards, self._shards_from = None, {}, ()

    def close(self) -> None:
        """End the workers."""
        if self._workers is not None:
            self._workers.close()
        self._workers = self.executor = None
        self._forget_shards()

    # --- handing out and taking in ---

    def _take(self, stage: str, item: str) -> Any:
        if self.stopped is not None:
            raise self.stopped
        if self.executor is None:
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
        if self.stopped is not None:
            raise self.stopped
        while key in self._results:
            # What was handed out before is not asked for any more.
            first, work = self._results.popitem(last=False)
            if first == key and isinstance(work, PipelineError):
                raise work
            if first == key:
                return work
        return None

    @contextlib.contextmanager
    def _workers_may_end(self) -> Iterator[None]:
        """A worker that was killed is no fault: its work is done here."""
        try:
            yield
        except (OSError, RuntimeError) as error:
            from concurrent.futures import BrokenExecutor  # 1 ms, and most runs have no workers

            if isinstance(error, RuntimeError) and not isinstance(error, BrokenExecutor):
                raise
            self._go_on_otherwise()
        except ClusterError as error:
            self.stopped = error
            self.close()

    def _go_on_otherwise(self) -> None:
        """What is under way is lost, and handed out anew to who works otherwise."""
        otherwise = self.executor.otherwise if self.executor else None
        self.close()
        self._results.clear()
        self._jobs.clear()
        self._to_come = iter(())
        self.executor = otherwise

    def _find_jobs(self, stage: str, item: str) -> None:
        """What is handed out from now on: the work of a stage from `item` on."""
        if stage not in self._jobs:
            jobs = self._find(stage, self._after(stage, item))
            fewest = self.executor.fewest_jobs if self.executor else 0
            first = list(islice(jobs, fewest))
            if len(first) < fewest and self._workers is None and self.executor and self.executor.otherwise:
                self.executor.tell(f"fewer than {fewest:,} tasks of {stage} to do: they are done on this machine")
                self.executor = self.executor.otherwise
                fewest, jobs = self.executor.fewest_jobs, chain(first, jobs)
                first = list(islice(jobs, fewest))
            self._jobs[stage] = iter(()) if len(first) < fewest else chain(first, jobs)
        self._to_come = self._jobs[stage]

    def _hand_out(self) -> None:
        """Keep the workers busy."""
        most = self.executor.most_ahead if self.executor else 0
        while len(self._results) < most and (self._workers is None or self._workers.has_room()):
            batch = self._next_batch()
            if not batch:
                return
            self._start().give(batch)
            self._results.update((key, _UNDER_WAY) for keys, _, _ in batch for key in keys)

    def _next_batch(self) -> list[Job]:
        batch: list[Job] = []
        size, most = 0, self._workers.batch_jobs if self._workers else 1
        while size < BATCH_BYTES and len(batch) < most and (job := next(self._to_come, None)) is not None:
            batch.append(job)
            size += sum(len(value) for value in job[2] if isinstance(value, bytes))
        return batch

    def _take_in(self, *, block: bool) -> None:
        for found in self._workers.take(block=block) if self._workers is not None else ():
            self._results.update((key, work) for key, work in found.items() if key in self._results)
            self._shards.update((key, work) for key, work in found.items() if key in self._shards)

    def _start(self) -> Workers:
        assert self.executor is not None
        if self._workers is None:
            self._workers = self.executor.start(_work_on, self._course.workshop)
        return self._workers

    def _after(self, stage: str, item: str) -> Iterator[str]:
        items = self.candidates.get(stage, [])
        start = items.index(item) if item in items else len(items)
        return islice(items, start, None)


# --- in the workers ---


def _work_on(shop: Workshop, batch: list[Job]) -> dict[Key, Any]:
    found: dict[Key, Any] = {}
    for keys, work, arguments in batch:
        found |= dict.fromkeys(keys)
        # What goes wrong here goes wrong again where it can be told.
        with contextlib.suppress(Exception):
            found.update(zip(keys, work(shop, *arguments), strict=False))
    return found


def work_on_text(shop: Workshop, path: str, page: str, lesson: bytes, digest: bytes) -> Iterator[ParseWork]:
    """A lesson that is repaired, parsed."""
    yield do_parse(path, page, lesson, digest, shop)


def work_on_page(shop: Workshop, inputs: bytes, lesson: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """A page, with what it was made from."""
    yield digest_of(inputs), do_render(inputs, lesson, shop)


def _work_on_shards(
    shop: Workshop,
    target: str,
    state_path: Path,
    geometry: Geometry,
    lessons: list[tuple[str, int]],
    others: list[Posting],
    part: int,
    parts: int,
) -> Iterator[bool]:
    from pipeline.search import Posting, build_shards

    terms = read_terms(state_path, [path for path, _ in lessons])
    read = (Posting(found, slot) for found, (_, slot) in zip(terms, lessons, strict=True))
    made = list(build_shards(geometry, chain(read, others), part, parts))
    with open(target, "wb") as file:
        marshal.dump(made, file)
    yield True
