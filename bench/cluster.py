#!/usr/bin/env python3
"""The first build of a course: the processes of this machine, and clusters of Dask workers on it, in turns.

    pip install 'lesson-pipeline[cluster]'
    python bench/cluster.py [--lessons 468 10000] [--workers 1 2] [--runs 1] [--hugo PATH] [--moved] [--saturation]

Seconds are by the clock, of the whole `doit`; schedulers and workers run before it starts. Processor time is of all
processes: where other work uses the machine it says more. Memory is the peak of the largest process of `doit`, and of
each worker. Bytes moved are those over the loopback device. `--hugo` builds the same lessons with Hugo in each run.
`--moved` is about a fresh clone: state and output of a build are put beside lessons whose files are new, one lesson is
edited, and `doit` is timed. `--workers` without numbers measures no cluster.
`--saturation` answers each job at once with what it gave before: what is left is the process of doit alone, and so the
number of workers beyond which more of them do not help. To connect is what a process takes that does nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builders import Hugo, bare_program
from courses import PROJECT, SHARED, lesson_path, make_course, read_seed
from timing import time_command

from pipeline.builder.course.ahead import Executor
from pipeline.builder.disk.location import Location
from pipeline.builder.executors.cluster import CALM
from pipeline.builder.executors.pool import Pool
from pipeline.builder.runs.builds import Builds
from pipeline.builder.runs.run import CourseRun

DASK = Path(sys.executable).with_name("dask")
DOIT = Path(sys.executable).with_name("doit")


@contextlib.contextmanager
def machines(count: int, folder: Path) -> Iterator[Any]:
    """A scheduler and some workers, and a client of Dask to ask them."""
    from distributed import Client

    file = folder / f"scheduler-{count}.json"
    environment = os.environ | {f"DASK_{key.upper().replace('.', '__')}": str(value) for key, value in CALM.items()}
    with contextlib.ExitStack() as stack:

        def begin(*arguments: object) -> None:
            command = [os.fspath(DASK), *map(str, arguments), "--no-dashboard"]
            process = subprocess.Popen(
                command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(os.killpg, process.pid, signal.SIGTERM)

        begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
        while not file.exists():
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        for _ in range(count):
            begin("worker", address, "--nthreads", 1)  # with a nanny, as by Dask's rule
        with Client(address) as client:
            client.wait_for_workers(count, timeout=60)
            yield client


def peak_mb() -> float:
    """Of this process, in megabytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def loopback_bytes() -> int:
    """What went over the loopback device since the machine was started."""
    line = next(line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("lo:"))
    return int(line.split(":")[1].split()[0])


def make_project(folder: Path, lessons: int, shared: Path) -> Path:
    """A project with a course of so many lessons."""
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    make_course(lessons, folder / "content", read_seed(shared))
    return folder


def build(project: Path, *arguments: str) -> tuple[float, float, float]:
    """Seconds of a first build by the clock and of processors, and the memory of its largest process."""
    for name in ("output", ".lesson-pipeline"):
        shutil.rmtree(project / name, ignore_errors=True)
    return time_whole([os.fspath(DOIT), *arguments], project)


def time_whole(command: list[str], folder: Path) -> tuple[float, float, float]:
    """Seconds by the clock and of processors, and the memory of its largest process."""
    before = os.times()
    timing = time_command(command, folder, accept=(0, 1))
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return timing.seconds, used, timing.largest_mb


CONNECT = """
import sys
from pathlib import Path
from pipeline.builder.course.work import Workshop
from pipeline.builder.executors.cluster import Cluster
from pipeline.settings import Settings
Cluster(sys.argv[1], dict, Workshop(None, (), Settings(), {}, {}, {}, Path(), ""), print).close()
"""
"""A process that connects and leaves again."""


def used_seconds(client: Any) -> float:
    """Processor time of the scheduler and of all workers since they began."""
    return float(client.run_on_scheduler(time.process_time) + sum(client.run(time.process_time).values()))


def measure_moved(project: Path, hugo: Hugo | None) -> None:
    """A fresh clone with the state and the output of the last run, and one edit."""
    fresh = project.parent / "fresh"
    shutil.copytree(project, fresh, copy_function=shutil.copyfile)  # other times and inodes
    with (fresh / "content" / lesson_path(2)).open("a") as lesson:
        lesson.write("\n\nMột câu thêm.\n")
    seconds, used, memory = time_whole([os.fspath(DOIT)], fresh)
    shutil.rmtree(fresh)
    line = f"  a fresh clone and one edit {seconds:.2f} s ({used:.2f} s of a processor), {memory:.0f} MB"
    if hugo is not None:
        theirs, theirs_used = build_with_hugo(hugo)
        line += f", Hugo's whole build {theirs:.2f} s ({theirs_used:.2f}): {seconds / theirs:.2f} of it"
    print(line, flush=True)


