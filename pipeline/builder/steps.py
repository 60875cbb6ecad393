"""The actions of the doit tasks: read what the task is made from, call its stage, keep the result.

One function a stage. A `PipelineError` is kept with the task and told at the end of the run; what
depends on the task goes on with what it left last time. Any other exception is a bug: it is kept
the same way, with its traceback, so that one bad lesson never stops the others.
"""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeline.builder.course import Course
from pipeline.builder.files import copy_target, digest_of, read_source, remove_target, write_target
from pipeline.builder.graph import Graph
from pipeline.builder.location import Location
from pipeline.builder.state import Record
from pipeline.decisions import Decisions
from pipeline.errors import Diagnostic, PipelineError
from pipeline.paths import REPORT_FOLDER, page_target, task_name
from pipeline.settings import DECISIONS_NAME, SETTINGS_NAME
from pipeline.values import (
    LessonFacts,
    ParsedLesson,
    Repair,
    RepairedLesson,
    decode,
    encode,
)

MAX_LESSON_BYTES = 5_000_000
"""The longest lesson of the real course has 60 KB; Python-Markdown takes 15 s for 5 MB."""

HOME_TASK = task_name("render", "index")

_ONE_AT_A_TIME = threading.Lock()
_OPEN: dict[Location, tuple[int, Graph]] = {}


def open_graph(location: Location) -> Graph:
    """The graph of a course, opened once in each process."""
    found = _OPEN.get(location)
    if found is None:
        found = _OPEN[location] = (os.getpid(), Graph(Course(location)))
    return found[1]


def reopen_graph(location: Location) -> Graph:
    """The graph of a course as it is now, for a new run in the same process."""
    found = _OPEN.pop(location, None)
    if found is not None and found[0] == os.getpid():
        found[1].course.state.close()
    return open_graph(location)


def run_step(location: Location, stage: str, item: str) -> dict[str, Any]:
    """Run one task. What went wrong is returned, for the reporter, and kept in the state."""
    # doit can run tasks in threads; they share one state and one Markdown converter.
    with _ONE_AT_A_TIME:
        return _run_step(open_graph(location), stage, item)


def _run_step(graph: Graph, stage: str, item: str) -> dict[str, Any]:
    task = task_name(stage, item)
    try:
        STEPS[stage](graph, item)
    except PipelineError as error:
        graph.course.state.fail(task, (error.diagnostic,))
    except Exception as error:
        place = traceback.format_exc(limit=-4)
        message = f"a bug in this program: {type(error).__name__}: {error}"
        graph.course.state.fail(task, (Diagnostic(message, hint=f"please report it\n{place}", severity="error"),))
    record = graph.course.state.record(task)
    found = record.diagnostics if record else ()
    place = item
    if stage == "render" and (source := graph.course.plan.sources.get(item)):
        found = (*found, *graph.link_diagnostics(source))
        place = source
    told = [d.format(place) for d in found if d.severity != "note"]
    if task == HOME_TASK:
        told += [d.format(SETTINGS_NAME) for d in graph.quick_link_diagnostics()]
        told += [d.format(DECISIONS_NAME) for d in graph.decision_diagnostics()]
    failed = bool(record and record.failed) or (graph.course.settings.strict and bool(told))
    return {"failed": failed, "told": told}


