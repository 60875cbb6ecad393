"""Text with `*`, `_`, `~`, `=` and `^` -> the elements that they mean, paired as CommonMark 6.2 and GitHub do.

    *em* **strong** ~~del~~ ^^ins^^ ==mark== H~2~O x^2^

A sign opens only where a word begins, and closes only where one ends: in `a * b*` none does either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TypeAlias
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, INLINE_PLACEHOLDER_PREFIX, STX

from pipeline.patterns import lazy_pattern

RUN_RE = (
    r"[*_~=^](?:(?<=\*)\**|(?<=_)_*|(?<=~)(?<!~~)~?(?!~)"
    r"|(?<==)(?:(?<![=\w]=)=(?![=\s])|(?<![=\s]=)=(?![=\w]))|(?<=\^)(?<!\^\^)\^?(?!\^))"
)
"""`a == b`, `=====` and `~~~` mean nothing. It begins with a set of characters: others are passed over quickly."""
MOST_NESTED = 20
"""Elements in one another: what a sanitiser does for them grows with the square of it."""
PASSED_OVER = "~\ufdd0\ufdd1"
"""Between a sign and its word: `**~~a~~**`, as GitHub does, and the fences of a doubt."""
_WHOLE_RUN_RE = lazy_pattern(RUN_RE)
_PLAIN_RE = lazy_pattern(r"(\*\*?)([^\s*_~=^](?:[^*_~=^]*[^\s*_~=^])?)\1(?!\*)")
"""Words with no other sign among them: if none stands before them either, there is nothing to pair."""
_SIGN_RE = lazy_pattern(f"{STX}({'|'.join(str(ord(sign)) for sign in '*_~=^')}){ETX}")


# A dataclass would take 0.5 ms to define, at every start.


class _Run:
    """Some of the same sign in a row: `length` of them, of which `left` have found no partner yet."""

    def __init__(self, sign: str, start: int, left: int, length: int, opens: bool, closes: bool) -> None:
        self.sign = sign
        self.start = start
        self.left = left
        self.length = length
        self.opens = opens
        self.closes = closes
        self.place = 0
        """In the list of parts."""


class _Pair:
    """An element, and where it stands in the text."""

    def __init__(self, element: Element, start: int, end: int, depth: int) -> None:
        self.element = element
        self.start = start
        self.end = end
        self.depth = depth


_Part: TypeAlias = str | _Run | _Pair


class EmphasisProcessor(InlineProcessor):
    """All pairs of a text are found at the first of its signs, and given out one after another."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(RUN_RE, md)
        self._waiting: list[_Pair] = []
        self._length = 0
        """Of the text that they were found in."""
        self._given: Element | None = None
        """What was given out last."""
        self._before, self._behind = "", ""
        """Of that, what stands on both sides of the last one given out."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        if not self._goes_on(data):
            start = m.start()
            plain = _PLAIN_RE.match(data, start) if data[start] == "*" else None
            if plain and _stands_alone(data, start, plain.end(), plain[2]):  # nearly all that is found
                self._given = None
                element = Element("strong" if len(plain[1]) == 2 else "em")
                element.text = plain[2]
                return element, start, plain.end()
            self._waiting = [part for part in _pair_signs(data) if isinstance(part, _Pair)][::-1]
            self._length = len(data)
        if not self._waiting:
            return None, m.start(), len(data)
        found = self._waiting.pop()
        # What was given out before is a placeholder now: its distance from the end is what stays.
        shift = len(data) - self._length
        self._before, self._behind = data[: shift + found.start], data[shift + found.end :]
        self._given = found.element
        return found.element, shift + found.start, shift + found.end

    def _goes_on(self, data: str) -> bool:
        """Whether this is the text of the call before, with a placeholder for what was given out. Another text, of
        another lesson, can be alike to the letter: what its placeholder stands for is another element."""
        place, end = len(self._before), len(data) - len(self._behind)
        if self._given is None or not (data.startswith(self._before) and data.endswith(self._behind)):
            return False
        name = data[place:end]
        if not name.startswith(INLINE_PLACEHOLDER_PREFIX) or not name.endswith(ETX):
            return False
        kept: dict[str, Element | str] = self.md.treeprocessors["inline"].stashed_nodes  # type: ignore[attr-defined]
        return kept.get(name[len(INLINE_PLACEHOLDER_PREFIX) : -1]) is self._given


def _stands_alone(data: str, start: int, end: int, words: str) -> bool:
    """Whether the signs around these words open and close: beside punctuation that depends on what is outside."""
    opens = words[0].isalnum() or start == 0 or data[start - 1].isspace()
    return opens and (words[-1].isalnum() or end == len(data) or data[end].isspace())


def plain_text(data: str) -> str:
    """A text without the signs of its emphasis, as it stands in an attribute.

    >>> plain_text("a *b* **c_d** * e")
    'a b c_d * e'
    """
    if not _WHOLE_RUN_RE.search(data):
        return data
    holder = _make_element("p", _pair_signs(data))
    return _SIGN_RE.sub(lambda sign: chr(int(sign[1])), "".join(holder.itertext()))


def _pair_signs(data: str) -> list[_Part]:
    """The parts of a text: what is left of it, and the outermost elements."""
    parts: list[_Part] = []
    openers: list[_Run] = []
    # For each kind of closing run, below how many openers none pairs with it: otherwise the time would be quadratic.
    lowest: dict[tuple[str, int, bool], int] = {}
    end = 0
    for match in _WHOLE_RUN_RE.finditer(data):
        if match.start() > end:
            parts.append(data[end : match.start()])
        end = match.end()
        run = _read_run(data, match.start(), end)
        while run.closes and run.left:
            kind = (run.sign, run.length if run.sign not in "*_" else run.length % 3, run.opens)
            bottom = lowest.get(kind, 0)
            place = next((i for i in range(len(openers) - 1, bottom - 1, -1) if _is_pair(openers[i], run, data)), -1)
            if place < 0:
                lowest[kind] = len(openers)
                break
            opener = openers[place]
            inner = parts[opener.place + 1 :]
            depth = 1 + max((part.depth for part in inner if isinstance(part, _Pair)), default=0)
            if depth > MOST_NESTED:
                lowest[kind] = place + 1  # nor does it go with those below it, which have even more in them
                break
            del openers[place + 1 :], parts[opener.place + 1 :]
            used = min(2, opener.left, run.left) if run.sign in "*_" else run.length
            start = opener.start + opener.left - used
            element = _make_element(_tag_of(opener, used, data[start + used : run.start]), inner)
            opener.left -= used
            run.left -= used
            run.start += used
            parts.append(_Pair(element, start, run.start, depth))
            if not opener.left:
                openers.pop()
            lowest = {kind: min(height, len(openers)) for kind, height in lowest.items()}
        if run.left and run.opens:
            run.place = len(parts)
            openers.append(run)
        if run.left:
            parts.append(run)
    parts.append(data[end:])
    return parts


def _read_run(data: str, start: int, end: int) -> _Run:
    place, sign, length = start, data[start], end - start
    while start and data[start - 1] in PASSED_OVER:
        start -= 1
    before = data[start - 1] if start else " "
    behind = data[end:].lstrip(PASSED_OVER)[:1] or " "
    after_space, before_space = before.isspace(), behind.isspace()
    after_mark, before_mark = _is_mark(before), _is_mark(behind)
    left = not before_space and (not before_mark or after_space or after_mark)
    right = not after_space and (not after_mark or before_space or before_mark)
    opens, closes = left, right
    if sign == "_":
        opens, closes = left and (not right or after_mark), right and (not left or before_mark)
    elif sign == "^" and length == 1:
        opens, closes = not before_space and not after_space, not after_space
    return _Run(sign, place, length, length, opens, closes)


def _is_mark(character: str) -> bool:
    """Whether it is punctuation or a symbol; what has been put away began and ended with one."""
    if character.isascii():
        return not character.isalnum() and not character.isspace()
    return unicodedata.category(character)[0] in "PS"


def _is_pair(opener: _Run, closer: _Run, data: str) -> bool:
    if opener.sign != closer.sign:
        return False
    if opener.sign in "*_":
        # The rule of three: in `**a*b**` the one in the middle pairs with none.
        if (opener.closes or closer.opens) and (opener.length + closer.length) % 3 == 0:
            return opener.length % 3 == 0 and closer.length % 3 == 0
        return True
    if opener.length != closer.length:
        return False
    inner = data[opener.start + opener.length : closer.start]
    return opener.sign != "^" or opener.length == 2 or (inner != "" and not _has_space(inner))


def _has_space(text: str) -> bool:
    return any(map(str.isspace, text))


def _tag_of(opener: _Run, used: int, inner: str) -> str:
    if opener.sign == "~":
        # `H~2~O` is an index, and `~old words~` is taken out, as on GitHub.
        return "sub" if used == 1 and opener.closes and not _has_space(inner) else "del"
    if opener.sign == "^":
        return "sup" if used == 1 else "ins"
    if opener.sign == "=":
        return "mark"
    return "strong" if used == 2 else "em"


def _make_element(tag: str, parts: Iterable[_Part]) -> Element:
    element = Element(tag)
    text, last = "", None
    for part in parts:
        if isinstance(part, _Pair):
            if last is None:
                element.text = text
            else:
                last.tail = text
            element.append(part.element)
            text, last = "", part.element
        elif isinstance(part, str):
            text += part
        else:
            # Looked at again by itself, inside of the element, it might find a partner.
            text += f"{STX}{ord(part.sign)}{ETX}" * part.left
    if last is None:
        element.text = text
    else:
        last.tail = text
    return element
