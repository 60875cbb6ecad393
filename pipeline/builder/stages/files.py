"""The stages of files that are copied as they are."""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.stage import Stage
from pipeline.builder.disk.files import copy_target, digest_file
from pipeline.builder.disk.images import image_size
from pipeline.builder.disk.sources import open_source
from pipeline.builder.state.state import Record
from pipeline.paths import STATIC_FOLDER, is_image, task_name
from pipeline.script import SCRIPT_NAME
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
    """A style sheet or script of the site -> the same file in the output, the script behind the words that it says."""

    code = StageCode((), (), ("pipeline.builder.stages.files",))
    why = "the file changed"

    def target(self, course: Course, item: str) -> str:
        return f"{STATIC_FOLDER}/{course.static_names[item]}"

    def source(self, course: Course, item: str) -> str:
        return os.fspath(course.statics[item])

    def title(self, graph: Graph, item: str) -> str:
        return item

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        try:
            return (digest_file(graph.course.statics[item], graph.course.static_head(item)),)
        except (KeyError, OSError):
            return (b"",)

    def settings_of(self, item: str) -> tuple[str, ...]:
        return ("language",) if item == SCRIPT_NAME else ()

    def depends_on_code(self, item: str) -> bool:
        return False

    def make(self, graph: Graph, item: str) -> None:
        course, target = graph.course, self.target(graph.course, item)
        with open(course.statics[item], "rb") as source:
            copied, digest = copy_target(chain((course.static_head(item),), source), course.writes_to, target)
        record = Record(self.digest(graph, item, (digest,)), digest)
        course.state.commit(task_name(self.name, item), record, target=(target, copied, digest))
