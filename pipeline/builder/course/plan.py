"""Tree -> Plan: the pages and files to make, and which of them owns which target."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pipeline.builder import tasks
from pipeline.builder.disk.sweep import Tree
from pipeline.errors import Diagnostic
from pipeline.paths import (
    LESSON_ENDINGS,
    REPORT_FOLDER,
    ROOT_SECTION,
    SECTION_TEXTS,
    STATIC_FOLDER,
    ancestors,
    collision_key,
    is_active,
    is_section_text,
    nfc,
    own_folder,
    page_id,
    page_target,
    section_of,
    section_page_id,
    task_name,
)

if TYPE_CHECKING:
    from pipeline.nav import NavPlaces
    from pipeline.values import PageKind

REPORT_FILES = ("index.html", "report.json")
"""What the task `repairs` makes in the report's folder."""
BUNDLE = "all"
"""The item of a stage that has one task."""


class Plan:
    """What a course is to become. Lists are sorted; dictionaries are in the same order."""

    KEPT: ClassVar[tuple[str, ...]] = (
        "lessons",
        "sections",
        "assets",
        "statics",
        "sources",
        "lessons_in",
        "sections_in",
        "groups",
        "placed",
        "site_files",
        "targets",
        "warnings",
    )
    """The fields of a plan without problems."""

    def __init__(self) -> None:
        self.lessons: list[str] = []
        self.sections: list[str] = []
        self.assets: list[str] = []
        self.statics: list[str] = []
        self.site_files: list[str] = []
        """Targets that belong to the whole site."""
        self.sources: dict[str, str] = {}
        """Page name -> source path of its lesson; a section without a text of its own has none."""
        self.lessons_in: dict[str, list[str]] = {}
        """Section -> its lessons, without its own text."""
        self.sections_in: dict[str, list[str]] = {}
        self.groups: list[str] = []
        """The sections that are no folders."""
        self.placed: dict[str, str] = {}
        """Lesson or section -> the section that the navigation puts it in, if that is another than its folder's."""
        self.targets: dict[str, str] = {}
        """Target -> the task that makes it."""
        self.problems: list[tuple[str, Diagnostic]] = []
        self.warnings: list[tuple[str, str, str, str]] = []
        """Path, message, hint and code of what is built all the same."""
        self.refused: list[str] = []
        """Targets of refused sources: not made, but not deleted either."""
        self.unreadable: list[str] = []
        """Folders that could not be listed: nothing below them is deleted."""

    @classmethod
    def of_kept(cls, kept: Sequence[Any]) -> Plan:
        """A plan from the values of `KEPT`. Raises ValueError if there are more or fewer."""
        plan = cls()
        for name, value in zip(cls.KEPT, kept, strict=True):
            setattr(plan, name, value)
        return plan

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is to be told of files that are built all the same."""
        return tuple(
            Diagnostic(message, hint=hint, path=path, code=code) for path, message, hint, code in self.warnings
        )

    def keeps(self, target: str) -> bool:
        """Whether a target that nobody makes any more must stay all the same."""
        return target in self.refused or _is_below(target, self.unreadable)

    def items(self, kind: str) -> Collection[str]:
        """What a stage has a task for each of."""
        if kind == tasks.PAGES:
            return self.pages
        return {
            tasks.LESSONS: self.lessons,
            tasks.SECTIONS: self.sections,
            tasks.ASSETS: self.assets,
            tasks.STATICS: self.statics,
            tasks.SITE_FILES: self.site_files,
            tasks.REPORT_FILES: REPORT_FILES,
            tasks.WHOLE: (BUNDLE,),
        }[kind]

    @cached_property
    def pages(self) -> list[str]:
        """Every page, lessons before sections. Not to be asked before the plan is made."""
        lesson_pages = map(self.page_of, self.lessons)
        section_pages = {section_page_id(section) for section in self.sections}
        ordered = [page for page in lesson_pages if page not in section_pages]
        ordered += sorted(section_pages)
        return [page for page in ordered if page_target(page) in self.targets]

    @property
    def own_texts(self) -> set[str]:
        """The lessons that are the texts of their folders."""
        found = (self.sources.get(section_page_id(section)) for section in self.sections)
        return {path for path in found if path}

    def section_of(self, path: str) -> str:
        """The section that a lesson or a section is in."""
        return self.placed[path] if path in self.placed else section_of(path)

    def trail_of(self, section: str) -> list[str]:
        """The sections above one, from the whole course down, without itself."""
        found = []
        while section != ROOT_SECTION:
            section = self.section_of(section)
            found.append(section)
        return found[::-1]

    def is_arranged_like(self, other: Plan) -> bool:
        """Whether all that both plans have is in the same sections."""
        moved = {path for path, _ in self.placed.items() ^ other.placed.items()}
        return self.groups == other.groups and (
            not moved
            or moved.isdisjoint({*self.lessons, *self.sections}.intersection((*other.lessons, *other.sections)))
        )

    def page_of(self, path: str) -> str:
        """The page that a lesson is: that of its folder, if it is the folder's text."""
        page = page_id(path)
        if page[-6:].lower().endswith(("index", "readme")):
            own = section_page_id(section_of(path))
            return own if self.sources.get(own) == path else page
        return page

    def kind_of(self, page: str) -> PageKind:
        """Which template a page uses."""
        if page == "index":
            return "home"
        return "section" if self.section_named(page) is not None else "lesson"

    def section_named(self, page: str) -> str | None:
        """The section whose page `page` is, or None for a lesson's page."""
        folder, name = posixpath.split(page)
        return folder if name == "index" else None


