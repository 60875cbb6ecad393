"""The pictures of the documentation, from the demo course as it is built now: `.venv/bin/python docs/make_pictures.py`.

Needs Chromium and what `pip install -e '.[test]'` brings.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).resolve().parent
PROJECT = DOCS.parent
LARGEST = 150_000
"""Bytes that one picture may have."""


def open_page(browser: Browser, name: str, scheme: Literal["light", "dark"]) -> Page:
    """A page of the demo course in a window of its own."""
    page = browser.new_page(viewport={"width": 1280, "height": 760}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{(PROJECT / 'output').as_uri()}/{name}.html")
    return page


def main() -> None:
    """Build the course and take the pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    subprocess.run([Path(sys.executable).with_name("doit")], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        open_page(browser, "01_ky_tu_va_byte/lesson_2_utf_8", "light").screenshot(path=DOCS / "lesson.png")
        dark = open_page(browser, "cach_viet_bai", "dark")
        dark.evaluate("document.getElementById('mã-nguồn').scrollIntoView()")
        dark.wait_for_selector(".toc [aria-current]")
        dark.screenshot(path=DOCS / "lesson-dark.png")
        search = open_page(browser, "02_mojibake/02_byte_bi_mat", "light")
        search.set_viewport_size({"width": 1000, "height": 560})
        search.keyboard.press("/")
        search.wait_for_selector(".search-dialog[open]")
        search.keyboard.type("diem ma")
        search.wait_for_selector('#search-results[data-query="diem ma"]', state="attached")
        search.wait_for_timeout(1000)  # typing has come to a rest: every excerpt is there
        search.keyboard.press("ArrowDown")
        search.screenshot(path=DOCS / "search.png")
        browser.close()
    for picture in sorted(DOCS.glob("*.png")):
        size = picture.stat().st_size
        print(f"{picture.name}: {size} bytes")
        if size > LARGEST:
            sys.exit(f"{picture.name} is larger than {LARGEST} bytes")


if __name__ == "__main__":
    main()
