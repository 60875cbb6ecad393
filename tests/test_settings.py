"""What each setting changes for a reader, in a table; and what it leaves as it is."""

from __future__ import annotations

import os
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import lxml.html
import pytest
from building import PROJECT, Project
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.look import GROUNDS, write_style
from pipeline.parse.front_matter import read_front_matter
from pipeline.repair import is_repair_off
from pipeline.settings import RULES, Settings, parse_settings

FILES = {
    "index.md": "# Nhà\n\nChữ.\n",
    "phần/bài.md": "# Bài\n\nXem [mất](gone.md).\n\n<!-- Menu-Start -->\nMENU\n<!-- Menu-End -->\n\n"
    '<!-- Aero-Footer-Start -->\nCHÂN\n<!-- Aero-Footer-End -->\n\n<p style="color:red">đỏ</p>\n',
    "phần/hỏng.md": "# Hỏng\n\nHá»c táºp liÃªn tá»¥c. ChÃºng ta há»i vÃ\xa0 tráº£ lá»i báº¡n bÃ¨ vá»›i sÃ¡ch.\n",
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
    "nav": [
        ('nav = [{ "Tên khác" = "phần/bài.md" }]', look("index.html", r"<li><a[^>]*>(Tên khác)"), [], ["Tên khác"])
    ],
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
    "sections": [
        (
            'sections = { "phần" = "Phần <một>" }',
            look("index.html", '<li><a href="ph[^>]*>(.*?)</a>'),
            ["Phần"],
            ["Phần &lt;một&gt;"],
        )
    ],
    "accent": [('accent = "#064"', look(LESSON, "--accent:(#064)}"), [], ["#064"])],
    "accent_dark": [('accent_dark = "#aaffaa"', look("404.html", "--accent:(#aaffaa)}"), [], ["#aaffaa"] * 2)],
    "font": [('font = "Literata, serif"', look(LESSON, "--sans:([^;}]*)"), [], ['"Literata",serif,sans-serif'])],
    "code_font": [('code_font = "Iosevka"', look(LESSON, "--mono:([^;}]*)"), [], ['"Iosevka",monospace'])],
    "width": [('width = "42rem"', look("_repairs/index.html", "--measure:([^;}]*)"), [], ["42rem"])],
    "radius": [('radius = "0"', look(LESSON, "--radius:([^;}]*)"), [], ["0"])],
    "logo": [('logo = "phần/x.tmp"', look(LESSON, '<a class="course"[^>]*><img src="(.*?)"'), [], ["x.tmp"])],
    "favicon": [('favicon = "phần/x.tmp"', look(LESSON, '<link rel="icon" href="(x.tmp)"'), [], ["x.tmp"])],
    "footer": [('footer = "Giấy <phép>"', look("404.html", "<footer><p>(.*)</p>"), [], ["Giấy &lt;phép&gt;"])],
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
        if (name in ("title", "footer") and value == '"\\n"') or (name == "sections" and value == "{}"):
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


# --- looks ---

HOSTILE = [
    "#12",
    "#1234567",
    "url(x)",
    "#fff;}",
    "expression(1)",
    "</style>",
    "var(--x)",
    "12",
    "1e9px",
    "-1rem",
    "1rem;}",
]
HOSTILE += [
    "10%",
    "a'",
    "a;b",
    "a{b",
    "@import",
    "Noto Sans,",
    ", serif",
    "a/*",
    "http://x",
    "x" * 50,
    "ậ",
    "9a",
    "a\tb",
]


@pytest.mark.parametrize("name", ["accent", "accent_dark", "font", "code_font", "width", "radius"])
def test_a_look_is_a_colour_a_length_or_names_of_fonts(name: str) -> None:
    for value in HOSTILE:
        with pytest.raises(SettingsError, match=f"'{name}' must be "):
            parse_settings(f'{name} = "{value}"')


@pytest.mark.parametrize(
    "value", ["https://x.org/a.png", "../a.png", "a/../../b", "javascript:x", "data:,", "a?b", "..", "a\\\\b"]
)
@pytest.mark.parametrize("name", ["logo", "favicon"])
def test_a_picture_of_the_course_is_a_file_of_the_course(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"'{name}' must be a path from the content folder"):
        parse_settings(f'{name} = "{value}"')


@pytest.mark.parametrize(
    "path", ["//other.org", "/a//other.org/", "/\\\\other.org", "/a?b", "/a#b", "/ a", "?a", "/a/?b"]
)
def test_an_address_of_the_site_leads_to_no_other_host_without_its_own(path: str) -> None:
    """The links of `404.html` begin with what stands behind the host."""
    with pytest.raises(SettingsError, match="'base_url' must be an address such as"):
        parse_settings(f'base_url = "https://example.org{path}"')
    for end in ("", "/", "//", "/a", "/a/", "/một/b-c"):
        assert parse_settings(f'base_url = "https://example.org:80{end}"').base_url.endswith("/")


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9 -]{0,40}", fullmatch=True)


