"""Sections, links and pages, as a reader meets them; and that builds are deterministic."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from building import PROJECT, Project, read_tree
from hypothesis import given
from hypothesis import strategies as st
from strategies import entries

from pipeline import section
from pipeline.paths import natural_key
from pipeline.section import build_section, neighbours, window
from pipeline.values import Card, Entry


def title_list(page: str, where: str) -> list[str]:
    root = lxml.html.fromstring(page)
    return [" ".join(item.text_content().split()) for item in root.xpath(where)]


@given(st.lists(entries, max_size=6), st.randoms())
def test_the_order_of_a_section_does_not_depend_on_the_order_it_was_found_in(
    found: list[Entry], random: object
) -> None:
    def build(items: list[Entry]) -> tuple[Card, ...]:
        return build_section("a", title="", summary="", order=None, lessons=items, sections=()).lessons

    found = list({(entry.name, entry.card.page): entry for entry in found}.values())
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(build(found), key=repr) == sorted((e.card for e in found), key=repr)
    unique = {entry.card.page: entry for entry in found}.values()
    if len(unique) == len(found):
        assert build(found) == build(shuffled)
        said = [entry.order for card in build(found) for entry in found if entry.card == card]
        orders = [order for order in said if order is not None]
        assert said == sorted(orders) + [None] * (len(said) - len(orders)), (
            "those without a place of their own are last"
        )


@given(st.integers(1, 60), st.integers(0, 59), st.integers(1, 50))
def test_a_window_holds_the_lesson_it_is_for(total: int, position: int, size: int) -> None:
    cards = tuple(Card(str(number), "", "") for number in range(total))
    page = str(min(position, total - 1))
    shown = window(cards, page, size)
    assert len(shown) == min(size, total)
    assert page in [card.page for card in shown]
    before, after = neighbours(cards, page)
    assert (before is None) == (page == "0")
    assert (after is None) == (page == str(total - 1))


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_numbers_in_names_count_as_numbers(one: int, other: int) -> None:
    assert (natural_key(f"lesson_{one}.md") < natural_key(f"lesson_{other}.md")) == (one < other)


def make_course(root: Path) -> Project:
    project = Project(root)
    project.write("course.toml", 'title = "Khóa thử"\nquick_links = ["a", "b/x.md"]\n')
    for name in ("lesson_1", "lesson_2", "lesson_10"):
        project.write(f"a/{name}.md", f"# Bài {name[7:]}\n\nCâu của {name}. Hết.\n")
    project.write("b/x.md", "# X\n\nChữ.\n")
    project.write("a/image.png", b"png")
    return project


@pytest.fixture
def course(tmp_path: Path) -> Project:
    return make_course(tmp_path / "project")


def test_a_lesson_page_has_all_its_parts(course: Project) -> None:
    course.write("a/lesson_2.md", "# Bài 2\n\nChữ.\n\n## Một\n\n## Hai\n\n### Ba\n\n#### Bốn\n")
    course.build()
    page = course.page("a/lesson_2.html")
    root = lxml.html.fromstring(page)
    assert root.get("lang") == "vi"
    assert root.findtext(".//title") == "Bài 2 · Khóa thử"
    assert title_list(page, "//nav[@class='breadcrumbs']//li") == ["Khóa thử", "A", "Bài 2"]
    assert title_list(page, "//nav[@class='tree']//a") == ["Khóa thử", "A", "Bài 1", "Bài 2", "Bài 10", "B"]
    assert title_list(page, "//nav[@class='tree']//li/ul/li") == ["Bài 1", "Bài 2", "Bài 10"]
    assert title_list(page, "//nav[@class='tree']//*[@aria-current]") == ["Bài 2"]
    assert title_list(page, "//nav[@class='toc']//li") == ["Một", "Hai", "Ba"]
    assert title_list(page, "//a[@rel='prev' or @rel='next']") == [
        "Bài trước Bài 1",
        "Bài sau Bài 10",
    ]
    assert title_list(page, "//header//li") == ["A", "X"]


def test_a_section_page_lists_titles_and_first_sentences(course: Project) -> None:
    course.write("a/index.md", "# Phần A\n\nGiới thiệu A.\n")
    course.write("a/sub/y.md", "# Y\n\nCâu Y.\n")
    course.build()
    page = course.page("a/index.html")
    assert "<p>Giới thiệu A.</p>" in page
    assert title_list(page, "//section[contains(@class,'lessons')]//li")[0] == "Bài 1 Câu của lesson_1."
    assert title_list(page, "//section[contains(@class,'sections')]//li") == ["Sub 1 bài"]
    assert title_list(course.page("index.html"), "//section//li") == ["Phần A 4 bài Giới thiệu A.", "B 1 bài"]
    for name, count in (("index", "5 bài"), ("a/index", "4 bài"), ("a/sub/index", "1 bài")):
        assert count in title_list(course.page(f"{name}.html"), "//p[@class='start']")[0]
    starts = [
        lxml.html.fromstring(course.page(name)).xpath("//p[@class='start']/a[not(@hidden)]/@href")
        for name in ("index.html", "a/index.html")
    ]
    assert starts == [["a/lesson_1.html"], ["lesson_1.html"]]


def test_order_and_draft_of_the_front_matter_are_obeyed(course: Project) -> None:
    course.write("a/lesson_10.md", "---\norder: 1\n---\n# Bài 10\n\nChữ.\n")
    course.write("a/lesson_1.md", "---\ndraft: true\n---\n# Bài 1\n\nChữ.\n")
    course.build()
    assert title_list(course.page("a/lesson_2.html"), "//nav[@class='tree']//li/ul/li") == [
        "Bài 10",
        "Bài 2",
    ]
    assert not (course.output / "a/lesson_1.html").exists()


def test_a_folder_of_drafts_has_no_page(course: Project) -> None:
    course.write("c/d/z.md", "---\ndraft: true\n---\n# Z\n")
    course.build()
    assert not (course.output / "c").exists()
    course.write("c/d/z.md", "# Z\n\nChữ.\n")
    course.build()
    assert (course.output / "c/d/index.html").is_file()
    course.write("c/d/z.md", "---\ndraft: true\n---\n# Z\n")
    course.build()
    assert not (course.output / "c").exists()


LINKS = [
    ("lesson_2.md", "lesson_2.html", ""),
    ("./lesson_2.md#phần", "lesson_2.html#ph%E1%BA%A7n", "has no heading"),
    ("lesson_2.md#ph%E1%BA%A7n-hai", "lesson_2.html#phần-hai", ""),
    ("lesson_2.md#ph%e1%ba%a7n-hai", "lesson_2.html#phần-hai", ""),
    ("lesson_2.md#phần-hai", "lesson_2.html#phần-hai", ""),
    ("lesson%5F2.md#ph%E1%BA%A7n-haii", "lesson_2.html#phần-haii", "has no heading '#phần-haii'"),
    ("#%E1%BB%9F-%C4%91%C3%A2y", "#ở-đây", ""),
    ("#ở-đây", "#ở-đây", ""),
    ("#%E1%BB%9F-%C4%91%C3%A2yy", "#ở-đâyy", "did you mean #ở-đây?"),
    ("lesson_1.md#ở-đây", "#ở-đây", ""),
    ("/a/lesson_1.md#top", "#top", ""),
    ("lesson_1.md", "lesson_1.html", ""),
    ("../b/x.md", "../b/x.html", ""),
    ("/b/x.md", "../b/x.html", ""),
    ("../b/", "../b/index.html", ""),
    ("../b", "../b/index.html", ""),
    ("../b/index.md", "../b/index.html", ""),
    ("../index.md", "../index.html", ""),
    ("image.png", "image.png", ""),
    ("drawn.svg", "drawn.svg", ""),
    ("lesson_2.html", "lesson_2.html", ""),
    ("lesson%5F2.md", "lesson_2.html", ""),
    ("https://example.org/x.md", "https://example.org/x.md", ""),
    ("mailto:a@example.org", "mailto:a@example.org", ""),
    ("gone.md", None, "leads nowhere"),
    ("../../outside.md", None, "points outside the course"),
    ("../x.md", None, "did you mean ../b/x.md?"),
    ("Lesson_2.md", None, "did you mean lesson_2.md?"),
    ("Lesson 2.md", None, "did you mean lesson_2.md?"),
    ("../B/index.md", None, "did you mean ../b/index.md?"),
    ("../nowhere/index.md", None, "leads nowhere"),
    ("", None, "link has no address"),
    ("lesson_2.md#top", "lesson_2.html#top", ""),
    ("#Top", "#Top", ""),
    ("lesson_2", "lesson_2.html", ""),
    ("lesson_2/", "lesson_2.html", ""),
    ("/a/lesson_2", "lesson_2.html", ""),
    ("lesson_2#phan", "lesson_2.html#phan", "has no heading"),
    ("lesson_2.md#phan-hai", "lesson_2.html#phần-hai", ""),
    ("/lesson_2.html", None, "did you mean /a/lesson_2.md?"),
    ("/x/", None, "did you mean /b/x.md?"),
    ("/x.markdown", None, "did you mean /b/x.md?"),
    ("/x/y/b", None, "did you mean /b/?"),
    ("x/y/b", None, "did you mean ../b/?"),
    ("../../x.md", None, "did you mean ../b/x.md?"),
    # numbered otherwise, here or in the only other folder that has such a name
    ("03_loops.md", None, "did you mean 04_loops.md?"),
    ("../b/7-Loops.md", None, "did you mean 04_loops.md?"),
    ("../week-2-lists.md", None, "did you mean ../b/week-1-lists.md?"),
    ("../03_parts/index.md", None, "leads nowhere\n."),
    ("../c/03_parts/1_same.md", None, "did you mean ../c/04_parts/same.md?"),
    ("option-2.md", None, "leads nowhere\n."),
    ("3.md", None, "leads nowhere\n."),
    ("../", "../index.html", ""),
    ("..", "../index.html", ""),
    ("/", "../index.html", ""),
    ("www.example.org/x", None, "write https:// before it"),
    ("example.org/gone.html", None, "write https:// before it"),
    (
        "../.env_example",
        None,
        "'../.env_example' leads nowhere\n  hint: it is there, but the setting ignore leaves it out",
    ),
    ("../.github/ci.yml", None, "hint: it is there, but the setting ignore leaves it out"),
    ("../.github/gone.yml", None, "'../.github/gone.yml' leads nowhere\n"),
]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A course of which one lesson has all these links, the first in line 5, each other two lines further; and what its
    build said."""
    course = make_course(tmp_path_factory.mktemp("linked") / "project")
    course.write("a/drawn.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    course.write(".env_example", "x")
    course.write(".github/ci.yml", "x")
    for path in (
        "a/04_loops.md",
        "a/option-1.md",
        "a/4.md",
        "b/week-1-lists.md",
        "c/04_parts/same.md",
        "c/05_more/same.md",
    ):
        course.write(path, f"# {path}\n\nChữ.\n")
    links = [f'Xem [chữ *này*]({target} "t") nhé.\n\n' for target, _, _ in LINKS]
    course.write("a/lesson_1.md", f"# Bài 1\n\nChữ.\n\n{''.join(links)}## Ở đây\n")
    course.write("a/lesson_2.md", "# Bài 2\n\nChữ.\n\n## Phần hai\n")
    return course, course.build().text


@pytest.mark.parametrize("number", range(len(LINKS)), ids=[target for target, _, _ in LINKS])
def test_where_a_link_leads(linked: tuple[Project, str], number: int) -> None:
    course, said = linked
    _, url, problem = LINKS[number]
    root = lxml.html.fromstring(course.page("a/lesson_1.html"))
    paragraph = [p for p in root.iter("p") if "nhé" in p.text_content()][number]
    assert paragraph.text_content() == "Xem chữ này nhé."
    links = paragraph.xpath("a/@href")
    if url is None:
        assert links == []
        assert paragraph.xpath("span[@class='broken-link']/em")
    else:
        assert [unquote(link) for link in links] == [unquote(url)]
        assert {name for link in paragraph.iter("a") for name in link.attrib} <= {"href", "title", "class", "rel"}
        at, _, anchor = links[0].partition("#")
        if anchor and not problem:
            there = lxml.html.fromstring(course.page(f"a/{at or 'lesson_1.html'}"))
            assert unquote(anchor).lower() == "top" or there.xpath("//*[@id=$anchor]", anchor=unquote(anchor))
    told = re.findall(rf"^content/a/lesson_1\.md:{5 + 2 * number}(?::\d+)?: warning: (.*\n(?:  .*\n)*)", said, re.M)
    assert len(told) == bool(problem)
    for message in told:
        assert problem in f"{message}."  # which ends it, where no hint follows
        assert ("write https://" in message) == ("write https://" in problem), "only where a site can be meant"


WIKI_LINKS = [
    ("[[lesson_2]]", "lesson_2", "lesson_2.html"),
    ("[[lesson 2]]", "lesson 2", "lesson_2.html"),
    ("[[lesson 2.md|hai]]", "hai", "lesson_2.html"),
    ("[[hai|lesson_2]]", "lesson_2", "lesson_2.html"),
    ("[[lesson_2#Phần hai|đây]]", "đây", "lesson_2.html#phần-hai"),
    ("[[lesson_2#^abc]]", "lesson_2#^abc", "lesson_2.html"),
    ("[[b/x]]", "b/x", "../b/x.html"),
    ("[[#Ở đây]]", "Ở đây", "#ở-đây"),
    ("[[b]]", "b", "../b/index.html"),
    ("[[không có]]", "[[không có]]", None),
    ("[[không có|hay & dở]]", "[[không có|hay & dở]]", None),
    ("[[../../x]]", "[[../../x]]", None),
]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("[[không có]]", "if it is code, write it between backticks"),
        ("[[gone]]", "if it is code"),
        ("[[Phần 1: gone|text]]", "if it is code"),
        ("[[gone.md]]", "if it is code"),
        ("[[X]]", "did you mean [[b/x]]?"),
        ("[[03 loops]]", "did you mean [[04_loops]]?"),
        ("[[loops]]", "did you mean [[04_loops]]?"),
        *((code, "") for code in ("[[1]]", "[[i, j]]", "[[ -f x ]]", "[[menus.main]]", "[[:alpha:]]", "[[x = 1]]")),
    ],
)
def test_a_link_of_a_wiki_that_leads_nowhere_is_a_warning_where_it_is_no_code(
    course: Project, written: str, hint: str
) -> None:
    course.write("a/04_loops.md", "# Loops\n\nChữ.\n")
    course.write("a/lesson_1.md", f"# Bài 1\n\nXem {written} nhé.\n")
    text = course.build().text
    assert ("content/a/lesson_1.md:3:5: warning: no lesson is called" in text) == (hint != "")
    assert f"  hint: {hint}" in text or not hint


