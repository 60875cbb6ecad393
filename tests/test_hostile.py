"""Whoever can add a file below the content folder can neither run a script on readers nor stop the build."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from building import Project, read_tree, some_of_many
from hypothesis import given
from hypothesis import strategies as st

from pipeline.builder.course import course as course_module
from pipeline.builder.course.graph import Graph
from pipeline.builder.course.stage import Stage
from pipeline.builder.disk import sweep
from pipeline.builder.disk.images import image_size
from pipeline.builder.disk.location import PACKAGE_FOLDER
from pipeline.builder.tasks import TASKS, Definitions
from pipeline.settings import COURSE_FILES, HISTORIES

GOOD = "# Tốt\n\nBài tốt.\n"


@pytest.fixture
def course(project: Project) -> Project:
    project.write("good.md", GOOD)
    project.write("a/good.md", GOOD)
    return project


# --- what is the site's own ---

HOSTILE = b"alert(1)"


def own_files(course: Project) -> dict[str, bytes]:
    """Every file that the site makes of no file of the course."""
    kept = ("_static/", "_site/", "_search/", "_repairs/", "404.html", "robots.txt", "sitemap.xml", "feed.xml")
    return {path: content for path, content in read_tree(course.output).items() if path.startswith(kept)}


def test_no_file_of_a_course_takes_the_place_of_one_of_the_sites_own(course: Project) -> None:
    course.write("course.toml", 'base_url = "https://example.org/"\n')
    course.build()
    own = own_files(course)
    assert len(own) > 10
    for path in own:
        course.write(path, HOSTILE)
    run = course.doit()
    assert run.status == 1, run.text
    assert "Traceback" not in run.text
    assert own_files(course) == own
    for folder in ("_static", "_site", "_search", "_repairs"):
        assert f"{folder}: '{folder}' is a folder of the site's own\n" in run.text
    for name in ("404.html", "robots.txt", "sitemap.xml", "feed.xml"):
        assert f"{name}: '{name}' would overwrite what the site itself makes\n" in run.text
    assert "Bài tốt." in course.page("a/good.html")


@pytest.mark.parametrize("folder", ["_static", "_SITE", "_Search", "_repairs", "_repairs/deeper"])
@pytest.mark.parametrize("name", ["new.js", "x.md", "index.md"])
def test_nothing_of_a_course_stands_in_a_folder_of_the_sites_own(course: Project, folder: str, name: str) -> None:
    course.write(f"{folder}/{name}", "# Chữ\n\nalert(1)\n")
    run = course.doit()
    assert run.status == 1, run.text
    top = folder.partition("/")[0]
    assert f"{top}: '{top}' is a folder of the site's own\n  hint: rename it" in run.text
    assert not any(b"alert(1)" in content for content in own_files(course).values())
    assert "Bài tốt." in course.page("a/good.html")


@pytest.mark.parametrize(
    "path", ["404.md", "robots.txt/x.md", "report.json/x.md", "report.json/index.md", "404.html/x"]
)
def test_nor_does_one_whose_page_or_account_would(course: Project, path: str) -> None:
    course.write(path, "# Chữ\n\nÄ\x90Ã¢y lÃ\xa0 chá»¯ há»\x8fng.\n")
    run = course.doit()
    assert run.status == 1, run.text
    assert f"{path}: " in run.text
    assert "would overwrite what the site itself makes\n  hint: rename it\n" in run.text
    assert "Traceback" not in run.text
    assert "Bài tốt." in course.page("a/good.html")


# --- what is no file, or not the course's ---


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_outside(path: Path) -> None:
    secret = path.parents[2] / "secret"
    secret.write_text("a-secret = 'a-secret'\n")
    path.symlink_to(secret)


def make_sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2_000_000_000)


NO_FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (make_pipe, "not a file: a pipe, socket or device"),
    "socket": (make_socket, "not a file: a pipe, socket or device"),
    "link to a device": (link_to_device, "symbolic link that leaves the course"),
    "link to outside": (link_outside, "symbolic link that leaves the course"),
    "sparse": (make_sparse, "MB; the limit is"),
}


def without_digests(paths: Iterable[str]) -> set[str]:
    """Files whose names are made from their content have others after an edit."""
    return {re.sub(r"\.[0-9a-f]{8}(?=\.)", "", path) for path in paths}


@pytest.mark.parametrize("kind", some_of_many(NO_FILES, *list(NO_FILES)[::2]))
@pytest.mark.parametrize("name", COURSE_FILES)
def test_a_file_about_the_course_that_is_no_file_is_told(course: Project, name: str, kind: str) -> None:
    course.build()
    before = read_tree(course.output)
    make, words = NO_FILES[kind]
    make(course.content / name)
    course.write("a/good.md", f"{GOOD}\nMore.\n")
    run = course.doit()
    assert run.status == 1, run.text
    assert f"\ncontent/{name}: " in run.text
    assert words in run.text
    assert "Traceback" not in run.text
    assert "More." in course.page("a/good.html"), "the rest is built"
    assert without_digests(read_tree(course.output)) == without_digests(before)


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("path", ["a/good.md", "a/x.png", "a/x.svg"])
def test_what_was_swapped_after_the_sweep_is_told_and_the_rest_built(
    course: Project, monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    """Also a file that was there: its page is kept as it was."""
    course.write(path, GOOD)
    make, words = NO_FILES[kind]
    real = course_module.sweep_content

    def sweep_then_swap(content: Path, ignore: tuple[str, ...]) -> object:
        swept = real(content, ignore)
        (content / path).unlink()
        make(content / path)
        return swept

    monkeypatch.setattr(course_module, "sweep_content", sweep_then_swap)
    run = course.doit()
    assert run.status == 1, run.text
    assert f"{path}: " in run.text
    assert words in run.text
    assert "Traceback" not in run.text
    assert "Bài tốt." in course.page("good.html")
    assert not any(b"a-secret" in content for content in read_tree(course.output).values())


def test_a_folder_swapped_for_a_link_to_outside_is_not_followed(
    course: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.write("a/x.txt", "innocent")
    outside = course.root / "outside"
    outside.mkdir()
    for name in ("good.md", "x.txt"):
        (outside / name).write_text("a-secret")
    real = course_module.sweep_content

    def sweep_then_swap(content: Path, ignore: tuple[str, ...]) -> object:
        swept = real(content, ignore)
        (content / "a").rename(content / ".a")
        (content / "a").symlink_to(outside)
        return swept

    monkeypatch.setattr(course_module, "sweep_content", sweep_then_swap)
    run = course.doit()
    assert run.status == 1, run.text
    assert "a/x.txt: symbolic link that leaves the course" in run.text
    assert "a/good.md: symbolic link that leaves the course" in run.text
    assert not any(b"a-secret" in content for content in read_tree(course.output).values())


def test_links_inside_the_course_are_followed_as_ever(course: Project) -> None:
    course.write("a/x.txt", "shared")
    (course.content / "b").symlink_to("a")
    (course.content / "again.md").symlink_to(course.content / "a" / "good.md")
    course.build()
    assert "Bài tốt." in course.page("again.html")
    assert "Bài tốt." in course.page("b/good.html")
    assert course.page("b/x.txt") == "shared"


def test_links_that_double_at_each_folder_end(course: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MAX_LINKED", 200)
    for number in range(60):
        folder = course.content / f"n{number}"
        folder.mkdir()
        for name in ("one", "two"):
            (folder / name).symlink_to(f"../n{number + 1}")
    course.write("n60/x.md", GOOD)
    run = course.doit()
    assert run.status == 1, run.text
    assert "symbolic links to folders bring more than 200 files into the course" in run.text
    assert "Bài tốt." in course.page("good.html")


def test_folders_nested_without_end_are_told(course: Project) -> None:
    here = Path.cwd()
    os.chdir(course.content)
    for _ in range(150):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(here)
    run = course.doit()
    assert run.status == 1, run.text
    assert "folders nested more than 100 deep" in run.text
    assert "Traceback" not in run.text
    assert "Bài tốt." in course.page("good.html")


def test_a_folder_named_as_a_part_file_stops_nothing(course: Project) -> None:
    (course.content / ".lesson-pipeline-1-1.part").mkdir()
    course.build()
    course.build()


@pytest.mark.parametrize("history", HISTORIES)
def test_no_setting_publishes_the_history_of_a_course(course: Project, history: str) -> None:
    """Who may propose a lesson may propose a `course.toml`, but not read the address that it is fetched from."""
    course.write("course.toml", "ignore = []\n")
    for folder in ("", "a/"):
        course.write(f"{folder}{history}/config", "url = https://name:a-secret@example.org\n")
    course.write("a/good.md", f"{GOOD}\n{{{{#include {history}/config}}}}\n")
    run = course.doit()
    assert run.status == 1, run.text
    assert "it is no part of the course" in run.text
    assert "a-secret" not in run.text
    assert not any(b"a-secret" in content for content in read_tree(course.output).values())


# --- former paths ---

ALIASES = {
    "long name": "x" * 251,
    "long name in many bytes": "ờ" * 90,
    "long folder": f"{'x' * 256}/x",
    "long path": "/".join(["x" * 100] * 20),
    "surely too long": "x/" * 5_000,
}


@pytest.mark.parametrize("name", ALIASES)
def test_a_former_path_that_cannot_be_is_refused_by_itself(course: Project, name: str) -> None:
    course.write("good.md", f'---\naliases: ["old", "{ALIASES[name]}", "x/older.md"]\n---\n{GOOD}')
    run = course.doit()
    assert run.status == 0, run.text
    assert "good.md:2: warning: alias" in run.text
    assert "a bug in this program" not in run.text
    assert 'url=good.html"' in course.page("old.html").replace("; url", ";url")
    assert "good.html" in course.page("x/older.html")


def test_a_redirect_that_cannot_be_written_takes_no_other_with_it(course: Project) -> None:
    """Something that is not the project's stands in its way."""
    course.write("good.md", f"---\naliases: [a1/x, b1/x, c1/x]\n---\n{GOOD}")
    course.output.mkdir()
    (course.output / "b1").write_text("in the way")
    for _ in range(2):
        run = course.doit()
        assert run.status == 1, run.text
        assert "cannot write output/b1/x.html" in run.text
        assert "Traceback" not in run.text
        assert "good.html" in course.page("a1/x.html")
        assert "good.html" in course.page("c1/x.html")
    (course.output / "b1").unlink()
    course.build()
    assert "good.html" in course.page("b1/x.html")


