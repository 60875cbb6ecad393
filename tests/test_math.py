"""TeX -> MathML."""

from __future__ import annotations

import html
import re
import unicodedata
from threading import Thread
from xml.etree.ElementTree import Element

import lxml.html
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from latex2mathml.converter import convert_to_element

from pipeline.parse.formulas import ATTRIBUTES, convert_formula, why_unread
from pipeline.parse.lesson import parse_lesson
from pipeline.parse.spacing import space_formula
from pipeline.values import TextSpan

_ANNOTATION_RE = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.S)
_TAG_RE = re.compile(r"<[^<>]*>")
PIECES = (
    "\\frac", "{", "}", "x", "_", "^", "\\left(", "\\right)", "\\begin{cases}", "\\end{cases}", "&", "\\\\", "'",
    "\\text{a<b}", "\\style{", "\\href{javascript:x}", "\\class{", "\\color{\"}", "<script>", "\\sqrt", "[", "]",
    "\\unicode{x0}", "&#x3c;", "\\def\\a{\\a\\a}", "\\a", "\\arg", "\\limits", "\\not", "\\hline", "\\tag{1}", "%",
)  # fmt: skip
formulas = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@given(formulas, st.booleans())
@example("{" * 2000, False)
@example("\\sqrt" * 900, True)
@example("\\def\\a{\\b\\b}\\def\\b{\\c\\c}\\a", False)
@example("\\newcommand{\\a}{\\a\\a}\\a", False)
@example("x'" * 2000, False)
def test_any_formula_is_read_or_refused_and_what_is_read_holds_its_tex(tex: str, display: bool) -> None:
    mathml = convert_formula(tex, display=display)
    if mathml is not None:
        (kept,) = _ANNOTATION_RE.findall(mathml)
        assert html.unescape(kept) == tex or "\r" in tex or "\x80" <= max(tex) <= "\x9f"


@given(formulas)
@example('\\style{x:url("a")}{y}\\href{javascript:a}{b}\\class{c"}{d}')
@example('\\color{" onclick="x}y')
@example("\\text{&#x3c;script&#x3e;}")
def test_a_formula_brings_only_the_attributes_of_the_table(tex: str) -> None:
    mathml = convert_formula(tex, display=True) or ""
    for tag in _TAG_RE.findall(mathml):
        names = set(re.findall(r'([\w-]+)="[^"]*"', tag))
        assert names <= ATTRIBUTES | {"encoding"}
        assert re.fullmatch(r'</?[a-z]+(?: [a-z]+="[^"<>]*")*>', tag), tag
    assert "<" not in _TAG_RE.sub("", mathml)


def test_whether_a_deep_formula_is_read_does_not_depend_on_who_asks() -> None:
    tex = "\\sqrt{" * 150 + "x" + "}" * 150
    found: list[str | None] = []

    def ask_from(depth: int) -> None:
        if depth:
            ask_from(depth - 1)
        else:
            convert_formula.cache_clear()
            found.append(convert_formula(tex, display=False))

    for depth in (0, 300, 600):
        thread = Thread(target=ask_from, args=(depth,))
        thread.start()
        thread.join()
    assert len(set(found)) == 1


READ = [
    (r"\begin{aligned}a&=b\\c&=d\end{aligned}", "<mtr>"),
    (r"\begin{gather*}a\\b\end{gather*}", "<mtr>"),
    (r"\arg\min_x f", ">arg</mo>"),
    ("\\begin{cases}1 & x \\\n0 & y\\end{cases}", "</mtr><mtr>"),
    (r"\text{nếu } x", "<mtext>nếu\xa0</mtext>"),
    (r"a \not= b", "="),
    (r"\mathbb{R}^d", "ℝ"),
]


@pytest.mark.parametrize(("tex", "part"), READ)
def test_what_github_knows_is_read(tex: str, part: str) -> None:
    assert part in (convert_formula(tex, display=True) or "")


def test_a_formula_right_below_an_item_belongs_to_it() -> None:
    body = parse_lesson("# T\n\n- một:\n$$\nx\n$$\n  chữ\n\n- hai\n\n$$\ny\n$$\n", "a.md").body
    root = lxml.html.fromstring(f"<div>{body}</div>")
    (items,) = root.iter("ul")
    assert [len(item.findall("div")) for item in items] == [1, 0]
    assert "chữ" in items[0].text_content()
    assert [child.tag for child in root] == ["ul", "div"]