@pytest.mark.parametrize(("written", "text", "url"), WIKI_LINKS)
def test_where_a_link_of_a_wiki_leads(course: Project, written: str, text: str, url: str | None) -> None:
    course.write("a/lesson_1.md", f"# Bài 1\n\nXem {written} nhé.\n\n## Ở đây\n")
    course.write("a/lesson_2.md", "# Bài 2\n\nChữ.\n\n## Phần hai\n")
    run = course.build()
    root = lxml.html.fromstring(course.page("a/lesson_1.html"))
    (paragraph,) = [p for p in root.iter("p") if "nhé" in p.text_content()]
    assert paragraph.text_content() == f"Xem {text} nhé."
    assert [unquote(link) for link in paragraph.xpath("a/@href")] == ([] if url is None else [url])
    assert ("warning" in run.text) == (url is None and ".." not in written)  # a path out of the folder is no page


def test_a_link_of_a_wiki_follows_a_lesson_that_comes_and_goes(course: Project) -> None:
    course.write("a/lesson_1.md", "# Bài 1\n\nXem [[ba]].\n")
    course.build()
    assert 'href="ba.html"' not in course.page("a/lesson_1.html")
    course.write("a/ba.md", "# Ba\n\nChữ.\n")
    course.build()
    assert 'href="ba.html"' in course.page("a/lesson_1.html")


