"""The values that the files for the whole site are made from."""

from typing import NamedTuple

from pipeline.values import Card, Look, Repair, Statics


class TreeLeaf(NamedTuple):
    """A lesson in the course tree."""

    title: str
    page: str


class TreeBranch(NamedTuple):
    """A section in the course tree."""

    path: str
    """The folder, `""` for the whole course."""
    title: str
    sections: tuple[str, ...]
    """Paths of the published sub-sections, in reading order."""
    lessons: tuple[TreeLeaf, ...]
    """The published lessons, in reading order."""


class TreeInputs(NamedTuple):
    """What the shared course tree is made from: every published section, the whole course among them."""

    branches: tuple[TreeBranch, ...]


class DatedPage(NamedTuple):
    """A page in the sitemap or the feed."""

    page: str
    title: str
    summary: str
    date: str
    """ISO date: of the last change in the sitemap (may be empty), of publication in the feed."""


class ListingInputs(NamedTuple):
    """What the sitemap or the feed is made from."""

    base_url: str
    language: str
    course_title: str
    pages: tuple[DatedPage, ...]


class MissingInputs(NamedTuple):
    """What `404.html` is made from."""

    language: str
    course_title: str
    base_url: str
    statics: Statics
    quick_links: tuple[Card, ...]
    look: Look = Look()


class RedirectInputs(NamedTuple):
    """What the page at a lesson's former path is made from."""

    target: str
    """The file to write, relative to the output."""
    page: str
    """The page that it leads to."""
    title: str
    language: str
    course_title: str
    base_url: str


class RepairSummary(NamedTuple):
    """What the report for the whole course says of one lesson."""

    encoding: str
    repaired: int
    """Number of spans that were changed."""
    steps: tuple[str, ...]
    """The steps that were undone, each once."""
    review: tuple[Repair, ...]
    """Repairs below the threshold, and damage that has no reading, for a person to decide."""


class LessonRepairs(NamedTuple):
    """The damage of one lesson."""

    path: str
    page: str
    """The page that it is."""
    summary: RepairSummary


class ReportInputs(NamedTuple):
    """What the account of every repair is made from."""

    language: str
    course_title: str
    lessons: tuple[LessonRepairs, ...]
    """The damaged lessons, sorted by path."""
    statics: Statics = ()
    """As in `PageInputs`."""
    look: Look = Look()
