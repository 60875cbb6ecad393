"""`404.html`, and the pages at former paths that lead to the present ones."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from markupsafe import Markup

from pipeline.locale import translator
from pipeline.page.context import PageContext, PageLink
from pipeline.page.frame import (
    BASE_POLICY,
    BASE_SCRIPT,
    REDIRECT_POLICY,
    REDIRECT_SCRIPT,
    absolute_url,
    frame_values,
    with_style,
)
from pipeline.page.template import Context, render_template
from pipeline.paths import MISSING_NAME, page_target, relative_url, url_quote
from pipeline.site_values import MissingInputs, RedirectInputs


class RedirectContext(Context):
    """All that `redirect.html` is given."""

    language: str
    """BCP 47 tag of the course."""
    course_title: str
    title: str
    """Title of the page it leads to."""
    url: str
    """Relative URL of that page."""
    canonical_url: str
    """Published address of that page; its relative URL without `base_url`."""
    policy: Markup
    """Content security policy: nothing but the script."""
    script: Markup
    """Goes to the page at once, to the heading that the old address named."""


class MissingContext(PageContext):
    """What `missing.html` is given besides."""

    base: str
    """Where the top of the site is on its host; the URLs of this page begin there."""
    base_script: Markup
    """The one inline script that its policy allows: on a disk the page has no base."""


def render_missing(inputs: MissingInputs, templates: tuple[Path, ...]) -> str:
    """The page a server shows instead of one that does not exist, at whatever address: its links
    begin at the top of the site."""
    frame = frame_values(
        MISSING_NAME,
        language=inputs.language,
        course_title=inputs.course_title,
        title=translator(inputs.language, templates)("Page not found"),
        statics=inputs.statics,
        look=inputs.look,
    )
    links = (PageLink(card.title, url_quote(page_target(card.page))) for card in inputs.quick_links)
    frame |= {
        "quick_links": tuple(links),
        "base_script": BASE_SCRIPT,
        "policy": with_style(BASE_POLICY, inputs.look.style),
    }
    return render_template(
        templates, "missing.html", MissingContext(**frame, base=urlsplit(inputs.base_url).path or "/")
    )


def render_redirect(inputs: RedirectInputs, templates: tuple[Path, ...]) -> str:
    """The page at a former path of a lesson."""
    target = page_target(inputs.page)
    url = relative_url(inputs.target, target)
    context = RedirectContext(
        language=inputs.language,
        course_title=inputs.course_title,
        title=inputs.title,
        url=url,
        canonical_url=absolute_url(inputs.base_url, target) or url,
        policy=REDIRECT_POLICY,
        script=REDIRECT_SCRIPT,
    )
    return render_template(templates, "redirect.html", context)
