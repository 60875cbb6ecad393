"""The repaired Markdown of each lesson beside its page."""

from __future__ import annotations

import re

import pytest
from building import Project, read_tree

DAMAGED = "# Bài học\n\nHá»c vÃ\xa0 lÃ\xa0m viá»‡c.\n\n```\nviá»‡c\n```\n"
_LINK_RE = re.compile(r'<link rel="alternate" type="text/markdown" href="([^"]+)">')


def markdown_of(project: Project) -> dict[str, bytes]:
    """The Markdown in the output, by path."""
    return {path: content for path, content in read_tree(project.output).items() if path.endswith((".md", ".markdown"))}


@pytest.mark.parametrize(
    ("source", "written"),
    [
        (b"# B\n\nHai t\xe1\xbb\xab.\n", "# B\n\nHai từ.\n"),
        (b"\xef\xbb\xbf# B\r\n\r\nHai.\rBa.", "# B\n\nHai.\nBa.\n"),
        ("# B\n\nHai từ.\n\n\n".encode("utf-16"), "# B\n\nHai từ.\n\n\n"),
        (DAMAGED.encode(), "# Bài học\n\nHọc và làm việc.\n\n```\nviệc\n```\n"),
        (
            b"---\ntitle: B\n---\n<!-- a -->\nText <b onclick=x>b</b>\n",
            "---\ntitle: B\n---\n<!-- a -->\nText <b onclick=x>b</b>\n",
        ),
        (b'# B\n\n--8<-- "part.txt"\n', "# B\n\nMột phần.\n"),
    ],
    ids=["sound", "line breaks", "UTF-16", "damaged", "all of it", "a part"],
)
def test_it_is_the_text_that_the_page_shows_in_utf_8_with_lf(project: Project, source: bytes, written: str) -> None:
    (project.content / "part.txt").write_text("Một phần.\n", "utf-8")
    (project.content / "a.md").write_bytes(source)
    project.build()
    assert markdown_of(project)["a.md"].decode() == written


def test_a_page_with_a_text_of_its_own_leads_to_it_and_no_other_page(project: Project) -> None:
    project.write("a.md", "# A\n\nText.\n")
    project.write("b c/README.md", "# B\n\nText, [a](../a.md).\n")
    project.write("b c/d.markdown", "# D\n\nText.\n")
    project.write("b c/e/f.md", "# F\n\nText.\n")
    project.write("draft.md", "---\ndraft: true\n---\n# G\n\nText.\n")
    project.build()
    links = {}
    for path in project.output.rglob("*.html"):
        for url in _LINK_RE.findall(path.read_text("utf-8")):
            links[path.relative_to(project.output).as_posix()] = url
    assert links == {
        "a.html": "a.md",
        "b c/index.html": "README.md",
        "b c/d.html": "d.markdown",
        "b c/e/f.html": "f.md",
    }
    assert set(markdown_of(project)) == {"a.md", "b c/README.md", "b c/d.markdown", "b c/e/f.md"}


def test_it_comes_and_goes_with_the_page(project: Project, way: str) -> None:
    project.write("a.md", "# A\n\nText.\n")
    project.write("b/c.md", "# C\n\nText.\n")
    project.build()
    for edit in ("---\ndraft: true\n---\n# A\n\nText.\n", "# A\n\nText.\n", "# A\n\nOther text.\n", None, "# A\n"):
        if edit is None:
            (project.content / "a.md").rename(project.content / "z.md")
        else:
            project.write("a.md", edit)
        done = project.build()
        assert "markdown:b/c.md" not in done.executed
        assert read_tree(project.output) == project.clean_build(), edit
        assert ("a.md" in markdown_of(project)) == (edit is not None and "draft" not in edit)
        assert project.build().executed == []


def test_what_was_changed_or_deleted_in_the_output_is_written_again(project: Project, way: str) -> None:
    project.write("a.md", "# A\n\nText.\n")
    project.build()
    (project.output / "a.md").write_text("other", "utf-8")
    assert project.build().executed == ["markdown:a.md"]
    (project.output / "a.md").unlink()
    assert project.build().executed == ["markdown:a.md"]
    assert (project.output / "a.md").read_text("utf-8") == "# A\n\nText.\n"


def test_a_text_that_cannot_be_parsed_leaves_it_as_it_was_as_its_page(project: Project, way: str) -> None:
    """Whether it is a draft now is not known."""
    project.write("a.md", "# A\n\nText.\n")
    project.build()
    before = read_tree(project.output)
    project.write("a.md", "---\ndraft: true\n---\n# A\n\n" + "[" * 1000)
    for _ in range(2):
        assert project.doit().status == 1
        after = read_tree(project.output)
        assert (after["a.md"], after["a.html"]) == (before["a.md"], before["a.html"])
    project.write("a.md", "# A\n\nText, mended.\n")
    project.build()
    assert read_tree(project.output) == project.clean_build()
