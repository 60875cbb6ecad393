"""repaired text -> parsed lesson."""

from __future__ import annotations

import contextlib
import re
import unicodedata

import lxml.html
import pytest
import strategies
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import LessonError, PipelineError
from pipeline.page.fill import fill_links
from pipeline.parse.lesson import parse_lesson
from pipeline.parse.sentences import first_sentence, slugify
from pipeline.values import ParsedLesson, ResolvedLink

MARKERS = ("Aero-Navigation", "Aero-Footer")


def parse(text: str, path: str = "a/b.md") -> ParsedLesson:
    return parse_lesson(text, path, markers=MARKERS)


@given(st.one_of(strategies.lesson_texts, st.text()))
@example("[a](\n[a]: <b>")
@example("$$\n\n$$ `` ` <div>\n\n</b>")
def test_any_text_gives_a_lesson_or_a_pipeline_error(text: str) -> None:
    with contextlib.suppress(PipelineError):
        lesson = parse(text)
        assert lesson.facts.title
        assert len(lesson.facts.links) == len(lesson.facts.link_places)


ODD_LESSONS = (
    "---\ntitle: Chỉ có vậy\n---\n",
    "- [a](a.md)\n",
    "```python\nx = 1",
    "$$\n\n$$",
    "[^1]\n\n[^1]: x",
    "*[A]: B",
)
"""Nothing but front matter, nothing but generated navigation, and what leaves something to be told or kept."""
parsed_texts = st.one_of(strategies.lesson_texts, st.sampled_from(ODD_LESSONS))


@given(parsed_texts, parsed_texts)
@example("- a\n" * 3 + "  " * 400 + "- x", "Chữ.")
@example("\n".join(" " * (2 * n) + "- x" for n in range(500)), "Chữ.")
@example("```\nx", "---\ntitle: Chỉ có vậy\n---\n")
def test_a_lesson_is_parsed_alike_whatever_came_before(before: str, text: str) -> None:
    def outcome(text: str) -> object:
        try:
            return parse(text, "a/index.md")
        except PipelineError as error:
            return error.diagnostic

    outcome("Chữ.")
    first = outcome(text)
    outcome(before)
    assert outcome(text) == first


@given(strategies.lesson_texts)
def test_no_script_gets_through(text: str) -> None:
    with contextlib.suppress(PipelineError):
        body = parse(f"{text}\n\n<script>x</script> <a href='javascript:x' onclick=y>z</a>").body
        root = lxml.html.fragment_fromstring(body, create_parent="div")
        assert not root.xpath("//script|//*[@onclick or @onload]")
        assert not root.xpath("//@*[contains(., 'javascript:')][name()!='alt' and name()!='title']")


ADDRESSES = (
    "[x]({0})", "![x]({0})", "[x]\n\n[x]: {0}", "<{0}>", '<a href="{0}">x</a>', "<img srcset='{0} 2x'>", "<video poster='{0}'></video>", "[x](a){{ href={0} }}",
    "<div markdown>\n\n[x]({0})\n\n</div>", "- [x] [x]({0})", "| [x]({0}) |\n|---|",
)  # fmt: skip
"""Everything that an address can stand in."""
HIDDEN = [*map(chr, range(0xA1)), "\xad", "\u200b", *map(chr, range(0xFDD0, 0xFDF0)), "\uffff", "\U0001fffe"]
"""Characters that a page may not have, that mean something to this program, or that nobody sees."""


@pytest.mark.parametrize("form", ADDRESSES)
def test_no_character_hides_a_scheme(form: str) -> None:
    """What is taken out of a text is taken out before the sanitiser looks: `java&#1;script:` has no scheme, to it."""
    written = [f"java{sign}script:x" for c in HIDDEN for sign in (c, f"&#{ord(c)};", f"\\{c}", f"&\\#{ord(c)};")]
    body = parse("\n\n".join(form.format(address).replace("[x]\n", f"[x{n}]\n").replace("\n[x]", f"\n[x{n}]")
                             for n, address in enumerate([*written, "https://example.org/"]))).body  # fmt: skip
    root = lxml.html.fragment_fromstring(body, create_parent="div")
    values = [re.sub(r"[\t\n\r]", "", value) for value in root.xpath("//@href|//@src|//@srcset|//@poster")]
    assert values, "addresses are read"
    assert [
        value for value in values if value.strip("".join(map(chr, range(33)))).lower().startswith("javascript:")
    ] == []


