"""HTML -> HTML that can do no harm: elements, attributes and schemes by table, through nh3."""

from __future__ import annotations

from collections.abc import Mapping

import nh3

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
    "video": _MEDIA | {"height", "playsinline", "width"},
}
URL_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_ELEMENTS = HTML_TAGS - {"input"}
_CLEANER = nh3.Cleaner(
    tags=set(_ELEMENTS),
    attributes={element: set(names) for element, names in ATTRIBUTES.items()},
    url_schemes=set(URL_SCHEMES),
    link_rel=None,
)


COLLAPSIBLE = "collapsible"
"""Class of an admonition that is to become `<details>` behind the sanitiser; with `open` beside it, an open one."""
DROPPED = ("script", "iframe", "object", "embed", "form", "button", "style")
"""Elements that people write into lessons and that are taken out, with what is in them or without."""


def find_dropped(html: str) -> list[str]:
    """Names of the elements of `DROPPED` in some HTML.

    >>> find_dropped('<p>a</p><iframe src="https://example.org">')
    ['iframe']
    """
    return [name for name in DROPPED if f"<{name}" in html]


def sanitise_html(html: str) -> str:
    """The HTML without scripts, styles, event handlers, forms, comments and unknown schemes.

    >>> sanitise_html('<p onclick="x()">a<script>x()</script></p>')
    '<p>a</p>'
    """
    return _CLEANER.clean(html)
