"""HTML with open links + where they lead -> HTML."""

from __future__ import annotations

import re
from html import escape

from pipeline.patterns import lazy_pattern
from pipeline.values import ResolvedLink

_POSTER = " poster="
_OWN_SIZE_RE = lazy_pattern(r"\s(?:width|height)=")


def fill_links(body: str, slot: str, links: tuple[ResolvedLink, ...], texts: tuple[str, ...]) -> str:
    """Put the resolved links into a lesson's HTML; a broken one becomes its visible text.

    >>> body = '<a href="slot:0">a <img src="slot:1" alt="i"> b</a>, <a href="slot:2">c</a>, '
    >>> body += '<video src="slot:2" poster="slot:0">'
    >>> links = ResolvedLink("broken", ""), ResolvedLink("file", "i.png"), ResolvedLink("page", "c.html")
    >>> fill_links(body, "slot:", links, ("", "", ""))  # doctest: +NORMALIZE_WHITESPACE
    '<span class="broken-link" title="">a <img src="i.png" alt="i"> b</span>,
    <a href="c.html">c</a>, <video src="c.html">'
    >>> fill_links(body, "slot:", (links[2], *links[1:]), ("", "", ""))  # doctest: +NORMALIZE_WHITESPACE
    '<a href="c.html">a <img src="i.png" alt="i"> b</a>,
    <a href="c.html">c</a>, <video src="c.html" poster="c.html">'
    """
    if slot not in body:
        return body
    opened = re.escape(slot)
    place = re.compile(
        rf'(?P<before><a href=|<img src=|href=|src=|{_POSTER})"{opened}(?P<number>\d+)"'
        rf'|srcset="(?P<forms>[^"]*{opened}[^"]*)"'
    )

    def fill(start: int, end: int) -> str:
        parts = []
        for match in place.finditer(body, start, end):
            if match.start() < start:
                continue  # inside a link that is broken
            parts.append(body[start : match.start()])
            if match["forms"]:
                parts.append(f'srcset="{_fill_forms(match["forms"], slot, links)}"')
                start = match.end()
                continue
            number = int(match["number"])
            link, before = links[number], match["before"]
            if before == _POSTER:  # a film is shown without it as well
                start = match.end()
                parts.append("" if link.kind == "broken" else f'{_POSTER}"{escape(link.url)}"')
                continue
            if link.kind not in ("broken", "text") or before[0] != "<":
                parts.append(f'{before}"{escape(link.url)}"{_size_of(link, body, match.end())}')
                start = match.end()
                continue
            tag = _TAG_RE.match(body, match.start())
            assert tag is not None
            start = tag.end()
            shown = escape(texts[number])
            if before == "<a href=":
                closing = body.index("</a>", start)
                shown = escape(link.url) if link.kind == "text" else fill(start, closing)
                start = closing + len("</a>")
            if link.kind == "text":
                parts.append(shown)
                continue
            parts.append(f'<span class="broken-link" title="{escape(link.problem)}">{shown}</span>')
        parts.append(body[start:end])
        return "".join(parts)

    return fill(0, len(body))


def _fill_forms(forms: str, slot: str, links: tuple[ResolvedLink, ...]) -> str:
    """The addresses of one image for different screens; a broken one goes, and the image itself is shown.

    >>> links = ResolvedLink("broken", ""), ResolvedLink("file", "b.png")
    >>> _fill_forms("slot:0 1x, slot:1 2x, c.png 3x", "slot:", links)
    'b.png 2x, c.png 3x'
    """
    filled = []
    for form in forms.split(", "):
        address, space, size = form.partition(" ")
        if address.startswith(slot):
            link = links[int(address[len(slot) :])]
            if link.kind == "broken":
                continue
            address = escape(link.url)
        filled.append(address + space + size)
    return ", ".join(filled)


def _size_of(link: ResolvedLink, body: str, end: int) -> str:
    """The size of an image, when its tag, whose source ends there, has none of its own."""
    if not link.size or _OWN_SIZE_RE.search(body[end : body.index(">", end)]):
        return ""
    # The browser keeps the place free: the text does not jump when the image comes.
    return ' width="{}" height="{}"'.format(*link.size)


_TAG_RE = lazy_pattern(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
