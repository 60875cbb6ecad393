#!/usr/bin/env python3
"""The same lessons built by us, Hugo and Material for MkDocs -> what a reader's browser has to fetch.

    python bench/weight.py [--lessons 60] [--venvs DIR] [--shared DIR] [--work DIR]

For each: bytes of a lesson page (all, the lesson's own HTML, the frame around it), of its style
sheets and scripts, and the requests before the first paint: the page, and what its head makes the
browser wait for. Raw, and as gzip sends them. Hugo's template is the bench's minimal one.
"""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from builders import Builder, CannotRunError, Hugo, Material, Ours, find_program, our_command
from courses import SHARED, lesson_path, make_course, read_seed
from edits import FEWEST_LESSONS
from figures import markdown_table, own_bytes
from timing import CommandFailedError, time_command

GZIP_LEVEL = 6
_ARTICLE_RE = re.compile(rb"(<article\b[^>]*>)(.*)(</article>)", re.S)
_IMPORT_RE = re.compile(rb"@import\s+(?:url\()?[\"']?([^\"')\s]+)")


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that a page fetches, or has written into it."""

    kind: str
    """`css` or `js`."""
    url: str
    """Empty when it stands in the page."""
    text: str
    """What stands in the page."""
    blocks: bool
    """Whether nothing is painted before it is there."""


class _Head(HTMLParser):
    """Collects style sheets and scripts, in the order of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.assets: list[Asset] = []
        self._in_head = True
        self._inline: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "body":
            self._in_head = False
        elif tag == "link" and "stylesheet" in said.get("rel", "").split():
            self.assets.append(Asset("css", said.get("href", ""), "", said.get("media", "all") != "print"))
        elif tag == "script" and "src" in said:
            waits = not {"defer", "async"} & said.keys() and said.get("type") != "module"
            self.assets.append(Asset("js", said["src"], "", self._in_head and waits))
        elif tag == "style" or (tag == "script" and "json" not in said.get("type", "")):
            self._inline = []

    def handle_data(self, data: str) -> None:
        if self._inline is not None:
            self._inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script") and self._inline is not None:
            self.assets.append(Asset("css" if tag == "style" else "js", "", "".join(self._inline), blocks=False))
            self._inline = None


def find_assets(page: str) -> list[Asset]:
    """The style sheets and scripts of a page."""
    head = _Head()
    head.feed(page)
    head.close()
    return head.assets


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of one page and of what it needs, raw or compressed."""

    page: int
    own: int
    css: int
    js: int
    requests: int
    """Before the first paint."""
    elsewhere: int
    """Style sheets and scripts on other servers, or missing; their bytes are not counted."""

    @property
    def frame(self) -> int:
        """What is not the lesson's own."""
        return self.page - self.own


def weigh_page(path: Path, site: Path, *, compressed: bool) -> Weight:
    """The weight of one page of a site. Compressed, the frame is what compressing the page without its lesson gives."""
    page = path.read_bytes()
    size = _gzip_bytes if compressed else len
    sizes = {"css": 0, "js": 0}
    requests, elsewhere = 1, 0
    for asset in find_assets(page.decode("utf-8", "replace")):
        requests += asset.blocks
        if not asset.url:
            sizes[asset.kind] += len(asset.text.encode()) if not compressed else 0  # compressed with its page
            continue
        found = _locate(asset.url, path, site)
        if found is None:
            elsewhere += 1
            continue
        body = found.read_bytes()
        sizes[asset.kind] += size(body)
        if asset.kind == "css" and asset.blocks:
            requests += len(_IMPORT_RE.findall(body))
    if not compressed:
        return Weight(len(page), own_bytes(page), sizes["css"], sizes["js"], requests, elsewhere)
    whole, frame = size(page), size(_ARTICLE_RE.sub(rb"\1\3", page))
    return Weight(whole, whole - frame, sizes["css"], sizes["js"], requests, elsewhere)


def _gzip_bytes(body: bytes) -> int:
    return len(gzip.compress(body, GZIP_LEVEL, mtime=0))


def _locate(url: str, page: Path, site: Path) -> Path | None:
    """The file of a URL; None when it is on another server, or missing."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None
    relative = unquote(parts.path)
    path = site / relative.lstrip("/") if relative.startswith("/") else page.parent / relative
    return path if path.is_file() else None


def mean_row(name: str, weights: Sequence[Weight]) -> list[str]:
    """A row of the table: means over the pages."""

    def mean(values: Sequence[int]) -> str:
        return f"{statistics.fmean(values):,.0f}"

    one = weights[0]
    requests = mean([weight.requests for weight in weights])
    return [
        name,
        mean([weight.page for weight in weights]),
        mean([weight.own for weight in weights]),
        mean([weight.frame for weight in weights]),
        mean([weight.css for weight in weights]),
        mean([weight.js for weight in weights]),
        f"{requests}, {one.elsewhere} elsewhere" if one.elsewhere else requests,
    ]


def build_all(options: argparse.Namespace, work: Path) -> list[Builder]:
    """Each builder's site of the same lessons; says which could not be built."""
    make_course(options.lessons, work / "course", read_seed(options.shared))
    venvs = (options.venvs or work / "venvs").resolve()
    built: list[Builder] = []
    for kind in (Ours, Hugo, Material):
        try:
            command = our_command() if kind is Ours else find_program(kind, venvs, install=True)[0]
            builder = kind(work / kind.__name__.lower(), command)
            builder.prepare(work / "course")
            time_command(builder.command, builder.folder)
            built.append(builder)
        except (CannotRunError, CommandFailedError) as error:
            print(f"could not run: {error}")
    return built


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--lessons", type=int, default=FEWEST_LESSONS)
    parser.add_argument("--venvs", type=Path, help="where the others' environments are kept; by default deleted")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--work", type=Path, help="where to build; a temporary folder by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        built = build_all(options, Path(folder).resolve())
        for compressed in (False, True):
            head = ["gzip" if compressed else "raw", "page", "own", "frame", "css", "js", "requests before paint"]
            rows = []
            for builder in built:
                paths = [builder.page(lesson_path(number)) for number in range(options.lessons)]
                weights = [weigh_page(path, builder.output, compressed=compressed) for path in paths]
                rows.append(mean_row(builder.name, weights))
            print(f"\n{markdown_table(head, rows)}")
    print(
        f"\nBytes, means over {options.lessons} lessons. With gzip, what stands in the page counts for the page only."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