def repair_step(graph: Graph, path: str) -> None:
    """source bytes -> repaired text, and the account of its repairs."""
    course, state = graph.course, graph.course.state
    output, target = course.writes_to, graph.target_of("repair", path) or ""
    source = read_source(course.location.content / path, limit=MAX_LESSON_BYTES)
    decisions = course.decisions.get(path, {})
    settings = course.settings
    lesson = repair_source(
        source.content, settings.repair, lambda: course.lexicon, decisions, settings.repair_threshold
    )
    record = Record(
        inputs=digest_of(b"\0".join(graph.repair_inputs(path, source.digest))),
        digest=digest_of(encode((lesson.text, lesson.doubts))),
        diagnostics=lesson.diagnostics,
    )
    written = None
    if lesson.repairs:
        from pipeline.report import account_of, summary_of

        summary = encode(summary_of(lesson, settings.repair_threshold))
        record = replace(record, facts=summary.decode("utf-8", "surrogatepass"))
        account = account_of(path, lesson).encode("utf-8", "surrogatepass")
        written = (target, write_target(output, target, account), digest_of(account))
    elif state.owns(target):
        remove_target(output, target)
        state.drop_target(target)
    state.commit(
        task_name("repair", path),
        record,
        value=encode(lesson),
        source=(path, source.stamp, source.digest),
        target=written,
    )


def repair_source(
    content: bytes,
    mode: str,
    lexicon: Callable[[], Mapping[str, int]],
    decisions: Decisions,
    threshold: float,
) -> RepairedLesson:
    """Decode the bytes of a lesson and undo its damage; `mode` is the setting `repair`.

    `lexicon` is asked for only when something is damaged.
    """
    from pipeline.decode import decode_source
    from pipeline.repair import RepairOptions, find_doubts, is_repair_off, is_suspicious, repair_text

    decoded = decode_source(content)
    text = decoded.text
    if mode == "off" or is_repair_off(text) or not is_suspicious(text):
        return RepairedLesson(text, decoded.encoding, diagnostics=decoded.diagnostics)
    repaired = repair_text(text, RepairOptions(lexicon(), decisions))
    doubts = find_doubts(text, repaired.repairs, threshold)
    return RepairedLesson(
        repaired.text,
        decoded.encoding,
        repaired.repairs,
        doubts,
        (
            *decoded.diagnostics,
            *_tell_doubts(repaired.repairs, threshold),
            *_tell_unused(decisions, repaired.repairs),
        ),
    )


def _tell_unused(decisions: Decisions, repairs: tuple[Repair, ...]) -> Iterator[Diagnostic]:
    damaged = {repair.before for repair in repairs}
    for word in sorted(set(decisions) - damaged):
        if decisions[word] is not None:
            yield Diagnostic(
                f"the decision about {word!r} matches nothing in this lesson",
                hint=f"copy the damaged word from {REPORT_FOLDER}/; it may hold a no-break space",
            )


def _tell_doubts(repairs: tuple[Repair, ...], threshold: float) -> tuple[Diagnostic, ...]:
    from pipeline.repair.review import needs_review

    review = [repair for repair in repairs if needs_review(repair, threshold)]
    if not review:
        return ()
    first = review[0]
    example = f"{first.before!r} -> {first.after!r} ({first.confidence:.0%})"
    return (
        Diagnostic(
            f"{len(review)} of {len(repairs)} repairs need a person, the first {example}",
            line=first.line,
            hint=f"see {REPORT_FOLDER}/index.html and decide in {DECISIONS_NAME}",
        ),
    )


def parse_step(graph: Graph, path: str) -> None:
    """repaired text -> parsed lesson."""
    from pipeline.parse import parse_lesson

    state, settings = graph.course.state, graph.course.settings
    inputs = graph.inputs_digest("parse", path)
    stored = state.value(task_name("repair", path))
    if stored is None:
        # Its repair failed and never succeeded before: there is nothing to parse, and it is said.
        state.commit(task_name("parse", path), Record(inputs, b""))
        return
    repaired = decode(RepairedLesson, stored)
    lesson = parse_lesson(
        repaired.text,
        path,
        markers=settings.markers,
        trusted_html=settings.trusted_html,
        doubts=repaired.doubts,
    )
    state.commit(
        task_name("parse", path),
        Record(
            inputs=inputs,
            digest=_parsed_digest(lesson),
            diagnostics=lesson.diagnostics,
            facts=encode(lesson.facts).decode("utf-8", "surrogatepass"),
        ),
        value=encode(lesson),
    )