# --- templates ---


@pytest.mark.parametrize(
    "name", ["parts", "base", "redirect", "missing", "repairs", "section", "default/parts", "nope"]
)
@pytest.mark.parametrize(
    ("page", "made", "kind"),
    [
        ("a/good", "a/good", "lesson"),
        pytest.param("a/index", "a/index", "section", marks=pytest.mark.deep),
        pytest.param("b/README", "b/index", "section", marks=pytest.mark.deep),
        ("index", "index", "home"),
    ],
)
def test_a_page_is_made_from_a_template_for_pages_only(
    course: Project, page: str, made: str, kind: str, name: str
) -> None:
    """`parts` made a page without a security policy."""
    course.write(f"{page}.md", f"---\ntemplate: {name}\n---\n{GOOD}")
    run = course.doit()
    assert run.status == 0, run.text
    assert "Content-Security-Policy" in course.page(f"{made}.html")
    assert "Bài tốt." in course.page(f"{made}.html")
    told = f"{page}.md:2:11: warning: '{name}' is no template for a {kind}: the usual one is taken"
    if name == "section" and kind != "lesson":
        assert "warning" not in run.text
    else:
        assert told in run.text
        assert "  hint: " in run.text.partition(told)[2].splitlines()[1]
        assert told in course.doit("report").text


