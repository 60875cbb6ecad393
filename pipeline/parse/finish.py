"""ConvertedLesson -> ParsedLesson: sanitised HTML, walked through once.

The second half of a parse: see `convert.py`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from html import escape

from pipeline.errors import Diagnostic
from pipeline.parse.converted import ConvertedLesson, too_deep
from pipeline.parse.sanitise import find_dropped, sanitise_html
from pipeline.parse.sentences import first_sentence
from pipeline.parse.tree import read_tree
from pipeline.parse.words import LessonWords
from pipeline.paths import readable_title
from pipeline.values import LessonFacts, ParsedLesson


def finish_lesson(
    converted: ConvertedLesson,
    page: str,
    *,
    trusted_html: bool = False,
    titles: LessonWords,
) -> ParsedLesson:
    """The second half of `parse_lesson`; `page` is the name of the lesson's page. Raises `LessonError`."""
    front = converted.front
    try:
        html = converted.html if trusted_html else sanitise_html(converted.html)
        tree = read_tree(html, converted.source, converted.pieces, titles)
    except RecursionError:
        raise too_deep() from None
    title = front.title or tree.h1 or _title_from(page)
    return ParsedLesson(
        facts=LessonFacts(
            title=title,
            summary=first_sentence(front.description) if front.description else tree.summary,
            order=front.order,
            draft=front.draft,
            aliases=front.aliases,
            date=front.date,
            template=front.template,
            has_text=converted.has_text,
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
            *converted.diagnostics,
            *(() if trusted_html else _tell_dropped(converted)),
            *tree.diagnostics,
        ),
        front=front.others,
    )


def _tell_dropped(converted: ConvertedLesson) -> Iterator[Diagnostic]:
    text = converted.source
    for name in find_dropped(converted.html):
        yield Diagnostic(
            f"<{name}> is left out: raw HTML may bring no programs, frames or forms",
            line=text.count("\n", 0, text.find(f"<{name}")) + 1 if f"<{name}" in text else None,
            hint="link to it, or set trusted_html = true in course.toml if every author may be trusted",
        )


def _title_from(page: str) -> str:
    folder, name = posixpath.split(page)
    if name != "index":
        return readable_title(name)
    # A home page without a heading has the course's title, which is not known here.
    return readable_title(posixpath.basename(folder)) if folder else ""
