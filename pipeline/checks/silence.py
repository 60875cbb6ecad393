"""what the owner of a course set, and what its lessons switch off -> the findings that count.

The owner writes beside `dodo.py`, lessons stand in the content folder: what is an error cannot be switched off there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pipeline.errors import Diagnostic, SettingsError, near_name
from pipeline.patterns import lazy_pattern

SEVERITIES = ("error", "warning", "note", "off")
_OFF_RE = lazy_pattern(r"<!--[ \t]*check:[ \t]*off\b(?P<codes>[^\n]{0,500}?)-->")
_CODE_RE = lazy_pattern(r"[^\s,]+")


def read_severities(text: str, known: Collection[str]) -> dict[str, str]:
    """Code -> severity, of `[tool.lesson-pipeline.check]` in a `pyproject.toml`. Raises `SettingsError`.

    >>> read_severities('[tool.lesson-pipeline.check]\\nmissing-alt = "off"', ["missing-alt"])
    {'missing-alt': 'off'}
    """
    try:
        table: Any = tomllib.loads(text).get("tool", {}).get("lesson-pipeline", {}).get("check", {})
    except (ValueError, AttributeError) as error:
        raise SettingsError(f"pyproject.toml: {error}") from None
    if not isinstance(table, dict):
        raise SettingsError("pyproject.toml: check must be a table")
    for code, severity in table.items():
        if code not in known:
            raise SettingsError(
                f"pyproject.toml: there is no check '{code}'", hint=near_name(code, known, "the checks")
            )
        if severity not in SEVERITIES:
            raise SettingsError(f"pyproject.toml: '{code}' must be one of {', '.join(SEVERITIES)}, not {severity!r}")
    return dict(table)


def find_silenced(markdown: str, known: Collection[str]) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """The codes that comments in a lesson switch off, and what is wrong with them.

    >>> find_silenced("<!-- check: off missing-alt -->", ["missing-alt"])
    (('missing-alt',), ())
    """
    if "check:" not in markdown:
        return (), ()
    codes: dict[str, None] = {}
    told: list[Diagnostic] = []
    for match in _OFF_RE.finditer(markdown):
        line = markdown.count("\n", 0, match.start()) + 1
        for code in _CODE_RE.findall(match["codes"]):
            if code in known:
                codes[code] = None
            else:
                hint = near_name(code, known, "the checks") if len(told) < 20 else ""
                told.append(Diagnostic(f"there is no check '{code[:60]}'", line, hint, code="unknown-check"))
    return tuple(codes), tuple(told)


def count_for(
    findings: Iterable[Diagnostic], severities: Mapping[str, str], silenced: Collection[str]
) -> Iterator[Diagnostic]:
    """The findings of a lesson with the severities that they have, without those that are switched off."""
    for found in findings:
        severity = severities.get(found.code, found.severity)
        if severity == "off" or (found.code in silenced and severity != "error"):
            continue
        yield found._replace(severity=severity)  # type: ignore[arg-type]