def test_a_missing_image_shows_its_text(course: Project) -> None:
    course.write("a/lesson_1.md", "# Bài 1\n\nChữ.\n\n![Sơ đồ <1>](gone.png)\n")
    run = course.build()
    assert "Sơ đồ &lt;1&gt;</span>" in course.page("a/lesson_1.html")
    assert "content/a/lesson_1.md:5:14: warning: image 'gone.png' leads nowhere" in run.text


def test_a_link_to_a_name_in_another_unicode_form_is_found(course: Project) -> None:
    course.write(f"a/{unicodedata.normalize('NFD', 'tiếng')}.md", "# Tiếng\n\nChữ.\n")
    course.write("a/lesson_1.md", "# Bài 1\n\n[x](tiếng.md)\n")
    assert "warning" not in course.build().text


def test_strict_makes_a_broken_link_an_error(course: Project) -> None:
    course.write("course.toml", "strict = true\n")
    course.write("a/lesson_1.md", "# Bài 1\n\nChữ.\n\n[x](gone.md)\n")
    for _ in range(2):
        run = course.doit()
        assert run.status == 1
        assert "content/a/lesson_1.md:5:5: warning: link to 'gone.md' leads nowhere" in run.text
    assert (course.output / "a/lesson_1.html").is_file()


def test_raw_html_is_passed_on_only_when_the_course_trusts_it(course: Project) -> None:
    course.write("a/lesson_1.md", "# Bài 1\n\nChữ.\n\n<script>x()</script>\n")
    course.build()
    assert "x()" not in course.page("a/lesson_1.html")
    course.write("course.toml", "trusted_html = true\n")
    run = course.doit()
    assert run.status == 1
    assert "course.toml: 'trusted_html' would let lessons run scripts on readers: it is not heeded" in run.text
    assert "x()" not in course.page("a/lesson_1.html")
    assert course.doit("trusted=no").status == 1
    assert course.doit("trusted=yes").status == 0
    assert "<script>x()</script>" in course.page("a/lesson_1.html")


