"""A person's own tasks in `dodo.py`: judged by doit's rules, after whatever of the course had to be built."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from building import Project

OWN = '''

from doit.tools import config_changed, run_once


def log(name):
    with open("ran", "a") as stream:
        stream.write(name + " ")


def task_publish():
    """put the site where readers are"""
    yield {
        "name": "notes",
        "actions": [(log, ["notes"])],
        "file_dep": ["notes.txt"],
        "targets": ["sent.txt"],
    }


def task_once():
    return {"actions": [(log, ["once"])], "uptodate": [run_once]}


def task_configured():
    return {"actions": [(log, ["configured"])], "uptodate": [config_changed(Path("config").read_text())]}


def task_after():
    return {"actions": [(log, ["after"])], "task_dep": ["report", "render:a"], "file_dep": ["output/a.html"]}


def task_page():
    return {"actions": [(log, ["page"])], "file_dep": ["output/a.html"], "task_dep": ["render:a", "once"]}
'''
EVERY = ["after", "configured", "notes", "once", "page"]


@pytest.fixture
def course(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)  # what was just written can be sealed
    project.write("a.md", "# Một\n\nChữ.\n")
    project.write("b.md", "# Hai\n\nChữ.\n")
    add_tasks(project, OWN)
    write(project, "notes.txt", "1")
    write(project, "config", "1")
    write(project, "sent.txt", "")
    return project


def add_tasks(project: Project, text: str) -> None:
    dodo = project.root / "dodo.py"
    dodo.write_text(dodo.read_text("utf-8") + text, "utf-8")


def write(project: Project, name: str, text: str) -> Path:
    path = project.root / name
    path.write_text(text, "utf-8")
    return path


def ran(project: Project, *arguments: str, status: int = 0) -> list[str]:
    """What of the own tasks a run of doit did."""
    log = project.root / "ran"
    log.unlink(missing_ok=True)
    run = project.doit(*arguments)
    assert run.status == status, run.text
    return sorted(log.read_text("utf-8").split()) if log.exists() else []


def test_each_runs_once_and_then_when_it_is_stale(course: Project) -> None:
    assert ran(course) == EVERY
    assert ran(course) == []
    write(course, "notes.txt", "2")
    assert ran(course) == ["notes"]
    (course.root / "sent.txt").unlink()
    assert ran(course) == ["notes"], "its target is missing"
    write(course, "sent.txt", "")
    write(course, "config", "2")
    assert ran(course) == ["configured"]
    assert ran(course) == []


def test_a_sealed_course_is_not_asked_again_for_them(course: Project) -> None:
    ran(course)
    write(course, "notes.txt", "2")
    run = course.doit()
    assert run.executed == ["publish:notes"]
    assert "2 lessons, ran publish:notes, " in run.text
    seal = next((course.root / ".lesson-pipeline").glob("*/seal"))
    assert seal.exists()
    assert "2 lessons, nothing to do, " in course.doit().text


def test_after_an_edit_they_see_what_was_built(course: Project) -> None:
    ran(course)
    course.write("b.md", "# Hai\n\nChữ khác.\n")
    assert ran(course) == []
    course.write("a.md", "# Một\n\nChữ khác.\n")
    assert ran(course) == ["after", "page"]
    course.write("c.md", "# Ba\n\nChữ.\n")  # in the list of lessons of every page
    assert ran(course) == ["after", "page"]
    assert ran(course) == []


@pytest.mark.parametrize("name", ["publish", "publish:notes", "sent.txt"])
def test_one_that_is_named_runs_alone(course: Project, name: str) -> None:
    write(course, "sent.txt", "")
    assert ran(course, name) == ["notes"]
    assert not course.output.exists()
    assert ran(course, name) == []
    write(course, "notes.txt", "2")
    assert ran(course, name) == ["notes"]
    assert ran(course) == [each for each in EVERY if each != "notes"]


def test_one_that_is_named_comes_after_what_it_waits_for(course: Project) -> None:
    assert ran(course, "after") == ["after"]
    assert (course.output / "b.html").exists(), "`report` waits for every page"
    course.write("a.md", "# Một\n\nChữ khác.\n")
    assert ran(course, "after") == ["after"]


def test_a_missing_dependency_is_an_error(course: Project) -> None:
    ran(course)
    (course.root / "notes.txt").unlink()
    for arguments in ((), ("publish",)):
        run = course.doit(*arguments)
        assert run.status == 1
        assert "publish:notes: " in run.text
        assert "'notes.txt' does not exist" in run.text
        assert "1 failed" in run.text
        assert "Traceback" not in run.text


def test_one_that_fails_is_named_with_what_it_wrote_and_tried_again(course: Project) -> None:
    add_tasks(
        course,
        """

def send():
    print("no such host")
    return False


def task_send():
    return {"actions": [send], "task_dep": ["report"]}


def task_tell():
    return {"actions": [send], "task_dep": ["send"]}
