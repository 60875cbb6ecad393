#!/usr/bin/env python3
"""The same lessons as this project, Material for MkDocs, Zensical and Starlight show them, measured and side by side.

    python bench/readers.py [--course DIR] [--lessons 40] [--sheet sheet.png] [--without starlight]

For each: what a browser that has seen nothing asks for, and what it comes to as gzip sends it; what a next page adds;
layout shift; findings of axe on a lesson in the light, in the dark and at 320 pixels; pages that are wider than
these. The sheet has a lesson of each at four widths and in the dark. Each builder is the newest release, in an
environment of its own that is deleted afterwards; Starlight needs npm.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

WIDTHS = (320, 768, 1280, 1920)
SHOWN_HEIGHT = 800
SCALE = 0.4
"""Of a screenshot on the sheet."""
GZIP_LEVEL = 6
FONT_ENDINGS = (".woff2", ".woff", ".png", ".jpg", ".svg.gz")
"""Packed already."""
WATCH = """window.moved = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.moved += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });"""


class Other(NamedTuple):
    """A builder from PyPI that reads `mkdocs.yml`."""

    name: str
    package: str
    command: tuple[str, ...]
    search_input: str
    search_result: str


MATERIAL = Other(
    "Material for MkDocs",
    "mkdocs-material",
    ("-m", "mkdocs", "build", "--quiet"),
    ".md-search__input",
    ".md-search-result__link",
)
ZENSICAL = Other("Zensical", "zensical", ("-m", "zensical", "build"), "input[role=combobox]", "a[role=option]")

CONFIG = """site_name: Course
site_url: http://127.0.0.1/
docs_dir: docs
theme:
  name: material
  language: vi
  features: [navigation.sections, content.code.copy]
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - tables
  - toc: {permalink: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.highlight
  - pymdownx.superfences
plugins: [search: {lang: vi}]
"""
STARLIGHT_CONFIG = """import { defineConfig } from "astro/config";
import starlight from "@astrojs/starlight";
const locales = { root: { label: "vi", lang: "vi" } };
export default defineConfig({ integrations: [starlight({ title: "Course", locales })] });
"""
STARLIGHT_CONTENT = """import { defineCollection } from "astro:content";
import { docsLoader } from "@astrojs/starlight/loaders";
import { docsSchema } from "@astrojs/starlight/schema";
export const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) };
"""


def run(command: list[str], folder: Path) -> None:
    """Run a builder, with the programs that are installed in its folder; what it says is shown only if it fails."""
    env = os.environ | {"PATH": f"{folder / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def build_ours(course: Path, folder: Path) -> Path:
    """The site that this project makes of a course, whatever it has to say of the lessons."""
    folder.mkdir(parents=True)
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(course, folder / "content")
    done = subprocess.run([sys.executable, "-m", "doit"], cwd=folder, capture_output=True, text=True, check=False)
    if not (folder / "output" / "index.html").is_file():
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return folder / "output"


def make_venv(folder: Path, *packages: str) -> Path:
    """The Python of a new virtual environment with some packages."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run([str(python), "-m", "pip", "install", "-q", *packages], folder)
    return python


def build_with(other: Other, course: Path, folder: Path) -> Path:
    """The site that a builder from PyPI makes of the same course."""
    python = make_venv(folder / "venv", other.package)
    shutil.copytree(course, folder / "docs")
    (folder / "mkdocs.yml").write_text(CONFIG, "utf-8")
    run([str(python), *other.command], folder)
    return folder / "site"


def build_starlight(course: Path, folder: Path) -> Path:
    """The site that Starlight makes of the same course: each lesson's title is given in its front matter."""
    docs = folder / "src" / "content" / "docs"
    for path in sorted(course.rglob("*.md")):
        text = path.read_text("utf-8", "replace")
        title = next((line[2:].strip() for line in text.split("\n") if line.startswith("# ")), path.stem)
        target = docs / path.relative_to(course)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n{text}", "utf-8")
    (folder / "package.json").write_text('{"name": "course", "type": "module", "private": true}', "utf-8")
    (folder / "astro.config.mjs").write_text(STARLIGHT_CONFIG, "utf-8")
    (folder / "src" / "content.config.ts").write_text(STARLIGHT_CONTENT, "utf-8")
    # Astro wants a newer Node.js than many systems have.
    run(["npm", "install", "--silent", "node@22", "astro", "@astrojs/starlight", "sharp"], folder)
    run(["npx", "astro", "build"], folder)
    return folder / "dist"


class Reading(NamedTuple):
    """What readers get of one builder's site."""

    first: float
    """KB of a first visit, median of the lessons."""
    requests: float
    next: float
    """KB that a lesson itself comes to."""
    moved: float
    """Layout shift, the most of any lesson."""
    findings: int
    """Of axe."""
    wide: int
    """Lessons that are wider than a window, at any of the widths."""


