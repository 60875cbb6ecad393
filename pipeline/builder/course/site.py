"""The course as links see it: what exists, by path in NFC (the `Site` of `links.py`)."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.builder.course.plan import Plan
from pipeline.builder.course.reads import ANCHORS, FILE, LESSON, SECTION, SIZE, Key
from pipeline.parse.sentences import find_heading, nearest_anchor
from pipeline.paths import LESSON_ENDINGS, is_lesson, nfc, page_id, page_target, section_page_id
from pipeline.patterns import lazy_pattern
from pipeline.values import LessonFacts

if TYPE_CHECKING:  # few lessons have a link that leads nowhere
    from pipeline.slips import KnownPaths

MOST_COMPARED = 100_000
"""Anchors that links to no heading are compared with, in one run."""


_NUMBER_RE = lazy_pattern(r"(?<![^\W_])\d+(?=[\W_]+[^\W\d_])")
"""A number in front of words: that of `03_loops.md`, not that of `option-3.md`."""
_SIGNS_RE = lazy_pattern(r"(?:[^\w\0]|_)+")
_DIGITS_RE = lazy_pattern(r"\d+")


class CourseSite:
    """Looks up pages and files of one course. What is a page changes while a build goes on, so
    that is asked each time; what is in the folder does not, so that is indexed once. What decides where a link leads
    is noted when it is asked, as a key; what is only a hint for the maintainer is not."""

    def __init__(
        self,
        plan: Plan,
        facts: Callable[[str], LessonFacts | None],
        is_published_section: Callable[[str], bool],
        image_size: Callable[[str], tuple[int, ...]],
        former_targets: Callable[[], Mapping[str, str]],
        is_left_out: Callable[[str], bool],
        stands_for: Callable[[str], str | None],
        note: Callable[[Key], object],
    ) -> None:
        self._plan = plan
        self._facts = facts
        self._is_published_section = is_published_section
        self._image_size = image_size
        self._former_targets = former_targets
        self.is_left_out = is_left_out
        self._stands_for = stands_for
        self._compared = 0
        self._anchors: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {}
        """The anchors of pages that were asked for, as a lesson has them and to look them up in."""
        self._alike: dict[str, dict[tuple[str | None, str], str]] = {}
        """Of files whose names have the same letters, those that a name or path with other numbers can only mean."""
        self._note = note

    @contextlib.contextmanager
    def unnoted(self) -> Iterator[None]:
        """Ask for a hint: nothing is noted."""
        note, self._note = self._note, lambda key: None
        try:
            yield
        finally:
            self._note = note

    def find_lesson(self, path: str) -> str | None:
        """The source path of a lesson that has a page."""
        self._note((LESSON, path))
        found = self._lessons_by_nfc.get(path)
        facts = self._facts(found) if found is not None else None
        return found if facts is not None and not facts.draft else None

    def page_of(self, lesson: str) -> str:
        """The page of a lesson."""
        return self._plan.page_of(lesson)

    def source_of(self, page: str) -> str:
        """The lesson of a page."""
        return self._plan.sources.get(page, f"{page}.md")

    def find_section(self, path: str) -> str | None:
        """A folder that has a page, or the section that its lessons are in if the navigation leaves it none."""
        found = self._find_published(path)
        place = self._stands_for(path) if found is None else None
        return found if place is None else self._find_published(place)

    def _find_published(self, section: str) -> str | None:
        self._note((SECTION, section))
        found = self._sections_by_nfc.get(section)
        return found if found is not None and self._is_published_section(found) else None

    def find_file(self, path: str) -> str | None:
        """A file that is copied."""
        self._note((FILE, path))
        return self._assets_by_nfc.get(path)

    def image_size(self, path: str) -> tuple[int, ...]:
        """Width and height of an image."""
        self._note((SIZE, path))
        return self._image_size(path)

    def has_anchor(self, page: str, anchor: str) -> bool:
        """Whether a lesson has an element with this id."""
        self._note((ANCHORS, page))
        source = self._plan.sources.get(page)
        facts = self._facts(source) if source else None
        if facts is None:
            return False
        known = self._anchors.get(page)
        if known is None or known[0] is not facts.anchors:
            known = self._anchors[page] = facts.anchors, frozenset(facts.anchors)
        return nfc(anchor) in known[1]

    def find_anchor(self, page: str, anchor: str) -> str:
        """The id of the heading of a page that other programs call so; `""` if there is none."""
        source = self._plan.sources.get(page)
        facts = self._facts(source) if source else None
        return find_heading(anchor, facts.headings) if facts is not None else ""

    def is_unpublished(self, path: str) -> bool:
        """Whether `path` is a lesson without a page."""
        return path in self._lessons_by_nfc and self.find_lesson(path) is None

    def find_former(self, path: str) -> str | None:
        """The lesson that stood at a path, as `redirects.toml` and the lessons' aliases say."""
        stem = path[: -len(".html")] if path.endswith(".html") else page_id(path) if is_lesson(path) else path
        places = (page_target(stem), page_target(section_page_id(stem)))
        return next((self._lessons_by_target[place] for place in places if place in self._lessons_by_target), None)

    @cached_property
    def _lessons_by_target(self) -> dict[str, str]:
        # Asked for the first time when a link is broken, and then every lesson is parsed.
        return {nfc(target): lesson for target, lesson in self._former_targets().items()}

    def suggest(self, path: str) -> str | None:
        """The lesson that lacks its ending here, else the only lesson, file or section of this name: its letters and
        digits, in any case and folder; else the only one that is numbered otherwise, it or its folders, here or in any
        folder."""
        lessons = (self._lessons_by_nfc.get(path + ending) for ending in LESSON_ENDINGS)
        found = next(filter(None, lessons), None) or self._by_name.get(_letters(path))
        if found:
            return found
        return self._numbered_like(path, _letters(path, is_numbered=False) or _letters(path))

    def find_meant(self, wanted: str, written: str, kind: str) -> Iterator[str]:
        """Each path that a link or image to nothing may have meant: `slips.py`, and what git saw renamed."""
        yield from self._known_paths.find_meant(wanted, written, kind)
        now = self._renamed_in_past.get(wanted)
        if now is not None:
            yield now

    @cached_property
    def _known_paths(self) -> KnownPaths:
        from pipeline.slips import KnownPaths

        return KnownPaths(self._lessons_by_nfc, self._assets_by_nfc, self._sections_by_nfc)

    def ask_past(self, past: Callable[[], Mapping[str, str]]) -> None:
        """Have what git saw renamed, path -> path, be a hint too. A build does not ask: it would take time."""
        self._past = past
        self.__dict__.pop("_renamed_in_past", None)

    _past: Callable[[], Mapping[str, str]] = dict

    @cached_property
    def _renamed_in_past(self) -> dict[str, str]:
        """Path -> where the lesson or file that stood there is now."""
        there, moved = {**self._lessons_by_nfc, **self._assets_by_nfc}, self._past()
        found = {}
        for old in moved:
            now, steps = moved[old], len(moved)
            while now not in there and now in moved and steps:
                now, steps = moved[now], steps - 1
            if now in there and old not in there:
                found[old] = now
        return found

    def suggest_anchor(self, page: str, anchor: str) -> tuple[str, str]:
        """The heading of a page that may be meant, and the one that surely is."""
        source = self._plan.sources.get(page)
        facts = self._facts(source) if source else None
        if facts is None or not facts.anchors:
            return "", ""
        self._compared += len(facts.anchors)
        if self._compared > MOST_COMPARED:
            return "", ""
        from pipeline.slips import sure_name

        return nearest_anchor(anchor, facts.anchors), sure_name(anchor, facts.anchors)

    @cached_property
    def _lessons_by_nfc(self) -> dict[str, str]:
        return _by_nfc(self._plan.lessons)

    @cached_property
    def _sections_by_nfc(self) -> dict[str, str]:
        return _by_nfc(self._plan.sections)

    @cached_property
    def _assets_by_nfc(self) -> dict[str, str]:
        return _by_nfc(self._plan.assets)

    @cached_property
    def _letters_of(self) -> dict[str, str]:
        from pipeline.slips import plain_all

        paths = [*dict.fromkeys((*self._plan.lessons, *self._plan.assets))]
        return dict(zip(paths, plain_all([*map(_name_of, paths)], _only_letters), strict=True))

    @cached_property
    def _by_name(self) -> dict[str, str]:
        found: dict[str, str | None] = {}
        sections = (f"{section}/index.md" for section in self._plan.sections if section)
        for path in dict.fromkeys((*self._letters_of, *sections)):
            name = self._letters_of.get(path) or _letters(path)
            found[name] = None if name in found else path
        for section in self._plan.sections:
            found.setdefault(_letters(section), f"{section}/")
        return {name: path for name, path in found.items() if path is not None and name}

    def _numbered_like(self, path: str, words: str) -> str | None:
        """The only file that has these words in its name behind a number, in this folder or in any; else the only one
        whose path has the words of this one, whatever the numbers in it."""
        key = _DIGITS_RE.sub("", words)
        if key not in self._alike:
            self._alike[key] = _index_numbered(self._with_letters.get(key, ()))
        alike = self._alike[key]
        named = alike.get((posixpath.dirname(path), words)) or alike.get((None, words)) or self._by_name.get(words)
        return named or alike.get((None, f"/{_words_of_path(path)}"))

    @cached_property
    def _with_letters(self) -> dict[str, list[str]]:
        """The letters of a name, without its digits -> the files that have them."""
        found: dict[str, list[str]] = {}
        for path, letters in self._letters_of.items():
            found.setdefault(_DIGITS_RE.sub("", letters), []).append(path)
        return found


