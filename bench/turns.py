#!/usr/bin/env python3
"""Two commits -> how much processor time the second takes, as a share of the first, in turns.

    python bench/turns.py COMMIT [OTHER] [--lessons 468] [--pairs 15] [--cases nothing body title]

Each commit is installed in a virtual environment of its own, without what only tests need, and has its own
copy of one course. The runs alternate, so that what else the machine does meets both alike. Processor time is
that of `doit` and all its children. OTHER is the tree as it stands here, if it is not given.
The interval is that of the median of the ratios, 95 %, by resampling.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from courses import PROJECT, SHARED, make_course, read_seed
from edits import Edit, Editor

HERE = "here"
RESAMPLINGS = 2_000
WARM_RUNS = 3
"""Untimed, of each commit: bytecode is written, the seal is made, the files are in memory."""
FIRST, NOTHING, BODY, TITLE = "first", "nothing", "body", "title"


class Side:
    """One commit, installed, with its own course."""

    def __init__(self, commit: str, folder: Path, course: Path) -> None:
        self.commit = commit
        self.code = folder / "code"
        self.content = self.code / "content"
        _check_out(commit, self.code)
        environment = folder / "venv"
        venv.create(environment, with_pip=True)
        _run([str(environment / "bin" / "pip"), "install", "-q", "-e", "."], self.code)
        self._doit = str(environment / "bin" / "doit")
        shutil.rmtree(self.content)
        shutil.copytree(course, self.content)

    def put(self, edit: Edit) -> None:
        """Write what an edit changes."""
        for path, text in edit.changes.items():
            if text is None:
                (self.content / path).unlink()
            else:
                (self.content / path).write_text(text, "utf-8")

    def forget(self) -> None:
        """Delete what was built and all that is remembered."""
        for name in ("output", ".lesson-pipeline"):
            shutil.rmtree(self.code / name, ignore_errors=True)

    def build(self) -> float:
        """Processor seconds of one run."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        finished = subprocess.run([self._doit], cwd=self.code, capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if finished.returncode:
            raise SystemExit(f"{self.commit}: status {finished.returncode}\n{finished.stdout}{finished.stderr}")
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _check_out(commit: str, target: Path) -> None:
    if commit == HERE:
        tracked = _run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], PROJECT)
        for name in filter(None, tracked.split("\0")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target / name)
        return
    _run(["git", "clone", "-q", str(PROJECT), str(target)], PROJECT)
    _run(["git", "checkout", "-q", commit], target)


def _run(command: Sequence[str], folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(command, cwd=folder, env=clean, check=True, stdout=subprocess.PIPE, text=True).stdout


def measure(sides: tuple[Side, Side], case: str, pairs: int, editor: Editor) -> tuple[list[float], list[float]]:
    """Processor seconds of both, run by run; who is first changes with each pair."""
    edits: dict[str, Callable[[int], Edit]] = {
        FIRST: editor.nothing, NOTHING: editor.nothing, BODY: editor.body, TITLE: editor.title
    }  # fmt: skip
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(-WARM_RUNS, pairs):
        edit = edits[case](number + WARM_RUNS)
        for side in (0, 1) if number % 2 else (1, 0):
            if case == FIRST:
                sides[side].forget()
            sides[side].put(edit)
            seconds = sides[side].build()
            if number >= 0:
                taken[side].append(seconds)
    return taken


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """Where the median of such ratios lies, 95 %."""
    rng = random.Random(1)
    medians = sorted(statistics.median(rng.choices(ratios, k=len(ratios))) for _ in range(RESAMPLINGS))
    return medians[RESAMPLINGS // 40], medians[-RESAMPLINGS // 40]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit")
    parser.add_argument("other", nargs="?", default=HERE)
    parser.add_argument("--lessons", type=int, default=468)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--cases", nargs="+", choices=(FIRST, NOTHING, BODY, TITLE), default=[NOTHING, BODY])
    parser.add_argument("--shared", type=Path, default=SHARED, help="where the real lessons are")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    seed = read_seed(options.shared)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_course(options.lessons, folder / "course", seed)
        names = (options.commit, options.other)
        sides = tuple(Side(name, folder / str(place), folder / "course") for place, name in enumerate(names))
        print(f"{options.lessons} lessons ({seed.name}), {options.pairs} pairs, processor seconds")
        editor = Editor(options.lessons, seed)
        for case in options.cases:
            first, second = measure((sides[0], sides[1]), case, options.pairs, editor)
            ratios = [there / here for here, there in zip(first, second)]
            low, high = interval(ratios)
            medians = f"{statistics.median(first):.3f} -> {statistics.median(second):.3f}"
            print(f"{case:<8} {medians}   {statistics.median(ratios):.3f} [{low:.3f}..{high:.3f}]", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
