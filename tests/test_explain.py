"""`doit explain` says exactly what the next `doit` executes, and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from building import Project, read_tree

_LINE_RE = re.compile(r"^([a-z]+(?::\S+?)?): (?=\S)", re.M)


@pytest.fixture(params=["asked", "sealed"])
def built(project: Project, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Project:
    if request.param == "sealed":
        monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    for name in ("lesson_1", "lesson_2", "lesson_10"):
        project.write(f"a/{name}.md", f"# Bài {name}\n\nCâu của {name}. Hết.\n")
    project.write("b/x.md", "# X\n\nChữ. [hai](../a/lesson_2.md)\n")
    project.write("b/image.png", b"one")
    project.build()
    assert project.build().executed == []
    return project


def append(path: str, text: str) -> Callable[[Project], None]:
    def edit(project: Project) -> None:
        file = project.content / path
        file.write_text(file.read_text("utf-8") + text, "utf-8")

    return edit


def replace(path: str, before: str, after: str) -> Callable[[Project], None]:
    def edit(project: Project) -> None:
        file = project.content / path
        file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")

    return edit


def touch_template(project: Project) -> None:
    path = project.root / "templates/lesson.html"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")


EDITS: dict[str, Callable[[Project], object]] = {
    "nothing": lambda project: None,
    "body": append("a/lesson_2.md", "\nThêm.\n"),
    "same page": append("a/lesson_2.md", "\n\n\n"),
    "title": replace("a/lesson_2.md", "# Bài", "# Tựa"),
    "added": lambda project: project.write("a/lesson_3.md", "# Ba\n\nChữ.\n"),
    "removed": lambda project: (project.content / "a/lesson_2.md").unlink(),
    "moved": lambda project: (project.content / "a/lesson_2.md").rename(project.content / "b/y.md"),
    "asset": lambda project: project.write("b/image.png", b"two"),
    "template": touch_template,
    "setting": lambda project: project.write("course.toml", 'title = "Khóa"\n'),
    "broken": lambda project: project.write("a/lesson_2.md", b""),
    "spoiled": lambda project: (project.output / "b/x.html").unlink(),
}


@pytest.mark.parametrize("name", EDITS)
def test_explain_says_what_the_next_run_executes_and_changes_nothing(built: Project, name: str) -> None:
    EDITS[name](built)
    before = read_tree(built.output)
    first = built.doit("explain")
    assert first.status == 0, first.text
    assert built.doit("explain").text == first.text
    assert read_tree(built.output) == before
    listed = built.doit("list", "--all", "--status").text
    executed = built.doit().executed
    assert set(re.findall(r"^R (\S+:\S+|prune|report)", listed, re.M)) == set(executed)
    assert set(re.findall(r"^R ([a-z]+) ", listed, re.M)) == {task.partition(":")[0] for task in executed}
    assert _LINE_RE.findall(first.text) == executed
    assert ("nothing to do" in first.text) == (not executed)


def test_explain_follows_an_edit_through_the_graph(built: Project) -> None:
    EDITS["title"](built)
    text = built.doit("explain").text
    assert "repair:a/lesson_2.md: its source, the repair code or a setting changed" in text
    assert "parse:a/lesson_2.md: because repair:a/lesson_2.md changed" in text
    assert "index:a: because parse:a/lesson_2.md changed (title)" in text
    assert "render:a/lesson_10: because index:a changed" in text


def test_explain_takes_the_path_of_a_lesson(built: Project) -> None:
    EDITS["body"](built)
    for name in ("a/lesson_2.md", "content/a/lesson_2.md", "render:a/lesson_2"):
        text = built.doit("explain", name).text
        assert _LINE_RE.findall(text) == ["repair:a/lesson_2.md", "parse:a/lesson_2.md", "render:a/lesson_2"]
    assert '"nothing.md"' in built.doit("explain", "nothing.md").text


def test_explain_leaves_the_lock_and_no_folder_behind(built: Project, tmp_path: Path) -> None:
    EDITS["body"](built)
    built.doit("explain")
    assert built.build().executed[0] == "repair:a/lesson_2.md"
