"""`doit explain`: what the next run would execute, and why.

It is a rehearsal of that run: the same tasks are made and asked, and they do their work, but the
state is rolled back at the end and files are written into a folder that is thrown away. So what it
says follows an edit through the whole graph, early cutoff included.
"""

from __future__ import annotations

import filecmp
import os
import tempfile
from pathlib import Path
from typing import Any

from doit.cmd_base import DoitCmdBase
from doit.control import TaskControl
from doit.exceptions import BaseFail, InvalidCommand
from doit.reporter import ZeroReporter
from doit.runner import Runner
from doit.task import Stream, Task

from pipeline.builder.course.changes import Changes
from pipeline.builder.course.graph import Graph
from pipeline.builder.course.told import find_named, hint_nearest
from pipeline.builder.runs.commands import CourseCommand, course_of
from pipeline.builder.runs.doit_private import leave_reader
from pipeline.builder.runs.reasons import Reasons, told_of, why_pruned
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.seal import load_seal
from pipeline.builder.stages.action import Step
from pipeline.builder.stages.chores import gone_tasks
from pipeline.builder.tasks import ASSETS, CLEAR, LESSONS, PRUNE, SETTINGS
from pipeline.errors import some_of
from pipeline.paths import LESSON_ENDINGS, item_of, task_name


class Explain(CourseCommand):
    """The command; it takes task names as `doit run` does, or paths of lessons."""

    name = "explain"
    doc_purpose = "show what the next run would execute, and why"
    doc_usage = "[TASK|LESSON ...]"
    doc_description = (
        "A lesson is named by its path, from the content folder or from here. Nothing is changed: the next run is "
        "rehearsed, with its files in a folder that is thrown away. Without a name it is the run of every task."
    )
    cmd_options = ()
    sel_tasks: list[str]
    execute_tasks = True
    is_rehearsal = True

    def _execute(self) -> int:
        course = course_of(self).run
        if not self.task_list:
            self.outstream.write("nothing to do\n")
            self.dep_manager.close()
            return 0
        narrator = Narrator(self.outstream, course)
        if course.error is None:
            known = {task.name for task in self.task_list}
            self.sel_tasks = [task for name in self.sel_tasks for task in _tasks_named(name, known, course)]
        try:
            rehearse(self, course, narrator)
        except BrokenPipeError:
            return leave_reader()
        if not narrator.told:
            self.outstream.write("nothing to do\n")
        return 1 if course.error else 0


def _tasks_named(name: str, known: set[str], course: CourseRun) -> list[str]:
    """The task of this name, or the tasks of the lesson at this path: in the course or from here."""
    if name in known:
        return [name]
    for path in (name, *find_named(course.location, name)):
        if path in course.course.plan.lessons:
            stages = [stage.name for stage in course.graph.stages.values() if stage.row.items == LESSONS]
            page = course.course.plan.page_of(path)
            return [*(task_name(stage, path) for stage in stages), task_name("render", page)]
    if name.endswith(LESSON_ENDINGS) and ":" not in name:
        hint = hint_nearest(course.location, name)
        raise InvalidCommand(f"there is no lesson {name!r} in the course\n  hint: {hint}")
    return [name]


