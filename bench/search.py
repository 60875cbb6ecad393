#!/usr/bin/env python3
"""Measure the search index: its size, what building and editing cost, and how fast a browser answers.

    python bench/search.py COURSE [COURSE...] [--no-browser] [--drawn N] [--keep DIR]

COURSE is a folder of lessons, such as `bench/courses.py` makes. The files stand in a temporary
folder, shards are kept in memory as the builder keeps them in its state. Besides the queries that are
chosen here, N others are drawn from the lessons: words that stand there side by side. Needs the `test`
extra; for the browser also playwright and Chromium. Whether what is found is what was wanted is
measured by `bench/found.py`, which `--queries FILE` runs for each course.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from searching import Page, SearchIndex  # noqa: E402

from pipeline.parse.lesson import parse_lesson  # noqa: E402
from pipeline.search import (  # noqa: E402
    CARDS,
    TERMS,
    ScriptFile,
    group_of,
    place_of,
    read_file_path,
    render_list,
    render_shard,
    search_entry,
)
from pipeline.values import ParsedLesson, decode, encode  # noqa: E402

Named = dict[tuple[str, int], dict[int, str]]
QUERIES = (
    "hoc tap lien tuc",
    "Học tập liên tục",
    "mô hình ngôn ngữ lớn",
    "gradient descent",
    "Học tập",
    "transformer",
    "an toàn AI",
    "cac bai hoc cua khoa",
    "machine learning tiếng Việt",
    "phương pháp tối ưu hóa",
    "reinforcement learning",
    "tranformer",
    "phuowng phaps toois uwu",
    "làm sao huấn luyện mô hình ngôn ngữ lớn",
)
KEYS_A_SECOND = (6, 2)
REST_SECONDS = 1.5
"""After the last key, until what is loaded is counted: `search.js` rests 0.9 s before the last results."""
OPEN_SECONDS = 0.3
"""From the open box to the first key: nobody is quicker, and the browser has not painted the box before."""
DRAWN_WORDS = (1, 2, 2, 3, 3, 4, 5)
DRAWN_LENGTHS = range(4, 41)
PAGE = """<!doctype html><html lang="vi" data-root="" data-slips="_static/slips.js"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'">
<script src="_static/search.js" defer></script></head><body></body></html>"""
ASK = """query => new Promise((resolve) => {
  const input = document.querySelector("dialog input"), list = document.querySelector("#search-results");
  const start = performance.now();
  let first = 0;
  new MutationObserver((changes, observer) => {
    if (changes.some(({ addedNodes }) => addedNodes.length)) first ||= performance.now() - start;
    if (list.dataset.query !== query) return;
    observer.disconnect();
    const last = performance.now() - start;
    resolve([first || last, last]);
  }).observe(list, { attributes: true, childList: true });
  input.value = query;
  input.dispatchEvent(new Event("input"));
})"""
"""Milliseconds to the first result with its excerpt, and to all that a key is answered with."""


def read(course: Path, path: str) -> tuple[str, bytes]:
    return path[:-3], encode(parse_lesson((course / path).read_text("utf-8"), path))


def write(root: Path, files: Iterable[tuple[str, str]]) -> int:
    total = 0
    for path, text in files:
        target = root / path
        try:
            total += target.write_bytes(text.encode("utf-8"))
        except FileNotFoundError:
            target.parent.mkdir(parents=True)
            total += target.write_bytes(text.encode("utf-8"))
    return total


def measure_index(course: Path, root: Path) -> None:
    paths = sorted(path.relative_to(course).as_posix() for path in course.rglob("*.md"))
    with ProcessPoolExecutor(2) as pool:
        parsed = list(pool.map(partial(read, course), paths, chunksize=50))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pages, seconds = {}, 0.0
    for name, plain in parsed:
        lesson = decode(ParsedLesson, plain)
        start = time.process_time()
        entry = search_entry(lesson)
        seconds += time.process_time() - start
        pages[name] = Page(lesson.facts.title, entry, name.split("/")[0])
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{course.name}: {len(pages):,} lessons")
    print(f"  search_entry        {seconds / len(pages) * 1000:8.2f} ms a lesson")
    wall, start = time.perf_counter(), time.process_time()
    index = SearchIndex(pages)
    seconds, wall = time.process_time() - start, time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    each = seconds / len(pages) * 1000
    print(f"  building the shards {seconds:8.2f} s: {each:.2f} ms a lesson; {wall:.2f} s by the clock")
    print(
        f"  memory for that     {(after - held) / 1024:8.0f} MB more; {(held - before) / 1024:.0f} MB are the entries"
    )
    start = time.perf_counter()
    files = dict(index.files())
    write(root, files.items())
    named = name_files(files)
    print(f"  writing the files   {time.perf_counter() - start:8.2f} s")
    sizes: dict[str, list[int]] = {}
    for path in (root / "_search").rglob("*.js"):
        sizes.setdefault(path.relative_to(root / "_search").parts[0], []).append(path.stat().st_size)
    for kind, found in sorted(sizes.items()):
        print(f"  {kind:19} {sum(found):11,} bytes in {len(found):,} files, the largest {max(found):,}")
    for title, old, new in (
        ("one word is changed", "<p>", "<p>Zebra "),
        ("a sentence is added", "</p>", " Một câu được thêm vào đây để đo chi phí, có gradient và token trong đó.</p>"),
    ):
        sample = parsed[:: len(parsed) // 15]
        costs = [measure_edit(index, lesson, root, old, new, named) for lesson in sample]
        thinking, writing, shards = (statistics.median(column) for column in zip(*costs))
        worst = max(cost for cost, _, _ in costs)
        print(f"  {title} {thinking:8.1f} ms, at worst {worst:.1f}; {shards:.0f} shards, their lists and the text")
        print(f"    writing these     {writing:8.1f} ms by the clock")
    name, plain = parsed[len(parsed) // 2]
    start = time.process_time()
    touched = index.update({**index.pages, "new/lesson": pages[name]})
    cost = (time.process_time() - start) * 1000
    print(f"  a lesson is added   {cost:8.0f} ms; {len(touched):,} of {len(index.shards):,} shards")
    start = time.process_time()
    index.update(pages)
    print(f"  and taken out again {(time.process_time() - start) * 1000:8.0f} ms")


def measure_edit(
    index: SearchIndex, lesson: tuple[str, bytes], root: Path, old: str, new: str, named: Named
) -> tuple[float, float, int]:
    """Milliseconds of the processor from the parsed lesson to the texts of the files, and by the
    clock to write them; shards rewritten. The edit is undone."""
    name, plain = lesson
    edited = decode(ParsedLesson, plain.replace(old.encode(), new.encode(), 1))
    before, pages = index.pages, dict(index.pages)
    start = time.process_time()
    pages[name] = Page(edited.facts.title, search_entry(edited), name.split("/")[0])
    touched = index.update(pages)
    files = edited_files(index, touched, name, named)
    thinking, start = time.process_time() - start, time.perf_counter()
    write(root, files)
    writing = time.perf_counter() - start
    index.update(before)
    write(root, edited_files(index, touched, name, named))
    return thinking * 1000, writing * 1000, len(touched)


def edited_files(index: SearchIndex, shards: Iterable[int], name: str, named: Named) -> list[tuple[str, str]]:
    """The files that an edit of a lesson rewrites: shards, its cards, and the lists that name them."""
    cards = group_of(index.slots[name])
    members = [other for other, slot in index.slots.items() if group_of(slot) == cards]
    files: list[tuple[str, int, ScriptFile]] = [
        *((TERMS, number, render_shard(number, index.shards[number])) for number in shards),
        (CARDS, cards, index.group(cards, members)),
    ]
    folders = set()
    for kind, number, file in files:
        folder, place = place_of(number)
        named[kind, folder][place] = file.digest
        folders.add((kind, folder))
    lists = [render_list(kind, folder, named[kind, folder]) for kind, folder in sorted(folders)]
    return [(file.path, file.text) for file in (*(file for _, _, file in files), *lists)]


def name_files(paths: Iterable[str]) -> Named:
    """What the lists say: digests by kind and folder."""
    named: Named = {}
    for path in paths:
        parts = path.split("/")
        if parts[3:]:
            place, digest = read_file_path(path)
            named.setdefault((parts[1], int(parts[2])), {})[place] = digest
    return named


def draw_queries(course: Path, count: int) -> list[str]:
    """Words that follow one another in a lesson; the same for the same course."""
    chance, paths, found = random.Random(7), sorted(course.rglob("*.md")), list[str]()
    while len(found) < count:
        words = re.findall(r"[^\W_]+", chance.choice(paths).read_text("utf-8", "replace"))
        length = chance.choice(DRAWN_WORDS)
        start = chance.randrange(max(1, len(words) - length))
        query = " ".join(words[start : start + length])
        if len(query) in DRAWN_LENGTHS:
            found.append(query)
    return found


def measure_browser(root: Path, drawn: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    shutil.copytree(PROJECT / "templates" / "static", root / "_static", dirs_exist_ok=True)
    (root / "page.html").write_text(PAGE, "utf-8")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        print("  query: KB in files of a first query (gzipped): pasted, typed with so many keys a second;")
        print(
            "         ms to the first result and to all: pasted; then, each median/worst key, the first result typed,"
        )
        print("         all of a key's results typed, and both again")
        for name, queries in (("chosen", QUERIES), ("drawn", drawn)):
            rows = []
            for query in queries:  # each in a browser that has seen nothing
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                rows.append(measure_query(browser, root, query))
                browser.close()
            for number, row in enumerate(zip(*rows)):
                label = ("KB pasted", *(f"KB at {speed} keys/s" for speed in KEYS_A_SECOND), *TIMES)[number]
                print(
                    f"  {len(rows)} {name}: {label} {min(row):.0f}-{max(row):.0f}, median {statistics.median(row):.0f}"
                )


TIMES = (
    "ms pasted, first",
    "ms pasted, all",
    *(
        f"ms {which} key{again}, {what}"
        for again in ("", " again")
        for what in ("first", "all")
        for which in ("median", "worst")
    ),
)


def measure_query(browser: Any, root: Path, query: str) -> list[float]:
    """KB pasted and at each speed, then `TIMES`."""
    page, loaded = open_box(browser, root)
    times = [*page.evaluate(ASK, query)]
    page.wait_for_timeout(REST_SECONDS * 1000)
    amounts = [loaded]
    page.close()
    for speed in KEYS_A_SECOND:
        page, loaded = open_box(browser, root)
        for letter in query:
            page.keyboard.type(letter)
            page.wait_for_timeout(1000 / speed)
        page.wait_for_timeout(REST_SECONDS * 1000)
        amounts.append(loaded)
        page.close()
    page, loaded = open_box(browser, root)
    for _ in range(2):
        costs = [page.evaluate(ASK, query[: end + 1]) for end in range(len(query))]
        times += [value for column in zip(*costs) for value in (statistics.median(column), max(column))]
        page.evaluate(ASK, "")
    page.close()
    told = ["/".join(f"{value:.0f}" for value in times[start : start + 2]) for start in range(0, len(times), 2)]
    print(f"  {query:40} {'  '.join(map(tell_amount, amounts))}   {'  '.join(told)}", flush=True)
    return [*(sum(path.stat().st_size for path in loaded) / 1000 for loaded in amounts), *times]


def tell_amount(loaded: list[Path]) -> str:
    plain = sum(path.stat().st_size for path in loaded)
    packed = sum(len(gzip.compress(path.read_bytes(), 6)) for path in loaded)
    return f"{plain / 1000:4.0f} in {len(loaded):2} ({packed / 1000:3.0f})"


def open_box(browser: Any, root: Path) -> tuple[Any, list[Path]]:
    page = browser.new_page()
    loaded: list[Path] = []

    def count(request: Any) -> None:
        path = Path(unquote(urlsplit(request.url).path))
        if "_search" in path.parts:
            loaded.append(path)

    page.on("requestfinished", count)
    page.goto((root / "page.html").as_uri())
    page.evaluate("courseSearch.open()")
    page.wait_for_selector("dialog[open]")
    page.wait_for_timeout(OPEN_SECONDS * 1000)
    return page, loaded


def measure_found(course: Path, queries: Path) -> None:
    from found import ask_ours, read_queries, tell
    from readers import build_ours

    asked = read_queries(queries)
    with tempfile.TemporaryDirectory() as folder:
        tell(course.name, asked, ask_ours(build_ours(course, Path(folder) / "site"), asked))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("courses", type=Path, nargs="+", metavar="COURSE")
    parser.add_argument("--no-browser", action="store_true", help="leave the queries out")
    parser.add_argument("--drawn", type=int, default=0, metavar="N", help="N more queries, drawn from the lessons")
    parser.add_argument("--keep", type=Path, help="write the index below this folder and leave it there")
    parser.add_argument("--queries", type=Path, help="report how many of these find what they want, and nothing else")
    options = parser.parse_args()
    for course in options.courses:
        if options.queries:
            measure_found(course, options.queries)
            continue
        with tempfile.TemporaryDirectory() as temporary:
            root = options.keep.resolve() / course.name if options.keep else Path(temporary)
            measure_index(course, root)
            if not options.no_browser:
                measure_browser(root, draw_queries(course, options.drawn))
    return 0


if __name__ == "__main__":
    sys.exit(main())
