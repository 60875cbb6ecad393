"""A lesson -> where a line can be put into it that changes nothing around it."""

from __future__ import annotations

import re

_PLAIN_RE = re.compile(r"[^\W\d_]")
_NO_TEXT_RE = re.compile(r"[ \t]|[-*+>|<$#\\`~\[!:=]|\d+[.)]")


def find_place(text: str) -> int | None:
    """The number of a line before which a paragraph can be put; None if there is none that is surely plain text. An
    open fence goes to the end."""
    lines = text.split("\n")
    if "\r" in text or "````" in text:  # fences within fences are for a parser
        return None
    begin = 0
    if lines[0].strip() in ("---", "+++"):
        begin = next((number for number, line in enumerate(lines[1:], 2) if line.strip() == lines[0].strip()), 0)
    fences = comments = 0
    found = []
    for number, line in enumerate(lines):
        fences += line.lstrip(" >").startswith(("```", "~~~"))
        comments += line.count("<!--") - line.count("-->") + line.count("$$") % 2
        around = (lines[number - 1], lines[number + 1]) if 0 < number < len(lines) - 1 else ("", "")
        is_plain = all(_PLAIN_RE.match(other) and not _NO_TEXT_RE.match(other) for other in around)
        if (
            number > begin
            and not line
            and is_plain
            and not fences % 2
            and not comments % 2
            and not around[1].startswith(("===", "---"))
        ):
            found.append(number)
    return found[len(found) // 2] if found else None
