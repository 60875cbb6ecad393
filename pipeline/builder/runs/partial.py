"""The tasks that a difference can reach, when all that differs from a finished build is lessons, files
and pages.

What an edit reaches is known when its lessons are parsed: doit makes the later tasks then
(`DelayedLoader`). The choice may be too wide, never too narrow: each task that is made still asks
`graph.py` whether it is stale, and the tests hold every outcome against a clean build.
"""

from __future__ import annotations

import contextlib
import json
import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from doit.loader import generate_tasks
from doit.task import DelayedLoader, Task

from pipeline.builder.actions.chores import parts
from pipeline.builder.course.plan import Plan
from pipeline.builder.course.work import RENDERING, import_stages, ready_pages
from pipeline.builder.disk.sweep import FileStamp, Tree
from pipeline.builder.runs.seal import Difference
from pipeline.builder.runs.tasks import CourseTasks, TaskDict
from pipeline.errors import StateError
from pipeline.paths import (
    ROOT_SECTION,
    ancestors,
    item_of,
    nfc,
    page_id,
    section_of,
    section_page_id,
    task_name,
)
from pipeline.section import branches_of
from pipeline.values import LessonFacts


class PartialTasks:
    """The tasks of a run after which only what differs, and what that reaches, has to be looked at."""

    def __init__(self, tasks: CourseTasks, difference: Difference) -> None:
        self._tasks = tasks
        self._graph = tasks.graph
        self._course = tasks.course
        self._difference = difference
        self._before: dict[str, LessonFacts | None] = {}
        """Facts, as they were, of each lesson that is edited, new or gone."""
        self._turned: set[str] = set()
        """Lessons that are another page now."""
        self._sizes: dict[str, tuple[int, ...]] = {}
        """Width and height, as they were, of each image that is edited or new."""
        self._listed_before: dict[str, bytes] = {}
        """What each section listed that is asked again."""
        self._titles_before: dict[str, str] = {}
        """And its title."""
        self._branches_before: object = None
        """What the tree of every page had of the top of the course."""
        self._published_before: dict[str, bool] = {}
        """Whether the sections above them had a page."""

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
        return not tree.problems and not tree.unreadable and not plan.problems

    def _keep_tree(self) -> bool:
        """The same files are there: neither walk through the folder again nor plan anew. False if one
        has gone meanwhile."""
        plan = self._difference.seal.plan
        stamps = {path: FileStamp(*stamp) for path, stamp in self._difference.seal.content.items() if stamp}
        edited = self._difference.edited
        try:
            stamps.update((path, FileStamp.of((self._course.location.content / path).stat())) for path in edited)
        except OSError:
            return False
        self._course.plan = plan
        self._course.tree = Tree(
            {path: stamps[path] for path in plan.lessons if path in stamps},
            {path: stamps[path] for path in plan.assets if path in stamps},
        )
        return True

    def load(self) -> list[Task]:
        """The tasks, as doit wants them."""
        tasks, plan, old = self._tasks, self._course.plan, self._difference.seal.plan
        edited = set(self._difference.edited)
        failed = self._failed
        if edited.intersection(plan.lessons):
            # While another process works on them, or at least looks at the output.
            if self._graph.ahead.edited:
                import_stages(RENDERING)
                ready_pages(self._course.workshop)
            else:
                import_stages()
        self._graph.spoiled = set(self._difference.spoiled)
        lessons = edited.union(failed["repair"], failed["parse"]).intersection(plan.lessons)
        assets = edited.union(failed["asset"]).intersection(plan.assets)
        lessons.update(set(plan.lessons).difference(old.lessons))
        assets.update(set(plan.assets).difference(old.assets))
        owners = [task.partition(":") for task in self._spoiled]
        spoiled = {stage: {item_of(f"{stage}:{name}") for kind, _, name in owners if kind == stage} for stage in _FILES}
        # An index.md that came or went beside a README.md makes another page of that one.
        both = set(plan.lessons).intersection(old.lessons)
        self._turned = plan.own_texts.symmetric_difference(old.own_texts).intersection(both)
        lessons |= self._turned
        changed = lessons.union(set(old.lessons).difference(plan.lessons))
        self._sizes = {path: self._graph.image_size(path) for path in sorted(assets)}
        self._before = {path: self._graph.facts(path) for path in sorted(changed)}
        above = {section for path in changed for section in _upwards(path)}
        self._published_before = {section: self._was_published(section) for section in above}
        may_have_orphans = self._may_have_orphans()
        return [
            *_made("settings", tasks.settings()),
            *_made("clear", tasks.clear() if may_have_orphans else iter(())),
            *_made("repair", tasks.repair(sorted(lessons | spoiled["repair"]))),
            *_made("parse", tasks.parse(sorted(lessons))),
            _delayed("index", self._index_tasks, "parse"),
            _delayed("render", lambda: tasks.render(self._pages() | spoiled["render"]), "index"),
            *_made("asset", tasks.asset(sorted(assets | spoiled["asset"]))),
            *_made("static", tasks.static(sorted(spoiled["static"] | failed["static"]))),
            _delayed("site", tasks.site, "index"),
            _delayed("former", tasks.former, "render"),
            _delayed("search", tasks.search, "index"),
            *_made("repairs", tasks.repairs()),
            *_made("prune", tasks.prune(may_have_orphans=may_have_orphans)),
            *_made("report", tasks.report()),
        ]

    def _may_have_orphans(self) -> bool:
        difference = self._difference
        return not difference.is_same_tree or not difference.seal.is_sound or parts(self._graph)

    @property
    def _failed(self) -> dict[str, set[str]]:
        """What failed last time, by stage: it is tried again."""
        found: dict[str, set[str]] = {stage: set() for stage in _FILES}
        for task in self._course.state.failed():
            found.setdefault(task.partition(":")[0], set()).add(item_of(task))
        return found

    @property
    def _spoiled(self) -> list[str]:
        """The tasks whose target is not what was written."""
        targets = self._course.plan.targets
        return [targets[target] for target in self._difference.spoiled if target in targets]

    # --- what the difference reaches, once the lessons are parsed ---

    def _after(self, path: str) -> LessonFacts | None:
        return self._graph.facts(path) if path in self._lessons else None

    @cached_property
    def _lessons(self) -> set[str]:
        return set(self._course.plan.lessons)

    @cached_property
    def _changed_cards(self) -> list[str]:
        """The lessons of which other pages show something else now."""
        return [
            path
            for path, facts in self._before.items()
            if path in self._turned or _card(facts) != _card(self._after(path))
        ]

    @cached_property
    def _sections(self) -> list[str]:
        """The sections that list them, and all above."""
        found = {section for path in self._changed_cards for section in _upwards(path)}
        found |= self._failed["index"]
        return sorted(found.intersection(self._course.plan.sections))

    def _index_tasks(self) -> Iterator[TaskDict]:
        self._listed_before = {section: self._listed(section) for section in self._sections}
        self._titles_before = {section: self._graph.section_title(section) for section in self._sections}
        self._branches_before = self._branches()
        return self._tasks.index(self._sections)

    def _listed(self, section: str) -> bytes:
        """Digest of what a section lists."""
        record = self._course.state.record(task_name("index", section))
        return record.digest if record else b""

    def _pages(self) -> set[str]:
        plan = self._course.plan
        if self._reaches_all():
            return set(plan.pages)
        found = set(map(plan.page_of, self._before)) | self._failed["render"]
        for section, before in self._listed_before.items():
            if self._listed(section) == before:
                continue  # one above the sections that list a lesson shows none of it
            found.update(map(section_page_id, (section, *ancestors(section))))  # which say where to begin
            found.update(map(page_id, plan.lessons_in[section]))
            found.update(map(section_page_id, plan.sections_in[section]))
            if self._titles_before[section] != self._graph.section_title(section):
                found.update(self._pages_below(section))
        for path in self._changed_cards:
            if self._is_own_text(path):
                found.update(self._pages_below(section_of(path)))
        found.update(self._linking_pages())
        return found

    def _pages_below(self, section: str) -> Iterator[str]:
        prefix = f"{section}/" if section else ""
        return (page for page in self._course.plan.pages if page.startswith(prefix))

    def _reaches_all(self) -> bool:
        """Whether every page may show it: it is a quick link, or the course's title."""
        quick = set(map(nfc, self._course.settings.quick_links))
        shown = {name for path in self._changed_cards for name in (path, page_id(path))}
        own = [section_of(path) for path in self._changed_cards if self._is_own_text(path)]
        shown.update(own)
        shown.update(self._flipped_sections)
        is_shown = ROOT_SECTION in own or not quick.isdisjoint(map(nfc, shown))
        return is_shown or self._branches_before != self._branches()

    def _branches(self) -> object:
        return [(card.page, card.title) for card in branches_of(self._graph.section(ROOT_SECTION))]

    # --- links ---

    def _linking_pages(self) -> Iterator[str]:
        """The pages with a link that may lead elsewhere now."""
        needles = set(map(_needle, self._appeared_or_gone))
        if any(self._has_other_anchors(path) for path in self._before):
            needles.add("#")
        if any(self._is_own_text(path) for path in self._moved):
            needles.add("#")  # `../#part` does not name the folder
        if not needles:
            return
        # What a link names may be percent-encoded.
        for needle in (*needles, "%") if needles != {"#"} else needles:
            for task in self._course.state.tasks_that_name(needle):
                yield self._course.plan.page_of(item_of(task))

    def _has_other_anchors(self, path: str) -> bool:
        before, after = self._before[path], self._after(path)
        return before is not None and after is not None and before.anchors != after.anchors

    @cached_property
    def _appeared_or_gone(self) -> list[str]:
        """Last parts of the paths that a link could or can not lead to before."""
        plan, old = self._course.plan, self._difference.seal.plan
        found = [posixpath.basename(path) for path in set(plan.assets).symmetric_difference(old.assets)]
        found += [
            posixpath.basename(path) for path, size in self._sizes.items() if size != self._graph.image_size(path)
        ]
        for path in self._before:
            # A link to a draft says that it is one, a link to nothing that it leads nowhere.
            if path in self._moved or _is_published(self._before[path]) != _is_published(self._after(path)):
                found.append(posixpath.basename(page_id(path)))
                if self._is_own_text(path):
                    found.append(posixpath.basename(section_of(path)))
        return found + list(map(posixpath.basename, self._flipped_sections))

    @cached_property
    def _moved(self) -> set[str]:
        """Lessons that came, went or are another page now."""
        return self._turned.union(
            set(self._course.plan.lessons).symmetric_difference(self._difference.seal.plan.lessons)
        )

    def _is_own_text(self, path: str) -> bool:
        """Whether a lesson is or was the text of its folder."""
        page = section_page_id(section_of(path))
        return path in (self._course.plan.sources.get(page), self._difference.seal.plan.sources.get(page))

    @cached_property
    def _flipped_sections(self) -> list[str]:
        """The folders that have a page now and had none, or the other way round."""
        return [section for section, was in self._published_before.items() if was != self._is_published(section)]

    def _was_published(self, section: str) -> bool:
        old: Plan = self._difference.seal.plan
        return section in old.lessons_in and self._graph.is_published_section(section)

    def _is_published(self, section: str) -> bool:
        return section in self._course.plan.lessons_in and self._graph.is_published_section(section)


