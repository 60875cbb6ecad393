"""What a reader does with the demo course in Chromium, from a disk and from a sub-path of a server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from browsing import LESSON, WITH_EVERYTHING, Visit, serve, visit
from building import SUB_PATH
from playwright.sync_api import Browser, Page

FOCUS = "() => document.activeElement === document.body ? '' : document.activeElement.className"
GROUND = "() => getComputedStyle(document.body).backgroundColor"
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"
CODE = "div.code:first-of-type"


@pytest.fixture
def reader(window: Page, address: str) -> Iterator[Visit]:
    """Someone at the demo course, who must see no fault and leave no trace elsewhere."""
    opened = Visit(window, address)
    yield opened
    opened.leave()
    opened.check()


def pages_of(site: Path) -> list[str]:
    """All but the page for what is missing, and those that lead elsewhere at once."""
    files = [path for path in sorted(site.rglob("*.html")) if 'http-equiv="refresh"' not in path.read_text("utf-8")]
    assert len(files) > 20
    return [path.relative_to(site).as_posix() for path in files if path.name != "404.html"]


# --- every page ---


def test_no_page_complains_asks_others_loads_the_search_index_or_is_wider_than_its_window(
    reader: Visit, demo_site: Path
) -> None:
    for name in pages_of(demo_site):
        reader.go(name)
        assert reader.page.locator("h1").count() == 1, name
        for width in (320, 768, 3840, 1280):
            reader.page.set_viewport_size({"width": width, "height": 800})
            assert reader.page.evaluate(OVERFLOW) <= 0, (name, width)
    assert not [url for url in reader.requested if "_search" in url or "search." in url]


def test_the_policy_stops_a_script_in_a_page(browser: Browser, address: str) -> None:
    with visit(browser, address) as reader:
        reader.go(LESSON)
        reader.page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<img src=\"\" onerror=\"window.harm = 1\">')"
        )
        reader.page.wait_for_timeout(100)
        assert reader.page.evaluate("window.harm") is None
        assert "Content Security Policy" in "".join(reader.complaints)


# --- search ---


def test_search_without_diacritics_leads_to_the_heading(reader: Visit) -> None:
    page = reader.page
    reader.go(LESSON)
    assert not [url for url in reader.requested if "search" in url]
    page.keyboard.press("/")
    page.wait_for_selector(".search-dialog[open]")
    reader.search("diem ma")
    assert page.input_value("dialog input") == "diem ma", "the / that opened the box is not typed into it"
    first = page.locator("[role=option]").first
    assert first.locator(".search-title").inner_text() == "Ký tự, điểm mã và byte"
    assert "điểm" in first.locator(".search-excerpt mark").all_inner_texts()
    assert page.locator(".search-dialog").evaluate("box => getComputedStyle(box).display") == "flex", (
        "its style is there"
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.locator("[aria-selected=true]").get_attribute("id") == "search-0"
    page.keyboard.press("Enter")
    page.wait_for_url("**/lesson_1_ky_tu_va_diem_ma.html#*")
    heading = page.locator(f'[id="{unquote(page.url.partition("#")[2])}"]')
    page.wait_for_timeout(700)  # scrolling is smooth
    assert heading.evaluate("place => place.getBoundingClientRect().top") == pytest.approx(72, abs=72)


def test_what_is_typed_before_the_box_is_there_is_not_lost(reader: Visit) -> None:
    page = reader.page
    reader.go(LESSON)

    def let_wait(route: Any) -> None:
        time.sleep(0.3)
        route.continue_()

    page.route("**/_static/search*.js", let_wait)
    page.keyboard.press("/")
    for key in "diem mx":
        page.keyboard.press(key)
    page.keyboard.press("Backspace")
    page.keyboard.press("a")
    page.wait_for_selector(".search-dialog [role=option]")
    assert page.input_value(".search-dialog input") == "diem ma"
    page.keyboard.type(" ")
    assert page.input_value(".search-dialog input") == "diem ma "


def test_both_ways_of_writing_find_the_same(reader: Visit) -> None:
    reader.go("index.html")
    reader.page.click("button.search")
    found = []
    for query in ("dau thu tu byte", "Dấu thứ tự byte"):
        reader.search(query)
        found.append(reader.page.locator("[role=option] .search-title").first.inner_text())
    assert found[0] == found[1]


def test_escape_closes_the_search_box_and_slash_can_be_typed(reader: Visit) -> None:
    page = reader.page
    reader.go(LESSON)
    page.click("button.search")
    page.wait_for_selector(".search-dialog[open]")
    page.keyboard.type("a/b")
    assert page.input_value("dialog input") == "a/b"
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate(FOCUS) == "search"
    page.keyboard.press("Control+k")
    page.wait_for_selector(".search-dialog[open]")
    page.keyboard.press("Escape")


# --- theme ---


def test_the_theme_is_remembered_and_set_before_the_page_is_painted(reader: Visit) -> None:
    page = reader.page
    reader.go(LESSON)
    light = page.evaluate(GROUND)
    page.click("button.theme")
    assert page.get_attribute("html", "data-theme") == "light"
    page.click("button.theme")
    dark = page.evaluate(GROUND)
    assert dark != light
    reader.go("index.html")
    assert "tối" in (page.get_attribute("button.theme", "aria-label") or "")
    # What comes after the script, the body, is not there yet.
    page.evaluate("sessionStorage.watch = 1")
    page.add_init_script(
        """if (sessionStorage.watch) new MutationObserver(() => { window.early ??= document.body === null; })
            .observe(document, { subtree: true, attributes: true, attributeFilter: ["data-theme"] });"""
    )
    reader.go(LESSON)
    assert page.evaluate(GROUND) == dark
    assert page.evaluate("window.early") is True


def test_the_theme_follows_the_system_until_one_is_chosen(reader: Visit) -> None:
    page = reader.page
    reader.go(LESSON)
    light = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(GROUND)
    assert dark != light
    page.click("button.theme")
    assert page.evaluate(GROUND) == light
    page.click("button.theme")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(GROUND) == dark
    page.click("button.theme")
    assert not page.get_attribute("html", "data-theme")
    assert page.evaluate(GROUND) == light, "automatic again"


# --- keyboard ---


def test_the_first_key_leads_past_the_frame(reader: Visit) -> None:
    page = reader.page
    reader.go(LESSON)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS) == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("width", [320, 1280])
def test_whatever_has_the_focus_is_seen(browser: Browser, address: str, width: int) -> None:
    look = """() => {
        const element = document.activeElement, box = element.getBoundingClientRect();
        const at = document.elementFromPoint(box.left + Math.min(box.width, 40) / 2, box.top + Math.min(box.height, 20) / 2);
        return [element.outerHTML.slice(0, 90), getComputedStyle(element).outlineStyle !== "none",
                box.bottom > 0 && box.top < innerHeight && element.contains(at)];
    }"""
    with visit(browser, address, viewport={"width": width, "height": 700}, reduced_motion="reduce") as reader:
        reader.go(WITH_EVERYTHING)
        seen = []
        for _ in range(60):
            reader.page.keyboard.press("Tab")
            if reader.page.evaluate("document.activeElement === document.body"):
                break
            seen.append(reader.page.evaluate(look))
        assert len(seen) > 10
        assert [what for what, outlined, visible in seen if not (outlined and visible)] == []
        reader.check()


# --- course tree ---

SEEN = """(place) => {
    const box = place.getBoundingClientRect(), room = place.closest(".tree").getBoundingClientRect();
    return box.top >= room.top && box.bottom <= Math.min(room.bottom, innerHeight);
}"""


def test_on_a_wide_screen_the_tree_is_there_at_first_sight_and_asks_for_nothing(reader: Visit) -> None:
    page = reader.page
    reader.go(LESSON)
    assert page.locator(".tree [aria-current=page]").inner_text() == page.locator("h1").inner_text()
    assert page.locator(".tree [aria-current=page]").evaluate(SEEN)
    assert page.locator(".tree > ul > li > a").all_inner_texts()[:2] == [
        "Chữ Việt từ byte đến trang web",
        "Ký tự và byte",
    ]
    assert not [url for url in reader.requested if "tree.js" in url]
    page.click(".tree button[aria-label='Xây dựng tăng dần']")
    page.wait_for_selector(".tree a:has-text('Mới, cũ')")
    assert page.get_attribute(".tree button[aria-label='Xây dựng tăng dần']", "aria-expanded") == "true"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Xây dựng tăng dần"
    assert page.locator(".tree [aria-current=page]").inner_text() == page.locator("h1").inner_text()
    page.click(".tree a:has-text('Mới, cũ')")
    page.wait_for_url("**/02_moi_cu_va_dung_som.html")
    assert page.locator(".tree [aria-current=page]").inner_text() == page.locator("h1").inner_text()
    assert page.evaluate(FOCUS) == "", "nobody asked for the focus"


@pytest.mark.parametrize("shown", [LESSON, "02_mojibake/index.html", "index.html"])
@pytest.mark.parametrize("left_out", ["", ".html", "index.html"], ids=["nothing", "the ending", "the index"])
def test_the_whole_tree_marks_the_page_whatever_a_server_leaves_out_of_its_address(
    browser: Browser, demo_site: Path, shown: str, left_out: str
) -> None:
    with serve(demo_site, SUB_PATH) as base, visit(browser, base) as reader:
        page, address = reader.page, shown.removesuffix(left_out)
        page.route(base + address, lambda route: route.fulfill(path=demo_site / shown))
        reader.go(address)
        page.locator(".tree > ul > li > button").last.click()
        page.wait_for_selector(".tree > ul > li:first-child:not(.branch)")
        page.wait_for_selector(".tree [aria-expanded=true]")
        (marked,) = page.locator(".tree [aria-current=page]").all()
        assert marked.evaluate("link => link.href") == base + shown


def test_the_tree_stays_closed_when_it_was_closed(reader: Visit) -> None:
    page = reader.page
    for _ in range(4):
        reader.go(LESSON)
        page.click(".tree-button")
        assert page.locator(".tree:visible").count() == 0
        assert page.get_attribute(".tree-button", "aria-expanded") == "false"
        reader.go("index.html")
        # One time in forty Chromium gives a page on a disk that it opens in another process an empty memory.
        if page.evaluate("localStorage.length"):
            break
    assert page.locator(".tree:visible").count() == 0
    page.click(".tree-button")
    assert page.locator(".tree:visible").count() == 1
    page.reload()
    assert page.locator(".tree:visible").count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_the_tree_is_a_drawer_on_a_phone(browser: Browser, address: str, scripts: bool) -> None:
    with visit(browser, address, viewport={"width": 360, "height": 640}, java_script_enabled=scripts) as reader:
        page = reader.page
        reader.go(LESSON)
        assert page.locator(".tree:visible").count() == 0
        page.click(".tree-button")
        page.wait_for_selector(".tree:popover-open")
        page.keyboard.press("Escape")
        assert page.locator(".tree:visible").count() == 0
        if scripts:
            assert page.evaluate(FOCUS) == "tree-button"
        page.click(".tree-button")
        page.mouse.click(350, 400)
        assert page.locator(".tree:visible").count() == 0
        page.click(".tree-button")
        page.click(".tree > button")
        assert page.locator(".tree:visible").count() == 0
        page.click(".tree-button")
        page.click(".tree a:has-text('Phòng hơn chữa')")
        page.wait_for_url("**/05_phong_ngua.html")
        assert page.locator(".tree:visible").count() == 0
        reader.check()


def test_a_section_is_reached_when_the_file_of_the_tree_is_not_there(browser: Browser, demo_site: Path) -> None:
    with serve(demo_site) as base, visit(browser, base) as reader:
        reader.page.route("**/tree.js", lambda route: route.abort())
        reader.go(LESSON)
        reader.page.click(".tree button[aria-label='Xây dựng tăng dần']")
        reader.page.wait_for_url("**/03_xay_dung_tang_dan/index.html")


@pytest.mark.parametrize("width", [320, 768, 1280, 1920])
def test_nothing_of_the_tree_leaves_its_box(browser: Browser, odd_site: Path, width: int) -> None:
    """Also six folders deep, with long names, and all of it open."""
    beyond = """(tree) => {
        const room = tree.getBoundingClientRect();
        return [...tree.querySelectorAll("a, button")].filter((part) => {
            const box = part.getBoundingClientRect();
            return box.width && (box.left < room.left - 1 || box.right > room.right + 1 || box.width < 20);
        }).map((part) => part.outerHTML.slice(0, 90)).concat(tree.scrollWidth > tree.clientWidth ? ["it scrolls"] : []);
    }"""
    with visit(browser, odd_site.as_uri() + "/", viewport={"width": width, "height": 800}) as reader:
        reader.go("one/two/three/four/five/six/deep.html")
        tree = reader.page.locator("body > .columns > .tree")
        if width < 1200:
            reader.page.click(".tree-button")
        assert tree.evaluate(beyond) == []
        for _ in range(8):
            closed = tree.locator("button[aria-expanded=false]:visible")
            if not closed.count():
                break
            closed.first.click()
            reader.page.wait_for_timeout(50)
        assert tree.evaluate(beyond) == []
        assert tree.locator("[aria-current=page]").count() == 1


def test_the_drawer_shows_where_one_is_before_the_file_of_the_tree_is_there(browser: Browser, odd_site: Path) -> None:
    with serve(odd_site) as base, visit(browser, base, viewport={"width": 360, "height": 320}) as reader:
        reader.page.route("**/tree.js", lambda route: None)
        reader.go("one/two/three/four/five/six/deep.html")
        reader.page.click(".tree-button")
        reader.page.wait_for_function(f"({SEEN})(document.querySelector('.tree [aria-current=page]'))", timeout=5000)


def test_a_name_that_is_cut_is_shown_whole_where_one_points(browser: Browser, odd_site: Path) -> None:
    with visit(browser, odd_site.as_uri() + "/") as reader:
        reader.go("one/two/three/four/five/six/deep.html")
        cut = reader.page.locator(".tree a", has_text="A very long name")
        assert cut.evaluate("(link) => link.scrollHeight > link.clientHeight")
        cut.hover()
        assert cut.get_attribute("title") == cut.inner_text()


# --- where one was ---


def test_the_first_page_leads_back_to_the_lesson_that_was_read_last(browser: Browser, demo_site: Path) -> None:
    with serve(demo_site, SUB_PATH) as base, visit(browser, base) as reader:
        page = reader.page
        reader.go("index.html")
        assert page.locator(".start .continue:visible").count() == 0
        before = page.locator("h2").first.bounding_box()
        reader.go(LESSON)
        title = page.locator("h1").inner_text()
        for name in ("index.html", "02_mojibake/index.html"):
            reader.go(name)
            link = page.locator(".start .continue")
            assert link.inner_text() == f"Học tiếp: {title}"
        assert page.evaluate("Object.keys(localStorage)") == [f"coursePlace {SUB_PATH}"], "nothing else is kept"
        link.click()
        page.wait_for_url(f"**/{LESSON}")
        assert before
        reader.check()


def test_a_section_says_how_much_there_is_and_where_to_begin(reader: Visit) -> None:
    reader.go("02_mojibake/index.html")
    assert reader.page.locator(".start span").inner_text() == "5 bài"
    reader.page.click(".start .button")
    reader.page.wait_for_url("**/01_khi_utf_8_bi_doc_sai.html")


# --- pictures ---


def test_a_picture_that_is_shown_smaller_than_it_is_can_be_enlarged_and_closed_by_keyboard(
    browser: Browser, odd_site: Path
) -> None:
    with visit(browser, odd_site.as_uri() + "/") as reader:
        page = reader.page
        reader.go("wide.html")
        image = page.locator("article img").first
        assert image.get_attribute("role") == "button"
        image.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog.picture[open] img")
        assert page.locator("dialog.picture img").bounding_box()["width"] > image.bounding_box()["width"]  # type: ignore[index]
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog.picture", state="detached")
        assert page.evaluate("document.activeElement.localName") == "img"
        image.click()
        page.click("dialog.picture button")
        page.wait_for_selector("dialog.picture", state="detached")
        reader.check()


def test_a_picture_of_its_own_size_is_no_button(reader: Visit) -> None:
    reader.go(WITH_EVERYTHING)
    reader.page.wait_for_load_state("load")
    assert reader.page.locator("article img").get_attribute("role") is None


# --- nothing moves ---

WATCH = """window.moved = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.moved += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.deep)])
def test_nothing_moves_while_a_page_comes(browser: Browser, demo_site: Path, width: int) -> None:
    """The script comes late, as it does on a slow line: what it adds has its place already."""
    with serve(demo_site, SUB_PATH) as base, visit(browser, base, viewport={"width": width, "height": 800}) as reader:
        page = reader.page
        page.add_init_script(WATCH)

        def let_wait(route: Any) -> None:
            time.sleep(0.3)
            route.continue_()

        page.route("**/_static/site*.js", let_wait)
        for name in (
            LESSON,
            WITH_EVERYTHING,
            "index.html",
            "02_mojibake/index.html",
            "404.html",
            "_repairs/index.html",
        ):
            reader.go(name)
            page.wait_for_timeout(300)
            assert page.locator("body > header .theme:visible").count() == 1
            assert page.evaluate("window.moved") == 0, name