SLOTS = (
    'href="slot0\\:0"', 'href="slot0\\:99"', '`src="slot0:0"`', '<b title="href=&quot;slo&#xfd&#xfdd0;d0;t0:0&quot;">a</b>',
    '<b title="<!--<a href=&quot;slo&#xfd&#xfdd0;d0;t0:0&quot;-->">a</b>', '```\n<img src="slot0:0">\n```\n\na',
)  # fmt: skip
"""What would stand for the address of a link by the time that addresses are put in."""


@pytest.mark.parametrize("words", SLOTS)
def test_nothing_that_a_lesson_says_stands_for_the_address_of_a_link(words: str) -> None:
    lesson = parse(f"# T\n\n{words} [x](b.md)")
    filled = fill_links(lesson.body, lesson.slot, (ResolvedLink("page", "c.html"),), ("x",))
    assert filled.count("c.html") == 1
    assert filled.replace('<a href="c.html">', "") == lesson.body.replace(f'<a href="{lesson.slot}0">', "")


HOLDERS = (
    '<b title="{0}">a</b>', "<b title='{0}'>a</b>", '<div>\n<i id="{0}">a</i>\n</div>', "![{0}](a.png)", '[x](b.md "{0}")',
    '<div>\n<img src="https://x.y/{0}" alt="{0}">\n</div>', "[x](<https://x.y/{0}>)", "x\n{{: title='{0}'}}",
)  # fmt: skip


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("text", ["<!--<s>-->", "<!--</div><s x=1>-->", "a<!--&quot;<s>-->b", "&lt;!--&lt;s&gt;-->"])
def test_an_attribute_holds_no_markup(holder: str, text: str) -> None:
    """libxml2 writes a comment in an attribute as it is: what reads HTML as text would take it for the page's own."""
    body = parse(f"# T\n\n{holder.format(text)}\n").body
    assert not re.search("<(?:!|/div><s|s)", body.replace("<span", ""))


@given(st.lists(st.sampled_from(["Phần", "phần", "Phần 1", "!", "Học tập"]), min_size=1))
def test_anchors_are_unique_and_each_heading_has_its_own(titles: list[str]) -> None:
    lesson = parse("# T\n\n" + "\n\n".join(f"## {title}" for title in titles))
    anchors = [heading.anchor for heading in lesson.facts.headings]
    assert len(set(anchors)) == len(anchors) == len(titles)
    assert [h.title for h in lesson.facts.headings] == titles


TITLES = [
    ("---\ntitle: Từ đầu tệp\n---\n# Tiêu đề\n", "a/b.md", "Từ đầu tệp"),
    ("text\n\n# Tiêu *đề*\n", "a/b.md", "Tiêu đề"),
    ("text", "a/03_vong_lap-while.md", "3. Vong lap while"),
    ("text", "05_data/index.md", "5. Data"),
    ("---\ntitle: 2024\n---\ntext", "a.md", "2024"),
]


@pytest.mark.parametrize(("text", "path", "title"), TITLES)
def test_title(text: str, path: str, title: str) -> None:
    assert parse(text, path).facts.title == title


