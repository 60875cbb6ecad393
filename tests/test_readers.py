"""While a build runs, and after one that was killed, no page refers to a file that is not there."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from building import Project, ask_every_task, read_tree

from pipeline.builder.stages import action, chores

LESSONS = 12
_REFERENCE_RE = re.compile(r'<(\w+)[^>]*? (?:href|src)="([^"#?]+)')


def missing(output: Path, pages: set[str]) -> set[tuple[str, str]]:
    """Page and reference of all that leads to no file: what a page shows, and of these pages its links too. What is
    written or deleted meanwhile is looked at twice."""
    found: set[tuple[str, str]] = set()
    for path in output.rglob("*.html"):
        name = path.relative_to(output).as_posix()
        for _ in range(2):
            try:
                text = path.read_text("utf-8")
            except OSError:
                break
            lost = {
                (name, url)
                for tag, url in _REFERENCE_RE.findall(text)
                if ":" not in url and (tag != "a" or name in pages)
                if not os.path.exists(os.path.normpath(path.parent / unquote(url)))
            }
            if not lost:
                break
        else:
            found |= lost
    return found


@pytest.fixture
def course(project: Project) -> Project:
    for number in range(LESSONS):
        links = f"[next](lesson_{(number + 1) % LESSONS}.md) [last](lesson_{LESSONS - 1}.md)"
        project.write(f"a/lesson_{number}.md", f"# Bài {number}\n\nChữ {number}. {links} ![x](h.svg)\n")
    project.write("a/hong.md", "# Hỏng\n\nHá»c vÃ\xa0 lÃ\xa0m.\n")
    project.write("a/h.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    project.build()
    return project


def restyle(course: Project, number: int) -> None:
    style = course.root / "templates/static/site.css"
    style.write_text(style.read_text("utf-8") + f"\n/* {number} */\n", "utf-8")


def renew(course: Project, number: int) -> None:
    """New lessons that others link to, in the place of some that go, and another picture."""
    text = "".join(f"[x](lesson_{other}.md) " for other in range(LESSONS - 1))
    course.write(f"b/new_{number}.md", "# New\n\nText.\n")
    course.write("a/lesson_0.md", f"# Bài 0\n\n{text} [new](../b/new_{number}.md) ![y](h{number}.svg)\n")
    course.write(f"a/h{number}.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    (course.content / f"b/new_{number - 1}.md").unlink(missing_ok=True)
    (course.content / f"a/h{number - 1}.svg").unlink(missing_ok=True)


def turn_into_drafts(course: Project, number: int) -> None:
    path = course.content / f"a/lesson_{LESSONS - 1}.md"
    text = path.read_text("utf-8").removeprefix("---\ndraft: true\n---\n")
    path.write_text(text if number % 2 else f"---\ndraft: true\n---\n{text}", "utf-8")


def mend(course: Project, number: int) -> None:
    course.write("a/hong.md", "# Hỏng\n\nHọc và làm.\n" if number % 2 else "# Hỏng\n\nHá»c vÃ\xa0 lÃ\xa0m.\n")


def give_up(course: Project, number: int) -> None:
    """A lesson goes; the links to it go with it."""
    for path in course.content.glob("a/lesson_*.md"):
        path.write_text(re.sub(r" \[last\]\(\S+\)", "", path.read_text("utf-8")), "utf-8")
    (course.content / f"a/lesson_{LESSONS - 1}.md").unlink(missing_ok=True)
    path = course.content / f"a/lesson_{LESSONS - 2}.md"
    path.write_text(re.sub(r"\[next\]\(\S+\)", f"{number}", path.read_text("utf-8")), "utf-8")


EDITS: tuple[Callable[[Project, int], None], ...] = (restyle, renew, turn_into_drafts, mend, give_up)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("way", [pytest.param("asked", marks=pytest.mark.deep), "sealed"])
def test_after_every_task_of_a_build_each_page_has_what_it_refers_to(
    course: Project, edit: Callable[[Project, int], None], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "sealed":
        monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
        course.build()
    else:
        ask_every_task(monkeypatch)
    pages = {path.relative_to(course.output).as_posix() for path in course.output.rglob("*.html")}
    run_step, remove = action.run_step, chores.remove_target

    def run_and_look(*task: Any) -> dict[str, Any]:
        done = run_step(*task)
        assert missing(course.output, pages) == set(), task[1:]
        return done

    def remove_and_look(output: Path, target: str) -> None:
        remove(output, target)
        assert missing(course.output, pages) == set(), target

    for number in (2, 3):
        edit(course, number)
        with monkeypatch.context() as patch:
            patch.setattr(action, "run_step", run_and_look)
            patch.setattr(chores, "remove_target", remove_and_look)
            course.build()
        assert read_tree(course.output) == course.clean_build()
        pages = {path.relative_to(course.output).as_posix() for path in course.output.rglob("*.html")}


def test_a_page_that_cannot_be_made_anew_keeps_the_style_sheet_that_it_shows(course: Project) -> None:
    restyle(course, 1)
    template = course.root / "templates/lesson.html"
    sound = template.read_text("utf-8")
    template.write_text(sound + "{% nonsense %}", "utf-8")
    assert course.doit().status == 1
    assert missing(course.output, set()) == set()
    template.write_text(sound, "utf-8")
    course.build()
    assert read_tree(course.output) == course.clean_build()


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.deep)])
def test_a_reader_has_every_file_while_builds_run_and_are_killed(course: Project, kills: int) -> None:
    """At random moments."""
    rng = random.Random(kills)
    for number in range(1, kills + 1):
        pages = {path.relative_to(course.output).as_posix() for path in course.output.rglob("*.html")}
        restyle(course, number)
        renew(course, number)
        command = [sys.executable, "-m", "doit"]
        process = subprocess.Popen(
            command, cwd=course.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        end = time.monotonic() + rng.uniform(0.5, 4)
        while time.monotonic() < end and process.poll() is None:
            assert missing(course.output, pages) == set()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert missing(course.output, pages) == set()
    course.build()
    assert read_tree(course.output) == course.clean_build()
    assert course.build().executed == []
