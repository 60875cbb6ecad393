"""What one can ask for besides doit's own commands, a module each.

Of the program `lesson-pipeline`, each with `run(arguments) -> exit status`; doit would refuse a task of the same name,
and `repair` is one:

new/            make a course, or a lesson or section of one
repair.py       repair text outside of any build
serve/          a preview in the browser that follows what is saved
arguments.py    the options of these three
program.py      the program itself: one of these, else doit

Commands of doit's:

check.py        tell what is wrong with a course, and mend what is sure
nightly.py      publish a course while nobody looks on
schedule.py     have that done each night
history.py      what was done
course_here.py  of which course a command is
plugins.py      what a course has of doit's plug-in points
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

PROGRAM = "lesson-pipeline"
COMMANDS = {
    "new": "make a course, or a lesson or section of one",
    "repair": "repair text outside of any build",
    "serve": "show the course in a browser, with its drafts, and each edit as it is saved",
}
"""Each with what it does. Its module has its name."""
WRONG_USAGE = 2
"""The exit status of a command that could not begin, as `argparse` has it."""


def require_project(start: Path) -> Path:
    """The folder of the course that a folder is in; raises `SettingsError` where there is none."""
    from pipeline.builder.disk.project import find_project
    from pipeline.errors import SettingsError

    root = find_project(start)
    if root is None:
        raise SettingsError("there is no course here, nor in a folder above", hint=f"{PROGRAM} new FOLDER makes one")
    return root


def run_command(name: str, arguments: list[str]) -> int:
    """Run one of these commands; a person's mistake is a line, not a traceback."""
    from pipeline.errors import PipelineError

    try:
        status: int = import_module(f"pipeline.commands.{name}").run(arguments)
    except PipelineError as error:
        sys.stderr.write(error.diagnostic.format(f"{PROGRAM} {name}") + "\n")
        return WRONG_USAGE
    return status
