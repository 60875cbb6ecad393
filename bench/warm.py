#!/usr/bin/env python3
"""A body edit: `doit` started for it, against one more build of a process that goes on, and that is given the
lesson that was edited; and of this one, when the page was there. Processor seconds.

    python bench/warm.py [--lessons 468] [--edits 15]

Both build the same course, in turns, each with an output of its own; the figures are medians, of the process and
all its children.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from builders import Ours
from courses import PROJECT, SHARED, make_course, read_seed
from edits import Editor

from pipeline.builder.disk.location import Location
from pipeline.builder.runs.builds import Builds


def processor_seconds() -> float:
    """Of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, default=468)
    parser.add_argument("--edits", type=int, default=15)
    parser.add_argument("--shared", type=Path, default=SHARED, help="where the real lessons are")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = str(PROJECT)
    seed = read_seed(options.shared)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_course(options.lessons, folder / "course", seed)
        ours = Ours(folder / "ours", [str(Path(sys.executable).with_name("doit"))])
        ours.prepare(folder / "course")
        builds = Builds(Location(ours.folder, ours.lessons, folder / "warm"))
        cold, warm, shown = [], [], []
        editor = Editor(options.lessons, seed)
        for number in range(-2, options.edits):
            changes = editor.body(number + 2).changes
            for path, text in changes.items():
                ours.put(path, text)
            before = processor_seconds()
            subprocess.run(ours.command, cwd=ours.folder, check=True, stdout=subprocess.DEVNULL)
            between = processor_seconds()
            pages: list[float] = []
            outcome = builds.run(changed=changes, on_pages=lambda: pages.append(processor_seconds()))  # noqa: B023
            after = processor_seconds()
            assert outcome.told["pages"] == 1 or number < 0, outcome
            if number >= 0:
                cold.append(between - before)
                warm.append(after - between)
                shown.append(pages[0] - between)
    medians = statistics.median(cold), statistics.median(warm)
    print(
        f"{options.lessons} lessons ({seed.name}), {options.edits} body edits, processor seconds: "
        f"cold {medians[0]:.3f}, warm {medians[1]:.3f}, {medians[1] / medians[0]:.2f} of it; "
        f"its page after {statistics.median(shown):.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
