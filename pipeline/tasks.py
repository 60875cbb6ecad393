"""The tasks of a course, in the order in which a lesson walks through them: what a `dodo.py` hands to doit.

The first line of a docstring is what `doit list` shows.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.builder.runs.run import run_from_command_line

Tasks = Iterator[dict[str, Any]]


def define_tasks(root: Path) -> dict[str, Any]:
    """The names that a `dodo.py` in the folder `root` takes over with `globals().update`."""
    COURSE = run_from_command_line(root)  # noqa: N806  (a constant of the `dodo.py`)
    DOIT_CONFIG = COURSE.doit_config  # noqa: N806

    def task_settings() -> Tasks:
        """tell why the course cannot be opened"""
        yield from COURSE.tasks.settings()

    def task_clear() -> Tasks:
        """forget lessons that are gone, and delete what stands in the way of new files"""
        yield from COURSE.tasks.clear()

    def task_repair() -> Tasks:
        """decode the bytes of each lesson and undo its damage"""
        yield from COURSE.tasks.repair()

    def task_parse() -> Tasks:
        """turn each repaired lesson into HTML and facts"""
        yield from COURSE.tasks.parse()

    def task_index() -> Tasks:
        """list each section's lessons and sub-sections"""
        yield from COURSE.tasks.index()

    def task_render() -> Tasks:
        """write each lesson's and each section's page"""
        yield from COURSE.tasks.render()

    def task_asset() -> Tasks:
        """copy images and other files"""
        yield from COURSE.tasks.asset()

    def task_static() -> Tasks:
        """copy the site's own style sheets"""
        yield from COURSE.tasks.static()

    def task_site() -> Tasks:
        """write the course tree, the sitemap and other files for the whole site"""
        yield from COURSE.tasks.site()

    def task_former() -> Tasks:
        """lead from former paths of lessons to the present ones"""
        yield from COURSE.tasks.former()

    def task_search() -> Tasks:
        """write the index for the search box, as far as it changed"""
        yield from COURSE.tasks.search()

    def task_repairs() -> Tasks:
        """report what was damaged and how it was read"""
        yield from COURSE.tasks.repairs()

    def task_prune() -> Tasks:
        """delete pages and files whose source is gone"""
        yield from COURSE.tasks.prune()

    def task_lexicon() -> Tasks:
        """count the course's own sound words (on request only)"""
        yield from COURSE.tasks.lexicon()

    def task_redirects() -> Tasks:
        """write the renames that builds saw into redirects.toml (on request only)"""
        yield from COURSE.tasks.redirects()

    def task_report() -> Tasks:
        """tell every fault that is left"""
        yield from COURSE.tasks.report()

    return {name: value for name, value in locals().items() if name != "root"}
