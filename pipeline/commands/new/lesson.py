"""A new lesson or section of a course, beside its neighbours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from pipeline.builder.course.course_files import read_course_files
from pipeline.builder.disk.location import Location
from pipeline.builder.disk.sources import read_source
from pipeline.builder.disk.sweep import Tree, sweep_content
from pipeline.commands import PROGRAM
from pipeline.commands.new.neighbours import Neighbour, fit_name, write_text
from pipeline.decode import decode_source
from pipeline.errors import PipelineError, SettingsError, near_name, show_path
from pipeline.parse.front_matter import read_front_matter
from pipeline.paths import is_section_text, page_id, section_of
from pipeline.patterns import lazy_pattern, one_line

MOST_READ = 100
"""So many neighbours are read, the last ones."""
_HEADING_RE = lazy_pattern(r"\s*# (.*)")
_TEXTS = ("index.md", "_index.md", "README.md")
"""What may be the text of a section."""

Kind = Literal["lesson", "section"]


def make_page(kind: Kind, course: Location, place: str, title: str, *, is_draft: bool) -> Path:
    """Make a lesson, or a section with its text, in the section that `place` names; gives its file."""
    if not one_line(title):
        raise SettingsError(f"a {kind} has a title", hint=f'{PROGRAM} new {kind} FOLDER "Title"')
    course.check()
    tree = sweep_content(course.content, read_course_files(course).settings.ignore)
    folder = _find_section(course.content, place, tree)
    here = course.content / folder
    lessons, sections = _lessons(tree), _sections(tree)
    theirs = lessons if kind == "lesson" else sections
    paths = sorted(path for path in theirs if section_of(path) == folder)
    names = [_stem(path, kind) for path in paths]
    elsewhere = [_stem(path, kind) for path in theirs if section_of(path) != folder]
    taken = [name for entry in os.scandir(here) for name in (entry.name, os.path.splitext(entry.name)[0])]
    name = fit_name(title, names, elsewhere, taken)
    read = dict(_read(course.content, kind, paths[-MOST_READ:]))
    same = next((file for file, other in read.items() if other.title.casefold() == one_line(title).casefold()), None)
    if same:
        hint = "write in it, or give this one another title"
        raise SettingsError(f"{os.path.relpath(course.content / same)} has this title", hint=hint)
    neighbours = list(read.values())
    text = write_text(title, neighbours, is_draft=is_draft, today=date.today().isoformat())
    path = here / f"{name}.md" if kind == "lesson" else here / name / _TEXTS[0]
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def _find_section(content: Path, place: str, tree: Tree) -> str:
    """The section that a person names, from where they are or from the top of the course."""
    for start in (Path.cwd(), content):
        real = Path(os.path.realpath(start / place))
        if real.is_dir() and real.is_relative_to(content):
            return real.relative_to(content).as_posix().removeprefix(".")
    known = _sections(tree)
    hint = near_name(place.strip("/"), known, "the sections") if known else f'{PROGRAM} new section . "Title" makes one'
    raise SettingsError(f"there is no section {show_path(place)}", hint=hint)


def _lessons(tree: Tree) -> list[str]:
    return [path for path in tree.lessons if path.rpartition("/")[2] != "index.md" and not is_section_text(path)]


def _sections(tree: Tree) -> list[str]:
    found = set[str]()
    for path in tree.lessons:
        folder = section_of(path)
        while folder and folder not in found:
            found.add(folder)
            folder = section_of(folder)
    return sorted(found)


def _stem(path: str, kind: Kind) -> str:
    return (page_id(path) if kind == "lesson" else path).rpartition("/")[2]


def _read(content: Path, kind: Kind, paths: list[str]) -> Iterator[tuple[str, Neighbour]]:
    """The neighbours' files, and what they say of themselves; what cannot be read says nothing."""
    for path in paths:
        for file in [path] if kind == "lesson" else [f"{path}/{name}" for name in _TEXTS]:
            try:
                front, text, _ = read_front_matter(decode_source(read_source(content, file).content).text)
            except PipelineError:
                continue
            heading = _HEADING_RE.match(text)
            title = front.title or (heading[1].rstrip(" #") if heading else "")
            yield file, Neighbour(front, heading is not None, one_line(title))
            break
