"""What a course has of doit's plug-in points.

Not entry points, which would be of every doit project of the environment. `pyproject.toml` of a course has the same,
for plain `doit`.
"""

_RUNS = "pipeline.builder.runs"
LOADER = "lesson-pipeline"
DOIT_PLUGINS = {
    "loader": {LOADER: f"{_RUNS}.doit_loader:CourseLoader"},
    "command": {
        "check": "pipeline.commands.check:Check",
        "clean": f"{_RUNS}.listing:CleanCourse",
        "dumpdb": f"{_RUNS}.doit_hooks:NoDatabase",
        "explain": f"{_RUNS}.explain:Explain",
        "forget": f"{_RUNS}.helpful:ForgetHelpfully",
        "history": "pipeline.commands.history:ShowHistory",
        "ignore": f"{_RUNS}.helpful:IgnoreHelpfully",
        "info": f"{_RUNS}.helpful:InfoHelpfully",
        "list": f"{_RUNS}.listing:ListCourse",
        "nightly": "pipeline.commands.nightly:Nightly",
        "run": f"{_RUNS}.helpful:RunHelpfully",
        "schedule": "pipeline.commands.schedule:Schedule",
    },
    "reporter": {
        "console": f"{_RUNS}.reporter:CourseReporter",
        "json": f"{_RUNS}.reporter:JsonReporter",
        "tasks": f"{_RUNS}.reporter:TaskReporter",
    },
}
