"""HTML -> HTML that can do no harm: elements, attributes and schemes by table, through nh3."""

from __future__ import annotations

import re
from collections.abc import Mapping

import nh3

from pipeline.patterns import NOT_HTML, lazy_pattern

HTML_TAGS = frozenset(
    """
    a abbr acronym area article aside audio b bdi bdo blockquote br caption center cite code col colgroup
    data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr
    i img input ins kbd li map mark nav ol p picture pre q rp rt rtc ruby s samp section small source span strike
    strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var video wbr
    """.split()
)
OLD_TAGS = frozenset("basefont big blink font marquee nobr".split())
"""They go, their text stays."""
_MEDIA = frozenset({"controls", "loop", "muted", "preload", "src"})
"""Nothing plays of its own accord."""
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset({"class", "dir", "id", "lang", "title"}),
    "a": frozenset({"href", "hreflang", "name"}),
    "abbr": frozenset(),
    "audio": _MEDIA,
    "blockquote": frozenset({"cite"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "del": frozenset({"cite", "datetime"}),
    "details": frozenset({"open"}),
    "img": frozenset({"align", "alt", "height", "sizes", "src", "srcset", "width"}),
    "ins": frozenset({"cite", "datetime"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "q": frozenset({"cite"}),
    "source": frozenset({"media", "sizes", "src", "srcset", "type"}),
    **dict.fromkeys("div h1 h2 h3 h4 h5 h6 p table tr".split(), frozenset({"align"})),
    "td": frozenset({"align", "colspan", "rowspan"}),
    "th": frozenset({"align", "colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
    "track": frozenset({"default", "kind", "label", "src", "srclang"}),
    "video": _MEDIA | {"height", "playsinline", "poster", "width"},
}
URL_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_ELEMENTS = HTML_TAGS - {"input"}
_WRITTEN_LARGE = frozenset({"aside"})
"""Written `<Aside>`, it is a component of another meaning."""
# Without the ends of 16 planes: a tenth of the time. The set names few characters below U+10000: `re` counts each.
_RARE_RE = lazy_pattern(f"[{NOT_HTML[:-32]}\U0001fffe-\U0010ffff]")
_NOT_HTML_RE = lazy_pattern(f"[{NOT_HTML}]")
_CLEANER = nh3.Cleaner(
    tags=set(_ELEMENTS),
    attributes={element: set(names) for element, names in ATTRIBUTES.items()},
    url_schemes=set(URL_SCHEMES),
    link_rel=None,
)


CONTAINER = "container"
"""The kind of a note that is none: what is in it shows as if it had no lines around it."""
COLLAPSIBLE = "collapsible"
"""Class of an admonition that is to become `<details>` behind the sanitiser; with `open` beside it, an open one."""
DROPPED = ("script", "iframe", "object", "embed", "form", "button", "style")
"""Elements that people write into lessons and that are taken out, with what is in them or without."""

_KNOWN_TAGS = HTML_TAGS | OLD_TAGS | frozenset(DROPPED)
_DROPPED_RE = lazy_pattern(rf"<({'|'.join(DROPPED)})(?=[\s/>])", re.I)


def is_component(name: str) -> bool:
    """Whether a tag of this name is none of HTML. `Frame` is a component of MDX, and what is in it is text; `Details`
    has the same meaning in both; `TABLE` is HTML as it was once written.

    >>> [is_component(name) for name in ("Steps", "Frame", "Aside", "Details", "TABLE", "script", "SCRIPT")]
    [True, True, True, False, False, False, False]
    """
    known = name.lower()
    if name[:1].isupper() and name[1:].islower():
        return known not in HTML_TAGS - _WRITTEN_LARGE and known not in OLD_TAGS
    return known not in _KNOWN_TAGS


def find_dropped(html: str) -> list[str]:
    """Names of the elements of `DROPPED` in some HTML, as they are written.

    >>> find_dropped('<p>a</p><iframe src="https://example.org">')
    ['iframe']
    """
    return list(dict.fromkeys(_DROPPED_RE.findall(html))) if "<" in html else []


def sanitise_html(html: str) -> str:
    """The HTML without scripts, styles, event handlers, forms, comments and unknown schemes, and without the characters
    that no page may have.

    >>> sanitise_html('<p onclick="x()">a<script>x()</script></p>'), sanitise_html('<a href="java&#1;script:x">b</a>')
    ('<p>a</p>', '<a>b</a>')
    """
    cleaned = _CLEANER.clean(html)
    allowed = only_allowed(cleaned)
    # Nothing may be taken out behind the sanitiser: what was no scheme, with such a character in it, becomes one.
    return cleaned if allowed == cleaned else _CLEANER.clean(allowed)


def only_allowed(text: str) -> str:
    """The text without the characters that no page may have."""
    if text.replace("\n", "").isprintable():
        return text
    return _NOT_HTML_RE.sub("", text) if _RARE_RE.search(text) else text
