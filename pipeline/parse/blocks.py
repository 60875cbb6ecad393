"""Markdown lines -> lines that Python-Markdown reads as CommonMark would.

Lessons are written for GitHub. Python-Markdown wants an empty line before a list or a table, four
spaces for what belongs to a list item, and fences at the margin; and it reads `\\(`, `_` and `<`
inside formulas as Markdown. One pass over the lines, in linear time, settles all of that: code and
display formulas are put away, lists are indented again, missing empty lines are added.
"""

import re

from pipeline.errors import LessonError
from pipeline.parse.line_kinds import (
    DIRECTIVE_RE,
    ITEM_RE,
    RULE_RE,
    UNDERLINE_RE,
    expand_indent,
    is_table_head,
    starts_block,
    without_quote,
)
from pipeline.parse.put_away import BlockStore, Level
from pipeline.patterns import lazy_pattern

MAX_LIST_DEPTH = 30
"""Python-Markdown calls itself for each level of a list; at about 90 Python stops it, sooner if it
is itself called from deep within: below this limit the outcome never depends on that."""

_PREFIX_RE = lazy_pattern(r"(?:[ ]{0,3}>[ ]?)*")
_ADMONITION_RE = lazy_pattern(r'(?:(?:!!!|\?{3}\+?) ?[\w\-]+(?: +[\w\-]+)*(?: +".*?")?|===[!+]* +".*?") *$')
_BRACES_RE = lazy_pattern(r"\{[^{}]*\}")
_MDX_ID_RE = lazy_pattern(r"\{/\*[ ]*([\w-]+)[ ]*\*/\}(?=[ ]*$)")
_BLOCK_SIGNS = ("`", "~", "$", "\\")


