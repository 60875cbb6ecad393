#!/usr/bin/env python3
"""Measure the repair stage: every figure the project promises, from a clean clone with ../shared beside it.

    python bench/repair.py [--shared DIR] [--kinds cp1254-drop,...] [--modules 10_identifying_circuits,...]
                           [--every N] [--ftfy-tests FILE] [--calibrate] [--plot FILE] [--errors N]
    python bench/repair.py --fragments [--shared DIR]    # the fragments of public bug reports alone, by kind
    python bench/repair.py --languages [--shared DIR] [--every N]    # the time that other languages take, beside ftfy

Lessons are scored with a model that has not counted their module: its counts are taken out of the packed model
exactly (`build_model.hold_out`). What could not be run is said at the end.
"""

import argparse
import json
import random
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module, resources
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from build_model import hold_out, list_modules
from judged import Score, clock, fit, judge_fragment, judge_repairs, print_reliability
from registers import damage_by_line, read_folder

from pipeline.decode import decode_source
from pipeline.errors import DecodeError
from pipeline.repair import RepairedText, emoji, repair_text
from pipeline.repair import engine as engine_module
from pipeline.repair.codepages import parse_step
from pipeline.repair.engine import Engine
from pipeline.repair.model import MODEL_NAME, Model, load_model

TARGETS = {
    "cp1254-drop": (0.9997, 0.90), "cp1252-drop": (0.9997, 0.90), "cp1252-keep": (1.0, 1.0),
    "latin1-keep": (1.0, 1.0), "cp1252-fffd": (0.999, 0.80), "mixed-drop": (0.999, 0.80),
    "double-drop": (0.999, 0.80),
}  # fmt: skip
# Languages that are timed, and what happens to them: nothing is lost, or the bytes that windows-1252 leaves undefined.
LANGUAGES = ("es", "fr", "de", "pt", "cs", "pl", "ru", "uk", "el", "tr", "zh", "ja")
TIMED = ("cp1252-keep", "cp1252-drop")


