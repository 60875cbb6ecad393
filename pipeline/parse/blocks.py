"""Markdown lines -> lines that Python-Markdown reads as CommonMark would.

Lessons are written for GitHub. Python-Markdown wants an empty line before a list or a table, four
spaces for what belongs to a list item, and fences at the margin; and it reads `\\(`, `_` and `<`
inside formulas as Markdown. One pass over the lines, in linear time, settles all of that: code and
display formulas are put away, lists are indented again, missing empty lines are added.
"""

import re
from typing import TYPE_CHECKING

from pipeline.errors import LessonError
from pipeline.parse.html_blocks import begins_raw_html
from pipeline.parse.line_kinds import (
    EMPTY_HEADING_RE,
    ITEM_RE,
    RULE_RE,
    UNDERLINE_RE,
    begins_other_block,
    class_of_note,
    expand_indent,
    is_table_head,
    quote_paragraph,
    read_directive,
    read_quotation,
    starts_block,
)
from pipeline.parse.put_away import FOREIGN, NOTHING, Level
from pipeline.parse.tag_lines import ATTRIBUTES_RE, TagScanner
from pipeline.patterns import lazy_pattern

if TYPE_CHECKING:
    from pipeline.parse.rewrites import Rewriter

MAX_QUOTE_DEPTH = 50
"""The same for quotations."""

_DEFINITION_RE = lazy_pattern(r"\[[^\]]+\]:")
_ADMONITION_RE = lazy_pattern(r'(?:(?:!!!|\?{3}\+?) ?[\w\-]+(?: +[\w\-]+)*(?: +".*?")?|===[!+]* +".*?") *$')
_MDX_ID_RE = lazy_pattern(r"(?<!\\)\{/\*[ ]*#?([\w-]+)[ ]*\*/\}(?=[ ]*$)")
_OBJECT_RE = lazy_pattern(r"::: [A-Za-z_]\w*(?:\.\w+)+[ ]*$")
_LABEL_RE = lazy_pattern(r"\(([\w:.-]+)\)=[ \t]*$")
_HEADING_NOISE_RE = lazy_pattern(r"[ ]*\{(?:-|docsify-[a-z-]+)\}[ ]*$")
_CAPTION_RE = lazy_pattern(r":[ ]++([^{}]*+)(?:\{#[^{}]*+\}[ ]*+)?$")
_HIDDEN_SIGNS = frozenset(("\\ne", "\\pa", "\\cl", "\\bi", "\\me", "\\sm", "<--", "<>", "</>", "<<<", "@[c", "+++"))
"""What a line begins with that may have nothing to show."""
_BLOCK_SIGNS = ("`", "~", "$", "\\")
_MODULE_WORDS = ("import ", "export ")


