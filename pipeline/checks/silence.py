"""what the owner of a course set, and what its lessons switch off -> the findings that count.

The owner writes beside `dodo.py`, lessons stand in the content folder: what is an error cannot be switched off there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pipeline.errors import Diagnostic, Edit, SettingsError, find_line, near_name, read_toml, shown
from pipeline.patterns import lazy_pattern
from pipeline.slips import sure_name

HINTS_GIVEN = 20
"""To so many findings of a lesson: each is compared with all that is known."""
SEVERITIES = ("error", "warning", "note", "off")
TABLE = "tool.lesson-pipeline.check"
_OFF_RE = lazy_pattern(r"<!--[ \t]*check:[ \t]*off\b(?P<codes>[^\n]{0,500}?)-->")
_CODE_RE = lazy_pattern(r"[^\s,]+")


def read_severities(text: str, known: Collection[str]) -> dict[str, str]:
    """Code -> severity, of `[tool.lesson-pipeline.check]` in a `pyproject.toml`. Raises `SettingsError`.

    >>> read_severities('[tool.lesson-pipeline.check]\\nmissing-alt = "off"', ["missing-alt"])
    {'missing-alt': 'off'}
    """
    said: Any = read_toml(text, 'a severity looks like this: missing-alt = "note"')
    for name in ("tool", "lesson-pipeline", "check"):
        said = said.get(name, {}) if isinstance(said, dict) else None
    if not isinstance(said, dict):
        raise SettingsError("'check' must be a table", hint=f"begin it with [{TABLE}]")
    table: dict[str, Any] = said
    for code, severity in table.items():
        if code not in known:
            hint = near_name(code, known, "the checks")
            raise SettingsError(f"there is no check '{code}'", line=find_line(text, code, TABLE), hint=hint)
        if severity not in SEVERITIES:
            message = f"'{code}' must be one of {', '.join(SEVERITIES)}, not {shown(severity)}"
            raise SettingsError(message, line=find_line(text, code, TABLE), hint=f'such as {code} = "off"')
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
        for named in _CODE_RE.finditer(match["codes"]):
            code = named[0]
            if code in known:
                codes[code] = None
                continue
            is_looked_for = len(told) < HINTS_GIVEN
            hint = near_name(code, known, "the checks") if is_looked_for else ""
            meant = sure_name(code, known) if is_looked_for else ""
            at = match.start("codes") + named.start()
            column = at - markdown.rfind("\n", 0, at)
            fix = (Edit(line, column, code, meant),) if meant else ()
            message = f"there is no check '{code[:60]}'"
            told.append(Diagnostic(message, line, hint, code="unknown-check", column=column, fix=fix))
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
