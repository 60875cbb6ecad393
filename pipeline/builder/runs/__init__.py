"""A run of doit over a course.

seal.py         what everything looked like when a build was finished
run.py          one run: opened, locked, compared with the seal, sealed again
tasks.py        the doit tasks
course_task.py  the same in less memory
partial.py      after a finished build, the tasks that what differs can reach
doit_loader.py  doit's task loader: all tasks, some, or none
doit_hooks.py   doit's backend and checker
reporter.py     doit's reporters: what a run tells
explain.py      the commands `doit explain` and `doit list`: a rehearsal of the next run
"""
