"""Bad input: a clear error that names the file, everything else built, status 1, nothing lost."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from building import Project, needs_no_root, read_tree, run_as_nobody
from hypothesis import given
from hypothesis import strategies as st

from pipeline.builder.course.course_files import MOST_FAULTS, parse_sound
from pipeline.settings import parse_settings

GOOD = "# Tốt\n\nBài tốt.\n"


@pytest.fixture
def course(project: Project) -> Project:
    project.write("good.md", GOOD)
    project.write("a/good.md", GOOD)
    return project


def check_error(course: Project, place: str, words: str) -> None:
    """The error is told with its place on this run and the next, and the rest is built."""
    for _ in range(2):
        run = course.doit()
        assert run.status == 1, run.text
        assert "Traceback" not in run.text
        lines = [line for line in run.text.splitlines() if line.startswith(f"content/{place}")]
        assert any(words in line for line in lines), run.text
        assert "Bài tốt." in course.page("good.html")
        assert "Bài tốt." in course.page("a/good.html")


def too_large() -> bytes:
    """Made when it is needed: all tests' tables stay in memory until the last of them has run."""
    return b"# T\n\n" + b"chu " * 5_000_000


BROKEN: dict[str, tuple[bytes | Callable[[], bytes], str, str]] = {
    "no decoder": (b"# T\n\n\x81\xff\xfe\xd2\xd2\x8d\n", "a/bad.md:3: ", "no decoder accepts"),
    "nul byte": (b"# T\n\nab\0cd\n", "a/bad.md:3: ", "NUL byte"),
    "20 MB": (too_large, "a/bad.md: ", "the limit is 5 MB"),
    "long line": (b"# T\n\n" + b"x" * 1_000_000, "a/bad.md:3: ", "the limit is 100,000"),
    "500 quotes": (b"# T\n\n" + b">" * 500 + b" x\n", "a/bad.md:3: ", "nested more than"),
    "500 quotes apart": (b"# T\n\n" + b"> " * 500 + b"x\n", "a/bad.md:3: ", "nested more than"),
    "500 lists": (
        b"".join(b" " * (2 * n) + b"- x\n" for n in range(500)),
        "a/bad.md:31: ",
        "nested",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_lesson_is_told_with_its_line(course: Project, name: str) -> None:
    content, place, words = BROKEN[name]
    course.write("a/bad.md", content() if callable(content) else content)
    check_error(course, place, words)


@pytest.mark.parametrize("name", BROKEN)
def test_a_page_whose_lesson_breaks_keeps_its_last_good_version(course: Project, name: str) -> None:
    course.write("a/bad.md", "# Từng tốt\n\nChữ.\n")
    course.build()
    good = course.page("a/bad.html")
    content, place, words = BROKEN[name]
    course.write("a/bad.md", content() if callable(content) else content)
    check_error(course, place, words)
    assert course.page("a/bad.html") == good
    assert "Từng tốt" in course.page("a/good.html")
    course.write("a/bad.md", "# Lại tốt\n\nChữ.\n")
    course.build()
    assert "Lại tốt" in course.page("a/good.html")
    assert course.build().executed == []


def test_a_file_that_vanishes_while_it_is_read_is_told(course: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.builder.stages import lesson

    course.write("a/bad.md", GOOD)
    real = lesson.read_source

    def vanish(content: Path, path: str) -> object:
        if path.endswith("bad.md"):
            (content / path).unlink(missing_ok=True)
        return real(content, path)

    monkeypatch.setattr(lesson, "read_source", vanish)
    run = course.doit()
    assert run.status == 1
    assert "a/bad.md: the file vanished while it was being read" in run.text
    monkeypatch.undo()
    course.build()
    assert not (course.output / "a/bad.html").exists()


@needs_no_root
@pytest.mark.parametrize("what", ["a/bad.md", "b"])
def test_what_cannot_be_read_is_told_and_its_pages_are_kept(course: Project, what: str) -> None:
    course.write("a/bad.md", "# Kín\n\nChữ.\n")
    course.write("b/lesson.md", "# Kín\n\nChữ.\n")
    course.write("b/image.png", b"png")
    course.build()
    path = course.content / what
    kept = course.output / ("a/bad.html" if what == "a/bad.md" else "b/lesson.html")
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        for _ in range(2):
            status, text = run_as_nobody(course.root, "-m", "doit")
            assert status == 1, text
            assert f"{what}: cannot read this {'file' if kept.name == 'bad.html' else 'folder'}" in text
            assert "Traceback" not in text
            assert "Kín" in kept.read_text("utf-8")
            assert (course.output / "b/image.png").exists()
    finally:
        path.chmod(mode)
    status, text = run_as_nobody(course.root, "-m", "doit")
    assert status == 0, text


@needs_no_root
def test_an_output_folder_that_cannot_be_written_is_told(course: Project) -> None:
    course.build()
    course.write("good.md", GOOD + "\nThêm.\n")
    before = course.page("good.html")
    course.output.chmod(0o555)
    try:
        status, text = run_as_nobody(course.root, "-m", "doit")
    finally:
        course.output.chmod(0o755)
    assert status == 1, text
    assert "good: cannot write output/good.html" in text
    assert "good.md: cannot write output/good.md" in text
    assert "Traceback" not in text
    assert course.page("good.html") == before
    course.build()
    assert "Thêm." in course.page("good.html")


@needs_no_root
def test_a_rename_that_cannot_be_noted_is_told_and_tried_again(course: Project) -> None:
    course.build()
    (course.content / "good.md").rename(course.content / "better.md")
    course.renames.mkdir()
    (course.renames / "x").touch()
    status, text = run_as_nobody(course.root, "-m", "doit")
    assert status == 1
    assert "renames.toml" in text
    assert "Traceback" not in text
    shutil.rmtree(course.renames)
    course.build()
    assert course.renames.read_text("utf-8").endswith('"good.md" = "better.md"\n')


@needs_no_root
def test_a_build_needs_no_right_to_write_into_the_content_folder(course: Project) -> None:
    course.build()
    (course.content / "good.md").rename(course.content / "better.md")
    course.content.chmod(0o555)
    try:
        status, text = run_as_nobody(course.root, "-m", "doit")
        assert status == 0, text
        assert "better.html" in course.page("good.html")
        status, text = run_as_nobody(course.root, "-m", "doit", "redirects")
    finally:
        course.content.chmod(0o755)
    assert status == 1
    assert "cannot write content/redirects.toml" in text
    assert "Traceback" not in text


def build_without_looks(course: Project) -> tuple[int, str]:
    """A build of a course with a folder whose files can be listed, and not looked at."""
    course.write("b/lesson.md", "# Kín\n\nChữ.\n")
    course.write("b/image.png", b"png")
    course.build()
    (course.content / "b").chmod(0o444)
    try:
        return run_as_nobody(course.root, "-m", "doit")
    finally:
        (course.content / "b").chmod(0o755)


@needs_no_root
def test_files_that_can_be_listed_and_not_looked_at_are_told(course: Project) -> None:
    status, text = build_without_looks(course)
    assert status == 1
    for path in ("b/lesson.md", "b/image.png"):
        assert f"{path}: cannot read this file: Permission denied" in text
    assert "Traceback" not in text
    assert "Bài tốt." in course.page("a/good.html")


@needs_no_root
def test_the_pages_of_files_that_cannot_be_looked_at_are_kept(course: Project) -> None:
    build_without_looks(course)
    assert (course.output / "b/lesson.html").exists()
    assert (course.output / "b/image.png").exists()


def symlink_out(course: Project) -> None:
    outside = course.root / "secret.md"
    outside.write_text("# Secret\n")
    (course.content / "a/bad.md").symlink_to(outside)


def symlink_out_asset(course: Project) -> None:
    outside = course.root / "secret.png"
    outside.write_bytes(b"secret")
    (course.content / "a/bad.png").symlink_to(outside)


def symlink_folder_out(course: Project) -> None:
    outside = course.root / "secret"
    outside.mkdir()
    (outside / "bad.md").write_text("# Secret\n")
    (course.content / "a/bad").symlink_to(outside)


def symlink_loop(course: Project) -> None:
    (course.content / "a/bad.md").symlink_to("bad.md")


def symlink_to_parent(course: Project) -> None:
    (course.content / "a/bad").symlink_to(course.content)


def symlink_to_nothing(course: Project) -> None:
    (course.content / "a/bad.md").symlink_to("nowhere.md")


def bytes_no_utf8(course: Project) -> None:
    Path(os.fsdecode(os.fsencode(course.content / "a") + b"/bad\xff.md")).write_text(GOOD)


def control_character(course: Project) -> None:
    (course.content / "a/bad\n.md").write_text(GOOD)


def letter_case(course: Project) -> None:
    course.write("a/bad.md", GOOD)
    course.write("a/BAD.md", GOOD)


def unicode_form(course: Project) -> None:
    for form in ("NFC", "NFD"):
        course.write(f"a/{unicodedata.normalize(form, 'bé')}.md", GOOD)


def fifo(course: Project) -> None:
    os.mkfifo(course.content / "a/bad.md")


REFUSED: dict[str, tuple[Callable[[Project], None], str, str]] = {
    "symlink out": (symlink_out, "a/bad.md: ", "leaves the course"),
    "asset symlink out": (symlink_out_asset, "a/bad.png: ", "leaves the course"),
    "folder symlink out": (symlink_folder_out, "a/bad: ", "leaves the course"),
    "symlink loop": (symlink_loop, "a/bad.md: ", "leads to itself"),
    "symlink to parent": (symlink_to_parent, "a/bad: ", "loop"),
    "symlink to nothing": (symlink_to_nothing, "a/bad.md: ", "to nothing"),
    "name not UTF-8": (bytes_no_utf8, "a/bad", "not UTF-8"),
    "control character": (control_character, "a/bad", "control character"),
    "letter case": (letter_case, "a/BAD.md: ", "letter case"),
    "Unicode form": (unicode_form, "a/", "Unicode form"),
    "pipe": (fifo, "a/bad.md: ", "not a file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_built_is_refused_by_name(course: Project, name: str) -> None:
    make, place, words = REFUSED[name]
    make(course)
    check_error(course, place, words)
    written = [path for path in course.output.rglob("*") if path.is_file()]
    assert not any("secret" in path.read_text("utf-8").lower() for path in written)


@pytest.mark.parametrize("name", ["a/good", "a/index", "index", "b/index"])
def test_a_file_in_the_place_of_a_page_is_left_out_with_a_warning(course: Project, name: str) -> None:
    course.write("b/index.md", GOOD)
    course.write(f"{name}.html", "<p>by hand</p>")
    run = course.build()
    assert f"{name}.html: warning: a page has its place" in run.text
    assert ", 1 warning, " in run.text
    assert "by hand" not in course.page(f"{name}.html")
    assert ", 1 warning stands" in course.build().text
    course.write("course.toml", "strict = true\n")
    for _ in range(2):
        assert "stand" not in course.doit().text, "there it is an error"
    (course.content / "course.toml").unlink()
    assert ", 1 warning, " in course.build().text, "here it is news"
    assert ", 1 warning stands" in course.build().text
    assert f"{name}.html: warning: " in course.doit("report").text
    (course.content / f"{name}.html").unlink()
    assert "warning" not in course.build().text


NAMES = (
    "bài một.md",
    "a=b.md",
    "a*b.md",
    "100%.md",
    "#1.md",
    "a?b&c.md",
    "🏗️.md",
    unicodedata.normalize("NFD", "tiếng việt") + ".md",
    "-flag.md",
    "[x].md",
    "a'b\"c.md",
    "con:lon.md",
    "UPPER.MD",
)


def test_odd_names_are_built_and_linked(course: Project) -> None:
    for number, name in enumerate(NAMES):
        course.write(f"odd names/{name}", f"# Bài {number}\n\nChữ {number}.\n")
    run = course.build()
    for name in NAMES:
        assert (course.output / "odd names" / f"{name[:-3]}.html").is_file(), run.text
    assert course.build().executed == []
    page = course.page("odd names/index.html")
    import lxml.html

    for url in lxml.html.fromstring(page).xpath("//section//a/@href"):
        from urllib.parse import unquote, urlsplit

        assert (course.output / "odd names" / unquote(urlsplit(url).path)).is_file(), url
    course.write("odd names/a=b.md", "# Đổi\n\nChữ.\n")
    assert "repair:odd%20names/a%3Db.md" in course.build().executed


def test_a_lesson_beside_a_folder_of_its_name_is_built(course: Project) -> None:
    course.write("a.md", "# Bài a\n\nChữ.\n")
    course.write("a/index.md", "# Phần a\n\nChữ.\n")
    course.build()
    assert "<h1>Bài a</h1>" in course.page("a.html")
    assert "<h1>Phần a</h1>" in course.page("a/index.html")


def test_a_readme_beside_an_index_is_a_lesson(course: Project) -> None:
    course.write("a/README.md", "# Đọc trước\n\nChữ.\n")
    course.write("a/index.md", "# Phần a\n\nChữ.\n")
    course.build()
    assert "Đọc trước" in course.page("a/README.html")
    assert 'href="README.html"' in course.page("a/index.html")


def test_an_index_in_a_folder_called_index_is_built(course: Project) -> None:
    course.write("index/index.md", "# Mục lục\n\nChữ.\n")
    course.build()
    assert "<h1>Mục lục</h1>" in course.page("index/index.html")
    assert 'href="index/index.html"' in course.page("index.html")


def test_a_broken_setting_is_told_with_its_line_and_the_others_are_heeded(course: Project) -> None:
    course.build()
    course.write("course.toml", 'titel = "y"\nstrict = 5\ntitle = "Other"\nlanguage = "en"\n')
    run = course.doit()
    assert run.status == 1
    assert "\ncontent/course.toml:1: there is no setting 'titel'" in run.text
    assert "\ncontent/course.toml:2: 'strict' must be true or false, not 5" in run.text
    assert "Traceback" not in run.text
    assert '<html lang="en"' in course.page("good.html")
    assert "Other" in course.page("good.html")
    assert read_tree(course.output) == course.clean_build()


SOUND = (
    'title = "T"',
    'language = "en"',
    "strict = true",
    'quick_links = ["a"]',
    'repair = "off"',
    "repair_threshold = 0.5",
)
FAULTY = ("titel = 1", "[bad", "= 5", "markers = 5", "]", '"', "a.b = 1", "title", "keep_renames = 'yes'", "\x00", "💥")


@given(st.lists(st.sampled_from(SOUND), unique=True), st.lists(st.sampled_from(FAULTY), max_size=6), st.randoms())
def test_sound_settings_are_heeded_whatever_stands_beside_them(
    sound: list[str], faulty: list[str], lot: Random
) -> None:
    lines = [*sound, *faulty]
    lot.shuffle(lines)
    settings, faults = parse_sound("\n".join(lines), parse_settings)
    assert settings == parse_settings("\n".join(sound))
    assert sorted(fault.line or 0 for fault in faults) == [at for at, line in enumerate(lines, 1) if line in FAULTY]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('title = "A"\ntitle = "B"', 2, "'title' is there twice, first in line 1"),
        ('quick_links = [\n  "a",\n]\ntitle = "A"\nquick_links = [\n  "b",\n]', 5, "'quick_links' is there twice"),
        ('title = "A"\n[sections]\na = "x"\n[sections]', 4, "[sections] is there twice, first in line 2"),
        ('title = "A"\n[sections]\na = "x"\n a = "y"', 4, "'a' is there twice, first in line 3"),
    ],
)
def test_what_settings_say_twice_is_told_once_and_heeded_as_it_is_first(text: str, line: int, message: str) -> None:
    settings, faults = parse_sound(text, parse_settings)
    assert [(fault.line, fault.hint) for fault in faults] == [(line, "take one of the two out")]
    assert faults[0].message.startswith(message)
    assert settings is not None
    assert settings.title == "A"
    assert not settings.quick_links or settings.quick_links == ("a",)


@pytest.mark.parametrize("opened", ['quick_links = ["a",', 'title = """', "title = '''", 'markers = [[["x"'])
def test_what_has_no_end_is_told_where_it_begins_and_takes_nothing_before_it_along(opened: str) -> None:
    settings, faults = parse_sound(f'language = "en"\n\n{opened}\n"b",\nrepair = "off"\nlast', parse_settings)
    assert settings == parse_settings('language = "en"')
    assert faults[-1].line == 3


@pytest.mark.parametrize(("count", "is_heeded"), [(MOST_FAULTS, True), (MOST_FAULTS + 1, False)])
def test_of_so_many_faults_nothing_is_heeded(count: int, is_heeded: bool) -> None:
    settings, faults = parse_sound('language = "en"\n' + "".join(f"x{n} = 1\n" for n in range(count)), parse_settings)
    assert settings == (parse_settings('language = "en"') if is_heeded else None)
    assert [fault.line for fault in faults] == [*range(2, count + 2)]
    assert faults[-1].message.endswith("nothing of the file is heeded") != is_heeded


def test_a_file_of_many_faults_is_not_read_for_ever() -> None:
    settings, faults = parse_sound("x = 1\n" * 100_000, parse_settings)
    assert settings is None
    assert len(faults) <= MOST_FAULTS + 1
    assert faults[-1].message.endswith("nothing of the file is heeded")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["content=nowhere"], "there is no content folder"),
        (["output=content/site"], "are in each other"),
        (["output=dodo.py"], "is a file"),
    ],
)
def test_folders_that_cannot_be_used_are_told(course: Project, arguments: list[str], words: str) -> None:
    run = course.doit(*arguments)
    assert run.status == 1
    assert words in run.text
    assert "Traceback" not in run.text


