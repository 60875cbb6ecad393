"""Commands of doit that make no tasks.

course_here.py  of which course a command is
nightly.py      `doit nightly`
history.py      `doit history`
schedule.py     `doit schedule`
"""
