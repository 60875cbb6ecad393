"""findings -> what is shown of them: lines of text, JSON, annotations of GitHub."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import Diagnostic

_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def as_text(findings: Sequence[Diagnostic]) -> str:
    """A line for each, with its hint below it."""
    return "".join(f"{found.format(with_code=True)}\n" for found in findings)


def as_json(findings: Sequence[Diagnostic], *, known: int, mended: int) -> str:
    """One object: the findings, how many were accepted and still stand, and how many of those are gone."""
    plain = {"findings": [found.as_plain() for found in findings], "known": known, "mended": mended}
    return json.dumps(plain, indent=1) + "\n"


def as_github(findings: Sequence[Diagnostic]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a change.

    >>> print(as_github([Diagnostic("50% of it", 3, path="a,b.md", code="c")]), end="")
    ::warning file=a%2Cb.md,line=3,title=c::50%25 of it
    """
    return "".join(map(_annotate, findings))


def _annotate(found: Diagnostic) -> str:
    plain = found.as_plain()
    named = {
        "file": plain["path"],
        "line": found.line,
        "col": found.column if found.line else None,
        "title": found.code,
    }
    values = ",".join(f"{name}={_escape(str(value), ':,')}" for name, value in named.items() if value)
    message = f"{found.message}\n{found.hint}" if found.hint else found.message
    return f"::{_GITHUB[found.severity]} {values}::{_escape(message)}\n"


def _escape(text: str, more: str = "") -> str:
    for sign in ("%", "\r", "\n", *more):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def as_diff(path: str, before: str, after: str) -> str:
    """A unified diff; empty when the two are the same."""
    import difflib  # only `--fix` shows any

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    )


def summarise(findings: Sequence[Diagnostic], lessons: int, known: int, mended: int) -> str:
    """One line.

    >>> summarise([Diagnostic("m")], 3, 2, 0)
    '3 lessons, 1 warning, 2 known'
    """
    counts = Counter(found.severity for found in findings)
    parts = [f"{lessons:,} lesson{'' if lessons == 1 else 's'}"]
    for name in ("error", "warning", "note"):
        if counts[name]:
            parts.append(f"{counts[name]:,} {name}{'' if counts[name] == 1 else 's'}")
    if not findings:
        parts.append("nothing new" if known else "nothing to mend")
    parts += [f"{known:,} known"] if known else []
    parts += [f"{mended:,} mended since they were accepted"] if mended else []
    return ", ".join(parts)
