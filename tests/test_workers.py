"""Work done in other processes is what would be done here; one that is lost is only done later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from building import Project, read_tree

from pipeline.builder.course.ahead import Executor
from pipeline.builder.disk.files import PART_PREFIX
from pipeline.builder.disk.location import Location
from pipeline.builder.executors.pool import BATCHES_EACH, Pool
from pipeline.builder.runs.run import CourseRun


def work(common: int, batch: object) -> object:
    if isinstance(batch, int) and batch < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return batch if not isinstance(batch, int) else common + batch


@pytest.fixture
def workers() -> Iterator[Pool]:
    started = Pool(2, work, 1000)
    yield started
    started.close()


def take_all(workers: Pool, count: int) -> list[object]:
    found: list[object] = []
    while len(found) < count:
        found += workers.take(block=True)
    return found


def test_each_batch_is_worked_on_once(workers: Pool) -> None:
    found: list[object] = []
    for number in range(50):
        while not workers.has_room():
            found += workers.take(block=True)
        workers.give(number)
    found += take_all(workers, 50 - len(found))
    assert sorted(map(str, found)) == sorted(str(1000 + number) for number in range(50))


def test_who_gives_does_not_wait_for_who_takes(workers: Pool) -> None:
    """Far more than pipes hold goes in before anything is taken out."""
    large = b"x" * 500_000
    for _ in range(2 * BATCHES_EACH):
        assert workers.has_room()
        workers.give(large)
    assert not workers.has_room()
    assert take_all(workers, 2 * BATCHES_EACH) == [large] * 4


def touch(common: object, path: object) -> None:
    """Say that work on a batch has begun, and go on when there is a file `open` beside it."""
    assert isinstance(path, Path)
    path.touch()
    while not path.with_name("open").exists():
        time.sleep(0.01)


def test_at_the_end_what_is_under_way_is_done_and_what_waits_is_not_begun(tmp_path: Path) -> None:
    batches = [tmp_path / str(number) for number in range(20)]
    started = Pool(1, touch, None)
    for path in batches:
        started.give(path)
    while not batches[0].exists():
        time.sleep(0.01)
    (tmp_path / "open").touch()
    started.close()
    begun = [path.exists() for path in batches]
    assert begun[0]
    assert not begun[-1]


@pytest.mark.timeout(120)
def test_whoever_waits_gets_something_and_who_does_not_wait_may_get_nothing(tmp_path: Path) -> None:
    started = Pool(1, touch, None)
    assert list(started.take(block=False)) == []
    started.give(tmp_path / "0")
    assert list(started.take(block=False)) == []
    (tmp_path / "open").touch()
    assert list(started.take(block=True)) == [None]
    started.close()


def test_the_end_of_a_worker_is_told(workers: Pool) -> None:
    workers.give(-1)
    with pytest.raises(BrokenExecutor):
        take_all(workers, 1)


class Ending(Pool):
    """Workers who are gone as soon as they have begun on the search index."""

    is_over = False

    def give_here(self, batch: object) -> None:
        self.is_over = True

    def take(self, *, block: bool) -> Iterator[Any]:
        if self.is_over:
            raise BrokenExecutor
        return super().take(block=block)


@pytest.mark.timeout(120)
def test_a_search_index_whose_worker_is_gone_is_made_by_who_works_otherwise(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        project.write(f"c/{number}.md", f"# Bài {number}\n\nMột câu số {number}.\n")
    otherwise = Executor(partial(Pool, 2), 1)
    monkeypatch.setattr(CourseRun, "_executor", lambda self: Executor(partial(Ending, 2), 1, otherwise=otherwise))
    run = project.doit()
    assert run.status == 0, run.text
    monkeypatch.undo()
    assert read_tree(project.output) == project.clean_build()


class Noting(Pool):
    """Workers who note what reads the state."""

    given: ClassVar[list[Any]] = []

    def give_here(self, batch: object) -> None:
        assert isinstance(batch, list)
        self.given.extend(key for keys, _, _ in batch for key in keys)
        super().give_here(batch)


@pytest.mark.parametrize("is_ahead", [True, False])
def test_the_search_index_of_a_very_large_course_is_built_in_parts(
    project: Project, monkeypatch: pytest.MonkeyPatch, is_ahead: bool
) -> None:
    """So that no process holds the terms of all its lessons: by who works ahead, or where nobody does."""
    for number in range(60):
        project.write(f"c/{number}.md", f"# Bài {number}\n\nMột câu số {number}.\n")
    Noting.given.clear()
    monkeypatch.setattr("pipeline.search.shards.MOST_HELD", 25)
    monkeypatch.setattr(CourseRun, "_executor", lambda self: Executor(partial(Noting, 2), 1) if is_ahead else None)
    run = project.doit()
    assert run.status == 0, run.text
    monkeypatch.undo()
    assert Noting.given == [("shards", str(part)) for part in range(3)] * is_ahead
    assert read_tree(project.output) == project.clean_build()
    state = Location(project.root, project.content, project.output).state_folder
    assert not list(state.glob(f"{PART_PREFIX}*")), "the parts waited in files"
    (left := state / f"{PART_PREFIX}shards-0.part").write_bytes(b"half")  # by a build that was killed
    project.write("c/1.md", "# Another\n")
    assert project.doit().status == 0
    assert not left.exists()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found in /proc")
def test_a_build_whose_worker_is_killed_ends_as_any_other(project: Project) -> None:
    for number in range(200):
        project.write(f"c/lesson_{number}.md", f"# Bài {number}\n\n" + "Một câu *dài* và `rõ`.\n\n" * 20)
    process = subprocess.Popen(
        [sys.executable, "-m", "doit", "-r", "tasks", "-n", "2"],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(100):
        process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    os.kill(int(children[0]), signal.SIGKILL)
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 0, text
    assert read_tree(project.output) == project.clean_build()
