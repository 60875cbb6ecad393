"""a schedule -> the text of systemd units, of crontab lines, of a workflow."""

from __future__ import annotations

import hashlib
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from pipeline.nightly.timetable import Timetable, read_said

NAME = "lesson-pipeline"
WAIT = "1h"
"""How long a scheduled run waits for a build by hand."""
_MARK_RE = re.compile(r"# (?:.*: )?made by doit schedule, (?P<said>[^\n]*)$", re.M)


class Job(NamedTuple):
    """One course, to be published by a schedule."""

    root: Path
    """Where `dodo.py` stands."""
    python: str
    arguments: tuple[str, ...]
    """What says which course it is: `content=DIR`."""
    writes: tuple[Path, ...]
    """The folders that a run writes into."""
    timetable: Timetable

    @property
    def name(self) -> str:
        """One for each course of the machine."""
        said = "\0".join([str(self.root), *self.arguments])
        return f"{NAME}-{hashlib.blake2b(said.encode(errors='surrogateescape'), digest_size=4).hexdigest()}"

    @property
    def command(self) -> list[str]:
        """The words of the command line."""
        return [self.python, "-m", "doit", "nightly", "--wait", WAIT, *self.arguments]

    @property
    def mark(self) -> str:
        """A comment by which it is known again."""
        return f"# {self.name}: made by doit schedule, {self.timetable}"


def read_mark(text: str) -> Timetable | None:
    """When a schedule runs, from its text; None for what was not made here."""
    found = _MARK_RE.search(text)
    return read_said(found["said"]) if found else None


# --- systemd ---


def write_timer(job: Job) -> str:
    """The timer unit: a run that the machine slept through is made up for."""
    return f"""{job.mark}
[Unit]
Description=Publish the course in {_plain(job.root)}

[Timer]
OnCalendar={job.timetable.calendar}
Persistent=true
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def write_service(job: Job) -> str:
    """The service unit: it may write into its own folders, and reach the network, and little else."""
    return f"""{job.mark}
[Unit]
Description=Publish the course in {_plain(job.root)}

[Service]
Type=oneshot
WorkingDirectory={_plain(job.root)}
ExecStart={" ".join(map(_quote, job.command))}
Nice=10
TimeoutStopSec=10
UMask=0022
ReadWritePaths={" ".join(_quote(str(path)) for path in job.writes)}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=true
PrivateDevices=true
ProtectProc=invisible
ProcSubset=pid
ProtectClock=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectControlGroups=true
NoNewPrivileges=true
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
LockPersonality=true
MemoryDenyWriteExecute=true
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""


def _plain(path: Path) -> str:
    """A path that takes its whole line: `%` begins what systemd fills in."""
    return str(path).replace("%", "%%")


def _quote(word: str) -> str:
    """A word of a command line of systemd.

    >>> _quote("a b"), _quote("50%$")
    ('"a b"', '"50%%$$"')
    """
    if re.fullmatch(r"[\w@+=:,./-]+", word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


# --- cron ---


def with_job(crontab: str, job: Job) -> str:
    """A crontab with the job's lines, in their place if it has some already; all other lines as they are."""
    command = f"cd {shlex.quote(str(job.root))} && exec {shlex.join(job.command)}".replace("%", "\\%")
    own = [job.mark, f"{job.timetable.cron} {command}", f"# {job.name}: end"]
    lines = crontab.split("\n")
    start, end = _find_lines(lines, job) or (len(lines), len(lines))
    if start == len(lines) and lines[-1] == "":
        start = end = start - 1
    return "\n".join([*lines[:start], *own, *(lines[end:] or [""])])


def without_job(crontab: str, job: Job) -> str:
    """A crontab without the job's lines."""
    lines = crontab.split("\n")
    found = _find_lines(lines, job)
    return "\n".join([*lines[: found[0]], *lines[found[1] :]]) if found else crontab


def find_job(crontab: str, job: Job) -> str:
    """The job's lines; `""` if it has none."""
    lines = crontab.split("\n")
    found = _find_lines(lines, job)
    return "\n".join(lines[found[0] : found[1]]) if found else ""


def _find_lines(lines: list[str], job: Job) -> tuple[int, int] | None:
    start = next((n for n, line in enumerate(lines) if line.startswith(f"# {job.name}: made by ")), None)
    if start is None:
        return None
    ends = (n for n, line in enumerate(lines) if n > start and line.rstrip() == f"# {job.name}: end")
    # Without its end, only what is known to be its own: its mark, and the line below.
    return start, next(ends, min(start + 1, len(lines) - 1)) + 1


# --- GitHub ---


def write_workflow(job: Job, folder: str, install: str) -> str:
    """A workflow that publishes on GitHub Pages; `folder` is where `dodo.py` stands in the repository, `install` what
    brings the program."""
    inside = "" if folder == "." else f"{folder}/"
    kept = "\n".join(f"            {inside}{name}" for name in (".lesson-pipeline", "output", "published"))
    arguments = f" {shlex.join(job.arguments)}" if job.arguments else ""
    return f"""{job.mark}
# By GitHub's clock, which is UTC.
name: nightly
on:
  schedule:
    - cron: "{job.timetable.cron}"
  workflow_dispatch:
permissions:
  contents: read
  pages: write
  id-token: write
concurrency:
  group: nightly
  cancel-in-progress: false
jobs:
  publish:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
    defaults:
      run:
        working-directory: {folder}
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: {install}
      - uses: actions/cache/restore@v4
        with:
          path: |
{kept}
          key: nightly-${{{{ github.run_id }}}}
          restore-keys: nightly-
      - id: night
        run: |
          status=0
          python -m doit nightly --no-update{arguments} || status=$?
          echo "status=$status" >> "$GITHUB_OUTPUT"
      - if: always()
        uses: actions/cache/save@v4
        with:
          path: |
{kept}
          key: nightly-${{{{ github.run_id }}}}
      - if: steps.night.outputs.status == '0' || steps.night.outputs.status == '10'
        uses: actions/upload-pages-artifact@v3
        with:
          path: {inside}published/current/
      - if: steps.night.outputs.status == '0' || steps.night.outputs.status == '10'
        uses: actions/deploy-pages@v4
      - run: exit ${{{{ steps.night.outputs.status }}}}
"""