SHOWN = [
    ("a list needs no empty line", "Gồm:\n- một\n- hai", "<ul>\n<li>một</li>"),
    ("two spaces nest a list", "- a\n  - b\n- c", "<li>a<ul>\n<li>b</li>"),
    ("three spaces nest in a numbered list", "1. a\n   - b\n2. c", "<li>a<ul>\n<li>b</li>"),
    ("an item behind a loose list inside another", "- a\n\n  - b\n- c", "</ul>\n</li>\n<li>\n<p>c</p>"),
    ("a number in prose is no list", "Năm\n2024. Hết", "<p>Năm\n2024. Hết</p>"),
    ("a table needs no empty line", "Bảng:\n| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>"),
    ("code", "```python\nx < 1\n```", '<code class="language-python">x <span class="o">&lt;</span>'),
    ("code in a list", "- a\n  ```\n  x\n    y\n  ```", '<pre tabindex="0"><code>x\n  y\n</code></pre>'),
    ("code in a quote", "> ```\n> x\n> ```", '<pre tabindex="0"><code>x\n</code></pre>'),
    (
        "a fence in a longer fence",
        "````\n```\nx\n```\n````",
        '<pre tabindex="0"><code>```\nx\n```\n</code></pre>',
    ),
    ("formulas", "Với $x_1 * y_1$ và \\(a_b\\).", 'x-tex">x_1 * y_1</annotation></semantics></math></span>'),
    ("formulas in brackets", "Với \\(a_b\\).", 'x-tex">a_b</annotation></semantics></math></span>'),
    ("display formula", "$$\na_1 < b\n- c\n$$", 'x-tex">a_1 &lt; b\n- c</annotation></semantics></math></div>'),
    ("display formula in a line", "Là $$a_1$$ đó.", '<span class="math display" tabindex="0"><math display="block">'),
    ("money is no formula", "Giá $5 và $6.", "Giá $5 và $6."),
    ("code wins over formulas", "`$x$`", "<code>$x$</code>"),
    ("what is no HTML stays", "List<T> và <think> nhé", "List&lt;T&gt; và &lt;think&gt; nhé"),
    ("task list", "- [x] xong\n- [ ] chưa", '<label><input type="checkbox" disabled checked> xong</label>'),
    ("footnote", "Chữ[^1].\n\n[^1]: Chú thích.", 'class="footnote"'),
    ("definition", "Byte\n:   Tám bit", '<dt id="byte">Byte</dt>'),
    ("definition of a formula", "$x$ và\n:   Tám bit", '<dt id="x-và"><span class="math inline">'),
    ("attributes", "## Phần {#rieng .to}", 'id="rieng"'),
    ("admonition", '!!! note "Lưu ý"\n    Chữ.', '<p class="admonition-title">Lưu ý</p>'),
    ("alignment", "| a |\n|--:|\n| 1 |", '<td class="align-right">1</td>'),
    ("braces are no attributes", "## Tập {1, 2}\n\n**b**{x}", '<h2 id="tập-1-2">Tập {1, 2}</h2>'),
    ("a quote in a list", "- x\n  > q\n- y", "<blockquote>\n<p>q</p>\n</blockquote>\n</li>\n<li>"),
    ("a quote after an empty line", "1. a\n\n   > q\n\n2. b", "<blockquote>\n<p>q</p>\n</blockquote>\n</li>\n<li>"),
    (
        "Markdown in details",
        "<details>\n<summary>Xem</summary>\n\n**đậm**\n\n</details>",
        "<p><strong>đậm</strong></p>\n</details>",
    ),
    (
        "a bare address",
        "Xem https://example.org/a(b). Hết",
        '<a href="https://example.org/a(b)" class="external" rel="noopener">https://example.org/a(b)</a>. Hết',
    ),
    ("struck out", "~~cũ~~ mới", "<del>cũ</del> mới"),
    ("escaped", "\\$7 và \\~", "<p>$7 và ~</p>"),
    ("hard break", "a\\\nb", "a<br>\nb"),
    ("a hashtag is prose", "#thẻ đây", "<p>#thẻ đây</p>"),
    ("a sign in a heading", "## C#", ">C#</h2>"),
    ("a bar in code in a cell", "| a |\n|---|\n| `x \\| y` |", "<code>x | y</code>"),
    ("an alert", "> [!NOTE]\n> Chữ.", '<div class="admonition note">'),
    ("raw HTML", "<details><summary>Mở</summary>\n\nchữ\n\n</details>", "<summary>Mở</summary>"),
]


