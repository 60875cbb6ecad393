"""What stands around a lesson: policy, metadata, colours, words, and templates that a course changes."""

from __future__ import annotations

import io
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from babel.messages.pofile import read_po
from building import PROJECT, Project
from hypothesis import given
from hypothesis import strategies as st
from jinja2.ext import babel_extract

from pipeline.builder.course.fingerprint import Fingerprints
from pipeline.errors import TemplateError
from pipeline.locale import CATALOGUES, is_right_to_left, parse_catalogue, translator
from pipeline.page import render_page
from pipeline.page.context import LessonContext, PageContext, SectionContext, TextContext
from pipeline.page.frame import json_in_html
from pipeline.page.template import Context, names_of
from pipeline.report import RepairsContext
from pipeline.sitewide.listings import FeedContext, RobotsContext, SitemapContext
from pipeline.sitewide.pages import RedirectContext
from pipeline.statics import LOADED, spare_comments, write_facts
from pipeline.values import Card, PageInputs

LISTINGS = (SitemapContext, FeedContext, RobotsContext)
TEMPLATES = PROJECT / "templates"
STATICS = (("site.css", "site.00000000.css"), ("site.js", "site.00000000.js"))
STYLE = (TEMPLATES / "static" / "site.css").read_text("utf-8")
SCRIPT = (TEMPLATES / "static" / "site.js").read_text("utf-8")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def inputs(**changes: object) -> PageInputs:
    home, section = Card("index", "Khóa", ""), Card("a/index", "Phần A", "")
    plain = PageInputs(
        page="a/b",
        kind="lesson",
        published=True,
        lesson="",
        language="vi",
        course_title="Khóa",
        title="Bài",
        summary="Câu.",
        breadcrumbs=(home, section),
        quick_links=(),
        links=(),
        section=section,
        lessons=(Card("a/b", "Bài", ""),),
        has_more_lessons=False,
        sections=(),
        previous=None,
        next=None,
        statics=STATICS,
    )
    return plain._replace(**changes)  # type: ignore[arg-type]


def page_of(**changes: object) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(render_page(inputs(**changes), None, (TEMPLATES,)))


# --- policy, metadata ---


@given(texts, texts, texts)
def test_no_title_can_end_the_data_for_search_engines(title: str, course: str, section: str) -> None:
    page = page_of(
        title=title + "</script>",
        course_title=course,
        base_url="https://example.org/",
        breadcrumbs=(Card("index", f"<!--<script>{section}", ""),),
    )
    (block,) = page.xpath("//script[@type='application/ld+json']")
    graph = json.loads(block.text)["@graph"]
    assert graph[0]["name"] == title + "</script>"
    assert [item["name"] for item in graph[1]["itemListElement"]] == [f"<!--<script>{section}", title + "</script>"]


@given(st.recursive(texts, lambda inner: st.lists(inner, max_size=3)))
def test_json_in_a_page_is_the_same_json(value: object) -> None:
    text = str(json_in_html(value))
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == value


def test_the_policy_allows_no_inline_script_and_a_page_has_none() -> None:
    page = page_of()
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert not re.search("unsafe|sha256|script-src", policy)
    assert not page.xpath("//script[not(@src) and not(@type)]")
    assert not page.xpath("//*[@style or @onclick or @onload]|//style")
    # A policy rules what comes after it.
    order = [element.tag for element in page.find("head") if element.tag in ("meta", "script", "link")]
    assert order.index("script") > 2


def test_a_course_that_trusts_its_html_has_no_policy() -> None:
    assert not page_of(trusted_html=True).xpath("//meta[@http-equiv]")


def test_a_published_page_names_its_address() -> None:
    page = page_of(base_url="https://example.org/k/", page="a/bài 1")
    (canonical,) = page.xpath("//link[@rel='canonical']/@href")
    assert canonical == "https://example.org/k/a/b%C3%A0i%201.html"
    assert page.xpath("//meta[@property='og:url']/@content") == [canonical]
    section = page_of(base_url="https://example.org/k/", kind="section", template="section", page="a/index")
    assert section.xpath("//link[@rel='canonical']/@href") == ["https://example.org/k/a/"]
    assert not page_of().xpath("//link[@rel='canonical']")


def test_a_page_without_scripts_shows_no_button_that_would_do_nothing() -> None:
    page = page_of(statics=(*STATICS, ("search.js", "search.00000000.js")))
    buttons = page.xpath("//button[not(@popovertarget)]")
    assert len(buttons) == 2
    assert all(button.get("hidden") is not None for button in buttons)
    # A browser opens and closes the tree by itself.
    (tree,) = page.xpath("//nav[@popover]")
    assert page.xpath("//button/@popovertarget") == [tree.get("id")] * 2


