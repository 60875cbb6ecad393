"""text -> the text with its code blanked out, in linear time.

Mojibake and switches that a lesson quotes stand in code: in fences, indented, between back-ticks or in HTML.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

_FENCE_RE = re.compile(r"[ \t>]*(`{3,}(?=[^`]*$)|~{3,})")
_PRE_RE = re.compile(r"<(/?)pre\b", re.IGNORECASE)
_INDENT = ("    ", "\t")
# What holds indented text that is no code: lists, notes, definitions.
_HOLDER_RE = re.compile(r" {0,3}(?:[-*+:]|\d+[.)]|!!!|\?\?\?\+?|===|\[\^[^\]]+\]:)(?:[ \t]|$)")
_TICKS_RE = re.compile(r"`+")
_TAG_RE = re.compile(r"<(/?)(pre|code|kbd|samp|tt)\b[^<>]*>", re.IGNORECASE)


def blank_code(text: str) -> str:
    """The same text, character for character, with spaces for what stands in code.

    >>> blank_code("a `b` <code>c</code> d")
    'a                    d'
    """
    return "\n".join(outside_code(text))


def outside_code(text: str) -> Iterator[str]:
    """Yield the lines of a text with spaces for what stands in code."""
    paragraph: list[str] = []
    fence: str = ""
    in_pre = held = False
    for line in text.split("\n"):
        match = _FENCE_RE.match(line) if "``" in line or "~~" in line else None
        blank = not line.strip()
        if fence:
            if match and match[1].startswith(fence) and not line[match.end() :].strip():
                fence = ""
        elif in_pre:
            in_pre = _ends_in_pre(line, in_pre)
        elif match or blank or (not paragraph and not held and line.startswith(_INDENT)):
            yield from _blank_spans(paragraph)
            paragraph = []
            fence = match[1] if match else ""
        elif "<" in line and _ends_in_pre(line):
            yield from _blank_spans(paragraph)
            paragraph, in_pre = [], True
        else:
            if not line.startswith(_INDENT):
                held = _HOLDER_RE.match(line) is not None or (held and bool(paragraph))
            paragraph.append(line)
            continue
        yield " " * len(line)
    yield from _blank_spans(paragraph)


def _ends_in_pre(line: str, before: bool = False) -> bool:
    tags = _PRE_RE.findall(line)
    return not tags[-1] if tags else before


def _blank_spans(lines: list[str]) -> list[str]:
    """The lines of a paragraph with their code spans and code elements blanked."""
    text = "\n".join(lines)
    if "`" in text:
        text = _blank_ticks(text)
    if "</" in text:
        text = _blank_elements(text)
    return text.split("\n") if lines else []


def _blank_ticks(text: str) -> str:
    """Blank code spans: a run of back-ticks ends at the next as long."""
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
        pieces += [text[done:start], _blank(text[start:stop])]
        done = stop
    return "".join([*pieces, text[done:]])


def _blank_elements(text: str) -> str:
    """Blank the elements of code, each from its start tag to the next end tag of its name."""
    pieces: list[str] = []
    done, name, start = 0, "", 0
    for match in _TAG_RE.finditer(text):
        if not name and not match[1]:
            name, start = match[2].lower(), match.start()
        elif match[1] and match[2].lower() == name:
            pieces += [text[done:start], _blank(text[start : match.end()])]
            done, name = match.end(), ""
    return "".join([*pieces, text[done:]])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
