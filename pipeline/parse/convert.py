"""repaired text -> ConvertedLesson: a lesson as Python-Markdown leaves it, and what its front matter says.

The first half of a parse; the second is `finish.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.errors import Diagnostic, LessonError
from pipeline.parse.converted import ConvertedLesson, TooMuchError, too_deep
from pipeline.parse.doubts import mark_doubts, without_byte_order_marks, without_marks
from pipeline.parse.front_matter import read_front_matter
from pipeline.parse.limits import MAX_LINE_CHARACTERS
from pipeline.parse.lines import LineFinder
from pipeline.parse.markdown import convert_markdown
from pipeline.parse.navigation import is_generated_listing, is_index, strip_navigation
from pipeline.parse.words import LessonWords
from pipeline.patterns import lazy_pattern
from pipeline.values import TextSpan

MAX_OPEN_BRACKETS = 100
"""Python-Markdown looks for the end of each open bracket: 5,000 of them take seconds. Of the real lessons none has more
than 10 open in a paragraph."""

_EMPTY = Diagnostic("the lesson is empty", hint="write it, or delete the file", code="empty-lesson")
_BRACKET_RE = lazy_pattern(r"\]\(|[\[\])]")


def convert_lesson(
    text: str,
    path: str,
    *,
    markers: tuple[str, ...] = (),
    trusted_html: bool = False,
    doubts: tuple[TextSpan, ...] = (),
    titles: LessonWords,
    known: Mapping[str, str] = {},
) -> ConvertedLesson:
    """The first half of `parse_lesson`; `titles` are for notes that have none.

    Raises `LessonError`.
    """
    _check_lines(text)
    text = without_byte_order_marks(mark_doubts(text, doubts))
    empty = () if text.strip() else (_EMPTY,)
    front, text, front_diagnostics = read_front_matter(text)
    text, marker_diagnostics = strip_navigation(text, markers)
    has_text = not (is_index(path) and is_generated_listing(text))
    try:
        converted = convert_markdown(text if has_text else "", trusted_html=trusted_html, words=titles, known=known)
    except RecursionError:
        raise too_deep() from None
    except TooMuchError as error:
        place = LineFinder(without_marks(text)).place_of_text(error.begins)
        raise LessonError(error.message, line=place and place.line, hint=error.hint) from None
    return ConvertedLesson(
        without_marks(text),
        front,
        has_text,
        converted.html,
        converted.pieces,
        (*empty, *front_diagnostics, *marker_diagnostics, *converted.diagnostics),
    )


def _check_lines(text: str) -> None:
    # Most lessons have less of everything than any one line or paragraph may have.
    opened = text.count("[") + text.count("](") > MAX_OPEN_BRACKETS and any(
        block.count("[") + block.count("](") > MAX_OPEN_BRACKETS for block in text.split("\n\n")
    )
    if len(text) > MAX_LINE_CHARACTERS or opened:
        _check_each_line(text)


def _check_each_line(text: str) -> None:
    opened = addresses = 0
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE_CHARACTERS:
            raise LessonError(
                f"a line of {len(line):,} characters; the limit is {MAX_LINE_CHARACTERS:,}",
                line=number,
                hint="break the line, or give a data file another ending than .md",
            )
        if not line or line.isspace():
            opened = addresses = 0
        most = 0
        for sign in _BRACKET_RE.findall(line) if "[" in line or opened or addresses else ():
            opened = opened + 1 if sign == "[" else max(opened - 1, 0) if sign != ")" else opened
            addresses = addresses + 1 if sign == "](" else max(addresses - 1, 0) if sign == ")" else addresses
            most = max(most, opened + addresses)
        if most > MAX_OPEN_BRACKETS:
            raise LessonError(
                f"more than {MAX_OPEN_BRACKETS} brackets are open in one paragraph",
                line=number,
                hint="close them, or put them into a code block",
            )