""",
    )
    for _ in range(2):
        run = course.doit()
        assert run.status == 1
        assert "send: Python Task failed" in run.text
        assert run.text.count("  no such host") == 1
        assert "tell: it does not run, for send failed" in run.text
        assert ", 2 failed, " in run.text
    assert ran(course, "render") == [], "the course is sound"


def test_one_that_waits_for_a_sound_course_does_not_run_while_a_fault_is_left(course: Project) -> None:
    ran(course)
    course.write("bad.md", b"\x00\x01" * 4000)
    course.write("a.md", "# Một\n\nChữ khác.\n")
    run = course.doit()
    if run.status == 0:
        pytest.skip("bytes that were meant to be a fault are none")
    assert "page" in (course.root / "ran").read_text("utf-8")
    assert "after" not in (course.root / "ran").read_text("utf-8").split()[len(EVERY) :]


def test_explain_and_list_tell_of_them_and_run_none(course: Project) -> None:
    ran(course)
    write(course, "notes.txt", "2")
    course.write("a.md", "# Một\n\nChữ khác.\n")
    (course.root / "ran").unlink()
    told = course.doit("explain").text.splitlines()
    assert "publish:notes: notes.txt changed" in told
    assert "page: output/a.html will be another" in told
    assert "configured" not in "".join(told)
    assert course.doit("explain", "publish").text == "publish:notes: notes.txt changed\n"
    listed = course.doit("list", "--all", "--status").text
    marked = {line.split()[1] for line in listed.splitlines() if line.startswith("R")}
    assert {"publish", "publish:notes", "page", "after", "render:a"} <= marked
    assert not {"once", "configured"} & marked
    assert not (course.root / "ran").exists()
    executed = set(course.doit().executed)
    assert executed == marked - {"publish", "parse", "repair", "render", "search", "lexicon", "settings"} & executed
    assert executed >= {"publish:notes", "page", "after"}


def test_the_other_commands_take_them_as_doit_does(course: Project) -> None:
    ran(course)
    assert course.doit("info", "publish:notes").text.split("status     :")[1].split()[0] == "up-to-date"
    course.doit("ignore", "configured")
    write(course, "config", "2")
    assert ran(course) == []
    course.doit("forget", "configured")
    assert ran(course) == ["configured"]
    course.doit("forget", "once")
    assert ran(course) == ["once"]
    write(course, "notes.txt", "2")
    assert "processed publish:notes" in course.doit("reset-dep").text
    assert ran(course) == []
    course.doit("forget")
    assert ran(course) == EVERY
    course.doit("clean", "publish")
    assert ran(course) == []


def test_values_and_tasks_made_late_are_doits_own_too(course: Project) -> None:
    add_tasks(
        course,
        """

from doit import create_after
from doit.tools import result_dep


def task_counted():
    return {"actions": [lambda: {"n": len(Path("notes.txt").read_text())}], "file_dep": ["notes.txt"]}


def task_told():
    return {"actions": [(log, ["told"])], "getargs": {"n": ("counted", "n")}, "uptodate": [result_dep("counted")]}


@create_after(executed="report", target_regex="late.*")
def task_late():
    yield {"name": "x", "actions": [(log, ["late"])], "file_dep": ["output/b.html"]}
""",
    )
    course.root.joinpath("dodo.py").write_text(
        course.root.joinpath("dodo.py").read_text("utf-8").replace("def log(name):", "def log(name, n=0):"), "utf-8"
    )
    assert ran(course) == sorted([*EVERY, "late", "told"])
    assert ran(course) == []
    write(course, "notes.txt", "many")
    assert ran(course) == ["notes", "told"]
    course.write("b.md", "# Hai\n\nChữ khác.\n")
    assert ran(course) == ["late"]


def test_a_name_of_the_course_is_refused(course: Project) -> None:
    for text in (
        '\n\ndef task_site():\n    return {"actions": ["true"]}\n',
        '\n\ndef task_mine():\n    yield {"basename": "render", "name": "x", "actions": ["true"]}\n',
    ):
        before = (course.root / "dodo.py").read_text("utf-8")
        add_tasks(course, text)
        run = course.doit()
        assert run.status == 3
        assert "is a task of the course" in run.text
        assert "give yours another name" in run.text
        (course.root / "dodo.py").write_text(before, "utf-8")


def test_default_tasks_of_a_persons_own_are_heeded(course: Project) -> None:
    add_tasks(course, '\n\nDOIT_CONFIG = {**COURSE.doit_config, "default_tasks": ["report", "publish"]}\n')
    assert ran(course) == ["notes"]
    assert (course.output / "a.html").exists()
    assert ran(course) == []


def test_their_records_are_begun_anew_when_they_are_damaged(course: Project) -> None:
    ran(course)
    (records,) = (course.root / ".lesson-pipeline").glob("*/own-tasks.sqlite3")
    records.write_bytes(b"no database at all" * 100)
    assert ran(course) == EVERY
    assert ran(course) == []


def test_json_is_one_object_whatever_they_print(course: Project) -> None:
    add_tasks(course, '\n\ndef task_say():\n    return {"actions": [lambda: print("said")], "verbosity": 2}\n')
    run = subprocess.run(
        [sys.executable, "-m", "doit", "-r", "json"], cwd=course.root, capture_output=True, text=True, check=True
    )
    assert "say" in json.loads(run.stdout)["executed"]
    assert run.stderr == "said\n"
