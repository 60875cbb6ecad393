"""The values that pass between the stages, and their form at rest.

    bytes -> DecodedSource -> RepairedLesson -> ParsedLesson -> Section -> page

Every value is a named tuple: frozen, compared by content, cheap to define at every start, if its annotations are no
texts (`from __future__ import annotations`), which `typing` compiles one by one: that takes twice as long. `encode`
gives canonical bytes: equal values give equal bytes, which is what early cutoff compares.
"""

import json
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pipeline.errors import Diagnostic, Severity


class DecodedSource(NamedTuple):
    """Text read from the bytes of a source."""

    text: str
    """The text, without byte order mark, line breaks as they were."""
    encoding: str
    """The name of the codec that accepted the bytes, or `utf-8 + <codec>` for a mixture."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What had to be guessed."""


class Repair(NamedTuple):
    """One damaged span and what was made of it."""

    line: int
    """1-based line in the text before the repair."""
    column: int
    """1-based column there, in characters."""
    before: str
    """The damaged characters."""
    after: str
    """The characters put in their place."""
    step: str
    """The name of the step that did it."""
    confidence: float
    """Probability that `after` is right, 0 to 1, as calibrated on lessons that were held out."""
    runner_up: str = ""
    """The second-best reading; empty when there is no other."""


class TextSpan(NamedTuple):
    """A part of a text: offsets in characters, from 0, the end not included."""

    start: int
    end: int


class TextPlace(NamedTuple):
    """A place in a source."""

    line: int
    """1-based."""
    column: int | None
    """1-based, in characters; None when only the line is known."""


class IncludedLines(NamedTuple):
    """Some lines of a text with parts that are in a row in the file that they are from."""

    start: int
    """The first of them in the text, from 1."""
    path: str
    """The part; `""` for the lesson itself."""
    first: int
    """The number of the first there."""
    at: int
    """The line of the lesson that it came by."""


class RepairedLesson(NamedTuple):
    """What `repair:<path>` leaves for the next stage and for the record."""

    text: str
    encoding: str
    repairs: tuple[Repair, ...] = ()
    doubts: tuple[TextSpan, ...] = ()
    """Where in `text` repairs below the threshold stand: the page marks them for review."""
    diagnostics: tuple[Diagnostic, ...] = ()
    included: tuple[IncludedLines, ...] = ()
    """Where the lines of `text` are from, if it has parts."""


class Heading(NamedTuple):
    """A heading inside a lesson."""

    level: int
    """1 to 6."""
    anchor: str
    """Its id, unique in the lesson."""
    title: str
    """Its text, without markup."""


LinkKind = Literal["link", "image"]


class Link(NamedTuple):
    """A reference to another file of the course, not resolved yet."""

    kind: LinkKind
    target: str
    """As the lesson writes it, percent-encoding included."""
    text: str
    """What stays visible when the target does not exist."""


class LessonFacts(NamedTuple):
    """What other pages may ask about a lesson; small, kept apart from its body."""

    title: str
    summary: str
    """One sentence without markup: the description, else the first sentence; may be empty."""
    order: float | None
    draft: bool
    aliases: tuple[str, ...]
    """Former paths, as the lesson writes them."""
    date: str
    """When it was published, an ISO date; `""` when it does not say."""
    template: str
    """Name of the template it asks for, without `.html`; `""` for the usual one."""
    has_text: bool
    """False for an `index.md` that holds nothing but generated navigation."""
    links: tuple[Link, ...]
    headings: tuple[Heading, ...]
    anchors: tuple[str, ...]
    """Every id in the body, in the order of the text."""
    link_places: tuple[TextPlace | None, ...]
    """Where in the source each link says where it leads, None where it cannot be told. Lines move
    without changing a page: they are left out of the digest that early cutoff compares."""


class PieceSpan(NamedTuple):
    """Where in a lesson's body code in colours or a formula stands: what is dear to make again."""

    key: str
    """Digest of all that it was made from, in hexadecimal."""
    start: int
    """Offsets in characters, from 0, the end not included."""
    end: int


class ParsedLesson(NamedTuple):
    """A lesson as HTML whose links are still open."""

    facts: LessonFacts
    heading: str
    """Inner HTML of the page's `<h1>`."""
    body: str
    """Sanitised HTML; link number n stands in it as `href="{slot}n"` or `src="{slot}n"`."""
    slot: str
    """A prefix that occurs nowhere in the lesson itself."""
    diagnostics: tuple[Diagnostic, ...] = ()
    pieces: tuple[PieceSpan, ...] = ()
    """What the next parse of the lesson may take from `body`; no page shows it."""
    front: str = ""
    """What its front matter says beside what is in `facts`, as a JSON object; `""` for nothing."""


class Card(NamedTuple):
    """What a list of pages shows of one page."""

    page: str
    """The page's name: its source path without `.md`, or `<section>/index`."""
    title: str
    summary: str
    date: str = ""
    """When it was published, as the lesson says; only lists for the whole site show it."""
    lessons: int = 0
    """How many there are below a section."""


class Entry(NamedTuple):
    """A card with what its place in the list depends on."""

    card: Card
    name: str
    """File or folder name, for the natural order."""
    order: float | None
    """`order` of the front matter; ordered entries come first."""


class SectionInputs(NamedTuple):
    """What `index:<section>` is made from."""

    title: str
    summary: str
    order: float | None
    lessons: tuple[Entry, ...]
    sections: tuple[Entry, ...]


