"""What a run tells: one progress line on a terminal, what is wrong, and a summary.

console    the default; with `-v 2` a line for each lesson or page that was worked on
tasks      a line for each task that runs (`doit -r tasks`)
json       one JSON object at the end (`doit -r json`)
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

from doit.exceptions import UnmetDependency
from doit.reporter import ConsoleReporter

from pipeline.builder.runs.doit_private import LightTask
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.runs.standing import Warned
from pipeline.builder.stages import FAILED_KEY, NOTES_KEY, REPAIRED_KEY, TOLD_KEY, WARNED_KEY, WRITTEN_KEY
from pipeline.builder.tasks import LESSONS, REPORT, SITE_FILES, TASKS, WHOLE, Definition
from pipeline.errors import Diagnostic, as_typed, show_path, some_of
from pipeline.paths import item_of, page_id

PROGRESS_SECONDS = 0.1
"""How often the progress line is drawn."""
PATIENCE_SECONDS = 0.5
"""A run that is over sooner needs none."""

_ERROR, _WARNING, _SOFT = "31", "33", "2"


class CourseReporter(ConsoleReporter):  # type: ignore[misc]
    """Progress on a terminal, what is wrong, and a summary that is read in two seconds."""

    desc = "progress, what is wrong, and a summary"
    run: CourseRun | None = None
    """The run of a course that is told of."""

    def __init__(self, outstream: Any, options: dict[str, Any]) -> None:
        # A closed standard output is None: there is nobody to tell.
        super().__init__(outstream or open(os.devnull, "w"), options)  # noqa: SIM115
        self._started = time.perf_counter()
        self._executed: list[str] = []
        self._own: list[str] = []
        """Those of them that a person wrote into `dodo.py`."""
        self._failed: dict[Diagnostic, list[str]] = {}
        """What is wrong, and the items of the tasks that told it: a fault of a template is every page's."""
        self._warnings: list[Diagnostic] = []
        self._warned: dict[str, Warned] = {}
        """The warnings of each task that ran."""
        self._standing: int | None = None
        self._notes: list[str] = []
        self._repaired = 0
        self._pages = 0
        self._totals: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._worked: dict[str, list[str]] = {}
        self._drawn = 0.0
        self._is_terminal = bool(getattr(outstream, "isatty", bool)()) and os.environ.get("TERM") != "dumb"
        self._is_coloured = self._is_terminal and not os.environ.get("NO_COLOR")

    @property
    def _seconds(self) -> float:
        """How long the run has taken, with what came before its first task: looking at what there is."""
        return time.perf_counter() - (self.run.begun if self.run is not None else self._started)

    @property
    def _tells_standing(self) -> bool:
        return self.run is not None and self.run.tells_standing

    @property
    def _is_verbose(self) -> bool:
        return self.run is not None and self.run.is_verbose

    def _is_course(self, task: str) -> bool:
        """Whether a task is the course's, and not one that a person wrote into `dodo.py`."""
        return self.run is None or self.run.definitions.has(task)

    def _items(self, stage: str) -> str:
        """What a stage has a task for each of, if these are counted; `""` if there are few."""
        row = self._rows.get(stage)
        return "" if row is None or row.items in (SITE_FILES, WHOLE) else row.items

    @property
    def _rows(self) -> Mapping[str, Definition]:
        return self.run.definitions.rows if self.run is not None else _ROWS

    # --- writing ---

    def write(self, text: str) -> None:
        """Write what the terminal can show; what it cannot is escaped, never an error. When the
        reader, such as `head`, has had enough, the build goes on all the same."""
        encoding = getattr(self.outstream, "encoding", None) or "utf-8"
        try:
            super().write(text.encode(encoding, "backslashreplace").decode(encoding))
        except OSError:
            self._forget_reader()

    def _forget_reader(self) -> None:
        """The reader has gone, or what it writes to is full: what is left goes nowhere."""
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.outstream.fileno())

    def _flush(self) -> None:
        """At the end: at Python's own, a full device would be an error."""
        try:
            self.outstream.flush()
        except OSError:
            self._forget_reader()

    def _tell(self, message: str, colour: str = "") -> None:
        self._wipe()
        self.write(f"\x1b[{colour}m{message}\x1b[0m\n" if colour and self._is_coloured else f"{message}\n")

    def _wipe(self) -> None:
        if self._drawn:
            self.write("\r\x1b[K")
            self._drawn = 0.0

    def _draw(self, stage: str) -> None:
        """The progress line: stage, done of total, time left."""
        now = time.perf_counter()
        if not self._is_terminal or now - self._started < PATIENCE_SECONDS or now - self._drawn < PROGRESS_SECONDS:
            return
        done, total = self._done[stage], self._totals[stage]
        all_done, everything = sum(self._done.values()), sum(self._totals.values())
        left = (now - self._started) * (everything - all_done) / max(all_done, 1)
        guess = f", about {left:.0f} s left" if all_done > everything / 50 and left >= 1 else ""
        workers = self.run.count_workers() if self.run is not None else 0
        elsewhere = (
            f", {_number(workers, 'worker')}, {all_done / (now - self._started):.0f} a second" if workers else ""
        )
        self.write(f"\r\x1b[K{stage} {done:,} of {total:,}{guess}{elsewhere}")
        self._drawn = now

    # --- what doit says ---

    def initialize(self, tasks: dict[str, Any], selected_tasks: list[str]) -> None:
        for name in tasks:
            stage = name.partition(":")[0]
            if stage != name:
                self._totals[stage] = self._totals.get(stage, 0) + 1

    def execute_task(self, task: Any) -> None:
        if not task.actions:
            return
        self._executed.append(task.name)
        if not self._is_course(task.name):
            self._own.append(task.name)
        stage = task.name.partition(":")[0]
        if self._is_verbose and (items := self._items(stage)):
            item = item_of(task.name)
            page = page_id(item) if items == LESSONS else item
            self._worked.setdefault(page, []).append(stage)

    def skip_uptodate(self, task: Any) -> None:
        """Nothing is said of what did not run."""
        self._count(task)
        if task.name == REPORT:
            # It comes last and depends on every other task: nothing is left to do.
            self._finish(is_sound=not self._failed)

    def skip_ignore(self, task: Any) -> None:
        self._tell(f"{task.name}: skipped, because of `{as_typed('ignore')}`", _SOFT)

    def _finish(self, *, is_sound: bool) -> None:
        self._count_standing(is_open=True)
        if self.run is None:
            return
        if self.run.tells_standing:
            self._warnings += self.run.standing()
        else:
            self._warn(self.run.new_warnings)
        if self.run.is_changing:
            self._notes += self.run.finish(is_sound=is_sound)

    def _count(self, task: Any) -> None:
        stage = task.name.partition(":")[0]
        if stage != task.name and self._items(stage):
            self._done[stage] = done = self._done.get(stage, 0) + 1
            # After an edit doit learns late of tasks.
            expected = self.run.count_expected(stage) if self.run else 0
            self._totals[stage] = max(self._totals.get(stage, 0), done, expected)
            if stage != "repair":  # each is followed by the lesson's `parse`
                self._draw(stage)
        if isinstance(task, LightTask):
            task.release()

    def add_success(self, task: Any) -> None:
        values = task.values
        self._count(task)
        told = values.get(TOLD_KEY, ())
        self._warned[task.name] = values.get(WARNED_KEY, (0, ()))
        self._repaired += bool(values.get(REPAIRED_KEY))
        self._notes += values.get(NOTES_KEY, ())
        is_failed = values.get(FAILED_KEY, False)
        for found in told:
            if is_failed or found.severity == "error":
                self._failed.setdefault(found, []).append(item_of(task.name))
        if is_failed:
            return
        self._pages += task.name.startswith("render:") and values.get(WRITTEN_KEY, False)
        if self._tells_standing:
            return  # they are told at the end, with all the others
        self._warn(found for found in told if found.severity != "error")
        if self._is_verbose and task.name.startswith("render:"):
            self._tell_page(item_of(task.name))

    def _warn(self, found: Iterable[Diagnostic]) -> None:
        for warning in found:
            self._warnings.append(warning)
            self._tell(warning.format(), _WARNING)

    def _tell_page(self, page: str) -> None:
        self._tell(f"{show_path(page)}: {', '.join(self._worked.pop(page, ()))}")

    def add_failure(self, task: Any, fail: Any) -> None:
        if task.has_subtask and isinstance(fail, UnmetDependency):
            return  # a group: what failed in it is told
        self.failures.append({"task": task, "exception": fail})
        if task.name == REPORT and not any(self._is_course(told["task"].name) for told in self.failures[:-1]):
            self._finish(is_sound=False)

    def runtime_error(self, msg: str) -> None:
        self.runtime_errors.append(msg)

    def _count_standing(self, *, is_open: bool) -> None:
        if self._standing is None and self.run is not None:
            self._standing = self.run.count_standing(self._warned, is_open=is_open)

    def complete_run(self) -> None:
        self._count_standing(is_open=False)
        self._wipe()
        for found in self._warnings if self._tells_standing else ():
            self._tell(found.format(), _WARNING)
        if self._is_verbose:
            for page in list(self._worked):
                self._tell_page(page)
        for message in self._errors():
            self._tell(message, _ERROR)
        for message in self._notes:
            self._tell(message)
        self._tell(self._summary())
        self._flush()
        if self._failed and not self.failures:
            raise SystemExit(1)

    def outcome(self) -> dict[str, Any]:
        """What was done and found, for programs."""
        return {
            "lessons": self._lessons(),
            "executed": self._executed,
            "pages": self._pages,
            "repaired": self._repaired,
            "warnings": [found.format() for found in self._warnings],
            "findings": [found.as_plain() for found in self.findings()],
            "standing": max(self._standing or 0, len(self._warnings)),
            "errors": self._errors(),
            "notes": self._notes,
            "seconds": round(self._seconds, 3),
        }

    # --- the summary ---

    def _errors(self) -> list[str]:
        # When tasks were named on the command line, `report`, which tells all that failed, did not run.
        is_told = any(self._is_course(result["task"].name) for result in self.failures)
        found = [] if is_told else [_with_items(failed.format(), items) for failed, items in self._failed.items()]
        found += [self._failure(result["task"], result["exception"]) for result in self.failures]
        return found + list(self.runtime_errors)

    def _failure(self, task: Any, failure: Any) -> str:
        """What went wrong with a task. One of a person's own is named, with what it wrote."""
        if self._is_course(task.name):
            message: str = failure.get_msg().rstrip()
            return message
        if isinstance(failure, UnmetDependency):
            return f"{task.name}: it does not run, for {failure.message} failed"
        written = "".join(action.out or "" for action in task.actions)
        return f"{task.name}: {failure.get_msg()}\n{written}".rstrip().replace("\n", "\n  ")

    @property
    def executed(self) -> list[str]:
        """The tasks that have run so far."""
        return self._executed

    def findings(self) -> list[Diagnostic]:
        """What is wrong, as far as the course's tasks told it: errors first."""
        reported = [getattr(failure["exception"], "found", ()) for failure in self.failures]
        errors = [found for told in reported for found in told] or list(self._failed)
        return [*errors, *self._warnings]

    def _lessons(self) -> int:
        return self.run.count_lessons() if self.run else 0

    def _summary(self) -> str:
        failed = sum(not line.startswith(" ") for message in self._errors() for line in message.splitlines())
        failed += sum(len(items) - 1 for items in self._failed.values())  # a fault of a template is told once
        lessons = self._lessons()
        is_built = len(self._executed) > len(self._own)
        built = f"{_number(self._pages, 'page')} rebuilt" if is_built else "" if self._own else "nothing to do"
        parts = [
            _number(lessons, "lesson") if lessons or not failed else "",
            built if lessons or not failed else "nothing was built",
            f"ran {some_of(self._own)}" if self._own else "",
            f"{self._repaired} repaired" if self._repaired else "",
            _number(len(self._warnings), "warning") if self._warnings else "",
            self._summary_of_standing(),
            f"{failed} failed" if failed else "",
            f"{self._seconds:.1f} s",
        ]
        return ", ".join(part for part in parts if part)

    def _summary_of_standing(self) -> str:
        more = 0 if self._tells_standing else (self._standing or 0) - len(self._warnings)
        if more <= 0:
            return ""
        count = f"{more:,} more" if self._warnings else _number(more, "warning")
        return f"{count} stand{'s' if more == 1 else ''} ({as_typed('report')})"


