"""Files as other programs leave them: without a last line break, in a work tree, of an older version, deleted by hand."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from building import Project, read_tree

from pipeline.builder.disk.history import is_shallow, last_changes, log_stamp
from pipeline.builder.runs.seal import SEAL_NAME
from pipeline.builder.state import database
from pipeline.lexicon import count_words, format_lexicon, parse_lexicon
from pipeline.redirects import edit_redirects
from pipeline.repair.codepages import Channel, damage

LESSONS = {"index.md": "# Nhà\n\nChữ.\n", "a/một.md": "# Một\n\nChữ một.\n", "a/hai.md": "# Hai\n\nChữ hai.\n"}
DAMAGED = damage("# Hỏng\n\nHọc tập và hỏi. Anh Kvần gọi Trỏ là bạn học tập.\n", Channel("cp1254", "drop"))
COURSE_FILES = {
    "course.toml": 'title = "Khóa"\nquick_links = ["a"]\n',
    "redirects.toml": '# kept\n"cũ.md" = "a/một.md"\n"a/cũ.md" = "a/hai.md"\n',
    "lexicon.tsv": "ở\t2\ntrỏ\t5000\n",
    "repairs.toml": '[[repair]]\nlesson = "hỏng.md"\ndamaged = "há»i"\naction = "replace"\nreading = "hời"\n',
}


@pytest.fixture
def course(project: Project) -> Project:
    for path, text in LESSONS.items():
        project.write(path, text)
    return project


# --- a file without a line break at its end ---

ENDS = [
    "# Bài\n\nChữ cuối.\n",
    "# Bài\n",
    "Chữ.\n\n## Phần\n",
    "---\ntitle: Bài\n---\n",
    "---\ntitle: Bài\n...\n",
    "- một\n- hai\n",
    "> trích\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "```python\nx = 1\n```\n",
    "```\nx\n",
    "    code\n",
    "$$\nx\n$$\n",
    "<div>chữ</div>\n",
    "[một](a/một.md)\n",
    "x[^1]\n\n[^1]: ghi chú\n",
    "Tiêu đề\n===\n",
    "Chữ.\n\n<!-- Aero-Footer-Start -->\nx\n<!-- Aero-Footer-End -->\n",
    DAMAGED,
]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_last_line_of_a_lesson_needs_no_line_break(course: Project, line_break: str) -> None:
    trees = []
    for end in (line_break, ""):
        for number, text in enumerate(ENDS):
            text = text.removesuffix("\n").replace("\n", line_break) + end
            course.write(f"b/x{number}.md", text)
        course.build()
        trees.append(read_tree(course.output))
    for path, content in trees[0].items():
        assert trees[1][path] == content, path
    assert b"<td>2</td>" in trees[1]["b/x7.html"]


@pytest.mark.parametrize("name", COURSE_FILES)
def test_the_last_line_of_a_file_about_the_course_needs_no_line_break(course: Project, name: str) -> None:
    course.write("hỏng.md", DAMAGED)
    without = course.clean_build()
    for path, text in COURSE_FILES.items():
        course.write(path, text)
    whole = course.clean_build()
    course.write(name, COURSE_FILES[name].removesuffix("\n"))
    assert course.clean_build() == whole
    course.write(name, COURSE_FILES[name].removesuffix("\n").rpartition("\n")[0])
    assert course.clean_build() != whole
    assert whole != without


def test_a_line_that_is_added_to_a_file_without_a_last_line_break_stands_alone() -> None:
    text = '"a.md" = "b.md"'
    assert edit_redirects(text, {"a.md": "b.md", "c.md": "b.md"}) == '"a.md" = "b.md"\n"c.md" = "b.md"\n'
    assert edit_redirects("", {"cũ.md": "mới.md"}).endswith('"cũ.md" = "mới.md"\n'), "a person reads it"


# --- the course's own words ---


def test_the_lexicon_is_sorted_and_a_reader_of_it_does_not_depend_on_its_order() -> None:
    texts = ["Ấy Ấy ở ở bé", "zê zê ĐÓ đó đó", "ở"]
    lines = format_lexicon(count_words(texts)).splitlines()
    assert lines[1:] == ["zê\t2", "đó\t3", "ấy\t2", "ở\t3"] == sorted(lines[1:])
    assert format_lexicon(count_words(reversed(texts))).splitlines() == lines, "one lesson more is one line more"
    assert parse_lexicon("\n".join(reversed(lines))) == parse_lexicon("\n".join(lines)) == count_words(texts)
    assert list(parse_lexicon("ở\t1\nở\t5\n").items()) == [("ở", 5)], "of a word that stands twice the last counts"


def test_another_order_of_the_lexicon_changes_no_page(course: Project) -> None:
    course.write("hỏng.md", DAMAGED)
    course.write("lexicon.tsv", "ở\t2\ntrỏ\t5000\nhời\t9\n")
    course.build()
    built = read_tree(course.output)
    course.write("lexicon.tsv", "hời\t9\ntrỏ\t5000\nở\t2\n")
    assert not {"parse", "render"} & course.build().stages()
    assert read_tree(course.output) == built


# --- where the output stands, and what the state is ---


def test_an_output_folder_that_was_deleted_may_become_the_site_of_another_course(course: Project) -> None:
    course.build()
    other = course.root / "khác"
    other.mkdir()
    (other / "x.md").write_text("# X\n\nChữ.\n", "utf-8")
    refused = course.doit(f"content={other}")
    assert refused.status == 1
    assert "is the site of another course" in refused.text
    assert (course.output / "a/một.html").is_file()
    shutil.rmtree(course.output)
    assert course.doit(f"content={other}").status == 0
    assert (course.output / "x.html").is_file()
    assert not (course.output / "a").exists()
    refused = course.doit()  # and now it is the other's
    assert refused.status == 1
    assert "is the site of another course" in refused.text
    assert (course.output / "x.html").is_file()
    shutil.rmtree(course.output)
    course.build()
    assert read_tree(course.output) == course.clean_build()


@pytest.mark.parametrize(("older", "seal"), [("5 00", True), ("5 00", False), ("", False), (None, True)])
def test_a_state_of_another_version_is_begun_anew_and_its_outputs_stay_known(
    course: Project, older: str | None, seal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the seal, and where another version cannot read that either."""
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)  # sealed at once
    course.build()
    (state,) = (course.root / ".lesson-pipeline").glob("*/state.sqlite3")
    with sqlite3.connect(state) as connection:
        if older is None:
            connection.execute("delete from meta where name = 'version'")
        else:
            connection.execute("update meta set value = ? where name = 'version'", (older,))
    connection.close()
    if not seal:
        (state.parent / SEAL_NAME).write_bytes(b"of another version")
    (course.content / "a/hai.md").unlink()
    course.write("course.toml", "keep_renames = false\n")
    run = course.build()
    assert "the state file was damaged or of another version: building anew" in run.text
    assert "parse:a/một.md" in run.executed
    assert not (course.output / "a/hai.html").exists(), "what an older version wrote is known"
    assert read_tree(course.output) == course.clean_build()
    assert course.build().executed == []


