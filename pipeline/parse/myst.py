"""Directives and roles of MyST and Sphinx -> what a page shows of them.

A directive is a fence, or a row of colons, whose info is a name in braces: ```` ```{note} ````. Only those that are
named here are read; any other, such as ```` ```{r} ````, is code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.parse.tag_meanings import NOTE_KINDS
from pipeline.patterns import lazy_pattern

MOST_OPTIONS = 50
"""Lines of options."""
_CODE = frozenset("code code-block code-cell doctest parsed-literal sourcecode".split())
_IMAGES = frozenset("figure image".split())
_FILMS = {"iframe": "", "video": "", "vimeo": "https://vimeo.com/", "youtube": "https://www.youtube.com/watch?v="}
_SAYING = frozenset("centered glossary list-table rubric table".split())
"""What shows its argument, and then its content as Markdown."""
_PLAIN = frozenset("aside compound container cssclass div figure-md hlist line-block only panels".split())
_FOLDED = {"tabbed": "tab", "toggle": "details"}
_LEFT_OUT = frozenset("bibliography contents highlight include index sectauthor tableofcontents toctree".split())
_NOTES = NOTE_KINDS | frozenset(
    """
    admonition algorithm axiom card corollary criterion definition deprecated dropdown epigraph grid grid-item
    grid-item-card lemma margin proof proposition property pull-quote remark sidebar solution tab-item tab-set theorem
    topic versionadded versionchanged
    """.split()
)
_OPTIONS = frozenset(
    """
    align alt attrs caption class classes color columns cwd dedent delim emphasize-lines end-before figclass figwidth
    file footer force gutter header header-rows height icon id image-height img-top label language lineno-start linenos
    lines link link-alt link-type loading margin name new no-line-numbers number numbered open prepend reverse scale
    shadow start-after stub-columns sync tags text-align title type width widths
    """.split()
)
"""Of directives: another word between colons is an emoji, or the text."""
_ADMONISH_RE = lazy_pattern(r"""admonish(?:[ ]+(?P<kind>[a-z]+)(?!=))?(?:.*?(?:title=|[ ])"(?P<title>[^"]*)")?""")
_RAW_RE = lazy_pattern(r"\{=(\w+)\}|\{raw\}[ ]*(\w+)")
_ROW_RE = lazy_pattern(r"(?P<row>[*-][ ]++)?(?P<indent>[ ]*+)(?P<sign>[*-])(?:[ ]+(?P<text>.*))?$")
_INFO_RE = lazy_pattern(r"\{(?:prf:)?(?P<name>[a-z][a-z-]*)\}[ \t]*(?P<argument>.*)$")
_OPTION_RE = lazy_pattern(r"[ \t]*:(?P<name>[a-z][\w-]*):[ \t]*(?P<value>.*)$")
_INDENTED_RE = lazy_pattern(r"[ ]{4,}(?P<name>[a-z]\w*):[ ]+(?P<value>.*)$")
_YAML_RE = lazy_pattern(r"[ \t]*(?P<name>[a-z][\w-]*):[ \t]*(?P<value>.*)$")


class Directive(NamedTuple):
    """What a directive is here."""

    shown: str
    """`note`, `code`, `math`, `image`, `table`, `html`, or `""` for what is left out."""
    name: str
    argument: str

    def note(self, options: dict[str, str]) -> tuple[str, str]:
        """The kind of the note, and its title.

        >>> Directive("note", "admonition", "A").note({"class": "tip"}), Directive("note", "tab-item", "B").note({})
        (('tip', 'A'), ('tab-item', 'B'))
        >>> Directive("note", "versionadded", "2.0").note({})
        ('note', 'versionadded 2.0')
        """
        words = [*options.get("class", "").split(), options.get("type", "")]
        if "dropdown" in words:
            return "dropdown", self.argument or self.name
        if self.name in _FOLDED:
            return _FOLDED[self.name], self.argument
        if self.name.startswith(("version", "deprecated")):
            return "note", f"{self.name} {self.argument}".strip()
        if self.name == "admonition":
            return next(filter(NOTE_KINDS.__contains__, words), "note"), self.argument
        return self.name, self.argument

    def heading(self) -> str:
        """What stands above its content.

        >>> Directive("table", "rubric", "A").heading(), Directive("table", "youtube", "b").heading()
        ('**A**', 'https://www.youtube.com/watch?v=b')
        """
        if self.name in _FILMS:
            return f"{_FILMS[self.name]}{self.argument}"
        return f"**{self.argument}**" if self.argument and self.name not in _PLAIN else ""

    def image(self, options: dict[str, str]) -> str:
        """The image, as Markdown."""
        alt = options.get("alt", "").replace("[", "(").replace("]", ")")
        return f"![{alt}](<{self.argument.replace('<', '').replace('>', '')}>)"

    def language(self) -> str:
        """Of its code."""
        named = self.argument.split()[0] if self.argument else ""
        return "python" if named.startswith("ipython") or (not named and self.name == "code-cell") else named