SPACED = [
    ("no space around a bar", "P(a|s)", ' lspace="0" rspace="0">|</mo>'),
    ("a name and its letter", r"\log x", '<mo lspace="0" rspace="0.167em">log</mo><mi>x</mi>'),
    ("a name between letters", r"2\cos x", '<mo lspace="0.167em" rspace="0.167em">cos</mo>'),
    ("a name and its brackets", r"=\exp(x)", '<mo lspace="0" rspace="0">exp</mo>'),
    ("a sign that belongs to what follows", r"(-x", '<mo form="prefix">−</mo>'),
    ("a sign between", r"a-x", "<mo>−</mo>"),
    ("an index is narrow", r"x_{t+1}", '<mo lspace="0" rspace="0">+</mo>'),
    ("a prime is no exponent", "s'", '<mrow><mi>s</mi><mo lspace="0" rspace="0">′</mo></mrow>'),
    ("a prime and an exponent", "s'^2", "′</mo></mrow><mn>2</mn></msup>"),
    ("a prime and an index", "s_i'", '<msub><mrow><mi>s</mi><mo lspace="0" rspace="0">′</mo></mrow><mi>i</mi></msub>'),
    (
        "a group in tall brackets",
        r"f\left(\frac12\right)",
        '<mo stretchy="true" fence="true" form="prefix" lspace="0.167em">',
    ),
    ("three dots", "1...n", '<mo lspace="0" rspace="0">.</mo><mo lspace="0" rspace="0">.</mo>'),
    ("capital Greek is upright", r"\Delta W", '<mi mathvariant="normal">Δ</mi><mi>W</mi>'),
    ("bold that browsers know", r"\mathbf{1}\boldsymbol{\theta}", "<mn>𝟏</mn><mi>𝜽</mi>"),
    ("is distributed as", r"x\sim y", "<mo>∼</mo>"),
    ("infinity is no operator", r"\to\infty", "<mi>∞</mi>"),
    ("below the name", r"\min_x f", '<munder><mo movablelimits="true" '),
    ("above and below the sum", r"\sqrt{\sum_i^n x}", '<munderover><mo movablelimits="true">∑</mo>'),
]


@pytest.mark.parametrize(("tex", "part"), [case[1:] for case in SPACED], ids=[case[0] for case in SPACED])
def test_a_formula_is_spaced_as_by_tex(tex: str, part: str) -> None:
    assert part in (convert_formula(tex, display=True) or "")


@given(formulas)
@example("x_i'^2|\\boldsymbol{\\theta}\\sim\\infty\\sum_i\\log-1")
def test_spacing_adds_no_sign_and_loses_none(tex: str) -> None:
    try:
        root = convert_to_element(tex)
    except Exception:
        return
    signs = _signs(root)
    space_formula(root)
    assert _signs(root) == signs


def _signs(root: Element) -> list[str]:
    """The letters and signs of a formula, in any order: a prime may pass an index."""
    text = re.sub("&#x([0-9A-Fa-f]{1,6});", lambda found: chr(int(found[1], 16)), "".join(root.itertext()))
    return sorted(unicodedata.normalize("NFKC", text).replace("∼", "~"))


def test_a_formula_that_cannot_be_read_shows_its_tex_and_is_told_with_its_line() -> None:
    lesson = parse_lesson("# T\n\nVới $x$ và $\\frac{a}{$.\n\n$$\n\\left( a\n$$\n", "a.md")
    assert '<code class="tex">\\left( a</code>' in lesson.body
    assert [(d.line, d.severity) for d in lesson.diagnostics][-1:] == [(6, "warning")]


FAULTY = [
    (r"\frac{a", "a { is not closed: } is missing"),
    (r"a}", "a } closes nothing: { is missing before it"),
    (r"\frac{a}", r"\frac lacks one of its arguments"),
    (r"{\frac{a}} + b", "a } stands where an argument is missing"),
    (r"\left( a", r"a \left is not closed: \right is missing"),
    (r"a \right)", r"a \right closes nothing: \left is missing before it"),
    (r"{\left( a } \right)", r"a } stands where \right is missing: a \left is open there"),
    (r"\begin{cases}a", r"a \begin{cases} is not closed: \end{cases} is missing"),
    (r"a \end{x}", r"a \end{x} closes nothing: \begin{x} is missing before it"),
    (r"\begin{cases}a\end{matrix}", r"a \end{matrix} stands where \end{cases} is missing"),
    (r"\begin{cas}a\end{cas}", "there is no environment 'cas' here; did you mean cases?"),
    (r"\alhpa", r"there is no command \alhpa here; did you mean \alpha?"),
    (r"\left\lparn a\right)", r"there is no command \lparn here; did you mean \lparen?"),
    (r"\mathbv{x}", r"there is no command \mathbv here; did you mean \mathb"),
    (r"a & b", "& stands outside of a table"),
    (r"a # b", "# means an argument in TeX"),
    (r"\text{a {b} c}", r"inside \text{…}"),
    (r"a^b^c", "two exponents follow one another"),
    (r"x_", "nothing follows a ^ or a _"),
    (r"\newcommand{\a}{b}\a", "a formula may define nothing"),
]


