"""The stage of former paths: former paths of lessons -> pages that lead to where they are.

A rename is seen by one build only, so it is noted beside the state, in `renames.toml`: from then on the pages are made
from that and the course, and a clean build makes the same. Nothing is written into the content folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.reads import LISTED
from pipeline.builder.course.stage import Stage
from pipeline.builder.disk.files import digest_of, remove_target, write_target
from pipeline.builder.disk.location import RENAMES_NAME
from pipeline.builder.state.state import Record
from pipeline.errors import Diagnostic, TargetError, show_path, some_of
from pipeline.paths import ancestors, task_name
from pipeline.redirects import format_renames
from pipeline.settings import REDIRECTS_NAME
from pipeline.values import encode

if TYPE_CHECKING:
    from pipeline.builder.course.changes import Cause, Changes
    from pipeline.builder.course.graph import Graph
    from pipeline.builder.course.known import Known


class Former(Stage):
    """Former paths of lessons -> pages that lead to where they are."""

    code = StageCode(("pipeline.sitewide",), ("Jinja2", "markupsafe"), ("pipeline.builder.stages.former",))
    settings = ("title", "language", "base_url", "keep_renames")
    why = "a former path, the title of what it leads to, a template or a setting changed"
    known_after = "render"
    is_bundle = True
    has_styles = True
    has_further_causes = False
    """What a section lists is none, but for the titles of lessons that moved."""

    def subject(self, graph: Graph, item: str) -> str:
        return REDIRECTS_NAME

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        is_to_note = graph.course.settings.keep_renames and graph.renames.kept_renames() != graph.course.renames
        return (encode(graph.whole.redirects()), b"note" if is_to_note else b"")

    def template(self, graph: Graph, item: str) -> str:
        return "redirect.html"

    def reasons(self, graph: Graph, item: str, old: Known, new: Known) -> list[str]:
        renamed = [f"{show_path(before)} became {show_path(after)}" for before, after in graph.renames.seen().items()]
        found = [f"{REDIRECTS_NAME} changed" if old.redirects != new.redirects else "", some_of(renamed)]
        return [words for words in found if words]

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        return [cause for key, why in changes.keys().items() if key[0] == LISTED for cause in why]

    def make(self, graph: Graph, item: str) -> None:
        task, state = task_name(self.name, item), graph.course.state
        fault = None
        try:
            _keep_renames(graph)  # first: what is told has its line in the file as it is then
        except TargetError as error:
            fault = error
        inputs = self.inputs_digest(graph, item)
        redirects = graph.whole.redirects()
        files = graph.whole.redirect_files(redirects)
        faults = _write_bundle(graph, task, files)
        kept = Record(inputs, digest_of(encode(tuple(files))), bool(faults), (*redirects.diagnostics, *faults))
        state.commit(task, kept)
        if fault is not None:
            raise fault


def _keep_renames(graph: Graph) -> None:
    """Note the lessons that stand elsewhere now. Raises `TargetError` if that cannot be written."""
    course, kept = graph.course, graph.renames.kept_renames()
    if course.state.is_rehearsal or not course.settings.keep_renames:
        return
    if kept != course.renames:
        folder = course.location.state_folder
        if kept:
            write_target(folder, RENAMES_NAME, format_renames(kept).encode())
        else:
            remove_target(folder, RENAMES_NAME)
        course.new_redirects = {old: new for old, new in kept.items() if old not in course.renames}
        course.renames, course.has_noted = kept, True
        course.state.forget_gone(course.new_redirects)
    graph.renames.are_noted = True


def _write_bundle(graph: Graph, task: str, files: Mapping[str, bytes]) -> list[Diagnostic]:
    """Write the files of a task that has many, and delete those that it made and needs no more. Gives what is wrong
    with those that cannot be written; the others are."""
    faults = []
    state, output = graph.course.state, graph.course.writes_to
    state.forget(task)  # should this be interrupted, what is there is not what the last record says
    if not state.is_rehearsal:
        state.files.claim(((target, task) for target in files), output)
    for target in _in_the_way(graph, task, files):
        remove_target(output, target)
        state.files.drop_target(target)
    for target, content in files.items():
        digest = digest_of(content)
        try:
            state.files.keep_target(task, target, write_target(output, target, content), digest)
        except TargetError as error:
            faults.append(error.diagnostic)
    for target in state.files.targets_of(task):
        if target not in files:
            remove_target(output, target)
            state.files.drop_target(target)
    return faults


def _in_the_way(graph: Graph, task: str, new: Mapping[str, bytes]) -> list[str]:
    """The files that nothing makes any more and no new one can be written beside: in a folder of its name, or of the
    name of its folder."""
    known, output = graph.course.state.files, graph.course.writes_to
    folders = {folder for target in new for folder in ancestors(target)}
    inside = (known.targets_below(target) for target in new if os.path.isdir(output / target))
    return [*folders.intersection(known.targets_of(task)), *(target for found in inside for target in found)]