def test_dates_and_the_way_to_edit_are_shown_when_they_are_known() -> None:
    page = page_of(date="2026-03-01", updated="2026-04-02", edit_url="https://example.org/edit/a/b.md")
    assert page.xpath("//time/text()") == ["01/03/2026", "02/04/2026"]
    assert page.xpath("//time/@datetime") == ["2026-03-01", "2026-04-02"]
    assert page.xpath("//footer//a/@href") == ["https://example.org/edit/a/b.md"]
    assert not page_of().xpath("//time|//footer")


def test_a_page_without_a_text_is_described_by_what_it_lists() -> None:
    listed = tuple(Card(f"a/{number}", f"Bài {number}", "") for number in range(9))
    section = page_of(kind="section", template="section", page="a/index", summary="", lessons=listed)
    assert section.xpath("//meta[@name='description']/@content") == ["Bài 0; Bài 1; Bài 2; Bài 3; Bài 4; Bài 5"]
    assert page_of(summary="").xpath("//meta[@name='description']/@content") == []


def test_every_link_leads_somewhere() -> None:
    """Search engines follow no anchor without an address; what is the page itself leads to its text."""
    for page in (
        page_of(quick_links=(Card("a/b", "Bài", ""),)),
        page_of(kind="section", template="section", page="a/index", lesson_count=3, breadcrumbs=()),
    ):
        assert page.xpath("//a[not(@href) or @href='']") == []
        assert page.xpath("//*[@id='main']")


@pytest.mark.parametrize(
    "page",
    [
        {},
        {
            "kind": "section",
            "template": "section",
            "page": "a/index",
            "title": "Phần A",
            "breadcrumbs": (Card("index", "Khóa", ""),),
        },
        {"kind": "home", "template": "home", "page": "index", "title": "Khóa", "breadcrumbs": ()},
    ],
    ids=["lesson", "section", "home"],
)
def test_one_place_in_the_tree_is_where_one_is(page: dict[str, Any]) -> None:
    branches = {"branches": (Card("a/index", "Phần A", ""), Card("b/index", "Phần B", ""))}
    shown = page_of(**branches, **page)
    (here,) = shown.xpath("//nav[@id='course-tree']//*[@aria-current]")
    assert here.text_content() == shown.xpath("string(//h1)")


def test_the_frame_is_light() -> None:
    many = tuple(
        Card(f"a/{number}", "Một tiêu đề dài như trong bài thật, khoảng sáu mươi chữ", "") for number in range(40)
    )
    page = inputs(lessons=many, has_more_lessons=True, previous=many[0], next=many[1], base_url="https://example.org/")
    assert len(render_page(page, None, (TEMPLATES,)).encode()) < 15_000
    facts = write_facts("vi", {name: f"{name}.00000000" for name in LOADED.values()})
    assert len(spare_comments(STYLE.encode())) <= 24 * 1024
    assert len(facts + spare_comments(SCRIPT.encode())) <= 15 * 1024
    assert not re.search(r"@import|url\(|https?://", STYLE)
    assert not re.search(r"\bfetch\(|\bimport\b[ (]|XMLHttpRequest", SCRIPT)


HAVE_VIETNAMESE = {
    "Roboto": "tables of @fontsource/roboto",
    "Noto Sans": "tables of @fontsource/noto-sans; drawn in test_reading.py",
    "DejaVu Sans": "tables of Debian's file; drawn in test_reading.py",
    "Cascadia Mono": "tables of @fontsource/cascadia-mono",
    "Noto Sans Mono": "tables of @fontsource/noto-sans-mono",
    "V": "those of DejaVu Sans, else of Courier New, for what DejaVu Sans Mono and Menlo lack",
    "DejaVu Sans Mono": "behind V",
}
"""Fonts that were seen to have every letter of U+1EA0 to U+1EF9, with each tone, and where it was seen."""
OF_SYSTEMS = {"-apple-system", "Segoe UI", "ui-monospace", "Consolas"}
"""Fonts that come with macOS and Windows only: their tables could not be seen. Menlo, which macOS takes for `monospace`,
is told to lack ố (teni-ime/ibus-teni #53), so `V` stands before it; that SF Mono, its `ui-monospace`, has Vietnamese shows
in JetBrains/JetBrainsMono #209."""


