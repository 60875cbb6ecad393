"""`nav` of `course.toml`: the order and titles of lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lxml.html
import pytest
from browsing import serve, visit
from building import Project, read_tree
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

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
def test_every_lesson_is_where_it_is_named_first_and_every_section_leads_up_to_the_course(nav: list[Any]) -> None:
    entries = read_nav(nav)
    places = NavPlaces(entries)
    depths: dict[str, int] = {}
    for entry in entries:
        depths.setdefault(entry.path, entry.depth)
    for path in filter(None, depths):
        if path.endswith(".md"):
            section = places.section_of(path)
            assert section is not None
            assert (section != "") == (depths[path] > 0)
    for section in (*places.groups, "b", "ê"):
        steps = 0
        above: str | None = section
        while above:
            above, steps = places.section_of(above), steps + 1
            assert steps <= len(entries) + 1


@given(navs)
def test_no_two_groups_are_one_section(nav: list[Any]) -> None:
    taken = {"b", "ê", "part"}
    places = NavPlaces(read_nav(nav), lambda path: path.casefold() in taken)
    assert len(set(places.groups)) == len(places.groups)
    assert not taken.intersection(places.groups)


@pytest.mark.parametrize(
    ("nav", "sections", "groups"),
    [
        # all of a folder, in one group: it is the folder
        ([{"A": ["b/c.md", "b/d.md"]}], {"b/c.md": "b", "b": ""}, []),
        # divided, or mixed with others: it is none
        ([{"A": ["b/c.md"]}, {"B": ["b/d.md"]}], {"b/c.md": "a", "b/d.md": "b-2"}, ["a", "b-2"]),
        ([{"A": ["b/c.md", "a.md"]}], {"b/c.md": "a", "a.md": "a", "a": ""}, ["a"]),
        # but for the one that begins with the text of the folder
        ([{"A": ["b/index.md", "a.md"]}, {"B": ["b/d.md"]}], {"a.md": "b", "b": "", "b/d.md": "b-2"}, ["b-2"]),
        ([{"A": ["b/README.md", "a.md"]}], {"a.md": "b"}, []),
        # a folder that is named by itself keeps what is in it
        ([{"A": ["a.md", "b/"]}], {"b": "a", "b/c.md": None}, ["a"]),
        ([{"A": ["a.md", {"Tựa": "b/index.md"}]}], {"b": "a", "b/index.md": None}, ["a"]),
        # deeper than any folder
        ([{"A": [{"B": [{"C": ["a.md"]}]}]}], {"a.md": "a/b/c", "a/b/c": "a/b", "a/b": "a"}, ["a", "a/b", "a/b/c"]),
        ([{"?!": ["a.md"]}, {"…": ["d.md"]}], {"a.md": "part", "d.md": "part-2"}, ["part", "part-2"]),
        ([{"../X": ["a.md"]}, {"_static": ["d.md"]}], {"a.md": "x", "d.md": "static"}, ["x", "static"]),
        ([{"A": []}, "/"], {"a.md": None}, []),
    ],
)
def test_what_a_group_is(nav: list[Any], sections: dict[str, str | None], groups: list[str]) -> None:
    places = NavPlaces(read_nav(nav), lambda path: path == "b")
    assert {path: places.section_of(path) for path in sections} == sections
    assert places.groups == groups


MANY = 5_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "nav",
    [
        [{"A": ["a.md", "b.md"]}] * MANY,
        [{"A": [f"f{number}/a.md", f"f{number}/b/c.md"]} for number in range(MANY)],
        ["/".join("a" * 200) + f"/{number}.md" for number in range(MANY // 10)],
    ],
    ids=["alike", "folders", "deep"],
)
def test_a_long_navigation_is_read_in_linear_time(nav: list[Any]) -> None:
    NavPlaces(read_nav(nav))


# --- sections that are no folders, on pages ---

NESTED = """nav = [
  "index.md",
  { "Nhóm" = ["phần/d.md", "b.md", { "Sâu" = ["khác/f.md", "a.md"] }] },
  { "Còn lại" = ["phần/index.md", "phần/e.md"] },
]
"""


def trail_of(project: Project, page: str) -> list[str]:
    found = lxml.html.fromstring(project.page(page)).xpath("//nav[@class='breadcrumbs']//li")
    return [item.text_content().strip() for item in found]


def test_pages_stand_where_the_navigation_has_them_at_their_own_addresses(course: Project) -> None:
    course.write("g.md", "# G\n\n[khác](khác/) [phần](phần/) [sâu](nhóm/sâu/)\n")
    course.write("course.toml", NESTED)
    run = course.build()
    assert "warning" not in run.text
    assert trail_of(course, "khác/f.html") == ["Tựa index.md", "Nhóm", "Sâu", "Tựa khác/f.md"]
    assert trail_of(course, "phần/e.html") == ["Tựa index.md", "Còn lại", "Tựa phần/e.md"]
    assert trail_of(course, "nhóm/sâu/index.html") == ["Tựa index.md", "Nhóm", "Sâu"]
    assert order_of(course, "nhóm/index.html", "Sâu", "Tựa phần/d.md", "Tựa b.md") == [
        "Sâu",
        "Tựa phần/d.md",
        "Tựa b.md",
    ]
    # the folder that is empty now has no page; what leads to it leads to where its lesson is
    assert not (course.output / "khác/index.html").exists()
    assert 'href="nh%C3%B3m/s%C3%A2u/index.html">khác' in course.page("g.html")
    page = lxml.html.fromstring(course.page("khác/f.html"))
    assert page.xpath("//a[@rel='next']/@href") == ["../a.html"]
    # of the sections above, the tree that is in the page has all
    assert [link.text_content() for link in page.xpath("//nav[@class='tree']//li[@class='branch']/a")] == [
        "Nhóm", "Sâu", "Còn lại",
    ]  # fmt: skip
    assert '["Sâu","sâu",[\n["Tựa khác/f.md","/khác/f"],\n["Tựa a.md","/a"]]]' in course.page("_site/tree.js")
    assert read_tree(course.output) == course.clean_build()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nhóm/x.md", "# Tên của nhóm\n"),  # the group has another name then
        pytest.param("nhóm/sâu/x.md", "# Sâu hơn\n", marks=pytest.mark.deep),
        ("khác/y.md", "# Không nói tới\n"),  # the folder has a page again
        pytest.param("khác/index.md", "# Chữ của thư mục\n", marks=pytest.mark.deep),
        ("phần/e.md", "# Tựa mới\n\nChữ.\n"),
        pytest.param("khác/f.md", "# Tựa mới\n\nChữ.\n", marks=pytest.mark.deep),
        ("khác/f.md", "---\ndraft: true\n---\n"),
        pytest.param("khác/f.md", "", marks=pytest.mark.deep),
        ("phần/index.md", None),
        pytest.param("b.md", None, marks=pytest.mark.deep),
        pytest.param("a.md", None, marks=pytest.mark.deep),
    ],
)
def test_what_changes_in_a_nested_navigation_reaches_the_pages_that_show_it(
    course: Project, tmp_path: Path, way: str, path: str, text: str | None
) -> None:
    course.write("course.toml", NESTED)
    course.write("g.md", "# G\n\n[khác](khác/) [phần](phần/) [sâu](nhóm/sâu/)\n")
    course.build()
    project = course.reopened(tmp_path / "again", way)
    if text is None:
        (project.content / path).unlink()
    else:
        project.write(path, text)
    project.doit()
    assert read_tree(project.output) == project.clean_build()
    assert not project.doit().executed
    if text:
        (project.content / path).unlink()
        project.doit()
        assert read_tree(project.output) == project.clean_build()


def test_the_tree_opens_the_sections_that_the_page_is_in(browser: Browser, course: Project) -> None:
    course.write("course.toml", NESTED)
    course.build()
    with serve(course.output) as base, visit(browser, base, viewport={"width": 1280, "height": 800}) as reader:
        reader.go("khác/f.html")
        panel = reader.page.locator(".tree")
        panel.locator("button[aria-label='Còn lại']").click()
        panel.get_by_role("link", name="Tựa phần/e.md").wait_for()
        opened = panel.locator("button[aria-expanded='true']")
        assert opened.evaluate_all("found => found.map(button => button.ariaLabel)") == ["Nhóm", "Sâu", "Còn lại"]
        assert panel.locator("[aria-current]").text_content() == "Tựa khác/f.md"
        panel.get_by_role("link", name="Tựa a.md").click()
        assert reader.page.url == f"{base}a.html"
