"""`lesson-pipeline repair`: text -> repaired text, outside of any build."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pipeline.builder.rewrite import (
    TEXT_ENDINGS,
    CourseKnowledge,
    apply_sure,
    byte_order_mark,
    check_apart,
    diff_of,
    find_knowledge,
    find_texts,
    repair_file,
    write_text,
)
from pipeline.commands import PROGRAM
from pipeline.commands.arguments import Arguments
from pipeline.errors import PipelineError, SettingsError, SourceError, count_of, show_path
from pipeline.values import RepairedLesson


def run(arguments: list[str]) -> int:
    """0 if all went well, 1 if a file could not be repaired."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.threshold is not None and not 0 <= options.threshold <= 1:
        parser.error("--threshold must be a number from 0 to 1")
    if options.to is not None and (options.dry_run or options.threshold is not None):
        parser.error("--dry-run and --threshold go with --write")
    return _repair(options)


def _parser() -> Arguments:
    repair = Arguments(
        prog=f"{PROGRAM} repair",
        description="Repair a file, or the files of a folder whose names end in "
        + ", ".join(TEXT_ENDINGS)
        + ". A course's own settings, decisions and lexicon are heeded.",
    )
    repair.add_argument("source", type=Path, metavar="SOURCE")
    where = repair.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", type=Path, metavar="TARGET", help="write the repaired text there")
    where.add_argument(
        "--write", action="store_true", help="mend the sources themselves, where the repair is sure; shows a diff"
    )
    repair.add_argument("--dry-run", action="store_true", help="with --write: show the diff and write nothing")
    repair.add_argument(
        "--threshold", type=float, metavar="P", help="with --write: how sure is sure (default: the course's)"
    )
    return repair


def _repair(options: argparse.Namespace) -> int:
    source: Path = options.source
    if not source.exists():
        raise SettingsError(f"there is no {source}")
    if options.to is not None:
        check_apart(source, options.to)
    knowledge = find_knowledge(source)
    status = found = 0
    for path in find_texts(source):
        found += 1
        try:
            if options.write:
                _write(path, knowledge, options)
            else:
                _copy(path, source, options.to, knowledge)
        except PipelineError as error:
            status = 1
            print(error.diagnostic.format(os.fspath(path)), file=sys.stderr)
        except BrokenPipeError:
            raise
        except OSError as error:
            status = 1
            print(f"{path}: cannot be written: {error.strerror}", file=sys.stderr)
    if not found:
        raise SettingsError(f"{source} has no file that ends in {', '.join(TEXT_ENDINGS)}")
    return status


def _copy(path: Path, source: Path, target: Path, knowledge: CourseKnowledge) -> None:
    inside = path.relative_to(source) if source.is_dir() else Path(path.name)
    goal = target / inside if source.is_dir() or target.is_dir() else target
    original, lesson = repair_file(path, knowledge)
    write_text(goal, byte_order_mark(original.content) + lesson.text.encode("utf-8", "surrogatepass"))
    _tell(path, lesson)


def _write(path: Path, knowledge: CourseKnowledge, options: argparse.Namespace) -> None:
    threshold = knowledge.settings.repair_threshold if options.threshold is None else options.threshold
    source, lesson = repair_file(path, knowledge)
    if lesson.encoding != "utf-8":
        raise SourceError(
            f"it is {lesson.encoding}, not UTF-8: it is left alone",
            hint="convert it first, with --to, and look at the result",
        )
    text = apply_sure(source.content, lesson.repairs, threshold)
    diff = diff_of(path, source.content, text)
    if not diff:
        return
    sure = sum(repair.confidence >= threshold for repair in lesson.repairs)
    print(f"{show_path(os.fspath(path))}: {sure} of {count_of(len(lesson.repairs), 'repair')} sure")
    print(diff, end="")
    if not options.dry_run:
        write_text(path, byte_order_mark(source.content) + text.encode("utf-8"), unless_changed=source)


def _tell(path: Path, lesson: RepairedLesson) -> None:
    count = len(lesson.repairs)
    print(f"{show_path(os.fspath(path))}: {lesson.encoding}, " + (count_of(count, "repair") if count else "sound"))
    for repair in lesson.repairs:
        sure = f"{repair.confidence:.0%}" + (f", or {repair.runner_up!r}" if repair.runner_up else "")
        print(f"  {repair.line}:{repair.column}: {repair.before!r} -> {repair.after!r} ({repair.step}, {sure})")
    for diagnostic in lesson.diagnostics:
        print(f"  {diagnostic.format(path.name)}".replace("\n", "\n  "))
