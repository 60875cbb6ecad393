"""line -> line: damage in any language with nothing lost, by ftfy's heuristic (Robyn Speer, Apache-2.0).

The engine's own model knows Vietnamese; for every other language ftfy's judgement of what is damaged is the best there
is, so a line that the engine does not claim is asked of it. Imported only when such a line turns up.
"""

from typing import NamedTuple

STEP = "general"
LOSSLESS = 0.95
# Of 5,600 lines of other languages that lost bytes 26 in 100 were right as a whole; of those that keep damage none is.
LOSSY, HALF_MENDED = 0.2, 0.01
# A line that was misread several times.
AGAIN = 0.5


class Span(NamedTuple):
    """A changed part of a line: start and end in it, the new text, and how sure that is."""

    start: int
    end: int
    after: str
    confidence: float


def fix_line(line: str) -> Span | None:
    """Return the part of the line that ftfy changes, None when it leaves it alone."""
    from ftfy import fix_encoding_and_explain

    fixed = fix_encoding_and_explain(line)
    if fixed.text == line:
        return None
    sure = "\ufffd" not in fixed.text and all(step[0] in ("encode", "decode") for step in fixed.explanation or ())
    return find_span(line, fixed.text, LOSSLESS if sure else LOSSY)


def find_span(line: str, after: str, confidence: float) -> Span:
    """Return the words of the line that differ from `after`, from the first to the last."""
    start = 0
    shortest = min(len(line), len(after))
    while start < shortest and line[start] == after[start]:
        start += 1
    while start and not line[start - 1].isspace():
        start -= 1
    end = 0
    while end < shortest - start and line[-1 - end] == after[-1 - end]:
        end += 1
    while end and not line[len(line) - end].isspace():
        end -= 1
    # 'ï»¿' was a mark of the byte order, which no text has within it.
    return Span(start, len(line) - end, after[start : len(after) - end].replace("\ufeff", ""), confidence)