class Bench:
    """The tools beside the project and the options."""

    def __init__(self, shared: Path, options: argparse.Namespace) -> None:
        sys.path.insert(0, str(shared / "tools"))
        self.make: ModuleType = import_module("damage")
        self.compare = import_module("score_repair").compare
        self.shared, self.options = shared, options
        self.course = shared / "course" / "docs"
        self.not_run: list[str] = []
        self.trials: list[tuple[float, bool]] = []
        self.tried: set[tuple[str, int]] = set()

    def lessons(self, module: Path) -> Iterator[tuple[Path, str]]:
        for path in sorted(module.rglob("*.md"))[:: self.options.every]:
            yield path, path.read_bytes().decode("utf-8")

    def damaged(self, path: Path, text: str, kind: str) -> str:
        return self.make.damage(text, kind, random.Random(f"0:{path.relative_to(self.course).as_posix()}"))

    def held_out(self) -> None:
        packed = resources.files("pipeline.repair").joinpath(MODEL_NAME).read_bytes()
        totals = {kind: Score() for kind in self.options.kinds}
        print("Held-out modules: words restored, files exact, ASCII words changed, ms a lesson\n")
        for module in list_modules(self.course):
            if self.options.modules and module.name not in self.options.modules:
                continue
            engine = Engine(partial(Model, hold_out(packed, module)))
            for kind, total in totals.items():
                score = self.score(engine, module, kind)
                total.add(score)
                print(f"{module.name:32.32s} {kind:12s} {score.row()}", flush=True)
        print("\nAll held-out modules against the targets\n")
        for kind, total in totals.items():
            words, files = TARGETS[kind]
            reached = total.restored >= words * total.words and total.exact >= files * total.files
            print(f"{kind:12s} {total.row()}  {'reached' if reached else 'MISSED'} ({words:.2%}, {files:.0%})")
            for (truth, got), count in total.wrong.most_common(self.options.errors):
                print(f"    {count:4d} {truth!r} came back as {got!r}")

    def score(self, engine: Engine, module: Path, kind: str) -> Score:
        score = Score()
        for path, text in self.lessons(module):
            source = self.damaged(path, text, kind)
            start = time.perf_counter()
            repaired = engine.repair(source)
            score.seconds += time.perf_counter() - start
            words, restored, ascii_changed = self.compare(text, repaired.text, score.wrong)
            score.files, score.exact = score.files + 1, score.exact + (repaired.text == text)
            score.words, score.restored = score.words + words, score.restored + restored
            score.ascii_changed += ascii_changed
            self.collect(text, repaired)
        return score

    def collect(self, truth: str, repaired: RepairedText) -> None:
        """Note for each repair how sure it was and whether it was right."""
        truths = truth.split("\n")
        for repair, right in judge_repairs(truth, repaired):
            context = (truths[repair.line - 1], repair.column)  # a line that stands in every lesson is one trial
            if context not in self.tried:
                self.tried.add(context)
                self.trials.append((repair.confidence, right))

    def reliability(self) -> None:
        print("\nCalibration: repairs by confidence, and how many were right\n")
        rows = print_reliability(self.trials)
        sure = [right for confidence, right in self.trials if confidence >= 0.99]
        if sure:
            share = sum(sure) / len(sure)
            print(f"  at 0.99 or more: {share:.4%} right of {len(sure)} {'reached' if share >= 0.99 else 'MISSED'}")
        if self.options.plot:
            self.options.plot.write_text(draw_reliability(rows), "utf-8")
        if self.options.calibrate:
            print("\nTABLE = (", *(f"    {row}," for row in fit(self.trials)), ")", sep="\n")

    def sound(self) -> None:
        changed = sum(
            repair_text(text).text != text for module in list_modules(self.course) for _, text in self.lessons(module)
        )
        cases = json.loads((self.shared / "cases/innocent.json").read_text("utf-8"))
        innocent = [case["note"] for case in cases if repair_text(case["text"]).text != case["text"]]
        pairs = json.loads((self.shared / "cases/damaged.json").read_text("utf-8"))
        wild = [case["lang"] for case in pairs if repair_text(case["damaged"]).text != case["truth"]]
        seed = self.shared / "seed"
        exact = (
            repair_text((seed / "damaged.md").read_bytes().decode()).text == (seed / "truth.md").read_bytes().decode()
        )
        print(
            f"\nsound lessons changed {changed}; innocent fragments changed {len(innocent)} of {len(cases)} "
            f"{innocent}; "
            f"real damaged fragments repaired {len(pairs) - len(wild)} of {len(pairs)} {wild}; seed exact: {exact}"
        )

    def fragments(self) -> None:
        """Score the damaged fragments by kind, and the sound ones: each is a document of its own."""
        for name in ("reports", "registers"):
            cases = json.loads((self.shared / f"cases/{name}.json").read_text("utf-8"))
            kinds: dict[str, Counter] = {}
            for case in (case for case in cases if "truth" in case):
                kinds.setdefault(case["kind"], Counter()).update(judge_case(case))
            innocent = [case["text"] for case in cases if "text" in case]
            changed = [text for text in innocent if repair_text(text).text != text]
            print(f"\nFragments of {name}: exact, changed to something wrong, wrong at 90 % or more, of all\n")
            for kind, score in [*sorted(kinds.items()), ("all", sum(kinds.values(), Counter()))]:
                print(f"{kind:72.72s} {score['exact']:4d} {score['wrong']:4d} {score['sure']:4d} {score['all']:4d}")
            print(f"sound ones changed: {len(changed)} of {len(innocent)} {changed}")

    def ftfy_cases(self) -> None:
        path = self.options.ftfy_tests or fetch_ftfy_tests()
        if path is None or not path.is_file():
            self.not_run.append("ftfy's own test cases: no source package (--ftfy-tests FILE)")
            return
        from ftfy import fix_encoding

        passed, missed = 0, []
        for case in json.loads(path.read_text("utf-8")):
            expected = case.get("fixed-encoding", case["fixed"])
            if fix_encoding(case["original"]) == expected:
                passed += 1
                if repair_text(case["original"]).text != expected:
                    missed.append(case["label"])
        print(f"ftfy's own cases: of {passed} that ftfy passes, {passed - len(missed)} pass {missed}")

    def speed(self) -> None:
        try:
            from ftfy import fix_text
        except ImportError:
            self.not_run.append("speed against ftfy: ftfy is not installed")
            return
        texts = [(path, text) for module in list_modules(self.course) for path, text in self.lessons(module)][::3]
        damaged = [self.damaged(path, text, "cp1254-drop") for path, text in texts]
        sound = [text for _, text in texts]
        ours = clock(lambda text: repair_text(text).text, damaged)
        explained = clock(lambda text: repair_text(text).repairs, damaged)
        load_model.cache_clear()
        engine_module._engine.cache_clear()
        started = time.perf_counter()
        load_model()
        loaded = 1000 * (time.perf_counter() - started)
        load_model.cache_clear()
        engine_module._engine.cache_clear()
        cold = clock(lambda text: repair_text(text).text, damaged, rounds=1)
        load_model.cache_clear()
        engine_module._engine.cache_clear()
        cold_explained = clock(lambda text: repair_text(text).repairs, damaged, rounds=1)
        slow = clock(fix_text, damaged, rounds=1)
        print(
            f"\nmodel loaded in {loaded:.0f} ms; cold, each lesson once and the model's loading with it: "
            f"{slow / cold:.1f} times as fast as ftfy ({cold:.2f} ms), {slow / cold_explained:.1f} times "
            f"({cold_explained:.2f} ms) with every repair written out"
        )
        print(
            f"\nspeed against ftfy.fix_text, in one run: damaged lessons "
            f"{clock(fix_text, damaged) / ours:.1f} times as fast "
            f"({ours:.2f} ms; {explained:.2f} ms with every repair written out), "
            f"sound lessons {clock(fix_text, sound) / clock(repair_text, sound):.0f} times"
        )

    def languages(self) -> None:
        """Time whole files of other languages, each once: what is remembered of a text helps only the next one."""
        from ftfy import fix_encoding

        for channel in TIMED:  # what is read once for all is no file's
            repair_text(damage_by_line("Größe, Übung, Straße, Öl, Ärger und côté\n" * 3, parse_step(channel)))
        print("\nOther languages: processor time for a character (ns), this project's and ftfy's\n")
        for language in LANGUAGES:
            texts = read_folder(self.shared / "registers" / language)[:: self.options.every]
            for channel in TIMED:
                damaged = [damage_by_line(text, parse_step(channel)) for text in texts]
                count = sum(map(len, damaged))
                theirs = 1e9 * clock_once(fix_encoding, damaged) / count
                ours = 1e9 * clock_once(lambda text: repair_text(text).text, damaged) / count
                print(f"{language} {channel:12s} {ours:8.0f} {theirs:8.0f}  {ours / theirs:6.1f} times", flush=True)


