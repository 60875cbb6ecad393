"""page inputs + parsed lesson -> what a template is given.

The contexts below are all that a template knows; a name that is not in them is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pipeline.page.fill import fill_links
from pipeline.paths import STATIC_FOLDER, page_target, relative_url
from pipeline.values import Card, Heading, PageInputs, ParsedLesson


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link to a page of the course, ready to show."""

    title: str
    url: str
    """Relative to the page it is on; `""` for the page itself."""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every template is given."""

    language: str
    """BCP 47 tag of the course."""
    course_title: str
    title: str
    """Title of this page, without markup."""
    description: str
    """One sentence about this page; may be empty."""
    home_url: str
    static_url: str
    """Relative URL of the folder of style sheets, with a `/` at its end."""
    breadcrumbs: tuple[PageLink, ...]
    """The sections above, from the home page down, without this page."""
    quick_links: tuple[PageLink, ...]


@dataclass(frozen=True, slots=True)
class LessonContext(PageContext):
    """What `lesson.html` is given besides."""

    heading: Markup
    """Inner HTML of the `<h1>`."""
    body: Markup
    toc: tuple[Heading, ...]
    """The headings of levels 2 and 3."""
    siblings: tuple[PageLink, ...]
    """The lessons of the section around this one; this one has the URL `""`."""
    siblings_total: int
    section: PageLink
    previous: PageLink | None
    next: PageLink | None


@dataclass(frozen=True, slots=True)
class SectionContext(PageContext):
    """What `section.html` and `home.html` are given besides."""

    heading: Markup
    body: Markup
    """The section's own text; empty when it has none."""
    toc: tuple[Heading, ...]
    sections: tuple[PageLink, ...]
    lessons: tuple[PageLink, ...]


def build_context(inputs: PageInputs, lesson: ParsedLesson | None) -> PageContext:
    """The template context of a page."""
    own_target = page_target(inputs.page)

    def show(card: Card) -> PageLink:
        target = page_target(card.page)
        url = "" if target == own_target else relative_url(own_target, target)
        return PageLink(card.title, url, card.summary)

    shared: dict[str, Any] = {
        "language": inputs.language,
        "course_title": inputs.course_title,
        "title": inputs.title,
        "description": inputs.summary,
        "home_url": relative_url(own_target, "index.html"),
        "static_url": relative_url(own_target, STATIC_FOLDER) + "/",
        "breadcrumbs": tuple(map(show, inputs.breadcrumbs)),
        "quick_links": tuple(map(show, inputs.quick_links)),
        "heading": inputs.title,
        "body": Markup(""),
        "toc": (),
    }
    if lesson is not None:
        texts = tuple(link.text for link in lesson.facts.links)
        filled = [
            # Sanitised by the parse stage, unless the course trusts its HTML.
            Markup(fill_links(html, lesson.slot, inputs.links, texts))  # noqa: S704
            for html in (lesson.heading, lesson.body)
        ]
        shared["heading"] = filled[0] or inputs.title
        shared["body"] = filled[1]
        shared["toc"] = tuple(h for h in lesson.facts.headings if h.level in (2, 3))
    if inputs.kind == "lesson":
        return LessonContext(
            **shared,
            siblings=tuple(map(show, inputs.lessons)),
            siblings_total=inputs.lessons_total,
            section=show(inputs.section),
            previous=show(inputs.previous) if inputs.previous else None,
            next=show(inputs.next) if inputs.next else None,
        )
    return SectionContext(
        **shared,
        sections=tuple(map(show, inputs.sections)),
        lessons=tuple(map(show, inputs.lessons)),
    )
