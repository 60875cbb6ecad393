"""a course that was just built -> every finding; what is as it was at the last check is not checked again.

A lesson is as it was if its repaired text, its parse and what its page is made from are: then only its broken links are
asked again, because hints name what the whole course has.
"""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Collection, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from pipeline.builder.course.graph import Graph
from pipeline.builder.course.told import course_findings
from pipeline.builder.course.work import INCLUDES
from pipeline.builder.disk.files import digest_of
from pipeline.builder.disk.history import past_renames
from pipeline.builder.disk.location import Location
from pipeline.builder.stages.chores import REDIRECTS_TASK, current_tasks
from pipeline.checks.course import CheckedLesson, CourseView
from pipeline.errors import IN_LESSONS, Diagnostic, StateError
from pipeline.paths import item_of, nfc, page_target, section_page_id, task_name
from pipeline.settings import REDIRECTS_NAME
from pipeline.values import ParsedLesson, RepairedLesson, decode, encode

KEPT_NAME = "checks.json"
_IN_SOURCE = frozenset(("doubtful-repair", "damage-left", "guessed-encoding"))
"""These have the columns of the damaged text."""
_BY_LESSON = ("repair", "parse")


class OtherFinding(NamedTuple):
    """What is wrong with something else than a lesson's own text."""

    found: Diagnostic
    """With the path of its file in the content folder."""
    silenced: tuple[str, ...] = ()
    """What the lesson that it is about switches off."""


class Checked(NamedTuple):
    """A course as it was checked."""

    made_with: str
    """Digest of code, templates and settings, in hexadecimal; `""` if it is not known."""
    mark: str
    """Of the state at that time."""
    there: str
    """Digest of what a broken link may have meant, but for the headings of lessons, in hexadecimal."""
    templates: tuple[Diagnostic, ...]
    """What is wrong with templates and words, which are a part of what it was made with."""
    lessons: tuple[CheckedLesson, ...]
    others: tuple[OtherFinding, ...]

    def findings(self) -> Iterator[tuple[Diagnostic, tuple[str, ...]]]:
        """Every finding, with the path of its file in the content folder, and what is switched off there."""
        for lesson in self.lessons:
            for found in (*lesson.findings, *lesson.links):
                yield found._replace(path=found.path or lesson.path), lesson.silenced
        for found in self.templates:
            yield found._replace(path=found.path or "templates"), ()
        yield from self.others


def read_checked(location: Location) -> Checked | None:
    """What the last check found; None if there was none."""
    try:
        return decode(Checked, (location.state_folder / KEPT_NAME).read_bytes())
    except (OSError, ValueError, TypeError):
        return None


def keep_checked(location: Location, checked: Checked) -> None:
    """Keep it for the next check. It saves time only: a full disk is no fault here."""
    path = location.state_folder / KEPT_NAME
    part = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        part.write_bytes(encode(checked))
        part.replace(path)


def check_all(
    graph: Graph, before: Checked | None, made_with: str, mark: str, reached: Collection[str] | None = None
) -> Checked:
    """Check a course; `before` is what the last check kept, `made_with` and `mark` are those of the seal.

    `reached` are the lessons of which a task ran since then, if no lesson or file has come or gone; None if any may be
    another.
    """
    graph.inputs.site.ask_past(lambda: past_renames(graph.course.location.content))
    is_comparable = before is not None and made_with != "" and before.made_with == made_with
    known = {lesson.path: lesson for lesson in before.lessons} if before is not None and is_comparable else {}
    paths = graph.course.plan.lessons
    asked = [path for path in paths if reached is None or not is_comparable or path in reached or path not in known]
    columns = _Columns(graph)
    anew = {path: columns.complete(_check(graph, path, known.get(path)), known.get(path)) for path in asked}
    lessons = {path: anew.get(path) or known[path] for path in paths}
    there = _what_is_there(graph)
    is_same = before is not None and is_comparable and before.there == there
    if not is_same or any(path not in known or known[path].offers != lesson.offers for path, lesson in anew.items()):
        lessons = {path: columns.complete(_ask_links(graph, lesson), lesson) for path, lesson in lessons.items()}
    templates = before.templates if before is not None and is_comparable else graph.template_diagnostics()
    others = [OtherFinding(columns.add(found, path)) for path, found in _besides(graph)]
    from pipeline.checks.table import check_course

    for path, found in check_course(_view_of(graph, lessons)):
        silenced = lessons[path].silenced if path in lessons else ()
        others.append(OtherFinding(columns.add(found, path), silenced))
    return Checked(made_with, mark, there, templates, tuple(lessons.values()), tuple(others))


