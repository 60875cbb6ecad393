"""State and output that were copied elsewhere: the same folders there have nothing to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import Project, read_tree, some_of_many

from pipeline.builder.course import course as course_module
from pipeline.builder.course.course_files import CourseFiles
from pipeline.builder.disk.location import Location
from pipeline.builder.runs.seal import SEAL_NAME
from pipeline.builder.stages import action

INSIDE: tuple[str, ...] = ()
BESIDE = ("content=../my-course", "output=../site")


def make_course(project: Project, arguments: tuple[str, ...]) -> Path:
    content = project.root.parent / "my-course" if arguments else project.content
    for path, text in {
        "a.md": "# Một\n\nChữ `rõ`. ![](i.png)\n",
        "s/b.md": "# Hai\n\n[một](../a.md) $x^2$\n",
        "s/hỏng.md": "# Há»c Táºp\n\nHá»c Táºp cùng Há»c Táºp.\n",
        "redirects.toml": '"cũ.md" = "a.md"\n',
        "course.toml": 'title = "Khoá"\nbase_url = "https://example.org/"\n',
    }.items():
        (content / path).parent.mkdir(parents=True, exist_ok=True)
        (content / path).write_text(text, "utf-8")
    (content / "i.png").write_bytes(b"no image")
    return content


def copy(project: Project, to: Path) -> Project:
    """All of it, with other times and inodes; files come in another order, too."""
    for path in sorted(project.root.parent.rglob("*"), reverse=True):
        target = to / path.relative_to(project.root.parent)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    moved = Project.__new__(Project)
    moved.root = to / project.root.name
    moved.content, moved.output = moved.root / "content", moved.root / "output"
    return moved


@pytest.mark.parametrize("arguments", [INSIDE, BESIDE], ids=["inside", "beside"])
def test_nothing_is_rebuilt_elsewhere(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    project = Project(tmp_path / "here" / "project")
    make_course(project, arguments)
    assert project.doit(*arguments).status == 0
    moved = copy(project, tmp_path / "else" / "where")
    output = moved.root.parent / "site" if arguments else moved.output
    before = read_tree(output)
    run = moved.doit(*arguments)
    assert (run.status, run.executed) == (0, []), run.text
    assert "nothing to do" in run.text
    assert read_tree(output) == before
    assert [folder.name for folder in (moved.root / ".lesson-pipeline").iterdir() if folder.name != "outputs"] == [
        folder.name for folder in (project.root / ".lesson-pipeline").iterdir() if folder.name != "outputs"
    ]


def test_an_edit_elsewhere_is_an_edit_and_orphans_are_still_ours(tmp_path: Path) -> None:
    project = Project(tmp_path / "here" / "project")
    make_course(project, BESIDE)
    project.doit(*BESIDE)
    moved = copy(project, tmp_path / "else" / "where")
    content = moved.root.parent / "my-course"
    (content / "s/b.md").unlink()
    (content / "a.md").write_text("# Mới\n\nChữ.\n", "utf-8")
    run = moved.doit(*BESIDE)
    assert run.status == 0
    assert not (moved.root.parent / "site/s/b.html").exists()
    assert "render:a" in run.executed
    assert "render:s/hỏng" in run.executed  # it has no neighbour any more
    assert "repair:s/hỏng.md" not in run.executed
    clean = moved.doit("content=../my-course", "output=../clean")
    assert clean.status == 0
    assert read_tree(moved.root.parent / "site") == read_tree(moved.root.parent / "clean")


def test_the_output_of_another_course_is_still_known_elsewhere(tmp_path: Path) -> None:
    project = Project(tmp_path / "here" / "project")
    make_course(project, BESIDE)
    project.doit(*BESIDE)
    project.write("x.md", "# X\n")
    for each in (project, copy(project, tmp_path / "else" / "where")):
        run = each.doit("output=../site")
        assert run.status == 1
        assert "is the site of another course" in run.text


def test_no_path_of_this_machine_is_in_what_is_kept(tmp_path: Path) -> None:
    project = Project(tmp_path / "here" / "project")
    make_course(project, BESIDE)
    (project.root.parent / "my-course" / "bad.md").write_bytes(bytes(range(256)) * 40)
    project.doit(*BESIDE)
    (project.root.parent / "my-course" / "s/b.md").rename(project.root.parent / "my-course" / "s/c.md")
    project.doit(*BESIDE)  # what was renamed is noted
    project.doit(*BESIDE)
    place = os.fsencode(tmp_path)
    for path in (project.root / ".lesson-pipeline").rglob("*"):
        if path.is_file() and path.parent.name != "templates":  # compiled, for this place only
            assert place not in path.read_bytes(), path


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A course whose build is sealed at once."""
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    project = Project(tmp_path / "here" / "project")
    make_course(project, INSIDE)
    project.write("s/phần.txt", "Phần.\n")
    project.write("t/c.md", '# Ba\n\nCó:\n\n--8<-- "s/phần.txt"\n')
    project.build()
    (project.content / "a.md").rename(project.content / "d.md")
    project.build()
    project.build()  # a rename is noted among the sources, which this one sees
    return project


