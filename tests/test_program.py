"""`lesson-pipeline`: which course it works on, from wherever it is started, and what it says where there is none."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from building import PROJECT, Project
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.builder.disk.location import PACKAGE_FOLDER, TEMPLATES_FOLDER
from pipeline.builder.disk.project import FOLDERS, find_project, locate, read_folders
from pipeline.commands import COMMANDS
from pipeline.commands.plugins import DOIT_PLUGINS, LOADER
from pipeline.commands.program import main
from pipeline.errors import SettingsError

TABLE = '[tool.lesson-pipeline]\ncontent = "lessons"\n'


def make(folder: Path, text: str = TABLE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return folder


def test_a_course_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    root = make(tmp_path / "one")
    deep = root / "lessons" / "a" / "b"
    deep.mkdir(parents=True)
    for folder in (root, deep, root / "nowhere"):
        assert find_project(folder) == root
    assert find_project(tmp_path) is None


def test_the_nearest_course_is_meant(tmp_path: Path) -> None:
    make(tmp_path)
    inner = make(tmp_path / "other" / "inner")
    assert find_project(inner) == inner
    assert find_project(inner.parent) == tmp_path


@pytest.mark.parametrize("link", [False, True])
def test_who_may_add_lessons_cannot_have_a_program_of_theirs_run(tmp_path: Path, link: bool) -> None:
    root = make(tmp_path / "one")
    planted = make(root / ("elsewhere" if link else "lessons") / "a")
    if link:
        (root / "lessons").symlink_to(root / "elsewhere")
        planted = root / "lessons" / "a"
    assert find_project(planted) == root


def test_files_of_other_programs_are_passed_by(tmp_path: Path) -> None:
    root = make(tmp_path / "one")
    make(root / "part", "this is no TOML")
    make(root / "part" / "deeper", '[project]\nname = "uses-lesson-pipeline"\n')
    assert find_project(root / "part" / "deeper") == root


WRONG = {
    "not TOML": ('[tool.lesson-pipeline]\ncontent = "a', "this is no TOML"),
    "a name": ('[tool.lesson-pipeline]\ncontnet = "a"', "has no setting 'contnet'\n  hint: did you mean content?"),
    "a number": ("[tool.lesson-pipeline]\noutput = 3", "must be a path in quotes, not 3"),
    "nothing": ('[tool.lesson-pipeline]\noutput = ""', "must be a path in quotes, not ''"),
    "no table": ("[tool]\nlesson-pipeline = 1", "must be a table"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_the_table_is_said_with_its_file(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, message = WRONG[name]
    monkeypatch.chdir(make(tmp_path, text))
    assert main([]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith(f"{tmp_path}/pyproject.toml:")


PIECES = [
    "",
    "# a note",
    '[project]\nname = "x"\nkeywords = [\n  "a",\n]',
    "[tool.ruff]\nline-length = 120",
    "[tool.lesson-pipeline.more]\nx = 1",
    '[[tool.x]]\na = """\n[not a table]\n"""',
]
TABLES = [
    '[tool.lesson-pipeline]\ncontent = "a"',
    '[tool.lesson-pipeline]\n# "quoted"\n\noutput = "b"  # said',
    "[tool.lesson-pipeline]\ncontent = '''\n[x]'''",
    '[ tool . "lesson-pipeline" ]\ncontent = "a"',
    '[tool]\nlesson-pipeline = { content = "c" }',
    '[tool.lesson-pipeline] # said\ncontent = "a"',
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=2),
    st.sampled_from(TABLES),
    st.lists(st.sampled_from(PIECES), max_size=2),
)
@settings(max_examples=200)
def test_the_table_is_read_as_toml_has_it(
    tmp_path_factory: pytest.TempPathFactory, above: list[str], table: str, below: list[str]
) -> None:
    root = tmp_path_factory.mktemp("any")
    text = "\n".join([*above, table, *below, ""])
    (root / "pyproject.toml").write_text(text)
    try:
        said = tomllib.loads(text)["tool"]["lesson-pipeline"]
    except tomllib.TOMLDecodeError:
        return
    if set(said) <= set(FOLDERS):
        assert read_folders(root) == FOLDERS | said


@given(st.binary(max_size=60))
def test_any_file_is_a_course_or_none_or_an_error(tmp_path_factory: pytest.TempPathFactory, written: bytes) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / "pyproject.toml").write_bytes(b"[tool.lesson-pipeline]\n" + written)
    try:
        folders = read_folders(root)
    except SettingsError:
        return
    assert folders is not None
    assert set(folders) == set(FOLDERS)


def test_what_the_command_line_says_of_folders_comes_first(tmp_path: Path) -> None:
    root, package = make(tmp_path / "one"), TEMPLATES_FOLDER
    here = locate(root, {}, tmp_path)
    assert (here.content, here.output) == (root / "lessons", root / "output")
    assert here.template_folders == (root / "templates", package)
    other = locate(root, {"content": "mine/x", "output": "site"}, tmp_path)
    assert (other.content, other.output) == (tmp_path / "mine/x", tmp_path / "site")
    assert other.template_folders == (tmp_path / "mine/templates", root / "templates", package)


NOWHERE = [
    ([], 2, "lesson-pipeline new "),
    (["help"], 0, "lesson-pipeline new "),
    (["list"], 2, "there is no course here, nor in a folder above\n  hint: lesson-pipeline new FOLDER makes one"),
    (["repiar"], 2, "did you mean lesson-pipeline repair?"),
    (["--version"], 0, "lesson-pipeline "),
]


@pytest.mark.parametrize(("arguments", "status", "words"), NOWHERE)
def test_what_is_said_where_there_is_no_course(
    tmp_path: Path,
    arguments: list[str],
    status: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == status
    assert words in "".join(capsys.readouterr())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["serve", "--prot", "8000"], "--port"),
        (["new", "x", "--contnet", "y"], "--content"),
        (["repair", "x", "--to", "y", "--treshold", "0.5"], "--threshold"),
        (["new", "lesson", ".", "T", "--publsh"], "--publish"),
        (["serve", "--xyz"], ""),
        (["new", "lessn", ".", "T"], "lesson-pipeline new lesson"),
        (["new", "sections", ".", "T"], "lesson-pipeline new section"),
    ],
)
def test_a_slip_in_what_a_command_of_its_own_is_told_has_a_hint(
    tmp_path: Path, arguments: list[str], hint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status: object = main(arguments)
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert (f"\n  hint: did you mean {hint}?\n" in capsys.readouterr().err) == (hint != "")
    assert list(tmp_path.iterdir()) == []


def test_plain_doit_has_in_the_clone_what_the_program_has() -> None:
    doit = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["doit"]
    assert doit == {"loader": LOADER, "plugins": DOIT_PLUGINS}


def test_every_command_is_a_module_of_its_name() -> None:
    rooms = {path.stem for path in (PACKAGE_FOLDER / "commands").iterdir() if not path.name.startswith("__")}
    assert set(COMMANDS) <= rooms


# --- what a person gets wrong ---


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("wrong") / "project")
    project.write("a.md", "# A\n\nWords.\n")
    return project


SLIPS = {
    ("chekc",): "did you mean check?",
    ("sreve",): "did you mean serve?",
    ("nwe",): "did you mean new?",
    ("shcedule",): "did you mean schedule?",
    ("explian",): "did you mean explain?",
    ("biuld",): "lesson-pipeline alone builds what is stale",
    ("--verfy",): "option --verfy not recognized\n  hint: did you mean --verify?",
    ("--quickly",): "lesson-pipeline help run shows what there is",
    ("-n", "x"): "--process must be a whole number\n  hint: lesson-pipeline help run shows",
    ("list", "--quickly"): "lesson-pipeline help list shows what there is",
    ("forget", "--quickly"): "lesson-pipeline help forget shows what there is",
    ("check", "--basline"): "did you mean --baseline?",
    ("serve", "--port", "99999"): "",
    ("serve", "--port", "-1"): "",
}


@pytest.mark.parametrize("slip", SLIPS, ids=" ".join)
def test_a_slip_is_a_line_and_what_was_meant(course: Project, slip: tuple[str, ...]) -> None:
    run = start(course.root, *slip)
    assert run.returncode in (2, 3)
    assert SLIPS[slip] in run.stderr
    assert not {"CmdOption", "Traceback"} & set(run.stderr.replace("(", " ").split())


@pytest.mark.parametrize("slip", [("--verfy",), ("run", "--verfy"), ("info", "--verfy"), ("ignore", "--q"), ("-q",)])
def test_plain_doit_shows_nothing_of_its_parser_either(course: Project, slip: tuple[str, ...]) -> None:
    run = subprocess.run([sys.executable, "-m", "doit", *slip], cwd=course.root, capture_output=True, text=True)
    assert run.returncode == 3
    assert run.stderr.count("\n") == 2
    meant = "did you mean --verify?" if "--verfy" in slip else f"doit help {slip[0] if len(slip) > 1 else 'run'} shows"
    assert f"not recognized\n  hint: {meant}" in run.stderr


HINTS = {
    ("content=nowhere",): "lesson-pipeline content=DIR",
    ("output=content/x",): "lesson-pipeline output=DIR",
    ("history", "--json", "--plot"): "lesson-pipeline history -n 10",
    ("history",): "lesson-pipeline nightly",
    ("nightly", "now"): "lesson-pipeline nightly --rollback 2",
    ("schedule",): "lesson-pipeline schedule --at 02:30",
    ("--db-file", "x"): "lesson-pipeline --verify",
    ("serve", "--content", "nowhere"): "lesson-pipeline serve --content FOLDER",
}


@pytest.mark.parametrize("arguments", HINTS, ids=" ".join)
def test_a_hint_is_typed_as_the_program_was(course: Project, arguments: tuple[str, ...]) -> None:
    run = start(course.root, *arguments)
    assert HINTS[arguments] in run.stdout + run.stderr
    assert "doit " not in run.stdout + run.stderr
    assert not (course.root / "nowhere").exists()


BROKEN = {
    "no Python": ("x = (", "this is no Python: "),
    "no name": ("nosuch()", "NameError: name 'nosuch' is not defined"),
}


@pytest.mark.parametrize("command", ["", "list", "check", "nightly", "serve"])
@pytest.mark.parametrize("name", [*BROKEN, "not there"])
def test_what_is_wrong_with_dodo_is_a_line(tmp_path: Path, name: str, command: str) -> None:
    project = Project(tmp_path / "project")
    dodo = project.root / "dodo.py"
    if name in BROKEN:
        text, told = BROKEN[name]
        line = dodo.read_text().count("\n") + 1
        dodo.write_text(f"{dodo.read_text()}{text}\n")
        told = f"{dodo}:{line}: {told}"
    elif command == "serve":
        return  # it needs none
    else:
        dodo.unlink()
        told = f"there is no {dodo}\n  hint: lesson-pipeline new . makes"
    run = start(project.root, *filter(None, [command]))
    assert run.returncode == (2 if command == "serve" else 3)
    assert told in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("arguments", ["help", "--help", "list --all", "new --help", "check --list", "--version"])
def test_a_reader_that_has_had_enough_is_no_fault(course: Project, arguments: str) -> None:
    command = f"{sys.executable} -u -m pipeline {arguments} | true"
    run = subprocess.run(["bash", "-c", command], cwd=course.root, capture_output=True, text=True, check=False)
    assert run.stderr == ""
