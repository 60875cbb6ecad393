"""sanitised HTML -> headings, links, summary, and the HTML with its links left open."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from urllib.parse import quote, unquote

from lxml import etree

from pipeline.errors import Diagnostic, Edit
from pipeline.parse import elements
from pipeline.parse.doubts import has_marks, show_marks
from pipeline.parse.lines import LineFinder
from pipeline.parse.media import close_media, read_forms
from pipeline.parse.pieces import ESCAPED, PIECE, Piece, fill_pieces
from pipeline.parse.sanitise import COLLAPSIBLE, CONTAINER
from pipeline.parse.sentences import heading_key, index_headings, near_anchor, slugify
from pipeline.parse.words import ENGLISH, LessonWords
from pipeline.paths import nfc, readable_title
from pipeline.patterns import lazy_pattern
from pipeline.values import Heading, Link, PieceSpan, TextPlace

_SCHEME_RE = lazy_pattern(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_EMOJI_RE = lazy_pattern(r":(?<!\w:)[a-z0-9+-][a-z0-9_+-]*:(?!\w)")  # with the colon first it is found quickly
# A line of the title may end behind it: `07_fine_tune_pretrained_models` is longer than the line.
_UNDERSCORE_RE = lazy_pattern(r"(?<=\w)_(?=\w)(?![^<]*>)")
_CONTENTS_RE = lazy_pattern(r"\s*\[?\[(?:TOC|toc)\]\]?\s*")
_MEDIA_TAGS = ("audio", "video", "source", "track")
_BOX_TAGS = ("table", "pre", "span", "div")
_TAGS = ("h1", "h2", "h3", "h4", "h5", "h6", "a", "img", *_BOX_TAGS, *_MEDIA_TAGS)
_PARSER = etree.HTMLParser(encoding="utf-8", huge_tree=True, collect_ids=False)
HINTS_GIVEN = 20
"""In so many warnings, of links that lead to no heading: each is compared with every heading."""


class LessonTree:
    """What one pass over a lesson's HTML found."""

    def __init__(self) -> None:
        self.h1 = ""
        """Text of the first `<h1>`, which is taken out of the body; `""` if there is none."""
        self.h1_html = ""
        self.summary = ""
        self.body = ""
        self.slot = ""
        self.pieces: tuple[PieceSpan, ...] = ()
        self.headings: list[Heading] = []
        self.anchors: list[str] = []
        self.links: list[Link] = []
        self.link_places: list[TextPlace | None] = []
        self.diagnostics: list[Diagnostic] = []


def read_tree(
    html: str,
    source: str,
    pieces: Sequence[Piece] = (),
    words: LessonWords = ENGLISH,
) -> LessonTree:
    """Walk over a lesson's HTML once.

    `source` is the Markdown, for the lines of its links; `pieces` are what the numbers between two
    `PIECE` in the HTML stand for.
    """
    walk = _Walk(html, source, pieces, words)
    return walk.found


