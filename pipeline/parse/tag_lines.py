"""Lines that are another program's -> the lines that stand for them: tags, components, attributes of kramdown.

What they mean is read by `foreign.py`, which is imported where a lesson has any.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.parse.line_kinds import (
    HEADING_RE,
    class_of_note,
    component_length,
    first_column,
    quote_paragraph,
    text_of_component,
)
from pipeline.parse.put_away import COMPONENTS, FOREIGN, BlockStore
from pipeline.parse.sanitise import CONTAINER
from pipeline.patterns import lazy_pattern

if TYPE_CHECKING:
    from pipeline.parse.foreign import Tag, TagLine

_ATTRIBUTE = r"(?:(?:[.#][\w-]+)+|[\w-]+=(?:\"[^\"{}]*\"|'[^'{}]*'|[^\s\"'{}]+))"
ATTRIBUTES_RE = lazy_pattern(
    r"(?:\{:(?:(?P<toc>[ ]*toc\b)[^{}]*|:(?P<name>\w++)[^{}]*|/\w*|[a-z]\w*)"
    rf"|\{{(?::|(?=[ ]?[.#]))[ ]*{_ATTRIBUTE}(?:[ ]+{_ATTRIBUTE})*[ ]*)\}}[ \t]*$"
)


class TagScanner(BlockStore):
    """The part of a pass over the lines that is about these."""

    _tabs: Sequence[str] = ()
    """Titles of tabs that are to come."""
    _alert = -1, ""
    """The line of a quotation that is a note, and what is to stand above it."""

    def _without_component(self, text: str) -> str:
        """The text without the tags of a component around it, whose names HTML does not know."""
        inside = text_of_component(text) if text[:1] == "<" and self._drops_components else None
        if inside is None:
            return text
        from pipeline.parse.tag_meanings import link_of

        if link_of(text)[1]:
            return text  # which is read among words
        self._tell_once(COMPONENTS)
        return inside

    def _scan_hidden(self, lines: list[str], number: int, column: int, text: str) -> int:
        """Lines that show nothing here; how many there are."""
        from pipeline.parse import foreign

        is_alone = self._after_blank or text[0] == "<"
        used = foreign.hidden_length(self._closings_of(lines), number, text) if is_alone else 0
        if used:
            self._tell_once(FOREIGN)
            self._end_block(column)
        return used

    def _scan_module(self, lines: list[str], number: int) -> int:
        """The `import` or `export` of a module of MDX, which shows nothing; how many lines it has, 0 for prose."""
        from pipeline.parse.foreign import module_length

        used = module_length(lines, number)
        if used:
            self._tell_once(FOREIGN)
            self._end_block(0)
        return used

    def _scan_tags(self, lines: list[str], number: int, column: int, text: str) -> int:
        """Lines of tags that are another program's; how many there are, 0 if there is more in them."""
        from pipeline.parse import foreign, tag_meanings  # few lessons have any

        if text[0] == "<":
            if not self._drops_components:
                return 0
            inside = text_of_component(text)
            used = component_length(lines, number, text, self._closings_of(lines)) if inside is None else 1
            tag = foreign.read_component("\n".join([text, *lines[number + 1 : number + used]])) if used else None
            if tag is None:
                return 0
            tag = self._titled(tag)
            if inside is not None and not tag_meanings.says_more(tag):
                return 0
            self._tell_once(COMPONENTS)
            tag = tag._replace(is_whole=tag.is_whole or inside == "")
            return self._put_tags(lines, number, column, text, foreign.TagLine(used, (tag,), inside or ""))
        if text[1:3] == "/*":
            used = foreign.comment_length(lines, number, text)
            if used:
                self._tell_once(FOREIGN)
                self._end_block(column)
            return used
        found = foreign.read_tag_line(lines, number, text) if text[1:2] in ("%", "{") else None
        if found is None:
            return 0
        self._tell_once(FOREIGN)
        found = found._replace(tags=(self._titled(found.tags[0]), *found.tags[1:]))
        return self._put_tags(lines, number, column, text, found)

    def _put_tags(self, lines: list[str], number: int, column: int, text: str, found: "TagLine") -> int:
        """What is shown for tags. Those around a note, and around code, become the lines that mean the same."""
        from pipeline.parse import foreign, tag_meanings

        tag, below = found.tags[0], number + found.length
        is_open = len(found.tags) == 1 and not (found.text or tag.is_whole)
        note, info = tag_meanings.note_of(tag), tag_meanings.code_of(tag) if is_open else None
        is_comment = tag_meanings.is_comment(tag)
        if found.text and (note or is_comment):
            self._end_block(column)
            if note:
                self._begin_note(number, column, *note)
                self._output += [" " * 4 * len(self._levels) + found.text, ""]
                self._end_note(lines, below)
            return found.length
        inner = first_column(lines, below) if is_open and text[0] == "<" else 0
        inner = inner if inner > column else 0
        is_open = is_open and (note is not None or info is not None or is_comment or inner > 0)
        end = self._find_end(lines, below, tag.name) if is_open else -1
        if end >= 0 and is_comment:
            self._end_block(column)
            return end - number + 1
        fence = (
            foreign.fence_around(tag, map(lines.__getitem__, range(below, end)))
            if end >= 0 and info is not None
            else ""
        )
        if fence:
            lines[end] = " " * column + fence
            return found.length - 1 + self._scan_fence(lines, below - 1, column, f"{fence}{info}")
        if end >= 0 and (note or inner):
            self._begin_note(number, column, *(note or (CONTAINER, "")), inner=inner)
            lines[end] = ":::"
            del self._ends[tag.name]  # it is the end of no other
            self._taken[tag.name] = end + 1
            if note:
                return found.length
        else:
            self._end_block(column)
        for shown in (*(text for tag in found.tags for text in tag_meanings.texts_of(tag)), found.text):
            if shown:
                self._output += [" " * 4 * len(self._levels) + shown, ""]
        return found.length

    def _titled(self, tag: "Tag") -> "Tag":
        """A tag with the title that is said of it in the one around it: `<Tabs items={["A"]}>`."""
        from pipeline.parse import tag_meanings

        self._tabs = tag_meanings.tabs_of(tag) or self._tabs
        titled = tag_meanings.with_title(tag, self._tabs[0]) if self._tabs else tag
        if titled is not tag:
            self._tabs = self._tabs[1:]
        return titled

    def _put_object(self, lines: list[str], number: int, column: int, text: str) -> int:
        """`::: module.Class`, for which mkdocstrings shows what the program documents; its options are indented."""
        self._tell_once(FOREIGN)
        self._end_block(column)
        self._output += [f"{' ' * 4 * len(self._levels)}`{text[4:].strip()}`", ""]
        end = number + 1
        while end < len(lines) and lines[end].startswith(" " * (column + 4)) and lines[end].strip():
            end += 1
        return end - number

    def _scan_attributes(self, lines: list[str], number: int, column: int, text: str) -> int:
        """A line of attributes as kramdown has it, `{: .class}`: those of a heading that stands right above. Below the
        text of a paragraph Python-Markdown reads them; to anything else they say nothing here. `{:toc}` below an item
        makes a table of contents of it."""
        found = ATTRIBUTES_RE.match(text)
        if not found or self._is_indented(column):
            return 0
        if found["name"] == "comment":
            ends = (at for at in range(number, len(lines)) if lines[at].lstrip().startswith("{:/"))
            end = next(ends, -1) if ":/" not in self._ends else -1
            self._ends |= {":/": -1} if end < 0 else {}
            self._end_block(column)
            return max(end - number + 1, 1)
        if found["toc"] and self._in_paragraph and self._levels and self._paragraph == len(self._output) - 1:
            self._levels.pop()
            self._output[-1:] = ["", " " * 4 * len(self._levels) + "[TOC]"]
        elif not found["name"] and not found["toc"] and self._in_paragraph:
            return 0
        elif not found["name"] and self._after_blank and (kind := class_of_note(text)):
            below = lines[number + 1].lstrip() if number + 1 < len(lines) else ""
            if below[:1] == ">" or below[:1].isalpha():
                quote_paragraph(lines, number + 1, column)
                self._alert = number + 1, f"[!{kind}]{' ' * ('-title' in text)}"
        elif not found["name"] and not self._after_blank and HEADING_RE.match(self._output[-1].lstrip()):
            self._output[-1] += f" {text.rstrip()}"
            return 1
        self._end_block(column)
        return 1

    def _find_end(self, lines: list[str], start: int, name: str) -> int:
        """The line that closes a tag; -1 if there is none."""
        from pipeline.parse import foreign

        if self._ends.get(name, start) < start and self._ends[name] >= 0:
            del self._ends[name]
        if name not in self._ends:
            self._ends[name] = foreign.find_end(lines, max(start, self._taken.get(name, 0)), name)
        return self._ends[name]

    def _begins_tags(self, lines: list[str], number: int, text: str) -> bool:
        """Whether an item begins with tags that have its first line for themselves."""
        from pipeline.parse import foreign, tag_meanings

        if text[0] == "{":
            return text[1:2] in ("%", "{") and foreign.read_tag_line(lines, number, text) is not None
        inside = text_of_component(text) if self._drops_components else ""
        if inside is not None:
            return tag_meanings.says_more(foreign.read_component(text))
        return component_length(lines, number, text, self._closings_of(lines)) > 0
