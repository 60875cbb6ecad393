"""A content folder in git -> the same folder at its upstream's last commit, where that only went forward.

Nothing is merged, stashed or overwritten: what is not a plain step forward is a person's to decide, and is told.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.disk.history import log_stamp
from pipeline.errors import SourceError, some_of
from pipeline.nightly.history import Log
from pipeline.nightly.programs import Ended, run_program

FETCH_SECONDS = 900
"""A remote that gives nothing for a quarter of an hour is given up."""
_SAFE = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "gc.autoDetach=false", "submodule.recurse=false")
"""The content folder is anybody's: what stands in it starts no program, and nothing goes on when git has ended."""
_PATIENCE = ("http.lowSpeedLimit=100", "http.lowSpeedTime=60")
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
_CONFLICTS = ("DD", "AU", "UD", "UA", "DU", "AA", "UU")


class Revisions(NamedTuple):
    """What was there and what is there now; `""` without git."""

    before: str
    after: str


def update_source(content: Path, log: Log) -> Revisions:
    """Bring the repository of a folder forward to its upstream. Raises `SourceError` where that is not a plain step.

    Without a repository, or one that was fetched from nowhere, there is nothing to bring."""
    git = _Git(content, log)
    before = git.revision()
    if not before or not git.ask("remote").text.strip():
        return Revisions(before, before)
    remote, branch = _upstream(git)
    if git.ask("rev-parse", "--is-shallow-repository").text.strip() == "true":
        raise SourceError(
            "the source is a shallow clone: whether its branch only went forward cannot be known",
            hint=f"git -C {content} fetch --unshallow",
        )
    _check_clean(git)
    fetched = git.run("fetch", "--quiet", "--no-recurse-submodules", remote, branch, seconds=FETCH_SECONDS)
    if fetched.status:
        raise SourceError(f"the source cannot be fetched from {remote}: {fetched.reason}", hint="see the log")
    after = git.ask("rev-parse", "FETCH_HEAD").text.strip()
    if git.ask("merge-base", "--is-ancestor", after, before).status == 0:
        return Revisions(before, before)  # nothing new, or own commits on top
    if git.ask("merge-base", "--is-ancestor", before, after).status:
        raise SourceError(
            f"the source and {remote} have parted: {before[:10]} is not among what led to {after[:10]}",
            hint=f"the branch was rewritten, or has commits that were not pushed: see git -C {content} log "
            "HEAD...FETCH_HEAD",
        )
    moved = git.run("merge", "--ff-only", "--quiet", after, goes_on=True)
    if moved.status:
        raise SourceError(f"the source cannot be brought to {after[:10]}: {moved.reason}", hint="see the log")
    return Revisions(before, after)


def read_revision(content: Path, log: Log) -> str:
    """The commit that a folder is at; `""` without git."""
    return _Git(content, log).revision()


class _Git:
    """git in the repository of a folder, asked in English and never asking back."""

    def __init__(self, content: Path, log: Log) -> None:
        self._content = content
        self._log = log
        self._environment = {
            # A hook of another repository may have started the night.
            **dict.fromkeys(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_QUARANTINE_PATH"), None),
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", _SSH),
        }
        options = (part for setting in (*_SAFE, *_PATIENCE) for part in ("-c", setting))
        self._command = ["git", "-C", os.fspath(content), *options]

    def run(self, *arguments: str, seconds: float | None = None, goes_on: bool = False) -> Ended:
        """Run a command of git, told in the log."""
        self._log.write("git " + " ".join(arguments))
        return self._run(arguments, seconds=seconds, goes_on=goes_on)

    def ask(self, *arguments: str) -> Ended:
        """Ask for what is known here."""
        return self._run(arguments, seconds=None, goes_on=False)

    def _run(self, arguments: tuple[str, ...], *, seconds: float | None, goes_on: bool) -> Ended:
        return run_program(
            [*self._command, *arguments],
            self._log,
            folder=Path("/"),
            environment=self._environment,
            seconds=seconds,
            goes_on=goes_on,
        )

    def revision(self) -> str:
        """The commit that is there; `""` without a repository or a commit."""
        if log_stamp(self._content) == "":
            return ""
        found = self.ask("rev-parse", "--verify", "HEAD")
        if found.status == 0:
            return found.text.strip()
        if any(words in found.text for words in ("dubious ownership", "detected dubious")):
            raise SourceError(
                "git does not trust the source: it belongs to another user",
                hint=f"git config --global --add safe.directory {self._content}",
            )
        return ""


def _upstream(git: _Git) -> tuple[str, str]:
    """The remote of the branch that is there, and the branch's name on it."""
    found = git.ask("symbolic-ref", "--quiet", "--short", "HEAD")
    if found.status:
        raise SourceError("the source is at no branch", hint="check one out, or say update = false")
    branch = found.text.strip()
    remote = git.ask("config", f"branch.{branch}.remote").text.strip()
    merges = git.ask("config", f"branch.{branch}.merge").text.strip()
    if not remote or not merges:
        raise SourceError(
            f"the branch {branch} of the source follows none of the remote",
            hint=f"git branch --set-upstream-to=origin/{branch}, or say update = false",
        )
    return remote, merges


def _check_clean(git: _Git) -> None:
    """Raise `SourceError` if a file in git differs from its commit: a step forward could lose it."""
    found = git.ask("status", "--porcelain", "--untracked-files=no", "--ignore-submodules")
    if found.status:
        raise SourceError(f"git cannot say whether the source has changes: {found.reason}", hint="see the log")
    lines = found.text.splitlines()
    conflicts = [line[3:] for line in lines if line[:2] in _CONFLICTS]
    if conflicts:
        raise SourceError(f"a merge in the source was not finished: {some_of(conflicts)}", hint="finish or abort it")
    if lines:
        changed = some_of([line[3:] for line in lines])
        raise SourceError(f"the source has changes that are in no commit: {changed}", hint="commit or stash them")
