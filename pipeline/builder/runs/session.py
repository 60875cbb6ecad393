"""One command of doit at work on a course: the course is locked, and the command gets the tasks that can be stale.

doit reads the pyproject.toml of the folder in which it is started, and so knows of the project's own loader, commands
and reporters only there. But every way leads through the first line of `dodo.py`: the session is begun by that one,
and takes the place of whatever loader is reading the file.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doit import doit_cmd, get_initial_workdir
from doit.cmd_clean import Clean
from doit.cmd_list import List
from doit.dependency import UptodateCalculator
from doit.doit_cmd import DoitMain
from doit.exceptions import InvalidCommand, InvalidDodoFile, InvalidTask
from doit.loader import TASK_STRING

from pipeline.builder.course.garbage import forget_garbage
from pipeline.builder.disk.project import PROJECT_NAME, locate
from pipeline.builder.runs.doit_course import DoitCourse
from pipeline.builder.runs.doit_hooks import CourseRecords, Records
from pipeline.builder.runs.doit_loader import count_processors, tell_interrupts
from pipeline.builder.runs.doit_private import change_doit, command_at_work, is_given, set_records
from pipeline.builder.runs.helpful import VERBS
from pipeline.builder.runs.run import CourseRun
from pipeline.builder.tasks import REPORT, SETTINGS, TASKS, Definition
from pipeline.errors import PipelineError, as_typed, nearest_name
from pipeline.patterns import lazy_pattern

if TYPE_CHECKING:
    from doit.task import Task

VERBOSE = 2
"""`doit -v 2` has a line for each lesson."""
MOST_PROCESSES = 8
"""More than these do not help: one process keeps what they make."""
BUILD = "build"
"""What other programs call it."""
_CHANGING = ("clean", "forget", "ignore", "reset-dep")
"""Commands that change the state, and do at once what it says where a run would find out in time that it is damaged."""
_NAMED = ("run", "info", "list", "clean", "forget", "ignore")
"""Commands that take names of tasks."""
_GROUP_RE = lazy_pattern(r"[\w-]+")
"""What can be the name of a group of tasks or a command, and no target."""
_OTHERS_DATABASE = {"backend": "--backend", "dep_file": "--db-file", "check_file_uptodate": "--check_file_uptodate"}
"""Options of doit about a database that a course does not have."""


def run_from_command_line(root: Path, tasks: Iterable[Definition] = TASKS) -> DoitCourse:
    """The course that `doit content=DIR output=DIR` names; relative to where doit was started. Without them
    it is the one that `pyproject.toml` beside `dodo.py` names. The command of doit that is at work gets its tasks from
    a session on it from here on. `tasks` are the rows of its task definitions."""
    said = doit_cmd._CMDLINE_VARS or {}
    if said:
        from pipeline.builder.runs.variables import check_variables  # most runs are told nothing

        check_variables(said)
    started = Path(get_initial_workdir() or os.getcwd())
    try:
        course = DoitCourse(locate(root, said, started), tasks)
    except PipelineError as error:
        raise InvalidDodoFile(error.diagnostic.format(PROJECT_NAME)) from None
    _begin_session(course)
    return course


def _begin_session(course: DoitCourse) -> None:
    """Have the command of doit that is reading `dodo.py` work on this course. If none is, as when another program
    imports the file, the course makes no tasks."""
    command, options = command_at_work()
    if command is None:
        return
    for name, option in _OTHERS_DATABASE.items():
        if is_given(options, name):
            raise InvalidCommand(
                f"{option} is not for a course, whose records are in {course.run.location.state_folder.name}/\n"
                f"  hint: leave it out; `{as_typed('--verify')}` compares the content of every file"
            )
    tell_interrupts()
    change_doit()
    if command.bin_name == "-m":  # `python -m doit`
        command.bin_name = "doit"
    session = Session(course, command, options)
    course.run.is_begun = True
    command.loader.load_tasks = session.load_tasks
    command.dep_manager = session.records
    if type(command) in (List, Clean):
        from pipeline.builder.runs.listing import CleanCourse, ListCourse

        command.__class__ = ListCourse if type(command) is List else CleanCourse
    if hasattr(command, "reporters"):
        command.reporters.update(course.reporters)  # whatever doit has under these names


class Session:
    """What a command of doit gets to do on a course."""

    def __init__(self, course: DoitCourse, command: Any, options: Any) -> None:
        self.records = CourseRecords(course.run)
        self._course = course
        self._run = course.run
        self._options = options
        self._loader = command.loader
        self._processes = self._count_processes()
        self._asks_all = bool(options.get("always") or options.get("verify"))

    def load_tasks(self, cmd: Any, pos_args: list[str]) -> list[Task]:
        """The tasks of a command, as a loader of doit's gives them.

        `run` without task names is the case that must be quick: when the seal of the last build holds, it gets no
        tasks of the course; when only lessons, files or pages differ, those that they reach. `list`, `info`, `clean`,
        `forget` and runs of named tasks always get them all.
        """
        # What `DOIT_CONFIG` names in place of all is as if it were named on the command line.
        named = pos_args if cmd.sel_tasks is self._run.definitions.default else cmd.sel_tasks or []
        try:
            return self._load(cmd, pos_args, named)
        except InvalidTask as error:
            if not cmd.execute_tasks or not self._course.begins_anew(error):
                raise
            return self._load(cmd, pos_args, named)
        except InvalidCommand:
            self.records.close()  # doit would not; workers may be at it already, and at its end Python waits for them
            raise

    def _load(self, cmd: Any, pos_args: list[str], named: list[str]) -> list[Task]:
        run = self._run
        run.is_rehearsal = getattr(cmd, "is_rehearsal", False)
        if cmd.execute_tasks or cmd.name in _CHANGING:
            run.take_lock()
            self.records.on_closed = [run.lock.release]
        if cmd.execute_tasks:
            self._prepare(pos_args)
        own = self._own_tasks(cmd, pos_args)
        is_full_run = cmd.execute_tasks and not named and not self._asks_all and not run.is_refused
        waits = all(_waits_at_most(run, task) for task in own)
        difference = run.difference if is_full_run and waits else None
        reached = self._course.reached_tasks(difference) if cmd.execute_tasks else None
        if reached is not None:
            _wait_for(run, own, {task.name for task in reached})
            in_order = self._course.tasks.in_order() if reached else []
            cmd.sel_tasks = [*in_order, *run.own_tasks] or None
            return [*reached, *own]
        return self._all_tasks(cmd, pos_args, named, own)

    def _prepare(self, pos_args: list[str]) -> None:
        """Tasks will be executed, or as if."""
        run = self._run
        self.records.on_closed.append(forget_garbage)
        if not run.is_rehearsal:
            run.processes = self._processes
            run.cluster = self._options.get("cluster") or ""
            run.is_insecure = bool(self._options.get("insecure"))
            self.records.on_closed.insert(0, run.end_workers)
        run.is_listed = False
        run.trusts_stamps = not self._options.get("verify")
        run.is_verbose = (self._options.get("verbosity") or 0) >= VERBOSE
        run.tells_standing = REPORT in pos_args

    def _all_tasks(self, cmd: Any, pos_args: list[str], named: list[str], own: list[Task]) -> list[Task]:
        run = self._run
        if cmd.name in _CHANGING:
            if run.error is not None:
                raise InvalidCommand(run.why_closed)
            run.course.state.check()
        if cmd.name == "reset-dep":  # a task of the course has no such dependencies
            return own
        if cmd.name == "run":
            _check_groups(cmd, pos_args, own, run)
        creators = {name: value for name, value in self._loader.namespace.items() if not self._is_own(name, value)}
        tasks = self._make(creators, cmd, pos_args)
        if cmd.execute_tasks and not run.is_rehearsal:
            if not named or REPORT in named:  # every task is asked: none of what is known anew is missed
                run.adopt_written()
            run.claim_targets()
        if run.error is not None:
            if cmd.execute_tasks:
                cmd.sel_tasks = [SETTINGS]  # whatever was asked for: it tells why
            return tasks
        if not named:
            in_order = self._course.tasks.in_order() if cmd.execute_tasks else run.definitions.default
            cmd.sel_tasks = [*in_order, *run.own_tasks]
        tasks += own
        if cmd.name in _NAMED:
            _check_names(cmd, pos_args, tasks, run)
        return tasks

    def _make(self, creators: dict[str, Any], cmd: Any, pos_args: list[str]) -> list[Task]:
        """The tasks that some of what is in `dodo.py` makes."""
        loader, whole = self._loader, self._loader.namespace
        loader.namespace = creators
        try:
            made: list[Task] = type(loader).load_tasks(loader, cmd, pos_args)
        finally:
            loader.namespace = whole
        return made

    def _own_tasks(self, cmd: Any, pos_args: list[str]) -> list[Task]:
        """The tasks that a person wrote into `dodo.py` beside the course's. doit judges them by its own rules."""
        creators = {name: value for name, value in self._loader.namespace.items() if self._is_own(name, value)}
        if not creators or self._run.is_refused:
            return []
        own = self._make(creators, cmd, pos_args)
        for task in own:
            if self._run.definitions.has(task.name):
                raise _taken(task.name)
        self._run.own_tasks = [task.name for task in own if task.subtask_of is None]
        if not isinstance(self.records, Records):
            checker = cmd.get_checker_cls(self._options.get("check_file_uptodate"))
            on_closed = self.records.on_closed
            self.records = Records(self._run, checker)
            self.records.on_closed = on_closed
            set_records(cmd, self.records)
        return own

    def _is_own(self, name: str, value: Any) -> bool:
        """Whether something in `dodo.py` makes tasks that are not the course's."""
        if name in self._course.creators:
            if value is not self._course.creators[name]:
                raise _taken(name.removeprefix(TASK_STRING))
            return False
        return (name.startswith(TASK_STRING) and callable(value)) or hasattr(value, "create_doit_tasks")

    def _count_processes(self) -> int:
        """`-n` is the number of processes that work ahead (`ahead.py`), by default one for each
        processor; doit itself stays in this one."""
        asked = self._options.get("num_process") or 0
        is_asked = is_given(self._options, "num_process")
        if "num_process" in self._options:
            self._options["num_process"] = 0
        return asked if is_asked else min(count_processors(), MOST_PROCESSES)


