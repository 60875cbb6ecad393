"""Pages in the dialects of other builders: each word is on the page once, where it belongs, and no sign of theirs is.

`cases/dialects/` has a file for each dialect; a page begins with `%%%%` and its name. A word of two digits says by its
letter where it belongs:

    W  among the words, not in code      C  in code             H  nowhere: the dialect hides it
    L  in an item of a list              T  in a table          Q  in a quotation, or a note
    N  in a note, or what is folded      K  in a link           B  in a heading, or the title
    M  in a formula                      I  in the text for an image
"""

from __future__ import annotations

import re
from pathlib import Path

import lxml.html
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.parse.lesson import parse_lesson

FOLDER = Path(__file__).parent / "cases" / "dialects"
PAGES = {
    f"{path.stem}: {name}": text
    for path in sorted(FOLDER.glob("*.txt"))
    for name, _, text in (page.partition("\n") for page in path.read_text("utf-8").split("%%%% ")[1:])
}
SHOWS_SIGNS = "(shows signs)"
"""In the name of a page that has some that are words."""
NOTE = "ancestor-or-self::*[contains(@class, 'admonition')]"
PLACES = {
    "C": "ancestor-or-self::code",
    "L": "ancestor-or-self::li",
    "T": "ancestor-or-self::td or ancestor-or-self::th",
    "N": NOTE,
    "Q": f"ancestor-or-self::blockquote or {NOTE}",
    "K": "ancestor-or-self::a",
    "B": "ancestor-or-self::*[self::h1 or self::h2 or self::h3 or self::h4]",
    "M": "ancestor-or-self::annotation",
    "W": "not(ancestor-or-self::code)",
}
WORD_RE = re.compile(r"(?<![A-Za-z0-9])[A-Z]\d\d(?![A-Za-z0-9])")
SIGNS_RE = re.compile(
    r"::|\{%|%\}|\{\{|\}\}|```|~~~|!!!|\?\?\?|</?[A-Za-z/]|\[!|\[\[|\]\]|\{[:#.=]|\$\$|\|-|-->|<!--|\\[a-z]|\{\+|\+\}|\{-|-\}"
    r"|^[!?]>|>>>|%%|\{[a-z]+\}|===|\^\["
)


def read_page(text: str) -> tuple[list[tuple[str, lxml.html.HtmlElement]], str]:
    """Each word that is shown with the element that it stands in; and all words that are no code and no formula."""
    lesson = parse_lesson(text, "a.md", language="en")
    root = lxml.html.fragment_fromstring(f"<h1>{lesson.heading}</h1>{lesson.body}", create_parent="div")
    for made in root.xpath("//a[@class='anchor'] | //ul[@class='contents'] | //math/semantics/*[1]"):
        made.drop_tree()
    shown = [
        (word, text.getparent().getparent() if text.is_tail else text.getparent())
        for text in root.xpath("//text()")
        for word in WORD_RE.findall(text)
    ]
    shown += [(word, image) for image in root.xpath("//img") for word in WORD_RE.findall(image.get("alt", ""))]
    words = root.xpath("//text()[not(ancestor::code or ancestor::pre or ancestor::math)]")
    return shown, "\n".join(words)


@pytest.mark.parametrize("name", PAGES)
def test_each_word_is_shown_once_where_it_belongs_and_no_sign_of_the_dialect(name: str) -> None:
    shown, words = read_page(PAGES[name])
    written = list(dict.fromkeys(WORD_RE.findall(PAGES[name])))
    assert sorted(word for word, _ in shown) == sorted(word for word in written if word[0] != "H")
    misplaced = [
        word
        for word, element in shown
        if not (element.tag == "img" if word[0] == "I" else element.xpath(f"boolean(self::*[{PLACES[word[0]]}])"))
    ]
    assert misplaced == []
    assert SHOWS_SIGNS in name or SIGNS_RE.findall(words) == []


SOUND = {
    "a diagram of boxes": "+-------+\n| a box |\n+-------+",
    "a table with a cell over two columns": "+---+---+\n| a     |\n+---+---+\n| b | c |\n+---+---+",
    "a line between two rules": "+---+---+\na\n+---+---+",
    "a bar before one line": "| a",
    "bars before and within": "| a\n| b | c",
    "a name in brackets": "(@user) a\n(@ b) c",
    "the sign alone": "a\n(@) b",
    "a namespace": "::std\na",
    "a namespace, and two colons": "::std and\n::",
    "three colons around words": ":::words and:::\n:::image b\n:::zone of",
    "a share": "% of all\n% b",
    "a share, beside code of R": "% of all\n\n```{r}\nx\n```",
    "a power": "x ^2\n\n10 ^100000\n\na ^n\n\nb ^infinity\n\nc^37066d",
    "a name in the middle": "a ^37066d b",
}
"""What CommonMark shows as it is, with all its signs, and what is like a block of another dialect."""


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("prefix", ["", "- ", "Words.\n\n"])
def test_prose_that_looks_like_another_dialect_stays(name: str, prefix: str) -> None:
    _, words = read_page(f"{prefix}{SOUND[name]}\n")
    written = re.sub(r"```.*?```", "", SOUND[name], flags=re.S)
    assert "".join(words.split()).endswith("".join(written.split()))


def test_what_python_asks_is_no_quotation_of_gitlab() -> None:
    """`>>>` three times is a quotation in two others, to CommonMark, and what follows has the marks of one too."""
    root = lxml.html.fromstring(parse_lesson(">>>\n>>> a\n>>>\n", "a.md").body)
    assert root.text_content().split() == ["a"]
    assert len(root.xpath("//blockquote")) == 3


@given(st.sampled_from(sorted(PAGES)), st.integers(0, 60))
@example("github: unclosed comment (shows signs)", 3)
@example("others: notebooks", 9)
@example("github: unclosed instruction and quotes (shows signs)", 5)
def test_what_follows_a_page_that_breaks_off_is_shown_once(name: str, cut: int) -> None:
    """Whatever has begun, and has no end: it hides nothing."""
    lines = PAGES[name].split("\n")[:cut]
    shown, _ = read_page("\n".join([*lines, "", "Z98 *đậm*", "", "Z99", ""]))
    assert [word for word, _ in shown if word[0] == "Z"] == ["Z98", "Z99"]


def test_the_pages_are_many_and_each_has_a_name() -> None:
    assert len(PAGES) > 120
    assert len(PAGES) == sum(path.read_text("utf-8").count("%%%% ") for path in FOLDER.glob("*.txt"))
