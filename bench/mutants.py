#!/usr/bin/env python3
"""How strong the tests are: faults drawn by lot, put in one at a time, and how many the tests notice.

    .venv/bin/pip install -e '.[test,mutation]'
    .venv/bin/python bench/mutants.py --each 15 --seed 1 [--jobs 2] [AREA ...]

The faults are cosmic-ray's: another operator, comparison, number or exception, `not`, `and` for `or`, a loop that
does nothing. First a place is drawn, then one of its faults: an operator, which can become eleven others, counts as
often as a `not`. Each area has the tests that are most about it; they run in copies of the tree, never in the checkout.
Where they should notice and did not, the fault is printed as a diff. A person says whether it changes anything.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "pipeline"
SLACK_SECONDS = 60
"""Beside three times what the tests need without a fault: then they are taken to hang, and the fault is noticed."""
UNWANTED = ("core/Variable", "core/RemoveDecorator", "core/NoOp")
"""Faults that need to be told a name, or that are found by the first import."""
TIMES = ("_SECONDS", "_MS")
"""How constants end that are lengths of time."""
AREAS: dict[str, tuple[str, str]] = {
    # area: modules, as glob patterns in the package; what pytest is asked for, the quickest first
    "decode": ("decode/*.py", "pipeline/decode tests/test_decode.py tests/test_bad_input.py"),
    "repair": (
        "repair/*.py",
        "tests/test_golden.py tests/test_weights.py pipeline/repair tests/test_repair.py tests/test_review.py",
    ),
    "parse": (
        "parse/*.py",
        "tests/test_golden.py tests/test_limits.py tests/test_names_and_tables.py tests/test_markdown_cases.py "
        "pipeline/parse tests/test_parse.py tests/test_elements.py tests/test_code.py tests/test_titles.py "
        "tests/test_doubts.py tests/test_pieces.py tests/test_quick.py tests/test_formulas.py "
        "tests/test_front_matter.py tests/test_forms.py tests/test_site.py tests/test_hostile_size.py "
        "tests/test_hostile.py tests/test_told.py",
    ),
    "page": (
        "page/*.py section.py links.py",
        "tests/test_golden_site.py tests/test_golden_talk.py pipeline/page pipeline/section.py pipeline/links.py "
        "tests/test_command.py tests/test_site.py tests/test_frame.py tests/test_told.py tests/test_settings.py "
        "tests/test_staleness.py::test_compiled_templates_are_kept_for_the_next_process_in_each_language "
        "tests/test_check.py::test_what_has_one_safe_answer_is_mended",
    ),
    "sitewide and search": (
        "sitewide/*.py search/*.py",
        "tests/test_golden.py tests/test_golden_site.py tests/test_limits.py tests/test_golden_talk.py "
        "pipeline/sitewide pipeline/search tests/test_sitewide.py tests/test_search.py tests/test_whole.py",
    ),
    "state and disk": (
        "builder/state/*.py builder/disk/*.py",
        "tests/test_golden_site.py tests/test_golden_talk.py tests/test_limits.py tests/test_names_and_tables.py "
        "pipeline/builder/state pipeline/builder/disk tests/test_values.py tests/test_disk.py "
        "tests/test_records.py tests/test_state.py tests/test_reads.py tests/test_readers.py "
        "tests/test_traps.py tests/test_seal.py tests/test_bad_input.py tests/test_surroundings.py tests/test_whole.py "
        "tests/test_hostile.py tests/test_renames.py tests/test_check.py "
        "tests/test_moved.py::test_in_a_fresh_clone_only_what_differs_is_asked",
    ),
    "course, actions and runs": (
        "builder/*.py builder/course/*.py builder/stages/*.py builder/runs/*.py",
        "tests/test_golden_site.py tests/test_golden_talk.py tests/test_bad_input.py "
        "pipeline/builder tests/test_workers.py tests/test_staleness.py tests/test_seal.py tests/test_explain.py "
        "tests/test_reads.py tests/test_builds.py tests/test_told.py tests/test_whole.py tests/test_review.py "
        "tests/test_renames.py tests/test_own_tasks.py tests/test_started.py tests/test_law.py tests/test_check.py",
    ),
    "executors": (
        "builder/executors/*.py",
        "tests/test_workers.py tests/test_cluster.py",
    ),
    "checks": (
        "checks/*.py commands/check.py",
        "tests/test_golden.py::test_what_is_found_in_a_lesson_is_what_a_person_has_looked_at pipeline/checks "
        "pipeline/commands/check.py tests/test_checks.py tests/test_golden_talk.py tests/test_check.py",
    ),
    "commands": (
        "__main__.py commands/__init__.py commands/arguments.py commands/program.py commands/plugins.py "
        "commands/course_here.py "
        "commands/repair.py commands/new/*.py",
        "pipeline/commands tests/test_new_lesson.py tests/test_golden_talk.py tests/test_new.py tests/test_adopt.py "
        "tests/test_command.py tests/test_program.py",
    ),
    "preview": ("commands/serve/*.py", "tests/test_serve.py"),
    "nights": (
        "nightly/*.py commands/nightly.py commands/history.py commands/schedule.py",
        "tests/test_golden_nights.py pipeline/nightly pipeline/commands tests/test_nightly_releases.py "
        "tests/test_nightly_schedule.py tests/test_nightly_odd.py tests/test_nightly.py tests/test_nightly_torn.py",
    ),
    "settings and others": (
        "*.py locale/*.py",
        "tests/test_names_and_tables.py tests/test_limits.py tests/test_golden_site.py tests/test_golden_talk.py "
        "pipeline/settings.py pipeline/paths.py pipeline/redirects.py pipeline/lexicon.py pipeline/decisions.py "
        "pipeline/errors.py pipeline/syllables.py pipeline/values.py pipeline/patterns.py pipeline/locale "
        "tests/test_values.py tests/test_decode.py tests/test_command.py tests/test_titles.py tests/test_sitewide.py "
        "tests/test_frame.py tests/test_review.py tests/test_renames.py "
        "tests/test_told.py tests/test_settings.py tests/test_state.py tests/test_bad_input.py tests/test_site.py "
        "tests/test_adopt.py tests/test_nav.py",
    ),
}
"""A module is of the first area that names it."""


class Place(NamedTuple):
    """Where a module can be changed, and how."""

    module: Path
    faults: list[tuple[str, int]]
    """cosmic-ray's name of each fault, and the how-manieth of its places in the module this is."""


