"""text -> which of its characters are code.

Mojibake that a lesson about mojibake quotes stands in code. Damage, on the other hand, does not
stop at a back-tick: so code is looked at only when the prose around it is damaged too.
"""

from __future__ import annotations

import re

FENCE_RE = re.compile(r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})")
_CODE_SPAN_RE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def hide_code(lines: list[str]) -> list[str]:
    """The same lines with fenced blocks and code spans replaced by nothing.

    >>> hide_code(["a `x` b", "```", "c", "```"])
    ['a  b', '', '', '']
    """
    shown = []
    fence = ""
    for line in lines:
        match = FENCE_RE.match(line)
        if fence:
            closes = match and match["fence"].startswith(fence)
            if closes and not line[match.end() :].strip():  # type: ignore[union-attr]
                fence = ""
            shown.append("")
        elif match:
            fence = match["fence"]
            shown.append("")
        else:
            shown.append(_CODE_SPAN_RE.sub("", line) if "`" in line else line)
    return shown
