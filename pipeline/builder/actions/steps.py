"""The actions of the doit tasks: read what the task is made from, call its stage, keep the result.

One function a stage. A `PipelineError` is kept with the task and told at the end of the run; what
depends on the task goes on with what it left last time. Any other exception is a bug: it is kept
the same way, with its traceback, so that one bad lesson never stops the others.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from itertools import islice
from typing import Any

from doit.action import BaseAction
from doit.exceptions import BaseFail, TaskError

from pipeline.builder.actions import FAILED_KEY, REPAIRED_KEY, TOLD_KEY, WARNED_KEY
from pipeline.builder.actions.chores import tell_course, tell_templates
from pipeline.builder.actions.redirects import redirects_step
from pipeline.builder.course.graph import Graph
from pipeline.builder.course.reads import PART, pack_keys
from pipeline.builder.course.told import place
from pipeline.builder.course.work import do_parse, do_render, do_repair
from pipeline.builder.disk.files import copy_target, digest_of, remove_target, write_target
from pipeline.builder.disk.images import image_size
from pipeline.builder.disk.sources import open_source
from pipeline.builder.state.state import Record
from pipeline.errors import Diagnostic, PipelineError, StateError
from pipeline.paths import REPORT_FOLDER, ROOT_SECTION, nfc, page_target, task_name
from pipeline.settings import REDIRECTS_NAME
from pipeline.values import ImageSize, decode, encode

SEARCH_PORTION = 256
"""Files of the search index that are held in memory at once."""
HOME_TASK = task_name("render", "index")


class StepAction(BaseAction):  # type: ignore[misc]
    """doit's action of a task. doit's own for Python functions looks at the function's signature each
    time, which takes longer than many a task."""

    out = err = result = None

    def __init__(self, graph: Graph, stage: str, item: str) -> None:
        self._what = (graph, stage, item)
        self.values: dict[str, Any] = {}
        self.task: Any = None

    def execute(self, out: object = None, err: object = None) -> BaseFail | None:
        try:
            self.values = run_step(*self._what)
        except Exception as error:
            return TaskError(f"a bug in this program: {type(error).__name__}", error)
        return None

    def __str__(self) -> str:
        _, stage, item = self._what
        return f"{stage} {item}"


def run_step(graph: Graph, stage: str, item: str) -> dict[str, Any]:
    """Run one task. What went wrong is returned, for the reporter, and kept in the state."""
    task = task_name(stage, item)
    if graph.course.state.lost:
        return {FAILED_KEY: True, TOLD_KEY: []}
    try:
        return _told_of(graph, stage, item, task)
    except StateError as error:
        return {FAILED_KEY: True, TOLD_KEY: [error.diagnostic]}


def _told_of(graph: Graph, stage: str, item: str, task: str) -> dict[str, Any]:
    try:
        STEPS[stage](graph, item)
    except StateError:
        raise
    except PipelineError as error:
        graph.course.state.fail(task, (error.diagnostic,))
    except Exception as error:
        where = traceback.format_exc(limit=-4)
        message = f"a bug in this program: {type(error).__name__}: {error}"
        graph.course.state.fail(
            task, (Diagnostic(message, hint=f"please report it\n{where}", severity="error", code="bug-here"),)
        )
    record = graph.course.state.record(task)
    found = record.diagnostics if record else ()
    own = REDIRECTS_NAME if stage == "former" else item
    if stage == "render" and (source := graph.course.plan.sources.get(item)):
        found = (*found, *graph.page_diagnostics(source))
        own = source
    location = graph.course.location
    told = [place(location, d, own) for d in found if graph.is_to_tell(d)]
    warnings = [d for d in found if d.severity == "warning"]
    shared = tuple(sorted({d.format() for d in warnings if d.path}))
    if stage == "render" and graph.asks_of_templates():
        told += tell_templates(graph)
    if task == HOME_TASK:
        told += tell_course(graph)
    failed = bool(record and record.failed) or (graph.course.settings.strict and bool(told))
    return {
        FAILED_KEY: failed,
        TOLD_KEY: told,
        REPAIRED_KEY: bool(stage == "repair" and record and record.facts),
        WARNED_KEY: (0, ()) if failed else (sum(not d.path for d in warnings), shared),
    }


def repair_step(graph: Graph, path: str) -> None:
    """source bytes -> repaired text, and the account of its repairs."""
    state, output = graph.course.state, graph.course.writes_to
    target = graph.target_of("repair", path) or ""
    work = graph.ahead.take_repair(path) or do_repair(path, graph.course.workshop)
    written = None
    if work.account:
        _claim(graph, "repair", path, target)
        written = (target, write_target(output, target, work.account), digest_of(work.account))
    elif state.owns(target):
        graph.course.retired.add(target)
    state.commit(
        task_name("repair", path),
        Record(
            inputs=digest_of(b"\0".join(graph.repair_inputs(path, work.source, work.parts))),
            digest=work.digest,
            diagnostics=work.diagnostics,
            facts=work.summary,
        ),
        value=work.lesson,
        source=(path, work.stamp, work.source),
        target=written,
        reads=pack_keys((PART, nfc(part)) for part, _ in work.parts),
    )


def _claim(graph: Graph, stage: str, item: str, target: str) -> None:
    """A file that is written for the first time is known as ours before it is."""
    state = graph.course.state
    if not state.is_rehearsal and not state.owns(target):
        state.claim([(target, task_name(stage, item))], graph.course.location.output)


def parse_step(graph: Graph, path: str) -> None:
    """repaired text -> parsed lesson."""
    state = graph.course.state
    inputs = graph.inputs_digest("parse", path)
    repaired = state.record(task_name("repair", path))
    page = graph.course.plan.page_of(path)
    work = graph.ahead.take_parse(path, page, repaired.digest if repaired else b"")
    if work is None:
        stored = state.value(task_name("repair", path))
        if repaired is None or stored is None:
            # Its repair failed and never succeeded before: there is nothing to parse, and it is said.
            state.commit(task_name("parse", path), Record(inputs, b""))
            return
        work = do_parse(path, page, stored, repaired.digest, graph.course.workshop, graph.last_good(path))
    state.commit(
        task_name("parse", path),
        Record(inputs, work.digest, False, work.diagnostics, work.facts),
        value=work.lesson,
        aliases=work.aliases,
        entry=(path, digest_of(work.terms + work.text), work.terms, work.text),
    )


def index_step(graph: Graph, section: str) -> None:
    """facts of a folder's lessons -> section."""
    from pipeline.section import build_section, outline_of

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
        value=digest_of(encode(outline_of(built))),
    )
    if section == ROOT_SECTION and graph.ahead.is_busy:
        from pipeline.builder.actions.search_index import begin_index

        begin_index(graph)  # every other section is listed by now


