"""a lesson as it was repaired and parsed -> what its checks look at."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from html import unescape

from pipeline.errors import Diagnostic, Severity
from pipeline.parse.front_matter import read_front_matter
from pipeline.parse.navigation import strip_navigation
from pipeline.parse.verbatim import hide_code
from pipeline.patterns import lazy_pattern
from pipeline.values import LessonFacts, Repair, TextPlace

_HTML_CODE_RE = lazy_pattern(r"<(pre|code|script|style|kbd|samp)\b", re.I)
_FORMULA_RE = lazy_pattern(
    r"\$\$[^$]*\$\$|(?<![\\\w$])\$(?=[^\s$])[^$\n]*?(?<=\S)\$(?!\d)|\\\([^\n]{0,300}?\\\)|\\\[[^\[\]]*?\\\]"
)
_FILE_RE = lazy_pattern(r"(?<![\w.*{}%-])[\w*{%-][\w.*{}%:-]{0,100}\.[A-Za-z][A-Za-z0-9]{1,4}(?!\w)")
_TARGET_RE = lazy_pattern(
    r"\]\([^()\n]*\)|\b(?:src|href|srcset|poster)=(?:\"[^\"\n]*\"|'[^'\n]*')|^[ ]{0,3}\[[^\]\n]+\]:.*$", re.M
)
_NOT_BREAK_RE = lazy_pattern(r"[^\n]")
_TAG_RE = lazy_pattern(r"<[^>]*>")


class LessonView:
    """One lesson; its texts have the lines of its source, with spaces for what is hidden."""

    def __init__(
        self,
        path: str,
        text: str,
        facts: LessonFacts,
        body: str,
        *,
        repairs: tuple[Repair, ...] = (),
        markers: tuple[str, ...] = (),
        is_section: bool = False,
    ) -> None:
        self.path = path
        self.text = text
        """The repaired text."""
        self.facts = facts
        self.body = body
        """Its HTML, whose links are still open."""
        self.repairs = repairs
        self.is_section = is_section
        """Whether it is the text of its folder, whose page lists what is in it."""
        self._markers = markers

    @cached_property
    def markdown(self) -> str:
        """The text without front matter and generated navigation."""
        return strip_navigation(read_front_matter(self.text)[1], self._markers)[0]

    @cached_property
    def prose(self) -> str:
        """That without code, comments and formulas."""
        text = hide_code(self.markdown)
        if "<" in text:
            text = _hide_html_code(text)
        return _FORMULA_RE.sub(lambda match: hide(match[0]), text) if "$" in text or "\\" in text else text

    @cached_property
    def shown(self) -> str:
        """The words of the page."""
        return unescape(_TAG_RE.sub("", self.body))

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.markdown)

    def place(self, at: int) -> TextPlace:
        """Where a character of `markdown` or `prose` stands."""
        return self._lines.place(at)


class Lines:
    """The lines of a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def place(self, at: int) -> TextPlace:
        """Where a character stands.

        >>> Lines("a\\nbc").place(3)
        TextPlace(line=2, column=2)
        """
        line = bisect_right(self._starts, at)
        return TextPlace(line, at - self._starts[line - 1] + 1)


HINTS_GIVEN = 20
"""To so many findings of a kind in a lesson: each is compared with all that is known."""


def told_at(
    place: TextPlace | None, code: str, message: str, hint: str = "", severity: Severity = "warning"
) -> Diagnostic:
    """A finding at a place of the text."""
    line, column = place or (None, None)
    return Diagnostic(message, line, hint, severity, code=code, column=column)


def shortened(text: str) -> str:
    """Some words of a lesson in a message: one line, and not a long one."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


def find_named_files(text: str) -> tuple[str, ...]:
    """The names of files that a text has otherwise than to link there, each once: also those that stand for several.

    >>> find_named_files("open(`data/a-1.csv`), e.g. x.md and `b-*.csv`, but [c](c.csv)")
    ('a-1.csv', 'x.md', 'b-*.csv')
    """
    return tuple(dict.fromkeys(_FILE_RE.findall(_TARGET_RE.sub(" ", text))))


def _hide_html_code(text: str) -> str:
    """The text with spaces for code in raw HTML; each kind of element is looked for until one is not closed."""
    pieces, end, unclosed = [], 0, set[str]()
    for match in _HTML_CODE_RE.finditer(text):
        name = match[1].lower()
        if match.start() < end or name in unclosed:
            continue
        closing = text.find(f"</{name}", match.end())
        if closing < 0:
            unclosed.add(name)
            continue
        pieces += [text[end : match.start()], hide(text[match.start() : closing])]
        end = closing
    return "".join([*pieces, text[end:]])


def hide(text: str) -> str:
    """As many spaces, in as many lines."""
    return _NOT_BREAK_RE.sub(" ", text)
