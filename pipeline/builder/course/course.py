"""One course: where it is, what it is to become, and what has been made of it."""

from __future__ import annotations

import contextlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipeline.builder.course.course_files import read_course_files, text_of
from pipeline.builder.course.fingerprint import Fingerprints
from pipeline.builder.course.plan import Plan, make_plan
from pipeline.builder.course.work import Workshop
from pipeline.builder.disk.files import digest_of
from pipeline.builder.disk.history import last_changes
from pipeline.builder.disk.location import Location, claim_output
from pipeline.builder.disk.sweep import Tree, sweep_content
from pipeline.builder.state.state import State
from pipeline.builder.tasks import LESSONS, Definitions
from pipeline.errors import SourceError
from pipeline.locale import read_lesson_words
from pipeline.paths import (
    FEED_NAME,
    MISSING_NAME,
    NOJEKYLL_NAME,
    ROBOTS_NAME,
    SITEMAP_NAME,
    TREE_NAME,
    ancestors,
    collision_key,
    task_name,
)
from pipeline.statics import LOADED, SCRIPT_NAME, write_facts
from pipeline.values import PageKind, encode

if TYPE_CHECKING:
    from pipeline.nav import NavPlaces

STATIC_SOURCES = "static"
"""The folder in `templates/` with the site's own files."""
NAMED_AFTER_CONTENT = (".css", ".js")
STATIC_DIGITS = 8
"""Hexadecimal digits of a file's digest in its name: 32 bits tell a few versions of one file apart."""


