"""Tables, images, links, tasks, notes: what the page makes of them for its readers."""

from __future__ import annotations

import contextlib

import lxml.html
import pytest
import strategies
from hypothesis import example, given

from pipeline.errors import PipelineError
from pipeline.parse.lesson import parse_lesson
from pipeline.parse.words import TITLES

LINKS = "[a](https://example.org) [b](b.md) [c](#t) <https://x.y> <a href='http://x' class='k' target='_blank'>d</a>"


def body_of(text: str, language: str = "vi") -> str:
    return parse_lesson(text, "a/b.md", language=language).body


@given(strategies.lesson_texts)
@example('a <b style="color:red" onclick="x">c</b>')
@example('## A {: style="x" onclick="y" }')
@example('```python title="x" onclick="y"\nz\n```')
@example("$\\style{color:red}{x}$ $\\href{javascript:x}{y}$")
def test_no_element_has_a_style_or_a_script_of_its_own(text: str) -> None:
    with contextlib.suppress(PipelineError):
        root = lxml.html.fragment_fromstring(body_of(text + "\n\n$x$ $\\frac{a}{b}$\n"), create_parent="div")
        for element in root.iter(lxml.etree.Element):
            assert not [name for name in element.attrib if name == "style" or name.startswith("on")]


@given(strategies.lesson_texts)
@example("| a | b |\n|---|---|\n| 1 | 2 |")
@example(LINKS)
@example("- [ ] a **b**\n  - [x] c")
@example(":   ")
def test_what_every_page_promises(text: str) -> None:
    with contextlib.suppress(PipelineError):
        root = lxml.html.fragment_fromstring(body_of(text), create_parent="div")
        assert not root.xpath("//*[@target]")
        assert not root.xpath("//table[not(ancestor::table)][not(parent::div[@class='table' and @tabindex])]")
        assert not root.xpath("//pre[not(@tabindex)]")
        assert not root.xpath("//img[not(@loading='lazy' and @decoding='async')]")
        assert not root.xpath("//input[not(ancestor::label)]")
        for link in root.xpath("//a[starts-with(@href, 'http')]"):
            assert "external" in link.get("class").split()
            assert link.get("rel") == "noopener"


SHOWN = [
    ("a header", "| a | b |\n|---|--:|\n| 1 | 2 |", '<th scope="col">a</th>'),
    ("an empty header", "| | b |\n|---|---|\n| 1 | 2 |", "<td></td>\n<th"),
    ("an image", "![a](https://x.y/i.png)", '<img alt="a" src="https://x.y/i.png" loading="lazy" decoding="async">'),
    ("an image in prose", 'a ![b](i.png "t")', 'title="t" loading="lazy"'),
    ("a figure", '![b](i.png "t")', ':0" alt="b" loading="lazy" decoding="async"><figcaption>t</figcaption></figure>'),
    ("a class of the author's", LINKS, 'class="k external" rel="noopener"'),
    ("a task with a list in it", "- [ ] a **b**\n  - c", "</strong></label><ul>"),
    ("a task in a loose list", "- [x] a\n\n- [ ] b", '<p><label><input type="checkbox" disabled checked> a</label></p>'),
    ("a footnote", "a[^1].\n\n[^1]: b", 'aria-label="Về chỗ có chú thích 1" role="doc-backlink">↩</a>'),
    ("a note", "!!! note\n    a", '<div class="admonition note">\n<p class="admonition-title">Ghi chú</p>\n<p>a</p>'),
    ("an alert", "> [!WARNING]\n> a", '<div class="admonition warning">\n<p class="admonition-title">Cảnh báo</p>'),
    ("an alert with an empty line", "> [!TIP]\n>\n> a", '<p class="admonition-title">Mẹo</p>\n<p>a</p>'),
    ("a folded note", "??? tip\n    a", '<details class="admonition tip">\n<summary class="admonition-title">Mẹo</summary>'),
    ("an open one", '???+ tip "b"\n    a', '<details class="admonition tip" open="">\n<summary class="admonition-title">b</'),
    ("code in a note", "!!! note\n    a\n\n    ```python\n    x\n    ```\n\n    b\n\nc", "</div>\n<p>b</p>\n</div>\n<p>c</p>"),
    ("a list in a note", "!!! note\n    a\n    - b\n      - c\n\nd", "<li>b<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</div>\n<p>d</p>"),
    ("text behind a note", "!!! note\n    a\nb", "<p>a</p>\n</div>\n<p>b</p>"),
    ("a reference that is escaped", "\\&amp;", "<p>&amp;amp;</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "html"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN])
def test_elements_are_shown(text: str, html: str) -> None:
    assert html in body_of(text)


@pytest.mark.parametrize("kind", sorted(TITLES["vi"]))
def test_the_title_of_a_note_is_in_the_language_of_the_course(kind: str) -> None:
    text = f"!!! {kind}\n    a\n"
    assert f">{TITLES['vi'][kind]}</p>" in body_of(text, "vi-VN")
    assert f">{kind.capitalize()}</p>" in body_of(text, "en")
    assert f">{kind.capitalize()}</p>" in body_of(text, "fr")


def test_trusted_html_stays_as_it_is() -> None:
    assert 'style="color:red"' in parse_lesson('<b style="color:red">a</b>', "a.md", trusted_html=True).body