@pytest.mark.parametrize(("text", "html"), [case[1:] for case in SHOWN], ids=[c[0] for c in SHOWN])
def test_markdown_is_shown_as_github_shows_it(text: str, html: str) -> None:
    assert html in parse(text).body


def test_the_first_heading_is_the_pages_and_leaves_the_body() -> None:
    lesson = parse("# Vòng `for`\n\n## Phần\n")
    assert lesson.heading == "Vòng <code>for</code>"
    assert "<h1" not in lesson.body
    assert [h.title for h in lesson.facts.headings] == ["Phần"]


def test_a_title_may_break_behind_an_underscore_and_reads_the_same() -> None:
    lesson = parse('# Module 07_fine_tune <a href="b_c.md" title="d_e">f_g</a>\n')
    assert lesson.facts.title == "Module 07_fine_tune f_g"
    assert lesson.heading.startswith("Module 07_<wbr>fine_<wbr>tune <a")
    assert 'title="d_e"' in lesson.heading
    assert "f_<wbr>g" in lesson.heading


def test_an_unclosed_fence_is_told_and_does_not_swallow_the_lesson() -> None:
    lesson = parse("# T\n\n```python\nx = 1\n\n## Phần sau\n\nChữ sau.\n")
    assert "<p>Chữ sau.</p>" in lesson.body
    (told,) = lesson.diagnostics
    assert told.line == 3
    assert "never closed" in told.message


@pytest.mark.parametrize("before", ["", "---\ntitle: x\n---\n\n"])
def test_where_an_unclosed_fence_was_taken_to_end_is_a_place_of_the_file(before: str) -> None:
    (told,) = parse(f"{before}# T\n\n```python\nx = 1\n").diagnostics
    assert told.hint == "the code was taken to go on to the end of the text; close it with ```"


LINES = [
    "# T",
    "",
    "```python",
    "```",
    "~~~",
    "x = 1",
    "> ```",
    "> a",
    "- a",
    "  ```",
    "## B",
    "---",
    "title: x",
    "    ```",
    "$$",
]


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=8), st.sampled_from(["", "\n"]))
@example(["---", "title: x"], "\n")
@example(["# T", "", "```python", "x = 1"], "\n")
def test_every_line_that_is_told_is_one_of_the_file(lines: list[str], end: str) -> None:
    text = "\n".join(lines) + end
    for told in parse(text).diagnostics:
        named = [told.line or 1, *map(int, re.findall(r"line (\d+)", told.hint))]
        assert max(named) <= max(len(text.splitlines()), 1)


def test_generated_navigation_goes_and_lines_keep_their_numbers() -> None:
    text = (
        "\n<!-- Aero-Navigation-Start -->\n[x](../../../index.md)\n---\n<!-- Aero-Navigation-End -->\n"
        "# T\n\n[y](y.md)\n<!-- Aero-Footer-Start -->\n[z](z.md)\n<!-- Aero-Footer-End -->"
    )
    facts = parse(text).facts
    assert [link.target for link in facts.links] == ["y.md"]
    assert [place and place.line for place in facts.link_places] == [8]


def test_a_marker_without_its_pair_takes_nothing_out() -> None:
    lesson = parse("# T\n\n<!-- Aero-Footer-Start -->\n\nChữ.\n")
    assert "Chữ." in lesson.body
    assert lesson.diagnostics[0].line == 3


def test_a_stray_formula_sign_swallows_no_heading_and_is_told() -> None:
    lesson = parse("# T\n\n$$\nchữ\n\n---\n\n## Phần\n\nChữ $$\n")
    assert [h.title for h in lesson.facts.headings] == ["Phần"]
    assert lesson.diagnostics[0].line == 3