def build_with_hugo(hugo: Hugo) -> tuple[float, float]:
    """Seconds of its first build, by the clock and of processors."""
    hugo.forget()
    seconds, used, _ = time_whole(hugo.command, hugo.folder)
    return seconds, used


class Remembering(Pool):
    """A pool that notes what each job gave."""

    given: dict[Any, Any] = {}  # noqa: RUF012

    def take(self, *, block: bool) -> Iterator[Any]:
        for found in super().take(block=block):
            self.given.update(found)
            yield found


class Instant:
    """Workers that answer at once."""

    batch_jobs, count = 50, 1

    def __init__(self) -> None:
        self._batches: list[list[Any]] = []

    def has_room(self) -> bool:
        return not self._batches

    def give(self, batch: list[Any]) -> None:
        self._batches.append(batch)

    give_here = give

    def take(self, *, block: bool) -> Iterator[dict[Any, Any]]:
        batches, self._batches = self._batches, []
        for batch in batches:
            yield {key: Remembering.given[key] for keys, _, _ in batch for key in keys if key in Remembering.given}

    def close(self) -> None:
        pass


def measure_saturation(project: Path, lessons: int) -> None:
    """What the process of doit needs for a lesson, and what the workers do."""
    seconds = []
    for start in (lambda work, common: Remembering(2, work, common), lambda work, common: Instant()):
        for name in ("output", ".lesson-pipeline"):
            shutil.rmtree(project / name, ignore_errors=True)
        CourseRun._executor = lambda self, start=start: Executor(start, 1)  # type: ignore[method-assign,misc]
        begun, used = time.perf_counter(), time.process_time()
        Builds(Location(project, project / "content", project / "output")).run()
        seconds.append((time.perf_counter() - begun, time.process_time() - used))
    children = os.times().children_user
    alone = seconds[1][1] / lessons * 1000
    theirs = children / lessons * 1000
    print(
        f"{lessons:,} lessons: doit alone {alone:.2f} ms of processor time a lesson, the work {theirs:.2f} ms: "
        f"more than {theirs / alone:.0f} workers do not help"
    )


def measure_cluster(project: Path, count: int, here: tuple[float, float, float], lessons: int) -> None:
    """A first build with so many workers, beside what one without them took."""
    with machines(count, project.parent) as client:
        (project.parent / f"scheduler-{count}.json").unlink()
        connecting = time_whole([sys.executable, "-c", CONNECT, client.scheduler.address], PROJECT)[0]
        before, used_before = loopback_bytes(), used_seconds(client)
        seconds, used, memory = build(project, "--cluster", client.scheduler.address)
        used += used_seconds(client) - used_before
        moved = (loopback_bytes() - before) / 1e6
        theirs = max(client.run(peak_mb).values())
    more, more_used = (seconds - here[0]) / lessons * 1000, (used - here[1]) / lessons * 1000
    print(
        f"  {count} workers {seconds:.1f} s, of which {connecting:.1f} s to connect ({seconds / here[0]:.2f}, "
        f"{more:+.2f} ms a lesson), of processors {used:.1f} s ({used / here[1]:.2f}, {more_used:+.2f} ms), "
        f"{moved:.0f} MB moved, doit {memory:.0f} MB, a worker {theirs:.0f} MB",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, nargs="+", default=[468, 10_000])
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--hugo", type=Path, help="the program")
    parser.add_argument("--moved", action="store_true")
    parser.add_argument("--saturation", action="store_true")
    parser.add_argument("--shared", type=Path, default=SHARED, help="where the real lessons are")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = os.fspath(PROJECT)
    for lessons in options.lessons:
        with tempfile.TemporaryDirectory() as temporary:
            (Path(temporary) / "project").mkdir()
            project = make_project(Path(temporary) / "project", lessons, options.shared)
            if options.saturation:
                measure_saturation(project, lessons)
                continue
            hugo = None
            if options.hugo:
                hugo = Hugo(Path(temporary) / "hugo", [os.fspath(bare_program(options.hugo)), "--quiet"])
                hugo.prepare(project / "content")
            for run in range(options.runs):
                here = build(project, "-n", "2")
                print(
                    f"{lessons:,} lessons, run {run}: this machine {here[0]:.1f} s, of processors {here[1]:.1f} s, "
                    f"{here[2]:.0f} MB",
                    flush=True,
                )
                for count in options.workers:
                    measure_cluster(project, count, here, lessons)
                if options.moved:
                    measure_moved(project, hugo)
                elif hugo is not None:
                    print("  Hugo {:.1f} s, of processors {:.1f} s".format(*build_with_hugo(hugo)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
