"""The folders of one build, and where its state is."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import SettingsError
from pipeline.patterns import lazy_pattern

STATE_FOLDER = ".lesson-pipeline"

_UNSAFE_RE = lazy_pattern(r"[^\w.-]+")


class Location(NamedTuple):
    """The folders of one build. Two builds share state only if all of them are the same."""

    root: Path
    """Where `dodo.py` stands."""
    content: Path
    output: Path

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for: the course's own folder, beside its content, wins over the project's."""
        own = self.content.parent / "templates"
        same = os.path.realpath(own) == os.path.realpath(self.templates)
        return (self.templates,) if same else (own, self.templates)

    @property
    def state_folder(self) -> Path:
        """`.lesson-pipeline/<content>-<output>-<digest>/`, named by paths relative to the root (`../my-course`
        too), so that the same folders elsewhere find the state that was copied along with them."""
        names = [self._name(self.content), self._name(self.output)]
        digest = hashlib.blake2b("\0".join(names).encode(), digest_size=4).hexdigest()
        readable = "-".join(_UNSAFE_RE.sub("_", name.rsplit("/", 1)[-1])[:40] for name in names)
        return self.root / STATE_FOLDER / f"{readable}-{digest}"

    @property
    def state_path(self) -> Path:
        return self.state_folder / "state.sqlite3"

    def _name(self, folder: Path) -> str:
        return os.path.relpath(os.path.realpath(folder), os.path.realpath(self.root))

    @property
    def output_note(self) -> Path:
        """The file that says of which course the output is the site."""
        digest = hashlib.blake2b(os.fsencode(self._name(self.output)), digest_size=8).hexdigest()
        return self.root / STATE_FOLDER / "outputs" / digest

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
    note = location.output_note
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
