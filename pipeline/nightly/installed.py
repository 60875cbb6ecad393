"""Schedules put in place, looked up and removed: a systemd user timer, lines of a crontab, a workflow of GitHub."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple, Protocol

from pipeline.errors import SettingsError
from pipeline.nightly.jobs import (
    Job,
    find_job,
    read_mark,
    with_job,
    without_job,
    write_service,
    write_timer,
    write_workflow,
)
from pipeline.nightly.timetable import Timetable

WORKFLOW = ".github/workflows/lesson-pipeline-nightly.yml"
REQUIREMENTS = "requirements.txt"
SECONDS = 60
"""What asks systemd or cron takes no longer."""


class Place(Protocol):
    """Where a schedule can be."""

    name: str

    def write(self, job: Job) -> str:
        """What `put` would write, to be read by a person."""

    def put(self, job: Job) -> str:
        """Put it in place, in the place of what it was; what a person is to know. Raises `SettingsError`."""

    def find(self, job: Job) -> Timetable | None:
        """When it runs, if it is in place."""

    def remove(self, job: Job) -> bool:
        """Remove it; whether it was there."""


class Systemd:
    """Units of the user's own systemd."""

    name = "systemd"

    def write(self, job: Job) -> str:
        return "".join(f"# --- {path}\n{text}\n" for path, text in self._units(job).items())

    def put(self, job: Job) -> str:
        if not self.is_there():
            raise SettingsError(
                "there is no systemd of this user here",
                hint="say --cron, or log in and run loginctl enable-linger",
            )
        for path, text in self._units(job).items():
            _write(path, text)
        self._call("daemon-reload")
        self._call("enable", "--now", f"{job.name}.timer")
        return "it runs also when you are logged out if you say once: loginctl enable-linger"

    def find(self, job: Job) -> Timetable | None:
        timer = next(iter(self._units(job)))
        return read_mark(timer.read_text("utf-8")) if timer.is_file() else None

    def remove(self, job: Job) -> bool:
        units = [path for path in self._units(job) if path.is_file()]
        if units and self.is_there():
            self._call("disable", "--now", f"{job.name}.timer")
        for path in units:
            path.unlink()
        if units and self.is_there():
            self._call("daemon-reload")
        return bool(units)

    def is_there(self) -> bool:
        """Whether the user's systemd answers."""
        return (
            shutil.which("systemctl") is not None and _run(["systemctl", "--user", "show-environment"]).returncode == 0
        )

    @staticmethod
    def _units(job: Job) -> dict[Path, str]:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
        return {folder / f"{job.name}.timer": write_timer(job), folder / f"{job.name}.service": write_service(job)}

    @staticmethod
    def _call(*arguments: str) -> None:
        done = _run(["systemctl", "--user", *arguments])
        if done.returncode:
            raise SettingsError(f"systemctl --user {' '.join(arguments)} failed: {done.stderr.strip()}")


class Cron:
    """Lines between two marks in the user's crontab."""

    name = "cron"

    def write(self, job: Job) -> str:
        return with_job("", job)

    def put(self, job: Job) -> str:
        before = self._read()
        after = with_job(before, job)
        if after != before:
            self._write(after)
        return "cron mails what a run says, which is nothing where all is well"

    def find(self, job: Job) -> Timetable | None:
        return read_mark(find_job(self._read(), job)) if shutil.which("crontab") else None

    def remove(self, job: Job) -> bool:
        before = self._read() if shutil.which("crontab") else ""
        after = without_job(before, job)
        if after != before:
            self._write(after)
        return after != before

    @staticmethod
    def _read() -> str:
        """The crontab as it is: whoever has none gets one, and what cannot be read is never written over."""
        if shutil.which("crontab") is None:
            raise SettingsError("there is no crontab here", hint="install cron, or say --systemd")
        done = _run(["crontab", "-l"])
        if done.returncode and not (done.returncode == 1 and "no crontab for" in done.stderr):
            raise SettingsError(f"the crontab cannot be read: {done.stderr.strip()}")
        return done.stdout if done.returncode == 0 else ""

    @staticmethod
    def _write(text: str) -> None:
        done = _run(["crontab", "-"], text) if text else _run(["crontab", "-r"])
        if done.returncode:
            raise SettingsError(f"the crontab cannot be written: {done.stderr.strip()}")


class GitHub:
    """A workflow file in the repository that `dodo.py` is in."""

    name = "github"

    def write(self, job: Job) -> str:
        return write_workflow(job, os.path.relpath(job.root, self._top(job)), _install_line(job.root))

    def put(self, job: Job) -> str:
        path = self._top(job) / WORKFLOW
        if path.exists() and read_mark(path.read_text("utf-8")) is None:
            raise SettingsError(f"{path} is not from here", hint="rename it, or say --print and put both into one")
        _write(path, self.write(job))
        return f"commit {WORKFLOW}, and choose GitHub Actions as the source of Pages in the settings of the repository"

    def find(self, job: Job) -> Timetable | None:
        path = self._top(job) / WORKFLOW
        return read_mark(path.read_text("utf-8")) if path.is_file() else None

    def remove(self, job: Job) -> bool:
        found = self.find(job) is not None
        if found:
            (self._top(job) / WORKFLOW).unlink()
        return found

    @staticmethod
    def _top(job: Job) -> Path:
        """The top of the repository; the project's own folder where it is in none."""
        return next((folder for folder in (job.root, *job.root.parents) if (folder / ".git").exists()), job.root)


class Standing(NamedTuple):
    """A schedule that is in place."""

    place: Place
    timetable: Timetable


PLACES: tuple[Place, ...] = (Systemd(), Cron(), GitHub())


def find_schedules(job: Job) -> list[Standing]:
    """Every schedule of this course."""
    return [Standing(place, found) for place in PLACES if (found := place.find(job)) is not None]


def usual_place() -> Place:
    """systemd where the user has one, else cron."""
    return PLACES[0] if Systemd().is_there() else PLACES[1]


def _install_line(root: Path) -> str:
    """What brings the program: the project itself, where it is one that can be installed, else what the course says
    that it needs. Raises `SettingsError` where it says nothing: what a package index has under the program's name may
    be somebody else's, and the workflow would run it."""
    import tomllib

    try:
        is_own = "project" in tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError):
        is_own = False
    if is_own:
        return "python -m pip install ."
    if (root / REQUIREMENTS).is_file():
        return f"python -m pip install -r {REQUIREMENTS}"
    raise SettingsError(
        f"nothing beside dodo.py says where a workflow gets lesson-pipeline from: {REQUIREMENTS} is not there",
        hint=f"write a {REQUIREMENTS} with the place that you installed it from: lesson-pipeline @ git+https://...",
    )


def _write(path: Path, text: str) -> None:
    if path.is_file() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _run(command: list[str], told: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(
            command,
            input=told,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",  # other people's lines pass through as they are
            check=False,
            timeout=SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no answer within {SECONDS} s")