def make_plan(
    tree: Tree,
    statics: dict[str, str],
    known_lessons: list[str],
    site_files: tuple[str, ...],
    targets_of: Callable[[str], dict[str, str]],
    *,
    nav: NavPlaces | None = None,
    refuse_active: bool = False,
) -> Plan:
    """Give every target one owner; whoever comes second is refused and reported. The site's own files come first:
    nothing of a course takes the place of a script that every page loads. Of two names that differ only in
    letter case or Unicode form, the one in small letters comes first, then the one that is sorted first.

    `statics` are the site's own files, by plain name, with their names in the output.
    `targets_of` gives what is made of a lesson beside its page, and the task that makes each.
    `nav` says which sections lessons and folders are in.
    `refuse_active` files of the course that can run scripts.
    `known_lessons` are the lessons of the last build: those below a folder that cannot be read
    now are kept in the plan, so that a permission does not delete a module.
    """
    plan = Plan()
    plan.problems += tree.problems
    plan.unreadable += tree.unreadable
    owners = _Owners(plan)
    plan.statics += sorted(statics)
    plan.site_files += site_files
    owners.claim(_THE_SITE, {f"{REPORT_FOLDER}/{name}": "repairs" for name in REPORT_FILES})
    owners.claim(_THE_SITE, {f"{STATIC_FOLDER}/{statics[name]}": task_name("static", name) for name in plan.statics})
    owners.claim(_THE_SITE, {name: task_name("site", name) for name in site_files})
    hidden = [path for path in known_lessons if _is_below(path, tree.unreadable)]
    candidates = owners.admit(sorted({*tree.lessons, *hidden}))
    _claim_section_pages(plan, owners, candidates, nav.groups if nav else ())
    own_texts = set(plan.sources.values())
    for path in _small_first(candidates):
        page = page_id(path)
        targets = {} if path in own_texts else {page_target(page): task_name("render", page)}
        if owners.claim(path, targets | targets_of(path)):
            plan.lessons.append(path)
    plan.lessons.sort()
    plan.sources = {plan.page_of(path): path for path in plan.lessons}
    _add_sections(plan, nav)
    for path in _small_first(owners.admit(sorted(tree.assets))):
        if refuse_active and is_active(path):
            plan.problems.append((path, _ACTIVE))
        elif owners.claim(path, {path: task_name("asset", path)}):
            plan.assets.append(path)
    plan.assets.sort()
    _tell_no_lessons(plan)
    return plan


def _small_first(names: list[str]) -> list[str]:
    """Sorted names, those first that are written as most are: `while.md` before `While.md`, so that a lesson does
    not vanish when someone adds a copy of it with a capital. It must not depend on which was there first."""
    others = [name for name in names if name != name.casefold() or not unicodedata.is_normalized("NFC", name)]
    if not others:
        return names
    without = set(others)
    return [*(name for name in names if name not in without), *others]


def _claim_section_pages(plan: Plan, owners: _Owners, candidates: list[str], groups: Sequence[str]) -> None:
    """Every folder with a lesson below it has an `index.html`, so that no link to it is dead; so has every group of the
    navigation."""
    folders = {ROOT_SECTION, *groups}
    for path in candidates:
        folder = section_of(path)
        folders.update((folder, *ancestors(folder)))
    names = set(candidates)
    spare = dict[str, str]()
    for path in sorted(filter(is_section_text, candidates), key=_rank_of_text):
        spare.setdefault(section_of(path), path)
    for section in _small_first(sorted(folders)):
        page = section_page_id(section)
        own = [f"{page}{ending}" for ending in LESSON_ENDINGS if f"{page}{ending}" in names]
        source = own[0] if own else spare.get(section, "")
        if owners.claim(source or f"{page}.md", {page_target(page): task_name("render", page)}):
            plan.sections.append(section)
            if source:
                plan.sources[page] = source
    plan.sections.sort()


