"""The wheel, in an environment of its own far from the clone: it holds everything, and a course lives there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import urllib.request
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from building import PROJECT

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "dodo.py")
TREES = ("pipeline", "templates", "content", "docs")
_NOT_OURS = shutil.ignore_patterns("__pycache__", "*.egg-info")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    tree = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        shutil.copy(PROJECT / name, tree)
    for name in TREES:
        shutil.copytree(PROJECT / name, tree / name, ignore=_NOT_OURS)
    code = "import hatchling.build as b; b.build_sdist('dist'); b.build_wheel('dist')"
    made = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return tree / "dist"


PYTHON: dict[tuple[str, ...], list[str]] = {("doit",): ["-m", "doit"], ("python",): []}
"""Programs that are no scripts of an environment to which they are lent."""


@dataclass
class Installed:
    """The program as a new user has it."""

    folder: Path
    scripts: Path

    def run(self, *arguments: str, inside: str = "my-course", status: int = 0) -> str:
        """What `lesson-pipeline`, or another program that `arguments` begin with, says."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        program = [os.fspath(self.scripts / "lesson-pipeline")]
        python = os.fspath(self.scripts / "python")
        if arguments[0:1] in PYTHON:
            program, arguments = [python, *PYTHON[arguments[0:1]]], arguments[1:]
        done = subprocess.run(
            [*program, *arguments],
            cwd=self.folder / inside,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment with nothing but the wheel. What it depends on is lent from the environment of the tests, whose own
    copy of the program is not: so no network is needed."""
    folder = tmp_path_factory.mktemp("far")
    venv.create(folder / "venv", with_pip=False)
    scripts = folder / "venv" / "bin"
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", "-q", "--no-deps", "--no-index"]
    done = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    # The files `.pth` of a folder that is named so are not read: that of the clone is one.
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return Installed(folder, scripts)


def test_the_wheel_holds_each_file_of_the_package_and_no_other(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    expected = {
        f"{inside}{path.relative_to(PROJECT).as_posix()}"
        for tree, inside in (("pipeline", ""), ("templates", "pipeline/"))
        for path in (PROJECT / tree).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_the_sdist_has_what_the_readme_builds(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"dodo.py", "content/course.toml", "templates/base.html", "docs/reference.md"} <= names


def test_both_can_be_published(built: Path) -> None:
    pytest.importorskip("twine", reason="twine is not installed")
    files = [str(path) for path in built.iterdir()]
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == len(files) == 2


def test_the_version_stands_in_one_place(built: Path, installed: Installed) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert installed.run("--version", inside=".").startswith(f"lesson-pipeline {version}, doit ")
    assert all(path.name.startswith(f"lesson_pipeline-{version}") for path in built.iterdir())
    versions = re.findall(r"^## (\d\S*)", (PROJECT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert versions[0] == version, "the newest of the changelog"
    texts = {path.name: path.read_text("utf-8") for path in (PROJECT / "pipeline").rglob("*.py")}
    assert [name for name, text in texts.items() if f'"{version}"' in text] == []


def test_a_course_lives_far_from_the_clone(installed: Installed) -> None:
    installed.run("new", "my-course", inside=".")
    root = installed.folder / "my-course"
    assert "3 pages rebuilt" in installed.run(inside="my-course/content/01_start")
    assert (root / "output" / "01_start" / "01_first_lesson.html").is_file()
    assert list((root / "output" / "_static").glob("site.*.css")), "styles come with the program"
    assert "nothing to do" in installed.run()
    assert "nothing to do" in installed.run("doit"), "plain doit is the same"
    assert "warning" not in installed.run("report")
    lesson = root / "content" / "01_start" / "01_first_lesson.md"
    lesson.write_text(lesson.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    told = "render:01_start/01_first_lesson"
    assert told in installed.run("explain", inside="my-course/content")
    assert told in installed.run("doit", "explain")
    assert "1 page rebuilt" in installed.run()
    (root / "templates" / "lesson.html").write_text(
        '{% extends "default/lesson.html" %}{% block title %}mine{% endblock %}'
    )
    installed.run()
    assert "<title>mine</title>" in (root / "output" / "01_start" / "01_first_lesson.html").read_text("utf-8")


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:  # noqa: S310  (it is http)
        found: bytes = answer.read()
    return found


def test_lessons_are_made_and_shown_there_too(installed: Installed) -> None:
    installed.run("new", "other", inside=".")
    assert "wrote content/01_start/02_more.md" in installed.run("new", "lesson", "01_start", "More", inside="other")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [os.fspath(installed.scripts / "lesson-pipeline"), "serve"]
    with subprocess.Popen(
        command, cwd=installed.folder / "other", env=environment, stdout=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        said = next(line for line in served.stdout if "http://" in line)
        url = said.partition("at ")[2].partition(",")[0]
        page, script = (fetch(url + path) for path in ("01_start/02_more.html", ".lesson-pipeline/live.js"))
        served.terminate()
    assert b"EventSource" in script
    assert b"live.js" in page
    assert "✎ More".encode() in page


def test_it_is_not_the_clone_that_runs(installed: Installed) -> None:
    code = "import pipeline; print(pipeline.__file__)"
    assert installed.run("python", "-c", code, inside=".").startswith(str(installed.folder))