def test_bars_in_a_formula_are_no_table() -> None:
    lesson = parse("# T\n\n$$\n\\Delta g=\n|\\mathbf{g}|-|\\mathbf{g}'|\n$$\n\n$$\n|W|>1\n$$\n")
    assert lesson.body.count('<math display="block">') == 2
    assert lesson.diagnostics == ()
    assert "<table>" in parse("# T\n\n$$\n| a | b |\n|---|---|\n| 1 | 2 |\n\nChữ $$\n").body


@pytest.mark.parametrize(
    ("anchor", "meant"),
    [
        ("định-nghĩa-llm", "1-định-nghĩa-llm"),
        ("2-mixture-of-expert-moe", "2-mixture-of-experts-moe-"),
        ("academia-vs-industry", ""),
    ],
)
def test_a_link_to_no_heading_is_told_with_the_heading_that_was_meant(anchor: str, meant: str) -> None:
    lesson = parse(f"# T\n\n[x](#{anchor})\n\n## 1. Định Nghĩa LLM\n\n## 2. Mixture of Experts (MoE) 🧠\n")
    (told,) = lesson.diagnostics
    assert told.message == f"link to '#{anchor}': this lesson has no such heading"
    assert told.hint == (f"did you mean #{meant}?" if meant else "")


def test_slugs_of_decomposed_letters_are_those_of_composed_ones() -> None:
    assert slugify(unicodedata.normalize("NFD", "Những gì")) == "những-gì"
    assert slugify("हिन्दी") == "हिन्दी"


@pytest.mark.parametrize("text", ["[" * 5000, "![a](" * 2000])
def test_open_brackets_without_end_are_refused(text: str) -> None:
    with pytest.raises(LessonError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("Tóm tắt\n\nBài này nói về vòng lặp trong Python.", "Bài này nói về vòng lặp trong Python."),
        ("[Home](index.md) > [A](a.md)\n\nBài này nói về vòng lặp.", "Bài này nói về vòng lặp."),
        ("Dr. Smith said that loops are fine. Really.", "Dr. Smith said that loops are fine."),
        ("Ngắn", "Ngắn"),
        ("[TOC]\n\nNgắn thôi.", "Ngắn thôi."),
        ("[[TOC]]\n\n## Mục", ""),
    ],
)
def test_the_summary_is_a_sentence_not_a_label(text: str, summary: str) -> None:
    assert parse(f"# T\n\n{text}\n").facts.summary == summary


@pytest.mark.parametrize(
    ("text", "has_text"),
    [
        ("## Bài\n| Bài | Link |\n| :-- | :-- |\n| [A](a.md) | [Xem →](a.md) |", False),
        ("## Mục\n- [A](a.md)\n- [B](b/index.md)\n", False),
        ("| Thư mục | |\n|--|--|\n| **fine tuning** | [Mở →](ft/index.md) |", False),
        ("# Phần\n\nGiới thiệu.\n\n- [A](a.md)\n", True),
        ("| Tên | Giá |\n|--|--|\n| a | 1 |", True),
    ],
)
def test_an_index_of_nothing_but_links_has_no_text(text: str, has_text: bool) -> None:
    nav = "<!-- Aero-Navigation-Start -->\nx\n<!-- Aero-Navigation-End -->\n"
    assert parse(nav + text, "a/index.md").facts.has_text is has_text
    assert parse(nav + text, "a/b.md").facts.has_text


def test_links_are_left_open_with_their_lines() -> None:
    lesson = parse(
        "# T\n\n[a](a.md) [b](<b c.md>)\n\n[a](a.md) [r][ref] ![i](i.png) <img src='j.png'>\n\n"
        "[x](https://example.org) [top](#t)\n\n[ref]: ../r.md#x\n"
    )
    targets = [link.target for link in lesson.facts.links]
    assert targets == ["a.md", "b%20c.md", "a.md", "../r.md#x", "i.png", "j.png"] or targets == [
        "a.md",
        "b c.md",
        "a.md",
        "../r.md#x",
        "i.png",
        "j.png",
    ]
    assert [place and place.line for place in lesson.facts.link_places] == [3, 3, 5, 9, 5, 5]
    assert len(re.findall(re.escape(lesson.slot), lesson.body)) == 6


