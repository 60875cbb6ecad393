"""what was found -> what is told: with the path of its file from where one is, and each thing once."""

from __future__ import annotations

import os
from collections.abc import Iterable

from doit import get_initial_workdir

from pipeline.builder.disk.location import Location
from pipeline.errors import Diagnostic, some_of


def started_in() -> str:
    """The folder in which doit was started: paths that are told lead from there."""
    return get_initial_workdir() or os.getcwd()


def place(location: Location, found: Diagnostic, source: str = "") -> Diagnostic:
    """The same with the path that a terminal opens: that of its own file, else of `source`, in the content folder. What
    is no file there, such as a template, stays as it is named."""
    path = found.path or source
    if path and os.path.lexists(os.path.join(location.content, path)):
        path = os.path.relpath(os.path.join(location.content, path), started_in())
    return found._replace(path=path)


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
