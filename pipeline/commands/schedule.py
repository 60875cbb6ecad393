"""`doit schedule`: have a course published at a time of day, by what this machine has for that."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doit import doit_cmd
from doit.exceptions import InvalidCommand

from pipeline.builder.runs.helpful import HelpfulCommand
from pipeline.errors import PipelineError, as_typed

if TYPE_CHECKING:
    from pipeline.builder.disk.location import Location
    from pipeline.nightly.installed import Place
    from pipeline.nightly.jobs import Job

_PLACES = ("systemd", "cron", "github")


def _flag(name: str, told: str) -> dict[str, object]:
    return {"name": name, "long": name, "type": bool, "default": False, "help": told}


class Schedule(HelpfulCommand):
    """The command."""

    name = "schedule"
    doc_purpose = "publish the course at a time of day"
    doc_usage = "--at 02:30 [--systemd|--cron|--github] [--print] | --status | --remove"
    doc_description = (
        "A timer of your own systemd where you have one, else lines in your crontab. Said twice, it changes nothing; "
        "said with another time, it replaces what was there."
    )
    cmd_options = (
        {"name": "at", "long": "at", "type": str, "default": "", "help": "a time of day, such as 02:30"},
        {"name": "every", "long": "every", "type": int, "default": 0, "help": "or so many minutes apart, such as 15"},
        _flag("systemd", "as a timer of your systemd"),
        _flag("cron", "as lines of your crontab"),
        _flag("github", "as a workflow of GitHub, which publishes on its Pages"),
        _flag("print", "write what it would put in place, and put nothing"),
        _flag("status", "show when it runs next, and how it went last"),
        _flag("remove", "remove it"),
    )

    def execute(self, opt_values: Any, pos_args: list[str]) -> int:
        """Do what was asked for; 1 with a message where that cannot be."""
        asked = [name for name in ("at", "every", "status", "remove") if opt_values[name]]
        if pos_args or len(asked) != 1:
            raise InvalidCommand(
                f"say one of --at, --every, --status, --remove\n  hint: {as_typed('schedule --at 02:30')}"
            )
        try:
            text = self._do(opt_values)
        except PipelineError as error:
            sys.stderr.write(error.diagnostic.format("schedule") + "\n")
            return 1
        except OSError as error:
            sys.stderr.write(f"schedule: {error.filename}: {error.strerror}\n")
            return 1
        sys.stdout.write(text)
        return 0

    def _do(self, options: Any) -> str:
        from pipeline.commands.course_here import course_here
        from pipeline.nightly.installed import PLACES, find_schedules, usual_place
        from pipeline.nightly.timetable import Timetable, read_at, read_every

        location = course_here().location
        named = [place for place in PLACES if options[place.name]]
        if len(named) > 1:
            raise InvalidCommand("say one of --systemd, --cron, --github")
        if options["at"] or options["every"]:
            job = _job_of(location, read_at(options["at"]) if options["at"] else read_every(options["every"]))
            place = named[0] if named else usual_place()
            return place.write(job) if options["print"] else _put(place, job)
        job = _job_of(location, Timetable(0))
        found = [one for one in find_schedules(job) if not named or one.place in named]
        if options["remove"]:
            removed = [one.place.name for one in found if one.place.remove(job)]
            return f"removed from {', '.join(removed)}\n" if removed else "there was none\n"
        now = datetime.now()
        lines = [
            f"{one.place.name}: {one.timetable}, next {one.timetable.next_after(now):%Y-%m-%d %H:%M}\n" for one in found
        ]
        return "".join(lines or [f"no schedule: {as_typed('schedule --at 02:30')}\n"]) + _last_run(location)


def _put(place: Place, job: Job) -> str:
    """Put a schedule in place; where it was in another, it goes from there."""
    from pipeline.nightly.installed import find_schedules

    told = place.put(job)
    others = [one.place for one in find_schedules(job) if one.place.name not in (place.name, "github")]
    moved = [other.name for other in others if place.name != "github" and other.remove(job)]
    gone = f", and no longer by {', '.join(moved)}" if moved else ""
    return f"{as_typed('nightly')} runs {job.timetable} by {place.name}{gone}\n  {told}\n"


def _last_run(location: Location) -> str:
    from pipeline.nightly.history import History

    row = History(location).last()
    return f"last run: {row.started} {row.result} ({row.status})\n" if row.run else "no run yet\n"


def _job_of(location: Location, timetable: Any) -> Job:
    """The course that the command line names, by whole paths: a schedule starts wherever it likes."""
    from pipeline.nightly.jobs import Job
    from pipeline.nightly.settings import read_settings

    said = {**doit_cmd._CMDLINE_VARS}
    said.update({name: os.fspath(getattr(location, name)) for name in ("content", "output") if name in said})
    arguments = tuple(f"{name}={value}" for name, value in sorted(said.items()))
    publish = location.root / Path(read_settings(location.root).publish).expanduser()
    top = next((folder for folder in (location.content, *location.content.parents) if (folder / ".git").exists()), None)
    writes = {location.root, top or location.content}
    # What is not there yet is made in its parent.
    writes |= {folder if folder.exists() else folder.parent for folder in (location.output, publish)}
    outside = [folder for folder in sorted(writes) if not any(other in folder.parents for other in writes)]
    return Job(location.root, sys.executable, arguments, tuple(outside), timetable)
