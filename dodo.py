"""doit's face: the tasks of a course, in the order in which a lesson walks through them.

doit                            build content/ into output/, only what an edit reaches
doit content=DIR output=DIR     build another course; it has a state of its own
doit list --all --status        every task and whether it is up to date
"""

from pathlib import Path

from pipeline.builder.runs.run import run_from_command_line

COURSE = run_from_command_line(Path(__file__).resolve().parent)
DOIT_CONFIG = COURSE.doit_config


def task_settings():
    """tell why the course cannot be opened"""
    yield from COURSE.tasks.settings()


def task_clear():
    """forget lessons that are gone, and delete what stands in the way of new files"""
    yield from COURSE.tasks.clear()


def task_repair():
    """decode the bytes of each lesson and undo its damage"""
    yield from COURSE.tasks.repair()


def task_parse():
    """turn each repaired lesson into HTML and facts"""
    yield from COURSE.tasks.parse()


def task_index():
    """list each section's lessons and sub-sections"""
    yield from COURSE.tasks.index()


def task_render():
    """write each lesson's and each section's page"""
    yield from COURSE.tasks.render()


def task_asset():
    """copy images and other files"""
    yield from COURSE.tasks.asset()


def task_static():
    """copy the site's own style sheets"""
    yield from COURSE.tasks.static()


def task_site():
    """write the course tree, the sitemap and other files for the whole site"""
    yield from COURSE.tasks.site()


def task_former():
    """lead from former paths of lessons to the present ones"""
    yield from COURSE.tasks.former()


def task_search():
    """write the index for the search box, as far as it changed"""
    yield from COURSE.tasks.search()


def task_repairs():
    """report what was damaged and how it was read"""
    yield from COURSE.tasks.repairs()


def task_prune():
    """delete pages and files whose source is gone"""
    yield from COURSE.tasks.prune()


def task_lexicon():
    """count the course's own sound words (on request only)"""
    yield from COURSE.tasks.lexicon()


def task_redirects():
    """write the renames that builds saw into redirects.toml (on request only)"""
    yield from COURSE.tasks.redirects()


def task_report():
    """tell every fault that is left"""
    yield from COURSE.tasks.report()