SENTENCES = [
    ("Xin chào. Hôm nay học.", "Xin chào."),
    ("Giá 3.5 đồng. Hết.", "Giá 3.5 đồng."),
    ("Gồm a, b, v.v. và c. Hết.", "Gồm a, b, v.v. và c."),
    ("Không dấu chấm", "Không dấu chấm"),
    ("Hỏi gì? “Đáp” đó.", "Hỏi gì?"),
]


@pytest.mark.parametrize(("text", "sentence"), SENTENCES)
def test_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


@given(st.text())
def test_a_summary_is_short(text: str) -> None:
    assert len(first_sentence(text)) <= 202


def test_slugs_keep_vietnamese_letters() -> None:
    assert slugify("Mã hóa là gì?") == "mã-hóa-là-gì"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("😄 - an emoji", "---an-emoji"),
        ("heading with a period.txt", "heading-with-a-periodtxt"),
        ("⚙️ Cài đặt", "️-cài-đặt"),
        ("Độ phức tạp O(N²)", "độ-phức-tạp-on"),
        ("½ và ①", "-và-"),
        ("Ⅳ. xⁿ", "ⅳ-xⁿ"),
    ],
)
def test_slugs_are_those_of_github(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_a_formula_in_the_title_is_its_tex() -> None:
    lesson = parse("# Giá trị $x^2$ và `y`\n\n## Của $z_1$\n")
    assert lesson.facts.title == "Giá trị x^2 và y"
    assert "<math>" in lesson.heading
    assert [heading.title for heading in lesson.facts.headings] == ["Của z_1"]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("# T\n\nvector (\\mathbf{z}) là\n", r"TeX command \mathbf stands outside of a formula", 3),
        ("# T\n\n$\\alpha$\n\n\\mathcal{L}\n=\n\\frac{a}{b}\n", "2 TeX commands stand outside of a formula", 5),
        (
            "# T\n\na\n\n<iframe src='x'></iframe>\n",
            "<iframe> is left out: raw HTML may bring no programs, frames or forms",
            5,
        ),
        ("# T\n\na[^1]\n\nb[^2] `c[^3]`, [^2]\n\n[^1]: d\n", "footnote [^2] has no text", 5),
        ("# T\n\n<script>x()</script>\n", "<script> is left out: raw HTML may bring no programs, frames or forms", 3),
    ],
)
def test_what_a_reader_will_not_see_as_it_was_meant_is_told(text: str, message: str, line: int) -> None:
    assert [(found.message, found.line) for found in parse(text).diagnostics] == [(message, line)]


@pytest.mark.parametrize(
    "text",
    [
        "`[^a-z]+`",
        "a[^1]\n\n[^1]: b",
        "a [^ b]",
        "`\\frac{a}{b}`",
        "$\\frac{a}{b}$",
        "C:\\text\\new",
        "`<iframe>`",
        "```html\n<script>\n```",
        "![đồ thị $\\frac{a}{b}$](a.png)\n\n$\\frac{a}{b}$",
        "![a \\(\\alpha > 1\\)](a.png 'b')",
        "a \\\\(\\frac{a}{b}\\\\) b",
        "\\\\[\n\\frac{a}{b}\n\\\\]",
        "[lên](#top)",
    ],
)
def test_what_is_meant_so_is_not_told(text: str) -> None:
    assert parse(f"# T\n\n{text}\n").diagnostics == ()


def test_sound_and_films_are_shown_and_their_files_are_links_of_the_lesson() -> None:
    lesson = parse(
        '# T\n\n<video controls autoplay src="a b.mp4"></video>\n\n<audio><source src="https://x.y/b.mp3"></audio>\n'
    )
    assert f'<video src="{lesson.slot}0" controls=""></video>' in lesson.body
    assert '<source src="https://x.y/b.mp3"></audio>' in lesson.body
    assert [link.target for link in lesson.facts.links] == ["a b.mp4"]


