"""Markdown source -> the same with spaces in the place of code and comments, for who looks for marks in its text."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.patterns import lazy_pattern

_FENCE_RE = lazy_pattern(
    r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})[ \t]*(?P<info>.*)$"
)
_TICKS_RE = lazy_pattern(r"`+")
_NOT_BREAK_RE = lazy_pattern(r"[^\n]")


def hide_code(text: str, *, keeps_comments: bool = False) -> str:
    """The text with as many spaces for each block of code between fences, code in a line, and, but if it
    `keeps_comments`, each comment.

    >>> hide_code("a `b` c\\n```\\nd\\n```\\n<!-- e -->f")
    'a     c\\n   \\n \\n   \\n          f'
    """
    if "`" in text or "~~~" in text:
        text = _hide_spans(_hide_fences(text))
    return _hide_comments(text) if "<!--" in text and not keeps_comments else text


def _hide_fences(text: str) -> str:
    if "```" not in text and "~~~" not in text:
        return text
    lines, fence = text.split("\n"), ""
    for number, line in enumerate(lines):
        if fence:
            said = line.strip(" \t>")
            if said.startswith(fence) and not said.strip(fence[0]):
                fence = ""
        else:
            found = _FENCE_RE.match(line)
            if found is None:
                continue
            fence = found["fence"]
        lines[number] = " " * len(line)
    return "\n".join(lines)


def _hide_spans(text: str) -> str:
    """In each paragraph, a row of ticks up to the next of the same length, which is looked for once for each length."""
    if "`" not in text:
        return text
    return "\n\n".join(_hide_in_paragraph(part) if "`" in part else part for part in text.split("\n\n"))


def _hide_in_paragraph(text: str) -> str:
    ticks = [(match.start(), match.end()) for match in _TICKS_RE.finditer(text)]
    following: dict[int, int] = {}
    after = [0] * len(ticks)
    for number in range(len(ticks) - 1, -1, -1):
        size = ticks[number][1] - ticks[number][0]
        after[number] = following.get(size, -1)
        following[size] = number
    pieces, end, number = [], 0, 0
    while number < len(ticks):
        closing = after[number]
        start = ticks[number][0]
        if closing < 0 or (start and text[start - 1] == "\\"):
            number += 1
            continue
        pieces += [text[end:start], _spaces(text[start : ticks[closing][1]])]
        end, number = ticks[closing][1], closing + 1
    return "".join([*pieces, text[end:]])


def _hide_comments(text: str) -> str:
    pieces, end = [], 0
    while (start := text.find("<!--", end)) >= 0 and (closing := text.find("-->", start + 4)) >= 0:
        pieces += [text[end:start], _spaces(text[start : closing + 3])]
        end = closing + 3
    return "".join([*pieces, text[end:]])


def _spaces(text: str) -> str:
    return _NOT_BREAK_RE.sub(" ", text) if "\n" in text else " " * len(text)


class OpenFence(NamedTuple):
    """A fence that opens a block of code."""

    line: int
    """1-based."""
    match: re.Match[str]
    """With groups `fence` and `info`."""
    inner: int | None = None
    """The line of the first fence with an info string that stands in the block, and so opens nothing."""
    end: int | None = None
    """The line of the fence that closes it; None if none does."""


def find_fences(text: str) -> list[OpenFence]:
    """Each fence that opens a block."""
    found, fence = list[OpenFence](), ""
    for number, line in enumerate(text.split("\n"), 1):
        if "`" not in line and "~" not in line:
            continue
        if fence:
            said = line.strip(" \t>")
            if said.startswith(fence) and not said.strip(fence[0]):
                fence = ""
                found[-1] = found[-1]._replace(end=number)
            elif said.startswith(fence) and found[-1].inner is None and _FENCE_RE.match(line):
                found[-1] = found[-1]._replace(inner=number)
        elif match := _FENCE_RE.match(line):
            fence = match["fence"]
            found.append(OpenFence(number, match))
    return found
