"""The action of `former:all`: former paths of lessons -> pages that lead to where they are.

A rename is seen by one build only, so it is noted beside the state, in `renames.toml`: from then on the pages are made
from that and the course, and a clean build makes the same. Nothing is written into the content folder.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.builder.course.graph import Graph
from pipeline.builder.disk.files import digest_of, remove_target, write_target
from pipeline.builder.disk.location import RENAMES_NAME
from pipeline.builder.state.state import Record
from pipeline.errors import Diagnostic, TargetError
from pipeline.paths import task_name
from pipeline.redirects import format_renames
from pipeline.values import encode


def redirects_step(graph: Graph, item: str) -> None:
    """Former paths of lessons -> pages that lead to where they are."""
    task, state = task_name("former", item), graph.course.state
    fault = None
    try:
        _keep_renames(graph)  # first: what is told has its line in the file as it is then
    except TargetError as error:
        fault = error
    inputs = graph.inputs_digest("former", item)
    redirects = graph.redirects()
    files = graph.redirect_files(redirects)
    faults = _write_bundle(graph, task, files)
    kept = Record(inputs, digest_of(encode(tuple(files))), bool(faults), (*redirects.diagnostics, *faults))
    state.commit(task, kept)
    if fault is not None:
        raise fault


def _keep_renames(graph: Graph) -> None:
    """Note the lessons that stand elsewhere now. Raises `TargetError` if that cannot be written."""
    course, kept = graph.course, graph.kept_renames()
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
    graph.are_noted = True


def _write_bundle(graph: Graph, task: str, files: Mapping[str, bytes]) -> list[Diagnostic]:
    """Write the files of a task that has many, and delete those that it made and needs no more. Gives what is wrong
    with those that cannot be written; the others are."""
    faults = []
    state, output = graph.course.state, graph.course.writes_to
    if not state.is_rehearsal:
        state.claim(((target, task) for target in files), output)
    for target, content in files.items():
        digest = digest_of(content)
        try:
            state.keep_target(task, target, write_target(output, target, content), digest)
        except TargetError as error:
            faults.append(error.diagnostic)
    for target in state.targets_of(task):
        if target not in files:
            remove_target(output, target)
            state.drop_target(target)
    return faults
