"""Python-Markdown's own steps, each asked only about text that can concern it: same HTML, half the time.

The library asks each of its 17 block processors about each block, and each of its 20 inline patterns
about each piece of text. Here a table names the characters without which the answer is no. A
processor that is not in the table is asked always.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, SupportsIndex
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.treeprocessors import InlineProcessor, PrettifyTreeprocessor
from markdown.util import INLINE_PLACEHOLDER_PREFIX, STX, AtomicString, Registry

from pipeline.parse.converted import TooMuchError
from pipeline.parse.pieces import ESCAPED
from pipeline.patterns import lazy_pattern

_LONG_SIGNS = ("  \n", "[[", "$`", "}`", "++", "www.", "%%")
"""Of more than one character."""
INLINE_SIGNS: dict[str, str] = {
    "backtick": "`",
    "role": "}`",
    "math_in_code": "$`",
    "math": "$\\",
    "backslash_break": "\\",
    "escape": "\\",
    "footnote": "[",
    "wiki": "[[",
    "reference": "[",
    "link": "[",
    "image_link": "!",
    "image_reference": "!",
    "short_reference": "[",
    "short_image_ref": "!",
    "autolink": "<",
    "automail": "@",
    "linebreak": "  \n",
    "foreign": "<{",
    "html": "<",
    "entity": "&",
    "em_strong": "*_~=^",
    "address": ":",
    "bare_address": "www.",
    "mailbox": "@",
    "keys": "++",
    "comment": "%%",
    "critic": "{",
    "bracketed": "{",
}
"""Name of an inline pattern -> signs, one of which is in every text that it matches."""
# It begins with a set of characters, so that all others are passed over five times as fast.
_SIGNS_RE = lazy_pattern(r"[`$\\\[<@&~*_=^:!{](?:(?<![:!=])|(?<=:)(?=//)|(?<=!)(?=\[)|(?<==)(?==))")
MAX_MARKED = 20_000
"""What Python-Markdown does for a sign may take as long as its paragraph is. The longest of the real course has 18,253
characters, and no marks."""
_NEEDS_REFERENCES = frozenset({"reference", "image_reference", "short_reference", "short_image_ref"})
_Step = tuple[int, Any, Callable[[str, int], object]]
"""The place of a pattern among all, the pattern, and what finds the next of its signs."""
_STASHED_RE = lazy_pattern(f"{STX}[0-9]")
_ESCAPED_RE = lazy_pattern("\x02([0-9]+)\x03")
_BARE_AMPERSAND_RE = lazy_pattern(r"&(?!(?:#[0-9]+|#x[0-9a-f]+|[0-9a-z]+);)", re.I)
_EMPTY_TAGS = frozenset("area base br col embed hr img input link meta param source track wbr".split())


class QuickInlineProcessor(InlineProcessor):
    """The inline patterns, those that a text has no sign for left out."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self._plans: dict[tuple[frozenset[str], bool], list[_Step]] = {}

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:
        """Apply the patterns to the texts of a tree: the library's own loop, but for texts in which nothing is found,
        which stay where they are."""
        self.stashed_nodes: dict[str, Element | str] = {}
        handle: Callable[[str], str] = self._InlineProcessor__handleInline
        put_back = self._InlineProcessor__processPlaceholders
        waiting = deque([(tree, [*(ancestors or ())])])
        while waiting:
            element, self.ancestors = waiting.popleft()
            self.ancestors.append(element.tag.lower())
            inserted: list[tuple[Element, list[tuple[Element, list[str]]]]] = []
            for child in element:
                text = child.text  # nothing that blocks are made of has words behind it
                if text and not isinstance(text, AtomicString):
                    self.ancestors.append(child.tag.lower())
                    handled = handle(text)
                    if handled is not text or INLINE_PLACEHOLDER_PREFIX in text:
                        child.text = None
                        found = put_back(handled, child)
                        waiting += found
                        inserted.append((child, found))
                    self.ancestors.pop()
                if len(child):
                    waiting.append((child, self.ancestors[:]))
            for child, found in inserted:
                for place, (new, _) in enumerate(found):
                    child.insert(place, new)
        return tree

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        if isinstance(data, AtomicString):
            return data
        signs = _signs(data)
        if not signs:
            return data
        if len(data) > MAX_MARKED:
            raise TooMuchError(
                f"a paragraph of {len(data):,} characters with marks in it; the limit is {MAX_MARKED:,}",
                re.split("[\x02\n]", data, maxsplit=1)[0][:60],
                "divide it with empty lines",
            )
        apply = self._InlineProcessor__applyPattern  # type: ignore[attr-defined]
        for index, pattern, find_sign in self._plan(signs):
            if index < patternIndex:
                continue
            matched, start = True, 0
            while matched and find_sign(data, start):
                data, matched, start = apply(pattern, data, index, start)
        return data

    def _InlineProcessor__processPlaceholders(  # noqa: N802
        self,
        data: str | None,
        parent: Element,
        isText: bool = True,  # noqa: N803
    ) -> list[tuple[Element, list[str]]]:
        if data and INLINE_PLACEHOLDER_PREFIX not in data:
            if isText:
                parent.text = parent.text + data if parent.text else data
            else:
                parent.tail = parent.tail + data if parent.tail else data
            return []
        found: list[tuple[Element, list[str]]] = super()._InlineProcessor__processPlaceholders(  # type: ignore[misc]
            data, parent, isText
        )
        return found

    def _plan(self, signs: frozenset[str]) -> list[_Step]:
        """The patterns that texts with these signs are shown to."""
        key = signs, bool(self.md.references)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = []
            names = _names(self.md.inlinePatterns, INLINE_SIGNS)
            for index, pattern in enumerate(self.md.inlinePatterns):
                name = names.get(index, "")
                wanted = INLINE_SIGNS.get(name, "")
                is_long = wanted in _LONG_SIGNS
                needed = not name or (wanted in signs if is_long else not signs.isdisjoint(wanted))
                if needed and (self.md.references or name not in _NEEDS_REFERENCES):
                    sign = re.escape(wanted) if is_long else f"[{re.escape(wanted)}]" if wanted else ""
                    plan.append((index, pattern, re.compile(sign).search))
        return plan


