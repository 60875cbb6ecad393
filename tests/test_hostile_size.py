"""The work for a lesson grows with its length, whatever is in it; what would take more is refused at a limit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import hostile
import pytest
from building import Project, some_of_many
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adopt import adopt_mkdocs, adopt_summary
from pipeline.builder.course.work import Workshop, do_repair
from pipeline.builder.disk.location import Location
from pipeline.builder.disk.sources import PART_LIMIT, SourceBytes
from pipeline.builder.disk.sweep import FileStamp
from pipeline.commands.new.lesson import make_page
from pipeline.errors import LessonError, SettingsError
from pipeline.parse.front_matter import MOST_TOLD
from pipeline.parse.includes import MAX_READ, Expanded, expand_includes
from pipeline.parse.lesson import parse_lesson
from pipeline.parse.quick import BLOCKS_AT_HAND, Blocks
from pipeline.parse.sentences import find_heading
from pipeline.redirects import parse_redirects
from pipeline.settings import parse_settings
from pipeline.values import Heading, RepairedLesson, decode

SMALL = 5_000
MOST = 2.5
"""How much more work there may be for twice the length."""
SLOW_ONCE = """
prose; fences, open before headings; comments of MDX, open; tags of notes; tags of code; tags without end; comments without end; components of tabs; brackets, closed; links; references defined and used; headings, same; headings, nearly same; headings underlined; links to headings;
emphasis ~~; emphasis, nested; fences indented, open; formulas in one another;
components of Nuxt, open; components of Nuxt in one another; line blocks that break off; comments of MyST;
comments of MDX in one another; notes that words end; table, wide head; div, pairs; details; damage, words; damage, lines
"""
FAMILIES = [name.strip() for name in SLOW_ONCE.replace("\n", " ").split(";")]


Result = TypeVar("Result")


def count_calls(act: Callable[[], Result]) -> tuple[int, Result]:
    """Functions called, Python's and C's: the same on every machine. And what came of it."""
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event.endswith("call")

    sys.setprofile(count)
    try:
        result = act()
    finally:
        sys.setprofile(None)
    return calls, result


def count_work(text: str) -> tuple[int, str]:
    """How much is done for a lesson, and why it was refused."""
    return count_calls(lambda: hostile.parse(text, hostile.shop_of()))


@pytest.mark.parametrize("family", some_of_many(FAMILIES, *list(FAMILIES)[::4]))
def test_twice_the_length_is_twice_the_work(family: str) -> None:
    make = hostile.FAMILIES[family]
    hostile.parse(make(SMALL) + "\n\nĐ\x90á»™t\n", hostile.shop_of())  # imports and tables are there
    (small, _), (large, refused) = count_work(make(SMALL)), count_work(make(2 * SMALL))
    if not refused and large > MOST * small:  # more is done once from some length on, as when there is enough to weigh
        small, (large, refused) = large, count_work(make(4 * SMALL))
    assert refused or large <= MOST * small, (small, large)


def test_a_file_is_looked_through_once_however_often_it_is_included() -> None:
    part = "".join(f"ANCHOR: a{number}\nx\nANCHOR_END: a{number}\n" for number in range(3_000))

    def include(count: int) -> Expanded:
        return expand_includes("{{#include b.txt:a2999}}\n" * count, "a.md", {"b.txt": part}.get)

    (once, _), (often, expanded) = count_calls(lambda: include(1)), count_calls(lambda: include(200))
    assert expanded.text == "x\n" * 200
    assert often <= MOST * once, (once, often)


def test_a_part_is_repaired_once_however_many_lessons_have_it(tmp_path: Path) -> None:
    (tmp_path / "part.md").write_bytes("Há»c Táºp ngÃ´n ngá»¯.\n\n".encode() * 300)
    source = SourceBytes(b"# A\n\n{{#include part.md:1}}\n", FileStamp(0, 0, 0, 0), b"")

    def repair(count: int, shop: Workshop) -> list[str]:
        made = [do_repair(f"{number}.md", source, shop) for number in range(count)]
        return [decode(RepairedLesson, work.lesson).text for work in made]

    def new_shop() -> Workshop:
        return hostile.shop_of()._replace(content=tmp_path)

    repair(1, new_shop())
    (once, _), (often, texts) = count_calls(lambda: repair(1, new_shop())), count_calls(lambda: repair(20, new_shop()))
    assert set(texts) == {"# A\n\nHọc Tập ngôn ngữ.\n"}
    assert often <= MOST * once, (once, often)


def test_as_much_is_read_of_a_part_as_a_lesson_may_have_of_them() -> None:
    assert PART_LIMIT.size == MAX_READ


LONG, ENTRIES = "a" * 1_001, '"b",' * 10_000
SLOW_FILES: dict[str, tuple[Callable[[], object], str]] = {
    "a name of many parts": (lambda: parse_settings(f"a{'.a' * 200_000} = 1"), "a name of more than 100 parts"),
    "many names of parts in quotes": (
        lambda: parse_redirects('a."\\""' + '."\\""' * 200_000 + ' = "b"'),
        "a name of more than 100 parts",
    ),
    "a part of a book with blanks in its title": (lambda: adopt_summary("# a" + " " * 300_000 + "b"), ""),
    "groups of groups, said many times over": (
        lambda: adopt_mkdocs(
            "nav: &g0 [a.md]\n"
            + "".join(f"x{n + 1}: &g{n + 1} [{{A: *g{n}}}, {{B: *g{n}}}]\n" for n in range(30))
            + "nav: *g18\n"
        ),
        "a navigation has at most 20,000 entries",
    ),
    "titles of a navigation": (lambda: parse_settings(f'nav = [{{ "{LONG}" = ["a.md"] }}]'), "'nav' must be"),
    "entries in groups": (lambda: parse_settings(f"nav = [{{ a = [{ENTRIES}] }}, {ENTRIES}]"), "'nav' must be"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", SLOW_FILES)
def test_a_file_about_a_course_takes_a_time_that_grows_with_its_length(name: str) -> None:
    """Each took a time, or memory, that grew faster."""
    read, told = SLOW_FILES[name]
    if not told:
        read()
        return
    with pytest.raises(SettingsError) as caught:
        read()
    assert told in caught.value.message


@pytest.mark.timeout(60)
def test_a_title_with_blanks_and_signs_is_read_in_one_go(project: Project) -> None:
    """`new lesson` reads the headings of its neighbours."""
    project.write("a/one.md", "# One" + " #" * 300_000 + " x\n")
    project.write("a/two.md", "# Two  ##  \n")
    course = Location(project.root, project.content, project.output)
    with pytest.raises(SettingsError, match=r"two\.md has this title"):
        make_page("lesson", course, "a", "Two", is_draft=False)


@pytest.mark.deep
@pytest.mark.timeout(60)
def test_a_file_that_is_wrong_in_each_line_is_told_in_a_time_that_grows_with_its_length(project: Project) -> None:
    """It took 70 s for 5,000 decisions."""
    count = 15_000
    project.write("a.md", "# A\n\nWords.\n")
    project.write("course.toml", "nav = [" + "".join(f'"gone{number}.md",\n' for number in range(count)) + "]\n")
    entry = '[[repair]]\nlesson = "gone{}.md"\ndamaged = "x"\naction = "reject"\n'
    project.write("repairs.toml", "".join(map(entry.format, range(count))))
    told = project.build().text
    assert f"course.toml:{count}: warning: 'gone{count - 1}.md' in nav leads nowhere" in told
    assert f"repairs.toml:{4 * count - 2}: warning: a decision is about 'gone{count - 1}.md'" in told


def test_the_headings_of_a_page_are_named_once_however_many_links_miss_them() -> None:
    headings = tuple(Heading(2, f"một-{number}", f"Một {number}") for number in range(1_000))

    def miss(count: int) -> list[str]:
        return [find_heading(f"Hai {number}", headings) for number in range(count)]

    (once, _), (often, _) = count_calls(lambda: miss(1)), count_calls(lambda: miss(100))
    assert often <= MOST * once, (once, often)
    assert find_heading("user-content-Một-7", headings) == "một-7"


@given(
    st.integers(0, 5 * BLOCKS_AT_HAND),
    st.lists(st.sampled_from(["pop", "insert", "many"]), max_size=60),
)
def test_the_blocks_of_a_text_go_as_from_a_list_and_few_are_moved(count: int, steps: list[str]) -> None:
    """`pop` of a list moves all that follow, and nobody counts that as work."""
    text = "\n\n".join(map(str, range(count)))
    plain, blocks = text.split("\n\n"), Blocks(text)
    for step in steps:
        if step == "insert":
            plain.insert(0, "new")
            blocks.insert(0, "new")
        for _ in range({"pop": 1, "many": BLOCKS_AT_HAND - 7, "insert": 0}[step]):
            assert bool(blocks) == bool(plain)
            if plain:
                assert blocks.pop(0) == plain.pop(0)
        assert len(blocks) <= 2 * BLOCKS_AT_HAND
        assert blocks[:2] == plain[:2]
    while plain:
        assert blocks.pop(0) == plain.pop(0)
    assert not blocks


REFUSED = {
    "brackets": ("[" * 101 + "a" + "]" * 101, "more than 100 brackets are open in one paragraph"),
    "brackets over lines": ("[\n" * 101 + "]\n" * 101, "more than 100 brackets are open in one paragraph"),
    "brackets behind others": (")" * 500 + "[" * 101, "more than 100 brackets are open in one paragraph"),
    "paragraph": ("một *hai* " * 2_001, "a paragraph of 20,010 characters with marks in it; the limit is 20,000"),
    "block": ("- một hai\n" * 5_001, "more than 50,000 characters without an empty line"),
    "quoted block": ("> một hai\n" * 5_001, "more than 50,000 characters without an empty line"),
    "parts": ("a\n" + ": b\n" * 101, "more than 100 headings, rules or definitions without an empty line between them"),
    "notes above one another": (
        "??? a\n" * 101,
        "more than 100 headings, rules or definitions without an empty line between them",
    ),
    "tabs above one another": (
        '=== "a"\n' * 101,
        "more than 100 headings, rules or definitions without an empty line between them",
    ),
    "notes": ("a[^1]\n\n" * 1_001, "more than 1,000 marks of footnotes"),
    "abbreviations": ("".join(f"*[A{n}]: b\n\n" for n in range(101)), "more than 100 abbreviations"),
    "cells": ("|a" * 500 + "\n" + "|-" * 500 + "\n" + "b\n" * 100, "tables with more than 50,000 cells"),
    "elements": ("<div>\n\n" * 201, "more than 200 elements of raw HTML are open in one another"),
    "words": ('<b class="a">\n\n' * 21, "more than 20 elements of raw HTML are open in one another"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_take_more_is_refused_with_its_line(name: str) -> None:
    text, message = REFUSED[name]
    with pytest.raises(LessonError) as caught:
        parse_lesson(f"# Bài\n\nMột đoạn.\n\n{text}", "a.md")
    assert caught.value.message == message
    assert caught.value.line is not None
    assert caught.value.line >= 5
    assert caught.value.hint


def test_as_much_as_is_allowed_is_no_fault() -> None:
    for text in (
        "[" * 100 + "a" + "]" * 100,
        "một *hai* " * 1_999,
        "- một hai\n" * 4_999,
        "a[^1]\n\n" * 999 + "[^1]: b\n",
        "".join(f"*[A{n}]: b\n\n" for n in range(100)),
        "<div>\n\n" * 190 + "</div>\n\n" * 190,
        "<p>a\n\n" * 500,
        "<li>a\n\n" * 500,
        "chữ " * 12_000,
    ):
        assert parse_lesson(f"# Bài\n\n{text}", "a.md").facts.title == "Bài"


def test_each_of_many_headings_with_the_same_words_has_its_own_number() -> None:
    lesson = parse_lesson("# T\n\n## a\n\n## a\n\n## a-1\n\n## a\n\n## a-1\n\n## b {#a-4}\n\n## a\n", "a.md")
    assert [heading.anchor for heading in lesson.facts.headings] == ["a", "a-1", "a-1-1", "a-2", "a-1-2", "a-4", "a-3"]


def test_of_many_unknown_names_the_first_are_told() -> None:
    """Each is looked for in the block, and compared with every known name."""
    names = "".join(f"tite{number}: b\n" for number in range(500))
    told = parse_lesson(f"---\n{names}title: Bài\n---\n\nChữ.\n", "a.md").diagnostics
    assert [diagnostic.line for diagnostic in told] == list(range(2, MOST_TOLD + 2))
