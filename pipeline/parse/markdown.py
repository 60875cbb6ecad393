"""Markdown text -> HTML text: Python-Markdown and its extensions, in one table."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockQuoteProcessor, HashHeaderProcessor
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.admonition import AdmonitionExtension, AdmonitionProcessor
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import (
    BACKTICK_RE,
    HTML_RE,
    IMAGE_LINK_RE,
    IMAGE_REFERENCE_RE,
    LINK_RE,
    REFERENCE_RE,
    SubstituteTagInlineProcessor,
)
from markdown.treeprocessors import Treeprocessor

from pipeline.errors import Diagnostic
from pipeline.parse.blocks import BlockScanner
from pipeline.parse.emphasis import EmphasisProcessor
from pipeline.parse.inline import (
    CRITIC_RE,
    INLINE_COMMENT_RE,
    INLINE_TAG_RE,
    AddressProcessor,
    CodeProcessor,
    CriticProcessor,
    ForeignProcessor,
    KeysProcessor,
    LessonTags,
    MathProcessor,
    RoleProcessor,
)
from pipeline.parse.limits import check_blocks, may_be_too_much
from pipeline.parse.pieces import ESCAPED, PIECE, Piece
from pipeline.parse.put_away import FOREIGN
from pipeline.parse.quick import QuickBlockParser, QuickInlineProcessor, QuickPrettifier, write_html
from pipeline.parse.references import (
    BracketedSpan,
    DefinitionProcessor,
    Definitions,
    HtmlProcessor,
    Image,
    ImageReference,
    Link,
    Reference,
    ShortImageReference,
    ShortReference,
    WikiLink,
)
from pipeline.parse.sanitise import COLLAPSIBLE, HTML_TAGS, OLD_TAGS
from pipeline.parse.tables import CountingTables
from pipeline.parse.words import ENGLISH, LessonWords
from pipeline.patterns import lazy_pattern

# Each opening sign is looked for its end: the longest formula of the real lessons has 201 characters.
# `$5 and $6` is money: a formula neither begins nor ends with a space, nor ends before a digit. mdBook wants `\\(`.
MATH_INLINE_RE = (
    r"(?<![\\$])(?:\$\$(?P<display>[^$]+?)\$\$|\$(?![\s$])(?P<inline>[^$\n]*?[^\s\\$])\$(?![\d$])"
    r"|\\(?P<twice>\\?)(?:\((?P<paren>(?:(?!\\\().){1,1000}?)\\(?P=twice)\)"
    r"|\[(?P<bracket>(?:(?!\\\[).){1,1000}?)\\(?P=twice)\]))"
)
ROLE_RE = r"(?<![\\{}\w`])\{(?P<role>[a-z][\w:+-]*)\}`(?P<said>[^`\n]+)`(?!`)"
MATH_IN_CODE_RE = r"(?<![\\$`\w])\$`(?P<inline>[^`\n]+)`\$(?![$`\d])"
# `List<T>` and `<think>` are prose: what is no HTML element stays readable.
# A value in quotation marks that nothing closes would be all of the page up to the next one.
KNOWN_HTML_RE = (
    "(<(/?(?i:" + "|".join(sorted(HTML_TAGS | OLD_TAGS)) + r")(?=[\s/>\x02])"
    r"[^<>=]*(?:=\s*(?:\"[^<>\"]*\"|'[^<>']*'|(?=[^\s\"']))[^<>=]*)*|!--.*?--)>)"
)

# Python-Markdown's priorities: code spans are read at 190, escapes at 180, raw HTML at 90.
MATH_IN_CODE_PRIORITY = 191
CODE_PRIORITY = 190
MATH_PRIORITY = 185
WIKI_PRIORITY = 182  # the bar in `[[a\|b]]` is escaped for a table only
FOREIGN_PRIORITY = 175  # before links, in whose words they may stand
HTML_PRIORITY = 90
HEADING_PRIORITY = 70
TABLE_PRIORITY = 75
ADMONITION_PRIORITY = 105
QUOTE_PRIORITY = 20
REFERENCE_PRIORITY = 15
ATTRIBUTES_PRIORITY = 8
EMPHASIS_PRIORITY = 60
INLINE_PRIORITY = 20
PRETTIFY_PRIORITY = 10
ADDRESS_PRIORITY = 82  # the signs of emphasis in an address are its own, and so is `&amp;`
_NOT_OF_ADDRESS = r"\s<>\x02\x03\"`\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
"""Also the punctuation of Chinese and Japanese, which wants no space before it."""
ADDRESS_RE = rf"(?<![\w/@.])https?://[^{_NOT_OF_ADDRESS}]+"
BARE_ADDRESS_RE = rf"(?<![^\s*_~(])www\.(?=[\w-]+\.\w)[^{_NOT_OF_ADDRESS}]+"
MAILBOX_RE = (
    r"(?<![\w.+/:-])(?:mailto:(?=\w))?(?P<mailbox>[\w.+-]+@(?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9-]*[A-Za-z](?![\w-]|\.\w))"
)
WIKI_RE = (
    r"(?<![\]\w\\\[])(?P<embeds>!?)\[\[(?P<page>[^\[\]|\n\\]{1,200})"
    r"(?:\\?\|(?P<text>[^\[\]|\n]{0,200}))?\]\](?![\[(:\]])"
)
SPAN_RE = r"(?<!\!)\[([^\[\]\n]+)\](?=\{[ ]*[#.][^{}\n]*\})"
KEYS_RE = r"(?<![\w+{])\+\+([\w.-]+(?:\+[\w.-]+)*)\+\+(?![\w+])"
# The library's own, and its priorities.
REFERENCES = {
    "reference": (Reference, REFERENCE_RE, 170),
    "link": (Link, LINK_RE, 160),
    "image_link": (Image, IMAGE_LINK_RE, 150),
    "image_reference": (ImageReference, IMAGE_REFERENCE_RE, 140),
    "short_reference": (ShortReference, REFERENCE_RE, 130),
    "short_image_ref": (ShortImageReference, IMAGE_REFERENCE_RE, 125),
    "bracketed": (BracketedSpan, SPAN_RE, 124),
}
# CommonMark 2.4: a backslash takes the meaning from any ASCII punctuation.
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

# Called by name, Python-Markdown would look each up among all that is installed: 3 ms.
EXTENSIONS: tuple[tuple[type[Extension], dict[str, Any]], ...] = (
    (TableExtension, {"use_align_attribute": True}),
    (FootnoteExtension, {"BACKLINK_TEXT": "↩", "BACKLINK_TITLE": "{}"}),
    (DefListExtension, {}),
    (AdmonitionExtension, {}),
    (AbbrExtension, {}),
    (SaneListExtension, {}),
)


class _QuoteProcessor(BlockQuoteProcessor):
    """Two quotations with an empty line between them are two."""

    def lastChild(self, parent: Element) -> Element | None:  # noqa: N802  (the library's name)
        return None


class _AttributeLists(Treeprocessor):
    """`attributes.py`, for a lesson that has any."""

    wanted = True

    def run(self, root: Element) -> None:
        if self.wanted:
            from pipeline.parse.attributes import AttributeLists  # 2 ms, and few lessons have any

            AttributeLists(self.md).run(root)


class _HeadingProcessor(HashHeaderProcessor):
    """`# Heading` wants a space: `#hashtag` is prose, and `## C#` keeps its sign."""

    RE = re.compile(
        r"(?:^|\n)(?P<level>#{1,6})[ \t]++(?P<header>(?:[^ \t\n]++|[ \t]++(?!#*+[ \t]*+(?:\n|$)))*+)"
        r"[ \t]*+(?:#++[ \t]*+)?(?:\n|$)"
    )

    START_RE = re.compile(r"(?:^|\n)#{1,6}[ \t]")
    """The least that there is to a heading: to find it takes a third of the time."""

    def test(self, parent: Element, block: str) -> bool:
        return self.START_RE.search(block) is not None


class _AdmonitionProcessor(AdmonitionProcessor):
    """`!!! note "Title"`, and `??? note "Title"` that is folded away; `???+` is open at first. A tab,
    `=== "Title"`, is one of these, and so needs no script."""

    RE = re.compile(r'(?:^|\n)(?:(!!!|\?{3}\+?) ?([\w\-]+(?: +[\w\-]+)*)(?: +"(.*?)")?|===([!+]*) +"(.*?)") *(?:\n|$)')

    def __init__(self, parser: BlockParser, words: LessonWords) -> None:
        super().__init__(parser)
        self._words = words

    def parse_content(self, parent: Element, block: str) -> tuple[Element | None, str, str]:
        """The library would put the first words of an item behind the list that is in it already."""
        found = super().parse_content(parent, block)
        item = found[0]
        if item is not None and item.tag in ("li", "dd") and len(item) and item.text and item.text.strip():
            words = Element("p")
            item.text, words.text = "", item.text
            item.insert(0, words)
        return found

    def get_class_and_title(self, match: re.Match[str]) -> tuple[str, str | None]:
        if match.group(1) is None:
            return f"tab {COLLAPSIBLE}{' open' if '+' in match.group(4) else ''}", match.group(5)
        kinds = match.group(2).lower().split()
        title = match.group(3)
        if title is None:
            title = self._words.title_of(kinds[0])
        folded = {"!!!": [], "???": [COLLAPSIBLE]}.get(match.group(1), [COLLAPSIBLE, "open"])
        return " ".join([*kinds, *folded]), title or None


class _LessonExtension(Extension):
    def __init__(self, trusted_html: bool, words: LessonWords) -> None:
        super().__init__()
        self._trusted_html = trusted_html
        self._words = words

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  (the library's name)
        md.inlinePatterns.register(MathProcessor(MATH_IN_CODE_RE, md), "math_in_code", MATH_IN_CODE_PRIORITY)
        md.inlinePatterns.register(RoleProcessor(ROLE_RE, md), "role", MATH_IN_CODE_PRIORITY + 1)
        md.inlinePatterns.register(CodeProcessor(BACKTICK_RE), "backtick", CODE_PRIORITY)
        md.inlinePatterns.register(MathProcessor(MATH_INLINE_RE, md), "math", MATH_PRIORITY)
        md.inlinePatterns.register(WikiLink(WIKI_RE, md), "wiki", WIKI_PRIORITY)
        for name, (processor, pattern, priority) in REFERENCES.items():
            md.inlinePatterns.register(processor(pattern, md), name, priority)
        md.parser.blockprocessors.register(CountingTables(md.parser, EXTENSIONS[0][1]), "table", TABLE_PRIORITY)
        md.parser.blockprocessors.register(_HeadingProcessor(md.parser), "hashheader", HEADING_PRIORITY)
        md.parser.blockprocessors.register(
            _AdmonitionProcessor(md.parser, self._words), "admonition", ADMONITION_PRIORITY
        )
        md.parser.blockprocessors.register(_QuoteProcessor(md.parser), "quote", QUOTE_PRIORITY)
        md.parser.blockprocessors.register(DefinitionProcessor(md.parser), "reference", REFERENCE_PRIORITY)
        md.treeprocessors.register(_AttributeLists(md), "attr_list", ATTRIBUTES_PRIORITY)
        md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash_break", MATH_PRIORITY - 1)
        md.inlinePatterns.register(EmphasisProcessor(md), "em_strong", EMPHASIS_PRIORITY)
        md.inlinePatterns.register(AddressProcessor(ADDRESS_RE, md), "address", ADDRESS_PRIORITY)
        md.inlinePatterns.register(AddressProcessor(BARE_ADDRESS_RE, md), "bare_address", ADDRESS_PRIORITY - 0.05)
        md.inlinePatterns.register(AddressProcessor(MAILBOX_RE, md), "mailbox", ADDRESS_PRIORITY - 0.1)
        md.inlinePatterns.register(KeysProcessor(KEYS_RE, md), "keys", ADDRESS_PRIORITY - 0.2)
        md.inlinePatterns.register(CriticProcessor(CRITIC_RE, md), "critic", EMPHASIS_PRIORITY + 1)
        md.treeprocessors.register(QuickInlineProcessor(md), "inline", INLINE_PRIORITY)
        md.treeprocessors.register(QuickPrettifier(md), "prettify", PRETTIFY_PRIORITY)
        md.treeprocessors.deregister("unescape")  # `write_html` does it
        # `BlockScanner` has done both: raw HTML as CommonMark does, and tabs stay tabs where they are code.
        md.preprocessors.deregister("html_block")
        md.preprocessors.deregister("normalize_whitespace")
        md.ESCAPED_CHARS.extend(character for character in PUNCTUATION if character not in md.ESCAPED_CHARS)
        if self._trusted_html:
            md.inlinePatterns.register(HtmlProcessor(HTML_RE, md), "html", HTML_PRIORITY)
        else:
            found = LessonTags()
            md.inlinePatterns.register(HtmlProcessor(KNOWN_HTML_RE, md, found), "html", HTML_PRIORITY)
            md.inlinePatterns.register(ForeignProcessor(INLINE_TAG_RE, md, found), "foreign", FOREIGN_PRIORITY)
            comments = ForeignProcessor(INLINE_COMMENT_RE, md, found)
            md.inlinePatterns.register(comments, "comment", FOREIGN_PRIORITY + 1)


# Python-Markdown fences with the first two what it has put away, this stage with the others.
_OWN_SIGNS = ("\x02", "\x03", PIECE, ESCAPED)
# Decoded, `&#xfdd0;` would be one of these signs, or one of the two that fence a doubt.
_REFERENCE_RE = lazy_pattern(r"&#(?:x0*fdd[0-3](?![0-9a-f])|0*6497[6-9](?!\d));?", re.I)
_ATTRIBUTE_LIST_RE = lazy_pattern(r"\{[ ]*(?:[:#.]|[A-Za-z][\w-]*=)")
_CONVERTERS: dict[tuple[bool, LessonWords], Markdown] = {}


class ConvertedMarkdown(NamedTuple):
    """A lesson as Python-Markdown leaves it."""

    html: str
    """Not sanitised; code stands in it as `<pre>` around a number."""
    pieces: tuple[Piece, ...]
    """What the numbers stand for."""
    diagnostics: tuple[Diagnostic, ...]
    """What was odd about its blocks."""


def convert_markdown(
    text: str, *, trusted_html: bool = False, words: LessonWords = ENGLISH, known: Mapping[str, str] = {}
) -> ConvertedMarkdown:
    """The HTML of a lesson; `known` has pieces of an earlier parse by their keys.

    One converter is built for each process and reset for each lesson: building it takes 5 ms.
    """
    # Taken out while it works: one that raised is in the middle of a list or a quote for ever,
    # and `reset` does not bring it back.
    key = trusted_html, words
    converter = _CONVERTERS.pop(key, None)
    if converter is None:
        converter = Markdown(
            extensions=[*(extension(**config) for extension, config in EXTENSIONS), _LessonExtension(*key)],
            output_format="html",
        )
        converter.parser = QuickBlockParser(converter)
        converter.serializer = write_html
        converter.references = Definitions()
    converter.reset()
    tables = converter.parser.blockprocessors["table"]
    assert isinstance(tables, CountingTables)
    tables.cells = 0
    for sign in _OWN_SIGNS:
        text = text.replace(sign, "")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&#" in text:
        text = _REFERENCE_RE.sub("", text)
    if "^[" in text:
        from pipeline.parse.inline_notes import name_inline_notes  # few lessons have any

        text = name_inline_notes(text)
    # Not one of the library's preprocessors: what is found would then stay in an object that the next lesson meets.
    scanner = BlockScanner(converter.htmlStash.store, known, drops_components=not trusted_html)
    lines = scanner.scan(f"{text}\n\n".split("\n"))
    scanned = "\n".join(lines)
    if may_be_too_much(scanned):
        check_blocks(lines)
    attributes = converter.treeprocessors["attr_list"]
    assert isinstance(attributes, _AttributeLists)
    attributes.wanted = _ATTRIBUTE_LIST_RE.search(scanned) is not None
    tags = None if trusted_html else converter.inlinePatterns["foreign"]
    if isinstance(tags, ForeignProcessor):
        tags.tags.begin((scanned, *map(str, converter.htmlStash.rawHtmlBlocks)))
    html = converter.convert(scanned)
    if "&#" in html:  # what was taken out of one can have made one: `&#xfd&#xfdd0;d0;`, `&#xfd{/* */}d0;`
        html = _REFERENCE_RE.sub("\N{REPLACEMENT CHARACTER}", html)
    if isinstance(tags, ForeignProcessor) and tags.tags.found and FOREIGN not in scanner.diagnostics:
        scanner.diagnostics.append(FOREIGN)
    _CONVERTERS[key] = converter
    return ConvertedMarkdown(html, tuple(scanner.pieces), tuple(scanner.diagnostics))