_FILES = ("repair", "parse", "index", "render", "asset", "static", "site", "repairs")


def _upwards(path: str) -> Iterator[str]:
    section = section_of(path)
    yield from (section, *ancestors(section))


def _card(facts: LessonFacts | None) -> object:
    return facts and (facts.title, facts.summary, facts.order, facts.draft, facts.date, facts.has_text)


def _is_published(facts: LessonFacts | None) -> bool:
    return facts is not None and not facts.draft


def _needle(name: str) -> str:
    """What of a name every way to write it in a link has in common, as it stands in encoded facts: its
    longest run of ASCII characters, without those that a Unicode form could join with a mark."""
    runs = [""]
    decomposed = unicodedata.normalize("NFD", name)
    for position, character in enumerate(decomposed):
        following = decomposed[position + 1 : position + 2]
        if character.isascii() and not (following and unicodedata.combining(following)):
            runs[-1] += character
        else:
            runs.append("")
    return json.dumps(max(runs, key=len))[1:-1]


def _made(name: str, found: Iterable[TaskDict]) -> list[Task]:
    made: list[Task] = generate_tasks(name, (task for task in found))
    return made


def _delayed(name: str, make: Callable[[], Iterator[TaskDict]], executed: str) -> Task:
    def made() -> Iterator[TaskDict]:
        with contextlib.suppress(StateError):  # the state remembers why, and `report` tells it
            yield from make()

    return Task(name, None, loader=DelayedLoader(made, executed=executed), has_subtask=True)