def pytest_collection_modifyitems(items: list[object]) -> None:
    """As a plug-in of pytest: without the tests that start a browser or a checker, which take longest."""
    items[:] = [item for item in items if not {"browser", "checker"} & set(getattr(item, "fixturenames", ()))]


def modules_of(area: str) -> list[Path]:
    """The modules of an area, sorted."""
    found: set[Path] = set()
    for name, (patterns, _) in AREAS.items():
        named = {path for pattern in patterns.split() for path in PACKAGE.glob(pattern)} - found
        if name == area:
            return sorted(named)
        found |= named
    raise KeyError(area)


def find_places(module: Path) -> list[Place]:
    """All places of a module but those in annotations, which nothing runs, and in lengths of time, which no test may
    assert."""
    from cosmic_ray import plugins
    from cosmic_ray.ast import ast_nodes, get_ast

    source = module.read_text("utf-8")
    unread = {span for node in ast.walk(ast.parse(source)) for span in _left_alone(node)}
    found: dict[tuple[tuple[int, int], tuple[int, int]], list[tuple[str, int]]] = {}
    nodes = list(ast_nodes(get_ast(source)))
    for name in sorted(plugins.operator_names()):
        if name.startswith(UNWANTED):
            continue
        operator, count = plugins.get_operator(name)(), 0
        for node in nodes:
            for start, end in operator.mutation_positions(node):
                if not any(first <= start < last for first, last in unread):
                    found.setdefault((start, end), []).append((name, count))
                count += 1
    return [Place(module, faults) for _, faults in sorted(found.items())]