class Course:
    """A course opened for one run; what is expensive is read when it is first asked for."""

    def __init__(self, location: Location, definitions: Definitions) -> None:
        location.check()
        self.location = location
        self.definitions = definitions
        about = read_course_files(location)
        self.settings, self.decisions, self.lexicon = about.settings, about.decisions, about.lexicon
        self.redirects, self.renames = about.redirects, about.renames
        """Former paths of lessons, as people left them in `redirects.toml` and builds in `renames.toml`."""
        self._faults = about.faults
        self.state = State(location.state_path)
        claim_output(location)
        self.writes_to = location.output
        """Where files are written and deleted: the output, but in a rehearsal."""
        self.arrived: list[str] = []
        """Lessons that no build has seen before this one, once `prune` has found out."""
        self._page_templates: dict[PageKind, list[str]] = {}
        self.retired = set[str]()
        """Files that this run makes no more, though their lessons are there."""
        self.has_noted = False
        """Whether this run has changed `renames.toml`."""
        self.new_redirects: dict[str, str] = {}
        """Former paths that this run has noted in `renames.toml`."""

    @cached_property
    def lexicon_digest(self) -> bytes:
        """Digest of the lexicon, which every repair depends on; empty without one."""
        return digest_of(encode(tuple(self.lexicon.items()))) if self.lexicon else b""

    @cached_property
    def words(self) -> dict[str, str]:
        """The course's own words for what lessons bring along, by the English ones."""
        return read_lesson_words(self.settings.language, self.location.template_folders)

    @cached_property
    def nav(self) -> NavPlaces | None:
        """What the navigation says of lessons and folders, if there is one."""
        if not self.settings.nav:
            return None
        from pipeline.nav import NavEntry, NavPlaces  # few courses have one

        return NavPlaces([NavEntry(*entry) for entry in self.settings.nav], self._is_path)

    def _is_path(self, path: str) -> bool:
        return collision_key(path) in self._path_keys

    @cached_property
    def _path_keys(self) -> set[str]:
        """What no section of the navigation's own may be called like, on whatever system."""
        names = {collision_key(path) for path in (*self.tree.lessons, *self.tree.assets)}
        return names.union(folder for name in names for folder in ancestors(name))

    @cached_property
    def history(self) -> dict[str, str]:
        """When each lesson was changed last, if the course wants to know."""
        return last_changes(self.location.content) if self.settings.last_updated == "git" else {}

    @cached_property
    def workshop(self) -> Workshop:
        """What the work on every lesson has in common."""
        compiled = self.location.state_folder / "templates"
        version = self.fingerprints.stage("render").hex()
        with contextlib.suppress(OSError):
            compiled.mkdir(exist_ok=True)
            for path in compiled.iterdir():
                if not path.name.startswith(version):
                    path.unlink()
        return Workshop(
            self.location.content,
            self.location.template_folders,
            self.settings,
            self.decisions,
            self.lexicon,
            self.words,
            compiled,
            version,
        )

    def text_of(self, name: str) -> str:
        """What a file of the content folder says, to tell where in it a fault is; empty if it cannot be read."""
        try:
            return text_of(self.location.content, name, "replace") or ""
        except SourceError:
            return ""

    @cached_property
    def tree(self) -> Tree:
        return sweep_content(self.location.content, self.settings.ignore)

    @cached_property
    def plan(self) -> Plan:
        known = self._known_lessons() if self.tree.unreadable else []
        is_distrusted = self.location.trusted == "no"
        plan = make_plan(
            self.tree,
            self.static_names,
            known,
            self._site_files,
            self._targets_of,
            nav=self.nav,
            refuse_active=is_distrusted,
        )
        plan.problems[:0] = self._faults
        return plan

    @property
    def _site_files(self) -> tuple[str, ...]:
        published = (SITEMAP_NAME, FEED_NAME) if self.settings.base_url else ()
        return (TREE_NAME, MISSING_NAME, ROBOTS_NAME, NOJEKYLL_NAME, *published)

    def _targets_of(self, path: str) -> dict[str, str]:
        """What stages make of a lesson beside its page, and the task that makes each."""
        made = (
            (stage, stage.target(self, path))
            for stage in self.definitions.stages.values()
            if stage.row.items == LESSONS
        )
        return {target: task_name(stage.name, path) for stage, target in made if target}

    def _known_lessons(self) -> list[str]:
        prefix = task_name("repair", "")[:-1]
        return [unquote(task.removeprefix(prefix)) for task in self.state.tasks() if task.startswith(prefix)]

    @cached_property
    def statics(self) -> dict[str, Path]:
        """The site's own files by their plain names; the course's own win."""
        found: dict[str, Path] = {}
        for templates in self.location.template_folders:
            folder = templates / STATIC_SOURCES
            for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
                if path.is_file():
                    found.setdefault(path.relative_to(folder).as_posix(), path)
        return dict(sorted(found.items()))

    @cached_property
    def static_names(self) -> dict[str, str]:
        """Plain name -> name in the output. Style sheets and scripts are named after what they are made from,
        so that a browser may keep them for ever; they are linked to by pages only."""
        return {name: _hashed_name(name, path, self.static_head(name)) for name, path in self.statics.items()}

    def static_head(self, name: str) -> bytes:
        """What one of the site's own files begins with in the output, before its content."""
        return self._script_facts if name == SCRIPT_NAME else b""

    @cached_property
    def _script_facts(self) -> bytes:
        names = {name: _hashed_name(name, self.statics[name]) for name in LOADED.values() if name in self.statics}
        return write_facts(self.settings.language, names, self.location.template_folders)

    def is_original(self, name: str, content: bytes) -> bool:
        """Whether this content of one of the site's own files is what comes with the program."""
        original = self.location.template_folders[-1] / STATIC_SOURCES / name
        return self.statics[name] == original or (original.is_file() and original.read_bytes() == content)

    def page_templates(self, kind: PageKind) -> list[str]:
        """The templates that a page of a kind may ask for in its front matter."""
        if kind not in self._page_templates:
            from pipeline.page.blocks import page_templates  # few lessons ask for one

            usual = "section" if kind == "home" else kind
            self._page_templates[kind] = page_templates(
                usual, self.location.template_folders, self.fingerprints.template_texts
            )
        return self._page_templates[kind]

    @cached_property
    def fingerprints(self) -> Fingerprints:
        codes = {name: stage.code for name, stage in self.definitions.stages.items()}
        return Fingerprints(self.location.template_folders, codes)

    def claim(self, target: str, task: str) -> None:
        """A file that is written for the first time is known as ours before it is."""
        if not self.state.is_rehearsal and not self.state.files.owns(target):
            self.state.files.claim([(target, task)], self.location.output)


def _hashed_name(name: str, path: Path, head: bytes = b"") -> str:
    stem, dot, ending = name.rpartition(".")
    if not name.endswith(NAMED_AFTER_CONTENT):
        return name
    try:
        return f"{stem}.{digest_of(head + path.read_bytes()).hex()[:STATIC_DIGITS]}{dot}{ending}"
    except OSError:
        return name
