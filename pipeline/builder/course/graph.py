"""One course for one run: what its tasks are made from, and whether they are up to date.

What is asked here is what a task is then made from (`stages/`): there is no second list of dependencies that could
disagree.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pipeline.builder.course.ahead import Ahead, Job, work_on_page, work_on_text
from pipeline.builder.course.course import Course
from pipeline.builder.course.inputs import CourseInputs
from pipeline.builder.course.reads import PART, REFUSED, number_of, pack_keys
from pipeline.builder.course.renames import Renames
from pipeline.builder.course.whole import WholeInputs
from pipeline.builder.course.work import INCLUDES, digest_part, do_lesson
from pipeline.builder.disk.sources import digest_source, limit_of, read_source
from pipeline.builder.disk.sweep import FileStamp
from pipeline.errors import Diagnostic, SourceError
from pipeline.paths import ancestors, item_of, nfc, task_name
from pipeline.values import PageInputs, encode

if TYPE_CHECKING:
    from pipeline.builder.course.stage import Stage

FARTHEST_LOOK = 500
"""Tasks that are looked through for work that can be done ahead."""


class PageWork(NamedTuple):
    """What a page is made from."""

    inputs: PageInputs
    encoded: bytes
    """The same."""
    reads: bytes
    """Keys of what it shows of the rest of the course, packed."""


class Graph:
    """The tasks of one course for one run: what they are made from, and whether that has changed."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.renames = Renames(course)
        """Lessons that stand elsewhere now."""
        self.inputs = CourseInputs(course, lambda: self.whole.former_targets(), self.stage_facts)
        """What lessons, sections and pages are made from."""
        self.whole = WholeInputs(self.inputs, self.renames)
        """What the files for the whole site are made from."""
        self.ahead = Ahead(course, self._find_jobs)
        self.redated = frozenset[str]()
        """Lessons that git gives other dates than when the last build was finished, as far as only these are asked."""
        self.spoiled: set[str] | None = None
        """The targets that are not what was written, when that is known without a look at each."""
        self._told_of_all: set[Diagnostic] = set()
        self._page_cache: dict[str, tuple[int, PageWork]] = {}
        self._by_nfc: dict[str, dict[str, str]] = {}
        self.may_have_orphans = True
        """Whether a file of the output may be one that nothing makes any more."""
        self.has_turned = False
        """Whether this run made a page that was not there, or one is there no more: settings may name its lesson."""

    # --- what is wrong with what every page is made with ---

    def template_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Blocks of templates that are shown nowhere, and what cannot be read of the course's own words."""
        from pipeline.locale.faults import check_course_catalogue
        from pipeline.page.blocks import check_blocks

        folders = self.course.location.template_folders
        words = check_course_catalogue(self.course.settings.language, folders)
        return (*words, *check_blocks(folders, self.course.fingerprints.template_texts))

    def asks_of_templates(self) -> bool:
        """Whether a run is to tell it: once, if it makes a page and may do so because a template has changed."""
        is_asked_first, self._asks_of_templates = self._asks_of_templates, False
        # With the seal of the last build at hand, only lessons and files can have changed.
        return is_asked_first and self.spoiled is None

    _asks_of_templates = True

    def is_to_tell(self, told: Diagnostic) -> bool:
        """Whether a run tells this: no notes, and a warning that is about all lessons once."""
        if told.severity == "warning" and told.path:
            if told in self._told_of_all:
                return False
            self._told_of_all.add(told)
        return told.severity != "note"

    # --- is it up to date? ---

    def is_current(self, stage: str, item: str) -> bool:
        """Whether a task would do again what it did last time."""
        return not self.why_stale(stage, item)

    def why_stale(self, stage: str, item: str) -> str:
        """Why a task must run, in words; `""` if it need not."""
        record, kind = self.course.state.record(task_name(stage, item)), self.stages[stage]
        if record is None:
            return "it never ran"
        if record.failed:
            return "it failed"
        if not record.inputs:
            return "it was forgotten, or interrupted"
        if record.inputs != kind.inputs_digest(self, item):
            return kind.why
        if kind.is_bundle and not self.is_bundle_intact(task_name(stage, item)):
            return "a file it made is not what was written"
        target = kind.target(self.course, item)
        if target is None or not kind.wrote_target(record):
            return ""
        path = self.course.location.output / target
        if self.course.state.files.target_is_intact(target, path):
            return ""
        return f"{target} is not what was written"

    def is_bundle_intact(self, task: str) -> bool:
        """Whether every file that a task of many files wrote is there."""
        if self.spoiled is not None and not self.spoiled:
            return True
        output = self.course.location.output
        targets = self.course.state.files.targets_of(task)
        doubtful = targets if self.spoiled is None else self.spoiled.intersection(targets)
        return all(self.course.state.files.target_is_intact(target, output / target) for target in doubtful)

    # --- the stages ---

    @property
    def stages(self) -> dict[str, Stage]:
        """The stages by name."""
        return self.course.definitions.stages

    @property
    def shown_stages(self) -> list[Stage]:
        """Those whose facts of a lesson its page may show."""
        return [stage for stage in self.stages.values() if stage.is_shown]

    def stage_facts(self, source: str) -> tuple[tuple[str, str], ...]:
        """What stages left of a lesson for its page to show."""
        found = ((stage.name, self.course.state.record(task_name(stage.name, source))) for stage in self.shown_stages)
        return tuple((name, record.facts) for name, record in found if record is not None)

    def items_by_nfc(self, stage: str) -> dict[str, str]:
        """The items of a stage, by their names in NFC."""
        if stage not in self._by_nfc:
            self._by_nfc[stage] = {nfc(item): item for item in self.stages[stage].items(self.course.plan)}
        return self._by_nfc[stage]

    # --- what tasks are made from ---

    def parts_of(self, path: str) -> list[tuple[str, bytes]]:
        """The files that a lesson asked for last time, and the digests of what is there now."""
        return [(part, self._part_digest(part)) for part, _ in self.parts_before(path)]

    def parts_before(self, path: str) -> list[tuple[str, bytes]]:
        """The files that a lesson asked for last time, and the digests of what was there then."""
        record = self.course.state.record(task_name("repair", path))
        notes = [told for told in record.diagnostics if told.code == INCLUDES] if record else ()
        return [(told.path, bytes.fromhex(told.hint)) for told in notes]

    def _part_digest(self, part: str) -> bytes:
        """What `digest_part` gives; of a file of the course, by its stamp."""
        tree = self.course.tree
        known = self.source_digest(part, tree.lessons.get(part) or tree.assets.get(part))
        return known or digest_part(self.course.location.content, part, self.course.settings.ignore)

    def including(self, changed: Collection[str]) -> set[str]:
        """The lessons that ask for one of these files to be included, whether it is there or not; and those that were
        refused one, for what is no file of the course comes and goes unseen."""
        asked = {nfc(place) for path in changed for place in (path, *ancestors(path))}  # it may be a folder
        readers = self.course.state.readers(number_of(key) for key in (*((PART, place) for place in asked), REFUSED))
        return {item_of(task) for task in readers if task.startswith("repair:")}

    def page_work(self, page: str) -> PageWork:
        """What a page is made from, worked out once as long as nothing of it is committed: doit asks for it first,
        then the action."""
        changes = self.course.state.changes
        found = self._page_cache.pop(page, None)
        if found is None or found[0] != changes:
            inputs = self.inputs.page_inputs(page)
            found = (changes, PageWork(inputs, encode(inputs), pack_keys(self.inputs.asked)))
        self._page_cache[page] = found
        return found[1]

    def last_good(self, path: str) -> bytes | None:
        """The parsed lesson as the same code made it before an edit, encoded; None if that is not known to be so."""
        if self.spoiled is None:
            return None  # anything may have changed
        task = task_name("parse", path)
        record = self.course.state.record(task)
        return self.course.state.value(task) if record is not None and not record.failed else None

    def forget_page(self, page: str) -> None:
        """It has been rendered: its inputs are not asked for again."""
        self._page_cache.pop(page, None)

    def parsed_value(self, page: str, inputs: PageInputs) -> bytes | None:
        """The parsed lesson of a page, encoded; None if the page has no text of its own."""
        source = self.course.plan.sources.get(page)
        return self.course.state.value(task_name("parse", source)) if source and inputs.lesson else None

    def source_digest(self, path: str, stamp: FileStamp | None) -> bytes:
        """The digest of a source by its stamp, else by its bytes; empty if it cannot be read."""
        if stamp is None:
            return b""
        found = self.course.state.files.source_digest(path, stamp)
        if found is None:
            try:
                read, found = digest_source(self.course.location.content, path, limit_of(path))
            except SourceError:
                return b""
            self.course.state.files.keep_source(path, read, found)
        return found

    # --- what can be done ahead ---

    def _find_jobs(self, stage: str, items: Iterator[str]) -> Iterator[Job]:
        jobs = {"repair": self._lessons_to_come, "parse": self._texts_to_come, "render": self._pages_to_come}
        return jobs[stage](items)

    def _lessons_to_come(self, paths: Iterator[str]) -> Iterator[Job]:
        content = self.course.location.content
        for path in _near(paths, lambda path: not self.is_current("repair", path)):
            with contextlib.suppress(SourceError):  # it is told where the task is
                source = read_source(content, path)
                yield (("repair", path), ("parse", path)), do_lesson, (path, self.course.plan.page_of(path), *source)

    def _texts_to_come(self, paths: Iterator[str]) -> Iterator[Job]:
        def is_stale(path: str) -> bool:
            return self.is_current("repair", path) and not self.is_current("parse", path)

        for path in _near(paths, is_stale):
            task = task_name("repair", path)
            record, value = self.course.state.record(task), self.course.state.value(task)
            if record is not None and value is not None:
                yield (("parse", path),), work_on_text, (path, self.course.plan.page_of(path), value, record.digest)

    def _pages_to_come(self, pages: Iterator[str]) -> Iterator[Job]:
        for page in _near(pages, lambda page: not self.is_current("render", page)):
            inputs, encoded, _ = self.page_work(page)
            lesson = self.parsed_value(page, inputs)
            if inputs.published and (lesson is not None or not inputs.lesson):
                yield (("render", page),), work_on_page, (encoded, lesson)


def _near(items: Iterator[str], is_stale: Callable[[str], bool]) -> Iterator[str]:
    """The stale ones, until there are too many in a row that are not."""
    current = 0
    for item in items:
        if is_stale(item):
            current = 0
            yield item
        else:
            current += 1
            if current > FARTHEST_LOOK:
                return
