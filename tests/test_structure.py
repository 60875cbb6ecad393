"""The house: who may import whom, and what is documented exists."""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib
from graphlib import TopologicalSorter
from importlib import metadata
from pathlib import Path

import pytest
from building import PROJECT
from doit.doit_cmd import DoitMain

from pipeline.builder.course.fingerprint import modules_of
from pipeline.builder.course.plan import BUNDLE
from pipeline.builder.tasks import TASKS, WHOLE, Definitions
from pipeline.commands.plugins import DOIT_PLUGINS
from pipeline.parse.fields import FIELDS
from pipeline.settings import RULES

PACKAGE = PROJECT / "pipeline"
CODES = {name: stage.code for name, stage in Definitions(TASKS).stages.items()}
MODULES = sorted(PACKAGE.rglob("*.py"))
SHARED_VALUES = set(
    "adopt errors legacy lexicon locale look nav paths patterns redirects settings site_values slips statics syllables values".split(),
)
STAGE_NAMES = {"decode", "repair", "parse", "section", "links", "page", "search", "sitewide"}
# the report is a page about repairs; a check reads a lesson as its parse does
MAY_USE = {"report": {"page", "repair"}, "sitewide": {"page"}, "checks": {"checks", "parse", "repair"}}
PURE = STAGE_NAMES | SHARED_VALUES | set(MAY_USE)


@functools.cache
def imports_of(path: Path) -> frozenset[str]:
    """Every module a file imports, wherever in the file."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("room", sorted(PURE))
def test_a_stage_imports_no_other_stage_no_doit_and_nothing_that_writes(room: str) -> None:
    allowed = SHARED_VALUES | MAY_USE.get(room, set()) | ({room} if room in STAGE_NAMES else set())
    paths = [path for path in MODULES if room_of(path) == room]
    assert paths
    for path in paths:
        for name in imports_of(path):
            parts = name.split(".")
            assert parts[0] != "doit", f"{path} imports {name}"
            assert parts[0] not in {"sqlite3", "subprocess", "shutil", "tempfile", "time"}, f"{path} imports {name}"
            if parts[0] == "pipeline" and len(parts) > 1:
                assert parts[1] in allowed, f"{path} imports {name}"


def test_every_room_is_a_stage_or_known_to_be_none() -> None:
    assert {room_of(path) for path in MODULES} == PURE | {
        "__init__",
        "__main__",
        "builder",
        "commands",
        "decisions",
        "nightly",
    }


OPENERS = {
    "builder/stages/files.py": "the project's own style sheets and scripts",
    "builder/course/ahead.py": "parts of an index, beside the state",
    "builder/course/course.py": "the same, to name them after their content",
    "builder/course/fingerprint.py": "code and templates",
    "builder/disk/files.py": "the output",
    "builder/disk/history.py": "git's own files",
    "builder/disk/images.py": "copies in the output",
    "builder/disk/location.py": "the state folder",
    "builder/disk/project.py": "pyproject.toml, which is trusted",
    "builder/disk/lock.py": "the state folder",
    "builder/disk/sources.py": "what a course brings",
    "builder/rewrite.py": "what it has made itself",
    "builder/executors/cluster.py": "templates, to send them",
    "builder/runs/checking.py": "the state folder",
    "builder/runs/doit_private.py": "the null device",
    "commands/check.py": "what stands beside dodo.py",
    "builder/course/known.py": "the state folder",
    "builder/runs/reporter.py": "the null device",
    "builder/runs/moved.py": "code and templates",
    "builder/runs/seal.py": "the state folder",
    "builder/runs/standing.py": "the state folder",
    "builder/state/database.py": "code",
    "nightly/history.py": "the state folder",
    "nightly/installed.py": "schedules",
    "nightly/manifest.py": "releases",
    "nightly/night.py": "the state folder",
    "nightly/programs.py": "the log of a run",
    "nightly/releases.py": "releases",
    "nightly/settings.py": "the project's own settings",
    "locale/__init__.py": "catalogues beside the templates",
    "locale/faults.py": "the same",
    "page/template.py": "templates",
    "repair/emoji.py": "a table of the package",
    "repair/model.py": "a table of the package",
    "repair/plausibility.py": "a table of the package",
    "repair/wordlists.py": "a table of the package",
    "commands/new/course.py": "what a person named, and new files",
    "commands/new/lesson.py": "a new file",
    "commands/serve/__init__.py": "a browser",
    "commands/serve/preview.py": "a lock beside the state",
    "commands/serve/server.py": "the preview's output, and its own script",
}
_OPENING = {"open", "read_text", "read_bytes", "fdopen", "digest_file", "get", "iterparse"}


def test_what_a_course_brings_is_opened_in_one_place() -> None:
    """Elsewhere a pipe would be waited for, a device never end, a link be followed."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            if name not in _OPENING or (name == "get" and "imagesize" not in ast.unparse(node.func)):
                continue
            module = path.relative_to(PACKAGE).as_posix()
            found.add(module)
            if module != "builder/disk/sources.py":
                assert "content" not in ast.unparse(node), f"{module} opens a file of a course"
    assert found == set(OPENERS)


