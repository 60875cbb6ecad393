"""One run of doit over a course: opened, locked, compared with the last finished build, and sealed.

What only a run with something to do needs is imported when it is: a run with nothing to do is mostly imports.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from doit import get_var

from pipeline.builder.disk.location import Location
from pipeline.builder.disk.lock import CourseLock
from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.runs.seal import (
    BROKEN_NAME,
    Difference,
    Seal,
    Sweep,
    break_seal,
    load_seal,
    put_seal,
    read_seal,
    stamp_rest,
    take_sweep,
)
from pipeline.builder.runs.standing import Warned, count_standing, keep_standing, read_standing
from pipeline.builder.tasks import REDIRECTS, TASKS, Definition, Definitions
from pipeline.errors import Diagnostic, PipelineError, SourceError, StateError, as_typed
from pipeline.paths import item_of
from pipeline.settings import REDIRECTS_NAME

if TYPE_CHECKING:
    from pipeline.builder.course.ahead import Executor, Work, Workers
    from pipeline.builder.course.course import Course
    from pipeline.builder.course.graph import Graph
    from pipeline.builder.course.work import Workshop
    from pipeline.builder.state.state import State

_REPAIR = "repair:"
_COURSE, _TEMPLATES = "course", "templates"
"""Stand for a task where warnings about no lesson are counted."""


class CourseRun:
    """One course for one run of doit. What is expensive is done when it is first asked for."""

    def __init__(self, location: Location, tasks: Iterable[Definition] = TASKS) -> None:
        self.begun = time.perf_counter()
        self.location = location
        self.definitions = Definitions(tasks)
        self.lock = CourseLock(location)
        self.processes = 0
        """How many may work ahead of doit; set by the session."""
        self.cluster = ""
        """The address of a cluster that works ahead instead; set by the session."""
        self.is_insecure = False
        """Whether the connection to it may be unencrypted."""
        self.is_listed = True
        """Whether tasks are shown or cleaned: they then have titles and actions to clean; a run needs neither."""
        self.trusts_stamps = True
        """Whether a file with the size and time it had is the file it was; set by the session."""
        self.own_tasks: list[str] = []
        """The tasks that a person wrote into `dodo.py` beside the course's; set by the session."""
        self.is_begun = False
        """Whether a session is at work, which locks the course and claims what it writes."""
        self.is_changing = False
        """Whether it writes what it makes, and is sealed when it is finished."""
        self.is_rehearsal = False
        self.is_verbose = False
        self.sealed: Seal | None = None
        """The seal of this run, once it is finished."""
        self.keeps_seal = True
        """Whether the seal is put on the disk at once."""
        self.tells_standing = False
        """Whether every warning that stands is told, not only those of the tasks that ran."""
        self.new_warnings: list[Diagnostic] = []
        """What is wrong with the course since the last run, and no page told."""

    def begins_anew(self, error: Exception) -> bool:
        """Open the course anew, if what is wrong is that its state was damaged."""
        from pipeline.builder.state.damage import StateDamagedError

        if not isinstance(error, StateDamagedError):
            return False
        self.end_workers()
        if self.open_state is not None:
            self.open_state.close()
        for name in ("error", "graph"):
            self.__dict__.pop(name, None)
        self.graph.course.state.notes.append("the state file was damaged: building anew")
        return True

    def end_workers(self) -> None:
        """The run is over."""
        if "graph" in self.__dict__:
            self.graph.ahead.close()

    @cached_property
    def error(self) -> PipelineError | None:
        """Why the course cannot be opened, if it cannot."""
        try:
            self.graph  # noqa: B018  (opens the course)
        except PipelineError as error:
            return error
        return None

    @property
    def why_closed(self) -> str:
        """What is wrong, if the course cannot be opened, and what to do."""
        hint = self.error.hint if self.error is not None else ""
        return str(self.error or "") + (f"\n  hint: {hint}" if hint else "")

    @cached_property
    def graph(self) -> Graph:
        from pipeline.builder.course.course import Course
        from pipeline.builder.course.graph import Graph

        self.sweep  # noqa: B018  (taken before anything is read)
        graph = Graph(Course(self.location, self.definitions))
        graph.ahead.executor = self._executor()
        graph.course.state.files.trusts_stamps = self.trusts_stamps
        if not graph.course.state.mark():
            break_seal(self.location.state_folder)  # it went with another state, which is gone
        return graph

    def _executor(self) -> Executor | None:
        """Who works ahead of doit."""
        from pipeline.builder.course.ahead import Executor

        def start(work: Work, common: Workshop) -> Workers:
            from pipeline.builder.executors.pool import Pool  # 10 ms, and most runs need none

            return Pool(self.processes, work, common)

        pool = Executor(start) if self.processes >= 2 else None
        if not self.cluster:
            return pool
        from pipeline.builder.executors.cluster import open_cluster

        return open_cluster(self.cluster, is_insecure=self.is_insecure, tell=_tell, otherwise=pool)

    @property
    def course(self) -> Course:
        return self.graph.course

    @property
    def open_state(self) -> State | None:
        """The state, if the course has been opened."""
        graph: Graph | None = self.__dict__.get("graph")
        return graph.course.state if graph else None

    @cached_property
    def sweep(self) -> Sweep | None:
        """What was on the disk when the run began."""
        return take_sweep(self.location)

    @cached_property
    def difference(self) -> Difference | None:
        """What has changed since the last finished build, told without opening the course where stamps tell it; None if
        anything may have."""
        if count_standing(self.location.state_folder) is None or not self.location.state_path.exists():
            return None  # every warning that stands is to be counted again, or all is to be made again
        found = read_seal(self.location, lambda: self.sweep, self._compare_contents)
        if found is None or self.sweep is None or self.sweep.commits == found.seal.commits:
            return found
        return self._compare_dates(found, self.sweep.commits)

    def _compare_dates(self, found: Difference, commits: str) -> Difference | None:
        """A difference with the lessons that git gives other dates since: there are commits. None where it gave none
        before, or gives none now, which is told of the course."""
        from pipeline.builder.disk.history import last_changes

        dates = last_changes(self.location.content)
        if bool(dates) != bool(found.seal.dates):
            return None
        found.redated = frozenset(path for path, _ in dates.items() ^ found.seal.dates.items())
        found.seal = found.seal._replace(commits=commits, dates=dates)
        if not (found.redated or self.is_rehearsal):
            put_seal(self.location, found.seal)
        return found

    @cached_property
    def contents(self) -> bytes:
        """Digest of what code, templates and settings say; empty if that cannot be told."""
        from pipeline.builder.runs.moved import digest_contents

        return digest_contents(self.location)

    def _compare_contents(self, kept: Seal, sweep: Sweep) -> Difference | None:
        """What has changed since a build that was finished elsewhere. Its seal is that of a build here from now on."""
        if not kept.contents or self.contents != kept.contents or self.error is not None:
            return None
        if self.course.state.mark() != kept.mark:
            return None  # the state is another one than was there when the seal was put
        from pipeline.builder.runs.moved import compare_contents

        files = self.course.state.files
        difference, same = compare_contents(kept, sweep, self.location, files)
        if not self.is_rehearsal:
            files.restamp_sources(same)
            put_seal(self.location, difference.seal)
        return difference

    def count_lessons(self) -> int:
        """How many lessons the course has, as far as that is known."""
        if "graph" in self.__dict__ and self.error is None:
            return len(self.course.plan.lessons)
        return len(self.difference.seal.plan.lessons) if self.difference else 0

    def count_expected(self, stage: str) -> int:
        """How many tasks of a stage are known to come."""
        return len(self.graph.ahead.candidates.get(stage, ())) if "graph" in self.__dict__ else 0

    def count_workers(self) -> int:
        """How many workers a cluster has, if one works."""
        return self.graph.ahead.count_workers() if "graph" in self.__dict__ and self.cluster else 0

    def standing(self) -> list[Diagnostic]:
        """Every warning that stands."""
        from pipeline.builder.stages.chores import warnings

        return warnings(self.graph) if self.error is None else []

    def count_standing(self, told: Mapping[str, Warned], *, is_open: bool) -> int:
        """How many warnings stand when a run is over in which these tasks had those. When it `is_open`, every task
        was asked and the state can be. A rehearsal counts none."""
        if self.is_rehearsal:
            return 0
        standing = self._keep_standing(told, is_open=is_open)
        is_strict = is_open and self.error is None and self.course.settings.strict
        return 0 if is_strict else standing  # where it is, each is an error, and told

    def _keep_standing(self, told: Mapping[str, Warned], *, is_open: bool) -> int:
        folder = self.location.state_folder
        is_open = is_open and self.error is None
        if not is_open:
            old = read_standing(folder) if told else None
            return keep_standing(folder, old, told, lambda: None) if old is not None else count_standing(folder) or 0
        from pipeline.builder.stages.chores import count_template_warnings, current_tasks
        from pipeline.builder.stages.pages import HOME_TASK

        graph = self.graph
        is_same_tree = self.difference is not None and self.difference.is_same_tree
        if not told and graph.spoiled is not None and is_same_tree:
            return count_standing(folder) or 0
        old = read_standing(folder)
        is_lost = old is None or self.course.state.was_stopped
        counted = {**(self._warned_before(told) if is_lost else {}), **told}
        # What a page tells of the whole course is counted here: another page may tell it the next time.
        if graph.spoiled is None or is_lost:
            counted[_TEMPLATES] = (count_template_warnings(graph), ())
        if graph.spoiled is None or HOME_TASK in told or not is_same_tree or graph.has_turned or is_lost:
            from pipeline.builder.stages.chores import course_warnings

            named = course_warnings(graph)
            counted[_COURSE] = (0, tuple(named))
            known = (old or {}).get(_COURSE, (0, ()))[1]
            # The home page tells all, and a build that lost count may have told them.
            if HOME_TASK not in told and not is_lost:
                self.new_warnings = [found for name, found in named.items() if name not in known]
        self.course.state.was_stopped = False
        others = {_COURSE, _TEMPLATES}
        return keep_standing(folder, old, counted, lambda: None if is_same_tree else current_tasks(graph) | others)

    def _warned_before(self, told: Mapping[str, Warned]) -> dict[str, Warned]:
        """The warnings of the tasks that did not run, asked of each: nobody counted those of a run that was killed."""
        from pipeline.builder.stages.action import warned_of
        from pipeline.builder.stages.chores import current_tasks

        tasks = (task for task in current_tasks(self.graph) if task not in told)
        return {task: warned_of(self.graph, task.partition(":")[0], item_of(task)) for task in tasks}

    def claim_targets(self) -> None:
        """Note what this run may write, before it does; the accounts of repairs, which most lessons have not, note
        themselves."""
        if self.error is None and not self.is_rehearsal:
            expected = [item for item in self.course.plan.targets.items() if not item[1].startswith(_REPAIR)]
            with contextlib.suppress(StateError):  # the state remembers why, and every task tells it
                self.course.state.files.claim(expected, self.location.output)

    def take_lock(self) -> None:
        """Wait for another build of this course, or fail if `wait=no` was said."""
        try:
            self.location.check()  # a folder that is none needs no lock, which would leave a folder of its own
            self.lock.take(wait=get_var("wait", "yes") != "no")
        except PipelineError as error:
            self.error = error

    def adopt_written(self) -> None:
        """When the state is another one than was there when the last seal was put, as one that was begun anew, or a run
        did not finish: the state before it, if it was of another version, or the seal of then, which is broken by now
        but in a rehearsal, still has which files of the output are ours."""
        if self.error is not None:
            return
        state = self.course.state
        written = state.written_before
        seal = load_seal(self.location) or load_seal(self.location, BROKEN_NAME)
        if not written and seal is not None and state.mark() != seal.mark:
            written = seal.output
        if written:
            spoiled = set(OutputCheck(self.location.output, written).spoiled)
            state.files.adopt({name: written[name] for name in written.keys() - spoiled}, self.course.plan.targets)

    @property
    def is_refused(self) -> bool:
        """Whether another build holds the lock, or there is no place for one."""
        return self.__dict__.get("error") is not None

    def finish(self, *, is_sound: bool) -> list[str]:
        """Every task has been asked; what is not up to date has failed. Gives what else is to be told."""
        self.end_workers()  # who reads the state keeps its file from being put in order
        plan, state = self.course.plan, self.course.state
        notes = list(state.notes)
        noted = self.course.new_redirects.items()
        notes += [self._tell_renamed(old, new) for old, new in noted]
        notes += [
            f"{REDIRECTS_NAME} leads {old} to {new}, but the lesson there became {moved}: is that line still right?"
            for new, moved in self.graph.renames.moved_on().items()
            for old, place in self.course.redirects.items()
            if place == new
        ]
        if state.has_dropped and not self.course.settings.keep_renames:
            notes += [f"{old} became {new}" for old, new in self.graph.renames.seen().items()]
        is_whole = not plan.problems and not plan.unreadable and self.graph.ahead.stopped is None
        if self.sweep is not None and is_whole:
            mark = secrets.token_hex(8)
            if state.put_mark(mark):
                content, code = self.sweep.content, self.course.fingerprints.known()
                if self.course.has_noted:  # since the sweep
                    content[self.location.renames_path] = None
                # A run that asks only what differs has a seal that went with this state.
                before = self.difference.seal if self.difference and self.graph.spoiled is not None else None
                written = state.files.target_stamps(before.output if before else None)
                contents = self._contents_since(self.sweep, before)
                rest = self.sweep.rest if self.sweep.is_settled else b""
                commits, dates = self.sweep.commits, before.dates if before else self.course.history
                self.sealed = Seal(rest, content, written, plan, is_sound, mark, code, contents, commits, dates)
                if self.keeps_seal:
                    put_seal(self.location, self.sealed)
        edited = self.difference.edited if self.difference and self.graph.spoiled is not None else ()
        if self.graph.spoiled is None or noted or REDIRECTS_NAME in edited:
            from pipeline.builder.course.known import keep_known  # an edit of a lesson changes nothing of it

            keep_known(self.course)
        return notes

    def _contents_since(self, sweep: Sweep, before: Seal | None) -> bytes:
        """Digest of what code, templates and settings have said all the time since a sweep, which is what they said in
        the seal `before`, if there is one; empty if that cannot be told."""
        with contextlib.suppress(OSError, SourceError):
            if stamp_rest(self.location)[0] == sweep.rest:
                return self.contents if before is None else before.contents
        return b""

    def _tell_renamed(self, old: str, new: str) -> str:
        when = "" if self.graph.inputs.published(new) else " as soon as it has a page"
        return (
            f"{old} became {new}: its old address leads there{when}; "
            f"'{as_typed(REDIRECTS)}' writes that into {REDIRECTS_NAME}"
        )


def _tell(message: str) -> None:
    """Tell what cannot wait for the end of a run."""
    sys.stderr.write(f"{message}\n")
