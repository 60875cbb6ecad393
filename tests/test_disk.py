"""Reading, writing and deleting one file: whole or not at all, and what is told when it cannot be."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from building import PROJECT, needs_no_root, run_as_nobody

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
from pipeline.builder.disk.images import image_size
from pipeline.builder.disk.location import PACKAGE_FOLDER, TEMPLATES_FOLDER, Location, claim_output
from pipeline.builder.disk.lock import BusyError, CourseLock
from pipeline.builder.disk.output_check import OutputCheck
from pipeline.builder.disk.sources import Limit, open_source, read_source
from pipeline.builder.disk.sweep import FileStamp, is_left_out, sweep_content, walk
from pipeline.builder.state.damage import Connection, StateDamagedError
from pipeline.errors import SettingsError, SourceError, TargetError


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
    path.write_bytes(bytes(5_000_000))  # as the reference says
    assert len(read_source(tmp_path, "a.md").content) == 5_000_000
    path.write_bytes(bytes(5_000_001))
    with pytest.raises(SourceError, match="a lesson of"):
        read_source(tmp_path, "a.md")
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
    (content / "a/b/here").symlink_to(".")
    (content / "a/b/top").symlink_to("../..")
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
        "a/b/here": "symbolic link to a folder it is in: a loop",
        "folder/here": "symbolic link to a folder it is in: a loop",
        "a/b/top": "symbolic link to a folder it is in: a loop",
        "folder/top": "symbolic link to a folder it is in: a loop",
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


@needs_no_root
@pytest.mark.parametrize(("mode", "told"), [(0o444, ["a/x.md", "a/y.md"]), (0o333, ["a"])])
def test_what_is_in_a_folder_that_cannot_be_looked_at_is_unknown(tmp_path: Path, mode: int, told: list[str]) -> None:
    """One may be listed, and yet nothing be said of its files."""
    (tmp_path / "course/a").mkdir(parents=True)
    for path in ("a/x.md", "a/y.md", "z.md"):
        (tmp_path / "course" / path).write_text("x")
    (tmp_path / "course/a").chmod(mode)
    program = (
        "from pathlib import Path\nfrom pipeline.builder.disk.sweep import sweep_content\n"
        "tree = sweep_content(Path('course'), ())\n"
        "print([*tree.lessons], tree.unreadable, [path for path, _ in tree.problems])"
    )
    status, text = run_as_nobody(tmp_path, "-c", program)
    (tmp_path / "course/a").chmod(0o755)
    assert (status, text) == (0, f"['z.md'] ['a'] {told}\n")


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        ("x.md", ["a/b/x.md", "a/x.md"]),
        ("a/x.md", ["a/x.md"]),
        ("/a/b/", ["a/b/x.md", "a/b/y.md"]),
        ("b", ["a/b/x.md", "a/b/y.md"]),
        ("a/*", ["a/b/x.md", "a/b/y.md", "a/x.md"]),
        ("a/b/gone.md", []),
    ],
)
def test_what_is_left_out_is_what_the_course_has_not(tmp_path: Path, pattern: str, left_out: list[str]) -> None:
    paths = ["a/b/x.md", "a/b/y.md", "a/x.md", "z.md"]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    assert [path for path in [*paths, "a/b/gone.md"] if is_left_out(tmp_path, path, (pattern,))] == left_out
    assert sorted({*paths} - {*left_out}) == sorted(sweep_content(tmp_path, (pattern,)).lessons)


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


def test_what_has_another_stamp_and_the_same_content_is_what_was_written(output: Path) -> None:
    """As in a copy of the output, whose files may be older or younger."""
    names = ("older.html", "younger.html", "other.html", "longer.html", "unknown.html", "gone.html", "same.html")
    digests = {name: write_target(output, name, name.encode()) and digest_of(name.encode()) for name in names}
    written = {path: (status.st_size, status.st_mtime_ns) for path, status in walk(os.fspath(output))}
    os.utime(output / "older.html", (1, 1))
    os.utime(output / "younger.html", (4 * 10**9, 4 * 10**9))
    (output / "other.html").write_bytes(b"OTHER.html")
    (output / "longer.html").write_bytes(b"longer.html and more")
    os.utime(output / "unknown.html", (1, 1))
    (output / "gone.html").unlink()
    check = OutputCheck(output, written)
    found = check.compare_contents(digests | {"unknown.html": b""})
    assert {name for name in names if found[name] != written[name]} == {"older.html", "younger.html"}
    assert (found["older.html"][1], found["younger.html"][1]) == (10**9, 4 * 10**18)
    assert sorted(check.spoiled) == ["gone.html", "longer.html", "other.html", "unknown.html"]


@pytest.mark.parametrize("link", ["a.md", "folder"])
def test_a_link_is_followed_inside_the_course_only(tmp_path: Path, link: str) -> None:
    """Also one that was put there after the folder was listed."""
    for place in ("content/in", "out"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.md").write_text(place)
    content = tmp_path / "content"
    for place in ("in", "../out"):
        path = content / link
        path.symlink_to(f"{place}/a.md" if link == "a.md" else place)
        read = "a.md" if link == "a.md" else "folder/a.md"
        if place == "in":
            assert read_source(content, read).content == b"content/in"
        else:
            with pytest.raises(SourceError, match="leaves the course"):
                read_source(content, read)
        path.unlink()


# --- the folders of a build ---


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("output", ""),
        ("elsewhere/output", ""),
        ("projects", ""),
        ("content", "are in each other"),
        ("content/site", "are in each other"),
        ("content/../content/a/b", "are in each other"),
        (".", "are in each other"),
        ("..", "are in each other"),
        ("link/site", "are in each other"),
        ("a file", "is a file"),
        ("templates", "among the project's own files: templates"),
        ("templates/static/x", "among the project's own files: templates"),
        (".lesson-pipeline", "among the project's own files: .lesson-pipeline"),
        (".lesson-pipeline/x", "among the project's own files: .lesson-pipeline"),
        ("dodo.py/x", "among the project's own files: dodo.py"),
        (f"{PACKAGE_FOLDER}", "among the project's own files: pipeline"),
        (f"{PACKAGE_FOLDER}/page", "among the project's own files: pipeline"),
    ],
)
def test_where_an_output_may_be(tmp_path: Path, output: str, message: str) -> None:
    root = tmp_path / "project"
    for folder in ("content/a", "templates/static", ".lesson-pipeline"):
        (root / folder).mkdir(parents=True)
    (root / "a file").write_text("x")
    (root / "dodo.py").write_text("x")
    (root / "link").symlink_to("content")
    location = Location(root, root / "content", root / output)
    if not message:
        location.check()
        return
    with pytest.raises(SettingsError, match=re.escape(message)) as caught:
        location.check()
    assert caught.value.hint
    with pytest.raises(SettingsError, match="there is no content folder"):
        Location(root, root / "nowhere", root / output).check()


def test_a_course_elsewhere_has_templates_of_its_own_which_no_output_may_take(tmp_path: Path) -> None:
    for folder in ("project/templates", "mine/content", "mine/templates"):
        (tmp_path / folder).mkdir(parents=True)
    location = Location(tmp_path / "project", tmp_path / "mine/content", tmp_path / "mine/templates/x")
    own = tmp_path / "mine/templates", tmp_path / "project/templates"
    assert location.template_folders == (*own, TEMPLATES_FOLDER)
    in_project = location._replace(home=location.root)
    assert in_project.template_folders == (own[1], TEMPLATES_FOLDER), "what stands beside lessons is not heeded"
    with pytest.raises(SettingsError, match="among the project's own files: templates"):
        location.check()
    location._replace(output=tmp_path / "mine/site").check()


def test_an_output_is_that_of_one_course_as_long_as_both_are_there(tmp_path: Path) -> None:
    def location(name: str) -> Location:
        (tmp_path / name).mkdir(exist_ok=True)
        return Location(tmp_path, tmp_path / name, tmp_path / "site")

    one, other = location("one"), location("other")
    one.state_folder.mkdir(parents=True)
    other.state_folder.mkdir(parents=True)
    claim_output(one)
    claim_output(other)  # nothing is in the output
    claim_output(one)
    (tmp_path / "site").mkdir()
    claim_output(other)
    (tmp_path / "site/a.html").write_text("x")
    for _ in range(2):
        with pytest.raises(SettingsError, match="is the site of another course"):
            claim_output(one)
        claim_output(other)
    for nothing in (b"", b"\xff\xfe", b"nowhere", b"../one", os.fsencode(tmp_path)):
        other.output_note.write_bytes(nothing)
        claim_output(one)
        assert other.output_note.read_text() == os.path.relpath(one.state_folder, one.output_note.parent)
    one.state_folder.rmdir()
    claim_output(other)
    assert names(tmp_path / ".lesson-pipeline/outputs") == [other.output_note.name]


def test_a_lock_says_which_process_holds_it(tmp_path: Path) -> None:
    location = Location(tmp_path, tmp_path / "content", tmp_path / "output")
    program = (
        "import sys\nfrom pathlib import Path\nfrom pipeline.builder.disk.location import Location\n"
        "from pipeline.builder.disk.lock import BusyError, CourseLock\nroot = Path(sys.argv[1])\n"
        "lock = CourseLock(Location(root, root / 'content', root / sys.argv[2]))\nlock.take(wait=False)\nprint('held', flush=True)\ninput()"
    )
    for output, running in (
        ("output", "another build of this course"),
        ("other/../output", "another build of this course"),
    ):
        command = [sys.executable, "-c", program, os.fspath(tmp_path), output]
        with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(SettingsError, match=rf"^{running} is running \(process {holder.pid}\)$"):
                CourseLock(location).take(wait=False)
            elsewhere = Location(tmp_path, tmp_path / "another", tmp_path / "output")
            with pytest.raises(SettingsError, match=rf"^a build of another course into this output .* {holder.pid}\)$"):
                CourseLock(elsewhere).take(wait=False)
            with pytest.raises(BusyError), CourseLock(location).hold(0):
                pytest.fail("another holds it")
            holder.communicate("\n")
        lock = CourseLock(location)
        lock.take(wait=False)
        lock.take(wait=False)  # it is held already
        lock.release()
        lock.release()
        again = CourseLock(location)
        again.take(wait=False)
        again.release()


def test_whoever_may_write_into_the_folder_may_lock_it(tmp_path: Path) -> None:
    location = Location(tmp_path, tmp_path / "content", tmp_path / "output")
    before = os.umask(0)
    try:
        lock = CourseLock(location)
        lock.take(wait=False)
        lock.release()
    finally:
        os.umask(before)
    locks = [path for path in tmp_path.rglob("*lock") if path.is_file()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in locks] == [0o666] * 2


def test_a_state_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / ".lesson-pipeline").write_text("x")
    with pytest.raises(SettingsError, match="cannot use the state folder content-output-"):
        CourseLock(Location(tmp_path, tmp_path / "content", tmp_path / "output")).take(wait=False)


# --- pictures ---


def test_what_an_avif_says_of_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    head = b"\0\0\0\x18ftypavif" + bytes(12)
    part = b"ispe" + bytes(4) + struct.pack(">LL", 300, 200)
    thumbnail = b"ispe" + bytes(4) + struct.pack(">LL", 90, 9)
    for rest, size in (
        (b"", ()),
        (part[:-1], ()),
        (part, (300, 200)),
        (part + bytes(12), (300, 200)),
        (part + thumbnail, (300, 200)),
        (thumbnail + part, (300, 200)),
        (part + b"irot\0" + bytes(12), (300, 200)),
        (part + b"irot\1" + bytes(12), (200, 300)),
        (part + b"irot\2" + bytes(12), (300, 200)),
        (part + b"irot\3" + bytes(12), (200, 300)),
        (part + bytes(12) + b"irot", (300, 200)),
        (part + bytes(12) + b"irot\1", (200, 300)),
    ):
        path.write_bytes(head + rest)
        assert image_size(path) == size, rest


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('viewBox="7 5 40 30"', (40, 30)),
        ('viewBox="1 0 40 30"', (40, 30)),
        ('viewBox="0 0 0 30"', ()),
        ('viewBox="0 0 40 0"', ()),
        ('viewBox="0 0 40"', ()),
        ('viewBox="0 0 40 30 1"', ()),
        ('viewBox="0 0 40 30" width="20"', (20, 15)),
        ('viewBox="0 0 40 30" height="15"', (20, 15)),
        ('viewBox="0 0 40 30" width="7" height="9"', (7, 9)),
        ('viewBox="0 0 40 30" width="50%" height="50%"', (40, 30)),
        ('viewBox="a b c d" width="7"', ()),
        ('viewBox="0 0 40 30" width="0"', ()),
        ('viewBox="0 0 40 30" height="0"', ()),
        ('viewBox="0 0 40 30" width="0" height="15"', (20, 15)),
        ('width="7"', ()),
        ('height="7"', ()),
    ],
)
def test_what_a_drawing_says_of_its_size(tmp_path: Path, root: str, size: tuple[int, ...]) -> None:
    path = tmp_path / "a.SVG"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {root}/>')
    assert image_size(path) == size
    path.rename(tmp_path / "a.txt")
    assert image_size(tmp_path / "a.txt") == ()


# --- the state file ---


@pytest.mark.parametrize(
    ("code", "is_damage"),
    [(11, True), (11 | 1 << 8, True), (11 | 3 << 8, True), (26, True), (1, False), (8, False), (10, False), (13, False),
     (5, False), (None, False)],
)  # fmt: skip
def test_which_faults_of_the_state_file_are_damage(tmp_path: Path, code: int | None, is_damage: bool) -> None:
    path = tmp_path / "state.sqlite3"
    path.write_bytes(b"x")
    connection = sqlite3.connect(":memory:", factory=Connection)
    error = sqlite3.DatabaseError("why")
    if code is not None:
        error.sqlite_errorcode = code
    connection.tell(error)  # whose file it is is not known yet
    connection.path = path
    if is_damage:
        with pytest.raises(StateDamagedError, match="the state file was damaged \\(why\\): the next build begins anew"):
            connection.tell(error)
    else:
        connection.tell(error)
    assert path.exists() != is_damage
    connection.close()
