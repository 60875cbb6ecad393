#!/usr/bin/env python3
"""A body edit: `doit nightly`, which publishes it, against `doit` alone. Seconds, and what a release adds to the disk.

    python bench/nightly.py [--lessons 468] [--edits 7]
    python bench/nightly.py [--lessons 468] --ends 16

Both build the same course, in turns, each in a folder of its own, and there are five releases before the first figure
is taken, so that each run deletes one too. Figures are medians. With `--ends` nights are ended by SIGTERM instead, at
even distances over a first night: how long they take to end, and whether their rows say so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from builders import Ours
from courses import SHARED, make_course, read_seed
from edits import Editor

BLOCK_BYTES = 512
RELEASES = 5
LONGEST_SECONDS = 30


def added_bytes(release: Path) -> int:
    """What a release takes on the disk that no other holds: its folders, and files that are links to nothing else."""
    found = 0
    for folder, _, names in os.walk(release):
        found += os.stat(folder).st_blocks
        for name in names:
            status = os.lstat(os.path.join(folder, name))
            found += status.st_blocks if status.st_nlink == 1 else 0
    return found * BLOCK_BYTES


def processor_seconds() -> float:
    """Of all programs that have run to their end: what else the machine does is not in it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_until_gone(group: int) -> float:
    """How long until a process group has no process."""
    started = time.perf_counter()
    with contextlib.suppress(ProcessLookupError):
        while time.perf_counter() - started < LONGEST_SECONDS:
            os.killpg(group, 0)
            time.sleep(0.005)
        raise SystemExit("something that the night started goes on")
    return time.perf_counter() - started


def measure_ends(folder: Path, doit: str, lessons: int, ends: int) -> None:
    """First nights, which build and copy everything, ended by SIGTERM at even distances; the last one publishes."""
    way = Ours(folder / "ended", [doit])
    way.prepare(folder / "course")
    started = time.perf_counter()
    subprocess.run([doit, "nightly"], cwd=way.folder, check=True, stdout=subprocess.DEVNULL)
    whole = time.perf_counter() - started
    history = next((way.folder / ".lesson-pipeline").glob("*/nightly/history.jsonl"))
    history.unlink()
    took, alone = [], []
    for number in range(ends):
        for name in ("published", "output"):
            shutil.rmtree(way.folder / name, ignore_errors=True)
        next((way.folder / ".lesson-pipeline").glob("*/state.sqlite3")).unlink(missing_ok=True)
        process = subprocess.Popen([doit, "nightly"], cwd=way.folder, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(whole * (number + 0.5) / ends)
        if process.poll() is None:
            started = time.perf_counter()
            process.terminate()
            process.wait()
            took.append(time.perf_counter() - started)
            alone.append(seconds_until_gone(process.pid))
    rows = [json.loads(line) for line in history.read_text("utf-8").splitlines()] if history.exists() else []
    logged = sum(row["result"] == "ended by SIGTERM" for row in rows)
    print(
        f"{lessons:,} lessons, a first night of {whole:.1f} s ended {len(took)} times by SIGTERM: "
        f"{statistics.median(took):.2f} s, at most {max(took):.2f} s, and {max(alone):.2f} s more until all that it "
        f"started was gone; {logged} have a row that says so"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, default=468)
    parser.add_argument("--edits", type=int, default=7)
    parser.add_argument("--ends", type=int, default=0, help="end so many nights by SIGTERM instead")
    parser.add_argument("--shared", type=Path, default=SHARED, help="where the real lessons are")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    seed = read_seed(options.shared)
    doit = str(Path(sys.executable).with_name("doit"))
    with tempfile.TemporaryDirectory() as temporary:
        make_course(options.lessons, Path(temporary) / "course", seed)
        if options.ends:
            measure_ends(Path(temporary), doit, options.lessons, options.ends)
            return 0
        ways = [Ours(Path(temporary) / name, [doit]) for name in ("alone", "nightly")]
        for way in ways:
            way.prepare(Path(temporary) / "course")
        settings = ways[1].folder / "pyproject.toml"
        settings.write_text(
            settings.read_text("utf-8") + "\n[tool.lesson-pipeline.nightly]\nverify_days = 0\n", "utf-8"
        )
        commands = [[doit], [doit, "nightly"]]
        took: tuple[list[float], list[float]] = ([], [])
        worked: tuple[list[float], list[float]] = ([], [])
        added = []
        editor = Editor(options.lessons, seed)
        for number in range(-RELEASES - 1, options.edits):
            changes = editor.body(number + RELEASES + 1).changes
            for way, command, seconds, processor in zip(ways, commands, took, worked, strict=True):
                for path, text in changes.items():
                    way.put(path, text)
                started, before = time.perf_counter(), processor_seconds()
                subprocess.run(command, cwd=way.folder, check=True, stdout=subprocess.DEVNULL)
                if number >= 0:
                    seconds.append(time.perf_counter() - started)
                    processor.append(processor_seconds() - before)
            published = ways[1].folder / "published"
            release = (published / "current").resolve()
            if number >= 0:
                added.append(added_bytes(release))
        assert len(list((published / "releases").iterdir())) == RELEASES
        files = sum(len(names) for _, _, names in os.walk(release))
    alone, nightly = map(statistics.median, took)
    alone_worked, nightly_worked = map(statistics.median, worked)
    print(
        f"{options.lessons:,} lessons ({seed.name}), {files:,} files, {options.edits} body edits: doit {alone:.2f} s, "
        f"doit nightly {nightly:.2f} s, {nightly - alone:.2f} s more; "
        f"of the processor {alone_worked:.2f} s and {nightly_worked:.2f} s; "
        f"a release adds {statistics.median(added) / 1e6:.1f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
