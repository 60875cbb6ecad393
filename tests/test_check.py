"""`doit check` on whole courses: what it tells, accepts, compares with the past, and mends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from building import Project, read_tree, some_of_many
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.builder.disk.location import Location
from pipeline.builder.runs.checking import KEPT_NAME
from pipeline.commands.check import BASELINE_NAME, _mend_file

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]


@pytest.fixture
def course(tmp_path: Path) -> Project:
    return make_course(tmp_path / "project")


def make_course(folder: Path) -> Project:
    project = Project(folder)
    project.write("course.toml", 'language = "en"\n')
    project.write("index.md", "# Home\n\nWords.\n")
    project.write("a/one.md", "# One\n\nSee [two](two.md) and [three](../b/three.md#part).\n")
    project.write("a/two.md", "# Two\n\nWords.\n")
    project.write("b/three.md", "# Three\n\nWords.\n\n## Part\n\nWords.\n")
    return project


def findings(project: Project, *arguments: str) -> list[tuple[str, int | None, int | None, str]]:
    run = project.doit("check", "--format", "json", *arguments)
    told = json.loads(run.text)["findings"]
    return [(found["path"], found["line"], found["column"], found["code"]) for found in told]


def codes(project: Project, *arguments: str) -> list[str]:
    return [code for _, _, _, code in findings(project, *arguments)]


def test_a_sound_course_has_nothing_to_mend(course: Project) -> None:
    run = course.doit("check")
    assert run.status == 0
    assert run.text == "4 lessons, nothing to mend\n"
    assert (course.output / "a/one.html").is_file(), "what is checked is built"


def test_a_finding_has_its_place_its_code_and_a_hint(course: Project) -> None:
    course.write("a/two.md", "# Two\n\nSee [three](../b/three.md#prat) there.\n")
    run = course.doit("check")
    assert run.status == 1
    assert run.text == (
        "content/a/two.md:3:13: warning: 'b/three.md' has no heading '#prat' [broken-anchor]\n"
        "  hint: did you mean #part?\n4 lessons, 1 warning\n"
    )
    assert course.doit("check", "--format", "github").text == (
        "::warning file=content/a/two.md,line=3,col=13,title=broken-anchor::"
        "'b/three.md' has no heading '#prat'%0Adid you mean #part?\n"
    )
    assert findings(course) == [("content/a/two.md", 3, 13, "broken-anchor")]


def test_what_a_lesson_writes_is_told_without_control_characters(course: Project) -> None:
    course.write("a/two.md", "# Two\n\n```pythn\x1b[2K\nx\n```\n\n[x](gone\x9b2K.md)\n")
    assert not {"\x1b", "\x9b"} & set(course.doit("check").text)


def test_what_stops_a_page_is_a_finding_like_others(course: Project) -> None:
    course.write("a/two.md", b"# Two\n\n\0\n")
    assert course.doit("check").status == 1
    assert ("content/a/two.md", 3, 1, "no-text") in findings(course)


@pytest.mark.parametrize(
    "asked",
    [
        ("--format", "json", "a"),
        ("a", "--format", "json"),
        ("a", "--format=json", "b/three.md"),
        ("--format=json", "a"),
    ],
)
def test_options_may_stand_behind_paths(course: Project, asked: tuple[str, ...]) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n")
    told = json.loads(course.doit("check", *asked).text)["findings"]
    assert [found["path"] for found in told] == ["content/a/two.md"]
    run = course.doit("check", "a", "--fromat=json")
    assert (run.status, "did you mean --format?" in run.text) == (3, True)


def test_notes_do_not_fail(course: Project) -> None:
    course.write("a/x.bin", b"x")
    run = course.doit("check")
    assert run.status == 0
    assert "content/a/x.bin: note: no lesson uses this file [unused-file]" in run.text


@pytest.mark.parametrize(
    ("words", "used"),
    [
        ("![x](fig-1.png)", "fig-1.png"),
        ("<img src='fig-1.png' alt='x'>", "fig-1.png"),
        ("![x][f]\n\n[f]: fig-1.png", "fig-1.png"),
        ("`read('fig-1.png')`", "fig-1.png fig-2.png"),
        ("`fig-*.png`", "fig-1.png fig-2.png"),
        ("`data.csv`", "data.csv"),
        ("[x](data.csv) `*.png`", "data.csv fig-1.png fig-2.png other.png"),
    ],
)
def test_a_file_is_not_used_because_one_beside_it_is(course: Project, words: str, used: str) -> None:
    """But those of a series are, where a lesson names one of them, and not only links to it."""
    files = ["data.csv", "data2.csv", "fig-1.png", "fig-2.png", "other.png"]
    for name in files:
        course.write(f"a/{name}", b"x")
    course.write("a/two.md", f"# Two\n\n{words}\n")
    told = [path.removeprefix("content/a/") for path, _, _, code in findings(course) if code == "unused-file"]
    assert sorted(told + used.split()) == files


def test_a_path_limits_what_is_told(course: Project) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n")
    course.write("b/three.md", "# Three\n\n[x](gone.md)\n\n## Part\n")
    for asked in ("a", "content/a", "a/two.md", os.fspath(course.content / "a")):
        assert {path for path, *_ in findings(course, asked)} == {"content/a/two.md"}
    assert codes(course, "a/one.md") == []


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("nowhere.md", "name it"),
        ("a/twoo.md", "did you mean content/a/two.md?"),
        ("twoo.md", "did you mean content/a/two.md?"),
        ("content/aa/three.md", "did you mean content/b/three.md?"),
        ("dodo.py", "name it"),
        ("..", "name it"),
    ],
)
def test_a_check_of_nothing_does_not_pass(course: Project, named: str, meant: str) -> None:
    run = course.doit("check", named)
    assert run.status == 3
    assert f"there is no file or folder {named!r} in the course\n  hint: {meant}" in run.text


def test_a_path_is_found_from_wherever_the_program_is_started(
    course: Project,
) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n")
    command = [sys.executable, "-m", "pipeline"]
    for named in ("two.md", "a/two.md", "../a", "."):
        run = subprocess.run([*command, "check", named], cwd=course.content / "a", capture_output=True, text=True)
        assert run.stdout.startswith("two.md:3:5: "), "what is told leads from there too"
    for named, status in (("two.md", 0), ("a/two.md", 0), ("tow.md", 3)):
        run = subprocess.run([*command, "explain", named], cwd=course.content / "a", capture_output=True, text=True)
        assert (run.returncode, "no lesson" in run.stderr) == (status, status != 0)
        assert ("did you mean two.md?" in run.stderr) == (status != 0)


def test_the_owner_says_how_grave_and_lessons_switch_off_what_is_no_error(course: Project) -> None:
    course.write("a/two.md", "# Two\n\n![](../b/x.png) `<!-- check: off broken-link -->` [x](gone.md)\n")
    course.write("b/x.png", b"x")
    assert codes(course) == ["missing-alt", "broken-link"]
    off = "<!-- check: off missing-alt broken-link -->\n"
    course.write("a/two.md", f"# Two\n\n![](../b/x.png) [x](gone.md)\n\n{off}")
    assert codes(course) == []
    assert "1 warning" in course.doit("report").text, "a build tells what a build tells"
    text = (course.root / "pyproject.toml").read_text("utf-8")
    table = '\n[tool.lesson-pipeline.check]\nmissing-alt = "error"\nbroken-link = "note"\n'
    (course.root / "pyproject.toml").write_text(text + table, "utf-8")
    assert codes(course) == ["missing-alt"]
    course.write("course.toml", 'language = "en"\n[tool.lesson-pipeline.check]\nmissing-alt = "off"\n')
    assert "missing-alt" in codes(course), "course.toml is where anyone writes"


def test_a_check_that_there_is_not_is_told(course: Project) -> None:
    course.write("a/two.md", "# Two\n\n<!-- check: off broken-lnk -->\n\nWords.\n")
    assert findings(course) == [("content/a/two.md", 3, 17, "unknown-check")]
    table = '\n[tool.lesson-pipeline.check]\nbroken-lnk = "off"\n'
    with (course.root / "pyproject.toml").open("a") as stream:
        stream.write(table)
    run = course.doit("check")
    assert run.status == 3, "it is no finding"
    assert "there is no check 'broken-lnk'\n  hint: did you mean broken-link?" in run.text


def test_the_list_says_what_each_code_means(course: Project) -> None:
    text = course.doit("check", "--list").text
    assert "broken-link (warning): a link leads to no page or file of the course\n    [x](gone.md)\n" in text
    assert not course.output.exists()


def test_a_course_that_cannot_be_opened_is_told(course: Project) -> None:
    course.output.write_text("no folder", "utf-8")
    run = course.doit("check")
    assert run.status == 1
    assert "is a file" in run.text


def test_tasks_of_ones_own_do_not_run(course: Project) -> None:
    with (course.root / "dodo.py").open("a") as stream:
        stream.write("\n\ndef task_own():\n    return {'actions': ['touch ran'], 'uptodate': [False]}\n")
    assert course.doit("check").status == 0
    assert not (course.root / "ran").exists()


# --- the ratchet ---


def test_only_what_is_new_fails_and_what_is_mended_cannot_come_back(course: Project) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n\n[x](gone.md) [y](lost.md)\n")
    assert course.doit("check").status == 1
    assert "3 accepted" in course.doit("check", "--baseline").text
    kept = (course.root / BASELINE_NAME).read_text("utf-8")
    assert kept.count("content/a/two.md\tbroken-link\tlink to 'gone.md' leads nowhere\t") == 2
    assert course.doit("check").text == "4 lessons, nothing new, 3 known\n"
    course.write("a/two.md", "# Two\n\nMore.\n\n[y](lost.md)\n\n[x](gone.md) [x](gone.md) [z](new.md)\n")
    run = course.doit("check")
    assert run.status == 1
    assert [line for line in run.text.splitlines() if "warning: " in line] == [
        "content/a/two.md:7:31: warning: link to 'new.md' leads nowhere [broken-link]"
    ]
    course.write("a/two.md", "# Two\n\n[y](lost.md)\n")
    run = course.doit("check")
    assert (run.status, run.text) == (0, "4 lessons, nothing new, 1 known, 2 mended since they were accepted\n")
    course.write("a/two.md", "# Two\n\n[y](lost.md) [x](gone.md)\n")
    assert codes(course) == ["broken-link"]


@pytest.mark.parametrize("place", some_of_many(["above", "below", "between"], "between"))
@pytest.mark.parametrize("way_of_asking", ["baseline", "since"])
def test_a_finding_that_is_called_as_an_accepted_one_is_told_where_it_is_new(
    course: Project, place: str, way_of_asking: str
) -> None:
    old = ["Some [x](gone.md) here.", "Other [x](gone.md) there."]
    course.write("a/two.md", "# Two\n\n" + "\n\n".join(old) + "\n")
    if way_of_asking == "since":
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
            subprocess.run([*GIT, "-C", os.fspath(course.root), *command], check=True)
    else:
        course.doit("check", "--baseline")
    now = list(old)
    now.insert({"above": 0, "between": 1, "below": 2}[place], "A new [x](gone.md).")
    course.write("a/two.md", "# Two\n\n" + "\n\n".join(now) + "\n")
    asked = ("--since", "HEAD") if way_of_asking == "since" else ()
    (found,) = findings(course, *asked)
    assert found[1] == 3 + 2 * now.index("A new [x](gone.md).")
    if way_of_asking == "baseline":
        course.write("a/two.md", "# Two\n\n" + "\n\n".join(old[1:]) + "\n")
        assert course.doit("check").text == "4 lessons, nothing new, 1 known, 1 mended since they were accepted\n"
        course.write("a/two.md", "# Two\n\n" + "\n\n".join(old) + "\n")
        assert findings(course) == [("content/a/two.md", 3, 10, "broken-link")], "the one that was mended came back"


def test_what_cannot_be_checked_now_stays_accepted_and_is_told(course: Project, way: str) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n")
    course.doit("check", "--baseline")
    kept = (course.root / BASELINE_NAME).read_text("utf-8")
    course.write("a/two.md", b"# Two\n\n\0\n")
    assert course.doit("check").status == 1
    assert (course.root / BASELINE_NAME).read_text("utf-8") == kept


def test_what_was_accepted_is_found_from_wherever_doit_is_started(course: Project, tmp_path: Path) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n")
    course.doit("check", "--baseline")
    assert course.doit("check", "-f", os.fspath(course.root / "dodo.py"), "--dir", os.fspath(course.root)).status == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--baseline", "--fix"), "--baseline and --fix cannot be asked for together\n  hint: mend first with --fix"),
        (("--baseline", "--dry-run"), "--baseline and --fix cannot"),
        (("--baseline", "--since", "HEAD"), "--baseline and --since cannot"),
        (("--baseline", "a"), "--baseline and a path cannot"),
        (("--fix", "--since", "HEAD"), "--fix and --since cannot"),
        (("--fix", "--format", "json"), "--fix and --format cannot"),
    ],
)
def test_of_two_options_none_is_passed_over(course: Project, asked: tuple[str, ...], words: str) -> None:
    path = course.write("a/two.md", "# Two\n\n[x](TWO.md)\n")
    run = course.doit("check", *asked)
    assert (run.status, words in run.text) == (3, True), run.text
    assert path.read_text("utf-8") == "# Two\n\n[x](TWO.md)\n"
    assert not (course.root / BASELINE_NAME).exists()


@pytest.mark.parametrize(
    ("kept", "place", "words"),
    [
        (b"garbage\n", ":1: ", "this is no accepted finding: 'garbage'\n  hint: take the line out"),
        (b"# head\n\na.md\tbroken-link\tm\na.md\tm\n", ":4: ", "this is no accepted finding"),
        (b"<<<<<<< HEAD\na.md\tbroken-link\tm\n", ":1: ", "hint: keep the lines of both sides"),
        (b"\xff\n", ": ", "not UTF-8"),
        (None, ": ", "cannot be read"),
    ],
)
def test_a_file_of_accepted_findings_that_is_none_is_told(
    course: Project, kept: bytes | None, place: str, words: str
) -> None:
    if kept is None:
        (course.root / BASELINE_NAME).mkdir()
    else:
        (course.root / BASELINE_NAME).write_bytes(kept)
    for asked in ((), ("--baseline",)):
        run = course.doit("check", *asked)
        assert (run.status, run.text.startswith(f"{BASELINE_NAME}{place}"), words in run.text) == (3, True, True)
        assert kept is None or (course.root / BASELINE_NAME).read_bytes() == kept


def test_since_tells_what_a_branch_brought(course: Project) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*GIT, "-C", os.fspath(course.root), *command], check=True)
    assert codes(course, "--since", "HEAD") == []
    course.write("a/two.md", "# Two\n\nMore.\n\n[x](gone.md)\n")
    (course.content / "b/three.md").unlink()
    course.write("b/four.md", "# Four\n\nWords.\n")
    assert findings(course, "--since", "HEAD") == [("content/a/one.md", 3, 31, "broken-link")]
    states = [path.name for path in (course.root / ".lesson-pipeline").iterdir() if path.name.startswith("content")]
    assert len(states) == 1, "of the course as it was nothing is left"
    run = course.doit("check", "--since", "nope")
    assert run.status == 3, "it is no finding"
    assert "git knows no revision 'nope'" in run.text
    assert "hint: name a branch, a tag or a commit" in run.text


def test_a_revision_without_the_course_is_told(course: Project) -> None:
    for command in (["init", "-q"], ["commit", "-qm", "x", "--allow-empty"]):
        subprocess.run([*GIT, "-C", os.fspath(course.root), *command], check=True)
    run = course.doit("check", "--since", "HEAD")
    assert run.status == 3
    assert "was not there at revision 'HEAD'\n  hint: name a later revision" in run.text


def test_without_git_there_are_no_revisions(course: Project) -> None:
    run = course.doit("check", "--since", "HEAD")
    assert run.status == 3
    assert run.text.startswith("there is no git repository ")


# --- incremental ---


def test_only_what_an_edit_reaches_is_checked_again(course: Project, way: str) -> None:
    course.write("a/x.png", b"x")
    course.write("b/three.md", "# Three\n\n![](../a/x.png)\n\n## Part\n")
    course.write("a/two.md", "# Two\n\n![](x.png) [x](gone.md)\n")
    assert codes(course) == ["missing-alt", "broken-link", "missing-alt"]
    kept = Location(course.root, course.content, course.output).state_folder / KEPT_NAME
    kept.write_text(kept.read_text("utf-8").replace("has no text", "KEPT"), "utf-8")
    assert course.doit("check").text.count("KEPT") == 2
    course.write("a/two.md", "# Two\n\nMore. ![](x.png)\n")
    assert course.doit("check").text.count("KEPT") == 1
    course.write("a/gone.md", "# Gone\n\n[x](lost.md)\n")
    course.write("b/three.md", "# Three\n\nMore. ![](../a/x.png)\n\n## Part\n")
    assert course.doit("check").text.count("KEPT") == 0


def test_a_file_that_comes_or_goes_is_a_hint_for_links_of_pages_that_stay(course: Project, way: str) -> None:
    course.write("a/two.md", "# Two\n\n[x](gone.md)\n")
    for _ in range(2):
        assert "did you mean" not in course.doit("check").text
    course.write("b/c/gone.md", "# Gone\n\nText.\n")
    run = course.doit("check")
    assert "did you mean ../b/c/gone.md" in run.text
    assert "render:a/two" not in run.executed
    (course.content / "b/c/gone.md").unlink()
    assert "did you mean" not in course.doit("check").text


def test_with_nothing_to_check_no_check_is_imported(course: Project, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    course.doit("check")
    for name in ("pipeline.checks.table", "pipeline.checks.text", "pipeline.slips"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert course.doit("check").text == "4 lessons, nothing to mend\n"
    assert ("pipeline.checks.table" in sys.modules) == (way == "asked"), "without a seal every lesson is checked again"
    assert "pipeline.slips" not in sys.modules or way == "asked"


STEPS = st.sampled_from(
    [
        ("a/one.md", "# One\n\nSee [two](two.md#a) and [x](../b/gone.md).\n"),
        ("a/one.md", "# One\n\nSee [three](../b/three.md#part) ![](x.png).\n"),
        ("a/two.md", "# Two\n\n## A\n\n#### B\n\nx\n"),
        ("a/two.md", "# One\n\nWords [x](THREE.md).\n"),
        ("a/two.md", None),
        ("b/three.md", "# Three\n\nWords.\n"),
        ("b/gone.md", "---\ndraft: true\n---\n# Gone\n\nWords.\n"),
        ("b/gone.md", "# Gone\n\n[x](x.png) <!-- check: off no-words -->\n"),
        ("b/gone.md", None),
        ("a/x.png", b"x"),
        ("a/x.png", None),
        ("a/index.md", "# A\n\n[one](one.md) [two](two.md)\n"),
        ("a/index.md", None),
        ("course.toml", 'language = "en"\nnav = ["a/one.md"]\n'),
        ("course.toml", 'language = "en"\nquick_links = ["gone"]\n'),
        ("b/bad.md", b"\0"),
        ("b/bad.md", None),
    ]
)


@pytest.mark.parametrize("way", some_of_many(["asked", "sealed"], "sealed"), indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(st.lists(STEPS, min_size=1, max_size=6))
def test_what_is_kept_tells_what_a_first_check_tells(
    tmp_path_factory: pytest.TempPathFactory, way: str, steps: list[tuple[str, str | bytes | None]]
) -> None:
    project = Project(tmp_path_factory.mktemp("law") / "project")
    project.write("a/one.md", "# One\n\nWords.\n")
    project.write("b/three.md", "# Three\n\nWords.\n\n## Part\n\nWords.\n")
    kept = Location(project.root, project.content, project.output).state_folder / KEPT_NAME
    for path, text in steps:
        if text is None:
            (project.content / path).unlink(missing_ok=True)
        else:
            project.write(path, text)
        told = project.doit("check", "--format", "json").text
        assert project.doit("check", "--format", "json").text == told
        kept.unlink(missing_ok=True)
        assert project.doit("check", "--format", "json").text == told


# --- what is mended ---

MENDED = [
    ("[x](TWO.md)", "[x](two.md)"),
    ("[x](../../b/three.md#part)", "[x](../b/three.md#part)"),
    ("[x](../../a/two.md)", "[x](two.md)"),
    ("[x](two)", "[x](two.md)"),
    ("[x](../b/three.md#Part-)", "[x](../b/three.md#part)"),
    ("[x](../b/three.md#1-part)", "[x](../b/three.md#part)"),
    ("[x](../b/three#part)", "[x](../b/three.md#part)"),
    ("[x](../c/README.md)", "[x](../c/index.md)"),
    ("[x](old.md)", "[x](two.md)"),
    ("![x](../C/Pic.png)", "![x](../c/pic.png)"),
    ("[x](<../c/My Lesson.md>)", "[x](<../c/my%20lesson.md>)"),
    ("[x][y]\n\n[y]: TWO.md", "[x][y]\n\n[y]: two.md"),
    ("<a href='TWO.md'>x</a>", "<a href='two.md'>x</a>"),
    ("<picture><source srcset='../c/Pic.png 2x'></picture>", "<picture><source srcset='../c/pic.png 2x'></picture>"),
    ("<video poster='../c/Pic.png' src='two.md'></video>", "<video poster='../c/pic.png' src='two.md'></video>"),
    ("`[x](TWO.md)` [x](TWO.md)", "`[x](TWO.md)` [x](two.md)"),
    ("```\n[x](TWO.md)\n```\n\n[x](TWO.md)", "```\n[x](TWO.md)\n```\n\n[x](two.md)"),
    (f"m{unicodedata.normalize('NFD', 'ộ')}t", "một"),
    # a slip in a name, its words joined otherwise, a number too much
    ("[x](../b/thre.md#part)", "[x](../b/three.md#part)"),
    ("[x](/b/thre.md#part)", "[x](/b/three.md#part)"),
    ("[x](../c/My_Lesson.md)", "[x](../c/my%20lesson.md)"),
    ("[x](../d/vong_lap.md)", "[x](../d/vòng-lặp.md)"),
    ("[x](../d/02-vòng-lặp.md)", "[x](../d/vòng-lặp.md)"),
    ("[x](../d/vòng-lặp.md#Đầu-)", "[x](../d/vòng-lặp.md#đầu)"),
    ("![x](../c/figures/grpah.svg)", "![x](../c/figures/graph.svg)"),
    ("[x](../c/figuers/graph.svg)", "[x](../c/figures/graph.svg)"),
    # a folder that is not said, where the folder that is said is not there
    ("![x](figures/graph.svg)", "![x](../c/figures/graph.svg)"),
    ("[x](../../../b/three.md#part)", "[x](../b/three.md#part)"),
    ("[x](d/vòng-lặp)", "[x](../d/vòng-lặp.md)"),
    # a folder that is not said of a lesson whose name says enough
    ("[x](../02-how_to_loop.md)", "[x](../d/02-how_to_loop.md)"),
    # an image that was saved as another kind of file, and the separators of Windows
    ("![x](../c/pic.jpg)", "![x](../c/pic.png)"),
    ("[x](..\\b\\three.md)", "[x](../b/three.md)"),
    # what is no link
    ("```pyhton\nx\n```", "```python\nx\n```"),
    ("[x][lable]\n\n[Label]: two.md", "[x][Label]\n\n[Label]: two.md"),
    ("[lable][]\n\n[Label]: two.md", "[lable][Label]\n\n[Label]: two.md"),
    ("<!-- check: off mising-alt -->", "<!-- check: off missing-alt -->"),
    # the last block of a lesson, without an end
    ("```python\nx\ny", "```python\nx\ny\n```"),
    ("- x\n\n  ~~~~ python\n  x\n\n", "- x\n\n  ~~~~ python\n  x\n  ~~~~\n\n"),
    ("```python", "```python\n```"),
]
LEFT = [
    # where more places name a target than links lead there, which one is the link is not known
    *(
        around.format("[x](TWO.md)") + "\n\n[y](TWO.md)"
        for around in ("Words:\n\n    {}", "\\{}", "<pre>{}</pre>", "$$\n{}\n$$")
    ),
    "Words.\n\n    [x](#sevn)\n\n[y](#sevn)\n\n## Seven\n\nx",
    "See [[three#Prat]] and [[#Prat]].\n\n## Part\n\nx",
    "[x](#ends)\n\n## The ends\n\n## Ends here\n\nx",
    "[x](gone.md)",
    "![x](two)",
    "[x](../b/three.md#gone)",
    "[x](same.md)",
    "[x](../nowhere/two.md)",
    "[x](#step-1)\n\n## Step 2\n\nx",
    "[x](#option-a)\n\n## Option b\n\nx",
    "[x](../b/four.md#x)",
    "[x](https://example.org/TWO.md)",
    "[x](lists.md)",
    "[x](../f/README.md)",
    "[x](../e/step_3.md)",
    "[x](../e/stop-1.md)",
    "[x](/c/d/figures/graph.svg)",
    "[x](../e/c++.md)",
    "[x](../e/step_1-2.md)",
    "[x](../b/figures/graph.md)",
    "[x](../a/c/my lesson.md)",
    "![x](../e/both.jpg)",
    "[x](../e/both.jpg)",
    "[x][lable]\n\n[label]: two.md\n\n[table]: two.md",
    "```config\nx\n```",
    "[x](../02-loop_again.md)",
    "[x](../e/02-how_to_loop.md)",
    "[x](../03-how_to_stop.md)",
    "```python\nx\n\nWords.",
    "```python\nx\n\n## Words",
]


@pytest.fixture
def mendable(course: Project) -> Project:
    return make_mendable(course)


def make_mendable(course: Project) -> Project:
    course.write("c/index.md", "# C\n\nWords.\n")
    course.write("c/pic.png", b"x")
    course.write("c/my lesson.md", "# Mine\n\n![x](pic.png)\n")
    course.write("c/Same.md", "# Same\n\nWords.\n")
    course.write("c/figures/graph.svg", "<svg/>")
    course.write("d/vòng-lặp.md", "# Loops\n\n![x](../c/figures/graph.svg)\n\n## Đầu\n\nWords.\n")
    for path in ("f/index.md", "f/g/README.md"):
        course.write(path, f"# {path}\n\nWords.\n")
    told_by_name = ("d/02-how_to_loop.md", "d/02-loop_again.md", "d/03-how_to_stop.md", "f/03-how_to_stop.md")
    for path in ("e/step-1.md", "e/step_12.md", "e/c.md", "f/lists.md", *told_by_name):
        course.write(path, f"# {path}\n\n![x](../e/both.png) ![x](../e/both.svg)\n")
    course.write("e/both.png", b"x")
    course.write("e/both.svg", "<svg/>")
    course.write("redirects.toml", '"a/old.md" = "a/two.md"\n')
    return course


@dataclass
class Mended:
    """What became of lessons with a fault each, checked and mended in one course; rows by what was written."""

    told: dict[str, list[dict[str, Any]]]
    left: dict[str, list[dict[str, Any]]]
    """What a check tells of each, before and after."""
    texts: dict[str, str]
    """What each has afterwards."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Mended:
    project = make_mendable(make_course(tmp_path_factory.mktemp("rows") / "project"))
    written = [*(row[0] for row in MENDED), *LEFT]
    paths = {
        text: project.write(f"a/row-{number}.md", f"# Row {number}\n\n{text}\n") for number, text in enumerate(written)
    }

    def ask() -> dict[str, list[dict[str, Any]]]:
        told = json.loads(project.doit("check", "--format", "json").text)["findings"]
        return {
            text: [found for found in told if found["path"].endswith(f"/{path.name}")] for text, path in paths.items()
        }

    told, before = ask(), read_tree(project.content)
    shown = project.doit("check", "--fix", "--dry-run").text
    assert read_tree(project.content) == before, "what would be mended is only shown"
    assert project.doit("check", "--fix").text.replace(" mended", " would be mended") == shown
    texts = {text: path.read_text("utf-8").split("\n\n", 1)[1][:-1] for text, path in paths.items()}
    left = ask()
    assert project.doit("check", "--fix").text.startswith("0 mended in 0 files\n")
    return Mended(told, left, texts)


