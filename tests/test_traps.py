"""doit's own gaps, each closed: what its defaults would miss is noticed here."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from building import Project, read_tree

REPORT = ["_repairs/index.html", "_repairs/report.json"]
TEXT = "# Bài\n\nChữ một.\n"


@pytest.fixture
def built(project: Project) -> Project:
    project.write("a.md", TEXT)
    project.write("b.md", "# Khác\n\nChữ.\n")
    project.write("image.png", b"one")
    project.build()
    return project


def rewrite(path: Path, text: str) -> None:
    """Edit a file in place and set its clock back to what it was."""
    before = path.stat()
    with path.open("r+", encoding="utf-8") as stream:
        stream.write(text)
        stream.truncate()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_another_size_at_the_same_time_is_an_edit(built: Project) -> None:
    rewrite(built.content / "a.md", TEXT + "\nThêm.\n")
    assert "render:a" in built.build().executed
    assert "Thêm." in built.page("a.html")


def test_the_same_size_at_the_same_time_is_an_edit(built: Project) -> None:
    rewrite(built.content / "a.md", TEXT.replace("một", "hai"))
    assert "render:a" in built.build().executed
    assert "Chữ hai." in built.page("a.html")


def test_a_file_put_in_place_of_another_with_its_clock_is_an_edit(built: Project) -> None:
    path = built.content / "a.md"
    before = path.stat()
    other = built.content / "other.tmp"
    other.write_text(TEXT.replace("một", "hai"), "utf-8")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert "render:a" in built.build().executed


def test_a_clock_that_goes_backwards_is_an_edit(built: Project) -> None:
    path = built.content / "a.md"
    path.write_text(TEXT.replace("một", "hai"), "utf-8")
    os.utime(path, (1, 1))
    assert "render:a" in built.build().executed


def test_an_edit_during_the_build_is_built_next_time(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.builder.stages import lesson

    real = lesson.read_source

    def read_then_edit(content: Path, path: str) -> object:
        source = real(content, path)
        if path == "a.md":
            (content / path).write_text(TEXT.replace("một", "bốn"), "utf-8")
        return source

    built.write("a.md", TEXT.replace("một", "hai"))
    monkeypatch.setattr(lesson, "read_source", read_then_edit)
    built.build()
    assert "Chữ hai." in built.page("a.html")
    monkeypatch.undo()
    assert {"repair:a.md", "parse:a.md", "render:a"} <= set(built.build().executed)
    assert "Chữ bốn." in built.page("a.html")


def test_unchanged_files_are_not_hashed_again_after_a_touch(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.builder.course import graph
    from pipeline.builder.disk.sources import Limit
    from pipeline.builder.disk.sweep import FileStamp

    for path in built.content.iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    hashed: list[str] = []
    real = graph.digest_source

    def note_and_digest(content: Path, path: str, limit: Limit) -> tuple[FileStamp, bytes]:
        hashed.append(path)
        return real(content, path, limit)

    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    monkeypatch.setattr(graph, "digest_source", note_and_digest)
    built.build()
    assert {"a.md", "b.md", "image.png"} <= set(hashed)
    hashed.clear()
    built.build()
    assert not {"a.md", "b.md", "image.png"} & set(hashed)


@pytest.mark.parametrize("target", ["a.html", "index.html", "image.png", "_static/site.*.css"])
@pytest.mark.parametrize("spoil", ["delete", "edit", "same size"])
def test_a_spoiled_target_is_made_again(built: Project, target: str, spoil: str) -> None:
    (path,) = built.output.glob(target)
    good = path.read_bytes()
    if spoil == "delete":
        path.unlink()
    else:
        path.write_bytes(b"x" * (len(good) if spoil == "same size" else 3))
    assert len(built.build().executed) == 1
    assert path.read_bytes() == good


@pytest.mark.parametrize(
    "target", ["a.html", "_search/terms/*/*.js", "_static/site.*.css", "_site/tree.js", "image.png"]
)
def test_a_folder_in_place_of_a_target_is_told_with_its_whole_path(built: Project, target: str) -> None:
    path = next(built.output.glob(target))
    path.unlink()
    path.mkdir()
    run = built.doit()
    assert run.status == 1
    assert f"cannot write {path.relative_to(built.root).as_posix()}: " in run.text


def test_orphans_go_and_foreign_files_stay(built: Project) -> None:
    (built.output / "mine.txt").write_text("mine")
    (built.content / "a.md").unlink()
    (built.content / "image.png").unlink()
    built.build()
    files = read_tree(built.output)
    found = sorted(re.sub(r"\.[0-9a-f]{8}\.", ".", path) for path in files)
    assert [path for path in found if not path.startswith("_search/")] == [
        ".nojekyll",
        "404.html",
        *REPORT,
        "_site/tree.js",
        "_static/missing.js",
        "_static/repairs.css",
        "_static/search.css",
        "_static/search.js",
        "_static/site.css",
        "_static/site.js",
        "_static/slips.js",
        "b.html",
        "b.md",
        "index.html",
        "mine.txt",
        "robots.txt",
    ]
    cards = b"".join(content for path, content in files.items() if path.startswith("_search/cards/"))
    assert b'"b"' in cards
    assert b'"a"' not in cards


def test_a_file_may_become_a_folder_and_back(built: Project) -> None:
    (built.content / "image.png").unlink()
    built.write("image.png/lesson.md", TEXT)
    built.build()
    assert (built.output / "image.png/lesson.html").is_file()
    shutil.rmtree(built.content / "image.png")
    built.write("image.png", b"two")
    built.build()
    assert (built.output / "image.png").read_bytes() == b"two"
    assert read_tree(built.output) == built.clean_build()


def test_forget_makes_a_task_run_again_and_ends_at_the_same_page(built: Project) -> None:
    before = read_tree(built.output)
    built.doit("forget", "render:a")
    assert built.build().executed == ["render:a"]
    built.doit("forget", "--all")
    assert len(built.build().executed) >= 9
    assert read_tree(built.output) == before
    assert built.build().executed == []


def test_forget_without_a_name_forgets_the_whole_course(built: Project) -> None:
    built.doit("forget")
    assert len(built.build().executed) >= 9


def test_a_failing_lesson_that_is_named_is_told_and_fails(built: Project) -> None:
    built.write("a.md", ">" * 100)
    run = built.doit("parse:a.md")
    assert run.status == 1
    assert "a.md:1: quotes nested more than 50 deep" in run.text


def test_threads_build_the_same_site(built: Project) -> None:
    for number in range(20):
        built.write(f"c/{number}.md", f"# Bài {number}\n\nChữ {number}.\n")
    assert built.doit("-n", "4", "-P", "thread").status == 0
    assert read_tree(built.output) == built.clean_build()


def test_the_output_of_another_course_is_refused(built: Project, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "z.md").write_text("# Z\n\nChữ.\n")
    before = read_tree(built.output)
    run = built.doit(f"content={other}")
    assert run.status == 1
    assert "is the site of another course" in run.text
    assert read_tree(built.output) == before


def test_clean_deletes_what_was_written_and_nothing_else(built: Project) -> None:
    (built.output / "mine.txt").write_text("mine")
    built.doit("clean", "render", "markdown", "asset", "static", "site", "search", "former")
    assert sorted(read_tree(built.output)) == [*REPORT, "mine.txt"]
    built.build()
    assert (built.output / "a.html").is_file()


def test_an_ignored_task_is_left_out_until_it_is_forgotten(built: Project) -> None:
    built.doit("ignore", "repair:a.md")
    built.write("a.md", "# Mới\n\nChữ.\n")
    assert "repair:a.md" not in built.build().executed
    built.doit("forget", "repair:a.md")
    assert "repair:a.md" in built.build().executed


def test_list_reads_like_the_course(built: Project) -> None:
    built.write("a.md", TEXT + "\nThêm.\n")
    text = built.doit("list", "--all", "--status").text
    assert "R repair:a.md" in text
    assert "U repair:b.md" in text
    assert "U render:b" in text
    line = next(line for line in text.splitlines() if "parse:b.md" in line)
    assert line.endswith("Khác")
    assert built.build().executed[0] == "repair:a.md"


def test_info_says_why_a_task_is_stale(built: Project) -> None:
    built.write("a.md", TEXT + "\nThêm.\n")
    assert "its source, the repair code or a setting changed" in built.doit("info", "repair:a.md").text


def test_the_state_of_one_course_never_mixes_with_anothers(built: Project, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "z.md").write_text("# Z\n\nChữ.\n")
    first = read_tree(built.output)
    run = built.doit(f"content={other}", f"output={tmp_path / 'site'}")
    assert run.status == 0
    assert (tmp_path / "site/z.html").is_file()
    assert read_tree(built.output) == first
    assert built.build().executed == []
    assert built.doit(f"content={other}", f"output={tmp_path / 'site'}").executed == []


def test_a_damaged_state_file_is_rebuilt_not_trusted(built: Project) -> None:
    before = read_tree(built.output)
    (state,) = (built.root / ".lesson-pipeline").glob("*/state.sqlite3")
    state.write_bytes(b"not a database, " * 300)
    assert len(built.build().executed) >= 9
    assert read_tree(built.output) == before
    assert built.build().executed == []
