"""What a shortcut must not overlook: each of these once left a wrong site behind, or deleted too much."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import Project, die_before_record, read_tree
from hypothesis import given
from hypothesis import strategies as st

from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.stages import action

TEXT = "Một câu đủ dài để làm tóm tắt."
DAMAGED = "# Hong\n\nHá»c vÃ\xa0 lÃ\xa0m.\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    project.write("a/mot.md", f"---\naliases: [cu/mot.md]\n---\n# Một\n\n{TEXT}\n")
    project.write("a/hai.md", f"# Hai\n\n{TEXT}\n")
    project.write("b/hong.md", DAMAGED)
    project.write("b/tep.txt", b"one")
    project.build()
    return project


@pytest.fixture
def built(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A course whose build is sealed at once."""
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    return finished.reopened(tmp_path / "project", "sealed")


def check(project: Project) -> None:
    assert read_tree(project.output) == project.clean_build()
    assert project.build().executed == []


def edit(project: Project, path: str = "a/hai.md") -> None:
    project.write(path, f"# Hai\n\n{TEXT} Thêm.\n")


@pytest.mark.parametrize("fate", ["gone", "cut short", "garbage", "older"])
def test_a_seal_without_its_state_is_worth_nothing(built: Project, fate: str) -> None:
    (state,) = (built.root / ".lesson-pipeline").glob("content-output-*/state.sqlite3")
    older = state.read_bytes()
    edit(built, "a/mot.md")
    built.build()
    built.build()
    for path in state.parent.glob("state.sqlite3-*"):
        path.unlink()
    content = {"gone": None, "cut short": older[:5000], "garbage": b"x" * 9000, "older": older}[fate]
    if content is None:
        state.unlink()
    else:
        state.write_bytes(content)
    edit(built)
    (built.content / "b/hong.md").unlink()
    built.build()
    check(built)


@pytest.mark.parametrize("tasks", [("search",), ("former",), ("repair",), ("render", "site"), ()])
def test_what_was_cleaned_is_made_again(built: Project, tasks: tuple[str, ...]) -> None:
    built.doit("clean", *(tasks or ("--clean-all",)))
    built.build()
    check(built)


def test_a_page_of_a_killed_build_goes_when_its_lesson_becomes_a_draft(built: Project) -> None:
    built.write("a/moi.md", f"# Mới\n\n{TEXT}\n")
    die_before_record(built, "render:a/moi")
    assert (built.output / "a/moi.html").exists()
    built.write("a/moi.md", f"---\ndraft: true\n---\n# Mới\n\n{TEXT}\n")
    built.build()
    assert not (built.output / "a/moi.html").exists()
    check(built)


def test_a_page_of_a_killed_build_goes_with_a_lesson_that_was_a_draft_before(built: Project) -> None:
    built.write("a/hai.md", f"---\ndraft: true\n---\n# Hai\n\n{TEXT}\n")
    built.build()
    built.build()
    edit(built)
    die_before_record(built, "render:a/hai")
    (built.content / "a/hai.md").unlink()
    built.build()
    assert not (built.output / "a/hai.html").exists()
    check(built)


def test_a_file_that_somebody_put_in_the_place_of_a_draft_stays(built: Project) -> None:
    built.write("a/nhap.md", f"---\ndraft: true\n---\n# Nháp\n\n{TEXT}\n")
    built.build()
    (built.output / "a/nhap.html").write_text("mine")
    (built.content / "a/nhap.md").unlink()
    built.build()
    assert built.page("a/nhap.html") == "mine"


