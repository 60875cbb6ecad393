"""The names of the course's tasks: any other task of `dodo.py` is a person's own."""

PRUNE, REPORT, SETTINGS, LEXICON = "prune", "report", "settings", "lexicon"
DEFAULT_TASKS = [
    SETTINGS,
    PRUNE,
    "repair",
    "parse",
    "asset",
    "index",
    "render",
    "static",
    "site",
    "redirects",
    "search",
    "repairs",
    REPORT,
]
"""What `doit` runs of the course when no task is named: all but `lexicon`."""
COURSE_TASKS = frozenset((*DEFAULT_TASKS, LEXICON))


def is_course_task(name: str) -> bool:
    """Whether a task is one of the course's, by its name or that of its group.

    >>> is_course_task("render:a/b"), is_course_task("publish"), is_course_task("publish:render")
    (True, False, False)
    """
    return name.partition(":")[0] in COURSE_TASKS
