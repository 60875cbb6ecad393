"""Markdown lines -> an error, for what would take Python-Markdown longer than it is long."""

from collections.abc import Iterable

from pipeline.parse.converted import TooMuchError
from pipeline.patterns import lazy_pattern

_PART_SIGNS = frozenset("#-=*_+:[!?")
_PART_RE = lazy_pattern(
    r"[ ]{0,3}(?:#{1,6}[ \t]|[-=]+[ ]*$|([-*_])[ ]{0,2}\1[ ]{0,2}\1[-*_ ]*$|:[ ]|\[[^\]]*\]:[ ]*$|[-*+][ ]*$"
    r"|(?:!!!|\?{3}\+?)[ ]?\w|===[!+]*[ ]+\")"
)

MAX_LINE_CHARACTERS = 100_000
"""Of a lesson. No prose has such a line; what has is data in a file called `.md`: neither repaired nor parsed."""
MAX_BLOCK = 50_000
"""Characters without an empty line, code and formulas aside. Of the real lessons the longest has 18,253."""
MAX_PARTS = 100
"""Lines without an empty one between them at each of which it begins anew with all that follows."""
MAX_NOTES = 1_000
"""Marks of footnotes in a lesson: Python-Markdown looks for each among all."""
MAX_ABBREVIATIONS = 100
"""In a lesson: it looks for all at every word."""


def may_be_too_much(text: str) -> bool:
    """Whether there is a limit that a text may be above: of most it is known at once that they are below all."""
    return (
        len(text) > MAX_BLOCK
        or text.count("[^") > MAX_NOTES
        or text.count("*[") > MAX_ABBREVIATIONS
        or max(block.count("\n") for block in text.split("\n\n")) >= MAX_PARTS
    )


def check_blocks(lines: Iterable[str]) -> None:
    """Raise `TooMuchError` for what would take Python-Markdown longer than it is long."""
    size = parts = notes = abbreviations = 0
    first = ""
    for line in lines:
        if not line or not line.strip(" >"):
            size = parts = 0
            first = ""
            continue
        first = first or line
        size += len(line) + 1
        if line.lstrip()[:1] in _PART_SIGNS and _PART_RE.match(line):
            parts += 1
        if "[^" in line or "*[" in line:
            notes += line.count("[^")
            abbreviations += line.lstrip().startswith("*[")
        if size > MAX_BLOCK:
            message = f"more than {MAX_BLOCK:,} characters without an empty line"
            raise TooMuchError(message, first.strip()[:60], "divide them, or put data into a file of another kind")
        if parts > MAX_PARTS:
            message = f"more than {MAX_PARTS} headings, rules or definitions without an empty line between them"
            raise TooMuchError(message, first.strip()[:60], "set them apart")
        if notes > MAX_NOTES:
            raise TooMuchError(f"more than {MAX_NOTES:,} marks of footnotes", line.strip()[:60], "divide the lesson")
        if abbreviations > MAX_ABBREVIATIONS:
            message = f"more than {MAX_ABBREVIATIONS} abbreviations"
            raise TooMuchError(message, line.strip()[:60], "leave out those that are used once")
