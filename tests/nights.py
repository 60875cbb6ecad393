"""A course that is published by night: real git, real processes."""

from __future__ import annotations

import contextlib
import contextvars
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from building import Project

from pipeline.builder.disk.location import Location
from pipeline.nightly.ending import SIGNALS
from pipeline.nightly.history import History, Row
from pipeline.nightly.releases import Releases

_GIT = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")


def git(folder: Path, *arguments: str) -> str:
    """Run git, and insist that it succeeds."""
    done = subprocess.run(["git", *_GIT, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Nights(Project):
    """A course and its nights."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.told = root / "told.json"
        """What `notify_command` was given, a line each time."""

    @classmethod
    def of(cls, root: Path) -> Nights:
        """Two lessons, not in git."""
        nights = cls(root)
        nights.write("a/mot.md", "# Một\n\nCâu. [hai](hai.md)\n")
        nights.write("a/hai.md", "# Hai\n\nCâu.\n")
        nights.set_up(verify_days=0)
        return nights

    def set_up(self, **settings: Any) -> None:
        """Write the settings of nights."""
        path = self.root / "pyproject.toml"
        text = path.read_text("utf-8").partition("\n[tool.lesson-pipeline.nightly]")[0]
        lines = [f"{name} = {json.dumps(value)}" for name, value in {"verify_days": 0, **settings}.items()]
        path.write_text("\n".join([text, "[tool.lesson-pipeline.nightly]", *lines, ""]), "utf-8")

    @property
    def notify(self) -> str:
        """A command that notes what it is told."""
        return f"cat >> {self.told} && echo >> {self.told}"

    def notices(self) -> list[dict[str, Any]]:
        """What was told so far."""
        return [json.loads(line) for line in self.told.read_text().splitlines()] if self.told.exists() else []

    def start(self, *arguments: str, command: str = "nightly", **environment: str) -> subprocess.Popen[str]:
        """Begin a night in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "doit", command, *arguments],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, **environment},
        )

    def night(self, *arguments: str, command: str = "nightly", **environment: str) -> tuple[int, str]:
        """One night: how it ended, and what it said. In this process, unless it has an environment of its own."""
        if environment:
            return self.night_apart(*arguments, command=command, **environment)
        with _signals_as_they_were():
            run = contextvars.copy_context().run(self.doit, command, *arguments)
        return run.status, run.text

    def night_apart(self, *arguments: str, command: str = "nightly", **environment: str) -> tuple[int, str]:
        """One night in a process of its own, which may end or replace itself."""
        process = self.start(*arguments, command=command, **environment)
        text, _ = process.communicate(timeout=120)
        return process.returncode, text

    def published(self) -> str:
        """Publish, and insist that it went well; the name of the release."""
        status, text = self.night()
        assert (status, text) == (0, "")
        return self.releases.current()

    @property
    def location(self) -> Location:
        return Location(self.root, self.content, self.output)

    @property
    def releases(self) -> Releases:
        return Releases(self.root / "published")

    @property
    def history(self) -> History:
        return History(self.location)

    def row(self) -> Row:
        return self.history.last()

    @property
    def site(self) -> Path:
        """What readers see."""
        return self.root / "published" / "current"

    def released(self, name: str) -> Path:
        """The folder of a release."""
        return self.releases.path(name)

    def delete(self, folder: Path) -> None:
        """Delete a folder, as hands do."""
        shutil.rmtree(folder)

    def half_release(self) -> None:
        """What a killed night leaves: a release that is not complete, and one that was never shown."""
        for name in ("000900-20260101T000000Z.part", "000901-20260101T000000Z"):
            (self.root / "published/releases" / name / "a").mkdir(parents=True)

    def age_kept(self, days: float) -> None:
        """Let time pass for what releases keep of former ones."""
        for path in (self.root / "published/manifests").glob("*.json"):
            said = json.loads(path.read_text())
            said["kept"] = {name: since - days * 24 * 3600 for name, since in said["kept"].items()}
            path.write_text(json.dumps(said))

    def shows(self, files: dict[str, bytes]) -> bool:
        """Whether readers see these files, and besides them only what pages of other releases may ask for."""
        shown = self.shown()
        others = shown.keys() - files.keys()
        return files.items() <= shown.items() and all(path.startswith(("_static/", "_search/")) for path in others)

    def shown(self) -> dict[str, bytes]:
        """Every file that readers see."""
        return {
            path.relative_to(self.site).as_posix(): path.read_bytes() for path in self.site.rglob("*") if path.is_file()
        }


@contextlib.contextmanager
def _signals_as_they_were() -> Iterator[None]:
    """A night takes signals and the alarm for itself, and pytest ends by that a test that hangs."""
    handlers = {number: signal.getsignal(number) for number in (*SIGNALS, signal.SIGALRM)}
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.setitimer(signal.ITIMER_REAL, left)


class FromRemote(Nights):
    """The content folder is a clone of a repository, which others push to through `desk`."""

    night = Nights.night_apart  # with what it fetched it begins again, in place of its process

    @classmethod
    def of(cls, root: Path) -> FromRemote:
        nights = super().of(root)
        assert isinstance(nights, FromRemote)
        nights.desk = root / "desk"
        nights.remote = root / "remote.git"
        shutil.copytree(nights.content, nights.desk)
        shutil.rmtree(nights.content)
        git(nights.desk, "init", "-q")
        nights.push("first")
        git(root, "clone", "-q", str(nights.remote), str(nights.content))
        return nights

    desk: Path
    remote: Path

    def push(self, words: str, *arguments: str) -> str:
        """Commit what is on the desk, and push it; the commit."""
        if not self.remote.exists():
            git(self.root, "init", "-q", "--bare", str(self.remote))
            git(self.desk, "remote", "add", "origin", str(self.remote))
        git(self.desk, "add", "-A")
        git(self.desk, "commit", "-q", "--allow-empty", "-m", words)
        git(self.desk, "push", "-q", *arguments, "origin", "main")
        return git(self.desk, "rev-parse", "HEAD")

    def edit(self, path: str, text: str) -> str:
        """Push an edit of a lesson; the commit."""
        (self.desk / path).parent.mkdir(parents=True, exist_ok=True)
        (self.desk / path).write_text(text, "utf-8")
        return self.push(path)
