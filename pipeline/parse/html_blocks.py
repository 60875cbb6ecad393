"""Markdown line -> does a block of raw HTML begin here, and where does it end (CommonMark 4.6)?

An element of block level ends its raw HTML at the next empty line: what follows, as between
`<details>` and `</details>`, is Markdown again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.patterns import lazy_pattern

_VERBATIM_RE = lazy_pattern(r"<(script|pre|style|textarea)(?=[\s>]|$)", re.I)
_MARKDOWN_RE = lazy_pattern(r"""\smarkdown(?:=["']?(?:1|block|span)["']?)?(?=[\s/]|$)""")
"""What says, to Python-Markdown, that Markdown goes on right below a tag."""
_TO_CLOSING = {"<!--": "-->", "<![CDATA[": "]]>", "<!": ">", "<?": "?>"}
_BLOCK_RE = lazy_pattern(
    r"</?(?:address|article|aside|base|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt"
    r"|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main"
    r"|menu|nav|noframes|ol|optgroup|option|p|param|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)"
    r"(?=[\s/>]|$)",
    re.I,
)


def html_block_length(lines: Sequence[str], start: int, text: str, container: int = 0) -> int:
    """How many lines of raw HTML begin with line `start`, whose text is `text`; 0 if none do.

    They stand in an item whose text begins at the column `container`, and end with it.
    """
    verbatim = _VERBATIM_RE.match(text)
    if verbatim:
        return _through(lines, start, f"</{verbatim.group(1).lower()}>")
    for opening, closing in _TO_CLOSING.items():
        if text.startswith(opening):
            return _through(lines, start, closing)
    if not _BLOCK_RE.match(text):
        return 0
    tag, _, behind = text.partition(">")
    is_alone = not behind.strip()
    if is_alone and (("markdown" in tag and _MARKDOWN_RE.search(tag)) or ("={" in tag and tag[-1] != "/")):
        return 1  # with braces it is JSX, in which Markdown follows
    end = start + 1
    while end < len(lines) and lines[end].strip() and is_within(lines[end], container):
        end += 1
    return end - start


def _through(lines: Sequence[str], start: int, closing: str) -> int:
    for number in range(start, len(lines)):
        if closing in lines[number].lower():
            return number - start + 1
    return len(lines) - start


def is_within(line: str, column: int) -> bool:
    """Whether a line that is not empty is indented so far that it belongs to what has its text at this column.

    >>> is_within("\\tx", 2), is_within(" x", 2), is_within("x", 0)
    (True, False, True)
    """
    return not column or line.expandtabs(4)[:column].isspace()
