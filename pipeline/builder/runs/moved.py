"""A finished build that was moved: what differs from its seal, told by contents where stamps say nothing.

In a fresh clone beside a restored state and output no file has the stamp it had, nor has the code that was installed
anew. So what was sealed is read: code, templates and settings are held against a digest in the seal, lessons and files
against what the state says was read of them, the output against what it says was written. What is the same gets the
stamp that it has here, and the seal is then one that was put here.

Nothing is believed that is not compared: a state and an output that are older, cut off, damaged or of another course
say what is not there, and that is made again.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pipeline.builder.course.fingerprint import PACKAGE_FOLDER
from pipeline.builder.disk.files import digest_file
from pipeline.builder.disk.location import TEMPLATES_FOLDER, Location
from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.disk.sources import ABOUT_LIMIT, digest_source, limit_of
from pipeline.builder.runs.seal import Difference, Seal, Stamp, Sweep, digest_rest
from pipeline.builder.state.stamps import FileStamps
from pipeline.errors import SourceError


def digest_contents(location: Location) -> bytes:
    """The digest of what all says that a build is made with besides the lessons and files; empty if that cannot be
    told."""

    def digest(folder: Path, path: str, status: os.stat_result) -> str:
        if folder == location.content:
            return digest_source(folder, path, ABOUT_LIMIT)[1].hex()
        if folder in (PACKAGE_FOLDER, TEMPLATES_FOLDER):
            return _digest_code(folder / path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        return digest_file(folder / path).hex()

    try:
        return digest_rest(location, digest)
    except (OSError, SourceError):
        return b""


@cache
def _digest_code(path: Path, *stamp: int) -> str:
    """The digest of a file of this program, read once by a process that builds often."""
    return digest_file(path).hex()


def compare_contents(
    kept: Seal, sweep: Sweep, location: Location, files: FileStamps
) -> tuple[Difference, dict[str, Stamp]]:
    """What has changed since a seal was put with the state, when code, templates and settings say what they said then;
    and the sources that have other stamps and the same content. The seal of the difference has the stamps of here."""
    same = _same_sources(kept, sweep, location.content, files)
    content = {**kept.content, **same}
    output = OutputCheck(location.output, kept.output)
    written = output.compare_contents(files.all_digests())
    rest = sweep.rest if sweep.is_settled else b""
    return Difference(kept._replace(rest=rest, content=content, output=written), sweep.content, output), same


def _same_sources(kept: Seal, sweep: Sweep, content: Path, files: FileStamps) -> dict[str, Stamp]:
    """The stamps that sources have here whose content is that of the seal."""
    same: dict[str, Stamp] = {}
    known = files.sources()
    for path, stamp in kept.content.items():
        now = sweep.content.get(path)
        if now is None or now == stamp or path not in known:
            continue
        # What was read had another stamp than the seal: it changed while that build was at work, which may have made
        # something of it before.
        read_as, digest = known[path]
        if read_as == stamp and read_as[0] == now[0] and _is_still(content, path, now, digest):
            same[path] = now
    return same


def _is_still(content: Path, path: str, stamp: Stamp, digest: bytes) -> bool:
    try:
        return digest_source(content, path, limit_of(path)) == (stamp, digest)
    except SourceError:
        return False
