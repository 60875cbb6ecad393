"""Text in a line -> links and images, by a target or by a label, as CommonMark reads them."""

from __future__ import annotations

import html
import re
from collections.abc import Container
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import ReferenceProcessor
from markdown.inlinepatterns import (
    HtmlInlineProcessor,
    ImageInlineProcessor,
    ImageReferenceInlineProcessor,
    InlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)
from markdown.treeprocessors import InlineProcessor as LibraryInline
from markdown.util import ETX, STX, AtomicString

from pipeline.parse.emphasis import plain_text
from pipeline.parse.html_blocks import end_of_whole
from pipeline.parse.inline import Formula
from pipeline.paths import is_image, nfc, url_quote
from pipeline.patterns import lazy_pattern


class _Texts(LinkInlineProcessor):
    """What becomes an attribute, a target, a title or the text for an image, is text: formulas in it are not drawn."""

    def unescape(self, text: str) -> str:
        return super().unescape(_put_formulas_back(self, text, as_html=False) if STX in text else text)

    def getLink(self, data: str, index: int) -> tuple[str, str | None, int, bool]:  # noqa: N802  (the library's name)
        start = index
        if data[index + 1 : index + 2] == "{" and (found := _TEMPLATE_RE.match(data, index)):
            return next(filter(None, found.groups()), "/"), None, found.end(), True
        href, title, index, handled = super().getLink(data, index)
        if title is None and href[-1:] == ")" and (found := _TITLE_RE.fullmatch(href)):
            href, title = found[1], found[2]
        # `[text](as was said)` is prose; `[text](my lesson.md)` can be nothing else than a target.
        is_prose = _SPACE_RE.search(href) is not None and not _PATH_RE.search(href)
        return href, title, index, handled and (not is_prose or _ANGLE_RE.match(data, start) is not None)


class Link(_Texts):
    """`[text](target "title")`."""


class Image(_Texts, ImageInlineProcessor):
    """`![text](target "title")`."""

    def getText(self, data: str, index: int) -> tuple[str, int, bool]:  # noqa: N802  (the library's name)
        text, index, handled = super().getText(data, index)
        return plain_text(text), index, handled


class HtmlProcessor(HtmlInlineProcessor):
    """Raw HTML in a line, whose attributes are no Markdown. `cp <source> <target>` is none, if that is not `closed` in
    the lesson."""

    def __init__(self, pattern: str, md: Markdown, closed: Container[str] | None = None) -> None:
        super().__init__(pattern, md)
        self._closed = closed

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        if self._closed is not None and (bare := _BARE_TAG_RE.fullmatch(m[0])) and bare[1] not in _ENDS_NOT:
            name = bare[1]
            if (name in _NEEDS_END or not name.islower()) and name not in self._closed:
                return None, None, None
        html = self.backslash_unescape(self.unescape(m[1]))
        return self.md.htmlStash.store(html + end_of_whole(data, html, m.end())), m.start(), m.end()

    def unescape(self, text: str) -> str:
        return super().unescape(_put_formulas_back(self, text, as_html=True) if STX in text else text)

    def backslash_unescape(self, text: str) -> str:
        return _ESCAPED_RE.sub(lambda escaped: chr(int(escaped[1])), text)


def _put_formulas_back(processor: LinkInlineProcessor | HtmlProcessor, text: str, *, as_html: bool) -> str:
    inline = processor.md.treeprocessors["inline"]
    assert isinstance(inline, LibraryInline)

    def written(mark: re.Match[str]) -> str:
        node = inline.stashed_nodes.get(mark[1])
        if as_html and isinstance(node, Element) and node.tag == "br":  # between the attributes of a tag
            return "\n"
        if not isinstance(node, Formula):
            return mark[0]
        return node.written if as_html else _put_escapes_away(node.written)

    return _PUT_AWAY_RE.sub(written, text)


def _put_escapes_away(text: str) -> str:
    """The text with its escapes as the library keeps them till the end: `&\\#35;` is no reference to a character."""
    return _BACKSLASH_RE.sub(lambda escape: f"{STX}{ord(escape[1])}{ETX}", text)


class _Labels(_Texts, ReferenceInlineProcessor):
    """Labels as they are written: what has been put away of one, code and escapes, is put back to look it up."""

    RE_LINK = re.compile(r"\[([^\]]*)\]")  # `[a] [b]` are two links
    is_short = False

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        element, start, end = super().handleMatch(m, data)
        # Inside of brackets that are no label there may be one: `[[1]]`.
        return element, start, m.end() if element is None and end is not None else end

    def evalId(self, data: str, index: int, text: str) -> tuple[str, int, bool]:  # noqa: N802  (the library's name)
        if self.is_short:
            return self._written(text), index, True
        found = self.RE_LINK.match(data, index)
        return (self._written(found[1] or text), found.end(), True) if found else ("", index, False)

    def _written(self, label: str) -> str:
        if STX in label:
            label = _PUT_AWAY_RE.sub(self._source_of, label)
        return normalise_label(label)

    def _source_of(self, mark: re.Match[str]) -> str:
        inline = self.md.treeprocessors["inline"]
        assert isinstance(inline, LibraryInline)
        node = inline.stashed_nodes.get(mark[1])
        if isinstance(node, Element) and node.tag == "code":
            return f"`{html.unescape(node.text or '')}`"
        return _ESCAPED_RE.sub(lambda escaped: "\\" + chr(int(escaped[1])), node) if isinstance(node, str) else mark[0]

    def makeTag(self, href: str, title: str, text: str) -> Element:  # noqa: N802  (the library's name)
        # The library keeps them as they stand in the definition.
        return super().makeTag(_put_escapes_away(href), _put_escapes_away(title or ""), text)