def _check(graph: Graph, path: str, known: CheckedLesson | None) -> CheckedLesson:
    state, page = graph.course.state, graph.course.plan.page_of(path)
    records = [state.record(task_name(*task)) for task in (("repair", path), ("parse", path), ("render", page))]
    repaired, parsed, rendered = records
    digests = (repaired and repaired.digest, parsed and parsed.inputs, rendered and rendered.inputs)
    inputs = digest_of(b"".join(digest or b"" for digest in digests)).hex()
    is_failed = any(record is not None and record.failed for record in records)  # it left what it made before
    is_as_it_was = known is not None and known.inputs == inputs and all(digests) and not is_failed
    if known is not None and is_as_it_was:
        return known
    told = [found for record in (repaired, parsed) if record is not None for found in record.diagnostics]
    findings = [_of_lesson(found) for found in told if found.code != INCLUDES and not _is_remark(found)]
    parts = tuple(found.path for found in told if found.code == INCLUDES)
    facts = graph.inputs.published(path)
    offered = (facts is not None, *((facts.anchors, facts.headings, facts.aliases) if facts else ()))
    checked = CheckedLesson(path, inputs, tuple(findings), offers=digest_of(encode(offered)).hex())
    source, value = state.value(task_name("repair", path)), state.value(task_name("parse", path))
    if source is None or value is None or parsed is None or parsed.failed:
        return checked._replace(leads=parts)
    from pipeline.checks.blocks import place_open_fence
    from pipeline.checks.places import add_line
    from pipeline.checks.silence import find_silenced  # a check with nothing to do looks at no lesson
    from pipeline.checks.table import BY_CODE, check_lesson
    from pipeline.checks.view import LessonView, find_named_files
    from pipeline.parse.verbatim import hide_code

    lesson, body = decode(RepairedLesson, source), decode(ParsedLesson, value)
    own = graph.course.plan.own_texts
    view = LessonView(
        path,
        lesson.text,
        body.facts,
        body.body,
        repairs=lesson.repairs,
        markers=graph.course.settings.markers,
        is_section=path in own,
    )
    silenced, odd = find_silenced(hide_code(view.markdown, keeps_comments=True), BY_CODE)
    findings = _without_unread(findings, lesson, graph.course.settings.repair_threshold)
    findings = [place_open_fence(found, view) for found in findings]
    findings = [_relocate(add_line(found, view), lesson) if found.line is None else found for found in findings]
    findings += [_relocate(found, lesson) for found in (*check_lesson(view), *odd)]
    damaged = tuple(sorted({repair.line for repair in lesson.repairs}))
    findings = [_without_column(found) if found.line in damaged else found for found in findings]
    links = _links(graph, path, damaged)
    stamp = graph.course.tree.lessons.get(path)
    is_mended = any(found.fix for found in (*findings, *links))
    return checked._replace(
        findings=tuple(dict.fromkeys(findings)),
        links=links,
        damaged=damaged if links else (),
        silenced=silenced,
        source=graph.source_digest(path, stamp).hex() if is_mended else "",
        title=facts.title if facts else "",
        title_line=_line_of_title(lesson.text, facts.title) if facts else None,
        leads=(*parts, *(_leads(graph, path, page) if facts else ())),
        named=find_named_files(lesson.text),
    )


class _Columns:
    """What is told of a whole line has the column of its first sign; each file is read once, and only for that."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._lines: dict[str, list[str]] = {}

    def complete(self, lesson: CheckedLesson, known: CheckedLesson | None) -> CheckedLesson:
        """A lesson that was checked; one that is as it was is complete."""
        if lesson is known or all(found.column or not found.line for found in (*lesson.findings, *lesson.links)):
            return lesson
        findings, links = (
            tuple(self.add(found, lesson.path, is_own=True) for found in told)
            for told in (lesson.findings, lesson.links)
        )
        return lesson._replace(findings=findings, links=links)

    def add(self, found: Diagnostic, path: str, *, is_own: bool = False) -> Diagnostic:
        """A finding of the file at a path, with its column; with the path too, unless it is one of the lesson's own."""
        path = found.path or path
        if found.line and not found.column and path:
            from pipeline.checks.places import add_column

            if path not in self._lines:
                self._lines[path] = self._graph.course.text_of(path).split("\n")
            found = add_column(found, self._lines[path])
        return found if is_own else found._replace(path=path)


def _what_is_there(graph: Graph) -> str:
    plan, former = graph.course.plan, tuple(sorted(graph.whole.former_targets().items()))
    return digest_of(encode((plan.lessons, plan.assets, plan.sections, former))).hex()


