"""The documents: each command line in them runs, and they are a course that this project builds."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from building import PROJECT, Project, some_of_many
from doit.doit_cmd import DoitMain

from pipeline.builder.disk.location import Location
from pipeline.builder.runs.builds import Builds
from pipeline.builder.tasks import PRUNE, REPORT, SETTINGS, TASKS
from pipeline.commands import COMMANDS
from pipeline.commands.plugins import DOIT_PLUGINS
from pipeline.repair.codepages import Channel, damage

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCS = PROJECT / "docs"
PROGRAM = "lesson-pipeline"
# What a reader has before a guide begins.
LESSONS = {
    "lessons/a.md": "# A\n\nText.\n",
    "old/mkdocs.yml": "site_name: Old\n",
    "old/docs/index.md": "# Old\n\nText.\n",
    "damaged/a.md": damage("# Học tập\n\nĐây là bài học.\n", Channel("cp1252", "keep")),
}


def command_lines(name: str) -> list[str]:
    """The command lines of a document, in order: those in blocks of `sh`, and indented ones that begin with the program."""
    text = (PROJECT / name).read_text("utf-8")
    found = [(block.start(1), block[1]) for block in re.finditer(r"^```sh\n(.*?)^```$", text, re.S | re.M)]
    found += [(line.start(1), line[1]) for line in re.finditer(rf"^    ({PROGRAM}\b.*|cd [\w-]+)$", text, re.M)]
    return [line.partition("  #")[0].strip() for _, block in sorted(found) for line in block.splitlines()]


DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted(DOCS.glob("*.md")))]
WITH_COMMANDS = [name for name in DOCUMENTS if command_lines(name)]


def test_the_table_in_dodo_names_each_task() -> None:
    table = re.findall(r"^\| (\w+) +\|.*\| +(.*?) *\|$", (PROJECT / "dodo.py").read_text("utf-8"), re.M)[1:]
    rows = [row for row in TASKS if row.is_default and row.name != SETTINGS]
    assert [name for name, _ in table] == [row.name for row in rows]
    said = dict(table)
    assert all(said[row.name] == "all of these" for row in rows if row.name in (PRUNE, REPORT))
    for row in rows:
        others = [name for name in row.after if name not in said[row.name]]
        assert not others or said[row.name] == "all of these", row.name


class Reader:
    """Someone who types what a document says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in LESSONS.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")

    def type(self, line: str) -> str:
        """What the program says; it must end well."""
        program, *arguments = shlex.split(line)
        if program == "cd":
            self.folder /= arguments[0]
            return ""
        assert program == PROGRAM, line
        command = [sys.executable, "-m", "pipeline", *arguments]
        env = os.environ | {"PYTHONPATH": str(PROJECT), "BROWSER": "true"}
        if arguments[:1] == ["serve"]:
            with subprocess.Popen(command, cwd=self.folder, env=env, stdout=subprocess.PIPE, text=True) as served:
                assert served.stdout is not None
                said = next((line for line in served.stdout if "http://" in line), "")
                served.terminate()
            assert said, line
            return said
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout


