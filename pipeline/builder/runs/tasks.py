"""A course -> its doit tasks, as the dictionaries that `dodo.py` hands to doit.

doit runs the graph: the order, the processes, the selection of tasks. Whether a task is up to
date is asked of `graph.py`, through each task's `uptodate`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cached_property
from inspect import Signature
from typing import Any

from doit.loader import generate_tasks
from doit.task import Task

from pipeline.builder.actions.chores import (
    fail_with,
    faults,
    gone_tasks,
    in_the_way,
    orphans,
    parts,
    run_clear,
    run_lexicon,
    run_prune,
    run_redirects,
    run_report,
)
from pipeline.builder.actions.steps import StepAction
from pipeline.builder.course.course import Course
from pipeline.builder.course.graph import BUNDLE, Graph
from pipeline.builder.course.plan import REPORT_FILES
from pipeline.builder.course.reads import ANCHORS, Key, stage_of
from pipeline.builder.runs.names import CLEAR, DEFAULT_TASKS, LEXICON, PRUNE, REDIRECTS, REPORT, SETTINGS
from pipeline.builder.runs.run import CourseRun
from pipeline.errors import StateError
from pipeline.paths import nfc, page_id, page_target, section_page_id, task_name

TaskDict = dict[str, Any]


def made_tasks(name: str, found: Iterable[TaskDict]) -> list[Task]:
    """The group of this name and its tasks, as doit makes them of a function in `dodo.py`."""
    made: list[Task] = generate_tasks(name, (task for task in found))
    return made


def _asked(question: Callable[[], bool]) -> bool:
    """The answer; no when the state cannot be used, which the task itself tells."""
    try:
        return question()
    except StateError:
        return False


class UpToDate:
    """Asked by doit just before a task would run, when all it depends on is done."""

    __slots__ = ("graph", "item", "stage")

    def __init__(self, graph: Graph, stage: str, item: str) -> None:
        self.graph = graph
        self.stage = stage
        self.item = item

    __signature__ = Signature()  # doit asks for it each time, which takes longer than the answer

    def __call__(self) -> bool:
        return _asked(lambda: self.graph.is_current(self.stage, self.item))

    def __repr__(self) -> str:
        return self.graph.why_stale(self.stage, self.item)


class CourseTasks:
    """The tasks of one course for one run of doit."""

    def __init__(self, run: CourseRun) -> None:
        self._run = run
        self.location = run.location
        self.error = run.error
        self.is_listed = run.is_listed

    @property
    def graph(self) -> Graph:
        return self._run.graph

    @property
    def course(self) -> Course:
        return self._run.course

    def in_order(self) -> list[str]:
        """What to run when no task is named: each lesson's `repair` and `parse` follow one another, so
        that what was worked out ahead need not be kept for long."""
        if self.error is not None:
            return DEFAULT_TASKS
        both = ("repair", "parse")
        lessons = dict.fromkeys(path for stage in both for path in self.graph.ahead.candidates.get(stage, ()))
        made = {stage: set(self.graph.ahead.candidates.get(stage, ())) for stage in both}
        names = [task_name(stage, path) for path in lessons for stage in both if path in made[stage]]
        return [SETTINGS, CLEAR, *names, *DEFAULT_TASKS[2:]]

    def settings(self) -> Iterator[TaskDict]:
        """Fails with what is wrong when the course cannot be opened at all."""
        if self.error is not None:
            yield {"basename": SETTINGS, "actions": [(fail_with, [[self._run.why_closed]])], "uptodate": [False]}

    def clear(self) -> Iterator[TaskDict]:
        """Make way for what is to come."""
        if self.error is None:
            yield {
                "basename": CLEAR,
                "doc": "forget lessons that are gone, and delete what stands in the way of new files",
                "actions": [(run_clear, [self.graph])],
                "uptodate": [
                    lambda: _asked(
                        lambda: not in_the_way(self.graph) and not parts(self.graph) and not gone_tasks(self.graph)
                    )
                ],
            }

    def prune(self, *, may_have_orphans: bool = True) -> Iterator[TaskDict]:
        """Delete what the project wrote and the course no longer has, when nothing refers to it any more."""
        if self.error is None:
            yield {
                "basename": PRUNE,
                "doc": "delete pages and files whose source is gone",
                "actions": [(run_prune, [self.graph])],
                "uptodate": [
                    lambda: _asked(lambda: not (may_have_orphans or self.course.retired) or not orphans(self.graph))
                ],
                "task_dep": [task for task in DEFAULT_TASKS if task not in (SETTINGS, PRUNE, REPORT)],
            }

    def repair(self, only: Iterable[str] | None = None) -> Iterator[TaskDict]:
        lessons = self._lessons if only is None else list(only)
        self._expect("repair", lessons)
        for path in lessons:
            source = os.fspath(self.location.content / path)
            yield self._task("repair", path, doc=self._title(path), file_dep=[source])

    def parse(self, only: Iterable[str] | None = None) -> Iterator[TaskDict]:
        lessons = self._lessons if only is None else list(only)
        self._expect("parse", lessons)
        for path in lessons:
            dependency = task_name("repair", path)
            yield self._task("parse", path, doc=self._title(path), task_dep=[dependency])

    def index(self, only: Iterable[str] | None = None) -> Iterator[TaskDict]:
        """`only` some sections, when the lessons they list have been parsed already."""
        if self.error is not None:
            return
        plan = self.course.plan
        sections = plan.sections if only is None else list(only)
        chosen = set(sections)
        for section in sections:
            own = plan.sources.get(section_page_id(section))
            below = [task_name("index", child) for child in plan.sections_in[section] if child in chosen]
            lessons = [*plan.lessons_in[section], *([own] if own else [])] if only is None else []
            inside = [task_name("parse", path) for path in lessons]
            title = self.graph.section_title(section) if self.is_listed else section
            yield self._task("index", section, doc=title, task_dep=below + inside)

    def render(self, only: Container[str] | None = None) -> Iterator[TaskDict]:
        if self.error is not None:
            return
        plan = self.course.plan
        pages = [page for page in plan.pages if only is None or page in only]
        if len(pages) > 1:  # new pages come before those that lead to them
            output = self.location.output
            pages.sort(key=lambda page: os.path.lexists(f"{output}/{page_target(page)}"))
        self._expect("render", pages)
        for page in pages:
            source = plan.sources.get(page)
            section = plan.section_named(page)
            title = self._title(source if section is None or not self.is_listed else None)
            if section is not None and self.is_listed:
                title = self.graph.section_title(section)
            # Titles come from the index, and a link may lead to any lesson: all are parsed first.
            before = [CLEAR, "index", "asset", "static"]
            yield self._task("render", page, doc=title, task_dep=[*before, *self._read_by(page)])

    def _read_by(self, page: str) -> list[str]:
        """For people who look at the graph: the tasks whose results a page shows, its own lesson's first. A run has
        made them all before the first page, and asks whether the page is stale."""
        if not self.is_listed:
            return []
        plan = self.course.plan
        self.graph.page_inputs(page)
        asked = self.graph.asked | self._everywhere
        source = plan.sources.get(page)
        own = [task_name("parse", source)] if source else []
        return list(dict.fromkeys([*own, *(name for key in sorted(asked) if (name := self._answers(key)))]))

    @cached_property
    def _everywhere(self) -> set[Key]:
        return self.graph.shown_everywhere()

    def _answers(self, key: Key) -> str:
        """The task that answers a question that a page asks; `""` if none does."""
        stage, item = stage_of(key), key[1]
        if key[0] == ANCHORS:
            stage, item = "parse", self.course.plan.sources.get(item, "")
        found = self._by_nfc[stage].get(nfc(item))
        return "" if found is None else task_name(stage, found)

    @cached_property
    def _by_nfc(self) -> dict[str, dict[str, str]]:
        plan = self.course.plan
        items = {"parse": plan.lessons, "index": plan.sections, "asset": plan.assets}
        return {stage: {nfc(name): name for name in names} for stage, names in items.items()}

    def asset(self, only: Iterable[str] | None = None) -> Iterator[TaskDict]:
        if self.error is not None:
            return
        for path in self.course.plan.assets if only is None else only:
            source = os.fspath(self.location.content / path)
            yield self._task("asset", path, doc=path, file_dep=[source], task_dep=[CLEAR])

    def static(self, only: Iterable[str] | None = None) -> Iterator[TaskDict]:
        if self.error is not None:
            return
        for name in self.course.plan.statics if only is None else only:
            source = os.fspath(self.course.statics[name])
            yield self._task("static", name, doc=name, file_dep=[source], task_dep=[CLEAR])

    def repairs(self) -> Iterator[TaskDict]:
        for name in REPORT_FILES if self.error is None else ():
            yield self._task(
                "repairs", name, doc="what was damaged and how it was read", task_dep=[CLEAR, "repair", "parse"]
            )

    def site(self) -> Iterator[TaskDict]:
        for name in self.course.plan.site_files if self.error is None else ():
            yield self._task("site", name, doc="a file for the whole site", task_dep=[CLEAR, "index"])

    def former(self) -> Iterator[TaskDict]:
        if self.error is None:
            yield self._task("former", BUNDLE, doc="pages at former paths", task_dep=[CLEAR, "index", "render"])

    def search(self) -> Iterator[TaskDict]:
        if self.error is None:
            yield self._task("search", BUNDLE, doc="the index for the search box", task_dep=[CLEAR, "index"])

    def lexicon(self) -> Iterator[TaskDict]:
        """Count the course's own sound words into a file beside the lessons; on request only."""
        if self.error is None:
            yield {
                "basename": LEXICON,
                "doc": "count the words of the sound lessons into content/lexicon.tsv (on request only)",
                "actions": [(run_lexicon, [self.graph])],
                "uptodate": [False],
                "task_dep": ["repair"],
            }

    def redirects(self) -> Iterator[TaskDict]:
        """Write the renames that builds noted into a file beside the lessons; on request only."""
        if self.error is None:
            yield {
                "basename": REDIRECTS,
                "doc": "write the renames that builds saw into content/redirects.toml (on request only)",
                "actions": [(run_redirects, [self.graph])],
                "uptodate": [False],
            }

    def report(self) -> Iterator[TaskDict]:
        """Fails with every fault that is left; up to date when there is none."""
        if self.error is None:
            yield {
                "basename": REPORT,
                "doc": "tell every fault that is left",
                "actions": [(run_report, [self.graph])],
                "uptodate": [lambda: _asked(lambda: not faults(self.graph))],
                "task_dep": [task for task in DEFAULT_TASKS if task not in (SETTINGS, REPORT)],
            }

    def _expect(self, stage: str, items: list[str]) -> None:
        if self.error is None:
            self.graph.ahead.candidates[stage] = items
            if stage == "repair":
                self.graph.ahead.begin(stage)

    @property
    def _lessons(self) -> list[str]:
        return self.course.plan.lessons if self.error is None else []

    def _title(self, path: str | None) -> str:
        if not self.is_listed:
            return ""
        facts = self.graph.facts(path) if path else None
        return (facts.title if facts else "") or page_id(path or "")

    def _task(self, stage: str, item: str, **more: Any) -> TaskDict:
        self.graph.ahead.go_on()
        target = self.graph.target_of(stage, item)
        name = task_name(stage, item)
        return {
            "basename": stage,
            "name": name.removeprefix(f"{stage}:"),
            "actions": [StepAction(self.graph, stage, item)],
            "uptodate": [UpToDate(self.graph, stage, item)],
            "targets": [os.fspath(self.location.output / target)] if target else [],
            **more,
        }
