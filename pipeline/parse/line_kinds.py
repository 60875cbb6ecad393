"""A line of Markdown -> what it is: the beginning of a block, an item, the row below a heading."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.parse.html_blocks import ClosingLines, begins_raw_html
from pipeline.parse.sanitise import CONTAINER, HTML_TAGS, is_component
from pipeline.patterns import lazy_pattern

PARTS_OF_LEARN = ("zone", "moniker")
"""What begins a part of a page of Microsoft Learn, in a line without an end of its own."""
FENCE_RE = lazy_pattern(r"(?P<fence>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*)$")
COLON_FENCE_RE = lazy_pattern(r"(?P<fence>:{3,})[ ]*(?P<info>\{[a-z].*|mermaid[ ]*)$")
ITEM_RE = lazy_pattern(r"(?P<marker>[-*+]|\d{1,9}[.)])(?:(?P<space>[ ]+)(?=\S)|[ ]*$)")
RULE_RE = lazy_pattern(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
EMPTY_HEADING_RE = lazy_pattern(r"#{1,6}(?:[ \t]++#*+)?[ \t]*+$")
HEADING_RE = lazy_pattern(r"#{1,6}(?:[ \t]|$)")
UNDERLINE_RE = lazy_pattern(r"(?:=+|-+)[ ]*$")
RULER_RE = lazy_pattern(r"\|?[ ]*+:?-++:?[ ]*+(?:\|[ ]*+:?-*+:?[ ]*+)*+$")
_BRACES_RE = lazy_pattern(r"\{[^{}]*\}")
_KIND_RE = lazy_pattern(r"([A-Za-z][\w-]*)")
_KIND_IN_BRACES_RE = lazy_pattern(r"\{[ ]*([A-Za-z][\w:-]*)(?![\w:-]*[ ]*=)")
_VALUE_RE = lazy_pattern(r"""=[ ]*(?:"[^"]*"|'[^']*'|[^\s{}"']+)""")
_CLASS_RE = lazy_pattern(r"(?<![\w.-])\.([A-Za-z][\w-]*)")
_NOTE_PREFIX_RE = lazy_pattern(r"^(?:callout-|prompt-|is-|alert-|notice--|rmd)|-title$")
_THEOREM_RE = lazy_pattern(r"\{[: ]*#([a-z]+)-")
_TITLE_RE = lazy_pattern(r"""(?<![\w-])title[ ]*=[ ]*(["'])(.*?)\1""")
_BLOCK_RE = lazy_pattern(r"/{3,}(?:[ ]*(?P<kind>[A-Za-z][\w-]*)(?:[ ]*\|(?P<title>.*))?)?$")
_BRACKETS_RE = lazy_pattern(r"[ ]*\[(.*)\]")
_ATTRIBUTES = (
    r"""(?:\s+[A-Za-z_:@.#{-][!#-&(-;?-_a-~]*(?:\s*=\s*(?:[^\s"'=<>`{]+|'[^']*'|"[^"]*\""""
    r"""|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}))?)*\s*"""
)
_TAG_RE = lazy_pattern(rf"</?(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?P<said>{_ATTRIBUTES})(?P<end>/?)>\s*$")
_PAIR_RE = lazy_pattern(rf"<(?P<name>[A-Z][A-Za-z0-9_.]*){_ATTRIBUTES}>(?P<text>.*)</(?P=name)>\s*$")
_LONG_TAG_RE = lazy_pattern(r"<[A-Z][A-Za-z0-9_.]*(?:\s[^<>]*)?$")
MOST_TAG_LINES = 50
"""Of the attributes of a component."""
_TABS = frozenset("tab tab-item".split())
_FOLDED = frozenset("details dropdown".split())
_LAYOUT = _TABS | frozenset(
    """
    caption card-carousel cards center code-group code-tabs column column-body column-margin column-page column-screen
    columns container content-hidden content-visible div figure-caption fragment grid grid-item hidden html landscape
    panel-tabset raw row steps tab-set table-caption tabs v-pre
    """.split()
)
"""What arranges its content for another program."""
_VOID_TAGS = frozenset("area br col hr img input source track wbr".split())
_NUMBERS_RE = lazy_pattern(r"[\d ]+")
_CODE_END_RE = lazy_pattern(r"#{2,6}[ ]|<!--[ ]|-{3,}$")
_CONTAINERS_RE = lazy_pattern(r"[ \t]*(?:(?:>|(?:[-*+]|\d{1,9}[.)])[ \t])[ \t]*)*")
_INDENT_RE = lazy_pattern(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")


def expand_indent(line: str) -> str:
    """The line with the tabs of its indentation, and those around markers of items, as spaces; others are its text's.

    >>> expand_indent("-\\ta\\tb")
    '-   a\\tb'
    """
    found = _INDENT_RE.match(line)
    assert found is not None
    return found[0].expandtabs(4) + line[found.end() :]


def component_length(lines: Sequence[str], start: int, text: str, closings: ClosingLines | None = None) -> int:
    """How many lines have nothing but a tag that HTML does not know, from line `start` on, whose text is `text`; 0 if
    there is more in it. Words between angle brackets are a tag only where `closings` has its end.

    >>> component_length(["<Listing", '  number="1">'], 0, "<Listing"), component_length(["<p>"], 0, "<p>")
    (2, 0)
    >>> lines = ["<Your name>", "<Card big>", "</Card>"]
    >>> [component_length(lines, number, lines[number], ClosingLines(lines)) for number in range(3)]
    [0, 1, 1]
    """
    tag = text
    for used in range(1, MOST_TAG_LINES):
        found = _TAG_RE.match(tag) if tag.rstrip()[-1:] == ">" else None
        if found:
            name, said = found["name"], found["said"].strip()
            is_words = said != "" and (
                text[1] == "/"
                or not (found["end"] or "=" in said or "{" in said or (closings and closings.has_tag(name)))
            )
            return used if is_component(name) and not is_words else 0
        following = lines[start + used] if start + used < len(lines) else ""
        if not following.strip() or not (used > 1 or _LONG_TAG_RE.match(text)):
            break
        tag += f"\n{following}"
    return 0


def is_lone_tag(lines: Sequence[str], start: int, text: str) -> bool:
    """Whether a paragraph is nothing but the tag of an element that goes on behind it: `<del>`, with its `</del>` below
    the next paragraph."""
    following = lines[start + 1] if start + 1 < len(lines) else ""
    found = _TAG_RE.match(text) if not following.strip() else None
    return found is not None and found["name"].lower() in HTML_TAGS - _VOID_TAGS and not is_component(found["name"])


def text_of_component(text: str) -> str | None:
    """What stands between the tags of a component whose line has nothing else; None if it is no such line.

    >>> text_of_component("<Note>x</Note>"), text_of_component("a List<T>")
    ('x', None)
    """
    found = _PAIR_RE.match(text)
    return found["text"].strip() if found and is_component(found["name"]) else None


def begins_other_block(text: str) -> bool:
    """Whether a line may begin a block of another dialect (`rewrites.py`); for most it is known that they do not.

    >>> [text for text in ("+-+-+", "+ a", "| a", "| a |", "::a", ":::a", ":::a x:::", ">>>", "> a", "% a", "%a")
    ...  if begins_other_block(text)]
    ['+-+-+', '| a', '::a', ':::a x:::', '>>>', '% a']
    """
    if text[0] == "+":
        return text[1:2] in ("-", "=", ":")
    if text[0] == "|":
        return text.count("|") == 1
    if text[0] == ">":
        return text.rstrip() == ">>>"
    if text[0] == "%":
        return text[1:2] == " "
    if text[:3] == ":::":
        return text.rstrip()[3:][-3:] == ":::" or text[3:].lstrip().startswith(PARTS_OF_LEARN)
    return text[:2] == "::" and text[2:3].isalpha()


def read_directive(text: str) -> tuple[str, str] | None:
    """The kind and the title of the note that a line of colons, or of slashes as PyMdown has it, begins; no kind where
    it ends one. None for prose.

    >>> [read_directive(text) for text in (":::note[A]", "::: tip A", ":::{note} A", '::: {.callout-tip title="A"}')]
    [('note', 'A'), ('tip', 'A'), ('note', 'A'), ('tip', 'A')]
    >>> read_directive("::::"), read_directive("::: 1")
    (('', ''), None)
    >>> read_directive("/// tip | A"), read_directive("///"), read_directive("/// a comment")
    (('tip', 'A'), ('', ''), None)
    """
    if text.startswith("///"):
        block = _BLOCK_RE.match(text.rstrip())
        kind = (block["kind"] or "").lower() if block else ""
        return block and (kind, "" if kind == "html" else (block["title"] or "").strip())
    if not text.startswith(":::"):
        return None
    said = text.strip(" :")
    if not said:
        return "", ""
    if said[0] == "{":
        kind = _KIND_IN_BRACES_RE.match(said)
        rest = said
    else:
        kind = _KIND_RE.match(said)
        rest = said[kind.end() :] if kind else ""
    named, brackets = _TITLE_RE.search(rest) if "{" in rest else None, _BRACKETS_RE.match(rest)
    title = named[2] if named else brackets[1] if brackets else _BRACES_RE.sub("", rest)
    if kind:
        return kind[1].lower().rpartition(":")[2], title.strip()
    if said[0] == "{" and said[-1] == "}":
        return class_of_note(said) or CONTAINER, named[2] if named else ""
    return None


def class_of_note(attributes: str) -> str:
    """The kind of note that a list of attributes makes of what has it; `""` for none.

    >>> [class_of_note(text) for text in ("{.callout-tip}", "{: .prompt-info }", "{#thm-a}", "{.x y='.note'}")]
    ['tip', 'info', 'theorem', '']
    """
    from pipeline.parse.tag_meanings import NOTE_KINDS, THEOREMS  # few lessons have any

    bare = _VALUE_RE.sub("", attributes)
    for name in _CLASS_RE.findall(bare):
        kind = _NOTE_PREFIX_RE.sub("", name.lower())
        if kind in NOTE_KINDS:
            return kind
    theorem = _THEOREM_RE.match(attributes)
    return THEOREMS.get(theorem[1], "") if theorem else ""


def admonition_line(kind: str, title: str) -> str:
    """The line of Python-Markdown that begins a note: folded, or one of several tabs, or nothing but what is in it,
    where its kind says so.

    >>> admonition_line("tip", 'a "b"'), admonition_line("details", "A"), admonition_line("tab-item", "A")
    ('!!! tip "a &quot;b&quot;"', '??? details "A"', '=== "A"')
    >>> admonition_line("columns", ""), admonition_line("grid", "2")
    ('!!! container ""', '!!! container ""')
    """
    title = title.replace('"', "&quot;")
    if kind in _TABS and title:
        return f'=== "{title}"'
    if kind in _LAYOUT and (not title or _NUMBERS_RE.fullmatch(title)):
        return f'!!! {CONTAINER} ""'
    sign = "???" if kind in _FOLDED else "!!!"
    return f'{sign} {kind} "{title}"' if title else f"{sign} {kind}"


def is_table_head(text: str, following: str) -> bool:
    """Whether the next line is the ruler below the head of a table."""
    return "|" in text and "-" in following and "|" in following and RULER_RE.match(following.strip()) is not None


def starts_block(text: str) -> bool:
    """Whether a line begins a block even below the text of a paragraph."""
    if text[0] == "#":
        return HEADING_RE.match(text) is not None
    return text.startswith((">", "```", "~~~", "|")) or RULE_RE.match(text) is not None


def read_quotation(lines: Sequence[str], start: int, text: str, column: int) -> list[str]:
    """The lines of the quotation that begins with line `start`, each without its first `>`.

    `text` is that line without what it stands in, whose text begins at `column`. A line without `>` goes on with a
    paragraph (CommonMark 5.1); it gets the marks that the line before it has.

    >>> read_quotation(["> > a", "b", "> c", "", "d"], 0, "> > a", 0)
    ['> a', '> b', 'c']
    """
    inner: list[str] = []
    marks = fence = ""
    goes_on = False
    for number in range(start, len(lines)):
        line = text if number == start else expand_indent(lines[number])
        bare = line.lstrip(" \t")
        if not bare or (number > start and len(line) - len(bare) < column and bare[0] == ">"):
            break
        if bare[0] != ">":
            indented = len(line) - len(bare) >= column + 4
            if not goes_on or (not indented and ends_paragraph(lines, number, bare)):
                break
            # Not a line below a heading, nor code.
            inner.append(marks + ("\\" if UNDERLINE_RE.match(bare) or (indented and bare[0] in "-+*>#") else "") + bare)
            continue
        content = bare[2:] if bare[1:2] == " " else bare[1:].expandtabs(3)
        inner.append(content)
        said = content.lstrip(" >")
        marks = content[: len(content) - len(said)] if content.lstrip()[:1] == ">" else ""
        if fence:
            if said.startswith(fence) and not said.strip(fence[0] + " "):
                fence = ""
            goes_on = False
        else:
            is_code = content.startswith("    ") and not goes_on
            said = _CONTAINERS_RE.sub("", content, count=1)
            opening = FENCE_RE.match(said)
            fence = opening["fence"] if opening else ""
            goes_on = said != "" and not (fence or is_code or starts_block(said))
    return inner


def quote_paragraph(lines: list[str], start: int, column: int) -> None:
    """Make a quotation of the lines from `start` on, up to an empty one.

    >>> lines = ["a", "> b", "", "c"]
    >>> quote_paragraph(lines, 0, 0)
    >>> lines
    ['> a', '> b', '', 'c']
    """
    for number in range(start, len(lines)):
        text = lines[number].lstrip()
        if not text:
            break
        if text[0] != ">":
            lines[number] = f"{' ' * column}> {text}"


def ends_paragraph(lines: Sequence[str], number: int, text: str) -> bool:
    """Whether line `number`, which says `text`, is no text of the paragraph above it."""
    return (
        starts_block(text)
        or ITEM_RE.match(text) is not None
        or text.startswith(("$$", "\\[", ":::", "///", "{%", "{{<", "{{%", "{:", "{.", "{#"))
        or (text[:2] == "</" and component_length(lines, number, text) > 0)
        or (text[0] == "<" and begins_raw_html(text))
    )


def dedent(line: str, column: int) -> str:
    """The line without up to `column` leading spaces."""
    if column == 0:
        return line
    line = line.expandtabs(4) if line.startswith("\t") else line
    return line[min(column, len(line) - len(line.lstrip(" "))) :]


def first_column(lines: Sequence[str], start: int) -> int:
    """How far the first line with text is indented, from line `start` on.

    >>> first_column(["", "  a"], 0), first_column([], 0)
    (2, 0)
    """
    first = next((lines[at] for at in range(start, len(lines)) if lines[at].strip()), "").expandtabs(4)
    return len(first) - len(first.lstrip(" "))


def end_of_unclosed(lines: list[str], start: int) -> int:
    """Where a fence that is never closed most likely ended: before the next heading or rule.

    A `# comment` is Python as well as a heading, so only `##` and deeper count.
    """
    for number in range(start + 2, len(lines)):
        if not lines[number - 1].strip() and _CODE_END_RE.match(lines[number]):
            return number - 1
    return len(lines)
