"""`nav` of `course.toml`: the order and titles of lists."""

from __future__ import annotations

from typing import Any

import lxml.html
import pytest
from building import Project, read_tree
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adopt import Adopted, write_course
from pipeline.errors import SettingsError
from pipeline.nav import NavPlaces, read_nav
from pipeline.settings import parse_settings


@pytest.fixture
def course(project: Project) -> Project:
    for path in ("index.md", "a.md", "b.md", "c.md", "phần/index.md", "phần/d.md", "phần/e.md", "khác/f.md"):
        project.write(path, f"# Tựa {path}\n\nChữ.\n")
    return project


NAV = """nav = [
  "c.md",
  { "Tên mới" = "a.md" },
  { "Phần đầu" = ["phần/e.md", { "D" = "phần/d.md" }] },
]
"""


def order_of(project: Project, page: str, *titles: str) -> list[str]:
    """These titles in the order in which the main part of a page has them."""
    main = lxml.html.fromstring(project.page(page)).xpath("//main")[0].text_content()
    return sorted((title for title in titles if title in main), key=main.index)


def test_lists_have_the_order_and_the_titles_of_the_navigation(course: Project) -> None:
    course.build()
    assert order_of(course, "index.html", "Tựa a.md", "Tựa b.md", "Tựa c.md") == ["Tựa a.md", "Tựa b.md", "Tựa c.md"]
    course.write("course.toml", NAV)
    course.doit()
    assert order_of(course, "index.html", "Tựa c.md", "Tên mới", "Tựa b.md") == ["Tựa c.md", "Tên mới", "Tựa b.md"]
    assert order_of(course, "phần/index.html", "Tựa phần/e.md", "D") == ["Tựa phần/e.md", "D"]
    assert "Phần đầu" in course.page("index.html")
    assert "<h1>Tựa a.md" in course.page("a.html").replace('<h1 class="title">', "<h1>")
    assert read_tree(course.output) == course.clean_build()


def test_what_leads_nowhere_is_told_with_its_line(course: Project) -> None:
    course.write("course.toml", 'nav = [\n  "a.md",\n  { "X" = ["gone.md"] },\n]\n')
    assert "course.toml:3: warning: 'gone.md' in nav leads nowhere" in course.doit().text


@pytest.mark.parametrize(
    "text", ['nav = "a.md"', "nav = [1]", 'nav = [{ A = "a.md", B = "b.md" }]', "nav = [{ A = 1 }]"]
)
def test_what_is_no_navigation_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_settings(text)


def test_a_deep_navigation_is_refused() -> None:
    with pytest.raises(SettingsError):
        parse_settings("nav = " + "[{ A = " * 30 + '["a.md"]' + " }]" * 30)


titles = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
paths = st.sampled_from(["a.md", "b/c.md", "b/d.md", "b/", "ê/f.md"])
navs: st.SearchStrategy[list[Any]] = st.recursive(
    st.lists(st.one_of(paths, st.tuples(titles, paths).map(lambda pair: dict([pair])))),
    lambda inner: st.lists(st.one_of(paths, st.tuples(titles, inner).map(lambda pair: dict([pair]))), max_size=4),
    max_leaves=9,
)


@given(navs)
def test_what_is_written_is_read_again(nav: list[Any]) -> None:
    settings = parse_settings(write_course(Adopted({"nav": nav} if nav else {}, {}, ())))
    assert settings.nav == read_nav(nav)


@given(navs)
def test_a_folder_stands_where_the_first_of_it_does(nav: list[Any]) -> None:
    entries = read_nav(nav)
    places = NavPlaces(entries)
    named = [entry.path for entry in entries if entry.path]
    inside = [path for path in named if path == "b" or path.startswith("b/")]
    order = places.order_of("b")
    assert (order is not None) == bool(inside)
    orders = [places.order_of(path) for path in inside]
    assert order is None or all(order <= found for found in orders if found is not None)