def test_who_types_what_the_tutorial_says_has_a_course(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    lines = command_lines("docs/tutorial.md")
    said = [reader.type(line) for line in lines]
    assert reader.folder.name == "my-course"
    assert (reader.folder / "content/02_loops/01_while_you_wait.md").is_file(), "as the tutorial calls it"
    assert (reader.folder / "content/02_loops/02_for_each.md").is_file()
    builds = [answer for line, answer in zip(lines, said) if line == PROGRAM]
    assert ["nothing to do" in answer for answer in builds] == [False, True]


def test_the_guides_have_command_lines() -> None:
    assert {"docs/how-to.md", "docs/tutorial.md", "README.md"} <= set(WITH_COMMANDS)


@pytest.mark.parametrize("name", [name for name in WITH_COMMANDS if name != "docs/tutorial.md"])
def test_each_command_line_of_a_document_runs(tmp_path: Path, name: str) -> None:
    reader = Reader(tmp_path)
    lines = command_lines(name)
    if "cd my-course" not in lines:  # its guides are for a course that is there
        reader.type(f"{PROGRAM} new .")
    for line in lines:
        if line.split()[1:2] == ["repair"] and reader.folder != tmp_path:
            shutil.copytree(tmp_path / "damaged", reader.folder / "damaged", dirs_exist_ok=True)
        reader.type(line)


TYPED_RE = re.compile(r"^(?:    |.*?`)(?:time -v )?(?:doit|lesson-pipeline)((?: [^`\n#]*)?)`?", re.M)
BENCH_RE = re.compile(r"\b(bench/\w+\.py)([^`\n#]*)")
OPTION_RE = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")


def test_each_option_that_a_document_names_is_known() -> None:
    """Also of the command lines that no test can run, such as those for a cluster, a timer or a measurement."""
    known = dict[str, set[str]]()
    unknown = []
    for name in DOCUMENTS:
        text = (PROJECT / name).read_text("utf-8")
        for arguments in TYPED_RE.findall(text):
            verb = next(
                (word for word in arguments.split()[:1] if re.fullmatch(r"[a-z-]+", word) and word[0] != "-"), "run"
            )
            options = OPTION_RE.findall(arguments)
            if options and verb not in known:
                command = [sys.executable, "-m", "pipeline", "help", verb]
                shown = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
                known[verb] = set(OPTION_RE.findall(shown)) | {"--help", "--version"}
            unknown += [(name, verb, option) for option in options if option not in known[verb]]
        for script, arguments in BENCH_RE.findall(text):
            there = set(OPTION_RE.findall((PROJECT / script).read_text("utf-8")))
            unknown += [(name, script, option) for option in OPTION_RE.findall(arguments) if option not in there]
    assert len(known) > 3
    assert unknown == []


def test_every_command_of_the_program_and_its_options_are_documented() -> None:
    reference = (DOCS / "reference.md").read_text("utf-8")
    for name in COMMANDS:
        section = reference.partition(f"### {PROGRAM} {name}\n")[2].partition("\n### ")[0]
        for arguments in ([name], ["new", "lesson"]) if name == "new" else ([name],):
            shown = subprocess.run(
                [sys.executable, "-m", "pipeline", *arguments, "--help"],
                cwd=PROJECT,
                capture_output=True,
                text=True,
                check=True,
            )
            options = set(re.findall(r"(--[a-z-]+)", shown.stdout)) - {"--help"}
            assert options
            assert options <= set(re.findall(r"(--[a-z-]+)", section)), name


def test_one_table_says_whose_each_command_is() -> None:
    reference = (DOCS / "reference.md").read_text("utf-8")
    rows = re.findall(r"^\| (.*) \| ((?:lesson-pipeline|doit)(?:, in .*?)?) \| ", reference, re.M)
    said = [(name, whose) for cell, whose in rows for name in re.findall(r"`([^`]+)`", cell)]
    doits, ours = {kind.get_name() for kind in DoitMain.DOIT_CMDS}, set(DOIT_PLUGINS["command"])
    owners = {
        "lesson-pipeline": set(COMMANDS),
        "lesson-pipeline, in doit": ours - doits,
        "doit, in the course's way": ours & doits,
        "doit": doits - ours,
    }
    assert sorted(said) == sorted((name, whose) for whose, names in owners.items() for name in names)


def test_no_document_says_what_the_program_no_longer_is() -> None:
    documents = [PROJECT / "README.md", *DOCS.glob("*.md")]
    assert [path.name for path in documents if "python -m pipeline" in path.read_text("utf-8")] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents, built as a course; what they lead to in the project is there too."""
    top = tmp_path_factory.mktemp("docs")
    location = Location(top, DOCS, top / "site")
    outcome = Builds(location).run()
    assert outcome.told["errors"] == []
    assert outcome.told["warnings"] == []
    return location.output


def test_every_document_is_a_page_and_no_program_is_copied(site: Path) -> None:
    assert {path.stem for path in site.glob("*.html")} == {path.stem for path in DOCS.glob("*.md")} | {"404"}
    assert list(site.glob("*.py")) == []
    home = (site / "index.html").read_text("utf-8")
    assert home.index('href="tutorial.html"') < home.index('href="how-to.html"') < home.index('href="reference.html"')


def test_a_check_of_the_documents_finds_nothing(project: Project) -> None:
    shutil.copytree(DOCS, project.content, dirs_exist_ok=True)
    checked = project.doit("check")
    assert (checked.status, checked.text.split(", ")[1:]) == (0, ["nothing to mend\n"]), checked.text


@pytest.mark.deep
def test_its_html_is_sound(site: Path) -> None:
    from browsing import check_html

    assert check_html(site) == []


@pytest.mark.parametrize("page", some_of_many(sorted(path.stem for path in DOCS.glob("*.md")), "reference", "tutorial"))
def test_it_has_no_barrier_and_complains_of_nothing(site: Path, window: Page, axe: str, page: str) -> None:
    from browsing import Visit, serve
    from test_reading import violations

    with serve(site) as base:
        visit = Visit(window, base)
        visit.go(f"{page}.html")
        assert violations(window, axe) == []
        visit.check()
        visit.leave()
