"""a stale task + what the last build was made with -> what about it has changed, by name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from pipeline.builder.course.changes import GONE, NEW, Cause
from pipeline.builder.course.graph import Graph
from pipeline.builder.course.known import changed_names, known_of, read_known
from pipeline.builder.course.stage import Stage
from pipeline.builder.stages.chores import gone_tasks, in_the_way, orphans, parts
from pipeline.errors import show_path, some_of
from pipeline.paths import item_of


class Reasons:
    """What has changed since the last finished build, told for one task after the other."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._old = read_known(graph.course.location)
        self._new = known_of(graph.course)

    def of(self, stage: Stage, item: str) -> list[str]:
        """What a task is made from, besides what other tasks left, that is not what it was."""
        if self._old is None:
            return []
        found = [self._settings(stage, item), self._template(stage, item), self._code(stage)]
        found += stage.reasons(self._graph, item, self._old, self._new)
        return [words for words in found if words]

    def _settings(self, stage: Stage, item: str) -> str:
        assert self._old is not None
        old, new = self._old.settings, self._new.settings
        changed = [name for name in stage.settings_of(item) if getattr(old, name) != getattr(new, name)]
        return f"the setting{'s' if len(changed) > 1 else ''} {', '.join(changed)} changed" if changed else ""

    def _template(self, stage: Stage, item: str) -> str:
        assert self._old is not None
        name = stage.template(self._graph, item)
        if name not in changed_names(self._old.templates, self._new.templates):
            return ""
        files = changed_names(self._old.files, self._new.files)
        return f"{some_of(files) or name} changed"

    def _code(self, stage: Stage) -> str:
        assert self._old is not None
        if stage.name not in changed_names(self._old.code, self._new.code):
            return ""
        versions = changed_names(self._old.packages, self._new.packages)
        packages = [name for name in versions if name in stage.code.packages]
        return f"another version of {', '.join(packages)} is installed" if packages else "the program's code changed"


def told_of(causes: Iterable[Cause]) -> str:
    """Causes in words, those of one lesson, folder or file together.

    >>> told_of([("a.md", "title"), ("b.md", "new"), ("a.md", "order"), ("a.md", "title")])
    'the title, order of a.md changed, b.md is new'
    """
    by_subject: dict[str, dict[str, None]] = {}
    for subject, what in causes:
        by_subject.setdefault(show_path(subject), {})[what] = None
    found = []
    for subject, changed in by_subject.items():
        state = next((what for what in (NEW, GONE) if what in changed), None)
        found.append(f"{subject} is {state}" if state else f"the {', '.join(changed)} of {subject} changed")
    return some_of(found)


def why_pruned(graph: Graph, *, is_clearing: bool = False) -> str:
    """What `prune` or, before it, `clear` would do, by name."""
    files = [show_path(target) for target in (in_the_way if is_clearing else orphans)(graph)]
    if files:
        return f"nothing makes {some_of(files)} any more, which it deletes"
    if parts(graph):
        return "a build was interrupted: half-written files are deleted"
    gone = [show_path(posixpath.normpath(item_of(task))) for task in gone_tasks(graph)]
    return f"{some_of(list(dict.fromkeys(gone)))} is gone"