def rehearse(command: DoitCmdBase, course: CourseRun, reporter: Narrator) -> None:
    """Run the tasks of a command, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="lesson-pipeline-") as folder:
        if course.error is None:
            course.course.state.rehearse()
            course.course.writes_to = Path(folder)
            course.adopt_written()
        control = TaskControl(command.task_list)
        control.process(command.sel_tasks)
        reporter.records = command.dep_manager
        runner = _Rehearsal(command.dep_manager, reporter, continue_=True, stream=Stream(0))
        runner.run_all(control.task_dispatcher())


class _Rehearsal(Runner):  # type: ignore[misc]
    """Does the work of the course's tasks, which leave nothing behind. What a person's own task does nobody can know:
    it is taken for done."""

    def execute_task(self, task: Task) -> BaseFail | None:
        if self.reporter.definitions.has(task.name):
            failed: BaseFail | None = super().execute_task(task)
            return failed
        self.reporter.execute_task(task)
        return None

    def process_task_result(self, node: Any, base_fail: BaseFail | None) -> None:
        if self.reporter.definitions.has(node.task.name):
            super().process_task_result(node, base_fail)
        else:
            node.run_status = "successful"


class Narrator(ZeroReporter):  # type: ignore[misc]
    """Writes a line for each task that would run."""

    records: Any
    """What doit knows of the tasks."""

    def __init__(self, outstream: Any | None, course: CourseRun) -> None:
        super().__init__(outstream, {})
        self.definitions = course.definitions
        self._error = str(course.error or "")
        """Why the course cannot be opened, if so."""
        graph = None if course.error else course.graph
        self._reasons = Reasons(graph) if graph and outstream else None
        self.told = set[str]()
        self._graph = graph
        self._changes = _watch(graph) if graph and outstream else None

    def execute_task(self, task: Task) -> None:
        if not task.actions:
            return
        self.told.add(task.name)
        if self.outstream:
            self.outstream.write(f"{task.name}: {self._why(task)}\n")
        if self._changes:
            stage, item = task.name.partition(":")[0], item_of(task.name)
            items = self.definitions.rows[stage].items if self.definitions.has(stage) else ""
            if items == LESSONS:
                self._changes.watch_lesson(item)
            if items == ASSETS:
                self._changes.watch_image(item)

    def initialize(self, tasks: dict[str, Task], selected_tasks: list[str]) -> None:
        self._tasks = tasks

    def skip_uptodate(self, task: Task) -> None:
        """A person's own task is not asked again after those that make what it is made from; here they wrote that
        elsewhere."""
        if not self.definitions.has(task.name) and (
            made := [path for path in task.file_dep if self._is_made_anew(path)]
        ):
            self.told.add(task.name)
            if self.outstream:
                self.outstream.write(f"{task.name}: {some_of(made)} will be another\n")

    def _is_made_anew(self, path: str) -> bool:
        if self._graph is None:
            return False
        location, made = self._graph.course.location, self._graph.course.writes_to
        new = made / os.path.relpath(os.path.realpath(path), os.path.realpath(location.output))
        return new.is_relative_to(made) and new.is_file() and not filecmp.cmp(new, path, shallow=False)

    def _why_own(self, task: Task) -> str:
        """Why doit would run a task that is not the course's."""
        reasons = self.records.get_status(task, self._tasks, get_log=True).reasons
        found = [(words, reasons[name]) for name, words in _OWN.items() if reasons.get(name)]
        return "; ".join(words.format(some_of(list(map(str, names)))) for words, names in found) or "it always runs"

    def _why(self, task: Task) -> str:
        if not self.definitions.has(task.name):
            return self._why_own(task)
        asked = task.uptodate[0][0] if task.uptodate else None
        if isinstance(asked, Step):
            return self._reason(asked)
        if task.name == SETTINGS and self._error:
            return f"{_CHORES[SETTINGS]}: {self._error}"
        return (
            why_pruned(self._graph, is_clearing=task.name == CLEAR)
            if self._graph and task.name in (CLEAR, PRUNE)
            else _CHORES.get(task.name, "it always runs")
        )

    def _reason(self, asked: Step) -> str:
        plain = asked.graph.why_stale(asked.stage, asked.item)
        stage = asked.graph.stages[asked.stage]
        if plain != stage.why:
            return plain
        own = self._reasons.of(stage, asked.item) if self._reasons else []
        is_open = not own or stage.has_further_causes
        why = told_of(stage.causes(asked.graph, asked.item, self._changes)) if self._changes and is_open else ""
        return "; ".join(filter(None, [*own, why])) or plain


def _watch(graph: Graph) -> Changes:
    """What is to be held against what the rehearsal leaves: lessons that are gone, and each that it works on."""
    seal = load_seal(graph.course.location)
    changes = Changes(graph.inputs, seal.plan if seal else graph.course.plan)
    for task in gone_tasks(graph):
        if task.startswith("parse:"):
            changes.watch_lesson(item_of(task))
    return changes


_CHORES = {
    "report": "a fault is left to mend",
    "settings": "the course cannot be opened",
    "lexicon": "it was asked for",
    "redirects": "it was asked for",
}


_OWN = {
    "uptodate_false": "its `uptodate` says so",
    "missing_target": "there is no {}",
    "changed_file_dep": "{} changed",
    "missing_file_dep": "{} is missing",
    "added_file_dep": "{} is another dependency",
    "removed_file_dep": "{} is no dependency any more",
    "checker_changed": "files are compared otherwise",
}
"""Why doit would run a task that is not the course's, by its own name for it."""
