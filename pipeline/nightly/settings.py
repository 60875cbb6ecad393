"""`[tool.lesson-pipeline.nightly]` of pyproject.toml -> settings of the nightly run.

Commands to run and places to publish to are said beside `dodo.py`, never below the content folder, where anyone who
may propose a lesson could say them.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import SettingsError, near_name, read_toml

PROJECT_FILE = "pyproject.toml"
TABLE = "tool.lesson-pipeline.nightly"
ERROR, WARNING, NEVER = "error", "warning", "never"
STOPS = (ERROR, WARNING, NEVER)


class NightlySettings(NamedTuple):
    """How a course is published."""

    publish: str = "published"
    """The folder that the link and the releases stand in, from the folder of `dodo.py`."""
    stop_on: str = NEVER
    """What keeps a build from being published. A lesson that cannot be built keeps its last good page: so the default
    lets nobody who writes lessons hold up the others'."""
    update: bool = True
    """Whether git brings the content folder up to date first."""
    verify_days: int = 7
    """After so many days the published site is held against a clean build; never with 0."""
    publish_command: str = ""
    """Brings a release to where readers are, by the shell."""
    notify_command: str = ""
    """Tells a person of faults, by the shell."""


def read_settings(root: Path) -> NightlySettings:
    """The settings of the project whose `dodo.py` stands in `root`. Raises `SettingsError`, also for a name that does
    not exist: to leave it out could publish what was to be stopped."""
    try:
        text = (root / PROJECT_FILE).read_text("utf-8")
    except FileNotFoundError:
        return NightlySettings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{PROJECT_FILE} cannot be read: {error}") from None
    said: Any = read_toml(text, f"mend {PROJECT_FILE}")
    for name in TABLE.split("."):
        said = said.get(name, {})
        if not isinstance(said, dict):
            raise SettingsError(f"{PROJECT_FILE}: {name} is not a table", hint=f"write [{TABLE}]")
    return parse_settings(said)


def read_sound(root: Path) -> NightlySettings:
    """Those of the settings that are right, each taken alone: by them a person is told of the others."""
    sound: dict[str, Any] = {}
    try:
        said = read_toml((root / PROJECT_FILE).read_text("utf-8"), "")
        for name in TABLE.split("."):
            said = said[name]
        for name, value in said.items():
            with contextlib.suppress(SettingsError):
                parse_settings({name: value})
                sound[name] = value
    except (OSError, UnicodeDecodeError, SettingsError, LookupError, AttributeError, TypeError):
        sound = {}
    return NightlySettings(**sound)


def parse_settings(said: dict[str, Any]) -> NightlySettings:
    """The table as settings.

    >>> parse_settings({"stop_on": "error"}).stop_on
    'error'
    """
    defaults = NightlySettings()._asdict()
    for name, value in said.items():
        if name not in defaults:
            hint = near_name(name, defaults, "the settings")
            raise SettingsError(f"{PROJECT_FILE}: [{TABLE}] has no setting {name!r}", hint=hint)
        kind = type(defaults[name])
        if type(value) is not kind:
            raise SettingsError(f"{PROJECT_FILE}: {name} must be {_KINDS[kind]}, not {value!r}")
    settings = NightlySettings(**said)
    if settings.stop_on not in STOPS:
        raise SettingsError(f"{PROJECT_FILE}: stop_on is one of {', '.join(STOPS)}, not {settings.stop_on!r}")
    if settings.verify_days < 0:
        raise SettingsError(f"{PROJECT_FILE}: verify_days must not be below 0")
    if not settings.publish or "\0" in settings.publish:
        raise SettingsError(f"{PROJECT_FILE}: publish must name a folder")
    return settings


_KINDS: dict[type, str] = {str: "a text", bool: "true or false", int: "a whole number"}
