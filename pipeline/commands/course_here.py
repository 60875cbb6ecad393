"""A folder with a `dodo.py` -> the course that it is of."""

from __future__ import annotations

from doit.exceptions import InvalidDodoFile
from doit.loader import get_module

from pipeline.builder.runs.doit_course import DoitCourse
from pipeline.builder.runs.doit_loader import telling_faults
from pipeline.builder.runs.run import CourseRun


def course_here() -> CourseRun:
    """The course of the `dodo.py` beside the pyproject.toml that doit has read, as the command line names it. Nothing
    is opened or locked: the command that asks is none with tasks."""
    with telling_faults("dodo.py"):
        course = getattr(get_module("dodo.py"), "COURSE", None)
    if not isinstance(course, DoitCourse):
        raise InvalidDodoFile("dodo.py has no COURSE")
    return course.run
