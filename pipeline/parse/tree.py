"""sanitised HTML -> headings, links, summary, and the HTML with its links left open."""

from __future__ import annotations

import bisect
import html as html_entities
import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring

from pipeline.errors import Diagnostic
from pipeline.parse.doubts import has_marks, show_marks
from pipeline.values import Heading, Link, LinkKind

_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LINK_ATTRIBUTES: dict[str, tuple[LinkKind, str]] = {"a": ("link", "href"), "img": ("image", "src")}
_SCHEME_RE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
# Characters that no HTML may have (WHATWG, "noncharacters" and controls); lxml refuses them too.
_NOT_HTML_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd2-\ufdef\ufffe\uffff]")
_TASK_RE = re.compile(r"\s*\[([ xX])\][ \t\n]+")
_SLUG_DROP_RE = re.compile(r"[^\w\- ]+")
_SENTENCE_END_RE = re.compile(r"""[.!?…]["'”’)\]]*(?=\s+["'“‘(\[]*(\S))|[。！？]""")
_ALERT_RE = re.compile(r"\s*\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*")
_ABBREVIATION_RE = re.compile(r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|St|No|vs|cf|TS|ThS|PGS|GS|BS|KS|Tp|Q|P)\.$")
_DESTINATION_RE = re.compile(
    r"""\]\(\s*<([^>\n]*)>|\]\(\s*((?:[^()\s"'][^()\s]*(?:\([^()\s]*\)[^()\s]*)*)?)"""
    r"""|^[ ]{0,3}\[[^\]\n]+\]:\s*<?([^\s>]*)|(?:href|src)\s*=\s*["']([^"'\n]*)""",
    re.M,
)
SHORTEST_SUMMARY = 24
"""A shorter first paragraph is a label, such as `Tóm tắt` or `Định nghĩa:`, if another follows."""
SUMMARY_CHARACTERS = 200
"""Longest summary: about what a search result or a preview shows."""


@dataclass(slots=True)
class LessonTree:
    """What one pass over a lesson's HTML found."""

    h1: str = ""
    """Text of the first `<h1>`, which is taken out of the body; `""` if there is none."""
    h1_html: str = ""
    summary: str = ""
    body: str = ""
    slot: str = ""
    headings: list[Heading] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    link_lines: list[int | None] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_tree(html: str, source: str) -> LessonTree:
    """Walk over a lesson's HTML once; `source` is the Markdown, for the lines of its links."""
    doubtful = has_marks(html)
    html = _NOT_HTML_RE.sub("", html)
    found = LessonTree(slot=_choose_slot(html))
    root = fragment_fromstring(html, create_parent="div", parser=HTMLParser(huge_tree=True))
    if doubtful:
        show_marks(root)
    lines = _LineFinder(source)
    used_anchors: set[str] = set(root.xpath(".//@id|.//a/@name"))
    own_anchor_links: list[tuple[str, int | None]] = []
    h1: HtmlElement | None = None
    for element in list(root.iter(etree.Element)):
        tag = element.tag
        if tag in _HEADING_TAGS:
            if tag == "h1" and h1 is None:
                h1 = element
            _name_heading(element, used_anchors)
            if element is not h1:
                found.headings.append(Heading(int(tag[1]), element.get("id"), _text_of(element)))
        elif tag in _LINK_ATTRIBUTES:
            _open_link(element, found, lines, own_anchor_links)
        elif tag == "li":
            _read_task(element)
        elif tag == "blockquote":
            _read_alert(element)
        elif tag == "code" and element.text and "\\|" in element.text and _is_in_cell(element):
            element.text = element.text.replace("\\|", "|")
        elif tag in ("td", "th") and element.get("align"):
            element.set("class", f"align-{element.attrib.pop('align')}")
        anchor = element.get("id") or (element.get("name") if tag == "a" else None)
        if anchor:
            found.anchors.append(anchor)
    for anchor, line in own_anchor_links:
        if unquote(anchor) not in used_anchors:
            found.diagnostics.append(Diagnostic(f"link to '#{anchor}': this lesson has no such heading", line=line))
    if h1 is not None:
        found.h1 = _text_of(h1)
        found.h1_html = _inner_html(h1).strip()
        h1.drop_tree()
    found.summary = _summary_of(root)
    found.body = _inner_html(root).strip()
    return found


def slugify(title: str) -> str:
    """The anchor of a heading as GitHub makes it: letters of every language stay.

    >>> slugify("2.1 Những Gì Có Thể Làm?")
    '21-những-gì-có-thể-làm'
    """
    folded = unicodedata.normalize("NFC", title).strip().lower()
    return _SLUG_DROP_RE.sub(_keep_mark, folded).replace(" ", "-")


def _keep_mark(match: re.Match[str]) -> str:
    """Vowel signs and tones that no composed letter has are part of the word."""
    return "".join(character for character in match.group() if unicodedata.category(character)[0] == "M")


