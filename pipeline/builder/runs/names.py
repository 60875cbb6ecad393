"""The names of the course's tasks: any other task of `dodo.py` is a person's own."""

CLEAR, PRUNE, REPORT, SETTINGS = "clear", "prune", "report", "settings"
LEXICON, REDIRECTS = "lexicon", "redirects"
DEFAULT_TASKS = [
    SETTINGS,
    CLEAR,
    "repair",
    "parse",
    "asset",
    "static",
    "index",
    "render",
    "site",
    "former",
    "search",
    "repairs",
    PRUNE,
    REPORT,
]
"""What `doit` runs when no task is named: all but `lexicon` and `redirects`. A page is written when what it shows is
there, and nothing is deleted before what refers to it is written anew: a reader never has a page without its style."""
COURSE_TASKS = frozenset((*DEFAULT_TASKS, LEXICON, REDIRECTS))


def is_course_task(name: str) -> bool:
    """Whether a task is one of the course's, by its name or that of its group.

    >>> is_course_task("render:a/b"), is_course_task("publish"), is_course_task("publish:render")
    (True, False, False)
    """
    return name.partition(":")[0] in COURSE_TASKS
