"""The actions of the doit tasks: read what the task is made from, call its stage, keep the result.

One function a stage. A `PipelineError` is kept with the task and told at the end of the run; what
depends on the task goes on with what it left last time. Any other exception is a bug: it is kept
the same way, with its traceback, so that one bad lesson never stops the others.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import Any

from pipeline.build.course import STATIC_SOURCES, Course, Location
from pipeline.build.files import copy_target, digest_of, read_source, remove_target, write_target
from pipeline.build.graph import Graph
from pipeline.build.state import Record
from pipeline.errors import Diagnostic, PipelineError
from pipeline.paths import STATIC_FOLDER, page_target, task_name
from pipeline.values import (
    LessonFacts,
    ParsedLesson,
    RepairedLesson,
    decode,
    encode,
)

MAX_LESSON_BYTES = 5_000_000
"""The longest lesson of the real course has 60 KB; Python-Markdown takes 15 s for 5 MB."""

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
    graph = open_graph(location)
    task = task_name(stage, item)
    try:
        STEPS[stage](graph, item)
    except PipelineError as error:
        graph.course.state.fail(task, (error.diagnostic,))
    except Exception as error:
        place = traceback.format_exc(limit=-4)
        message = f"a bug in this program: {type(error).__name__}: {error}"
        graph.course.state.fail(
            task, (Diagnostic(message, hint=f"please report it\n{place}", severity="error"),)
        )
    record = graph.course.state.record(task)
    found = record.diagnostics if record else ()
    place = item
    if stage == "render" and (source := graph.course.plan.sources.get(item)):
        found = (*found, *graph.link_diagnostics(source))
        place = source
    told = [d.format(place) for d in found if d.severity != "note"]
    return {"failed": bool(record and record.failed), "told": told}


def repair_step(graph: Graph, path: str) -> None:
    """source bytes -> repaired text."""
    state = graph.course.state
    source = read_source(graph.course.location.content / path, limit=MAX_LESSON_BYTES)
    lesson = repair_source(source.content, graph.course.settings.repair)
    state.commit(
        task_name("repair", path),
        Record(
            inputs=digest_of(b"\0".join(graph.repair_inputs(source.digest))),
            digest=digest_of(lesson.text.encode("utf-8", "surrogatepass")),
            diagnostics=lesson.diagnostics,
        ),
        value=encode(lesson),
        source=(path, source.stamp, source.digest),
    )


def repair_source(content: bytes, mode: str) -> RepairedLesson:
    """Decode the bytes of a lesson and undo its damage; `mode` is the setting `repair`."""
    from pipeline.decode import decode_source
    from pipeline.repair import is_repair_off, repair_text

    decoded = decode_source(content)
    if mode == "off" or is_repair_off(decoded.text):
        return RepairedLesson(decoded.text, decoded.encoding, (), decoded.diagnostics)
    repaired = repair_text(decoded.text)
    return RepairedLesson(
        repaired.text,
        decoded.encoding,
        repaired.repairs,
        (*decoded.diagnostics, *repaired.diagnostics),
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
    lesson = parse_lesson(
        decode(RepairedLesson, stored).text,
        path,
        markers=settings.markers,
        trusted_html=settings.trusted_html,
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
            remove_target(location.output, page_target(page))
            state.drop_target(page_target(page))
        state.commit(task, Record(digest, b""))
        return
    source = graph.course.plan.sources.get(page)
    stored = state.value(task_name("parse", source)) if source and inputs.lesson else None
    lesson = decode(ParsedLesson, stored) if stored is not None else None
    html = render_page(inputs, lesson, location.templates)
    content = html.encode("utf-8", "replace")
    stamp = write_target(location.output, page_target(page), content)
    content_digest = digest_of(content)
    state.commit(
        task, Record(digest, content_digest), target=(page_target(page), stamp, content_digest)
    )


def asset_step(graph: Graph, path: str) -> None:
    """A file beside the lessons -> the same file in the output."""
    location = graph.course.location
    stamp, copied, digest = copy_target(location.content / path, location.output, path)
    graph.course.state.commit(
        task_name("asset", path),
        Record(digest_of(b"\0".join((digest,))), digest),
        source=(path, stamp, digest),
        target=(path, copied, digest),
    )


def static_step(graph: Graph, name: str) -> None:
    """A style sheet of the site -> the same file in the output."""
    location = graph.course.location
    target = f"{STATIC_FOLDER}/{name}"
    source = location.templates / STATIC_SOURCES / name
    _, copied, digest = copy_target(source, location.output, target)
    graph.course.state.commit(
        task_name("static", name),
        Record(digest_of(b"\0".join((digest,))), digest),
        target=(target, copied, digest),
    )


STEPS: dict[str, Callable[[Graph, str], None]] = {
    "repair": repair_step,
    "parse": parse_step,
    "index": index_step,
    "render": render_step,
    "asset": asset_step,
    "static": static_step,
}
