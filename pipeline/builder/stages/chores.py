"""The tasks that are no stage: clear, prune, report, lexicon, redirects; and what `doit clean` deletes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NamedTuple

from doit.exceptions import TaskFailed

from pipeline.builder.course.course_files import read_whole, text_of
from pipeline.builder.course.graph import Graph
from pipeline.builder.course.plan import BUNDLE
from pipeline.builder.course.told import (
    course_findings,
    name_findings,
    place,
    tell_course,
    tell_in_place,
    tell_once,
    tell_templates,
)
from pipeline.builder.disk.files import PART_PREFIX, remove_parts, remove_target, write_target
from pipeline.builder.stages import FAILED_KEY, NOTES_KEY, TOLD_KEY
from pipeline.errors import Diagnostic, PipelineError, StateError, count_of
from pipeline.lexicon import count_words, format_lexicon
from pipeline.paths import STATIC_FOLDER, item_of, task_name
from pipeline.redirects import edit_redirects, parse_redirects
from pipeline.settings import LEXICON_NAME, REDIRECTS_NAME
from pipeline.values import RepairedLesson, decode

REDIRECTS_TASK = task_name("former", BUNDLE)


def orphans(graph: Graph) -> list[str]:
    """Files of the output that nothing makes any more. Only what the project wrote is listed.

    As long as a page could not be made anew, the style sheets stay that it may show."""
    plan, state, stages = graph.course.plan, graph.course.state, graph.stages
    bundles = {name for name, stage in stages.items() if stage.is_bundle}
    with_styles = tuple(f"{name}:" for name, stage in stages.items() if stage.has_styles)
    kept = f"{STATIC_FOLDER}/" if any(task.startswith(with_styles) for task in state.failed()) else None
    output = graph.course.location.output
    retired = {target for target, is_claimed in state.retired() if not is_claimed or os.path.lexists(output / target)}
    return [
        target
        for target, task in state.files.targets()
        if target not in plan.targets
        and not plan.keeps(target)
        # A redirect goes before what takes its place comes; other files of such tasks are theirs to delete.
        and (
            task.partition(":")[0] not in bundles
            or (task == REDIRECTS_TASK and graph.renames.owner_of(target) is not None)
        )
        and not (kept and target.startswith(kept))
    ] + sorted(retired)


def in_the_way(graph: Graph) -> list[str]:
    """Those that go first: something else cannot stand beside them."""
    targets = graph.course.plan.targets
    return [target for target in orphans(graph) if target not in targets and graph.renames.owner_of(target) is not None]


def parts(graph: Graph) -> bool:
    """Whether a killed build left a half-written file."""
    location = graph.course.location
    return any(
        any(folder.glob(f"{PART_PREFIX}*.part"))
        for folder in (location.output, location.content, location.state_folder)
    )


def _telling(
    chore: Callable[[Graph], dict[str, Any] | TaskFailed | None],
) -> Callable[[Graph], dict[str, Any] | TaskFailed | None]:
    """A chore that fails in plain words when the state cannot be used."""

    @wraps(chore)
    def tell(graph: Graph) -> dict[str, Any] | TaskFailed | None:
        try:
            return chore(graph)
        except PipelineError as error:
            return fail_with([error.message + (f"\n  hint: {error.hint}" if error.hint else "")])

    return tell


class Chore(NamedTuple):
    """A task that is no stage."""

    run: Callable[[Graph], Any]
    """What it does."""
    is_done: Callable[[Graph], bool] = lambda graph: False
    """Whether there is nothing to do."""


@_telling
def run_clear(graph: Graph) -> dict[str, Any]:
    """Delete what a killed build left half-written, and what is in the way; drop the records of tasks that are gone."""
    state = graph.course.state
    told = _delete(graph, in_the_way(graph))
    remove_parts(graph.course.writes_to)
    if not state.is_rehearsal:
        remove_parts(graph.course.location.content)
        remove_parts(graph.course.location.state_folder)
    known = set(state.tasks())
    graph.course.arrived = [path for path in graph.course.plan.lessons if task_name("repair", path) not in known]
    for task in gone_tasks(graph):
        state.drop(task)
    return {TOLD_KEY: told, FAILED_KEY: bool(told)}


@_telling
def run_prune(graph: Graph) -> dict[str, Any]:
    """Delete orphans, and the folders they leave empty."""
    told = _delete(graph, orphans(graph))
    return {TOLD_KEY: told, FAILED_KEY: bool(told)}


def _delete(graph: Graph, targets: list[str]) -> list[Diagnostic]:
    """Delete files of the output; gives what is to be told of those that cannot be."""
    told = []
    for target in targets:
        try:
            remove_target(graph.course.writes_to, target)
            graph.course.state.files.drop_target(target)
            graph.course.retired.discard(target)
        except PipelineError as error:
            told.append(error.diagnostic._replace(path=error.path or target))
    return told


def gone_tasks(graph: Graph) -> list[str]:
    """Tasks that the state knows and the course has no more: the page of a lesson may be made from something else."""
    current = current_tasks(graph)
    return [task for task in graph.course.state.tasks() if task not in current]


def current_tasks(graph: Graph) -> set[str]:
    """Every task of a stage that the course has now."""
    plan = graph.course.plan
    return {task_name(stage.name, item) for stage in graph.stages.values() for item in stage.items(plan)}


def faults(graph: Graph) -> list[Diagnostic]:
    """Every error of the course; with `strict` every warning too."""
    course = graph.course
    strict = course.settings.strict
    found = [StateError(course.state.lost).diagnostic] if course.state.lost else []
    found += [graph.ahead.stopped.diagnostic] if graph.ahead.stopped is not None else []
    found += [place(course.location, d, path) for path, d in course.plan.problems]
    grave = ("error", "warning") if strict else ("error",)
    found_by_task = course.state.told("" if strict else "error")
    told = [(task, d) for task, diagnostics in found_by_task for d in diagnostics if d.severity in grave]
    current = current_tasks(graph) if told else ()
    found.extend(_tell_tasks(graph, ((task, d) for task, d in told if task in current)))
    return [*found, *_course_warnings(graph), *_link_warnings(graph)] if strict else found


def warnings(graph: Graph) -> list[Diagnostic]:
    """Every warning that stands; none with `strict`, for they are faults then."""
    if graph.course.settings.strict:
        return []
    current = current_tasks(graph)
    told = [
        (task, d)
        for task, diagnostics in graph.course.state.told()
        for d in diagnostics
        if d.severity == "warning" and task in current
    ]
    return [*_tell_tasks(graph, told), *_course_warnings(graph), *_link_warnings(graph)]


def count_template_warnings(graph: Graph) -> int:
    """How many warnings are about templates and words; none with `strict`."""
    return 0 if graph.course.settings.strict else len(graph.template_diagnostics())


def course_warnings(graph: Graph) -> dict[str, Diagnostic]:
    """The warnings about settings, decisions and the names of files, by what knows each again; none with `strict`."""
    if graph.course.settings.strict:
        return {}
    named = name_findings(course_findings(graph)).items()
    return {name: place(graph.course.location, found, path) for name, (path, found) in named}


def _course_warnings(graph: Graph) -> list[Diagnostic]:
    return [*tell_templates(graph), *tell_course(graph)]


def _link_warnings(graph: Graph) -> list[Diagnostic]:
    found = dict.fromkeys((path, d) for path in graph.course.plan.lessons for d in graph.inputs.page_diagnostics(path))
    return [place(graph.course.location, d, path) for path, d in found if d.severity != "note"]


def _tell_tasks(graph: Graph, told: Iterable[tuple[str, Diagnostic]]) -> list[Diagnostic]:
    location = graph.course.location
    once = tell_once((REDIRECTS_NAME if task == REDIRECTS_TASK else item_of(task), d) for task, d in told)
    return [place(location, tell_in_place(graph, d, item), item) for item, d in once]


@_telling
def run_report(graph: Graph) -> TaskFailed | None:
    """Fail with what is left to mend."""
    found = faults(graph)
    return fail_with([fault.format() for fault in found], found) if found else None


def fail_with(messages: list[str], found: Iterable[Diagnostic] = ()) -> TaskFailed:
    """A failure that the reporter shows without a traceback, and what was found."""
    failure = TaskFailed("\n".join(messages))
    failure.found = tuple(found)
    return failure


@_telling
def run_lexicon(graph: Graph) -> dict[str, Any]:
    """Count the words of the lessons in which nothing was damaged."""
    texts = []
    for path in graph.course.plan.lessons:
        stored = graph.course.state.value(task_name("repair", path))
        lesson = decode(RepairedLesson, stored) if stored else None
        if lesson is not None and not lesson.repairs:
            texts.append(lesson.text)
    counts = count_words(texts)
    write_target(graph.course.location.content, LEXICON_NAME, format_lexicon(counts).encode())
    what = f"{count_of(len(counts), 'word')} or pairs of words with other letters than a to z"
    where = f"each there twice or more, in {count_of(len(texts), 'sound lesson')}"
    return {NOTES_KEY: [f"wrote {_shown(graph, LEXICON_NAME)}: {what}, {where}; the next build repairs with them"]}


@_telling
def run_redirects(graph: Graph) -> dict[str, Any]:
    """Write what builds saw renamed into the course's own file, with what stands there now."""
    location = graph.course.location
    now = graph.course.redirects = read_whole(location.content, REDIRECTS_NAME, parse_redirects) or {}
    kept = {**graph.renames.kept_renames(), **graph.renames.led_on()}
    if kept != now:
        text = text_of(location.content, REDIRECTS_NAME) or ""
        write_target(location.content, REDIRECTS_NAME, edit_redirects(text, kept).encode())
    changed = sum(now[old] != kept[old] for old in now)
    shown, more = _shown(graph, REDIRECTS_NAME), count_of(len(kept) - len(now), "former path")
    said = f"wrote {shown}: {more} more, {changed} lead on to where their lesson is now"
    return {NOTES_KEY: [said if kept != now else f"no builds saw a rename that {shown} does not have"]}


