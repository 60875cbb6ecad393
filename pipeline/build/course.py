"""One course: where it is, what it is to become, and what has been made of it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from pipeline.build.files import digest_of
from pipeline.build.fingerprint import Fingerprints
from pipeline.build.plan import Plan, make_plan
from pipeline.build.state import State
from pipeline.build.sweep import Tree, sweep_content
from pipeline.decisions import Decisions, parse_decisions
from pipeline.errors import PipelineError, SettingsError
from pipeline.lexicon import parse_lexicon
from pipeline.paths import task_name
from pipeline.settings import DECISIONS_NAME, LEXICON_NAME, SETTINGS_NAME, Settings, parse_settings

STATE_FOLDER = ".lesson-pipeline"
STATIC_SOURCES = "static"
"""The folder in `templates/` whose files are copied as they are."""

Parsed = TypeVar("Parsed")
_UNSAFE_RE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Location:
    """The folders of one build. Two builds share state only if all of them are the same."""

    root: Path
    """Where `dodo.py` stands."""
    content: Path
    output: Path

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def state_folder(self) -> Path:
        """`.lesson-pipeline/<content>-<output>-<digest>/`, named by paths relative to the root, so
        that a clone elsewhere finds the state that was copied along with it."""
        names = [self._name(self.content), self._name(self.output)]
        digest = hashlib.blake2b("\0".join(names).encode(), digest_size=4).hexdigest()
        readable = "-".join(_UNSAFE_RE.sub("_", name.rsplit("/", 1)[-1])[:40] for name in names)
        return self.root / STATE_FOLDER / f"{readable}-{digest}"

    @property
    def state_path(self) -> Path:
        return self.state_folder / "state.sqlite3"

    def _name(self, folder: Path) -> str:
        real = os.path.realpath(folder)
        root = os.path.realpath(self.root)
        return os.path.relpath(real, root) if real.startswith(root + os.sep) else real

    def check(self) -> None:
        """Raise `SettingsError` unless the folders can be used together."""
        content, output = (Path(os.path.realpath(p)) for p in (self.content, self.output))
        if not content.is_dir():
            raise SettingsError(
                f"there is no content folder {self.content}",
                hint="make it, or name another: doit content=DIR",
            )
        if output == content or output in content.parents or content in output.parents:
            raise SettingsError(
                f"the output folder {self.output} and the content folder {self.content} are in each other",
                hint="choose an output folder beside the content: doit output=DIR",
            )
        if output.exists() and not output.is_dir():
            raise SettingsError(f"the output {self.output} is a file", hint="delete or rename it")


def claim_output(location: Location) -> None:
    """Raise `SettingsError` if the output is the site of another course; two would mix in it."""
    name = os.path.realpath(location.output)
    digest = hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()
    note = location.root / STATE_FOLDER / "outputs" / digest
    own = location.state_folder.name
    try:
        owner = note.read_text("utf-8")
    except OSError:
        owner = own
    if owner != own and (location.root / STATE_FOLDER / owner).is_dir() and _has_files(location.output):
        raise SettingsError(
            f"the output folder {location.output} is the site of another course",
            hint="name another one, doit output=DIR, or delete it first",
        )
    if not note.exists() or owner != own:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(own, "utf-8")


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


class Course:
    """A course opened for one run; what is expensive is read when it is first asked for."""

    def __init__(self, location: Location) -> None:
        location.check()
        self.location = location
        self.settings = read_course_file(location.content, SETTINGS_NAME, parse_settings) or Settings()
        self.decisions  # noqa: B018  (a mistake in it is told before anything runs)
        self.state = State(location.state_path)
        claim_output(location)

    @cached_property
    def decisions(self) -> dict[str, Decisions]:
        """What a person decided about damaged words, by lesson."""
        return read_course_file(self.location.content, DECISIONS_NAME, parse_decisions) or {}

    @cached_property
    def lexicon(self) -> dict[str, int]:
        """The course's own words and their counts, as `doit lexicon` left them."""
        return read_course_file(self.location.content, LEXICON_NAME, parse_lexicon) or {}

    @cached_property
    def lexicon_digest(self) -> bytes:
        """Digest of the lexicon's file, which every repair depends on."""
        try:
            return digest_of((self.location.content / LEXICON_NAME).read_bytes())
        except OSError:
            return b""

    @cached_property
    def tree(self) -> Tree:
        return sweep_content(self.location.content, self.settings.ignore)

    @cached_property
    def plan(self) -> Plan:
        known = self._known_lessons() if self.tree.unreadable else []
        return make_plan(self.tree, self.statics, known)

    def _known_lessons(self) -> list[str]:
        prefix = task_name("repair", "")[:-1]
        return [unquote(task.removeprefix(prefix)) for task in self.state.tasks() if task.startswith(prefix)]

    @cached_property
    def statics(self) -> list[str]:
        folder = self.location.templates / STATIC_SOURCES
        if not folder.is_dir():
            return []
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    @cached_property
    def fingerprints(self) -> Fingerprints:
        return Fingerprints(self.location.templates)


def read_course_file(content: Path, name: str, parse: Callable[[str], Parsed]) -> Parsed | None:
    """A file about the course, parsed; None if there is none. Raises `SettingsError` with its place."""
    try:
        return parse((content / name).read_text("utf-8-sig"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise SettingsError(f"{content.name}/{name}: not UTF-8", hint="save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{content.name}/{name}: cannot be read: {error.strerror}") from None
    except PipelineError as error:
        raise SettingsError(error.diagnostic.format(f"{content.name}/{name}")) from None