def render_step(graph: Graph, page: str) -> None:
    """parsed lesson, section and template -> page."""
    state = graph.course.state
    task, target = task_name("render", page), page_target(page)
    inputs, encoded, reads = graph.page_work(page)
    digest = graph.inputs_digest("render", page)
    if not inputs.published:
        if state.owns(target):
            graph.course.retired.add(target)  # `prune` deletes it, when no page leads there any more
        state.commit(task, Record(digest, b""), reads=reads)
        return
    content = graph.ahead.take_page(page, encoded)
    if content is None:
        parsed, shop = graph.parsed_value(page, inputs), graph.course.workshop
        try:
            content = do_render(encoded, parsed, shop)
        except PipelineError:
            if inputs.template == inputs.kind or os.path.lexists(graph.course.location.output / target):
                raise
            # Other pages lead to it: until its own template is mended, it has the usual one.
            _keep_page(graph, page, do_render(encode(inputs._replace(template=inputs.kind)), parsed, shop), b"", reads)
            raise
    _keep_page(graph, page, content, digest, reads)
    graph.forget_page(page)


def _keep_page(graph: Graph, page: str, content: bytes, inputs: bytes, reads: bytes) -> None:
    target, digest = page_target(page), digest_of(content)
    _claim(graph, "render", page, target)
    stamp = write_target(graph.course.writes_to, target, content)
    record = Record(inputs, digest)
    graph.course.state.commit(task_name("render", page), record, target=(target, stamp, digest), reads=reads)


