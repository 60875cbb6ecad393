"""Lessons that stand elsewhere now: what this build sees, and what those before it noted.

A rename is seen by one build only, so it is noted beside the state, in `renames.toml`, which every later build is made
from as it is from the course.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.builder.course.course import Course
from pipeline.builder.state.state import DROPPED_HELD
from pipeline.paths import collision_key, item_of, task_name
from pipeline.redirects import add_renames, most_alike
from pipeline.values import RepairedLesson, decode


class Renames:
    """What is known of former paths besides the lessons' own aliases."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._stayed: dict[tuple[str, str], bool] = {}

    are_noted = False
    """Whether what this build saw is in `renames.toml` already."""

    def kept_renames(self) -> dict[str, str]:
        """What `renames.toml` says when this build is over: nothing of what the course says in its own file."""
        course = self.course
        if not course.settings.keep_renames:
            return {}
        if self.are_noted:
            return course.renames
        moved = dict(reversed([*self._seen_renames(), *self.moved_on().items()]))
        kept = add_renames(course.renames, self.seen(), set(course.plan.lessons), moved)
        return {old: new for old, new in kept.items() if old not in course.redirects}

    def led_on(self) -> dict[str, str]:
        """What `redirects.toml` says; what it leads to a former path leads on."""
        own, lessons = self.course.redirects, set(self.course.plan.lessons)
        known = {**self.kept_renames(), **own} if own else {}
        return {old: new if new in lessons else known.get(new, new) for old, new in own.items()}

    def seen(self) -> dict[str, str]:
        """Former path -> path of each lesson that a build saw under another one, and whose former path
        leads nowhere yet."""
        seen = self._seen_renames()
        if not seen:
            return {}
        from pipeline.sitewide import alias_target

        known = set(self.course.plan.lessons)
        living = [old for old, new in (self.course.redirects | self.course.renames).items() if new in known]
        aliases = [alias for _, alias in self.course.state.aliases()]
        led = {alias_target(old)[0] for old in (*aliases, *living)}
        found: dict[str, str] = {}
        for old, new in seen:
            target, problem = alias_target(old)
            if problem is None and target not in led and self.owner_of(target) is None:
                found.setdefault(old, new)
        return found

    def moved_on(self) -> dict[str, str]:
        """Path -> new path of each lesson that this build saw leave a place where another one stands now, as when
        lessons are numbered anew."""
        state = self.course.state
        found = {}
        for old, digest in state.left.items():
            new = item_of(state.arrived.get(digest, ""))
            if new and old in self.course.plan.lessons and not self._has_stayed(old, new):
                found[old] = new
        return found

    def _has_stayed(self, path: str, copy: str) -> bool:
        """Whether a lesson was copied and then edited, and not moved."""
        if (path, copy) not in self._stayed:
            alike = most_alike(self._text_of_lesson(copy), {path: self._text_of_lesson(path)})
            self._stayed[path, copy] = alike is not None
        return self._stayed[path, copy]

    def _seen_renames(self) -> list[tuple[str, str]]:
        """Lessons that are gone, and where builds saw them: that, and where they stand now."""
        known = set(self.course.plan.lessons)
        seen = [(old, item_of(task)) for old, task in self.course.state.renames()]
        seen += self._edited_renames({old for old, _ in seen}, {new for _, new in seen})
        return [(old, new) for old, new in seen if old not in known]

    def _edited_renames(self, told: set[str], taken: set[str]) -> Iterator[tuple[str, str]]:
        """Lessons that have gone in this run, and the new ones that are most like them."""
        gone = {path: value for path, value in self.course.state.dropped.items() if path not in told}
        arrived = [path for path in self.course.arrived if path not in taken]
        if not gone or not 0 < len(arrived) <= DROPPED_HELD:
            return
        texts = {path: self._text_of_lesson(path) for path in arrived}
        for old, value in gone.items():
            new = most_alike(_text_of(value), texts)
            if new is not None:
                del texts[new]
                yield old, new

    def _text_of_lesson(self, path: str) -> str:
        return _text_of(self.course.state.value(task_name("repair", path)))

    def owner_of(self, target: str) -> str | None:
        """What the course makes at a path, or at one that could not stand beside it."""
        if self._taken is None:
            self._taken = {}
            for taken in self.course.plan.targets:
                key = collision_key(taken)
                self._taken[key] = taken
                for end in (place for place, sign in enumerate(key) if sign == "/"):
                    self._taken.setdefault(key[:end], taken)
        key = collision_key(target)
        above = (key[:end] for end in (*(place for place, sign in enumerate(key) if sign == "/"), len(key)))
        for part in above:
            owner = self._taken.get(part)
            if owner is not None and (part == key or collision_key(owner) == part):
                return owner
        return None

    _taken: dict[str, str] | None = None


def _text_of(value: bytes | None) -> str:
    return decode(RepairedLesson, value).text if value else ""
