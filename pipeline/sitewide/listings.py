"""published pages -> `sitemap.xml`, `feed.xml` and `robots.txt`."""

from __future__ import annotations

import re
from html import escape

from pipeline.page.frame import absolute_url
from pipeline.paths import FEED_NAME, SITEMAP_NAME, page_target
from pipeline.site_values import DatedPage, ListingInputs

FEED_LENGTH = 20
"""Lessons in the feed: what a reader may have missed, not the whole course."""

_XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_NOT_XML_RE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_sitemap(inputs: ListingInputs) -> str:
    """A sitemap (sitemaps.org 0.9) of all pages; needs a base URL."""
    rows = []
    for page in inputs.pages:
        changed = f"<lastmod>{_xml(page.date)}</lastmod>" if page.date else ""
        rows.append(f"<url><loc>{_xml(absolute_url(inputs.base_url, page_target(page.page)))}</loc>{changed}</url>\n")
    return f'{_XML_HEAD}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{"".join(rows)}</urlset>\n'


def render_feed(inputs: ListingInputs) -> str:
    """An Atom feed (RFC 4287) of the newest dated lessons; needs a base URL.

    The same inputs give the same feed: the time of the feed is that of its newest lesson.
    """
    dated = sorted((page for page in inputs.pages if page.date), key=lambda page: page.page)
    newest = sorted(dated, key=lambda page: page.date, reverse=True)[:FEED_LENGTH]
    changed = _time(newest[0].date if newest else "1970-01-01")
    own = absolute_url(inputs.base_url, FEED_NAME)
    entries = "".join(_entry(page, inputs.base_url) for page in newest)
    return (
        f'{_XML_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{_xml(inputs.language)}">\n'
        f"<id>{_xml(inputs.base_url)}</id>\n<title>{_xml(inputs.course_title)}</title>\n"
        f"<author><name>{_xml(inputs.course_title)}</name></author>\n<updated>{changed}</updated>\n"
        f'<link rel="self" href="{_xml(own)}"/>\n<link href="{_xml(inputs.base_url)}"/>\n{entries}</feed>\n'
    )


def _entry(page: DatedPage, base_url: str) -> str:
    url = _xml(absolute_url(base_url, page_target(page.page)))
    summary = f"<summary>{_xml(page.summary)}</summary>" if page.summary else ""
    return (
        f'<entry><id>{url}</id><title>{_xml(page.title)}</title><link href="{url}"/>'
        f"<updated>{_time(page.date)}</updated>{summary}</entry>\n"
    )


def render_robots(base_url: str) -> str:
    """Everything may be read, and where the sitemap is. Robots ask for it at the top of a host only."""
    sitemap = f"Sitemap: {absolute_url(base_url, SITEMAP_NAME)}\n" if base_url else ""
    return f"User-agent: *\nDisallow:\n{sitemap}"


def _time(iso_date: str) -> str:
    return f"{iso_date}T00:00:00Z"


def _xml(text: str) -> str:
    """Escaped, and without the characters that no XML may hold."""
    return escape(_NOT_XML_RE.sub("\N{REPLACEMENT CHARACTER}", text))
