"""what was found -> what is told: with the path of its file from where one is, and each thing once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from doit import get_initial_workdir

from pipeline.builder.course.graph import Graph
from pipeline.builder.disk.location import Location
from pipeline.errors import Diagnostic, some_of
from pipeline.settings import DECISIONS_NAME, SETTINGS_NAME


def started_in() -> str:
    """The folder in which doit was started: paths that are told lead from there."""
    return get_initial_workdir() or os.getcwd()


def place(location: Location, found: Diagnostic, source: str = "") -> Diagnostic:
    """The same with the path that a terminal opens: that of its own file, else of `source`, in the content folder. What
    is no file there, such as a template, stays as it is named."""
    path = found.path or source
    if path and os.path.lexists(os.path.join(location.content, path)):
        path = os.path.normpath(os.path.join(_way_to(location.content, started_in()), path))
    return found._replace(path=path)


@lru_cache(maxsize=8)
def _way_to(content: Path, start: str) -> str:
    return os.path.relpath(content, start)


def course_findings(graph: Graph) -> list[tuple[str, Diagnostic]]:
    """What is wrong with settings, decisions and the names of files, each with its path in the content folder."""
    return [
        *((SETTINGS_NAME, found) for found in graph.inputs.settings_diagnostics()),
        *((DECISIONS_NAME, found) for found in graph.inputs.decision_diagnostics()),
        *((found.path, found) for found in graph.course.plan.diagnostics()),
    ]


def tell_once(told: Iterable[tuple[str, Diagnostic]]) -> list[Diagnostic]:
    """What was found with each item. A fault of a template is told once, and of how many pages it is.

    >>> (one,) = tell_once([("a", Diagnostic("oh", 2, path="t.html")), ("b", Diagnostic("oh", 2, path="t.html"))])
    >>> print(one.format())
    t.html:2: warning: oh
      hint: it is so in 2 pages: a, b
    """
    items: dict[Diagnostic, dict[str, None]] = {}
    for item, found in told:
        items.setdefault(found, {})[item] = None
    return [_with_items(found, list(names)) for found, names in items.items()]


def _with_items(found: Diagnostic, items: list[str]) -> Diagnostic:
    many = f"it is so in {len(items):,} pages: {some_of(items)}" if len(items) > 1 else ""
    return found._replace(hint="; ".join(filter(None, (found.hint, many))))