def _parsed_digest(lesson: ParsedLesson) -> bytes:
    facts: LessonFacts = lesson.facts
    seen = (
        facts.title,
        facts.summary,
        facts.order,
        facts.draft,
        facts.aliases,
        facts.date,
        facts.template,
        facts.has_text,
        facts.links,
        facts.headings,
        facts.anchors,
        lesson.heading,
        lesson.body,
        lesson.slot,
    )
    return digest_of(encode(seen))


def index_step(graph: Graph, section: str) -> None:
    """facts of a folder's lessons -> section."""
    from pipeline.section import build_section

    inputs = graph.section_inputs(section)
    built = build_section(
        section,
        title=inputs.title,
        summary=inputs.summary,
        order=inputs.order,
        lessons=inputs.lessons,
        sections=inputs.sections,
    )
    facts = encode(built)
    graph.course.state.commit(
        task_name("index", section),
        Record(
            inputs=graph.inputs_digest("index", section),
            digest=digest_of(facts),
            facts=facts.decode("utf-8", "surrogatepass"),
        ),
    )


def render_step(graph: Graph, page: str) -> None:
    """parsed lesson, section and template -> page."""
    from pipeline.page import render_page

    state, location = graph.course.state, graph.course.location
    task = task_name("render", page)
    inputs = graph.page_inputs(page)
    digest = graph.inputs_digest("render", page)
    if not inputs.published:
        if state.owns(page_target(page)):
            remove_target(graph.course.writes_to, page_target(page))
            state.drop_target(page_target(page))
        state.commit(task, Record(digest, b""))
        return
    source = graph.course.plan.sources.get(page)
    stored = state.value(task_name("parse", source)) if source and inputs.lesson else None
    lesson = decode(ParsedLesson, stored) if stored is not None else None
    html = render_page(inputs, lesson, location.template_folders)
    content = html.encode("utf-8", "replace")
    stamp = write_target(graph.course.writes_to, page_target(page), content)
    content_digest = digest_of(content)
    state.commit(task, Record(digest, content_digest), target=(page_target(page), stamp, content_digest))


def asset_step(graph: Graph, path: str) -> None:
    """A file beside the lessons -> the same file in the output."""
    location = graph.course.location
    stamp, copied, digest = copy_target(location.content / path, graph.course.writes_to, path)
    graph.course.state.commit(
        task_name("asset", path),
        Record(digest_of(b"\0".join((digest,))), digest),
        source=(path, stamp, digest),
        target=(path, copied, digest),
    )


def static_step(graph: Graph, name: str) -> None:
    """A style sheet of the site -> the same file in the output."""
    target = graph.target_of("static", name) or ""
    source = graph.course.statics[name]
    _, copied, digest = copy_target(source, graph.course.writes_to, target)
    graph.course.state.commit(
        task_name("static", name),
        Record(digest_of(b"\0".join((digest,))), digest),
        target=(target, copied, digest),
    )


def repairs_step(graph: Graph, name: str) -> None:
    """The damage of every lesson -> the report, as a page and as JSON."""
    from pipeline.report import render_report, report_json

    location = graph.course.location
    inputs = graph.report_inputs()
    text = report_json(inputs) if name.endswith(".json") else render_report(inputs, location.template_folders)
    content = text.encode("utf-8", "replace")
    target = f"{REPORT_FOLDER}/{name}"
    stamp = write_target(graph.course.writes_to, target, content)
    digest = digest_of(content)
    record = Record(graph.inputs_digest("repairs", name), digest)
    graph.course.state.commit(task_name("repairs", name), record, target=(target, stamp, digest))


STEPS: dict[str, Callable[[Graph, str], None]] = {
    "repair": repair_step,
    "parse": parse_step,
    "index": index_step,
    "render": render_step,
    "asset": asset_step,
    "static": static_step,
    "repairs": repairs_step,
}
