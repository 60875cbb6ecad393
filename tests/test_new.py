"""`lesson-pipeline new`: what it makes, and that it writes over nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from building import read_tree
from hypothesis import given
from hypothesis import strategies as st

from pipeline.builder.disk.project import locate, read_folders
from pipeline.builder.runs.builds import Builds
from pipeline.commands.program import main
from pipeline.nightly.settings import NightlySettings

FILES = {".gitignore", "README.md", "content/course.toml", "content/index.md", "dodo.py", "pyproject.toml"}


def new(*arguments: object) -> int:
    return main(["new", *map(str, arguments)])


def test_a_new_course_builds_without_a_warning(tmp_path: Path) -> None:
    assert new(tmp_path / "my-course") == 0
    assert set(read_tree(tmp_path / "my-course")) >= FILES
    outcome = Builds(locate(tmp_path / "my-course", {}, tmp_path)).run()
    assert outcome.status == 0
    assert outcome.told["standing"] == 0
    home = (tmp_path / "my-course/output/index.html").read_text("utf-8")
    assert "<title>My course</title>" in home


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        ("Loops go round and round until a condition is false.", None, '"en"'),
        ("Loops go round and round until a condition is false.", 'title = "x"\n', '"en"'),
        ("Loops go round and round until a condition is false.", 'language = "en"\n', ""),
        ("Une boucle répète des instructions jusqu'à ce qu'une condition ait été vérifiée.", None, '"…"'),
        ("Vòng lặp chạy mãi cho đến khi điều kiện sai.", None, ""),
        ("VÃ²ng láº·p cháº¡y mÃ£i cho Ä‘áº¿n khi Ä‘iá»u kiá»‡n sai.", None, ""),
    ],
)
@pytest.mark.parametrize("is_elsewhere", [True, False])
def test_that_the_words_around_the_lessons_are_of_another_language_is_said(
    tmp_path: Path, words: str, settings: str | None, said: str, is_elsewhere: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    content = tmp_path / ("docs" if is_elsewhere else "c/content")
    content.mkdir(parents=True)
    (content / "a.md").write_text(f"# A\n\n{words}\n", "utf-8")
    if settings is not None:
        (content / "course.toml").write_text(settings, "utf-8")
    before = read_tree(content)
    assert new(tmp_path / "c", *(["--content", content] if is_elsewhere else [])) == 0
    assert read_tree(content) == before, "it stays as it is"
    told = capsys.readouterr().out
    assert ("the words around the lessons will be Vietnamese" in told) == (said != "")
    assert f"hint: write there language = {said}" in told or not said


def test_twice_is_harmless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new(tmp_path / "c")
    before = read_tree(tmp_path / "c")
    assert new(tmp_path / "c") == 0
    assert read_tree(tmp_path / "c") == before
    assert "skipped dodo.py: it is there already" in capsys.readouterr().out


@given(st.sets(st.sampled_from([*sorted(FILES), "content/a.md", "templates/README.md"])))
def test_nothing_that_is_there_is_written_over(tmp_path_factory: pytest.TempPathFactory, there: set[str]) -> None:
    root = tmp_path_factory.mktemp("c")
    for name in there:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(f"# mine: {name}\n")
    assert new(root) == 0
    made = read_tree(root)
    assert set(made) >= {name for name in FILES if not name.startswith("content/")} | there
    assert {name: made[name].decode() for name in there} == {name: f"# mine: {name}\n" for name in there}


@pytest.mark.parametrize("there", ["templates", "content", "dodo.py/"])
def test_a_file_in_the_place_of_a_folder_is_no_file_that_is_there(
    tmp_path: Path, there: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    if there.endswith("/"):
        (folder / there).mkdir()
    else:
        (folder / there).write_text("x")
    assert new(folder) != 0
    told = capsys.readouterr()
    assert "cannot be written" in told.err
    assert "skipped" not in told.out


@pytest.mark.parametrize(
    ("here", "folder", "said"), [("b", "../a", "cd ../a && "), ("a", ".", ""), ("a", "b", "cd b && ")]
)
def test_what_to_do_next_is_said_from_where_one_is(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    here: str,
    folder: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / here).mkdir()
    monkeypatch.chdir(tmp_path / here)
    new(folder)
    assert f"\nsee it with: {said}lesson-pipeline serve --open\n" in capsys.readouterr().out


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "dodo.py").symlink_to(tmp_path / "elsewhere.py")
    assert new(tmp_path / "c") == 0
    assert not (tmp_path / "elsewhere.py").exists()


def test_lessons_stay_where_they_are_and_nothing_is_written_there(tmp_path: Path) -> None:
    lessons = tmp_path / "clone" / "docs"
    lessons.mkdir(parents=True)
    (lessons / "a.md").write_text("# A\n")
    before = read_tree(tmp_path / "clone")
    assert new(tmp_path / "site", "--content", lessons) == 0
    root = tmp_path / "site"
    assert read_folders(root) == {"content": os.path.join("..", "clone", "docs"), "output": "output"}
    assert not (root / "content").exists()
    assert Builds(locate(root, {}, tmp_path)).run().status == 0
    assert (root / "output/a.html").is_file()
    assert read_tree(tmp_path / "clone") == before


def test_templates_beside_lessons_that_others_write_are_not_heeded(tmp_path: Path) -> None:
    for folder in ("clone/docs", "clone/templates"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "clone/docs/a.md").write_text("# A\n")
    (tmp_path / "clone/templates/lesson.html").write_text("<script>steal()</script>")
    new(tmp_path / "site", "--content", tmp_path / "clone/docs")
    Builds(locate(tmp_path / "site", {}, tmp_path)).run()
    assert "steal" not in (tmp_path / "site/output/a.html").read_text("utf-8")


WRONG = {
    "no folder": (["c", "--content", "nowhere"], "there is no folder nowhere"),
    "a file": (["file"], "file is a file"),
    "in each other": (["c", "--content", "."], "are in each other"),
    "no book": (["c", "--from", "nowhere.yml"], "there is no file nowhere.yml\n  hint: name a mkdocs.yml"),
    "of no builder": (["c", "--from", "file"], "file is of no other builder\n  hint: name a mkdocs.yml"),
    "a read-me": (["c", "--from", "in/README.md"], "in/README.md is of no other builder"),
    "other YAML": (["c", "--from", "in/a.yml"], "in/a.yml is of no other builder: it has no site_name"),
    "no text": (["c", "--from", "in/mkdocs.yml"], "in/mkdocs.yml cannot be read: it is no text in UTF-8"),
    "a folder": (["c", "--from", "in/SUMMARY.md"], "in/SUMMARY.md cannot be read: Is a directory"),
    "no lessons": (["c", "--from", "in/b.yml"], "there is no folder in/docs, in which in/b.yml"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_said_and_nothing_is_made(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("x")
    (tmp_path / "in" / "SUMMARY.md").mkdir(parents=True)
    (tmp_path / "in" / "README.md").write_text("# Read me\n")
    (tmp_path / "in" / "a.yml").write_text("services: {}\n")
    (tmp_path / "in" / "b.yml").write_text("site_name: B\n")
    (tmp_path / "in" / "mkdocs.yml").write_bytes(b"site_name: \xff\n")
    before = read_tree(tmp_path)
    arguments, message = WRONG[name]
    assert new(*arguments) == 2
    assert message in capsys.readouterr().err
    assert read_tree(tmp_path) == before


def test_a_book_is_built_with_the_sections_of_its_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "book" / "src"
    source.mkdir(parents=True)
    for name in ("README", "404", "ch1", "ch1-1", "ch2"):
        (source / f"{name}.md").write_text(f"# Tựa {name}\n\nChữ.\n", "utf-8")
    (source / "SUMMARY.md").write_text(
        "[Đầu](README.md)\n\n# Phần\n\n- [Một](ch1.md)\n  - [Hai](ch1-1.md)\n- [Ba](ch2.md)\n", "utf-8"
    )
    assert new(tmp_path / "c", "--from", source / "SUMMARY.md") == 0
    assert "not taken: 404.md: a site has such a page" in capsys.readouterr().out
    run = Builds(locate(tmp_path / "c", {}, tmp_path)).run()
    assert run.status == 0
    tree = (tmp_path / "c/output/_site/tree.js").read_text("utf-8")
    assert tree.splitlines()[1:] == [
        '["Phần","phần",[', '["Một","một",[', '["Tựa ch1","/ch1"],', '["Hai","/ch1-1"]]],', '["Ba","/ch2"]]]])',
    ]  # fmt: skip


def test_hidden_folders_and_virtual_environments_are_not_copied(tmp_path: Path) -> None:
    docs = tmp_path / "old" / "docs"
    for name in ("a.md", "b/c.md", ".git/config", "b/.cache/x.md", "env/pyvenv.cfg", "env/lib/x.md"):
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text("# A\n")
    (tmp_path / "old" / "mkdocs.yml").write_text("site_name: A\n")
    assert new(tmp_path / "c", "--from", tmp_path / "old" / "mkdocs.yml") == 0
    assert set(read_tree(tmp_path / "c" / "content")) == {"a.md", "b/c.md", "course.toml"}


def test_what_a_course_makes_is_ignored_by_git(tmp_path: Path) -> None:
    new(tmp_path / "c")
    ignored = (tmp_path / "c" / ".gitignore").read_text("utf-8").split()
    assert {"/output/", "/.lesson-pipeline/", f"/{NightlySettings().publish}/"} <= set(ignored)


def test_a_projects_own_settings_stay_and_what_they_lack_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert new(tmp_path) == 0
    said = capsys.readouterr().out
    assert "warning: pyproject.toml says nothing of this course\n  hint: add to it:" in said
    assert '[tool.lesson-pipeline]\ncontent = "content"' in said