def clock_once(function: Callable[[str], object], texts: list[str]) -> float:
    """Return the processor seconds for all texts, each given once."""
    start = time.process_time()
    for text in texts:
        function(text)
    return time.process_time() - start


def judge_case(case: dict[str, str]) -> list[str]:
    """Return what a damaged fragment of a public report counts for, as `judge_fragment` does."""
    try:
        text = decode_source(bytes.fromhex(case["bytes_hex"])).text if "bytes_hex" in case else case["damaged"]
    except DecodeError:
        return ["all"]
    return judge_fragment(text, case["truth"], repair_text(text))


def fetch_ftfy_tests() -> Path | None:
    """Download ftfy's source package and return its test cases; None when that fails."""
    folder = Path(tempfile.mkdtemp())
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--no-binary",
        ":all:",
        "ftfy==6.3.1",
    ]
    if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
        return None
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.rglob("tests/test_cases.json"), None)


def draw_reliability(rows: list[tuple[float, float, int, float]]) -> str:
    """Draw the reliability plot as SVG."""
    size, edge = 400, 40
    dots = "".join(
        f'<circle cx="{edge + size * (low + high) / 2:.1f}" cy="{edge + size * (1 - right):.1f}" r="4">'
        f"<title>{low}-{high}: {right:.2%} of {count}</title></circle>"
        for low, high, count, right in rows
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size + 2 * edge} {size + 2 * edge}" '
        f'font-family="sans-serif" font-size="12">'
        f'<rect x="{edge}" y="{edge}" width="{size}" height="{size}" fill="none" stroke="#888"/>'
        f'<path d="M{edge} {edge + size}L{edge + size} {edge}" stroke="#888" stroke-dasharray="4"/>{dots}'
        f'<text x="{edge + size / 2}" y="{size + 1.8 * edge:.0f}" text-anchor="middle">confidence</text>'
        f'<text x="12" y="{edge - 12}">share that was right</text></svg>\n'
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--kinds", type=lambda value: value.split(","), default=list(TARGETS))
    parser.add_argument("--modules", type=lambda value: value.split(","), default=[])
    parser.add_argument("--every", type=int, default=1, help="take every Nth lesson of a module")
    parser.add_argument("--ftfy-tests", type=Path)
    parser.add_argument("--calibrate", action="store_true", help="print a calibration table fitted on this run")
    parser.add_argument("--plot", type=Path, help="write the reliability plot here (SVG)")
    parser.add_argument("--no-emoji", action="store_true", help="switch off the rows for emoji written by hand")
    parser.add_argument("--fragments", action="store_true", help="score the fragments of bug reports and nothing else")
    parser.add_argument("--languages", action="store_true", help="time other languages and nothing else")
    parser.add_argument("--errors", type=int, default=5, help="wrong words to list for each kind")
    options = parser.parse_args()
    if not options.shared.is_dir():
        print(f"could not run: no {options.shared} (the course, the seed and the tools)")
        return 1
    if options.no_emoji:
        emoji._WORDS.clear()
    bench = Bench(options.shared, options)
    if options.languages:
        bench.languages()
        return 0
    bench.fragments()
    if options.fragments:
        return 0
    bench.sound()
    bench.ftfy_cases()
    bench.speed()
    bench.languages()
    bench.held_out()
    bench.reliability()
    print("\ncould not run: " + ("; ".join(bench.not_run) or "nothing, all was run"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