def move(project: Project) -> Project:
    """A fresh clone beside a restored state and output."""
    return project.copy_to(project.root.parent.parent / "fresh" / "project", with_times=False)


def check(project: Project) -> None:
    assert read_tree(project.output) == project.clean_build()
    assert project.build().loaded == [], "it is sealed here"


UNTOUCHED = "repair:s/hỏng.md"
EDITS: dict[str, tuple[Callable[[Project], object], set[str]]] = {
    "none": (lambda course: None, set()),
    "body": (lambda course: course.write("d.md", "# Một\n\nChữ khác.\n"), {"repair:d.md"}),
    "same size": (lambda course: course.write("s/b.md", "# Hai\n\n[mật](../a.md) $x^2$\n"), {"repair:s/b.md"}),
    "title": (lambda course: course.write("s/b.md", "# Thứ hai\n"), {"repair:s/b.md"}),
    "part": (lambda course: course.write("s/phần.txt", "Khác.\n"), {"repair:t/c.md"}),
    "file": (lambda course: course.write("i.png", b"another"), {"asset:i.png"}),
    "added": (lambda course: course.write("t/mới.md", "# Mới\n"), {"repair:t/mới.md"}),
    "removed": (lambda course: (course.content / "t/c.md").unlink(), set()),
    "renamed": (lambda course: (course.content / "t/c.md").rename(course.content / "t/e.md"), {"repair:t/e.md"}),
    "former paths": (lambda course: course.write("redirects.toml", '"xưa.md" = "d.md"\n'), set()),
    "page of a stranger": (lambda course: (course.output / "s/b.html").write_bytes(b"x"), set()),
}


@pytest.mark.parametrize("name", some_of_many(EDITS, *list(EDITS)[::2]))
def test_in_a_fresh_clone_only_what_differs_is_asked(course: Project, name: str) -> None:
    edit, asked = EDITS[name]
    fresh = move(course)
    edit(fresh)
    run = fresh.build()
    assert asked <= set(run.loaded)
    assert bool(run.executed) == (name != "none")
    assert UNTOUCHED not in run.loaded
    fresh.build()  # a rename is noted
    check(fresh)


@pytest.mark.parametrize("name", ["course.toml", "templates/lesson.html", "own.py"])
def test_where_code_templates_or_settings_say_something_else_everything_is_asked(course: Project, name: str) -> None:
    fresh = move(course)
    path = fresh.content / name if name == "course.toml" else fresh.root / name
    path.write_text((path.read_text("utf-8") if path.exists() else "") + "\n# \n", "utf-8")
    assert UNTOUCHED in fresh.build().loaded
    check(fresh)


def test_code_that_was_installed_anew_is_the_same_code(course: Project) -> None:
    for path in (course.root / "templates").rglob("*"):
        path.touch()
    assert course.build().loaded == []


