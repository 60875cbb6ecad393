"""Pages as assistive technology, a validator and an eye for diacritics see them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import LESSON, WITH_EVERYTHING, Visit, check_html, lack, serve, visit
from building import SUB_PATH, Project
from playwright.sync_api import Browser, Page

# --- axe-core ---

PAGES = {
    "lesson": WITH_EVERYTHING,
    "section": "01_ky_tu_va_byte/index.html",
    "home": "index.html",
    "repairs": "_repairs/index.html",
    "missing": "a/b/khong-co.html",
    "damaged lesson": "03_xay_dung_tang_dan/01_do_thi_phu_thuoc.html",
    "search": LESSON,
    "tree": LESSON,
    "redirect": "utf8.html",
}


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, as a package carries it. A debugger's script is not held by a page's policy."""
    package = importlib.util.find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        lack("axe-playwright-python is not installed")
    return Path(package.origin).with_name("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def served(demo_site: Path) -> Iterator[str]:
    with serve(demo_site, SUB_PATH) as base:
        yield base


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]]


def show(reader: Visit, kind: str) -> None:
    page = reader.page
    if kind == "redirect":  # seen where a browser does not follow at once
        page.set_content(page.request.get(reader.base + PAGES[kind]).text().replace('http-equiv="refresh"', ""))
        return
    reader.go(PAGES[kind])
    if kind == "search":
        page.click("button.search")
        page.wait_for_selector(".search-dialog[open]")
        reader.search("diem ma")
        page.keyboard.press("ArrowDown")
    if kind == "tree":
        if page.viewport_size and page.viewport_size["width"] < 1200:
            page.click(".tree-button")
        page.wait_for_selector(".tree:visible")


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 320),
        pytest.param("light", 1280, marks=pytest.mark.deep),
        pytest.param("dark", 320, marks=pytest.mark.deep),
        pytest.param("dark", 1280, marks=pytest.mark.deep),
    ],
)
def test_axe_finds_no_barrier_on_any_kind_of_page(
    browser: Browser, served: str, axe: str, scheme: Any, width: int
) -> None:
    with visit(browser, served, color_scheme=scheme, viewport={"width": width, "height": 800}) as reader:
        found = {}
        for kind in PAGES:
            show(reader, kind)
            found[kind] = violations(reader.page, axe)
        assert {kind: barriers for kind, barriers in found.items() if barriers} == {}


def test_axe_sees_a_barrier(browser: Browser, served: str, axe: str) -> None:
    with visit(browser, served) as reader:
        reader.go(LESSON)
        reader.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
        assert violations(reader.page, axe) == ['image-alt: <img src="data:,">']


# --- the Nu HTML checker ---


def test_every_page_is_valid_and_an_error_is_seen(demo_site: Path, odd_site: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.html"
    wrong.write_text("<!doctype html><html lang=vi><title>a</title><p><a><a></a></a></p>", "utf-8")
    found = check_html(demo_site, odd_site, tmp_path)
    assert [fault for fault in found if wrong.name not in fault] == []
    assert found


@pytest.mark.deep
def test_every_page_of_the_real_course_is_valid(shared: Path, project: Project) -> None:
    project.doit(f"content={shared / 'course' / 'docs'}", f"output={project.output}")
    assert len(list(project.output.rglob("*.html"))) > 200
    assert check_html(project.output) == []


# --- stacked diacritics ---

CUT_MARKS = """() => {
    // The ink of the tallest and the deepest Vietnamese letters: it must not reach the ink of the next line, nor
    // the edge of a box that cuts off what leaves it.
    const pen = document.createElement("canvas").getContext("2d"), faults = new Set(), range = new Range();
    const cuts = (box) => box !== document.body && box !== document.documentElement && getComputedStyle(box).overflowY !== "visible";
    for (const element of document.querySelectorAll("body *")) {
        const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.data.trim());
        const look = getComputedStyle(element), exempt = element.closest("svg, math, sup, sub, script");
        const isUnseen = look.clipPath !== "none" || !element.getClientRects().length;
        if (!text || exempt || isUnseen) continue;
        pen.font = `${look.fontStyle} ${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
        const ink = pen.measureText("\\u1ed6\\u1ec4\\u1eb4\\u1ed9\\u1ef1");
        const say = (fault) => faults.add(`${element.localName}.${element.className}: ${fault}`);
        if (ink.actualBoundingBoxAscent + ink.actualBoundingBoxDescent > parseFloat(look.lineHeight)) say("lines touch");
        let box = element;
        while (box && !cuts(box)) box = box.parentElement;
        if (!box) continue;
        range.selectNodeContents(text);
        for (const rect of range.getClientRects()) {
            const top = rect.top - box.getBoundingClientRect().top - box.clientTop + box.scrollTop;
            const baseline = top + ink.fontBoundingBoxAscent;
            if (baseline < ink.actualBoundingBoxAscent - 0.5) say("cut above");
            if (baseline + ink.actualBoundingBoxDescent > box.scrollHeight + 0.5) say("cut below");
        }
    }
    return [...faults];
}"""


@pytest.mark.parametrize("width", [320, 1280, 3840])
def test_no_stacked_diacritic_is_cut_or_touches_another_line(browser: Browser, served: str, width: int) -> None:
    with visit(browser, served, viewport={"width": width, "height": 800}) as reader:
        faults = {}
        for kind in ("lesson", "section", "home", "search", "tree", "missing"):
            show(reader, kind)
            faults[kind] = reader.page.evaluate(CUT_MARKS)
        assert {kind: found for kind, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    "style", ["line-height: 1; font-family: serif", "height: 1em; line-height: 1; overflow: hidden"]
)
def test_a_line_too_low_for_stacked_diacritics_is_seen(browser: Browser, served: str, style: str) -> None:
    with visit(browser, served) as reader:
        reader.go(LESSON)
        assert reader.page.evaluate(CUT_MARKS) == []
        for declaration in style.split("; "):
            reader.page.evaluate(
                "([name, value]) => document.querySelector('h1').style.setProperty(name, value)",
                declaration.split(": "),
            )
        assert any(fault.startswith("h1.: ") for fault in reader.page.evaluate(CUT_MARKS))


# --- on paper ---


def test_paper_gets_the_lesson_alone(browser: Browser, served: str) -> None:
    with visit(browser, served, color_scheme="dark") as reader:
        page = reader.page
        reader.go(WITH_EVERYTHING)
        page.emulate_media(media="print")
        shown = page.evaluate(
            "[...document.querySelectorAll('nav, header, button, .anchor')].filter((part) => part.offsetParent).length"
        )
        assert shown == 0
        assert page.locator("article").is_visible()
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 33, 41)"
        assert page.evaluate("getComputedStyle(document.querySelector('pre')).whiteSpace") == "pre-wrap"


# --- weight ---


def test_pages_style_and_scripts_are_light(demo_site: Path) -> None:
    style, script = (
        sum(path.stat().st_size for path in demo_site.glob(f"_static/{names}")) for names in ("*.css", "site.*.js")
    )
    assert style <= 28 * 1024
    assert script <= 15 * 1024
    for path in demo_site.rglob("*.html"):
        page = path.read_bytes()
        _, _, after = page.partition(b"<article>")
        own, _, _ = after.partition(b"</article>")
        assert "_repairs" in path.parts or len(page) - len(own) <= 15_000, path
