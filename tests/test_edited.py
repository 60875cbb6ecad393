"""What another process makes of an edited lesson is what would be made here; what fails or dies there is only done here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.builder.course.edited import EditedLessons
from pipeline.builder.course.work import ParseWork, Workshop, do_lesson
from pipeline.builder.disk.forked import Forked, Standby
from pipeline.builder.disk.location import Location
from pipeline.builder.runs.doit_loader import CourseLoader
from pipeline.builder.state.state import Record, State
from pipeline.paths import page_id
from pipeline.settings import Settings


@pytest.fixture
def location(tmp_path: Path) -> Location:
    content = tmp_path / "content"
    content.mkdir()
    (content / "sound.md").write_text("# Bài một\n\nHọc tập.\n", "utf-8")
    (content / "damaged.md").write_bytes("# Học Tập\n\nHọc Tập Liên Tục\n".encode().decode("latin-1").encode())
    return Location(tmp_path, content, tmp_path / "output")


def workshop(location: Location, settings: Settings) -> Workshop:
    return Workshop(location.content, location.template_folders, settings, {}, {}, {}, location.output, "any")


def edited(location: Location, paths: list[str], mark: str = "") -> EditedLessons:
    lessons = EditedLessons()
    lessons.begin(location, {path: page_id(path) for path in paths}, mark)
    return lessons


def test_it_is_what_would_be_made_here(location: Location) -> None:
    shop = workshop(location, Settings())
    found = edited(location, ["sound.md", "damaged.md"]).results(shop)
    for path in ("sound.md", "damaged.md"):
        assert (found["repair", path], found["parse", path]) == tuple(do_lesson(shop, path, page_id(path)))
    assert found["repair", "damaged.md"].summary
    assert not found["repair", "sound.md"].summary


def test_a_lesson_that_fails_is_left_to_whom_it_can_be_told_by(location: Location) -> None:
    found = edited(location, ["gone.md", "sound.md"]).results(workshop(location, Settings()))
    assert found["repair", "gone.md"] is None
    assert found["parse", "gone.md"] is None
    assert found["parse", "sound.md"]


def test_work_with_other_settings_is_not_taken(location: Location) -> None:
    """They were edited between the fork's look at them and this run's."""
    assert edited(location, ["sound.md"]).results(workshop(location, Settings(trusted_html=True))) == {}


def test_settings_that_the_run_does_not_heed_are_not_heeded_ahead_of_it(location: Location) -> None:
    (location.content / "course.toml").write_text("tilte = 1\ntrusted_html = true\n", "utf-8")
    assert edited(location, ["sound.md"]).results(workshop(location, Settings())) != {}


def test_a_fork_that_dies_gives_nothing() -> None:
    def die() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b"never"

    assert Forked(die).result() == b""


def test_a_result_is_given_once() -> None:
    forked = Forked(lambda: b"x" * 1_000_000)
    assert (len(forked.result()), forked.result()) == (1_000_000, b"")


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else set()


def test_nobody_waits_for_what_is_closed() -> None:
    """More than a pipe holds: the fork ends when nobody reads it."""
    before = open_descriptors()
    Forked(lambda: b"x" * 10_000_000).close()
    assert open_descriptors() <= before


def test_who_stands_by_is_ready_before_it_is_asked(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    standby = Standby(ready.touch, lambda asked: asked[::-1])
    standby.ask(b"x" * 500_000 + b"y")
    assert standby.result() == b"y" + b"x" * 500_000
    assert ready.exists()


def test_who_stands_by_ends_with_what_nobody_needs() -> None:
    before = open_descriptors()
    standby = Standby(lambda: time.sleep(60), lambda asked: asked)
    child = standby.process
    standby.close()
    standby.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert standby.result() == b""
    assert open_descriptors() <= before


def test_who_stands_by_and_dies_gives_nothing() -> None:
    standby = Standby(lambda: os.kill(os.getpid(), signal.SIGKILL), lambda asked: asked)
    os.waitid(os.P_PID, standby.process, os.WEXITED | os.WNOWAIT)
    standby.ask(b"x" * 1_000_000)
    assert standby.result() == b""


@pytest.mark.parametrize("is_killed", [False, True])
def test_who_stands_by_ends_with_who_began_it(is_killed: bool) -> None:
    """It holds neither the output of the command nor its lock, and goes when the command is gone."""
    program = f"""
