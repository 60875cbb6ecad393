"""The stages of files for the whole site: the course tree, the sitemap and others, and the report of repairs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.reads import LISTED, TITLE, TITLES
from pipeline.builder.course.stage import LOOK, PLACES, Stage
from pipeline.builder.disk.files import digest_of, write_target
from pipeline.builder.state.state import Record
from pipeline.paths import MISSING_NAME, REPORT_FOLDER, ROBOTS_NAME, SITE_TEMPLATES, TREE_NAME, task_name
from pipeline.values import encode

if TYPE_CHECKING:
    from pipeline.builder.course.changes import Cause, Changes
    from pipeline.builder.course.course import Course
    from pipeline.builder.course.graph import Graph


class WholeFile(Stage):
    """A stage whose every task writes one file that is made from the whole course."""

    def text(self, graph: Graph, item: str) -> str:
        """What the file says."""
        raise NotImplementedError

    def make(self, graph: Graph, item: str) -> None:
        content, target = self.text(graph, item).encode("utf-8", "replace"), self.target(graph.course, item) or ""
        stamp = write_target(graph.course.writes_to, target, content)
        digest = digest_of(content)
        record = Record(self.inputs_digest(graph, item), digest)
        graph.course.state.commit(task_name(self.name, item), record, target=(target, stamp, digest))


class Site(WholeFile):
    """What every section lists -> a file for the whole site."""

    code = StageCode(("pipeline.sitewide",), ("Jinja2", "markupsafe"), ("pipeline.builder.stages.site",))
    settings = ("title", "language", "base_url", "last_updated", *PLACES)
    why = "the title or place of a page, a template or a setting changed"
    known_after = "index"
    has_styles = True

    def title(self, graph: Graph, item: str) -> str:
        return "a file for the whole site"

    def settings_of(self, item: str) -> tuple[str, ...]:
        return _SETTINGS.get(item, self.settings)

    def target(self, course: Course, item: str) -> str:
        return item

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        return (graph.whole.site_digest(item),)

    def template(self, graph: Graph, item: str) -> str:
        return SITE_TEMPLATES.get(item) or ""

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        return why_site(changes)

    def is_reached(self, changes: Changes) -> bool:
        return bool(changes.listed_otherwise())

    def text(self, graph: Graph, item: str) -> str:
        return graph.whole.site_text(item)


_SETTINGS = {
    ROBOTS_NAME: ("base_url", "language"),
    TREE_NAME: ("title", "language", *PLACES),
    MISSING_NAME: ("title", "language", "base_url", "quick_links", *PLACES, *LOOK),
}
"""The settings that some of the files are made from."""


def why_site(changes: Changes) -> list[Cause]:
    """What of the titles and places of pages has changed."""
    kinds = (TITLE, TITLES, LISTED)
    return [cause for key, why in changes.keys().items() if key[0] in kinds for cause in why]


class Repairs(WholeFile):
    """The damage of every lesson -> the report, as a page and as JSON."""

    code = StageCode(("pipeline.report",), ("Jinja2", "markupsafe"), ("pipeline.builder.stages.site",))
    settings = ("title", "language", *LOOK)
    why = "a repair, a template or a setting changed"
    known_after = "parse"
    has_styles = True

    def title(self, graph: Graph, item: str) -> str:
        return "what was damaged and how it was read"

    def target(self, course: Course, item: str) -> str:
        return f"{REPORT_FOLDER}/{item}"

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        return (encode(graph.whole.report_values()),)

    def template(self, graph: Graph, item: str) -> str:
        return "repairs.html"

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        return [(path, "repaired text") for path in changes.lessons if changes.is_repaired_otherwise(path)]

    def is_reached(self, changes: Changes) -> bool:
        return changes.is_account_changed() or bool(changes.listed_otherwise())

    def text(self, graph: Graph, item: str) -> str:
        from pipeline.report import render_report, report_json

        inputs, templates = graph.whole.report_inputs(), graph.course.location.template_folders
        return report_json(inputs) if item.endswith(".json") else render_report(inputs, templates)
