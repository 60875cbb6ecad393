"""HTML -> HTML that can do no harm: elements, attributes and schemes by table, through nh3."""

from __future__ import annotations

from collections.abc import Mapping

import nh3

HTML_TAGS = frozenset(
    """
    a abbr acronym area article aside b bdi bdo blockquote br caption center cite code col colgroup
    data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr
    i img input ins kbd li map mark nav ol p pre q rp rt rtc ruby s samp section small span strike
    strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
    """.split()
)

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset({"class", "dir", "id", "lang", "title"}),
    "a": frozenset({"href", "hreflang", "name"}),
    "abbr": frozenset(),
    "blockquote": frozenset({"cite"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "del": frozenset({"cite", "datetime"}),
    "details": frozenset({"open"}),
    "img": frozenset({"alt", "height", "src", "width"}),
    "ins": frozenset({"cite", "datetime"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "q": frozenset({"cite"}),
    "td": frozenset({"align", "colspan", "rowspan"}),
    "th": frozenset({"align", "colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
}
URL_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_ELEMENTS = HTML_TAGS - {"input"}
_CLEANER = nh3.Cleaner(
    tags=set(_ELEMENTS),
    attributes={element: set(names) for element, names in ATTRIBUTES.items()},
    url_schemes=set(URL_SCHEMES),
    link_rel=None,
)


def sanitise_html(html: str) -> str:
    """The HTML without scripts, styles, event handlers, forms, comments and unknown schemes.

    >>> sanitise_html('<p onclick="x()">a<script>x()</script></p>')
    '<p>a</p>'
    """
    return _CLEANER.clean(html)
