"""A run of doit holds little of what is done, and goes through its tasks as ever."""

from __future__ import annotations

from doit.control import TaskDispatcher
from doit.task import Task

from pipeline.builder.runs.course_task import CourseNode, CourseTask, release, share_defaults


def test_tasks_are_run_after_what_they_depend_on_and_hold_nothing_when_they_are_done() -> None:
    tasks = {
        task.name: share_defaults(task)
        for task in (
            Task("c", [(print,)], task_dep=["a", "b"]),
            Task("b", [(print,)], task_dep=["a"]),
            Task("a", [(print,)], file_dep=["x"]),
        )
    }
    dispatcher = TaskDispatcher(tasks, {}, ["c", "b", "a"])
    order = []
    node = next(dispatcher.generator)
    while node is not None:
        order.append(node.task.name)
        node.run_status = "successful"
        release(node.task)
        node = dispatcher.generator.send(node) if len(order) < len(tasks) else next(dispatcher.generator, None)
    assert order == ["a", "b", "c"]
    for node in dispatcher.nodes.values():
        assert type(node) is CourseNode
        assert type(node.task) is CourseTask
        assert not any((node.waiting_me, node.wait_run, node.task_dep, node.ancestors))
        assert node.step() is None
        assert not {"_actions", "file_dep", "values"} & vars(node.task).keys()
