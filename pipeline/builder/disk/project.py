"""`pyproject.toml` -> where a course is, and where its site goes: said there once, for every command."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pipeline.builder.disk.location import PROJECT_NAME, Location
from pipeline.errors import SettingsError, near_name, read_toml, shown
from pipeline.patterns import lazy_pattern

TABLE = "tool.lesson-pipeline"
_MARK = b"lesson-pipeline"
_TABLE_RE = lazy_pattern(r"^\[tool\.lesson-pipeline\]\n(?:(?!\s*\[|.*['\"]{3}).*\n)*(?=\s*\[|\Z)", re.M)
"""The table as it is usually written. Another spelling, and what is no TOML, is found in the whole file."""
FOLDERS = {"content": "content", "output": "output"}
"""What the table says, and what counts where it says nothing; paths from the folder of `pyproject.toml`."""

OTHERS = ("nightly",)
"""Tables below it that others read."""


CHECKS = "check"
"""A table in it, how grave each finding is: `doit check` reads it."""


STARTED_IN = ContextVar("STARTED_IN", default="")
"""The folder in which the program was started; empty where doit was, which knows it itself."""


def find_project(start: Path) -> Path | None:
    """The folder of the course that a folder is in: the nearest above whose `pyproject.toml` has the table.

    One below the content folder of another does not count: whoever adds a lesson could put a program there.
    """
    found: Path | None = None
    content = ""
    for folder in reversed((start, *start.parents)):
        if found is not None and Path(os.path.realpath(folder)).is_relative_to(content):
            break
        folders = read_folders(folder)
        if folders is not None:
            found, content = folder, os.path.realpath(folder / folders["content"])
    return found


def read_folders(root: Path) -> dict[str, str] | None:
    """What the table says; None where there is none. Raises `SettingsError`."""
    path = root / PROJECT_NAME
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if _MARK not in content:
        return None  # most are of other programs
    try:
        tools = _read_tools(content.decode("utf-8"))
    except (SettingsError, UnicodeDecodeError) as error:
        line = error.line if isinstance(error, SettingsError) else None
        raise SettingsError(str(error), line=line, path=os.fspath(path)) from None
    said = tools.get("lesson-pipeline") if isinstance(tools, dict) else None
    return None if said is None else FOLDERS | _checked(said, path)


def _read_tools(text: str) -> Any:
    """What is below `tool`, or the one table of it that counts: to read a whole file takes 4 ms where it says much."""
    found = _TABLE_RE.search(text)
    if found:
        with contextlib.suppress(SettingsError):  # the whole file gives the line
            return read_toml(found.group(), "")["tool"]
    return read_toml(text, "").get("tool", {})


def _checked(said: Any, path: Path) -> dict[str, str]:
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if name != CHECKS}
    for name, value in said.items() if isinstance(said, dict) else [("", said)]:
        if name in OTHERS:
            continue
        if name not in FOLDERS:
            problem = f"[{TABLE}] has no setting {name!r}" if name else f"[{TABLE}] must be a table"
            raise SettingsError(problem, hint=near_name(name, FOLDERS, "the settings"), path=os.fspath(path))
        if not isinstance(value, str) or not value:
            problem = f"{name!r} of [{TABLE}] must be a path in quotes, not {shown(value)}"
            raise SettingsError(problem, path=os.fspath(path))
    return {name: value for name, value in said.items() if name not in OTHERS}


def locate(root: Path, said: Mapping[str, str], started: Path) -> Location:
    """The folders of one build. What is `said` of them on the command line is relative to where that was `started`,
    and comes first."""

    def folder(name: str) -> Path:
        given = said.get(name)
        # A shell leaves the ~ of `content=~/course` as it is.
        path = started / Path(given).expanduser() if given else root / Path(folders[name]).expanduser()
        # One folder has one name, as in the state: Jinja2 says where a template is without any `..`.
        return Path(os.path.realpath(path))

    folders = read_folders(root) or FOLDERS
    home = None if said.get("content") else root
    return Location(root, folder("content"), folder("output"), said.get("trusted", ""), home)
