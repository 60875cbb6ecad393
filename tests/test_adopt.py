"""Courses of MkDocs and mdBook -> course.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adopt import Adopted, adopt_mkdocs, adopt_summary, write_course, write_redirects
from pipeline.commands.program import main
from pipeline.errors import SettingsError
from pipeline.redirects import parse_redirects
from pipeline.settings import parse_settings

MKDOCS = """
site_name: Khoá  học
site_url: https://example.org/khoa
repo_url: https://github.com/a/b
theme:
  name: material
  language: vi
  palette: {primary: teal}
nav:
  - Trang chủ: index.md
  - Phần:
      - a.md
      - Ngoài: https://example.org
      - ...
  - b/
plugins:
  - search
  - blog
  - redirects:
      redirect_maps: {cũ.md: a.md, x.md: 'https://example.org/x'}
markdown_extensions:
  - toc: {permalink: true}
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
  - pymdownx.critic
extra_javascript: [x.js]
strict: true
"""


def test_what_mkdocs_says_is_taken_over() -> None:
    found = adopt_mkdocs(MKDOCS)
    assert found.settings == {
        "title": "Khoá học",
        "language": "vi",
        "base_url": "https://example.org/khoa",
        "edit_url": "https://github.com/a/b/edit/master/docs/{path}",
        "nav": [{"Trang chủ": "index.md"}, {"Phần": ["a.md"]}, "b/"],
        "strict": True,
    }
    assert found.redirects == {"cũ.md": "a.md"}
    assert set(found.left) == {
        "extra_javascript", "markdown_extensions: pymdownx.critic", "nav: ...", "nav: Ngoài", "plugins: blog",
        "redirects: x.md -> https://example.org/x", "theme: palette",
    }  # fmt: skip
    assert found.folder == "docs"


EDITS = [
    ("repo_url: https://example.org/r\nedit_uri: edit/main/docs", "https://example.org/r/edit/main/docs/{path}"),
    ("repo_url: https://gitlab.com/r", "https://gitlab.com/r/edit/master/docs/{path}"),
    ("repo_url: https://example.org/r", ""),
    ("edit_uri_template: 'https://example.org/e/{path!q}'", "https://example.org/e/{path}"),
    ("repo_url: https://github.com/r\nedit_uri: ''", ""),
]


@pytest.mark.parametrize(("text", "url"), EDITS)
def test_where_a_page_can_be_edited(text: str, url: str) -> None:
    assert adopt_mkdocs(text).settings.get("edit_url", "") == url


SUMMARY = """# Summary

[Mở đầu](README.md)

# Phần một

- [Bài `a`](a/README.md)
    - [Bài b](a/b.md)
        - [Nháp]()
- [Bài \\[c\\]](./c.md)

---

[Phụ lục](d.md)
"""
BOOK = """[book]
title = "Sách"
language = "vi"
[output.html]
edit-url-template = "https://example.org/edit/{path}"
additional-css = ["x.css"]
[output.html.redirect]
"/a/cu.html" = "b.html"
[preprocessor.katex]
"""


def test_what_mdbook_says_is_taken_over() -> None:
    found = adopt_summary(SUMMARY, BOOK)
    assert found.settings == {
        "title": "Sách",
        "language": "vi",
        "edit_url": "https://example.org/edit/src/{path}",
        "nav": [
            {"Mở đầu": "README.md"},
            {"Phần một": [{"Bài a": ["a/README.md", {"Bài b": "a/b.md"}]}, {"Bài [c]": "c.md"}, {"Phụ lục": "d.md"}]},
        ],
    }
    assert found.redirects == {"a/cu.md": "a/b.md"}
    assert set(found.left) == {"nav: Nháp", "output.html.additional-css", "preprocessor.katex"}


@given(st.text(), st.text())
def test_any_text_gives_a_course_that_can_be_read_or_an_error(mkdocs: str, summary: str) -> None:
    for adopt, text in ((adopt_mkdocs, mkdocs), (adopt_summary, summary)):
        try:
            found = adopt(text)
        except SettingsError:
            continue
        parse_settings(write_course(found))
        parse_redirects(write_redirects(found))


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=3))
def test_any_name_is_written_so_that_it_is_read(redirects: dict[str, str]) -> None:
    import tomllib

    assert tomllib.loads(write_redirects(Adopted({}, redirects, ()))) == redirects


def test_a_course_begins_with_the_lessons_of_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docs = tmp_path / "old" / "docs"
    (docs / "b").mkdir(parents=True)
    (docs / "a.md").write_text("# A\n")
    (docs / "b" / "c.png").write_bytes(b"x")
    (docs / "link.md").symlink_to("/etc/passwd")
    (docs / "course.toml").write_text("strict = true")
    (tmp_path / "old" / "mkdocs.yml").write_text(MKDOCS)
    target = tmp_path / "new"
    assert main(["new", str(target), "--from", str(tmp_path / "old" / "mkdocs.yml")]) == 0
    content = target / "content"
    assert sorted(path.relative_to(content).as_posix() for path in content.rglob("*") if path.is_file()) == [
        "a.md", "b/c.png", "course.toml", "redirects.toml",
    ]  # fmt: skip
    assert 'title = "Khoá học"' in (content / "course.toml").read_text()
    assert "  not taken: plugins: blog\n" in capsys.readouterr().out
    (content / "a.md").write_text("# Mine\n")
    assert main(["new", str(target), "--from", str(tmp_path / "old" / "mkdocs.yml")]) == 0
    assert "skipped 2 that are there already" in capsys.readouterr().out
    assert (content / "a.md").read_text() == "# Mine\n"
    assert main(["new", str(tmp_path / "x"), "--from", str(tmp_path / "gone.yml")]) == 2
