"""One course as a graph of tasks: what each is made from, and whether that has changed.

plan.py         what is in the content folder -> the pages and files to make, and who owns which target
fingerprint.py  the code, templates and versions a stage depends on
work.py         the part of a task that needs no state, in whatever process
course.py       a course opened: its settings, plan and state
site.py         what links may lead to
stage.py        what the builder asks of a stage
inputs.py       what lessons, sections and pages are made from, as values
reads.py        what a page shows of the rest of the course, as keys
changes.py      what has changed -> the keys with another answer, and why
renames.py      lessons that stand elsewhere now
whole.py        the same for the files for the whole site
ahead.py        work done ahead, in other processes and in batches
garbage.py      how often they look for garbage
graph.py        the stages of one course for one run: whether a task is up to date
known.py        what the last build was made with, for people
course_files.py the course's own files beside the lessons
"""