def _signs(text: str) -> frozenset[str]:
    found = _SIGNS_RE.findall(text)
    found += [sign for sign in _LONG_SIGNS if sign in text]
    return frozenset(found)


def _names(registry: Registry[Any], table: Iterable[str]) -> dict[int, str]:
    """The place of each processor that `table` knows, in the order of the library."""
    return {registry.get_index_for_name(name): name for name in table if name in registry}


BLOCKS_AT_HAND = 200


class Blocks(list[str]):
    """The blocks of a text. They are taken away at the front one by one, and a list moves all others each time: here
    it has the next few only, and always some as long as there are any."""

    def __init__(self, text: str) -> None:
        blocks = text.split("\n\n")
        super().__init__(blocks[:BLOCKS_AT_HAND])
        self._rest = [blocks[at : at + BLOCKS_AT_HAND] for at in range(BLOCKS_AT_HAND, len(blocks), BLOCKS_AT_HAND)]
        self._rest.reverse()

    def pop(self, index: SupportsIndex = -1, /) -> str:
        block = super().pop(index)
        if self._rest and len(self) < BLOCKS_AT_HAND // 2:
            self += self._rest.pop()
        return block


class QuickBlockParser(BlockParser):
    """The block processors, those that a block has no sign for left out."""

    def __init__(self, md: Markdown) -> None:
        """Take the place of the parser that `md` has."""
        super().__init__(md)
        self.state = md.parser.state
        self.blockprocessors = md.parser.blockprocessors
        self._plans: dict[int, list[tuple[Any, Any]]] = {}
        for processor in self.blockprocessors:
            processor.parser = self

    def parseChunk(self, parent: Element, text: str) -> None:  # noqa: N802
        """Turn a text into children of `parent`."""
        self.parseBlocks(parent, Blocks(text))

    def parseBlocks(self, parent: Element, blocks: list[str]) -> None:  # noqa: N802  (the library's name)
        """Turn `blocks` into children of `parent`."""
        while blocks:
            block = blocks[0]
            signs = _block_signs(block)
            for test, run in self._plans.get(signs) or self._plan(signs):
                if test(parent, block) and run(parent, blocks) is not False:
                    break

    def _plan(self, signs: int) -> list[tuple[Any, Any]]:
        names = _names(self.blockprocessors, BLOCK_SIGNS)
        plan = self._plans[signs] = [
            (processor.test, processor.run)
            for index, processor in enumerate(self.blockprocessors)
            if index not in names or BLOCK_SIGNS[names[index]] & signs
        ]
        return plan


_EMPTY, _INDENT, _LINES, _BAR, _HASH, _RULE, _DIGIT, _BULLET, _COLON, _QUOTE, _LABEL, _CALL = (
    1 << bit for bit in range(12)
)
BLOCK_SIGNS: dict[str, int] = {
    "admonition": _CALL | _INDENT,
    "empty": _EMPTY,
    "indent": _INDENT,
    "defindent": _INDENT,
    "code": _INDENT,
    "table": _BAR,
    "hashheader": _HASH,
    "setextheader": _LINES,
    "hr": _RULE,
    "olist": _DIGIT,
    "ulist": _BULLET,
    "deflist": _COLON,
    "quote": _QUOTE,
    "footnote": _LABEL,
    "abbr": _LABEL,
    "reference": _LABEL,
}
"""Name of a block processor -> signs, one of which every block has that it does something with."""
_TERM_TEXT = r"[ ]{0,3}:[ ]"
_RULE_TEXT = r"[ ]{0,3}([-*_])[ ]{0,2}\1[ ]{0,2}\1"
# Where a line break has to be found first, it is found quickly; `^` is tried at every character.
_TERM_RE, _NEXT_TERM_RE = lazy_pattern(_TERM_TEXT), lazy_pattern(f"\n{_TERM_TEXT}")
_RULE_RE, _NEXT_RULE_RE = lazy_pattern(_RULE_TEXT), lazy_pattern(f"\n{_RULE_TEXT}")