class BlockScanner(BlockStore):
    """One lesson's pass, line by line."""

    def scan(self, lines: list[str]) -> list[str]:
        """The lines as Python-Markdown wants them."""
        number = 0
        end = len(lines)
        output = self._output
        while number < end:
            line = lines[number]
            if line[:1].isalpha() and not self._levels and "|" not in line and "\t" not in line:
                # Half of all lines are this: prose outside of lists.
                if self._quote_depth and not self._in_paragraph:
                    self._change_quote(0, "")
                if not self._in_paragraph:
                    self._paragraph = len(output)
                output.append(line)
                self._in_paragraph, self._after_blank, self._loose_text = True, False, False
                number += 1
                continue
            if not line or line.isspace():
                if self._quote_depth:
                    self._levels.clear()
                output.append("")
                self._in_paragraph, self._after_blank, self._quote_depth, self._in_table = False, True, 0, False
                number += 1
                continue
            if len(self._levels) > MAX_LIST_DEPTH:
                raise LessonError(f"lists nested more than {MAX_LIST_DEPTH} deep", line=number, hint="flatten them")
            quote = self._quote_of(line) if ">" in line else ""
            line = line[len(quote) :]
            if "\t" in line:
                line = expand_indent(line)
            text = line.lstrip(" ")
            column = len(line) - len(text)
            if quote.count(">") != self._quote_depth:
                self._change_quote(quote.count(">"), text)
            number += self.scan_block(lines, number, quote, column, text) or self._scan_line(
                lines, number, quote, column, text
            )
        return output

    def _change_quote(self, depth: int, text: str) -> None:
        """A quotation begins or ends at this line, unless it goes on with the paragraph in one."""
        if depth < self._quote_depth and self._in_paragraph and not (starts_block(text) or ITEM_RE.match(text)):
            return
        if not self._after_blank:
            self._output.append(">" * min(depth, self._quote_depth))
        self._levels.clear()
        self._in_paragraph, self._in_table, self._after_blank, self._quote_depth = False, False, True, depth

    def _quote_of(self, line: str) -> str:
        """The `>` marks a line begins with; those of a quote inside a list item are its text."""
        column = len(line) - len(line.lstrip(" "))
        if self._levels and (column or not self._levels[0].closed) and column >= self._levels[0].text:
            return ""
        prefix = _PREFIX_RE.match(line)
        return prefix.group() if prefix else ""

    def _scan_line(self, lines: list[str], number: int, quote: str, column: int, text: str) -> int:
        """Anything but a block that is put away as it is; how many lines it has."""
        if not text:
            self._output.append(quote.rstrip())
            self._after_blank = True
            self._in_paragraph = self._in_table = False
            return 1
        if text[0] == ":" and self._scan_directive(lines, number, quote, column, text):
            return 1
        item = None
        if self._in_paragraph and text[0] in "-=" and UNDERLINE_RE.match(text) and self._underline(quote, column, text):
            return 1
        if (text[0] in "-*+" or text[0].isdecimal()) and not RULE_RE.match(text):
            item = ITEM_RE.match(text)
        if item and (column < 4 or self._levels) and not (self._in_paragraph and not self._interrupts(item, column)):
            return self._scan_item(lines, number, quote, column, text, item)
        self._scan_text(quote, column, text, lines[number + 1] if number + 1 < len(lines) else "")
        self._after_blank = False
        return 1

    def _interrupts(self, item: re.Match[str], column: int) -> bool:
        """Whether an item may stand right below the text of a paragraph."""
        if self._levels and self._levels[-1].ordered is not None and column < self._levels[-1].text:
            return True
        # Only a list that starts with a bullet or 1 may interrupt a paragraph (CommonMark
        # 5.3): a line that happens to begin with `2024.` is prose.
        return item["space"] is not None and (item["marker"][-1] not in ".)" or item["marker"][:-1] == "1")

    def _underline(self, quote: str, column: int, text: str) -> bool:
        """A line of `=` or `-` below a paragraph makes a heading of it, however many lines it has."""
        if column < (self._levels[-1].text if self._levels else 0) or (quote.count(">") < self._quote_depth):
            if text[0] == "=":  # it is text: a rule has `-`
                self._output.append(f"{quote}\\{text}")
            return text[0] == "="
        lines = [without_quote(line, quote) or "" for line in self._output[self._paragraph :]]
        if len(lines) > 1 and not ITEM_RE.match(lines[0].strip()):
            indent = quote + " " * 4 * len(self._levels)
            del self._output[self._paragraph :]
            self._output += [quote.rstrip(), indent + " ".join(map(str.strip, lines)), indent + text, quote.rstrip()]
            self._in_paragraph, self._after_blank = False, True
            return True
        return False

    def _scan_directive(self, lines: list[str], number: int, quote: str, column: int, text: str) -> bool:
        """`:::note Title`, and the `:::` that closes it, as an admonition."""
        found = DIRECTIVE_RE.match(text)
        if not found:
            return False
        if found["kind"] is None:
            if all(level.closed for level in self._levels):
                return False
            while self._levels.pop().closed:
                pass
        else:
            if self._last_closing < 0:
                closings = (n for n, line in enumerate(lines) if ":::" in line and not line.strip(" >:"))
                self._last_closing = max(closings, default=0)
            if number >= self._last_closing:
                return False
            self._leave_levels(column)
        if not self._after_blank:
            self._output.append(quote.rstrip())
        if found["kind"] is not None:
            title = _BRACES_RE.sub("", found["title"]).strip(" :[]}").replace('"', "&quot;")
            note = f"!!! {found['kind'].lower()}" + (f' "{title}"' if title else "")
            self._output += [f"{quote}{' ' * 4 * len(self._levels)}{note}", quote.rstrip()]
            self._levels.append(Level(column, None, closed=False))
        self._in_paragraph, self._after_blank = False, True
        return True

    def _scan_item(self, lines: list[str], number: int, quote: str, column: int, text: str, item: re.Match[str]) -> int:
        marker = item["marker"]
        ordered = marker[-1] in ".)"
        sibling_ordered: bool | None = ordered
        opens_list = not self._levels or self._levels[-1].ordered is None
        while self._levels and column < self._levels[-1].text:
            sibling_ordered = self._levels.pop().ordered
            opens_list = False
        if self._tight == len(self._output) and not opens_list:
            self._output.pop()
            self._after_blank = False
        ended = self._in_table or self._loose_text
        if (opens_list and self._in_paragraph) or sibling_ordered != ordered or (ended and not self._after_blank):
            self._output.append(quote.rstrip())
        depth = len(self._levels)
        if self._after_blank:
            self._block_depth = depth
        elif depth < self._block_depth:
            # A block that begins inside an item is all inside it, whatever else its lines say.
            self._output.append(quote.rstrip())
            self._block_depth = depth
        space = len(item["space"] or " ")
        width = len(item["marker"]) + (space if space <= 4 else 1)
        self._levels.append(Level(column + width, ordered))
        rest = text[item.end() :]
        self._loose_text = self._in_table = self._after_blank = False
        self._marker = f"{quote}{' ' * 4 * depth}{marker.replace(')', '.')} "
        used = self.scan_block(lines, number, quote, column + width, rest) if rest[:1] in _BLOCK_SIGNS else 0
        if not used:
            self._paragraph = len(self._output)
            self._output.append(self._marker + (rest or self._store("")))
            self._in_paragraph = bool(rest)
        self._marker = ""
        return used or 1

    def _scan_text(self, quote: str, column: int, text: str, following: str) -> None:
        while self._levels and self._levels[-1].ordered is None and column < self._levels[-1].text:
            self._levels.pop()
        begins = starts_block(text)
        if self._in_table and not self._after_blank:
            outside = bool(self._levels) and column < self._levels[-1].text
            if outside or (begins and text[0] != "|"):
                self._output.append(quote.rstrip())
                self._after_blank, self._in_table = True, False
        if self._levels and (self._after_blank or self._belongs_to_item(column)):
            self._leave_levels(column)
            if begins and text[0] not in "|>" and not self._after_blank:
                self._output.append(quote.rstrip())
                self._block_depth = len(self._levels)
        elif self._levels and begins:
            self._leave_levels(column)
            self._output.append(quote.rstrip())
        self._loose_text = bool(self._levels) and (self._after_blank or self._loose_text)
        if self._after_blank:
            self._block_depth = 0
        heading = begins and text[0] == "#"
        indent = 0 if heading and column < 4 else column
        if self._levels:
            extra = column - self._levels[-1].text
            indent = 4 * len(self._levels) + (extra if extra >= 4 else 0)
        if text.startswith(">") and self._levels and self._in_paragraph and not self._after_blank:
            self._output.append("")
        self._loose_text = self._loose_text or (bool(self._levels) and text.startswith(">"))
        table = is_table_head(text, following)
        if table and self._in_paragraph:
            self._output.append(quote.rstrip())
        if heading and "{/*" in text:
            text = _MDX_ID_RE.sub(r"{#\1}", text)
        if not self._in_paragraph:
            self._paragraph = len(self._output)
        self._output.append(f"{quote}{' ' * indent}{text}")
        self._in_table = table or self._in_table
        self._in_paragraph = not self._in_table and "|" not in text[:1] and not text.startswith("#")
        if text[0] in "!?=" and _ADMONITION_RE.match(text):
            self._levels.append(Level(column + 4, None))
            self._in_paragraph = False
