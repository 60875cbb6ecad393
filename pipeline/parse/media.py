"""Images, sounds and films of a lesson's tree, which have several addresses each."""

from __future__ import annotations

from lxml import etree

from pipeline.patterns import lazy_pattern

_FORM_END_RE = lazy_pattern(r"(?<=\d[wxh]),|,\s+")
MOST_FORMS = 20
"""Of an image, for different screens."""


def read_forms(addresses: str) -> list[tuple[str, str]]:
    """The addresses of a `srcset`, and for which screen each is.

    >>> read_forms("a.png, b.png 2x")
    [('a.png', ''), ('b.png', '2x')]
    """
    forms = [form.strip(" \t\n\r\f,").partition(" ") for form in _FORM_END_RE.split(addresses, MOST_FORMS)]
    return [(address, size.strip()) for address, _, size in forms[:MOST_FORMS] if address]


def close_media(root: etree._Element) -> None:
    """What stands behind a `<source>` or `<track>` is not in it: lxml does not know that they are empty."""
    for element in reversed(list(root.iter("source", "track"))):
        parent, tail = element.getparent(), element.tail
        last, place = element, parent.index(element)
        element.tail, element.text = element.text, None
        for child in list(element):
            place, last = place + 1, child
            parent.insert(place, child)
        if tail:
            last.tail = (last.tail or "") + tail
