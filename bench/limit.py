#!/usr/bin/env python3
"""A run with nothing to do -> how far it is from the least it could take, and where the rest goes.

    python bench/limit.py [--lessons 468,10000] [--runs 11] [--shared DIR] [--work DIR]

The least is Python's start and one stat for each file that could have changed. It is measured
beside our run, in turns. What ours takes above it is split by measuring again with all modules
imported beforehand (what imports cost), and by a profile of that (which module the work is in).
"""

from __future__ import annotations

import argparse
import json
import pstats
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from builders import Ours, our_command
from courses import SHARED, make_course, read_seed
from figures import markdown_table
from timing import time_command

SETTLE_SECONDS = 2.5
IMPORT_RUNS = 5
"""One hiccup of a busy machine in one module would be taken for its cost: 430 ms were seen once."""
SMALL_SHARE = 0.02
"""Parts of the work below this share of a run are shown together."""
STAT_CODE = """
import os, sys
waiting = sys.argv[1:]
while waiting:
    with os.scandir(waiting.pop()) as entries:
        for entry in entries:
            entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
"""
WORK_CODE = """
import contextlib, importlib, io, json, runpy, sys, time
for name in json.loads(sys.argv[1]):
    with contextlib.suppress(Exception):
        importlib.import_module(name)
profile = None
if sys.argv[2]:
    import cProfile
    profile = cProfile.Profile()
kept, sys.argv = sys.argv, ["doit"]
started = time.perf_counter()
if profile:
    profile.enable()
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    runpy.run_module("doit", run_name="__main__", alter_sys=True)
seconds = time.perf_counter() - started
if profile:
    profile.disable()
    profile.dump_stats(kept[2])
print(seconds)
"""
_IMPORT_RE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \| *(\S+)$", re.M)


def read_imports(written: str) -> list[tuple[str, float]]:
    """What `-X importtime` wrote -> each module imported after Python's own start, with its own milliseconds."""
    found = [(name, int(microseconds) / 1000) for microseconds, name in _IMPORT_RE.findall(written)]
    names = [name for name, _ in found]
    return found[names.index("site") + 1 :] if "site" in names else found


def group_of(module: str) -> str:
    """Whose module it is.

    >>> [group_of(name) for name in ('pipeline.builder.runs.seal', 'doit.task', '_json', 'cloudpickle')]
    ['pipeline', 'doit', 'standard library', 'other packages']
    """
    top = module.split(".")[0]
    if top in ("pipeline", "doit"):
        return top
    return "standard library" if top in sys.stdlib_module_names else "other packages"