@pytest.mark.parametrize("name", ["sans", "mono"])
def test_no_font_is_asked_for_that_may_lack_stacked_diacritics(name: str) -> None:
    """A browser draws what a font lacks letter by letter, its marks beside them; so it matters which comes first."""
    found = re.search(rf"--{name}: ([^;]+);", STYLE)
    assert found
    *fonts, last = (font.strip(' "') for font in found[1].split(","))
    assert set(fonts) <= {*HAVE_VIETNAMESE, *OF_SYSTEMS}
    assert name == "sans" or "V" in fonts, "what a browser takes for monospace may lack them"
    assert last in ("sans-serif", "monospace")


# --- colours ---


def palettes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", STYLE)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", body)) for _, body in blocks]
    assert len(found) == 3
    assert found[1] == found[2], "dark by the system and dark by choice"
    assert set(found[0]) == set(found[1])
    return {"light": found[0], "dark": found[1]}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


CODE = ("c-soft", "c-word", "c-text", "c-number", "c-name", "c-type", "text", "danger")
ON_PAPER = ("text", "soft", "accent", "warn")
KINDS = ("note", "tip", "caution", "danger", "important")


def pairs() -> Iterator[tuple[str, str]]:
    yield from itertools.product((*ON_PAPER, *KINDS), ("ground", "panel"))
    yield from itertools.product(CODE, ("panel", "hit"))
    yield from itertools.product(("text",), ("mark", "c-in", "c-out"))
    of_formulas = re.findall(r"\.tex-[a-z]+ \{ color: var\(--([\w-]+)\)", STYLE)
    assert len(of_formulas) == 7
    yield from itertools.product(set(of_formulas) - {"soft", *KINDS}, ("ground", "panel"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), list(pairs()))
def test_every_text_can_be_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = palettes()[theme]
    one, other = sorted((luminance(colours[ink]), luminance(colours[ground])))
    assert (other + 0.05) / (one + 0.05) >= 4.5


# --- words ---


def messages_used() -> set[str]:
    found = set[str]()
    for path in TEMPLATES.rglob("*.html"):
        for _, _, message, _ in babel_extract(io.BytesIO(path.read_bytes()), ["_"], [], {"trimmed": "true"}):
            found.add(str(message))
    for path in (PROJECT / "pipeline").rglob("*.py"):
        found.update(re.findall(r'(?:translator\([\w., ]+\)|translate)\("([^"]+)"\)', path.read_text("utf-8")))
    return found


@pytest.mark.parametrize(
    "language", sorted(path.name for path in CATALOGUES.iterdir() if (path / "LC_MESSAGES").is_dir())
)
def test_a_catalogue_has_every_word_and_no_other(language: str) -> None:
    path = CATALOGUES / language / "LC_MESSAGES" / "course.po"
    read = parse_catalogue(path.read_text("utf-8"))
    assert set(read) == messages_used()
    with path.open("rb") as stream:
        by_babel = read_po(stream, locale=language, abort_invalid=True)
    assert read == {str(message.id): str(message.string) for message in by_babel if message.id}
    assert not [message for message in by_babel if message.fuzzy or list(message.check(by_babel))]


@pytest.mark.parametrize(
    ("language", "word"), [("vi", "Tìm kiếm"), ("vi-VN", "Tìm kiếm"), ("en-GB", "Search"), ("fr", "Search")]
)
def test_an_unknown_language_gets_english_words(language: str, word: str) -> None:
    assert translator(language)("Search") == word
    assert render_page(inputs(language=language), None, (TEMPLATES,)).count(f">{word}</button>") == 1


DIRECTIONS = """
from json import dumps
from babel import Locale
from babel.localedata import locale_identifiers
print(dumps({name: Locale.parse(name).text_direction == "rtl" for name in locale_identifiers()}))
"""
"""In a process of its own: Babel keeps 190 MB of what it reads."""


def test_a_language_has_the_direction_that_unicode_tells() -> None:
    told = json.loads(subprocess.run([sys.executable, "-c", DIRECTIONS], capture_output=True, check=True).stdout)
    assert {name: is_right_to_left(name.replace("_", "-")) for name in told} == told
    assert len(set(told.values())) == 2


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("vi", None), ("uz-Arab", "rtl")])
def test_a_page_has_the_direction_of_its_language(language: str, direction: str | None) -> None:
    assert page_of(language=language).get("dir") == direction


