"""TeX -> MathML."""

from __future__ import annotations

import colorsys
import html
import re
import threading

import lxml.html
import pytest
from building import PROJECT
from hypothesis import example, given
from hypothesis import strategies as st
from test_formula_pictures import read_formulas

from pipeline.parse.formula_mends import ATTRIBUTES, HUES, STYLES, mend_mathml, mend_tex
from pipeline.parse.formulas import MAX_NESTED, convert_formula, why_unread
from pipeline.parse.lesson import parse_lesson
from pipeline.values import TextSpan

_ANNOTATION_RE = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.S)
_TAG_RE = re.compile(r"<[^<>]*>")
PIECES = (
    "\\boxed{", "\\cancel{", "\\xrightarrow{", "\\color{red}", "\\textcolor{#f00}{", "\\label{x}", "\\!", "\\hspace{1em}", "#",
    "\\begin{align}", "\\end{align}", "\\begin{array}{c|c}", "\\end{array}", "\\substack{", "\\widetilde{", "\\vec", "*", "$", "\n",
    "\\frac", "{", "}", "x", "_", "^", "\\left(", "\\right)", "\\begin{cases}", "\\end{cases}", "&", "\\\\", "'",
    "\\text{a<b}", "\\style{", "\\href{javascript:x}", "\\class{", "\\color{\"}", "<script>", "\\sqrt", "[", "]",
    "\\unicode{x0}", "\\operatorname", "\\&", "<", "&#x3c;", "\\def\\a{\\a\\a}", "\\a", "\\arg", "\\limits", "\\not", "\\hline", "\\tag{1}", "%",
)  # fmt: skip
formulas = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@given(formulas, st.booleans())
@example("{" * 5000, False)
@example("\\sqrt" * 900, True)
@example("\\hat " * 1000, True)
@example("\\def\\a{\\b\\b}\\def\\b{\\c\\c}\\a", False)
@example("\\newcommand{\\a}{\\a\\a}\\a", False)
@example("\\let\\a\\frac \\a xy", False)
@example("x'" * 2000, False)
@example("", True)
@example("\\text{\ue000}", True)
@example("\ud800\x00", True)
def test_any_formula_is_read_or_refused_and_what_is_read_holds_its_tex(tex: str, display: bool) -> None:
    mathml = convert_formula(tex, display=display)
    if mathml is not None:
        (kept,) = _ANNOTATION_RE.findall(mathml)
        assert html.unescape(kept) == tex or "\r" in tex or "\x80" <= max(tex) <= "\x9f"
    else:
        assert why_unread(tex, display=display)


@given(formulas)
@example('\\style{x:url("a")}{y}\\href{javascript:a}{b}\\class{c"}{d}')
@example('\\color{" onclick="x}y')
@example("\\text{&#x3c;script&#x3e;}")
@example("\\begin{equation}\\label{top}x\\end{equation}")
@example("\\text{<b onclick=x>}<script>")
@example("\\operatorname<x")
@example("\\operatorname*\\& x")
def test_a_formula_brings_only_the_attributes_of_the_table(tex: str) -> None:
    mathml = convert_formula(tex, display=True) or ""
    for tag in _TAG_RE.findall(mathml):
        names = set(re.findall(r'([\w-]+)="[^"]*"', tag))
        assert names <= ATTRIBUTES | {"encoding"}
        assert re.fullmatch(r'</?[a-z]+(?: [a-z]+="[^"<>]*")*/?>', tag), tag
    assert not re.search(r"<|&(?!#?\w+;)", _TAG_RE.sub("", mathml))


DEEPEST = [
    ("groups", "{" * MAX_NESTED + "x" + "}" * MAX_NESTED),
    ("fractions", "{\\frac " * MAX_NESTED + "x" + "y}" * MAX_NESTED),
    ("brackets", "\\left(" * MAX_NESTED + "x" + "\\right)" * MAX_NESTED),
    ("tables", "\\begin{matrix}" * MAX_NESTED + "x" + "\\end{matrix}" * MAX_NESTED),
    ("commands without groups", "\\hat " * 999 + "x"),
]