def test_what_was_installed_a_moment_ago_is_known_by_what_it_says(
    course: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by `pip install . && doit` in each run of a CI system: no stamp of the code can be trusted, neither when it is
    sealed nor later."""
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 10**18)
    course.write("d.md", "# Bốn\n")
    course.build()
    for project in (course, move(course)):
        run = project.build()
        assert "static:site.css" not in run.loaded
        assert run.executed == []
        path = project.root / "templates/lesson.html"
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        assert "render:d" in project.build().executed


BUSY: dict[str, tuple[str, str, str]] = {
    "lesson": ("repair:t/c.md", "t/c.md", "# Lúc dựng\n"),
    "part": ("repair:t/c.md", "s/phần.txt", "Lúc dựng.\n"),
    "file": ("asset:i.png", "i.png", "another"),
}


@pytest.mark.parametrize("is_whole", [False, True], ids=["some asked", "all asked"])
@pytest.mark.parametrize("fate", ["before", "undone", "after"])
@pytest.mark.parametrize("name", some_of_many(BUSY, *list(BUSY)[::4]))
def test_an_edit_in_the_middle_of_a_build_is_built_in_the_fresh_clone(
    course: Project, monkeypatch: pytest.MonkeyPatch, name: str, fate: str, is_whole: bool
) -> None:
    """What the build has made of what it read, and what it says that it read, may be of two texts."""
    task, place, text = BUSY[name]
    path, run_step = course.content / place, action.run_step
    if is_whole:
        course.write("course.toml", 'title = "Khác"\n')
    course.write("d.md", "# Bốn\n")
    course.write("t/c.md", '# Bốn\n\n--8<-- "s/phần.txt"\n')
    course.write("i.png", b"new")
    before = path.read_bytes()

    def run_and_edit(*step: Any) -> dict[str, Any]:
        is_now = ":".join(step[1:3]) == task
        if is_now and fate != "after":
            path.write_text(text, "utf-8")
        try:
            return run_step(*step)
        finally:
            if is_now and fate != "before":
                path.write_bytes(before if fate == "undone" else text.encode())

    with monkeypatch.context() as patch:
        patch.setattr(action, "run_step", run_and_edit)
        assert task in course.doit("-n", "1").executed
    fresh = move(course)
    fresh.build()
    assert read_tree(fresh.output) == fresh.clean_build()


@pytest.mark.parametrize("is_moved", [False, True], ids=["here", "moved"])
def test_settings_that_were_others_for_the_moment_in_which_they_were_read(
    course: Project, monkeypatch: pytest.MonkeyPatch, is_moved: bool
) -> None:
    path, read = course.content / "course.toml", course_module.read_course_files
    before = path.read_bytes()

    def read_others(location: Location) -> CourseFiles:
        path.write_text('title = "Trong lúc ấy"\n', "utf-8")
        try:
            return read(location)
        finally:
            path.write_bytes(before)

    course.write("d.md", "# Bốn\n")
    with monkeypatch.context() as patch:
        patch.setattr(course_module, "read_course_files", read_others)
        course.build()
    project = move(course) if is_moved else course
    project.build()
    assert read_tree(project.output) == project.clean_build()


def test_a_link_or_a_pipe_in_place_of_a_page_is_no_page(course: Project, tmp_path: Path) -> None:
    pages = [course.output / name for name in ("s/b.html", ".nojekyll")]
    fresh = move(course)
    elsewhere = tmp_path / "elsewhere.html"
    elsewhere.write_bytes(pages[0].read_bytes())
    link, pipe = fresh.output / "s/b.html", fresh.output / ".nojekyll"
    link.unlink()
    link.symlink_to(elsewhere)
    pipe.unlink()
    os.mkfifo(pipe)
    fresh.build()
    assert not link.is_symlink()
    assert pipe.is_file()
    check(fresh)


def test_a_rehearsal_elsewhere_keeps_nothing(course: Project) -> None:
    fresh = move(course)
    fresh.write("d.md", "# Bốn\n")
    seal = one(fresh, SEAL_NAME).read_bytes()
    assert "repair:d.md" in fresh.doit("explain").text
    assert UNTOUCHED not in fresh.doit("explain").text
    assert one(fresh, SEAL_NAME).read_bytes() == seal
    assert UNTOUCHED not in fresh.build().loaded
    check(fresh)


CACHED = ".lesson-pipeline", "output"
"""What a system for CI keeps from one run to the next."""


def one(project: Project, pattern: str) -> Path:
    [path] = project.root.glob(f".lesson-pipeline/*/{pattern}")
    return path


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def forge(project: Project) -> None:
    """A stranger's pages, each as long as it was."""
    for path in project.output.rglob("*.html"):
        path.write_bytes(b"x" * path.stat().st_size)


def put_damaged_seal(project: Project) -> None:
    one(project, "state.sqlite3").with_name(SEAL_NAME).write_bytes(bytes(range(200)))


def cut_off_pages(project: Project) -> None:
    for path in sorted(project.output.rglob("*"))[::2]:
        if path.is_file():
            cut_off(path)


def lose_half(project: Project) -> None:
    for path in sorted(project.output.rglob("*"))[::2]:
        if path.is_file():
            path.unlink()


def write_other_version(project: Project) -> None:
    with sqlite3.connect(one(project, "state.sqlite3")) as database:
        database.execute("update meta set value = 'of tomorrow' where name = 'version'")


def take_state_of_another_course(project: Project) -> None:
    other = Project(project.root.parent / "other")
    for number in range(9):
        other.write(f"s/{number}.md", f"# Khác {number}\n\n[kia](../a.md)\n")
    other.write("a.md", "# Một khác\n")
    other.build()
    for name in CACHED:
        shutil.rmtree(project.root / name)
        shutil.copytree(other.root / name, project.root / name, copy_function=shutil.copyfile)


def take_older(project: Project, cached: str) -> None:
    """One of the two of a run before, beside the other of the last one: caches that are not of one time."""
    kept = project.root.parent / "kept"
    shutil.copytree(project.root / cached, kept)
    project.write("a.md", "# Một, đổi tên\n\nChữ khác.\n")
    project.write("s/thêm.md", "# Thêm\n")
    project.build()
    shutil.rmtree(project.root / cached)
    kept.rename(project.root / cached)


SPOILED: dict[str, Callable[[Project], None]] = {
    "whole": lambda project: None,
    "state only": lambda project: shutil.rmtree(project.output),
    "output only": lambda project: shutil.rmtree(project.root / CACHED[0]),
    "state cut off": lambda project: cut_off(one(project, "state.sqlite3")),
    "state of no bytes": lambda project: os.truncate(one(project, "state.sqlite3"), 0),
    "seal damaged": put_damaged_seal,
    "output cut off": cut_off_pages,
    "output forged": forge,
    "output half there": lose_half,
    "of another version": write_other_version,
    "of another course": take_state_of_another_course,
    "older state": lambda project: take_older(project, CACHED[0]),
    "older output": lambda project: take_older(project, CACHED[1]),
}


@pytest.mark.parametrize("name", some_of_many(SPOILED, *list(SPOILED)[::2]))
def test_whatever_a_cache_holds_the_site_is_that_of_the_course(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache that is restored beside a fresh clone costs time at most."""
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    project = Project(tmp_path / "here" / "project")
    make_course(project, INSIDE)
    for number in range(6):
        project.write(f"t/{number}.md", f"# Bài {number}\n\nChữ của bài {number}.\n")
    project.build()
    SPOILED[name](project)
    fresh = Project(tmp_path / "fresh")
    shutil.rmtree(fresh.content)
    for folder in ("content", *CACHED):
        if (project.root / folder).exists():
            shutil.copytree(project.root / folder, fresh.root / folder, copy_function=shutil.copyfile)
    fresh.write("t/3.md", "# Bài ba\n\nSửa.\n")
    run = fresh.doit()
    assert run.status == 0, run.text
    assert read_tree(fresh.output) == fresh.clean_build()
    assert fresh.doit().executed == []
