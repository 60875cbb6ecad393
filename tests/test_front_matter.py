"""What a lesson says about itself: what can be read is read, the rest is told, and no page is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
import strategies
import yaml
from building import PROJECT, Project
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.parse.fields import FIELDS
from pipeline.parse.front_matter import MOST_KEPT, read_front_matter
from pipeline.parse.lesson import parse_lesson
from pipeline.values import ParsedLesson

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(), strategies.texts)
plain_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strategies.texts, inner, max_size=3)
)
names = st.one_of(st.sampled_from([*FIELDS]), st.text("abcxyz_", min_size=1, max_size=8))


def parse(text: str) -> ParsedLesson:
    return parse_lesson(text, "a/b.md")


def told(text: str) -> list[tuple[int | None, str]]:
    """Line and message of every warning."""
    return [(d.line, d.message) for d in parse(text).diagnostics if d.severity == "warning"]


# --- the law ---


@given(st.dictionaries(names, plain_values, max_size=6))
@example({"date": "2026-13-45", "template": "home.html", "order": float("nan"), "draft": "maybe"})
def test_whatever_front_matter_says_the_page_is_built_and_the_sound_names_are_read(table: dict[str, Any]) -> None:
    front = yaml.safe_dump({"title": "Tựa", **table, "description": "Câu."}, allow_unicode=True, sort_keys=False)
    lesson = parse(f"---\n{front}---\nChữ.\n")
    assert lesson.body == "<p>Chữ.</p>"
    assert lesson.facts.summary == "Câu."
    if "title" not in table:
        assert lesson.facts.title == "Tựa"
    assert {d.severity for d in lesson.diagnostics} <= {"warning", "note"}
    kept = json.loads(lesson.front or "{}")
    assert len(lesson.front) <= MOST_KEPT
    assert not kept.keys() & FIELDS.keys()


@given(
    st.lists(
        st.sampled_from(["---", "+++", "title: x", "titel: [", 'date: "', "\tx: 1", "- a", "", "# T", "Chữ.", "a = 1"])
    ),
    st.text(max_size=20),
)
def test_no_front_matter_takes_the_text_below_it_away(lines: list[str], more: str) -> None:
    text = "\n".join(["---", *lines, more, "---", "", "Chữ cuối."])
    _, rest, _ = read_front_matter(text)
    assert rest.endswith("Chữ cuối.")
    assert rest.count("\n") == text.count("\n")


# --- what is told, and where ---

FAULTS: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "a number": ("---\norder: soon\n---\n", [(2, "'order' must be a number, not 'soon'")]),
    "a switch": ("---\ntitle: x\ndraft: maybe\n---\n", [(3, "'draft' must be true or false")]),
    "an open list": ("---\ntitle: [x\n---\n", [(2, "no YAML")]),
    "paths": ("---\ntitle: x\naliases: {a: 1}\n---\n", [(3, "'aliases' must be a path or a list of paths")]),
    "no date": ("---\ntitle: x\ndate: 2026-13-45\n---\n", [(3, "'date' must be a date like 2026-03-01")]),
    "a tab": ("---\ntitle: x\n\tdate: x\n---\n", [(3, "no YAML: found a tab")]),
    "an open quote": ('---\norder: 1\ntitle: "x\ndate: 2026-03-01\n---\n', [(3, "no YAML")]),
    "three": (
        '---\ntitle: "x\norder: soon\ntemplate: home.html\n---\n',
        [(2, "no YAML"), (3, "'order' must be"), (4, "'template' must be the name of a template without .html")],
    ),
    "never closed": ("---\ntitle: x\n\nChữ.\n", [(1, "front matter is never closed")]),
    "closed by a rule": ("---\ntitle: x\n\nChữ trước.\n\n---\n", [(1, "front matter is never closed")]),
    "behind an empty line": ("\n\n---\ntitle: x\n---\n", [(3, "front matter stands behind an empty line")]),
    "TOML": ("+++\ntitle = 'x'\norder = \n+++\n", [(3, "front matter: this is no TOML")]),
    "a value of TOML": ("+++\ntitle = 'x'\norder = 'soon'\n+++\n", [(3, "'order' must be a number")]),
    "beside the name that is meant": ("---\ntitle: x\ntitel: y\n---\n", [(3, "front matter has 'titel'")]),
    "one that says itself": ("---\na: &a [*a, *a]\ntitle: x\n---\n", [(2, "'a' must be ")]),
    "one said many times over": (
        "---\na: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + "title: x\n---\n",
        [(line, "at most 1,000 values") for line in range(5, 11)],
    ),
    "a number without end": (f"---\na: {'9' * 5000}\ntitle: x\n---\n", [(2, "cannot be read")]),
    "too long": (f"---\ntitle: x\na: {'x' * 60_000}\n---\n", [(1, "60,013 characters is not read")]),
    "much for templates": (f"---\ntitle: x\na: {'x' * 20_000}\n---\n", [(1, "beside the known names are left out")]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_told_at_once_with_its_line_and_the_page_is_built(name: str) -> None:
    text, faults = FAULTS[name]
    found = told(f"{text}# T\n\nChữ.\n")
    assert [line for line, _ in found] == [line for line, _ in faults]
    for (_, message), (_, words) in zip(found, faults, strict=True):
        assert words in message
    assert parse(f"{text}# T\n\nChữ.\n").body.endswith("<p>Chữ.</p>")


def test_what_stands_above_a_rule_that_closes_nothing_is_text() -> None:
    assert "Chữ trước" in parse(FAULTS["closed by a rule"][0]).body


@pytest.mark.parametrize(
    "text",
    ["---\n\nChữ.\n\n---\n", "---\nChú ý: chữ.\n\nChữ.\n", "\n---\nChú ý: chữ.\n\n---\n", "+++\n\nChữ.\n\n+++\n"],
)
def test_prose_below_a_rule_is_no_front_matter(text: str) -> None:
    # `+++` is a line of another program's, Hugo's front matter or a break of MyST, wherever it stands.
    assert [message for _, message in told(text)] == ["tags of another program are left out"] * ("+++" in text)
    assert "hữ." in parse(text).body


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2015-11-17 16:16:01 -0600", "2015-11-17"),
        ("2024/12/05", "2024-12-05"),
        ("2024-12-05 10:00", "2024-12-05"),
        ("2024-12-05T10:00:00.5+07:00", "2024-12-05"),
        ("2024-1-5", "2024-01-05"),
        ("!!timestamp 2024-12-05", "2024-12-05"),
        ('""', ""),
        ("", ""),
        ("{created: 2024-12-05, updated: 2025-01-01}", "2024-12-05"),
    ],
)
def test_dates_of_other_programs_are_read(written: str, date: str) -> None:
    text = f"---\ndate: {written}\n---\nChữ.\n"
    assert (parse(text).facts.date, told(text)) == (date, [])


def test_numbers_and_switches_in_quotes_are_read() -> None:
    facts = parse('---\norder: "3"\ndraft: "false"\n---\nChữ.\n').facts
    assert (facts.order, facts.draft) == (3.0, False)


def test_front_matter_of_hugo_is_read_and_what_else_it_says_is_kept() -> None:
    lesson = parse(
        "+++\r\ntitle = 'Tựa'\r\ndate = 2024-12-05T10:00:00Z\r\n[params]\r\nday = 2024-01-02\r\n+++\r\nChữ.\r\n"
    )
    assert (lesson.facts.title, lesson.facts.date, lesson.body) == ("Tựa", "2024-12-05", "<p>Chữ.</p>")
    assert json.loads(lesson.front) == {"params": {"day": "2024-01-02"}}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("titel", "title"),
        ("Title", "title"),
        ("darft", "draft"),
        ("oder", "order"),
        ("alias", "aliases"),
        ("dat", "date"),
    ],
)
def test_a_misspelt_name_is_a_warning_that_names_what_was_meant(name: str, meant: str) -> None:
    (found,) = parse(f"---\nrepair: auto\n{name}: 1\n---\n# T\n\nChữ.\n").diagnostics
    assert (found.severity, found.line, found.hint) == ("warning", 3, f"did you mean {meant}?")


@pytest.mark.parametrize("name", ["tags", "subtitle", "author", "weight", "updated", "slug", "toc", "layout", "lang"])
def test_a_name_that_other_programs_read_is_only_noted(name: str) -> None:
    (found,) = parse(f"---\n{name}: 1\n---\n# T\n\nChữ.\n").diagnostics
    assert (found.severity, found.line) == ("note", 2)
    assert found.hint.startswith("the names are title, ")


# --- in a build ---

QUIZ = '{%% extends "lesson.html" %%}{%% block article %%}%s{%% endblock %%}'


@pytest.mark.parametrize("text", [*(text for text, _ in FAULTS.values()), "", " \n\t\n", "---\n---\n"])
def test_a_build_with_odd_front_matter_ends_well_and_has_the_page(project: Project, text: str) -> None:
    project.write("a/b.md", text)
    run = project.build()
    assert ("warning" in run.text) is (text != "---\n---\n")
    assert "<h1>" in project.page("a/b.html")
    assert "error" not in run.text


def test_templates_read_what_else_front_matter_says_and_are_filled_again_when_it_changes(project: Project) -> None:
    shown = "{{ front.get('tags', ()) | join('+') }} {{ front.params.level | default('none') }} {{ front.author }}"
    (project.root / "templates/quiz.html").write_text(QUIZ % f"[{shown}]")
    text = "---\ntemplate: quiz\ntags: [a, <b>]\nparams: {level: 2}\nauthor: An\n---\nChữ.\n"
    project.write("b.md", text)
    project.build()
    assert "[a+&lt;b&gt; 2 An]" in project.page("b.html")
    project.write("b.md", text.replace("An", "Ba"))
    project.build()
    assert "[a+&lt;b&gt; 2 Ba]" in project.page("b.html")
    (project.root / "templates/quiz.html").write_text(QUIZ % "{{ front.clear() }}")
    assert "has no attribute 'clear'" in project.doit().text


@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_a_set_has_the_order_that_it_is_written_in_whatever_the_process(hash_seed: str) -> None:
    program = (
        "from pipeline.parse.lesson import parse_lesson\n"
        "lesson = parse_lesson('---\\ntags: !!set {b, a, ề, c}\\n---\\n# T\\n', 'a.md')\nprint(ascii(lesson.front))"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(
        command, cwd=PROJECT, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True
    )
    assert '["b","a","\\u1ec1","c"]' in run.stdout, run.stderr
