"""what is kept of every lesson -> what only shows when all are seen."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.errors import Diagnostic, Severity
from pipeline.paths import section_of
from pipeline.patterns import lazy_pattern

FEW = 2
"""So many lessons of a folder, and half of them, have to be linked to by its own text for that to be its list."""

_ANY_RE = lazy_pattern(r"\*+|\{[^{}]*\}|%0?\d*d")
"""What stands for a part of a name, in a shell or a program."""
_NUMBER_RE = lazy_pattern(r"\d+")
_FOR_PROGRAMS = tuple(
    ".css .js .mjs .ts .map .html .htm .xml .py .rs .go .java .c .h .cpp .rb .sh .bat .lock .toml .yml .yaml .cfg .ini "
    ".json .tsv .bib .ipynb .r .jl .sql .mdx .po .wasm .woff .woff2 .ttf .otf".split()
)


class CheckedLesson(NamedTuple):
    """What is kept of a lesson that was checked."""

    path: str
    inputs: str
    """Digest of what it was checked as, in hexadecimal."""
    findings: tuple[Diagnostic, ...]
    """What is wrong with it, as its own text shows; what it switches off is still among them."""
    links: tuple[Diagnostic, ...] = ()
    """What is wrong with its links, which the whole course decides."""
    offers: str = ""
    """Digest of what links of other lessons can lead to, in hexadecimal."""
    damaged: tuple[int, ...] = ()
    """The lines in which it was repaired, if something is wrong with its links."""
    source: str = ""
    """Digest of its bytes, in hexadecimal, if some of it can be mended."""
    silenced: tuple[str, ...] = ()
    """The codes that it switches off."""
    title: str = ""
    """`""` for what has no page."""
    title_line: int | None = None
    leads: tuple[str, ...] = ()
    """The files of the output that its links and images lead to."""
    named: tuple[str, ...] = ()
    """Names of files that its text has, such as in a line of code."""


class CourseView(NamedTuple):
    """What a check of a course looks at."""

    lessons: Mapping[str, CheckedLesson]
    """By path, those that have a page."""
    pages: Mapping[str, str]
    """Lesson -> its file in the output."""
    own_texts: Mapping[str, str]
    """Folder -> the lesson that is its text."""
    files: Sequence[str]
    """What is copied."""
    used: Collection[str]
    """Files that settings and parts of lessons name."""
    listed: Collection[str] | None
    """Lessons that the navigation names; None without one."""


def find_same_titles(course: CourseView) -> Iterator[tuple[str, Diagnostic]]:
    """A lesson with the title of another one: lists and searches show it twice. In other folders that is a note."""
    own, beside, anywhere = set(course.own_texts.values()), dict[tuple[str, str], str](), dict[str, str]()
    for path, lesson in course.lessons.items():
        if not lesson.title or path in own:
            continue
        title = lesson.title.casefold()
        first = anywhere.setdefault(title, path)
        near = beside.setdefault((section_of(path), title), path)
        if first != path:
            severity: Severity = "note" if near == path else "warning"
            message = f"the title '{lesson.title[:60]}' is that of '{first if near == path else near}' too"
            hint = "who searches sees it twice: say what differs"
            yield path, Diagnostic(message, lesson.title_line, hint, severity, code="same-title")


def find_unused_files(course: CourseView) -> Iterator[tuple[str, Diagnostic]]:
    """A file that nothing leads to, and that no lesson names, nor one of its series: `data-2.csv` is used where a
    lesson names `data-1.csv` beside it, or `data-*.csv`.

    What a page of HTML brings along only that page knows, and programs and settings are for programs."""
    led = {target for lesson in course.lessons.values() for target in lesson.leads}.union(course.used)
    brought = led.intersection(course.files)
    programs = {section_of(target) for target in brought if target.lower().endswith((".html", ".htm", ".js", ".css"))}
    names = {name for lesson in course.lessons.values() for name in lesson.named}
    patterns = {series_of(name) for name in names if _ANY_RE.search(name)}
    named = {path for path in course.files if posixpath.basename(path) in names}
    series = {(section_of(path), series_of(posixpath.basename(path))) for path in named}
    for path in course.files:
        name = series_of(posixpath.basename(path))
        is_meant = path in named or (section_of(path), name) in series
        is_meant = is_meant or not patterns.isdisjoint((name, f"#{posixpath.splitext(name)[1]}"))
        is_known = path in led or is_meant or _is_for_hosts(path) or path.lower().endswith(_FOR_PROGRAMS)
        if is_known or any(_is_below(path, folder) for folder in programs):
            continue
        yield path, Diagnostic("no lesson uses this file", None, "link to it, or delete it", "note", code="unused-file")


def series_of(name: str) -> str:
    """What the names of a series of files share, and those with a sign for any of them.

    >>> series_of("data-01.csv"), series_of("data-*.csv"), series_of("data-{n:02}.csv"), series_of("data.csv")
    ('data-#.csv', 'data-#.csv', 'data-#.csv', 'data.csv')
    """
    return _NUMBER_RE.sub("#", _ANY_RE.sub("#", name)).casefold()


def find_unlisted(course: CourseView) -> Iterator[tuple[str, Diagnostic]]:
    """A lesson that is missing where the others of its folder are named: in the navigation, or in the folder's text."""
    own = set(course.own_texts.values())
    led = {target for path, lesson in course.lessons.items() for target in lesson.leads if target != course.pages[path]}
    siblings: dict[str, list[str]] = {}
    for path in course.lessons:
        if path not in own:
            siblings.setdefault(section_of(path), []).append(path)
    for folder, paths in siblings.items():
        text = course.lessons.get(course.own_texts.get(folder, ""))
        named = [path for path in paths if text is not None and course.pages[path] in text.leads]
        is_list = len(named) >= FEW and 2 * len(named) >= len(paths)
        for path in paths:
            if course.listed is not None and path not in course.listed:
                yield (
                    path,
                    Diagnostic(
                        "the navigation does not name this lesson",
                        None,
                        "add it to nav",
                        "note",
                        code="unlisted-lesson",
                    ),
                )
            elif course.listed is None and is_list and course.pages[path] not in led:
                message = f"'{course.own_texts[folder]}' leads to the lessons of its folder, but not to this one"
                yield path, Diagnostic(message, None, "add a link to it", "note", code="unlisted-lesson")


def _is_for_hosts(path: str) -> bool:
    """What servers and search engines ask for by its name."""
    name = path.rpartition("/")[2].casefold()
    return (
        name.startswith(("favicon", "licen", "robots.", "cname", "_", "google", "apple-touch-icon")) or path[0] == "."
    )


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