@pytest.mark.parametrize("extends", ["lesson.html", "default/lesson.html", "quiz.html"])
def test_a_template_that_extends_the_usual_one_is_one_for_pages(course: Project, extends: str) -> None:
    text = "{% block text %}<p>Đố!</p>{{ super() }}{% endblock %}"
    templates = course.root / "templates"
    (templates / "quiz.html").write_text('{% extends "lesson.html" %}' + text, "utf-8")
    (templates / "own.html").write_text(f'{{% extends "{extends}" %}}' + text, "utf-8")
    course.write("good.md", f"---\ntemplate: own\n---\n{GOOD}")
    course.build()
    assert "<p>Đố!</p>" in course.page("good.html")


def test_every_policy_forbids_forms(course: Project) -> None:
    course.write("good.md", f"---\naliases: [old]\n---\n{GOOD}")
    course.build()
    for path, content in read_tree(course.output).items():
        if path.endswith(".html"):
            assert b"form-action 'none'" in content, path


# --- numbers and other values that nobody means ---

DIGITS = "9" * 400
ODD_VALUES = {
    "order of 400 digits": f"order: {DIGITS}",
    "order of 5,000 digits": f"order: {'9' * 5_000}",
    "order in hexadecimal": f"order: 0x{'f' * 5_000}",
    "title in hexadecimal": f"title: 0x{'f' * 5_000}",
    "name in hexadecimal": f"0x{'f' * 5_000}: x\norder: x",
    "infinite order": "order: .inf",
    "no bool": "draft: !!bool x",
    "no int": "order: !!int ''",
    "no time": "date: !!timestamp x",
    "a time of lists": "a: &a [x, x]\n"
    + "".join(f"{n}: &{n} [*{o}, *{o}]\n" for o, n in zip("abcdefghijklmnopqrstuvwxy", "bcdefghijklmnopqrstuvwxyz"))
    + "date: !!timestamp [*z]",
    "many lists in lists": f"title: {'[' * 49_000}",
    "no such time": "date: 0001-01-01 00:00:00 +23:59",
    "bytes": "title: !!binary x",
    "a set": "title: !!set {a}",
    "lists in lists": f"title: {'[' * 2_000}",
    "aliases of aliases": "a: &a [x, x, x, x]\n"
    + "".join(f"{n}: &{n} [*{o}, *{o}, *{o}, *{o}]\n" for o, n in zip("abcdefghijkl", "bcdefghijklm"))
    + "title: *m",
    "merged mappings": "a: &a {x: 1}\n"
    + "".join(f"{n}: &{n} {{<<: [*{o}, *{o}, *{o}, *{o}]}}\n" for o, n in zip("abcdefghijklmno", "bcdefghijklmnop")),
    "very long": "title: |\n" + "  x\n" * 6_000,
}


