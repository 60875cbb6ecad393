"""`lesson-pipeline`: one of its own commands, else doit on the course that the working directory is in."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path

from pipeline.builder.disk.project import FOLDERS, STARTED_IN, find_project
from pipeline.commands import COMMANDS, PROGRAM, WRONG_USAGE, run_command
from pipeline.commands.plugins import DOIT_PLUGINS, LOADER
from pipeline.errors import CALLED, PipelineError, nearest_name

_HELP = (["help"], ["--help"], ["-h"])


def main(arguments: list[str] | None = None) -> int:
    """Run the program; the exit status is doit's, or that of the command."""
    called = CALLED.set(PROGRAM)
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        from pipeline.builder.runs.doit_private import leave_reader

        return leave_reader()
    finally:
        CALLED.reset(called)
    return status


def _run(arguments: list[str]) -> int:
    name = arguments[0] if arguments else ""
    if name == "--version":
        print(f"{PROGRAM} {metadata.version(PROGRAM)}, doit {metadata.version('doit')}")
        return 0
    if name == "help" and len(arguments) > 1 and arguments[1] in COMMANDS:
        name, arguments = arguments[1], ["", "--help"]
    if name in COMMANDS:
        return run_command(name, arguments[1:])
    try:
        root = find_project(Path.cwd())
    except PipelineError as error:
        sys.stderr.write(error.diagnostic.format(PROGRAM) + "\n")
        return WRONG_USAGE
    if arguments in _HELP or (root is None and not arguments):
        print(_overview())
        if root is None:
            return 0 if arguments else WRONG_USAGE
        arguments = ["help"]
    if root is None:
        meant = nearest_name(name, COMMANDS)
        hint = f"did you mean {PROGRAM} {meant}?" if meant else f"{PROGRAM} new FOLDER makes one"
        sys.stderr.write(f"{PROGRAM}: there is no course here, nor in a folder above\n  hint: {hint}\n")
        return WRONG_USAGE
    return _run_doit(root, arguments)


def _run_doit(root: Path, arguments: list[str]) -> int:
    """doit's own main, in the folder of the course."""
    from doit.doit_cmd import DoitMain

    from pipeline.builder.runs.helpful import VERBS, HelpfulCommand

    class CourseMain(DoitMain):  # type: ignore[misc]
        BIN_NAME = PROGRAM
        DOIT_CMDS = tuple(type(kind.__name__, (HelpfulCommand, kind), {}) for kind in DoitMain.DOIT_CMDS)

    plugins = {kind.upper(): dict(named) for kind, named in DOIT_PLUGINS.items()}
    arguments = [_from_here(argument) for argument in arguments]
    started = STARTED_IN.set(os.getcwd())
    os.chdir(root)
    try:
        return int(
            CourseMain(extra_config={"GLOBAL": {"loader": LOADER}, VERBS: COMMANDS, **plugins}).run(arguments) or 0
        )
    finally:
        STARTED_IN.reset(started)


def _from_here(argument: str) -> str:
    """`content=DIR` as it is meant where the program was started; doit starts in the folder of the course."""
    name, _, value = argument.partition("=")
    return f"{name}={Path.cwd() / Path(value).expanduser()}" if name in FOLDERS and value else argument


def _overview() -> str:
    commands = "\n".join(f"  {PROGRAM} {name:8} {what}" for name, what in COMMANDS.items())
    return (
        f"{commands}\n\nIn the folder of a course, or below it:\n\n"
        f"  {PROGRAM}          build what an edit reaches\n"
        f"  {PROGRAM} help     every command, those of doit too\n"
    )
