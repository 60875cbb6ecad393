"""sources -> repaired sources: what `lesson-pipeline repair` does to files."""

from __future__ import annotations

import codecs
import contextlib
import difflib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.builder.course.course_files import read_whole
from pipeline.builder.course.work import repair_source
from pipeline.builder.disk.sources import SourceBytes, read_source
from pipeline.decisions import Decisions, parse_decisions
from pipeline.decode import decode_source
from pipeline.errors import SettingsError, SourceError
from pipeline.lexicon import parse_lexicon
from pipeline.paths import nfc
from pipeline.repair.review import UNREAD
from pipeline.settings import COURSE_FILES, DECISIONS_NAME, LEXICON_NAME, SETTINGS_NAME, Settings, parse_settings
from pipeline.values import Repair, RepairedLesson

TEXT_ENDINGS = (".md", ".markdown", ".txt")


@dataclass(frozen=True, slots=True)
class CourseKnowledge:
    """What a course says about repairs, for files that are in one."""

    root: Path | None
    settings: Settings
    decisions: dict[str, Decisions]
    lexicon: dict[str, int]


def find_knowledge(path: Path) -> CourseKnowledge:
    """The settings, decisions and lexicon of the course that `path` is in, if it is in one."""
    folder = Path(os.path.realpath(path))
    for root in (folder, *folder.parents):
        if any((root / name).is_file() for name in COURSE_FILES):
            return CourseKnowledge(
                root,
                read_whole(root, SETTINGS_NAME, parse_settings) or Settings(),
                read_whole(root, DECISIONS_NAME, parse_decisions) or {},
                read_whole(root, LEXICON_NAME, parse_lexicon) or {},
            )
    return CourseKnowledge(None, Settings(), {}, {})


def find_texts(source: Path) -> Iterator[Path]:
    """The file, or the text files of a folder; what is a link or no file raises `SourceError`s later."""
    if not source.is_dir():
        yield source
        return
    for path in sorted(source.rglob("*")):
        if path.suffix.lower() in TEXT_ENDINGS and not path.is_dir() and path.name not in COURSE_FILES:
            yield path


def repair_file(path: Path, knowledge: CourseKnowledge) -> tuple[SourceBytes, RepairedLesson]:
    """A file as it is and as the build's repair stage gives it. Raises `PipelineError`."""
    if path.is_symlink() or not path.is_file():
        raise SourceError("not a plain file: a link, pipe or device", hint="it is left alone")
    source = read_source(path.parent, path.name)
    decisions: Decisions = {}
    if knowledge.root is not None:
        relative = Path(os.path.realpath(path)).relative_to(knowledge.root).as_posix()
        decisions = knowledge.decisions.get(nfc(relative), {})
    return source, repair_source(source.content, knowledge.settings, knowledge.lexicon, decisions)


def apply_sure(source: bytes, repairs: tuple[Repair, ...], threshold: float) -> str:
    """The text of a source with the repairs that are at or above the threshold, and no others."""
    lines = decode_source(source).text.split("\n")
    for repair in reversed(repairs):
        if repair.confidence < threshold or repair.step == UNREAD:
            continue
        row, start = repair.line - 1, repair.column - 1
        if "\n" in repair.before:
            continue
        line = lines[row]
        assert line[start : start + len(repair.before)] == repair.before
        lines[row] = line[:start] + repair.after + line[start + len(repair.before) :]
    return "\n".join(lines)


def byte_order_mark(source: bytes) -> bytes:
    """The mark that a UTF-8 source begins with, or nothing: the text of a source is without it."""
    return codecs.BOM_UTF8 if source.startswith(codecs.BOM_UTF8) else b""


def diff_of(path: Path, source: bytes, text: str) -> str:
    """A unified diff from the source to the text; empty when they are the same."""
    before = decode_source(source).text.splitlines(keepends=True)
    after = text.splitlines(keepends=True)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(before, after, f"a/{path.name}", f"b/{path.name}")
    )


def write_text(path: Path, content: bytes, unless_changed: SourceBytes | None = None) -> None:
    """Write a file atomically. With `unless_changed`, raise `SourceError` if it is another by now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".lesson-pipeline-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if unless_changed is not None:
            Path(name).chmod(path.stat().st_mode & 0o7777)
            if read_source(path.parent, path.name).digest != unless_changed.digest:
                raise SourceError("the file changed meanwhile", hint="it was not written; run this again")
        else:
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def check_apart(source: Path, target: Path) -> None:
    """Raise `SettingsError` if one of the two is in the other."""
    real, other = os.path.realpath(source), os.path.realpath(target)
    if real == other or other.startswith(real + os.sep) or (source.is_dir() and real.startswith(other + os.sep)):
        raise SettingsError(f"{target} and {source} are in each other", hint="name a target beside the source")