@pytest.mark.parametrize("name", ODD_VALUES)
def test_no_value_of_front_matter_is_a_bug(course: Project, name: str) -> None:
    course.write("bad.md", f"---\n{ODD_VALUES[name]}\n---\n{GOOD}")
    run = course.doit()
    assert "a bug in this program" not in run.text
    assert "Traceback" not in run.text
    assert "bad.md:" in run.text or run.status == 0
    assert len(run.text) < 5_000
    assert "Bài tốt." in course.page("a/good.html")


ABOUT = {
    "long number": ("course.toml", f"title = {'9' * 5_000}"),
    "long hexadecimal number": ("course.toml", f"title = 0x{'f' * 5_000}"),
    "lists in lists": ("course.toml", f"quick_links = {'[' * 20_000}"),
    "long number of a redirect": ("redirects.toml", f"x = 0x{'f' * 5_000}"),
    "lists of redirects": ("redirects.toml", f"x = {'[' * 20_000}"),
    "lists of decisions": ("repairs.toml", f"x = {'[' * 20_000}"),
    "long name": ("course.toml", f"{'x' * 100_000} = 1"),
    "long count": ("lexicon.tsv", f"chữ\t{'9' * 5_000}"),
    "large count": ("lexicon.tsv", f"chữ\t{'9' * 400}"),
}


