"""what the owner of a course set, and what its lessons switch off -> the findings that count.

The owner writes beside `dodo.py`, lessons stand in the content folder: what is an error cannot be switched off there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.errors import Diagnostic, Edit, SettingsError, find_line, near_name, read_toml, shown
from pipeline.patterns import lazy_pattern

if TYPE_CHECKING:
    from pipeline.checks.view import Lines

HINTS_GIVEN = 20
"""To so many findings of a lesson: each is compared with all that is known."""
SEVERITIES = ("error", "warning", "note", "off")
TABLE = "tool.lesson-pipeline.check"
_SWITCH_RE = lazy_pattern(
    r"<!--\s{0,9}check\b[ \t]{0,9}(?P<colon>:?)\s{0,9}(?P<word>[^\W_]{0,60})(?P<codes>(?:[\s,][^<>]{0,500}?)?)-->", re.I
)
_EXAMPLE = "such as <!-- check: off missing-alt -->, for all of the lesson"
_CODE_RE = lazy_pattern(r"[^\s,]+")


def find_severities(text: str) -> dict[str, Any]:
    """What a `pyproject.toml` has in that table, right or wrong. Raises `SettingsError` where it is none."""
    said: Any = read_toml(text, 'a severity looks like this: missing-alt = "note"')
    for name in ("tool", "lesson-pipeline", "check"):
        said = said.get(name, {}) if isinstance(said, dict) else None
    if not isinstance(said, dict):
        raise SettingsError("'check' must be a table", hint=f"begin it with [{TABLE}]")
    return said


def read_severities(text: str, known: Collection[str]) -> dict[str, str]:
    """Code -> severity, of `[tool.lesson-pipeline.check]` in a `pyproject.toml`. Raises `SettingsError`.

    >>> read_severities('[tool.lesson-pipeline.check]\\nmissing-alt = "off"', ["missing-alt"])
    {'missing-alt': 'off'}
    """
    table = find_severities(text)
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
    if "<!--" not in markdown:
        return (), ()
    codes: dict[str, None] = {}
    told: list[Diagnostic] = []
    from pipeline.checks.view import Lines  # a check with nothing to do looks at no lesson

    lines = Lines(markdown)
    for match in _SWITCH_RE.finditer(markdown):
        named = list(_CODE_RE.finditer(markdown, match.start("codes"), match.end("codes")))
        if match["word"].lower() != "off" or not match["colon"]:
            told += _tell_other_word(match, named, known, lines)
            continue
        if not named:
            line, column = lines.place(match.start("word"))
            told.append(Diagnostic("no check is named", line, _EXAMPLE, code="unknown-check", column=column))
        for each in named:
            code = each[0]
            if code in known:
                codes[code] = None
                continue
            from pipeline.slips import sure_name  # a check with nothing to do needs none

            is_looked_for = len(told) < HINTS_GIVEN
            hint = near_name(code, known, "the checks") if is_looked_for else ""
            meant = sure_name(code, known) if is_looked_for else ""
            line, column = lines.place(each.start())
            fix = (Edit(line, column or 0, code, meant),) if meant else ()
            message = f"there is no check '{code[:60]}'"
            told.append(Diagnostic(message, line, hint, code="unknown-check", column=column, fix=fix))
    return tuple(codes), tuple(told)


def _tell_other_word(
    match: re.Match[str], named: Iterable[re.Match[str]], known: Collection[str], lines: Lines
) -> Iterator[Diagnostic]:
    """A comment about checks that switches none off: a remark, unless it names one, or was to switch."""
    from pipeline.slips import is_near

    word = match["word"]
    is_slip, names_some = is_near(word.lower(), "off"), any(each[0] in known for each in named)
    if not names_some and not (match["colon"] and (is_slip or word.lower() == "on")):
        return
    line, column = lines.place(match.start("word"))
    message = f"'check{match['colon']} {word}' switches nothing: a check is on unless there is 'check: off'"
    fix = (Edit(line, column or 0, word, "off"),) if is_slip and names_some else ()
    yield Diagnostic(message, line, _EXAMPLE, code="unknown-check", column=column, fix=fix)


def count_for(
    findings: Iterable[Diagnostic], severities: Mapping[str, str], silenced: Collection[str]
) -> Iterator[Diagnostic]:
    """The findings of a lesson with the severities that they have, without those that are switched off."""
    for found in findings:
        severity = severities.get(found.code, found.severity)
        if severity == "off" or (found.code in silenced and severity != "error"):
            continue
        yield found._replace(severity=severity)  # type: ignore[arg-type]
