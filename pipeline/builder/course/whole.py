"""what the index tasks left -> what the files for the whole site are made from.

They are asked about in every run: whether they are stale is told by the digests of the sections, whose
values are read only when one is.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from pipeline.builder.course.inputs import CourseInputs
from pipeline.builder.course.renames import Renames
from pipeline.builder.disk.files import digest_of
from pipeline.errors import Diagnostic, find_line
from pipeline.paths import (
    MISSING_NAME,
    NOJEKYLL_NAME,
    ROBOTS_NAME,
    SITEMAP_NAME,
    TREE_NAME,
    collision_key,
    is_section_text,
    item_of,
    section_page_id,
    task_name,
)
from pipeline.redirects import lines_of_redirects
from pipeline.settings import REDIRECTS_NAME
from pipeline.values import Card, Look, Section, Statics, decode, encode

if TYPE_CHECKING:  # an edit needs none of them
    from pipeline.site_values import ListingInputs, RedirectInputs, ReportInputs, TreeInputs


LOOKED_THROUGH = 50_000
"""Characters at the top of a lesson in which the line of a former path is looked for."""


class Redirects(NamedTuple):
    """The pages at former paths, and what is wrong with other ones."""

    pages: tuple[RedirectInputs, ...]
    diagnostics: tuple[Diagnostic, ...]


class WholeInputs:
    """The inputs of the tasks that look at the whole course."""

    def __init__(self, inputs: CourseInputs, renames: Renames) -> None:
        self.course = inputs.course
        self._inputs = inputs
        self._renames = renames
        self._texts: dict[str, tuple[str, dict[str, int]]] = {}

    # --- one file each ---

    def site_digest(self, name: str) -> bytes:
        """Digest of all that a site-wide file is made from, but the code."""
        settings = self.course.settings
        shared = (settings.language, settings.base_url, self._inputs.course_title)
        if name == NOJEKYLL_NAME:
            return b""
        if name == ROBOTS_NAME:
            return digest_of(encode((settings.base_url, settings.language)))
        if name == MISSING_NAME:
            return digest_of(encode(self._missing_values()))
        if name == TREE_NAME:
            return self.outline_digest()
        history = encode(tuple(sorted(self.course.history.items())))
        return digest_of(encode(shared) + self.sections_digest() + history)

    def site_text(self, name: str) -> str:
        """The text of a site-wide file."""
        if name == NOJEKYLL_NAME:
            return ""
        from pipeline import sitewide  # Jinja2 and all: not before something is stale

        templates, settings = self.course.location.template_folders, self.course.settings
        if name == ROBOTS_NAME:
            return sitewide.render_robots(settings.base_url, settings.language, templates)
        if name == MISSING_NAME:
            from pipeline.site_values import MissingInputs

            missing = MissingInputs._make(self._missing_values())
            return sitewide.render_missing(missing, templates)
        if name == TREE_NAME:
            return sitewide.render_tree(self._tree_inputs())
        render = sitewide.render_sitemap if name == SITEMAP_NAME else sitewide.render_feed
        return render(self._listing_inputs(name), templates)

    def outline_digest(self) -> bytes:
        """Digest of the pages of the course, their titles and their order; worked out once as long as
        nothing that it is made from is committed."""
        changes = self.course.state.changes
        if self._outline is None or self._outline[0] != changes:
            self._outline = (changes, self._work_out_outline())
        return self._outline[1]

    _outline: tuple[int, bytes] | None = None

    def _work_out_outline(self) -> bytes:
        parts = [encode(self._inputs.course_title)]
        for section in self.course.plan.sections:
            own = self._inputs.own_facts(section)
            outline = self.course.state.value(task_name("index", section))
            parts.append(encode((section, own is not None and own.has_text)) + (outline or b""))
        return digest_of(b"\0".join(parts))

    def sections_digest(self) -> bytes:
        """Digest of what every section lists and says of itself."""
        parts = []
        for section in self.course.plan.sections:
            record = self.course.state.record(task_name("index", section))
            own = self._inputs.own_facts(section)
            said = (section, own.has_text, own.date) if own else (section,)
            parts.append(encode(said) + (record.digest if record else b""))
        return digest_of(b"\0".join(parts))

    def published_sections(self) -> Iterator[Section]:
        """The sections that have pages, as they were listed."""
        for path in self.course.plan.sections:
            section = self._inputs.section(path)
            if section is not None and self._inputs.is_published_section(path):
                yield section

    def _tree_inputs(self) -> TreeInputs:
        from pipeline.site_values import TreeBranch, TreeInputs, TreeLeaf

        return TreeInputs(
            tuple(
                TreeBranch(
                    section.path,
                    self._inputs.section_title(section.path),
                    tuple(posixpath.dirname(card.page) for card in section.sections),
                    tuple(TreeLeaf(card.title, card.page) for card in section.lessons),
                )
                for section in self.published_sections()
            )
        )

    def _listing_inputs(self, name: str) -> ListingInputs:
        from pipeline.site_values import DatedPage, ListingInputs

        pages = []
        for section in self.published_sections():
            own = self._inputs.own_facts(section.path)
            home = Card(
                section_page_id(section.path), self._inputs.section_title(section.path), "", own.date if own else ""
            )
            for card in (home, *section.lessons):
                changed = self._inputs.last_updated(self.course.plan.sources.get(card.page, ""))
                # A feed tells of what is new: the day that a lesson says, else that of its last change.
                date = changed or card.date if name == SITEMAP_NAME else card.date or changed
                pages.append(DatedPage(card.page, card.title, card.summary, date))
        settings = self.course.settings
        return ListingInputs(settings.base_url, settings.language, self._inputs.course_title, tuple(pages))

    def _missing_values(self) -> tuple[object, ...]:
        """The fields of `MissingInputs`."""
        settings = self.course.settings
        statics = tuple(self.course.static_names.items())
        return (
            settings.language,
            self._inputs.course_title,
            settings.base_url,
            statics,
            self._inputs.quick_links(),
            self._inputs.look,
        )

    # --- the report ---

    def report_values(self) -> tuple[str, str, tuple[tuple[str, str, str], ...], Statics, Look]:
        """The fields of `ReportInputs`, the summary of each lesson as it is kept."""
        by_task = {task_name("repair", path): path for path in self.course.plan.lessons}
        plan = self.course.plan
        damaged = sorted(
            (by_task[task], plan.page_of(by_task[task]), summary)
            for task, summary in self.course.state.damaged()
            if task in by_task
        )
        statics = tuple(self.course.static_names.items())
        return self.course.settings.language, self._inputs.course_title, tuple(damaged), statics, self._inputs.look

    def report_inputs(self) -> ReportInputs:
        """What the account of every repair is made from."""
        from pipeline.site_values import LessonRepairs, RepairSummary, ReportInputs

        language, course_title, damaged, statics, look = self.report_values()
        lessons = tuple(LessonRepairs(path, page, decode(RepairSummary, summary)) for path, page, summary in damaged)
        return ReportInputs(language, course_title, lessons, statics, look)

    # --- former paths ---

    def redirects(self) -> Redirects:
        """The pages at former paths, as lessons and `redirects.toml` name them."""
        self._texts.clear()
        found: dict[str, RedirectInputs] = {}
        keys: dict[str, str] = {}
        folders: dict[str, str] = {}
        told = []
        former = self._former_paths()
        if former:
            from pipeline.sitewide import alias_target
        for source, alias, place in former:
            facts = self._inputs.published(source)
            if facts is None:
                if place == REDIRECTS_NAME:
                    hint = "name a lesson that has a page, or take the line out"
                    told.append(self._former(place, alias, f"'{alias}' leads to '{source}', which has no page", hint))
                continue
            target, problem = alias_target(alias)
            key = collision_key(target)
            parents = [key[:end] for end, sign in enumerate(key) if sign == "/"]
            near = next((keys[part] for part in parents if part in keys), None)
            rival = keys.get(key) or folders.get(key) or near or self._renames.owner_of(target)
            if problem is not None and place:
                told.append(self._former(place, alias, problem.message, problem.hint))
            elif rival is not None and place:
                message = f"the former path '{alias}' is that of '{rival}'"
                told.append(self._former(place, alias, message, "take it out"))
            if problem is not None or rival is not None:
                continue
            keys[key] = source
            folders.update(dict.fromkeys(parents, source))
            from pipeline.site_values import RedirectInputs

            settings = self.course.settings
            found[target] = RedirectInputs(
                target,
                self.course.plan.page_of(source),
                facts.title or self._inputs.course_title,
                settings.language,
                self._inputs.course_title,
                settings.base_url,
            )
        return Redirects(tuple(found.values()), tuple(told))

    def _former(self, place: str, alias: str, message: str, hint: str) -> Diagnostic:
        """What is wrong with a former path, with the line where it is said."""
        text, lines = self._text_of(place)
        line = lines.get(alias) if place == REDIRECTS_NAME else find_line(text, alias, "aliases")
        return Diagnostic(message, line, hint, path=place, code="former-path")

    def _text_of(self, place: str) -> tuple[str, dict[str, int]]:
        """What is said there, and the lines of its former paths; read once however many of them are told."""
        if place not in self._texts:
            text = self.course.text_of(place)
            is_list = place == REDIRECTS_NAME
            self._texts[place] = ("", lines_of_redirects(text)) if is_list else (text[:LOOKED_THROUGH], {})
        return self._texts[place]

    def _former_paths(self) -> list[tuple[str, str, str]]:
        """Lesson, its former path, and where that is said; `""` for what builds saw renamed, and for what follows from
        the names `README.md` and `_index.md`: what is the text of its folder may be known by its own name, and what was
        so by that of the folder."""
        said = [(item_of(task), alias) for task, alias in self.course.state.aliases()]
        found = [(source, alias, source) for source, alias in said] + [
            (new, old, REDIRECTS_NAME) for old, new in sorted(self._renames.led_on().items())
        ]
        found += [(new, old, "") for old, new in sorted(self._renames.kept_renames().items())]
        found += [(source, f"{posixpath.dirname(old)}/", "") for source, old, _ in found if is_section_text(old)]
        return found + [(path, path, "") for path in sorted(self.course.plan.own_texts) if is_section_text(path)]

    def former_targets(self) -> dict[str, str]:
        """The page at each former path, and the lesson that stood there."""
        said = [(source, alias) for source, alias, _ in self._former_paths() if self._inputs.published(source)]
        if not said:
            return {}
        from pipeline.sitewide import alias_target

        return {alias_target(alias)[0]: source for source, alias in said}

    def redirect_files(self, redirects: Redirects) -> dict[str, bytes]:
        """Target -> content of the pages at former paths."""
        from pipeline.sitewide import render_redirect

        folders = self.course.location.template_folders
        return {page.target: render_redirect(page, folders).encode("utf-8", "replace") for page in redirects.pages}