@pytest.mark.parametrize("name", ["Index.md", "INDEX.MD"])
def test_a_folder_has_its_page_whatever_lies_in_it(course: Project, name: str) -> None:
    course.write(f"a/{name}", "# Lạ\n\nChữ.\n")
    run = course.doit()
    assert run.status == 1
    assert f"a/{name}: the same name as 'a/index.md'" in run.text
    assert (course.output / "a/index.html").is_file()


def test_quick_links_are_the_same_on_every_page_and_mark_the_page_itself(course: Project) -> None:
    course.build()
    for target, here in (("index.html", ""), ("a/index.html", "A"), ("b/x.html", "X")):
        root = lxml.html.fromstring(course.page(target))
        (menu,) = root.xpath("//header/nav")
        assert menu.xpath(".//a/text()") == ["A", "X"], target
        assert menu.xpath(".//a[@aria-current='page' and @href='#main']/text()") == ([here] if here else [])


def test_a_quick_link_that_leads_nowhere_is_told(course: Project) -> None:
    course.write("course.toml", 'quick_links = ["nope"]\n')
    assert "course.toml:1: warning: quick link 'nope' leads nowhere" in course.build().text
    course.write("course.toml", 'quick_links = ["nope"]\nstrict = true\n')
    assert course.doit().status == 1


