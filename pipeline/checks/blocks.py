"""a lesson -> the blocks of code and of raw HTML whose end is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.checks.languages import known_languages
from pipeline.checks.view import HINTS_GIVEN, LessonView, shortened, told_at
from pipeline.errors import Diagnostic, Edit
from pipeline.parse.code import read_fence_info
from pipeline.parse.verbatim import OpenFence, find_fences, hide_code
from pipeline.patterns import lazy_pattern
from pipeline.values import TextPlace

_ABOUT_MARKDOWN = frozenset("md markdown mdx rst rest text txt tex latex html jinja django liquid".split())
"""Code in these may show fences."""
_CONTAINER = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
_OPENING_RE = lazy_pattern(
    rf"^{_CONTAINER}(?P<sign><\?|<!\[CDATA\[|<!(?=[^-\n])|<(?P<tag>script|pre|style|textarea)(?=[\s>]|$))", re.I | re.M
)
_AFTER_RE = lazy_pattern(r"[ \t]*[\w \t]*")
_PLAIN_LINES_RE = lazy_pattern(r"^[^\W_][\w ,.]*$", re.M)
_NESTED_RE = lazy_pattern(rf"^{_CONTAINER}<!--", re.M)
_EMPTY_LINE_RE = lazy_pattern(r"\n[ \t>]*\n")
_COMMENT, _COMMENT_END = "<!--", "-->"
_ENDS = {"<?": "?>", "<![CDATA[": "]]>", "<!": ">"}
_SHOWN_TAGS = ("pre", "textarea")
"""What stands in these is shown, as it is written."""


# --- code ---


def find_swallowed_fences(view: LessonView) -> Iterator[Diagnostic]:
    """A block of code in which another block begins: its own end is missing, and that of the other one ends it."""
    lines, fences = view.markdown.split("\n"), find_fences(view.markdown)
    for number, fence in enumerate(fences):
        if fence.inner is None:
            continue
        name = _language_of(fence)
        is_code = name in known_languages() and name not in _ABOUT_MARKDOWN
        if is_code or (not fence.match["info"].strip() and _begins_code(lines, fence.line, fence.inner)):
            first = find_open_fence(lines, fences, number)
            what = f"in '{shortened(_language_of(first))}' " if _language_of(first) else ""
            message = f"in the block of code {what}another one begins"
            below = fence.inner if first is fence else first.end
            hint = f"close it above line {below} with {first.match['fence']}"
            yield told_at(TextPlace(first.line, first.match.start("fence") + 1), "fence-in-code", message, hint)


def _begins_code(lines: Sequence[str], opening: int, number: int) -> bool:
    """Whether a fence in a block without a language was to begin another one: it names a language, and there is code
    above it. Right below the opening one it is what the block shows."""
    found = find_fences(lines[number - 1])
    is_known = bool(found) and _language_of(found[0]) in known_languages()
    return is_known and any(line.strip(" \t>") for line in lines[opening : number - 1])


def find_open_fence(lines: Sequence[str], fences: Sequence[OpenFence], number: int) -> OpenFence:
    """Which fence has no end of its own, where the block of the fence with this number surely has none.

    A fence that has lost its end takes the beginning of the next block for it, and so on: each end is a beginning and
    each beginning an end. It shows in what is around them: code begins below an empty line, and ends above one.

    >>> text = "```python\\na\\n\\nWords.\\n\\n```\\nb\\n```\\n\\nWords."
    >>> find_open_fence(text.split("\\n"), find_fences(text), 1).line
    1
    """
    while number:
        before, fence = fences[number - 1], fences[number]
        if before.end is None or before.end == fence.line - 1 or fence.match["info"].strip():
            break
        is_end = _looks_closed(lines, fence.line) and not _looks_closed(lines, before.end)
        if _is_apart(lines, fence.line) or not (is_end or _looks_open(lines, before.end)):
            break
        number -= 1
    return fences[number]


def place_open_fence(found: Diagnostic, view: LessonView) -> Diagnostic:
    """What a build tells of a block of code without an end, at the fence that lost it."""
    if found.code != "unclosed-fence":
        return found
    lines, fences = view.markdown.split("\n"), find_fences(view.markdown)
    number = next((number for number, fence in enumerate(fences) if fence.line == found.line), None)
    first = find_open_fence(lines, fences, number) if number is not None else None
    if first is None or first.line == found.line:
        return found
    column, fence = first.match.start("fence") + 1, first.match["fence"]
    hint = f"the beginning of the next one, in line {first.end}, was taken for its end; close it above with {fence}"
    message = f"code fence {fence} is never closed"
    return found._replace(message=message, line=first.line, column=column, hint=hint, fix=())


def _language_of(fence: OpenFence) -> str:
    return read_fence_info(fence.match["info"].strip()).language.lower()


def _is_apart(lines: Sequence[str], number: int) -> bool:
    """Whether the line above is empty, or there is none."""
    return not 1 < number < len(lines) + 2 or not lines[number - 2].strip(" \t>")


def _looks_open(lines: Sequence[str], number: int) -> bool:
    """Whether a fence looks like the beginning of code: the line above it is empty, and the one below is not."""
    return _is_apart(lines, number) and not _is_apart(lines, number + 2)


def _looks_closed(lines: Sequence[str], number: int) -> bool:
    """Whether a fence looks like the end of code: the line above it is not empty, and the one below is, or is none."""
    return not _is_apart(lines, number) and _is_apart(lines, number + 2)


# --- raw HTML ---


class _Unclosed(NamedTuple):
    """Raw HTML without an end."""

    at: int
    """Its first character."""
    sign: str
    """How it begins, as a reader of the lesson knows it."""
    end: str
    """What would end it."""
    next_line: int | None = None
    """The line of the comment in it, whose end is taken for its own."""
    is_shown: bool = False
    """Whether what stands below it is shown, as it is written."""


def find_unclosed_html(view: LessonView) -> Iterator[Diagnostic]:
    """A comment, or other raw HTML that goes on to its end whatever stands in it, without an end: what is below it is
    not shown, or not as Markdown."""
    if "<" not in view.markdown:
        return
    text = hide_code(view.markdown, keeps_comments=True)
    for found in sorted([*_open_comments(text, view), *_open_others(view)]):
        place = view.place(found.at)
        is_rest = found.next_line is None
        below = "what is below it" if is_rest else "what is between it and the next one"
        how = "is shown as it is written" if found.is_shown else "is not shown"
        where = "" if is_rest else f" above line {found.next_line}"
        named = "the comment" if found.sign == _COMMENT else f"'{found.sign}'"
        told = told_at(
            place, "unclosed-html", f"{named} has no end: {below} {how}", f"close it{where} with {found.end}"
        )
        yield told._replace(fix=_end_at_last_line(view, text, found, place) if is_rest and not found.is_shown else ())
        if is_rest:
            return


def _open_comments(text: str, view: LessonView) -> Iterator[_Unclosed]:
    """Comments without an end, and those that end with the next one."""
    at, tried, has_ends = text.find(_COMMENT), 0, True
    while at >= 0 and tried < HINTS_GIVEN:
        closing = text.find(_COMMENT_END, at + 2) if has_ends else -1
        has_ends = closing >= 0
        nested = _NESTED_RE.search(text, at + 4, closing) if has_ends else None
        behind = at + len(_COMMENT) if not has_ends or nested else closing + len(_COMMENT_END)
        if not has_ends or (nested and _EMPTY_LINE_RE.search(text, at, nested.start() + 1)):
            tried += 1
            if _is_hidden(text, at, _COMMENT, view, nested.start() if nested else len(text)):
                next_line = view.place(nested.end() - 1).line if nested else None
                yield _Unclosed(at, _COMMENT, _COMMENT_END, next_line)
                if nested is None:
                    return
                behind = nested.end() - len(_COMMENT)
        at = text.find(_COMMENT, behind)


def _open_others(view: LessonView) -> Iterator[_Unclosed]:
    """What else ends with a sign of its own, or with its tag, and does not."""
    text, lower, tried = view.prose, "", 0
    ends = dict[str, int]()
    for match in _OPENING_RE.finditer(text):
        tag, sign = (match["tag"] or "").lower(), match["sign"]
        end = f"</{tag}>" if tag else _ENDS[sign.upper()]
        lower = lower or text.lower()
        if end not in ends or -1 < ends[end] < match.end():
            ends[end] = lower.find(end.lower(), match.end())
        is_open = ends[end] < 0 or (sign == "<!" and _EMPTY_LINE_RE.search(text, match.end(), ends[end]))
        tried += bool(is_open) or sign == "<!"
        if is_open and (
            tag in _SHOWN_TAGS
            or _is_hidden(text, match.start("sign"), sign, view, ends[end] if ends[end] >= 0 else len(text))
        ):
            yield _Unclosed(match.start("sign"), f"<{tag}>" if tag else sign, end, None, tag in _SHOWN_TAGS)
            return
        if tried > HINTS_GIVEN:
            return


def _is_hidden(text: str, at: int, sign: str, view: LessonView, end: int) -> bool:
    """Whether what begins at a place is hidden up to another one. Where it is no raw HTML, as in a line of text, or
    ends with the quotation around it, it or the last line there is among the words of the page."""
    after = _AFTER_RE.match(text, at + len(sign))
    words = " ".join(f"{sign}{after[0] if after else ''}".split())
    # Behind what is hidden all is: of those that are written alike, the first ones are shown.
    if view.shown_words.count(words) > " ".join(view.markdown[:at].split()).count(words):
        return False
    last = _PLAIN_LINES_RE.findall(text, at + len(sign), end)[-1:]
    outside = " ".join((text[:at] + text[end:]).split())
    return not last or view.shown_words.count(last[0]) <= outside.count(last[0])


def _end_at_last_line(view: LessonView, text: str, found: _Unclosed, place: TextPlace) -> tuple[Edit, ...]:
    """It ends with its paragraph, if that is the last one: the page stays as it is, and what is written below it later
    is shown. Not where more is open than that, or may be: `text` is without code."""
    lines = view.markdown.rstrip().split("\n")
    last, rest = lines[place.line - 1 :], view.markdown[found.at + 1 :]
    is_comment = found.sign == _COMMENT
    is_only = view.markdown.count(_COMMENT) == view.markdown.count(_COMMENT_END) + is_comment
    is_plain = text.endswith(rest) and not any(sign in rest for sign in "<>")
    if found.end not in (_COMMENT_END, "?>") or not (is_only and is_plain and all(map(str.strip, last))):
        return ()
    return (Edit(len(lines), 1, lines[-1], f"{lines[-1]} {found.end}"),)
