"""text -> slug of a heading, first sentence of a lesson."""

from __future__ import annotations

import re
import unicodedata

from pipeline.patterns import lazy_pattern

# What is no letter to GitHub: signs, and the digits that only look like one (`O(N²)`, `①`, `½`).
_SLUG_DROP_RE = lazy_pattern(r"[^\w\- ]+|[\xb2\xb3\xb9\xbc-\xbe⁰⁴-⁹₀-₉⅐-⅟①-⒛⓪-⓿❶-➓]")
_SENTENCE_END_RE = lazy_pattern(r"""[.!?…]["'”’)\]]*(?=\s+["'“‘(\[]*(\S))|[。！？]""")
_ABBREVIATION_RE = lazy_pattern(r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|St|No|vs|cf|TS|ThS|PGS|GS|BS|KS|Tp|Q|P)\.$")
SUMMARY_CHARACTERS = 200
"""Longest summary: about what a search result or a preview shows."""


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
