"""`lesson-pipeline new`: a course, or a lesson or section of the one that the working directory is in.

course.py       the folder of a new course, from `skeleton/`, and the lessons of another builder if there are any
lesson.py       a lesson or section of a course
neighbours.py   what fits those that are there
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.builder.disk.project import locate
from pipeline.commands import PROGRAM, require_project
from pipeline.commands.arguments import Arguments
from pipeline.errors import SettingsError, nearest_name

if TYPE_CHECKING:
    from pipeline.commands.new.lesson import Kind

KINDS: tuple[Kind, ...] = ("lesson", "section")


def run(arguments: list[str]) -> int:
    """0 if what was asked for is there now."""
    for kind in KINDS:
        if arguments[:1] == [kind]:
            return _run_page(kind, arguments[1:])
    has_options = any(argument.startswith("-") for argument in arguments)
    meant = nearest_name(arguments[0], KINDS) if len(arguments) > 1 and not has_options else ""
    if meant:
        raise SettingsError(f"{arguments[0]!r} is nothing to make", hint=f"did you mean {PROGRAM} new {meant}?")
    from pipeline.commands.new.course import make_course

    options = _course_parser().parse_args(arguments)
    make_course(options.folder, content=options.content, origin=options.origin)
    return 0


def _run_page(kind: Kind, arguments: list[str]) -> int:
    from pipeline.commands.new.lesson import make_page

    parser = Arguments(
        prog=f"{PROGRAM} new {kind}",
        description=f"Make a {kind} that fits its neighbours: named, numbered and begun as they are. It is a draft, "
        f"which has no page until the line `draft: true` is taken out; {PROGRAM} serve shows it.",
    )
    parser.add_argument("folder", metavar="FOLDER", help="the section to make it in; . is the top of the course")
    parser.add_argument("title", metavar="TITLE")
    parser.add_argument("--publish", action="store_true", help="no draft")
    options = parser.parse_args(arguments)
    root = require_project(Path.cwd())
    course = locate(root, {}, Path.cwd())
    path = make_page(kind, course, options.folder, options.title, is_draft=not options.publish)
    print(f"wrote {os.path.relpath(path)}" + ("" if options.publish else ", a draft"))
    return 0


def _course_parser() -> Arguments:
    parser = Arguments(
        prog=f"{PROGRAM} new",
        description="Make the folder of a course, with a first lesson. A file that is there is never written over, so "
        "it can be done again.",
        epilog=f'In a course: {PROGRAM} new lesson FOLDER "Title", {PROGRAM} new section FOLDER "Title".',
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder to make")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--content",
        type=Path,
        metavar="FOLDER",
        help="a folder of lessons, which stays as it is",
    )
    source.add_argument(
        "--from",
        dest="origin",
        type=Path,
        metavar="FILE",
        help="a mkdocs.yml, or a SUMMARY.md of mdBook: its lessons are copied, and its title, language, navigation, "
        "base URL, edit links and redirects taken over; what could not be is shown",
    )
    return parser