import os, signal, time
from pipeline.builder.disk.forked import Standby
standby = Standby(lambda: None, lambda asked: asked)
print(standby.process, flush=True)
{"os.kill(os.getpid(), signal.SIGKILL)" if is_killed else "time.sleep(0.05)"}
"""
    told = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60).stdout
    assert is_gone(int(told))


def is_gone(process: int) -> bool:
    for _ in range(200):
        try:
            os.kill(process, 0)
            with open(f"/proc/{process}/stat", encoding="ascii") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return True  # nobody has asked for its status yet
        except OSError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open descriptors are counted in /proc")
@pytest.mark.parametrize("closed", [(0,), (0, 1, 2)])
def test_a_process_without_standard_streams_can_be_forked(closed: tuple[int, ...]) -> None:
    """Then a pipe may have their numbers."""
    program = f"""
import os, sys
from pipeline.builder.disk.forked import Forked, Standby
for number in {closed}:
    os.close(number)
standby = Standby(lambda: None, lambda asked: asked * 2)
standby.ask(b"ab")
made = Forked(lambda: b"work").result() + standby.result()
os._exit(0 if made == b"workabab" else 1)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


@pytest.mark.parametrize("kept", [1, 100, -1])
def test_half_an_answer_is_none(location: Location, kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wrote it was killed meanwhile."""
    whole = Standby.result
    lessons = edited(location, ["sound.md"])
    monkeypatch.setattr(Standby, "result", lambda self: whole(self)[:kept])
    assert lessons.results(workshop(location, Settings())) == {}


def test_who_is_interrupted_while_it_waits_can_still_close() -> None:
    program = """
import os, signal, threading, time
from pipeline.builder.disk.forked import Standby
standby = Standby(lambda: None, lambda asked: time.sleep(60) or b"")
standby.ask(b"go")
child = standby.process
signal.setitimer(signal.ITIMER_REAL, 0.2)
signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
try:
    standby.result()
except KeyboardInterrupt:
    standby.close()
try:
    os.kill(child, 0)
except ProcessLookupError:
    print("gone")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("gone\n", "")


def test_who_works_ends_soon_after_who_waits_for_it() -> None:
    program = """
import os, signal
from pipeline.builder.disk.forked import Standby
def work(asked):
    while True:
        pass
standby = Standby(lambda: None, work)
standby.ask(b"go")
print(standby.process, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    told = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60).stdout
    assert is_gone(int(told))


def test_where_no_pipe_can_be_had_nobody_stands_by() -> None:
    program = """
import os, resource
from pipeline.builder.disk.forked import Forked, Standby
resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
standby = Standby(lambda: None, lambda asked: asked)
standby.ask(b"go")
assert (standby.result(), Forked(lambda: b"x").result()) == (b"", b"")
standby.close()
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_what_stands_in_the_last_good_lesson_is_not_made_again(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fork takes code in colours from the state that the last finished build marked, and from no other."""
    lesson = location.content / "sound.md"
    lesson.write_text("# Bài\n\n$x^2$\n\n```python\nx = 1\n```\n", "utf-8")
    shop = workshop(location, Settings())
    _, before = do_lesson(shop, "sound.md", "sound")
    assert isinstance(before, ParseWork)
    state = State(location.state_path)
    state.commit("parse:sound.md", Record(b"", before.digest), value=before.lesson)
    state.put_mark("here")
    state.close()
    lesson.write_text("# Bài\n\nThêm $x^2$\n\n```python\nx = 1\n```\n", "utf-8")
    expected = tuple(do_lesson(shop, "sound.md", "sound"))

    def fail(*_: object, **__: object) -> str:
        raise AssertionError("made again")

    monkeypatch.setattr("pipeline.parse.put_away.show_code", fail)
    found = edited(location, ["sound.md"], "here").results(shop)
    assert (found["repair", "sound.md"], found["parse", "sound.md"]) == expected
    assert edited(location, ["sound.md"], "elsewhere").results(shop)["parse", "sound.md"] is None


@pytest.mark.parametrize(
    ("arguments", "processors", "is_ready"),
    [
        ([], 2, True),
        ([], 1, False),
        (["-v2", "-n", "2", "content=lessons"], 2, True),
        (["list", "--all"], 2, False),
        (["render:index"], 2, False),
    ],
)
def test_only_a_run_of_everything_on_several_processors_has_someone_stand_by(
    arguments: list[str], processors: int, is_ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["doit", *arguments])
    monkeypatch.setattr("pipeline.builder.runs.doit_loader.count_processors", lambda: processors)
    ready = CourseLoader().ready
    assert (ready is not None) == is_ready
    if ready is not None:
        ready.close()
