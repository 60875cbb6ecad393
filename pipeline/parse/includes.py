"""repaired text, and a way to read its parts -> the text with the parts in their places.

    --8<-- "part.md"                PyMdown's snippets, as Material for MkDocs has them
    {{#include part.rs:anchor}}     mdBook

Each stands alone on its line, also in a block of code. The way to read is given: no file is opened here.
"""

from __future__ import annotations

import bisect
import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pipeline.errors import Diagnostic, LessonError, PipelineError, Severity
from pipeline.paths import LESSON_ENDINGS
from pipeline.patterns import lazy_pattern
from pipeline.values import IncludedLines, ParsedLesson, TextPlace, TextSpan

MAX_INCLUDE_DEPTH = 10
"""Parts in one another."""
MAX_INCLUDES = 1_000
"""In one lesson, those in its parts among them."""
MAX_INCLUDED = 250_000
"""Characters of all its parts. Each lesson that names a file pays for it anew: a line in each of a thousand lessons and
one file of 5 MB took hours. The longest lesson of the real course has 60 KB."""
MAX_READ = 1_000_000
"""Characters of all the files that its parts are taken from: each is read and repaired as a whole."""

_SNIPPET_RE = lazy_pattern(r"[ \t]*(?P<escape>;*)-{1,4}8<-{1,4}[ \t]+(?P<quote>[\"'])(?P<target>.*)(?P=quote)[ \t]*$")
_SNIPPETS_RE = lazy_pattern(r"[ \t]*-{1,4}8<-{1,4}[ \t]*$")
_INCLUDE_RE = lazy_pattern(
    r"[ \t]*(?P<escape>\\?)\{\{[ ]*#(?P<kind>include|rustdoc_include|playground)[ ]+"
    r"(?P<target>[^{}\s]++)[^{}]*\}\}[ \t]*$"
)
_MARK_RE = lazy_pattern(
    r"ANCHOR(?P<end>_END)?:[ ]*(?P<name>[\w-]+)"
    r"|-{1,4}8<-{1,4}[ ]+\[[ ]*(?P<edge>start|end)[ ]*:[ ]*(?P<section>[\w-]+)[ ]*\]"
)
_RANGE_RE = lazy_pattern(r"(?=.)(?P<first>\d{0,9})(?P<colon>:?)(?P<last>\d{0,9})$")
_FRONT_MATTER_RE = lazy_pattern(r"\A(---|\+\+\+)[ \t]*\n.*?^\1[ \t]*(?:\n|\Z)", re.M | re.S)

Reader = Callable[[str], str | None]
"""The text of a file of the course by its path; None if there is none. May raise `PipelineError`."""


class Expanded(NamedTuple):
    """A text with its parts."""

    text: str
    doubts: tuple[TextSpan, ...]
    """The spans that were given, where they are now."""
    lines: tuple[IncludedLines, ...]
    asked: tuple[str, ...]
    """Every file that was asked for, also those that are not there."""
    diagnostics: tuple[Diagnostic, ...]


def may_include(text: str) -> bool:
    """Whether a text may have parts: for most it is known at once that it has none."""
    return "8<-" in text or "{{#" in text or "{{ #" in text


def expand_includes(text: str, path: str, read: Reader, doubts: Sequence[TextSpan] = ()) -> Expanded:
    """Put the parts of the lesson at `path` into their places.

    >>> expand_includes('a\\n--8<-- "b.md"\\nc', "a.md", {"b.md": "x\\ny\\n"}.get).text
    'a\\nx\\ny\\nc'
    """
    work = _Expansion(read)
    work.expand(text.split("\n"), path)
    moved = tuple(_move(doubts, text.split("\n"), work)) if doubts else ()
    return Expanded(
        "\n".join(work.output), moved, _pack(work.origins), tuple(work.asked), tuple(dict.fromkeys(work.told))
    )


def place_of_line(line: int, included: Sequence[IncludedLines]) -> tuple[str, int, int]:
    """Where a line of an expanded text stands: the part, `""` for the lesson itself, and its line there; and the line
    of the lesson that it came by.

    >>> lines = [IncludedLines(1, "", 1, 1), IncludedLines(2, "b.md", 7, 2), IncludedLines(4, "", 3, 3)]
    >>> place_of_line(3, lines), place_of_line(5, lines)
    (('b.md', 8, 2), ('', 4, 4))
    """
    start, path, first, at = included[bisect.bisect_right(included, line, key=lambda lines: lines.start) - 1]
    return path, first + line - start, at if path else at + line - start