def _taken(name: str) -> InvalidDodoFile:
    return InvalidDodoFile(
        f"dodo.py: {name.partition(':')[0]} is a task of the course\n  hint: give yours another name"
    )


def _check_groups(cmd: Any, pos_args: list[str], own: list[Task], run: CourseRun) -> None:
    """Raise the error for a name that can be no task's before any is made: workers begin with the first ones."""
    known = {**dict.fromkeys(run.definitions.rows), **{task.name: task for task in own}}
    if any(task.loader for task in own):
        return
    for name in pos_args:
        task = known.get(name)
        if name not in known and _GROUP_RE.fullmatch(name):
            raise _no_task(cmd, name, known, run)
        if task is not None and (task.params or task.pos_arg):
            return


def _check_names(cmd: Any, pos_args: list[str], tasks: list[Task], run: CourseRun) -> None:
    """Raise doit's error for a wrong command line where doit would fail in a worse way, or say less."""
    known = {task.name: task for task in tasks}
    if any(task.loader for task in tasks) or (cmd.name == "info" and len(pos_args) != 1):
        return  # what a person's own loader will make is not known yet; doit tells how it wants `info`
    targets = {target for task in tasks for target in task.targets} if cmd.name == "run" else ()
    for name in pos_args:
        task = known.get(name)
        if task is None and name not in targets and "*" not in name:
            raise _no_task(cmd, name, known, run)
        if task is not None and (task.params or task.pos_arg):
            return  # the rest is its own