def test_what_a_lesson_brings_along_is_in_the_words_of_the_course(tmp_path: Path) -> None:
    """Titles of notes and names of links are in the body of a lesson, not in a template."""
    project = Project(tmp_path / "project")
    project.write("course.toml", 'language = "fr"\n')
    project.write("a.md", "# A\n\n!!! warning\n    Texte.\n\n> [!NOTE]\n> Texte.[^1]\n\n[^1]: Une note.\n")
    project.build()
    assert ">Warning</p>" in project.page("a.html")
    own = project.root / "templates" / "locale" / "fr.po"
    own.parent.mkdir()
    words = {"Warning": "Attention", "Note": "Remarque", "Back to the place of note {}": "Retour à la note {}"}
    own.write_text("\n".join(f'msgid "{old}"\nmsgstr "{new}"\n' for old, new in words.items()), "utf-8")
    assert "parse" in project.build().stages()
    page = project.page("a.html")
    assert ">Attention</p>" in page
    assert ">Remarque</p>" in page
    assert 'aria-label="Retour à la note 1"' in page
    assert not project.build().executed
    # An edit is parsed by a fork, which reads these words itself.
    project.write("a.md", "# A\n\n!!! warning\n    Autre texte.\n")
    project.build()
    assert ">Attention</p>" in project.page("a.html")


