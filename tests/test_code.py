"""A fence and its code -> highlighted HTML."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.parse.code import FenceInfo, css_classes, highlight, read_fence_info, show_code
from pipeline.parse.lesson import parse_lesson
from pipeline.values import TextSpan

LANGUAGES = ("", "python", "py", "json", "bash", "console", "pycon", "html", "css", "diff", "yaml", "text", "no-such")
codes = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0\ufdd1")),  # signs of a doubt, taken out
    st.lists(
        st.sampled_from(
            ("def f(x):\n", "    return", " x < 1", "\n", "\n\n", '"""', "'", "# học\n", "\t", "{", "$ ", ">>> ")
        )
    ).map("".join),
)
ranges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3).map(tuple)


def text_of(shown: str) -> str:
    return html.unescape(re.sub(r"<[^<>]*>", "", shown))


@given(codes, st.sampled_from(LANGUAGES), ranges)
@example("\n\nx\n\n", "python", ((1, 9),))
@example("", "json", ((1, 1),))
@example("$ ls\na\n", "console", ((2, 2),))
def test_highlighting_keeps_every_character(code: str, language: str, lines: tuple[tuple[int, int], ...]) -> None:
    shown = highlight(code, FenceInfo(language, lines=lines))
    assert html.unescape(re.sub(r"</?span[^<>]*>", "", shown)) == html.unescape(html.escape(code, quote=False))
    assert set(re.findall(r"<span ([^>]*)>", shown)) <= {f'class="{name}"' for name in css_classes()}


@given(
    st.text(st.characters(exclude_characters="\x02\x03\r", exclude_categories=["Cs", "Cc"])), st.sampled_from(LANGUAGES)
)
@example("\ta\n \n", "")
def test_the_page_holds_the_code_of_a_fence_as_it_is_written(code: str, language: str) -> None:
    code = re.sub("~~~|[\ufdd2\ufeff]", "", code) + "\n"
    if not re.search("[\ufdd0-\ufdef\ufffe\uffff\x7f]", code):
        assert text_of(parse_lesson(f"# T\n\n~~~{language}\n{code}~~~\n", "a.md").body).removesuffix(
            "\n"
        ) == code.removesuffix("\n")


@given(st.text())
def test_any_info_is_read(info: str) -> None:
    assert (
        read_fence_info(info).language.split()
        == [read_fence_info(info).language][: bool(read_fence_info(info).language)]
    )


INFOS = [
    ("python", FenceInfo("python")),
    ('python title="a.py" hl_lines="2-4 7"', FenceInfo("python", "a.py", ((2, 4), (7, 7)))),
    ("{.python .annotate title='a b'}", FenceInfo("python", "a b")),
    ('{ .py hl_lines="1" }', FenceInfo("py", "", ((1, 1),))),
    ("js {1,4-6}", FenceInfo("js", "", ((1, 1), (4, 6)))),
    ("{2}", FenceInfo("", "", ((2, 2),))),
    ('title="a"', FenceInfo("", "a")),
    ('c++ linenums="7 2"', FenceInfo("c++", first=7)),
    ("go {linenos=table,hl_lines=[2,'4-5'],linenostart=3}", FenceInfo("go", "", ((2, 2), (4, 5)), 3)),
    ("js {1} showLineNumbers", FenceInfo("js", "", ((1, 1),), 1)),
    ("py {linenos=false}", FenceInfo("py")),
    ("py hl_lines=2,4", FenceInfo("py", "", ((2, 2), (4, 4)))),
    ("", FenceInfo()),
]


@pytest.mark.parametrize(("info", "read"), INFOS)
def test_what_a_fence_says_is_read(info: str, read: FenceInfo) -> None:
    assert read_fence_info(info) == read


def test_a_block_of_code_scrolls_has_a_title_and_lines_that_stand_out() -> None:
    body = parse_lesson('```python title="a<b.py" hl_lines="2"\nx = 1\ny = 2\n```\n', "a.md").body
    assert body.startswith(
        '<div class="code"><p class="code-title">a&lt;b.py</p><pre tabindex="0"><code class="language-python">'
    )
    assert '<span class="hl">y <span class="o">=</span> <span class="mi">2</span>\n</span></code></pre></div>' in body


@pytest.mark.parametrize("text", ["    x = 1\n", "<pre><code>x = 1</code></pre>\n", "<pre>x = 1</pre>\n"])
def test_code_without_a_fence_can_be_scrolled_too(text: str) -> None:
    assert '<pre tabindex="0">' in parse_lesson(text, "a.md").body


def test_an_unknown_language_is_shown_plain() -> None:
    assert show_code("a < b", FenceInfo("no-such")) == (
        '<div class="code"><pre tabindex="0"><code class="language-no-such">a &lt; b</code></pre></div>'
    )


def test_doubtful_code_is_marked() -> None:
    text = "```python\nx = học\n```\n"
    body = parse_lesson(text, "a.md", doubts=(TextSpan(14, 17),)).body
    assert 'x = <mark class="doubt">học</mark>' in body


@pytest.mark.parametrize("mark", ["\ufdd2", "&#xfdd2;", "&#64978;", "&#xfd&#xfdd2;d2;", "&#xfd{/* */}d2;"])
def test_nobody_can_ask_for_a_piece_of_another_place(mark: str) -> None:
    text = f'```python\nx = 1\n```\n\n<b title="<span>{mark}0{mark}</span>">a</b> <span>{mark}7{mark}</span> {mark}0{mark}\n'
    body = parse_lesson(text, "a.md").body
    assert body.count("<pre") == 1
    assert "\ufdd2" not in body


@given(ranges)
def test_a_line_stands_out_if_any_range_has_it_whatever_their_order(told: tuple[tuple[int, int], ...]) -> None:
    shown = highlight("".join(f"{line}\n" for line in range(1, 9)), FenceInfo(lines=told))
    out = [int(line) for line in re.findall(r'<span class="hl">(\d)\n</span>', shown)]
    assert out == [line for line in range(1, 9) if any(first <= line <= last for first, last in told)]
