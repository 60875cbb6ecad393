"""What the tasks do.

steps.py        read the inputs, call the stage, write the result: one function a stage
search_index.py the search index, which has files for words and not for lessons
redirects.py    the pages at former paths of lessons, and the note of what was renamed
chores.py       the actions that are no stage: prune, report, lexicon, clean
"""

TOLD_KEY, FAILED_KEY, REPAIRED_KEY, WARNED_KEY = "told", "failed", "repaired", "warned"
"""Under these names an action returns what is to be told about its lesson, and its warnings: how many are of it alone,
and those that other lessons may have too, of which each is told and counted once. Those about the whole course, which a
page tells along with them, are not among them."""
