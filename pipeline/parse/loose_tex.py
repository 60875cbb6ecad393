"""HTML of a lesson -> what was meant otherwise: TeX among its words, without signs around it; footnotes without a text.

A converter that reads `\\(` as Markdown leaves `(`; the reader then sees `(\\mathbf{z})`. Formulas and blocks of code
are numbers in the HTML that is looked at.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from pipeline.errors import Diagnostic
from pipeline.parse.lines import LineFinder

# Commands that only a formula has: `C:\\text` is a folder, but few are called `mathcal`.
_TEX_RE = re.compile(
    r"\\(?:[dt]?frac|sqrt|math(?:cal|bb|bf|rm|frak|sf)|boldsymbol|operatorname|sum|prod|int|partial|nabla|cdot|times|leq?"
    r"|geq?|neq|approx|infty|alpha|beta|gamma|delta|epsilon|theta|lambda|sigma|quad|ldots|hat|bar|vec)(?![A-Za-z])"
)
_INLINE_CODE_RE = re.compile("<code>.*?</code>", re.S)
# The text for an image that is not seen is read aloud, formulas and all, and not shown.
_ATTRIBUTES_RE = re.compile("""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_NOTE_MARK_RE = re.compile(r"(?<!\\)\[\^[^\]\[<>\s]+\]")
_RUN_ENDS = "<>\n"


class LooseTex(NamedTuple):
    """What is to be told of the commands in one lesson."""

    number: int
    command: str
    """The first."""
    run: str
    """It with the text before it, as far as that has no markup: where it stands in the source."""

    @property
    def message(self) -> str:
        stand = f"TeX command {self.command} stands" if self.number == 1 else f"{self.number} TeX commands stand"
        return f"{stand} outside of a formula"

    @property
    def hint(self) -> str:
        first = "" if self.number == 1 else f"; the first is {self.command}"
        return f"write a formula between $ and $, or $$ and $${first}"


def find_loose_tex(html: str) -> LooseTex | None:
    """The commands of TeX that stand among the words, if any do.

    >>> find_loose_tex(r"<p>vector (\\mathbf{z}) và <code>\\frac</code></p>")
    LooseTex(number=1, command='\\\\mathbf', run='vector (\\\\mathbf')
    """
    if not _TEX_RE.search(html):
        return None
    found = list(_TEX_RE.finditer(_ATTRIBUTES_RE.sub("<>", _INLINE_CODE_RE.sub("", html))))
    if not found:
        return None
    first = found[0]
    start = 1 + max(first.string.rfind(end, 0, first.start()) for end in _RUN_ENDS)
    return LooseTex(len(found), first[0], unescape(first.string[start : first.end()]))


def tell_leftovers(html: str, lines: LineFinder) -> Iterator[Diagnostic]:
    """What is to be told of the HTML of a lesson; `lines` finds places in its source."""
    loose = find_loose_tex(html) if "\\" in html else None
    if loose:
        place, before = lines.place_of_text(loose.run), len(loose.run) - len(loose.command)
        line, column = place or lines.place_of_text(loose.command) or (None, None)
        column = column + before if place and column else column
        yield Diagnostic(loose.message, line, loose.hint, code="loose-tex", column=column)
    if "[^" in html:
        written = lines.find_written(_NOTE_MARK_RE)
        for mark in dict.fromkeys(_NOTE_MARK_RE.findall(_INLINE_CODE_RE.sub("", html))):
            if mark not in written:
                continue
            hint = f"write '{mark}: ...' on a line of its own, or take it out"
            line, column = lines.place_of_text(mark) or (None, None)
            yield Diagnostic(f"footnote {mark} has no text", line, hint, code="lost-footnote", column=column)