def _shown(graph: Graph, name: str) -> str:
    """A file of the content folder from where one is."""
    return place(graph.course.location, Diagnostic(""), name).path


def clean_task(graph: Graph, task: str, *, is_dry: bool) -> list[str]:
    """`doit clean`: delete what a task wrote into the output, to be made again by the next run; unless `is_dry`, as in
    a dry run. Gives the files."""
    state, stage = graph.course.state, task.partition(":")[0]
    try:
        kind = graph.stages.get(stage)
        target = kind.target(graph.course, item_of(task)) if kind and ":" in task else None
        targets = state.files.targets_of(task) if kind and kind.is_bundle else [target] if target else []
        owned = [written for written in targets if state.files.owns(written)]
        there = [written for written in owned if os.path.lexists(graph.course.location.output / written)]
        if owned and not is_dry:
            state.forget(task)
            for written in owned:
                remove_target(graph.course.location.output, written)
                state.files.drop_target(written)
    except StateError as error:
        # doit would go on with every other task, and show where in the code each failed.
        sys.stderr.write(f"ERROR: {error.message}\n")
        raise SystemExit(3) from None
    return there


def _is_clear(graph: Graph) -> bool:
    return not in_the_way(graph) and not parts(graph) and not gone_tasks(graph)


def _is_pruned(graph: Graph) -> bool:
    return not (graph.may_have_orphans or graph.course.retired) or not orphans(graph)


CLEARING = Chore(run_clear, _is_clear)
PRUNING = Chore(run_prune, _is_pruned)
REPORTING = Chore(run_report, lambda graph: not faults(graph))
COUNTING = Chore(run_lexicon)
NOTING = Chore(run_redirects)
