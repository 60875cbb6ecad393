"""The private parts of doit and Python-Markdown that are used: they are there, and one module for each uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from building import PROJECT
from doit import control, runner
from doit.cmd_base import DoitCmdBase
from doit.cmdparse import DefaultUpdate
from doit.control import TaskDispatcher
from doit.dependency import Dependency, SqliteDB
from doit.globals import Globals
from doit.task import Stream, Task
from markdown.treeprocessors import InlineProcessor

from pipeline.builder.runs.doit_private import CourseDispatcher, LightTask, change_doit

DOIT, MARKDOWN = "pipeline/builder/runs/doit_private.py", "pipeline/parse/quick.py"
PARTS: dict[str, tuple[str, Callable[[Path], bool]]] = {
    "the class that dispatches tasks": (DOIT, lambda _: issubclass(control.TaskDispatcher, TaskDispatcher)),
    "what it does when a task has run": (DOIT, lambda _: callable(TaskDispatcher._update_waiting)),
    "the statuses of a run": (DOIT, lambda _: {"ERROR", "FAILURE"} <= vars(runner).keys()),
    "the attributes of a task": (
        DOIT,
        lambda _: (
            {"_actions", "_action_instances", "file_dep", "task_dep", "uptodate", "values", "io", "subtask_of"}
            <= vars(Task("a", None)).keys()
        ),
    ),
    "the options of a command by one of two names": (
        DOIT,
        lambda _: (
            {"params", "opt_values"}
            & {*DoitCmdBase.execute.__code__.co_varnames, *DoitCmdBase.parse_execute.__code__.co_varnames}
            != set()
        ),
    ),
    "which options were given": (DOIT, lambda _: hasattr(DefaultUpdate(), "_non_default_keys")),
    "the records that actions are offered": (DOIT, lambda _: hasattr(Globals, "dep_manager")),
    "the connection of doit's database": (
        DOIT,
        lambda folder: hasattr(Dependency(SqliteDB, str(folder / "db")).backend._conn, "rollback"),
    ),
    "the steps of the inline patterns": (
        MARKDOWN,
        lambda _: all(
            hasattr(InlineProcessor, f"_InlineProcessor__{step}")
            for step in ("handleInline", "applyPattern", "processPlaceholders")
        ),
    ),
}
NAMES = {
    DOIT: r"\b_non_default_keys|\b_conn\b|\bExecNode|\b_update_waiting|\bf_locals|\b_action_instances|\bGlobals\b",
    MARKDOWN: r"\b_InlineProcessor__",
}


@pytest.mark.parametrize("part", PARTS)
def test_a_private_part_is_where_it_was(part: str, tmp_path: Path) -> None:
    module, is_there = PARTS[part]
    library = "doit" if module == DOIT else "Markdown"
    assert is_there(tmp_path), f"{library} {version(library)} has moved {part}, which {module} uses"


@pytest.mark.parametrize("module", NAMES)
def test_one_module_uses_the_private_parts_of_a_library(module: str) -> None:
    found = [
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "pipeline").rglob("*.py")
        if re.search(NAMES[module], path.read_text("utf-8"))
    ]
    assert found == [module]


@pytest.mark.parametrize("library", ["doit", "Markdown"])
def test_a_version_that_nobody_tried_is_not_installed(library: str) -> None:
    asked = next(line for line in requires("lesson-pipeline") or () if re.match(rf"{library}\b", line, re.I))
    assert "<" in asked


def test_a_course_changes_doit_when_it_is_begun() -> None:
    change_doit()
    assert control.TaskDispatcher is CourseDispatcher
    assert runner.ERROR == runner.FAILURE


def test_tasks_are_run_after_what_they_depend_on_and_hold_nothing_when_they_are_done() -> None:
    tasks = {
        task.name: task
        for task in (
            LightTask("c", "", ["a", "b"], ""),
            LightTask("b", "", ["a"], ""),
            LightTask("a", "", [], ""),
        )
    }
    dispatcher = CourseDispatcher(tasks, {}, ["c", "b", "a"])
    order = []
    node = next(dispatcher.generator)
    while node is not None:
        order.append(node.task.name)
        assert node.task.execute(Stream(0)) is None
        node.run_status = "up-to-date" if node.task.name == "a" else "successful"
        node.task.release()
        try:
            node = dispatcher.generator.send(node)
        except StopIteration:
            node = None
    assert order == ["a", "b", "c"]
    assert [dispatcher.nodes[name].run_status for name in order] == ["up-to-date", "successful", "successful"]
    assert dispatcher.nodes["b"] is dispatcher.nodes["c"], "one note for all that are done"
    for task in tasks.values():
        assert not vars(task), "what doit notes of a task has a slot"
        assert not task.task_dep


def test_a_task_in_less_memory_has_what_doit_gives_its_own() -> None:
    own, light = Task("a", None, doc="x", subtask_of="g"), LightTask("a", "g", [], "x")
    for name, value in vars(own).items():
        assert name == "io" or getattr(light, name) == value
    assert light.io is LightTask("b", "", [], "").io
    assert light.actions == own.actions == []
    with pytest.raises(AttributeError, match="unknown"):
        light.unknown  # noqa: B018
