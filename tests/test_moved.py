"""State and output that were copied elsewhere: the same folders there have nothing to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from building import Project, read_tree

from pipeline.builder.runs.seal import SEAL_NAME

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
    place = os.fsencode(tmp_path)
    for path in (project.root / ".lesson-pipeline").rglob("*"):
        if path.is_file() and path.parent.name != "templates":  # compiled, for this place only
            assert place not in path.read_bytes(), path


CACHED = ".lesson-pipeline", "output"
"""What a system for CI keeps from one run to the next."""


def one(project: Project, pattern: str) -> Path:
    [path] = project.root.glob(f".lesson-pipeline/*/{pattern}")
    return path


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


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
    "output half there": lose_half,
    "of another version": write_other_version,
    "of another course": take_state_of_another_course,
    "older state": lambda project: take_older(project, CACHED[0]),
    "older output": lambda project: take_older(project, CACHED[1]),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_whatever_a_cache_holds_the_site_is_that_of_the_course(
    tmp_path: Path, spoil: Callable[[Project], None]
) -> None:
    """A cache that is restored beside a fresh clone costs time at most."""
    project = Project(tmp_path / "here" / "project")
    make_course(project, INSIDE)
    for number in range(6):
        project.write(f"t/{number}.md", f"# Bài {number}\n\nChữ của bài {number}.\n")
    project.build()
    spoil(project)
    fresh = Project(tmp_path / "fresh")
    shutil.rmtree(fresh.content)
    for name in ("content", *CACHED):
        if (project.root / name).exists():
            shutil.copytree(project.root / name, fresh.root / name, copy_function=shutil.copyfile)
    fresh.write("t/3.md", "# Bài ba\n\nSửa.\n")
    run = fresh.doit()
    assert run.status == 0, run.text
    assert read_tree(fresh.output) == fresh.clean_build()
    assert fresh.doit().executed == []
