"""A course on disk and runs of doit over it, for the tests of the build."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

import jinja2
import pytest
from doit.doit_cmd import DoitMain
from doit.task import Task

from pipeline.builder.disk.location import Location
from pipeline.builder.disk.lock import CourseLock
from pipeline.builder.runs.builds import Builds
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.session import Session
from pipeline.builder.state.state import State
from pipeline.page import forget_templates

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
SUB_PATH = "/khoa-hoc/"
"""Where the demo course is served: a site need not be at the top of its host."""
_EXECUTED_RE = re.compile(r"^\.  (\S+)$", re.M)

needs_no_root = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root reads everything"
)
"""For what needs a process that permissions apply to."""


@dataclass(frozen=True)
class Run:
    """What one run of doit did."""

    status: int
    executed: list[str]
    text: str
    loaded: list[str]
    """The tasks that doit was given to ask; after a seal only those that a difference can reach, none if there is none."""

    def stages(self) -> set[str]:
        return {task.partition(":")[0] for task in self.executed}


class Project:
    """A folder with `dodo.py`, templates, and a course of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / "dodo.py", root)
        shutil.copy(PROJECT / "pyproject.toml", root)
        shutil.copytree(PROJECT / "templates", root / "templates")
        self.content = root / "content"
        self.content.mkdir()
        self.output = root / "output"

    @property
    def renames(self) -> Path:
        """Where builds note what they saw renamed."""
        return Path(Location(self.root, self.content, self.output).renames_path)

    def write(self, path: str, text: str | bytes) -> Path:
        target = self.content / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return target

    def doit(self, *arguments: str) -> Run:
        """Run doit in this process; slower things have tests of their own in a new one."""
        # doit binds its output to the stdout of the moment it was imported: name a file instead.
        written = self.root / "doit.log"
        written.unlink(missing_ok=True)
        is_run = not arguments or arguments[0] not in (
            "list",
            "info",
            "clean",
            "forget",
            "ignore",
            "check",
            "explain",
            "reset-dep",
            "nightly",
            "history",
            "schedule",
        )
        searches = gc.get_threshold()
        with _in_folder(self.root) as stream:
            forget_templates()
            _LOADED.clear()
            outfile = ["-o", str(written), "-r", "tasks"] if is_run and "-r" not in arguments else []
            try:
                status = DoitMain().run([*outfile, *arguments])
            except SystemExit as stop:
                status = stop.code
        gc.set_threshold(*searches)  # a process of doit searches its garbage rarely
        for state in _OPENED:
            state.close()
        _OPENED.clear()
        for lock in _LOCKED:
            lock.release()
        _LOCKED.clear()
        text = stream.getvalue() + (written.read_text("utf-8") if written.exists() else "")
        return Run(int(status or 0), _EXECUTED_RE.findall(text), text, list(_LOADED))

    def copy_to(self, root: Path, *, with_times: bool = True) -> Project:
        """The same course, output and state at another place."""
        shutil.copytree(self.root, root, symlinks=True, copy_function=shutil.copy2 if with_times else shutil.copyfile)
        copy = object.__new__(Project)
        copy.root, copy.content, copy.output = root, root / "content", root / "output"
        return copy

    def reopened(self, root: Path, way: str) -> Project:
        """A copy of a built course, with the next run known to go the `way` that the fixture of that name says."""
        copy = self.copy_to(root)
        assert copy.build().executed == []
        assert bool(copy.build().loaded) == (way == "asked")
        return copy

    def build(self) -> Run:
        """Run doit and insist that it succeeds."""
        run = self.doit()
        assert run.status == 0, run.text
        return run

    def page(self, path: str) -> str:
        return (self.output / path).read_text("utf-8")

    def clean_build(self) -> dict[str, bytes]:
        """The files of a build that starts from nothing, elsewhere."""
        elsewhere = self.root / "clean"
        shutil.rmtree(elsewhere, ignore_errors=True)
        state = Location(self.root, self.content, elsewhere).state_folder
        shutil.rmtree(state, ignore_errors=True)
        if self.renames.exists():  # made from, as the course is
            state.mkdir()
            shutil.copy(self.renames, state)
        run = self.doit(f"output={elsewhere}")
        files = read_tree(elsewhere)
        assert run.status in (0, 1), run.text
        assert run.executed
        return files


