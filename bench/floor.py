#!/usr/bin/env python3
"""A first build -> how much of it is Markdown alone, beside all that Hugo does.

    python bench/floor.py [--lessons 10000] [--runs 3] [--hugo PATH] [--shared DIR] [--work DIR]

Python-Markdown is the parser, so no first build can take less than it does. It is measured as it
comes, with tables, fenced code and contents, and as the pipeline uses it; both on all processors, reading
each lesson and writing nothing, in turns with whole first builds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from multiprocessing import Pool
from pathlib import Path

from build import FORGOTTEN_SECONDS
from builders import PROJECT, Hugo, Ours, bare_program, our_command
from courses import SHARED, make_course, read_seed
from figures import markdown_table
from timing import time_command

PORTION = 50
PLAIN, QUICK = "plain", "quick"


def convert(how: str, course: Path) -> int:
    """Convert every lesson of a course on all processors; the characters of HTML that came out."""
    lessons = sorted(map(str, course.rglob("*.md")))
    portions = [lessons[start : start + PORTION] for start in range(0, len(lessons), PORTION)]
    with Pool(os.cpu_count()) as pool:
        return sum(pool.imap_unordered(_convert_plain if how == PLAIN else _convert_quick, portions))


def _convert_plain(lessons: Iterable[str]) -> int:
    import markdown

    converter = markdown.Markdown(extensions=["tables", "fenced_code", "toc"])
    return _characters(lessons, lambda text: converter.reset().convert(text))


def _convert_quick(lessons: Iterable[str]) -> int:
    sys.path.insert(0, str(PROJECT))
    from pipeline.parse.markdown import convert_markdown

    return _characters(lessons, lambda text: convert_markdown(text).html)


def _characters(lessons: Iterable[str], to_html: Callable[[str], str]) -> int:
    return sum(len(to_html(Path(lesson).read_text("utf-8"))) for lesson in lessons)


def measure(lessons: int, runs: int, hugo: Path | None, folder: Path, shared: Path) -> dict[str, list[float]]:
    """Wall seconds of each, in turns."""
    course = folder / "course"
    make_course(lessons, course, read_seed(shared))
    builders = [Ours(folder / "ours", our_command())]
    if hugo:
        builders.append(Hugo(folder / "hugo", [str(bare_program(hugo)), "--quiet"]))
    taken: dict[str, list[float]] = {}
    for builder in builders:
        builder.prepare(course)
    for _ in range(runs):
        for name, how in (("Python-Markdown as it comes", PLAIN), ("Python-Markdown as it is used here", QUICK)):
            command = [sys.executable, os.path.abspath(__file__), "--convert", how, str(course)]
            taken.setdefault(name, []).append(time_command(command, folder).seconds)
        for builder in builders:
            builder.forget()
            time.sleep(FORGOTTEN_SECONDS)
            name = f"{builder.name}, first build"
            taken.setdefault(name, []).append(time_command(builder.command, builder.folder).seconds)
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--lessons", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hugo", type=Path, help="the program")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--work", type=Path, help="where to build; a temporary folder by default")
    parser.add_argument("--convert", nargs=2, metavar=("HOW", "COURSE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.convert:
        return 0 if convert(options.convert[0], Path(options.convert[1])) else 1
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        folder = Path(work).resolve()
        taken = measure(options.lessons, options.runs, options.hugo, folder, options.shared)
    rows = [
        (name, f"{statistics.median(seconds):.1f}", f"{min(seconds):.1f}", f"{max(seconds):.1f}")
        for name, seconds in taken.items()
    ]
    print(markdown_table([f"{options.lessons:,} lessons, {os.cpu_count()} processors", "s", "least", "most"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
