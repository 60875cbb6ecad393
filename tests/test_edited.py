"""What a fork makes of an edited lesson is what would be made here; one that fails or dies is only done here."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from pipeline.builder.course.edited import EditedLessons
from pipeline.builder.course.work import ParseWork, Workshop, do_lesson
from pipeline.builder.disk.forked import Forked
from pipeline.builder.disk.location import Location
from pipeline.builder.state.state import Record, State
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


def test_it_is_what_would_be_made_here(location: Location) -> None:
    shop = workshop(location, Settings())
    found = EditedLessons(location, ["sound.md", "damaged.md"], "").results(shop)
    for path in ("sound.md", "damaged.md"):
        assert (found["repair", path], found["parse", path]) == tuple(do_lesson(shop, path))
    assert found["repair", "damaged.md"].summary
    assert not found["repair", "sound.md"].summary


def test_a_lesson_that_fails_is_left_to_whom_it_can_be_told_by(location: Location) -> None:
    found = EditedLessons(location, ["gone.md", "sound.md"], "").results(workshop(location, Settings()))
    assert found["repair", "gone.md"] is None
    assert found["parse", "gone.md"] is None
    assert found["parse", "sound.md"]


def test_work_with_other_settings_is_not_taken(location: Location) -> None:
    """They were edited between the fork's look at them and this run's."""
    edited = EditedLessons(location, ["sound.md"], "")
    assert edited.results(workshop(location, Settings(trusted_html=True))) == {}


def test_settings_that_cannot_be_read_give_nothing(location: Location) -> None:
    (location.content / "course.toml").write_text("tilte = 1", "utf-8")
    assert EditedLessons(location, ["sound.md"], "").results(workshop(location, Settings())) == {}


def test_a_fork_that_dies_gives_nothing() -> None:
    def die() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b"never"

    assert Forked(die).result() == b""


def test_a_result_is_given_once() -> None:
    forked = Forked(lambda: b"x" * 1_000_000)
    assert (len(forked.result()), forked.result()) == (1_000_000, b"")


def test_nobody_waits_for_what_is_closed(tmp_path: Path) -> None:
    """More than a pipe holds: the fork ends when nobody reads it."""
    before = set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else set()
    Forked(lambda: b"x" * 10_000_000).close()
    after = set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else set()
    assert after <= before


def test_what_stands_in_the_last_good_lesson_is_not_made_again(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fork takes code and formulas from the state that the last finished build marked, and from no other."""
    lesson = location.content / "sound.md"
    lesson.write_text("# Bài\n\n$x^2$\n\n```python\nx = 1\n```\n", "utf-8")
    shop = workshop(location, Settings())
    _, before = do_lesson(shop, "sound.md")
    assert isinstance(before, ParseWork)
    state = State(location.state_path)
    state.commit("parse:sound.md", Record(b"", before.digest), value=before.lesson)
    state.put_mark("here")
    state.close()
    lesson.write_text("# Bài\n\nThêm $x^2$\n\n```python\nx = 1\n```\n", "utf-8")
    expected = tuple(do_lesson(shop, "sound.md"))

    def fail(*_: object, **__: object) -> str:
        raise AssertionError("made again")

    monkeypatch.setattr("pipeline.parse.blocks.show_code", fail)
    monkeypatch.setattr("pipeline.parse.formulas.convert_formula", fail)
    found = EditedLessons(location, ["sound.md"], "here").results(shop)
    assert (found["repair", "sound.md"], found["parse", "sound.md"]) == expected
    assert EditedLessons(location, ["sound.md"], "elsewhere").results(shop)["parse", "sound.md"] is None
