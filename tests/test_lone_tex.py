"""TeX that lost the signs around it: what surely is a formula is set as one, and told like any repair."""

from __future__ import annotations

import json

import lxml.html
import pytest
from building import Project
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse.lone_tex import is_formula, join_repairs, replay, set_lone_tex
from pipeline.values import Repair

FORMULAS = [
    r"\mathbf{C}\mathbf{v}_i",
    r"E: V \rightarrow \mathbb{R}^d",
    "\\mathbf{Z}\n=\n\\mathbf{H}\n\\mathbf{W}",
    "f(x) =\n\\begin{cases}\nx & x > 0 \\\\\n0 & \\text{nếu không}\n\\end{cases}",
    r"X_{ij} = \text{số lần } w_j \text{ có mặt}",
    r"\text{Attention}(Q,K,V) = \text{softmax}(QK^\top)",
    r"v_{king} - v_{man} \approx v_{queen}",
    r"PMI(i,j) = \log \frac{P_{ij}}{P_i P_j}",
    r"\alpha = 0.75",
    "  \\sum_{i=1}^{n} x_i",
]
PROSE = [
    "Một đoạn văn.",
    r"Trong đó \eta là tốc độ học.",
    r"The file is in C:\text\sum\in",
    r"C:\alpha\beta",
    r"\alpha and beta are letters",
    r"\section{Một}",
    r"\frac{1}{2",
    r"- \alpha",
    r"# \alpha",
    r"> \alpha",
    r"| \alpha | \beta |",
    r"    \alpha",
    r"`\alpha`",
    r"$\alpha$",
    r"\( \alpha \)",
    r"\[ \alpha \]",
    r"<b>\alpha</b>",
    "x = 1",
    r"альфа \alpha",
    "\\[\nf = (x + \\frac{1}{2})\n\\]",
    "với \\(\nf = (x + \\frac{1}{2})\n\\)",
    "xét:\n\\begin{aligned}\nf &= (x + \\frac{1}{2})\n\\end{aligned}",
    "\\[\nf = (x + \\frac{1}{2})",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_paragraph_of_tex_is_a_formula(text: str) -> None:
    (repair,) = set_lone_tex(f"Trước:\n\n{text}\n\nSau.", {})
    assert (repair.line, repair.after) == (3, f"$${text.strip()}$$")
    assert (
        replay(f"Trước:\n\n{text}\n\nSau.", (repair,))
        == f"Trước:\n\n{text.replace(text.strip(), repair.after)}\n\nSau."
    )


@pytest.mark.parametrize("text", PROSE)
def test_what_may_be_something_else_is_left(text: str) -> None:
    assert set_lone_tex(f"Trước:\n\n{text}\n\nSau.", {}) == ()


@pytest.mark.parametrize(
    ("line", "after"),
    [
        (r"với (\theta) và (\mathcal{L}_k^{(B)})", r"với ($\theta$) và ($\mathcal{L}_k^{(B)}$)"),
        (r"1. (X\in\mathbb{R}^{n\times d}): đầu vào", r"1. (X\in\mathbb{R}^{n\times d}): đầu vào"),
        (r"xem [hình](\theta)", r"xem [hình](\theta)"),
        (r"f(\theta) là hàm", r"f(\theta) là hàm"),
        (r"(với \theta)", r"(với \theta)"),
        (r"`(\theta)`", r"`(\theta)`"),
    ],
)
def test_what_stands_between_brackets_is_a_formula_in_its_line(line: str, after: str) -> None:
    text = f"Chữ {line}"
    assert replay(text, set_lone_tex(text, {})) == f"Chữ {after}" or line[0].isdigit()


@pytest.mark.parametrize(
    "around",
    ["```\n{}\n```", "~~~tex\n\n{}\n\n~~~", "$$\n\n{}\n\n$$", "<!--\n\n{}\n\n-->", "---\ntitle: x\n\n{}\n---"],
)
def test_code_formulas_comments_and_front_matter_are_left(around: str) -> None:
    assert set_lone_tex(around.format(r"\mathbf{C}"), {}) == ()


pieces = st.sampled_from(
    [*FORMULAS, *PROSE, "", "", "```", "$$", "<!--", "-->", "---", "(", r"(\theta)", "{", "}", "\\"]
)


@given(st.lists(pieces, max_size=12), st.sampled_from(["\n", "\n\n"]))
def test_no_line_comes_or_goes_and_a_second_time_changes_nothing(parts: list[str], gap: str) -> None:
    text = gap.join(parts)
    repairs = set_lone_tex(text, {})
    after = replay(text, repairs)
    assert after.count("\n") == text.count("\n")
    assert set_lone_tex(after, {}) == ()
    assert after.replace("$", "") == text.replace("$", "")
    for repair in repairs:
        lines = "\n".join(text.split("\n")[repair.line - 1 :])
        assert lines[repair.column - 1 :].startswith(repair.before)
    assert set_lone_tex(text, {repair.before: None for repair in repairs}) == ()


@given(st.text(st.sampled_from("\\{}()$^_ \nabthe"), max_size=400))
def test_no_text_is_too_strange(text: str) -> None:
    is_formula(text)
    assert set_lone_tex(text, {}) is not None


def test_a_formula_in_which_a_word_was_damaged_stays_among_the_words() -> None:
    text = "\\alpha = \\text{Há»c}\n\n\\beta"
    formulas = set_lone_tex(text, {})
    damaged = (Repair(1, 16, "Há»c", "Học", "x", 1.0),)
    kept, after = join_repairs(formulas, damaged, text.replace("Há»c", "Học"))
    assert [repair.before for repair in kept] == ["Há»c", "\\beta"]
    assert after == "\\alpha = \\text{Học}\n\n$$\\beta$$"


def test_it_is_a_formula_on_the_page_no_heading_and_told_like_any_repair(project: Project) -> None:
    source = (
        "# Bài\n\nTa có:\n\n\\mathbf{C}\\mathbf{v}_i\n=\n\\lambda_i\\mathbf{v}_i\n\n## Phần\n\nvới (\\lambda_i) thực.\n"
    )
    project.write("a.md", source)
    run = project.build()
    root = lxml.html.fromstring(project.page("a.html"))
    assert len(root.xpath("//article//math")) == 2
    assert [heading.text_content() for heading in root.xpath("//article//h2|//article//h1")] == ["Bài", "Phần"]
    assert "TeX command" not in run.text
    account = json.loads((project.output / "_repairs" / "a.md.json").read_text("utf-8"))
    assert [(repair["line"], repair["step"]) for repair in account["repairs"]] == [(5, "formula"), (11, "formula")]
    for decided, formulas in (('"reject"', 1), ('"replace"\nreading = "x"', 1)):
        project.write("repairs.toml", f'[[repair]]\nlesson = "a.md"\ndamaged = "(\\\\lambda_i)"\naction = {decided}\n')
        project.doit()
        assert len(lxml.html.fromstring(project.page("a.html")).xpath("//article//math")) == formulas, decided
    (project.content / "repairs.toml").unlink()
    project.write("a.md", f"---\nrepair: off\n---\n{source}")
    assert "TeX command" in project.build().text
    assert not lxml.html.fromstring(project.page("a.html")).xpath("//article//math")


def test_below_the_threshold_a_person_is_asked(project: Project) -> None:
    project.write("course.toml", "repair_threshold = 0.99\n")
    project.write("a.md", "# Bài\n\nvới (\\lambda_i) thực.\n")
    assert "a.md:3:5: warning: 1 of 1 repairs need a person" in project.doit().text
    report = json.loads((project.output / "_repairs" / "report.json").read_text("utf-8"))
    assert [repair["before"] for repair in report["damaged_lessons"][0]["review"]] == ["(\\lambda_i)"]
