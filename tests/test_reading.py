"""Pages as assistive technology, a validator and an eye for diacritics see them."""

from __future__ import annotations

import gzip
import io
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import LESSON, WITH_EVERYTHING, Visit, check_html, serve, visit
from building import SUB_PATH, Project
from PIL import Image
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
VIETNAMESE = "".join(map(chr, range(0x1EA0, 0x1EFA)))
"""The letters of Vietnamese that few other languages have, most with two marks."""


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
        pytest.param("forced", 1280, marks=pytest.mark.deep),
        pytest.param("light", 640, marks=pytest.mark.deep),  # 1280 at 200 %
        pytest.param("light", 1280, marks=pytest.mark.deep),
        pytest.param("dark", 320, marks=pytest.mark.deep),
        pytest.param("dark", 1280, marks=pytest.mark.deep),
    ],
)
def test_axe_finds_no_barrier_on_any_kind_of_page(
    browser: Browser, served: str, axe: str, scheme: Any, width: int
) -> None:
    colours = {"forced_colors": "active"} if scheme == "forced" else {"color_scheme": scheme}
    with visit(browser, served, viewport={"width": width, "height": 800}, **colours) as reader:
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


FONTS = """(letters) => {
    const pre = document.createElement("pre"), code = document.createElement("code"), text = document.createElement("p");
    code.textContent = text.textContent = letters;
    code.className = text.className = "letters";
    pre.append(code);
    document.querySelector("article").append(text, pre);
}"""
INK = """([letters, font, beyond]) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = font;
    return [...letters].filter((letter) => {
        const ink = pen.measureText(letter);
        return ink.actualBoundingBoxRight > ink.width + beyond || ink.actualBoundingBoxLeft > beyond;
    });
}"""


@pytest.mark.parametrize("style", ["normal", "bold", "italic"])
def test_no_font_sets_the_marks_of_a_letter_beside_it(browser: Browser, served: str, style: str) -> None:
    """A font without ố has ô and an acute: a browser then takes both, and few fonts know where the second mark goes."""
    with visit(browser, served) as reader:
        page = reader.page
        reader.go(WITH_EVERYTHING)
        page.evaluate(FONTS, VIETNAMESE)
        name = "fontStyle" if style == "italic" else "fontWeight"
        page.evaluate(
            "([name, style]) => document.querySelectorAll('.letters').forEach((box) => { box.style[name] = style; })",
            [name, style],
        )
        page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )  # fonts are chosen
        debugger = page.context.new_cdp_session(page)
        debugger.send("DOM.enable")
        debugger.send("CSS.enable")
        root = debugger.send("DOM.getDocument")["root"]["nodeId"]
        for node in debugger.send("DOM.querySelectorAll", {"nodeId": root, "selector": ".letters"})["nodeIds"]:
            fonts = debugger.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
            assert sum(font["glyphCount"] for font in fonts) == len(VIETNAMESE), fonts
        for box in page.query_selector_all(".letters"):
            font, size = box.evaluate(
                "(box) => [getComputedStyle(box).font, parseFloat(getComputedStyle(box).fontSize)]"
            )
            beyond = size * (0.4 if style == "italic" else 0.15)
            assert page.evaluate(INK, [VIETNAMESE, font, beyond]) == []


