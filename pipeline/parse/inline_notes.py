"""Markdown text -> the same, where a note that is written in its place, `^[a note]`, is a footnote as any other."""

from pipeline.parse.verbatim import hide_code
from pipeline.patterns import lazy_pattern

_NOTE_RE = lazy_pattern(r"(?<![\\^\[])\^\[((?:[^\[\]\n]|(?<!\\)\[[^\[\]\n]*\])+)\]")
_INDENTED_RE = lazy_pattern(r"(?m)^(?:\t| {4,}).*$")
_WORD_RE = lazy_pattern(r"[^\W\d_]{2}")


def name_inline_notes(text: str) -> str:
    """The text, whose notes stand at its end.

    >>> name_inline_notes("Một^[hai *ba*] `^[a b c]`")
    'Một[^inline-1] `^[a b c]`\\n\\n[^inline-1]: hai *ba*\\n'
    """
    shown = _INDENTED_RE.sub(lambda line: " " * len(line[0]), hide_code(text))
    # `x^[n]` is an exponent, and `^[a-z]` a pattern.
    found = [match for match in _NOTE_RE.finditer(shown) if " " in match[1].strip() and _WORD_RE.search(match[1])]
    if not found:
        return text
    label = "inline"
    while f"[^{label}-" in text:
        label += "-note"
    parts, notes, end = list[str](), list[str](), 0
    for number, match in enumerate(found, 1):
        parts += [text[end : match.start()], f"[^{label}-{number}]"]
        notes.append(f"[^{label}-{number}]: {text[match.start(1) : match.end(1)]}\n")
        end = match.end()
    return "\n\n".join(["".join([*parts, text[end:]]), *notes])