def test_a_course_brings_the_words_of_its_own_language(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("course.toml", 'language = "fr-CA"\n')
    project.write("a.md", "# A\n\nTexte.\n")
    project.build()
    assert ">Search</button>" in project.page("a.html")
    own = project.root / "templates" / "locale" / "fr.po"
    own.parent.mkdir()
    for word in ("Rechercher", "Chercher"):
        words = {"Search": word, "Search the course": word, "Page not found": "Introuvable"}
        own.write_text("\n".join(f'msgid "{old}"\nmsgstr "{new}"\n' for old, new in words.items()), "utf-8")
        run = project.build()
        assert run.stages() == {"render", "repairs", "site", "former", "search"}
        assert f'"title":"{word}"' in project.page("_search/index.js")
        page = project.page("a.html")
        assert f">{word}</button>" in page
        assert 'aria-label="Place in the course"' in page
    assert "<h1>Introuvable</h1>" in project.page("404.html")
    assert not project.build().executed
    own.unlink()
    project.build()
    assert ">Search</button>" in project.page("a.html")


def script_of(project: Project) -> str:
    """The script that the pages of a project load, as it is named in them."""
    (url,) = re.findall(r'<script src="\./(_static/site\.[0-9a-f]{8}\.js)"', project.page("index.html"))
    return project.page(url)


def test_the_script_says_what_is_the_same_on_each_page(project: Project) -> None:
    project.write("course.toml", 'language = "vi"\n')
    project.write("a.md", "# A\n")
    project.build()
    first, _, rest = script_of(project).partition("\n")
    assert rest == spare_comments(SCRIPT.encode()).decode()
    said = json.loads(first.removeprefix("const courseFacts=").removesuffix(";"))
    assert said["words"]["close"] == "Đóng"
    assert set(said["files"]) == set(LOADED)
    for key, name in LOADED.items():
        source = (TEMPLATES / "static" / name).read_bytes()
        assert project.page(said["files"][key]).encode() == spare_comments(source)
    # Another word, or another name of a file, makes it another script.
    project.write("course.toml", 'language = "en"\n')
    assert "static:site.js: the setting language changed" in project.doit("explain").text
    project.build()
    assert '"close":"Close"' in script_of(project)
    (project.root / "templates/static/slips.js").write_text("1", "utf-8")
    assert "render:a" in project.build().executed
    (slips,) = re.findall(r'"slips":"([^"]+)"', script_of(project))
    assert project.page(slips) == "1"
    assert not project.build().executed


@pytest.mark.parametrize("path", sorted((TEMPLATES / "static").iterdir()), ids=lambda path: path.name)
def test_only_comments_and_white_space_are_spared(path: Path) -> None:
    """Word by word the rest is the same; nothing in the sources depends on where a line begins."""
    source = path.read_text("utf-8")
    served = spare_comments(source.encode()).decode()
    if path.suffix == ".js":
        assert all(line.count("`") % 2 == 0 for line in source.split("\n")), "a text over several lines"
    whole_comments = re.compile(r"^\s*(?:/\*.*?\*/\s*|//[^\n]*)$", re.M | re.S)
    assert served.split() == whole_comments.sub("", source).split()
    assert not re.search(r"^(?:\s|//|/\*.*\*/$)", served, re.M)
    assert len(served) < len(source)


def test_style_sheets_of_a_course_are_sent_as_they_are(project: Project) -> None:
    project.write("a.md", "# A\n")
    own = "/* Mine. */\n\n  h1 { color: teal }\n"
    for name in ("course.css", "site.css"):
        (project.root / "templates/static" / name).write_text(own, "utf-8")
    project.build()
    assert {path.read_text("utf-8") for path in project.output.glob("_static/*.css") if "search" not in path.name} >= {
        own
    }
    assert [path.read_text("utf-8") for path in project.output.glob("_static/site.*.css")] == [own]


# --- templates of a course ---


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "my-course" / "templates"
    folder.mkdir(parents=True)
    return folder


def test_a_course_changes_one_block_and_keeps_the_rest(own: Path) -> None:
    (own / "lesson.html").write_text(
        '{% extends "default/lesson.html" %}{% block text %}{{ super() }}<p>Hỏi đi.</p>{% endblock %}', "utf-8"
    )
    page = lxml.html.document_fromstring(render_page(inputs(), None, (own, TEMPLATES)))
    assert page.xpath("//article/p/text()") == ["Hỏi đi."]
    assert page.xpath("//nav[@class='tree']")


def test_the_originals_use_what_a_course_has_changed(own: Path) -> None:
    (own / "base.html").write_text(
        '{% extends "default/base.html" %}{% block footer %}<footer>Chân</footer>{% endblock %}', "utf-8"
    )
    assert "<footer>Chân</footer>" in render_page(inputs(), None, (own, TEMPLATES))


def test_what_a_template_is_made_of_follows_the_same_search(own: Path) -> None:
    def digest() -> bytes:
        return Fingerprints((own, TEMPLATES), {}).template("lesson.html")

    seen = {digest()}
    assert digest() in seen
    for name, text in (
        ("base.html", '{% extends "default/base.html" %}'),
        ("lesson.html", '{% extends "default/lesson.html" %}'),
        ("lesson.html", '{% extends "default/lesson.html" %}{% include "quiz.html" %}'),
        ("quiz.html", "x"),
    ):
        (own / name).write_text(text, "utf-8")
        assert digest() not in seen, name
        seen.add(digest())
    (own / "other.html").write_text("x", "utf-8")
    assert digest() in seen


def test_a_lesson_may_ask_for_a_template_of_the_course(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("a.md", "---\ntemplate: quiz\n---\n# A\n\nChữ.\n")
    project.write("b.md", "# B\n\nChữ.\n")
    assert "a.md:2:11: warning: 'quiz' is no template for a lesson" in project.build().text
    quiz = project.root / "templates" / "quiz.html"
    quiz.write_text('{% extends "lesson.html" %}{% block article %}<p>Đố: {{ title }}</p>{% endblock %}', "utf-8")
    project.build()
    assert "<p>Đố: A</p>" in project.page("a.html")
    quiz.write_text('{% extends "lesson.html" %}{% block article %}<p>Hỏi: {{ title }}</p>{% endblock %}', "utf-8")
    run = project.build()
    assert "<p>Hỏi: A</p>" in project.page("a.html")
    assert "render:b" not in run.executed


def test_a_style_sheet_of_the_course_comes_after_the_site_s(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("a.md", "# A\n\nChữ.\n")
    own = project.root / "templates" / "static" / "course.css"
    own.write_text("h1 { color: teal }", "utf-8")
    project.build()

    def sheets() -> list[str]:
        return list(lxml.html.document_fromstring(project.page("a.html")).xpath("//link[@rel='stylesheet']/@href"))

    first = sheets()
    assert [re.sub(r"\.[0-9a-f]{8}\.", ".", url) for url in first] == ["./_static/site.css", "./_static/course.css"]
    assert (project.output / first[1]).read_text("utf-8") == "h1 { color: teal }"
    own.write_text("h1 { color: navy }", "utf-8")
    project.build()
    assert sheets()[1] != first[1]
    assert not (project.output / first[1]).exists()


def test_a_course_may_have_its_own_feed_sitemap_and_robots(project: Project) -> None:
    project.write("course.toml", 'base_url = "https://example.org/"\n')
    project.write("a.md", "---\ndate: 2026-03-01\n---\n# A & B\n\nText.\n")
    project.build()
    own = project.root / "templates" / "feed.xml"
    own.write_text("<feed>{% for lesson in lessons %}<a>{{ lesson.title }}</a>{% endfor %}</feed>", "utf-8")
    assert "site:feed.xml: templates/feed.xml changed" in project.doit("explain").text
    assert project.build().executed == ["site:feed.xml"]
    assert project.page("feed.xml") == "<feed><a>A &amp; B</a></feed>"
    own.write_text("<feed>\n{{ lesons }}</feed>", "utf-8")
    run = project.doit()
    assert run.status == 1
    assert "templates/feed.xml:2: 'lesons' is undefined" in run.text
    assert project.page("feed.xml") == "<feed><a>A &amp; B</a></feed>", "the last good one stays"
    own.write_text("<feed></feed>", "utf-8")
    (project.root / "templates" / "robots.txt").write_text("User-agent: *\nDisallow: /\n", "utf-8")
    assert project.build().executed == ["site:robots.txt", "site:feed.xml"]
    assert project.page("robots.txt") == "User-agent: *\nDisallow: /\n"


FAULTS: dict[str, tuple[bytes, bytes, str, int | None, str, str]] = {
    # What stands in the template, and in one that it includes; the fault's file, line, message and hint.
    "syntax": (b"{% if %}", b"", "lesson.html", 3, "Expected an expression", "keep their last good version"),
    "a name": (b"{{ nothing }}", b"", "lesson.html", 3, "'nothing' is undefined", "the names it may use are language, "),
    "a sum": (b"{{ 1 // 0 }}", b"", "lesson.html", 3, "by zero", "keep their last good version"),
    "no template": (b'{% include "x.html" %}', b"", "lesson.html", 3, "template x.html does not exist",
                    "it is looked for in my-course/templates/, then in "),
    "included": (b'{% include "part.html" %}', b"\n{{ nothing }}", "part.html", 2, "'nothing' is undefined", "the names"),
    "included syntax": (b'{% include "part.html" %}', b"\n\n{% x %}", "part.html", 3, "unknown tag 'x'", "keep their"),
    "no UTF-8": (b'{% include "part.html" %}', b"\n\n\n\xff", "part.html", 4, "not UTF-8", "save the template as UTF-8"),
    "itself": (b'{% include "lesson.html" %}', b"", "lesson.html", None, "lesson.html extends or includes itself",
               'to build on the project\'s own, name "default/lesson.html"'),
    "an attribute": (b"{{ section.nothing }}", b"", "lesson.html", 3, "has no attribute 'nothing'", "the names"),
    "random": (b"{{ lipsum() }}", b"", "lesson.html", 3, "'lipsum' is undefined", "the names"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_template_has_its_file_and_line(own: Path, name: str) -> None:
    text, included, file, line, message, hint = FAULTS[name]
    head = b'{% extends "default/lesson.html" %}\n{% block text %}\n'
    (own / "lesson.html").write_bytes(head + text + b"{% endblock %}")
    (own / "part.html").write_bytes(included)
    with pytest.raises(TemplateError) as caught:
        render_page(inputs(), None, (own, TEMPLATES))
    assert message in caught.value.message
    assert caught.value.path == f"templates/{file}"
    assert hint in caught.value.hint
    assert caught.value.line == line or (line is None and caught.value.line)


# --- the documentation ---


def test_what_a_template_is_given_is_documented() -> None:
    text = (PROJECT / "docs" / "templates.md").read_text("utf-8")
    own: set[str] = set()
    for kind in (PageContext, TextContext, LessonContext, SectionContext, RepairsContext, RedirectContext, *LISTINGS):
        section = text[text.index(f"`{kind.__name__}`") :]
        table = section[section.index("|---") :].split("\n\n")[0]
        inherited = set[str]() if kind.__base__ is Context else names_of(kind.__base__)
        fields = names_of(kind) - inherited
        assert set(re.findall(r"^\| `(\w+)`", table, re.M)) == fields, kind.__name__
        own |= fields
    assert own


def test_every_template_and_block_is_documented() -> None:
    text = (PROJECT / "docs" / "templates.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+\.html)` \|[^|]*\| (.*?) ?\|$", text, re.M))
    assert set(rows) == {path.name for path in TEMPLATES.glob("*.html")}
    assert all(f"`{path.name}`" in text for path in TEMPLATES.iterdir() if path.is_file())
    documented = {name: set(re.findall(r"`(\w+)`", blocks)) for name, blocks in rows.items()}
    known = set.union(*documented.values())
    for path in TEMPLATES.glob("*.html"):
        blocks = set(re.findall(r"\{% block (\w+) %\}", path.read_text("utf-8")))
        assert documented[path.name] <= blocks
        assert blocks <= known