def _block_signs(block: str) -> int:
    """The signs of a block, as bits."""
    if not block or block[0] == "\n":
        return _EMPTY
    signs = 0
    text = block.lstrip(" ")
    if block.startswith("    "):
        signs |= _INDENT
    if not text:
        return signs
    first = text[0]
    if first.isdecimal():
        signs |= _DIGIT
    elif first in "*+-" and text[1:2] == " ":
        signs |= _BULLET
    has_lines = "\n" in block
    if has_lines:
        if "|" in block:
            signs |= _BAR
        if "\n=" in block or "\n-" in block:
            signs |= _LINES
    if block[0] == "#" or "\n#" in block:
        signs |= _HASH
    if (first in "-*_" and _RULE_RE.match(block)) or (has_lines and _NEXT_RULE_RE.search(block)):
        signs |= _RULE
    if ":" in block:
        if (first == ":" and _TERM_RE.match(block)) or (has_lines and _NEXT_TERM_RE.search(block)):
            signs |= _COLON
        if "]" in block:
            signs |= _LABEL
    if ">" in block:
        signs |= _QUOTE
    if "!!!" in block or "???" in block or '=== "' in block:
        signs |= _CALL
    return signs


class QuickPrettifier(PrettifyTreeprocessor):
    """The line breaks of the HTML, without asking what is a block by a list of 60 names."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self._blocks = frozenset(md.block_level_elements)

    def _prettifyETree(self, elem: Element) -> None:  # noqa: N802  (the library's name)
        blocks = self._blocks
        if elem.tag in blocks and elem.tag != "pre":
            if len(elem) and elem[0].tag in blocks and not (elem.text and elem.text.strip()):
                elem.text = "\n"
            for child in elem:
                if child.tag in blocks:
                    self._prettifyETree(child)
        if not elem.tail or not elem.tail.strip():
            elem.tail = "\n"


def write_html(root: Element) -> str:
    """The HTML of a tree; the characters that a backslash had put away are themselves again.

    >>> from xml.etree.ElementTree import XML
    >>> write_html(XML('<div class="a"><p>x &lt; y<br />z</p></div>'))
    '<div class="a"><p>x &lt; y<br>z</p></div>'
    """
    parts: list[str] = []
    waiting: list[Element | str] = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            parts.append(element)
            continue
        tag = element.tag
        names = element.attrib
        start = f"<{tag}{_attributes(names.items())}>" if names else f"<{tag}>"
        text, tail = element.text, element.tail
        parts.append(start + _escape(text) if text else start)
        if tag in _EMPTY_TAGS:
            if tail:
                parts.append(_escape(tail))
        elif len(element):
            waiting.append(f"</{tag}>{_escape(tail)}" if tail else f"</{tag}>")
            waiting.extend(reversed(element))
        else:
            parts.append(f"</{tag}>{_escape(tail)}" if tail else f"</{tag}>")
    html = "".join(parts)
    return _ESCAPED_RE.sub(_unescape_in_words, html) if _STASHED_RE.search(html) else html


def _attributes(items: Iterable[tuple[str, str | None]]) -> str:
    return "".join(
        f" {name}" if value is None else f' {name}="{_in_attribute(value)}"' for name, value in sorted(items)
    )


def _in_attribute(value: str) -> str:
    value = _escape(value).replace('"', "&quot;")
    return _ESCAPED_RE.sub(_unescape, value) if STX in value else value


def _escape(text: str) -> str:
    """The text as HTML, where a reference such as `&copy;` stays one."""
    if "&" in text:
        text = _BARE_AMPERSAND_RE.sub("&amp;", text)
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


_READ_LATER = frozenset("[]!:")
"""The signs of what is read in the tree of the HTML: tasks, alerts, `[TOC]`, emoji."""
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def _unescape(match: re.Match[str]) -> str:
    character = chr(int(match.group(1)))
    return _ESCAPES.get(character, character)


def _unescape_in_words(match: re.Match[str]) -> str:
    character = _unescape(match)
    return ESCAPED + character if character in _READ_LATER else character