def first_sentence(text: str) -> str:
    """The first sentence, or as many words as fit.

    >>> first_sentence("Xin chào các bạn. Bài này…")
    'Xin chào các bạn.'
    """
    text = " ".join(text.split())
    for end in _SENTENCE_END_RE.finditer(text):
        # A small letter goes on with the sentence: `Gồm a, v.v. và c.`
        if not (end.group(1) or "").islower() and not _ABBREVIATION_RE.search(text[: end.end()]):
            text = text[: end.end()]
            break
    if len(text) > SUMMARY_CHARACTERS:
        text = text[:SUMMARY_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
    return text


def _choose_slot(html: str) -> str:
    number = 0
    while f"slot{number}:" in html:
        number += 1
    return f"slot{number}:"


def _name_heading(element: HtmlElement, used: set[str]) -> None:
    if element.get("id"):
        return
    slug = slugify(_text_of(element)) or "section"
    anchor, count = slug, 0
    while anchor in used:
        count += 1
        anchor = f"{slug}-{count}"
    used.add(anchor)
    element.set("id", anchor)


def _open_link(
    element: HtmlElement,
    found: LessonTree,
    lines: _LineFinder,
    own_anchor_links: list[tuple[str, int | None]],
) -> None:
    """Leave a link into the course open; its other attributes stay."""
    kind, attribute = _LINK_ATTRIBUTES[element.tag]
    target = element.get(attribute)
    if target is None:
        if kind == "link" and not element.get("id") and not element.get("name"):
            element.tag = "span"
        return
    target = target.strip()
    line = lines.next_line(target)
    if target.startswith("#") and kind == "link" and len(target) > 1:
        own_anchor_links.append((target[1:], line))
        return
    if _SCHEME_RE.match(target):
        return
    name = posixpath.basename(unquote(target))
    text = element.get("alt") or name if kind == "image" else _text_of(element) or name
    others = [item for item in element.attrib.items() if item[0] != attribute]
    element.attrib.clear()
    element.set(attribute, f"{found.slot}{len(found.links)}")
    for name, value in others:
        element.set(name, value)
    found.links.append(Link(kind, target, text))
    found.link_lines.append(line)


def _read_task(element: HtmlElement) -> None:
    holder = element
    if not (element.text or "").strip() and len(element) and element[0].tag == "p":
        holder = element[0]
    match = _TASK_RE.match(holder.text or "")
    if not match:
        return
    box = etree.Element("input", {"type": "checkbox", "disabled": ""})
    if match.group(1) != " ":
        box.set("checked", "")
    box.tail = " " + (holder.text or "")[match.end() :]
    holder.text = None
    holder.insert(0, box)
    element.set("class", f"{element.get('class', '')} task".strip())


def _read_alert(element: HtmlElement) -> None:
    """GitHub's `> [!NOTE]` is an admonition."""
    first = element[0] if len(element) else None
    match = _ALERT_RE.match(first.text or "") if first is not None and first.tag == "p" else None
    if first is None or not match:
        return
    kind = match.group(1).lower()
    title = etree.Element("p", {"class": "admonition-title"})
    title.text = kind.capitalize()
    title.tail = "\n"
    first.text = (first.text or "")[match.end() :]
    element.insert(0, title)
    element.tag = "div"
    element.set("class", f"admonition {kind}")


def _is_in_cell(element: HtmlElement) -> bool:
    return next(element.iterancestors("td", "th"), None) is not None


def _summary_of(root: HtmlElement) -> str:
    """The first sentence of the first paragraph that is one: not a label, a badge or a path."""
    spare = ""
    for paragraph in root.iterchildren("p"):
        text = _text_of(paragraph)
        if not any(character.isalpha() for character in text):
            continue
        linked = sum(len(_text_of(link)) for link in paragraph.iter("a"))
        if len(text) >= SHORTEST_SUMMARY and not text.endswith(":") and 2 * linked < len(text):
            return first_sentence(text)
        spare = spare or text
    return first_sentence(spare)


def _text_of(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _inner_html(element: HtmlElement) -> str:
    return html_entities.escape(element.text or "", quote=False) + "".join(
        etree.tostring(child, method="html", encoding="unicode") for child in element
    )


class _LineFinder:
    """Tells on which line of the source a link's target stands.

    HTML has no line numbers: the n-th link to a target is the n-th place that names it.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._places: dict[str, Iterator[int]] | None = None
        self._last: dict[str, int] = {}

    def next_line(self, target: str) -> int | None:
        if self._places is None:
            self._places = {key: iter(lines) for key, lines in self._collect().items()}
        key = _target_key(target)
        line = next(self._places.get(key, iter(())), self._last.get(key))
        if line is None and key:
            # Written in a way that the expression does not know, such as with a space in it.
            place = self._source.find(key)
            line = self._source.count("\n", 0, place) + 1 if place >= 0 else None
        if line is not None:
            self._last[key] = line
        return line

    def _collect(self) -> dict[str, list[int]]:
        breaks = [match.start() for match in re.finditer("\n", self._source)]
        places: dict[str, list[int]] = {}
        for match in _DESTINATION_RE.finditer(self._source):
            target = next((group for group in match.groups() if group is not None), "")
            line = bisect.bisect_left(breaks, match.start()) + 1
            places.setdefault(_target_key(target), []).append(line)
        return places


def _target_key(target: str) -> str:
    return unquote(html_entities.unescape(target))