class Reference(_Labels):
    """`[text][label]` and `[label][]`."""


class ImageReference(_Labels, ImageReferenceInlineProcessor):
    """`![text][label]`."""

    def makeTag(self, href: str, title: str, text: str) -> Element:  # noqa: N802  (the library's name)
        return super().makeTag(href, title, plain_text(text))


class ShortReference(_Labels, ShortReferenceInlineProcessor):
    """`[label]`."""

    is_short = True


class ShortImageReference(ImageReference, ShortImageReferenceInlineProcessor):
    """`![label]`."""

    is_short = True


_BARE_TAG_RE = lazy_pattern(r"<([A-Za-z][A-Za-z0-9]*)>")
_ENDS_NOT = frozenset("br BR Br hr HR Hr wbr WBR".split())
_NEEDS_END = frozenset(
    """
    address area article aside audio caption code col data details figcaption figure footer header input main map nav
    pre section source summary table time track var video
    """.split()
)
"""What shows nothing by itself, and is a word of its own."""
_PAGE_RE = lazy_pattern(r"#?[^\W\d_][^\"'=,;<>{}$`]*$|#?\d[\w.-]*[ _-][^\W\d_][^\"'=,;<>{}$`]*$")
_SIZE_RE = lazy_pattern(r"\d+(?:x\d+)?")
_ESCAPED_RE = lazy_pattern("\x02([0-9]+)\x03")
# What Hugo and Jekyll write for a path: `{{< ref "a.md" >}}`, `{% link a.md %}`, `{{ site.baseurl }}/a/`, and
# `{{ '/a/' | relative_url }}`.
_TEMPLATE_RE = lazy_pattern(
    r"""\(\{(?:\{[<%][ ]*(?:rel)?ref[ ]+(?:"([^"\n]+)"|([^\s"<>%{}]+))[ ]*[>%]\}\}"""
    r"""|%-?[ ]*(?:link|post_url)[ ]+([^\s%{}]+)[ ]*-?%\}|\{[ ]*site\.(?:baseurl|url)[ ]*\}\}([^\s(){}]*)"""
    r"""|\{[ ]*["']([^"'\n]+)["'][ ]*\|[ ]*(?:relative|absolute)_url[ ]*\}\})\)"""
)
_ANGLE_RE = lazy_pattern(r"\(\s*<")
_SPACE_RE = lazy_pattern(r"\s")
_PATH_RE = lazy_pattern(r"[./#][\w-]|[\w-]/")
_TITLE_RE = lazy_pattern(r"(\S+)\s+\(([^()]*)\)")
_PUT_AWAY_RE = lazy_pattern("\x02klzzwxh:([0-9]+)\x03")
_BACKSLASH_RE = lazy_pattern(r"\\([!-/:-@\[-`{-~])")


class WikiLink(InlineProcessor):
    """`[[Page]]`, `[[Page#Heading|text]]` and `![[image.png]]`, as wikis and Obsidian have them. The target is all of
    it: which lesson it names, `links.py` finds out."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        page, text = m["page"].strip(), (m["text"] or "").strip()
        is_label = normalise_label(page) in self.md.references
        if is_label or not _PAGE_RE.match(page) or page.strip("_").lower() == "toc":
            return None, None, None
        if m["embeds"] and is_image(page):
            said = {} if _SIZE_RE.fullmatch(text) or not text else {"alt": text}
            return Element("img", {"src": url_quote(page), "alt": "", **said}), m.start(), m.end()
        element = Element("a", {"href": _put_escapes_away(m[0].removeprefix("!"))})
        element.text = AtomicString(text or page.lstrip("#"))
        return element, m.start(), m.end()


class BracketedSpan(InlineProcessor):
    """`[text]{#id .class}`, as Pandoc has it: the text with these attributes, which `attributes.py` reads."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        element = Element("span")
        element.text = m[1]
        return element, m.start(), m.end()


class DefinitionProcessor(ReferenceProcessor):
    """`[label]: target "title"`, whose label may have escapes and whose target spaces, between `<` and `>`."""

    RE = re.compile(
        r"^[ ]{0,3}\[((?:\\.|[^\[\]\\])*+)\]:[ ]*+\n?[ ]*+(<[^<>\n]*+>|[^\s<]\S*+)[ ]*+(?:\n[ ]*+)?"
        r"(([\"'])(.*)\4[ ]*+|\((.*)\)[ ]*+)?$",
        re.MULTILINE,
    )


class Definitions(dict[str, tuple[str, str]]):
    """Targets and titles by their labels: of two with the same label, the first counts (CommonMark 4.7)."""

    def __setitem__(self, label: str, target: tuple[str, str]) -> None:
        self.setdefault(normalise_label(label), target)


def normalise_label(label: str) -> str:
    """What labels are compared by (CommonMark 4.7), in whatever form of Unicode.

    >>> normalise_label(" Tie\u0302\u0301ng\\n Việt") == normalise_label("TIẾNG VIỆT")
    True
    """
    return nfc(" ".join(label.casefold().split()))
