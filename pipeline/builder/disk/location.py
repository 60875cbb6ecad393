"""The folders of one build, and where its state is."""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import SettingsError, as_typed
from pipeline.patterns import lazy_pattern

STATE_FOLDER = ".lesson-pipeline"
PROJECT_NAME = "pyproject.toml"
"""Beside `dodo.py`: where a course says its folders (`project.py`)."""
RENAMES_NAME = "renames.toml"
"""In the folder of the state: former paths of the lessons that builds saw renamed."""
TEMPLATES_NAME = "templates"
PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


def _find_templates() -> Path:
    inside = PACKAGE_FOLDER / TEMPLATES_NAME
    return inside if inside.is_dir() else PACKAGE_FOLDER.parent / TEMPLATES_NAME


TEMPLATES_FOLDER = _find_templates()
"""The project's own templates: in the package where that is installed, beside it in a clone."""

_STATE_RE = lazy_pattern(rf"{STATE_FOLDER}/[\w.-]+-[0-9a-f]{{8}}\Z")
_UNSAFE_RE = lazy_pattern(r"[^\w.-]+")


class Location(NamedTuple):
    """The folders of one build. Two builds share state only if all of them are the same."""

    root: Path
    """Where `dodo.py` stands."""
    content: Path
    output: Path
    trusted: str = ""
    """Whether those who write below the content folder are, as the command line says: `yes`, `no`, or `""`. It cannot
    be said there, where any of them could say it."""
    home: Path | None = None
    """The folder whose `templates/` comes first; without one, that in which the content folder is."""
    shows_drafts: bool = False
    """Whether drafts have pages, with a mark before their titles, as in a preview."""
    project: Path | None = None
    """The folder of `dodo.py` whose `templates/` counts, where that is not `root`, as in a preview."""

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for: first in the course's own folders, last in the project's."""
        homes = (self.home or self.content.parent, self.project or self.root)
        own = {os.path.realpath(home / TEMPLATES_NAME): home / TEMPLATES_NAME for home in homes}
        own.pop(os.path.realpath(TEMPLATES_FOLDER), None)
        return (*own.values(), TEMPLATES_FOLDER)

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

    @property
    def renames_path(self) -> str:
        return os.path.join(self.state_folder, RENAMES_NAME)

    def _name(self, folder: Path) -> str:
        return os.path.relpath(os.path.realpath(folder), os.path.realpath(self.root))

    def check(self) -> None:
        """Raise `SettingsError` unless the folders can be used together."""
        content, output = (Path(os.path.realpath(p)) for p in (self.content, self.output))
        if not content.is_dir():
            raise SettingsError(
                f"there is no content folder {self.content}", hint=self.hint_at_content(as_typed("content=DIR"))
            )
        if output == content or output in content.parents or content in output.parents:
            raise SettingsError(
                f"the output folder {self.output} and the content folder {self.content} are in each other",
                hint=f"choose an output folder beside the content: {as_typed('output=DIR')}",
            )
        if output.exists() and not output.is_dir():
            raise SettingsError(f"the output {self.output} is a file", hint="delete or rename it")
        for name in (self.root / "dodo.py", self.root / STATE_FOLDER, PACKAGE_FOLDER, *self.template_folders):
            own = Path(os.path.realpath(name))
            if output == own or output in own.parents or own in output.parents:
                raise SettingsError(
                    f"the output folder {self.output} would be among the project's own files: {own.name}",
                    hint=f"choose a folder of its own: {as_typed('output=DIR')}",
                )

    def hint_at_content(self, command: str) -> str:
        """What to do where there is no content folder: name it where it was named. `command` is how a command line
        names one."""
        place = "" if self.home is None else f"in {PROJECT_NAME}, or by "
        return f"make it, or name another: {place}{command}"

    @property
    def output_note(self) -> Path:
        """Where it stands whose site the output is: beside the output, so that every project finds it there."""
        name = os.path.realpath(self.output)
        digest = hashlib.blake2b(os.path.basename(name).encode(errors="surrogateescape"), digest_size=8).hexdigest()
        return Path(os.path.dirname(name)) / STATE_FOLDER / "outputs" / digest


def claim_output(location: Location) -> None:
    """Raise `SettingsError` if the output is the site of another course; two would mix in it.

    A note that cannot be read, such as one that a power cut left empty, says nothing: the state knows its files."""
    note = location.output_note
    own = os.path.relpath(os.path.realpath(location.state_folder), note.parent)
    try:
        owner = note.read_bytes().decode("utf-8", "replace").strip()
    except OSError:
        owner = ""
    if owner == own:
        return
    state = os.path.normpath(os.path.join(note.parent, owner))
    if _STATE_RE.search(state) and os.path.isdir(state) and _has_files(location.output):
        raise SettingsError(
            f"the output folder {location.output} is the site of another course",
            hint=f"name another one, {as_typed('output=DIR')}, or delete it first",
        )
    with contextlib.suppress(OSError):  # only the output itself has to be writable
        note.parent.mkdir(parents=True, exist_ok=True)
        part = note.with_suffix(f".{os.getpid()}.part")
        part.write_text(own, "utf-8", "surrogateescape")
        part.replace(note)


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