# --- contents ---


def test_the_heading_that_is_read_is_marked_in_the_contents(reader: Visit) -> None:
    page = reader.page
    reader.go(WITH_EVERYTHING)
    page.locator(".toc a").nth(2).click()
    page.wait_for_selector(".toc li:nth-child(3) [aria-current]")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_selector(".toc [aria-current]", state="detached")


# --- copying ---


def test_the_copy_button_copies_the_code(browser: Browser, address: str) -> None:
    with visit(browser, address, permissions=["clipboard-read", "clipboard-write"]) as reader:
        page = reader.page
        reader.go(WITH_EVERYTHING)
        page.hover(CODE)
        page.click(f"{CODE} .copy")
        page.wait_for_selector(f"{CODE} .copy.done")
        assert page.locator(f"{CODE} .copy").inner_text() == "Đã chép"
        assert page.evaluate("navigator.clipboard.readText()") == page.locator(f"{CODE} pre").text_content()
        assert page.locator("[role=status]").inner_text() == "Đã chép"
        reader.check()


@pytest.mark.parametrize("state", ["refused", "absent"])
def test_without_a_clipboard_the_code_is_copied_or_selected(browser: Browser, address: str, state: str) -> None:
    clipboard = "undefined" if state == "absent" else "{ writeText: () => Promise.reject(new Error('refused')) }"
    with visit(browser, address) as reader:
        page = reader.page
        page.add_init_script(
            f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }}); document.execCommand = () => false;"
        )
        reader.go(WITH_EVERYTHING)
        code = page.locator(f"{CODE} pre").text_content()
        page.hover(CODE)
        page.click(f"{CODE} .copy")
        page.wait_for_timeout(100)
        assert page.evaluate("String(getSelection())").strip() == (code or "").strip()
        assert page.locator(f"{CODE} .copy.done").count() == 0, "it was not copied, and is not said to be"
        reader.check()


