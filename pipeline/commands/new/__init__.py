"""`lesson-pipeline new`: a course, or a lesson or section of the one that the working directory is in.

course.py     the folder of a new course, with the lessons of another builder if there are any
lesson.py     a lesson or section that fits its neighbours
skeleton/     the files of a new course
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands import PROGRAM


def run(arguments: list[str]) -> int:
    """0 if what was asked for is there now."""
    from pipeline.commands.new.course import make_course

    options = _course_parser().parse_args(arguments)
    make_course(options.folder, content=options.content, origin=options.origin)
    return 0


def _course_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} new",
        description="Make the folder of a course, with a first lesson. A file that is there is never written over, so "
        "it can be done again.",
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
