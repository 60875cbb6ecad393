"""a course before and after its lessons were parsed -> the keys whose answers are others now, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from pipeline.builder.course.inputs import CourseInputs
from pipeline.builder.course.plan import Plan
from pipeline.builder.course.reads import (
    ANCHORS,
    BRANCHES,
    FILE,
    LESSON,
    LISTED,
    NAME,
    SECTION,
    SIZE,
    TITLE,
    TITLES,
    Key,
)
from pipeline.paths import nfc, page_id, section_of, section_page_id, task_name
from pipeline.section import branches_of, outline_of
from pipeline.values import Card, LessonFacts, Section

_SHOWN = {
    "title": "title",
    "summary": "first sentence",
    "order": "order",
    "date": "date",
    "draft": "draft",
    "links": "links",
    "headings": "headings",
    "lessons": "number of lessons",
}
"""What is told of a lesson, and how it is called; a card has some of it."""


NEW, GONE = "new", "gone"
Cause = tuple[str, str]
"""A lesson, folder or file, and what of it changed: `NEW`, `GONE`, or one of those names."""


class _Folder(NamedTuple):
    """A folder as it was."""

    section: Section | None
    has_page: bool


class Changes:
    """What is watched before tasks run, held against what these left."""

    def __init__(self, inputs: CourseInputs, old: Plan) -> None:
        self._inputs = inputs
        self._plan, self._old = inputs.course.plan, old
        self.lessons: dict[str, LessonFacts | None] = {}
        """Those that are watched, as they were."""
        self._repaired: dict[str, bytes] = {}
        self._accounts: dict[str, str] = {}
        self._digests: dict[str, bytes] = {}
        self._folders: dict[str, _Folder] = {}
        self._sizes: dict[str, tuple[int, ...]] = {}
        self._keys: tuple[tuple[int, int, int], dict[Key, list[Cause]]] | None = None

    def watch_lesson(self, path: str) -> None:
        """A lesson that is to be parsed again, or is gone, and the folders above it."""
        if path not in self.lessons:
            self.lessons[path] = self._inputs.facts(path)
            self._repaired[path] = self._digest_of("repair", path)
            self._accounts[path] = self._account_of(path)
            self._digests[path] = self._digest_of("parse", path)
            for section in dict.fromkeys((*_upwards(self._old, path), *_upwards(self._plan, path))):
                if section not in self._folders:
                    has_page = section in self._old.lessons_in and self._inputs.is_published_section(section, self._old)
                    self._folders[section] = _Folder(self._inputs.section(section), has_page)

    def watch_image(self, path: str) -> None:
        """A file that is to be copied again."""
        self._sizes.setdefault(path, self._inputs.image_size(path))

    # --- what of it is another one now ---

    def pages(self) -> set[str]:
        """The pages of the lessons, as they were and as they are, and of folders that had none and may have one."""
        found = {plan.page_of(path) for path in self.lessons for plan in (self._old, self._plan)}
        new = (section for section in self._folders if section not in self._old.lessons_in)
        return found.union(map(section_page_id, new))

    def listed_otherwise(self) -> list[str]:
        """The folders of the course that list a lesson of which they show something else now, and all above."""
        changed = filter(self._is_listed_otherwise, self.lessons)
        found = {section for path in changed for plan in (self._old, self._plan) for section in _upwards(plan, path)}
        return sorted(found.intersection(self._plan.sections))

    def keys(self) -> dict[Key, list[Cause]]:
        """The keys with another answer, and why; worked out once as long as nothing of it is committed or watched."""
        at = (self._inputs.course.state.changes, len(self.lessons), len(self._sizes))
        if self._keys is None or self._keys[0] != at:
            found = {
                **self._keys_of_files(),
                **{key: why for path in self.lessons for key, why in self._keys_of_lesson(path)},
                **{key: why for section in self._folders for key, why in self._keys_of_folder(section)},
            }
            self._keys = (at, found)
        return self._keys[1]

    def why_lesson(self, path: str) -> list[Cause]:
        """What of a lesson is another now; nothing if it was parsed again and is as it was."""
        before, after = self.lessons.get(path), self._after(path)
        if before is None or after is None:
            return [(path, GONE if after is None else NEW)]
        is_same = self._digests[path] == self._digest_of("parse", path)
        return [] if is_same else _differences(path, before, after, _SHOWN) or [(path, "text")]

    def is_repaired_otherwise(self, path: str) -> bool:
        """Whether the repaired text of a lesson that is watched is another now."""
        return path in self._repaired and self._repaired[path] != self._digest_of("repair", path)

    def is_account_changed(self) -> bool:
        """Whether what was damaged in a lesson that is watched, or how it was read, is another now."""
        return any(account != self._account_of(path) for path, account in self._accounts.items())

    def why_listed(self, section: str) -> list[Cause]:
        """What of its lessons a folder, or one above it, shows otherwise."""
        found = [path for path in self.lessons if self._is_listed_otherwise(path)]
        found = [path for path in found if section in (*_upwards(self._old, path), *_upwards(self._plan, path))]
        return [cause for path in found for cause in self.why_lesson(path)]

    def _keys_of_files(self) -> dict[Key, list[Cause]]:
        old, new = self._old.assets, self._plan.assets
        come = set(old).symmetric_difference(new) if old is not new else set[str]()
        gone = come.intersection(old)
        found = {(FILE, nfc(path)): [(path, GONE if path in gone else NEW)] for path in come}
        for path, size in self._sizes.items():
            if size != self._inputs.image_size(path):
                found[SIZE, path] = [(path, "size")]
        return found

    def _keys_of_lesson(self, path: str) -> Iterator[tuple[Key, list[Cause]]]:
        before, after = self.lessons[path], self._after(path)
        is_moved = self._is_moved(path)
        moved = [(path, GONE if after is None else NEW if before is None else "page")]
        if is_moved or _is_published(before) != _is_published(after):
            yield (LESSON, nfc(path)), moved if is_moved else [(path, "draft")]
        if (before and before.title) != (after and after.title):
            yield (NAME, path), [(path, "title")]
        targets = [facts and (facts.anchors, facts.headings) for facts in (before, after)]
        if is_moved or targets[0] != targets[1]:
            for plan in (self._old, self._plan):
                yield (ANCHORS, plan.page_of(path)), moved if is_moved else [(path, "headings")]

    def _keys_of_folder(self, path: str) -> Iterator[tuple[Key, list[Cause]]]:
        before, had_page = self._folders[path]
        is_there = path in self._plan.lessons_in
        after = self._inputs.section(path) if is_there else None
        has_page = is_there and self._inputs.is_published_section(path)
        name = f"{path}/" if path else "."
        if had_page != has_page:
            yield (SECTION, nfc(path)), [(name, NEW if has_page else GONE)]
        if before == after:
            return
        yield (LISTED, path), self._why_otherwise(name, before, after, _SHOWN)
        if (before and before.title) != (after and after.title):
            yield (TITLE, path), [(name, "title")]
        if (before and outline_of(before)[1]) != (after and outline_of(after)[1]):
            yield (TITLES, path), self._why_otherwise(name, before, after, ("title",))
        if branches_of(before) != branches_of(after):
            yield (BRANCHES, path), self._why_otherwise(name, before, after, ("title",))

    def _why_otherwise(
        self, name: str, before: Section | None, after: Section | None, shown: Iterable[str]
    ) -> list[Cause]:
        if before is None or after is None:
            return [(name, GONE if after is None else NEW)]
        old, new = ({card.page: card for card in (*section.lessons, *section.sections)} for section in (before, after))
        found = [(self._name_of(page), GONE if page in old else NEW) for page in sorted(old.keys() ^ new.keys())]
        for page in sorted(old.keys() & new.keys()):
            found += _differences(self._name_of(page), old[page], new[page], shown)
        return found or [(name, "order")]

    def _name_of(self, page: str) -> str:
        """The lesson or folder of a page, as people call it."""
        known = self._plan.sources.get(page) or self._old.sources.get(page)
        gone = (path for path in self.lessons if page_id(path) == page)
        folder = f"{section_of(page)}/" if self._plan.section_named(page) is not None else page
        return known or next(gone, folder)

    def _digest_of(self, stage: str, path: str) -> bytes:
        record = self._inputs.course.state.record(task_name(stage, path))
        return record.digest if record else b""

    def _account_of(self, path: str) -> str:
        record = self._inputs.course.state.record(task_name("repair", path))
        return record.facts if record else ""

    def _is_listed_otherwise(self, path: str) -> bool:
        return self._is_moved(path) or _card(self.lessons[path]) != _card(self._after(path))

    def _is_moved(self, path: str) -> bool:
        """Whether a lesson came, went, or is another page now."""
        if self._old is self._plan:
            return False
        was, is_there = path in self._old_lessons, path in self._now
        return was != is_there or (was and self._old.page_of(path) != self._plan.page_of(path))

    def _after(self, path: str) -> LessonFacts | None:
        return self._inputs.facts(path) if self._old is self._plan or path in self._now else None

    @cached_property
    def _now(self) -> set[str]:
        return set(self._plan.lessons)

    @cached_property
    def _old_lessons(self) -> set[str]:
        return set(self._old.lessons)


def _upwards(plan: Plan, path: str) -> Iterator[str]:
    """The sections that a lesson is in, and those of its folder, whose page it may be the text of."""
    yield from _with_those_above(plan, plan.section_of(path))
    if path in plan.placed:
        yield from _with_those_above(plan, section_of(path))


def _with_those_above(plan: Plan, section: str) -> Iterator[str]:
    yield from (section, *plan.trail_of(section))


def _card(facts: LessonFacts | None) -> object:
    return facts and (facts.title, facts.summary, facts.order, facts.draft, facts.date, facts.has_text)


def _is_published(facts: LessonFacts | None) -> bool:
    return facts is not None and not facts.draft


def _differences(
    subject: str, before: LessonFacts | Card, after: LessonFacts | Card, shown: Iterable[str]
) -> list[Cause]:
    changed = (name for name in shown if getattr(before, name, None) != getattr(after, name, None))
    return [(subject, _SHOWN[name]) for name in changed]
