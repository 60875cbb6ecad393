"""Exactly what an edit reaches is executed: each row of the table, counted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from building import PROJECT, Project, read_tree

from pipeline.builder.disk.location import Location

LESSONS = {
    "index.md": "# Khóa học\n\nTrang chủ.\n",
    "a/lesson_1.md": "# Một\n\nBài một. Còn nữa.\n",
    "a/lesson_2.md": "# Hai\n\nBài hai.\n\n## Phần\n\nChữ.\n",
    "a/lesson_10.md": "# Mười\n\nBài mười.\n",
    "b/other.md": "# Khác\n\nBài khác. [hai](../a/lesson_2.md#phần)\n",
    "b/deep/x.md": "# Sâu\n\nBài sâu.\n",
}
TREE, SEARCH = "site:_site/tree.js", "search:all"
A_PAGES = {"render:a/lesson_1", "render:a/lesson_2", "render:a/lesson_10"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    for path, text in LESSONS.items():
        project.write(path, text)
    project.build()
    return project


@pytest.fixture
def built(finished: Project, tmp_path: Path, way: str) -> Project:
    """A course that was built."""
    return finished.reopened(tmp_path / "project", way)


def test_nothing_runs_when_nothing_changed(built: Project) -> None:
    assert built.build().executed == []


def test_nothing_runs_after_a_touch(built: Project) -> None:
    for path in built.content.rglob("*.md"):
        path.touch()
    assert built.build().executed == []


def test_nothing_runs_in_a_clone_with_a_copied_state_folder(built: Project, tmp_path: Path) -> None:
    clone = tmp_path / "elsewhere" / "clone"
    copy = built.copy_to(clone, with_times=False)
    assert copy.build().executed == []
    copy.write("a/lesson_1.md", LESSONS["a/lesson_1.md"] + "\nThêm.\n")
    assert len(copy.build().executed) == 5


def test_a_body_edit_runs_the_lessons_four_tasks_and_the_search_index(built: Project) -> None:
    built.write("a/lesson_2.md", LESSONS["a/lesson_2.md"] + "\nThêm một câu.\n")
    assert built.build().executed == [
        "repair:a/lesson_2.md",
        "parse:a/lesson_2.md",
        "markdown:a/lesson_2.md",
        "render:a/lesson_2",
        SEARCH,
    ]


def test_a_first_sentence_runs_the_lists_that_show_it_and_no_sibling(built: Project) -> None:
    built.write("a/lesson_2.md", LESSONS["a/lesson_2.md"].replace("Bài hai.", "Câu đầu mới."))
    assert set(built.build().executed) == {
        "repair:a/lesson_2.md",
        "parse:a/lesson_2.md",
        "markdown:a/lesson_2.md",
        "render:a/lesson_2",
        "index:a",
        "render:a/index",
        SEARCH,
    }


def test_an_edit_that_repairs_to_the_same_text_stops_there(built: Project) -> None:
    text = "# Hai\n\nQuán café.\n"
    built.write("a/lesson_2.md", text)
    built.build()
    damaged = text.replace("Quán café", "Quán café".encode().decode("cp1252"))
    built.write("a/lesson_2.md", damaged)
    assert built.build().executed == ["repair:a/lesson_2.md", "repairs:index.html", "repairs:report.json"]


def test_an_edit_that_parses_to_the_same_page_stops_there(built: Project) -> None:
    built.write("b/other.md", LESSONS["b/other.md"].replace("\n\n", "\n\n\n\n") + "\n\n")
    assert built.build().executed == ["repair:b/other.md", "parse:b/other.md", "markdown:b/other.md"]


def test_a_title_edit_runs_the_section_and_its_lessons_but_not_the_parent(built: Project) -> None:
    built.write("a/lesson_2.md", LESSONS["a/lesson_2.md"].replace("# Hai", "# Số hai"))
    assert set(built.build().executed) == {
        "repair:a/lesson_2.md",
        "parse:a/lesson_2.md",
        "markdown:a/lesson_2.md",
        "index:a",
        "render:a/index",
        *A_PAGES,
        TREE,
        SEARCH,
    }


def test_the_title_of_a_section_at_the_top_is_in_the_tree_of_every_page(built: Project) -> None:
    built.write("a/index.md", "# Phần A\n\nNói về A.\n")
    executed = set(built.build().executed)
    assert executed == {
        "repair:a/index.md",
        "parse:a/index.md",
        "markdown:a/index.md",
        "index:a",
        "index:.",
        "render:a/index",
        "render:b/index",
        "render:b/other",
        "render:b/deep/index",
        "render:b/deep/x",
        "render:index",
        *A_PAGES,
        TREE,
        SEARCH,
    }


def test_the_title_of_a_deeper_section_runs_what_shows_it(built: Project) -> None:
    built.write("b/deep/index.md", "# Phần sâu\n\nNói về nó.\n")
    built.build()
    built.write("b/deep/index.md", "# Phần rất sâu\n\nNói về nó.\n")
    assert set(built.build().executed) == {
        "repair:b/deep/index.md",
        "parse:b/deep/index.md",
        "markdown:b/deep/index.md",
        "index:b/deep",
        "index:b",
        "render:b/deep/index",
        "render:b/deep/x",
        "render:b/index",
        TREE,
        SEARCH,
    }


def test_a_heading_that_is_linked_to_runs_the_page_that_links(built: Project) -> None:
    built.write("a/lesson_2.md", LESSONS["a/lesson_2.md"].replace("## Phần", "## Phần mới"))
    run = built.build()
    assert set(run.executed) == {
        "repair:a/lesson_2.md",
        "parse:a/lesson_2.md",
        "markdown:a/lesson_2.md",
        "render:a/lesson_2",
        "render:b/other",
        SEARCH,
    }
    assert "content/b/other.md:3:17: warning: 'a/lesson_2.md' has no heading '#phần'" in run.text


def test_an_added_lesson_runs_itself_its_section_and_the_pages_that_list_it(built: Project) -> None:
    built.write("a/lesson_3.md", "# Ba\n\nBài ba.\n")
    assert set(built.build().executed) == {
        "repair:a/lesson_3.md",
        "parse:a/lesson_3.md",
        "markdown:a/lesson_3.md",
        "render:a/lesson_3",
        "index:a",
        "index:.",
        "render:a/index",
        "render:index",  # it counts the lessons
        *A_PAGES,
        TREE,
        SEARCH,
    }


def test_a_removed_lesson_takes_its_page_and_empty_folders_with_it(built: Project) -> None:
    (built.content / "b/deep/x.md").unlink()
    executed = set(built.build().executed)
    assert not (built.output / "b/deep").exists()
    assert executed >= {"prune", "index:b", "render:b/index", TREE, SEARCH}
    assert "render:b/other" not in executed


def test_a_moved_lesson_runs_both_sections(built: Project) -> None:
    (built.content / "a/lesson_1.md").rename(built.content / "b/lesson_1.md")
    executed = set(built.build().executed)
    assert 'url=../b/lesson_1.html"' in built.page("a/lesson_1.html"), "its old address leads to it"
    assert {"clear", "index:a", "index:b", "render:b/lesson_1", "render:b/other", "former:all"} <= executed
    assert not any("deep" in task for task in executed)


def test_a_file_that_the_project_did_not_write_is_never_deleted(built: Project) -> None:
    foreign = built.output / "a" / "CNAME"
    foreign.write_text("example.org")
    shutil.rmtree(built.content / "a")
    built.build()
    assert foreign.read_text() == "example.org"
    assert not (built.output / "a/lesson_1.html").exists()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("lesson.html", {"render:b/other", "render:b/deep/x", *A_PAGES}),
        (
            "section.html",
            {"render:index", "render:a/index", "render:b/index", "render:b/deep/index"},
        ),
        ("home.html", {"render:index"}),
    ],
)
def test_a_template_runs_the_pages_that_use_it(built: Project, template: str, expected: set[str]) -> None:
    path = built.root / "templates" / template
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert set(built.build().executed) == expected


def test_a_style_sheet_has_another_name_when_it_has_changed_and_every_page_says_so(built: Project) -> None:
    path = built.root / "templates" / "static" / "site.css"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    run = built.build()
    assert run.stages() == {"prune", "static", "render", "repairs", "site"}
    assert [task for task in run.executed if task.startswith("static")] == ["static:site.css"]
    assert len(list((built.output / "_static").glob("site.*.css"))) == 1


@pytest.mark.parametrize(
    ("setting", "stages"),
    [
        ('repair = "off"', {"repair"}),
        ('markers = ["Other"]', {"repair", "parse"}),
        ('title = "Tên khác"', {"render", "repairs", "site", "search"}),
        ('base_url = "https://example.org"', {"render", "site"}),
        ('edit_url = "https://example.org/edit"', {"render"}),
        ("strict = false", set()),
        ('ignore = ["*.tmp"]', set()),
    ],
)
def test_a_setting_runs_the_stages_that_read_it(built: Project, setting: str, stages: set[str]) -> None:
    built.write("course.toml", setting + "\n")
    assert built.build().stages() == stages


def test_editing_a_template_comment_stops_at_the_pages(built: Project) -> None:
    before = read_tree(built.output)
    path = built.root / "templates" / "lesson.html"
    path.write_text(path.read_text("utf-8") + "{# note #}", "utf-8")
    assert built.build().stages() == {"render"}
    assert read_tree(built.output) == before


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("pipeline/section.py", {"index", "render"}),
        ("pipeline/parse/front_matter.py", {"parse"}),
        ("pipeline/repair/off.py", {"repair"}),
        ("pipeline/report.py", {"repair", "repairs"}),
        pytest.param("pipeline/search/labels.py", {"search"}, marks=pytest.mark.deep),
        pytest.param("pipeline/sitewide/tree.py", {"site", "former"}, marks=pytest.mark.deep),
        ("pipeline/page/fill.py", {"render", "repairs", "site", "former"}),
        ("pipeline/settings.py", set()),
        pytest.param("pipeline/builder/runs/doit_tasks.py", set(), marks=pytest.mark.deep),
    ],
)
def test_editing_a_module_runs_the_stages_that_use_it(
    own_code: Project, tmp_path: Path, module: str, stages: set[str]
) -> None:
    project = own_code.copy_to(tmp_path / "project")
    path = project.root / module
    path.write_text(path.read_text("utf-8") + "\n# a comment\n", "utf-8")
    assert _stages(_doit_elsewhere(project.root)) == stages


@pytest.fixture(scope="module")
def own_code(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built course with a pipeline of its own."""
    project = Project(tmp_path_factory.mktemp("own") / "project")
    project.write("a.md", "# A\n\nText.\n")
    shutil.copytree(PROJECT / "pipeline", project.root / "pipeline")
    assert {"repair", "parse", "index", "render"} <= _stages(_doit_elsewhere(project.root))
    copy = project.copy_to(project.root.with_name("copy"))
    assert _stages(_doit_elsewhere(copy.root)) == set()
    return copy