@pytest.mark.parametrize(("written", "mended"), MENDED)
def test_what_has_one_safe_answer_is_mended(rows: Mended, written: str, mended: str) -> None:
    assert rows.texts[written] == mended
    told, left = ([(each["line"], each["message"]) for each in of[written]] for of in (rows.told, rows.left))
    assert len(left) == len(told) - 1
    assert set(left) <= set(told)


@pytest.mark.parametrize("written", [row[0] for row in MENDED if row[1].startswith("[x](")])
def test_what_is_hinted_at_is_what_mends_it(rows: Mended, written: str) -> None:
    for found in rows.told[written]:
        if found["code"] == "broken-link":
            (edit,) = found["fix"]
            assert edit["after"] in found["hint"].rstrip("?").split()


@pytest.mark.parametrize("written", LEFT)
def test_what_has_none_or_several_is_left(rows: Mended, written: str) -> None:
    assert rows.texts[written] == written


FRONT_MENDED = [
    ("titel: Twelve", "title: Twelve"),
    ("Title: Twelve", "title: Twelve"),
    ("oder: 3", "order: 3"),
    ("oder: soon", "oder: soon"),
    ("titel: One\ntitle: Two", "titel: One\ntitle: Two"),
    ("x:\n  titel: One", "x:\n  titel: One"),
    ("tag: One", "tag: One"),
    ("template: lessson", "template: lesson"),
]