class _Walk:
    """One pass over a lesson's HTML."""

    def __init__(self, html: str, source: str, pieces: Sequence[Piece], words: LessonWords) -> None:
        self.found = LessonTree()
        self._words = words
        self._pieces = list(pieces)
        self._source = source
        self._has_bare_links = "[](" in source
        self._lines = LineFinder(source)
        self._own_anchor_links: list[tuple[etree._Element, str, TextPlace | None, str]] = []
        self._unread: set[str] = set()
        self._counts: dict[str, int] = {}
        """The number of the last heading with the same words."""
        self.found.slot = _make_slot([html, *[piece.html for piece in pieces]])
        document = etree.fromstring(f"<html><body>{html}</body></html>".encode("utf-8", "replace"), _PARSER)
        self._root = root = document.find("body")
        if has_marks(html):
            show_marks(root)
        if "<source" in html or "<track" in html:
            close_media(root)
        if "!--" in html:
            elements.open_comments(root)
        self._written: dict[etree._Element, str] = {}
        """What a heading says before its emoji are shown: GitHub's anchor is made of `:rocket:`."""
        if _EMOJI_RE.search(html):
            from pipeline.parse.emoji import ICONS, show_emoji

            self._written = {
                heading: elements.text_of(heading).replace(ESCAPED, "") for heading in root.iter(*_TAGS[:6])
            }
            if show_emoji(root):
                self.found.diagnostics.append(ICONS)
        if "[!" in html:
            for quotation in list(root.iter("blockquote")):
                elements.show_alert(quotation, words)
        if any(box in html for box in ("[ ]", "[x]", "[X]")):
            for item in list(root.iter("li")):
                elements.show_task(item)
        if "^" in html:
            elements.drop_block_ids(root)
        contents = self._find_contents(html)
        if ESCAPED in html:
            elements.take_out(root, ESCAPED)
        if "\\|" in html:
            elements.mend_bars(root)
        named = ' id="' in html or ' name="' in html
        self._used = set(map(nfc, root.xpath(".//@id|.//a/@name"))) if named else set()
        self.found.summary = elements.find_summary(root, contents)
        h1 = next(root.iter("h1"), None)
        terms = [(term, elements.text_of(term)) for term in root.iter("dt")] if "<dt" in html else []
        for element in list(root.iter(etree.Element) if named else root.iter(*_TAGS)):
            self._read(element, h1)
        self._name_terms(terms)
        if ' align="' in html or "<center" in html:
            elements.name_alignment(root)
        if contents is not None:
            elements.show_contents(contents, self.found.headings)
        places = zip(self.found.links, self.found.link_places, strict=True)
        self.found.link_places = [self._lines.settled(link.target, place) for link, place in places]
        others: dict[str, str] | None = None
        for link, anchor, place, written in self._own_anchor_links:
            if anchor in self._used or anchor.lower() == "top":  # a page's beginning
                continue
            others = index_headings(self.found.headings) if others is None else others
            heading = others.get(heading_key(anchor), "")
            place = self._lines.settled(written, place)
            if heading:
                link.set("href", f"#{quote(heading)}")
            else:
                self._tell_broken(anchor, place, written)
        if h1 is not None:
            self.found.h1_html = _UNDERSCORE_RE.sub(
                "_<wbr>", fill_pieces(elements.inner_html(h1), self._pieces)[0].strip()
            )
            elements.drop(h1)
        html = elements.inner_html(root).strip()
        if "\\" in html or "[^" in html:  # few lessons have either
            from pipeline.parse.loose_tex import tell_leftovers

            self.found.diagnostics += tell_leftovers(html, self._lines)
        self.found.body, self.found.pieces = fill_pieces(html, self._pieces)

    def _find_contents(self, html: str) -> etree._Element | None:
        """The first paragraph that stands for the contents. Others go: to list all headings for each takes a time that
        grows with the square of the lesson."""
        if "[TOC]" not in html and "[toc]" not in html:
            return None
        paragraphs = (p for p in self._root.iter("p") if not len(p) and _CONTENTS_RE.fullmatch(p.text or ""))
        first, *others = [*paragraphs] or [None]
        for paragraph in others:
            elements.drop(paragraph)
        return first

    def _read(self, element: etree._Element, h1: etree._Element | None) -> None:
        tag = element.tag
        if tag == "a":
            self._open_link(element)
        elif tag == "span" or tag == "div":
            self._read_box(element)
        elif tag[0] == "h" and tag in _TAGS:
            title = elements.text_of(element)  # while its formulas still are in it
            self._name_heading(element, self._written.get(element, title))
            if element is h1:
                self.found.h1 = title
            else:
                self.found.headings.append(Heading(int(tag[1]), element.get("id"), title))
        elif tag == "img":
            self._open_image(element)
            elements.show_image(element)
        elif tag in _MEDIA_TAGS:
            self._open_media(element)
        elif tag == "table":
            elements.show_table(element)
        elif tag == "pre":
            self._read_code(element)
        # A name is obsolete, and libxml2 percent-encodes it: no link to `tiếng-việt` would find it.
        anchor = nfc(element.get("id") or (element.attrib.pop("name", "") if tag == "a" else ""))
        if anchor:
            element.set("id", anchor)
            self.found.anchors.append(anchor)

    # --- what is finished already, or is made here and needs no serialising ---

    def _keep(self, element: etree._Element, piece: Piece) -> None:
        """Let a piece of HTML stand for an element when the tree is written."""
        tail = element.tail
        element.clear()
        element.tail = tail
        element.text = f"{PIECE}{len(self._pieces)}{PIECE}"
        self._pieces.append(piece)

    def _read_box(self, element: etree._Element) -> None:
        kind = element.get("class")
        if kind is None:
            return
        if kind == "math inline" or kind == "math display":
            self._show_formula(element, kind)
        elif COLLAPSIBLE in kind and element.tag == "div":
            elements.show_collapsible(element)
        elif kind == f"admonition {CONTAINER}":
            del element.attrib["class"]

    def _show_formula(self, element: etree._Element, kind: str) -> None:
        marks = list(element)
        if any(mark.get("class") != "doubt" for mark in marks):
            return
        tex = "".join(element.itertext()).strip()
        display = kind == "math display"
        from pipeline.parse.formulas import convert_formula, show_tex, why_unread  # 2 ms, and few lessons have any

        shown = convert_formula(tex, display=display)
        if shown is None:
            shown = show_tex(tex)
            if tex not in self._unread:
                self._unread.add(tex)
                hint = why_unread(tex, display=display)
                place = self._lines.place_of_text(tex)
                self._tell("unread-formula", f"formula '{_shortened(tex)}' cannot be read", place, hint)
        if marks:
            shown = f'<mark class="doubt">{shown}</mark>'
        scroll = ' tabindex="0"' if display else ""
        self._keep(element, Piece(f'<{element.tag} class="{kind}"{scroll}>{shown}</{element.tag}>'))

    def _read_code(self, element: etree._Element) -> None:
        """Code that no fence stands around: indented, or raw HTML."""
        if (element.text or "").startswith(PIECE):
            return
        from pipeline.parse.code import show_code

        if len(element) == 1 and element[0].tag == "code" and not (element.text or element[0].tail):
            code = element[0]
            if not len(code) and not code.attrib and not element.attrib:
                self._keep(element, Piece(show_code(code.text or "")))
                return
            elements.wrap(element, "div", {"class": "code"})
        element.set("tabindex", "0")

    # --- headings and links ---

    def _name_heading(self, element: etree._Element, title: str) -> None:
        if element.get("id"):
            return
        slug = nfc(slugify(title)) or "section"
        anchor, count = slug, self._counts.get(slug, 0)  # from there on: what was taken stays taken
        while anchor in self._used:
            count += 1
            anchor = f"{slug}-{count}"
        self._counts[slug] = count
        self._used.add(anchor)
        element.set("id", anchor)

    def _name_terms(self, terms: list[tuple[etree._Element, str]]) -> None:
        """A term that is defined can be linked to, by what it said while its formulas were in it, as a heading can;
        headings have their anchors first."""
        for term, title in terms:
            if not term.get("id"):
                self._name_heading(term, title)
                self.found.anchors.append(term.get("id"))

    def _open_link(self, element: etree._Element) -> None:
        target = element.get("href")
        if target is None:
            if not element.get("id") and not element.get("name"):
                element.tag = "span"
            return
        target = target.strip()
        if self._has_bare_links and not len(element) and not element.text:
            self._name_link(element, target)
        place = self._lines.next_place(target)
        if target.startswith("#") and len(target) > 1:
            anchor = nfc(unquote(target[1:]))
            if anchor != unquote(target[1:]):
                element.set("href", f"#{quote(anchor)}")  # ids are in this form
            self._own_anchor_links.append((element, anchor, place, target))
            if element.get("class") == "footnote-backref":
                elements.name_backlink(element, self._words)
            elif element.get("class") == "footnote-ref":
                element.set("role", "doc-noteref")
        elif _SCHEME_RE.match(target):
            if target[:4].lower() == "http":
                elements.show_external(element)
        else:
            text = elements.text_of(element) or posixpath.basename(unquote(target))
            self._leave_open(element, "href", Link("link", target, text), place)

    def _name_link(self, element: etree._Element, target: str) -> None:
        """A link without words, as MyST has it, says where it leads; one in a heading is a sign."""
        if next(element.iterancestors(*_TAGS[:6]), None) is None and target:
            path, _, anchor = unquote(target).partition("#")
            name = posixpath.splitext(posixpath.basename(path.rstrip("/")))[0]
            element.text = readable_title(anchor or name)

    def _open_image(self, element: etree._Element) -> None:
        if element.get("srcset"):
            self._open_forms(element)
        target = element.get("src")
        if target is None:
            return
        target = target.strip()
        place = self._lines.next_place(target)
        if not _SCHEME_RE.match(target):
            text = element.get("alt") or posixpath.basename(unquote(target))
            self._leave_open(element, "src", Link("image", target, text), place)

    def _open_media(self, element: etree._Element) -> None:
        if element.tag == "source" and element.getparent().tag == "picture":
            element.attrib.pop("src", None)
            self._open_forms(element)
            if not element.get("srcset"):
                elements.drop(element)
            return
        element.attrib.pop("srcset", None)
        target = (element.get("src") or "").strip()
        if target:
            place = self._lines.next_place(target)
            if not _SCHEME_RE.match(target):
                self._leave_open(element, "src", Link("link", target, posixpath.basename(unquote(target))), place)
        if element.get("poster") is not None:
            self._open_poster(element)

    def _open_poster(self, element: etree._Element) -> None:
        """The image that a film shows before it plays."""
        target = element.get("poster").strip()
        place = self._lines.next_place(target)
        if target and not _SCHEME_RE.match(target):
            image = Link("image", target, posixpath.basename(unquote(target)))
            element.set("poster", self._add_link(image, place))

    def _open_forms(self, element: etree._Element) -> None:
        """The addresses of one image for different screens, of which each leads somewhere."""
        forms = []
        for target, size in read_forms(element.attrib.pop("srcset", "")):
            address = target
            if not _SCHEME_RE.match(target):
                place = self._lines.next_place(target)
                address = self._add_link(Link("image", target, posixpath.basename(unquote(target))), place)
            elif not target.startswith("https://"):
                continue
            forms.append(f"{address} {size}" if size else address)
        if forms:
            element.set("srcset", ", ".join(forms))

    def _leave_open(self, element: etree._Element, attribute: str, link: Link, place: TextPlace | None) -> None:
        """Leave a link into the course open; its other attributes stay."""
        others = [item for item in element.attrib.items() if item[0] != attribute]
        element.attrib.clear()
        element.set(attribute, self._add_link(link, place))
        for name, value in others:
            element.set(name, value)

    def _add_link(self, link: Link, place: TextPlace | None) -> str:
        """What stands for the address of a link until it is resolved."""
        self.found.links.append(link)
        self.found.link_places.append(place)
        return f"{self.found.slot}{len(self.found.links) - 1}"

    def _tell_broken(self, anchor: str, place: TextPlace | None, written: str) -> None:
        is_looked_for = len(self.found.diagnostics) < HINTS_GIVEN
        hint = near_anchor(anchor, self._used) if is_looked_for else ""
        self._tell("broken-anchor", f"link to '#{anchor}': this lesson has no such heading", place, hint)
        if not is_looked_for:
            return
        from pipeline.slips import sure_name

        sure = sure_name(anchor, self._used)
        if sure and place and place.column:
            fix = Edit(place.line, place.column, written, f"#{sure}")
            self.found.diagnostics[-1] = self.found.diagnostics[-1]._replace(fix=(fix,))

    def _tell(self, code: str, message: str, place: TextPlace | None, hint: str = "") -> None:
        line, column = place or (None, None)
        self.found.diagnostics.append(Diagnostic(message, line, hint, code=code, column=column))


def _make_slot(texts: Iterable[str]) -> str:
    """What no text of the lesson can say, whatever is taken out of it later: it has a digest of them all."""
    digest = blake2b(digest_size=8)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
    return f"slot{digest.hexdigest()}:"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
