"""The stages of sections and pages: what a folder lists, and what a reader sees."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.reads import ANCHORS, Key, number_of, stage_of
from pipeline.builder.course.stage import LOOK, PLACES, Stage
from pipeline.builder.course.told import tell_course, tell_templates
from pipeline.builder.course.work import do_render
from pipeline.builder.disk.files import digest_of, write_target
from pipeline.builder.state.state import Record
from pipeline.errors import Diagnostic, PipelineError
from pipeline.paths import ROOT_SECTION, nfc, page_id, page_target, section_page_id, task_name
from pipeline.values import encode

if TYPE_CHECKING:
    from pipeline.builder.course.changes import Cause, Changes
    from pipeline.builder.course.course import Course
    from pipeline.builder.course.graph import Graph


class Index(Stage):
    """Facts of a folder's lessons -> section."""

    code = StageCode(("pipeline.section",), (), ("pipeline.builder.stages.pages",))
    settings = PLACES
    why = "a title, summary, order or lesson of the section changed"
    known_after = "parse"

    def title(self, graph: Graph, item: str) -> str:
        return graph.inputs.section_title(item)

    def edges(self, graph: Graph, item: str, chosen: Container[str] | None, *, is_listed: bool) -> Iterable[str]:
        plan = graph.course.plan
        below = [task_name(self.name, child) for child in plan.sections_in[item] if chosen is None or child in chosen]
        if chosen is not None:  # when some are, the lessons that they list have been parsed already
            return below
        own = plan.sources.get(section_page_id(item))
        return below + [task_name("parse", path) for path in (*plan.lessons_in[item], *([own] if own else ()))]

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        return (encode(graph.inputs.section_inputs(item)),)

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        return changes.why_listed(item)

    def make(self, graph: Graph, item: str) -> None:
        from pipeline.section import build_section, outline_of

        inputs = graph.inputs.section_inputs(item)
        built = build_section(
            item,
            title=inputs.title,
            summary=inputs.summary,
            order=inputs.order,
            lessons=inputs.lessons,
            sections=inputs.sections,
        )
        facts = encode(built)
        graph.course.state.commit(
            task_name(self.name, item),
            Record(
                inputs=self.inputs_digest(graph, item),
                digest=digest_of(facts),
                facts=facts.decode("utf-8", "surrogatepass"),
            ),
            value=digest_of(encode(outline_of(built))),
        )
        if item == ROOT_SECTION and graph.ahead.is_busy:
            from pipeline.builder.stages.search_index import begin_index

            begin_index(graph)  # every other section is listed by now


HOME_TASK = task_name("render", section_page_id(ROOT_SECTION))


