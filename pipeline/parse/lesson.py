"""repaired text -> ParsedLesson: both halves of a parse."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.parse.convert import convert_lesson
from pipeline.parse.finish import finish_lesson
from pipeline.parse.words import words_for
from pipeline.paths import page_id
from pipeline.values import ParsedLesson, TextSpan


def parse_lesson(
    text: str,
    path: str,
    *,
    page: str = "",
    markers: tuple[str, ...] = (),
    trusted_html: bool = False,
    doubts: tuple[TextSpan, ...] = (),
    language: str = "vi",
    words: Mapping[str, str] = {},
    known: Mapping[str, str] = {},
) -> ParsedLesson:
    """Turn the text of the lesson at `path` into HTML and facts; no file is looked at.

    `doubts` are parts of the text whose repair needs review: the page marks them. `language` is the
    course's: what the HTML says without the author's words, such as the title of a note, is in it; `words` are
    the course's own for it, by the English ones. `known` are the `known_pieces` of an earlier parse with the same
    code: they change what it costs, not what comes out.
    `path` serves to know an `index.md`, and the name of its page, if that is another, for the title of a lesson that
    has none.
    Raises `LessonError`.
    """
    titles = words_for(language, words)
    converted = convert_lesson(
        text, path, markers=markers, trusted_html=trusted_html, doubts=doubts, titles=titles, known=known
    )
    return finish_lesson(converted, page or page_id(path), trusted_html=trusted_html, titles=titles)
