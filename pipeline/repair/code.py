"""text -> the text with its code blanked out, in linear time.

Mojibake and switches that a lesson quotes stand in code.
"""

import re
from bisect import bisect_right

_FENCE_RE = re.compile(r"[ \t>]*(`{3,}(?=[^`]*$)|~{3,})")
_TICKS_RE = re.compile(r"`+")


def blank_code(text: str) -> str:
    """The same text, character for character, with spaces for what stands in code.

    >>> blank_code("a `b` c")
    'a     c'
    """
    shown: list[str] = []
    paragraph: list[str] = []
    fence = ""
    for line in text.split("\n"):
        match = _FENCE_RE.match(line) if "``" in line or "~~" in line else None
        if fence:
            shown.append(" " * len(line))
            if match and match[1].startswith(fence) and not line[match.end() :].strip():
                fence = ""
        elif match or not line.strip():
            shown += _blank_spans(paragraph)
            paragraph = []
            fence = match[1] if match else ""
            shown.append(" " * len(line))
        else:
            paragraph.append(line)
    shown += _blank_spans(paragraph)
    return "\n".join(shown)


def _blank_spans(lines: list[str]) -> list[str]:
    """The lines of a paragraph with their code spans blanked: a run of back-ticks ends at the next as long."""
    text = "\n".join(lines)
    if "`" not in text:
        return lines
    runs = [match.span() for match in _TICKS_RE.finditer(text)]
    starts_by_length: dict[int, list[int]] = {}
    for start, end in runs:
        starts_by_length.setdefault(end - start, []).append(start)
    pieces: list[str] = []
    done = 0
    for start, end in runs:
        same = starts_by_length[end - start]
        at = bisect_right(same, start)
        if start < done or at == len(same):
            continue
        stop = same[at] + end - start
        pieces += [text[done:start], re.sub(r"[^\n]", " ", text[start:stop])]
        done = stop
    return "".join([*pieces, text[done:]]).split("\n")
