#!/usr/bin/env python3
"""Lessons -> a large course: every lesson's words changed, so that no two are alike.

    python bench/courses.py LESSONS TARGET [--shared DIR]

Lessons keep their length, markup and links; one word in twelve is replaced by another of the
lessons' words. Sections hold 30 lessons. The same arguments give the same course. The lessons are
the real ones beside the project, or, where they are missing, those of the demo course.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from pipeline.syllables import is_syllable  # noqa: E402

SHARED = PROJECT.parent / "shared"
SECTION_LESSONS = 30
CHANGED_SHARE = 1 / 12
_WORD_RE = re.compile(r"(?<![^\W\d_])(?<!\\)[^\W\d_]{2,}")
"""Not a command of a formula: without it the formula would be another, or none."""
_FENCE_RE = re.compile(r"^(```|~~~)")
_NAVIGATION_RE = re.compile(r"<!-- (Aero-\w+)-Start -->.*?<!-- \1-End -->", re.S)
_FRONT_MATTER_RE = re.compile(r"\A---\n(?:title: *\"?(?P<title>[^\n\"]*)\"?\n|[^\n]*\n)*?---\n")
_MOJIBAKE_RE = re.compile("[ÃÄÆ][\\x80-\\xff‘’“”ƒ°]|á[º»]")
"""Some lessons of the demo course are damaged, or quote damage: a course of their copies would time the repair."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The lessons that a large course is made of."""

    name: str
    """What they are, for the reader of a figure."""
    texts: tuple[str, ...]

    def lesson(self, number: int) -> str:
        """Lesson `number` of the course: the same number gives the same text."""
        return _vary(self.texts[number % len(self.texts)], number, self._vocabulary())

    def _vocabulary(self) -> list[str]:
        if self.texts not in _VOCABULARIES:
            words = {word for text in self.texts for word in _WORD_RE.findall(text) if not word.isascii()}
            # A lesson that quotes mojibake would spread it: syllables only.
            _VOCABULARIES[self.texts] = sorted(word for word in words if is_syllable(word.lower()))
        return _VOCABULARIES[self.texts]


_VOCABULARIES: dict[tuple[str, ...], list[str]] = {}


def read_seed(shared: Path = SHARED) -> Seed:
    """The real lessons below `shared`, else those of the demo course."""
    source = shared / "course" / "docs"
    name = "the real lessons"
    if not source.is_dir():
        source, name = PROJECT / "content", "the lessons of the demo course"
    texts = [path.read_text("utf-8") for path in sorted(source.rglob("*.md")) if path.name != "index.md"]
    return Seed(name, tuple(_undress(text) for text in texts if not _MOJIBAKE_RE.search(text)))


def lesson_path(number: int) -> str:
    """Where lesson `number` stands in the course."""
    section, place = divmod(number, SECTION_LESSONS)
    return f"module_{section:04d}/lesson_{place + 1}.md"


def make_course(lessons: int, target: Path, seed: Seed) -> None:
    """Write a course of `lessons` lessons into `target`."""
    for number in range(lessons):
        path = target / lesson_path(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(seed.lesson(number), "utf-8")


def _undress(text: str) -> str:
    """A lesson that any builder reads alike: no generated navigation, the title as a heading."""
    text = _NAVIGATION_RE.sub("", text)
    front_matter = _FRONT_MATTER_RE.match(text)
    if front_matter:
        text = text[front_matter.end() :]
    if not re.search(r"^# ", text, re.M):
        text = f"# {(front_matter and front_matter['title']) or 'Bài học'}\n\n{text}"
    return text


def _vary(text: str, number: int, vocabulary: list[str]) -> str:
    rng = random.Random(number)
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
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("lessons", type=int)
    parser.add_argument("target", type=Path)
    parser.add_argument("--shared", type=Path, default=SHARED)
    options = parser.parse_args()
    seed = read_seed(options.shared)
    make_course(options.lessons, options.target, seed)
    print(f"{options.lessons} lessons from {len(seed.texts)}: {seed.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
