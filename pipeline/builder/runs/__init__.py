"""A run of doit over a course.

seal.py         what everything looked like when a build was finished
moved.py        the same by contents, where everything was moved to another place
run.py          one run: opened, locked, compared with the seal, sealed again
doit_course.py  a course as `dodo.py` hands it to doit
doit_tasks.py   the task definitions as tasks of doit
partial.py      after a finished build, the tasks that what differs can reach
session.py      a command of doit at work on a course: all tasks, some, or none
builds.py       a course built again and again in one process
doit_loader.py  doit's task loader, begun earlier
doit_private.py  what doit has no plug-in point for
doit_hooks.py   what doit knows of tasks, those of a person's own among them
reporter.py     doit's reporters: what a run tells
helpful.py      what every command of them has: its help, a slip in a line, a reader that leaves
commands.py     what the course's commands have in common
listing.py      `doit list` and `doit clean`
reasons.py      why a task is stale, in words
standing.py     how many warnings stand
variables.py    what `doit name=value` may say
explain.py      the command `doit explain`: a rehearsal of the next run
checking.py     a course that was built -> every finding, by the list of checks
"""
