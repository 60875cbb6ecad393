"""`python -m pipeline`: what can be done with lessons outside a build."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.build.files import read_source
from pipeline.build.steps import MAX_LESSON_BYTES, repair_source
from pipeline.errors import PipelineError, SettingsError
from pipeline.values import RepairedLesson

TEXT_ENDINGS = (".md", ".markdown", ".txt")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 if all went well, 1 if a file could not be repaired, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    repair = commands.add_parser(
        "repair",
        help="repair a file or a folder of text",
        description="Repair a file, or the files of a folder whose names end in "
        + ", ".join(TEXT_ENDINGS)
        + ". The source is only read.",
    )
    repair.add_argument("source", type=Path, metavar="SOURCE")
    repair.add_argument("--to", type=Path, required=True, metavar="TARGET", help="where to write")
    options = parser.parse_args(arguments)
    try:
        return repair_files(options.source, options.to)
    except PipelineError as error:
        print(error.diagnostic.format("pipeline repair"), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of the output, such as `head`, has had enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def repair_files(source: Path, target: Path) -> int:
    """Repair what is at `source` into `target`, print what was done, and give the exit status."""
    if not source.exists():
        raise SettingsError(f"there is no {source}")
    if _is_inside(target, source) or _is_inside(source, target / source.name):
        raise SettingsError(f"{target} is in {source}", hint="name a target beside the source")
    status = 0
    for path, goal in _pairs(source, target):
        try:
            lesson = repair_source(read_source(path, limit=MAX_LESSON_BYTES).content, "auto", dict, {}, 0.9)
            goal.parent.mkdir(parents=True, exist_ok=True)
            goal.write_bytes(lesson.text.encode("utf-8", "surrogatepass"))
        except PipelineError as error:
            status = 1
            print(error.diagnostic.format(os.fspath(path)), file=sys.stderr)
        except OSError as error:
            raise SettingsError(f"cannot write {goal}: {error.strerror}") from None
        else:
            _tell(path, lesson)
    return status


def _pairs(source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    if not source.is_dir():
        yield source, target / source.name if target.is_dir() else target
        return
    for path in sorted(source.rglob("*")):
        if path.suffix.lower() in TEXT_ENDINGS and path.is_file():
            yield path, target / path.relative_to(source)


def _is_inside(path: Path, folder: Path) -> bool:
    real, outer = os.path.realpath(path), os.path.realpath(folder)
    return real == outer or real.startswith(outer + os.sep)


def _tell(path: Path, lesson: RepairedLesson) -> None:
    count = len(lesson.repairs)
    print(f"{path}: {lesson.encoding}, " + (f"{count} repairs" if count else "sound"))
    for repair in lesson.repairs:
        print(f"  {repair.line}: {repair.before!r} -> {repair.after!r} ({repair.step})")
    for diagnostic in lesson.diagnostics:
        print(f"  {diagnostic.format(path.name)}".replace("\n", "\n  "))


if __name__ == "__main__":
    sys.exit(main())
