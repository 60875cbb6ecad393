"""text -> text without generated navigation.

The real course writes its navigation into each lesson, between
`<!-- Aero-Navigation-Start -->` and `<!-- Aero-Navigation-End -->`, with links that lead one
folder too high. It is taken out and made anew from the tree. Lines are emptied, not removed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from functools import cache

from pipeline.errors import Diagnostic
from pipeline.paths import page_id
from pipeline.values import TextSpan

_LOCAL_LINK_RE = re.compile(r"\[[^\]]*\]\((?![a-z]+:)[^)]*\)")
_LIST_ITEM_RE = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_HEADING_RE = re.compile(r"\s*#{1,6}\s")
_RULER_RE = re.compile(r"[\s:|-]*")
_NUMBER_RE = re.compile(r"\0(\d+)\0")
_WORD_RE = re.compile(r"\w")
# `**fine tuning**` names the folder that the link beside it opens.
_EMPHASISED_RE = re.compile(r"\*\*[^*]*\*\*")


@cache
def _mark_re(name: str) -> re.Pattern[str]:
    return re.compile(r"<!--[ \t]*" + re.escape(name) + r"-(Start|End)[ \t]*-->")


def strip_navigation(text: str, markers: tuple[str, ...]) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text with what stands between markers emptied; a marker without its pair is reported.

    >>> strip_navigation("a<!-- N-Start -->x<!-- N-End -->b", ("N",))[0]
    'ab'
    """
    diagnostics = []
    for name in markers:
        if f"{name}-" not in text:
            continue
        kept, end = [], 0
        start = alone = None
        for mark in _mark_re(name).finditer(text):
            if start is None and mark.group(1) == "Start":
                start = mark
            elif start is not None and mark.group(1) == "End":
                kept += [text[end : start.start()], "\n" * text.count("\n", start.start(), mark.end())]
                start, end = None, mark.end()
            elif start is None:
                alone = alone or mark
        alone = alone or start
        place = alone.start() if alone else 0
        if alone:
            other = "End" if alone.group(1) == "Start" else "Start"
            diagnostics.append(
                Diagnostic(
                    f"marker {name}-{alone.group(1)} has no {name}-{other}",
                    line=text.count("\n", 0, place) + 1,
                    hint="nothing was taken out; complete the pair or delete the marker",
                    code="lone-marker",
                )
            )
        text = "".join([*kept, text[end:]])
    return text, tuple(diagnostics)


def find_shown(text: str, spans: Sequence[TextSpan], path: str, markers: tuple[str, ...]) -> list[int]:
    """The numbers of those parts of a lesson's text that are left when its generated navigation is taken out.

    >>> find_shown("a<!-- N-Start -->x<!-- N-End -->b", [TextSpan(0, 1), TextSpan(17, 18)], "a.md", ("N",))
    [0]
    """
    pieces = []
    end = 0
    for number, span in enumerate(spans):
        pieces += [text[end : span.start], f"\0{number}\0"]  # which no lesson has
        end = span.start
    left, _ = strip_navigation("".join([*pieces, text[end:]]), markers)
    found = [int(match[1]) for match in _NUMBER_RE.finditer(left)]
    return [] if is_index(path) and is_generated_listing(_NUMBER_RE.sub("", left)) else found


def is_index(path: str) -> bool:
    """Whether a lesson is called `index`: what generators call the pages that they make."""
    return posixpath.basename(page_id(path)) == "index"


def is_generated_listing(text: str) -> bool:
    """Whether an `index.md`, its markers stripped, only lists the folder.

    What the real course's generator leaves there is a heading and a table of links:
    `| [Mạng Mạch](aero_llm_01.md) | [Xem bài viết →](aero_llm_01.md) |`.

    >>> is_generated_listing("## Lessons\\n| A | B |\\n|---|---|\\n| [x](x.md) | [y](x.md) |")
    True
    >>> is_generated_listing("This module is about [x](x.md).")
    False
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        ruler = lines[number + 1] if number + 1 < len(lines) else ""
        is_table_head = "|" in line and "-" in ruler and _RULER_RE.fullmatch(ruler)
        if not (is_table_head or _is_listing_line(line)):
            return False
    return True


def _is_listing_line(line: str) -> bool:
    if _RULER_RE.fullmatch(line) or _HEADING_RE.match(line):
        return True
    item = _LIST_ITEM_RE.match(line)
    if item:
        return _is_only_link(line[item.end() :])
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    links = [_is_only_link(cell) for cell in cells]
    return (
        "|" in line
        and any(links)
        and all(
            is_link or not cell or _EMPHASISED_RE.fullmatch(cell) is not None
            for cell, is_link in zip(cells, links, strict=True)
        )
    )


def _is_only_link(text: str) -> bool:
    rest, count = _LOCAL_LINK_RE.subn("", text)
    return count > 0 and not _WORD_RE.search(rest)
