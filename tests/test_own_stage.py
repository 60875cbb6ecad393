"""A stage of one's own: one row of the task definitions, one module. What lists, runs, skips, explains and prunes the
tasks of a course knows it by its row."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import Project, read_tree

MODULE = '''"""Count the words of each lesson, for its page and for programs."""

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.course.stage import Stage
from pipeline.builder.disk.files import digest_of, write_target
from pipeline.builder.state.state import Record
from pipeline.paths import task_name
from pipeline.values import RepairedLesson, decode


class Words(Stage):
    code = StageCode(actions=("words",))
    why = "its repaired text or the code changed"
    is_shown = True

    def target(self, course, item):
        return f"{item}.words"

    def edges(self, graph, item, chosen, *, is_listed):
        return [task_name("repair", item)]

    def gather(self, graph, item):
        repaired = graph.course.state.record(task_name("repair", item))
        return (repaired.digest if repaired else b"",)

    def causes(self, graph, item, changes):
        return [(item, "repaired text")] if changes.is_repaired_otherwise(item) else []

    def make(self, graph, item):
        state, task, target = graph.course.state, task_name(self.name, item), self.target(graph.course, item)
        stored = state.value(task_name("repair", item))
        count = str(len(decode(RepairedLesson, stored).text.split()))
        graph.course.claim(target, task)
        stamp, digest = write_target(graph.course.writes_to, target, count.encode()), digest_of(count.encode())
        record = Record(self.inputs_digest(graph, item), digest, facts=count)
        state.commit(task, record, target=(target, stamp, digest))
'''
ROW = 'Definition("words", "count the words of each lesson", "words:Words", LESSONS, ("parse",))'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A course whose `dodo.py` has one row more, with the module beside it."""
    project = Project(tmp_path / "project")
    dodo = (project.root / "dodo.py").read_text("utf-8")
    dodo = dodo.replace(
        "COURSE = run_from_command_line(Path(__file__).resolve().parent)",
        "from pipeline.builder.tasks import LESSONS, TASKS, Definition, add_stage\n\n"
        f"ROWS = add_stage(TASKS, {ROW})\n"
        "COURSE = run_from_command_line(Path(__file__).resolve().parent, ROWS)",
    )
    assert "ROWS)" in dodo
    (project.root / "dodo.py").write_text(dodo, "utf-8")
    (project.root / "words.py").write_text(MODULE, "utf-8")
    project.write("a.md", "# Bài\n\nHai từ.\n")
    project.write("b/c.md", "# Bài khác\n\nNăm từ nữa là đủ.\n")
    yield project
    sys.modules.pop("words", None)
    sys.path[:] = [path for path in sys.path if path != str(project.root)]
    importlib.invalidate_caches()


def show_words(project: Project) -> None:
    """Have each lesson's page say how many words it has."""
    template = project.root / "templates" / "lesson.html"
    text = template.read_text("utf-8")
    assert text.count("{{ body }}") == 1
    template.write_text(text.replace("{{ body }}", "<p>{{ stage_facts.words }} words</p>{{ body }}"), "utf-8")


def test_a_stage_is_listed_built_skipped_explained_and_pruned(project: Project) -> None:
    listed = project.doit("list", "--all", "--status").text
    assert "R words:a.md" in listed
    assert re.search(r"^R words +count the words of each lesson$", listed, re.M)
    assert "repair:b/c.md" in project.doit("info", "words:b/c.md").text

    first = project.build()
    assert {"words:a.md", "words:b/c.md"} <= set(first.executed)
    assert (project.output / "a.md.words").read_text() == "4"
    assert project.build().executed == []

    project.write("a.md", "# Bài\n\nBốn từ ở đây.\n")
    assert "words:a.md: the repaired text of a.md changed\n" in project.doit("explain").text
    second = project.build()
    assert "words:a.md" in second.executed
    assert "words:b/c.md" not in second.executed
    assert (project.output / "a.md.words").read_text() == "6"

    (project.output / "a.md.words").write_text("7")  # not what was written
    assert project.build().executed == ["words:a.md"]
    assert (project.output / "a.md.words").read_text() == "6"

    (project.content / "a.md").unlink()
    project.build()
    assert not (project.output / "a.md.words").exists()
    assert (project.output / "b" / "c.md.words").exists()
    project.doit("clean", "words")
    assert not (project.output / "b" / "c.md.words").exists()
    assert project.build().executed == ["words:b/c.md"]


def test_a_page_shows_what_a_stage_left_of_its_lesson(project: Project) -> None:
    show_words(project)
    project.build()
    assert "<p>4 words</p>" in (project.output / "a.html").read_text("utf-8")

    project.write("a.md", "# Bài\n\nBốn từ ở đây.\n")
    project.build()
    assert "<p>6 words</p>" in (project.output / "a.html").read_text("utf-8")
    assert "<p>8 words</p>" in (project.output / "b" / "c.html").read_text("utf-8")


def test_a_changed_stage_makes_its_tasks_stale_and_the_pages_that_show_them(project: Project) -> None:
    show_words(project)
    project.build()
    (project.root / "words.py").write_text(MODULE.replace("count = str(len(", "count = str(100 + len("), "utf-8")
    sys.modules.pop("words")
    from pipeline.builder.course import fingerprint

    fingerprint._module.cache_clear()
    run = project.build()
    assert run.stages() == {"words", "render"}
    assert "<p>104 words</p>" in (project.output / "a.html").read_text("utf-8")


HELPERS = {
    "beside it": ("words", "counting", "import counting"),
    "in a folder": ("words", "tools.counting", "from tools import counting"),
    "in a folder within, asked for late": (
        "words",
        "tools.of_words.counting",
        "    import tools.of_words.counting as counting",
    ),
    "beside it in a folder": ("stages.words", "stages.counting", "from . import counting"),
    "in another folder": ("stages.words", "tools.counting", "from tools.counting import measure"),
}
"""Where a stage is, and a module that it imports, and how."""


@pytest.mark.parametrize("where", HELPERS)
def test_whatever_a_stage_imports_from_the_project_is_a_part_of_its_code(project: Project, where: str) -> None:
    stage, helper, imports = HELPERS[where]
    call = "measure" if imports.endswith("measure") else "counting.measure"
    code = MODULE.replace("str(len(decode", f"str({call}(decode").replace('("words",)', f'("{stage}",)')
    if imports[0] == " ":
        code = code.replace("        stored =", f"    {imports}\n        stored =")
    else:
        code = code.replace("from pipeline.paths", f"{imports}\nfrom pipeline.paths")
    (project.root / "words.py").unlink()
    paths = {name: project.root / f"{name.replace('.', '/')}.py" for name in (stage, helper)}
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    paths[stage].write_text(code, "utf-8")
    dodo = project.root / "dodo.py"
    dodo.write_text(dodo.read_text("utf-8").replace('"words:Words"', f'"{stage}:Words"'), "utf-8")
    for added in (0, 100):
        paths[helper].write_text(f"def measure(words):\n    return {added} + len(words)\n", "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "doit"], cwd=project.root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert (project.output / "a.md.words").read_text() == str(added + 4)
    again = subprocess.run(
        [sys.executable, "-m", "doit"], cwd=project.root, capture_output=True, text=True, check=False
    )
    assert "nothing to do" in again.stdout


def test_an_incremental_build_with_it_equals_a_clean_one(project: Project) -> None:
    show_words(project)
    project.build()
    project.write("a.md", "# Bài\n\nBa từ thôi.\n")
    (project.content / "b" / "c.md").rename(project.content / "d.md")
    project.build()
    assert read_tree(project.output) == project.clean_build()
