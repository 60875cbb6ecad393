"""The stage of the search index: what lessons can be found by -> the files that a browser asks for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.stage import PLACES, Stage
from pipeline.builder.disk.files import digest_of, remove_target, write_target
from pipeline.builder.stages.site import why_site
from pipeline.builder.state.state import Record
from pipeline.paths import SEARCH_FOLDER, task_name
from pipeline.values import decode, encode

if TYPE_CHECKING:
    from pipeline.builder.course.changes import Cause, Changes
    from pipeline.builder.course.graph import Graph
    from pipeline.builder.stages.search_index import SearchIndex

PORTION = 256
"""Files of the index that are held in memory at once."""


def _named_by_content(output: Path) -> set[str]:
    """Files of a search index in the output, remembered or not: where the state is lost, others come beside them."""
    from pipeline.search import is_content_name

    found = (output / SEARCH_FOLDER).rglob("*.js")
    return {path.relative_to(output).as_posix() for path in found if is_content_name(path.name)}


class Search(Stage):
    """What every lesson can be found by -> the files of the search index that this changes."""

    code = StageCode(
        ("pipeline.search",), (), ("pipeline.builder.stages.search", "pipeline.builder.stages.search_index")
    )
    settings = ("title", "language", *PLACES)
    why = "the text, title or place of a page changed"
    known_after = "index"
    is_bundle = True

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        # What lessons can be found by is not in here: the state tells which of them are not indexed yet.
        waiting = b"unindexed" if graph.course.state.index.has_unindexed() else b""
        course = graph.course
        return (graph.whole.outline_digest(), course.settings.language.encode(), course.fingerprints.words(), waiting)

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        return [*why_site(changes), *(cause for path in changes.lessons for cause in changes.why_lesson(path))]

    def make(self, graph: Graph, item: str) -> None:
        from pipeline.builder.stages.search_index import IndexState, SearchIndex

        task, state = task_name(self.name, item), graph.course.state
        record = state.record(task)
        is_known = record is not None and record.facts and record.inputs and not record.failed
        before = decode(IndexState, record.facts) if record is not None and is_known else None
        index = SearchIndex(graph, before)
        with state.guard():  # by Ctrl-C too, what a patch writes is kept as a whole or not at all
            _write_files(graph, task, index)
            facts = encode(index.keep()).decode()
            inputs = self.inputs_digest(graph, item)  # nothing waits to be indexed any more
            state.commit(task, Record(inputs, digest_of(facts.encode() + inputs), facts=facts))


def _write_files(graph: Graph, task: str, index: SearchIndex) -> None:
    """Write the files of an update, and delete those that it leaves behind."""
    state, output = graph.course.state, graph.course.writes_to
    found = index.files(is_intact=graph.is_bundle_intact(task))
    known = state.files.target_digests(task) if index.is_new else {}
    made = set[str]()
    # An index that is built anew has thousands of files.
    while portion := list(islice(found, PORTION if index.is_new else None)):
        if not state.is_rehearsal:
            state.files.claim(((target, task) for target, content in portion if content), output)
        state.begin()
        if not index.is_new:
            known = state.files.digests_of([target for target, _ in portion])
        for target, content in portion:
            digest = digest_of(content)
            if content:
                made.add(target)
            if content and (index.is_new or known.get(target) != digest):
                state.files.keep_target(task, target, write_target(output, target, content), digest)
            elif not content and target in known:
                remove_target(output, target)
                state.files.drop_target(target)
    for target in (known.keys() | _named_by_content(output)) - made if index.is_new else ():
        remove_target(output, target)
        state.files.drop_target(target)