def _index_numbered(paths: Iterable[str]) -> dict[tuple[str | None, str], str]:
    """Folder, or None for any, and the words of a name that has a number in front of them -> the only file; and None
    and the words of a path -> the only file."""
    found: dict[tuple[str | None, str], str | None] = {}
    for path in paths:
        words = _letters(path, is_numbered=False)
        keys = {(posixpath.dirname(nfc(path)), words), (None, words)} if words else set[tuple[str | None, str]]()
        for key in keys | {(None, f"/{_words_of_path(path)}")}:
            found[key] = None if key in found else path
    return {key: path for key, path in found.items() if path is not None}


def _by_nfc(paths: Iterable[str]) -> dict[str, str]:
    return {nfc(path): path for path in paths}


def _letters(path: str, *, is_numbered: bool = True) -> str:
    """What two names of a page share when only signs and letter case differ; `index` is named after its folder. Unless
    it `is_numbered`, also when the number in front of its words does; `""` if it has none there.

    >>> _letters("a/03_Loops.md"), _letters("week-3-loops.md", is_numbered=False), _letters("a-3.md", is_numbered=False)
    ('03loops', 'weekloops', '')
    """
    name = _name_of(path)
    if not is_numbered:
        name, count = _NUMBER_RE.subn("", name, count=1)
        if not count:
            return ""
    return _only_letters(name)


def _name_of(path: str) -> str:
    folder, _, name = page_id(path).removesuffix(".html").rpartition("/")
    if name[:5].casefold() == "index" and posixpath.splitext(name)[0].casefold() == "index":
        name = f"{posixpath.basename(folder)}/index"
    return name


def _only_letters(text: str) -> str:
    """The letters and digits of a name, or of many with a NUL between two."""
    return _SIGNS_RE.sub("", nfc(text).casefold())


def _words_of_path(path: str) -> str:
    return "/".join(_letters(part, is_numbered=False) or _letters(part) for part in path.split("/"))
