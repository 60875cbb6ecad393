"""a course before and after its lessons were parsed -> the keys whose answers are others now, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from pipeline.builder.course.plan import Plan
from pipeline.builder.course.reads import (
    ANCHORS,
    FILE,
    LESSON,
    LISTED,
    NAME,
    SECTION,
    SIZE,
    TITLE,
    TITLES,
    Key,
    number_of,
)
from pipeline.builder.course.whole import WholeInputs
from pipeline.errors import some_of
from pipeline.paths import ROOT_SECTION, ancestors, nfc, section_of, section_page_id, task_name
from pipeline.section import outline_of
from pipeline.values import Card, LessonFacts, Section

_SHOWN = {
    "title": "title",
    "summary": "first sentence",
    "order": "order",
    "date": "date",
    "draft": "draft",
    "links": "links",
    "headings": "headings",
}
"""What is told of a lesson, and how it is called; a card has some of it."""


class _Folder(NamedTuple):
    """A folder as it was."""

    section: Section | None
    has_page: bool


class Changes:
    """What is watched before tasks run, held against what these left."""

    def __init__(self, inputs: WholeInputs, old: Plan) -> None:
        self._inputs = inputs
        self._plan, self._old = inputs.course.plan, old
        self._lessons: dict[str, LessonFacts | None] = {}
        self._repaired: dict[str, bytes] = {}
        self._folders: dict[str, _Folder] = {}
        self._sizes: dict[str, tuple[int, ...]] = {}

    def watch_lesson(self, path: str) -> None:
        """A lesson that is to be parsed again, or is gone, and the folders above it."""
        if path not in self._lessons:
            self._lessons[path] = self._inputs.facts(path)
            self._repaired[path] = self._repaired_digest(path)
            for section in _upwards(path):
                if section not in self._folders:
                    has_page = section in self._old.lessons_in and self._has_page(section, self._old)
                    self._folders[section] = _Folder(self._inputs.section(section), has_page)

    def watch_image(self, path: str) -> None:
        """A file that is to be copied again."""
        self._sizes.setdefault(path, self._inputs.image_size(path))

    # --- what of it is another one now ---

    def pages(self) -> set[str]:
        """The pages of the lessons, as they were and as they are, and of folders that had none and may have one."""
        found = {plan.page_of(path) for path in self._lessons for plan in (self._old, self._plan)}
        new = (section for section in self._folders if section not in self._old.lessons_in)
        return found.union(map(section_page_id, new))

    def listed_otherwise(self) -> list[str]:
        """The folders of the course that list a lesson of which they show something else now, and all above."""
        found = {section for path in self._lessons if self._is_listed_otherwise(path) for section in _upwards(path)}
        return sorted(found.intersection(self._plan.sections))

    def keys(self) -> dict[Key, str]:
        """The keys with another answer, and what has changed, in words."""
        return {
            **self._keys_of_files(),
            **{key: why for path in self._lessons for key, why in self._keys_of_lesson(path)},
            **{key: why for section in self._folders for key, why in self._keys_of_folder(section)},
        }

    def why_lesson(self, path: str) -> str:
        """What of a lesson is another now, in words."""
        before, after = self._lessons.get(path), self._after(path)
        if before is None or after is None:
            return f"{path} is {'gone' if after is None else 'new'}"
        return next(_why(path, before, after, _SHOWN), f"the text of {path} changed")

    def why(self, stage: str, item: str) -> list[str]:
        """What of it a task is made from, in words."""
        state = self._inputs.course.state
        if stage in ("parse", "repairs"):
            changed = [path for path, digest in self._repaired.items() if digest != self._repaired_digest(path)]
            told = [f"the repaired text of {path} changed" for path in changed if stage == "repairs" or path == item]
        elif stage == "index":
            told = [
                self.why_lesson(path)
                for path in self._lessons
                if item in _upwards(path) and self._is_listed_otherwise(path)
            ]
        elif stage == "render":
            source, asked = self._plan.sources.get(item), state.reads(task_name(stage, item))
            told = [self.why_lesson(source)] if source in self._lessons else []
            told += [why for key, why in self.keys().items() if number_of(key) in asked]
        else:
            kinds = (LISTED,) if stage == "former" else (TITLE, TITLES, LISTED)
            told = [why for key, why in self.keys().items() if key[0] in kinds]
            told += map(self.why_lesson, self._lessons) if stage == "search" else ()
        told = list(dict.fromkeys(told))
        return [some_of(told)] if told else []

    def _keys_of_files(self) -> dict[Key, str]:
        old, new = self._old.assets, self._plan.assets
        come = set(old).symmetric_difference(new) if old is not new else set[str]()
        gone = come.intersection(old)
        found = {(FILE, nfc(path)): f"{path} is {'gone' if path in gone else 'new'}" for path in come}
        for path, size in self._sizes.items():
            if size != self._inputs.image_size(path):
                found[SIZE, path] = f"the size of {path} changed"
        return found

    def _keys_of_lesson(self, path: str) -> Iterator[tuple[Key, str]]:
        before, after = self._lessons[path], self._after(path)
        why = self.why_lesson(path)
        is_moved = self._is_moved(path)
        if is_moved or _is_published(before) != _is_published(after):
            yield (LESSON, nfc(path)), why
        if (before and before.title) != (after and after.title):
            yield (NAME, path), why
        targets = [facts and (facts.anchors, facts.headings) for facts in (before, after)]
        if is_moved or targets[0] != targets[1]:
            for plan in (self._old, self._plan):
                yield (ANCHORS, plan.page_of(path)), why

    def _keys_of_folder(self, path: str) -> Iterator[tuple[Key, str]]:
        before, had_page = self._folders[path]
        is_there = path in self._plan.lessons_in
        after = self._inputs.section(path) if is_there else None
        has_page = is_there and self._has_page(path, self._plan)
        if had_page != has_page:
            yield (SECTION, nfc(path)), f"the folder {path} has {'a' if has_page else 'no'} page now"
        if before == after:
            return
        yield (LISTED, path), self._why_listed(path, before, after)
        if (before and before.title) != (after and after.title):
            yield (TITLE, path), f"the title of the folder {path or '.'} changed"
        if (before and outline_of(before)[1]) != (after and outline_of(after)[1]):
            yield (TITLES, path), self._why_listed(path, before, after, ("title",))

    def _why_listed(
        self, path: str, before: Section | None, after: Section | None, shown: Iterable[str] = _SHOWN
    ) -> str:
        if before is None or after is None:
            return f"the folder {path} is {'gone' if after is None else 'new'}"
        old, new = ({card.page: card for card in (*section.lessons, *section.sections)} for section in (before, after))
        told = [f"{self._name_of(page)} is {'gone' if page in old else 'new'}" for page in old.keys() ^ new.keys()]
        for page in old.keys() & new.keys():
            told += _why(self._name_of(page), old[page], new[page], shown)
        return some_of(sorted(told)) or f"the order in the folder {path or '.'} changed"

    def _name_of(self, page: str) -> str:
        return self._plan.sources.get(page) or self._old.sources.get(page) or page

    def _repaired_digest(self, path: str) -> bytes:
        record = self._inputs.course.state.record(task_name("repair", path))
        return record.digest if record else b""

    def _is_listed_otherwise(self, path: str) -> bool:
        return self._is_moved(path) or _card(self._lessons[path]) != _card(self._after(path))

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

    def _has_page(self, section: str, plan: Plan) -> bool:
        if section == ROOT_SECTION:
            return True
        value = self._inputs.section(section)
        source = plan.sources.get(section_page_id(section))
        own = self._inputs.published(source) if source else None
        return bool(value and not value.is_empty) or bool(own and own.has_text)


def _upwards(path: str) -> Iterator[str]:
    section = section_of(path)
    yield from (section, *ancestors(section))


def _card(facts: LessonFacts | None) -> object:
    return facts and (facts.title, facts.summary, facts.order, facts.draft, facts.date, facts.has_text)


def _is_published(facts: LessonFacts | None) -> bool:
    return facts is not None and not facts.draft


def _why(path: str, before: LessonFacts | Card, after: LessonFacts | Card, shown: Iterable[str]) -> Iterator[str]:
    changed = [_SHOWN[name] for name in shown if getattr(before, name, None) != getattr(after, name, None)]
    if changed:
        yield f"the {', '.join(changed)} of {path} changed"
