#!/usr/bin/env python3
"""Measure the repair on fragments that nobody has looked at: a few words of a register, damaged, each by itself.

    python bench/fragments.py [--shared DIR] [--count 300] [--seed N] [--part 0|1] [--registers vi-law,...]
                              [--channels cp1252-drop,...] [--errors N]

Half of the fragments are Vietnamese, the others are of all other languages in turn. A part is every second document, so
that what was tuned on one can be judged on the other; a seed draws other words. ftfy is asked the same, if it is there.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from judged import judge_fragment
from registers import find_registers, find_tools

from pipeline.repair import RepairedText, repair_text
from pipeline.repair.codepages import damage_through, parse_step

CHANNELS = (
    "cp1252-drop", "cp1254-drop", "cp1250-drop", "cp1251-drop", "cp1253-drop", "cp1257-drop", "cp1258-drop",
    "cp1252-fffd", "cp1252-question", "cp1252-drop-spaces", "cp1252-drop-merged", "latin-1-keep", "latin-1-drop-c1",
    "iso8859-2-drop-c1", "mac-roman-keep", "cp437-keep", "cp850-keep", "cp1252-drop+cp1252-drop",
)  # fmt: skip
VIETNAMESE = ("vi-law", "vi-rust", "d2l-vi", "law-codes", "fiction")
WORDS = (2, 8)
# So many times a place is drawn that has letters beyond ASCII and is changed by its channel.
TRIES = 200
COUNTS = ("exact", "wrong", "sure", "left")


class Fragment(NamedTuple):
    """A few words: of which register, by what channel they were damaged, what they said and what is left."""

    register: str
    channel: str
    truth: str
    damaged: str


def make_fragments(
    registers: dict[str, Callable[[], list[str]]], channels: tuple[str, ...], seed: int, part: int
) -> Iterator[Fragment]:
    """Yield fragments without end, of Vietnamese and of another language in turn, the channels one after another."""
    rng = random.Random(seed)
    lines = {
        name: [line for text in read()[part::2] for line in text.split("\n") if not line.isascii()]
        for name, read in registers.items()
    }
    names = [name for name in lines if lines[name]]
    ours = cycle([name for name in names if name in VIETNAMESE] or names)
    others = cycle([name for name in names if name not in VIETNAMESE] or names)
    for at, channel in enumerate(cycle(channels)):
        # one more at each turn, or a register would always have the same channels
        register = next(others if (at + at // len(channels)) % 2 else ours)
        if found := draw_words(lines[register], channel, rng):
            yield Fragment(register, channel, *found)


def draw_words(lines: list[str], channel: str, rng: random.Random) -> tuple[str, str] | None:
    """Return some words of a line and what the channel leaves of them, None where it changes none."""
    for _ in range(TRIES):
        words = rng.choice(lines).split()
        count = rng.randint(*WORDS)
        start = rng.randrange(max(1, len(words) - count + 1))
        text = " ".join(words[start : start + count])
        damaged = damage_through(text, parse_step(channel))
        if not text.isascii() and damaged != text:
            return text, damaged
    return None


def judge_tool(fix: Callable[[str], str], fragment: Fragment) -> list[str]:
    """Return what another tool's text counts for."""
    return judge_fragment(fragment.damaged, fragment.truth, RepairedText(fix(fragment.damaged)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--packages", type=Path, default=Path("fetch/deb"), help="what build_model.py downloaded")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", type=int, choices=(0, 1), default=1, help="the documents to draw from")
    parser.add_argument("--registers", type=lambda value: value.split(","), default=[])
    parser.add_argument("--channels", type=lambda value: tuple(value.split(",")), default=CHANNELS)
    parser.add_argument("--errors", type=int, default=0, help="wrong ones to list")
    options = parser.parse_args()
    if not options.shared.is_dir():
        print(f"could not run: no {options.shared} (the registers)")
        return 1
    registers = find_registers(options.shared, options.packages)
    chosen = {name: registers[name] for name in options.registers or registers}
    rows: dict[str, Counter[str]] = {}
    theirs: dict[str, Counter[str]] = {}
    tools = find_tools(["ftfy"])
    errors = []
    for fragment in islice(make_fragments(chosen, options.channels, options.seed, options.part), options.count):
        repaired = repair_text(fragment.damaged)
        found = judge_fragment(fragment.damaged, fragment.truth, repaired)
        group = "Vietnamese" if fragment.register in VIETNAMESE else "other languages"
        for name in (fragment.channel, group, "all"):
            rows.setdefault(name, Counter()).update(found)
            for fix in tools.values():
                theirs.setdefault(name, Counter()).update(judge_tool(fix, fragment))
        if "wrong" in found:
            errors.append((min((repair.confidence for repair in repaired.repairs), default=1.0), fragment, repaired))
    print(f"{'':28s} {'this: ' + ', '.join(COUNTS):>32s} {'ftfy: ' + ', '.join(COUNTS[:2]):>20s}  of\n")
    for name, counts in sorted(rows.items(), key=lambda row: (row[0] in ("all", "Vietnamese", "other languages"), row)):
        mine = " ".join(f"{counts[kind]:7d}" for kind in COUNTS)
        other = theirs.get(name, Counter())
        print(f"{name:28s} {mine} {other['exact']:9d} {other['wrong']:9d}  {counts['all']}")
    for sure, fragment, repaired in sorted(errors, key=lambda row: -row[0])[: options.errors]:
        print(f"{sure:.2f} {fragment.register} {fragment.channel} {repaired.steps}")
        print(f"    {fragment.damaged!r}\n    {fragment.truth!r}\n    {repaired.text!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
