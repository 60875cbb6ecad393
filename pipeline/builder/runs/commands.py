"""What the course's commands of doit have in common."""

from __future__ import annotations

from doit.cmd_base import DoitCmdBase

from pipeline.builder.runs.doit_course import DoitCourse
from pipeline.builder.runs.helpful import HelpfulCommand
from pipeline.errors import PipelineError


class CourseCommand(HelpfulCommand, DoitCmdBase):  # type: ignore[misc]
    """One that works on the tasks of a course."""


def course_of(command: DoitCmdBase) -> DoitCourse:
    """The course whose `dodo.py` a command has read."""
    course = command.loader.namespace.get("COURSE")
    if not isinstance(course, DoitCourse):
        raise PipelineError("dodo.py has no COURSE")
    return course