# --- what is not there, and what has moved ---


@pytest.mark.parametrize(
    "address", ["02_mojibake/2-byte-bi-mat", "cu/Byte%20b%E1%BB%8B%20m%E1%BA%A5t.html", "02_byte_bi_mat/"]
)
def test_a_page_that_does_not_exist_offers_the_nearest_ones_and_the_search(
    browser: Browser, demo_site: Path, address: str
) -> None:
    with serve(demo_site, SUB_PATH) as base, visit(browser, base) as reader:
        reader.go(address)
        reader.page.wait_for_selector(".nearest li")
        assert reader.page.locator(".nearest a").first.evaluate("link => link.href") == base + LESSON
        reader.page.click("main .search")
        reader.page.wait_for_selector(".search-dialog[open]")
        reader.page.keyboard.press("Escape")
        reader.go("zzzzqqqq")
        reader.page.wait_for_timeout(200)
        assert reader.page.locator(".nearest:visible").count() == 0


def test_the_page_for_what_does_not_exist_is_whole_on_a_disk_too(browser: Browser, demo_site: Path) -> None:
    with visit(browser, demo_site.as_uri() + "/") as reader:
        reader.go("404.html")
        reader.page.wait_for_load_state("networkidle")
        assert reader.page.locator("body > header").evaluate("header => getComputedStyle(header).display") == "flex"
        reader.page.click("main > article > p > a")
        assert reader.page.locator("h1").inner_text() == "Chữ Việt từ byte đến trang web"
        reader.check()


