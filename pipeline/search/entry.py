"""ParsedLesson -> SearchEntry: what the lesson is found by, and its plain text by heading.

A term has one class in a lesson, the highest that it earns:

    0 body   1 frequent in the body   2 in a heading   3 in the title

A word as it is written always has class 0: it adds to what the folded word is worth. A whole heading is a term, with
and without the number before it; two words of different headings are no pair.
"""

import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from html import unescape
from typing import NamedTuple
from unicodedata import normalize

from pipeline.patterns import lazy_pattern
from pipeline.search.words import Word, pair_terms, read_words, title_term
from pipeline.values import ParsedLesson

FREQUENT = 4
"""A word or pair that stands at least so often in a lesson is what it is about, or grammar."""
EXCERPT_CHARACTERS = 40_000
"""Excerpts are taken from the first so many characters of a lesson; all of it is indexed. The longest
real lesson has 24,000."""

_TAG_REST = r"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>"""
_UNSEEN_RE = lazy_pattern(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.S)
# A formula is there twice, as MathML and as the TeX it was written in; an excerpt shows `2^{7}`, not `2 7 2^{7}`.
_FORMULA_RE = lazy_pattern(
    r'<math\b(?:(?!</math>).)*?<annotation encoding="application/x-tex">([^<]*)</annotation></semantics></math>', re.S
)
_HEADING_RE = lazy_pattern(rf"<h([1-6])\b({_TAG_REST})(.*?)</h\1>", re.S)
_ID_RE = lazy_pattern(r"""\sid=("[^"]*"|'[^']*')""")
# These do not end a word: `<b>h</b>ọc`.
_INLINE_RE = lazy_pattern(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|q|rp|rt|ruby|s|samp|small|span"
    rf"|strike|strong|sub|sup|time|tt|u|var|wbr)(?=[\s/>]){_TAG_REST}"
)
_TAG_RE = lazy_pattern(f"<{_TAG_REST}")


class TextBlock(NamedTuple):
    """The text between two headings of a lesson."""

    anchor: str
    """The id of the heading it stands under; `""` before the first."""
    heading: str
    text: str
    """Without markup, in NFC, white space collapsed."""


class SearchEntry(NamedTuple):
    """What the index knows of one lesson."""

    terms: bytes
    """Its packed terms, each a little-endian 32-bit number `term | class`, ascending."""
    blocks: tuple[TextBlock, ...]
    """Its text for excerpts, cut after `EXCERPT_CHARACTERS`."""


def search_entry(lesson: ParsedLesson) -> SearchEntry:
    """What a lesson is found by, and its text."""
    blocks = tuple(_read_blocks(lesson.body))
    body = "\n".join([block.text for block in blocks])
    title = normalize("NFC", lesson.facts.title)
    shown = _plain(_INLINE_RE.sub("", _FORMULA_RE.sub(r"\1", lesson.heading)))  # not the title of the front matter
    headings = [*([shown] if shown != title else []), *(block.heading for block in blocks)]
    return SearchEntry(_pack_terms(body, headings, title), tuple(_cut(blocks)))


def title_entry(title: str) -> SearchEntry:
    """The entry of a page that has nothing but a title: a section without text of its own."""
    return SearchEntry(_pack_terms("", [], normalize("NFC", title)), ())


def unpack_terms(terms: bytes) -> "array[int]":
    """The packed terms of an entry, ascending."""
    numbers = array("I", terms)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _pack_terms(body: str, headings: list[str], title: str) -> bytes:
    title_words, words = read_words(title), read_words(body)
    read_headings = [read_words(heading) for heading in headings]
    heading_words = [word for read in read_headings for word in read]
    in_title = _whole_terms(title_words)
    in_headings = set[int]().union(*map(_whole_terms, read_headings)) - in_title
    row = [word.term for word in words]
    pairs = pair_terms(row)
    counts = Counter(row + pairs)
    frequent = {term for term, count in counts.items() if count >= FREQUENT} - in_title - in_headings
    different = {*words, *heading_words, *title_words}
    in_body = set(pairs).union(*[word.terms for word in different])
    topics = {*heading_words, *title_words, *(word for word in different if word.term in frequent)}
    in_body.update(*[word.edges for word in topics])
    in_body.difference_update(in_title, in_headings, frequent)
    packed = [*in_body]
    for kind, terms in enumerate((frequent, in_headings, in_title), 1):
        packed += [term | kind for term in terms]
    packed.sort()
    numbers = array("I", packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _whole_terms(words: list[Word]) -> set[int]:
    """The terms of a title or heading: its words, its pairs, and itself with and without a number before it."""
    terms = set(pair_terms([word.term for word in words])).union(*[word.found for word in set(words)])
    if words:
        terms.add(title_term(words))
    unnumbered = next((at for at, word in enumerate(words) if not word.folded.isdecimal()), 0)
    if unnumbered:
        terms.add(title_term(words[unnumbered:]))
    return terms


def _read_blocks(html: str) -> Iterable[TextBlock]:
    if "<!--" in html or "<script" in html or "<style" in html:
        html = _UNSEEN_RE.sub(" ", html)
    if "<math" in html:
        html = _FORMULA_RE.sub(r"\1", html)
    html = _INLINE_RE.sub("", html)
    anchor = heading = ""
    start = 0
    for match in _HEADING_RE.finditer(html):
        text = _plain(html[start : match.start()])
        if text or heading:
            yield TextBlock(anchor, heading, text)
        named = _ID_RE.search(match[2])
        anchor = unescape(named[1][1:-1]) if named else ""
        heading = _plain(match[3])
        start = match.end()
    text = _plain(html[start:])
    if text or heading:
        yield TextBlock(anchor, heading, text)


def _plain(html: str) -> str:
    text = _TAG_RE.sub(" ", html)
    if "&" in text:
        text = unescape(text)
    return normalize("NFC", " ".join(text.split())) if text else ""


def _cut(blocks: Iterable[TextBlock]) -> Iterable[TextBlock]:
    room = EXCERPT_CHARACTERS
    for block in blocks:
        if room <= 0:
            return
        yield block if len(block.text) <= room else TextBlock(block.anchor, block.heading, block.text[:room])
        room -= len(block.text) + len(block.heading) + len(block.anchor)
