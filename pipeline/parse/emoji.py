"""`:tada:` in the text of a lesson's tree -> the emoji that GitHub has by this name.

Icons of Material for MkDocs (`:material-cog:`) are pictures of another program: they are left out.
"""

from __future__ import annotations

import re

from lxml import etree

from pipeline.errors import IN_LESSONS, Diagnostic
from pipeline.parse.pieces import ESCAPED
from pipeline.patterns import lazy_pattern

_NAME_RE = lazy_pattern(rf"(?<![\w{ESCAPED}]):[a-z0-9+-][a-z0-9_+-]*:(?!\w)")  # `a:b:c` is a list of settings
_ICON_RE = lazy_pattern(rf"(?<!{ESCAPED}):(?:material|fontawesome|octicons|simple)-[a-z0-9-]+:(?:\{{[^{{}}]*\}})?")
_VERBATIM_TAGS = frozenset("code pre kbd samp script style".split())
ICONS = Diagnostic(
    "icons of Material for MkDocs, such as :material-cog:, are left out",
    hint="use an emoji or words",
    path=IN_LESSONS,
    code="material-icon",
)


def show_emoji(root: etree._Element) -> bool:
    """Put emoji in the place of their names, in place; whether icons were left out."""
    from pymdownx.gemoji_db import aliases, emoji  # few lessons have any

    has_icons = False

    def show(found: re.Match[str]) -> str:
        entry = emoji.get(aliases.get(found[0], found[0]), {})
        known = entry.get("unicode_alt") or entry.get("unicode")
        return "".join(chr(int(code, 16)) for code in known.split("-")) if known else found[0]

    def replaced(text: str | None) -> str | None:
        nonlocal has_icons
        if not text or ":" not in text:
            return text
        text, icons = _ICON_RE.subn("", text)
        has_icons = has_icons or icons > 0
        return _NAME_RE.sub(show, text)

    verbatim = set[etree._Element]()
    for element in root.iter(etree.Element):
        inside = element.getparent() in verbatim
        is_address = element.tag == "a" and (element.get("href") or "").endswith(element.text or "")
        is_formula = (element.get("class") or "").startswith("math ")
        if inside or element.tag in _VERBATIM_TAGS or is_formula or (is_address and element.text):
            verbatim.add(element)
        else:
            element.text = replaced(element.text)
        if not inside and element is not root:
            element.tail = replaced(element.tail)
    return has_icons