def ask_every_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no build heed the seal of the one before."""
    monkeypatch.setattr(CourseRun, "difference", None)


def some_of_many(names: Iterable[str], *shown: str) -> list[Any]:
    """Parameters of a test, of which the first tier tries those that are shown, and `--deep` the others."""
    return [name if name in shown else pytest.param(name, marks=pytest.mark.deep) for name in names]


class InOneProcess(Project):
    """A course of which each build is one more of the same process, as a server makes them."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.builds = Builds(Location(root, self.content, self.output))

    def build(self) -> Run:
        written = io.StringIO()
        outcome = self.builds.run(written)
        assert outcome.status == 0, written.getvalue()
        return Run(0, outcome.told["executed"], written.getvalue(), [])


def run_as_nobody(folder: Path, *words: str) -> tuple[int, str]:
    """Run Python in a folder, in a process that permissions apply to: its status, and all that it says."""
    prefix = []
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "65534:65534", folder], check=True)
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        for path in (folder, *folder.parents):
            if path != Path("/") and path.stat().st_uid == 0:
                path.chmod(path.stat().st_mode | 0o055)
        for path in folder.parents:
            if path.name.startswith("pytest-") and path.exists():
                path.chmod(0o755)
    process = subprocess.run(
        [*prefix, sys.executable, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.fspath(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return process.returncode, process.stdout + process.stderr


def die_before_record(project: Project, task: str, by: signal.Signals = signal.SIGKILL) -> None:
    """Kill a build between the file of a task and its record; the records of the tasks before it are kept."""
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # whoever runs the tests may ignore it
        "from pipeline.builder.disk import sweep\n"
        "from pipeline.builder.state import database\n"
        "from pipeline.builder.state.state import State\n"
        "sweep.RACY_NS, database.BATCH_SECONDS = 0, 0\n"
        "commit = State.commit\n"
        "def die(self, task, *more, **named):\n"
        f"    if task == {task!r} and more[0].inputs:\n"
        f"        os.kill(os.getpid(), {int(by)})\n"
        "    commit(self, task, *more, **named)\n"
        "State.commit = die\n"
        "from doit.doit_cmd import DoitMain\n"
        "sys.exit(DoitMain().run([]))\n"
    )
    (project.root / "die.py").write_text(code, "utf-8")
    process = subprocess.run([sys.executable, "die.py"], cwd=project.root, capture_output=True, check=False)
    assert process.returncode == -by, process.stderr


def build_demo(root: Path) -> Path:
    """The output of the demo course, made for a sub-path of a host."""
    project = Project(root)
    shutil.copytree(PROJECT / "content", project.content, dirs_exist_ok=True)
    settings = (PROJECT / "content" / "course.toml").read_text("utf-8")
    project.write("course.toml", f'{settings}\nbase_url = "https://example.org{SUB_PATH}"\n')
    project.build()
    return project.output


def build_odd(root: Path) -> Path:
    """The output of a course that is hard on its pages: hard names, and things that are wider than a phone."""
    project = Project(root)
    project.write("course.toml", 'title = "Odd & <ends>"\nlanguage = "en"\n')
    project.write(
        "rong.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="20"><rect width="2000" height="20"/></svg>',
    )
    project.write("wide.md", _WIDE)
    formulas = (PROJECT / "tests/cases/formulas.txt").read_text("utf-8").splitlines()
    shown = (f"$${line.partition(' | ')[2]}$$" for line in formulas if not line.startswith("#"))
    project.write("formulas.md", "# Công thức\n\n" + "\n\n".join(shown) + "\n")
    for number, name in enumerate(ODD_NAMES):
        project.write(
            f"{name}/{name}.md", f"# Lesson {number} <b>of</b> `{name}`\n\nfindme{number} text\n\n## Part\n\nend\n"
        )
    for number in range(60):
        project.write(f"long/lesson_{number}.md", f"# Number {number}\n\n## A\n\n## B\n\ncommon words\n")
    deep = "one/two/three/four/five/six"
    project.write(f"{deep}/deep.md", "# Deep down\n\nText.\n")
    project.write(f"{deep}/next.md", f"# A very long name {'of many words ' * 12}\n\nText.\n")
    for number in range(6):
        project.write(f"one/{_LONG}{number}/a.md", f"# {_LONG}\n\nText.\n")
    project.build()
    return project.output


_LONG = "kiến_trúc_" * 12
_WIDE = f"""# Dài {_LONG}

{_LONG}

## Bảng & <công thức>

| a |{f" {_LONG} |" * 7}
|---|{"---|" * 7}
| `{_LONG}` | b | c |

$$
{" + ".join(f"x_{{{number}}}^2" for number in range(60))}
$$

Trong dòng: ${" + ".join(f"y_{{{number}}}" for number in range(40))}$ hết.

```python
print("{"a" * 300}")
```

## {_LONG}

> - [ ] {_LONG}

!!! note "{_LONG}"
    `{_LONG}`

![x](rong.svg) <details><summary>{_LONG}</summary>

{_LONG}

</details>

[^1]: {_LONG}

Cuối.[^1]
"""
ODD_NAMES = ("bài 1 (một)", "50% & hơn", "a+b=c", "dấu #thăng", "it's", "Hỏi?", "à" * 40)


def read_tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path, and every empty folder as `path/`."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            files[name] = path.read_bytes()
        elif not any(path.iterdir()):
            files[name + "/"] = b""
    return files


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[io.StringIO]:
    before, path = Path.cwd(), list(sys.path)
    sys.modules.pop("dodo", None)
    stream = io.StringIO()
    os.chdir(folder)
    try:
        with contextlib.ExitStack() as stack:
            for context in (_NOTE_OPENED, _NOTE_LOCKED, _NOTE_LOADED, _KEEP_NOTHING, _READ_ONCE, _COMPILE_ONCE):
                stack.enter_context(context)
            stack.enter_context(contextlib.redirect_stdout(stream))
            stack.enter_context(contextlib.redirect_stderr(stream))
            yield stream
    finally:
        os.chdir(before)
        sys.path[:] = path
        sys.modules.pop("dodo", None)


def _load(session: Session, *arguments: Any) -> list[Task]:
    tasks = _load_anyway(session, *arguments)
    _LOADED[:] = [task.name for task in tasks]
    return tasks


def _open(state: State, path: Path) -> None:
    _open_anyway(state, path)
    _OPENED.append(state)


def _take(lock: CourseLock, *, wait: bool) -> None:
    _LOCKED.append(lock)
    _take_anyway(lock, wait=wait)


_take_anyway = CourseLock.take
_LOCKED: list[CourseLock] = []
"""Of the same commands: a wrong name ends one before its records are closed."""
_NOTE_LOCKED = patch.object(CourseLock, "take", _take)
_open_anyway = State.__init__
_OPENED: list[State] = []
"""Of the commands at work: some leave the end of their process to close them."""
_load_anyway = Session._load
_LOADED: list[str] = []
_NOTE_OPENED = patch.object(State, "__init__", _open)
_NOTE_LOADED = patch.object(Session, "_load", _load)
_KEEP_NOTHING = patch("pipeline.builder.runs.session.forget_garbage", lambda: None)
"""The process does not end with its build: what that held is to go."""

# What a new process does at its start took half the time of a small build. A process that builds a thousand times does it once.

_READ_ONCE = patch("doit.plugin.entry_points", functools.cache(entry_points))


_compile_anew = jinja2.Environment.compile
_COMPILED: dict[tuple[str, str], CodeType] = {}


def _compile(environment: jinja2.Environment, source: str, name: str, filename: str) -> CodeType:
    """Jinja2's code for a template; where it had the same text and name, only its file is another."""
    key = name, environment.preprocess(source)
    if key not in _COMPILED:
        _COMPILED[key] = _compile_anew(environment, source, name, filename)
    return _at(_COMPILED[key], filename)


_COMPILE_ONCE = patch.object(jinja2.Environment, "compile", _compile)


def _at(code: CodeType, filename: str) -> CodeType:
    parts = tuple(_at(part, filename) if isinstance(part, CodeType) else part for part in code.co_consts)
    return code.replace(co_filename=filename, co_consts=parts)