# --- tables ---


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_table_has_columns_that_can_be_read_and_scrolls_below_its_head_and_beside_its_first_column(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    words = "một ô có cả một câu dài để đọc"
    rows = "\n".join(f"| Hàng {number} | {' | '.join([words] * 6)} | {number} |" for number in range(60))
    project = Project(tmp_path / "project")
    project.write(
        "a.md",
        f"# Bảng\n\n| Tên | {' | '.join(['Cột'] * 6)} | Số |\n{'|---' * 8}|\n{rows}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    )
    project.build()
    with visit(browser, project.output.as_uri() + "/", viewport={"width": width, "height": 700}) as reader:
        page = reader.page
        reader.go("a.html")
        table = page.locator(".table").first
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        heights = table.locator("td").evaluate_all(
            "cells => cells.map(cell => cell.offsetHeight / parseFloat(getComputedStyle(cell).lineHeight))"
        )
        assert max(heights) <= 5, "not one word a line"
        table.evaluate("box => box.scrollTo(300, 900)")
        places = table.evaluate(
            """(box) => {
                const at = (cell) => cell.getBoundingClientRect(), room = at(box);
                const [head] = box.querySelectorAll("thead th:nth-child(3)"), [name] = box.querySelectorAll("tbody tr:nth-child(30) > *");
                return [box.scrollLeft, box.scrollTop, at(head).top - room.top, at(name).left - room.left];
            }"""
        )
        assert places[0] > 100
        assert places[1] > 100
        assert places[2:] == [pytest.approx(0, abs=3)] * 2
        small = page.locator(".table").nth(1)
        assert small.evaluate("box => box.scrollWidth <= box.clientWidth && box.firstElementChild.offsetWidth < 150")


# --- formulas ---


def test_no_line_begins_with_the_sign_behind_a_formula_nor_ends_with_the_one_before(
    browser: Browser, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project")
    words = ("một", "hai ba", "bốn năm sáu", "bảy")
    said = " ".join(
        f"{words[number % 4]} ($x_{{{number}}}$), {words[number % 3]} $\\frac{{a}}{{b}}$." for number in range(60)
    )
    project.write("a.md", f"# Bài\n\n{said}\n")
    project.build()
    with visit(browser, project.output.as_uri() + "/", viewport={"width": 360, "height": 700}) as reader:
        reader.go("a.html")
        found = reader.page.evaluate(
            """() => {
                const walk = document.createTreeWalker(document.querySelector("article p"), NodeFilter.SHOW_TEXT);
                const range = document.createRange(), found = [];
                const box = (node, from, to) => {
                    range.setStart(node, from);
                    range.setEnd(node, to);
                    return range.getBoundingClientRect();
                };
                for (let text; (text = walk.nextNode());) {
                    if (text.parentElement.closest("math")) continue;
                    for (const { 0: sign, index } of text.data.matchAll(/[(),.]+/g)) {
                        const math = text.parentElement.querySelectorAll("math");
                        const near = [...math].map((each) => each.getBoundingClientRect());
                        const { left, right, top, bottom } = box(text, index, index + sign.length);
                        found.push([sign, near.some((each) => each.top < bottom && each.bottom > top
                            && Math.min(Math.abs(left - each.right), Math.abs(each.left - right)) < 3)]);
                    }
                }
                return found;
            }"""
        )
        assert len(found) == 180
        assert [sign for sign, is_near in found if not is_near] == []
        # On its line, whatever the height of the formula.
        tops = reader.page.locator(".math.inline").evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect().height)"
        )
        assert max(tops) < 60


# --- on a phone, in the dark, in forced colours ---


def test_the_way_to_a_page_takes_one_line_on_a_phone(browser: Browser, odd_site: Path) -> None:
    with visit(browser, odd_site.as_uri() + "/", viewport={"width": 320, "height": 640}) as reader:
        reader.go("one/two/three/four/five/six/deep.html")
        crumbs = reader.page.locator(".breadcrumbs ol")
        assert crumbs.evaluate("list => list.clientHeight < 2 * parseFloat(getComputedStyle(list).lineHeight)")
        assert reader.page.locator(".breadcrumbs a", has_text="Six").is_visible()
        for page in odd_site.glob("one/*/a.html"):
            reader.go(page.relative_to(odd_site).as_posix())
            assert reader.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_what_floats_over_the_text_of_a_phone_is_no_larger_than_a_finger_and_has_a_name(
    browser: Browser, served: str
) -> None:
    with visit(browser, served, viewport={"width": 320, "height": 640}) as reader:
        reader.go(WITH_EVERYTHING)
        reader.page.evaluate("scrollTo({ top: 1200, behavior: 'instant' })")
        box = reader.page.get_by_role("link", name="Lên đầu trang", exact=True).bounding_box()
        assert box is not None
        assert 24 <= box["height"] <= 48
        assert 24 <= box["width"] <= 48


def test_in_the_dark_a_drawing_is_turned_over_and_no_picture_stands_on_white(browser: Browser, served: str) -> None:
    with visit(browser, served, color_scheme="dark") as reader:
        reader.go(WITH_EVERYTHING)
        picture = reader.page.locator("article img")
        assert "invert" in picture.evaluate("image => getComputedStyle(image).filter")
        picture.evaluate("image => { image.src = 'a.png'; }")
        assert picture.evaluate("image => getComputedStyle(image).filter") == "none"
        assert picture.evaluate("image => getComputedStyle(image).backgroundColor") != "rgb(255, 255, 255)"


@pytest.mark.parametrize("button", ["search", "theme", "tree-button"])
def test_every_sign_is_seen_in_forced_colours(browser: Browser, served: str, button: str) -> None:
    with visit(browser, served, forced_colors="active", viewport={"width": 360, "height": 640}) as reader:
        reader.go(LESSON)
        box = reader.page.locator(f"body > header > .{button}").bounding_box()
        assert box
        inner = {"x": box["x"] + 4, "y": box["y"] + 4, "width": box["width"] - 8, "height": box["height"] - 8}
        shot = reader.page.screenshot(clip=inner)  # type: ignore[arg-type]
        assert len(Image.open(io.BytesIO(shot)).convert("L").getcolors() or []) > 1


# --- on paper ---

ON_PAPER = """() => {
    const faults = [], range = new Range();
    for (const code of document.querySelectorAll("pre > code")) if (code.scrollWidth > code.clientWidth + 1) faults.push("code is cut");
    for (const cell of document.querySelectorAll("td, th")) {
        const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        for (let text; (text = walk.nextNode());) for (const { 0: word, index } of text.data.matchAll(/[\\p{L}\\p{N}]{2,14}/gu)) {
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) faults.push(`${word} is split`);
        }
    }
    const wide = document.documentElement.scrollWidth - innerWidth;
    return wide > 0 ? [...faults, `${wide} pixels are beyond the edge`] : faults;
}"""


def test_nothing_is_cut_or_split_on_paper(browser: Browser, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    cells = " | ".join(["nguyên nhân", "transformer", "một câu dài hơn hẳn", "huấn luyện", "tham số", "kết quả"])
    code = "dai = " + " + ".join(f"bien_{number}" for number in range(60))
    project.write("a.md", f'# Giấy\n\n```python title="a.py"\n{code}\n```\n\n| {cells} |\n{"|---" * 6}|\n| {cells} |\n')
    project.build()
    with visit(
        browser, project.output.as_uri() + "/", viewport={"width": 673, "height": 900}
    ) as reader:  # A4 less its margins
        reader.go("a.html")
        reader.page.emulate_media(media="print")
        assert reader.page.evaluate(ON_PAPER) == []
        assert reader.page.locator(".code-title").evaluate("title => getComputedStyle(title).breakAfter") == "avoid"


@pytest.mark.parametrize(("rows", "breaks"), [(1, "avoid"), (13, "avoid"), (40, "auto")])
def test_a_short_table_stays_whole_on_paper_and_each_part_of_a_long_one_has_an_upper_edge(
    browser: Browser, tmp_path: Path, rows: int, breaks: str
) -> None:
    project = Project(tmp_path / "project")
    project.write("a.md", "# Giấy\n\n| a | b |\n|---|---|\n" + "| c | d |\n" * rows)
    project.build()
    with visit(browser, project.output.as_uri() + "/") as reader:
        reader.go("a.html")
        reader.page.emulate_media(media="print")
        show = "([part, name]) => getComputedStyle(document.querySelector(part))[name]"
        assert reader.page.evaluate(show, ["table", "breakInside"]) == breaks
        assert reader.page.evaluate(show, ["thead", "display"]) == "table-header-group"
        assert reader.page.evaluate(show, ["th", "borderTopWidth"]) == "1px"


def test_the_sign_of_a_note_is_dark_on_paper_where_grounds_are_not_printed(browser: Browser, served: str) -> None:
    with visit(browser, served) as reader:
        reader.go(WITH_EVERYTHING)
        reader.page.emulate_media(media="print")
        title, sign = reader.page.evaluate("""() => ["", "::before"].map((part) =>
            getComputedStyle(document.querySelector(".admonition-title"), part).color)""")
        assert sign == title


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_folded_and_every_tab_is_on_paper(browser: Browser, tmp_path: Path, scripts: bool) -> None:
    project = Project(tmp_path / "project")
    tabs = '=== "Một"\n\n    chữ của một\n\n=== "Hai"\n\n    chữ của hai\n\n'
    project.write("a.md", f'# Giấy\n\n{tabs}- mục\n\n    ??? note "Ba"\n        chữ của ba\n')
    project.build()
    with visit(browser, project.output.as_uri() + "/", java_script_enabled=scripts) as reader:
        reader.go("a.html")
        texts = reader.page.locator("article details p")
        assert [text.is_visible() for text in texts.all()] == [True, False, False]
        reader.page.emulate_media(media="print")
        assert [text.is_visible() for text in texts.all()] == [True, True, True]


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


def test_a_long_address_in_a_table_is_not_cut_on_paper(browser: Browser, tmp_path: Path) -> None:
    """Paper shows where a link leads, and cannot be scrolled."""
    project = Project(tmp_path / "project")
    address = "https://example.org/" + "a" * 120
    project.write("a.md", f"# Giấy\n\n| a | b |\n|---|---|\n| chữ | [nơi]({address}) |\n")
    project.build()
    with visit(browser, project.output.as_uri() + "/", viewport={"width": 640, "height": 800}) as reader:
        reader.go("a.html")
        reader.page.emulate_media(media="print")
        assert reader.page.evaluate("document.documentElement.scrollWidth") == 640


# --- from right to left ---

RIGHT_TO_LEFT = """# درس

نص قصير مع `mov ax, bx` في السطر.

- بند

> قول

```python
x = [1]
```

## باب

نص.

### فصل

نص.
"""


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("rtl") / "project")
    project.write("course.toml", 'title = "دورة"\nlanguage = "ar"\n')
    for name in ("a/b.md", "a/c.md", "d/e.md"):
        project.write(name, RIGHT_TO_LEFT)
    project.build()
    return project.output


@pytest.mark.parametrize("width", [320, 1280])
def test_a_language_from_right_to_left_has_a_page_that_is_mirrored(
    browser: Browser, mirrored: Path, width: int
) -> None:
    """What begins on the left elsewhere begins on the right; code and formulas do not."""
    with visit(browser, mirrored.as_uri() + "/", viewport={"width": width, "height": 800}) as reader:
        reader.go("a/b.html")
        page = reader.page
        assert page.evaluate("document.documentElement.scrollWidth") == width
        middle = page.evaluate(
            """() => {
                const middle = (selector) => {
                    const range = document.createRange();
                    range.selectNodeContents(document.querySelector(selector));
                    const { left, right } = range.getBoundingClientRect();
                    return (left + right) / 2;
                };
                return Object.fromEntries(["header .course", "header .search", "h1", "article li", ".toc", ".tree"]
                    .map((selector) => [selector, middle(selector)]));
            }"""
        )
        assert middle["header .course"] > middle["header .search"]
        assert middle["h1"] > width / 2
        style = "(selector, name) => getComputedStyle(document.querySelector(selector))[name]"
        for selector, name in (
            ("article ul", "paddingRight"),
            ("blockquote", "borderRightWidth"),
            (".toc a", "borderRightWidth"),
            (".toc .level-3 a", "paddingRight"),
            (".tree li > ul", "borderRightWidth"),
        ):
            right, left = (
                float(page.evaluate(f"([selector, name]) => ({style})(selector, name)", [selector, side])[:-2])
                for side in (name, name.replace("Right", "Left"))
            )
            assert right > left, selector
        for selector in ("pre", "p > code"):
            assert page.evaluate(f"(selector) => ({style})(selector, 'direction')", selector) == "ltr"
        if width == 1280:
            assert middle[".tree"] > middle["h1"] > middle[".toc"]
        else:
            page.click(".tree-button")
            box = page.locator(".tree").bounding_box()
            assert box
            assert box["x"] + box["width"] == width
        reader.check()


# --- weight ---


def test_a_first_visit_and_the_next_page_are_light(browser: Browser, demo_site: Path) -> None:
    def packed(path: Path) -> int:
        return len(gzip.compress(path.read_bytes(), 6))

    shared = sum(packed(next(demo_site.glob(f"_static/site.*.{ending}"))) for ending in ("css", "js"))
    lessons = [packed(path) for path in demo_site.glob("0*/*.html") if path.name != "index.html"]
    assert shared + statistics.median(lessons) <= 18 * 1024
    with serve(demo_site) as base, visit(browser, base) as reader:
        reader.go(LESSON)
        reader.page.wait_for_load_state("networkidle")
        assert len([url for url in reader.requested if not url.startswith("data:")]) == 3


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
