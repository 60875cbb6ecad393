"""A course published while nobody looks on: the steps of a night, and what they share.

settings.py     what pyproject.toml says of it
night.py        one run: source, build, releases, record, notice
source.py       git: fetched, and taken over where it only went forward
releases.py     the output -> a release folder, to which one link is switched; and back
manifest.py     what a release was made from, and what it keeps of the ones before
verify.py       a clean build elsewhere, held against the release
faults.py       what a build told -> codes, and what has not been told yet
history.py      a row for each run, and its log
programs.py     commands of the maintainer, and git, which a signal ends
ending.py       how a run ends before its time
plot.py         rows of the history -> an SVG
timetable.py    when a schedule runs
jobs.py         a schedule -> systemd units, crontab lines, a workflow
installed.py    schedules put in place, looked up and removed
"""
