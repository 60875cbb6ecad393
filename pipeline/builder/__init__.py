"""The edges: files, state, doit. Everything with a side effect lives here.

    location.py     the folders of one build, and where its state is
    sweep.py        the content folder -> what is in it
    plan.py         what is in it -> the pages and files to make, and who owns which target
    stamps.py       the state's knowledge of files
    index_tables.py the state's knowledge of the search index
    database.py     the file of the state: opened, checked, begun anew
    state.py        what was made of what: the records in it
    files.py        reading sources, writing targets atomically
    fingerprint.py  the code, templates and versions a stage depends on
    work.py         the part of a task that needs no state, in whatever process
    course.py       one course: its settings, plan and state
    site.py         what links may lead to
    history.py      git's log of the content folder
    inputs.py       what the tasks are made from, as values
    whole.py        the same for the files that there is one of
    ahead.py        that work done ahead, in other processes and in batches
    graph.py        the digests of those values, and whether they have changed
    steps.py        the actions: read the inputs, call the stage, write the result
    search_index.py the action of the search index, which has files for words
    chores.py       the actions that are no stage: prune, report, lexicon, clean
    run.py          one run of doit: opened, locked, sealed
    tasks.py        the doit tasks
    seal.py         what everything looked like when a build was finished
    partial.py      after a finished build, the tasks that what differs can reach
    lock.py         one build of a course at a time
    doit_loader.py  doit's task loader: all tasks, some, or none
    doit_hooks.py   doit's backend and checker
    reporter.py     doit's reporters: what a run tells
    explain.py      the commands `doit explain` and `doit list`: a rehearsal of the next run
    rewrite.py      repaired sources, for the command line

Read in this order, each room uses the ones above it.
"""