def test_the_version_of_a_state_is_that_of_its_tables_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    before = database._version()
    monkeypatch.setattr(database, "STATE_VERSION", database.STATE_VERSION + 1)
    assert database._version() != before
    assert database._version().split()[1] == before.split()[1]


# --- dates from git ---


def git(folder: Path, *command: str, date: str = "2026-02-03T04:05:06Z") -> None:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    env = os.environ | {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    subprocess.run(["git", "-C", str(folder), *names, *command], check=True, env=env, capture_output=True)


def test_a_work_tree_of_a_shallow_clone_knows_no_dates(course: Project, tmp_path: Path) -> None:
    git(course.root, "init", "-q")
    git(course.root, "add", "content")
    for message in ("x", "y"):
        git(course.root, "commit", "-qm", message, "--allow-empty")
    shallow, tree = tmp_path / "shallow", tmp_path / "tree"
    git(course.root, "clone", "-q", "--depth", "1", f"file://{course.root}", str(shallow))
    git(shallow, "worktree", "add", "-q", "-b", "b", str(tree))
    assert last_changes(tree / "content") == {}
    git(tree, "fetch", "-q", "--unshallow")
    assert last_changes(tree / "content")["a/một.md"] == "2026-02-03"


def test_dates_are_those_of_a_work_tree_too(course: Project, tmp_path: Path) -> None:
    """There `.git` is a file that says where git keeps what belongs to it."""
    course.write("course.toml", 'last_updated = "git"\n')
    git(course.root, "init", "-q")
    git(course.root, "add", "content")
    git(course.root, "commit", "-qm", "x")
    tree = tmp_path / "cây làm việc"
    git(course.root, "worktree", "add", "-q", "-b", "nhánh", str(tree))
    assert (tree / ".git").is_file()
    content, site = tree / "content", tmp_path / "site"
    stamp = log_stamp(content)
    assert stamp, "a run with nothing to do looks at git's own log"
    build = (f"content={content}", f"output={site}")
    assert course.doit(*build).status == 0
    assert 'datetime="2026-02-03"' in (site / "a/một.html").read_text("utf-8")
    assert course.doit(*build).executed == []
    (content / "a/một.md").write_text("# Một\n\nChữ khác.\n", "utf-8")
    git(tree, "commit", "-qam", "y", date="2026-03-04T05:06:07Z")
    assert log_stamp(content) not in (stamp, None)
    assert course.doit(*build).status == 0
    assert 'datetime="2026-03-04"' in (site / "a/một.html").read_text("utf-8")
    git(tree, "commit", "-qm", "z", "--allow-empty", date="2026-04-05T06:07:08Z")
    (content / "a/hai.md").touch()
    assert course.doit(*build).status == 0
    assert 'datetime="2026-02-03"' in (site / "a/hai.html").read_text("utf-8")


@pytest.mark.parametrize("is_cloned", [False, True])
def test_after_a_commit_the_pages_that_have_other_dates_are_asked_and_no_others(
    course: Project, tmp_path: Path, is_cloned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    course.write("course.toml", 'last_updated = "git"\nbase_url = "https://example.org/"\n')
    git(course.root, "init", "-q", "-b", "main")
    git(course.root, "add", "content")
    git(course.root, "commit", "-qm", "x")
    course.build()
    course.write("a/một.md", "# Một\n\nChữ khác.\n")
    git(course.root, "commit", "-qam", "y", date="2026-03-04T05:06:07Z")
    if is_cloned:
        git(tmp_path, "clone", "-q", str(course.root), str(tmp_path / "fresh"))
        course = course.copy_to(tmp_path / "clone")
        shutil.rmtree(course.root / ".git")
        (tmp_path / "fresh/.git").rename(course.root / ".git")
    else:
        course.build()  # the edit; what is left is the commit
        git(course.root, "commit", "-qm", "z", "--allow-empty", date="2026-04-05T06:07:08Z")
    said = course.doit("explain").text
    assert ("date in git of a/một.md changed" in said) == is_cloned, said
    run = course.build()
    assert 'datetime="2026-03-04"' in course.page("a/một.html")
    assert "render:a/hai" not in run.loaded
    assert ("render:a/một" in run.executed) == is_cloned
    assert read_tree(course.output) == course.clean_build()
    again = course.build()
    assert (again.executed, again.loaded) == ([], [])


@pytest.mark.parametrize("written", ["gitdir: " + "x" * 5000, "gitdir: ../nowhere", "x", ""])
def test_a_git_file_that_leads_nowhere_says_nothing_of_any_date(tmp_path: Path, written: str) -> None:
    (tmp_path / ".git").write_text(written)
    assert (is_shallow(tmp_path), log_stamp(tmp_path), last_changes(tmp_path)) == (False, None, {})


@pytest.mark.parametrize("written", [b"\xff", b"gitdir: a\0b"])
def test_a_git_file_that_is_none_stops_no_build(course: Project, written: bytes) -> None:
    course.write("course.toml", 'last_updated = "git"\n')
    course.write(".git", written)
    assert "Traceback" not in course.doit().text
