"""The tasks that a difference can reach, when all that differs from a finished build is lessons, files
and pages.

What an edit reaches is known when its lessons are parsed: doit makes the later tasks then
(`DelayedLoader`). What has changed gives keys (`changes.py`), by which the state finds the pages that asked for them
(`reads.py`). The choice may be too wide, never too narrow: each task that is made still asks its stage whether it is
stale, and the tests hold every outcome against a clean build.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cached_property

from doit.task import DelayedLoader, Task

from pipeline.builder.course.changes import Changes
from pipeline.builder.course.reads import number_of
from pipeline.builder.course.stage import Stage
from pipeline.builder.course.work import import_stages
from pipeline.builder.disk.sweep import FileStamp, Tree
from pipeline.builder.runs.doit_tasks import CourseTasks, make_group
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.seal import Difference, Stamp
from pipeline.builder.stages.chores import parts
from pipeline.builder.tasks import ASSETS, CLEAR, LESSONS, PAGES, SECTIONS, STATICS, Definition
from pipeline.errors import StateError
from pipeline.paths import item_of


class KnownStamps(Mapping[str, FileStamp]):
    """Stamps of files whose sorted names are known, each made when it is asked for: of ten thousand, a run asks for
    those that were edited."""

    def __init__(
        self, names: Sequence[str], known: Mapping[str, Stamp | None], edited: Mapping[str, FileStamp]
    ) -> None:
        self._names, self._known, self._edited = names, known, edited

    def __getitem__(self, path: str) -> FileStamp:
        place = bisect_left(self._names, path)
        if place == len(self._names) or self._names[place] != path:
            raise KeyError(path)
        stamp = self._known.get(path)
        found = self._edited.get(path) or (stamp and FileStamp(*stamp))
        if found is None:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._names if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class PartialTasks:
    """The tasks of a run after which only what differs, and what that reaches, has to be looked at."""

    def __init__(self, run: CourseRun, tasks: CourseTasks, difference: Difference) -> None:
        self._tasks = tasks
        self._graph = run.graph
        self._course = run.course
        self._definitions = run.definitions
        self._difference = difference

    def is_possible(self) -> bool:
        """Whether the course is one that can be told apart from what it was."""
        seal = self._difference.seal
        if self._course.state.mark() != seal.mark:
            return False  # the state is another one than was there when the seal was put
        self._course.fingerprints.know(*seal.code)
        edited = (self._course.location.content / path for path in self._difference.edited)
        if any(path.is_symlink() for path in edited):
            return False  # whether a link stays inside the course is looked at by a whole sweep
        if self._difference.is_same_tree:
            return self._keep_tree()
        tree, plan = self._course.tree, self._course.plan
        if tree.problems or tree.unreadable or plan.problems:
            return False
        # A new folder may take the name of a section of the navigation: that has another then, and so have all in it.
        return plan.is_arranged_like(self._difference.seal.plan)

    def _keep_tree(self) -> bool:
        """The same files are there: neither walk through the folder again nor plan anew. False if one
        has gone meanwhile."""
        plan, known = self._difference.seal.plan, self._difference.seal.content
        content = self._course.location.content
        try:
            edited = {path: FileStamp.of((content / path).stat()) for path in self._difference.edited}
        except OSError:
            return False
        self._course.plan = plan
        lessons, assets = (KnownStamps(names, known, edited) for names in (plan.lessons, plan.assets))
        self._course.tree = Tree(lessons, assets)
        return True

    def load(self) -> list[Task]:
        """The tasks, as doit wants them."""
        plan, old = self._course.plan, self._difference.seal.plan
        self._changes = Changes(self._graph.inputs, old)
        edited = set(self._difference.edited)
        failed = self._failed
        if edited.intersection(plan.lessons):
            import_stages()
        self._graph.spoiled = set(self._difference.spoiled)
        self._graph.redated = self._difference.redated
        of_lessons = [name for name, stage in self._graph.stages.items() if stage.row.items == LESSONS]
        lessons = edited.union(*(failed[name] for name in of_lessons)).intersection(plan.lessons)
        assets = edited.union(failed["asset"]).intersection(plan.assets)
        came_or_went = set[str]()
        if plan is not old:
            lessons.update(set(plan.lessons).difference(old.lessons))
            assets.update(set(plan.assets).difference(old.assets))
            came_or_went = {*plan.lessons, *plan.assets}.symmetric_difference({*old.lessons, *old.assets})
        lessons.update(self._graph.including(edited | came_or_went).intersection(plan.lessons))
        owners = [task.partition(":") for task in self._spoiled]
        spoiled = {
            stage: {item_of(f"{stage}:{name}") for kind, _, name in owners if kind == stage}
            for stage in self._graph.stages
        }
        gone = set[str]()
        if plan is not old:
            # An index.md that came or went beside a README.md makes another page of that one.
            turned = plan.own_texts.symmetric_difference(old.own_texts)
            lessons |= turned.intersection(plan.lessons).intersection(old.lessons)
            gone = set(old.lessons).difference(plan.lessons)
        for path in sorted(lessons | gone):
            self._changes.watch_lesson(path)
        for path in sorted(assets):
            self._changes.watch_image(path)
        self._everywhere = self._graph.inputs.shown_everywhere()
        self._graph.may_have_orphans = self._may_have_orphans()
        # One stage of a lesson may wait for another: all are asked.
        asked = lessons.union(*(spoiled[name] for name in of_lessons))
        reached: dict[str, Callable[[Stage], Container[str] | None]] = {
            LESSONS: lambda stage: asked,
            ASSETS: lambda stage: assets | spoiled[stage.name],
            STATICS: lambda stage: spoiled[stage.name] | failed[stage.name],
            SECTIONS: lambda stage: self._sections(),
            PAGES: lambda stage: self._pages(spoiled[stage.name]),
        }
        return [task for row in self._definitions.rows.values() if row.is_default for task in self._made(row, reached)]

    def _made(self, row: Definition, reached: Mapping[str, Callable[[Stage], Container[str] | None]]) -> list[Task]:
        """The tasks of one row; when it is only known later what the difference reaches, one that makes them then."""
        if not row.items:
            is_left_out = row.name == CLEAR and not self._graph.may_have_orphans
            return [make_group(row.name)] if is_left_out else list(self._tasks.of(row.name))
        stage = self._graph.stages[row.name]
        choose = reached.get(row.items, self._every)
        if stage.known_after:
            return [_delayed(row.name, lambda: self._tasks.of(row.name, choose(stage)), stage.known_after)]
        return list(self._tasks.of(row.name, choose(stage)))

    def _may_have_orphans(self) -> bool:
        difference = self._difference
        return not difference.is_same_tree or not difference.seal.is_sound or parts(self._graph)

    @cached_property
    def _failed(self) -> dict[str, set[str]]:
        """What failed last time, by stage: it is tried again."""
        found: dict[str, set[str]] = {stage: set() for stage in self._graph.stages}
        for task in self._course.state.failed():
            found.setdefault(task.partition(":")[0], set()).add(item_of(task))
        return found

    @property
    def _spoiled(self) -> list[str]:
        """The tasks whose target is not what was written."""
        targets = self._course.plan.targets
        return [targets[target] for target in self._difference.spoiled if target in targets]

    # --- what the difference reaches, once the lessons are parsed ---

    def _every(self, stage: Stage) -> Container[str] | None:
        """All items of a stage, or none of one that is made from what did not change."""
        is_only_edited = self._difference.is_same_tree and not self._difference.spoiled
        is_only_edited &= not self._difference.redated
        if is_only_edited and not any(self._failed.values()) and not stage.is_reached(self._changes):
            return ()
        return None

    def _sections(self) -> set[str]:
        return self._failed["index"].union(self._changes.listed_otherwise())

    def _pages(self, spoiled: set[str]) -> set[str] | None:
        changed = self._changes.keys()
        if not changed.keys().isdisjoint(self._everywhere | self._graph.inputs.shown_everywhere()):
            return None  # every page
        readers = self._course.state.readers(map(number_of, changed))
        redated = set(map(self._course.plan.page_of, self._difference.redated.intersection(self._course.plan.lessons)))
        return spoiled | redated | self._changes.pages() | self._failed["render"] | set(map(item_of, readers))


def _delayed(name: str, make: Callable[[], Iterator[Task]], executed: str) -> Task:
    def made() -> Iterator[Task]:
        with contextlib.suppress(StateError):  # the state remembers why, and `report` tells it
            yield from make()

    return Task(name, None, loader=DelayedLoader(made, executed=executed), has_subtask=True)
