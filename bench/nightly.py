#!/usr/bin/env python3
"""A body edit: `doit nightly`, which publishes it, against `doit` alone. Seconds, and what a release adds to the disk.

    python bench/nightly.py [--lessons 468] [--edits 7]

Both build the same course, in turns, each in a folder of its own, and there are five releases before the first figure
is taken, so that each run deletes one too. Figures are medians.
"""

from __future__ import annotations

import argparse
import os
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


def added_bytes(release: Path) -> int:
    """What a release takes on the disk that no other holds: its folders, and files that are links to nothing else."""
    found = 0
    for folder, _, names in os.walk(release):
        found += os.stat(folder).st_blocks
        for name in names:
            status = os.lstat(os.path.join(folder, name))
            found += status.st_blocks if status.st_nlink == 1 else 0
    return found * BLOCK_BYTES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, default=468)
    parser.add_argument("--edits", type=int, default=7)
    parser.add_argument("--shared", type=Path, default=SHARED, help="where the real lessons are")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    seed = read_seed(options.shared)
    doit = str(Path(sys.executable).with_name("doit"))
    with tempfile.TemporaryDirectory() as temporary:
        make_course(options.lessons, Path(temporary) / "course", seed)
        ways = [Ours(Path(temporary) / name, [doit]) for name in ("alone", "nightly")]
        for way in ways:
            way.prepare(Path(temporary) / "course")
        settings = ways[1].folder / "pyproject.toml"
        settings.write_text(
            settings.read_text("utf-8") + "\n[tool.lesson-pipeline.nightly]\nverify_days = 0\n", "utf-8"
        )
        commands = [[doit], [doit, "nightly"]]
        took: tuple[list[float], list[float]] = ([], [])
        added = []
        editor = Editor(options.lessons, seed)
        for number in range(-RELEASES - 1, options.edits):
            changes = editor.body(number + RELEASES + 1).changes
            for way, command, seconds in zip(ways, commands, took, strict=True):
                for path, text in changes.items():
                    way.put(path, text)
                started = time.perf_counter()
                subprocess.run(command, cwd=way.folder, check=True, stdout=subprocess.DEVNULL)
                if number >= 0:
                    seconds.append(time.perf_counter() - started)
            published = ways[1].folder / "published"
            release = (published / "current").resolve()
            if number >= 0:
                added.append(added_bytes(release))
        assert len(list((published / "releases").iterdir())) == RELEASES
        files = sum(len(names) for _, _, names in os.walk(release))
    alone, nightly = map(statistics.median, took)
    print(
        f"{options.lessons:,} lessons ({seed.name}), {files:,} files, {options.edits} body edits: doit {alone:.2f} s, "
        f"doit nightly {nightly:.2f} s, {nightly - alone:.2f} s more; "
        f"a release adds {statistics.median(added) / 1e6:.1f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