def _left_alone(node: ast.AST) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    parts = [getattr(node, name, None) for name in ("annotation", "returns")]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        parts += [node.value] if node.targets[0].id.endswith(TIMES) else []
    for part in parts:
        if isinstance(part, ast.expr) and part.end_lineno is not None and part.end_col_offset is not None:
            yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def draw(area: str, count: int, seed: int, without: set[str]) -> list[tuple[Path, str, str]]:
    """Some faults of an area, drawn by lot: the module, its text with the fault, and the diff."""
    from cosmic_ray import plugins
    from cosmic_ray.mutating import mutate_code

    places = [place for path in modules_of(area) if path.name not in without for place in find_places(path)]
    lot = random.Random(f"{seed} {area}")
    drawn = []
    for place in lot.sample(places, len(places)):
        name, occurrence = lot.choice(place.faults)
        before = place.module.read_text("utf-8")
        try:
            after = mutate_code(before, plugins.get_operator(name)(), occurrence)
        except AttributeError:  # cosmic-ray knows no exception with a dot in its name: `except sqlite3.Error`
            continue
        path = place.module.relative_to(PROJECT)
        if after is not None and after != before:
            lines = difflib.unified_diff(
                before.splitlines(), after.splitlines(), str(path), str(path), n=1, lineterm=""
            )
            drawn.append((path, after, "\n".join(lines)))
        if len(drawn) == count:
            break
    return drawn


def run_tests(folder: Path, tests: str, timeout: float | None) -> int | None:
    """The exit status of pytest in a copy of the tree, 1 if a test failed; None if it did not end in time."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "-p", "no:cacheprovider", "-p", "mutants"]
    process = subprocess.Popen(
        [*command, f"--basetemp={folder.parent / 'tests'}", *tests.split()],
        cwd=folder,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{folder}{os.pathsep}{folder / 'bench'}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
        return None


def copy_tree(folder: Path) -> Path:
    """A copy of what the tests need."""
    unwanted = shutil.ignore_patterns(".?*", "output", "__pycache__", "*.egg-info")
    shutil.copytree(PROJECT, folder, ignore=unwanted)
    (folder / ".ci").mkdir()
    shutil.copytree(PROJECT / ".ci", folder / ".ci", dirs_exist_ok=True)
    return folder


def try_area(area: str, options: argparse.Namespace, folders: SimpleQueue[Path]) -> tuple[int, list[str]]:
    """How many faults of an area were drawn, and the diffs of those that no test noticed."""
    tests = AREAS[area][1]
    folder = folders.get()
    begun = time.monotonic()
    if run_tests(folder, tests, None) != 0:
        raise SystemExit(f"{area}: the tests fail without a fault: pytest {tests}")
    timeout = 3 * (time.monotonic() - begun) + SLACK_SECONDS
    folders.put(folder)

    def try_fault(fault: tuple[Path, str, str]) -> str:
        path, text, diff = fault
        folder = folders.get()
        kept = (folder / path).read_text("utf-8")
        try:
            (folder / path).write_text(text, "utf-8")
            status = run_tests(folder, f"{path} {tests}", timeout)  # its own examples first
        finally:
            (folder / path).write_text(kept, "utf-8")
            folders.put(folder)
        print("." if status != 0 else f"\n{diff}\n", end="", flush=True, file=sys.stderr)
        return diff if status == 0 else ""

    drawn = draw(area, options.each, options.seed, set(options.without))
    with ThreadPoolExecutor(options.jobs) as pool:
        survived = [diff for diff in pool.map(try_fault, drawn) if diff]
    return len(drawn), survived


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"one of: {', '.join(AREAS)} (default: all)")
    parser.add_argument("--each", type=int, default=15, metavar="N", help="faults of each area (default: 15)")
    parser.add_argument("--seed", type=int, default=1, help="another one draws others (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="tested at a time (default: 2)")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="modules to leave out, by file name")
    options = parser.parse_args()
    if unknown := [area for area in options.areas if area not in AREAS]:
        parser.error(f"there is no area {unknown[0]!r}")
    rows, survivors = [], []
    with tempfile.TemporaryDirectory() as temporary:
        os.chmod(temporary, 0o755)  # some tests become another user  # noqa: S103
        folders: SimpleQueue[Path] = SimpleQueue()
        for number in range(options.jobs):
            folders.put(copy_tree(Path(temporary) / str(number) / "project"))
        for area in options.areas or AREAS:
            drawn, survived = try_area(area, options, folders)
            rows.append(f"| {area} | {drawn} | {drawn - len(survived)} | {len(survived)} |")
            survivors += [f"\n{area}:\n{diff}" for diff in survived]
            print(f"\n{rows[-1]}", flush=True, file=sys.stderr)
    print("\n".join(["| area | drawn | noticed | not noticed |", "|---|---|---|---|", *rows, *survivors]))


if __name__ == "__main__":
    main()
