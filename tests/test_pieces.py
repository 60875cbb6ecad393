"""What a parse takes from an earlier one changes what it costs, never what comes out."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import strategies
from building import Project, read_tree
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import PipelineError
from pipeline.parse import code, put_away
from pipeline.parse.lesson import parse_lesson
from pipeline.parse.pieces import PIECE, Piece, fill_pieces, known_pieces
from pipeline.values import ParsedLesson, decode, encode

BLOCKS = (
    "$x^2$", "$$\nx^2\n$$", "$\\frac{a$", "```python\nx = 1\n```", "```python title=\"a\"\nx = 1\n```", "```\nx = 1\n```",
    "    x = 1", "- $x^2$", "# $x^2$", "## $x^2$ $y$", "> ```python\n> x = 1\n> ```", "```math\nx^2\n```",
    "<pre><code class=\"language-python\">x = 1\n</code></pre>", "<span class=\"math inline\">x^2</span>",
    "<div class=\"math display\">x^2</div>", "| $x^2$ | a |\n|-|-|\n| `b` | $y$ |", f"<pre>{PIECE}0{PIECE}</pre>",
    "```html\n<span>$x^2$</span>\n```",
)  # fmt: skip
lessons = st.lists(st.one_of(st.sampled_from(BLOCKS), strategies.lesson_texts), max_size=8).map("\n\n".join)


def parse(text: str, known: dict[str, str] | None = None) -> ParsedLesson | None:
    with contextlib.suppress(PipelineError):
        return parse_lesson(text, "a/b.md", known=known or {})
    return None


@given(lessons, lessons)
@example("\n\n".join(BLOCKS), "\n\n".join(reversed(BLOCKS)))
def test_a_lesson_comes_out_alike_whatever_is_known_of_an_earlier_one(before: str, after: str) -> None:
    old = parse(before)
    if old is not None:
        kept = decode(ParsedLesson, encode(old))
        assert parse(after, known_pieces(kept)) == parse(after)
        assert parse(before, known_pieces(kept)) == old


def test_code_in_colours_is_known() -> None:
    lesson = parse("# $a$\n\n$x^2$ and $x^2$\n\n```python\nx = 1\n```\n\n```\nplain\n```\n\n$\\frac{a$\n")
    assert lesson is not None
    known = known_pieces(lesson)
    assert [html[:22] for html in known.values()] == ['<div class="code"><pre'], "not formulas, nor what has no colours"


def test_a_number_that_lost_its_element_leaves_nothing_behind() -> None:
    filled = fill_pieces(f"<pre>{PIECE}0{PIECE}</pre>{PIECE}1{PIECE}", [Piece("a", "k"), Piece("b", "l")])
    assert filled == ("a1", ())


@pytest.mark.parametrize(("edit", "makes"), [(("Câu", "Lời"), 0), (("x = 1", "x = 2"), 1)])
def test_after_an_edit_code_that_stands_as_it_was_is_not_made_again(
    project: Project, way: str, edit: tuple[str, str], makes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes from the lesson as it was, which the same code made: after a seal, for else anything may have changed."""
    project.write("a.md", "# Bài\n\nCâu.\n\n```python\nx = 1\n```\n")
    project.build()
    assert project.build().executed == []
    made: list[object] = []
    show_code = code.show_code

    def show(text: str, info: Any) -> str:
        made.append(text)
        return show_code(text, info)

    monkeypatch.setattr(put_away, "show_code", show)
    project.write("a.md", (project.content / "a.md").read_text("utf-8").replace(*edit))
    assert "render:a" in project.build().executed
    assert len(made) == (makes if way == "sealed" else 1)
    assert read_tree(project.output) == project.clean_build()