def test_a_link_to_a_draft_says_so(course: Project) -> None:
    course.write("b/x.md", "---\ndraft: true\n---\n# X\n")
    course.write("a/lesson_1.md", "# Bài 1\n\n[x](../b/x.md)\n")
    assert "has no page: a draft" in course.build().text


@pytest.mark.parametrize(
    "include", ['{% include ["extra.html", "x.html"] %}', '{% set p = "extra" %}{% include p ~ ".html" %}']
)
def test_a_template_whose_name_is_worked_out_is_a_dependency_too(course: Project, include: str) -> None:
    templates = course.root / "templates"
    (templates / "extra.html").write_text("<p>one</p>", "utf-8")
    base = templates / "base.html"
    base.write_text(base.read_text("utf-8").replace("</body>", f"{include}</body>"), "utf-8")
    course.build()
    assert "<p>one</p>" in course.page("b/x.html")
    (templates / "extra.html").write_text("<p>two</p>", "utf-8")
    course.build()
    assert "<p>two</p>" in course.page("b/x.html")


@pytest.mark.parametrize("wrong", ["{{ 1/0 }}", "{{ nothing }}", "{% if %}", "{{ title.a.b }}"])
def test_a_fault_in_a_template_is_told_with_its_name_and_line(course: Project, wrong: str) -> None:
    path = course.root / "templates" / "section.html"
    path.write_text(path.read_text("utf-8").replace("<article>", f"<article>{wrong}"), "utf-8")
    line = next(n for n, text in enumerate(path.read_text("utf-8").split("\n"), 1) if wrong in text)
    run = course.doit()
    assert run.status == 1
    assert f"templates/section.html:{line}: " in run.text
    assert "Traceback" not in run.text


