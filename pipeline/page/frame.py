"""where a page is -> what stands around every page: addresses, policy, data for search engines."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from pipeline.paths import STATIC_FOLDER, relative_url, url_quote
from pipeline.values import Look, Statics

BASE_SCRIPT = Markup('if(location.protocol=="file:")document.querySelector("base").remove()')
"""For a page with a `<base>`: on a disk, where it is at the top of the site, this would lead to the disk's."""

REDIRECT_SCRIPT = Markup('location.replace(document.querySelector("link[rel=next]").href+location.hash)')
"""Behind the link to the new page: a refresh would lose the heading that the old address named."""


def _source_of(script: str) -> str:
    """What allows an inline script. Between double quotes, of which it has none."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def with_style(policy: Markup, style: str) -> Markup:
    """A policy that allows the style that a course has chosen, and no other inline."""
    return policy + Markup(f"; style-src 'self' {_source_of(style)}") if style else policy  # noqa: S704  (a digest)


POLICY = Markup("default-src 'self'; img-src * data:; media-src *; form-action 'none'; base-uri 'none'")
"""Lessons may show pictures of other hosts; scripts and styles are the site's own, none inline."""
BASE_POLICY = Markup(  # noqa: S704  (a digest)
    POLICY.replace("; base-uri 'none'", f"; script-src 'self' {_source_of(BASE_SCRIPT)}")
)
REDIRECT_POLICY = Markup(  # noqa: S704
    f"default-src 'none'; script-src {_source_of(REDIRECT_SCRIPT)}; img-src data:; base-uri 'none'; form-action 'none'"
)

ICON_NAME = "favicon.svg"
_write_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_JSON_ESCAPES = tuple((character, f"\\u{ord(character):04x}") for character in "<>&\u2028\u2029")


def root_url_of(target: str) -> str:
    """The URL that leads from an output file to the top of the output.

    >>> root_url_of("a/b.html"), root_url_of("index.html")
    ('../', './')
    """
    return "../" * target.count("/") or "./"


def static_urls(root_url: str, statics: Statics) -> dict[str, str]:
    """The URL of each of the site's own files by its plain name."""
    return {name: f"{root_url}{STATIC_FOLDER}/{url_quote(hashed)}" for name, hashed in statics}


def absolute_url(base_url: str, target: str) -> str:
    """The published address of an output file; an index is its folder. `""` without a base URL.

    >>> absolute_url("https://example.org/k/", "a/index.html")
    'https://example.org/k/a/'
    """
    if not base_url:
        return ""
    folder, _, name = target.rpartition("/")
    if name == "index.html":
        target = f"{folder}/" if folder else ""
    return base_url + url_quote(target)


def frame_values(
    target: str,
    *,
    language: str,
    course_title: str,
    title: str,
    description: str = "",
    base_url: str = "",
    statics: Statics = (),
    trusted_html: bool = False,
    look: Look = Look(),  # noqa: B008  (it is frozen)
) -> dict[str, Any]:
    """The fields of `PageContext` but the links, for the output file `target`."""
    root = root_url_of(target)
    return {
        "language": language,
        "course_title": course_title,
        "title": title,
        "description": description,
        "page": "",
        "root_url": root,
        "home_url": relative_url(target, "index.html"),
        "static": static_urls(root, statics),
        "canonical_url": absolute_url(base_url, target),
        "policy": Markup("") if trusted_html else with_style(POLICY, look.style),
        "style": Markup(look.style),  # noqa: S704  (`look.py` writes it, of values that the settings allow)
        "icon_url": _icon_url(root, target, statics, look),
        "logo_url": relative_url(target, look.logo) if look.logo else "",
        "footer": look.footer,
        "markdown_url": "",
        "structured_data": Markup(""),
        "breadcrumbs": (),
        "quick_links": (),
        "branches": (),
    }


def _icon_url(root: str, target: str, statics: Statics, look: Look) -> str:
    """The course's own sign in the browser's tab; `""` if it has none."""
    if look.icon:
        return relative_url(target, look.icon)
    own = next((hashed for name, hashed in statics if name == ICON_NAME), None)
    return f"{root}{STATIC_FOLDER}/{url_quote(own)}" if own is not None else ""


def json_in_html(value: object) -> Markup:
    """JSON that no `</script>` in a title can end.

    >>> json_in_html({"name": "</script>"})
    Markup('{"name":"\\\\u003c/script\\\\u003e"}')
    """
    text = _write_json(value)
    for character, escaped in _JSON_ESCAPES:  # str.translate takes ten times as long
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704  (escaped just now)
