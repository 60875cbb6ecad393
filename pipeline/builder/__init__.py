"""The edges: files, state, doit. Everything with a side effect lives here.

    location.py     the folders of one build, and where its state is
    sweep.py        the content folder -> what is in it
    plan.py         what is in it -> the pages and files to make, and who owns which target
    database.py     the file of the state: opened, checked, begun anew
    state.py        what was made of what: the records in it
    files.py        reading sources, writing targets atomically
    fingerprint.py  the code, templates and versions a stage depends on
    work.py         the part of a task that needs no state, in whatever process
    course.py       one course: its settings, plan and state
    site.py         what links may lead to
    inputs.py       what the tasks are made from, as values
    ahead.py        that work done ahead, in other processes and in batches
    graph.py        the digests of those values, and whether they have changed
    steps.py        the actions: read the inputs, call the stage, write the result
    chores.py       the actions that are no stage: prune, report, lexicon, clean
    tasks.py        the doit tasks
    seal.py         what everything looked like when a build was finished
    partial.py      after a finished build, the tasks that what differs can reach
    lock.py         one build of a course at a time
    doit_loader.py  doit's task loader: all tasks, some, or none
    doit_hooks.py   doit's backend, checker and reporter
    explain.py      the command `doit explain`: a rehearsal of the next run
    rewrite.py      repaired sources, for the command line

Read in this order, each room uses the ones above it.
"""
