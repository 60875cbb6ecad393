"""What has a limit: as much as it allows is taken, and one more is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.builder.disk import sweep
from pipeline.builder.disk.images import image_size
from pipeline.decisions import parse_decisions
from pipeline.errors import LessonError, SettingsError, near_name, shown, some_of
from pipeline.lexicon import parse_lexicon
from pipeline.parse.code import FenceInfo, highlight
from pipeline.parse.formulas import convert_formula
from pipeline.parse.front_matter import read_front_matter
from pipeline.parse.lesson import parse_lesson
from pipeline.parse.sentences import first_sentence
from pipeline.redirects import most_alike
from pipeline.search.entry import FREQUENT, search_entry, unpack_terms
from pipeline.search.words import word_term
from pipeline.settings import parse_settings

LESSONS: dict[str, tuple[Callable[[int], str], int, str]] = {
    "brackets": (lambda n: "[" * n + "a" + "]" * n, 100, "more than 100 brackets"),
    "addresses": (lambda n: "[a](" * n + ")" * n, 100, "more than 100 brackets"),
    "quotations": (lambda n: ">" * n + " a", 50, "nested more than 50 deep"),
    "quotations with spaces": (lambda n: "> " * n + "a", 50, "nested more than 50 deep"),
    "lists": (lambda n: "".join("  " * i + "- x\n" for i in range(n)) + "  " * n + "x", 30, "more than 30 deep"),
    "a block": (lambda n: ("a" * 99 + "\n") * 499 + "a" * (n - 49_901), 50_000, "more than 50,000 characters"),
    "a paragraph with marks": (lambda n: "*a*" + "b" * (n - 3), 20_000, "a paragraph of 20,001 characters"),
    "definitions": (lambda n: "a\n" + ": b\n" * n, 100, "more than 100 headings, rules or definitions"),
    "headings": (lambda n: "# a\n" * n, 100, "more than 100 headings, rules or definitions"),
    "notes": (lambda n: "a[^1]\n\n" * n, 1_000, "more than 1,000 marks of footnotes"),
    "abbreviations": (lambda n: "".join(f"*[A{i}]: b\n\n" for i in range(n)), 100, "more than 100 abbreviations"),
    "elements": (lambda n: "<div>\n\n" * n + "</div>\n\n" * n, 200, "more than 200 elements"),
    "elements that mark words": (lambda n: "<b>a\n\n" * n, 20, "more than 20 elements"),
    "cells": (lambda n: "|".join("a" * 500) + "\n" + "|".join("-" * 500) + "\nb" * (n // 500 - 2 + (n % 500 > 0)), 50_000,
              "more than 50,000 cells"),
}  # fmt: skip


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_may_have_as_much_as_its_limit_and_no_more(name: str) -> None:
    make, limit, message = LESSONS[name]
    for count in (limit - 1, limit):
        assert parse_lesson(f"# Bài\n\n{make(count)}\n", "a.md").facts.title == "Bài"
    with pytest.raises(LessonError, match=message) as caught:
        parse_lesson(f"# Bài\n\n{make(limit + 1)}\n", "a.md")
    assert caught.value.hint


def test_a_line_may_have_as_many_characters_as_no_prose_has() -> None:
    for count, message in ((100_000, "without an empty line"), (100_001, "a line of 100,001 characters")):
        with pytest.raises(LessonError, match=message):
            parse_lesson("x" * count, "a.md")


CODE: dict[str, tuple[Callable[[int], str], int]] = {
    "characters": (lambda n: ("x = 1\n" * 4_000)[: n - 1] + "\n", 10_000),
    "characters of a line": (lambda n: ("x = 1;" * 4_000)[:n] + "\n", 2_000),
    "blanks": (lambda n: "x = 1\n" + "\n" * (n - 1) + "y\n", 100),
    "blanks in a line": (lambda n: "x = 1;" + " " * n + "y\n", 100),
    "words": (lambda n: "x = 1;" + ("a\n" * n)[:n] + ";\n", 300),
    "open brackets": (lambda n: "x = 1" + "(" * n + "\n", 100),
}


@pytest.mark.parametrize("name", CODE)
def test_code_is_in_colours_up_to_its_limit_and_plain_above_it(name: str) -> None:
    make, limit = CODE[name]
    assert "<span" in highlight(make(limit), FenceInfo("python"))
    assert highlight(make(limit + 1), FenceInfo("python")) == make(limit + 1)


def test_a_formula_has_at_most_five_thousand_characters() -> None:
    assert convert_formula("x" * 5_000, display=False) is not None
    assert convert_formula("x" * 5_001, display=False) is None


def test_emphasis_is_read_twenty_deep() -> None:
    for count in (19, 20, 21, 22):
        body = parse_lesson("*a " * count + "b" + " c*" * count, "a.md").body
        assert body.count("<em>") == min(count, 20)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


FRONT: dict[str, tuple[Callable[[int], str], int, str]] = {
    "characters": (lambda n: f"title: T\n# {'x' * (n - 12)}\n", 50_000, "50,001 characters is not read"),
    "values": (lambda n: f"a: [{'1, ' * (n - 2)}1]\n", 1_000, "one of at most 1,000 values"),
    "values of several names": (lambda n: "".join(f"a{i}: 1\n" for i in range(n)), 1_000, "at most 1,000 values"),
    "what is kept": (lambda n: "a: " + "x" * (n - 8) + "\n", 10_000, "10,001 beside the known names"),
    "depth": (lambda n: f"a: {nested(n)}\n", 21, "no more than 20 lists and mappings deep"),
    "a number": (lambda n: f"a: {n}\n", 2**53, "a number of at most 9,007,199,254,740,992"),
    "a number below nothing": (lambda n: f"a: -{n}\n", 2**53, "a number of at most 9,007,199,254,740,992"),
}


@pytest.mark.parametrize("name", FRONT)
def test_front_matter_may_say_as_much_as_its_limit_and_no_more(name: str) -> None:
    make, limit, message = FRONT[name]
    for count, is_told in ((limit, False), (limit + 1, True)):
        front, _, told = read_front_matter(f"---\n{make(count)}---\nChữ.\n")
        found = [one.message for one in told if one.severity == "warning"]
        assert [message in one for one in found] == [True] * is_told, found
        assert (json.loads(front.others or "{}") != {} or front.title != "") or is_told


def test_a_summary_has_two_hundred_characters_and_a_label_fewer_than_twenty_four() -> None:
    long = "x" * 99 + " " + "y" * 100
    assert first_sentence(long) == long
    assert first_sentence(long + "y") == "x" * 99 + "…"
    for count, summary in ((23, "Đoạn sau là một câu dài hơn."), (24, "a" * 24)):
        assert parse_lesson(f"{'a' * count}\n\nĐoạn sau là một câu dài hơn.\n", "a.md").facts.summary == summary
    for count, is_badge in ((13, True), (14, False)):
        text = "[" + "a" * 13 + "](a.md)" + "b" * count
        summary = parse_lesson(f"{text}\n\nĐoạn sau là một câu dài hơn.\n", "a.md").facts.summary
        assert (summary == "Đoạn sau là một câu dài hơn.") == is_badge


def test_hints_at_headings_are_given_twenty_times() -> None:
    links = "".join(f"[x](#phần-{number})\n\n" for number in range(22))
    told = parse_lesson(f"# T\n\n## Phần\n\n{links}", "a.md").diagnostics
    assert [one.hint for one in told] == ["did you mean #phần?"] * 20 + [""] * 2


def test_a_word_is_frequent_that_stands_four_times_in_a_lesson() -> None:
    assert FREQUENT == 4
    for count, kind in ((3, 0), (4, 1)):
        terms = unpack_terms(search_entry(parse_lesson("# T\n\n" + "zebra. x " * count, "a.md")).terms)
        assert [term & 3 for term in terms if term & ~3 == word_term("zebra")] == [kind]


# --- what a person writes about a course ---


def test_a_list_of_links_for_every_page_has_at_most_a_hundred() -> None:
    assert len(parse_settings(f"quick_links = {json.dumps(['a'] * 100)}").quick_links) == 100
    with pytest.raises(SettingsError, match="a list of at most 100 paths"):
        parse_settings(f"quick_links = {json.dumps(['a'] * 101)}")


def test_a_count_of_the_lexicon_has_at_most_nine_digits() -> None:
    assert parse_lexicon("học\t999999999\n") == {"học": 999_999_999}
    for line in ("học\t1000000000", "học\t", "học 1", "\t1", "học\t-1", "học\tx"):
        with pytest.raises(SettingsError) as caught:
            parse_lexicon(f"# x\n\n{line}\n")
        assert caught.value.line == 3


def test_half_of_the_longer_text_makes_two_lessons_one() -> None:
    assert most_alike("aaaa\nbbbb\n", {"x": "aaaa\ncccc\n", "y": "dddd\n"}) == "x"
    assert most_alike("aaaa\nbbbbb\n", {"x": "aaaa\nccccc\n"}) is None
    assert most_alike("aaaa\n", {"x": "aaaa\n", "y": "aaaa\nb\n"}) == "x"
    assert most_alike("", {"x": ""}) is None
    assert most_alike("a", {}) is None


def test_of_many_names_three_are_told_and_a_name_that_is_near_is_meant() -> None:
    assert [some_of(list("abcdef"[:count])) for count in range(5)] == ["", "a", "a, b", "a, b, c", "a, b, c and 1 more"]
    assert some_of(["a"] * 2_000) == "a, a, a and 1,997 more"
    assert near_name("abcdefghij", ["abcdefgxyz"], "these") == "did you mean abcdefgxyz?"
    assert near_name("abcdefghij", ["abcdefwxyz"], "these") == "these are abcdefwxyz"


def test_what_is_shown_of_a_value_is_short() -> None:
    assert shown("x" * 58) == repr("x" * 58)
    assert len(shown("x" * 59)) == len(shown("x" * 500)) == 60
    assert shown([[[1]]]) == "[[[1]]]"
    assert shown([[[[1]]]]) == "[[[[...]]]]"
    assert len(shown(set)) <= 60
    assert len(shown(parse_lesson("a", "a.md").facts)) == 60
    assert shown(10**5000) == "a number of too many digits"


DECISIONS = {
    '[[repair]]\nlesson = "a"\ndamaged = "x"\naction = "replace"\n': "number 1: 'reading' is missing",
    '[[repair]]\nlesson = "a"\ndamaged = "x"\naction = "accept"\nreading = ""\n': "number 1: 'reading' is missing",
    '[[repair]]\ndamaged = "x"\naction = "reject"\n': "number 1: 'lesson' is missing",
    '[[repair]]\nlesson = "a"\naction = "reject"\n': "number 1: 'damaged' is missing",
    '[[repair]]\nlesson = "a"\ndamaged = "x"\naction = "drop"\n': "number 1: 'action' must be one of accept, reject, replace",
    '[[repair]]\nlesson = "a"\ndamaged = "x"\naction = "reject"\nwhy = "y"\n': "number 1: there is no 'why'",
    '[[repair]]\nlesson = 1\n': "number 1: every value must be a text in quotes",
    '[[repair]]\nlesson = "a"\ndamaged = "x"\naction = "replace"\nreading = "a\\nb"\n': "'reading' must be one line",
    '[[repair]]\nlesson = "a"\ndamaged = "x"\naction = "replace"\nreading = "a\\u0085b"\n': "'reading' must be one line",
}  # fmt: skip


@pytest.mark.parametrize("text", DECISIONS)
def test_what_is_wrong_with_a_decision_is_told_with_its_number_and_line(text: str) -> None:
    good = '[[repair]]\nlesson = "e\u0301.md"\ndamaged = "x"\naction = "reject"\nreading = "a\\nb"\n\n'
    assert parse_decisions(good) == {"\u00e9.md": {"x": None}}
    with pytest.raises(SettingsError, match=DECISIONS[text].replace("number 1", "number 2")) as caught:
        parse_decisions(good + text)
    assert caught.value.line == 7
    assert caught.value.hint


# --- files ---


@pytest.mark.parametrize(("count", "is_told"), [(3, False), (4, True), (6, True)])
def test_links_to_folders_bring_as_much_as_their_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, is_told: bool
) -> None:
    monkeypatch.setattr(sweep, "MAX_LINKED", 3)
    content = tmp_path / "content"
    (content / "z").mkdir(parents=True)
    for number in range(count):
        (content / "z" / f"{number}.md").write_text("x")
    (content / "link").symlink_to("z")
    tree = sweep.sweep_content(content, ())
    assert sorted(path for path in tree.lessons if path.startswith("link")) == [
        f"link/{n}.md" for n in range(min(count, 3))
    ]
    assert len([path for path in tree.lessons if path.startswith("z")]) == count
    assert [told.message for _, told in tree.problems] == [
        "symbolic links to folders bring more than 3 files into the course"
    ] * is_told
    assert tree.unreadable == ["link"] * is_told


def test_folders_may_stand_a_hundred_deep_in_one_another(tmp_path: Path) -> None:
    deepest = tmp_path.joinpath(*["a"] * 100)
    deepest.mkdir(parents=True)
    for depth in (98, 99, 100):
        tmp_path.joinpath(*["a"] * depth, "x.md").write_text("x")
    tree = sweep.sweep_content(tmp_path, ())
    assert sorted(path.count("/") for path in tree.lessons) == [98, 99]
    ((path, told),) = tree.problems
    assert (path.count("/"), told.message) == (99, "folders nested more than 100 deep")
    assert tree.unreadable == [path]


def test_a_picture_has_a_pixel_at_least_and_a_million_at_most_on_a_side(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    for width, height, size in (
        ("1000000", "1", (1_000_000, 1)),
        ("1000001", "1", ()),
        ("1", "1000001", ()),
        ("0.6", "1", (1, 1)),
        ("0.5", "1", ()),
        ("0", "1", ()),
        ("10.4", "10.6px", (10, 11)),
        ("1em", "1", ()),
    ):
        path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"/>')
        assert image_size(path) == size, (width, height)