def test_a_page_that_does_not_exist_is_whole_at_any_depth(browser: Browser, demo_site: Path) -> None:
    with serve(demo_site, SUB_PATH) as base, visit(browser, base) as reader:
        page = reader.page
        answer = page.goto(f"{base}a/b/khong-co.html")
        assert answer is not None
        assert answer.status == 404
        assert [text for text in reader.complaints if "404" not in text] == []
        reader.complaints.clear()
        assert page.locator("body > header").evaluate("header => getComputedStyle(header).display") == "flex"
        page.click(".tree-button")
        page.wait_for_selector(".tree:popover-open a:has-text('Ký tự và byte')")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.wait_for_selector(".search-dialog[open]")
        reader.search("mojibake")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"{SUB_PATH}02_mojibake/"))
        page.goto(f"{base}a/b/khong-co.html")
        reader.complaints.clear()
        page.click("main > article > p > a")
        page.wait_for_url(f"{base}**")
        assert page.locator("h1").inner_text() == "Chữ Việt từ byte đến trang web"
        reader.check()


@pytest.mark.parametrize("former", ["utf8", "01_ky_tu_va_byte/utf_8"])
def test_a_former_path_leads_to_the_lesson(reader: Visit, former: str) -> None:
    reader.go(f"{former}.html")
    reader.page.wait_for_url("**/01_ky_tu_va_byte/lesson_2_utf_8.html")
    assert reader.page.locator("h1").inner_text() == "UTF-8: một đến bốn byte"


