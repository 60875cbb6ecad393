"""what was found -> what is told: with the path of its file from where one is, and each thing once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from doit import get_initial_workdir

from pipeline.builder.disk.location import Location
from pipeline.builder.disk.project import STARTED_IN
from pipeline.errors import IN_LESSONS, Diagnostic, as_typed, nearest_name, some_of
from pipeline.paths import task_name
from pipeline.settings import DECISIONS_NAME, SETTINGS_NAME

if TYPE_CHECKING:
    from pipeline.builder.course.graph import Graph


def started_in() -> str:
    """The folder in which the program or doit was started: paths that are told lead from there."""
    return STARTED_IN.get() or get_initial_workdir() or os.getcwd()


def find_named(location: Location, name: str) -> list[str]:
    """The files and folders of the content folder that a name on the command line can mean, as paths from there: the
    name leads from where one is, or from the content folder."""
    content, found = os.path.realpath(location.content), dict[str, None]()
    for folder in (started_in(), content):
        path = os.path.realpath(os.path.join(folder, name))
        if os.path.exists(path) and os.path.commonpath((path, content)) == content:
            found[os.path.relpath(path, content)] = None
    return list(found)


def hint_nearest(location: Location, name: str) -> str:
    """A hint at the file or folder of the content folder that was most likely meant by a name that none has."""
    paths = list[str]()
    for folder, folders, files in os.walk(location.content):
        folders[:] = [each for each in folders if not each.startswith(".")]
        paths += [os.path.relpath(os.path.join(folder, each), location.content) for each in (*folders, *files)]
    by_name = {os.path.basename(path): path for path in reversed(paths)}
    wanted = os.path.normpath(name)
    meant = nearest_name(wanted, paths) or by_name.get(nearest_name(os.path.basename(wanted), by_name), "")
    if not meant:
        return "name it from here, or from the content folder"
    return f"did you mean {place(location, Diagnostic(''), meant).path}?"


def place(location: Location, found: Diagnostic, source: str = "") -> Diagnostic:
    """The same with the path that a terminal opens: that of its own file, else of `source`, in the content folder. What
    is no file there, such as a template, stays as it is named."""
    path = found.path or source
    if path and os.path.lexists(os.path.join(location.content, path)):
        path = os.path.relpath(os.path.join(location.content, path), started_in())
    return found._replace(path=path)


def tell_in_place(graph: Graph, found: Diagnostic, path: str) -> Diagnostic:
    """What a task found with a lesson, where it stands there: what is so in many lessons, and told once, in this one,
    the first; a fence that is open at the one that lost its end."""
    if found.path != IN_LESSONS and found.code != "unclosed-fence":
        return found
    from pipeline.checks.blocks import place_open_fence  # few lessons have any
    from pipeline.checks.places import add_line
    from pipeline.checks.view import LessonView
    from pipeline.values import ParsedLesson, RepairedLesson, decode

    if found.path == IN_LESSONS:
        hint = f"{found.hint}; {as_typed('check')} shows each lesson in which it is so"
        found = found._replace(path=path, hint=hint)
    source, value = (graph.course.state.value(task_name(stage, path)) for stage in ("repair", "parse"))
    lesson = decode(RepairedLesson, source) if source is not None else None
    if lesson is None or value is None or lesson.included:
        return found
    body = decode(ParsedLesson, value)
    view = LessonView(path, lesson.text, body.facts, body.body, markers=graph.course.settings.markers)
    return add_line(place_open_fence(found, view), view)


def course_findings(graph: Graph) -> list[tuple[str, Diagnostic]]:
    """What is wrong with settings, decisions and the names of files, each with its path in the content folder."""
    found = [
        *((SETTINGS_NAME, found) for found in graph.inputs.settings_diagnostics()),
        *((DECISIONS_NAME, found) for found in graph.inputs.decision_diagnostics()),
        *((found.path, found) for found in graph.course.plan.diagnostics()),
    ]
    return list(dict.fromkeys(found))


def name_findings(found: Iterable[tuple[str, Diagnostic]]) -> dict[str, tuple[str, Diagnostic]]:
    """Findings by what knows them again when they stand in another line: where and what, and which of several.

    >>> [*name_findings([("a", Diagnostic("oh", 2)), ("a", Diagnostic("oh", 7))])]
    ['a: oh', 'a: oh (2)']
    """
    named, counts = dict[str, tuple[str, Diagnostic]](), Counter[str]()
    for path, each in found:
        name = f"{path}: {each.message}"
        counts[name] += 1
        named[f"{name} ({counts[name]})" if counts[name] > 1 else name] = path, each
    return named


def tell_course(graph: Graph) -> list[Diagnostic]:
    """What is to be told of settings, decisions and the names of files."""
    return [place(graph.course.location, found, path) for path, found in course_findings(graph)]


def tell_templates(graph: Graph) -> list[Diagnostic]:
    """What is to be told of the templates and words that every page is made with."""
    return [place(graph.course.location, found, "templates") for found in graph.template_diagnostics()]


def tell_once(told: Iterable[tuple[str, Diagnostic]]) -> list[tuple[str, Diagnostic]]:
    """What was found with items, each with one of them: a fault of a template is told once, with how many have it.

    >>> ((_, one),) = tell_once([("a", Diagnostic("oh", 2, path="t.html")), ("b", Diagnostic("oh", 2, path="t.html"))])
    >>> print(one.format())
    t.html:2: warning: oh
      hint: it is so in 2 pages: a, b
    """
    items: dict[tuple[str, Diagnostic], dict[str, None]] = {}
    for item, found in told:
        items.setdefault(("" if found.path else item, found), {})[item] = None
    return [(next(iter(names)), _with_items(found, list(names))) for (_, found), names in items.items()]


def _with_items(found: Diagnostic, items: list[str]) -> Diagnostic:
    many = f"it is so in {len(items):,} pages: {some_of(items)}" if len(items) > 1 else ""
    return found._replace(hint="; ".join(filter(None, (found.hint, many))))
