"""A build that is killed loses at most the task it was at, and the next one ends where an
undisturbed one ends. Two builds of one course wait for each other."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from building import PROJECT, Project, read_tree

from pipeline.builder.state.database import BATCH_SECONDS


@pytest.fixture
def course(project: Project) -> Project:
    damaged = (PROJECT / "content/03_xay_dung_tang_dan/04_ghi_tep_nguyen_tu.md").read_bytes()
    for number in range(40):
        project.write(f"a/lesson_{number}.md", f"# Bài {number}\n\nChữ {number}. [sau](lesson_{number + 1}.md)\n")
    for number in range(4):
        project.write(f"b/hong_{number}.md", damaged)
    project.write("b/image.png", bytes(300_000))
    return project


def plain_names(files: Iterable[str]) -> set[str]:
    """Those of files that are not named after their content."""
    return {path for path in files if not path.startswith("_search/")}


def start(course: Project, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "doit", *arguments],
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


MANY = ((100, pytest.mark.deep), (1000, pytest.mark.proof))


@pytest.mark.parametrize(
    ("processes", "kills"),
    [
        pytest.param((), 3, id="alone-3"),
        *(pytest.param((), kills, marks=marks, id=f"alone-{kills}") for kills, marks in MANY),
        *(pytest.param(("-n", "2"), kills, marks=marks, id=f"two-{kills}") for kills, marks in MANY),
    ],
)
def test_a_killed_build_resumes_and_ends_as_an_undisturbed_one(
    course: Project, processes: tuple[str, ...], kills: int
) -> None:
    """At random moments."""
    rng = random.Random(len(processes))
    started = time.monotonic()
    whole = start(course, *processes)
    whole.communicate(timeout=120)
    took = time.monotonic() - started
    expected = read_tree(course.output)
    for number in range(kills):
        for path in sorted(course.content.rglob("*.md"))[number % 5 :: 5]:
            path.write_text(path.read_text("utf-8") + f"\nThêm {number}.\n", "utf-8")
        process = start(course, *processes)
        time.sleep(rng.uniform(0.1, took))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    course.build()
    assert read_tree(course.output) == course.clean_build()
    assert plain_names(read_tree(course.output)) == plain_names(expected)
    assert course.build().executed == []


@pytest.mark.deep
def test_what_was_done_before_the_kill_is_not_done_again(course: Project) -> None:
    for number in range(400):
        course.write(f"c/lesson_{number}.md", f"# Bài {number}\n\n" + "Một câu *dài* và `rõ`.\n\n" * 20)
    process = start(course, "-r", "tasks", "-n", "1")
    assert process.stdout is not None
    began: dict[str, float] = {}
    while len(began) < 300:
        began[process.stdout.readline().strip()[3:]] = time.monotonic()
    os.killpg(process.pid, signal.SIGKILL)
    killed = time.monotonic()
    process.communicate()
    executed = set(course.build().executed)
    done = [task for task, moment in began.items() if moment < killed - 2 * BATCH_SECONDS]
    assert done
    assert not executed.intersection(done[:-1])


def test_the_workers_of_a_killed_build_end_and_hold_no_lock(course: Project) -> None:
    for number in range(200):
        course.write(f"c/lesson_{number}.md", f"# Bài {number}\n\n" + "Một câu *dài* và `rõ`.\n\n" * 20)
    process = start(course, "-r", "tasks", "-n", "2")
    assert process.stdout is not None
    for _ in range(100):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)  # the others of its group go on
    process.communicate(timeout=60)  # their ends of the pipe are closed: they are gone
    again = start(course, "wait=no")
    text, _ = again.communicate(timeout=60)
    assert again.returncode == 0, text
    assert read_tree(course.output) == course.clean_build()


def test_a_second_build_says_who_builds_or_waits(course: Project) -> None:
    course.build()
    (folder,) = (course.root / ".lesson-pipeline").glob("content-output-*")
    with (folder / "lock").open("a+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        held.truncate(0)
        held.write("4711\n")
        held.flush()
        refused = start(course, "wait=no")
        text, _ = refused.communicate(timeout=60)
        assert refused.returncode == 1, text
        assert "another build of this course is running (process 4711)" in text
        waiting = start(course)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(timeout=1.5)
    text, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, text


def test_the_lock_of_a_dead_process_is_no_lock(course: Project) -> None:
    process = start(course)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    again = start(course, "wait=no")
    text, _ = again.communicate(timeout=60)
    assert again.returncode == 0, text


def test_a_full_disk_is_told_and_the_next_good_run_is_right(tmp_path: Path) -> None:
    """A real file system of 1 MB, where the machine lets one be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        project = Project(tmp_path / "project")
        for number in range(6):
            project.write(f"lesson_{number}.md", f"# Bài {number}\n\nChữ.\n")
        project.write("big.bin", bytes(3_000_000))
        run = project.doit(f"output={disk / 'site'}")
        assert run.status == 1
        assert "No space left on device" in run.text
        assert "free some space" in run.text
        assert "Traceback" not in run.text
        assert not list((disk / "site").glob(".lesson-pipeline*"))
        project.write("big.bin", b"small")
        assert project.doit(f"output={disk / 'site'}").status == 0
        assert read_tree(disk / "site") == project.clean_build()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
