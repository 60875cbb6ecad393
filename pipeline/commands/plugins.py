"""What a course has of doit's plug-in points.

Not entry points, which would be of every doit project of the environment. `pyproject.toml` of a course has the same,
for plain `doit`.
"""

_RUNS = "pipeline.builder.runs"
LOADER = "lesson-pipeline"
DOIT_PLUGINS = {
    "loader": {LOADER: f"{_RUNS}.doit_loader:CourseLoader"},
    "command": {
        "clean": f"{_RUNS}.commands:CleanCourse",
        "dumpdb": f"{_RUNS}.doit_hooks:NoDatabase",
        "explain": f"{_RUNS}.explain:Explain",
        "history": "pipeline.commands.history:ShowHistory",
        "list": f"{_RUNS}.commands:ListCourse",
        "nightly": "pipeline.commands.nightly:Nightly",
        "schedule": "pipeline.commands.schedule:Schedule",
    },
    "reporter": {
        "console": f"{_RUNS}.reporter:CourseReporter",
        "json": f"{_RUNS}.reporter:JsonReporter",
        "tasks": f"{_RUNS}.reporter:TaskReporter",
    },
}