def asset_step(graph: Graph, path: str) -> None:
    """A file beside the lessons -> the same file in the output."""
    location = graph.course.location
    with open_source(location.content, path) as source:
        copied, digest = copy_target(source.blocks(), graph.course.writes_to, path)
    size = image_size(graph.course.writes_to / path)
    graph.course.state.commit(
        task_name("asset", path),
        Record(
            digest_of(b"\0".join(graph.asset_inputs(path, digest))),
            digest,
            facts=encode(ImageSize(size)).decode() if size else "",
        ),
        source=(path, source.stamp, digest),
        target=(path, copied, digest),
    )


def static_step(graph: Graph, name: str) -> None:
    """A style sheet of the site -> the same file in the output."""
    target = graph.target_of("static", name) or ""
    with open(graph.course.statics[name], "rb") as source:
        copied, digest = copy_target(source, graph.course.writes_to, target)
    graph.course.state.commit(
        task_name("static", name),
        Record(digest_of(b"\0".join((digest,))), digest),
        target=(target, copied, digest),
    )


def repairs_step(graph: Graph, name: str) -> None:
    """The damage of every lesson -> the report, as a page and as JSON."""
    from pipeline.report import render_report, report_json

    inputs, templates = graph.report_inputs(), graph.course.location.template_folders
    text = report_json(inputs) if name.endswith(".json") else render_report(inputs, templates)
    _keep_file(graph, "repairs", name, f"{REPORT_FOLDER}/{name}", text)


def site_step(graph: Graph, name: str) -> None:
    """What every section lists -> a file that there is one of for the whole site."""
    _keep_file(graph, "site", name, name, graph.site_text(name))


def _keep_file(graph: Graph, stage: str, name: str, target: str, text: str) -> None:
    content = text.encode("utf-8", "replace")
    stamp = write_target(graph.course.writes_to, target, content)
    digest = digest_of(content)
    record = Record(graph.inputs_digest(stage, name), digest)
    graph.course.state.commit(task_name(stage, name), record, target=(target, stamp, digest))


def search_step(graph: Graph, item: str) -> None:
    """What every lesson can be found by -> the files of the search index that this changes."""
    from pipeline.builder.actions.search_index import IndexState, SearchIndex

    task, state, output = task_name("search", item), graph.course.state, graph.course.writes_to
    inputs, record = graph.inputs_digest("search", item), state.record(task)
    is_known = record is not None and record.facts and record.inputs and not record.failed
    before = decode(IndexState, record.facts) if record is not None and is_known else None
    index = SearchIndex(graph, before)
    after, found = index.files(is_intact=graph.is_bundle_intact(task))
    known = state.target_digests(task) if index.is_new else {}
    made = set[str]()
    # An index that is built anew has thousands of files; what a patch writes is kept as a whole or not at all.
    while portion := list(islice(found, SEARCH_PORTION if index.is_new else None)):
        if not state.is_rehearsal:
            state.claim(((target, task) for target, content in portion if content), output)
        state.begin()
        if not index.is_new:
            known = state.digests_of([target for target, _ in portion])
        for target, content in portion:
            digest = digest_of(content)
            if content:
                made.add(target)
            if content and (index.is_new or known.get(target) != digest):
                state.keep_target(task, target, write_target(output, target, content), digest)
            elif not content and target in known:
                remove_target(output, target)
                state.drop_target(target)
    for target in known.keys() - made if index.is_new else ():
        remove_target(output, target)
        state.drop_target(target)
    index.keep()
    facts = encode(after).decode()
    state.commit(task, Record(inputs, digest_of(facts.encode() + inputs), facts=facts))


STEPS: dict[str, Callable[[Graph, str], None]] = {
    "repair": repair_step,
    "parse": parse_step,
    "index": index_step,
    "render": render_step,
    "asset": asset_step,
    "static": static_step,
    "site": site_step,
    "former": redirects_step,
    "search": search_step,
    "repairs": repairs_step,
}
