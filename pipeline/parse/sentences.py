"""text -> slug of a heading, first sentence of a lesson."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

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

MISSPELT_LETTERS = 4
"""Of a word in which one letter may be a slip: `option-a` is not `option-b`."""
_ANCHOR_WORD_RE = lazy_pattern(r"[^\W_]+")


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
    return index_headings(headings).get(heading_key(anchor), "") if anchor else ""


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


def near_anchor(anchor: str, anchors: Iterable[str]) -> str:
    """A hint at the anchor that was most likely meant: `#5-kết-luận` for `#kết-luận`."""
    found = nearest_anchor(anchor, anchors)
    return f"did you mean #{found}?" if found else ""


def sure_anchor(anchor: str, anchors: Iterable[str]) -> str:
    """The only anchor that can be meant; `""` if there is none, or more: the letters are the same but for their marks
    and case, or for a number in front, or one letter of a word differs.

    >>> sure_anchor("ket-luan", ["mở-đầu", "5-kết-luận"]), sure_anchor("chose-one", ["choose-one"])
    ('5-kết-luận', 'choose-one')
    >>> sure_anchor("option-a", ["option-b"]), sure_anchor("step-1", ["step-2"]), sure_anchor("x", ["x-1", "x-2"])
    ('', '', '')
    """
    wanted = _fold(anchor)
    if not wanted:
        return ""
    folded = [(name, _fold(name)) for name in anchors]
    for is_meant in (_is_same, _is_numbered_otherwise, _is_misspelt):
        found = [name for name, other in folded if is_meant(wanted, other)]
        if found:
            return found[0] if len(set(found)) == 1 else ""
    return ""


def _fold(anchor: str) -> tuple[str, ...]:
    """The words of an anchor without marks, in small letters."""
    plain = unicodedata.normalize("NFD", anchor.casefold().replace("đ", "d"))
    return tuple(_ANCHOR_WORD_RE.findall("".join(sign for sign in plain if unicodedata.category(sign) != "Mn")))


def _is_same(wanted: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return "".join(wanted) == "".join(other)


def _is_numbered_otherwise(wanted: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """One has a number in front that the other has not."""
    words, others = (tuple(itertools.dropwhile(str.isdecimal, name)) for name in (wanted, other))
    return words == others != () and (words == wanted) != (others == other)


def _is_misspelt(wanted: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """One letter of one word that is long enough differs, is missing or is too much."""
    if len(wanted) != len(other):
        return False
    pairs = [(one, two) for one, two in zip(wanted, other) if one != two]
    return len(pairs) == 1 and min(map(len, pairs[0])) >= MISSPELT_LETTERS and _is_one_letter(*pairs[0])


def _is_one_letter(one: str, two: str) -> bool:
    if not (one.isalpha() and two.isalpha()) or abs(len(one) - len(two)) > 1:
        return False
    short, long = sorted((one, two), key=len)
    at = next((at for at, (a, b) in enumerate(zip(short, long)) if a != b), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]


def nearest_anchor(anchor: str, anchors: Iterable[str]) -> str:
    """The anchor that was most likely meant; `""` if none is near."""
    from difflib import get_close_matches  # 3 ms, and few lessons have such a link

    found = get_close_matches(anchor, sorted(anchors), n=1, cutoff=NEAR_ANCHOR)
    return next(iter(found), "")