@pytest.mark.parametrize(("written", "mended"), FRONT_MENDED)
def test_a_slip_in_front_matter_is_mended_where_its_value_fits(course: Project, written: str, mended: str) -> None:
    path = course.write("a/two.md", f"---\n{written}\n---\n# Two\n\nWords.\n")
    before = findings(course, "a/two.md")
    course.doit("check", "--fix")
    assert path.read_text("utf-8") == f"---\n{mended}\n---\n# Two\n\nWords.\n"
    assert len(findings(course, "a/two.md")) == len(before) - (written != mended)


def test_a_link_to_what_git_saw_renamed_is_mended_where_nothing_was_ever_built(course: Project) -> None:
    text = "# Six\n\n" + "".join(f"Line {number}.\n\n" for number in range(9))
    course.write("b/six.md", text)
    course.write("b/taken.md", f"{text}More.\n")
    course.write("b/fig.png", b"\x89PNG" + bytes(range(200)))
    commands = [["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["mv", "content/b/six.md", "content/b/seven.md"]]
    commands += [["mv", "content/b/fig.png", "content/a/loop.png"], ["commit", "-qm", "x"]]
    commands += [["mv", "content/b/seven.md", "content/a/eight.md"], ["mv", "content/b/taken.md", "content/b/gone.md"]]
    for command in [*commands, ["commit", "-qm", "x"], ["rm", "-q", "content/b/gone.md"]]:
        subprocess.run([*GIT, "-C", os.fspath(course.root), *command], check=True)
    path = course.write("a/two.md", "# Two\n\n[x](../b/six.md) [y](../b/taken.md) ![z](../b/fig.png)\n")
    course.doit("check", "--fix")
    assert path.read_text("utf-8") == "# Two\n\n[x](eight.md) [y](../b/taken.md) ![z](loop.png)\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Some Q\ufffdzx here. And caf\ufffd.", [("damage-left", 6), ("damage-left", 21)]),
        ("Bài này là bài H\ufffdc về số.", [("doubtful-repair", 16)]),
        ("A l\ufffdst letter.", [("damage-left", 3)]),
    ],
)
def test_a_damaged_word_is_told_once(course: Project, words: str, told: list[tuple[str, int]]) -> None:
    """A build counts what it could not read among the repairs that need a person; a check tells where each is."""
    course.write("a/two.md", f"# Two\n\n{words}\n")
    assert [(code, column) for _, _, column, code in findings(course, "a/two.md")] == told


