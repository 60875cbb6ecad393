"""What a build told -> single faults, how many of each code, and which of them nobody has been told of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

CODES_KEPT = 20
FAULTS_KEPT = 200
"""So many stand in a row of the history: a course of a thousand lessons can have a fault in each."""
TOLD_KEPT = 1_000
"""So many that were told are known again: a course may fail for months, each night in another way."""
MOST_CHARACTERS = 300
_LINE_RE = re.compile(r"(?P<path>^[^\n:]+?)(?::\d+){1,2}(?=: )")
_PASSING_RE = re.compile(r"\b(?:[0-9a-f]{8}|[0-9a-f]{10}|\d{6,}-\d{8}T\d{6}Z)\b|“[^“”]*”")
"""What is another each night: digests, revisions, releases, and what another program said."""


def split_faults(told: Iterable[str]) -> list[str]:
    """Each fault by itself, without its hint: a text may hold several, whose further lines are indented.

    >>> split_faults(["a.md:2: x\\n  hint: y\\nb.md: z"])
    ['a.md:2: x', 'b.md: z']
    """
    lines = (line for text in told for line in text.splitlines())
    return [line[:MOST_CHARACTERS] for line in lines if line.strip() and not line.startswith(" ")]


def count_codes(findings: Iterable[Mapping[str, Any]], severity: str) -> dict[str, int]:
    """How many there are of each code, of the most frequent ones.

    >>> count_codes([{"code": "broken-link", "severity": "warning"}] * 2, "warning")
    {'broken-link': 2}
    """
    return dict(Counter(found["code"] for found in findings if found["severity"] == severity).most_common(CODES_KEPT))


def identity_of(fault: str) -> str:
    """The same for a fault that only moved to another line, is about another revision, or is told in other words by the
    program that failed.

    >>> identity_of("a.md:12: oh") == identity_of("a.md:13: oh")
    True
    >>> identity_of("it ended with 1: “no answer in 3001 ms”") == identity_of("it ended with 1: “no answer in 3007 ms”")
    True
    """
    return _PASSING_RE.sub("…", _LINE_RE.sub(r"\g<path>", fault, count=1))


class Notice(NamedTuple):
    """Whether a person is to be told, and what they know then."""

    is_due: bool
    told: tuple[str, ...]
    is_failing: bool


def weigh_notice(
    faults: Iterable[str], told: Iterable[str], *, unseen: Iterable[str] = (), was_failing: bool, is_failing: bool
) -> Notice:
    """Tell of faults that nobody was told of, and once that all is well again.

    `unseen` are those that were told and that this run did not come to look at: they are neither new nor mended.

    >>> weigh_notice(["a.md:3: oh"], ["a.md: oh"], was_failing=True, is_failing=True).is_due
    False
    """
    left = dict.fromkeys(unseen)
    if not is_failing and not left:
        return Notice(was_failing, (), is_failing=False)
    now = dict.fromkeys(map(identity_of, faults))
    known = set(told)
    is_due = (is_failing and not was_failing) or any(fault not in known for fault in now)
    return Notice(is_due, tuple({**left, **now})[-TOLD_KEPT:], is_failing=True)