def _no_task(cmd: Any, name: str, known: Collection[str], run: CourseRun) -> InvalidCommand:
    """What is wrong with a name in the place of a task's."""
    commands = _commands(cmd) if cmd.name == "run" else []
    if name == "explain" and name not in cmd.config.get("COMMAND", {}):
        return InvalidCommand(f"doit knows this command in the folder of the project\n  hint: cd {run.location.root}")
    if name in commands and name != BUILD:
        first = f"{cmd.bin_name} {name}"
        return InvalidCommand(f"{name!r} is a command, no task\n  hint: it comes first, before options: {first}")
    meant = nearest_name(name, [*known, *commands])
    hint = f"did you mean {meant}?" if meant else f"{cmd.bin_name} list --all shows them"
    if meant == BUILD and meant not in known:
        hint = f"{cmd.bin_name} alone builds what is stale"
    return InvalidCommand(f"there is no task {name!r}\n  hint: {hint}")


def _commands(cmd: Any) -> list[str]:
    """What can stand in place of tasks: commands of doit's, of the course's, of the program that began it."""
    plugins, verbs = cmd.config.get("COMMAND", {}), cmd.config.get(VERBS, {})
    return [*(command.get_name() for command in DoitMain.DOIT_CMDS), *plugins, *verbs, "explain", BUILD]


def _waits_at_most(run: CourseRun, task: Task) -> bool:
    """Whether all that a task can want of the course's tasks is to come after them: it takes no value of any, is not
    made by doit when one is done, and wants none that only runs when it is named."""
    asks = any(isinstance(asked, UptodateCalculator) for asked, *_ in task.uptodate)
    if asks or task.getargs or task.calc_dep or task.setup_tasks or task.loader:
        return False
    default = run.definitions.default
    return all(_group(name) in default for name in task.task_dep if run.definitions.has(name))


def _wait_for(run: CourseRun, own: Iterable[Task], made: Container[str]) -> None:
    """Have each wait for those of the course's tasks that were made: for its whole group where one was not, and for
    none where that was not either. What was not made is done."""
    for task in own:
        has = run.definitions.has
        names = [name if name in made or not has(name) else _group(name) for name in task.task_dep]
        task.task_dep = [name for name in dict.fromkeys(names) if name in made or not has(name)]


def _group(name: str) -> str:
    return name.partition(":")[0]
