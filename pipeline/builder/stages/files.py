"""The stages of files that are copied as they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pipeline.builder.course.course import NAMED_AFTER_CONTENT
from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.stage import Stage
from pipeline.builder.disk.files import copy_target, digest_file, digest_of, write_target
from pipeline.builder.disk.images import image_size
from pipeline.builder.disk.sources import open_source
from pipeline.builder.state.state import Record
from pipeline.paths import STATIC_FOLDER, is_image, task_name
from pipeline.statics import SCRIPT_NAME, spare_comments
from pipeline.values import ImageSize, encode

if TYPE_CHECKING:
    from pipeline.builder.course.course import Course
    from pipeline.builder.course.graph import Graph


class Asset(Stage):
    """A file beside the lessons -> the same file in the output."""

    code = StageCode((), ("imagesize",), ("pipeline.builder.stages.files",))
    why = "the file changed"

    def target(self, course: Course, item: str) -> str:
        return item

    def source(self, course: Course, item: str) -> str:
        return f"{course.location.content}/{item}"

    def title(self, graph: Graph, item: str) -> str:
        return item

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        return (graph.source_digest(item, graph.course.tree.assets.get(item)),)

    def depends_on_code(self, item: str) -> bool:
        return is_image(item)

    def make(self, graph: Graph, item: str) -> None:
        course = graph.course
        course.claim(item, task_name(self.name, item))
        with open_source(course.location.content, item) as source:
            copied, digest = copy_target(source.blocks(), course.writes_to, item)
        size = image_size(course.writes_to / item)
        facts = encode(ImageSize(size)).decode() if size else ""
        course.state.commit(
            task_name(self.name, item),
            Record(self.digest(graph, item, (digest,)), digest, facts=facts),
            source=(item, source.stamp, digest),
            target=(item, copied, digest),
        )


class Static(Stage):
    """A file of the site's own -> the same in the output: `site.js` behind the words that it says, the program's own
    style sheets and scripts without comments."""

    code = StageCode(("pipeline.statics",), (), ("pipeline.builder.stages.files",))
    why = "the file changed"

    def target(self, course: Course, item: str) -> str:
        return f"{STATIC_FOLDER}/{course.static_names[item]}"

    def source(self, course: Course, item: str) -> str:
        return os.fspath(course.statics[item])

    def title(self, graph: Graph, item: str) -> str:
        return item

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        course = graph.course
        try:
            path, head = course.statics[item], course.static_head(item)
            if not item.endswith(NAMED_AFTER_CONTENT):
                return (digest_file(path, head), b"")
            source = path.read_bytes()
            return (digest_of(head + source), _whose(course, item, source))
        except (KeyError, OSError):
            return (b"", b"")

    def settings_of(self, item: str) -> tuple[str, ...]:
        return ("language",) if item == SCRIPT_NAME else ()

    def depends_on_code(self, item: str) -> bool:
        return item.endswith(NAMED_AFTER_CONTENT)

    def make(self, graph: Graph, item: str) -> None:
        course, target = graph.course, self.target(graph.course, item)
        path, head = course.statics[item], course.static_head(item)
        if item.endswith(NAMED_AFTER_CONTENT):
            source = path.read_bytes()
            whose = _whose(course, item, source)
            content = head + (spare_comments(source) if whose else source)
            read, digest = digest_of(head + source), digest_of(content)
            copied = write_target(course.writes_to, target, content)
        else:
            with open(path, "rb") as blocks:
                copied, digest = copy_target(blocks, course.writes_to, target)
            read, whose = digest, b""
        record = Record(self.digest(graph, item, (read, whose)), digest)
        course.state.commit(task_name(self.name, item), record, target=(target, copied, digest))


def _whose(course: Course, name: str, source: bytes) -> bytes:
    """Whether a style sheet or script is the program's own, which another version of the program may have otherwise."""
    return b"original" if course.is_original(name, source) else b""
