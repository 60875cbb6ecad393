"""A course on disk and runs of doit over it, for the tests of the build."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from doit.doit_cmd import DoitMain

from pipeline.page import forget_templates

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
_EXECUTED_RE = re.compile(r"^\.  (\S+)$", re.M)


@dataclass(frozen=True)
class Run:
    """What one run of doit did."""

    status: int
    executed: list[str]
    text: str

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
            "explain",
            "reset-dep",
        )
        with _in_folder(self.root) as stream:
            forget_templates()
            outfile = ["-o", str(written), "-r", "tasks"] if is_run and "-r" not in arguments else []
            try:
                status = DoitMain().run([*outfile, *arguments])
            except SystemExit as stop:
                status = stop.code
        text = stream.getvalue() + (written.read_text("utf-8") if written.exists() else "")
        return Run(int(status or 0), _EXECUTED_RE.findall(text), text)

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
        for state in (self.root / ".lesson-pipeline").glob("content-clean-*"):
            shutil.rmtree(state)
        run = self.doit(f"output={elsewhere}")
        files = read_tree(elsewhere)
        assert run.status in (0, 1), run.text
        assert run.executed
        return files


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
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            yield stream
    finally:
        os.chdir(before)
        sys.path[:] = path
        sys.modules.pop("dodo", None)
