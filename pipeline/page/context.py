"""page inputs + parsed lesson -> what a template is given.

The contexts below are all that a template knows; a name that is not in them is an error.
`docs/templates.md` lists them, and a test compares.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from markupsafe import Markup

from pipeline.page.fill import fill_links
from pipeline.page.formulas import hold_signs
from pipeline.page.frame import frame_values, json_in_html
from pipeline.page.metadata import describe_page
from pipeline.page.tables import mark_tables
from pipeline.page.template import Context
from pipeline.paths import page_target, relative_url
from pipeline.values import Card, Heading, PageInputs, ParsedLesson

TITLES_LISTED = 6


class PageLink(NamedTuple):
    """A link to a page of the course, ready to show."""

    title: str
    url: str
    """Relative to the page it is on; `""` for the page itself."""
    summary: str = ""
    lessons: int = 0
    """How many there are below a section in a list."""


class PageContext(Context):
    """What every template is given."""

    language: str
    """BCP 47 tag of the course."""
    course_title: str
    title: str
    """Title of this page, without markup."""
    description: str
    """One sentence about this page, or titles of what it lists; may be empty."""
    page: str
    """Its name in the course tree, such as `a/b`; empty for a page outside of it."""
    root_url: str
    """URL of the top of the output, with a `/` at its end."""
    home_url: str
    """URL of the first page of the course."""
    static: Mapping[str, str]
    """URL of each of the site's own files by its plain name: `static["site.css"]`."""
    canonical_url: str
    """The published address of this page; empty without `base_url`."""
    markdown_url: str
    """Where the repaired Markdown of this page's text is; empty without a text."""
    policy: Markup
    """Content security policy; empty when the course trusts the HTML of its lessons."""
    structured_data: Markup
    """JSON-LD for search engines, safe inside `<script>`; may be empty."""
    breadcrumbs: tuple[PageLink, ...]
    """The sections above, from the home page down, without this page."""
    branches: tuple[PageLink, ...]
    """The sections at the top of the course, for the tree; empty for a page outside of it."""
    style: Markup
    """The style that the course has chosen; may be empty."""
    icon_url: str
    """The course's own sign in the browser's tab; may be empty: then `site.js` draws the first letter of its name."""
    logo_url: str
    """A picture before the course's name; may be empty."""
    footer: str
    """A sentence below the page; may be empty."""
    quick_links: tuple[PageLink, ...]
    """What `quick_links` in `course.toml` names; this page has the URL `""`."""


class TextContext(PageContext):
    """What the templates of pages with a text of their own are given besides."""

    heading: Markup
    """Inner HTML of the `<h1>`."""
    body: Markup
    """HTML of the text; empty for a section that has none."""
    toc: tuple[Heading, ...]
    """The headings of levels 1 to 3 below the title, each with `level`, `anchor` and `title`."""
    date: str
    """ISO date of the front matter; may be empty. `{{ date | as_date }}` writes it for readers."""
    updated: str
    """ISO date of the last change; may be empty."""
    edit_url: str
    """Where the source can be edited; may be empty."""
    stage_facts: Mapping[str, str]
    """What stages of the course's own left of the lesson, by their names."""
    front: Mapping[str, Any]
    """What the front matter says beside the names that the project reads; only to be read."""


class LessonContext(TextContext):
    """What `lesson.html`, and the template that a lesson asks for, is given besides."""

    siblings: tuple[PageLink, ...]
    """The lessons of the section around this one; this one has the URL `""`."""
    has_more_siblings: bool
    """Whether the section has lessons besides `siblings`, as a long one does."""
    section: PageLink
    """The section the lesson is in."""
    previous: PageLink | None
    """The lesson before this one in its section."""
    next: PageLink | None
    """The lesson after this one in its section."""


class SectionContext(TextContext):
    """What `section.html` and `home.html` are given besides."""

    sections: tuple[PageLink, ...]
    """Its sub-sections, in reading order."""
    lessons: tuple[PageLink, ...]
    """Its lessons, in reading order."""
    lesson_count: int
    """How many lessons it has, with those of its sub-sections."""
    start: PageLink | None
    """The first of them."""


def _only_read(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({name: _only_read(item) for name, item in value.items()})
    return tuple(map(_only_read, value)) if isinstance(value, list) else value


def _list_titles(inputs: PageInputs) -> str:
    """What a section without a text of its own is about; empty for a lesson."""
    listed = () if inputs.kind == "lesson" else (*inputs.sections, *inputs.lessons)
    return "; ".join(card.title for card in listed[:TITLES_LISTED])


def build_context(inputs: PageInputs, lesson: ParsedLesson | None) -> PageContext:
    """The template context of a page."""
    own_target = page_target(inputs.page)

    def show(card: Card) -> PageLink:
        target = page_target(card.page)
        url = "" if target == own_target else relative_url(own_target, target)
        return PageLink(card.title, url, card.summary, card.lessons)

    shared: dict[str, Any] = frame_values(
        own_target,
        language=inputs.language,
        course_title=inputs.course_title,
        title=inputs.title,
        description=inputs.summary or _list_titles(inputs),
        base_url=inputs.base_url,
        statics=inputs.statics,
        trusted_html=inputs.trusted_html,
        look=inputs.look,
    )
    shared |= {
        "page": inputs.page,
        # Addresses are what it is about: without them no search engine makes anything of it.
        "structured_data": json_in_html(describe_page(inputs)) if inputs.base_url else Markup(""),
        "breadcrumbs": tuple(map(show, inputs.breadcrumbs)),
        "quick_links": tuple(map(show, inputs.quick_links)),
        "branches": tuple(map(show, inputs.branches)),
        "heading": inputs.title,
        "body": Markup(""),
        "toc": (),
        "date": inputs.date,
        "updated": inputs.updated,
        "edit_url": inputs.edit_url,
        "markdown_url": relative_url(own_target, inputs.markdown) if inputs.markdown else "",
        "stage_facts": MappingProxyType(dict(inputs.stage_facts)),
        "front": _only_read(json.loads(lesson.front) if lesson and lesson.front else {}),
    }
    if lesson is not None:
        texts = tuple(link.text for link in lesson.facts.links)
        filled = [
            # Sanitised by the parse stage, unless the course trusts its HTML.
            Markup(fill_links(html, lesson.slot, inputs.links, texts))  # noqa: S704
            for html in (lesson.heading, lesson.body)
        ]
        shared["heading"] = filled[0] or inputs.title
        shared["body"] = Markup(hold_signs(mark_tables(str(filled[1]))))  # noqa: S704  (a class is put in, signs are moved)
        shared["toc"] = tuple(h for h in lesson.facts.headings if h.level <= 3 and h.title)
    if inputs.kind == "lesson":
        return LessonContext(
            **shared,
            siblings=tuple(map(show, inputs.lessons)),
            has_more_siblings=inputs.has_more_lessons,
            section=show(inputs.section),
            previous=show(inputs.previous) if inputs.previous else None,
            next=show(inputs.next) if inputs.next else None,
        )
    return SectionContext(
        **shared,
        sections=tuple(map(show, inputs.sections)),
        lessons=tuple(map(show, inputs.lessons)),
        lesson_count=inputs.lesson_count,
        start=show(inputs.start) if inputs.start else None,
    )
