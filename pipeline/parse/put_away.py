"""Lines of code, of a formula, of raw HTML -> the text that stands for them while the rest is parsed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from markupsafe import escape

from pipeline.errors import IN_LESSONS, Diagnostic, Edit, LessonError
from pipeline.parse.code import FenceInfo, read_fence_info, show_code
from pipeline.parse.doubts import without_marks
from pipeline.parse.html_blocks import ClosingLines, close_html, find_raw_html, is_within
from pipeline.parse.inline import is_formula
from pipeline.parse.line_kinds import (
    COLON_FENCE_RE,
    FENCE_RE,
    admonition_line,
    dedent,
    end_of_unclosed,
    first_column,
    is_lone_tag,
)
from pipeline.parse.pieces import PIECE, Piece, find_piece, piece_key
from pipeline.patterns import lazy_pattern

# A line such as `|x|-|y|` is TeX; only the ruler below its head makes a table.
_NO_TEX_RE = lazy_pattern(r"#{1,6}[ ]|-{3,}[ ]*$|`{3}|~{3}|[ ]{0,3}\|[ ]*:?-{2}[-:| ]*$")
_MATH_FENCES = {"$$": "$$", "\\[": "\\]"}
_LABEL_RE = lazy_pattern(r"[ ]*(?:\([A-Za-z][\w:.-]*\)|\{#[\w:.-]+\})[ ]*$")
"""Of a formula, as MyST and Quarto have it."""
NOTHING = "<!---->"
"""A block, to Python-Markdown: it puts no paragraph around what begins so."""
COMPONENTS = Diagnostic(
    "tags that HTML does not know, each alone on its line, are left out",
    hint="write what they stand for in Markdown",
    path=IN_LESSONS,
    code="html-component",
)
FOREIGN = Diagnostic(
    "tags of another program are left out",
    hint="write what they stand for in Markdown",
    path=IN_LESSONS,
    code="foreign-tag",
)


MAX_LIST_DEPTH = 30
"""Python-Markdown calls itself for each level of a list; at about 90 Python stops it, sooner if it
is itself called from deep within: below this limit the outcome never depends on that."""


class Level(NamedTuple):
    """A list item or an admonition that is open."""

    text: int
    """The column where its text begins."""
    sign: str
    """The last character of an item's marker; `""` for an admonition."""
    closed: bool = True
    """False for a note between `:::` and `:::`, which no indentation ends."""
    inner: int = 0
    """How far the text in it is indented, if that says nothing else: between the tags of a component."""

    def base(self, column: int) -> int:
        """The column that a line at `column` is indented from."""
        return self.inner if self.text < self.inner <= column else self.text


