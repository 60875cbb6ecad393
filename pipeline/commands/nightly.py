"""`doit nightly`: a course built and published while nobody looks on."""

from __future__ import annotations

import sys
from typing import Any

from doit.exceptions import InvalidCommand

from pipeline.builder.disk.project import STARTED_IN
from pipeline.builder.runs.helpful import HelpfulCommand
from pipeline.errors import SettingsError, as_typed
from pipeline.patterns import lazy_pattern

_DURATION_RE = lazy_pattern(r"(\d+(?:\.\d+)?)\s*([smh]?)\Z")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _option(name: str, kind: type, default: object, told: str) -> dict[str, object]:
    """An option as doit wants it."""
    return {"name": name.replace("-", "_"), "long": name, "type": kind, "default": default, "help": told}


class Nightly(HelpfulCommand):
    """The command. It takes no task names: the course's own `doit` runs are another matter."""

    name = "nightly"
    doc_purpose = "bring the source up to date, build, and publish what changed in one step"
    doc_usage = "[--rollback [N]]"
    doc_description = (
        "Settings are in [tool.lesson-pipeline.nightly] of pyproject.toml. Ends with 0: published, or nothing new; "
        "10: published, with faults; 11: not published; 12: could not start; 75: another run is at work. Says nothing "
        "where all is well and nobody looks on."
    )
    cmd_options = (
        _option("wait", str, "0", "how long to wait for another run, such as 10m"),
        _option("timeout", str, "0", "how long the run may take, such as 2h"),
        _option("rollback", bool, False, "show the release before, or the one N before; with 0 the newest"),
        _option("verify-all", bool, False, "compare what is published with a clean build"),
        _option("no-update", bool, False, "leave the source as it is"),
    )

    def execute(self, opt_values: Any, pos_args: list[str]) -> int:
        """Run it; doit ends with what this gives."""
        from pipeline.commands.course_here import course_here

        wait, timeout = (read_duration(name, opt_values[name]) for name in ("wait", "timeout"))
        back = _read_back(pos_args, is_asked=opt_values["rollback"])
        course = course_here()
        STARTED_IN.set("")  # a fault is the same one from wherever a night is started
        from pipeline.nightly.night import Night, Options
        from pipeline.nightly.settings import read_settings, read_sound

        wrong: SettingsError | None = None
        try:
            settings = read_settings(course.location.root)
        except SettingsError as error:
            settings, wrong = read_sound(course.location.root), error
        options = Options(wait, timeout, not opt_values["no_update"], opt_values["verify_all"])
        night = Night(course.location, course.definitions.rows.values(), settings, options)
        if wrong is not None:
            status = night.refuse(wrong)
        elif back is None:
            status = night.run()
        else:
            status = night.roll_back(back)
        if status:
            sys.stderr.write(night.message + "\n")
        elif sys.stdout and sys.stdout.isatty():
            sys.stdout.write(night.message + "\n")
        return status


def _read_back(pos_args: list[str], *, is_asked: bool) -> int | None:
    """How many releases to go back; None if that was not asked for."""
    if not is_asked and not pos_args:
        return None
    if not is_asked or len(pos_args) > 1 or not all(word.isdecimal() for word in pos_args):
        raise InvalidCommand(
            f"{as_typed('nightly')} takes no {' '.join(pos_args)!r}\n  hint: {as_typed('nightly --rollback 2')}"
        )
    return int(pos_args[0]) if pos_args else 1


def read_duration(name: str, said: str) -> float:
    """Seconds of `90`, `10m`, `2h`.

    >>> read_duration("wait", "10m")
    600.0
    """
    found = _DURATION_RE.match(said.strip())
    if found is None:
        raise InvalidCommand(f"--{name} cannot be {said!r}\n  hint: say 90s, 10m or 2h")
    return float(found.group(1)) * _SECONDS[found.group(2)]
