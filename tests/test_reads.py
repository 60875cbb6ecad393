"""Every kind of key finds the pages that asked: after a seal only these are asked, and none is missed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from building import Project

from pipeline.builder.course import reads

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="9"/>'


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    project.write("course.toml", 'title = "Khóa"\nquick_links = ["q/quick.md"]\n')
    project.write("a/there.md", "# Có\n\nCâu.\n\n## Phần\n")
    project.write("b/index.md", "# Tên\n\nCâu.\n")
    project.write("b/deep/x.md", "# Sâu\n\nCâu.\n")
    project.write("e/draft.md", "---\ndraft: true\n---\n# Nháp\n\nCâu.\n")
    project.write("q/quick.md", "# Nhanh\n\nCâu.\n")
    project.write("drawn.svg", SVG.format(9))
    links = ("../a/there.md#phần", "../a/later.md", "../e/", "../later.pdf")
    project.write(
        "z/page.md", "# Trang\n\n" + "\n\n".join(f"[x]({link})" for link in links) + "\n\n![h](../drawn.svg)\n"
    )
    project.write("part.txt", "Lời chung.\n")
    project.write("z/with.md", '# Ghép\n\n--8<-- "part.txt"\n')
    project.write("z/other.md", "# Bên\n\nCâu.\n")
    project.build()
    return project


def edit(path: str, before: str, after: str) -> Callable[[Project], object]:
    return lambda project: project.write(path, (project.content / path).read_text("utf-8").replace(before, after))


ROWS: dict[str, list[tuple[Callable[[Project], object], str]]] = {
    reads.LESSON: [
        (lambda project: project.write("a/later.md", "# Mới\n\nCâu.\n"), "z/page"),
        (lambda project: (project.content / "a/there.md").unlink(), "z/page"),
        (edit("a/there.md", "# Có", "---\ndraft: true\n---\n# Có"), "z/page"),
    ],
    reads.NAME: [(edit("q/quick.md", "Nhanh", "Chậm"), "z/page")],
    reads.ANCHORS: [(edit("a/there.md", "## Phần", "## Khác"), "z/page")],
    reads.SECTION: [(edit("e/draft.md", "draft: true", "draft: false"), "z/page")],
    reads.TITLE: [(edit("b/index.md", "Tên", "Tựa"), "b/deep/x")],
    reads.TITLES: [(edit("z/other.md", "Bên", "Cạnh"), "z/page")],
    reads.BRANCHES: [(edit("b/index.md", "Tên", "Tựa"), "z/page")],
    reads.LISTED: [(edit("z/other.md", "Câu", "Lời"), "z/index")],
    reads.FILE: [(lambda project: project.write("later.pdf", "x"), "z/page")],
    reads.PART: [(lambda project: project.write("part.txt", "Lời khác.\n"), "z/with")],
    reads.SIZE: [(lambda project: project.write("drawn.svg", SVG.format(19)), "z/page")],
}


def test_every_kind_of_key_has_a_row() -> None:
    kinds = {value for name, value in vars(reads).items() if name.isupper() and isinstance(value, str)}
    assert kinds == ROWS.keys()


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        pytest.param(kind, number, marks=pytest.mark.deep if number % 3 else ())
        for kind, rows in ROWS.items()
        for number in range(len(rows))
    ],
)
def test_the_page_that_shows_it_is_asked_and_explained(
    finished: Project, tmp_path: Path, way: str, kind: str, number: int
) -> None:
    change, page = ROWS[kind][number]
    project = finished.reopened(tmp_path / "project", way)
    change(project)
    why = dict(re.findall(r"^(\S+): (.+)$", project.doit("explain").text, re.M))
    run = project.build()
    assert f"render:{page}" in run.executed
    assert ("render:q/quick" in run.loaded) == (way == "asked"), "only what it can reach"
    assert why[f"render:{page}"].split(": ")[0].endswith(("changed", "is new", "is gone", "page now"))
    assert "\nR " not in project.doit("list", "--all", "--status").text


def test_two_sets_of_the_same_keys_are_kept_alike() -> None:
    keys = [(reads.FILE, "a"), (reads.SIZE, "a"), (reads.FILE, "b")]
    assert reads.pack_keys(keys) == reads.pack_keys(reversed(keys)) != reads.pack_keys(keys[:2])