class BlockStore:
    """What one pass over a lesson knows; `store` keeps a piece of HTML and returns the text that stands for it, `known`
    has finished pieces by their keys."""

    _outer_lists = 0
    """And in so many items, those around these quotations."""

    def __init__(
        self, store: Callable[[str], str], known: Mapping[str, str] = {}, *, drops_components: bool = True
    ) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.pieces: list[Piece] = []
        """The blocks of code; their numbers stand in what is stored."""
        self._known = known
        self._drops_components = drops_components
        self._first_line = 1
        """The number of the first line that it is given."""
        self._store = store
        self._output: list[str] = []
        self._levels: list[Level] = []
        self._after_blank = True
        self._in_paragraph = False
        self._loose_text = False
        self._block_depth = 0
        self._paragraph = 0
        """Where in the output the paragraph begins, or the one that ended last."""
        self._opening = ""
        """What stands there before its text: the marker of an item."""
        self._in_table = False
        self._table = -1
        """Where in the output the last one begins."""
        self._marker = ""
        """Of the item that the block begins that is put away next."""
        self._tight = -1
        """Where the output ends behind such a block, for an item that follows at once."""
        self._last_closing = -1
        """The last line that is nothing but `:::`; -1 before it was asked for."""
        self._open: dict[str, int] = {}
        """Signs of fences, and how long the shortest one is that nothing closes from here on, ..."""
        self._open_in: list[str] | None = None
        """... in these lines."""
        self._closings: ClosingLines | None = None
        self._ends = dict[str, int]()
        """Names of tags, and the next line that closes one; -1 if there is none."""
        self._taken = dict[str, int]()
        """Names of tags, and the line behind the last one that was taken to close one."""

    def scan_block(self, lines: list[str], number: int, column: int, text: str) -> int:
        """Put away a block that begins with this line; how many lines it has, 0 if none begins."""
        if text[:1] in ("`", "~") or (text[:3] == ":::" and ("{" in text or text[-7:] == "mermaid")):
            return self._scan_fence(lines, number, column, text)
        if text[:2] in _MATH_FENCES:
            return self._scan_math(lines, number, column, text)
        if text[:1] == "<" and not self._is_indented(column):
            return self._scan_html(lines, number, column, text)
        return 0

    def _scan_html(self, lines: list[str], number: int, column: int, text: str) -> int:
        in_note = bool(self._levels) and not all(level.closed for level in self._levels)
        closings, container = self._closings_of(lines), self._container_of(column) if column else 0
        used, unclosed = find_raw_html(closings, number, text, container, in_note=in_note)
        if unclosed:
            self._tell_unclosed_html(number, unclosed)
        if not used and not self._in_paragraph and is_lone_tag(lines, number, text):
            used, text = 1, NOTHING + text
        if not used:
            return 0
        below = lines[number + 1 : number + used]
        self._put_html(number, column, "\n".join([text, *(dedent(line, column) for line in below)]))
        return used

    def _put_html(self, number: int, column: int, html: str) -> None:
        """Raw HTML, whose first line has this number."""
        if self._drops_components:
            html, loose = close_html(html)
            for line, sign in loose:
                self._tell_unclosed_html(number + line, sign)
        self._put_block(column, html)

    def _closings_of(self, lines: list[str]) -> ClosingLines:
        if self._closings is None or self._closings.lines is not lines:
            self._closings = ClosingLines(lines)
        return self._closings

    def _tell_open(self, number: int, code: str, message: str, hint: str) -> None:
        """Something that begins in a line has no end."""
        self.diagnostics.append(Diagnostic(message, self._first_line + number, hint, code=code))

    def _tell_unclosed_html(self, number: int, sign: str) -> None:
        hint = "close it, or write &lt; for < if it is no HTML"
        self._tell_open(number, "unclosed-html", f"raw HTML {sign} is never closed", hint)

    def _open_level(self, level: Level, number: int) -> None:
        self._levels.append(level)
        if self._outer_lists + len(self._levels) > MAX_LIST_DEPTH:
            message = f"lists nested more than {MAX_LIST_DEPTH} deep"
            raise LessonError(message, line=self._first_line + number, hint="flatten them")

    def _begin_note(self, number: int, column: int, kind: str, title: str, *, inner: int = 0) -> None:
        """A note that `:::` will close."""
        self._leave_levels(column)
        self._put_marker()
        if not self._after_blank:
            self._output.append("")
        self._output += [f"{' ' * 4 * len(self._levels)}{admonition_line(kind, title)}", ""]
        self._open_level(Level(column, "", closed=False, inner=inner), number)
        self._in_paragraph, self._in_table, self._after_blank = False, False, True

    def _end_note(self, lines: list[str], below: int) -> None:
        while self._levels.pop().closed:
            pass
        if not self._after_blank:
            self._output.append("")
        if first_column(lines, below) >= 4:  # else the library would take it for a part of the note
            self._output += [" " * 4 * len(self._levels) + self._store(NOTHING), ""]
        self._in_paragraph, self._in_table, self._after_blank = False, False, True

    def _begin_directive(self, lines: list[str], number: int, column: int, kind: str, title: str) -> None:
        """A note whose first lines may be options, as MyST and PyMdown have them."""
        from pipeline.parse.myst import Directive, read_options  # few lessons have any

        used, options = read_options(lines, number + 1, len(lines), is_indented=lines[number].lstrip()[:1] == "/")
        lines[number + 1 : number + 1 + used] = [""] * used
        self._begin_note(number, column, *Directive("note", kind, title).note(options))

    def _end_block(self, column: int) -> None:
        """What a line that shows nothing does: it ends what stands above it."""
        self._leave_levels(column)
        self._put_marker()
        self._output.append("")
        self._after_blank, self._in_paragraph, self._in_table = True, False, False

    def _put_marker(self) -> None:
        """The marker of an item whose first line is none of its text."""
        if self._marker:
            self._output.append(self._marker + self._store(NOTHING))
            self._marker, self._after_blank = "", False

    def _tell_once(self, found: Diagnostic) -> None:
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def _scan_fence(self, lines: list[str], number: int, column: int, text: str) -> int:
        opening = (FENCE_RE if text[0] != ":" else COLON_FENCE_RE).match(text)
        if not opening or self._is_code(column):
            return 0
        if text[0] == ":" and opening["info"][0] == "{":
            from pipeline.parse.myst import read_directive_fence

            directive = read_directive_fence(without_marks(opening["info"]))
            if directive is None or directive.shown == "note":  # which may have others in it
                return 0
        fence = opening["fence"]
        closing_re = re.compile(rf"[ ]*{re.escape(fence[0])}{{{len(fence)},}}[ ]*$")
        container = self._container_of(column)
        end, closed, is_outside = number + 1, False, False
        if self._open_in is not lines:
            self._open_in, self._open = lines, {}
        is_free = not container  # it is looked for its end in all that follows
        if is_free and len(fence) >= self._open.get(fence[0], len(fence) + 1):
            end = len(lines)
        while end < len(lines):
            closed = closing_re.match(lines[end].expandtabs(4)) is not None
            is_outside = lines[end].strip() != "" and not is_within(lines[end], container)
            if closed or is_outside:  # with its item its code ends
                break
            end += 1
        if not closed:
            if is_free and not is_outside:
                self._open[fence[0]] = min(len(fence), self._open.get(fence[0], len(fence)))
            end = end if is_outside else end_of_unclosed(lines, number)
            place = f"end before line {self._first_line + end}" if end < len(lines) else "go on to the end of the text"
            hint = f"the code was taken to {place}; close it with {fence}"
            self._tell_open(number, "unclosed-fence", f"code fence {fence} is never closed", hint)
            is_to_end = end == len(lines)
            while end > number + 1 and not lines[end - 1].strip():
                end -= 1
            if is_to_end and all(map(str.strip, lines[number + 1 : end])):  # one block, whatever it is
                last = lines[end - 1]
                closed_there = Edit(self._first_line + end - 1, 1, last, f"{last}\n{' ' * column}{fence}")
                self.diagnostics[-1] = self.diagnostics[-1]._replace(fix=(closed_there,))
        if closed and (opening["info"][:1] == "{" or opening["info"][:8] == "admonish"):
            used = self._scan_directive_fence(lines, number, column, end, without_marks(opening["info"]))
            if used:
                return used
        code = [dedent(line, column) for line in lines[number + 1 : end]]
        if opening["info"][:1] == "{":
            while code and code[0].startswith("#|"):  # options of a cell of Quarto
                del code[0]
        info = read_fence_info(without_marks(opening["info"]))
        text = "\n".join(code) + "\n" if code else ""
        if "/*" in text and ("{{</*" in text or "{{%/*" in text):
            from pipeline.parse.tag_meanings import show_shortcodes  # few lessons have any

            text = show_shortcodes(text)
        if info.language == "math":
            self._put_formula(column, text.strip())
        else:
            self._put_code(column, text, info)
        return end - number + (1 if closed else 0)

    def _scan_directive_fence(self, lines: list[str], number: int, column: int, end: int, info: str) -> int:
        """A directive of MyST between fences, the second in line `end`; how many lines of it are read, 0 if it is
        code as any other."""
        from pipeline.parse.myst import read_directive_fence, read_options, table_of

        found = read_directive_fence(info)
        if found is None:
            return 0
        used, options = read_options(lines, number + 1, end)
        content = [dedent(line, column) for line in lines[number + 1 + used : end]]
        if used and content and not content[0].strip():
            del content[0]
        if found.shown == "note":
            self._begin_note(number, column, *found.note(options))
            lines[end] = ":::"
            return 1 + used
        if found.shown == "image":
            self._end_block(column)
            self._output += [" " * 4 * len(self._levels) + found.image(options), ""]
            lines[end] = ""  # what stands before it is the caption
            return 1 + used
        if found.shown == "table":
            self._end_block(column)
            if heading := found.heading():
                self._output += [" " * 4 * len(self._levels) + heading, ""]
            size = end - number
            shown = table_of(found.name, content, options.get("header-rows", ""))
            shown = shown if len(shown) <= size else content
            lines[number + 1 : end + 1] = [" " * column + line for line in shown] + [""] * (size - len(shown))
            return 1
        if found.shown == "html":
            self._put_html(number + 1 + used, column, "\n".join(content))
        elif found.shown == "code":
            text = "\n".join(content) + "\n" if content else ""
            lines_told = read_fence_info(f'{{hl_lines="{options.get("emphasize-lines", "")}"}}').lines
            self._put_code(column, text, FenceInfo(found.language(), options.get("caption", ""), lines_told))
        elif found.shown == "math":
            self._put_formula(column, "\n".join(content).strip())
        else:
            self._tell_once(FOREIGN)
            self._end_block(column)
        return end - number + 1

    def _put_code(self, column: int, text: str, info: FenceInfo) -> None:
        self._put_block(column, f"<pre>{PIECE}{len(self.pieces)}{PIECE}</pre>")
        # Without a language it has no colours.
        key = piece_key("code", text, *info) if info.language else ""
        self.pieces.append(find_piece(self._known, key) or Piece(show_code(text, info), key))

    def _scan_math(self, lines: list[str], number: int, column: int, text: str) -> int:
        opening = text[:2]
        closing = _MATH_FENCES[opening]
        tex: list[str] = []
        rest = text[2:].rstrip()
        if self._is_code(column):
            return 0
        for end in range(number, len(lines)):
            if end > number:
                inner = lines[end]
                # No formula begins in another: to look for the end of each takes the square of the time.
                if not inner.strip() or _NO_TEX_RE.match(inner) or inner.lstrip()[:2] == "\\[":
                    if text.strip() == opening:
                        self._tell_unclosed_formula(number, opening)
                    return 0
                rest = inner.strip()
            if closing in rest:
                last, after = rest.split(closing, 1)
                after = _LABEL_RE.sub("", after)
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
        self._put_formula(column, formula)
        return end - number + 1

    def _put_formula(self, column: int, tex: str) -> None:
        if self._in_paragraph and self._levels and self._levels[-1].sign:
            # To GitHub it is text: right below the words of an item it goes on with them, at any column.
            column = max(column, self._levels[-1].text)
        self._put_block(column, f'<div class="math display">{escape(tex)}</div>')

    def _tell_unclosed_formula(self, number: int, opening: str) -> None:
        message = f"formula {opening} is not closed before the next empty line, heading or rule"
        hint = "close it, or take this line out if it closes a formula that is broken"
        self._tell_open(number, "unclosed-formula", message, hint)

    def _put_block(self, column: int, html: str) -> None:
        self._leave_levels(column)
        if not self._after_blank and not self._marker:
            self._output.append("")
        self._output.append(f"{self._marker or ' ' * 4 * len(self._levels)}{self._store(html)}")
        self._output.append("")
        self._tight = len(self._output) if self._marker else -1
        self._marker = ""
        self._after_blank = True
        self._in_paragraph = self._in_table = False

    def _is_indented(self, column: int) -> bool:
        """Whether a line is indented so far within what it stands in that it is code, or goes on with a paragraph."""
        return column >= 4 and column - self._container_of(column) >= 4

    def _container_of(self, column: int) -> int:
        """Where the text begins of the item or note that a line at `column` stands in."""
        return next((level.base(column) for level in reversed(self._levels) if level.text <= column), 0)

    def _is_code(self, column: int) -> bool:
        """Whether nothing but code can stand at this column; in an item or a note, what looks like a block is one."""
        return column >= 4 and not any(column >= level.text for level in self._levels)

    def _belongs_to_item(self, column: int) -> bool:
        return any(column >= level.text for level in self._levels if level.closed)

    def _leave_levels(self, column: int) -> None:
        """Close the items whose text begins to the right of `column`."""
        while self._levels and column < self._levels[-1].text:
            self._levels.pop()
