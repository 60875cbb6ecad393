"""What a release was made from: the stamps of the output's files, by which the next one knows what is the same."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.disk.files import PART_PREFIX
from pipeline.builder.disk.sweep import FileStamp, is_settled

Files = dict[str, FileStamp]


class Manifest(NamedTuple):
    """One release. A file whose stamp was too fresh to be trusted has none."""

    files: dict[str, FileStamp | None]
    """The files of the output at that time."""
    kept: dict[str, float]
    """Those of former releases that pages of them may still ask for, and when nothing showed them any more."""


def read_files(folder: Path) -> Files:
    """Every file below a folder, by its path; links and files that are being written are none."""
    return dict(_walk(os.fspath(folder), ""))


def _walk(folder: str, inside: str) -> Iterator[tuple[str, FileStamp]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                yield from _walk(entry.path, f"{inside}{entry.name}/")
            elif stat.S_ISREG(status.st_mode) and not (entry.name.startswith(PART_PREFIX) and not inside):
                yield inside + entry.name, FileStamp.of(status)


def settled(files: Files) -> dict[str, FileStamp | None]:
    """The stamps that tell a later change for sure."""
    return {name: stamp if is_settled(max(stamp.mtime_ns, stamp.ctime_ns)) else None for name, stamp in files.items()}


def read_manifest(path: Path) -> Manifest | None:
    """A manifest; None if there is none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        said = json.loads(path.read_bytes())
        files = {name: FileStamp(*stamp) if stamp else None for name, stamp in said["files"].items()}
        return Manifest(files, {name: float(since) for name, since in said["kept"].items()})
    return None


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write it whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(manifest._asdict(), separators=(",", ":")), "ascii")
    part.replace(path)