@pytest.mark.parametrize("path", ["a/hai.md", "b/tep.txt"])
def test_a_link_out_of_the_course_is_refused_after_a_seal_too(built: Project, path: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Bí mật\n")
    (built.content / path).unlink()
    (built.content / path).symlink_to(secret)
    run = built.doit()
    assert run.status == 1
    assert "symbolic link that leaves the course" in run.text
    assert not any("mật".encode() in content for content in read_tree(built.output).values())


def test_a_template_that_is_edited_while_a_build_runs_is_used_by_the_next(built: Project) -> None:
    built.write("course.toml", 'title = "Tên khác"\n')
    template = built.root / "templates/base.html"
    real, done = action.run_step, 0

    def run_and_edit(*task: Any) -> dict[str, Any]:
        nonlocal done
        result = real(*task)
        done += str(task[1]) == "render"
        if done == 1:
            template.write_text(template.read_text("utf-8").replace("<header", "<header data-new"), "utf-8")
            done += 1
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(action, "run_step", run_and_edit)
        built.doit("-n", "1")
    built.build()
    assert "data-new" in built.page("a/index.html")
    assert "data-new" in built.page("404.html")
    check(built)


def test_a_lesson_whose_ending_changes_its_case_stays_in_the_index(built: Project) -> None:
    (built.content / "a/hai.md").rename(built.content / "a/hai.MD")
    built.build()
    check(built)


def test_nothing_of_the_course_can_stand_in_the_search_index(built: Project) -> None:
    built.write("_search/index.js", b"mine")
    run = built.doit()
    assert run.status == 1
    assert "_search: '_search' is a folder of the site's own" in run.text
    assert "courseSearch" in built.page("_search/index.js")


def test_a_quick_link_finds_its_folder_in_any_unicode_form(built: Project) -> None:
    folder = unicodedata.normalize("NFD", "bài học")
    built.write(f"{folder}/index.md", f"# Bài học\n\n{TEXT}\n")
    built.write("course.toml", 'quick_links = ["bài học"]\n')
    built.build()
    built.build()
    built.write(f"{folder}/index.md", f"# Bài học mới\n\n{TEXT}\n")
    built.build()
    assert ">Bài học mới</a>" in built.page("a/hai.html")
    check(built)


def test_a_former_path_that_was_mended_is_no_longer_told(built: Project) -> None:
    built.write("course.toml", "strict = true\n")
    built.write("a/hai.md", f"---\naliases: [a/mot.md]\n---\n# Hai\n\n{TEXT}\n")
    run = built.doit()
    assert run.status == 1
    assert "a/hai.md:2: warning: the former path 'a/mot.md' is that of 'a/mot.html'" in run.text
    edit(built)
    built.build()


def test_two_former_paths_that_cannot_both_be_are_told_and_one_is_made(built: Project) -> None:
    built.write("a/hai.md", f"---\naliases: [old/x, old/x.html/y]\n---\n# Hai\n\n{TEXT}\n")
    assert "the former path 'old/x.html/y' is that of 'a/hai.md'" in built.build().text
    assert (built.output / "old/x.html").is_file()
    check(built)


def test_a_new_file_may_stand_where_a_redirect_stood(built: Project) -> None:
    built.write("cu", b"a file where the folder of a redirect was")
    assert built.doit().status == 0
    assert (built.output / "cu").read_bytes() == b"a file where the folder of a redirect was"
    check(built)


def test_the_sites_own_file_wins_in_any_letter_case(built: Project) -> None:
    before = built.page("robots.txt")
    built.write("Robots.txt", b"User-agent: *\n")
    assert built.doit().status == 1
    assert built.page("robots.txt") == before
    assert not [path for path in built.output.iterdir() if path.name == "Robots.txt"]


def test_json_is_json_on_a_terminal_that_knows_ascii_only(built: Project) -> None:
    built.write("a/hai.md", f"# Hai 🔍\n\n{TEXT} [é](không-có.md)\n")
    process = subprocess.run(
        [sys.executable, "-m", "doit", "-r", "json"],
        cwd=built.root,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert "không-có.md" in json.loads(process.stdout)["warnings"][0]


def test_explain_changes_nothing_when_a_fault_is_left(built: Project) -> None:
    built.write("a/hai.md", b"\0")
    built.doit()
    first = built.doit("explain").text
    assert built.doit("explain").text == first
    executed = built.doit().executed
    assert [line.split(": ")[0] for line in first.splitlines() if line] == executed


LESSON, OTHER = "repair:a/hai.md", "repair:b/hong.md"
SHORT_WAY: dict[str, tuple[Callable[[Project], object], set[str]]] = {
    "body": (edit, {LESSON}),
    "title": (lambda course: course.write("a/hai.md", f"# Số hai\n\n{TEXT}\n"), {LESSON}),
    "added": (lambda course: course.write("a/ba.md", f"# Ba\n\n{TEXT}\n"), {"repair:a/ba.md"}),
    "removed": (lambda course: (course.content / "a/hai.md").unlink(), set()),
    "moved": (lambda course: (course.content / "a/hai.md").rename(course.content / "b/x.md"), {"repair:b/x.md"}),
    "file": (lambda course: course.write("b/tep.txt", b"two"), {"asset:b/tep.txt"}),
    "spoiled page": (lambda course: (course.output / "a/hai.html").write_bytes(b"x"), set()),
}


@pytest.mark.parametrize("name", SHORT_WAY)
def test_after_a_seal_only_what_a_difference_can_reach_is_asked(built: Project, name: str) -> None:
    """If sealing stopped, or the short way were never taken, the same site would come out, only later."""
    change, asked = SHORT_WAY[name]
    assert len(list((built.root / ".lesson-pipeline").glob("content-output-*/seal"))) == 1
    change(built)
    run = built.build()
    assert run.executed
    assert asked <= set(run.loaded)
    assert OTHER not in run.loaded
    built.build()  # a rename is noted among the sources, which this one sees
    assert built.build().loaded == []


@pytest.mark.parametrize("name", ["course.toml", "template"])
def test_what_can_reach_everything_has_everything_asked(built: Project, name: str) -> None:
    if name == "course.toml":
        built.write("course.toml", 'title = "Tên khác"\n')
    else:
        path = built.root / "templates" / "lesson.html"
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert {LESSON, OTHER} <= set(built.build().loaded)


HEAVY = """ftfy jinja2 latex2mathml lxml markdown markupsafe nh3 pygments sqlite3 yaml
    pipeline.builder.stages.action pipeline.builder.course.stage pipeline.builder.course.course pipeline.builder.course.graph pipeline.builder.runs.partial pipeline.builder.runs.moved
    pipeline.builder.runs.doit_tasks pipeline.builder.state pipeline.page pipeline.parse pipeline.repair pipeline.search"""


def test_a_run_with_nothing_to_do_makes_no_task_opens_no_course_and_imports_nothing_heavy(built: Project) -> None:
    code = (
        "import sys\n"
        "from pipeline.builder.disk import sweep\n"
        "sweep.RACY_NS = 0\n"
        "from doit.doit_cmd import DoitMain\n"
        "status = DoitMain().run([])\n"
        f"print(*sorted(sys.modules.keys() & set({HEAVY.split()!r})))\n"
        "sys.exit(status)\n"
    )

    def run() -> list[str]:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=built.root, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    told, imported = run()
    assert "nothing to do" in told
    assert imported == ""
    edit(built)
    assert {"jinja2", "sqlite3", "pipeline.builder.course.course"} <= set(run()[-1].split()), (
        "with something to do it does"
    )


@given(st.data())
def test_another_process_says_the_same_of_the_output(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder)
        names = data.draw(st.sets(st.sampled_from(["a", "b/c", "b/d", "e/f/g"]), min_size=1))
        for name in names:
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            (output / name).write_text(name)
        written = {name: ((output / name).stat().st_size, (output / name).stat().st_mtime_ns) for name in sorted(names)}
        spoiled = data.draw(st.sets(st.sampled_from(sorted(names))))
        for name in spoiled:
            (output / name).unlink() if data.draw(st.booleans()) else (output / name).write_text("by hand")
        assert set(OutputCheck(output, written).spoiled) == spoiled
