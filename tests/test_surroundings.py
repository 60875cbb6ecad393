"""What is around a run is not as it should be: the state file is damaged, the terminal has gone, someone presses Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import PROJECT, Project, read_tree

from pipeline.builder.runs.reporter import CourseReporter
from pipeline.builder.state.damage import StateDamagedError
from pipeline.builder.state.state import Record, State
from pipeline.builder.tasks import TASKS, Definitions

PAGE_BYTES = 4096
MORE_OF_DOIT = ("help", "help task", "--version", "tabcompletion", "list --all", "info report", "explain", "help check")
EDITED = "# Bài đầu\n\nChữ khác, và một [liên kết](b/lesson_1.md).\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built course, to be copied: damaged lessons and pages at former paths too."""
    project = Project(tmp_path_factory.mktemp("finished") / "course")
    project.write("a.md", "# Bài đầu\n\nChữ.\n")
    damaged = (PROJECT / "content/03_xay_dung_tang_dan/04_ghi_tep_nguyen_tu.md").read_bytes()
    for number in range(12):
        project.write(f"b/lesson_{number}.md", f"# Bài {number}\n\n" + f"Câu số {number} về *học tập*. " * 60 + "\n")
        project.write(f"c/hong_{number}.md", damaged)
    project.build()
    settle()
    project.build()
    return project


def settle() -> None:
    """Younger time stamps are not trusted."""
    time.sleep(2.1)


@pytest.fixture
def course(finished: Project, tmp_path: Path) -> Project:
    return finished.copy_to(tmp_path / "course")


def state_file(course: Project) -> Path:
    (found,) = course.root.glob(".lesson-pipeline/content-output-*/state.sqlite3")
    return found


