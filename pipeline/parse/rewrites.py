"""Lines of another dialect -> as many lines that mean the same in this one.

Grid tables and line blocks of Pandoc, quotations of GitLab between `>>>`, components of Nuxt (`::tip`), comments of
MyST (`% a`), and what Microsoft Learn writes between `:::` in one line. Prose that only looks like one stays.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property

from pipeline.parse.foreign import read_tag
from pipeline.parse.line_kinds import ITEM_RE, PARTS_OF_LEARN, starts_block
from pipeline.parse.myst import read_directive_fence
from pipeline.parse.tag_meanings import NOTE_KINDS
from pipeline.patterns import lazy_pattern

_BORDER_RE = lazy_pattern(r"\+(?::?[-=]+:?\+){2,}$")
_OPENING_RE = lazy_pattern(r"::(?P<name>[a-z][\w-]*)(?:\{(?P<said>[^{}]*)\})?$")
_DIRECTIVE_RE = lazy_pattern(r"[ ]*(?:`{3,}|~{3,}|:{3,})(\{[a-z].*)")
_PART_RE = lazy_pattern(
    r":::(?P<name>image|row|column|zone|moniker|code|video)(?P<end>-end)?(?P<said>(?![\w-]).*?)(?<!:):::$"
)
_ZONE_RE = lazy_pattern(rf":::[ ]?(?:{'|'.join(PARTS_OF_LEARN)})(?:-end|[ ][a-z]+=.*)$")
_SLOT_RE = lazy_pattern(r"#[a-z][\w-]*$")
"""A part of a component: no heading, for that has a space."""


class Rewriter:
    """One text, in which such blocks are looked for."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def rewrite(self, start: int, text: str) -> list[str]:
        """The lines that stand for a block that begins with line `start`, whose text is `text`; none if none does.

        >>> Rewriter(["+--+--+", "|a | b|", "+--+--+"]).rewrite(0, "+--+--+")
        ['|  |  |', '|---|---|', '| a | b |']
        >>> Rewriter(["| a", "|  b"]).rewrite(0, "| a"), Rewriter(["| a", "| b | c"]).rewrite(0, "| a")
        (['a\\\\', '&nbsp;b'], [])
        >>> Rewriter([">>>", "a", ">>>"]).rewrite(0, ">>>"), Rewriter([">>>", "> a", ">>>"]).rewrite(0, ">>>")
        (['', '> a', ''], [])
        >>> Rewriter(["::tip", "a", "::"]).rewrite(0, "::tip"), Rewriter(["::tip", "a"]).rewrite(0, "::tip")
        (['::: tip', 'a', ':::'], [])
        >>> Rewriter([""]).rewrite(0, ':::image type="icon" source="a.png" alt-text="A":::')
        ['![A](<a.png>)']
        """
        column = len(self._lines[start]) - len(self._lines[start].lstrip())
        if text[0] == "+":
            return self._grid_table(start, column)
        if text[0] == "|":
            return self._line_block(start, column)
        if text[0] == ">":
            return self._quotation(start, column)
        if text[0] == "%":
            return [""] if self._is_myst else []
        return _part_of_learn(text) if text[:3] == ":::" else self._component(start, column, text)

    def _block(self, start: int, column: int) -> list[str]:
        """The lines up to an empty one, without their indentation."""
        following = map(self._lines.__getitem__, range(start, len(self._lines)))
        return [line[column:].rstrip() for line in itertools.takewhile(str.strip, following)]

    def _grid_table(self, start: int, column: int) -> list[str]:
        """A table as Pandoc draws it. One with a cell over several columns or rows stays as it is."""
        drawn = self._block(start, column)
        if len(drawn) < 3 or not (_BORDER_RE.match(drawn[0]) and _BORDER_RE.match(drawn[-1])):
            return []
        edges = [at for at, sign in enumerate(drawn[0]) if sign == "+"]
        empty = [""] * (len(edges) - 1)
        rows, head = [empty], 0
        for line in drawn[1:]:
            if _BORDER_RE.match(line) and [at for at, sign in enumerate(line) if sign == "+"] == edges:
                head = len(rows) if "=" in line and not head else head
                rows.append(empty)
                continue
            if len(line) != edges[-1] + 1 or any(line[at] != "|" for at in edges):
                return []
            cells = (line[left + 1 : right].strip() for left, right in itertools.pairwise(edges))
            rows[-1] = [" ".join(filter(None, pair)) for pair in zip(rows[-1], cells)]
        bodies = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows[:-1]]
        top = bodies.pop(0) if head == 1 else "|" + "  |" * len(empty)
        shown = [" " * column + line for line in (top, "|---" * len(empty) + "|", *bodies)]
        return shown + [""] * (len(drawn) - len(shown))

    def _line_block(self, start: int, column: int) -> list[str]:
        """Lines that stay lines, with their indentation, such as those of a poem or an address."""
        drawn = self._block(start, column)
        if len(drawn) < 2 or any(line[:2] not in ("| ", "|") or line.count("|") > 1 for line in drawn):
            return []
        shown = []
        for line in drawn:
            words = line[2:].lstrip()
            item = ITEM_RE.match(words)
            if words and (item or starts_block(words)):
                at = item.end("marker") - 1 if item else 0
                words = f"{words[:at]}\\{words[at:]}"
            shown.append(" " * column + "&nbsp;" * (len(line[2:]) - len(line[2:].lstrip())) + (words or "&nbsp;"))
        return [*(f"{line}\\" for line in shown[:-1]), shown[-1]]

    def _quotation(self, start: int, column: int) -> list[str]:
        """A quotation as GitLab has it, between two lines of `>>>`."""
        for number in range(start + 1, len(self._lines)):
            line = self._lines[number].strip()
            if line == ">>>":
                inner = self._lines[start + 1 : number]
                return ["", *(f"{' ' * column}> {each[column:]}" for each in inner), ""]
            if line[:1] == ">":
                break
        return []

    def _component(self, start: int, column: int, text: str) -> list[str]:
        """A component of Nuxt between `::alert{type="warning"}` and `::`, as the container that it is here."""
        opening, end = _OPENING_RE.match(text.rstrip()), self._ends.get(start, -1)
        if opening is None or end < 0:
            return []
        tag = read_tag(f"{opening['name']} {opening['said'] or ''}")
        values = tag.values() if tag else {}
        kind = values.get("type", "note") if opening["name"] in ("alert", "callout") else opening["name"]
        first = f"::: {kind if kind in NOTE_KINDS else 'container'} {values.get('title', '')}".rstrip()
        inner = ["" if _SLOT_RE.match(line.strip()) else line for line in self._lines[start + 1 : end]]
        return [" " * column + first, *inner, " " * column + ":::"]

    @cached_property
    def _is_myst(self) -> bool:
        """Whether it has directives: then a line that begins with `% ` is a comment, else it may be prose."""
        found = (_DIRECTIVE_RE.match(line) for line in self._lines)
        return any(line is not None and read_directive_fence(line[1]) is not None for line in found)

    @cached_property
    def _ends(self) -> dict[int, int]:
        """The line of each `::name` -> that of its `::`."""
        found, opened = dict[int, int](), list[int]()
        for number, line in enumerate(map(str.strip, self._lines)):
            if line == "::" and opened:
                found[opened.pop()] = number
            elif line[:2] == "::" and _OPENING_RE.match(line):
                opened.append(number)
        return found


def _part_of_learn(text: str) -> list[str]:
    """`:::image source="a.png" alt-text="A":::`; what arranges the text of other parts shows nothing."""
    found = _PART_RE.match(text.rstrip())
    if not found:
        return [""] if _ZONE_RE.match(text.rstrip()) else []
    tag = read_tag(f"{found['name']} {found['said']}")
    values = tag.values() if tag else {}
    if found["end"] or not (source := values.get("source")):
        return [""]
    words = values.get("alt-text", "")
    return [f"![{words}](<{source}>)" if found["name"] == "image" else f"[{words or source}](<{source}>)"]
