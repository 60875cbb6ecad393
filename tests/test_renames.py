"""A build writes nothing into the content folder; what it sees renamed it notes beside the state."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from building import Project, read_tree

from pipeline.builder.stages import action
from pipeline.redirects import parse_redirects

OWN = "redirects.toml"


def lesson(name: str) -> str:
    lines = "\n\n".join(f"Sentence {number} about {name}." for number in range(6))
    return f"# {name}\n\n{lines}\n"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)  # sealed at once
    project = Project(tmp_path / "project")
    for name in ("intro", "lesson_3", "lesson_4"):
        project.write(f"{name}.md", lesson(name))
    project.build()
    return project


def rename(course: Project, *pairs: tuple[str, str]) -> None:
    for old, new in pairs:
        (course.content / old).rename(course.content / new)


def noted(course: Project) -> dict[str, str]:
    return parse_redirects(course.renames.read_text("utf-8")) if course.renames.exists() else {}


def check(course: Project) -> None:
    """The law: as a clean build, of the same content and the same notes, and nothing left to do."""
    notes = noted(course)
    assert read_tree(course.output) == course.clean_build()
    assert noted(course) == notes
    assert course.build().executed == []


def test_what_a_person_writes_while_a_build_runs_stays(course: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    rename(course, ("intro.md", "start.md"))
    run_step = action.run_step
    written = '"old.md" = "start.md"\n'

    def write_and_run(*task: Any) -> dict[str, Any]:
        course.write(OWN, written)
        return run_step(*task)

    with monkeypatch.context() as patch:
        patch.setattr(action, "run_step", write_and_run)
        course.build()
    assert (course.content / OWN).read_text("utf-8") == written
    course.build()
    assert "start.html" in course.page("old.html")
    assert "start.html" in course.page("intro.html")
    check(course)


def test_every_kind_of_edit_leaves_the_content_folder_as_it_is(course: Project) -> None:
    for pairs in ((("intro.md", "start.md"),), (("lesson_4.md", "lesson_5.md"), ("lesson_3.md", "lesson_4.md"))):
        rename(course, *pairs)
        before = read_tree(course.content)
        course.build()
        assert read_tree(course.content) == before
        check(course)


@pytest.mark.parametrize("text", [None, "", "# nothing\n"])
def test_a_list_that_is_emptied_or_deleted_leads_nowhere_any_more(course: Project, text: str | None) -> None:
    rename(course, ("intro.md", "start.md"))
    course.build()
    assert course.doit("redirects").status == 0
    course.build()
    assert noted(course) == {}
    assert "start.html" in course.page("intro.html")
    if text is None:
        (course.content / OWN).unlink()
    else:
        course.write(OWN, text)
    course.build()
    assert not (course.output / "intro.html").exists()
    check(course)


@pytest.mark.parametrize("text", [None, "", '"intro.md" = "lesson_3.md"\n'])
def test_an_edit_of_the_notes_is_built(course: Project, text: str | None) -> None:
    rename(course, ("intro.md", "start.md"))
    course.build()
    if text is None:
        course.renames.unlink()
    else:
        course.renames.write_text(text, "utf-8")
    course.build()
    assert (course.output / "intro.html").exists() == bool(text)
    check(course)


def test_lessons_that_are_numbered_anew_are_followed(course: Project) -> None:
    rename(course, ("intro.md", "lesson_2.md"))
    course.build()
    rename(course, ("lesson_4.md", "lesson_5.md"), ("lesson_3.md", "lesson_4.md"), ("lesson_2.md", "lesson_3.md"))
    course.write("lesson_2.md", lesson("another"))
    course.build()
    assert "lesson_3.html" in course.page("intro.html")
    assert noted(course) == {"intro.md": "lesson_3.md"}
    check(course)


def test_an_edited_lesson_that_was_copied_before_keeps_its_former_path(course: Project) -> None:
    rename(course, ("intro.md", "start.md"))
    course.build()
    course.write("copy.md", (course.content / "start.md").read_bytes())
    course.write("start.md", lesson("intro") + "\nOne sentence more.\n")
    course.build()
    assert noted(course) == {"intro.md": "start.md"}
    check(course)


def test_a_line_of_a_person_wins_and_is_told_when_its_lesson_is_another(course: Project) -> None:
    course.write(OWN, '"old.md" = "lesson_3.md"\n')
    course.build()
    rename(course, ("lesson_4.md", "lesson_5.md"), ("lesson_3.md", "lesson_4.md"))
    course.write("lesson_3.md", lesson("another"))
    run = course.build()
    assert "redirects.toml leads old.md to lesson_3.md, but the lesson there became lesson_4.md" in run.text
    assert "lesson_3.html" in course.page("old.html")
    check(course)


def test_a_page_at_a_former_path_takes_the_place_of_a_folder_and_the_other_way_round(course: Project, way: str) -> None:
    """As `a/README.html` does, when the folder of that name has gone whose own text had a page there too."""
    first, second = "old/x.html/y.md", "old/x.md"
    course.write("redirects.toml", f'"{first}" = "intro.md"\n')
    course.build()
    for path in (second, first, second):
        course.write("redirects.toml", f'"{path}" = "intro.md"\n')
        run = course.build()
        assert run.status == 0, run.text
        assert read_tree(course.output) == course.clean_build()
        assert course.build().executed == []


def test_it_takes_the_place_of_pages_that_have_gone_in_the_same_build(course: Project, way: str) -> None:
    course.write("a/README.md", lesson("a"))
    course.write("a/README.html/README.md", lesson("inside"))
    course.write("a/README.html/x.md", lesson("x"))
    course.build()
    shutil.rmtree(course.content / "a/README.html")
    run = course.build()
    assert run.status == 0, run.text
    check(course)


def test_a_note_ends_with_its_lesson_or_when_a_lesson_stands_there_again(course: Project) -> None:
    rename(course, ("intro.md", "start.md"), ("lesson_4.md", "lesson_5.md"))
    course.build()
    assert noted(course) == {"intro.md": "start.md", "lesson_4.md": "lesson_5.md"}
    (course.content / "lesson_5.md").unlink()
    course.write("intro.md", lesson("quite another"))
    course.build()
    assert noted(course) == {}
    assert not course.renames.exists()
    check(course)


def test_notes_go_into_the_list_on_request_with_what_stands_there(course: Project) -> None:
    course.write(OWN, '# mine\n"x.md" = "intro.md"\n"y.md" = "lesson_3.md"  # yes\n')
    course.build()
    rename(course, ("intro.md", "start.md"))
    course.build()
    rename(course, ("start.md", "begin.md"))
    course.build()
    run = course.doit("redirects")
    assert run.status == 0
    text = (
        '# mine\n"x.md" = "begin.md"\n"y.md" = "lesson_3.md"  # yes\n"intro.md" = "begin.md"\n"start.md" = "begin.md"\n'
    )
    assert (course.content / OWN).read_text("utf-8") == text
    pages = read_tree(course.output)
    course.build()
    assert read_tree(course.output) == pages
    check(course)


def test_git_may_pull_and_check_out_after_a_build(course: Project) -> None:
    git = ["git", "-C", os.fspath(course.content), "-c", "user.name=a", "-c", "user.email=a@example.org"]

    def run(*command: str) -> str:
        return subprocess.run([*git, *command], check=True, capture_output=True, text=True).stdout

    for command in (("init", "-q", "-b", "one"), ("add", "."), ("commit", "-qm", "x"), ("checkout", "-qb", "two")):
        run(*command)
    rename(course, ("intro.md", "start.md"))
    course.build()
    assert course.doit("redirects").status == 0
    run("add", ".")
    run("commit", "-qm", "y")
    for branch in ("one", "two", "one"):
        run("checkout", "-q", branch)
        course.build()
        assert run("status", "--porcelain") == ""
        check(course)


def test_a_note_that_cannot_be_read_is_told(course: Project) -> None:
    course.renames.write_text("x = 1\n", "utf-8")
    run = course.doit()
    assert run.status == 1
    assert "renames.toml:1: 'x' must lead to the path of a lesson in quotes" in run.text


def test_an_edit_of_the_notes_makes_no_page_stale_that_has_only_a_hint_of_them(course: Project, way: str) -> None:
    """A link to where a lesson stood is broken with and without the note, and so is its page the same."""
    course.write("b.md", "# B\n\n[x](intro.md#x)\n")
    course.build()
    rename(course, ("intro.md", "start.md"))
    course.build()
    course.renames.write_text("")
    course.build()
    listed = course.doit("list", "--all", "--status").text
    assert [line for line in listed.splitlines() if line.startswith("R render:")] == []
    assert course.build().executed == []


def test_a_lesson_that_a_wiki_link_may_mean_makes_no_page_stale(course: Project, way: str) -> None:
    """What looks like code is a warning once a lesson is called so: that is for the maintainer."""
    course.write("s/t/x.md", "# X\n\nChữ.\n")
    course.write("b.md", "# B\n\nx = [[near:one]]\n")
    course.build()
    course.write("s/t/near-one.md", "# C\n\nChữ.\n")
    assert "render:b" not in course.build().executed
    listed = course.doit("list", "--all", "--status").text
    assert [line for line in listed.splitlines() if line.startswith("R render:")] == []