def run(course: Project, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """A run in a process of its own."""
    command = [sys.executable, "-m", "doit", *arguments]
    return subprocess.run(command, cwd=course.root, capture_output=True, text=True, timeout=120, check=False, **more)


# --- a state file with a bad page ---


def zero_page(number: int) -> Callable[[bytearray], None]:
    def spoil(content: bytearray) -> None:
        start = number % (len(content) // PAGE_BYTES) * PAGE_BYTES
        content[start : start + PAGE_BYTES] = bytes(PAGE_BYTES)

    return spoil


def zero_half(content: bytearray) -> None:
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)


def flip_bytes(content: bytearray) -> None:
    for place in range(PAGE_BYTES, len(content), 997):
        content[place] ^= 0x55


def clean_build(course: Project) -> dict[str, bytes]:
    """What a clean build of the same lessons made for the first test that asked."""
    lessons = tuple(read_tree(course.content).items())
    if lessons not in _CLEAN:
        _CLEAN[lessons] = course.clean_build()
    return _CLEAN[lessons]


_CLEAN: dict[tuple[tuple[str, bytes], ...], dict[str, bytes]] = {}


@pytest.mark.parametrize(
    "spoil",
    [
        *(
            pytest.param(zero_page(number), id=f"page {number}", marks=() if number % 48 == 1 else pytest.mark.deep)
            for number in range(1, 60)
        ),
        pytest.param(zero_half, marks=pytest.mark.deep),
        flip_bytes,
    ],
)
def test_a_damaged_state_file_is_told_and_the_next_run_is_right(
    course: Project, spoil: Callable[[bytearray], None]
) -> None:
    path = state_file(course)
    content = bytearray(path.read_bytes())
    spoil(content)
    path.write_bytes(content)
    course.write("a.md", EDITED)
    (course.content / "b" / "lesson_7.md").unlink()
    first, second = course.doit(), course.doit()
    assert "Traceback" not in first.text + second.text
    assert "a bug in this program" not in first.text + second.text
    if first.status:
        assert "the state file was damaged" in first.text
    assert second.status == 0, second.text
    assert read_tree(course.output) == clean_build(course)


def run_twice(course: Project) -> None:
    """Two runs, of which the last is a good one, and nothing is left behind."""
    first, second = course.doit(), course.doit()
    assert "Traceback" not in first.text + second.text
    assert second.status == 0, second.text
    assert read_tree(course.output) == clean_build(course)


@pytest.mark.parametrize("place", ["facts", "value"])
def test_one_wrong_letter_is_noticed(course: Project, place: str) -> None:
    """SQLite would give it as it is, or say that it is no UTF-8."""
    path = state_file(course)
    title, wrong = "Bài 3".encode(), {"facts": b"Bai 3", "value": b"B\xc3\x28i 3"}[place]
    path.write_bytes(path.read_bytes().replace(title, wrong.ljust(len(title), b"x")[: len(title)]))
    course.write("b/lesson_1.md", "# Tên khác\n\nChữ.\n")
    run_twice(course)


@pytest.mark.parametrize(
    "named",
    [
        "report",
        *(
            pytest.param(named, marks=pytest.mark.deep)
            for named in ("render:a", "clean", "search:all", "lexicon", "rendr", "--verify")
        ),
    ],
)
def test_a_lost_state_loses_nothing_whatever_is_asked_first(course: Project, named: str) -> None:
    (course.content / "b" / "lesson_7.md").unlink()
    state_file(course).unlink()
    run(course, named)
    (course.content / "lexicon.tsv").unlink(missing_ok=True)
    run_twice(course)


def test_a_damaged_state_is_told_by_clean_in_a_line(course: Project) -> None:
    path = state_file(course)
    content = bytearray(path.read_bytes())
    zero_half(content)
    path.write_bytes(content)
    cleaned = run(course, "clean")
    assert cleaned.stderr.count("\n") == 1
    assert "the state file was damaged" in cleaned.stderr
    assert cleaned.returncode == 3
    run_twice(course)


def test_a_value_that_is_not_what_was_kept_is_never_used(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    state = State(path)
    long = b'"' + b"x" * 40_000 + b'"'
    state.commit("parse:a.md", Record(b"in", b"out"), value=long, entry=("a.md", b"digest", long, long))
    state.index.keep_index([], [], [(3, long)])
    state.close()
    content = path.read_bytes()
    path.write_bytes(content.replace(b"x" * 3000, b"x" * 2999 + b"y"))
    reads: tuple[Callable[[State], object], ...]
    reads = (lambda s: s.value("parse:a.md"), lambda s: s.index.entry_terms("a.md"), lambda s: s.index.shard(3))
    for read in reads:
        kept = path.read_bytes()
        state = State(path)
        with pytest.raises(StateDamagedError, match="the next build begins anew"):
            read(state)
        assert state.lost
        state.close()
        assert not path.exists()
        path.write_bytes(kept)


# --- nobody to tell ---


def closed(*numbers: int) -> Callable[[], None]:
    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


@pytest.mark.parametrize("numbers", [(1,), pytest.param((0, 1), marks=pytest.mark.deep), (0, 1, 2)])
@pytest.mark.parametrize("is_edited", [False, True])
def test_closed_streams_are_no_fault(course: Project, numbers: tuple[int, ...], is_edited: bool) -> None:
    if is_edited:
        course.write("a.md", EDITED)
    done = run(course, preexec_fn=closed(*numbers))
    assert (done.returncode, done.stderr) == (0, "")
    assert ("Chữ khác" in course.page("a.html")) == is_edited


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is the full device")
def test_a_full_standard_output_is_no_fault(course: Project) -> None:
    course.write("a.md", EDITED)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([sys.executable, "-m", "doit"], cwd=course.root, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Chữ khác" in course.page("a.html")


# --- Ctrl-C ---


def test_an_interrupt_is_told_in_a_line_and_the_next_run_goes_on(course: Project) -> None:
    for number in range(150):
        course.write(f"d/{'long' * 25}_{number}.md", f"# Bài {number}\n\n" + "Một câu *dài* và `rõ`.\n\n" * 20)
    process = subprocess.Popen(
        [sys.executable, "-m", "doit", "-r", "tasks"],
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell has what it starts in the background ignore Ctrl-C, and so all that this starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)  # it cannot be over before somebody reads what it says
    for _ in range(30):
        process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert told.strip() == "interrupted: the next build goes on from here"
    assert course.doit().status == 0
    assert read_tree(course.output) == clean_build(course)


# --- another build, or a course that cannot be opened ---


def test_a_run_that_may_not_wait_says_so_even_if_there_is_nothing_to_do(course: Project) -> None:
    with (state_file(course).parent / "lock").open("a+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        refused, explained = run(course, "wait=no"), run(course, "explain", "wait=no")
        assert refused.returncode == explained.returncode == 1
        assert "another build of this course is running" in refused.stdout
        assert "another build of this course is running" in explained.stdout
        waiting = subprocess.Popen([sys.executable, "-m", "doit"], cwd=course.root, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr is not None
        assert "waiting for it" in waiting.stderr.readline()
    assert waiting.wait(timeout=60) == 0
    waiting.stderr.close()
    assert run(course).stdout.startswith("25 lessons, nothing to do")


@pytest.mark.parametrize("named", ["", "report", "lexicon", "render:index", "explain"])
def test_whatever_is_asked_of_a_course_that_cannot_be_opened_tells_why(course: Project, named: str) -> None:
    shutil.rmtree(course.output)
    course.output.write_text("no folder", "utf-8")
    asked = course.doit(*([named] if named else []))
    assert asked.status == 1
    assert "/output is a file\n" in asked.text


# --- explain, list and the run agree about files that were touched ---


@pytest.mark.parametrize("touched", ["_search/index.js", "a.html", "old.html"])
def test_a_touched_file_is_nothing_to_do_for_anyone(
    course: Project, touched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    course.write("redirects.toml", '"old.md" = "a.md"\n')
    course.build()
    course.build()
    os.utime(course.output / touched)
    assert "nothing to do" in course.doit("explain").text
    listed = course.doit("list", "--all", "--status").text
    assert not [line for line in listed.splitlines() if line.startswith("R ")]
    assert course.build().executed == []


# --- the progress line ---


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Named:
    actions = ("any",)
    values: dict[str, object] = {}  # noqa: RUF012

    def __init__(self, name: str) -> None:
        self.name = name


class Expecting:
    """A run of which it is known that forty pages are to come."""

    tells_standing = is_verbose = is_changing = False
    definitions = Definitions(TASKS)

    def count_workers(self) -> int:
        return 0

    def count_expected(self, stage: str) -> int:
        return 40 if stage == "render" else 0


def test_the_time_left_is_never_less_than_none_and_late_tasks_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.builder.runs.reporter.PROGRESS_SECONDS", 0)
    monkeypatch.setattr("pipeline.builder.runs.reporter.PATIENCE_SECONDS", 0)
    monkeypatch.setattr(CourseReporter, "run", Expecting())
    terminal = Terminal()
    reporter = CourseReporter(terminal, {})
    reporter._started -= 100
    reporter.initialize({"parse:a.md": None, "parse:b.md": None}, [])
    for name in ("parse:a.md", "parse:b.md", *(f"render:{number}" for number in range(40)), "repairs:index.html"):
        with contextlib.suppress(AttributeError):
            reporter.skip_uptodate(Named(name))
    drawn = terminal.getvalue()
    assert "render 1 of 40, about " in drawn
    assert "render 40 of 40" in drawn
    assert "-" not in drawn


# --- `doit clean` ---


def test_clean_tells_how_many_files_it_deleted_and_a_dry_run_which(course: Project) -> None:
    course.build()
    course.write("../output/mine.txt", "not of the course")
    made = read_tree(course.output).keys() - {"mine.txt"}
    dry = course.doit("clean", "-n")
    assert set(dry.text.splitlines()) == made | {f"{len(made)} files would be deleted"}
    assert read_tree(course.output).keys() == made | {"mine.txt"}
    assert course.doit("clean", "render:a").text == "deleted 1 file\n"
    assert course.doit("clean").text == f"deleted {len(made) - 1} files\n"
    assert read_tree(course.output).keys() == {"mine.txt"}
    course.build()
    assert read_tree(course.output).keys() == made | {"mine.txt"}


def test_clean_ends_quietly_when_its_reader_has_had_enough(course: Project) -> None:
    course.build()
    command = ["sh", "-c", f"{sys.executable} -m doit clean -n | true"]
    ended = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=True)
    assert ended.stderr == ""


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize(
    "arguments",
    ["help list", "--help", *(pytest.param(each, marks=pytest.mark.deep) for each in MORE_OF_DOIT)],
)
def test_whatever_doit_writes_ends_quietly_when_its_reader_has_had_enough(
    course: Project, arguments: str, buffered: bool
) -> None:
    unbuffered = "" if buffered else "-u "
    command = ["sh", "-c", f"{sys.executable} {unbuffered}-m doit {arguments} | true"]
    ended = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=True)
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("patience", "pause", "drawn"), [(0, 0, 3), (0, 1000, 1), (1000, 0, 0), (1000, 1000, 0), (50, 50, 1)]
)
def test_the_progress_line_is_drawn_by_a_run_that_takes_long_and_not_more_often_than_it_can_be_read(
    monkeypatch: pytest.MonkeyPatch, patience: float, pause: float, drawn: int
) -> None:
    """A run that began 100 s ago."""
    monkeypatch.setattr("pipeline.builder.runs.reporter.PATIENCE_SECONDS", patience)
    monkeypatch.setattr("pipeline.builder.runs.reporter.PROGRESS_SECONDS", pause)
    monkeypatch.setattr(CourseReporter, "run", None)
    for terminal, count in ((Terminal(), drawn), (io.StringIO(), 0)):
        reporter = CourseReporter(terminal, {})
        reporter._started -= 100
        reporter._drawn = reporter._started - 1000
        for number in range(3):
            reporter.skip_uptodate(Named(f"render:{number}"))
        assert terminal.getvalue().count("render ") == count


def test_what_is_listed_as_stale_without_a_state_is_what_runs(course: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)  # sealed at once
    course.build()
    state_file(course).unlink()
    listed = course.doit("list", "--all", "--status").text
    stale = {line.split()[1] for line in listed.splitlines() if line.startswith("R ")}
    executed = set(course.build().executed)
    assert "render:a" in executed
    assert executed <= stale
    assert "\nR " not in course.doit("list", "--all", "--status").text
