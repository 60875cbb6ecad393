"""a lesson -> the blocks of code whose end is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.checks.languages import known_languages
from pipeline.checks.view import LessonView, shortened, told_at
from pipeline.errors import Diagnostic
from pipeline.parse.code import read_fence_info
from pipeline.parse.verbatim import OpenFence, find_fences
from pipeline.values import TextPlace

_ABOUT_MARKDOWN = frozenset("md markdown mdx rst rest text txt tex latex html jinja django liquid".split())
"""Code in these may show fences."""


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
