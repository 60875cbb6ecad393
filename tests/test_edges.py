"""The graph as `doit info` and `doit list --deps` show it: whatever an edit makes anew is led to by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from building import Project, some_of_many
from test_staleness import LESSONS

GROUPS = ("clear", "index", "asset", "static", "parse", "repair", "markdown", "render")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("edges") / "project")
    for path, text in LESSONS.items():
        project.write(path, text)
    project.write("a/shown.md", "# Hình\n\n![vuông](../hinh.svg)\n")
    project.write("hinh.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    project.write("course.toml", 'quick_links = ["b/other.md"]\n')
    project.build()
    return project


def edges_of(course: Project) -> dict[str, set[str]]:
    """Each task, and the tasks and files that it comes after; what stands for all tasks of a stage is left out."""
    found: dict[str, set[str]] = {}
    for block in re.split(r"\n(?! - )", course.doit("list", "--all", "--deps").text):
        task, *lines = block.splitlines() or [""]
        found[task.split("  ")[0].strip()] = {line.removeprefix(" -  ") for line in lines} - set(GROUPS)
    return found


def all_before(task: str, edges: dict[str, set[str]]) -> set[str]:
    found, waiting = set[str](), [task]
    while waiting:
        for name in edges.get(waiting.pop(), set()) - found:
            found.add(name)
            waiting.append(name)
    return found


def test_a_page_comes_after_its_own_parse_its_sections_and_what_its_links_lead_to(course: Project) -> None:
    edges = edges_of(course)
    assert edges["repair:a/lesson_2.md"] == {str(course.content / "a/lesson_2.md")}
    assert edges["parse:a/lesson_2.md"] == {"repair:a/lesson_2.md"}
    assert {"parse:a/lesson_2.md", "parse:a/lesson_10.md"} <= edges["index:a"]
    assert edges["render:a/shown"] == {
        *("parse:a/shown.md", "index:a", "index:.", "asset:hinh.svg", "parse:b/other.md")
    }
    shown = course.doit("info", "render:a/shown").text
    assert " - asset:hinh.svg\n" in shown


@pytest.mark.parametrize("path", [path for path in LESSONS if path.endswith(".md")])
@pytest.mark.parametrize("edit", some_of_many(["title", "heading", "draft", "text"], "title", "draft"))
def test_every_page_that_an_edit_makes_anew_comes_after_the_lesson(
    course: Project, tmp_path: Path, path: str, edit: str
) -> None:
    edited = course.copy_to(tmp_path / "project")
    edited.build()
    before = edges_of(edited)
    text = LESSONS[path]
    text = {
        "title": re.sub(r"^# .*$", "# Tên khác hẳn", text, count=1, flags=re.M),
        "heading": re.sub(r"^## .*$|\Z", "\n## Phần khác\n", text, count=1, flags=re.M),
        "draft": "---\ndraft: true\n---\n" + text,
        "text": text + "\nThêm một câu.\n",
    }[edit]
    edited.write(path, text)
    pages = [task for task in edited.build().executed if task.startswith("render:")]
    after = edges_of(edited)
    assert pages
    for page in pages:
        assert f"parse:{path}" in all_before(page, before) | all_before(page, after), page