def test_each_address_of_an_image_is_told_where_it_stands_and_mended(course: Project) -> None:
    """Also one that is there twice, as one of several and as the usual one."""
    written = (
        "<picture>\n  <source srcset='X.png 2x,\n    gone.png 3x, X.png' media='(min-width: 9px)'>\n"
        "  <img src='X.png' alt='x' srcset=\"X.png 2x\">\n</picture>\n"
    )
    course.write("a/x.png", b"x")
    path = course.write("a/two.md", f"# Two\n\n{written}")
    told = [found[1:3] for found in findings(course, "a/two.md")]
    assert told == [(4, 19), (5, 5), (5, 18), (6, 13), (6, 36)]
    course.doit("check", "--fix")
    assert path.read_text("utf-8") == f"# Two\n\n{written.replace('X', 'x')}"


PLACES = [
    ("```python\nx\n\nWords.\n\n```\ny\n```\n\nWords.\n", "unclosed-fence", 3, 1),
    ("Words.\n\n<!-- x\n\nWords.\n", "unclosed-html", 5, 1),
    (
        "<picture>\n  <source srcset='one.png 2x'>\n  <img src='https://example.org/x.png' alt='x'>\n</picture>\n",
        "broken-image",
        4,
        19,
    ),
    ("<!-- check: on -->\n", "unknown-check", 3, 13),
    ("```python\nx\n", "unclosed-fence", 3, 1),
    ("- x\n\n  ```python\n  x\n", "unclosed-fence", 5, 3),
    ("Words and \\mathbf{z} here.\n", "loose-tex", 3, 11),
    ("- x \\(\\mathbf{z} y\n", "loose-tex", 3, 7),
    ("$$\nx\n\nWords.\n", "unclosed-formula", 3, 1),
    ("<div>\n  <script>x</script>\n</div>\n", "dropped-html", 4, 3),
    ("Words.\n\n  <Steps>\n\nx\n", "html-component", 5, 3),
    ("> <Steps>\n\nx\n", "html-component", 3, 3),
    ("<b>x</b>\n\n<Steps>\n\nx\n", "html-component", 5, 1),
    ("Words.\n\n  {% tabs %}\n\nx\n", "foreign-tag", 5, 3),
    ("Words.\n\nimport A from './a';\n", "foreign-tag", 5, 1),
    ("Words {{< x >}}.\n", "foreign-tag", 3, 7),
    ("Words :material-cog: here.\n", "material-icon", 3, 7),
    ('  --8<-- "gone.md"\n', "broken-include", 3, 3),
    ("## A\n\n> ##### B\n\nx\n", "heading-jump", 5, 3),
    ("Words <!-- check: off broken-lnk -->\n", "unknown-check", 3, 23),
]


