#!/usr/bin/env python3
"""How long the course tree takes to open, in a course of many lessons that lie six folders deep.

    python bench/tree.py [--lessons 468] [--slower 4]

Each way is gone five times in Chromium, whose processor is made that many times slower; medians. On a wide screen:
from a click on a section to the frame that shows it, the file of the tree included; then until every section is open.
On a phone: from a click to the open drawer. Needs the `test` extra and Chromium.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from readers import build_ours

DEPTH, MODULES, TIMES = 6, 6, 5
FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
OPEN_ONE = f"""async () => {{
    const start = performance.now(), closed = document.querySelector(".tree button[aria-expanded=false]");
    const name = closed.getAttribute("aria-label"), arrow = () => [...document.querySelectorAll(".tree button")]
        .find((one) => one.getAttribute("aria-label") === name && one.getAttribute("aria-expanded") === "true");
    closed.click();
    while (!arrow()?.parentElement.querySelector("ul")) await new Promise((done) => setTimeout(done));
    await {FRAME};
    return performance.now() - start;
}}"""
OPEN_ALL = f"""async () => {{
    const start = performance.now();
    for (let closed; (closed = document.querySelectorAll(".tree button[aria-expanded=false]")).length;)
        closed.forEach((arrow) => arrow.click());
    await {FRAME};
    return performance.now() - start;
}}"""
OPEN_DRAWER = f"""async () => {{
    const start = performance.now(), tree = document.querySelector(".tree");
    document.querySelector(".tree-button").click();
    while (!tree.querySelector("button[aria-expanded]")) await new Promise((done) => setTimeout(done));
    await {FRAME};
    return performance.now() - start;
}}"""
IN_SIGHT = """() => {
    const place = document.querySelector(".tree [aria-current=page]").getBoundingClientRect();
    const room = document.querySelector(".tree").getBoundingClientRect();
    return place.top >= room.top && place.bottom <= Math.min(room.bottom, innerHeight);
}"""


def write_course(lessons: int, folder: Path) -> str:
    """Lessons in some modules, as many at each depth; gives the path of one that is deep, without its ending."""
    each = max(1, round(lessons / MODULES / DEPTH))
    for number in range(lessons):
        module, rest = divmod(number, each * DEPTH)
        depth, place = divmod(rest, each)
        below = "/".join(f"part_{level}" for level in range(1, depth + 1))
        path = folder / f"module_{module + 1}" / below / f"lesson_{place + 1}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Bài số {number + 1} trong khóa học\n\nMột câu.\n", "utf-8")
    return f"module_3/{'/'.join(f'part_{level}' for level in range(1, DEPTH))}/lesson_{each}"


def main() -> int:
    from browsing import serve, start_browser

    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--lessons", type=int, default=468)
    parser.add_argument("--slower", type=int, default=4, help="how many times slower the processor is made")
    options = parser.parse_args()
    found: dict[str, list[float]] = {}
    seen = []

    def open_page(browser: Any, width: int, url: str) -> Any:
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": options.slower})
        page.goto(url)
        return page

    with tempfile.TemporaryDirectory() as folder, start_browser() as browser:
        course = Path(folder) / "course"
        deep = write_course(options.lessons, course)
        with serve(build_ours(course, Path(folder) / "site")) as base:
            for _ in range(TIMES):
                page = open_page(browser, 1280, f"{base}{deep}.html")
                seen.append(page.evaluate(IN_SIGHT))
                found.setdefault("ms to open a section", []).append(page.evaluate(OPEN_ONE))
                found.setdefault("ms to open all sections", []).append(page.evaluate(OPEN_ALL))
                count = page.locator(".tree a").count()
                page.close()
                page = open_page(browser, 360, f"{base}{deep}.html")
                found.setdefault("ms to open the drawer on a phone", []).append(page.evaluate(OPEN_DRAWER))
                seen.append(page.evaluate(IN_SIGHT))
                page.close()
    print(f"{options.lessons} lessons, {count} links when all is open, processor {options.slower} times slower")
    for what, times in found.items():
        print(f"  {what}: {statistics.median(times):.0f} ({min(times):.0f} to {max(times):.0f})")
    print(f"  current lesson in sight: {sum(seen)} of {len(seen)} times")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    sys.exit(main())
