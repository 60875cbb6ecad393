"""value of front matter -> field of `FrontMatter`: the names that are known, in one table.

Each function raises TypeError or ValueError with what the value must be. What is plainly meant is read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from pipeline.patterns import lazy_pattern, one_line

_NUMBER_RE = lazy_pattern(r"[-+]?\d{1,15}(?:\.\d{1,15})?")
_DATE_RE = lazy_pattern(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T\s].*)?")
_TEMPLATE_RE = lazy_pattern(r"\w[\w-]*(?:/\w[\w-]*)*")


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise TypeError("a text")
    return one_line(str(value))


def _number(value: Any) -> float:
    if isinstance(value, str) and _NUMBER_RE.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise TypeError("a number")
    return float(value)


def _switch(value: Any) -> bool:
    if isinstance(value, str):
        value = _SWITCHES.get(value.strip().lower())
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _paths(value: Any) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise TypeError("a path or a list of paths")
    return tuple(items)


def _date(value: Any) -> str:
    if isinstance(value, dict):  # of a blog of Material for MkDocs
        value = value.get("created")
    found = _DATE_RE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        year, month, day = map(int, found.group(1, 3, 4) if found else ("0",) * 3)  # there is no year 0
        return date(year, month, day).isoformat()
    except ValueError:
        raise ValueError("a date like 2026-03-01") from None


def _template(value: Any) -> str:
    if not isinstance(value, str) or not _TEMPLATE_RE.fullmatch(value):
        raise TypeError("the name of a template without .html")
    return value


def _repair_mode(value: Any) -> str:
    # YAML 1.1 reads a bare `off` as false.
    mode = {False: "off", True: "auto"}.get(value, value) if isinstance(value, bool) else value
    if mode not in ("auto", "off"):
        raise ValueError("auto or off")
    return str(mode)


FIELDS: dict[str, Callable[[Any], Any]] = {
    "title": _text,
    "description": _text,
    "order": _number,
    "draft": _switch,
    "aliases": _paths,
    "date": _date,
    "template": _template,
    "repair": _repair_mode,
}
