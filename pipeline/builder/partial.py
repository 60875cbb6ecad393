"""The tasks that edits of lessons can reach, when nothing else has changed since a finished build.

What an edit reaches is known when its lessons are parsed: doit makes the later tasks then
(`DelayedLoader`). The choice may be too wide, never too narrow: each task that is made still asks
`graph.py` whether it is stale, and the tests hold every outcome against a clean build.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from doit.loader import generate_tasks
from doit.task import DelayedLoader, Task

from pipeline.builder.tasks import CourseTasks, TaskDict
from pipeline.paths import ancestors, page_id, section_of, section_page_id, task_name
from pipeline.values import LessonFacts


class PartialTasks:
    """The tasks of a run after which only edited lessons and files have to be looked at."""

    def __init__(self, tasks: CourseTasks) -> None:
        self._tasks = tasks
        self._graph = tasks.graph
        self._course = tasks.course
        self._before: dict[str, LessonFacts | None] = {}

    def is_possible(self) -> bool:
        """Whether the same lessons and files are there as last time; what is in them may differ."""
        tree, state = self._course.tree, self._course.state
        if tree.problems or tree.unreadable:
            return False
        known = {task for task in state.tasks() if task.startswith(("repair:", "asset:"))}
        now = {task_name("repair", path) for path in tree.lessons}
        now.update(task_name("asset", path) for path in tree.assets)
        return known == now

    def load(self) -> list[Task]:
        """The tasks, as doit wants them."""
        sources = self._course.state.sources()
        tree, plan = self._course.tree, self._course.plan
        lessons = [path for path in plan.lessons if sources.get(path) != tree.lessons[path]]
        assets = [path for path in plan.assets if sources.get(path) != tree.assets[path]]
        self._before = {path: self._graph.facts(path) for path in lessons}
        tasks = self._tasks
        return [
            *_made("settings", tasks.settings()),
            *_made("prune", tasks.prune()),
            *_made("repair", tasks.repair(lessons)),
            *_made("parse", tasks.parse(lessons)),
            _delayed("index", lambda: tasks.index(self._sections), "parse"),
            _delayed("render", lambda: tasks.render(self._pages()), "index"),
            *_made("asset", tasks.asset(assets)),
            *_made("static", iter(())),
            *_made("repairs", tasks.repairs()),
            *_made("report", tasks.report()),
        ]

    # --- what the edits reach, once the lessons are parsed ---

    @cached_property
    def _changed_cards(self) -> list[str]:
        """The edited lessons of which other pages show something else now."""
        return [path for path, facts in self._before.items() if _card(facts) != _card(self._graph.facts(path))]

    @cached_property
    def _sections(self) -> list[str]:
        """The sections that list them, and all above."""
        found = set[str]()
        for path in self._changed_cards:
            section = section_of(path)
            found.update((section, *ancestors(section)))
        return sorted(found)

    def _pages(self) -> list[str]:
        plan = self._course.plan
        if self._reaches_all():
            return plan.pages
        found = {page_id(path) for path in self._before}
        for section in self._sections:
            found.add(section_page_id(section))
            found.update(map(page_id, plan.lessons_in[section]))
            for child in plan.sections_in[section]:
                found.add(section_page_id(child))
        for path in self._changed_cards:
            if _is_index(path):
                found.update(self._pages_below(section_of(path)))
        found.update(self._linking_pages())
        return [page for page in plan.pages if page in found]

    def _pages_below(self, section: str) -> Iterator[str]:
        prefix = f"{section}/" if section else ""
        return (page for page in self._course.plan.pages if page.startswith(prefix))

    def _reaches_all(self) -> bool:
        """Whether every page may show it: a page appears or goes, a quick link, the course's title."""
        quick = self._course.settings.quick_links
        for path in self._changed_cards:
            before, after = self._before[path], self._graph.facts(path)
            if before is None or after is None or (before.draft, before.has_text) != (after.draft, after.has_text):
                return True
            section = section_of(path)
            if path == "index.md" or (_is_index(path) and section in quick):
                return True
            if path in quick or page_id(path) in quick:
                return True
        return False

    def _linking_pages(self) -> Iterator[str]:
        """The pages with a link to an anchor of a lesson whose anchors changed."""
        for path, before in self._before.items():
            after = self._graph.facts(path)
            if before is None or after is None or before.anchors == after.anchors:
                continue
            by_task = self._lessons_by_task
            for task in self._course.state.tasks_that_name("#"):
                if task in by_task:
                    yield page_id(by_task[task])

    @cached_property
    def _lessons_by_task(self) -> dict[str, str]:
        return {task_name("parse", path): path for path in self._course.plan.lessons}


def _card(facts: LessonFacts | None) -> object:
    return facts and (facts.title, facts.summary, facts.order, facts.draft, facts.has_text)


def _is_index(path: str) -> bool:
    return posixpath.basename(page_id(path)) == "index"


def _made(name: str, found: Iterator[TaskDict]) -> list[Task]:
    made: list[Task] = generate_tasks(name, (task for task in found))
    return made


def _delayed(name: str, make: Callable[[], Iterator[TaskDict]], executed: str) -> Task:
    return Task(name, None, loader=DelayedLoader(_Creator(make), executed=executed), has_subtask=True)


class _Creator:
    """Makes tasks when doit asks. Only this process does: a worker that is started afresh, as on
    Python 3.14, gets the tasks by pickle and needs no more of this than its name."""

    def __init__(self, make: Callable[[], Iterator[TaskDict]] | None = None) -> None:
        self._make = make

    def __call__(self) -> Iterator[TaskDict]:
        yield from self._make() if self._make else ()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_Creator, ())