@pytest.mark.parametrize(("written", "code", "line", "column"), PLACES)
def test_what_a_build_finds_has_its_column_too(
    course: Project, written: str, code: str, line: int, column: int
) -> None:
    course.write("a/two.md", f"# Two\n\n{written}")
    assert (("content/a/two.md", line, column, code)) in findings(course, "a/two.md")


@pytest.mark.parametrize(
    ("front", "code", "line", "column"),
    [
        ("titel: x", "unknown-field", 2, 1),
        ("order: 1\ndraft: perhaps", "front-matter", 3, 1),
        ("title: x\norder: [3", "front-matter", 3, 8),
        ('title: x\ndate: "3', "front-matter", 3, 7),
        ("template: quizz", "unknown-template", 2, 11),
        ("aliases: [../../x]", "former-path", 2, 1),
    ],
)
def test_what_is_wrong_with_front_matter_has_its_column(
    course: Project, front: str, code: str, line: int, column: int
) -> None:
    course.write("a/two.md", f"---\n{front}\n---\n# Two\n\nWords.\n")
    assert (("content/a/two.md", line, column, code)) in findings(course, "a/two.md")


TARGETS = st.builds(
    lambda up, folder, name, ending, anchor: f"{'../' * up}{folder}{name}{ending}{anchor}",
    st.integers(0, 3),
    st.sampled_from(["", "a/", "B/", "b/", "c/", "./"]),
    st.sampled_from(["one", "Two", "two", "THREE", "three", "README", "index", "old", "Same", "pic", "gone", ""]),
    st.sampled_from([".md", "", ".png", "/", ".html"]),
    st.sampled_from(["", "#part", "#Part", "#2-part", "#gone"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.lists(TARGETS, max_size=5), min_size=1, max_size=3), st.booleans())
def test_what_is_mended_is_gone_nothing_new_is_there_and_twice_is_once(
    tmp_path_factory: pytest.TempPathFactory, lessons: list[list[str]], has_crlf: bool
) -> None:
    project = Project(tmp_path_factory.mktemp("law") / "project")
    names = ["a/one.md", "b/three.md", "c/index.md"]
    for path in ("a/two.md", "c/Same.md"):
        project.write(path, "# X\n\nWords.\n")
    project.write("c/pic.png", b"x")
    project.write("redirects.toml", '"a/old.md" = "a/two.md"\n')
    for path, targets in zip(names, [*lessons, [], []]):
        text = (
            f"# {path}\n\n## Part\n\n"
            + "\n".join(f"[x]({target}) `[x]({target})`" for target in targets)
            + "\n\nEnd.\n"
        )
        project.write(path, text.replace("\n", "\r\n") if has_crlf else text)
    sources = {path: (project.content / path).read_bytes().split(b"\n") for path in names}
    before = findings(project)
    project.doit("check", "--fix")
    after = findings(project)
    for path in names:
        lines = (project.content / path).read_bytes().split(b"\n")
        assert len(lines) == len(sources[path])
        for number, (old, new) in enumerate(zip(sources[path], lines, strict=True), 1):
            is_told = any(found[:2] == (f"content/{path}", number) for found in before)
            assert old == new or is_told, "what is not reported is not changed"
            assert old.count(b"`") == new.count(b"`")
            assert old.split(b"`")[1::2] == new.split(b"`")[1::2], "code is left"
    mended = {found[:2] for found in before} - {found[:2] for found in after}
    assert {found[:2] for found in after} <= {found[:2] for found in before}
    assert len(after) <= len(before) - len(mended)
    texts = {path: (project.content / path).read_bytes() for path in names}
    assert project.doit("check", "--fix").text.startswith("0 mended in 0 files\n")
    assert {path: (project.content / path).read_bytes() for path in names} == texts


def test_a_file_that_changed_since_it_was_checked_is_left(mendable: Project) -> None:
    from pipeline.builder.disk.files import digest_of
    from pipeline.errors import Diagnostic, Edit, SourceError

    path = mendable.write("a/one.md", "# One\n\n[x](TWO.md)\n")
    location = Location(mendable.root, mendable.content, mendable.output)
    found = [Diagnostic("m", fix=(Edit(3, 5, "TWO.md", "two.md"),))]
    with pytest.raises(SourceError, match="changed meanwhile"):
        _mend_file(location, "a/one.md", digest_of(b"other").hex(), found, is_dry=False)
    assert path.read_text("utf-8") == "# One\n\n[x](TWO.md)\n"
    _mend_file(location, "a/one.md", digest_of(path.read_bytes()).hex(), found, is_dry=False)
    assert path.read_text("utf-8") == "# One\n\n[x](two.md)\n"


def test_what_is_no_utf8_or_damaged_is_left(mendable: Project) -> None:
    legacy = "# Bài học\n\n[x](TWO.md) được những người của nước Việt Nam.\n".encode("cp1258", "ignore")
    path = mendable.write("a/one.md", legacy)
    assert mendable.doit("check", "--fix").text.startswith("0 mended in 0 files\n")
    assert path.read_bytes() == legacy


@pytest.mark.parametrize("asked", [("--fix",), ("--dry-run",), ("--fix", "--dry-run")])
@pytest.mark.parametrize("left", ["", "[y](gone.md)"])
@pytest.mark.parametrize("is_accepted", [False, True])
def test_what_is_left_is_told_and_decides_how_a_fix_ends(
    course: Project, asked: tuple[str, ...], left: str, is_accepted: bool
) -> None:
    path = course.write("a/two.md", f"# Two\n\n[x](TWO.md) {left}\n")
    if is_accepted:
        course.doit("check", "--baseline")
    kept = (course.root / BASELINE_NAME).read_bytes() if is_accepted else b""
    run = course.doit("check", *asked)
    is_dry = "--dry-run" in asked
    assert ("TWO.md" in path.read_text("utf-8")) == is_dry
    assert ("content/a/two.md:3:17: warning: link to 'gone.md'" in run.text) == (left != "" and not is_accepted)
    assert "TWO.md' leads" not in run.text, "what is mended is not left"
    assert run.status == int(is_dry or (left != "" and not is_accepted))
    if is_accepted:
        assert ((course.root / BASELINE_NAME).read_bytes() == kept) == is_dry


def test_a_diff_names_the_file(mendable: Project) -> None:
    mendable.write("a/one.md", "# One\n\n[x](TWO.md)\n")
    text = mendable.doit("check", "--fix", "--dry-run").text
    assert text.splitlines()[:2] == ["--- a/content/a/one.md", "+++ b/content/a/one.md"]
    assert re.search(r"^\+\[x\]\(two\.md\)$", text, re.M)
