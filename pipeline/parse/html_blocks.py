"""Markdown line -> does a block of raw HTML begin here, and where does it end (CommonMark 4.6)?

An element of block level ends its raw HTML at the next empty line: what follows, as between
`<details>` and `</details>`, is Markdown again. What hides all up to its own end, such as a comment, begins only where
that end is to come: else it would hide the rest of the lesson, and its first sign is text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.parse.sanitise import is_component
from pipeline.patterns import lazy_pattern

_VERBATIM_RE = lazy_pattern(r"<(script|pre|style|textarea)(?=[\s>]|$)(?![^<>]*/>)", re.I)
_MARKDOWN_RE = lazy_pattern(r"""\smarkdown(?:=["']?(?:1|block|span)["']?)?(?=[\s/]|$)""")
"""What says, to Python-Markdown, that Markdown goes on right below a tag."""
_BLOCK_RE = lazy_pattern(
    r"</?(address|article|aside|base|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt"
    r"|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main"
    r"|menu|nav|noframes|ol|optgroup|option|p|param|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)"
    r"(?=[\s/>]|$)",
    re.I,
)
_HIDING = r"<(?:(!--|!\[CDATA\[|\?|!(?=[A-Z]))|(iframe|script|style{})(?=[\s/>]|$)(?![^<>]*/>))"
_HIDING_RE = lazy_pattern(_HIDING.format(""), re.I)
"""What begins that in which HTML reads nothing but its end."""
_LASTING_RE = lazy_pattern(_HIDING.format("|pre"), re.I)
"""And code: an empty line ends none of them."""
_ENDS = {"!--": "-->", "![CDATA[": "]]>", "?": "?>", "!": ">"}
_UNWRAPPED = frozenset("noembed noframes noscript plaintext template textarea title xmp".split())
"""In these it reads no tags, or shows nothing: what stands in them is a part of the lesson."""
# A long value has no `<`, or to look for the end of each would take too long.
_TAG_RE = lazy_pattern(
    r"</?([A-Za-z][^\s/>]*)[^<>=]*"
    r"(?:=\s*(?:\"(?:[^\"<]*|[^\"]{0,1000})\"|'(?:[^'<]*|[^']{0,1000})'|(?=[^\s\"']))[^<>=]*)*>"
)
_CLOSING_TAG_RE = lazy_pattern(r"</([A-Za-z][A-Za-z0-9_.-]*)[ ]*>")
_WHOLE_RE = lazy_pattern(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)"
    r"""([A-Za-z][\w-]*)(?:\s[^<>]*["'\s}])?/>""",
    re.I,
)
"""A tag that ends itself, as XML and JSX have it: to HTML it is open."""
MOST_LOOKED_AT = 1_000
"""Characters behind a tag, for its end."""
_BEGINS_TAG_RE = lazy_pattern(r"</?[A-Za-z][\w-]*")


class RawHtml(NamedTuple):
    """A block of raw HTML."""

    length: int
    """How many lines it has; 0 if none begins."""
    unclosed: str = ""
    """What would begin it, if that had an end."""


class ClosingLines:
    """Lines that are looked through from the top down for what closes something: once for each sign."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._found: dict[str, int] = {}
        self._tags: frozenset[str] | None = None

    def find(self, sign: str, start: int) -> int:
        """The first line from `start` on that has a sign, in small letters; -1 if there is none.

        >>> closings = ClosingLines(["a", "b -->"])
        >>> closings.find("-->", 0), closings.find("-->", 1), closings.find("?>", 0)
        (1, 1, -1)
        """
        number = self._found.get(sign)
        if number is None or -1 < number < start:
            number = next((at for at in range(start, len(self.lines)) if sign in self.lines[at].lower()), -1)
            self._found[sign] = number
        return number

    def has_tag(self, name: str) -> bool:
        """Whether they close a tag of this name.

        >>> ClosingLines(["a</B>"]).has_tag("B")
        True
        """
        if self._tags is None:
            self._tags = frozenset(_CLOSING_TAG_RE.findall("\n".join(self.lines)))
        return name in self._tags


def begins_raw_html(text: str) -> bool:
    """Whether a line begins raw HTML, if that has an end.

    >>> begins_raw_html("<!-- a"), begins_raw_html("<b>x</b>")
    (True, False)
    """
    return (
        _VERBATIM_RE.match(text) is not None or _HIDING_RE.match(text) is not None or _BLOCK_RE.match(text) is not None
    )


def find_raw_html(
    closings: ClosingLines, start: int, text: str, container: int = 0, *, in_note: bool = False
) -> RawHtml:
    """The raw HTML that begins with line `start`, whose text is `text`.

    It stands in an item whose text begins at the column `container`, and ends with it; `in_note`, also before a line
    that ends a note.
    """
    if text[:4] == "<!--" and "-->" in text:
        return RawHtml(1)  # most are this
    verbatim = _VERBATIM_RE.match(text)
    if verbatim and not is_component(verbatim[1]):
        used = _through(closings, start, text, f"</{verbatim[1].lower()}")
        return RawHtml(used or _to_empty_line(closings, start, text, container, in_note))
    hiding = _HIDING_RE.match(text)
    if hiding and hiding[1]:
        used = _through(closings, start, text, _closing_of(hiding))
        if hiding[1] == "!--" and _begins_comment(closings.lines, start + 1, start + used):
            used = 0  # what closes that one does not close this one
        return RawHtml(used, "" if used else hiding[0])
    found = _BLOCK_RE.match(text)
    if not found:
        return RawHtml(0)
    name = found[1]
    is_large = name[0].isupper() and name[1:].islower()
    if is_large and is_component(name):
        return RawHtml(0)
    tag, _, behind = text.partition(">")
    if not behind.strip() and (("markdown" in tag and _MARKDOWN_RE.search(tag)) or ("={" in tag and tag[-1] != "/")):
        return RawHtml(1)  # with braces it is JSX, in which Markdown follows
    if is_large and text.rstrip()[-1:] == ">":
        return RawHtml(1)  # as well
    return RawHtml(_to_empty_line(closings, start, text, container, in_note))


def _through(closings: ClosingLines, start: int, text: str, closing: str) -> int:
    """How many lines there are up to the one with `closing`; 0 if there is none."""
    if closing in text.lower():
        return 1
    return max(closings.find(closing, start + 1) - start + 1, 0)


def _begins_comment(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether a comment begins in these lines below an empty one."""
    return any(lines[number].lstrip()[:4] == "<!--" and not lines[number - 1].strip() for number in range(start, end))


def _to_empty_line(closings: ClosingLines, start: int, text: str, container: int, in_note: bool) -> int:
    """How many lines there are up to an empty one that is not in a comment or a script."""
    lines = closings.lines
    closing = _hidden_to(text, "", closings, start)
    number = start + 1
    while number < len(lines):
        line = lines[number]
        if not closing:
            bare = line.strip()
            if not bare or not is_within(line, container) or (in_note and not bare.strip(":/")):
                break
        if closing or "<" in line:
            closing = _hidden_to(line, closing, closings, number)
        number += 1
    return number - start


def _hidden_to(line: str, closing: str, closings: ClosingLines, number: int) -> str:
    """What ends that which is open behind a line before which `closing` was waited for; `""` if nothing is."""
    if not closing and not _LASTING_RE.search(line):
        return ""
    small, at = line.lower(), 0
    ends = _Lasts(small)
    while True:
        if closing:
            end = small.find(closing, at)
            if end < 0:
                return closing
            at = end + len(closing)
        found = _LASTING_RE.search(line, at)
        if not found:
            return ""
        at, closing = found.end() - 2 * (found[1] == "!--"), _closing_of(found)  # `<!-->` is a comment
        if ends[closing] < at and closings.find(closing, number + 1) < 0:
            closing = ""


class _Lasts(dict[str, int]):
    """Where in a text the last of each sign stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, sign: str) -> int:
        self[sign] = self._text.rfind(sign)
        return self[sign]


def _closing_of(hiding: re.Match[str]) -> str:
    return _ENDS[hiding[1].upper()] if hiding[1] else f"</{hiding[2].lower()}"


def close_html(html: str) -> tuple[str, list[tuple[int, str]]]:
    """A block of raw HTML in which all that begins also ends; and of what did not, in which line it stood, from 0 on,
    and its first sign, which is text now.

    >>> close_html("<div>a<!-- b</div>"), close_html('<p title="a>b')
    (('<div>a&lt;!-- b</div>', [(0, '<!--')]), ('&lt;p title="a>b', [(0, '<p')]))
    >>> close_html("<title>a</title> <?b ?>c<script src='d'/>e")
    ("a c<script src='d'/></script>e", [])
    >>> close_html("<pre><code>a")
    ('<pre><code>a</code></pre>', [(0, '<pre')])
    """
    if html[:4] == "<!--" and html.find("<", 1) < 0 and "-->" in html:
        return html, []
    small, parts, unclosed = html.lower(), list[str](), list[tuple[int, str]]()
    ends = _Lasts(small)
    kept, at = 0, html.find("<")
    while at >= 0:
        hiding, tag = _HIDING_RE.match(html, at), _TAG_RE.match(html, at)
        closing = _closing_of(hiding) if hiding else ""
        is_closed = hiding is not None and ends[closing] > at
        end = tag.end() if tag else at + 1
        if is_closed:
            end = small.find(closing, at + 2) + len(closing)
        if (tag and tag[1].lower() in _UNWRAPPED) or (is_closed and hiding and hiding[1] and hiding[1] != "!--"):
            parts.append(html[kept:at])
            kept = end
        elif tag and hiding and hiding[2] and not is_closed:
            parts.append(f"{html[kept:end]}{closing}>")
            kept = end
        elif tag and (closing := end_of_whole(html, tag[0], end)):
            parts.append(html[kept:end] + closing)
            kept = end
        elif not is_closed and not tag and (sign := hiding or _BEGINS_TAG_RE.match(html, at)):
            parts.append(f"{html[kept:at]}&lt;")
            kept = end
            unclosed.append((html.count("\n", 0, at), sign[0]))
        at = html.find("<", end)
    code = max(ends["<pre>"], ends["<pre "])
    if code > ends["</pre"]:
        parts.append(f"{html[kept:]}{'</code>' if ends['<code'] > max(code, ends['</code']) else ''}</pre>")
        kept = len(html)
        unclosed.append((html.count("\n", 0, code), "<pre"))
    return "".join([*parts, html[kept:]]), unclosed


def end_of_whole(html: str, tag: str, end: int) -> str:
    """The end of an element whose tag ends itself, and stands up to `end` in some HTML, which would take what follows
    for a part of it; `""` if there is no need of one.

    >>> [end_of_whole(tag, tag, len(tag)) for tag in ('<a id="b"/>', "<br/>", "<a href=b/>")]
    ['</a>', '', '']
    >>> end_of_whole('<a href="b"/>c</a>', '<a href="b"/>', 13)
    ''
    """
    whole = _WHOLE_RE.fullmatch(tag) if tag[-2:] == "/>" else None
    if whole is None:
        return ""
    closing, opening = (html.find(f"{sign}{whole[1]}", end, end + MOST_LOOKED_AT) for sign in ("</", "<"))
    return "" if closing >= 0 and (opening < 0 or closing < opening) else f"</{whole[1]}>"


def is_within(line: str, column: int) -> bool:
    """Whether a line that is not empty is indented so far that it belongs to what has its text at this column.

    >>> is_within("\\tx", 2), is_within(" x", 2), is_within("x", 0)
    (True, False, True)
    """
    return not column or line.expandtabs(4)[:column].isspace()
