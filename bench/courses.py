#!/usr/bin/env python3
"""Make a large course of the real one: every lesson's words changed, so that no two are alike.

    python bench/courses.py LESSONS TARGET [--shared DIR]

Lessons keep their length, markup and links; one word in twelve is replaced by another of the
course's words. Sections hold 30 lessons. The same arguments give the same course.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from pathlib import Path

SECTION_LESSONS = 30
CHANGED_SHARE = 1 / 12
_WORD_RE = re.compile(r"[^\W\d_]{2,}")
_FENCE_RE = re.compile(r"^(```|~~~)")
_NAVIGATION_RE = re.compile(r"<!-- (Aero-\w+)-Start -->.*?<!-- \1-End -->", re.S)


def make_course(lessons: int, target: Path, source: Path) -> None:
    """Write a course of `lessons` lessons into `target`, from the real lessons below `source`."""
    texts = [
        _NAVIGATION_RE.sub("", path.read_text("utf-8"))
        for path in sorted(source.rglob("*.md"))
        if path.name != "index.md"
    ]
    vocabulary = sorted({word for text in texts for word in _WORD_RE.findall(text) if not word.isascii()})
    for number in range(lessons):
        section, place = divmod(number, SECTION_LESSONS)
        rng = random.Random(number)
        path = target / f"module_{section:04d}" / f"lesson_{place + 1}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_vary(texts[number % len(texts)], number, vocabulary, rng), "utf-8")


def _vary(text: str, number: int, vocabulary: list[str], rng: random.Random) -> str:
    lines = []
    fenced = False
    for line in text.split("\n"):
        if _FENCE_RE.match(line.strip()):
            fenced = not fenced
        elif not fenced and "](" not in line and "$" not in line and "<" not in line:
            line = _WORD_RE.sub(
                lambda match: rng.choice(vocabulary) if rng.random() < CHANGED_SHARE else match.group(), line
            )
            if line.startswith("# "):
                line = f"{line} ({number})"
        lines.append(line)
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("lessons", type=int)
    parser.add_argument("target", type=Path)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    options = parser.parse_args()
    source = options.shared / "course" / "docs"
    if not source.is_dir():
        print(f"there are no real lessons in {source}", file=sys.stderr)
        return 1
    make_course(options.lessons, options.target, source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
