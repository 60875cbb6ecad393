"""`lesson-pipeline serve`: a preview in the browser that follows what is saved.

watcher.py    what changes in the folders of the course
preview.py    a site of its own, with drafts, built again and again
server.py     its files on loopback, and what pages are told
live.js       in each page: reloads it, swaps style sheets, shows what is wrong
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.builder.disk.project import locate
from pipeline.commands import PROGRAM, require_project
from pipeline.commands.arguments import Arguments
from pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pipeline.builder.tasks import Definition

DODO_NAME = "dodo.py"
LAST_PORT = 65_535


def run(arguments: list[str]) -> int:
    """Serve until it is interrupted."""
    options = _parser().parse_args(arguments)
    root = require_project(Path.cwd())
    said = {"trusted": "yes"} if options.trusted else {}
    if options.content:
        said["content"] = options.content
    course = locate(root, said, Path.cwd())
    if not course.content.is_dir():  # one that goes later may come back
        hint = course.hint_at_content(f"{PROGRAM} serve --content FOLDER")
        raise SettingsError(f"there is no content folder {course.content}", hint=hint)
    from pipeline.commands.serve.preview import Preview
    from pipeline.commands.serve.server import Server
    from pipeline.commands.serve.watcher import watch_course

    try:
        preview = Preview(course, sys.stdout, _own_tasks(root))
        report = preview.build()
        server = Server(preview.location.output, options.port)
        server.show(report)
        server.start()
        print(f"the course is at {server.url}, and follows what you save; Ctrl-C ends it", flush=True)
        if options.open:
            import webbrowser

            webbrowser.open(server.url)
        for changed in watch_course(course.content, course.template_folders[:-1]):
            if changed != []:
                server.show(preview.build(changed, server.show))
    except KeyboardInterrupt:
        print()
    except OSError as error:
        problem = f"cannot serve at port {options.port}: {error.strerror}"
        raise SettingsError(problem, hint="name another --port") from None
    return 0


def _own_tasks(root: Path) -> Iterable[Definition]:
    """The rows of the task definitions that the course's `dodo.py` has, which may be more than the usual ones."""
    import runpy

    from doit.exceptions import InvalidDodoFile

    from pipeline.builder.runs.doit_course import DoitCourse
    from pipeline.builder.runs.doit_loader import telling_faults
    from pipeline.builder.tasks import TASKS

    if not (root / DODO_NAME).is_file():
        return TASKS
    sys.path.insert(0, os.fspath(root))  # as doit has it, for modules beside it
    path = os.fspath(root / DODO_NAME)
    try:
        with telling_faults(path):
            course = runpy.run_path(path).get("COURSE")
    except InvalidDodoFile as error:
        raise SettingsError(str(error)) from None
    return course.run.definitions.rows.values() if isinstance(course, DoitCourse) else TASKS


def _read_port(said: str) -> int:
    number = int(said)
    if not 0 <= number <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number up to {LAST_PORT}, not {said}")
    return number


def _parser() -> Arguments:
    parser = Arguments(
        prog=f"{PROGRAM} serve",
        description="Show the course in a browser, with its drafts, and each edit as soon as it is saved. "
        "It has a site of its own: nothing of it is ever in the output.",
    )
    parser.add_argument("--open", action="store_true", help="open the browser")
    parser.add_argument("--port", type=_read_port, default=0, help="serve at this port (default: one that is free)")
    parser.add_argument(
        "--content", metavar="FOLDER", help="build this content folder, like `content=FOLDER` of a build"
    )
    parser.add_argument("--trusted", action="store_true", help="heed trusted_html, like `trusted=yes` of a build")
    return parser
