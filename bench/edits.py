#!/usr/bin/env python3
"""A course -> the edits that are timed, the same for every builder.

Each case changes lessons of the first two sections, 30 lessons each, and names what a page must
show when the edit has arrived, so that a builder that did nothing is not taken for a fast one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from courses import Seed, lesson_path
from figures import ADDED, BODY, MENDED, NOTHING, REMOVED, RENAMED, TITLE

Changes = dict[str, str | None]
"""Lessons to write, or to remove where there is no text."""
FEWEST_LESSONS = 60
_EDITED, _RETITLED, _FAULTY, _RENAMED = lesson_path(2), lesson_path(3), lesson_path(6), lesson_path(34)
_FAULT = "---\ntitle: [\n---\n"
"""Front matter that is not YAML: Hugo refuses it, others warn, as we do, or take it for text."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit, ready to be written."""

    changes: Changes
    page: str = ""
    """A lesson that has a page afterwards, ..."""
    shows: str = ""
    """... with these words in it."""
    gone: str = ""
    """A lesson that has no page any more."""
    before: Changes = field(default_factory=dict)
    """What is written and built first, untimed, whatever comes of it."""


class Editor:
    """Makes the edits of one course, in the order of `CASES`.

    A builder may leave out the last edits of each case: what is removed first was added first, and a
    lesson's text has all that was written into it before.
    """

    def __init__(self, lessons: int, seed: Seed) -> None:
        self._lessons = lessons
        self._seed = seed
        self._texts = {lesson_path(number): seed.lesson(number) for number in (2, 3, 6, 34)}
        self._renamed = _RENAMED
        self._added: list[str] = []

    def nothing(self, number: int) -> Edit:
        return Edit({})

    def body(self, number: int) -> Edit:
        return self._append(_EDITED, f"Thêm câu {number}.")

    def title(self, number: int) -> Edit:
        title = f"Tên mới {number}"
        lines = self._texts[_RETITLED].split("\n")
        place = next(place for place, line in enumerate(lines) if line.startswith("# "))
        lines[place] = f"# {title}"
        return Edit(self._write(_RETITLED, "\n".join(lines)), _RETITLED, title)

    def add(self, number: int) -> Edit:
        path = f"module_0000/added_{number}.md"
        self._added.append(path)
        title = f"Bài thêm {number}"
        return Edit({path: f"# {title}\n\n{self._seed.lesson(self._lessons + number)}"}, path, title)

    def remove(self, number: int) -> Edit:
        path = self._added.pop(0)
        return Edit({path: None}, gone=path)

    def rename(self, number: int) -> Edit:
        old, new = self._renamed, f"module_0001/renamed_{number}.md"
        self._renamed = new
        return Edit({old: None, new: self._texts[_RENAMED]}, new, "<", gone=old)

    def mend(self, number: int) -> Edit:
        fault = {_FAULTY: _FAULT + self._texts[_FAULTY]}
        mended = self._append(_FAULTY, f"Sửa lần {number}.")
        return Edit(mended.changes, mended.page, mended.shows, before=dict(fault))

    def _append(self, path: str, words: str) -> Edit:
        return Edit(self._write(path, f"{self._texts[path].rstrip()}\n\n{words}\n"), path, words)

    def _write(self, path: str, text: str) -> Changes:
        self._texts[path] = text
        return {path: text}


EDITS: dict[str, Callable[[Editor, int], Edit]] = {
    NOTHING: Editor.nothing,
    BODY: Editor.body,
    TITLE: Editor.title,
    ADDED: Editor.add,
    REMOVED: Editor.remove,
    RENAMED: Editor.rename,
    MENDED: Editor.mend,
}
"""What is timed after the first build, in this order: `remove` removes what `add` added."""
