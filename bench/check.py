#!/usr/bin/env python3
"""How many of the faults that are put into real lessons `doit check` finds and mends, and what it tells wrongly.

    python bench/check.py [--shared DIR] [--faults 150] [--seeds 1 2 3] [--course NAME ...]

Each course is checked as it is, with a sound line in many lessons; then each line becomes a faulty one, or a file
comes, by `faults.py`, and it is checked again. What is new and is none of those is told wrongly. Then `--fix`: a line
that is what it was before is mended, another one is mended wrongly.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from courses import make_course, read_seed  # noqa: E402
from faults import IMAGE, Fault, Planter, put_line  # noqa: E402

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


_SILENT_RE = re.compile(r"check: off ([\w-]+)")
LINES_NEAR = 2
"""So many lines above and below a fault a finding may stand that is of it."""
SETTLE_SECONDS = 2.3
"""A file that changed so recently is read again by the next run."""
CASES: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("nothing to build", (), False),
    ("nothing to check", ("check",), False),
    ("a body edit, built", (), True),
    ("a body edit, built and checked", ("check",), True),
)


def check(root: Path, *options: str) -> tuple[list[dict[str, Any]], str]:
    """What a check of the project tells."""
    command = [sys.executable, "-m", "doit", "check", *options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if "--fix" in options:
        return [], done.stdout
    return json.loads(done.stdout)["findings"], done.stderr


def read_lessons(content: Path) -> dict[str, str]:
    found = {}
    for path in sorted(content.rglob("*.md")):
        try:
            found[path.relative_to(content).as_posix()] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
    return found


def key_of(found: dict[str, Any]) -> tuple[str, str, str]:
    return found["path"], found["code"], found["message"]


def try_course(source: Path, number: int, seed: int, rows: dict[str, Counter[str]], wrong: list[str]) -> Counter[str]:
    """One course with so many faults."""
    with tempfile.TemporaryDirectory(prefix="bench-check-") as name:
        root = Path(name)
        content = root / "content"
        for own in ("dodo.py", "pyproject.toml"):
            shutil.copy(PROJECT / own, root)
        shutil.copytree(PROJECT / "templates", root / "templates")
        shutil.copytree(source, content)
        (content / IMAGE).write_bytes(PIXEL)
        lessons = read_lessons(content)
        faults = Planter(lessons, seed).draw(number)
        places: dict[str, int] = {}
        for fault in faults:
            if fault.sound:
                sound = Fault(**{**fault.__dict__, "sound": fault.faulty}) if fault.renamed else fault
                text, places[fault.path] = put_line(lessons[fault.path], sound, is_sound=True)
                (content / fault.path).write_text(text, "utf-8")
        before, _ = check(root, "--format", "json")
        lines = {(f"content/{fault.path}", places.get(fault.path)): fault for fault in faults}
        odd = {id(fault) for found in before if (fault := lines.get((found["path"], found["line"])))}
        faults = [fault for fault in faults if id(fault) not in odd]  # what was to be sound is not, for this course
        for fault in faults:
            if fault.renamed:
                new = fault.sound.partition("](")[2].partition(")")[0]
                target = (content / fault.path).parent / new
                (content / fault.renamed).rename(target.resolve())
            elif fault.sound:
                text, places[fault.path] = put_line(lessons[fault.path], fault, is_sound=False)
                (content / fault.path).write_text(text, "utf-8")
            else:
                (content / fault.path).write_text(fault.faulty, "utf-8")
        after, _ = check(root, "--format", "json")
        return _judge(root, content, faults, places, before, after, rows, wrong)


def _judge(
    root: Path,
    content: Path,
    faults: list[Fault],
    places: dict[str, int],
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    rows: dict[str, Counter[str]],
    wrong: list[str],
) -> Counter[str]:
    total = Counter[str]()
    old = Counter(map(key_of, before))
    new = []
    for found in after:
        if old[key_of(found)] > 0:
            old[key_of(found)] -= 1
        else:
            new.append(found)
    renamed = {f"content/{fault.renamed}" for fault in faults if fault.renamed}
    for fault in faults:
        told = [found for found in new if found["path"] == f"content/{fault.path}" and found["code"] in fault.codes]
        is_found = any(
            not fault.sound or found["line"] is None or abs(found["line"] - places[fault.path]) <= LINES_NEAR
            for found in told
        )
        rows.setdefault(fault.kind, Counter())["planted"] += 1
        rows[fault.kind]["found"] += is_found
        total += Counter(planted=1, found=int(is_found))
        if not is_found:
            wrong.append(f"not found: {fault.kind}: {fault.path}: {fault.faulty!r}")
        new = [found for found in new if found not in told]
    # Lessons that link to one that was renamed are broken too: the course itself had those links.
    # What was wrong in it is so under its new name.
    moved = [Path(path).stem for path in renamed]
    moved += [fault.sound.partition("](")[2].partition(")")[0].rpartition("/")[2] for fault in faults if fault.renamed]
    # A lesson that comes may be missing in a list, and so may one that nothing else led to than a link that is broken
    # now; the picture is there for those that show it.
    come = {f"content/{fault.path}" for fault in faults if not fault.sound}
    come |= {found["path"] for found in new if any(f"{Path(found['path']).name})" in fault.sound for fault in faults)}
    new = [found for found in new if not (found["path"] in come and found["code"] == "unlisted-lesson")]
    new = [found for found in new if found["path"] != f"content/{IMAGE}"]
    # What a sound line kept silent in its lesson is told where that line is misspelt; two lessons have one title.
    silent = {(f"content/{fault.path}", code) for fault in faults for code in _SILENT_RE.findall(fault.sound)}
    new = [found for found in new if (found["path"], found["code"]) not in silent]
    if any(code == "same-title" for _, code in silent):
        new = [found for found in new if found["code"] != "same-title"]
    news = [found for found in new if not any(name in found["path"] + found["message"] for name in moved)]
    for found in news:
        total["false"] += 1
        wrong.append(f"told wrongly: {found['path']}:{found['line']} {found['code']}: {found['message']}")
    texts = {fault.path: (content / fault.path).read_text("utf-8") for fault in faults if fault.sound}
    check(root, "--fix")
    for fault in faults:
        if not fault.sound:
            continue
        now = (content / fault.path).read_text("utf-8").split("\n")
        then = texts[fault.path].split("\n")
        line = places[fault.path] - 1
        if now[line] == then[line]:
            wrong += [f"left: {fault.kind}: {fault.path}: {then[line]!r}"] if fault.is_mendable else []
            continue
        is_right = now[line] == fault.sound.split("\n")[fault.offset]
        rows[fault.kind]["mended" if is_right else "wrongly"] += 1
        total["mended" if is_right else "wrongly"] += 1
        if not is_right:
            wrong.append(f"mended wrongly: {fault.kind}: {fault.path}: {then[line]!r} -> {now[line]!r}")
    return total


def processor_time(root: Path, *words: str) -> float:
    """Milliseconds that a run of doit takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "doit", *words], cwd=root, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def measure_speed(shared: Path, lessons: int, runs: int = 7) -> None:
    """Print what builds and checks of a large course take, in turns."""
    with tempfile.TemporaryDirectory(prefix="bench-check-") as name:
        root = Path(name)
        for own in ("dodo.py", "pyproject.toml"):
            shutil.copy(PROJECT / own, root)
        shutil.copytree(PROJECT / "templates", root / "templates")
        make_course(lessons, root / "content", read_seed(shared))
        paths = sorted((root / "content").rglob("*.md"))
        times: dict[str, list[float]] = {}
        for number in range(runs):
            for case, words, is_edited in CASES:
                time.sleep(SETTLE_SECONDS)
                processor_time(root, "check")
                if is_edited:
                    with paths[number].open("a") as stream:
                        stream.write(f"\nThêm câu {case} ở cuối bài này.\n")
                times.setdefault(case, []).append(processor_time(root, *words))
        for case, found in times.items():
            print(f"{case}: {statistics.median(found):.0f} ms ({min(found):.0f} to {max(found):.0f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=PROJECT.parent / "shared")
    parser.add_argument("--faults", type=int, default=150, help="in each course")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--course", nargs="*", help="names of courses; by default all there are")
    parser.add_argument("--speed", type=int, help="measure what checks take at so many lessons, and nothing else")
    options = parser.parse_args()
    if options.speed:
        measure_speed(options.shared, options.speed)
        return
    courses = {"course": options.shared / "course" / "docs"}
    courses |= {path.name: path for path in sorted((options.shared / "courses").iterdir()) if path.is_dir()}
    rows: dict[str, Counter[str]] = {}
    total = Counter[str]()
    wrong: list[str] = []
    begun = time.perf_counter()
    for name, source in courses.items():
        for seed in options.seeds if not options.course or name in options.course else ():
            done = try_course(source, options.faults, seed, rows, wrong)
            total += done
            print(f"{name} {seed}: {dict(done)}", flush=True)
    print("\n".join(wrong))
    print("\n| fault | planted | found | mended | mended wrongly |\n|---|---|---|---|---|")
    for kind, row in [*rows.items(), ("all", total)]:
        print(f"| {kind} | {row['planted']} | {row['found']} | {row['mended']} | {row['wrongly']} |")
    print(f"\ntold wrongly: {total['false']}; {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
