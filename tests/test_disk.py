"""Reading, writing and deleting one file: whole or not at all, and what is told when it cannot be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pipeline.builder.disk.files import (
    PART_PREFIX,
    _cannot_write,
    copy_target,
    digest_file,
    digest_of,
    remove_parts,
    remove_target,
    write_target,
)
from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.disk.sources import Limit, open_source, read_source
from pipeline.builder.disk.sweep import FileStamp, sweep_content, walk
from pipeline.errors import SourceError, TargetError


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_is_read_with_its_stamp_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"one")
    found = read_source(tmp_path, "a.md", Limit(3, "a lesson", "split it"))
    assert (found.content, found.stamp, found.digest) == (b"one", FileStamp.of(path.stat()), digest_of(b"one"))
    assert digest_file(path) == digest_of(b"one")
    assert len(found.digest) == 16
    with pytest.raises(SourceError, match=r"a lesson of 0\.0 MB; the limit is 0 MB"):
        read_source(tmp_path, "a.md", Limit(2, "a lesson", "split it"))
    with pytest.raises(SourceError, match="vanished"):
        read_source(tmp_path, "nowhere.md")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match="cannot read this file: Is a directory"):
        read_source(tmp_path, "folder")


def test_a_large_file_has_the_digest_of_all_of_it(tmp_path: Path) -> None:
    content = os.urandom(1 << 20) + b"end"
    (tmp_path / "a").write_bytes(content)
    assert digest_file(tmp_path / "a") == digest_of(content)


def test_a_target_is_written_with_its_folders_and_gives_its_stamp(output: Path) -> None:
    for content in (b"one", b"other"):
        stamp = write_target(output, "a/b/c.html", content)
        assert (output / "a/b/c.html").read_bytes() == content
        assert stamp == FileStamp.of((output / "a/b/c.html").stat())
    assert names(output) == ["a", "a/b", "a/b/c.html"]


def test_what_cannot_be_written_is_told_and_leaves_nothing_behind(tmp_path: Path, output: Path) -> None:
    (output / "a").write_bytes(b"a file")
    (output / "b/c.html").mkdir(parents=True)
    before = names(output)
    for target in ("a/b.html", "b/c.html"):
        with pytest.raises(TargetError, match="cannot write") as caught:
            write_target(output, target, b"x")
        assert caught.value.hint.endswith("; the page is kept as it was")
        with pytest.raises(TargetError, match="cannot write"):
            copy_target([b"x"], output, target)
    assert names(output) == before
    assert (output / "a").read_bytes() == b"a file"


@pytest.mark.parametrize(
    ("number", "hint"),
    [(errno.ENOSPC, "free some space"), (errno.EROFS, "another output folder"), (errno.EACCES, "permissions")],
)
def test_why_a_file_cannot_be_written_has_a_hint(number: int, hint: str) -> None:
    error = _cannot_write(OSError(number, "why"), Path("x/output"), "a/b.html")
    assert "cannot write output/a/b.html: why" in str(error)
    assert hint in error.hint


def test_a_copy_is_the_file_with_both_stamps_and_its_digest(tmp_path: Path, output: Path) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(b"png" * 500_000)
    with open_source(tmp_path, "a.png") as opened:
        written, digest = copy_target(opened.blocks(), output, "x/a.png")
    assert (output / "x/a.png").read_bytes() == source.read_bytes()
    assert opened.stamp == FileStamp.of(source.stat())
    assert written == FileStamp.of((output / "x/a.png").stat())
    assert digest == digest_of(source.read_bytes())
    assert names(output) == ["x", "x/a.png"]
    with open_source(tmp_path, "a.png", Limit(2 << 20, "a file", "")) as opened:
        with source.open("ab") as grown:
            grown.write(bytes(1 << 20))
        with pytest.raises(SourceError, match="the limit is 2 MB"):
            copy_target(opened.blocks(), output, "b")
    assert names(output) == ["x", "x/a.png"]


def test_a_file_is_deleted_with_the_folders_that_are_empty_without_it(output: Path) -> None:
    for target in ("a/b/c.html", "a/d.html", "e.html"):
        write_target(output, target, b"x")
    remove_target(output, "a/b/c.html")
    assert names(output) == ["a", "a/d.html", "e.html"]
    remove_target(output, "a/d.html")
    remove_target(output, "e.html")
    assert names(output) == []
    assert output.is_dir()
    (output / "a/b").mkdir(parents=True)
    (output / "f").write_bytes(b"x")
    for target in ("a/nowhere", "a/b", "f/nowhere"):  # nothing, a folder, a file for a folder
        (output / "a/b").mkdir(parents=True, exist_ok=True)
        remove_target(output, target)
    assert (output / "f").is_file()


def test_the_part_files_of_a_killed_build_are_deleted_and_no_others(output: Path) -> None:
    for name in (f"{PART_PREFIX}1-2.part", f"{PART_PREFIX}notes.txt", "a.part"):
        (output / name).write_bytes(b"x")
    remove_parts(output)
    assert names(output) == [f"{PART_PREFIX}notes.txt", "a.part"]


# --- what a folder holds ---


def test_a_sweep_finds_every_file_follows_links_inside_and_refuses_others(tmp_path: Path) -> None:
    content = tmp_path / "content"
    (content / "a/b").mkdir(parents=True)
    (content / "a/x.md").write_text("x")
    (content / "a/b/y.png").write_text("y")
    (content / "course.toml").write_text("")
    (content / "a/course.toml").write_text("")
    (content / "link.md").symlink_to("a/x.md")
    (content / "folder").symlink_to("a/b")
    (content / "a/b/up").symlink_to("..")
    (content / "out.md").symlink_to("/etc/hostname")
    (content / "lost").symlink_to("nowhere")
    (content / "self").symlink_to("self")
    (tmp_path / "content-2").mkdir()
    (content / "beside").symlink_to(tmp_path / "content-2")
    os.mkfifo(content / "pipe")
    (content / "bad\x01.md").write_text("")
    (content / os.fsdecode(b"\xff.md")).write_text("")
    tree = sweep_content(content, ("*.tmp",))
    assert sorted(tree.lessons) == ["a/x.md", "link.md"]
    assert sorted(tree.assets) == ["a/b/y.png", "a/course.toml", "folder/y.png"]
    assert tree.lessons["a/x.md"] == tree.lessons["link.md"] == FileStamp.of((content / "a/x.md").stat())
    told = {path: problem.message for path, problem in tree.problems}
    assert told == {
        "a/b/up": "symbolic link to a folder it is in: a loop",
        "folder/up": "symbolic link to a folder it is in: a loop",
        "out.md": "symbolic link that leaves the course",
        "beside": "symbolic link that leaves the course",
        "lost": "symbolic link to nothing",
        "self": "symbolic link that leads to itself",
        "pipe": "not a file: a pipe, socket or device",
        "bad\x01.md": "file name with a control character",
        os.fsdecode(b"\xff.md"): "file name that is not UTF-8",
    }
    assert {problem.severity for _, problem in tree.problems} == {"error"}
    assert tree.unreadable == []


def test_a_walk_gives_every_file_and_leaves_one_folder_name_out(tmp_path: Path) -> None:
    for path in ("a/b/c", "a/cache/d", "e"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "link").symlink_to("a/b/c")
    (tmp_path / "lost").symlink_to("nowhere")
    found = dict(walk(os.fspath(tmp_path), without="cache"))
    assert sorted(found) == ["a/b/c", "e", "link", "lost"]
    assert found["link"].st_ino == (tmp_path / "a/b/c").stat().st_ino
    assert sorted(dict(walk(os.fspath(tmp_path)))) == ["a/b/c", "a/cache/d", "e", "link", "lost"]


def test_the_files_that_are_not_what_was_written_are_found(output: Path) -> None:
    for target in ("a/b.html", "c.html", "d.html"):
        write_target(output, target, b"x")
    written = {path: (status.st_size, status.st_mtime_ns) for path, status in walk(os.fspath(output))}
    assert OutputCheck(output, written).spoiled == []
    (output / "mine.txt").write_bytes(b"what is not ours does not count")
    assert OutputCheck(output, written).spoiled == []
    (output / "c.html").write_bytes(b"longer")
    os.utime(output / "d.html", (1, 1))
    assert sorted(OutputCheck(output, written).spoiled) == ["c.html", "d.html"]
    (output / "a/b.html").unlink()
    assert sorted(OutputCheck(output, written).spoiled) == ["a/b.html", "c.html", "d.html"]
    assert sorted(OutputCheck(output / "nowhere", written).spoiled) == ["a/b.html", "c.html", "d.html"]
    assert OutputCheck(output / "nowhere", {}).spoiled == []
