"""What each stage is made from and what it does: a module for those that belong together.

lesson.py       repair, parse and markdown: one lesson at a time
pages.py        index and render: sections and pages
files.py        asset and static: files that are copied
site.py         site and repairs: files for the whole site
former.py       pages at former paths
search.py       the search index
search_index.py one update of it
chores.py       the tasks that are no stage: clear, prune, report, lexicon, redirects; and clean
action.py       a stage's task, as doit asks and runs it
"""

TOLD_KEY, FAILED_KEY, WRITTEN_KEY, REPAIRED_KEY, WARNED_KEY = "told", "failed", "written", "repaired", "warned"
"""Under these names an action returns what is to be told about its lesson; whether its file is there, which the page of
a draft is not; and its warnings: how many are of it alone, and those that other lessons may have too, of which each is
told and counted once. Those about the whole course, which a page tells along with them, are not among them."""
NOTES_KEY = "notes"
"""Under this one a chore that was asked for returns what it did, in words."""
