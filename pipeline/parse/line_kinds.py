"""A line of Markdown -> what it is: the beginning of a block, an item, the row below a heading."""

from __future__ import annotations

from pipeline.parse.sanitise import DROPPED, HTML_TAGS, OLD_TAGS
from pipeline.patterns import lazy_pattern

FENCE_RE = lazy_pattern(r"(?P<fence>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*)$")
ITEM_RE = lazy_pattern(r"(?P<marker>[-*+]|\d{1,9}[.)])(?:(?P<space>[ ]+)(?=\S)|[ ]*$)")
RULE_RE = lazy_pattern(r"(?:(?:-[ ]*){3,}|(?:\*[ ]*){3,}|(?:_[ ]*){3,})$")
HEADING_RE = lazy_pattern(r"#{1,6}(?:[ \t]|$)")
UNDERLINE_RE = lazy_pattern(r"(?:=+|-+)[ ]*$")
RULER_RE = lazy_pattern(r"\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-*:?[ ]*)*$")
DIRECTIVE_RE = lazy_pattern(r":{3,}[ ]*(?:\{?[ ]*\.?(?P<kind>[A-Za-z][\w-]*)(?P<title>.*)|:*)$")
"""`:::note[Title]`, `::: tip Title`, `:::::: challenge`, `:::{note}`; and `:::`, which closes it."""
_TAG_RE = lazy_pattern(
    r"""</?(?P<name>[A-Za-z][\w.-]*)(?:[ ]+[\w:@.{-][^\s"'=<>`]*"""
    r"""(?:[ ]*=[ ]*(?:[^\s"'=<>`{]+|'[^']*'|"[^"]*"|\{[^{}]*\}))?)*[ ]*/?>[ ]*$"""
)
_KNOWN_TAGS = HTML_TAGS | OLD_TAGS | frozenset(DROPPED)
_CODE_END_RE = lazy_pattern(r"#{2,6}[ ]|<!--[ ]|-{3,}$")
_INDENT_RE = lazy_pattern(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")


def expand_indent(line: str) -> str:
    """The line with the tabs of its indentation, and those around markers of items, as spaces; others are its text's.

    >>> expand_indent("-\\ta\\tb")
    '-   a\\tb'
    """
    found = _INDENT_RE.match(line)
    assert found is not None
    return found[0].expandtabs(4) + line[found.end() :]


def is_component(text: str) -> bool:
    """Whether a line is nothing but a tag that HTML does not know.

    >>> is_component('<Listing number="1">'), is_component("<p>"), is_component("a List<T>")
    (True, False, False)
    """
    found = _TAG_RE.match(text)
    return found is not None and found["name"].lower() not in _KNOWN_TAGS


def is_table_head(text: str, following: str) -> bool:
    """Whether the next line is the ruler below the head of a table."""
    return "|" in text and "-" in following and "|" in following and RULER_RE.match(following.strip()) is not None


def starts_block(text: str) -> bool:
    """Whether a line begins a block even below the text of a paragraph."""
    if text[0] == "#":
        return HEADING_RE.match(text) is not None
    return text.startswith((">", "```", "~~~", "|")) or RULE_RE.match(text) is not None


def without_quote(line: str, quote: str) -> str | None:
    """The line without the `>` marks of the block it is in; None when the block has ended."""
    depth = quote.count(">")
    for _ in range(depth):
        stripped = line.lstrip(" ")
        if not stripped.startswith(">"):
            return None
        line = stripped[1:]
        line = line[1:] if line.startswith(" ") else line
    return line


def dedent(line: str, column: int) -> str:
    """The line without up to `column` leading spaces."""
    if column == 0:
        return line
    line = line.expandtabs(4) if line.startswith("\t") else line
    return line[min(column, len(line) - len(line.lstrip(" "))) :]


def end_of_unclosed(lines: list[str], start: int) -> int:
    """Where a fence that is never closed most likely ended: before the next heading or rule.

    A `# comment` is Python as well as a heading, so only `##` and deeper count.
    """
    for number in range(start + 2, len(lines)):
        if not lines[number - 1].strip() and _CODE_END_RE.match(lines[number]):
            return number - 1
    return len(lines)
