"""doit's face: the tasks of a course, in the order in which a lesson walks through them.

doit                            build content/ into output/, only what an edit reaches
doit content=DIR output=DIR     build another course; it has a state of its own
doit list --all --status        every task and whether it is up to date
"""

from pathlib import Path

from pipeline.builder.runs.tasks import tasks_from_command_line

TASKS = tasks_from_command_line(Path(__file__).resolve().parent)
DOIT_CONFIG = TASKS.doit_config


def task_settings():
    """tell why the course cannot be opened"""
    yield from TASKS.settings()


def task_prune():
    """delete pages and files whose source is gone"""
    yield from TASKS.prune()


def task_repair():
    """decode the bytes of each lesson and undo its damage"""
    yield from TASKS.repair()


def task_parse():
    """turn each repaired lesson into HTML and facts"""
    yield from TASKS.parse()


def task_index():
    """list each section's lessons and sub-sections"""
    yield from TASKS.index()


def task_render():
    """write each lesson's and each section's page"""
    yield from TASKS.render()


def task_asset():
    """copy images and other files"""
    yield from TASKS.asset()


def task_static():
    """copy the site's own style sheets"""
    yield from TASKS.static()


def task_site():
    """write the course tree, the sitemap and other files for the whole site"""
    yield from TASKS.site()


def task_redirects():
    """lead from former paths of lessons to the present ones"""
    yield from TASKS.redirects()


def task_search():
    """write the index for the search box, as far as it changed"""
    yield from TASKS.search()


def task_repairs():
    """report what was damaged and how it was read"""
    yield from TASKS.repairs()


def task_lexicon():
    """count the course's own sound words (on request only)"""
    yield from TASKS.lexicon()


def task_report():
    """tell every fault that is left"""
    yield from TASKS.report()