class TaskReporter(CourseReporter):
    """The same, with a line for each task that runs."""

    desc = "a line for each task that runs, what is wrong, and a summary"

    def execute_task(self, task: Any) -> None:
        if task.actions:
            self._wipe()
            self.write(f".  {show_path(task.name)}\n")
        super().execute_task(task)


class JsonReporter(CourseReporter):
    """One JSON object at the end, and nothing else."""

    desc = "one JSON object at the end"

    def __init__(self, outstream: Any, options: dict[str, Any]) -> None:
        super().__init__(outstream, options)
        self._is_terminal = False
        self._stdout, sys.stdout = sys.stdout, sys.stderr  # for what a person's own task prints

    def _tell(self, message: str, colour: str = "") -> None:
        pass

    def complete_run(self) -> None:
        sys.stdout = self._stdout
        self._count_standing(is_open=False)
        super().write(json.dumps(self.outcome(), indent=1) + "\n")  # in ASCII: whatever the terminal can show
        self._flush()
        if self._failed and not self.failures:
            raise SystemExit(1)


_ROWS = {row.name: row for row in TASKS}


def reporters_of(run: CourseRun) -> dict[str, type[CourseReporter]]:
    """The reporters by doit's names for them, as classes that tell of this run: doit makes the object itself."""
    kinds = {"console": CourseReporter, "json": JsonReporter, "tasks": TaskReporter}
    return {name: type(kind.__name__, (kind,), {"run": run}) for name, kind in kinds.items()}


def _with_items(message: str, items: list[str]) -> str:
    return f"{message}\n  it is so in {len(items):,} pages: {some_of(sorted(items))}" if len(items) > 1 else message


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