class BlockScanner(TagScanner):
    """One lesson's pass, line by line; a quotation in it is passed over by a scanner of its own."""

    _quotes = 0
    """In so many quotations it is."""
    _examples = 0
    """Numbered so far, of those that have their numbers through the whole lesson."""
    _rewriter: "tuple[list[str], Rewriter] | None" = None
    """What finds blocks of other dialects in these lines."""

    def scan(self, lines: list[str]) -> list[str]:
        """The lines as Python-Markdown wants them."""
        number = 0
        end = len(lines)
        output = self._output
        while number < end:
            line = lines[number]
            if line[:1].isalpha() and not (self._levels or self._in_table or "|" in line or "\t" in line):
                # Half of all lines are this: prose outside of lists.
                if not self._in_paragraph:
                    if line.startswith(_MODULE_WORDS) and (used := self._scan_module(lines, number)):
                        number += used
                        continue
                    self._begin_paragraph("")
                output.append(line)
                self._in_paragraph, self._after_blank, self._loose_text = True, False, False
                number += 1
                continue
            if line[:1] == "|" and self._in_table and not self._levels:
                output.append(line)  # and many of the others are this
                number += 1
                continue
            if not line or line.isspace():
                output.append("")
                self._in_paragraph, self._after_blank, self._in_table = False, True, False
                number += 1
                continue
            if "\t" in line:
                line = expand_indent(line)
            text = line.lstrip(" ")
            column = len(line) - len(text)
            number += self.scan_block(lines, number, column, text) or self._scan_line(lines, number, column, text)
        return output

    def _begin_paragraph(self, opening: str) -> None:
        self._paragraph, self._opening = len(self._output), opening

    def _scan_line(self, lines: list[str], number: int, column: int, text: str) -> int:
        """Anything but a block that is put away as it is; how many lines it has."""
        if (text[:3] in _HIDDEN_SIGNS or text[:2] == "%%") and (used := self._scan_hidden(lines, number, column, text)):
            return used
        if text[0] in "{<" and not self._is_indented(column) and (used := self._scan_tags(lines, number, column, text)):
            return used
        if text[0] == "(" and self._after_blank and (label := _LABEL_RE.match(text)):
            self._put_block(column, f'<a id="{label[1]}"></a>')
            return 1
        if text[0] == "{" and (used := self._scan_attributes(lines, number, column, text)):
            return used
        if text[:3] == "[[_" and text.rstrip() == "[[_TOC_]]":
            text = "[TOC]"
        if text[:3] in ("!> ", "?> ") and self._after_blank:  # as Docsify has it
            self._alert = number, "[!important]" if text[0] == "!" else "[!tip]"
            quote_paragraph(lines, number + 1, column)
            return self._scan_quotation(lines, number, column, text[1:])
        if text[0] in "+|:>%" and begins_other_block(text) and not self._is_indented(column):
            text = self._rewrite_block(lines, number, text)
            if not text:
                self._end_block(column)
                return 1
        if text[:4] == "(@) " and (not self._in_paragraph or (self._levels and self._examples)):  # as Pandoc has it
            self._examples += 1
            text = f"{self._examples}. {text[4:]}"
        text = self._without_component(text) or " "
        if text[0] == "#" and EMPTY_HEADING_RE.match(text) and not self._is_indented(column):
            self._end_block(column)
            return 1
        if text[:4] == "::: " and _OBJECT_RE.match(text):
            return self._put_object(lines, number, column, text)
        if text[0] in ":/" and self._scan_directive(lines, number, column, text):
            return 1
        if text[0] == ">" and not self._is_indented(column):
            return self._scan_quotation(lines, number, column, text)
        underlines = self._in_paragraph and text[0] in "-=" and UNDERLINE_RE.match(text) is not None
        if underlines and not self._is_indented(column) and self._underline(column, text):
            return 1
        item = None
        if (text[0] in "-*+" or text[0].isdecimal()) and not RULE_RE.match(text):
            item = ITEM_RE.match(text)
        if item and (column < 4 or self._levels) and not (self._in_paragraph and not self._interrupts(item, column)):
            return self._scan_item(lines, number, column, text, item)
        self._scan_text(number, column, text, lines[number + 1] if number + 1 < len(lines) else "")
        self._after_blank = False
        return 1

    def _rewrite_block(self, lines: list[str], number: int, text: str) -> str:
        """Put lines that mean the same in the place of those of another dialect; the text of the first."""
        if not (self._after_blank or text[:3] == ":::"):
            return text
        if self._rewriter is None or self._rewriter[0] is not lines:
            from pipeline.parse.rewrites import Rewriter  # few lessons have any

            self._rewriter = lines, Rewriter(lines)
        shown = self._rewriter[1].rewrite(number, text)
        lines[number : number + len(shown)] = shown
        if shown == [""]:
            self._tell_once(FOREIGN)
        if shown and self._last_closing >= 0:  # the last line may be one now
            self._last_closing = max(self._last_closing, number + len(shown) - 1)
        return lines[number].strip() if shown else text

    def _scan_quotation(self, lines: list[str], number: int, column: int, text: str) -> int:
        if self._quotes == MAX_QUOTE_DEPTH:
            message = f"quotes nested more than {MAX_QUOTE_DEPTH} deep"
            raise LessonError(message, line=self._first_line + number, hint="take out some of the `>`")
        self._leave_levels(column)
        quoted = read_quotation(lines, number, text, self._levels[-1].text if self._levels else 0)
        used, opening = len(quoted), self._alert_above(lines, number, number + len(quoted))
        if opening[-1:] == " ":  # its first paragraph is its title
            end = next((at for at, line in enumerate(quoted) if not line.strip()), used)
            quoted = [opening + " ".join(quoted[:end]), *quoted[end:]]
        elif opening:
            quoted = [opening, *quoted]
        inner = BlockScanner(self._store, self._known, drops_components=self._drops_components)
        inner.diagnostics, inner.pieces = self.diagnostics, self.pieces
        inner._quotes, inner._outer_lists = self._quotes + 1, self._outer_lists + len(self._levels)
        inner._first_line = self._first_line + number - (len(quoted) > used)
        shown = inner.scan(quoted)
        while len(shown) > 1 and not shown[-1]:
            shown.pop()
        if not self._after_blank:
            self._output.append("")
        mark = " " * 4 * len(self._levels) + ">"
        self._output += [f"{mark} {line}" if line else mark for line in shown]
        self._output.append("")
        self._in_paragraph, self._in_table, self._after_blank = False, False, True
        return used

    def _alert_above(self, lines: list[str], start: int, end: int) -> str:
        """The line that makes a note of the quotation in these lines: it has attributes above it, as Just the Docs has
        them, or below it, as other themes of Jekyll; `""` if there are none."""
        if self._alert[0] == start:
            return self._alert[1]
        below = lines[end].strip() if end < len(lines) else ""
        kind = class_of_note(below) if below[:1] == "{" and ATTRIBUTES_RE.match(below) else ""
        return f"[!{kind}]" if kind else ""

    def _interrupts(self, item: re.Match[str], column: int) -> bool:
        """Whether an item may stand right below the text of a paragraph."""
        if self._levels and self._levels[-1].sign and column < self._levels[-1].text:
            return True
        # Only a list that starts with a bullet or 1 may interrupt a paragraph (CommonMark
        # 5.3): a line that happens to begin with `2024.` is prose.
        return item["space"] is not None and (item["marker"][-1] not in ".)" or item["marker"][:-1] == "1")

    def _underline(self, column: int, text: str) -> bool:
        """A line of `=` or `-` below a paragraph makes a heading of it, however many lines it has."""
        if column < (self._levels[-1].text if self._levels else 0):
            if text[0] == "=":  # it is text: a rule has `-`
                self._output.append(f"\\{text}")
            return text[0] == "="
        start = self._paragraph
        while start < len(self._output) and _DEFINITION_RE.match(self._output[start].strip()):
            start += 1  # is no text
        words = [
            line[len(self._opening) if not place else 0 :].strip() for place, line in enumerate(self._output[start:])
        ]
        del self._output[start:]
        self._in_paragraph, self._after_blank = False, True
        if start > self._paragraph:
            self._output.append("")
        if words:
            sign = "#" if text[0] == "=" else "##"
            indent = self._opening or " " * 4 * len(self._levels)
            self._output += [f"{indent}{sign} {' '.join(words)} {sign}", ""]
        return bool(words)

    def _scan_directive(self, lines: list[str], number: int, column: int, text: str) -> bool:
        """`:::note Title`, and the `:::` that closes it, as an admonition."""
        found = self._read_note(lines, number, text)
        if not found:
            return False
        if found[0] and (text[0] == "/" or "{" in text):
            self._begin_directive(lines, number, column, *found)
        elif found[0]:
            self._begin_note(number, column, *found)
        else:
            self._end_note(lines, number + 1)
        return True

    def _read_note(self, lines: list[str], number: int, text: str) -> tuple[str, str] | None:
        """The kind and the title of the note that a line begins; no kind where it ends one."""
        found = read_directive(text)
        if not found or not found[0]:
            return None if all(level.closed for level in self._levels) else found
        if self._last_closing < 0:
            closings = (n for n, line in enumerate(lines) if line[-3:] in (":::", "///") and not line.strip(" :/"))
            self._last_closing = max(closings, default=0)
        return found if number < self._last_closing else None

    def _scan_item(self, lines: list[str], number: int, column: int, text: str, item: re.Match[str]) -> int:
        marker = item["marker"]
        sibling = sign = marker[-1]
        opens_list = not self._levels or not self._levels[-1].sign
        while self._levels and column < self._levels[-1].text:
            sibling = self._levels.pop().sign
            opens_list = False
        if self._tight == len(self._output) and not opens_list:
            self._output.pop()
            self._after_blank = False
            self._tight = -1
        ended = self._in_table or self._loose_text
        if (opens_list and self._in_paragraph) or sibling != sign or (ended and not self._after_blank):
            self._output.append("")
            self._after_blank = True
        depth = len(self._levels)
        if sibling != sign and sibling and (sibling in ".)") == (sign in ".)"):
            self._output += [" " * 4 * depth + self._store(NOTHING), ""]  # another list
        if self._after_blank:
            self._block_depth = depth
        elif depth < self._block_depth:
            # A block that begins inside an item is all inside it, whatever else its lines say.
            self._output.append("")
            self._block_depth = depth
        space = len(item["space"] or " ")
        width = len(item["marker"]) + (space if space <= 4 else 1)
        self._open_level(Level(column + width, sign), number)
        rest = text[item.end() :]
        begins_tags = rest[:1] in ("{", "<") and self._begins_tags(lines, number, rest)
        if not begins_tags:
            rest = self._without_component(rest)
        self._loose_text = self._in_table = self._after_blank = False
        self._marker = f"{' ' * 4 * depth}{marker.replace(')', '.')} "
        begins_block = rest[:1] in _BLOCK_SIGNS or (rest[:1] == "<" and rest[:2] != "<!" and begins_raw_html(rest))
        if begins_block and (used := self.scan_block(lines, number, column + width, rest)):
            self._marker = ""
            return used
        opening, self._marker = self._marker, ""
        following = lines[number + 1].strip() if number + 1 < len(lines) else ""
        begins_another = (
            rest[:1] == ">"
            or (ITEM_RE.match(rest) is not None and not RULE_RE.match(rest))
            or (rest[:1] == "#" and EMPTY_HEADING_RE.match(rest) is not None)
            # With a bar before it the library knows what the marker is of.
            or (rest[:1] != "|" and is_table_head(rest, following))
            or (rest[:3] == ":::" and (self._read_note(lines, number, rest) or ("",))[0] != "")
            or begins_tags
        )
        self._begin_paragraph(opening)
        self._output.append(opening + (self._store(NOTHING) if begins_another else rest or self._store(NOTHING)))
        self._in_paragraph = rest != "" and not (begins_another or starts_block(rest))
        if not rest and not following:  # with an empty line an empty item ends
            self._levels.pop()
        if not begins_another:
            return 1
        column += width
        return self.scan_block(lines, number, column, rest) or self._scan_line(lines, number, column, rest)

    def _is_below_table(self) -> bool:
        """Whether the last block of the output is a table."""
        at = len(self._output) - 1
        while at > 0 and not self._output[at]:
            at -= 1
        while at > 0 and self._output[at - 1]:
            at -= 1
        return 0 <= at == self._table

    def _scan_text(self, number: int, column: int, text: str, following: str) -> None:
        while self._levels and not self._levels[-1].sign and column < self._levels[-1].text:
            self._levels.pop()
        indented = self._is_indented(column)
        begins = not indented and starts_block(text)
        if self._in_table and not self._after_blank:
            outside = bool(self._levels) and column < self._levels[-1].text
            if outside or (begins and text[0] != "|"):
                self._output.append("")
                self._after_blank, self._in_table = True, False
        goes_on = self._in_paragraph and not begins  # also where it is indented less than its item
        if self._levels and not goes_on and (self._after_blank or self._belongs_to_item(column)):
            self._leave_levels(column)
            if begins and text[0] != "|" and not self._after_blank:
                self._output.append("")
                self._block_depth = len(self._levels)
        elif self._levels and not goes_on:
            depth = len(self._levels)
            self._leave_levels(column)
            if len(self._levels) < depth or (begins and text[0] != "|"):  # else it goes on with a table, or with code
                self._output.append("")
        self._loose_text = bool(self._levels) and (self._after_blank or self._loose_text)
        if self._after_blank:
            self._block_depth = 0
        heading = begins and text[0] == "#"
        indent = 0 if heading and column < 4 else column
        if self._levels:
            extra = column - self._levels[-1].base(column)
            indent = 4 * len(self._levels) + (extra if extra >= 4 else 0)
        table = is_table_head(text, following)
        if table and not (self._in_table or self._after_blank):
            self._output.append("")
        if goes_on and self._levels and text[0].isdecimal() and (item := ITEM_RE.match(text)):
            number_end = item.end("marker") - 1  # the library would begin a list with it
            text = f"{text[:number_end]}\\{text[number_end:]}"
        if begins and text[0] in "-*_":
            text = "***"  # the library wants at most two spaces between the signs of a rule
        if heading and "}" in text:
            text = _HEADING_NOISE_RE.sub("", _MDX_ID_RE.sub(r"{#\1}", text))
        if text[:2] == ": " and self._after_blank and self._is_below_table():
            text = _CAPTION_RE.sub(r"\1", text)
        if not self._in_paragraph:
            self._begin_paragraph("")
        if table:
            self._in_table, self._table = True, len(self._output)
        bar = " |" if self._in_table and "|" not in text else ""  # GitHub's rows need none
        self._output.append(f"{' ' * indent}{text}{bar}")
        self._in_paragraph = not (self._in_table or begins) and (self._in_paragraph or not indented)
        if text[:1] in ("!", "?", "=") and _ADMONITION_RE.match(text):
            self._open_level(Level(column + 4, ""), number)
            self._in_paragraph = False
