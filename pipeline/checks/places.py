"""a finding, and the text that it is about -> the finding with the line and column where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.checks.view import LessonView
from pipeline.errors import Diagnostic
from pipeline.parse.foreign import module_length, read_tag_line
from pipeline.parse.inline import INLINE_TAG_RE
from pipeline.parse.line_kinds import component_length
from pipeline.patterns import lazy_pattern

_INLINE_TAG_RE = lazy_pattern(INLINE_TAG_RE)
_ICON_RE = lazy_pattern(r":(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:")


def add_column(found: Diagnostic, lines: Sequence[str]) -> Diagnostic:
    """A finding of a whole line begins with its first sign.

    >>> add_column(Diagnostic("m", 2), ["a", "  b"]).column
    3
    """
    if found.column or not found.line or found.line > len(lines):
        return found
    line = lines[found.line - 1]
    return found._replace(column=len(line) - len(line.lstrip()) + 1 if line.strip() else 1)


def add_line(found: Diagnostic, view: LessonView) -> Diagnostic:
    """What a build tells once of many lessons has no line; here the first one in this lesson is looked for."""
    if found.line is None and found.code == "html-component":
        lines = view.prose.split("\n")
        for number, line in enumerate(lines):
            text = line.lstrip(" \t>")
            if text.startswith("<") and component_length(lines, number, text):
                return found._replace(line=number + 1, column=len(line) - len(text) + 1)
    if found.line is None and found.code == "foreign-tag":
        lines = view.prose.split("\n")
        for number, line in enumerate(lines):
            text = line.lstrip(" \t>")
            if (text[:1] == "{" and read_tag_line(lines, number, text)) or module_length(lines, number):
                return found._replace(line=number + 1, column=len(line) - len(text) + 1)
        tag = _INLINE_TAG_RE.search(view.prose)
        if tag:
            place = view.place(tag.start())
            return found._replace(line=place.line, column=place.column)
    if found.line is None and found.code == "material-icon":
        icon = _ICON_RE.search(view.prose)
        if icon:
            place = view.place(icon.start())
            return found._replace(line=place.line, column=place.column)
    return found
