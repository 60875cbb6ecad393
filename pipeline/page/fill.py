"""HTML with open links + where they lead -> HTML."""

from __future__ import annotations

import re
from html import escape

from pipeline.patterns import lazy_pattern
from pipeline.values import ResolvedLink

_OWN_SIZE_RE = lazy_pattern(r"\s(?:width|height)=")


def fill_links(body: str, slot: str, links: tuple[ResolvedLink, ...], texts: tuple[str, ...]) -> str:
    """Put the resolved links into a lesson's HTML; a broken one becomes its visible text."""
    if slot not in body:
        return body

    def fill(match: re.Match[str]) -> str:
        link = links[int(match["number"])]
        size = ""
        if link.size and not _OWN_SIZE_RE.search(body[match.end() : body.index(">", match.end())]):
            # The browser keeps the place free: the text does not jump when the image comes.
            size = ' width="{}" height="{}"'.format(*link.size)
        return f'{match["attribute"]}="{escape(link.url)}"{size}'

    for number, link in enumerate(links):
        if link.kind == "broken":
            body = _show_as_text(body, f'"{slot}{number}"', texts[number], link.problem)
    pattern = rf'(?P<attribute>href|src)="{re.escape(slot)}(?P<number>\d+)"'
    return re.sub(pattern, fill, body)


def _show_as_text(body: str, mark: str, text: str, problem: str) -> str:
    span = f'<span class="broken-link" title="{escape(problem)}">'
    for opening, closing in (("<a href=", "</a>"), ("<img src=", "")):
        start = body.find(opening + mark)
        if start < 0:
            continue
        tag = _TAG_RE.match(body, start)
        assert tag is not None
        end = body.index(closing, tag.end())
        inner = body[tag.end() : end] if closing else escape(text)
        return f"{body[:start]}{span}{inner}</span>{body[end + len(closing) :]}"
    return body


_TAG_RE = lazy_pattern(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
