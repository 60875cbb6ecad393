"""repaired text -> ParsedLesson: the steps of parsing, in order."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from html import escape

from pipeline.errors import Diagnostic, LessonError
from pipeline.parse.doubts import mark_doubts, without_marks
from pipeline.parse.front_matter import read_front_matter
from pipeline.parse.markdown import convert_markdown
from pipeline.parse.navigation import is_generated_listing, strip_navigation
from pipeline.parse.sanitise import find_dropped, sanitise_html
from pipeline.parse.sentences import first_sentence
from pipeline.parse.tree import read_tree
from pipeline.parse.words import words_for
from pipeline.paths import page_id, readable_title
from pipeline.values import LessonFacts, ParsedLesson, TextSpan

MAX_LINE_CHARACTERS = 100_000
"""Python-Markdown needs time that grows with the square of some lines' length: 100,000 brackets
take seconds. No prose has such a line; what has is data in a file called `.md`."""
MAX_QUOTE_DEPTH = 50
"""Python-Markdown calls itself for each level of quotation; at about 90 Python stops it."""

MAX_OPEN_BRACKETS = 500
"""Python-Markdown looks for the end of each open bracket: 5,000 of them take seconds."""

_QUOTE_RE = re.compile(rf"(?:[ \t]*>){{{MAX_QUOTE_DEPTH + 1}}}")


def parse_lesson(
    text: str,
    path: str,
    *,
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
    `path` serves for the title of a lesson that has none, and to know an `index.md`.
    Raises `FrontMatterError` or `LessonError`.
    """
    if not text.strip():
        raise LessonError("the lesson is empty", hint="write it, or delete the file")
    _check_lines(text)
    text = mark_doubts(text, doubts)
    front, text, front_diagnostics = read_front_matter(text)
    text, marker_diagnostics = strip_navigation(text, markers)
    is_index = posixpath.basename(page_id(path)) == "index"
    has_text = not (is_index and is_generated_listing(text))
    titles = words_for(language, words)
    try:
        converted = convert_markdown(text if has_text else "", trusted_html=trusted_html, words=titles, known=known)
        html = converted.html if trusted_html else sanitise_html(converted.html)
        tree = read_tree(html, without_marks(text), converted.pieces, titles, known)
    except RecursionError:
        raise LessonError("lists, quotes or HTML are nested too deeply", hint="flatten them") from None
    title = front.title or tree.h1 or _title_from(path)
    return ParsedLesson(
        facts=LessonFacts(
            title=title,
            summary=first_sentence(front.description) if front.description else tree.summary,
            order=front.order,
            draft=front.draft,
            aliases=front.aliases,
            date=front.date,
            template=front.template,
            has_text=has_text,
            links=tuple(tree.links),
            headings=tuple(tree.headings),
            anchors=tuple(tree.anchors),
            link_lines=tuple(tree.link_lines),
        ),
        heading=tree.h1_html or escape(title, quote=False),
        body=tree.body,
        slot=tree.slot,
        pieces=tree.pieces,
        diagnostics=(
            *front_diagnostics,
            *marker_diagnostics,
            *converted.diagnostics,
            *(() if trusted_html else _tell_dropped(converted.html, text)),
            *tree.diagnostics,
        ),
    )


def _tell_dropped(html: str, text: str) -> Iterator[Diagnostic]:
    for name in find_dropped(html):
        yield Diagnostic(
            f"<{name}> is left out: raw HTML may bring no programs, frames or forms",
            line=text.count("\n", 0, text.find(f"<{name}")) + 1 if f"<{name}" in text else None,
            hint="link to it, or set trusted_html = true in course.toml if every author may be trusted",
        )


def _title_from(path: str) -> str:
    folder, name = posixpath.split(page_id(path))
    if name != "index":
        return readable_title(name)
    # A home page without a heading has the course's title, which is not known here.
    return readable_title(posixpath.basename(folder)) if folder else ""


def _check_lines(text: str) -> None:
    # Most lessons have less of everything than any one line or paragraph may have.
    opened = text.count("[") + text.count("](") > MAX_OPEN_BRACKETS
    if len(text) > MAX_LINE_CHARACTERS or text.count(">") > MAX_QUOTE_DEPTH or opened:
        _check_each_line(text)


def _check_each_line(text: str) -> None:
    opened = 0
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE_CHARACTERS:
            raise LessonError(
                f"a line of {len(line):,} characters; the limit is {MAX_LINE_CHARACTERS:,}",
                line=number,
                hint="break the line, or give a data file another ending than .md",
            )
        if _QUOTE_RE.match(line):
            raise LessonError(
                f"quotes nested more than {MAX_QUOTE_DEPTH} deep",
                line=number,
                hint="take out some of the `>`",
            )
        opened = opened + line.count("[") + line.count("](") - line.count("]") - line.count(")") if line.strip() else 0
        if opened > MAX_OPEN_BRACKETS:
            raise LessonError(
                f"more than {MAX_OPEN_BRACKETS} brackets are open in one paragraph",
                line=number,
                hint="close them, or put them into a code block",
            )
