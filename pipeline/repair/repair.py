"""text -> RepairedText: the order in which a lesson's lines are looked at."""

from __future__ import annotations

import re

from pipeline.errors import Diagnostic
from pipeline.repair.code import hide_code
from pipeline.values import Repair, RepairedText

# A letter that begins a multi-byte UTF-8 sequence when it is read as one of the single-byte code
# pages, and a character that such a code page has at 80-BF. Sound text that never has the two
# side by side is told apart by one search, before ftfy is even imported (60 ms).
_SUSPICIOUS_RE = re.compile(r"[^\x00-\x7f][^\x00-\x7f]")
_SPLIT_RE = re.compile(r"(?<=\n)")


def repair_text(text: str) -> RepairedText:
    """Undo what can be undone exactly; line by line, because damage need not be everywhere.

    Sound text comes back as the same object. Mojibake inside code is touched only when the prose
    of the lesson is damaged as well: a lesson that quotes it means it.
    """
    if not _SUSPICIOUS_RE.search(text):
        return RepairedText(text)
    from pipeline.repair.undo import looks_damaged, undo_mojibake

    lines = _SPLIT_RE.split(text)
    prose = hide_code(lines)
    if not any(not line.isascii() and looks_damaged(line) for line in prose):
        return RepairedText(text)
    repaired = []
    repairs = []
    diagnostics = []
    for number, line in enumerate(lines, 1):
        undone = None if line.isascii() else undo_mojibake(line)
        if undone is not None:
            repairs.append(Repair(number, line.rstrip("\n"), undone.text.rstrip("\n"), undone.step))
            line = undone.text
        elif not line.isascii() and looks_damaged(line):
            diagnostics.append(
                Diagnostic(
                    f"looks damaged and cannot be undone exactly: {line.strip()[:60]!r}",
                    line=number,
                    hint="mend the words by hand",
                )
            )
        repaired.append(line)
    return RepairedText("".join(repaired), tuple(repairs), tuple(diagnostics))
