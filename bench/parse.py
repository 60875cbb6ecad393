#!/usr/bin/env python3
"""Two commits -> how much processor time the parse takes in the second, as a share of the first, in turns.

    python bench/parse.py COMMIT [OTHER] [--lessons FOLDER] [--rounds 15]

Each commit parses all lessons of a folder in a process of its own, again and again, the two by turns: so what else the
machine does meets both alike. The first round, which imports and compiles, does not count. OTHER is the tree as it
stands here, if it is not given. The interval is that of the median of the ratios, 95 %, by resampling.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from courses import PROJECT, SHARED
from turns import HERE, interval

PARSE = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pipeline.parse.lesson import parse_lesson
folder = Path(sys.argv[2])
paths = sorted(folder.rglob("*.md"))
lessons = [(path.read_text("utf-8", "replace"), path.relative_to(folder).as_posix()) for path in paths]
for _ in sys.stdin:
    start = time.process_time()
    for text, path in lessons:
        parse_lesson(text, path)
    print(time.process_time() - start, flush=True)
"""


class Side:
    """One commit, in a process that parses when it is asked to."""

    def __init__(self, commit: str, folder: Path, lessons: Path) -> None:
        code = PROJECT
        if commit != HERE:
            code = folder / commit
            code.mkdir()
            archive = subprocess.run(["git", "archive", commit], cwd=PROJECT, check=True, stdout=subprocess.PIPE)
            subprocess.run(["tar", "x"], cwd=code, check=True, input=archive.stdout)
        command = [sys.executable, "-c", PARSE, str(code), str(lessons)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)

    def parse(self) -> float:
        """Processor seconds of all lessons once."""
        process = self._process
        assert process.stdin
        assert process.stdout
        process.stdin.write("\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    def end(self) -> None:
        """End the process."""
        self._process.communicate()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit")
    parser.add_argument("other", nargs="?", default=HERE)
    parser.add_argument("--lessons", type=Path, default=SHARED / "course" / "docs")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        first, second = (Side(name, Path(temporary), options.lessons) for name in (options.commit, options.other))
        try:
            taken = [(first.parse(), second.parse()) for _ in range(options.rounds + 1)][1:]
        finally:
            first.end()
            second.end()
    ratios = [there / here for here, there in taken]
    low, high = interval(ratios)
    before, after = (statistics.median(side) for side in zip(*taken))
    print(f"{before:.3f} -> {after:.3f} processor seconds   {statistics.median(ratios):.3f} [{low:.3f}..{high:.3f}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
