"""a lesson -> what is wrong with its links, headings and images, as the source writes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pipeline.checks.view import HINTS_GIVEN, LessonView, shortened, told_at
from pipeline.errors import NEAR_NAME, Diagnostic, Edit
from pipeline.patterns import lazy_pattern
from pipeline.repair.review import UNREAD
from pipeline.slips import sure_name
from pipeline.values import TextPlace

_HEADING_RE = lazy_pattern(
    r"^(?P<inside>[ \t]*>[ \t>]*|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)?[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<title>.*)$", re.M
)
_TITLE_RE = lazy_pattern(r"^[ ]{0,3}(?:#[ \t]|\S.*\n[ ]{0,3}=+[ \t]*$)", re.M)
_UNDERLINED_RE = lazy_pattern(r"^[ ]{0,3}(?P<title>\S.*)\n[ ]{0,3}(?P<marks>=+|-+)[ \t]*$", re.M)
_IMAGE_RE = lazy_pattern(r"(?<!\\)!\[[ \t]*\]\([ \t]*(?:<(?P<fenced>[^<>\n]+)>|(?P<target>[^)\s>]+))")
_TAG_RE = lazy_pattern(r"<img\b[^<>]*>", re.I)
_ALT_RE = lazy_pattern(r"\balt\s*=", re.I)
_ROLE_RE = lazy_pattern(r"\baria-hidden\s*=|\brole\s*=\s*[\"']?(?:presentation|none)", re.I)
_SOURCE_RE = lazy_pattern(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.I)
_REFERENCE_RE = lazy_pattern(r"(?<![\]\w\\])(?P<image>!?)\[(?P<text>[^\[\]\n]{1,300})\]\[(?P<label>[^\[\]\n]{0,300})\]")
_DEFINITION_RE = lazy_pattern(r"^[ >]*(?:[-*+][ ]+)?\[(?P<label>[^\[\]\n]+)\]:", re.M)
_ID_RE = lazy_pattern(r"""(?:\bid\s*=\s*["']?|\{[^{}\n]*?\#)([^\s"'>{}]+)""")
_LETTER_RE = lazy_pattern(r"[^\W_]")
_SHOWN_RE = lazy_pattern(r"<(?:img|svg|math|video|audio|iframe|picture|object|hr)\b", re.I)
_HEADING_HTML_RE = lazy_pattern(r"<(h[1-6])\b.*?</\1>", re.S)

LOOKED_AHEAD = 50
"""Headings of the source that one of the page is looked for among."""


def find_heading_jumps(view: LessonView) -> Iterator[Diagnostic]:
    """A heading two or more levels below the one before it."""
    before = 1 if _TITLE_RE.search(view.prose) else 0
    for heading, place in zip(view.facts.headings, _places_of_headings(view)):
        if before and heading.level > before + 1:
            message = f"heading '{shortened(heading.title)}' has level {heading.level} below one of level {before}"
            yield told_at(place, "heading-jump", message, f"write it with {'#' * (before + 1)}")
        before = heading.level


def find_same_headings(view: LessonView) -> Iterator[Diagnostic]:
    """A heading with the words of another one below the same heading."""
    seen: dict[tuple[tuple[str, ...], int, str], int] = {}
    above: list[tuple[int, str]] = []
    for heading, place in zip(view.facts.headings, _places_of_headings(view)):
        while above and above[-1][0] >= heading.level:
            above.pop()
        key = (tuple(anchor for _, anchor in above), heading.level, heading.title.casefold())
        if key in seen and heading.title:
            message = f"there are two headings '{shortened(heading.title)}' beside one another"
            yield told_at(place, "same-heading", message, f"the anchor of this one is #{heading.anchor}", "note")
        seen[key] = 1
        above.append((heading.level, heading.anchor))


def find_missing_texts(view: LessonView) -> Iterator[Diagnostic]:
    """An image that says nothing to who does not see it."""
    hint = "say in the brackets what it shows"
    if "](" in view.prose:
        for match in _IMAGE_RE.finditer(view.prose):
            message = f"image '{shortened(match['fenced'] or match['target'])}' has no text for who does not see it"
            yield told_at(view.place(match.start()), "missing-alt", message, hint)
    for match in _TAG_RE.finditer(view.prose):
        if not _ALT_RE.search(match[0]) and not _ROLE_RE.search(match[0]):
            source = _SOURCE_RE.search(match[0])
            message = f"image '{shortened(source[1] if source else '')}' has no text for who does not see it"
            yield told_at(view.place(match.start()), "missing-alt", message, 'say in alt="…" what it shows')


def find_undefined_references(view: LessonView) -> Iterator[Diagnostic]:
    """`[text][label]` without a line that says where the label leads."""
    if "][" not in view.prose or "][" not in view.shown:
        return
    from difflib import get_close_matches

    given = 0
    known = {_label(match["label"]): match["label"] for match in _DEFINITION_RE.finditer(view.prose)}
    for match in _REFERENCE_RE.finditer(view.prose):
        written = match["label"] or match["text"]
        label = _label(written)
        is_index = written.isdecimal() and match["text"].isdecimal()
        if label in known or label[:1] in ("^", "") or is_index or f"][{match['label']}]" not in view.shown:
            continue
        given += 1
        is_looked_for = given <= HINTS_GIVEN
        near = get_close_matches(label, known, n=1, cutoff=NEAR_NAME) if is_looked_for else []
        sure = sure_name(label, known) if is_looked_for else ""
        meant = sure or next(iter(near), "")
        hint = f"did you mean [{meant}]?" if meant else f"write '[{written}]: where-it-leads' on a line of its own"
        message = f"nothing says where '[{shortened(written)}]' leads"
        place = view.place(match.start("label") - 1)
        edit = Edit(place.line, place.column or 1, f"[{match['label']}]", f"[{known.get(sure)}]")
        found = told_at(view.place(match.start()), "undefined-reference", message, hint)
        yield found._replace(fix=(edit,) if sure else ())


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def find_same_ids(view: LessonView) -> Iterator[Diagnostic]:
    """An id that a lesson writes twice: a link finds the first."""
    counts = Counter(view.facts.anchors)
    if len(counts) == len(view.facts.anchors):
        return
    places = {match[1]: match.start(1) for match in _ID_RE.finditer(view.prose)}  # the last of each
    for anchor, count in counts.items():
        if count > 1:
            place = view.place(places[anchor]) if anchor in places else None
            yield told_at(
                place, "same-id", f"the id '{shortened(anchor)}' is there twice", "a link leads to the first one"
            )


def find_unread_damage(view: LessonView) -> Iterator[Diagnostic]:
    """Damaged words that no repair could read, and letters that are lost."""
    lines = set[int]()
    for repair in view.repairs:
        if repair.step == UNREAD:
            lines.add(repair.line)
            message = f"damage that cannot be read: {shortened(repair.before)!r}"
            yield told_at(
                TextPlace(repair.line, repair.column),
                "damage-left",
                message,
                "write the word anew, or decide in repairs.toml",
            )
    at = view.prose.find("\ufffd")
    while at >= 0:
        place = view.place(at)
        if place.line not in lines:
            lines.add(place.line)
            yield told_at(place, "damage-left", "a letter is lost: U+FFFD stands in its place", "write the word anew")
        at = view.prose.find("\ufffd", at + 1)


def find_no_text(view: LessonView) -> Iterator[Diagnostic]:
    """A lesson with nothing below its heading."""
    if view.is_section or view.facts.draft or not view.facts.has_text or not view.text.strip():
        return
    rest = _HEADING_HTML_RE.sub("", view.body)
    if not _SHOWN_RE.search(rest) and not _LETTER_RE.search(re.sub("<[^>]*>", "", rest)):
        yield told_at(None, "no-words", "the lesson has no text below its heading", "write it, or set draft: true")


def _written_headings(view: LessonView) -> list[tuple[int, str, TextPlace]]:
    """Level, words and place of each heading that the source writes in its own line."""
    found = [(m.start("marks"), len(m["marks"]), m["title"]) for m in _HEADING_RE.finditer(view.prose)]
    if "\n===" in view.prose or "\n---" in view.prose:
        found += [
            (m.start("title"), 1 if m["marks"][0] == "=" else 2, m["title"])
            for m in _UNDERLINED_RE.finditer(view.prose)
        ]
    return [(level, title, view.place(at)) for at, level, title in sorted(found)]


def _places_of_headings(view: LessonView) -> Iterator[TextPlace | None]:
    """Where each heading of the page is written, None where that is not found, as in raw HTML."""
    written = _written_headings(view)
    at = 0
    for heading in view.facts.headings:
        near = range(at, min(at + LOOKED_AHEAD, len(written)))
        found = next(
            (n for n in near if written[n][0] == heading.level and _is_title(written[n][1], heading.title)), None
        )
        yield None if found is None else written[found][2]
        at = at if found is None else found + 1


def _is_title(written: str, shown: str) -> bool:
    """Whether a heading as it is written may be the one that is shown."""
    one, two = ("".join(_LETTER_RE.findall(text)).casefold() for text in (written, shown))
    return not two or not one or one[:4] == two[:4] or two[:8] in one
