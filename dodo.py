"""doit's face: the tasks of a course, in the order in which a lesson walks through them.

doit                            build content/ into output/, only what an edit reaches
doit content=DIR output=DIR     build another course; it has a state of its own
doit list --all --status        every task and whether it is up to date

| tasks    | one for each     | come after                                                 |
|----------|------------------|------------------------------------------------------------|
| clear    |                  |                                                            |
| repair   | lessons          | its source                                                 |
| parse    | lessons          | its `repair`                                               |
| markdown | lessons          | clear; its `parse`                                         |
| asset    | assets           | clear; its source                                          |
| static   | statics          | clear; its source                                          |
| index    | sections         | the `parse` and `index` of what it lists                   |
| render   | pages            | clear, index, markdown, asset, static; what the page shows |
| site     | site files       | clear, index                                               |
| former   | the whole course | clear, index, render                                       |
| search   | the whole course | clear, index                                               |
| repairs  | report files     | clear, repair, parse                                       |
| prune    |                  | all of these                                               |
| report   |                  | all of these                                               |

The rows are in `pipeline/builder/tasks.py`; `doit info render:a/b` shows the edges of one task. Tasks of one's own are
functions below, as in any `dodo.py`.
"""

from pathlib import Path

from pipeline.builder.runs.session import run_from_command_line

COURSE = run_from_command_line(Path(__file__).resolve().parent)
DOIT_CONFIG = COURSE.doit_config
globals().update(COURSE.creators)