def test_a_template_that_is_not_utf8_is_told(course: Project) -> None:
    (course.root / "templates" / "parts.html").write_bytes(b"\xff\xfe")
    run = course.doit()
    assert run.status == 1
    assert "templates/parts.html:1: not UTF-8" in run.text
    assert "Traceback" not in run.text


def test_a_template_error_is_told_with_its_line(course: Project) -> None:
    path = course.root / "templates" / "lesson.html"
    path.write_text(path.read_text("utf-8") + "\n{{ nothing }}\n", "utf-8")
    (course.root / "templates" / "section.html").write_text("{% if %}", "utf-8")
    run = course.doit()
    assert run.status == 1
    assert "section.html" in run.text
    assert "Traceback" not in run.text


def test_every_link_of_the_demo_course_leads_somewhere(demo_site: Path) -> None:
    check_links(demo_site)


def check_links(site: Path) -> None:
    ids = {}
    for path in site.rglob("*.html"):
        ids[path.resolve()] = set(lxml.html.parse(path).xpath("//@id"))
    for path in site.rglob("*.html"):
        for url in lxml.html.parse(path).xpath("//a/@href|//img/@src|//link/@href"):
            parts = urlsplit(url)
            if parts.scheme or url.startswith("//"):
                continue
            if path.name == "404.html":  # a server shows it anywhere: its links begin at the top
                parts = parts._replace(path=parts.path.lstrip("/"))
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            assert target.is_file(), f"{path}: {url}"


def test_the_lesson_that_quotes_mojibake_keeps_it(demo_site: Path) -> None:
    source = (PROJECT / "content/02_mojibake/01_khi_utf_8_bi_doc_sai.md").read_text("utf-8")
    page = lxml.html.parse(demo_site / "02_mojibake/01_khi_utf_8_bi_doc_sai.html").getroot()
    quoted = re.findall(r"(?<!`)`([^`\n]*(?:Ã|á»)[^`\n]*)`(?!`)", source)
    shown = [code.text_content() for code in page.iter("code")]
    assert quoted
    for text in quoted:
        assert text.strip() in [item.strip() for item in shown], text


def test_a_build_depends_on_no_clock_no_path_and_no_hash_order(tmp_path: Path) -> None:
    trees = []
    for seed in ("0", "1"):
        project = Project(tmp_path / seed / "here")
        shutil.rmtree(project.content)
        shutil.copytree(PROJECT / "content", project.content)
        subprocess.run(
            [sys.executable, "-m", "doit"],
            cwd=project.root,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC-{seed}"},
            capture_output=True,
            check=True,
        )
        trees.append(read_tree(project.output))
        assert not any(str(tmp_path).encode() in page for page in trees[-1].values())
    assert trees[0] == trees[1]


@given(st.integers(1, 120), st.integers(1, 90), st.integers(1, 90), st.data())
def test_the_list_of_siblings_is_bounded_in_number_and_bytes_and_has_the_lesson(
    lessons: int, name: int, title: int, data: st.DataObject
) -> None:
    cards = tuple(Card(f"a/{number}{'ề' * name}", "ổ" * title, "") for number in range(lessons))
    here = data.draw(st.sampled_from(cards))
    shown = section.list_siblings(cards, here.page)
    assert here in shown
    assert len(shown) <= section.SIBLINGS_SHOWN
    size = sum(map(section.bytes_in_list, shown))
    assert size <= section.SIBLING_BYTES or len(shown) == min(lessons, section.FEWEST_SIBLINGS)
    first = cards.index(shown[0])
    assert shown == cards[first : first + len(shown)], "neighbours, in the order of the section"
