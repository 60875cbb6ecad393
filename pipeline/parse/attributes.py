"""Attribute lists behind headings, blocks and spans: Python-Markdown's, but for what is prose."""

from __future__ import annotations

import re

from markdown.extensions.attr_list import AttrListTreeprocessor


class AttributeLists(AttrListTreeprocessor):
    """`{: …}`, `{#id}` and `{ .class }` are attributes; `## Tập hợp {1, 2, 3}` is a heading."""

    BASE_RE = r"\{(?=:|[ ]*(?:#[\w-]|\.[^\W\d]|\.-))\:?[ ]*([^\}\n ][^\}\n]*)[ ]*\}"  # type: ignore[misc]
    HEADER_RE = re.compile(rf"[ ]+{BASE_RE}[ ]*$")  # type: ignore[misc]
    BLOCK_RE = re.compile(rf"\n[ ]*{BASE_RE}[ ]*$")  # type: ignore[misc]
    INLINE_RE = re.compile(rf"^{BASE_RE}")  # type: ignore[misc]
