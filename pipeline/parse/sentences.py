"""text -> slug of a heading, first sentence of a lesson."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from pipeline.patterns import lazy_pattern
from pipeline.values import Heading

# What is no letter to GitHub: signs, and the digits that only look like one (`O(N²)`, `①`, `½`).
_SLUG_DROP_RE = lazy_pattern(r"[^\w\- ]+|[\xb2\xb3\xb9\xbc-\xbe⁰⁴-⁹₀-₉⅐-⅟①-⒛⓪-⓿❶-➓]")
_SENTENCE_END_RE = lazy_pattern(r"""[.!?…]["'”’)\]]*(?=\s+["'“‘(\[]*(\S))|[。！？]""")
_ABBREVIATION_RE = lazy_pattern(r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|St|No|vs|cf|TS|ThS|PGS|GS|BS|KS|Tp|Q|P)\.$")
SUMMARY_CHARACTERS = 200
"""Longest summary: about what a search result or a preview shows."""


NEAR_ANCHOR = 0.7
"""How alike two anchors are, for one to be meant by the other. Of the real course's links to no heading, those whose
heading got a number, an emoji or a shorter title since have 0.81 and more; with any other heading they have 0.55."""
PAGES_INDEXED = 64
"""Of so many pages the headings are at hand by all their names, for the next link that misses one."""
LONGEST_COMPARED = 200
"""Characters of an anchor: to compare two takes a time that grows with the square of that."""


def slugify(title: str) -> str:
    """The anchor of a heading as GitHub makes it: letters of every language stay.

    >>> slugify("2.1 Những Gì Có Thể Làm?")
    '21-những-gì-có-thể-làm'
    """
    folded = unicodedata.normalize("NFC", title).strip().lower()
    return _SLUG_DROP_RE.sub(_keep_mark, folded).replace(" ", "-")


def python_slugs(title: str) -> tuple[str, str]:
    """The anchors of a heading as Python-Markdown makes them, of ASCII or of all letters.

    >>> python_slugs("2.1 – Điều mới?")
    ('21-ieu-moi', '21-điều-mới')
    """
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    spelt = (re.sub(r"[^\w\s-]", "", text).strip().lower() for text in (folded, unicodedata.normalize("NFC", title)))
    ascii_slug, slug = (re.sub(r"[-\s]+", "-", text) for text in spelt)
    return ascii_slug, slug


def index_headings(headings: Iterable[Heading]) -> dict[str, str]:
    """What GitHub and Python-Markdown call each heading, and its own anchor, in small letters -> its anchor.

    >>> sorted(index_headings([Heading(2, "x", "Mới"), Heading(2, "Y", "Mới")]).items())
    [('moi', 'x'), ('moi_1', 'Y'), ('mới', 'x'), ('mới_1', 'Y'), ('x', 'x'), ('y', 'Y')]
    """
    anchors: dict[str, str] = {}
    counts: dict[str, int] = {}
    headings = list(headings)
    for heading in headings:
        anchors.setdefault(heading.anchor.lower(), heading.anchor)
    for heading in headings:
        anchors.setdefault(slugify(heading.title), heading.anchor)
        for slug in dict.fromkeys(python_slugs(heading.title)):
            count = counts[slug] = counts.get(slug, -1) + 1
            anchors.setdefault(f"{slug}_{count}" if count else slug, heading.anchor)
    return anchors


def heading_key(anchor: str) -> str:
    """An anchor as `index_headings` has it: GitHub takes letters of any case, and puts a word before all it makes.

    >>> heading_key("user-content-Mới")
    'mới'
    """
    return anchor.lower().removeprefix("user-content-")


def find_heading(anchor: str, headings: Iterable[Heading]) -> str:
    """The anchor of the heading that GitHub or Python-Markdown calls so, in letters of any case, as on GitHub; `""` if
    there is none.

    >>> find_heading("Mới", [Heading(2, "của-tôi", "Mới")])
    'của-tôi'
    """
    return _index_once(tuple(headings)).get(heading_key(anchor), "") if anchor else ""


@lru_cache(PAGES_INDEXED)
def _index_once(headings: tuple[Heading, ...]) -> dict[str, str]:
    return index_headings(headings)


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
    return cut_words(text, SUMMARY_CHARACTERS)


def cut_words(text: str, most: int) -> str:
    """As many of the words as have so many characters.

    >>> cut_words("Xin chào các bạn", 12)
    'Xin chào…'
    """
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def near_anchor(anchor: str, anchors: Iterable[str]) -> str:
    """A hint at the anchor that was most likely meant: `#5-kết-luận` for `#kết-luận`."""
    found = nearest_anchor(anchor, anchors)
    return f"did you mean #{found}?" if found else ""


def nearest_anchor(anchor: str, anchors: Iterable[str]) -> str:
    """The anchor that was most likely meant; `""` if none is near."""
    if len(anchor) > LONGEST_COMPARED:
        return ""
    from difflib import get_close_matches  # 3 ms, and few lessons have such a link

    known = sorted(known for known in anchors if len(known) <= LONGEST_COMPARED)
    found = get_close_matches(anchor, known, n=1, cutoff=NEAR_ANCHOR)
    return next(iter(found), "")
