"""Small lessons as people write them for GitHub and for other builders -> what a page shows of each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from pipeline.parse.lesson import parse_lesson

CASES = json.loads((Path(__file__).parent / "cases" / "markdown.json").read_text("utf-8"))
_MADE_RE = re.compile(r' (?:class="external"|rel="noopener"|loading="lazy"|decoding="async"|tabindex="0")')
# An expectation is HTML, and then words: the elements in its first part are compared.
_ELEMENT_RE = re.compile(r"<(p|li|a|h2|strong)\b[^>]*>[^…]*?</\1>")
_SLOT_RE = re.compile(r"slot[0-9a-f]+:(\d+)")


def shown(markdown: str) -> tuple[str, list[str]]:
    """The HTML without what every page adds, its links filled with what the lesson says; and what is told."""
    lesson = parse_lesson(markdown, "a.md", language="en")
    body = _MADE_RE.sub("", lesson.body)
    body = _SLOT_RE.sub(lambda slot: lesson.facts.links[int(slot[1])].target, body)
    return body, [told.message for told in lesson.diagnostics]


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_a_lesson_is_shown_as_it_was_meant(case: dict[str, Any]) -> None:
    body, told = shown(case["markdown"])
    for part in case["shows"]:
        assert part in body
    for part in case.get("hides", ()):
        assert part not in body
    assert told == case.get("tells", [])


CONSTRUCTS = {
    "a task": ("- ", "[x] a"),
    "an alert": ("> ", "[!NOTE] a"),
    "marked": ("", "==a=="),
    "an index": ("H", "~2~O"),
    "an exponent": ("x", "^2^"),
    "struck out": ("", "~~a~~"),
    "inserted": ("", "^^a^^"),
    "an emoji": ("", ":tada:"),
    "keys": ("", "++ctrl+c++"),
    "attributes": ("## a ", "{#b}"),
    "attributes of a word": ("**a**", "{.b}"),
    "a formula": ("", "$x^2$"),
    "a formula of its own": ("", "$$x$$"),
    "the contents": ("## b\n\n", "[TOC]"),
    "an admonition": ("", "!!! note"),
    "one that is folded": ("", "??? note"),
    "a tab": ("", '=== "a"'),
    "a note between colons": ("", ":::note"),
    "a footnote": ("a", "[^1]"),
    "a meaning": ("a\n", ": b"),
    "an address": ("", "https://example.org"),
    "a mailbox": ("", "a@example.org"),
}
"""What Markdown has not, and a lesson may: what stands before it, and it itself."""
SIGN_RE = re.compile(r"[!-/:-@\[-`{-~]")


@pytest.mark.parametrize("name", CONSTRUCTS)
@pytest.mark.parametrize("how", ["all", "first", "last"])
def test_a_backslash_takes_the_meaning_from_every_construct(name: str, how: str) -> None:
    before, construct = CONSTRUCTS[name]
    signs = list(SIGN_RE.finditer(construct.split()[0]))
    if how != "all" and name not in ("an address", "a mailbox"):
        signs = signs[:1] if how == "first" else signs[-1:]
    written = construct
    for sign in reversed(signs):
        written = f"{written[: sign.start()]}\\{written[sign.start() :]}"
    body, told = shown(before + written)
    root = lxml.html.fragment_fromstring(body, create_parent="div")
    words = " ".join(root.text_content().split())
    assert construct in words, body
    assert not root.xpath(
        ".//input|.//mark|.//sub|.//sup[not(@id)]|.//del|.//ins|.//kbd|.//math|.//a[not(@class)]|.//details"
    )
    assert not root.xpath(
        ".//*[contains(@class, 'admonition') or contains(@class, 'math') or @id='b' and not(ancestor-or-self::h2)]"
    )
    assert told == []


def test_real_inputs_are_shown_as_expected(shared: Path) -> None:
    path = shared / "cases" / "markdown.json"
    if not path.is_file():
        pytest.skip("these cases are not on this machine")
    for case in json.loads(path.read_text("utf-8")):
        if case["markdown"].startswith("FILE "):
            continue
        body, _ = shown(case["markdown"])
        for element in _ELEMENT_RE.finditer(case["expected"].partition("; ")[0]):
            if "<pre" in element[0]:  # which has colours
                continue
            wanted = re.sub(r" id=\"[^\"]*\"", "", element[0])
            assert wanted in re.sub(r" id=\"[^\"]*\"", "", body), case["title"]