# --- without scripts ---


def test_a_page_is_whole_without_scripts(browser: Browser, reader: Visit, address: str) -> None:
    with visit(browser, address, java_script_enabled=False) as plain:
        for name in ("index.html", LESSON, WITH_EVERYTHING, "02_mojibake/index.html", "_repairs/index.html"):
            for one in (reader, plain):
                one.go(name)
            texts = [
                re.sub(r"\bChép\n|Học tiếp: .*", "", one.page.locator("main").inner_text()) for one in (reader, plain)
            ]
            # The button's place is between blocks.
            assert re.sub(r"\s+", " ", texts[0]) == re.sub(r"\s+", " ", texts[1]), name
            assert plain.page.locator("button:visible").count() == 0, f"{name}: no button that does nothing"
            assert plain.page.locator(".tree:visible").count() == ("_repairs" not in name)
            if name == WITH_EVERYTHING:
                assert plain.page.locator(".toc a:visible").count() == 4
                assert plain.page.locator(".breadcrumbs a:visible").count() == 1
            if name == LESSON:
                plain.page.click(".tree a:has-text('Phòng hơn chữa')")
                plain.page.wait_for_url("**/05_phong_ngua.html")
            plain.check()


def test_the_contents_open_without_scripts_on_a_phone(browser: Browser, address: str) -> None:
    with visit(browser, address, java_script_enabled=False, viewport={"width": 360, "height": 640}) as reader:
        reader.go(WITH_EVERYTHING)
        assert reader.page.locator(".toc a:visible").count() == 0
        reader.page.click(".toc summary")
        assert reader.page.locator(".toc a:visible").count() == 4
        reader.check()


