#!/usr/bin/env python3
"""Queries with the lessons that answer them -> how many are found first, and among the first five.

    python bench/found.py [--queries bench/queries.toml] [--course DIR] [--beside pagefind,material,zensical]

The course is built by each builder as a stranger would, and asked in Chromium by its own search box, one query after
another, pasted. Pagefind indexes the pages that this project built, `<main>` of each. Of the others, what is not on
this machine is installed from its registry into a folder that is deleted afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from browsing import serve, start_browser  # noqa: E402
from building import SHARED  # noqa: E402
from readers import MATERIAL, ZENSICAL, Other, build_ours, build_with, make_venv  # noqa: E402

SHOWN = 5
BESIDE = ("pagefind", "material", "zensical")


class Query(NamedTuple):
    """What a reader types, and the pages that answer it."""

    kind: str
    text: str
    wanted: frozenset[str]


def read_queries(path: Path) -> list[Query]:
    """The queries of a file such as `bench/queries.toml`."""
    rows = tomllib.loads(path.read_text("utf-8"))["query"]
    return [Query(row["kind"], row["text"], frozenset(row["wanted"])) for row in rows]


def page_name(url: str) -> str:
    """The lesson of a result's address: `/a/b/#c`, `/a/b.html` -> `a/b`."""
    return unquote(urlsplit(url).path).strip("/").removesuffix(".html").removesuffix("/index")


Ask = Callable[[str], list[str]]
"""A query -> the pages found, best first."""

ASK_OURS = """async (query) => {
    const input = document.querySelector("dialog input"), list = document.querySelector("#search-results");
    input.value = query;
    input.dispatchEvent(new Event("input"));
    while (list.dataset.query !== query) await new Promise((done) => setTimeout(done, 10));
    return [...list.querySelectorAll("a")].map((link) => link.href);
}"""
ASK_PAGEFIND = """async (query) => {
    window.pagefind ??= await import("/pagefind/pagefind.js");
    const found = await window.pagefind.search(query);
    return (await Promise.all(found.results.slice(0, 10).map((result) => result.data()))).map((data) => data.url);
}"""
SETTLED_SECONDS = 0.6
"""Answers come from a worker: when the list has been the same for so long, it is taken for the answer."""
LONGEST_SECONDS = 6.0


@contextlib.contextmanager
def opened(site: Path) -> Iterator[tuple[Any, str]]:
    """A page of a served site, and the site's address."""
    with serve(site) as base, start_browser() as browser:
        page = browser.new_page()
        yield page, base
        page.close()


def ask_all(ask: Ask, base: str, queries: list[Query]) -> list[list[str]]:
    """The pages found for each query, each once."""
    top = urlsplit(base).path
    return [
        list(dict.fromkeys(page_name(urlsplit(url).path.removeprefix(top)) for url in ask(query.text)))
        for query in queries
    ]


def ask_ours(site: Path, queries: list[Query]) -> list[list[str]]:
    with opened(site) as (page, base):
        page.goto(base + "index.html")
        page.click("button.search")
        page.wait_for_selector("dialog[open]")
        return ask_all(lambda text: list(page.evaluate(ASK_OURS, text)), base, queries)


def ask_pagefind(site: Path, queries: list[Query], venv: Path) -> list[list[str]]:
    python = make_venv(venv, "pagefind[bin]")
    command = [str(python), "-m", "pagefind", "--site", str(site), "--root-selector", "main"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with opened(site) as (page, base):
        page.goto(base + "pagefind/pagefind-entry.json")  # a page without a policy
        return ask_all(lambda text: list(page.evaluate(ASK_PAGEFIND, text)), base, queries)


def ask_box(site: Path, queries: list[Query], other: Other) -> list[list[str]]:
    with opened(site) as (page, base):
        page.goto(f"{base}{sorted(path.parent.name for path in site.glob('*/index.html'))[0]}/")
        page.wait_for_timeout(1500)
        page.keyboard.press("/")
        page.wait_for_timeout(1000)

        def ask(text: str) -> list[str]:
            box = page.locator(other.search_input).first
            box.fill("")
            box.press_sequentially(text)  # Material waits for keys
            before, since, start = None, time.monotonic(), time.monotonic()
            while time.monotonic() - start < LONGEST_SECONDS and time.monotonic() - since < SETTLED_SECONDS:
                page.wait_for_timeout(100)
                now = page.locator(other.search_result).evaluate_all("links => links.map((link) => link.href)")
                if now != before:
                    before, since = now, time.monotonic()
            return list(before or [])

        return ask_all(ask, base, queries)


class Score(NamedTuple):
    """Of so many queries."""

    first: int
    shown: int
    asked: int

    def __str__(self) -> str:
        shares = f"{self.first / self.asked:.0%}", f"{self.shown / self.asked:.0%}"
        return f"{self.first} first ({shares[0]}), {self.shown} in {SHOWN} ({shares[1]}) of {self.asked}"


def score(queries: list[Query], found: list[list[str]]) -> Score:
    """In how many of the answers a wanted lesson is first, and among the first five."""
    first = sum(bool(query.wanted & set(pages[:1])) for query, pages in zip(queries, found, strict=True))
    shown = sum(bool(query.wanted & set(pages[:SHOWN])) for query, pages in zip(queries, found, strict=True))
    return Score(first, shown, len(queries))


def tell(name: str, queries: list[Query], found: list[list[str]]) -> None:
    print(f"{name}: {score(queries, found)}", flush=True)
    for kind in dict.fromkeys(query.kind for query in queries):
        chosen = [place for place, query in enumerate(queries) if query.kind == kind]
        print(f"  {kind:18} {score([queries[place] for place in chosen], [found[place] for place in chosen])}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--queries", type=Path, default=PROJECT / "bench" / "queries.toml")
    parser.add_argument("--course", type=Path, default=SHARED / "course" / "docs")
    parser.add_argument("--beside", default="", help=f"of {','.join(BESIDE)}")
    parser.add_argument("--misses", action="store_true", help="what was found where no wanted lesson is first")
    options = parser.parse_args()
    queries = read_queries(options.queries)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        ours = build_ours(options.course, work / "ours")
        answers = {"lesson-pipeline": ask_ours(ours, queries)}
        if "pagefind" in options.beside:
            answers["Pagefind"] = ask_pagefind(ours, queries, work / "pagefind")
        if "material" in options.beside:
            site = build_with(MATERIAL, options.course, work / "material")
            answers["Material (lunr)"] = ask_box(site, queries, MATERIAL)
        if "zensical" in options.beside:
            site = build_with(ZENSICAL, options.course, work / "zensical")
            answers["Zensical"] = ask_box(site, queries, ZENSICAL)
        for name, found in answers.items():
            tell(name, queries, found)
            for query, pages in zip(queries, found, strict=True):
                if options.misses and not query.wanted & set(pages[:1]):
                    print(json.dumps([query.text, sorted(query.wanted)[:2], pages[:SHOWN]], ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
