"""Each kind of page in Firefox: no barrier, nothing wider than the window, and what scripts add works there too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import LESSON, WITH_EVERYTHING, lack, serve
from building import SUB_PATH
from firefox import Firefox, start_firefox

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"layout.css.prefers-color-scheme.content-override": 1},
    "dark": {"layout.css.prefers-color-scheme.content-override": 0},
    "forced colours": {"browser.display.document_color_use": 2, "ui.useAccessibilityTheme": 1},
    "200 %": {"layout.css.devPixelsPerPx": "2.0"},
}
SEEN = {
    "light": [False, False, 1, 1280],
    "dark": [True, False, 1, 1280],
    "forced colours": [False, True, 1, 1280],
    "200 %": [False, False, 2, 640],
}
"""What a page is to notice of each: dark, colours forced, zoom, width in pixels of CSS."""
NOTICED = """return [matchMedia("(prefers-color-scheme: dark)").matches, matchMedia("(forced-colors: active)").matches, devicePixelRatio, innerWidth]"""
PAGES = (
    WITH_EVERYTHING,
    "01_ky_tu_va_byte/index.html",
    "index.html",
    "_repairs/index.html",
    "a/b/khong-co.html",
    "03_xay_dung_tang_dan/01_do_thi_phu_thuoc.html",
)
RUN_AXE = """const done = arguments[0];
axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
    done(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`))));"""
OPEN_SEARCH = """const done = arguments[0];
document.querySelector("body > header > .search").click();
(function look() {
    const input = document.querySelector(".search-dialog[open] input");
    if (!input) return setTimeout(look, 20);
    if (!input.value) { input.value = "diem ma"; input.dispatchEvent(new Event("input")); }
    if (document.querySelector("#search-results").dataset.query === input.value) done(document.querySelector("[role=option] .search-title").innerText);
    else setTimeout(look, 20);
})();"""


@pytest.fixture(scope="module")
def served(demo_site: Path) -> Iterator[str]:
    with serve(demo_site, SUB_PATH) as base:
        yield base


@pytest.fixture(
    params=[pytest.param(look, marks=pytest.mark.deep) for look in ("light", "dark", "forced colours", "200 %")]
)
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(look: str) -> Iterator[Firefox]:
    """Firefox with a look, 1280 pixels of the screen wide."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        lack("there is no Firefox on this machine")
    with start_firefox(program, LOOKS[look]) as firefox:
        firefox.resize(SEEN[look][-1], 900)
        yield firefox


def violations(reader: Firefox, axe: str) -> list[str]:
    reader.evaluate(f"{axe};window.axe = axe")
    found: list[str] = reader.evaluate(RUN_AXE)
    return found


def test_axe_finds_no_barrier_on_any_kind_of_page(reader: Firefox, look: str, served: str, axe: str) -> None:
    faults = {}
    for name in (*PAGES, LESSON):
        reader.go(served + name)
        assert reader.evaluate(NOTICED) == SEEN[look]
        if name == LESSON:
            assert reader.evaluate(OPEN_SEARCH) == "Ký tự, điểm mã và byte"
        assert reader.evaluate("return document.documentElement.scrollWidth - innerWidth") <= 0, name
        faults[name] = violations(reader, axe)
    assert {name: found for name, found in faults.items() if found} == {}
    reader.go(served + LESSON)
    reader.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    assert violations(reader, axe) != []
