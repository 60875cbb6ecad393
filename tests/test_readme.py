"""Courses as they stand on GitHub: `README.md` is the text of its folder, `.markdown` files are lessons."""

from __future__ import annotations

import lxml.html
import pytest
from building import Project, read_tree

README = "# Khóa học\n\nLời đầu.\n\n## Phần một\n\n[b](a/b.md)\n"
LINKS = "[1](../README.md#phần-một) [2](README.md) [3](../README.html) [4](./) [5](index.md) [6](/a/README.md#phần-hai)"


@pytest.fixture
def course(project: Project) -> Project:
    project.write("README.md", README)
    project.write("a/README.md", "Chỉ có chữ.\n\n## Phần hai\n")
    project.write("a/b.md", f"# B\n\n{LINKS}\n")
    return project


def links(html: str) -> list[str]:
    return [str(href) for href in lxml.html.fromstring(html).xpath("//article//p[not(@class)]/a/@href")]


def check_law(course: Project) -> None:
    assert read_tree(course.output) == course.clean_build()
    assert course.build().executed == []


def test_a_readme_is_the_text_of_its_folder_and_links_lead_there(course: Project) -> None:
    run = course.build()
    assert "warning" not in run.text
    assert "<h1>Khóa học</h1>" in course.page("index.html")
    assert "Lời đầu." in course.page("index.html")
    assert "<h1>A</h1>" in course.page("a/index.html")  # without a heading of its own it has the folder's name
    home, own = "../index.html", "index.html"
    anchors = [f"{home}#ph%E1%BA%A7n-m%E1%BB%99t", f"{own}#ph%E1%BA%A7n-hai"]
    assert links(course.page("a/b.html")) == [anchors[0], own, home, own, own, anchors[1]]
    assert 'href="index.html"' in course.page("README.html")  # who knew it by its name is led on
    assert "README" not in course.page("_site/tree.js")
    check_law(course)


def test_an_index_beside_a_readme_is_the_folder_and_that_is_told_once(
    course: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    course.build()
    before = read_tree(course.output)
    course.write("a/index.md", "# Phần a\n\nChữ.\n\n## Phần hai\n")
    run = course.build()
    assert run.text.count("a/README.md: warning: index.md is the text of this folder: this is a lesson") == 1
    assert "repair:a/b.md" not in run.executed
    assert "Chỉ có chữ." in course.page("a/README.html")
    assert "<h1>Phần a</h1>" in course.page("a/index.html")
    assert links(course.page("a/b.html"))[1] == "README.html"
    check_law(course)
    (course.content / "a/index.md").unlink()
    assert "warning" not in course.build().text
    assert read_tree(course.output) == before
    check_law(course)


@pytest.mark.parametrize(
    "names", [["_index"], ["_index", "README"], ["index", "_index"], ["index", "_index", "ReadMe"]]
)
def test_the_text_of_a_folder_is_the_first_of_its_names_and_the_others_are_told(
    project: Project, names: list[str]
) -> None:
    project.write("a/b.md", "# B\n\n[own](./)\n")
    for name in names:
        project.write(f"a/{name}.md", f"# Text of {name}\n\nWords.\n")
    told = project.build().text
    first, *others = names
    assert f"<h1>Text of {first}</h1>" in project.page("a/index.html")
    assert [name for name in names if f"a/{name}.md: warning: {first}.md is the text of this folder" in told] == others
    assert told.count("warning:") == len(others)
    for name in others:
        assert f"<h1>Text of {name}</h1>" in project.page(f"a/{name}.html")
    assert ('"_index"' in project.page("_site/tree.js")) == ("_index" in others)
    check_law(project)


def test_a_folder_that_moves_leads_its_old_addresses_on(course: Project) -> None:
    course.build()
    (course.content / "a").rename(course.content / "c")
    course.write("README.md", README.replace("a/b.md", "c/b.md"))
    course.build()
    for old in ("a/index.html", "a/README.html"):
        assert "c/index.html" in course.page(old)
    assert 'href="index.html"' in course.page("c/README.html")
    check_law(course)


def test_files_that_end_in_markdown_are_lessons(project: Project) -> None:
    project.write("a/index.markdown", "# Phần a\n\n[x](bài.markdown#phần) [y](bài.html) [z](../b.md) .\n")
    project.write("a/bài.markdown", "---\naliases: old/x.markdown\n---\n# Bài\n\n## Phần\n")
    project.write("b.md", "# B\n\n[x](a/index.markdown)\n")
    project.write("course.toml", 'quick_links = ["a/bài"]\n')
    assert "warning" not in project.build().text
    page = "b%C3%A0i.html"
    assert links(project.page("a/index.html")) == [f"{page}#ph%E1%BA%A7n", page, "../b.html"]
    assert page in project.page("old/x.html")
    assert "<h1>Phần a</h1>" in project.page("a/index.html")
    check_law(project)


def test_files_of_mdx_are_told_once(project: Project) -> None:
    project.write("a/b.md", "# B\n")
    project.write("a/x.mdx", "# X\n")
    project.write("a/y.mdx", "# Y\n")
    told = project.build().text
    assert "a/x.mdx: warning: no page is made of files that end in .mdx: there are 2" in told
    assert told.count("mdx: warning") == 1
