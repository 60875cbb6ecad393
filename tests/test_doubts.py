"""What a mark may do to a page: show a doubtful word, and nothing else."""

from __future__ import annotations

import re

import lxml.html
import pytest
from building import Project
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse.lesson import parse_lesson
from pipeline.repair.codepages import Channel, damage
from pipeline.values import ParsedLesson, TextSpan

WORDS = st.sampled_from(["học", "tập", "Đường", "phố", "x", "2026", "http", "“trích”", "🎯", "l’été"])
INLINE = st.sampled_from([
    "{}", "**{}**", "*{}*", "_{}_", "__{}__", "~~{}~~", "`{}`", "[{}](b.md)", '[{}](b%20c.md "{}")', "![{}](a.png)",
    "<b>{}</b>", '<span title="{}">{}</span>', "[{}][tài liệu]", "[tài liệu]", "x[^ghi chú]", "\\*{}\\*", "&amp;{}",
    "${}$", "\\({}_1\\)", "VĐ {}", "{}_{}", "https://example.org/{}", "<https://example.org/>", "\\\n{}", "  \n{}",
])  # fmt: skip
LINES = st.sampled_from([
    "{}", "# {}", "## {} {#id}", "- {}", "1. {}", "  - {}", "> {}", "- [x] {}", '!!! note "{}"\n    {}', "    {}",
    "{}\n---", "{}\n:   {}", "| {} | {} |\n|---|:-:|\n| {} | {} |", "```text\n{}\n```", "<div>{}</div>", "***{}***",
])  # fmt: skip
NAMES = '[tài liệu]: https://example.org/ "học"\n\n[^ghi chú]: học tập\n\n*[VĐ]: ví dụ học\n'


@st.composite
def filled(draw: st.DrawFn, patterns: st.SearchStrategy[str], parts: st.SearchStrategy[str]) -> str:
    """A pattern with something in each of its places."""
    first, *others = draw(patterns).split("{}")
    return "".join([first, *(draw(parts) + other for other in others)])


@st.composite
def marked_lessons(draw: st.DrawFn) -> tuple[str, tuple[TextSpan, ...]]:
    """A lesson and parts of its lines, as a repair gives them: words, several words, whole lines."""
    inline = st.lists(filled(INLINE, WORDS), min_size=1, max_size=4).map(" ".join)
    blocks = draw(st.lists(filled(LINES, inline), min_size=1, max_size=4))
    text = "\n\n".join(["# Bài", *blocks, NAMES])
    places = [found.span() for found in re.finditer(r"\S+", text)]
    spans, end = [], 0
    for start, stop in places:
        if start < end or not draw(st.booleans()):
            continue
        line_end = text.find("\n", start)
        later = [place[1] for place in places if stop <= place[1] <= line_end]
        end = draw(st.sampled_from([stop, *later]))
        spans.append(TextSpan(start, end))
    return text, tuple(spans)


def letters_of(elements: list[lxml.html.HtmlElement]) -> str:
    """Their letters that are not ASCII: `tài liệu` and `[^ghi chú]` in raw HTML are names, and not marked."""
    text = "".join(element.text_content() for element in elements)
    text = re.sub(r"tài liệu|\[\^ghi chú\]", "", text)
    return "".join(letter for letter in text if letter.isalpha() and not letter.isascii())


def body_of(lesson: ParsedLesson) -> str:
    return f"{lesson.heading}\n{lesson.body}".replace(lesson.slot, "slot:")


@given(marked_lessons())
def test_a_mark_changes_nothing_but_that_it_marks(case: tuple[str, tuple[TextSpan, ...]]) -> None:
    text, spans = case
    plain = parse_lesson(text, "a.md")
    marked = parse_lesson(text, "a.md", doubts=spans)
    assert marked.facts == plain.facts
    assert re.sub(r'<mark class="doubt">|</mark>', "", body_of(marked)) == body_of(plain)


@given(marked_lessons())
def test_every_word_of_a_page_is_marked_when_every_word_is_in_doubt(case: tuple[str, tuple[TextSpan, ...]]) -> None:
    text, _ = case
    lines = [TextSpan(*found.span()) for found in re.finditer(r"[^\n]+", text)]
    root = lxml.html.fromstring(f"<div>{body_of(parse_lesson(text, 'a.md', doubts=tuple(lines)))}</div>")
    assert letters_of(root.xpath("//mark")) == letters_of([root])


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("# Học tập\n\nChữ ấy.", ["Học tập", "Chữ ấy"]),
        ("Đọc **ngôn ngữ** [này nhé](b.md), rồi đi.", ["Đọc", "ngôn ngữ", "này nhé", "rồi đi"]),
        ("- [x] Việc một\n- 2 “việc”", ["Việc một", "“việc”"]),
    ],
)
def test_a_doubt_that_is_a_whole_line_is_marked_word_by_word(text: str, marked: list[str]) -> None:
    doubts = tuple(TextSpan(*found.span()) for found in re.finditer(r"[^\n]+", text))
    root = lxml.html.fromstring(f"<div>{body_of(parse_lesson(text, 'a.md', doubts=doubts))}</div>")
    assert [mark.text for mark in root.xpath("//mark")] == marked


def test_a_script_of_trusted_html_is_left_alone() -> None:
    text = '# Bài\n\n<script>show("Học");</script>\n\n<!-- Học --> Học\n\nHọc\n'
    doubts = tuple(TextSpan(*found.span()) for found in re.finditer("Học", text))
    marked = parse_lesson(text, "a.md", trusted_html=True, doubts=doubts)
    assert '<script>show("Học");</script>' in marked.body
    assert not re.search("[\ufdd0\ufdd1]", marked.body)
    assert '<p><mark class="doubt">Học</mark></p>' in marked.body


def test_a_doubt_of_a_repair_that_goes_through_markup_is_marked_in_its_page(project: Project) -> None:
    truth = "Überblick über **größere Öfen** und [schöne Häuser](b.md) für Käufer."
    project.write("course.toml", "repair_threshold = 0.99\n")
    project.write("a.md", "# Bài\n\n" + damage(truth, Channel("cp1252", "drop")) + "\n")
    project.write("b.md", "# B\n\nChữ.\n")
    project.build()
    paragraph = lxml.html.fromstring(project.page("a.html")).xpath("//article//p")[0]
    assert paragraph.text_content() == "Überblick über größere Öfen und schöne Häuser für Käufer."
    assert letters_of(paragraph.xpath(".//mark")) == letters_of([paragraph])
    assert paragraph.xpath("strong/mark/text()") == ["größere Öfen"]
    assert paragraph.xpath("a/mark/text()") == ["schöne Häuser"]
