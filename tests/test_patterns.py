"""Regular expressions take a time that grows with the length of the text, whatever the text is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from building import PROJECT

READ_TEXTS = (
    "decode",
    "repair",
    "parse",
    "page",
    "search",
    "links",
    "paths",
    "section",
    "settings",
    "slips",
    "sitewide",
    "adopt",
    "checks",
    "commands",
    "decisions",
    "errors",
    "lexicon",
    "nav",
    "redirects",
)
"""Rooms that read what a course brings."""
OF_TEMPLATES = "pipeline.page.blocks"
BLANKS = " \t\n\r\f\v"
REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
LONG = 100
"""A repeat that may go on for so long is one without end."""

Blanks = frozenset[str]


def patterns_of(module: str) -> Iterator[tuple[str, str, int]]:
    """Name, source and flags of each pattern in a module and its classes."""
    holders: dict[str, Any] = {"": import_module(module)}
    holders |= {f"{name}.": each for name, each in vars(holders[""]).items() if isinstance(each, type)}
    for prefix, holder in holders.items():
        for name, value in vars(holder).items():
            pattern = getattr(value, "pattern", None) if name.endswith("_RE") or name == "RE" else None
            if isinstance(pattern, str):
                yield prefix + name, pattern, value.flags


def blanks_of(part: tuple[Any, Any]) -> Blanks | None:
    """The blanks that a part matches one of; None for a part that matches something else, too."""
    code, value = part
    if code is codes.SUBPATTERN and len(value[3]) == 1:
        return blanks_of(value[3][0])
    if code is codes.LITERAL:
        return frozenset(chr(value)) if chr(value) in BLANKS else None
    if code is not codes.IN:
        return None
    if value == [(codes.CATEGORY, codes.CATEGORY_SPACE)]:
        return frozenset(BLANKS)
    signs = {chr(sign) for kind, sign in value if kind is codes.LITERAL}
    return frozenset(signs) if len(signs) == len(value) and signs <= set(BLANKS) else None


def runs_side_by_side(
    parts: Iterable[tuple[Any, Any]], before: frozenset[Blanks] = frozenset()
) -> tuple[bool, frozenset[Blanks]]:
    """Whether two runs of blanks can stand side by side, so that each way to divide them is tried; and those that may
    still go on behind the parts. `before` are those that may before them."""
    found = False
    for code, value in parts:
        if code in REPEATS:
            least, most, inner = value
            blanks = blanks_of(inner[0]) if len(inner) == 1 else None
            if blanks and most >= LONG:
                found = found or any(run & blanks for run in before)
                now = frozenset({blanks})
            else:
                inside, now = runs_side_by_side(inner, before)
                again, now = runs_side_by_side(inner, now) if most >= LONG else (False, now)
                found = found or inside or again
            now = frozenset() if code is codes.POSSESSIVE_REPEAT else now
            before = now if least else now | before
        elif code is codes.SUBPATTERN:
            inside, before = runs_side_by_side(value[3], before)
            found = found or inside
        elif code is codes.BRANCH:
            ways = [runs_side_by_side(way, before) for way in value[1]]
            found = found or any(inside for inside, _ in ways)
            before = frozenset[Blanks]().union(*(now for _, now in ways))
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            found = found or (value[0] > 0 and runs_side_by_side(value[1], before)[0])
        elif code is not codes.AT:
            before = frozenset()
    return found, before


MODULES = sorted(
    ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
    for path in (PROJECT / "pipeline").rglob("*.py")
    if path.relative_to(PROJECT / "pipeline").parts[0].removesuffix(".py") in READ_TEXTS
)


@pytest.mark.parametrize("module", [module for module in MODULES if module != OF_TEMPLATES])
def test_no_pattern_has_two_runs_of_blanks_side_by_side(module: str) -> None:
    """`[ ]*:?[ ]*` tries each place at which a row of blanks can be divided, when something else follows: of 50,000
    blanks that takes seconds. `[ ]*+:?[ ]*+` tries one."""
    found = [
        name for name, pattern, flags in patterns_of(module) if runs_side_by_side(_parser.parse(pattern, flags))[0]
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"[ ]*:?[ ]*x", True),
        (r"[ ]*+:?[ ]*+x", False),
        (r"[ ]*:[ ]*x", False),
        (r"a(?:[ \t]+#*)?\s*$", True),
        (r"(?:\|[ ]*-*[ ]*)*$", True),
        (r"(?:\|[ ]*-*)*[ ]*$", True),
        (r"(?:a[ ]*|b)c?[ ]+x", True),
        (r"[ ]*\n[ ]*x", False),
        (r"[ ]*(?=[ ]*x)", True),
    ],
)
def test_the_law_of_patterns_sees_what_it_is_about(pattern: str, wanted: bool) -> None:
    assert runs_side_by_side(_parser.parse(pattern))[0] is wanted
