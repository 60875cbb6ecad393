"""`python -m pipeline`: what can be done with lessons outside a build."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.adopt import adopt_mkdocs, adopt_summary, write_course, write_redirects
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
from pipeline.errors import PipelineError, SettingsError, SourceError, show_path
from pipeline.settings import COURSE_FILES, REDIRECTS_NAME, SETTINGS_NAME
from pipeline.values import RepairedLesson


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 if all went well, 1 if a file could not be repaired, 2 for wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "new":
        return _run(lambda: _new(options.target, options.origin), "pipeline new")
    if options.threshold is not None and not 0 <= options.threshold <= 1:
        parser.error("--threshold must be a number from 0 to 1")
    if options.to is not None and (options.dry_run or options.threshold is not None):
        parser.error("--dry-run and --threshold go with --write")
    return _run(lambda: _repair(options), "pipeline repair")


def _run(command: Callable[[], int], name: str) -> int:
    try:
        return command()
    except PipelineError as error:
        print(error.diagnostic.format(name), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of the output, such as `head`, has had enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    repair = commands.add_parser(
        "repair",
        help="repair a file or a folder of text",
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
    new = commands.add_parser(
        "new",
        help="begin a course, with the lessons of another builder",
        description="Make a content folder with the lessons of a course of MkDocs or mdBook, and a course.toml with "
        "its title, language, navigation, base URL, edit links and redirects. What could not be taken over is told.",
    )
    new.add_argument("target", type=Path, metavar="FOLDER", help="the content folder to make")
    new.add_argument(
        "--from",
        dest="origin",
        type=Path,
        required=True,
        metavar="FILE",
        help="a mkdocs.yml, or a SUMMARY.md of mdBook",
    )
    return parser


def _new(target: Path, origin: Path) -> int:
    """Make a content folder from a course of another builder."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingsError(f"{target} is there already", hint="name a folder that is not")
    try:
        text = origin.read_text("utf-8-sig")
        book = origin.parent.parent / "book.toml"
        if origin.suffix in (".yml", ".yaml"):
            adopted = adopt_mkdocs(text)
        else:
            adopted = adopt_summary(text, book.read_text("utf-8-sig") if book.is_file() else "")
        lessons = origin.parent / adopted.folder
        check_apart(lessons, target)
        copied = _copy_lessons(lessons, target, without=origin)
        (target / SETTINGS_NAME).write_text(write_course(adopted), "utf-8")
        if adopted.redirects:
            (target / REDIRECTS_NAME).write_text(write_redirects(adopted), "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{origin}: {error}") from None
    print(f"{target}: {copied:,} files, {SETTINGS_NAME} with {', '.join(adopted.settings) or 'nothing'}")
    for line in adopted.left:
        print(f"  not taken: {line}")
    print(f"build it with: doit content={target}")
    return 0


def _copy_lessons(source: Path, target: Path, without: Path) -> int:
    """Copy the files of a folder, links and what is named like files about a course aside; how many there are."""
    copied = 0
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_symlink() or not path.is_file() or path == without or str(inside) in COURSE_FILES:
            continue
        (target / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / inside)
        copied += 1
    target.mkdir(parents=True, exist_ok=True)
    return copied


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
    print(f"{show_path(os.fspath(path))}: {sure} of {len(lesson.repairs)} repairs are sure")
    print(diff, end="")
    if not options.dry_run:
        write_text(path, byte_order_mark(source.content) + text.encode("utf-8"), unless_changed=source)


def _tell(path: Path, lesson: RepairedLesson) -> None:
    count = len(lesson.repairs)
    print(f"{show_path(os.fspath(path))}: {lesson.encoding}, " + (f"{count} repairs" if count else "sound"))
    for repair in lesson.repairs:
        sure = f"{repair.confidence:.0%}" + (f", or {repair.runner_up!r}" if repair.runner_up else "")
        print(f"  {repair.line}:{repair.column}: {repair.before!r} -> {repair.after!r} ({repair.step}, {sure})")
    for diagnostic in lesson.diagnostics:
        print(f"  {diagnostic.format(path.name)}".replace("\n", "\n  "))


if __name__ == "__main__":
    sys.exit(main())
