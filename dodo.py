"""doit's face: the tasks of the course, from `pipeline/tasks.py`, and below them room for one's own.

doit                            build content/ into output/, only what an edit reaches
doit content=DIR output=DIR     build another course; it has a state of its own
doit list --all --status        every task and whether it is up to date
"""

from pathlib import Path

from pipeline.tasks import define_tasks

globals().update(define_tasks(Path(__file__).resolve().parent))
