"""A course -> its doit tasks, as the dictionaries that `dodo.py` hands to doit.

doit runs the graph: the order, the processes, the selection of tasks. Whether a task is up to
date is asked of `graph.py`, through each task's `uptodate`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from doit import get_initial_workdir, get_var
from doit.exceptions import TaskFailed

from pipeline.build.course import STATIC_SOURCES, Course, Location
from pipeline.build.doit_hooks import TOLD_KEY, CourseReporter, SweptChecker, register_state
from pipeline.build.files import remove_parts, remove_target, write_target
from pipeline.build.graph import Graph
from pipeline.build.plan import REPORT_FILES
from pipeline.build.steps import open_graph, reopen_graph, run_step
from pipeline.errors import PipelineError
from pipeline.lexicon import count_words, format_lexicon
from pipeline.paths import page_id, section_page_id, task_name
from pipeline.settings import LEXICON_NAME
from pipeline.values import RepairedLesson, decode

TaskDict = dict[str, Any]

PRUNE, REPORT, SETTINGS, LEXICON = "prune", "report", "settings", "lexicon"
DEFAULT_TASKS = [
    SETTINGS,
    PRUNE,
    "repair",
    "parse",
    "index",
    "render",
    "asset",
    "static",
    "repairs",
    REPORT,
]
"""What `doit` runs when no task is named: all but `lexicon`."""


@dataclass(frozen=True, slots=True)
class UpToDate:
    """Asked by doit just before a task would run, when all it depends on is done."""

    graph: Graph
    stage: str
    item: str

    def __call__(self) -> bool:
        return self.graph.is_current(self.stage, self.item)

    def __repr__(self) -> str:
        return self.graph.why_stale(self.stage, self.item)


class CourseTasks:
    """The tasks of one course for one run of doit."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.error: PipelineError | None = None
        try:
            self.graph = reopen_graph(location)
        except PipelineError as error:
            self.error = error

    @property
    def doit_config(self) -> dict[str, Any]:
        """`DOIT_CONFIG`: the hooks that close doit's gaps."""
        if self.error is None:
            register_state(self.course.state)
        return {
            "dep_file": os.fspath(self.location.state_path),
            "backend": "lesson-pipeline",
            "check_file_uptodate": SweptChecker,
            "reporter": CourseReporter,
            "verbosity": 2,
            "continue": True,
            "default_tasks": DEFAULT_TASKS if self.error is None else [SETTINGS],
        }

    @cached_property
    def course(self) -> Course:
        return self.graph.course

    def settings(self) -> Iterator[TaskDict]:
        """Fails with what is wrong when the course cannot be opened at all."""
        if self.error is not None:
            message = str(self.error) + (f"\n  hint: {self.error.hint}" if self.error.hint else "")
            yield {"basename": SETTINGS, "actions": [(fail_with, [[message]])], "uptodate": [False]}

    def prune(self) -> Iterator[TaskDict]:
        """Delete what the project wrote and the course no longer has."""
        if self.error is None:
            yield {
                "basename": PRUNE,
                "doc": "delete pages and files whose source is gone",
                "actions": [(run_prune, [self.location])],
                "uptodate": [(lambda: not orphans(self.graph) and not parts(self.graph))],
            }

    def repair(self) -> Iterator[TaskDict]:
        for path in self._lessons:
            source = os.fspath(self.location.content / path)
            yield self._task("repair", path, doc=self._title(path), file_dep=[source])

    def parse(self) -> Iterator[TaskDict]:
        for path in self._lessons:
            dependency = task_name("repair", path)
            yield self._task("parse", path, doc=self._title(path), task_dep=[dependency])

    def index(self) -> Iterator[TaskDict]:
        if self.error is not None:
            return
        plan = self.course.plan
        for section in plan.sections:
            own = plan.sources.get(section_page_id(section))
            below = [task_name("index", child) for child in plan.sections_in[section]]
            lessons = [*plan.lessons_in[section], *([own] if own else [])]
            inside = [task_name("parse", path) for path in lessons]
            title = self.graph.section_title(section)
            yield self._task("index", section, doc=title, task_dep=below + inside)

    def render(self) -> Iterator[TaskDict]:
        if self.error is not None:
            return
        plan = self.course.plan
        for page in plan.pages:
            source = plan.sources.get(page)
            section = plan.section_named(page)
            title = self._title(source) if section is None else self.graph.section_title(section)
            # Titles come from the index, and a link may lead to any lesson: all are parsed first.
            yield self._task("render", page, doc=title, task_dep=[PRUNE, "index"])

    def asset(self) -> Iterator[TaskDict]:
        for path in self.course.plan.assets if self.error is None else ():
            source = os.fspath(self.location.content / path)
            yield self._task("asset", path, doc=path, file_dep=[source], task_dep=[PRUNE])

    def static(self) -> Iterator[TaskDict]:
        for name in self.course.plan.statics if self.error is None else ():
            source = os.fspath(self.location.templates / STATIC_SOURCES / name)
            yield self._task("static", name, doc=name, file_dep=[source], task_dep=[PRUNE])

    def repairs(self) -> Iterator[TaskDict]:
        for name in REPORT_FILES if self.error is None else ():
            yield self._task(
                "repairs", name, doc="what was damaged and how it was read", task_dep=[PRUNE, "repair", "parse"]
            )

    def lexicon(self) -> Iterator[TaskDict]:
        """Count the course's own sound words into a file beside the lessons; on request only."""
        if self.error is None:
            yield {
                "basename": LEXICON,
                "doc": "count the words of the sound lessons into content/lexicon.tsv (on request only)",
                "actions": [(run_lexicon, [self.location])],
                "uptodate": [False],
                "task_dep": ["repair"],
            }

    def report(self) -> Iterator[TaskDict]:
        """Fails with every fault that is left; up to date when there is none."""
        if self.error is None:
            yield {
                "basename": REPORT,
                "doc": "tell every fault that is left",
                "actions": [(run_report, [self.location])],
                "uptodate": [(lambda: not faults(self.graph))],
                "task_dep": [PRUNE, "repair", "parse", "index", "render", "asset", "static", "repairs"],
            }

    @property
    def _lessons(self) -> list[str]:
        return self.course.plan.lessons if self.error is None else []

    def _title(self, path: str | None) -> str:
        facts = self.graph.facts(path) if path else None
        return (facts.title if facts else "") or page_id(path or "")

    def _task(self, stage: str, item: str, **more: Any) -> TaskDict:
        target = self.graph.target_of(stage, item)
        name = task_name(stage, item)
        return {
            "basename": stage,
            "name": name.removeprefix(f"{stage}:"),
            "actions": [(run_step, [self.location, stage, item])],
            "uptodate": [UpToDate(self.graph, stage, item)],
            "targets": [os.fspath(self.location.output / target)] if target else [],
            "clean": [(clean_target, [self.location, target])] if target else [],
            **more,
        }