def test_another_version_of_a_package_runs_the_stages_that_call_it(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.builder.course import fingerprint

    real = fingerprint.installed_version
    monkeypatch.setattr(fingerprint, "installed_version", lambda name: "99" if name.lower() == "jinja2" else real(name))
    assert built.build().stages() == {"render", "repairs", "site", "former"}
    monkeypatch.setattr(fingerprint, "installed_version", lambda name: "99" if name == "ftfy" else real(name))
    assert built.build().stages() == {"repair", "render", "repairs", "site", "former"}


def test_the_versions_are_those_that_python_knows() -> None:
    from importlib import metadata

    from pipeline.builder.course import fingerprint

    versions = dict(line.split(" ") for line in fingerprint.every_version())
    assert len(versions) > 10
    assert versions == {name: metadata.version(name) for name in versions}
    assert fingerprint.installed_version("no-such-thing") == "absent"


def test_two_processes_build_the_same_site(built: Project) -> None:
    shutil.rmtree(built.output)
    shutil.rmtree(built.root / ".lesson-pipeline")
    process = subprocess.run(
        [sys.executable, "-m", "doit", "-n", "2"],
        cwd=built.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert read_tree(built.output) == built.clean_build()
    assert built.build().executed == []


def test_an_edit_after_a_seal_is_built_by_two_processes_as_by_one(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.builder.course.ahead.FEWEST_JOBS", 1)
    built.write("a/lesson_2.md", LESSONS["a/lesson_2.md"].replace("# Hai", "# Số hai"))
    stale = built.doit("-n", "2")
    assert stale.status == 0, stale.text
    assert read_tree(built.output) == built.clean_build()
    assert built.build().executed == []


def test_workers_that_are_started_afresh_build_the_same_site(built: Project) -> None:
    """Python 3.14 does not fork workers: all they get comes by pickle."""
    code = (
        "import multiprocessing, sys\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('forkserver')\n"
        "    from pipeline.builder.course import ahead\n"
        "    from pipeline.builder.disk import sweep\n"
        "    ahead.FEWEST_JOBS, sweep.RACY_NS = 1, 0\n"
        "    from doit.doit_cmd import DoitMain\n"
        "    sys.exit(DoitMain().run(['-n', '2', '-r', 'tasks']))\n"
    )
    (built.root / "afresh.py").write_text(code, "utf-8")
    built.write("a/lesson_2.md", LESSONS["a/lesson_2.md"].replace("# Hai", "# Số hai"))
    process = subprocess.run([sys.executable, "afresh.py"], cwd=built.root, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "render:a/lesson_10" in process.stdout
    assert read_tree(built.output) == built.clean_build()
    assert built.build().executed == []


def _doit_elsewhere(root: Path) -> str:
    """Run doit in a new process that imports the pipeline from `root`."""
    process = subprocess.run(
        [sys.executable, "-m", "doit", "-r", "tasks"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": os.fspath(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def _stages(text: str) -> set[str]:
    return {line[3:].partition(":")[0] for line in text.splitlines() if line.startswith(".  ")} - {"static"}


def test_compiled_templates_are_kept_for_the_next_process_in_each_language(project: Project) -> None:
    folder = Location(project.root, project.content, project.output).state_folder / "templates"
    kept = dict[str, int]()
    for language, words in (("vi", "Chữ."), ("vi", "Chữ khác."), ("en", "Words.")):
        project.write("course.toml", f'language = "{language}"\n')
        project.write("a.md", f"# A\n\n{words}\n")
        project.build()
        now = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
        assert [name for name in now if f"-{language}-" in name]
        assert now.items() >= kept.items(), "what is there is used, not written anew"
        kept = now
