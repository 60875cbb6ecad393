"""Parts of the text that need review -> `<mark>` in the HTML.

Markdown moves text around, so the parts are fenced with two characters that Unicode keeps for
a program's own use, and what came out between them is marked. Where no mark can stand, in an
attribute or in front matter, they are taken out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.patterns import lazy_pattern
from pipeline.values import TextSpan

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BYTE_ORDER_MARK = "\ufeff"
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MARKS_RE = lazy_pattern(f"[{_OPEN}{_CLOSE}]")
_MARKED_RE = lazy_pattern(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")


def mark_doubts(text: str, doubts: tuple[TextSpan, ...]) -> str:
    """The text with its doubtful parts fenced; without the two characters if it had them itself."""
    if has_marks(text):
        return without_marks(text)
    pieces = []
    end = 0
    for doubt in doubts:
        pieces += [text[end : doubt.start], _OPEN, text[doubt.start : doubt.end], _CLOSE]
        end = doubt.end
    return "".join([*pieces, text[end:]])


def without_byte_order_marks(text: str) -> str:
    """The text without U+FEFF, which shows nothing: `\ufeff# Title` would be no heading. Joined files have one
    in the middle, and a repair makes one of `ï»¿`."""
    return text.replace(_BYTE_ORDER_MARK, "") if _BYTE_ORDER_MARK in text else text


def has_marks(text: str) -> bool:
    """Whether any part is fenced."""
    return _OPEN in text or _CLOSE in text


def without_marks(text: str) -> str:
    """The text as it was."""
    return _MARKS_RE.sub("", text) if has_marks(text) else text


def marks_in_html(html: str) -> str:
    """The fenced parts of a text that is HTML already, without elements, as `<mark class="doubt">`."""
    return without_marks(_MARKED_RE.sub(r'<mark class="doubt">\1</mark>', html))


def show_marks(root: HtmlElement) -> None:
    """Turn the fenced parts of the text below `root` into `<mark class="doubt">`, in place."""
    from lxml import etree  # the first half of a parse needs none

    for element in list(root.iter(etree.Element)):
        for name, value in element.attrib.items():
            if has_marks(value):
                element.set(name, without_marks(value))
        if element.text and has_marks(element.text):
            pieces = _MARKED_RE.split(element.text)
            element.text = without_marks(pieces[0])
            _insert(element, 0, pieces)
        if element.tail and has_marks(element.tail):
            pieces = _MARKED_RE.split(element.tail)
            element.tail = without_marks(pieces[0])
            parent = element.getparent()
            _insert(parent, parent.index(element) + 1, pieces)


def _insert(parent: HtmlElement, index: int, pieces: list[str]) -> None:
    from lxml import etree

    for offset, (marked, after) in enumerate(zip(pieces[1::2], pieces[2::2], strict=True)):
        mark = etree.Element("mark", {"class": "doubt"})
        mark.text = marked
        mark.tail = without_marks(after)
        parent.insert(index + offset, mark)
