"""The task definitions: every task of a course, in the order in which a run asks for them.

A row says what there is a task for, and which groups of tasks come before it. What a stage is made from and what it
does is in the module that the row names, which is imported when it is first asked for. So a stage of one's own is one
row and one module; what lists, runs, skips, explains and prunes tasks asks the rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

CLEAR, PRUNE, REPORT, SETTINGS = "clear", "prune", "report", "settings"
LEXICON, REDIRECTS = "lexicon", "redirects"

LESSONS, SECTIONS, PAGES, ASSETS = "lessons", "sections", "pages", "assets"
STATICS, SITE_FILES, REPORT_FILES, WHOLE = "statics", "site files", "report files", "the whole course"
"""What a stage has a task for each of (`Plan.items`)."""

_STAGES = "pipeline.builder.stages"


class Definition(NamedTuple):
    """One task, or one group of tasks."""

    name: str
    doc: str
    work: str = ""
    """What does it, as `module:name`: a class of stages, or a chore. `settings` only fails."""
    items: str = ""
    """What a stage has a task for each of; `""` for a chore, which is one task."""
    after: tuple[str, ...] = ()
    """The tasks and groups that come first, whatever the item; a stage may name more for each item."""
    is_default: bool = True
    """Whether `doit` runs it when no task is named."""


_ON_THE_WAY = (
    Definition(
        CLEAR,
        "forget lessons that are gone, and delete what stands in the way of new files",
        f"{_STAGES}.chores:CLEARING",
    ),
    Definition("repair", "decode the bytes of each lesson and undo its damage", f"{_STAGES}.lesson:Repair", LESSONS),
    Definition("parse", "turn each repaired lesson into HTML and facts", f"{_STAGES}.lesson:Parse", LESSONS),
    Definition(
        "markdown",
        "write each lesson's repaired Markdown beside its page",
        f"{_STAGES}.lesson:Markdown",
        LESSONS,
        (CLEAR, "parse"),
    ),
    Definition("asset", "copy images and other files", f"{_STAGES}.files:Asset", ASSETS, (CLEAR,)),
    Definition("static", "copy the site's own style sheets", f"{_STAGES}.files:Static", STATICS, (CLEAR,)),
    Definition("index", "list each section's lessons and sub-sections", f"{_STAGES}.pages:Index", SECTIONS),
    Definition(
        "render",
        "write each lesson's and each section's page",
        f"{_STAGES}.pages:Render",
        PAGES,
        # Titles come from the index, and a link may lead to any lesson: all are parsed first.
        (CLEAR, "index", "markdown", "asset", "static"),
    ),
    Definition(
        "site",
        "write the course tree, the sitemap and other files for the whole site",
        f"{_STAGES}.site:Site",
        SITE_FILES,
        (CLEAR, "index"),
    ),
    Definition(
        "former",
        "lead from former paths of lessons to the present ones",
        f"{_STAGES}.former:Former",
        WHOLE,
        (CLEAR, "index", "render"),
    ),
    Definition(
        "search",
        "write the index for the search box, as far as it changed",
        f"{_STAGES}.search:Search",
        WHOLE,
        (CLEAR, "index"),
    ),
    Definition(
        "repairs",
        "report what was damaged and how it was read",
        f"{_STAGES}.site:Repairs",
        REPORT_FILES,
        (CLEAR, "repair", "parse"),
    ),
)
_NAMES = tuple(row.name for row in _ON_THE_WAY)
TASKS = (
    Definition(SETTINGS, "show why the course cannot be opened"),
    *_ON_THE_WAY,
    Definition(PRUNE, "delete pages and files whose source is gone", f"{_STAGES}.chores:PRUNING", after=_NAMES),
    Definition(REPORT, "show every fault that is left", f"{_STAGES}.chores:REPORTING", after=(*_NAMES, PRUNE)),
    Definition(
        LEXICON,
        "count the words of the sound lessons into content/lexicon.tsv (on request only)",
        f"{_STAGES}.chores:COUNTING",
        after=("repair",),
        is_default=False,
    ),
    Definition(
        REDIRECTS,
        "write the renames that builds saw into content/redirects.toml (on request only)",
        f"{_STAGES}.chores:NOTING",
        is_default=False,
    ),
)
"""A page is written when what it shows is there, and nothing is deleted before what refers to it is written anew: a
reader never has a page without its style."""


class Definitions:
    """The rows of one course."""

    def __init__(self, rows: Iterable[Definition]) -> None:
        self.rows = {row.name: row for row in rows}
        self.default = [row.name for row in self.rows.values() if row.is_default]
        """What `doit` runs when no task is named."""

    def has(self, task: str) -> bool:
        """Whether a task is one of the course's, by its name or that of its group.

        >>> tasks = Definitions(TASKS)
        >>> tasks.has("render:a/b"), tasks.has("publish"), tasks.has("publish:render")
        (True, False, False)
        """
        return task.partition(":")[0] in self.rows

    @cached_property
    def stages(self) -> dict[str, Any]:
        """The stages by name."""
        return {row.name: self.work(row.name)(row) for row in self.rows.values() if row.items}

    def work(self, name: str) -> Any:
        """What does a task: a class of stages, or a chore."""
        module, _, attribute = self.rows[name].work.partition(":")
        return getattr(import_module(module), attribute)


def add_stage(rows: Iterable[Definition], stage: Definition) -> tuple[Definition, ...]:
    """The rows with one more stage, behind the last of those that it comes after. What tidies up and reports comes
    after it too.

    >>> rows = add_stage(TASKS, Definition("words", "count words", "words:Words", LESSONS, ("parse",)))
    >>> [row.name for row in rows][3:6], "words" in rows[-3].after
    (['parse', 'words', 'markdown'], True)
    """
    found = [row._replace(after=(*row.after, stage.name)) if row.name in (PRUNE, REPORT) else row for row in rows]
    names = [row.name for row in found]
    place = max((names.index(name) for name in stage.after), default=names.index(CLEAR)) + 1
    return (*found[:place], stage, *found[place:])
