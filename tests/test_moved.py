"""State and output that were copied elsewhere: the same folders there have nothing to do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from building import Project, read_tree

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
