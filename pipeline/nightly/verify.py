"""The project's law, looked at in production: what readers see is what a clean build makes, byte for byte."""

from __future__ import annotations

import filecmp
import io
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.disk.location import RENAMES_NAME, Location
from pipeline.builder.tasks import Definition
from pipeline.nightly.history import Log
from pipeline.nightly.manifest import read_files

FOLDER_NAME = "verify"


class Verdict(NamedTuple):
    """What the comparison found."""

    compared: int
    """Files of the clean build; 0 where it failed, and nothing could be compared."""
    different: tuple[str, ...]
    """Paths of files that are others, missing, or too many."""


def verify_release(
    location: Location, tasks: Iterable[Definition], release: Path, kept: set[str], folder: Path, log: Log
) -> Verdict:
    """Build the course from nothing into `folder`, which is deleted afterwards, and compare it with a release, but for
    what that has `kept` of former ones."""
    clean = location._replace(output=folder / FOLDER_NAME / "site")
    _forget(clean)
    try:
        clean.output.parent.mkdir(parents=True)
        clean.state_folder.mkdir(parents=True)
        if (noted := location.state_folder / RENAMES_NAME).is_file():  # the course is made from it too
            shutil.copyfile(noted, clean.state_folder / RENAMES_NAME)
        from pipeline.builder.runs.builds import Builds

        written = io.StringIO()
        outcome = Builds(clean, tasks).run(written)
        log.write(f"clean build: {written.getvalue().rstrip()}")
        if outcome.status:
            return Verdict(0, ())
        return _compare(clean.output, release, kept)
    finally:
        _forget(clean)


def _compare(clean: Path, release: Path, kept: set[str]) -> Verdict:
    made, published = read_files(clean).keys(), read_files(release).keys() - kept
    others = (path for path in made & published if not filecmp.cmp(clean / path, release / path, shallow=False))
    return Verdict(len(made), tuple(sorted({*others, *(made ^ published)})))


def _forget(clean: Location) -> None:
    shutil.rmtree(clean.state_folder, ignore_errors=True)
    shutil.rmtree(clean.output.parent, ignore_errors=True)
