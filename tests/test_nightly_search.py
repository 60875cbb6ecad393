"""A search that is open while another release is switched in goes on in the release that it began with."""

from __future__ import annotations

from pathlib import Path

import pytest
from nights import Nights

WORDS = ("voi", "hùm", "báo", "ngỗng", "vượn", "ruồi", "bướm", "ếch", "mèo", "chuột", "lợn", "trâu")
COURSE = 20
"""Lessons: enough for several shards."""


def write_course(nights: Nights, lessons: int, shift: int) -> None:
    """Lesson n is about the word n + shift, and about its number."""
    for number in range(lessons):
        words = f"chuyện {WORDS[(number + shift) % len(WORDS)]} lần {shift}"
        nights.write(f"b/{number}.md", f"# Bài {number}\n\n{words}\n")


def answers(shift: int, word: str) -> set[tuple[str, str]]:
    """The page and the excerpt of each result."""
    found = (number for number in range(COURSE) if WORDS[(number + shift) % len(WORDS)] == word)
    return {(f"b/{number}.html", f"chuyện {word} lần {shift}") for number in found}


@pytest.mark.parametrize(
    "switches",
    [
        [("edit", COURSE)],
        # more lessons: every file of the index is another one
        [("edit", COURSE), ("edit", 5 * COURSE), ("back", 2), ("edit", 1)],
    ],
    ids=["edits", "more lessons, back, fewer lessons"],
)
def test_a_search_ends_in_the_release_that_it_began_with(
    browser: object, tmp_path: Path, switches: list[tuple[str, int]]
) -> None:
    from browsing import serve, visit

    nights = Nights.of(tmp_path / "project")
    nights.set_up()
    write_course(nights, COURSE, 0)
    nights.published()
    with serve(nights.site) as base, visit(browser, base) as reader:  # type: ignore[arg-type]

        def check(shift: int, word: str) -> None:
            reader.search(word)
            shown = reader.page.eval_on_selector_all(
                "[role=option]",
                "links => links.map((link) => [link.href, link.querySelector('.search-excerpt').textContent])",
            )
            assert {(url.removeprefix(base), text) for url, text in shown} == answers(shift, word)

        reader.go("b/0.html")
        reader.page.keyboard.press("/")
        reader.page.wait_for_selector("dialog[open]")
        for step, (kind, count) in enumerate(switches):
            check(0, WORDS[step])
            if kind == "back":
                assert nights.night("--rollback", str(count))[0] == 0
            else:
                for path in nights.content.glob("b/*.md"):
                    path.unlink()
                write_course(nights, count, step + 1)
                nights.published()
        for word in WORDS:
            check(0, word)
        assert reader.complaints == []
        if switches[-1][1] == COURSE:
            reader.go("b/0.html")
            reader.page.keyboard.press("/")
            reader.page.wait_for_selector("dialog[open]")
            check(len(switches), WORDS[0])