class Section(NamedTuple):
    """A folder of the course: what its page lists, in reading order."""

    path: str
    """The folder, `""` for the whole course."""
    title: str
    summary: str
    order: float | None
    lessons: tuple[Card, ...]
    sections: tuple[Card, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing below the folder is published."""
        return not self.lessons and not self.sections

    @property
    def lesson_count(self) -> int:
        """The published lessons in the folder and below."""
        return len(self.lessons) + sum(card.lessons for card in self.sections)


ResolvedKind = Literal["external", "page", "file", "broken", "text"]
"""`text` is no link: what stands there is shown as it was written."""


class ImageSize(NamedTuple):
    """What `asset:<path>` finds out about an image."""

    pixels: tuple[int, ...]
    """Width and height."""


class ResolvedLink(NamedTuple):
    """Where a link leads."""

    kind: ResolvedKind
    url: str
    """Relative URL, ready for an attribute but not HTML-escaped; `""` when broken. Of a `text` what was written."""
    problem: str = ""
    """Why it is broken, or what is wrong with its anchor."""
    hint: str = ""
    size: tuple[int, ...] = ()
    """Width and height of an image of the course, in pixels; empty when they are not known."""
    severity: Severity = "warning"
    """Of the problem."""
    code: str = ""
    """Of the problem."""
    meant: str = ""
    """What the lesson is to write instead, where there is one safe answer."""


PageKind = Literal["lesson", "section", "home"]
"""What a page is, and the template it uses unless its lesson asks for another."""

Statics = tuple[tuple[str, str], ...]
"""Plain name and name in the output of each of the site's own files: `site.css`, `site.1f0c9a2b.css`."""


class Look(NamedTuple):
    """What a course has chosen of the looks of its pages."""

    style: str = ""
    """CSS; `""` for the usual look."""
    logo: str = ""
    """Path of a picture in the output; `""` for none."""
    icon: str = ""
    """The same for the sign in the browser's tab; `""` for the one that the script draws."""
    footer: str = ""


class PageInputs(NamedTuple):
    """What `render:<page>` is made from, besides the template and the parsed lesson."""

    page: str
    kind: PageKind
    published: bool
    """False for a draft, a lesson that never parsed, a section with nothing in it: no page."""
    lesson: str
    """Digest of the parsed lesson in hexadecimal; `""` for a section without its own text."""
    language: str
    course_title: str
    title: str
    summary: str
    breadcrumbs: tuple[Card, ...]
    quick_links: tuple[Card, ...]
    links: tuple[ResolvedLink, ...]
    section: Card
    lessons: tuple[Card, ...]
    """For a lesson its siblings, itself included; for a section its lessons."""
    has_more_lessons: bool
    """Whether the section has others besides. Not how many: each lesson more would be another page of all of them."""
    sections: tuple[Card, ...]
    previous: Card | None
    next: Card | None
    template: str = "lesson"
    """Name of its template, without `.html`."""
    base_url: str = ""
    """Where the site will be published, with a `/` at its end; `""` when that is not known."""
    statics: Statics = ()
    """The site's own files, sorted by plain name."""
    trusted_html: bool = False
    """Whether lessons may bring scripts and frames: then the page forbids them nothing."""
    date: str = ""
    """ISO date of its publication."""
    updated: str = ""
    """ISO date of the last change of its source."""
    edit_url: str = ""
    """Where its source can be edited."""
    markdown: str = ""
    """The file with its repaired text; `""` for a page without a text of its own."""
    branches: tuple[Card, ...] = ()
    """The sections at the top of the course around its own."""
    lesson_count: int = 0
    """How many lessons there are in a section and below."""
    start: Card | None = None
    """The first lesson of a section."""
    look: Look = Look()
    stage_facts: tuple[tuple[str, str], ...] = ()
    """What stages of a course's own left of the lesson, by their names."""


Value = TypeVar("Value")


def encode(value: object) -> bytes:
    """The canonical bytes of a value made of named tuples, tuples, strings and numbers."""
    return _ENCODER(value).encode("utf-8", "surrogatepass")


def encode_with(value: Any, encoded: Mapping[str, bytes]) -> bytes:
    """What `encode` makes of a named tuple, when some of its fields are encoded already.

    >>> encode_with(TextSpan(2, 5), {"end": encode(5)}) == encode(TextSpan(2, 5))
    True
    """
    return b"[%b]" % b",".join([encoded.get(name) or encode(item) for name, item in zip(value._fields, value)])


def decode(kind: type[Value], source: bytes | str) -> Value:
    """The value that `encode` turned into `source`.

    Raises ValueError or TypeError when `source` was not made by this version of `kind`.
    """
    text = source if isinstance(source, str) else source.decode("utf-8", "surrogatepass")
    result: Value = _reader(cast(Any, kind))(json.loads(text))
    return result


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _same(plain: Any) -> Any:
    return plain


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """A function from plain JSON to `kind`, worked out once for each type."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = [argument for argument in get_args(kind) if argument is not type(None)]
        read = _reader(inner[0]) if len(inner) == 1 else _same
        return lambda plain: None if plain is None else read(plain)
    if origin is tuple:
        read_item = _reader(get_args(kind)[0])
        return tuple if read_item is _same else lambda plain: tuple(map(read_item, plain))
    names = getattr(kind, "_fields", None)
    if names is None:
        return _same
    hints = get_type_hints(kind)
    readers = [_reader(hints[name]) for name in names]
    if all(read is _same for read in readers):
        return lambda plain: kind._make(plain)
    return lambda plain: kind._make([read(item) for read, item in zip(readers, plain, strict=True)])