def test_a_content_folder_that_is_not_there_is_to_be_named_where_it_was(course: Project) -> None:
    project = course.root / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace('content = "content"', 'content = "contnet"'), "utf-8")
    assert "name another: in pyproject.toml, or by doit content=DIR" in course.doit().text
    assert "name another: doit content=DIR" in course.doit("content=nowhere").text


@pytest.mark.parametrize(
    ("argument", "words", "hint"),
    [
        ("conten=x", "there is no variable 'conten', as in 'conten=x'", "did you mean content=DIR?"),
        ("Output=x", "there is no variable 'Output'", "did you mean output=DIR?"),
        ("a/b=c.md", "there is no variable 'a/b'", "there are content=DIR, output=DIR, wait=yes|no, trusted=yes|no"),
        ("wait=maybe", "'wait' cannot be 'maybe'", "it is yes or no"),
        ("content=", "'content=' has no value", "say content=DIR, or leave it out"),
    ],
)
@pytest.mark.parametrize("command", ["", "list", "explain"])
def test_a_variable_that_nothing_reads_so_stops_before_anything_is_built(
    course: Project, argument: str, words: str, hint: str, command: str
) -> None:
    run = course.doit(*([command] if command else []), argument)
    assert run.status == 3
    assert f"ERROR: {words}" in run.text
    assert f"\n  hint: {hint}" in run.text
    assert "Traceback" not in run.text
    assert not course.output.exists()
    assert not (course.root / ".lesson-pipeline").exists()
