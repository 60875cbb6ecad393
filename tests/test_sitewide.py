"""The files that there is one of for the whole site."""

from __future__ import annotations

import json
import posixpath
from base64 import b64encode
from hashlib import sha256
from typing import Any

import lxml.etree
import lxml.html
import pytest
from building import PROJECT
from hypothesis import given
from hypothesis import strategies as st

from pipeline.site_values import (
    DatedPage,
    ListingInputs,
    MissingInputs,
    RedirectInputs,
    TreeBranch,
    TreeInputs,
    TreeLeaf,
)
from pipeline.sitewide import (
    alias_target,
    render_feed,
    render_missing,
    render_redirect,
    render_robots,
    render_sitemap,
    render_tree,
)
from pipeline.sitewide.listings import FEED_LENGTH
from pipeline.values import Card

BASE = "https://example.org/k/"
TEMPLATES = (PROJECT / "templates",)
ATOM = "{http://www.w3.org/2005/Atom}"

texts = st.text(max_size=20)
names = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=6)
dates = st.dates().map(str) | st.just("")
pages = st.lists(st.builds(DatedPage, names, texts, texts, dates), max_size=30, unique_by=lambda page: page.page)


def listing(found: list[DatedPage], title: str = "Khóa") -> ListingInputs:
    return ListingInputs(BASE, "vi", title, tuple(found))


@given(texts, pages)
def test_a_sitemap_and_a_feed_are_xml_whatever_the_titles_are(title: str, found: list[DatedPage]) -> None:
    lxml.etree.fromstring(render_sitemap(listing(found, title), TEMPLATES).encode("utf-8", "replace"))
    feed = lxml.etree.fromstring(render_feed(listing(found, title), TEMPLATES).encode("utf-8", "replace"))
    dated = sorted((page.date for page in found if page.date), reverse=True)[:FEED_LENGTH]
    assert [time.text[:10] for time in feed.iterfind(f"{ATOM}entry/{ATOM}updated")] == dated


@given(pages, st.randoms())
def test_a_feed_does_not_depend_on_the_order_it_is_told_in(found: list[DatedPage], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert render_feed(listing(found), TEMPLATES) == render_feed(listing(shuffled), TEMPLATES)


def test_a_sitemap_says_where_each_page_is_and_when_it_changed() -> None:
    text = render_sitemap(
        listing([DatedPage("index", "", "", ""), DatedPage("a/bài 1", "", "", "2026-03-01")]), TEMPLATES
    )
    assert f"<url><loc>{BASE}</loc></url>" in text
    assert f"<url><loc>{BASE}a/b%C3%A0i%201.html</loc><lastmod>2026-03-01</lastmod></url>" in text
    assert render_robots(BASE, "vi", TEMPLATES) == f"User-agent: *\nDisallow:\nSitemap: {BASE}sitemap.xml\n"
    assert "Sitemap" not in render_robots("", "vi", TEMPLATES)


@st.composite
def trees(draw: st.DrawFn) -> TreeInputs:
    paths = draw(st.lists(st.lists(names, min_size=1, max_size=4).map("/".join), max_size=6))
    every = {""}
    for path in paths:
        while path:
            every.add(path)
            path = posixpath.dirname(path)
    return TreeInputs(
        tuple(
            TreeBranch(
                path,
                draw(texts),
                tuple(sorted(child for child in every if child and posixpath.dirname(child) == path)),
                tuple(TreeLeaf(draw(texts), posixpath.join(path, name)) for name in draw(st.lists(names, max_size=3))),
            )
            for path in sorted(every)
        )
    )


@given(trees())
def test_the_tree_is_every_section_and_lesson_at_its_place(inputs: TreeInputs) -> None:
    text = render_tree(inputs)
    assert text.startswith("courseTree(")
    assert text.endswith(")\n")
    home, *nodes = json.loads(text[len("courseTree(") : -2])
    by_path = {branch.path: branch for branch in inputs.branches}
    assert home == [by_path[""].title, "index"]
    seen = []

    def check(branch: TreeBranch, nodes: list[list[Any]]) -> None:
        seen.append(branch.path)
        sections = [node for node in nodes if len(node) == 3]
        assert nodes == [*sections, *([leaf.title, posixpath.basename(leaf.page)] for leaf in branch.lessons)]
        assert [posixpath.join(branch.path, node[1]) for node in sections] == list(branch.sections)
        for title, name, children in sections:
            child = by_path[posixpath.join(branch.path, name)]
            assert title == child.title
            check(child, children)

    check(by_path[""], nodes)
    assert sorted(seen) == sorted(by_path)


@given(st.text(max_size=30) | st.lists(st.sampled_from(["..", ".", "a", "b.md", "/", "c.html", "_site"])).map("/".join))
def test_an_alias_never_leads_out_of_the_course(alias: str) -> None:
    target, problem = alias_target(alias)
    assert (target == "") == (problem is not None)
    if target:
        assert target == posixpath.normpath(target)
        assert not target.startswith(("/", "../"))
        assert target.endswith(".html")


@pytest.mark.parametrize(
    ("alias", "problem"),
    [
        ("../x.md", "outside the course"),
        ("a/../../x", "outside the course"),
        ("hinh.png", "not the path of a page"),
        ("https://example.org/x", "not the path of a page"),
        ("a\\b.md", "not the path of a page"),
        ("x.md#y", "not the path of a page"),
        ("", "is the home page"),
        ("/", "is the home page"),
        ("_static/x", "folder of the site's own"),
        ("a/.md", "not the path of a page"),
    ],
)
def test_what_is_wrong_with_an_alias_is_said(alias: str, problem: str) -> None:
    target, diagnostic = alias_target(alias)
    assert target == ""
    assert diagnostic is not None
    assert problem in diagnostic.message
    assert diagnostic.hint


def test_a_redirect_leads_to_the_page_with_and_without_a_script() -> None:
    page = render_redirect(RedirectInputs("cũ/x.html", "a/b", 'Bài "A" <1>', "vi", "Khóa", BASE), TEMPLATES)
    root = lxml.html.document_fromstring(page)
    assert root.xpath("//meta[@http-equiv='refresh']/@content") == ["0; url=../a/b.html"]
    assert root.xpath("//a/@href") == ["../a/b.html"]
    assert root.xpath("//a/text()") == ['Bài "A" <1>']
    assert root.xpath("//link[@rel='canonical']/@href") == [f"{BASE}a/b.html"]
    assert root.xpath("//meta[@name='robots']/@content") == ["noindex"]
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (script,) = root.xpath("//script/text()")
    assert b64encode(sha256(script.encode()).digest()).decode() in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(("base_url", "top"), [(BASE, "/k/"), ("", "/"), ("https://example.org/", "/")])
def test_a_page_for_what_is_missing_works_at_any_depth(base_url: str, top: str) -> None:
    statics = (("site.css", "site.0.css"), ("site.js", "site.0.js"))
    inputs = MissingInputs("en", "Course", base_url, statics, (Card("a/index", "A", ""),))
    root = lxml.html.document_fromstring(render_missing(inputs, TEMPLATES))
    assert root.xpath("//base/@href") == [top]
    urls = root.xpath("//*[not(self::base)]/@href|//script/@src")
    assert {url for url in urls if not url.startswith("data:")} == {
        "index.html",
        "a/index.html",
        "./_static/site.0.css",
        "./_static/site.0.js",
    }
    assert root.findtext(".//h1") == "Page not found"
    assert root.xpath("//meta[@name='robots']/@content") == ["noindex"]
