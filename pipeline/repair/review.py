"""repairs -> what a person should look at."""

from __future__ import annotations

from itertools import accumulate

from pipeline.values import Repair, TextSpan

UNREAD = "unread"
"""The step of a damaged word that has no reading and is left as it is."""


def needs_review(repair: Repair, threshold: float) -> bool:
    """Whether a repair is less sure than the threshold, or damage that nothing could read."""
    return repair.step == UNREAD or repair.confidence < threshold


def find_doubts(text: str, repairs: tuple[Repair, ...], threshold: float) -> tuple[TextSpan, ...]:
    """Where in the repaired text the repairs stand that need review.

    `text` is the text before the repair; `repairs` are all its repairs, in its order.
    """
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    shift = 0
    doubts = []
    for repair in repairs:
        start = starts[repair.line - 1] + repair.column - 1 + shift
        if needs_review(repair, threshold):
            doubts.append(TextSpan(start, start + len(repair.after)))
        shift += len(repair.after) - len(repair.before)
    return tuple(doubts)
