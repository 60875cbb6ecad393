"""The edges: files, state, doit. Everything with a side effect lives here.

sweep.py        the content folder -> what is in it
plan.py         what is in it -> the pages and files to make, and who owns which target
state.py        what was made of what, in one SQLite file
files.py        reading sources, writing targets atomically
fingerprint.py  the code, templates and versions a stage depends on
course.py       one course: its folders, settings, plan and state
site.py         what links may lead to
graph.py        what each task is made from, and whether that has changed
steps.py        the actions: read the inputs, call the stage, write the result
tasks.py        the doit tasks
doit_hooks.py   doit's backend, checker and reporter
"""
