"""ConvertedLesson -> ParsedLesson: sanitised HTML, walked through once.

The second half of a parse: see `convert.py`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from html import escape

from pipeline.errors import Diagnostic, LessonError
from pipeline.parse.converted import ConvertedLesson, too_deep
from pipeline.parse.sanitise import find_dropped, only_allowed, sanitise_html
from pipeline.parse.sentences import cut_words, first_sentence
from pipeline.parse.tree import read_tree
from pipeline.parse.words import LessonWords
from pipeline.paths import readable_title
from pipeline.patterns import lazy_pattern
from pipeline.values import LessonFacts, ParsedLesson

MAX_OPEN_ELEMENTS = 200
"""Lists and quotations, which have limits of their own, make 110."""
MAX_OPEN_WORDS = 20
"""Of those that mark words."""
TITLE_CHARACTERS = 300
"""The longest title: that of a section stands on every page below it."""
_WORD_TAGS = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_ENDS_BY_ITSELF = frozenset(
    "area br caption col colgroup dd dt hr img input li p rp rt source tbody td tfoot th thead tr track wbr".split()
)
_TAG_RE = lazy_pattern(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")


def finish_lesson(
    converted: ConvertedLesson,
    page: str,
    *,
    trusted_html: bool = False,
    titles: LessonWords,
) -> ParsedLesson:
    """The second half of `parse_lesson`; `page` is the name of the lesson's page. Raises `LessonError`."""
    front = converted.front
    _check_nesting(converted)
    try:
        html = only_allowed(converted.html) if trusted_html else sanitise_html(converted.html)
        tree = read_tree(html, converted.source, converted.pieces, titles)
    except RecursionError:
        raise too_deep() from None
    title = cut_words(front.title or tree.h1 or _title_from(page), TITLE_CHARACTERS)
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
            link_places=tuple(tree.link_places),
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


def _check_nesting(converted: ConvertedLesson) -> None:
    """Raise `LessonError` for raw HTML whose elements are open one in another without end: to clean it takes a time
    that grows with the square of that, and each open `<b>` is in every paragraph that follows."""
    if converted.source.count("<") <= MAX_OPEN_WORDS:
        return
    opened = words = 0
    for mark, name in _TAG_RE.findall(converted.html):
        name = name.lower()
        if name in _ENDS_BY_ITSELF:
            continue
        step = -1 if mark else 1
        opened = max(opened + step, 0)
        if name in _WORD_TAGS:
            words = max(words + step, 0)
        if opened > MAX_OPEN_ELEMENTS or words > MAX_OPEN_WORDS:
            text = converted.source
            raise LessonError(
                f"more than {MAX_OPEN_WORDS if words > MAX_OPEN_WORDS else MAX_OPEN_ELEMENTS} elements of raw HTML are "
                "open in one another",
                line=text.count("\n", 0, text.find(f"<{name}")) + 1 if f"<{name}" in text else None,
                hint="close them",
            )


def _tell_dropped(converted: ConvertedLesson) -> Iterator[Diagnostic]:
    text = converted.source
    # What there is of them is written in the lesson, which has far fewer tags than its HTML.
    for name in find_dropped(converted.html) if find_dropped(text) else ():
        at = text.find(f"<{name}")
        yield Diagnostic(
            f"<{name}> is left out: raw HTML may bring no programs, frames or forms",
            line=text.count("\n", 0, at) + 1 if at >= 0 else None,
            column=at - text.rfind("\n", 0, at) if at >= 0 else None,
            hint="link to it, or set trusted_html = true in course.toml if every author may be trusted",
            code="dropped-html",
        )


def _title_from(page: str) -> str:
    folder, name = posixpath.split(page)
    if name != "index":
        return readable_title(name)
    # A home page without a heading has the course's title, which is not known here.
    return readable_title(posixpath.basename(folder)) if folder else ""
