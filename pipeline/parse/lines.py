"""Markdown source + what stands in it -> the line it stands on. HTML has no line numbers."""

from __future__ import annotations

import bisect
import html as html_entities
import re
from collections.abc import Iterator
from urllib.parse import unquote

from pipeline.patterns import lazy_pattern

_DESTINATION_RE = lazy_pattern(
    r"""\]\(\s*<([^>\n]*)>|\]\(\s*((?:[^()\s"'][^()\s]*(?:\([^()\s]*\)[^()\s]*)*)?)"""
    r"""|^[ ]{0,3}\[[^\]\n]+\]:\s*<?([^\s>]*)|(?:href|src)\s*=\s*["']([^"'\n]*)""",
    re.M,
)


MOST_LOOKED_THROUGH = 100_000_000
"""Characters, for one lesson: a thousand searches of one of 100 KB."""


class LineFinder:
    """Tells on which line of the source a link's target or a formula stands.

    The n-th link to a target is the n-th place that names it.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._places: dict[str, Iterator[int]] | None = None
        self._last: dict[str, int] = {}
        self._looked_through = 0

    def line_of_text(self, text: str) -> int | None:
        """The first line of the first place that has `text`; None when much has been looked for."""
        self._looked_through += len(self._source)
        if not text or self._looked_through > MOST_LOOKED_THROUGH:
            return None
        place = self._source.find(text)
        if place < 0:
            # Inside a list or a quotation each line of it begins with something else.
            place = self._source.find(text.split("\n", 1)[0])
        return self._source.count("\n", 0, place) + 1 if place >= 0 else None

    def next_line(self, target: str) -> int | None:
        """The line of the next link to `target`."""
        if self._places is None:
            self._places = {key: iter(lines) for key, lines in self._collect().items()}
        key = _target_key(target)
        line = next(self._places.get(key, iter(())), self._last.get(key))
        if line is None and key:
            # Written in a way that the expression does not know, such as with a space in it.
            line = self.line_of_text(key)
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
