"""text -> whether its front matter says `repair: off`.

Asked before the text is repaired, so the front matter cannot be read as YAML yet: it may be
damaged itself. The name and the value are ASCII and survive any damage.
"""

from __future__ import annotations

import re

from pipeline.patterns import lazy_pattern

_OFF_RE = lazy_pattern(
    r"\A(?:ï»¿|[\s\ufeff])*(?:---|\+\+\+)[ \t]*\r?\n(?:(?!---|\.\.\.|\+\+\+).*\n)*?"
    r"repair[ \t]*[:=][ \t]*[\"']?(?:off|false|no)\b",
    re.I,
)


def is_repair_off(text: str) -> bool:
    """Whether a lesson asks to be taken as it is.

    >>> is_repair_off("---\\ntitle: x\\nrepair: off\\n---\\n")
    True
    """
    return _OFF_RE.match(text) is not None