# --- what only a script adds, without moving anything ---


@pytest.mark.parametrize("width", [320, 1280])
def test_each_heading_leads_to_itself_for_the_mouse_and_moves_nothing(
    browser: Browser, address: str, width: int
) -> None:
    with visit(browser, address, viewport={"width": width, "height": 800}) as reader:
        reader.go(WITH_EVERYTHING)
        page = reader.page
        headings = "main article :is(h1, h2, h3, h4, h5, h6)[id]"
        found = page.eval_on_selector_all(
            f"{headings} > .anchor",
            "links => links.map((a) => [a.getAttribute('href'), a.ariaHidden, a.tabIndex, a.textContent])",
        )
        names = page.eval_on_selector_all(headings, "all => all.map(({ id }) => id)")
        assert found == [[f"#{name}", "true", -1, ""] for name in names]
        assert names
        link = page.locator(f"{headings} > .anchor").first
        assert link.evaluate("link => getComputedStyle(link).opacity") == "0"
        page.locator(headings).first.hover()
        assert link.evaluate("link => getComputedStyle(link).opacity") == "1"
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        boxes = f"[...document.querySelectorAll('{headings}')].map((each) => Object.values(each.getBoundingClientRect().toJSON()))"
        before = page.evaluate(boxes)
        page.evaluate("document.querySelectorAll('.anchor').forEach((link) => link.remove())")
        assert page.evaluate(boxes) == before
        reader.check()


