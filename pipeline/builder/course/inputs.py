"""what the tasks before it left -> what a task is made from, as values.

Titles, sections, links: everything that one page shows of the rest of the course.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TypeVar

from pipeline.builder.course.course import Course
from pipeline.builder.course.plan import Plan
from pipeline.builder.course.reads import BRANCHES, LISTED, NAME, SECTION, TITLE, TITLES, Key
from pipeline.builder.course.site import CourseSite
from pipeline.builder.disk.history import is_shallow
from pipeline.builder.disk.sweep import is_left_out
from pipeline.errors import Diagnostic, Edit, find_line, find_lines, near_name
from pipeline.links import resolve_link
from pipeline.look import check_look, choose_look
from pipeline.paths import (
    LESSON_ENDINGS,
    ROOT_SECTION,
    is_lesson,
    is_section_text,
    nfc,
    page_id,
    readable_title,
    section_of,
    section_page_id,
    task_name,
    url_quote,
)
from pipeline.section import list_branches, list_siblings, name_section, neighbours
from pipeline.settings import DECISIONS_NAME, SETTINGS_NAME
from pipeline.values import (
    Card,
    Entry,
    ImageSize,
    LessonFacts,
    Link,
    Look,
    PageInputs,
    PageKind,
    ResolvedLink,
    Section,
    SectionInputs,
    TextPlace,
    decode,
)

FACTS_HELD = 500
"""Decoded facts of lessons that are kept: a page asks for those near it. More of them, and of the records in
`state.py`, took a first build of 10,000 lessons above 400 MB."""
SECTIONS_HELD = 200
"""Decoded sections that are kept: a page asks for its own and those above it."""
DRAFT_MARK = "✎"
"""Before the title of a draft, where drafts are shown."""
UNTITLED = {"vi": "Khóa học"}
"""Title of a course that gives itself none; `Course` in other languages."""


_Held = TypeVar("_Held")


class CourseInputs:
    """The inputs of the tasks of one course. Cheap to ask: what was stored is read once and kept by
    its digest, because it changes while a build goes on."""

    def __init__(
        self,
        course: Course,
        former_targets: Callable[[], dict[str, str]],
        stage_facts: Callable[[str], tuple[tuple[str, str], ...]],
    ) -> None:
        """`former_targets` gives the page at each former path, and the lesson that stood there; `stage_facts` what
        stages left of a lesson for its page to show."""
        self.course = course
        self._former_targets = former_targets
        self._stage_facts = stage_facts
        self._facts: dict[str, tuple[str, LessonFacts]] = {}
        self._sections: dict[str, tuple[bytes, Section]] = {}
        self.asked = set[Key]()
        """What the page shows of the rest of the course whose inputs were worked out last."""

    # --- sections ---

    def section_inputs(self, section: str) -> SectionInputs:
        """The published lessons and sub-sections of a folder, and what it says of itself."""
        plan, nav = self.course.plan, self.course.nav
        own = self.own_facts(section)
        entries = []
        for path in plan.lessons_in[section]:
            facts = self.published(path)
            if facts is not None:
                title = (nav.title_of(path) if nav else "") or facts.title
                card = Card(page_id(path), title, facts.summary, facts.date)
                entries.append(Entry(card, posixpath.basename(path), nav.order_of(path) if nav else facts.order))
        sections = []
        for child in plan.sections_in[section]:
            value = self.section(child)
            if value is not None and self.is_published_section(child):
                card = Card(section_page_id(child), value.title, value.summary, lessons=value.lesson_count)
                sections.append(Entry(card, posixpath.basename(child), nav.order_of(child) if nav else value.order))
        given = self._section_titles if section else {}  # the whole course has its title by another setting
        named = name_section(section, own.title if own else "", given, entries + sections)
        return SectionInputs(
            title=(nav.title_of(section) if nav else "") or named,
            summary=own.summary if own else "",
            order=own.order if own else None,
            lessons=tuple(entries),
            sections=tuple(sections),
        )

    @cached_property
    def _section_titles(self) -> dict[str, str]:
        return dict(self.course.settings.sections)

    def section(self, section: str) -> Section | None:
        """The section as `index:<section>` left it."""
        record = self.course.state.record(task_name("index", section))
        if record is None or not record.facts:
            return None
        found = self._sections.get(section)
        if found is None or found[0] != record.digest:
            found = (record.digest, decode(Section, record.facts))
        _keep(self._sections, section, found, SECTIONS_HELD)
        return found[1]

    def is_published_section(self, section: str, plan: Plan | None = None) -> bool:
        """Whether a folder has a page: it lists something or has text of its own."""
        if section == ROOT_SECTION:
            return True
        value = self.section(section)
        own = self.own_facts(section, plan)
        return bool(value and not value.is_empty) or bool(own and own.has_text)

    def own_facts(self, section: str, plan: Plan | None = None) -> LessonFacts | None:
        """What a section says of itself in its `index.md`, if that is published."""
        source = (plan or self.course.plan).sources.get(section_page_id(section))
        return None if source is None else self.published(source)

    # --- lessons ---

    def facts(self, path: str) -> LessonFacts | None:
        """What `parse:<path>` found, None if it never got that far."""
        record = self.course.state.record(task_name("parse", path))
        if record is None or not record.facts:
            return None
        found = self._facts.get(path)
        if found is None or found[0] != record.facts:
            found = (record.facts, self._as_shown(decode(LessonFacts, record.facts)))
        _keep(self._facts, path, found, FACTS_HELD)
        return found[1]

    def _as_shown(self, facts: LessonFacts) -> LessonFacts:
        if facts.draft and self.course.location.shows_drafts:
            return facts._replace(draft=False, title=f"{DRAFT_MARK} {facts.title}")
        return facts

    def published(self, path: str) -> LessonFacts | None:
        """The facts of a lesson that has a page."""
        facts = self.facts(path)
        return None if facts is None or facts.draft else facts

    def has_markdown(self, path: str) -> bool:
        """Whether a lesson's repaired text stands beside its page."""
        facts = self.published(path)
        return facts is not None and facts.has_text

    # --- pages ---

    def page_inputs(self, page: str) -> PageInputs:
        """Everything a page shows that is not in its lesson's own text. What every page shows, as the title of the
        course, is not noted for each."""
        plan, settings = self.course.plan, self.course.settings
        title, quick_links = self.course_title, self.quick_links()
        self.asked = set()
        kind = plan.kind_of(page)
        source = plan.sources.get(page)
        facts = self.published(source) if source else None
        own_section = plan.section_named(page)
        folder = plan.section_of(source or page) if own_section is None else own_section
        value = self.section(folder) or Section(folder, "", "", None, (), ())
        lesson = ""
        if facts is not None and source is not None:
            record = self.course.state.record(task_name("parse", source))
            lesson = record.digest.hex() if record else ""
        self.asked.add((TITLES if kind == "lesson" else LISTED, folder))
        if kind == "lesson":
            shown = list_siblings(value.lessons, page)
            previous, following = neighbours(value.lessons, page)
            trail = [*plan.trail_of(folder), folder]
        else:
            shown, previous, following = value.lessons, None, None
            trail = plan.trail_of(folder)
            self.asked.add((SECTION, nfc(folder)))
        return PageInputs(
            page=page,
            kind=kind,
            published=bool(facts) if kind == "lesson" else self.is_published_section(folder),
            lesson=lesson,
            language=settings.language,
            course_title=title,
            title=facts.title if facts and kind == "lesson" else self.section_title(folder),
            summary=facts.summary if facts else "",
            breadcrumbs=tuple(self._section_card(section) for section in trail),
            quick_links=quick_links,
            # A hint is for the maintainer, as is how much depends on it: it may change without a change of the page.
            links=tuple(
                link._replace(hint="", meant="", severity="warning") for link in self.resolve_links(source, page)
            )
            if facts and source
            else (),
            section=self._section_card(folder),
            # A lesson's page shows the titles of its siblings, not their summaries.
            lessons=tuple(map(_without_summary, shown)) if kind == "lesson" else shown,
            has_more_lessons=len(shown) < len(value.lessons),
            sections=() if kind == "lesson" else value.sections,
            previous=_without_summary(previous) if previous else None,
            next=_without_summary(following) if following else None,
            template=self._template_of(facts, kind),
            base_url=settings.base_url,
            statics=tuple(self.course.static_names.items()),
            trusted_html=settings.trusted_html,
            date=facts.date if facts else "",
            updated=self.last_updated(source) if facts and source else "",
            edit_url=settings.edit_url.replace("{path}", url_quote(source)) if facts and source else "",
            markdown=source if source and self.has_markdown(source) else "",
            branches=list_branches(self.section(ROOT_SECTION), [*trail, folder]),
            lesson_count=0 if kind == "lesson" else value.lesson_count,
            start=None if kind == "lesson" else self._first_lesson(value),
            look=self.look,
            stage_facts=self._stage_facts(source) if facts and source else (),
        )

    def _first_lesson(self, section: Section) -> Card | None:
        while section.sections and not section.lessons:
            folder = posixpath.dirname(section.sections[0].page)
            self.asked.add((LISTED, folder))
            section = self.section(folder) or section._replace(sections=())
        return Card(section.lessons[0].page, "", "") if section.lessons else None

    @cached_property
    def look(self) -> Look:
        """What the course has chosen of the looks of its pages."""
        return choose_look(self.course.settings)

    def _template_of(self, facts: LessonFacts | None, kind: PageKind) -> str:
        """The template that a page asks for, if it is one that it may ask for, else the usual one."""
        asked = facts.template if facts else ""
        return asked if asked and asked in self.course.page_templates(kind) else kind

    def last_updated(self, source: str) -> str:
        """ISO date of the last change of a lesson, `""` if it is not known or not asked for."""
        return self.course.history.get(source, "")

    @property
    def course_title(self) -> str:
        """The title in the header of every page."""
        settings = self.course.settings
        own = self.own_facts(ROOT_SECTION)
        language = settings.language.split("-")[0]
        return settings.title or (own.title if own else "") or UNTITLED.get(language, "Course")

    def section_title(self, section: str) -> str:
        """The title of a section's page."""
        self.asked.add((TITLE, section))
        if section == ROOT_SECTION:
            own = self.own_facts(section)
            return (own.title if own else "") or self.course_title
        value = self.section(section)
        return value.title if value else readable_title(posixpath.basename(section))

    def _section_card(self, section: str) -> Card:
        return Card(section_page_id(section), self.section_title(section), "")

    def quick_links(self) -> tuple[Card, ...]:
        """The pages that the settings' quick links mean."""
        found = map(self.quick_link, self.course.settings.quick_links)
        return tuple(card for card in found if card is not None)

    def shown_everywhere(self) -> set[Key]:
        """What every page shows."""
        self.asked = {(TITLE, ROOT_SECTION), (BRANCHES, ROOT_SECTION)}
        self.quick_links()
        return self.asked

    def quick_link(self, path: str) -> Card | None:
        """The page that a quick link of the settings means."""
        path, site = nfc(path), self.site
        section = site.find_section(path)
        if section is not None:
            return self._section_card(section)
        names = (path,) if is_lesson(path) else (f"{path}{ending}" for ending in LESSON_ENDINGS)
        lesson = next(filter(None, map(site.find_lesson, names)), None)
        facts = self.published(lesson) if lesson else None
        if lesson is None or facts is None:
            return None
        self.asked.add((NAME, lesson))
        return Card(self.course.plan.page_of(lesson), facts.title, "")

    def settings_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Quick links and entries of the navigation that lead nowhere, and dates that nobody knows."""
        settings, text = self.course.settings, self.course.text_of(SETTINGS_NAME)
        shallow = bool(settings.last_updated) and is_shallow(self.course.location.content)
        why = "but this clone is shallow: it does not know when its files were changed" if shallow else ""
        dates = Diagnostic(
            f"last_updated is 'git', {why or 'which knows no date of any lesson'}",
            find_line(text, settings.last_updated, "last_updated"),
            "fetch the past: git fetch --unshallow; in a workflow: fetch-depth: 0"
            if shallow
            else "commit the lessons to a git repository, or leave the setting out",
            code="unknown-dates",
        )
        hint = "name a folder or a lesson of the course"
        lost = [
            Diagnostic(f"{what} leads nowhere", line, hint, code="broken-setting")
            for name, shown, paths in (
                ("quick_links", "quick link '{}'", settings.quick_links),
                ("nav", "'{}' in nav", [path for _, _, path in settings.nav if path]),
            )
            for path, line in find_lines(text, paths, name).items()
            if self.quick_link(path) is None
            for what in (shown.format(path),)
        ]
        return (
            *(dates,) * bool(settings.last_updated and not self.course.history),
            *lost,
            *check_look(settings, text, self.site.find_file),
        )

    def decision_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Decisions about lessons that do not exist."""
        if not self.course.decisions:
            return ()
        lost = sorted(set(self.course.decisions).difference(map(nfc, self.course.plan.lessons)))
        lines = find_lines(self.course.text_of(DECISIONS_NAME), lost) if lost else {}
        hint = "give its path in the content folder"
        return tuple(
            Diagnostic(f"a decision is about '{path}', which is no lesson", line, hint, code="unused-decision")
            for path, line in lines.items()
        )

    # --- links ---

    @cached_property
    def site(self) -> CourseSite:
        """What links may lead to."""
        return CourseSite(
            self.course.plan,
            self.facts,
            self.is_published_section,
            self.image_size,
            self._former_targets,
            self.is_left_out,
            lambda folder: self.course.nav.stands_for(folder) if self.course.nav else None,
            lambda key: self.asked.add(key),
        )

    def is_left_out(self, path: str) -> bool:
        """Whether the settings leave a file out."""
        return is_left_out(self.course.location.content, path, self.course.settings.ignore)

    def image_size(self, path: str) -> tuple[int, ...]:
        """Width and height of an image of the course, as `asset:<path>` found them."""
        record = self.course.state.record(task_name("asset", path))
        return decode(ImageSize, record.facts).pixels if record and record.facts else ()

    def resolve_links(self, source: str, page: str) -> tuple[ResolvedLink, ...]:
        """Where the links of a lesson lead."""
        facts = self.facts(source)
        links = facts.links if facts else ()
        return tuple(resolve_link(link, source, page, self.site) for link in links)

    def page_diagnostics(self, source: str) -> tuple[Diagnostic, ...]:
        """What is wrong with the template that a lesson asks for, its name and its links, with today's lines."""
        facts = self.published(source)
        if facts is None or not (facts.links or facts.template or is_section_text(source)):
            return ()
        page = self.course.plan.page_of(source)
        links = zip(facts.links, self.resolve_links(source, page), facts.link_places, strict=True)
        return (
            *self._template_diagnostics(facts, source, page),
            *self._name_diagnostics(source),
            *(_tell_link(*found) for found in links if found[1].problem),
        )

    def _template_diagnostics(self, facts: LessonFacts, source: str, page: str) -> tuple[Diagnostic, ...]:
        kind = self.course.plan.kind_of(page)
        if not facts.template or self._template_of(facts, kind) == facts.template:
            return ()
        message = f"'{facts.template}' is no template for a {kind}: the usual one is taken"
        known = self.course.page_templates(kind)
        near = near_name(facts.template, known, "the templates")
        hint = f'{near}; one of your own begins with {{% extends "{kind}.html" %}}'
        found = Diagnostic(message, None, hint, code="unknown-template")
        text = self.course.text_of(source)
        line = find_line(text, facts.template, "template")
        column = text.split("\n")[line - 1].rfind(facts.template) + 1 if line else 0
        if not line or not column:
            return (found._replace(line=line),)
        from pipeline.slips import sure_name

        meant = sure_name(facts.template, known)
        fix = (Edit(line, column, facts.template, meant),) if meant else ()
        return (found._replace(line=line, column=column, fix=fix),)

    def _name_diagnostics(self, source: str) -> tuple[Diagnostic, ...]:
        own = self.course.plan.sources.get(section_page_id(section_of(source)), source)
        if own == source or not is_section_text(source):
            return ()
        message = f"{posixpath.basename(own)} is the text of this folder: this is a lesson"
        return (Diagnostic(message, hint="put both into one, or give this one another name", code="two-texts"),)


def _keep(held: dict[str, _Held], name: str, found: _Held, at_most: int) -> None:
    """Keep what was found, and let go of what nobody has asked for longest."""
    if held.pop(name, None) is None and len(held) >= at_most:
        del held[next(iter(held))]
    held[name] = found


def _tell_link(link: Link, found: ResolvedLink, place: TextPlace | None) -> Diagnostic:
    line, column = place or (None, None)
    is_sure = bool(found.meant and line and column) and not link.target.startswith("[[")
    fix = (Edit(line or 0, column or 0, link.target, found.meant),) if is_sure else ()
    return Diagnostic(found.problem, line, found.hint, found.severity, code=found.code, column=column, fix=fix)


@lru_cache(maxsize=4096)
def _without_summary(card: Card) -> Card:
    return card._replace(summary="", date="")