def measure(site: Path, pages: list[str], browser: Any, axe: str) -> Reading:
    """Visit pages of a site, each in a window that has seen nothing."""
    from browsing import serve

    firsts, counts, nexts, moved, wide = [], [], [], 0.0, 0
    findings = 0
    with serve(site) as base:
        for number, name in enumerate(pages):
            context = browser.new_context(viewport={"width": 1280, "height": SHOWN_HEIGHT}, bypass_csp=True)
            page = context.new_page()
            page.add_init_script(WATCH)
            bodies: dict[str, int] = {}

            def weigh(response: Any, bodies: dict[str, int] = bodies) -> None:
                if response.url.startswith("data:") or response.status != 200:
                    return
                body = response.body()
                is_packed = response.url.split("?")[0].endswith(FONT_ENDINGS)
                bodies[response.url] = len(body) if is_packed else len(gzip.compress(body, GZIP_LEVEL))

            answers: list[Any] = []

            def note(response: Any, answers: list[Any] = answers) -> None:
                answers.append(response)

            page.on("response", note)
            page.goto(base + name, wait_until="networkidle")
            for answer in answers:
                weigh(answer)
            firsts.append(sum(bodies.values()) / 1000)
            counts.append(len(bodies))
            nexts.append(bodies.get(page.url, 0) / 1000)
            moved = max(moved, page.evaluate("window.moved"))
            if number < 3:
                for scheme, width in (("light", 1280), ("dark", 1280), ("light", 320)):
                    page.emulate_media(color_scheme=scheme)
                    page.set_viewport_size({"width": width, "height": SHOWN_HEIGHT})
                    page.evaluate(axe)
                    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
                    findings += sum(len(rule["nodes"]) for rule in found["violations"])
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": SHOWN_HEIGHT})
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wide += 1
                    break
            context.close()
    return Reading(
        statistics.median(firsts), statistics.median(counts), statistics.median(nexts), moved, findings, wide
    )


def draw_row(site: Path, name: str, browser: Any) -> list[bytes]:
    """Screenshots of a page at each width, and in the dark."""
    from browsing import serve

    shots = []
    with serve(site) as base:
        for width, scheme in (*((width, "light") for width in WIDTHS), (1280, "dark")):
            page = browser.new_page(viewport={"width": width, "height": SHOWN_HEIGHT}, color_scheme=scheme)
            page.goto(base + name, wait_until="networkidle")
            shots.append(page.screenshot())
            page.close()
    return shots


def write_sheet(rows: dict[str, list[bytes]], target: Path) -> None:
    """One picture of all screenshots, a builder in each row."""
    from PIL import Image, ImageDraw

    pictures = {
        name: [image.resize((int(image.width * SCALE), int(image.height * SCALE))) for image in map(_open, shots)]
        for name, shots in rows.items()
    }
    height = int(SHOWN_HEIGHT * SCALE) + 24
    width = max(sum(image.width + 8 for image in row) for row in pictures.values())
    sheet = Image.new("RGB", (width, height * len(pictures)), "#888")
    pen = ImageDraw.Draw(sheet)
    for number, (name, row) in enumerate(pictures.items()):
        pen.text((4, number * height + 4), name, fill="white")
        at = 0
        for image in row:
            sheet.paste(image, (at, number * height + 20))
            at += image.width + 8
    sheet.save(target)


def _open(shot: bytes) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(shot)).convert("RGB")


def take_lessons(course: Path, count: int, target: Path) -> list[str]:
    """A course of some lessons of another, from its folders in turn; their names."""
    paths = [path for path in sorted(course.rglob("*.md")) if path.stem not in ("index", "README")]
    chosen = paths[:: max(1, len(paths) // count)][:count]
    for path in chosen:
        to = target / path.relative_to(course)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    return [path.relative_to(course).with_suffix("").as_posix() for path in chosen]


def main() -> int:
    from browsing import start_browser

    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--course", type=Path, default=PROJECT.parent / "shared" / "course" / "docs")
    parser.add_argument("--lessons", type=int, default=40)
    parser.add_argument("--sheet", type=Path, help="where the screenshots are laid side by side")
    parser.add_argument("--without", nargs="*", default=[], help="material, zensical, starlight")
    options = parser.parse_args()
    package = importlib.util.find_spec("axe_playwright_python")
    assert package is not None
    assert package.origin is not None
    axe = Path(package.origin).with_name("axe.min.js").read_text("utf-8")
    builders: dict[str, tuple[str, Callable[[Path, Path], Path], str]] = {
        "ours": ("lesson-pipeline", build_ours, "{}.html"),
        "material": (MATERIAL.name, lambda course, folder: build_with(MATERIAL, course, folder), "{}/"),
        "zensical": (ZENSICAL.name, lambda course, folder: build_with(ZENSICAL, course, folder), "{}/"),
        "starlight": ("Starlight", build_starlight, "{}/"),
    }
    with tempfile.TemporaryDirectory() as folder, start_browser() as browser:
        names = take_lessons(options.course, options.lessons, Path(folder) / "course")
        rows = {}
        print("| | KB first visit | requests | KB next page | layout shift | axe | wider than a window |")
        print("|---|---|---|---|---|---|---|")
        for key, (name, build, address) in builders.items():
            if key in options.without:
                continue
            work = Path(folder) / key
            if key != "ours":
                work.mkdir()
            site = build(Path(folder) / "course", work)
            slugs = [re.sub(r"[^\w/-]", "", lesson.lower()) for lesson in names]
            pages = [address.format(lesson) for lesson in (slugs if key == "starlight" else names)]
            found = measure(site, pages, browser, axe)
            print(
                f"| {name} | {found.first:.1f} | {found.requests:.0f} | {found.next:.1f} | {found.moved:.3f}"
                f" | {found.findings} | {found.wide} of {len(pages)} |",
                flush=True,
            )
            rows[name] = draw_row(site, pages[len(pages) // 2], browser)
        if options.sheet:
            write_sheet(rows, options.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
