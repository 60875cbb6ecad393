"""A course built again and again in one process: each build is as one of a process of its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from building import InOneProcess, die_before_record, read_tree, some_of_many

from pipeline.builder.disk.location import Location
from pipeline.builder.runs.builds import Builds

LESSON = "# Một\n\nCâu. [hai](hai.md)\n"


@pytest.fixture
def course(tmp_path: Path) -> InOneProcess:
    course = InOneProcess(tmp_path / "project")
    course.write("a/mot.md", LESSON)
    course.write("a/hai.md", "# Hai\n\nCâu.\n")
    course.build()
    return course


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def edit_with_state(course: InOneProcess, content: bytes) -> None:
    course.write("a/mot.md", LESSON + "\nThêm.\n")
    next(course.root.glob(".lesson-pipeline/*/state.sqlite3")).write_bytes(content)


EDITS: dict[str, Callable[[InOneProcess], object]] = {
    "body": lambda course: course.write("a/mot.md", LESSON + "\nThêm.\n"),
    "title": lambda course: course.write("a/hai.md", "# Ba\n\nCâu.\n"),
    "damaged": lambda course: course.write("a/hai.md", "# Há»c\n\nCâu vÃ\xa0 lÃ\xa0m Há»c.\n"),
    "damaged below": lambda course: course.write("a/mot.md", LESSON + "\nCâu vÃ\xa0 lÃ\xa0m Há»c.\n"),
    "template": lambda course: append(course.root / "templates/lesson.html", "<!-- khác -->"),
    "words": lambda course: append(course.root / "templates/base.html", "{# chỉ lời #}"),
    "setting": lambda course: course.write("course.toml", 'title = "Khóa"\nlanguage = "en"\n'),
    "gone": lambda course: (course.content / "a/hai.md").unlink(),
    "edit, state gone": lambda course: edit_with_state(course, b""),
    "edit, state damaged": lambda course: edit_with_state(course, b"x" * 9000),
}


@pytest.mark.parametrize("name", some_of_many(EDITS, *list(EDITS)[::3]))
def test_what_changed_between_two_builds_is_built_as_by_a_process_of_its_own(
    course: InOneProcess, way: str, name: str
) -> None:
    course.build()  # with what the first one keeps of templates and code
    EDITS[name](course)
    assert course.build().executed != []
    assert read_tree(course.output) == course.clean_build()
    assert course.build().executed == []


def test_a_fault_is_told_by_each_build_until_it_is_mended(course: InOneProcess, way: str) -> None:
    course.write("a/mot.md", b"\0")
    for _ in range(2):
        written = io.StringIO()
        outcome = course.builds.run(written)
        assert outcome.status == 1
        assert "a/mot.md" in outcome.told["errors"][0]
        assert "a/mot.md" in written.getvalue()
    course.write("a/mot.md", LESSON)
    assert course.builds.run().status == 0


def test_doit_in_a_process_of_its_own_goes_on_from_there_and_back(course: InOneProcess, way: str) -> None:
    course.write("a/mot.md", LESSON + "\nThêm.\n")
    course.build()
    course.write("a/hai.md", "# Hai\n\nCâu khác.\n")
    assert "render:a/hai" in course.doit().executed
    assert course.build().executed == []


def test_a_content_folder_that_is_gone_is_told_and_the_next_build_goes_on(course: InOneProcess, way: str) -> None:
    elsewhere = course.content.with_name("elsewhere")
    course.content.rename(elsewhere)
    outcome = course.builds.run()
    assert outcome.status == 1
    assert "there is no content folder" in outcome.told["errors"][0]
    elsewhere.rename(course.content)
    assert course.build().executed == []


CHANGED: dict[str, tuple[Callable[[InOneProcess], object], list[str]]] = {
    "body": (EDITS["body"], ["a/mot.md"]),
    "title": (EDITS["title"], ["a/hai.md"]),
    "new": (lambda course: course.write("a/ba.md", "# Ba\n\n[hai](hai.md)\n"), ["a/ba.md"]),
    "new folder": (lambda course: course.write("b/c/ba.md", "# Ba\n\nChữ.\n"), ["b", "b/c", "b/c/ba.md"]),
    "gone": (EDITS["gone"], ["a/hai.md"]),
    "moved": (
        lambda course: (course.content / "a/hai.md").rename(course.content / "a/bon.md"),
        ["a/hai.md", "a/bon.md"],
    ),
    "asset": (lambda course: course.write("a/x.txt", "x"), ["a/x.txt"]),
    "setting": (EDITS["setting"], ["course.toml"]),
    "template": (EDITS["template"], []),
}


@pytest.mark.parametrize("name", some_of_many(CHANGED, *list(CHANGED)[1::2]))
def test_a_build_that_is_told_what_changed_is_as_one_that_looks(course: InOneProcess, way: str, name: str) -> None:
    course.build()
    edit, changed = CHANGED[name]
    edit(course)
    outcome = course.builds.run(changed=changed)
    assert outcome.status == 0
    if name != "template":  # of which a watcher of the content folder tells nothing: the next whole build finds it
        assert outcome.told["executed"] != []
        assert read_tree(course.output) == course.clean_build()
    course.build()
    assert read_tree(course.output) == course.clean_build()
    assert course.build().executed == []


def test_a_build_that_is_told_what_changed_looks_at_nothing_else(course: InOneProcess, way: str) -> None:
    course.build()
    EDITS["title"](course)
    (course.output / "index.html").unlink()
    told = course.builds.run(changed=[]).told["executed"]
    assert (told == []) == (way == "sealed"), "without a seal every task is asked"
    course.build()
    assert read_tree(course.output) == course.clean_build()


def test_what_another_process_built_meanwhile_is_known(course: InOneProcess, way: str) -> None:
    course.build()
    EDITS["title"](course)
    assert course.doit().executed != []
    course.write("a/mot.md", LESSON + "\nThêm.\n")
    assert "render:a/hai" not in course.builds.run(changed=["a/mot.md"]).told["executed"]
    assert read_tree(course.output) == course.clean_build()


@pytest.mark.parametrize("killed_at", ["render:a/mot", "search:all"])
def test_what_a_killed_build_of_another_process_left_is_made_good(
    course: InOneProcess, way: str, killed_at: str
) -> None:
    """It began when the last seal was not on the disk yet."""
    course.build()
    EDITS["body"](course)
    course.builds.run(changed=["a/mot.md"])
    EDITS["title"](course)
    die_before_record(course, killed_at)
    course.builds.run(changed=["a/hai.md"])
    assert read_tree(course.output) == course.clean_build()
    course.build()
    assert course.build().executed == []
    assert read_tree(course.output) == course.clean_build()


def test_the_seal_of_a_build_that_was_told_what_changed_is_there_after_the_next_that_looks(
    course: InOneProcess, way: str
) -> None:
    course.build()
    EDITS["title"](course)
    assert course.builds.run(changed=["a/hai.md"]).told["executed"] != []
    assert course.build().executed == []
    run = course.doit()
    assert run.executed == []
    assert bool(run.loaded) == (way == "asked")


def test_the_first_build_looks_at_everything_whatever_it_is_told(course: InOneProcess, way: str) -> None:
    (course.content / "a/hai.md").unlink()
    EDITS["body"](course)
    course.builds = Builds(Location(course.root, course.content, course.output))
    assert course.builds.run(changed=[]).status == 0
    assert read_tree(course.output) == course.clean_build()
    run = course.doit()
    assert run.executed == []
    assert bool(run.loaded) == (way == "asked")


def pages_of(tree: dict[str, bytes]) -> dict[str, bytes]:
    """The pages of lessons and folders, and what a browser loads with them."""
    is_later = ("_search/", "_repairs/")
    found = {path: content for path, content in tree.items() if not path.startswith(is_later)}
    return {path: content for path, content in found.items() if b'http-equiv="refresh"' not in content}


@pytest.mark.parametrize("name", some_of_many(CHANGED, *list(CHANGED)[::3]))
def test_pages_are_told_when_all_that_they_show_is_there(course: InOneProcess, way: str, name: str) -> None:
    course.build()
    edit, changed = CHANGED[name]
    edit(course)
    seen: list[dict[str, bytes]] = []
    course.builds.run(changed=changed or None, on_pages=lambda: seen.append(read_tree(course.output)))
    (tree,) = seen
    left = pages_of(course.clean_build())
    assert {path: content for path, content in pages_of(tree).items() if path in left} == left


def test_where_no_page_is_made_nothing_is_told_of_pages(course: InOneProcess, way: str) -> None:
    course.build()
    course.write("a/mot.md", LESSON.replace("Câu", "Câu  "))  # the same page
    told: list[int] = []
    executed = course.builds.run(changed=["a/mot.md"], on_pages=lambda: told.append(1)).told["executed"]
    assert (bool(told), bool(executed)) == (any(task.startswith(("render:", "site:")) for task in executed), True)
