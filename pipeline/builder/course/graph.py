"""task -> what it is made from, as a value whose digest says whether the task is up to date.

The value that is hashed here is the value the task is then made from (`steps.py`): there is no
second list of dependencies that could disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from pipeline.builder.course.ahead import Ahead
from pipeline.builder.course.course import Course
from pipeline.builder.course.reads import PART, number_of, pack_keys
from pipeline.builder.course.whole import WholeInputs
from pipeline.builder.course.work import INCLUDES
from pipeline.builder.disk.files import digest_file, digest_of
from pipeline.builder.disk.sources import digest_source, limit_of
from pipeline.builder.disk.sweep import FileStamp
from pipeline.errors import Diagnostic, SourceError
from pipeline.paths import (
    REPORT_FOLDER,
    SITE_TEMPLATES,
    STATIC_FOLDER,
    is_image,
    item_of,
    nfc,
    page_target,
    task_name,
)
from pipeline.values import PageInputs, encode

BUNDLES = ("former", "search")
"""Stages whose one task writes as many files as there is need for, and deletes those it needs no more."""
BUNDLE = "all"
"""The item of that task."""


class PageWork(NamedTuple):
    """What a page is made from."""

    inputs: PageInputs
    encoded: bytes
    """The same."""
    reads: bytes
    """Keys of what it shows of the rest of the course, packed."""


class Graph(WholeInputs):
    """The inputs of every task of one course, and whether they have changed."""

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self.ahead = Ahead(self)
        self.spoiled: set[str] | None = None
        """The targets that are not what was written, when that is known without a look at each."""
        self._told_of_all: set[Diagnostic] = set()
        self._page_cache: dict[str, tuple[int, PageWork]] = {}

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
        record = self.course.state.record(task_name(stage, item))
        if record is None:
            return "it never ran"
        if record.failed:
            return "it failed"
        if not record.inputs:
            return "it was forgotten, or interrupted"
        if record.inputs != self.inputs_digest(stage, item):
            return _REASONS[stage]
        if stage == "search" and self.course.state.has_unindexed():
            return _REASONS[stage]
        target = self.target_of(stage, item)
        if stage in BUNDLES and not self.is_bundle_intact(task_name(stage, item)):
            return "a file it made is not what was written"
        if target is None or not record.digest:
            return ""
        if stage == "repair" and not record.facts:
            return ""  # a sound lesson has no account
        path = self.course.location.output / target
        if self.course.state.target_is_intact(target, path):
            return ""
        return f"{target} is not what was written"

    def is_bundle_intact(self, task: str) -> bool:
        """Whether every file that a task of many files wrote is there."""
        if self.spoiled is not None and not self.spoiled:
            return True
        output = self.course.location.output
        targets = self.course.state.targets_of(task)
        doubtful = targets if self.spoiled is None else self.spoiled.intersection(targets)
        return all(self.course.state.target_is_intact(target, output / target) for target in doubtful)

    def reason_of_inputs(self, stage: str) -> str:
        """What `why_stale` says when the inputs of a task differ."""
        return _REASONS[stage]

    def inputs_digest(self, stage: str, item: str) -> bytes:
        """The digest of everything a task is made from."""
        inputs = {
            "repair": self._repair_inputs,
            "parse": self._parse_inputs,
            "index": self._index_inputs,
            "render": self._render_inputs,
            "asset": self._asset_inputs,
            "static": self._static_inputs,
            "repairs": self._report_inputs,
            "site": self._site_inputs,
            "former": self._redirect_inputs,
            "search": self._search_inputs,
        }[stage](item)
        return digest_of(b"\0".join(inputs))

    def target_of(self, stage: str, item: str) -> str | None:
        """The file of the output that a task makes."""
        if stage == "render":
            return page_target(item)
        if stage in ("asset", "site"):
            return item
        if stage == "repair":
            return f"{REPORT_FOLDER}/{item}.json"
        if stage == "repairs":
            return f"{REPORT_FOLDER}/{item}"
        return f"{STATIC_FOLDER}/{self.course.static_names[item]}" if stage == "static" else None

    # --- what each stage is made from ---

    def repair_inputs(
        self, path: str, source_digest: bytes, parts: Iterable[tuple[str, bytes]] = ()
    ) -> tuple[bytes, ...]:
        """What `repair:<path>` is made from, given the bytes that were read, also of what it includes."""
        settings = self.course.settings.part("repair", "repair_threshold", "markers")
        decisions = sorted(self.course.decisions.get(nfc(path), {}).items())
        return (
            source_digest,
            self.course.fingerprints.stage("repair"),
            encode(settings),
            encode(decisions),
            self.course.lexicon_digest,
            *encode_parts(parts),
        )

    def _repair_inputs(self, path: str) -> tuple[bytes, ...]:
        digest = self.source_digest(path, self.course.tree.lessons.get(path))
        return self.repair_inputs(path, digest, self.parts_of(path))

    def parts_of(self, path: str) -> list[tuple[str, bytes]]:
        """The files that a lesson asked for last time, and the digests of what is there now."""
        record, tree = self.course.state.record(task_name("repair", path)), self.course.tree
        asked = [told.path for told in record.diagnostics if told.code == INCLUDES] if record else ()
        return [(part, self.source_digest(part, tree.lessons.get(part) or tree.assets.get(part))) for part in asked]

    def including(self, changed: Collection[str]) -> set[str]:
        """The lessons that ask for one of these files to be included, whether it is there or not."""
        readers = self.course.state.readers(number_of((PART, nfc(path))) for path in changed)
        return {item_of(task) for task in readers if task.startswith("repair:")}

    def _parse_inputs(self, path: str) -> tuple[bytes, ...]:
        repaired = self.course.state.record(task_name("repair", path))
        settings = self.course.settings.part("markers", "trusted_html", "language")
        return (
            repaired.digest if repaired else b"",
            self.course.fingerprints.stage("parse"),
            encode(settings),
            encode(tuple(self.course.words.items())),
            self.course.plan.page_of(path).encode(),
        )

    def _index_inputs(self, section: str) -> tuple[bytes, ...]:
        return (encode(self.section_inputs(section)), self.course.fingerprints.stage("index"))

    def page_work(self, page: str) -> PageWork:
        """What a page is made from, worked out once as long as nothing of it is committed: doit asks for it first,
        then the action."""
        changes = self.course.state.changes
        found = self._page_cache.pop(page, None)
        if found is None or found[0] != changes:
            inputs = self.page_inputs(page)
            found = (changes, PageWork(inputs, encode(inputs), pack_keys(self.asked)))
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

    def _render_inputs(self, page: str) -> tuple[bytes, ...]:
        inputs, encoded, reads = self.page_work(page)
        return (
            encoded,
            reads,
            self.course.fingerprints.stage("render"),
            self.course.fingerprints.template(f"{inputs.template}.html"),
        )

    def _asset_inputs(self, path: str) -> tuple[bytes, ...]:
        return self.asset_inputs(path, self.source_digest(path, self.course.tree.assets.get(path)))

    def asset_inputs(self, path: str, source_digest: bytes) -> tuple[bytes, ...]:
        """What `asset:<path>` is made from, given the bytes that were read."""
        return (source_digest, self.course.fingerprints.stage("asset") if is_image(path) else b"")

    def _static_inputs(self, name: str) -> tuple[bytes, ...]:
        try:
            return (digest_file(self.course.statics[name]),)
        except (KeyError, OSError):
            return (b"",)

    def _report_inputs(self, name: str) -> tuple[bytes, ...]:
        return (
            encode(self.report_values()),
            self.course.fingerprints.stage("repairs"),
            self.course.fingerprints.template("repairs.html"),
        )

    def _site_inputs(self, name: str) -> tuple[bytes, ...]:
        template = SITE_TEMPLATES.get(name)
        code = self.course.fingerprints
        return (self.site_digest(name), code.stage("site"), code.template(template) if template else b"")

    def _redirect_inputs(self, _: str) -> tuple[bytes, ...]:
        template = self.course.fingerprints.template("redirect.html")
        found = self.redirects()
        # Lines move when a rename is noted, which changes no page.
        told = tuple(diagnostic._replace(line=None) for diagnostic in found.diagnostics)
        is_to_note = self.course.settings.keep_renames and self.kept_renames() != self.course.renames
        noting = b"note" if is_to_note else b""
        return (encode(found._replace(diagnostics=told)), self.course.fingerprints.stage("site"), template, noting)

    def _search_inputs(self, _: str) -> tuple[bytes, ...]:
        # What lessons can be found by is not in here: the state tells which of them are not indexed yet.
        code = self.course.fingerprints
        return (self.outline_digest(), code.stage("search"), self.course.settings.language.encode(), code.words())

    def source_digest(self, path: str, stamp: FileStamp | None) -> bytes:
        """The digest of a source by its stamp, else by its bytes; empty if it cannot be read."""
        if stamp is None:
            return b""
        found = self.course.state.source_digest(path, stamp)
        if found is None:
            try:
                found = digest_source(self.course.location.content, path, limit_of(path))
            except SourceError:
                return b""
            self.course.state.keep_source(path, stamp, found)
        return found


def encode_parts(parts: Iterable[tuple[str, bytes]]) -> list[bytes]:
    """What files that are included are, as inputs of a task."""
    return [part.encode("utf-8", "surrogateescape") + digest for part, digest in sorted(parts)]


_REASONS = {
    "repair": "its source, the repair code or a setting changed",
    "parse": "its repaired text, the parser or a setting changed",
    "index": "a title, summary, order or lesson of the section changed",
    "render": "the lesson, what its page shows of others, a link, a template or a setting changed",
    "asset": "the file changed",
    "static": "the file changed",
    "site": "the title or place of a page, a template or a setting changed",
    "search": "the text, title or place of a page changed",
    "former": "a former path, the title of what it leads to, a template or a setting changed",
    "repairs": "a repair, a template or a setting changed",
}
