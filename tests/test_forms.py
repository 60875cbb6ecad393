"""Text that looks the same is the same: letters in any Unicode form, and byte order marks, which show nothing."""

from __future__ import annotations

import contextlib
from unicodedata import normalize
from urllib.parse import quote, unquote

import lxml.html
import pytest
import strategies
from building import Project
from hypothesis import given
from hypothesis import strategies as st

from pipeline.builder.course.work import repair_source
from pipeline.errors import PipelineError
from pipeline.parse.lesson import parse_lesson
from pipeline.settings import Settings
from pipeline.values import ParsedLesson

forms = st.sampled_from(["NFC", "NFD"])
words = st.sampled_from(["Tiếng Việt", "Học tập", "é", "Ångström", "한국어", "हिन्दी"])
HEADINGS = (
    lambda word, anchor: f"## {word}",
    lambda word, anchor: f"## x {{#{anchor}}}",
    lambda word, anchor: f'<a id="{anchor}"></a>\n\nChữ.',
    lambda word, anchor: f'<a name="{anchor}">x</a>',
)


def hrefs(html: str) -> list[str]:
    return [str(href) for href in lxml.html.fromstring(html).xpath("//a[not(@class='anchor')]/@href")]


@given(words, forms, forms, st.sampled_from(HEADINGS), st.booleans())
def test_a_link_finds_its_place_in_the_lesson_in_whatever_form_both_are_typed(
    word: str, typed: str, linked: str, heading: object, encoded: bool
) -> None:
    assert callable(heading)
    anchor = word.lower().replace(" ", "-")
    target = normalize(linked, anchor)  # type: ignore[arg-type]
    written = heading(normalize(typed, word), normalize(typed, anchor))  # type: ignore[arg-type]
    lesson = parse_lesson(f"# T\n\n[x](#{quote(target) if encoded else target})\n\n{written}\n", "a.md")
    assert lesson.diagnostics == ()
    (place,) = [unquote(href[1:]) for href in hrefs(lesson.body) if href]
    assert place in lesson.facts.anchors
    assert place in lxml.html.fromstring(lesson.body).xpath("//@id|//@name")


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("linked", ["NFC", "NFD"])
def test_a_link_finds_lessons_and_files_in_whatever_form_both_are_named(
    project: Project, stored: str, linked: str
) -> None:
    def name(form: str, text: str) -> str:
        return normalize(form, text)  # type: ignore[arg-type]

    project.write(name(stored, "bài/bé.md"), name(stored, "# Bé\n\nChữ.\n\n## Học\n"))
    project.write(name(stored, "bài/ảnh.txt"), "x")
    project.write(name(stored, "bài/bỏ.txt"), "x")
    project.write("a.md", name(linked, "# A\n\n[x](bài/bé.md#học) [y](bài/ảnh.txt) [z](bài/)\n"))
    project.write("course.toml", name(linked, 'quick_links = ["bài/bé.md"]\nignore = ["bỏ.*"]\n'))
    project.write("repairs.toml", name(linked, '[[repair]]\nlesson = "bài/bé.md"\ndamaged = "x"\naction = "reject"\n'))
    run = project.build()
    assert "warning" not in run.text
    links = [link for link in hrefs(project.page("a.html")) if ".txt" in link or "#" in link]
    page, anchor = unquote(next(link for link in links if "#h" in link)).split("#")
    assert f'id="{anchor}"' in (project.output / page).read_text("utf-8")
    assert all((project.output / unquote(link)).is_file() for link in links if ".txt" in link)
    assert not (project.output / name(stored, "bài/bỏ.txt")).exists()


MARKS = ("\ufeff", "\ufeff\ufeff", "ï»¿")


def read(text: str) -> ParsedLesson:
    repaired = repair_source(text.encode(), Settings(), {}, {})
    return parse_lesson(repaired.text, "a/b.md", doubts=repaired.doubts)


@pytest.mark.parametrize("mark", MARKS)
def test_a_heading_behind_a_byte_order_mark_is_one(mark: str) -> None:
    lesson = read(f"{mark}# Tựa\n\nChữ.\n\n{mark}## Phần hai\n\n{mark}- mục\n")
    assert lesson == read("# Tựa\n\nChữ.\n\n## Phần hai\n\n- mục\n")
    assert (lesson.facts.title, lesson.facts.anchors) == ("Tựa", ("tựa", "phần-hai"))
    assert read(f"{mark}---\ntitle: Riêng\n---\nChữ.\n").facts.title == "Riêng"


@given(strategies.lesson_texts, st.data())
def test_a_byte_order_mark_shows_nothing_wherever_it_stands(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    with contextlib.suppress(PipelineError):
        assert parse_lesson(f"{text[:place]}\ufeff{text[place:]}", "a.md") == parse_lesson(text, "a.md")
