"""The edges: files, state, doit. Everything with a side effect lives here.

    tasks.py        the task definitions: every task of a course, in order
    disk/           folders, sources and targets
    state/          what was made of what, in one SQLite file
    course/         one course as a graph: what each task is made from, and whether it is up to date
    executors/      who works ahead: processes of this machine, a cluster
    stages/         what each stage is made from and what it does
    runs/           a run of doit: its tasks, what it leaves out, what it tells
    rewrite.py      repaired sources, for the command line

Read in this order, each room uses the ones above it.
"""