@pytest.mark.parametrize("name", ABOUT)
def test_no_value_of_a_file_about_the_course_is_a_bug(course: Project, name: str) -> None:
    path, text = ABOUT[name]
    course.write(path, text)
    run = course.doit()
    assert run.status == 1
    assert re.search(rf"^content/{re.escape(path)}:(\d+:)? ", run.text, re.M)
    assert "Traceback" not in run.text
    assert "good" in course.page("a/good.html"), "the rest is built"


SIDES = (DIGITS, "1e999", "-1", "0.1", "1e", "٣", "99999999999", "NaN", "Infinity")


@pytest.mark.parametrize("side", SIDES)
def test_no_size_of_a_drawing_is_a_bug(course: Project, side: str) -> None:
    course.write("a.svg", f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}"/>')
    course.write("b.svg", f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} 1"/>')
    course.write("c.svg", f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" viewBox="0 0 1 {side}"/>')
    course.write("good.md", f"{GOOD}\n![a](a.svg) ![b](b.svg) ![c](c.svg)\n")
    course.build()
    assert not {"width", "height"} & set(course.page("good.html").partition("<article>")[2].split('"')[0::2])


IMAGE_HEADS = (
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"\xff\xd8\xff\xe0\x00\x00\xff\xe0\x00\x00",
    b"GIF89a",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    b"\x00\x00\x00\x18ftypavif",
    b"II*\x00",
    b"MM\x00*",
    b"BM",
    b"P6 ",
    b"<svg ",
)


@given(
    st.binary(max_size=60),
    st.sampled_from(IMAGE_HEADS),
    st.sampled_from([".png", ".jpg", ".gif", ".webp", ".avif", ".bmp", ".svg"]),
)
def test_no_bytes_of_an_image_are_a_bug(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, head: bytes, ending: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"image{ending}"
    path.write_bytes(head + tail)
    size = image_size(path)
    assert size == () or (len(size) == 2 and min(size) > 0)


def test_an_image_that_states_more_than_it_has_takes_no_time(tmp_path: Path) -> None:
    """100 entries of 65,535 empty parts each: counted by what is called, not by the clock."""
    location = b"iloc" + bytes(4) + bytes(2) + (100).to_bytes(2, "big")
    location += b"".join(n.to_bytes(2, "big") + bytes(2) + b"\xff\xff" for n in range(100))
    location = (len(location) + 4).to_bytes(4, "big") + location
    meta = b"meta" + bytes(4) + location
    path = tmp_path / "x.png"
    path.write_bytes(b"\x00\x00\x00\x18ftypavif" + bytes(8) + b"avif" + (len(meta) + 4).to_bytes(4, "big") + meta)
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        size = image_size(path)
    finally:
        sys.setprofile(None)
    assert size == ()
    assert calls < 1_000


def test_the_size_of_an_avif_is_that_of_its_largest_picture(tmp_path: Path) -> None:
    def pictures(*sizes: tuple[int, int]) -> bytes:
        found = [b"\0\0\0\x14ispe\0\0\0\0" + w.to_bytes(4, "big") + h.to_bytes(4, "big") for w, h in sizes]
        return b"\0\0\0\x18ftypavif" + bytes(12) + b"".join(found)

    path = tmp_path / "x.avif"
    for others, largest in ([(160, 90), (64, 64)], (640, 360)), ([(100, 10), (10, 100)], (90, 90)):
        path.write_bytes(pictures(others[0], largest, *others[1:]) + b"more")
        assert image_size(path) == largest
    path.write_bytes(pictures((640, 360)) + b"\0\0\0\x09irot\x01" + bytes(4))
    assert image_size(path) == (360, 640)


# --- what a terminal is shown ---


def test_no_name_of_a_file_gives_a_terminal_a_command_or_turns_letters_around(course: Project) -> None:
    course.write("a\x9b2Jb\u202ecod.md", "# A\n\n[x](gone\x9b\u2066.md)\n")
    course.write("c\u2029d.md", "no title\x9b\x00")
    for arguments in ((), ("-v", "2"), ("check",), ("list", "--all")):
        text = course.doit(*arguments).text
        assert "\\u202ecod" in text or "%E2%80%AEcod" in text
        assert not re.search("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text), ascii(text)
        course.write("a\x9b2Jb\u202ecod.md", f"# A\n\n[x](gone\x9b\u2066.md) {len(arguments)}\n")


# --- whose output it is ---


def build_elsewhere(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """A run in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "doit", *arguments],
        cwd=root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.parametrize("same_project", [True, False])
def test_two_courses_begun_at_once_do_not_mix_in_one_output(tmp_path: Path, same_project: bool) -> None:
    first = Project(tmp_path / "first")
    second = first if same_project else Project(tmp_path / "second")
    contents = (first.root / "one", second.root / "two")
    for content, word in zip(contents, ("Một", "Hai")):
        content.mkdir()
        for number in range(40):
            (content / f"{word}{number}.md").write_text(f"# {word} {number}\n\nChữ.\n")
    output = tmp_path / "site"
    runs = [
        build_elsewhere(project.root, f"content={content}", f"output={output}")
        for project, content in zip((first, second), contents)
    ]
    told = [run.communicate(timeout=120)[0] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 1], told
    assert any("is the site of another course" in text for text in told)
    pages = {path.name[:3] for path in output.glob("*.html")} - {"404", "ind"}
    assert len(pages) == 1, pages


DAMAGED_NOTES = {
    "empty": b"",
    "no UTF-8": b"\xff\xfe\xff",
    "half": b"../",
    "zeros": bytes(40),
    "of nobody": b"../x-00000000",
}


@pytest.mark.parametrize("name", DAMAGED_NOTES)
def test_a_damaged_note_of_whose_output_it_is_is_written_anew(course: Project, name: str) -> None:
    course.build()
    (note,) = [path for path in (course.root / ".lesson-pipeline" / "outputs").iterdir() if not path.suffix]
    good = note.read_bytes()
    note.write_bytes(DAMAGED_NOTES[name])
    course.write("good.md", GOOD + "\nThêm.\n")
    course.build()
    assert "Thêm." in course.page("good.html")
    assert note.read_bytes() == good


def test_a_project_that_moves_keeps_its_output(course: Project) -> None:
    course.build()
    moved = course.root.with_name("moved")
    course.root.rename(moved)
    again = Project.__new__(Project)
    again.root, again.content, again.output = moved, moved / "content", moved / "output"
    again.build()
    copied = moved.with_name("copied")
    shutil.copytree(moved, copied)
    again.root, again.content, again.output = copied, copied / "content", copied / "output"
    again.build()


@pytest.mark.parametrize(
    "folder", [".", "..", "templates", "templates/static", "content/..", ".lesson-pipeline/x", "dodo.py/x"]
)
def test_no_output_is_among_the_projects_own_files(course: Project, folder: str) -> None:
    before = read_tree(course.root / "templates")
    run = course.doit(f"output={folder}")
    assert run.status == 1, run.text
    assert "hint: choose " in run.text
    assert "Traceback" not in run.text
    assert read_tree(course.root / "templates") == before
    assert not (course.root / "good.html").exists()


def test_the_program_is_no_output(course: Project) -> None:
    run = course.doit(f"output={PACKAGE_FOLDER}/sub")
    assert run.status == 1
    assert "would be among the project's own files: pipeline" in run.text
    assert not (PACKAGE_FOLDER / "sub").exists()


def test_a_link_in_the_output_is_not_written_through(course: Project) -> None:
    course.build()
    elsewhere = course.root / "elsewhere"
    (course.output / "a").rename(elsewhere)
    (course.output / "a").symlink_to(elsewhere)
    before = read_tree(elsewhere)
    course.write("a/good.md", GOOD + "\nThêm.\n")
    course.write("a/x.txt", "x")
    run = course.doit()
    assert run.status == 1, run.text
    assert "output/a is a symbolic link, which is not written through" in run.text
    assert "Traceback" not in run.text
    shutil.rmtree(course.content / "a")
    course.doit()
    assert read_tree(elsewhere) == before, "nor is anything deleted there"


@pytest.mark.parametrize("command", ["clean", "forget"])
def test_a_build_is_told_whom_it_waits_for(course: Project, command: str) -> None:
    course.build()
    (state,) = course.root.glob(".lesson-pipeline/content-output-*")
    hold = "import fcntl, sys; held = open(sys.argv[1], 'a+'); fcntl.lockf(held, fcntl.LOCK_EX); print(); input()"
    other = [sys.executable, "-c", hold, os.fspath(state / "lock")]
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        run = course.doit(command, "wait=no")
        holder.communicate("\n")
    assert run.status == 3
    assert "another build of this course is running" in run.text
    assert course.doit(command).status == 0
    course.build()


# --- the state, damaged in the middle of a build ---


@pytest.mark.parametrize("stage", some_of_many(["repair", "parse", "index", "render", "site"], "parse", "render"))
@pytest.mark.parametrize(
    "share", [pytest.param(0.4, marks=pytest.mark.deep), 0.7, pytest.param(1.0, marks=pytest.mark.deep)]
)
@pytest.mark.parametrize("what", ["edit", "template"])
def test_a_state_damaged_in_mid_build_ends_it_with_1(
    course: Project, monkeypatch: pytest.MonkeyPatch, stage: str, share: float, what: str
) -> None:
    for number in range(8):
        course.write(f"b/{number}.md", f"# Bài {number}\n\n" + "Câu *học*. " * 60 + "\n")
    course.build()
    os.utime(course.content / "good.md", (1, 1))
    (state,) = course.root.glob(".lesson-pipeline/content-output-*/state.sqlite3")
    kind = Definitions(TASKS).work(stage)
    real = kind.make
    spoiled: list[str] = []

    def spoil(self: Stage, graph: Graph, item: str) -> None:
        if not spoiled:
            spoiled.append(item)
            content = bytearray(state.read_bytes())
            for page in range(1, len(content) // 4096):
                if (page * 7919 + len(stage)) % 100 < share * 100:
                    content[page * 4096 : (page + 1) * 4096] = bytes(4096)
            state.write_bytes(content)
        real(self, graph, item)

    monkeypatch.setattr(kind, "make", spoil)
    course.write("good.md", "# Khác\n\nChữ mới.\n")
    if what == "template":
        with (course.root / "templates" / "lesson.html").open("a") as template:
            template.write("\n")
    run = course.doit()
    assert run.status in (0, 1), run.text
    assert "Traceback" not in run.text
    monkeypatch.undo()
    course.build()
    assert "Chữ mới." in course.page("good.html")


# --- trust ---


def test_files_that_can_run_scripts_are_refused_where_nobody_is_trusted(course: Project) -> None:
    course.write("a/x.SVG", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    course.write("a/x.html", "<script>alert(1)</script>")
    course.write("a/x.png", "png")
    course.build()
    assert (course.output / "a/x.html").exists()
    for _ in range(2):
        run = course.doit("trusted=no")
        assert run.status == 1
        for name in ("a/x.SVG", "a/x.html"):
            assert f"{name}: a file that can run scripts when it is opened" in run.text
            assert not (course.output / name).exists()
        assert (course.output / "a/x.png").exists()
    course.build()
    assert (course.output / "a/x.html").exists()
