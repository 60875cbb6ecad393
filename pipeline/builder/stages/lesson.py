"""The stages that work on one lesson at a time: its bytes, its text."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import TYPE_CHECKING

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.known import changed_names
from pipeline.builder.course.reads import PART, REFUSED, pack_keys
from pipeline.builder.course.stage import Stage
from pipeline.builder.course.work import do_parse, do_repair
from pipeline.builder.disk.files import digest_of, write_target
from pipeline.builder.disk.sources import read_source
from pipeline.builder.state.state import Record
from pipeline.errors import show_path, some_of
from pipeline.locale import COURSE_CATALOGUES
from pipeline.paths import REPORT_FOLDER, nfc, page_id, task_name
from pipeline.settings import DECISIONS_NAME, LEXICON_NAME
from pipeline.values import RepairedLesson, decode, encode

if TYPE_CHECKING:
    from pipeline.builder.course.changes import Cause, Changes
    from pipeline.builder.course.course import Course
    from pipeline.builder.course.graph import Graph
    from pipeline.builder.course.known import Known
    from pipeline.decisions import Decisions


class LessonStage(Stage):
    """A stage of one lesson at a time."""

    def title(self, graph: Graph, item: str) -> str:
        facts = graph.inputs.facts(item)
        return (facts.title if facts else "") or page_id(item)


class Repair(LessonStage):
    """Source bytes -> repaired text, and the account of its repairs."""

    code = StageCode(
        (
            "pipeline.decode",
            "pipeline.repair",
            "pipeline.parse.includes",
            "pipeline.parse.limits",
            "pipeline.parse.lone_tex",
            "pipeline.parse.navigation",
        ),
        ("chardet", "ftfy", "wcwidth"),
        # The last two make the account of a lesson; what else they import is for the page of all accounts.
        (
            "pipeline.builder.stages.lesson",
            "pipeline.builder.course.work",
            "pipeline.report",
            "pipeline.site_values",
        ),
    )
    settings = ("repair", "repair_threshold", "markers")
    why = "its source, the repair code or a setting changed"

    def target(self, course: Course, item: str) -> str:
        return f"{REPORT_FOLDER}/{item}.json"

    def wrote_target(self, record: Record) -> bool:
        """A sound lesson has no account."""
        return self.is_mended(record)

    def is_mended(self, record: Record) -> bool:
        return bool(record.facts)

    def source(self, course: Course, item: str) -> str:
        return f"{course.location.content}/{item}"

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        digest = graph.source_digest(item, graph.course.tree.lessons.get(item))
        return self._made_from(graph, item, digest, graph.parts_of(item))

    def _made_from(
        self, graph: Graph, path: str, source_digest: bytes, parts: Iterable[tuple[str, bytes]]
    ) -> tuple[bytes, ...]:
        """What it is made from, given the bytes that were read, also of what it includes."""
        decisions = graph.course.decisions
        said = (self.chosen_settings(graph), _encode_decisions(decisions, path), graph.course.lexicon_digest)
        return (source_digest, *said, *_encode_parts(parts, lambda part: _encode_decisions(decisions, part)))

    def reasons(self, graph: Graph, item: str, old: Known, new: Known) -> list[str]:
        parts = graph.parts_before(item)
        repaired = {nfc(item), *(nfc(part) for part, _ in parts)}
        changed = [] if repaired.isdisjoint(changed_names(old.decisions, new.decisions)) else [DECISIONS_NAME]
        changed += [LEXICON_NAME] if old.lexicon != new.lexicon else []
        changed += [show_path(was[0]) for was, now in zip(parts, graph.parts_of(item), strict=True) if was != now]
        is_other = self._is_other_source(graph, item, old)
        return [f"{', '.join(changed)} changed"] * bool(changed) + ["its source changed"] * is_other

    def _is_other_source(self, graph: Graph, path: str, old: Known) -> bool:
        """Whether the bytes of a lesson changed: with them and all else as it was, its record would be another."""
        record, decisions = graph.course.state.record(task_name(self.name, path)), dict(old.decisions)

        def decided(lesson: str) -> bytes:
            return decisions.get(nfc(lesson), "[]").encode()

        before = (
            self.gather(graph, path)[0],
            encode(old.settings.part(*self.settings)),
            decided(path),
            bytes.fromhex(old.lexicon),
            *_encode_parts(graph.parts_before(path), decided),
            bytes.fromhex(dict(old.code).get(self.name, "")),
            b"",
        )
        return record is None or record.inputs != digest_of(b"\0".join(before))

    def make(self, graph: Graph, item: str) -> None:
        state, output = graph.course.state, graph.course.writes_to
        target = self.target(graph.course, item)
        work = graph.ahead.take_repair(item)
        if work is None:
            work = do_repair(item, read_source(graph.course.location.content, item), graph.course.workshop)
        written = None
        if work.account:
            graph.course.claim(target, task_name(self.name, item))
            written = (target, write_target(output, target, work.account), digest_of(work.account))
        elif state.files.owns(target):
            graph.course.retired.add(target)
        for part, digest in work.parts:
            state.files.doubt_source(part, digest)
        is_refused = any(found.code == "broken-include" for found in work.diagnostics)
        state.commit(
            task_name(self.name, item),
            Record(
                inputs=self.digest(graph, item, self._made_from(graph, item, work.source, work.parts)),
                digest=work.digest,
                diagnostics=work.diagnostics,
                facts=work.summary,
            ),
            value=work.lesson,
            source=(item, work.stamp, work.source),
            target=written,
            reads=pack_keys([*((PART, nfc(part)) for part, _ in work.parts), *[REFUSED] * is_refused]),
        )


class Parse(LessonStage):
    """Repaired text -> parsed lesson."""

    code = StageCode(
        ("pipeline.parse.includes", "pipeline.parse.lesson", "pipeline.search.entry", "pipeline.search.scripts"),
        ("lxml", "Markdown", "markupsafe", "math-core", "nh3", "Pygments", "pymdown-extensions", "PyYAML"),
        ("pipeline.builder.stages.lesson", "pipeline.builder.course.work"),
    )
    settings = ("markers", "trusted_html", "language")
    why = "its repaired text, the parser or a setting changed"

    def edges(self, graph: Graph, item: str, chosen: Container[str] | None, *, is_listed: bool) -> Iterable[str]:
        return [task_name("repair", item)]

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        repaired = graph.course.state.record(task_name("repair", item))
        return (
            repaired.digest if repaired else b"",
            self.chosen_settings(graph),
            encode(tuple(graph.course.words.items())),
            graph.course.plan.page_of(item).encode(),
        )

    def reasons(self, graph: Graph, item: str, old: Known, new: Known) -> list[str]:
        # Titles of notes are in the course's own words.
        changed = changed_names(old.files, new.files)
        words = [name for name in changed if f"/{COURSE_CATALOGUES}/" in f"/{name}"]
        return [f"{some_of(words)} changed"] if words else []

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        return [(item, "repaired text")] if changes.is_repaired_otherwise(item) else []

    def make(self, graph: Graph, item: str) -> None:
        state, task = graph.course.state, task_name(self.name, item)
        inputs = self.inputs_digest(graph, item)
        repaired = state.record(task_name("repair", item))
        page = graph.course.plan.page_of(item)
        work = graph.ahead.take_parse(item, page, repaired.digest if repaired else b"")
        if work is None:
            stored = state.value(task_name("repair", item))
            if repaired is None or stored is None:
                # Its repair failed and never succeeded before: there is nothing to parse, and it is said.
                state.commit(task, Record(inputs, b""))
                return
            work = do_parse(item, page, stored, repaired.digest, graph.course.workshop, graph.last_good(item))
        state.commit(
            task,
            Record(inputs, work.digest, False, work.diagnostics, work.facts),
            value=work.lesson,
            aliases=work.aliases,
            entry=(item, digest_of(work.terms + work.text), work.terms, work.text),
        )


class Markdown(LessonStage):
    """Repaired text -> the same as a file beside the lesson's page, for who quotes or reads it by program."""

    code = StageCode((), (), ("pipeline.builder.stages.lesson",))
    why = "its repaired text changed"

    def target(self, course: Course, item: str) -> str:
        return item  # as other files of the course, so that links between lessons lead somewhere here too

    def edges(self, graph: Graph, item: str, chosen: Container[str] | None, *, is_listed: bool) -> Iterable[str]:
        return [task_name("parse", item)]

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        repaired, parsed = (graph.course.state.record(task_name(stage, item)) for stage in ("repair", "parse"))
        is_read = parsed is not None and not parsed.failed
        return (
            repaired.digest if repaired else b"",
            b"shown" if graph.inputs.has_markdown(item) else b"",
            b"" if is_read else b"unread",
        )

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        return [(item, "repaired text")] if changes.is_repaired_otherwise(item) else []

    def make(self, graph: Graph, item: str) -> None:
        state, task = graph.course.state, task_name(self.name, item)
        inputs, stored = self.inputs_digest(graph, item), state.value(task_name("repair", item))
        if stored is None or not graph.inputs.has_markdown(item):
            if state.files.owns(item):
                graph.course.retired.add(item)
            state.commit(task, Record(inputs, b""))
            return
        before, parsed = state.record(task), state.record(task_name("parse", item))
        if parsed is not None and parsed.failed:  # whether the text is a draft now is not known: its page stays as well
            state.commit(task, Record(inputs, before.digest if before else b""))
            return
        text = decode(RepairedLesson, stored).text
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        content = (text if text.endswith("\n") else f"{text}\n").encode("utf-8", "replace")
        graph.course.claim(item, task)
        digest = digest_of(content)
        stamp = write_target(graph.course.writes_to, item, content)
        state.commit(task, Record(inputs, digest), target=(item, stamp, digest))


def _encode_decisions(decisions: Mapping[str, Decisions], path: str) -> bytes:
    return encode(sorted(decisions.get(nfc(path), {}).items()))


def _encode_parts(parts: Iterable[tuple[str, bytes]], decided: Callable[[str], bytes]) -> list[bytes]:
    """What files that are included are, as inputs of a task: each is repaired like a lesson, by what is decided about
    it."""
    return [part.encode("utf-8", "surrogateescape") + digest + decided(part) for part, digest in sorted(parts)]
