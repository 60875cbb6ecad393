"""the text of a source, and fixes -> the mended text."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.errors import Diagnostic, Edit


def is_there(lines: list[str], edit: Edit) -> bool:
    """Whether what an edit replaces stands where it says."""
    if not 0 < edit.line <= len(lines) or edit.column < 1 or not edit.before or "\n" in edit.before:
        return False
    return lines[edit.line - 1].startswith(edit.before, edit.column - 1)


def mend_text(text: str, findings: Iterable[Diagnostic]) -> tuple[str, list[Diagnostic]]:
    """The text with the fixes of these findings, each whole or not at all, and the findings that were mended.

    Of two that want other things of the same characters the second is left.

    >>> found = Diagnostic("m", 1, fix=(Edit(1, 5, "b.md", "c.md"),))
    >>> mend_text("[a](b.md)", [found])[0], mend_text("[a](x.md)", [found])[0]
    ('[a](c.md)', '[a](x.md)')
    """
    lines = text.split("\n")
    taken: dict[int, list[Edit]] = {}
    mended = []
    for found in findings:
        if not found.fix or not all(is_there(lines, edit) for edit in found.fix):
            continue
        new = [edit for edit in dict.fromkeys(found.fix) if edit not in taken.get(edit.line, ())]
        if any(_meet(edit, other) for edit in new for other in taken.get(edit.line, ())):
            continue
        for edit in new:
            taken.setdefault(edit.line, []).append(edit)
        mended.append(found)
    for line, edits in taken.items():
        for edit in sorted(edits, key=lambda edit: -edit.column):
            whole, start = lines[line - 1], edit.column - 1
            after = edit.after.replace("\n", "\r\n") if whole.endswith("\r") else edit.after
            lines[line - 1] = whole[:start] + after + whole[start + len(edit.before) :]
    return "\n".join(lines), mended


def _meet(one: Edit, other: Edit) -> bool:
    return one.column < other.column + len(other.before) and other.column < one.column + len(one.before)