def imports_that_run(path: Path) -> set[str]:
    """The modules of this project that a file imports, wherever in the file, but for types alone."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    names = {
        ".".join(module.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__") for module in MODULES
    }
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (parts & names) | ({node.module} & names if parts - names else set())
    return found


def test_no_modules_import_one_another_in_a_circle() -> None:
    """An import in a function, which is done later, is one too."""
    sorter = TopologicalSorter[str]()
    for path in MODULES:
        name = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        sorter.add(name, *imports_that_run(path) - {name})
    sorter.prepare()  # raises CycleError with the circle


FLOORS = ("tasks", "disk", "state", "course", "stages", "executors", "runs")


@pytest.mark.parametrize("floor", FLOORS)
def test_a_room_of_the_builder_uses_the_ones_above_it(floor: str) -> None:
    paths = sorted((PACKAGE / "builder" / floor).rglob("*.py")) or [PACKAGE / "builder" / f"{floor}.py"]
    assert paths
    for path in paths:
        for name in imports_of(path):
            used = name.split(".")
            if used[:2] == ["pipeline", "builder"] and len(used) > 2:
                assert FLOORS.index(used[2]) <= FLOORS.index(floor), f"{path} imports {name}"


def test_a_room_is_small_and_says_what_it_is_for() -> None:
    texts = {path: path.read_text("utf-8") for path in MODULES}
    assert [path for path, text in texts.items() if text.count("\n") > 500] == []
    assert [path for path, text in texts.items() if not ast.get_docstring(ast.parse(text))] == []


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODULES} - {PACKAGE}), ids=lambda path: path.name)
def test_the_map_of_a_room_names_what_is_in_it(folder: Path) -> None:
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
    named = set(re.findall(r"^ *([a-z_]+)(?:\.py +|/ +| {2,})\S", text, re.M))
    inside = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    inside |= {path.parent.name for path in folder.glob("*/__init__.py")}
    assert named == inside


def test_every_stage_names_the_packages_it_calls() -> None:
    """A version that is not named would not make anything stale."""
    distributions = metadata.packages_distributions()
    own = {"pipeline", "_distutils_hack"}
    for stage, code in CODES.items():
        called = set()
        for module in modules_of(code.modules):
            relative = Path(*module.split(".")[1:])
            candidates = (PACKAGE / relative).with_suffix(".py"), PACKAGE / relative / "__init__.py"
            path = next(path for path in candidates if path.is_file())
            for name in imports_of(path):
                top = name.split(".")[0]
                if top not in sys.stdlib_module_names and top not in own:
                    called.update(distributions[top])
        assert {name.lower() for name in called} <= {name.lower() for name in code.packages}, stage


def test_doit_list_imports_nothing_heavy() -> None:
    """What only a stage needs is imported when the stage runs."""
    import subprocess

    code = (
        "import sys; import pipeline.builder.runs.doit_tasks; "
        "print(*sorted({m.split('.')[0] for m in sys.modules}"
        " & {'markdown','lxml','jinja2','ftfy','nh3','yaml'}))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert output.stdout.split() == []


def test_every_setting_field_and_task_is_documented() -> None:
    reference = (PROJECT / "docs" / "reference.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `([\w:<>]+)`", reference.partition("\n## Commands\n")[0], re.M))
    items = {"index": "<section>"}
    tasks = {
        f"{row.name}:{BUNDLE if row.items == WHOLE else items.get(row.name, '<path>')}" if row.items else row.name
        for row in TASKS
    }
    assert set(RULES) <= documented
    assert set(FIELDS) <= documented
    assert tasks - {"settings"} <= documented
    assert documented <= set(RULES) | set(FIELDS) | tasks


def test_the_readme_begins_with_the_two_commands_and_ci_calls_the_second() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    first, second = re.findall(r"^    (python3 -m venv .*)$", readme, re.M)[:2]
    assert first == "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/doit"
    assert second == ("python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest")
    assert readme.index(first) < 800
    assert second in (PROJECT / ".ci" / "run").read_text("utf-8")


def texts_of(path: Path) -> list[str]:
    """The texts that a module writes or compares, without its docstrings; a formatted one without what is put in."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    left_out = parts | {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
        if id(node) not in left_out:
            texts = [
                piece.value for piece in pieces if isinstance(piece, ast.Constant) and isinstance(piece.value, str)
            ]
            found.append("{}".join(texts))
    return found


def test_a_message_names_no_program_but_the_one_that_was_started() -> None:
    """One who typed `lesson-pipeline` need not know that doit is behind it."""
    commands = [*Definitions(TASKS).rows, *(kind.get_name() for kind in DoitMain.DOIT_CMDS), *DOIT_PLUGINS["command"]]
    typed_re = re.compile(rf"(?<!-m )\bdoit (again|-\S|\w+=|({'|'.join(commands)})\b)")
    named = [(path.name, text) for path in MODULES for text in texts_of(path) if typed_re.search(text)]
    assert typed_re.search("run doit report")
    assert [told for told in named if not told[1].startswith("# ")] == [], "but for comments in files that are written"


def test_every_dependency_is_used() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["serve"]]
    named = {re.split(r"[<>=\[ ]", name)[0].lower() for name in wanted}
    distributions = metadata.packages_distributions()
    used = {
        distribution.lower()
        for path in MODULES
        for name in imports_of(path)
        for distribution in distributions.get(name.split(".")[0], [])
    }
    assert named == used - {"lesson-pipeline"}
