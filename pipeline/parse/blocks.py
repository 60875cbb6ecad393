"""Markdown lines -> lines that Python-Markdown reads as CommonMark would.

Lessons are written for GitHub. Python-Markdown wants an empty line before a list or a table, four
spaces for what belongs to a list item, and fences at the margin; and it reads `\\(`, `_` and `<`
inside formulas as Markdown. One pass over the lines, in linear time, settles all of that: code and
display formulas are put away, lists are indented again, missing empty lines are added.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from markupsafe import escape

from pipeline.errors import Diagnostic, LessonError
from pipeline.parse.code import read_fence_info, show_code
from pipeline.parse.doubts import without_marks
from pipeline.parse.html_blocks import html_block_length
from pipeline.parse.inline import is_formula
from pipeline.parse.pieces import PIECE, Piece, find_piece, piece_key
from pipeline.patterns import lazy_pattern

MAX_LIST_DEPTH = 30
"""Python-Markdown calls itself for each level of a list; at about 90 Python stops it, sooner if it
is itself called from deep within: below this limit the outcome never depends on that."""

_PREFIX_RE = lazy_pattern(r"(?:[ ]{0,3}>[ ]?)*")
_FENCE_RE = lazy_pattern(r"(?P<fence>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*)$")
_ITEM_RE = lazy_pattern(r"(?P<marker>[-*+]|\d{1,9}[.)])(?P<space>[ ]+)(?=\S)")
_RULE_RE = lazy_pattern(r"(?:(?:-[ ]*){3,}|(?:\*[ ]*){3,}|(?:_[ ]*){3,})$")
_RULER_RE = lazy_pattern(r"\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-*:?[ ]*)*$")
_CODE_END_RE = lazy_pattern(r"#{2,6}[ ]|<!--[ ]|-{3,}$")
# A line such as `|x|-|y|` is TeX; only the ruler below its head makes a table.
_NO_TEX_RE = lazy_pattern(r"#{1,6}[ ]|-{3,}[ ]*$|`{3}|~{3}|[ ]{0,3}\|[ ]*:?-{2,}[-:| ]*$")
_ADMONITION_RE = lazy_pattern(r'(?:!!!|\?{3}\+?) ?[\w\-]+(?: +[\w\-]+)*(?: +".*?")? *$')
_MATH_FENCES = {"$$": "$$", "\\[": "\\]"}


class _Level(NamedTuple):
    """A list item or an admonition that is open."""

    text: int
    """The column where its text begins."""
    ordered: bool | None
    """None for an admonition."""


class BlockScanner:
    """One lesson's pass; `store` keeps a piece of HTML and returns the text that stands for it, `known` has finished
    pieces by their keys."""

    def __init__(self, store: Callable[[str], str], known: Mapping[str, str] = {}) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.pieces: list[Piece] = []
        """The blocks of code; their numbers stand in what is stored."""
        self._known = known
        self._store = store
        self._output: list[str] = []
        self._levels: list[_Level] = []
        self._after_blank = True
        self._in_paragraph = False
        self._loose_text = False
        self._block_depth = 0

    def scan(self, lines: list[str]) -> list[str]:
        """The lines as Python-Markdown wants them."""
        number = 0
        end = len(lines)
        output = self._output
        while number < end:
            line = lines[number]
            if line[:1].isalpha() and not self._levels and "|" not in line and "\t" not in line:
                # Half of all lines are this: prose outside of lists.
                output.append(line)
                self._in_paragraph, self._after_blank, self._loose_text = True, False, False
                number += 1
                continue
            if not line:
                output.append("")
                self._in_paragraph, self._after_blank = False, True
                number += 1
                continue
            if len(self._levels) > MAX_LIST_DEPTH:
                raise LessonError(f"lists nested more than {MAX_LIST_DEPTH} deep", line=number, hint="flatten them")
            quote = self._quote_of(line) if ">" in line else ""
            line = line[len(quote) :].expandtabs(4)
            text = line.lstrip(" ")
            column = len(line) - len(text)
            used = 0
            if text[:1] in ("`", "~"):
                used = self._scan_fence(lines, number, quote, column, text)
            elif text[:2] in _MATH_FENCES:
                used = self._scan_math(lines, number, quote, column, text)
            elif text[:1] == "<" and column < 4 and not quote:
                used = self._scan_html(lines, number, column, text)
            if not used:
                following = lines[number + 1] if number + 1 < end else ""
                self._scan_line(quote, column, text, following)
                used = 1
            number += used
        return output

    def _quote_of(self, line: str) -> str:
        """The `>` marks a line begins with; those of a quote inside a list item are its text."""
        column = len(line) - len(line.lstrip(" "))
        if self._levels and column and column >= self._levels[0].text:
            return ""
        prefix = _PREFIX_RE.match(line)
        return prefix.group() if prefix else ""

    # --- code, formulas and raw HTML, put away whole ---

    def _scan_html(self, lines: list[str], number: int, column: int, text: str) -> int:
        used = html_block_length(lines, number, text)
        if used:
            self._put_block("", column, "\n".join([text, *lines[number + 1 : number + used]]))
        return used

    def _scan_fence(self, lines: list[str], number: int, quote: str, column: int, text: str) -> int:
        opening = _FENCE_RE.match(text)
        if not opening or (column >= 4 and not self._belongs_to_item(column)):
            return 0
        fence = opening["fence"]
        closing_re = re.compile(rf"[ ]*{re.escape(fence[0])}{{{len(fence)},}}[ ]*$")
        end = number + 1
        while end < len(lines):
            inner = _without_quote(lines[end], quote)
            if inner is None or closing_re.match(inner.expandtabs(4)):
                break
            end += 1
        closed = end < len(lines) and _without_quote(lines[end], quote) is not None
        if not closed and not quote:
            end = _end_of_unclosed(lines, number)
        if not closed:
            self.diagnostics.append(
                Diagnostic(
                    f"code fence {fence} is never closed",
                    line=number + 1,
                    hint=f"the code was taken to end before line {end + 1}; close it with {fence}",
                )
            )
        if not closed:
            while end > number + 1 and not lines[end - 1].strip():
                end -= 1
        code = [_dedent(_without_quote(line, quote) or "", column) for line in lines[number + 1 : end]]
        info = read_fence_info(without_marks(opening["info"]))
        text = "\n".join(code) + "\n" if code else ""
        if info.language == "math":
            self._put_formula(quote, column, text.strip())
        else:
            self._put_block(quote, column, f"<pre>{PIECE}{len(self.pieces)}{PIECE}</pre>")
            # Without a language it has no colours.
            key = piece_key("code", text, *info) if info.language else ""
            self.pieces.append(find_piece(self._known, key) or Piece(show_code(text, info), key))
        return end - number + (1 if closed else 0)

    def _scan_math(self, lines: list[str], number: int, quote: str, column: int, text: str) -> int:
        opening = text[:2]
        closing = _MATH_FENCES[opening]
        tex: list[str] = []
        rest = text[2:].rstrip()
        if column >= 4 and not self._belongs_to_item(column):
            return 0
        for end in range(number, len(lines)):
            if end > number:
                inner = _without_quote(lines[end], quote)
                if inner is None or not inner.strip() or _NO_TEX_RE.match(inner):
                    if text.strip() == opening:
                        self._tell_unclosed_formula(number, opening)
                    return 0
                rest = inner.strip()
            if closing in rest:
                last, after = rest.split(closing, 1)
                if after.strip(" .,;"):
                    return 0
                tex.append(last + after.strip())
                break
            tex.append(rest)
        else:
            return 0
        if opening == "\\[" and text.strip() != opening and not is_formula("\n".join(tex), brackets=True):
            return 0
        formula = "\n".join(line for line in tex if line.strip()).strip()
        self._put_formula(quote, column, formula)
        return end - number + 1

    def _put_formula(self, quote: str, column: int, tex: str) -> None:
        if self._in_paragraph and self._levels and self._levels[-1].ordered is not None:
            # To GitHub it is text: right below the words of an item it goes on with them, at any column.
            column = max(column, self._levels[-1].text)
        self._put_block(quote, column, f'<div class="math display">{escape(tex)}</div>')

    def _tell_unclosed_formula(self, number: int, opening: str) -> None:
        self.diagnostics.append(
            Diagnostic(
                f"formula {opening} is not closed before the next empty line, heading or rule",
                line=number + 1,
                hint="close it, or take this line out if it closes a formula that is broken",
            )
        )

    def _put_block(self, quote: str, column: int, html: str) -> None:
        self._leave_levels(column)
        if not self._after_blank:
            self._output.append(quote.rstrip())
        indent = 4 * len(self._levels)
        self._output.append(f"{quote}{' ' * indent}{self._store(html)}")
        self._output.append(quote.rstrip())
        self._after_blank = True
        self._in_paragraph = False

    # --- everything else, line by line ---

    def _scan_line(self, quote: str, column: int, text: str, following: str) -> None:
        if not text:
            self._output.append(quote.rstrip())
            self._after_blank = True
            self._in_paragraph = False
            return
        item = None
        if (text[0] in "-*+" or text[0].isdecimal()) and not _RULE_RE.match(text):
            item = _ITEM_RE.match(text)
        if item and (column < 4 or self._levels):
            self._scan_item(quote, column, text, item)
        else:
            self._scan_text(quote, column, text, following)
        self._after_blank = False

    def _scan_item(self, quote: str, column: int, text: str, item: re.Match[str]) -> None:
        marker = item["marker"]
        ordered = marker[-1] in ".)"
        sibling_ordered: bool | None = ordered
        opens_list = not self._levels or self._levels[-1].ordered is None
        while self._levels and column < self._levels[-1].text:
            sibling_ordered = self._levels.pop().ordered
            opens_list = False
        if opens_list and self._in_paragraph:
            # Only a list that starts with a bullet or 1 may interrupt a paragraph (CommonMark
            # 5.3): a line that happens to begin with `2024.` is prose.
            if ordered and marker[:-1] != "1":
                self._output.append(f"{quote}{' ' * column}{text}")
                return
            self._output.append(quote.rstrip())
        elif sibling_ordered != ordered or (self._loose_text and not self._after_blank):
            self._output.append(quote.rstrip())
        depth = len(self._levels)
        if self._after_blank:
            self._block_depth = depth
        elif depth < self._block_depth:
            # A block that begins inside an item is all inside it, whatever else its lines say.
            self._output.append(quote.rstrip())
            self._block_depth = depth
        indent = 4 * depth
        space = len(item["space"])
        width = len(item["marker"]) + (space if space <= 4 else 1)
        self._levels.append(_Level(column + width, ordered))
        marker = marker.replace(")", ".")
        self._output.append(f"{quote}{' ' * indent}{marker} {text[item.end() :]}")
        self._in_paragraph = True
        self._loose_text = False

    def _scan_text(self, quote: str, column: int, text: str, following: str) -> None:
        while self._levels and self._levels[-1].ordered is None and column < self._levels[-1].text:
            self._levels.pop()
        if self._levels and (self._after_blank or self._belongs_to_item(column)):
            self._leave_levels(column)
        elif self._levels and _starts_block(text):
            self._levels.clear()
            self._output.append(quote.rstrip())
        self._loose_text = bool(self._levels) and (self._after_blank or self._loose_text)
        self._block_depth = 0 if self._after_blank else self._block_depth
        indent = column
        if self._levels:
            extra = column - self._levels[-1].text
            indent = 4 * len(self._levels) + (extra if extra >= 4 else 0)
        if text.startswith(">") and self._levels and self._in_paragraph and not self._after_blank:
            self._output.append("")
        self._loose_text = self._loose_text or (bool(self._levels) and text.startswith(">"))
        table = (
            self._in_paragraph
            and "|" in text
            and "-" in following
            and (_RULER_RE.match(following.strip()) and "|" in following)
        )
        if table:
            self._output.append(quote.rstrip())
        self._output.append(f"{quote}{' ' * indent}{text}")
        self._in_paragraph = not table and "|" not in text[:1] and not text.startswith("#")
        if text[0] in "!?" and _ADMONITION_RE.match(text):
            self._levels.append(_Level(column + 4, None))
            self._in_paragraph = False

    def _belongs_to_item(self, column: int) -> bool:
        return any(column >= level.text for level in self._levels)

    def _leave_levels(self, column: int) -> None:
        """Close the items whose text begins to the right of `column`."""
        while self._levels and column < self._levels[-1].text:
            self._levels.pop()


def _starts_block(text: str) -> bool:
    return text.startswith(("#", ">", "```", "~~~", "|")) or _RULE_RE.match(text) is not None


def _without_quote(line: str, quote: str) -> str | None:
    """The line without the `>` marks of the block it is in; None when the block has ended."""
    depth = quote.count(">")
    for _ in range(depth):
        stripped = line.lstrip(" ")
        if not stripped.startswith(">"):
            return None
        line = stripped[1:]
        line = line[1:] if line.startswith(" ") else line
    return line


def _dedent(line: str, column: int) -> str:
    """The line without up to `column` leading spaces."""
    if column == 0:
        return line
    line = line.expandtabs(4) if line.startswith("\t") else line
    return line[min(column, len(line) - len(line.lstrip(" "))) :]


def _end_of_unclosed(lines: list[str], start: int) -> int:
    """Where a fence that is never closed most likely ended: before the next heading or rule.

    A `# comment` is Python as well as a heading, so only `##` and deeper count.
    """
    for number in range(start + 2, len(lines)):
        if not lines[number - 1].strip() and _CODE_END_RE.match(lines[number]):
            return number - 1
    return len(lines)
