"""Markdown source + what stands in it -> the place where it stands. HTML has no line numbers."""

from __future__ import annotations

import html as html_entities
import re
from collections.abc import Iterator
from urllib.parse import unquote

from pipeline.parse.verbatim import hide_code
from pipeline.patterns import lazy_pattern
from pipeline.values import TextPlace

# One expression for both would be tried at each character; what this one begins with is found quickly.
_LINK_RE = lazy_pattern(r"""\]\(\s*(?:<([^<>\n]*)>|((?:[^()\s"'][^()\s]*(?:\([^()\s]*\)[^()\s]*)*)?))""")
_OTHER_RE = lazy_pattern(
    r"""^[ ]{0,3}\[[^\]\n]+\]:\s*<?([^\s>]*)|(?:href|src|poster)\s*=\s*["']([^"'\n]*)""",
    re.M,
)

_FORMS_RE = lazy_pattern(r"""srcset\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_FORM_RE = lazy_pattern(r"""(?<![^\s,"'])[^\s,]\S*(?<!,)""")
"""An address of a `srcset`, or for which screen it is: that is the target of no link."""

MOST_LOOKED_THROUGH = 100_000_000
"""Characters, for one lesson: a thousand searches of one of 100 KB."""


class LineFinder:
    """Tells where in the source a link's target or a formula stands.

    The n-th link to a target is the n-th place that names it outside of code.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._places: dict[str, Iterator[TextPlace]] | None = None
        self._last: dict[str, TextPlace] = {}
        self._left = dict[str, int]()
        """Of each target, how many places that name it were not asked for."""
        self._looked_through = 0

    def place_of_text(self, text: str) -> TextPlace | None:
        """The beginning of the first place that has `text`; None when much has been looked for."""
        self._looked_through += len(self._source)
        if not text or self._looked_through > MOST_LOOKED_THROUGH:
            return None
        place = self._source.find(text)
        if place < 0:
            # Inside a list or a quotation each line of it begins with something else.
            place = self._source.find(text.split("\n", 1)[0])
        if place < 0:
            return None
        return TextPlace(self._source.count("\n", 0, place) + 1, place - self._source.rfind("\n", 0, place))

    def find_written(self, pattern: re.Pattern[str]) -> frozenset[str]:
        """All that a pattern finds in the source."""
        return frozenset(pattern.findall(self._source))

    def next_place(self, target: str) -> TextPlace | None:
        """Where the next link to `target` names it."""
        if self._places is None:
            found = self._collect()
            self._places = {key: iter(places) for key, places in found.items()}
            self._left = {key: len(places) for key, places in found.items()}
        key = _target_key(target)
        self._left[key] = self._left.get(key, 0) - 1
        place = next(self._places.get(key, iter(())), self._last.get(key))
        if place is None and key:
            # Written in a way that the expression does not know, such as with a space in it.
            place = self.place_of_text(key)
        if place is not None:
            self._last[key] = place
        return place

    def settled(self, target: str, place: TextPlace | None) -> TextPlace | None:
        """A place that was given for a link to `target`, when all links have been asked for: without its column if more
        places name it than links lead there, for it may be one that is shown and leads nowhere."""
        return place._replace(column=None) if place and self._left.get(_target_key(target), 0) > 0 else place

    def _collect(self) -> dict[str, list[TextPlace]]:
        text = hide_code(self._source)
        found = [_target_of(match) for match in _LINK_RE.finditer(text)]
        if any(sign in text for sign in ("]:", "href", "src", "poster")):
            found += map(_target_of, _OTHER_RE.finditer(text))
            for forms in _FORMS_RE.finditer(text) if "srcset" in text else ():
                found += (
                    (form.start(), form[0]) for form in _FORM_RE.finditer(text, *forms.span(forms.lastindex or 0))
                )
            found.sort()
        places: dict[str, list[TextPlace]] = {}
        line = before = seen = 0
        for start, target in found:
            if breaks := text.count("\n", seen, start):
                line, before = line + breaks, text.rfind("\n", seen, start) + 1
            seen = start
            places.setdefault(_target_key(target), []).append(TextPlace(line + 1, start - before + 1))
        return places


def _target_of(match: re.Match[str]) -> tuple[int, str]:
    """Where a target begins, and what it is."""
    number = 1 if match[1] is not None else 2
    return match.start(number), match[number]


def _target_key(target: str) -> str:
    return unquote(html_entities.unescape(target)) if "%" in target or "&" in target else target