class Render(Stage):
    """Parsed lesson, section and template -> page."""

    code = StageCode(
        ("pipeline.page", "pipeline.links", "pipeline.section"),
        ("Jinja2", "markupsafe"),
        ("pipeline.builder.stages.pages", "pipeline.builder.course.work"),
    )
    settings = (
        *("title", "language", "base_url", "quick_links", "trusted_html", "edit_url", "last_updated"),
        *PLACES,
        *LOOK,
    )
    why = "the lesson, what its page shows of others, a link, a template or a setting changed"
    known_after = "index"
    has_styles = True

    def arrange(self, course: Course, items: list[str]) -> list[str]:
        if len(items) > 1:  # new pages come before those that lead to them
            output = course.location.output
            items.sort(key=lambda page: os.path.lexists(f"{output}/{page_target(page)}"))
        return items

    def target(self, course: Course, item: str) -> str:
        return page_target(item)

    def title(self, graph: Graph, item: str) -> str:
        plan = graph.course.plan
        section, source = plan.section_named(item), plan.sources.get(item)
        if section is not None:
            return graph.inputs.section_title(section)
        facts = graph.inputs.facts(source) if source else None
        return (facts.title if facts else "") or page_id(source or "")

    def edges(self, graph: Graph, item: str, chosen: Container[str] | None, *, is_listed: bool) -> Iterable[str]:
        """For people who look at the graph: the tasks whose results a page shows, its own lesson's first. A run has
        made them all before the first page, and asks whether the page is stale."""
        shown = [stage.name for stage in graph.shown_stages]
        if not is_listed:
            return shown
        source = graph.course.plan.sources.get(item)
        graph.inputs.page_inputs(item)
        asked = graph.inputs.asked | graph.inputs.shown_everywhere()
        own = [task_name(stage, source) for stage in ("parse", *shown)] if source else []
        return dict.fromkeys([*own, *(name for key in sorted(asked) if (name := _task_that_answers(graph, key)))])

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        work = graph.page_work(item)
        return (work.encoded, work.reads)

    def template(self, graph: Graph, item: str) -> str:
        return f"{graph.page_work(item).inputs.template}.html"

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        source, read = graph.course.plan.sources.get(item), graph.course.state.reads(task_name(self.name, item))
        own = changes.why_lesson(source) if source in changes.lessons else []
        if source in graph.redated:
            own = [*own, (source or "", "date in git")]
        shown = (why for key, why in changes.keys().items() if number_of(key) in read)
        return [*own, *(cause for why in shown for cause in why)]

    def make(self, graph: Graph, item: str) -> None:
        state, task, target = graph.course.state, task_name(self.name, item), page_target(item)
        inputs, encoded, reads = graph.page_work(item)
        digest, before = self.inputs_digest(graph, item), state.record(task)
        graph.has_turned |= inputs.published != (before is not None and bool(before.digest))
        if not inputs.published:
            if state.files.owns(target):
                graph.course.retired.add(target)  # `prune` deletes it, when no page leads there any more
            state.commit(task, Record(digest, b""), reads=reads)
            return
        content = graph.ahead.take_page(item, encoded)
        if content is None:
            parsed, shop = graph.parsed_value(item, inputs), graph.course.workshop
            try:
                content = do_render(encoded, parsed, shop)
            except PipelineError:
                if inputs.template == inputs.kind or os.path.lexists(graph.course.location.output / target):
                    raise
                # Other pages lead to it: until its own template is mended, it has the usual one.
                usual = do_render(encode(inputs._replace(template=inputs.kind)), parsed, shop)
                self._keep(graph, item, usual, b"", reads)
                raise
        self._keep(graph, item, content, digest, reads)
        graph.forget_page(item)

    def subject(self, graph: Graph, item: str) -> str:
        return graph.course.plan.sources.get(item, item)

    def found_beside(self, graph: Graph, item: str) -> Iterable[Diagnostic]:
        source = graph.course.plan.sources.get(item)
        return graph.inputs.page_diagnostics(source) if source else ()

    def found_once(self, graph: Graph, item: str) -> list[Diagnostic]:
        """Of templates with the first page, of the course with the home page."""
        templates = tell_templates(graph) if graph.asks_of_templates() else []
        return templates + (tell_course(graph) if task_name(self.name, item) == HOME_TASK else [])

    def _keep(self, graph: Graph, page: str, content: bytes, inputs: bytes, reads: bytes) -> None:
        task, target, digest = task_name(self.name, page), page_target(page), digest_of(content)
        graph.course.claim(target, task)
        stamp = write_target(graph.course.writes_to, target, content)
        graph.course.state.commit(task, Record(inputs, digest), target=(target, stamp, digest), reads=reads)


def _task_that_answers(graph: Graph, key: Key) -> str:
    """The task that answers a question that a page asks; `""` if none does."""
    stage, item = stage_of(key), key[1]
    if key[0] == ANCHORS:
        stage, item = "parse", graph.course.plan.sources.get(item, "")
    found = graph.items_by_nfc(stage).get(nfc(item)) if stage else None
    return "" if found is None else task_name(stage, found)
