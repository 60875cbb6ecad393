"""page -> the tasks whose results it shows, as `doit info` and `doit list --deps` name them.

A run needs no such list: every lesson is parsed and every section listed before the first page is made, and whether
the page is stale is asked of its inputs. It is for people, and gained by making those inputs: who was asked is noted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pipeline.builder.course.site import CourseSite
from pipeline.builder.course.whole import WholeInputs
from pipeline.links import resolve_link
from pipeline.paths import ancestors, section_of, task_name

Found = TypeVar("Found")


class PageReads:
    """Asks the pages of one course, one after the other."""

    def __init__(self, inputs: WholeInputs) -> None:
        self._inputs = inputs
        self._read: dict[str, None] = {}
        self._site = CourseSite(
            inputs.course.plan,
            self._noting("parse", inputs.facts),
            self._noting("index", inputs.is_published_section),
            self._noting("asset", inputs.image_size),
            inputs.former_targets,
            inputs.is_left_out,
        )

    def of(self, page: str) -> list[str]:
        """A page's own parse, its section and those above, and what its links and the quick links lead to."""
        plan = self._inputs.course.plan
        source, section = plan.sources.get(page), plan.section_named(page)
        folder = section_of(page) if section is None else section
        self._read = dict.fromkeys(task_name("index", name) for name in (folder, *reversed(ancestors(folder))))
        if source is not None:
            self._read = {task_name("parse", source): None, **self._read}
            facts = self._inputs.published(source)
            for link in facts.links if facts else ():
                resolve_link(link, source, page, self._site)
        for path in self._inputs.course.settings.quick_links:
            self._inputs.quick_link(path, self._site)
        return list(self._read)

    def _noting(self, stage: str, ask: Callable[[str], Found]) -> Callable[[str], Found]:
        def asked(item: str) -> Found:
            self._read.setdefault(task_name(stage, item))
            return ask(item)

        return asked