@pytest.mark.parametrize("tex", [case[1] for case in DEEPEST], ids=[case[0] for case in DEEPEST])
def test_the_deepest_formula_fits_into_half_of_the_usual_stack(tex: str) -> None:
    """What does not fit ends the process, and with it the build. Linux gives 8 MB."""
    found: list[str | None] = []
    before = threading.stack_size(4 * 2**20)
    try:
        thread = threading.Thread(target=lambda: found.append(convert_formula.__wrapped__(tex, display=True)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert found
    assert found[0] is not None


def test_what_is_nested_deeper_is_refused_before_the_library_sees_it() -> None:
    for opening, closing in (("{", "}"), ("\\left(", "\\right)"), ("\\begin{matrix}", "\\end{matrix}")):
        depth = MAX_NESTED + 1
        assert convert_formula(opening * depth + "x" + closing * depth, display=True) is None
        assert "nested" in why_unread(opening * depth, display=True)
    assert convert_formula("{x}" * 1000, display=True) is not None, "beside one another is not nested"


READ = [
    (r"\begin{aligned}a&=b\\c&=d\end{aligned}", "<mtr>"),
    (r"\begin{split}a&=b\\c&=d\end{split}", "<mtr>"),
    (r"\begin{gather*}a\\b\end{gather*}", "<mtr>"),
    (r"\begin{alignat}{2}a&=b&c&=d\end{alignat}", "<mtr>"),
    (r"\begin{alignedat}{2}a&=b&c&=d\end{alignedat}", "<mtr>"),
    (r"\begin{eqnarray}a&=&b\end{eqnarray}", "<mtr>"),
    (r"\begin{pmatrix*}[r]1\\-2\end{pmatrix*}", "<mtr>"),
    (r"\left(\begin{smallmatrix}a&b\end{smallmatrix}\right)", "tex-depth-1"),
    (r"\sum_{\substack{a\\b}}x", "tex-depth-1"),
    (r"\arg\min_x f", "<mi>arg</mi>"),
    ("\\begin{cases}1 & x \\\n0 & y\\end{cases}", "</mtr><mtr>"),
    (r"\text{nếu } x", "<mtext>nếu </mtext>"),
    (r"\text{batch_size}", "<mtext>batch_size</mtext>"),
    (r"\text{5\% mỗi năm, a & b}", "<mtext>5% mỗi năm, a &amp; b</mtext>"),
    (r"\text{khi $x_1$ lớn}", "<msub><mi>x</mi><mn>1</mn></msub>"),
    (r"\sum*{i=1}", ">∗</mo>"),
    (r"a \not= b", "≠"),
    (r"\mathbb{R}^d", "ℝ"),
    (r"x = 1 \tag{7}", "<mtext>(7)</mtext>"),
    (r"\begin{align}a&=b\tag{7}\end{align}", "<mtext>(7)</mtext>"),
    (r"\boxed{x}", '<mrow class="tex-box">'),
    (r"\xcancel{x}", '<mrow class="tex-up tex-down">'),
    (r"\textcolor{#f00}{x}", '<mrow class="tex-red"><mi>x</mi></mrow>'),
    (r"\color{ForestGreen} x", '<mrow class="tex-green">'),
    ("f'", '<mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow>'),
    (r"\mathcal{F}'", '</mi></mrow><mo lspace="0" rspace="0">′</mo></mrow>'),
    (r"\hat{y}'_i", '</mover><mo lspace="0" rspace="0">′</mo></mrow><mi>i</mi></msub>'),
    ("f_{ij}'^2", '<msubsup><mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow>'),
    (r"\left\{ a \right. \}", "{"),
    (r"\left{ a \right}", "{"),
]


@pytest.mark.parametrize(("tex", "part"), READ)
def test_what_github_knows_is_read(tex: str, part: str) -> None:
    mathml = convert_formula(tex, display=True) or ""
    assert part in mathml.replace("\xa0", " ")


def test_the_environments_of_the_reference_are_read() -> None:
    reference = (PROJECT / "docs" / "reference.md").read_text("utf-8")
    named = re.findall(r"`(\w+)`", re.findall(r"^- Environments: (.*)$", reference, re.M)[0])
    assert len(named) > 8
    arguments = {"array": "{c|c}"}
    for name in (*named, "rcases", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix"):
        tex = rf"\begin{{{name}}}{arguments.get(name, '')}a\\b\end{{{name}}}"
        assert convert_formula(tex, display=True), name


def test_equations_of_a_page_have_no_numbers_but_their_tags() -> None:
    """Each formula is converted by itself: each would be (1)."""
    for name in ("equation", "align", "gather", "multline"):
        assert "(1)" not in (convert_formula(rf"\begin{{{name}}}x\\y\end{{{name}}}", display=True) or "(1)")


@given(formulas)
def test_no_style_and_no_name_is_left_and_each_style_has_its_class(tex: str) -> None:
    mathml = convert_formula(tex, display=True) or ""
    names = {name for found in re.findall(r'class="([^"]*)"', mathml) for name in found.split()}
    known = {name for names in STYLES.values() for name in names.split()}
    known |= {"tex-grey", "tex-vec", "tex-box", "tex-up", "tex-down", "tex-strike"} | {f"tex-{hue}" for hue in HUES}
    assert names <= known
    assert " style=" not in mathml
    assert " id=" not in mathml


def test_every_class_of_a_formula_is_in_the_style_sheet() -> None:
    sheet = (PROJECT / "templates" / "static" / "site.css").read_text("utf-8")
    classes = {name for names in STYLES.values() for name in names.split()} | {f"tex-{hue}" for hue in HUES}
    assert {name for name in classes if f".{name}" not in sheet} == set()


STYLED = (
    r"\begin{array}{l|r:c}a&b&c\\\hline d&e&f\\\hdashline g&h&i\end{array}", r"\begin{cases}a&b\end{cases}", r"\cfrac12",
    r"\begin{multline}a\\b\end{multline}", r"x\!y\negmedspace z\negthickspace w", r"\mathrel{x}\mathbin{y}\mathop{z}",
    r"\substack{a\\b}", r"\begin{align*}a&=b\tag{1}\end{align*}", r"\color{red}x",
)  # fmt: skip


def test_no_style_of_the_library_is_lost() -> None:
    """A newer library may write others: they would go without a word."""
    from math_core import LatexToMathML

    from pipeline.parse.formula_mends import MACROS

    library = LatexToMathML(macros=MACROS)
    texs = [mend_tex(tex, display=True) for tex in (*STYLED, *read_formulas().values())]
    styles = {
        " ".join(declaration.split()).replace(": ", ":").replace(":", ": ")
        for tex in texs
        for style in re.findall(r' style="([^"]*)"', library.convert_with_local_state(tex, displaystyle=True))
        for declaration in style.split(";")
        if declaration and not declaration.startswith("color") and "justify-items" not in declaration
    }
    followed = {"padding-bottom: 0"}  # a part of `tex-tight`
    followed |= {f"padding-right: {width}" for width in ("0.1667em", "0.2222em", "0.2778em")}
    assert styles - STYLES.keys() == followed & styles
    assert len(styles) > 15


def test_a_formula_right_below_an_item_belongs_to_it() -> None:
    body = parse_lesson("# T\n\n- một:\n$$\nx\n$$\n  chữ\n\n- hai\n\n$$\ny\n$$\n", "a.md").body
    root = lxml.html.fromstring(f"<div>{body}</div>")
    (items,) = root.iter("ul")
    assert [len(item.findall("div")) for item in items] == [1, 0]
    assert "chữ" in items[0].text_content()
    assert [child.tag for child in root] == ["ul", "div"]


def test_a_formula_that_cannot_be_read_shows_its_tex_and_is_told_with_its_line() -> None:
    lesson = parse_lesson("# T\n\nVới $x$ và $\\frac{a}{$.\n\n$$\n\\left( a\n$$\n", "a.md")
    assert '<code class="tex">\\left( a</code>' in lesson.body
    assert [(d.line, d.severity) for d in lesson.diagnostics][-1:] == [(6, "warning")]


FAULTY = [
    (r"\frac{a", "} is missing at the end"),
    (r"a}", "} closes nothing; read as far as '}'"),
    (r"\frac{a}", "the last command lacks an argument"),
    (r"{\frac{a}} + b", "a command lacks an argument; read as far as '} + b'"),
    (r"\left( a", r"\right is missing at the end"),
    (r"a \right)", r"\right closes nothing"),
    (r"{\left( a } \right)", "} closes nothing; read as far as '} \\right)'"),
    (r"\begin{cases}a", r"\end{...} is missing at the end"),
    (r"a \end{x}", "there is no environment x here"),
    (r"\begin{cases}a\end{matrix}", r"\end{matrix} stands where \end{cases} is missing"),
    (r"\begin{aling}a\end{aling}", "there is no environment aling here; did you mean align?"),
    (r"\alhpa", r"there is no command \alhpa here; did you mean \alpha?"),
    (r"\left\lparn a\right)", r"there is no command \lparn here; did you mean \lparen?"),
    (r"\mathbv{x}", r"there is no command \mathbv here; did you mean \mathbb?"),
    (r"\href{x}{y}", r"there is no command \href here"),
    (r"a & b", "& stands outside of a table: a sign of its own is \\&"),
    (r"a # b", "# means an argument in TeX: a sign of its own is \\#"),
    (r"a^b^c", "two indices or exponents follow one another"),
    (r"x_", "the last command lacks an argument"),
    (r"\newcommand{\a}{b}\a", "a formula may define nothing"),
    (r"\color{quux}x", 'unknown color "quux"'),
    ("x" * 5001, "it has 5,001 characters; the limit is 5,000"),
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
    r"\frac12", r"\frac1{a}", r"\{ a \}", r"a \% % a { comment",
    r"\bigl\{ x \bigr\}", r"\big\langle x", r"a \& b \# c", r"\begin{array}{c|c}a&b\end{array}", r"\text{a & b}",
    r"\text{a {b} c}", r"\leftarrow \rightarrow", r"\left\lfloor a\right\rfloor", r"\backslash", r"\mathring{a}",
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


MENDED = [
    ("\\begin{align}a\\end{align}", "\\begin{align*}a\\end{align*}"),
    ("\\begin {equation} a \\end {equation}", "\\begin{equation*} a \\end{equation*}"),
    ("\\begin{gather}a\\end{gather}", "\\begin{gather*}a\\end{gather*}"),
    ("\\begin{multline}a\\end{multline}", "\\begin{multline*}a\\end{multline*}"),
    ("\\begin{align*}a\\end{align*}", "\\begin{align*}a\\end{align*}"),
    ("\\begin{split}a\\end{split}", "\\begin{aligned}a\\end{aligned}"),
    ("\\begin{alignat}{2}a\\end{alignat}", "\\begin{align*}a\\end{align*}"),
    ("\\begin{alignat*}{12}a\\end{alignat*}", "\\begin{align*}a\\end{align*}"),
    ("\\begin{alignedat}{2}a\\end{alignedat}", "\\begin{aligned}a\\end{aligned}"),
    ("\\begin{eqnarray}a\\end{eqnarray}", "\\begin{darray}{rcl}a\\end{darray}"),
    ("\\begin{eqnarray*}a\\end{eqnarray*}", "\\begin{darray}{rcl}a\\end{darray}"),
    ("\\begin{smallmatrix}a\\end{smallmatrix}", "\\begin{subarray}{cccccccccc}a\\end{subarray}"),
    ("\\begin{pmatrix*}[r]a\\end{pmatrix*}", "\\begin{pmatrix}a\\end{pmatrix}"),
    ("\\begin{matrix*}[c]a\\end{matrix*}", "\\begin{matrix}a\\end{matrix}"),
    ("\\begin{cases}a \\\nb\\end{cases}", "\\begin{cases}a \\\\\nb\\end{cases}"),
    ("\\begin{cases}a \\\\\nb\\end{cases}", "\\begin{cases}a \\\\\nb\\end{cases}"),
    ("a \\label{eq:1} b", "a  b"),
    ("\\sum*{i}", "\\sum *{i}"),
    ("\\operatorname*{x} \\hspace*{1em} \\tag*{a}", "\\operatorname*{x} \\hspace*{1em} \\tag*{a}"),
    (
        "\\text{a_b & c # d ^ e \\% \\$ \\_ \\{x\\} ~}",
        "\\text{a{\\_}b {\\&} c {\\#} d {\\textasciicircum} e {\\%} {\\$} {\\_} \\{x\\} ~}",
    ),
    ("\\mbox{a_b}", "\\mbox{a{\\_}b}"),
    (
        "\\textbf{a_b} \\textit{c} \\textrm{d} \\texttt{e_f} \\textup{g}",
        "\\textbf{a{\\_}b} \\textit{c} \\textrm{d} \\texttt{e{\\_}f} \\textup{g}",
    ),
    ("\\text{a {b_c} d} e_f", "\\text{a {b{\\_}c} d} e_f"),
    ("\\text{a $x_1$ b}", "\\text{a }{x_1}\\text{ b}"),
    ("\\text{a", "\\text{a"),
    ("\\text {a_b}", "\\text {a{\\_}b}"),
    ("\\textcolor{#f00}{x}", "\\rgbcolor{255,0,0}{x}"),
    ("\\textcolor{#FF8000}{x}", "\\rgbcolor{255,128,0}{x}"),
    ("\\color{#0af} x", "\\color[RGB]{0,170,255} x"),
    ("\\color[HTML]{12AB9f} x", "\\color[RGB]{18,171,159} x"),
    ("\\color{red} x", "\\color{red} x"),
    ("\\left{ a \\right}", "\\left\\{ a \\right\\}"),
    ("\\bigl{ a \\Bigr}", "\\bigl\\{ a \\Bigr\\}"),
    ("\\middle{", "\\middle\\{"),
    ("\\left\\{ a \\right\\}", "\\left\\{ a \\right\\}"),
]


@pytest.mark.parametrize(("tex", "mended"), MENDED)
def test_a_formula_is_mended_before_the_library_reads_it(tex: str, mended: str) -> None:
    assert mend_tex(tex, display=False) == mended


def test_a_tag_makes_an_equation_of_a_display_formula() -> None:
    tagged = r"x = 1 \tag{7}"
    assert mend_tex(tagged, display=True) == rf"\begin{{equation*}}{tagged}\end{{equation*}}"
    assert mend_tex(tagged, display=False) == tagged
    for name in ("align", "equation", "gather", "multline"):
        whole = rf"\begin{{{name}*}}x\tag{{7}}\end{{{name}*}}"
        assert mend_tex(whole, display=True) == whole


@pytest.mark.parametrize("style", STYLES)
def test_each_inline_style_becomes_its_class(style: str) -> None:
    assert mend_mathml(f'<mrow style="{style}">x</mrow>') == f'<mrow class="{STYLES[style]}">x</mrow>'
    both = mend_mathml(f'<mtd id="a" style="{style};color: #f00000; nothing: 1; {style}" width="2em"/>')
    assert both == f'<mtd width="2em" class="{STYLES[style]} tex-red"/>'


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ('<mstyle displaystyle="true">x</mstyle>', '<mstyle class="tex-normal">x</mstyle>'),
        ('<mstyle displaystyle="false">x</mstyle>', '<mstyle class="tex-compact">x</mstyle>'),
        *((f'<m scriptlevel="{n}"/>', f'<m class="tex-depth-{n}"/>') for n in range(3)),
        ('<m scriptlevel="3"/>', "<m/>"),
        ('<menclose notation="box">x</menclose>', '<mrow class="tex-box">x</mrow>'),
        ('<menclose notation="updiagonalstrike">x</menclose>', '<mrow class="tex-up">x</mrow>'),
        ('<menclose notation="downdiagonalstrike">x</menclose>', '<mrow class="tex-down">x</mrow>'),
        (
            '<menclose notation="updiagonalstrike downdiagonalstrike">x</menclose>',
            '<mrow class="tex-up tex-down">x</mrow>',
        ),
        ('<menclose notation="horizontalstrike">x</menclose>', '<mrow class="tex-strike">x</mrow>'),
        (
            '<menclose notation="other"><mrow class="menclose-other"></mrow>x</menclose>',
            '<mrow class="tex-box">x</mrow>',
        ),
        ("<mo>&ApplyFunction;</mo>", "<mo>\u2061</mo>"),
        ('<mo stretchy="false">\u20d7</mo>', '<mo stretchy="false" class="tex-vec">→</mo>'),
        ("<msup><mi>f</mi><mo>′</mo></msup>", '<mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow>'),
        ("<msup><mi>f</mi><mo>″</mo></msup>", '<mrow><mi>f</mi><mo lspace="0" rspace="0">″</mo></mrow>'),
        ("<msup><mi>f</mi><mo>‴</mo></msup>", '<mrow><mi>f</mi><mo lspace="0" rspace="0">‴</mo></mrow>'),
        (
            "<msubsup><mi>f</mi><mi>i</mi><mo>′</mo></msubsup>",
            '<msub><mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow><mi>i</mi></msub>',
        ),
        (
            "<msup><mi>f</mi><mrow><mo>′</mo><mn>2</mn></mrow></msup>",
            '<msup><mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow><mn>2</mn></msup>',
        ),
    ],
)
def test_mathml_is_mended_behind_the_library(written: str, mended: str) -> None:
    assert mend_mathml(written) == mended


def test_each_colour_is_the_nearest_that_the_style_sheet_has() -> None:
    def name_of(red: float, green: float, blue: float) -> str:
        code = "".join(f"{round(255 * part):02x}" for part in (red, green, blue))
        return mend_mathml(f'<m style="color: #{code}"/>').removeprefix('<m class="tex-').removesuffix('"/>')

    ends = [*HUES.items(), ("red", 361)]
    for hue in range(360):
        parts = colorsys.hls_to_rgb(hue / 360, 0.5, 0.8)
        wanted = next(name for name, end in ends if hue < end)
        if all(abs(hue - end) > 1 for _, end in ends):
            assert name_of(*parts) == wanted, hue
    assert HUES == {"red": 15, "orange": 70, "green": 170, "blue": 255, "purple": 290, "pink": 345}
    assert [name_of(*colorsys.hls_to_rgb(0.5, 0.5, grey)) for grey in (0.14, 0.16)] == ["grey", "blue"]
    lights = (0.03, 0.07, 0.93, 0.97)
    assert [name_of(*colorsys.hls_to_rgb(0.5, light, 1)) for light in lights] == ["grey", "blue", "blue", "grey"]
