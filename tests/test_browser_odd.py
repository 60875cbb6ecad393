"""A course that is hard on its pages, in Chromium: hard names, and things that are wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from browsing import Visit, serve, visit
from building import ODD_NAMES, Project
from playwright.sync_api import Browser


@pytest.fixture(params=[pytest.param(way, marks=pytest.mark.deep) for way in ("http", "file")])
def odd(request: pytest.FixtureRequest, odd_site: Path, browser: Browser) -> Iterator[Visit]:
    if request.param == "file":
        with visit(browser, odd_site.as_uri() + "/", viewport={"width": 320, "height": 640}) as reader:
            yield reader
            reader.check()
    else:
        with serve(odd_site) as base, visit(browser, base, viewport={"width": 320, "height": 640}) as reader:
            yield reader
            reader.check()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_window(browser: Browser, odd_site: Path, width: int) -> None:
    with visit(browser, odd_site.as_uri() + "/", viewport={"width": width, "height": 640}) as reader:
        reader.go("wide.html")
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
        beyond = """(width) => [...document.querySelectorAll("main *")].filter((part) =>
            part.getBoundingClientRect().right > width && !part.closest("pre, .table, .math, math")).map((part) => part.outerHTML.slice(0, 80))"""
        assert reader.page.evaluate(beyond, width) == []
        reader.check()


def test_every_name_is_found_and_led_to(odd: Visit) -> None:
    page = odd.page
    for number, name in enumerate(ODD_NAMES):
        odd.go("wide.html")
        page.click("button.search")
        odd.search(f"findme{number}")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelector('h1')?.innerText.startsWith('Lesson')")
        assert unquote(page.url).endswith(f"{name}/{name}.html")
        page.click(".tree-button")
        assert page.locator(".tree [aria-current=page]").inner_text() == page.locator("h1").inner_text()
        page.keyboard.press("Escape")


def test_a_long_section_shows_where_one_is(browser: Browser, odd_site: Path) -> None:
    with visit(browser, odd_site.as_uri() + "/") as reader:
        reader.go("long/lesson_30.html")
        seen = (
            "(place) => { const box = place.getBoundingClientRect(); return box.top > 0 && box.bottom < innerHeight; }"
        )
        assert reader.page.locator(".tree [aria-current]").evaluate(seen)
        reader.check()


def test_what_scrolls_sideways_can_be_scrolled_by_keyboard(browser: Browser, odd_site: Path) -> None:
    with visit(browser, odd_site.as_uri() + "/") as reader:
        reader.go("wide.html")
        for box in (".table", "pre", ".math.display"):
            reader.page.wait_for_selector(f"{box}[tabindex='0']")
            reader.page.focus(box)
            reader.page.keyboard.press("ArrowRight")
            reader.page.wait_for_timeout(300)
            assert reader.page.locator(box).first.evaluate("box => box.scrollLeft") > 0, box
        reader.check()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_report_of_repairs_fits_a_phone_and_what_does_not_scrolls_by_keyboard(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    project = Project(tmp_path / "project")
    project.write("course.toml", f'language = "{language}"\n')
    for name in ("mot_phan_co_ten_rat_dai", "hai"):
        project.write(f"{name}/bai.md", "# T\n\nHá»c Táºp vÃ\xa0 lÃ m viá»‡c gá»i nhá».\n")
    project.build()
    for width in (320, 400):
        with visit(browser, project.output.as_uri() + "/", viewport={"width": width, "height": 640}) as reader:
            reader.go("_repairs/index.html")
            cut = "boxes => boxes.map(box => box.scrollWidth - box.clientWidth).filter(more => more > 0)"
            assert reader.page.locator(".table").count() >= 2
            assert reader.page.locator(".table").evaluate_all(cut) == [] or width < 400
            broken = "cells => cells.filter(cell => cell.offsetHeight > 5 * 24).map(cell => cell.innerText)"
            assert reader.page.locator("thead th").evaluate_all(broken) == []
            reader.page.wait_for_function(
                "() => [...document.querySelectorAll('.table')]"
                ".every(box => box.scrollWidth <= box.clientWidth || box.tabIndex === 0)"
            )
            assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
            reader.check()
