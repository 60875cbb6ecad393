"""published pages -> `sitemap.xml`, `feed.xml` and `robots.txt`, by templates of these names."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from pipeline.page.frame import absolute_url
from pipeline.page.template import Context, render_template
from pipeline.paths import FEED_NAME, ROBOTS_NAME, SITEMAP_NAME, page_target
from pipeline.site_values import ListingInputs

FEED_LENGTH = 20
"""Lessons in the feed: what a reader may have missed, not the whole course."""

_NOT_XML_RE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ListedPage(NamedTuple):
    """A page in `sitemap.xml`."""

    url: Markup
    date: Markup
    """ISO date of its last change; may be empty."""


class SitemapContext(Context):
    """All that `sitemap.xml` (sitemaps.org 0.9) is given."""

    language: str
    """BCP 47 tag of the course."""
    pages: tuple[ListedPage, ...]
    """Every page: `url`, and `date`, the ISO date of its last change, which may be empty."""


class FedLesson(NamedTuple):
    """A lesson in `feed.xml`."""

    url: Markup
    title: Markup
    summary: Markup
    updated: Markup


class FeedContext(Context):
    """All that `feed.xml` (Atom, RFC 4287) is given."""

    language: str
    """BCP 47 tag of the course."""
    course_title: Markup
    """Name of the course."""
    home_url: Markup
    """Published address of the course."""
    feed_url: Markup
    """Published address of the feed."""
    updated: Markup
    """Time of the newest lesson: the same course gives the same feed."""
    lessons: tuple[FedLesson, ...]
    """The newest dated lessons: `url`, `title`, `summary`, `updated`."""


class RobotsContext(Context):
    """All that `robots.txt` is given. Robots ask for it at the top of a host only."""

    language: str
    """BCP 47 tag of the course."""
    sitemap_url: Markup
    """Published address of the sitemap; empty without `base_url`."""


def render_sitemap(inputs: ListingInputs, templates: tuple[Path, ...]) -> str:
    """A sitemap of all pages; needs a base URL."""
    pages = (
        ListedPage(_xml(absolute_url(inputs.base_url, page_target(page.page))), _xml(page.date))
        for page in inputs.pages
    )
    return render_template(templates, SITEMAP_NAME, SitemapContext(language=inputs.language, pages=tuple(pages)))


def render_feed(inputs: ListingInputs, templates: tuple[Path, ...]) -> str:
    """An Atom feed of the newest dated lessons; needs a base URL."""
    dated = sorted((page for page in inputs.pages if page.date), key=lambda page: page.page)
    newest = sorted(dated, key=lambda page: page.date, reverse=True)[:FEED_LENGTH]
    lessons = (
        FedLesson(
            _xml(absolute_url(inputs.base_url, page_target(page.page))),
            _xml(page.title),
            _xml(page.summary),
            _time(page.date),
        )
        for page in newest
    )
    context = FeedContext(
        language=inputs.language,
        course_title=_xml(inputs.course_title),
        home_url=_xml(inputs.base_url),
        feed_url=_xml(absolute_url(inputs.base_url, FEED_NAME)),
        updated=_time(newest[0].date if newest else "1970-01-01"),
        lessons=tuple(lessons),
    )
    return render_template(templates, FEED_NAME, context)


def render_robots(base_url: str, language: str, templates: tuple[Path, ...]) -> str:
    """Everything may be read, and where the sitemap is."""
    address = Markup(absolute_url(base_url, SITEMAP_NAME) if base_url else "")  # noqa: S704  (no HTML)
    return render_template(templates, ROBOTS_NAME, RobotsContext(language=language, sitemap_url=address))


def _time(iso_date: str) -> Markup:
    return _xml(f"{iso_date}T00:00:00Z")


def _xml(text: str) -> Markup:
    """Escaped, and without the characters that no XML may hold."""
    return Markup(escape(_NOT_XML_RE.sub("\N{REPLACEMENT CHARACTER}", text)))  # noqa: S704  (it is escaped)