@given(
    st.lists(NAMES, min_size=1, max_size=8),
    st.sampled_from(["", "#abc", "#0A5a9e"]),
    st.sampled_from(["", "38rem", ".5em", "0"]),
)
def test_the_style_of_a_course_is_rules_of_custom_properties_and_nothing_else(
    fonts: list[str], colour: str, length: str
) -> None:
    style = write_style(Settings(accent=colour, accent_dark=colour, font=", ".join(fonts), width=length, radius=length))
    bare = re.sub(r'"[A-Za-z0-9 -]*"', "f", style)
    declaration = r"--[a-z]+:[#\w.,\-]+"
    rule = rf":root[^{{}};]*\{{{declaration}(;{declaration})*\}}"
    assert re.fullmatch(
        rf"{rule}(@media screen\{{{rule}\}}@media screen and \(prefers-color-scheme:dark\)\{{{rule}\}})?", bare
    )


def test_the_policy_allows_the_style_of_the_course_and_no_other(course: Project) -> None:
    course.write("course.toml", 'accent = "#064"\n')
    course.build()
    for name in ("index.html", LESSON, "404.html", "_repairs/index.html"):
        root = lxml.html.fromstring(course.page(name))
        (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        (style,) = root.xpath("//style/text()")
        assert f"style-src 'self' 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
        assert "unsafe" not in policy


def test_a_colour_that_is_too_faint_and_a_picture_that_is_not_there_are_told(course: Project) -> None:
    course.write(
        "course.toml", 'accent = "#064"\naccent_dark = "#555"\nlogo = "phần/không.svg"\nfavicon = "phần/x.tmp"\n'
    )
    told = course.build().text
    assert "course.toml:2: warning: the contrast of accent_dark #555 with the page is 2.2, below 4.5" in told
    assert "course.toml:3: warning: logo 'phần/không.svg' is no file of the course" in told
    assert "contrast of accent #064" not in told
    assert "x.tmp' is no file" not in told


def test_the_grounds_that_contrast_is_measured_with_are_those_of_the_style_sheet() -> None:
    style = (PROJECT / "templates" / "static" / "site.css").read_text("utf-8")
    light, dark, _ = (
        re.findall(r"--(?:ground|panel): (#\w+)", block) for block in re.findall(r":root[^{]*\{([^}]*)\}", style)
    )
    assert [long_form(colour) for colour in light] == list(GROUNDS["accent"])
    assert [long_form(colour) for colour in dark] == list(GROUNDS["accent_dark"])


def long_form(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def test_a_setting_that_is_wrong_is_told_by_the_run_that_meets_it_whether_it_makes_a_page_or_not(
    tmp_path: Path,
) -> None:
    """What is wrong with settings is told along with the home page, which such a setting need not change."""
    project = Project(tmp_path / "project")
    project.write("a.md", "# Bài\n\nChữ.\n")
    project.write("course.toml", 'title = "Khóa"\n')
    project.build()
    for line, told in (
        ('nav = ["gone.md"]', "'gone.md' in nav leads nowhere"),
        ('last_updated = "git"', "knows no date"),
    ):
        project.write("course.toml", f'title = "Khóa"\n{line}\n')
        run = project.build()
        assert told in run.text
        assert "1 warning" in run.text
        assert told not in project.build().text, "once"


@pytest.mark.parametrize(
    ("written", "hint"),
    [("titel", "did you mean title?"), ("acent", "did you mean accent?"), ("xyz", "the settings are ")],
)
def test_an_unknown_setting_is_told_with_the_nearest(written: str, hint: str) -> None:
    with pytest.raises(SettingsError) as told:
        parse_settings(f'{written} = "x"\n')
    assert told.value.hint.startswith(hint)