def _rank_of_text(path: str) -> int:
    """How many names of the text of a folder come before this one."""
    return SECTION_TEXTS.index(posixpath.basename(page_id(path)).lower())


def _tell_no_lessons(plan: Plan) -> None:
    """MDX, which is Markdown with programs in it, looks like lessons to whoever brings it."""
    found = [path for path in plan.assets if path.endswith(".mdx")]
    if found:
        message = f"no page is made of files that end in .mdx: there are {len(found):,}"
        plan.warnings.append((found[0], message, "a lesson is Markdown and ends in .md", "foreign-format"))


def _add_sections(plan: Plan, nav: NavPlaces | None) -> None:
    for section in plan.sections:
        plan.lessons_in[section] = []
        plan.sections_in[section] = []
    lessons = [path for path in plan.lessons if plan.page_of(path) != section_page_id(section_of(path))]
    sections = [section for section in plan.sections if section != ROOT_SECTION]
    if nav is not None:
        plan.groups = [*nav.groups]
        known: dict[str | None, str] = {nfc(section): section for section in plan.sections}
        for path in (*lessons, *sections):
            place = nav.section_of(path)
            if place in known and known[place] != section_of(path):
                plan.placed[path] = known[place]
    for section in sections:
        plan.sections_in.setdefault(plan.section_of(section), []).append(section)
    for path in lessons:
        plan.lessons_in.setdefault(plan.section_of(path), []).append(path)


def _is_below(path: str, folders: list[str]) -> bool:
    """Whether `path` is in one of the folders; `""` is the whole course."""
    return any(folder == "" or path.startswith(folder + "/") for folder in folders)


_ACTIVE = Diagnostic(
    "a file that can run scripts when it is opened",
    hint="take it out, a drawing as PNG or WebP; or build without trusted=no",
    severity="error",
    code="active-file",
)
_THE_SITE = "the site itself"
"""Owns what is made from no file of the course."""


class _Owners:
    """Hands out targets. Two that a case-blind or normalising file system would take for one,
    or a file where another target needs a folder, cannot both be had."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._owner_by_key: dict[str, str] = {}
        self._folder_keys: dict[str, str] = {}

    def admit(self, paths: list[str]) -> list[str]:
        """The files of a course that stand in no folder of the site's own; the others are told, once each folder."""
        refused = {path: folder for path in paths if (folder := own_folder(path))}
        for folder in dict.fromkeys(refused.values()):
            told = Diagnostic(
                f"'{folder}' is a folder of the site's own", hint="rename it", severity="error", code="same-target"
            )
            if (folder, told) not in self._plan.problems:
                self._plan.problems.append((folder, told))
        return [path for path in paths if path not in refused] if refused else paths

    def claim(self, source: str, targets: Mapping[str, str]) -> bool:
        """Have all the targets, by the task that makes each, or none of them."""
        for target in targets:
            rival = self._rival(target)
            if rival is not None:
                self._refuse(source, target, rival)
                self._plan.refused += [name for name in targets if name not in self._plan.targets]
                return False
        for target, task in targets.items():
            key = collision_key(target)
            self._owner_by_key[key] = source
            for folder in _parents(key):
                self._folder_keys.setdefault(folder, source)
            self._plan.targets[target] = task
        return True

    def _rival(self, target: str) -> str | None:
        key = collision_key(target)
        owner = self._owner_by_key.get(key) or self._folder_keys.get(key)
        return owner or next((self._owner_by_key[f] for f in _parents(key) if f in self._owner_by_key), None)

    def _refuse(self, source: str, target: str, rival: str) -> None:
        if source == target and self._plan.targets.get(target, "").startswith("render:"):  # a file that is copied
            message = f"a page has its place, that of '{rival}': the file is left out"
            self._plan.warnings.append((source, message, "rename it, or delete it", "hidden-file"))
            return
        is_same = collision_key(rival) == collision_key(source)
        told = Diagnostic(
            f"the same name as '{rival}' on systems that ignore letter case or Unicode form"
            if is_same
            else f"'{target}' would overwrite what {rival} makes"
            if rival == _THE_SITE
            else f"'{target}' would overwrite what '{rival}' makes",
            hint="rename it" if rival == _THE_SITE else f"rename one of them; '{rival}' is built",
            severity="error",
            code="same-target",
        )
        if (source, told) not in self._plan.problems:  # as the page of its section too
            self._plan.problems.append((source, told))


def _parents(key: str) -> list[str]:
    parts = key.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