def test_the_sign_in_the_tab_is_the_first_letter_of_the_course(reader: Visit) -> None:
    reader.go(LESSON)
    page = reader.page
    (icon,) = page.eval_on_selector_all("link[rel=icon]", "all => all.map(({ href }) => href)")
    drawn = unquote(icon).removeprefix("data:image/svg+xml,")
    assert page.evaluate(
        "src => new Promise((done) => Object.assign(new Image(), { src, onload: () => done(1) }))", icon
    )
    letter = next(filter(str.isalnum, page.inner_text("header .course"))).upper()
    assert f'fill="#fff">{letter}</text>' in drawn


# --- what leaves the page: copies and paper ---


def test_a_formula_is_copied_as_its_tex(reader: Visit) -> None:
    reader.go(WITH_EVERYTHING)
    copied = reader.page.evaluate(
        """() => {
            const display = document.querySelector(".math.display");
            getSelection().setBaseAndExtent(display.previousElementSibling, 0, display.querySelector("mi"), 0);
            const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
            display.dispatchEvent(event);
            const tex = display.querySelector("annotation").textContent;
            return [tex, event.clipboardData.getData("text/plain"), event.clipboardData.getData("text/html")];
        }"""
    )
    tex, plain, html = copied
    assert f"$${tex}$$" in plain
    assert "<math" not in html
    assert reader.page.locator("math").count() > 0, "the page itself keeps it"


def test_what_is_folded_away_is_on_paper(reader: Visit) -> None:
    reader.go(WITH_EVERYTHING)
    folded = "article details:not([open])"
    before = reader.page.locator(folded).count()
    assert before
    for _ in range(2):
        reader.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert reader.page.locator(folded).count() == 0
        reader.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert reader.page.locator(folded).count() == before


def test_a_former_address_leads_to_the_heading_that_it_named(reader: Visit) -> None:
    reader.go("utf8.html#main")
    reader.page.wait_for_url("**/01_ky_tu_va_byte/lesson_2_utf_8.html#main")
    reader.check()


def test_on_a_phone_the_header_stays_and_covers_no_heading(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport={"width": 360, "height": 640}) as reader:
        reader.go(LESSON)
        anchor = reader.page.locator("article h2").last.get_attribute("id")
        reader.go(f"{LESSON}#{anchor}")
        reader.page.wait_for_timeout(700)
        header = reader.page.locator("body > header").bounding_box()
        heading = reader.page.locator(f"[id='{anchor}']").bounding_box()
        assert header is not None
        assert heading is not None
        assert header["y"] == 0
        assert header["height"] < 110
        assert heading["y"] >= header["height"] or heading["y"] > 300
        reader.check()
