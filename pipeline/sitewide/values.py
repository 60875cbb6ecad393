"""The inputs of the files that there is one of for the whole site."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.values import Card, Statics


@dataclass(frozen=True, slots=True)
class TreeLeaf:
    """A lesson in the course tree."""

    title: str
    page: str


@dataclass(frozen=True, slots=True)
class TreeBranch:
    """A section in the course tree."""

    path: str
    """The folder, `""` for the whole course."""
    title: str
    sections: tuple[str, ...]
    """Paths of the published sub-sections, in reading order."""
    lessons: tuple[TreeLeaf, ...]
    """The published lessons, in reading order."""


@dataclass(frozen=True, slots=True)
class TreeInputs:
    """What the shared course tree is made from: every published section, the whole course among them."""

    branches: tuple[TreeBranch, ...]


@dataclass(frozen=True, slots=True)
class DatedPage:
    """A page in the sitemap or the feed."""

    page: str
    title: str
    summary: str
    date: str
    """ISO date: of the last change in the sitemap (may be empty), of publication in the feed."""


@dataclass(frozen=True, slots=True)
class ListingInputs:
    """What the sitemap or the feed is made from."""

    base_url: str
    language: str
    course_title: str
    pages: tuple[DatedPage, ...]


@dataclass(frozen=True, slots=True)
class MissingInputs:
    """What `404.html` is made from."""

    language: str
    course_title: str
    base_url: str
    statics: Statics
    quick_links: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class RedirectInputs:
    """What the page at a lesson's former path is made from."""

    target: str
    """The file to write, relative to the output."""
    page: str
    """The page that it leads to."""
    title: str
    language: str
    course_title: str
    base_url: str