def test_what_a_film_shows_before_it_plays_is_an_image_of_the_lesson() -> None:
    films = "".join(f'<video src="https://x.y/f.mp4" poster="{name}"></video>' for name in ("a b.png", "gone.png"))
    lesson = parse(f'# T\n\n{films}<video poster="https://x.y/p.png" src="https://x.y/g.mp4"></video>\n')
    assert [(link.kind, link.target) for link in lesson.facts.links] == [("image", "a b.png"), ("image", "gone.png")]
    there, gone = ResolvedLink("file", "a%20b.png", size=(9, 9)), ResolvedLink("broken", "", "gone")
    shown = fill_links(lesson.body, lesson.slot, (there, gone), ("", ""))
    assert [film.attrib for film in lxml.html.fromstring(shown).iter("video")] == [
        {"src": "https://x.y/f.mp4", "poster": "a%20b.png"},
        {"src": "https://x.y/f.mp4"},
        {"src": "https://x.y/g.mp4", "poster": "https://x.y/p.png"},
    ]


@pytest.mark.parametrize("second", ["tập [học](b.md) **học** `x`", "tập `học` **học** <https://a.example>"])
def test_what_was_paired_in_one_lesson_says_nothing_of_another(second: str) -> None:
    """Both texts begin and end alike once the emphasis of one, and links and code of the other, have been put away."""
    alone = parse_lesson(f"# T\n\n{second}\n", "a.md")
    parse_lesson("# T\n\ntập **học**\n", "a.md")
    again = parse_lesson(f"# T\n\n{second}\n", "a.md")
    assert "<strong>học</strong>" in alone.body
    assert again == alone


@pytest.mark.parametrize("text", [">> a\n>", "> > a\n> \n> b"])
def test_an_empty_line_of_an_outer_quotation_ends_the_inner_one(text: str) -> None:
    assert parse(text).body.startswith("<blockquote>\n<blockquote>\n<p>a</p>")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Chữ.\n\n<!-- x\n\n## A\n\nChữ.\n", 3),
        ("- mục\n\n  <!-- x\n\n> Chữ.\n", 3),
        ("Chữ.\n\n> > <!-- x\n\nChữ.\n", 3),
        ("<div>\n<p>x</p><!-- x\n</div>\n\nChữ.\n", 2),
        ("Chữ.\n\n<!-- x\n\nChữ.\n\n<!-- y -->\n\nChữ.\n", 3),
        ("<?php echo 1;\n\nChữ.\n", 1),
        ("<!ELEMENT x\n\nChữ.\n", 1),
        ("<![CDATA[ x\n\nChữ.\n", 1),
        ("<pre>\nx\n\n## A\n", 1),
        ("Chữ.\n\n- <pre>\n  x\n\nChữ.\n", 3),
        ('<p>\n<a title="x>y</a>\n</p>\n\nChữ.\n', 2),
        ("~~~{=html}\n<p>\n<!-- x\n~~~\n\nChữ.\n", 3),
    ],
)
def test_raw_html_that_nothing_closes_is_told_where_it_begins(text: str, line: int) -> None:
    told = parse(f"# T\n\n{text}").diagnostics
    assert [(found.code, found.line) for found in told] == [("unclosed-html", line + 2)]


@pytest.mark.parametrize(
    "hidden", ["<!-- x", "<?php x", "<!X x", "<![CDATA[ x", "<script>", "<style>", "<title>", "<pre>"]
)
@pytest.mark.parametrize(
    "around", ["{}", "- a\n\n  {}", "- {}", "> {}", "Chữ.\n\n{}", "<div>{}</div>", ":::note\n{}\n:::"]
)
def test_what_follows_raw_html_without_an_end_is_shown(hidden: str, around: str) -> None:
    body = parse("# T\n\n" + around.format(hidden) + "\n\nZwei *Drei*.\n").body
    assert "<p>Zwei <em>Drei</em>.</p>" in body
