"""`nav` of `course.toml` -> the section that each lesson and folder belongs to, its title and its place there.

    nav = ["index.md", { "Phần một" = ["a.md", { "Tựa khác" = "b/c.md" }, "d/"] }]

It is written as Material for MkDocs has it. A group is a section: that of a folder where it stands for one, else one of
its own, with a page that no file of the course has.
"""

import posixpath
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pipeline.paths import ROOT_SECTION, is_lesson, is_section_text, nfc, page_id, section_of
from pipeline.patterns import lazy_pattern

MOST_ENTRIES = 20_000
MAX_NAV_DEPTH = 20
LONGEST_TITLE = 1_000
"""Characters: the title of a group is on every page of its lessons."""
LONGEST_NAME = 40
"""Characters in the path of a section, of what is made of its title."""
_NOT_NAME_RE = lazy_pattern(r"[\W_]+")


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
    if not isinstance(value, list) or depth > MAX_NAV_DEPTH:
        return False
    for entry in value:
        title, inner = "", entry
        if isinstance(entry, dict):
            title, inner = next(iter(entry.items())) if len(entry) == 1 else ("", None)
        is_group = inner is not entry and is_nav(inner, depth + 1)
        if len(title) > LONGEST_TITLE or not (isinstance(inner, str) or is_group):
            return False
    return depth > 0 or _count_entries(value) <= MOST_ENTRIES


def _count_entries(value: Any) -> int:
    inner = [next(iter(entry.values())) for entry in value if isinstance(entry, dict)]
    return len(value) + sum(_count_entries(group) for group in inner if isinstance(group, list))


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
    """What a navigation says of each lesson and section, by its path in NFC."""

    def __init__(self, entries: Sequence[NavEntry], is_taken: Callable[[str], bool] = lambda path: False) -> None:
        """`is_taken` says whether a path is that of a file or folder of the course."""
        self.groups: list[str] = []
        """The sections that are no folders, those that are in others behind them: paths that no file has."""
        self._titles: dict[str, str] = {}
        self._orders: dict[str, int] = {}
        self._sections: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        """The last number behind each name of such a section."""
        self._is_taken = is_taken
        self._entries = entries
        self._places = [_place_of(nfc(entry.path)) if entry.path else None for entry in entries]
        self._ends = _ends_of(entries)
        self._reach = _reach_of(self._places)
        around: list[tuple[int, str]] = []
        """The groups around an entry, each with its end."""
        for number, entry in enumerate(entries):
            while around and around[-1][0] <= number:
                around.pop()
            section = around[-1][1] if around else ROOT_SECTION
            place, end = self._places[number], self._ends[number]
            if place is None:
                if end == number + 1:
                    continue
                place = self._folder_of(number) or self._new_section(section, entry.title)
                around.append((end, place))
            self._orders.setdefault(place, number)
            if place:
                self._sections.setdefault(place, section)
                if entry.title:
                    self._titles.setdefault(place, entry.title)

    def title_of(self, path: str) -> str:
        """The title of a lesson or section; `""` if it says none.

        >>> NavPlaces(read_nav([{"A": ["a/b.md", {"C": "a/c.md"}]}])).title_of("a")
        'A'
        """
        return self._titles.get(nfc(path), "")

    def order_of(self, path: str) -> float | None:
        """Its number in the navigation; None if it is not there, which is last.

        >>> places = NavPlaces(read_nav(["b.md", "a/"]))
        >>> places.order_of("b.md"), places.order_of("a"), places.order_of("a/c.md")
        (0, 1, None)
        """
        return self._orders.get(nfc(path))

    def section_of(self, path: str) -> str | None:
        """The section that a lesson or section is in; None if it is not in the navigation, and so where its folder is.

        >>> places = NavPlaces(read_nav([{"A": ["a/b.md", {"C": ["a/c.md"]}, "d/"]}]))
        >>> places.groups, [places.section_of(path) for path in ("a/b.md", "a/c.md", "d", "d/e.md")]
        (['a', 'a/c'], ['a', 'a/c', 'a', None])
        """
        return self._sections.get(nfc(path))

    def stands_for(self, folder: str) -> str | None:
        """The section that the first is in of what the navigation takes out of a folder.

        >>> NavPlaces(read_nav([{"A": ["a/b.md", "c.md"]}, {"D": ["a/d.md"]}])).stands_for("a")
        'a'
        """
        reach = self._reach.get(nfc(folder))
        first = None if reach is None else self._places[reach[0]]
        return self._sections.get(first) if first and is_lesson(first) else None

    def names(self, path: str) -> bool:
        """Whether a lesson is in the navigation, by itself or with a folder that it is in."""
        place = _place_of(nfc(path))
        while place and place not in self._orders:
            place = section_of(place)
        return place in self._orders

    def _folder_of(self, group: int) -> str:
        """The folder that a group stands for: the one whose own text it begins with, else the one that all of it is in,
        if nothing of that is named elsewhere. `""` if there is none, or another group has it."""
        first, own, end = self._entries[group + 1].path, self._places[group + 1], self._ends[group]
        if own and is_lesson(first) and not is_lesson(own) and own not in self._orders:
            return own
        named = [place for place in self._places[group + 1 : end] if place is not None]
        folders = [section_of(place) if is_lesson(place) else place for place in named]
        folder = posixpath.commonpath(folders) if folders and all(folders) else ""
        begins, last = self._reach.get(folder, (0, 0))
        is_whole = group < begins and last < end
        return folder if is_whole and folder not in self._orders else ""

    def _new_section(self, section: str, title: str) -> str:
        name = _NOT_NAME_RE.sub("-", nfc(title.casefold())).strip("-")[:LONGEST_NAME].strip("-") or "part"
        path = plain = posixpath.join(section, name)
        number = self._numbers.get(plain, 1)
        while path in self._orders or self._is_taken(path):
            number += 1
            path = f"{plain}-{number}"
        self._numbers[plain] = number
        self.groups.append(path)
        return path


def _place_of(path: str) -> str:
    """The section whose text a lesson is by its name, else the path itself."""
    is_own = is_lesson(path) and (posixpath.basename(page_id(path)) == "index" or is_section_text(path))
    return section_of(path) if is_own else path


def _ends_of(entries: Sequence[NavEntry]) -> list[int]:
    """For each entry, the number of the first that is not in it."""
    ends = [len(entries)] * len(entries)
    waiting: list[int] = []
    for number, entry in enumerate(entries):
        while waiting and entries[waiting[-1]].depth >= entry.depth:
            ends[waiting.pop()] = number
        waiting.append(number)
    return ends


def _reach_of(places: Sequence[str | None]) -> dict[str, tuple[int, int]]:
    """For each folder, the numbers of the first and of the last entry that is in it."""
    reach: dict[str, tuple[int, int]] = {}
    for number, place in enumerate(places):
        folder = "" if place is None else section_of(place) if is_lesson(place) else place
        while folder:
            reach[folder] = (reach.get(folder, (number, 0))[0], number)
            folder = section_of(folder)
    return reach