def share_imports(imports: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The share of each group in the time of all imports, largest first."""
    sums: dict[str, float] = {}
    for name, milliseconds in imports:
        sums[group_of(name)] = sums.get(group_of(name), 0.0) + milliseconds
    return _shares(sums)


def share_work(stats: pstats.Stats) -> dict[str, float]:
    """The share of each module in the time of a profile; what is built in counts for its caller."""
    sums: dict[str, float] = {}
    for (file, _, name), (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        if file != "~":
            room = room_of(file)
            sums[room] = sums.get(room, 0.0) + own
            continue
        for (caller, _, _), (_, _, part, _) in callers.items():
            room = room_of(caller) if caller != "~" else name
            sums[room] = sums.get(room, 0.0) + part
    return _shares(sums)


def room_of(file: str) -> str:
    """The module of a file, named from its package.

    >>> [room_of(name) for name in ('/x/pipeline/paths.py', '/lib/doit/task.py', '/usr/lib/json/decoder.py')]
    ['pipeline/paths.py', 'doit/', 'json/decoder.py']
    """
    parts = Path(file).parts
    for package in ("pipeline", "doit"):
        if package in parts:
            inner = parts[len(parts) - 1 - parts[::-1].index(package) :]
            return "/".join(inner) if package == "pipeline" else "doit/"
    return "/".join(parts[-2:]) if len(parts) > 1 and parts[-1] != "dodo.py" else Path(file).name


def _shares(sums: Mapping[str, float]) -> dict[str, float]:
    total = sum(sums.values()) or 1.0
    return {name: value / total for name, value in sorted(sums.items(), key=lambda item: -item[1])}


def split_rows(what: str, milliseconds: float, shares: Mapping[str, float]) -> list[tuple[str, str]]:
    """Rows that share out a time, the small parts together."""
    rows = [(f"{what}: {name}", share) for name, share in shares.items() if share >= SMALL_SHARE]
    small = 1.0 - sum(share for _, share in rows)
    if small > 0.001 and shares:
        rows.append((f"{what}: smaller parts", small))
    return [(name, f"{milliseconds * share:.1f}") for name, share in rows]


class Limit:
    """The measurements at one size."""

    def __init__(self, lessons: int, runs: int, folder: Path, shared: Path) -> None:
        self.runs = runs
        self.ours = Ours(folder / "ours", our_command())
        make_course(lessons, folder / "course", read_seed(shared))
        self.ours.prepare(folder / "course")
        self.files = 0
        for _ in range(2):
            time_command(self.ours.command, self.ours.folder)
            time.sleep(SETTLE_SECONDS)
        time_command(self.ours.command, self.ours.folder)

    def steps(self) -> dict[str, float]:
        """Median milliseconds of each step up to our run, measured in turns."""
        folders = [str(self.ours.lessons), str(self.ours.output)]
        self.files = sum(1 for folder in folders for path in Path(folder).rglob("*") if path.is_file())
        python = sys.executable
        commands = {
            "python -S -c pass": [python, "-S", "-c", "pass"],
            "python -c pass": [python, "-c", "pass"],
            "python -S, a stat for each file of content": [python, "-S", "-c", STAT_CODE, folders[0]],
            "python -S, content and output: the limit": [python, "-S", "-c", STAT_CODE, *folders],
            "python -c, content and output": [python, "-c", STAT_CODE, *folders],
            "doit, nothing to do": self.ours.command,
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(self.runs):
            for name, command in commands.items():
                taken[name].append(time_command(command, self.ours.folder).seconds * 1000)
        return {name: statistics.median(times) for name, times in taken.items()}

    def imports(self) -> list[tuple[str, float]]:
        """Every module that our run imports, with the least time that it took in a few runs."""
        command = [sys.executable, "-X", "importtime", *self.ours.command[1:]]
        least: dict[str, float] = {}
        for _ in range(IMPORT_RUNS):
            done = subprocess.run(command, cwd=self.ours.folder, capture_output=True, text=True, check=True)
            for name, milliseconds in read_imports(done.stderr):
                least[name] = min(milliseconds, least.get(name, milliseconds))
        return list(least.items())

    def work(self, modules: list[str]) -> tuple[float, dict[str, float]]:
        """Median milliseconds of our run when the modules are there already, and the share of each module."""
        names = json.dumps([name for name in modules if name not in ("dodo", "__main__")])
        profile = self.ours.folder / "profile"

        def run(*more: str) -> float:
            command = [sys.executable, "-c", WORK_CODE, names, *more]
            done = subprocess.run(command, cwd=self.ours.folder, capture_output=True, text=True, check=True)
            return float(done.stdout.split()[-1]) * 1000

        milliseconds = statistics.median(run("") for _ in range(self.runs))
        run(str(profile))
        return milliseconds, share_work(pstats.Stats(str(profile)))


def show(lessons: int, limit: Limit) -> None:
    """Print both tables."""
    steps = limit.steps()
    least = steps["python -S, content and output: the limit"]
    ours = steps["doit, nothing to do"]
    rows = [(name, f"{value:.1f}", f"{ours / value:.1f}") for name, value in steps.items()]
    print(f"\n{markdown_table([f'{lessons:,} lessons, {limit.files:,} files', 'ms', 'ours is times this'], rows)}\n")
    imports = limit.imports()
    work, shares = limit.work([name for name, _ in imports])
    start, bare = steps["python -S -c pass"], steps["python -c pass"]
    importing = ours - bare - work
    parts = [("Python's start", f"{start:.1f}"), ("site and the environment's .pth files", f"{bare - start:.1f}")]
    parts += split_rows("imports", importing, share_imports(imports))
    parts += split_rows("work", work, shares)
    parts.append(("all", f"{ours:.1f}"))
    print(markdown_table(["where our run goes", "ms"], parts))
    print(f"\nOf the work, {least - start:.1f} ms are what the bare stats take.")
    slowest = sorted(imports, key=lambda item: -item[1])[:10]
    print("Own ms of the costliest imports, with -X importtime:", end=" ")
    print(", ".join(f"{name} {milliseconds:.1f}" for name, milliseconds in slowest), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--lessons", type=lambda text: [int(item) for item in text.split(",")], default=[468, 10_000])
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--work", type=Path, help="where to build; a temporary folder by default")
    options = parser.parse_args()
    print("Milliseconds, medians; imports are what is left of the whole run without start and work,")
    print("split as -X importtime has it; work is split as cProfile has it.")
    for lessons in options.lessons:
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            show(lessons, Limit(lessons, options.runs, Path(folder).resolve(), options.shared))
    return 0


if __name__ == "__main__":
    sys.exit(main())
