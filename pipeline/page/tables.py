"""HTML of a lesson -> the same, with tables that hold sentences marked for the style sheet.

No column is narrower than its text or 11em, and CSS cannot ask how long a text is: a table of short words is as wide as
these, one with sentences takes the whole line before it scrolls.
"""

import re
from html import unescape

from pipeline.patterns import lazy_pattern

LONGEST_WORDS = 16
"""Characters that fit into 11em, the least width of a column."""
_TABLE_RE = lazy_pattern(r'<div class="table"(?P<rest>[^>]*>\s*<table\b(?:(?!</?table\b).)*)', re.S)
_CELL_RE = lazy_pattern(r"<t[dh]\b[^>]*>")
_TAG_RE = lazy_pattern("<[^>]*>")


def mark_tables(body: str) -> str:
    """The body with `class="table sentences"` on each table that has a longer cell.

    >>> mark_tables('<div class="table"><table><tr><td>a</td><td>' + "a b " * 9 + "</td></tr></table></div>")[:30]
    '<div class="table sentences"><'
    """
    if "<table" not in body:
        return body
    return _TABLE_RE.sub(_mark, body)


def _mark(match: re.Match[str]) -> str:
    cells = _CELL_RE.split(match["rest"])[1:]
    has_sentences = any(len(unescape(_TAG_RE.sub("", cell)).strip()) > LONGEST_WORDS for cell in cells)
    return f'<div class="table sentences"{match["rest"]}' if has_sentences else match[0]
