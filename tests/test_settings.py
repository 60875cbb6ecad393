"""What each setting changes for a reader, in a table; and what it leaves as it is."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest
from building import Project

from pipeline.errors import SettingsError
from pipeline.parse.front_matter import read_front_matter
from pipeline.repair import is_repair_off
from pipeline.settings import RULES, Settings, parse_settings

FILES = {
    "index.md": "# Nhà\n\nChữ.\n",
    "phần/bài.md": "# Bài\n\nXem [mất](gone.md).\n\n<!-- Menu-Start -->\nMENU\n<!-- Menu-End -->\n\n"
    '<!-- Aero-Footer-Start -->\nCHÂN\n<!-- Aero-Footer-End -->\n\n<p style="color:red">đỏ</p>\n',
    "phần/hỏng.md": "# Hỏng\n\nHá»c táºp liÃªn tá»¥c vÃ  há»i.\n",
    "phần/x.tmp": "x",
    "phần/nháp/y.txt": "y",
    "phần/~z.bak~": "z",
    "phần/.kín": "k",
    "__pycache__/m.pyc": "m",
}


def look(path: str, pattern: str) -> Callable[[Project], list[str]]:
    """What of a file of the output a regular expression finds; nothing if there is no file."""

    def find(project: Project) -> list[str]:
        target = project.output / path
        return re.findall(pattern, target.read_text("utf-8")) if target.is_file() else []

    return find


def files(project: Project) -> list[str]:
    """The copies of files that are no lessons."""
    found = [path.relative_to(project.output).as_posix() for path in project.output.rglob("*") if path.is_file()]
    return sorted(
        path for path in found if not path.startswith("_search") and path.endswith((".tmp", ".txt", "~", "kín", ".pyc"))
    )


def menu(project: Project) -> list[str]:
    root = lxml.html.fromstring(project.page("index.html"))
    return [item.text_content().strip() for item in root.xpath("//header//nav//li")]


def marks(project: Project) -> bool:
    return '<mark class="doubt">' in project.page("phần/hỏng.html")


def status(project: Project) -> int:
    return project.doit().status


def renamed(project: Project) -> bool:
    """Whether a lesson that was renamed still has a page at its old address."""
    (project.content / "phần/bài.md").rename(project.content / "phần/khác.md")
    project.build()
    has_page = (project.output / "phần/bài.html").is_file()
    assert has_page == project.renames.is_file()
    return has_page


LESSON, DAMAGED = "phần/bài.html", "phần/hỏng.html"
COPIED = ["phần/nháp/y.txt", "phần/x.tmp", "robots.txt"]
EDIT = look(LESSON, r'href="(https://example.org/sửa[^"]*|https://example.org/s%E1%BB%ADa[^"]*)"')
# setting -> (its line in course.toml, what is looked at, what it is without the line, what it is with it).
TABLE: dict[str, list[tuple[str, Callable[[Project], object], object, object]]] = {
    "title": [('title = "Khóa <A>"', look(LESSON, "<title>(.*)</title>"), ["Bài · Nhà"], ["Bài · Khóa &lt;A&gt;"])],
    "language": [
        ('language = "en-GB"', look(LESSON, '<html lang="([^"]*)"'), ["vi"], ["en-GB"]),
        (
            'language = "en"',
            look("phần/hỏng.html", "Bài trước|Previous lesson|Previous"),
            ["Bài trước"] * 2,
            ["Previous"] * 2,
        ),
    ],
    "base_url": [
        (
            'base_url = "https://example.org/k"',
            look("index.html", '"canonical" href="(.*?)"'),
            [],
            ["https://example.org/k/"],
        ),
        (
            'base_url = "https://example.org/k/"',
            look("sitemap.xml", "<loc>(.*?/k/)</loc>"),
            [],
            ["https://example.org/k/"],
        ),
    ],
    "quick_links": [('quick_links = ["/phần/", "phần/hỏng.md"]', menu, [], ["Phần", "Hỏng"])],
    "nav": [('nav = [{ "Tên khác" = "phần/bài.md" }]', look("phần/index.html", "Tên khác"), [], ["Tên khác"])],
    "markers": [
        ('markers = ["Menu"]', look(LESSON, "MENU|CHÂN"), ["MENU"], ["CHÂN"]),
        ("markers = []", look(LESSON, "MENU|CHÂN"), ["MENU"], ["MENU", "CHÂN"]),
    ],
    "ignore": [
        ('ignore = ["*.tmp", ".*", "*~", "__pycache__"]', files, COPIED, ["phần/nháp/y.txt", "robots.txt"]),
        ('ignore = ["phần/n*", ".*", "*~", "__pycache__"]', files, COPIED, ["phần/x.tmp", "robots.txt"]),
        ('ignore = ["nháp", ".*", "*~", "__pycache__"]', files, COPIED, ["phần/x.tmp", "robots.txt"]),
        ("ignore = []", files, COPIED, sorted([*COPIED, "__pycache__/m.pyc", "phần/.kín", "phần/~z.bak~"])),
    ],
    "repair": [('repair = "off"', look(DAMAGED, "<p>(Học tập|Há»c)"), ["Học tập"], ["Há»c"])],
    "repair_threshold": [
        ("repair_threshold = 1", marks, False, True),
        ("repair_threshold = 0", marks, False, False),
    ],
    "edit_url": [
        (
            'edit_url = "https://example.org/sửa/{path}?x=1"',
            EDIT,
            [],
            ["https://example.org/sửa/ph%E1%BA%A7n/b%C3%A0i.md?x=1"],
        ),
        ('edit_url = "https://example.org/sửa"', EDIT, [], ["https://example.org/sửa/ph%E1%BA%A7n/b%C3%A0i.md"]),
    ],
    "last_updated": [('last_updated = "git"', look(LESSON, 'datetime="(.*?)"'), [], ["2026-02-03"])],
    "keep_renames": [("keep_renames = false", renamed, True, False)],
    "trusted_html": [("trusted_html = true", look(LESSON, 'style="color:red"'), [], ['style="color:red"'])],
    "strict": [("strict = true", status, 0, 1)],
}
ROWS = [(name, *row) for name, rows in TABLE.items() for row in rows]


def test_every_setting_has_a_row() -> None:
    assert list(TABLE) == list(RULES)
    assert all(line.startswith(f"{name} = ") for name, line, *_ in ROWS)


def make_course(root: Path) -> Project:
    project = Project(root)
    for path, text in FILES.items():
        project.write(path, text)
    git = ["git", "-C", os.fspath(project.root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    env = os.environ | {"GIT_COMMITTER_DATE": "2026-02-03T04:05:06Z"}
    for command in (["init", "-q"], ["add", "content"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True, env=env)
    return project


@pytest.fixture
def course(tmp_path: Path) -> Project:
    return make_course(tmp_path / "project")


@pytest.mark.parametrize(("name", "line", "look", "without", "with_it"), ROWS, ids=[row[1] for row in ROWS])
def test_a_setting_changes_what_it_says(
    course: Project, name: str, line: str, look: Callable[[Project], object], without: object, with_it: object
) -> None:
    course.doit()
    assert look(course) == without
    course.renames.unlink(missing_ok=True)
    course.write("course.toml", line)  # without a line break at its end
    for path, text in FILES.items():
        course.write(path, text)
    (course.content / "phần/khác.md").unlink(missing_ok=True)
    course.doit(*(["trusted=yes"] if name == "trusted_html" else []))
    assert look(course) == with_it


@pytest.mark.parametrize("name", RULES)
def test_a_setting_refuses_what_it_cannot_be(name: str) -> None:
    for value in ("{}", "-1", '"\\n"', "[1]", "2026-01-01"):
        if name == "title" and value == '"\\n"':
            continue
        with pytest.raises(SettingsError, match=f"'{name}' must be ") as caught:
            parse_settings(f"\n{name} = {value}\n")
        assert caught.value.line == 2
    assert parse_settings("") == Settings()


@pytest.mark.parametrize(
    ("value", "meant"),
    [(value, "auto") for value in ("auto", '"auto"', "on", "true", "yes", "On", "YES")]
    + [(value, "off") for value in ("off", '"off"', "'off'", "no", "false", "OFF", "No")]
    + [(value, None) for value in ("maybe", "1", "[off]", '"on"', "'no'", "offline")],
)
def test_every_way_to_switch_repair_is_read_alike_before_and_after_it(
    project: Project, value: str, meant: str | None
) -> None:
    text = f"---\ntitle: x\nrepair: {value}\n---\nHá»c táºp liÃªn tá»¥c.\n"
    if meant is None:
        front, _, (told,) = read_front_matter(text)
        assert (front.repair, told.line) == ("auto", 3)
        assert "'repair' must be auto or off" in told.message
        return
    assert read_front_matter(text)[0].repair == meant
    assert is_repair_off(text) == (meant == "off")
    project.write("a.md", text)
    project.build()
    assert ("Học tập liên tục." in project.page("a.html")) == (meant == "auto")


@pytest.mark.parametrize("value", ['"on"', "true", "false", '"no"', '"Off"', "0"])
def test_the_setting_repair_has_two_values(value: str) -> None:
    with pytest.raises(SettingsError, match='\'repair\' must be "auto" or "off"'):
        parse_settings(f"repair = {value}")
    assert [parse_settings(f'repair = "{value}"').repair for value in ("auto", "off")] == ["auto", "off"]