def read_directive_fence(info: str) -> Directive | None:
    """What the text behind a fence says; None if it is the language of code.

    >>> read_directive_fence("{code-cell} ipython3").language(), read_directive_fence("{r}")
    ('python', None)
    >>> read_directive_fence('admonish tip "A"'), read_directive_fence("{=latex}").shown
    (Directive(shown='note', name='tip', argument='A'), '')
    """
    if info[:8] == "admonish":  # as mdBook has it
        note = _ADMONISH_RE.match(info)
        assert note is not None
        kind, title = note["kind"] or "note", note["title"] or ""
        return (
            Directive("note", "dropdown", title or kind)
            if "collapsible=true" in info
            else Directive("note", kind, title)
        )
    raw = _RAW_RE.match(info)
    if raw:
        language = raw[1] or raw[2]
        return Directive("html" if language == "html" else "", "raw", language)
    found = _INFO_RE.match(info)
    if not found:
        return None
    name = found["name"]
    shown = (
        "note"
        if name in _NOTES or name in _FOLDED
        else "code"
        if name in _CODE
        else "image"
        if name in _IMAGES and found["argument"]
        else "math"
        if name == "math"
        else "table"
        if name in _SAYING or name in _PLAIN or (name in _FILMS and found["argument"])
        else ""
    )
    return Directive(shown, name, found["argument"].strip()) if shown or name in _LEFT_OUT else None


def read_options(
    lines: Sequence[str], start: int, end: int, *, is_indented: bool = False
) -> tuple[int, dict[str, str]]:
    """How many lines of options stand at the top of a directive's content, and what they say. PyMdown's are indented
    (`is_indented`).

    >>> read_options([":class: tip", "", "a"], 0, 3), read_options(["---", "a: b", "---", "c"], 0, 4)
    ((1, {'class': 'tip'}), (3, {'a': 'b'}))
    >>> read_options(["    type: tip", "", "a"], 0, 3, is_indented=True)
    (1, {'type': 'tip'})
    >>> read_options(["a", ":b: c"], 0, 2)
    (0, {})
    """
    last = min(end, start + MOST_OPTIONS)
    in_yaml = start < last and lines[start].strip() == "---"
    option_re = _YAML_RE if in_yaml else _INDENTED_RE if is_indented else _OPTION_RE
    options: dict[str, str] = {}
    for number in range(start + in_yaml, last):
        found = option_re.match(lines[number])
        if in_yaml and lines[number].strip() == "---":
            return number - start + 1, options
        if found and (in_yaml or found["name"] in _OPTIONS):
            options[found["name"]] = found["value"].strip()
        elif not in_yaml:
            return number - start, options
    return (0, {}) if in_yaml else (last - start, options)


def table_of(name: str, content: Sequence[str], head: str) -> list[str]:
    """The content of a table as Markdown has it: rows that are lists, of which `head` stand first, or terms with what
    they mean below them. What cannot be a table stays.

    >>> table_of("list-table", ["* - a", "  - b", "* - c", "  - d"], "1")
    ['| a | b |', '|---|---|', '| c | d |']
    >>> table_of("glossary", ["a", "  b"], ""), table_of("list-table", ["* - a", "", "    b"], "")
    (['a', ':   b'], ['* - a', '', '    b'])
    """
    if name == "glossary":
        return list(_terms(content))
    rows = list[list[str]]()
    for line in content if name == "list-table" else ():
        found = _ROW_RE.match(line)
        if not found or not (found["row"] or (rows and found["indent"])):
            return list(content)
        if found["row"]:
            rows.append([])
        rows[-1].append((found["text"] or "").replace("|", "\\|"))
    if not rows:
        return list(content)
    if head in ("", "0"):
        rows.insert(0, [""] * len(rows[0]))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]


def _terms(content: Sequence[str]) -> Iterator[str]:
    is_term = False
    for line in content:
        text = line.strip()
        is_meaning = text != "" and line[0] == " "
        yield f"{':   ' if is_term else '    '}{text}" if is_meaning else line
        is_term = text != "" and not is_meaning