def relocate(lesson: ParsedLesson, included: Sequence[IncludedLines]) -> ParsedLesson:
    """A parsed lesson with the lines of what is told of it where they were written; links have those of the lesson."""
    told = []
    for found in lesson.diagnostics:
        if found.line is not None and not found.path:
            path, line, _ = place_of_line(found.line, included)
            moved = tuple(edit._replace(line=place_of_line(edit.line, included)[1]) for edit in found.fix)
            found = found._replace(path=path, line=line, fix=moved)
            if path:  # where it stands further to the left
                found = found._replace(column=None, fix=())
        told.append(found)
    places = tuple(place and _relocate_place(place, included) for place in lesson.facts.link_places)
    return lesson._replace(diagnostics=tuple(told), facts=lesson.facts._replace(link_places=places))


def _relocate_place(place: TextPlace, included: Sequence[IncludedLines]) -> TextPlace:
    path, _, line = place_of_line(place.line, included)
    return TextPlace(line, None if path else place.column)


class _MissingPartError(LessonError):
    """What a lesson asks for is not in the course: the line stays, as a broken link does, and is warned of."""


class _Part:
    """A file that can be included, read once however often it is."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        if not self.lines[-1]:
            self.lines.pop()
        front = _FRONT_MATTER_RE.match(text)
        self.front_lines = front[0].count("\n") if front else 0
        self._sections: dict[str, tuple[int, int]] | None = None

    def find_section(self, name: str) -> tuple[int, int]:
        """From where to where a section goes that the file itself has named. Raises `LessonError`."""
        if self._sections is None:
            self._sections = _find_sections(self.lines)
        if name not in self._sections:
            raise _MissingPartError(f"there is no part '{name}' in the file")
        return self._sections[name]


class _Expansion:
    """One lesson's."""

    def __init__(self, read: Reader) -> None:
        self.output: list[str] = []
        self.origins: list[tuple[str, int, int]] = []
        """Of each line of it the part, its line there, and the line of the lesson that it came by."""
        self.asked: dict[str, None] = {}
        self.told: list[Diagnostic] = []
        self._read = read
        self._parts: dict[str, _Part | None] = {}
        self._size = self._looked_at = 0
        self._count = 0
        self._at = 0
        """The line of the lesson that is expanded."""

    def expand(
        self, lines: Sequence[str], path: str, chain: tuple[str, ...] = (), indent: str = "", first: int = 1
    ) -> None:
        """Add the lines of a file, numbered from `first` there; `chain` are the files that it is included by."""
        number = 0
        while number < len(lines):
            line = lines[number]
            if chain and ("8<-" in line or "ANCHOR" in line) and _MARK_RE.search(line):
                number += 1
                continue
            targets, used = _read_directive(lines, number) if may_include(line) else (None, 1)
            self._at = self._at if chain else number + 1
            if targets is None:
                shown = _unescape(line) if may_include(line) else line
                self.output.append(indent + shown if shown else shown)
                self.origins.append((path if chain else "", first + number, self._at))
            for target in targets or ():
                inner = indent + line[: len(line) - len(line.lstrip())]
                if not self._include(target, path, chain, inner, first + number):
                    self.output.append(indent + line)  # it stays as it is written
                    self.origins.append((path if chain else "", first + number, self._at))
            number += used

    def _include(self, target: tuple[str, str], path: str, chain: tuple[str, ...], indent: str, line: int) -> bool:
        """Add one part; False if it cannot be added, which is told."""
        kind, written = target
        place = path if chain else ""
        try:
            self._check(written, chain)
            name, _, part = written.partition(":")
            where, found = self._find(name, path, kind)
            chain = (*chain, path)
            if where in chain:
                around = " -> ".join([*chain[chain.index(where) :], where])
                raise LessonError(f"'{where}' includes itself: {around}")
            lines, start = _select(found, part, is_to_end=kind == "snippet")
            if not part and where.endswith(LESSON_ENDINGS):
                start += found.front_lines
                lines = lines[start - 1 :]
            self._size += sum(map(len, lines)) + len(lines) * (1 + len(indent))
            self._check_size()
        except PipelineError as error:
            severity: Severity = "warning" if isinstance(error, _MissingPartError) else "error"
            self.told.append(Diagnostic(error.message, line, error.hint, severity, place, "broken-include"))
            return False
        if kind == "playground":
            lines, start = ["```rust", *lines, "```"], start - 1
        self.expand(lines, where, chain, indent, start)
        return True

    def _check(self, written: str, chain: tuple[str, ...]) -> None:
        self._count += 1
        if self._count > MAX_INCLUDES:
            raise LessonError(f"more than {MAX_INCLUDES:,} parts are included")
        self._check_size()
        if len(chain) >= MAX_INCLUDE_DEPTH:
            raise LessonError(f"parts are included more than {MAX_INCLUDE_DEPTH} deep")
        if "://" in written or posixpath.isabs(written) or not written.partition(":")[0]:
            raise _MissingPartError(f"'{written}' cannot be included: only files of the course can")

    def _check_size(self) -> None:
        if self._size > MAX_INCLUDED:
            raise LessonError(f"the parts of a lesson have at most {MAX_INCLUDED:,} characters")
        if self._looked_at > MAX_READ:
            raise LessonError(f"the files that a lesson has parts of have at most {MAX_READ:,} characters")

    def _find(self, name: str, path: str, kind: str) -> tuple[str, _Part]:
        """The path of a part, and the part: beside the file that names it; of a snippet, first from the top."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        places = [posixpath.normpath(name), beside] if kind == "snippet" else [beside]
        inside = [place for place in dict.fromkeys(places) if place != ".." and not place.startswith("../")]
        if not inside:
            raise _MissingPartError(f"'{name}' cannot be included: it is outside of the course")
        for place in inside:
            if place not in self._parts:
                self.asked[place] = None
                text = self._read(place)
                self._looked_at += len(text or "")
                self._check_size()
                self._parts[place] = None if text is None else _Part(text.replace("\r\n", "\n").replace("\r", "\n"))
            found = self._parts[place]
            if found is not None:
                return place, found
        raise _MissingPartError(f"'{name}' cannot be included: there is no such file in the course")


def _read_directive(lines: Sequence[str], number: int) -> tuple[tuple[tuple[str, str], ...] | None, int]:
    """What is included at this line, each with its kind, and how many lines say so; None for a line that stays."""
    line = lines[number]
    found = _SNIPPET_RE.match(line)
    if found:
        target = found["target"].strip()
        return (None if found["escape"] else (("snippet", target),) if target[:1] != ";" else ()), 1
    found = _INCLUDE_RE.match(line)
    if found:
        return (None if found["escape"] else ((found["kind"], found["target"]),)), 1
    if _SNIPPETS_RE.match(line):
        for end in range(number + 1, min(number + 1 + MAX_INCLUDES, len(lines))):
            if _SNIPPETS_RE.match(lines[end]):
                named = (inner.strip() for inner in lines[number + 1 : end])
                return tuple(("snippet", name) for name in named if name and name[0] != ";"), end - number + 1
    return None, 1


def _unescape(line: str) -> str:
    """A directive that is only shown, without the sign that says so."""
    if _SNIPPET_RE.match(line):
        return line.replace(";", "", 1) if line.lstrip().startswith(";") else line
    return line.replace("\\{{", "{{", 1) if _INCLUDE_RE.match(line) else line


def _select(found: _Part, part: str, *, is_to_end: bool) -> tuple[list[str], int]:
    """The lines of a part of a file and the number of the first; `is_to_end` says that one number means all from there
    on. Raises `LessonError` if the file has no such part."""
    lines = found.lines
    bounds = _RANGE_RE.match(part)
    if not part:
        start, end = 0, len(lines)
    elif bounds:
        start = max(int(bounds["first"] or 1) - 1, 0)
        end = int(bounds["last"]) if bounds["last"] else len(lines) if bounds["colon"] or is_to_end else start + 1
    else:
        start, end = found.find_section(part)
    return lines[start:end], start + 1


def _find_sections(lines: Sequence[str]) -> dict[str, tuple[int, int]]:
    """From where to where each section goes that a file has named; one that nothing ends goes to the end."""
    starts, ends = dict[str, int](), dict[str, int]()
    for number, line in enumerate(lines):
        for mark in _MARK_RE.finditer(line):
            name = mark["name"] or mark["section"]
            is_end = bool(mark["end"]) or mark["edge"] == "end"
            if not is_end:
                starts.setdefault(name, number + 1)
            elif name in starts:
                ends.setdefault(name, number)
    return {name: (start, ends.get(name, len(lines))) for name, start in starts.items()}


def _pack(origins: Sequence[tuple[str, int, int]]) -> tuple[IncludedLines, ...]:
    packed: list[IncludedLines] = []
    expected = None
    for number, (path, line, at) in enumerate(origins, 1):
        if (path, line, at) != expected:
            packed.append(IncludedLines(number, path, line, at))
        expected = path, line + 1, at if path else at + 1
    return tuple(packed)


def _move(doubts: Sequence[TextSpan], lines: Sequence[str], work: _Expansion) -> Iterator[TextSpan]:
    """The spans where they are now; those in lines that are gone go with them."""
    old, new = _starts(lines), _starts(work.output)
    shifts = {at: new[number] - old[at - 1] for number, (path, _, at) in enumerate(work.origins) if not path}
    for doubt in doubts:
        first, last = bisect.bisect_right(old, doubt.start), bisect.bisect_right(old, doubt.end)
        if first in shifts and shifts.get(last) == shifts[first]:
            yield TextSpan(doubt.start + shifts[first], doubt.end + shifts[first])


def _starts(lines: Sequence[str]) -> list[int]:
    return list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))