@pytest.mark.parametrize(("tex", "hint"), FAULTY)
def test_a_formula_with_a_fault_is_not_shown_otherwise_and_the_hint_names_what_is_missing(tex: str, hint: str) -> None:
    assert convert_formula(tex, display=False) is None
    lesson = parse_lesson(f"# T\n\nVới ${tex}$ đó.\n", "a.md")
    assert f'<code class="tex">{html.escape(tex, quote=False)}</code>' in lesson.body
    (told,) = lesson.diagnostics
    assert (told.line, told.severity) == (3, "warning")
    assert told.message.startswith("formula ")
    assert hint in told.hint


RIGHT = [
    r"\left\{ a \right. \}", r"\left{ a \right}", r"\frac12", r"\frac1{a}", r"\{ a \}", r"a \% % a { comment",
    r"\bigl\{ x \bigr\}", r"\big\langle x", r"a \& b \# c", r"\begin{array}{c|c}a&b\end{array}", r"\text{a & b}",
    r"\verb|{|", r"\leftarrow \rightarrow", r"\left\lfloor a\right\rfloor", r"\backslash", r"\mathring{a}",
]  # fmt: skip


@pytest.mark.parametrize("tex", RIGHT)
def test_a_right_formula_is_shown_without_a_word_of_tex(tex: str) -> None:
    mathml = convert_formula(tex, display=False)
    assert mathml is not None
    assert not re.search(r">\\\\?[a-z{}]", mathml[: mathml.index("<annotation")])


_WHOLE = (r"\frac{a}{b}", r"\left( x \right)", r"\begin{cases}a & b\end{cases}", r"\sqrt{x}", "{y}", "z", r"\{ w \}")


@given(st.lists(st.sampled_from(_WHOLE), min_size=1).map("".join), st.data())
def test_what_is_closed_is_read_and_what_lost_one_closing_sign_is_not(tex: str, data: st.DataObject) -> None:
    assert convert_formula(tex, display=True) is not None
    signs = list(re.finditer(r"(?<!\\)[{}]|\\right\)|\\left\(|\\(?:begin|end)\{cases\}", tex))
    if not signs:
        return
    lost = data.draw(st.sampled_from(signs))
    broken = tex[: lost.start()] + tex[lost.end() :]
    assert convert_formula(broken, display=True) is None
    assert why_unread(broken, display=True)


SHOWN = [
    ("inline", "Với $x$.", '<span class="math inline"><math><semantics>'),
    ("display", "$$\nx\n$$", '<div class="math display" tabindex="0"><math display="block">'),
    ("a fence", "```math\nx^2\n```", '<div class="math display" tabindex="0"><math display="block">'),
    ("in a cell", "| a | b |\n|---|---|\n| $x$ | y |", '<td><span class="math inline"><math>'),
    ("in a heading", "## Hàm $f$", '<h2 id="hàm-f">Hàm <span class="math inline"><math>'),
]


@pytest.mark.parametrize(("text", "part"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN])
def test_a_formula_is_shown_wherever_it_stands(text: str, part: str) -> None:
    lesson = parse_lesson(text, "a.md")
    assert part in lesson.body
    assert "math" not in lesson.facts.summary + lesson.facts.title + "".join(h.title for h in lesson.facts.headings)


def test_mathml_of_an_author_does_not_get_through() -> None:
    body = parse_lesson('a <math href="javascript:x"><mi onclick="y">z</mi></math> b\n', "a.md").body
    assert "<math" not in body
    assert "<mi" not in body


def test_a_doubtful_formula_is_marked() -> None:
    text = "Với $ảbc$ đó."
    body = parse_lesson(text, "a.md", doubts=(TextSpan(5, 8),)).body
    assert '<span class="math inline"><mark class="doubt"><math>' in body
    assert ">ảbc</annotation>" in body