def tasks_from_command_line(root: Path) -> CourseTasks:
    """The tasks of the course that `doit content=DIR output=DIR` names; relative to where doit
    was started. Without them it is `content/` and `output/` beside `dodo.py`."""
    started = Path(get_initial_workdir() or os.getcwd())

    def folder(name: str) -> Path:
        given = get_var(name)
        return started / given if given else root / name

    return CourseTasks(Location(root, folder("content"), folder("output")))


# --- actions that are no stage ---


def orphans(graph: Graph) -> list[str]:
    """Files of the output that nothing makes any more. Only what the project wrote is listed."""
    plan = graph.course.plan
    return [target for target in graph.course.state.targets() if target not in plan.targets and not plan.keeps(target)]


def parts(graph: Graph) -> bool:
    """Whether a killed build left a half-written file."""
    from pipeline.build.files import PART_PREFIX

    return any(graph.course.location.output.glob(f"{PART_PREFIX}*.part"))


def run_prune(location: Location) -> dict[str, Any]:
    """Delete orphans, the folders they leave empty, and the records of tasks that are gone."""
    graph = open_graph(location)
    state, plan = graph.course.state, graph.course.plan
    told = []
    for target in orphans(graph):
        try:
            remove_target(location.output, target)
            state.drop_target(target)
        except PipelineError as error:
            told.append(error.diagnostic.format(target))
    remove_parts(location.output)
    current = {task_name("index", section) for section in plan.sections}
    current.update(task_name("render", page) for page in plan.pages)
    for path in plan.lessons:
        current.update((task_name("repair", path), task_name("parse", path)))
    current.update(task_name("asset", path) for path in plan.assets)
    current.update(task_name("static", name) for name in plan.statics)
    current.update(task_name("repairs", name) for name in REPORT_FILES)
    for task in state.tasks():
        if task not in current:
            state.drop(task)
    return {TOLD_KEY: told, "failed": bool(told)}


def faults(graph: Graph) -> list[str]:
    """Every error of the course as text; with `strict` every warning too."""
    course = graph.course
    strict = course.settings.strict
    found = [d.format(path) for path, d in course.plan.problems]
    for stage, items in (
        ("repair", course.plan.lessons),
        ("parse", course.plan.lessons),
        ("index", course.plan.sections),
        ("render", course.plan.pages),
        ("asset", course.plan.assets),
        ("static", course.plan.statics),
        ("repairs", list(REPORT_FILES)),
    ):
        for item in items:
            record = course.state.record(task_name(stage, item))
            if record is None or not record.diagnostics:
                continue
            for diagnostic in record.diagnostics:
                if diagnostic.severity == "error" or (strict and diagnostic.severity == "warning"):
                    found.append(diagnostic.format(item))
    if strict:
        for path in course.plan.lessons:
            found.extend(d.format(path) for d in graph.link_diagnostics(path))
    return found


def run_report(location: Location) -> TaskFailed | None:
    """Fail with what is left to mend."""
    found = faults(open_graph(location))
    return fail_with(found) if found else None


def fail_with(messages: list[str]) -> TaskFailed:
    """A failure that the reporter shows without a traceback."""
    return TaskFailed("\n".join(messages))


def run_lexicon(location: Location) -> None:
    """Count the words of the lessons in which nothing was damaged."""
    graph = open_graph(location)
    texts = []
    for path in graph.course.plan.lessons:
        stored = graph.course.state.value(task_name("repair", path))
        lesson = decode(RepairedLesson, stored) if stored else None
        if lesson is not None and not lesson.repairs:
            texts.append(lesson.text)
    counts = count_words(texts)
    write_target(location.content, LEXICON_NAME, format_lexicon(counts).encode())
    print(f"{LEXICON_NAME}: {len(counts)} words of {len(texts)} sound lessons")


def clean_target(location: Location, target: str) -> None:
    """`doit clean`: delete a file of the output; it is made again on the next run."""
    state = open_graph(location).course.state
    if state.owns(target):
        remove_target(location.output, target)
        state.drop_target(target)
        print(f"removing {target}", file=sys.stdout)
