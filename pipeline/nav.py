"""`nav` of `course.toml` -> the order and the titles of lessons and folders in lists.

    nav = ["index.md", { "Phần một" = ["a.md", { "Tựa khác" = "b/c.md" }, "d/"] }]

It is written as Material for MkDocs has it. A group is known by the folder that all of its lessons stand in.
"""

import itertools
import posixpath
from collections.abc import Sequence
from typing import Any, NamedTuple

from pipeline.paths import nfc, section_of

MOST_ENTRIES = 20_000
MAX_NAV_DEPTH = 20


class NavEntry(NamedTuple):
    """A lesson, a folder, or a group of both."""

    depth: int
    """In so many groups; what is in a group follows it."""
    title: str
    """`""` for its own."""
    path: str
    """From the top of the course; `""` for a group."""


def is_nav(value: Any, depth: int = 0) -> bool:
    """Whether a value of TOML is a navigation.

    >>> is_nav(["a.md", {"B": ["b/"]}]), is_nav([{"A": "a.md", "B": "b.md"}]), is_nav("a.md")
    (True, False, False)
    """
    if not isinstance(value, list) or depth > MAX_NAV_DEPTH or len(value) > MOST_ENTRIES:
        return False
    for entry in value:
        if isinstance(entry, dict):
            inner = next(iter(entry.values())) if len(entry) == 1 else None
            if not isinstance(inner, str) and not is_nav(inner, depth + 1):
                return False
        elif not isinstance(entry, str):
            return False
    return True


def read_nav(value: list[Any], depth: int = 0) -> tuple[NavEntry, ...]:
    """The entries of a value that `is_nav`.

    >>> read_nav(["a.md", {"B": ["c/"]}])[1:]
    (NavEntry(depth=0, title='B', path=''), NavEntry(depth=1, title='', path='c'))
    """
    entries = []
    for entry in value:
        title, inner = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        is_group = not isinstance(inner, str)
        entries.append(NavEntry(depth, " ".join(title.split()), "" if is_group else inner.strip("/")))
        entries += read_nav(inner, depth + 1) if is_group else ()
    return tuple(entries)


class NavPlaces:
    """What a navigation says of each lesson and folder, by its path in NFC."""

    def __init__(self, entries: Sequence[NavEntry]) -> None:
        self._titles: dict[str, str] = {}
        self._orders: dict[str, float] = {}
        for number, entry in enumerate(entries):
            path = nfc(entry.path) or _folder_of(entries, number)
            if path:
                self._orders.setdefault(path, number)
                if entry.title:
                    self._titles.setdefault(path, entry.title)
            # A folder stands where the first of what is in it does.
            folder = section_of(path)
            while folder:
                self._orders.setdefault(folder, number)
                folder = section_of(folder)

    def title_of(self, path: str) -> str:
        """The title of a lesson or folder; `""` if it says none.

        >>> NavPlaces(read_nav([{"A": ["a/b.md", {"C": "a/c.md"}]}])).title_of("a")
        'A'
        """
        return self._titles.get(nfc(path), "")

    def order_of(self, path: str) -> float | None:
        """Its number in the navigation; None if it is not there, which is last.

        >>> places = NavPlaces(read_nav(["b.md", "a/c.md"]))
        >>> places.order_of("b.md"), places.order_of("a"), places.order_of("d.md")
        (0, 1, None)
        """
        return self._orders.get(nfc(path))


def _folder_of(entries: Sequence[NavEntry], group: int) -> str:
    """The folder that all lessons of a group stand in; `""` if that is the whole course."""
    inside = itertools.takewhile(lambda entry: entry.depth > entries[group].depth, entries[group + 1 :])
    paths = [nfc(entry.path) for entry in inside if entry.path]
    folders = [section_of(path) if posixpath.splitext(path)[1] else path for path in paths]
    return posixpath.commonpath(folders) if folders and all(folders) else ""
