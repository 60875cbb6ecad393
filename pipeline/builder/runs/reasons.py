"""a stale task + what the last build was made with -> what about it has changed, by name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from pipeline.builder.actions.chores import gone_tasks, in_the_way, orphans, parts
from pipeline.builder.course.changes import GONE, NEW, Cause, Changes
from pipeline.builder.course.fingerprint import STAGES
from pipeline.builder.course.graph import Graph, encode_parts
from pipeline.builder.course.reads import LISTED, TITLE, TITLES, number_of
from pipeline.builder.disk.files import digest_of
from pipeline.builder.runs.known import Pairs, known_of, read_known
from pipeline.errors import show_path, some_of
from pipeline.locale import COURSE_CATALOGUES
from pipeline.paths import MISSING_NAME, ROBOTS_NAME, SITE_TEMPLATES, SITEMAP_NAME, TREE_NAME, item_of, nfc, task_name
from pipeline.settings import DECISIONS_NAME, LEXICON_NAME, REDIRECTS_NAME
from pipeline.values import encode

_PAGE = ("title", "language", "base_url", "quick_links", "trusted_html")
_SETTINGS: dict[str, tuple[str, ...]] = {
    "repair": ("repair", "repair_threshold", "markers"),
    "parse": ("markers", "trusted_html", "language"),
    "index": ("nav",),
    "render": (*_PAGE, "edit_url", "last_updated"),
    "site": ("title", "language", "base_url", "last_updated"),
    f"site:{ROBOTS_NAME}": ("base_url",),
    f"site:{TREE_NAME}": ("title",),
    f"site:{MISSING_NAME}": _PAGE[:-1],
    f"site:{SITEMAP_NAME}": ("title", "language", "base_url", "last_updated"),
    "former": ("title", "language", "base_url", "keep_renames"),
    "repairs": ("title", "language"),
    "search": ("title", "language"),
}
"""The settings that a task is made from; those of one task go before those of its stage."""
_TEMPLATES = {"repairs": "repairs.html", "former": "redirect.html"}
_TEMPLATES |= {f"site:{name}": template for name, template in SITE_TEMPLATES.items()}
_CODE = {"former": "site"}
"""Whose code a stage's is, if it is not its own."""


class Reasons:
    """What has changed since the last finished build, told for one task after the other."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._old = read_known(graph.course.location)
        self._new = known_of(graph.course)

    def of(self, stage: str, item: str) -> list[str]:
        """What a task is made from, besides what other tasks left, that is not what it was."""
        if self._old is None:
            return []
        found = [self._settings(stage, item), self._template(stage, item), self._code(stage)]
        if stage == "repair":
            found += [self._repaired_otherwise(item), self._source(item)]
        if stage == "former":
            found.append(f"{REDIRECTS_NAME} changed" if self._old.redirects != self._new.redirects else "")
            found.append(
                some_of([f"{show_path(old)} became {show_path(new)}" for old, new in self._graph.renames().items()])
            )
        return [words for words in found if words]

    def _settings(self, stage: str, item: str) -> str:
        assert self._old is not None
        names = _SETTINGS.get(f"{stage}:{item}", _SETTINGS.get(stage, ()))
        changed = [name for name in names if getattr(self._old.settings, name) != getattr(self._new.settings, name)]
        return f"the setting{'s' if len(changed) > 1 else ''} {_listed(changed)} changed" if changed else ""

    def _template(self, stage: str, item: str) -> str:
        assert self._old is not None
        name = _TEMPLATES.get(f"{stage}:{item}", _TEMPLATES.get(stage, ""))
        if stage == "parse":  # titles of notes are in the course's own words
            changed = _changed(self._old.files, self._new.files)
            words = [file for file in changed if f"/{COURSE_CATALOGUES}/" in f"/{file}"]
            return f"{some_of(words)} changed" if words else ""
        if stage == "render":
            name = f"{self._graph.page_inputs(item).template}.html"
        if name not in _changed(self._old.templates, self._new.templates):
            return ""
        files = _changed(self._old.files, self._new.files)
        return f"{some_of(files) or name} changed"

    def _code(self, stage: str) -> str:
        assert self._old is not None
        stage = _CODE.get(stage, stage)
        if stage not in _changed(self._old.code, self._new.code):
            return ""
        packages = [name for name in _changed(self._old.packages, self._new.packages) if name in STAGES[stage].packages]
        return f"another version of {_listed(packages)} is installed" if packages else "the program's code changed"

    def _repaired_otherwise(self, path: str) -> str:
        assert self._old is not None
        changed = [DECISIONS_NAME] if nfc(path) in _changed(self._old.decisions, self._new.decisions) else []
        changed += [LEXICON_NAME] if self._old.lexicon != self._new.lexicon else []
        return f"{_listed(changed)} changed" if changed else ""

    def _source(self, path: str) -> str:
        """Whether the bytes of a lesson changed: with them and all else as it was, its record would be another."""
        assert self._old is not None
        course, record = self._graph.course, self._graph.course.state.record(task_name("repair", path))
        digest = self._graph.source_digest(path, course.tree.lessons.get(path))
        # In the order of `Graph.repair_inputs`.
        inputs = (
            digest,
            bytes.fromhex(dict(self._old.code).get("repair", "")),
            encode(self._old.settings.part(*_SETTINGS["repair"])),
            dict(self._old.decisions).get(nfc(path), "[]").encode(),
            bytes.fromhex(self._old.lexicon),
            *encode_parts(self._graph.parts_of(path)),
        )
        before = digest_of(b"\0".join(inputs))
        return "its source changed" if record is None or record.inputs != before else ""


def why_stale(changes: Changes, graph: Graph, stage: str, item: str) -> str:
    """What of its lessons, folders and files a task is made from, in words; `""` if none of it has changed."""
    plan, state = graph.course.plan, graph.course.state
    if stage in ("parse", "repairs"):
        asked = changes.lessons if stage == "repairs" else (item,)
        return told_of((path, "repaired text") for path in asked if changes.is_repaired_otherwise(path))
    if stage == "index":
        return told_of(changes.why_listed(item))
    if stage == "render":
        source, read = plan.sources.get(item), state.reads(task_name(stage, item))
        own = changes.why_lesson(source) if source in changes.lessons else []
        shown = (why for key, why in changes.keys().items() if number_of(key) in read)
        return told_of([*own, *(cause for why in shown for cause in why)])
    kinds = (LISTED,) if stage == "former" else (TITLE, TITLES, LISTED)
    listed = (cause for key, why in changes.keys().items() if key[0] in kinds for cause in why)
    texts = (cause for path in changes.lessons for cause in changes.why_lesson(path)) if stage == "search" else ()
    return told_of([*listed, *texts])


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


def _changed(old: Pairs, new: Pairs) -> list[str]:
    before, now = dict(old), dict(new)
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _listed(names: list[str]) -> str:
    return ", ".join(names)