def _ask_links(graph: Graph, known: CheckedLesson) -> CheckedLesson:
    """A lesson that is as it was: what its broken links may have meant can be something else now."""
    return known._replace(links=_links(graph, known.path, known.damaged)) if known.links else known


def _links(graph: Graph, path: str, damaged: tuple[int, ...]) -> tuple[Diagnostic, ...]:
    found = dict.fromkeys(graph.inputs.page_diagnostics(path))
    return tuple(_without_column(link) if link.line in damaged else link for link in found)


def _of_lesson(found: Diagnostic) -> Diagnostic:
    """A build tells once what is so in many lessons; here it is told of each."""
    return found._replace(path="") if found.path == IN_LESSONS else found


def _is_remark(found: Diagnostic) -> bool:
    """Whether it is no fault: a template of one's own may read any field."""
    return found.code == "unknown-field" and found.severity == "note"


def _without_unread(findings: list[Diagnostic], lesson: RepairedLesson, threshold: float) -> list[Diagnostic]:
    """What a build counts among the repairs that need a person, and a check tells of each place: damage unread."""
    from pipeline.builder.course.work import tell_doubts
    from pipeline.repair.review import UNREAD, needs_review

    read = tuple(repair for repair in lesson.repairs if repair.step != UNREAD)
    if len(read) == len(lesson.repairs):
        return findings
    told = tell_doubts([repair for repair in read if needs_review(repair, threshold)], read)
    return [new for found in findings for new in (told if found.code == "doubtful-repair" else (found,))]


def _relocate(found: Diagnostic, lesson: RepairedLesson) -> Diagnostic:
    """A finding in the text of a lesson with its parts, where it was written."""
    if not lesson.included or found.line is None:
        return found
    from pipeline.parse.includes import place_of_line

    path, line, _ = place_of_line(found.line, lesson.included)
    shift = line - found.line
    if path:
        return found._replace(path=path, line=line, column=None, fix=())
    moved = tuple(edit._replace(line=place_of_line(edit.line, lesson.included)[1]) for edit in found.fix)
    is_own = all(not place_of_line(edit.line, lesson.included)[0] for edit in found.fix)
    return found._replace(line=found.line + shift, fix=moved if is_own else ())


def _without_column(found: Diagnostic) -> Diagnostic:
    """A finding in a line that was damaged: its columns are those of the repaired text."""
    return found if found.code in _IN_SOURCE else found._replace(column=None, fix=())


def _line_of_title(text: str, title: str) -> int | None:
    place = text.find(title)
    return text.count("\n", 0, place) + 1 if place >= 0 else None


def _leads(graph: Graph, path: str, page: str) -> tuple[str, ...]:
    """The files of the output that a lesson leads to."""
    folder = posixpath.dirname(page_target(page))
    found: dict[str, None] = {}
    for link in graph.inputs.resolve_links(path, page):
        if link.kind in ("page", "file"):
            url = unquote(link.url.partition("#")[0].partition("?")[0])
            found[posixpath.normpath(posixpath.join(folder, url)) if url else page_target(page)] = None
    return tuple(found)


def _besides(graph: Graph) -> Iterator[tuple[str, Diagnostic]]:
    """What is wrong besides lessons, with its path from the content folder."""
    course = graph.course
    yield from course.plan.problems
    yield from course_findings(graph)
    current = current_tasks(graph)
    held = dict[Diagnostic, str]()
    for task, diagnostics in course.state.told():
        if task in current and task.partition(":")[0] not in _BY_LESSON:
            path = REDIRECTS_NAME if task == REDIRECTS_TASK else item_of(task)
            path = course.plan.sources.get(path, path) if task.startswith("render:") else path
            held.update((found if found.path else found._replace(path=path), path) for found in diagnostics)
    yield from ((path, found) for found, path in held.items())
    if course.state.lost:
        yield "", StateError(course.state.lost).diagnostic


def _view_of(graph: Graph, lessons: dict[str, CheckedLesson]) -> CourseView:
    course, plan = graph.course, graph.course.plan
    nav = course.nav
    own = {section: plan.sources.get(section_page_id(section), "") for section in plan.sections}
    return CourseView(
        lessons={path: lesson for path, lesson in lessons.items() if lesson.title},
        pages={path: page_target(plan.page_of(path)) for path in lessons},
        own_texts={section: path for section, path in own.items() if path},
        files=plan.assets,
        used={nfc(name) for name in (course.settings.logo, course.settings.favicon) if name},
        listed=None if nav is None else {path for path in lessons if nav.names(path)},
    )
