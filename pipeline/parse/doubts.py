"""Parts of the text that need review -> `<mark>` in the HTML.

Markdown moves text around, so the words of these parts are fenced with two characters that Unicode keeps for
a program's own use, and what came out between them is marked. Where no mark can stand, in an
attribute or in front matter, they are taken out. Markup is never fenced: `**Học** [tập](a.md)` is two fenced words.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from pipeline.patterns import lazy_pattern
from pipeline.values import TextSpan

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BYTE_ORDER_MARK = "\ufeff"
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MARKS_RE = lazy_pattern(f"[{_OPEN}{_CLOSE}]")
_MARKED_RE = lazy_pattern(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_FENCE_RE = lazy_pattern(f"([{_OPEN}{_CLOSE}])")
# Markdown's signs are ASCII; `_` inside a word is none.
_WORD_RE = lazy_pattern(r"[0-9A-Za-z_\u0080-\U0010ffff]+")
# `[tài liệu]: https://...`, `[^ghi chú]: ...`: a name, which must stay the same wherever it stands.
_NAME_RE = lazy_pattern(r"^[ >]*\*?(\[[^\[\]\n]+\]):", re.M)
_BRACKETS_RE = lazy_pattern(r"\[[^\[\]\n]+\]")
_UNMARKED_TAGS = ("script", "style", "textarea", "title")


def mark_doubts(text: str, doubts: tuple[TextSpan, ...]) -> str:
    """The text with its doubtful parts fenced; without the two characters if it had them itself."""
    if has_marks(text):
        return without_marks(text)
    names = _places_of_names(text) if doubts else []
    pieces = []
    end = 0
    for doubt in doubts:
        pieces += [text[end : doubt.start], _fence_words(text, doubt, names)]
        end = doubt.end
    return "".join([*pieces, text[end:]])


def without_byte_order_marks(text: str) -> str:
    """The text without U+FEFF, which shows nothing: `\ufeff# Title` would be no heading. Joined files have one
    in the middle, and a repair makes one of `ï»¿`."""
    return text.replace(_BYTE_ORDER_MARK, "") if _BYTE_ORDER_MARK in text else text


def _places_of_names(text: str) -> list[TextSpan]:
    """Where the names of references and notes stand, with their brackets."""
    names = {name.casefold() for name in _NAME_RE.findall(text)}
    found = _BRACKETS_RE.finditer(text) if names else ()
    return [TextSpan(*brackets.span()) for brackets in found if brackets[0].casefold() in names]


def _fence_words(text: str, doubt: TextSpan, names: list[TextSpan]) -> str:
    """The text of one doubt with its words fenced; those in ASCII were not damaged, and may be markup: `[x]`."""
    first = bisect.bisect_right(names, doubt.start, key=lambda name: name.end)
    names = names[first : bisect.bisect_left(names, doubt.end, key=lambda name: name.start)]

    def fence(word: re.Match[str]) -> str:
        at = doubt.start + word.start()
        shown = without_byte_order_marks(word[0])
        if shown.isascii() or any(name.start <= at < name.end for name in names):
            return shown
        return f"{_OPEN}{shown}{_CLOSE}"

    return _WORD_RE.sub(fence, text[doubt.start : doubt.end]).replace(f"{_CLOSE} {_OPEN}", " ")


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
    """Turn the fenced parts of the text below `root` into `<mark class="doubt">`, in place: one in each element that
    such a part goes through."""
    from lxml import etree  # the first half of a parse needs none

    is_open = False
    for event, node in list(etree.iterwalk(root, events=("start", "end", "comment", "pi"))):
        if event == "end":
            if node is not root:
                is_open = _mark_text(node, "tail", is_open)
        elif event == "start":
            for name, value in node.attrib.items():
                if has_marks(value):
                    node.set(name, without_marks(value))
            is_open = _mark_text(node, "text", is_open)
        else:
            node.text = without_marks(node.text or "")
            is_open = _mark_text(node, "tail", is_open)


def _mark_text(node: HtmlElement, place: str, is_open: bool) -> bool:
    """Mark what is fenced of a node's text or tail; whether a fence is open before it and, returned, behind it."""
    from lxml import etree

    text = getattr(node, place) or ""
    if not text or not (is_open or has_marks(text)):
        return is_open
    parent = node if place == "text" else node.getparent()
    marks: list[HtmlElement] = []
    sound = ""
    setattr(node, place, None)
    for piece in _FENCE_RE.split(text):
        if piece in (_OPEN, _CLOSE):
            is_open = piece == _OPEN
        elif is_open and piece.strip() and parent.tag not in _UNMARKED_TAGS:
            marks.append(etree.Element("mark", {"class": "doubt"}))
            marks[-1].text, sound = piece, ""
        else:
            sound += piece
            if marks:
                marks[-1].tail = sound
            else:
                setattr(node, place, sound)
    index = 0 if place == "text" else parent.index(node) + 1
    parent[index:index] = marks  # all at once: lxml counts to the place of each
    return is_open
