"""Attribute lists behind headings, blocks and spans: Python-Markdown's, but for what is prose."""

from __future__ import annotations

import re

from markdown.extensions.attr_list import AttrListTreeprocessor

from pipeline.parse.sanitise import ATTRIBUTES

# Other names may be prose: a sum whose TeX lost its signs is `*∑*{i=1}^{n}`.
_NAMES = "|".join(
    sorted({"target", "rel", "loading", "style", *(name for names in ATTRIBUTES.values() for name in names)})
)
_LIST_RE = r"\{(?=:[ ]*(?:[.#][\w-]|[\w-]+=)|[ ]*(?:#[\w-]|\.[^\W\d]|\.-|KEY))\:?[ ]*+([^{}\n ][^{}\n]*+)\}"


class AttributeLists(AttrListTreeprocessor):
    """`{: …}`, `{#id}`, `{ .class }` and behind an element `{ width=300 }` are attributes; `## Tập hợp {1, 2, 3}` and
    `## Nghiệm {x=1}` are headings."""

    BASE_RE = _LIST_RE.replace("KEY", r"data-[\w-]+=")  # type: ignore[misc]
    HEADER_RE = re.compile(rf"(?<! )[ ]++{BASE_RE}[ ]*+$")  # type: ignore[misc]
    BLOCK_RE = re.compile(rf"\n[ ]*+{BASE_RE}[ ]*+$")  # type: ignore[misc]
    INLINE_RE = re.compile("^" + _LIST_RE.replace("KEY", rf"(?:{_NAMES}|data-[\w-]+)="))  # type: ignore[misc]
