"""Lines that are for another program -> what a page shows in their place.

These are tags of Liquid (`{% tab %}`) and of Hugo (`{{< tab >}}`), components (`<Tab>`), calls of mdBook's
preprocessors (`{{#tab}}`), and the modules and comments of MDX. Each counts only where it has its line for itself, or
begins it and is closed at its end.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.parse.html_blocks import ClosingLines
from pipeline.parse.sanitise import is_component
from pipeline.paths import is_image
from pipeline.patterns import lazy_pattern

MOST_TAG_LINES = 50
"""Of one tag, or of one module's line."""

NOTE_KINDS = frozenset(
    """
    abstract attention bug caution danger error example exercise failure faq help hint important info note question
    quote seealso success summary tip todo warning
    """.split()
)
"""What an admonition can be: others are names of something else."""
THEOREMS = {
    "cnj": "conjecture",
    "cor": "corollary",
    "def": "definition",
    "exm": "example",
    "exr": "exercise",
    "lem": "lemma",
    "prp": "proposition",
    "rem": "remark",
    "sol": "solution",
    "thm": "theorem",
}
"""What Quarto calls them in an id."""
_NOTES = frozenset("admonition alert aside callout notice".split()) | NOTE_KINDS
_CODE = frozenset("code code-toggle codeblock highlight mermaid".split())
_COMMENT = "comment"
_TITLED = {
    **dict.fromkeys(
        "accordion collapse collapsible details dropdown expand expandable spoiler toggle".split(), "details"
    ),
    **dict.fromkeys("tab tabitem tabs.tab".split(), "tab"),
}
"""What has a title, though it may not be named so, and the kind of note that it is."""
_NAMED = frozenset("filetree.file filetree.folder paramfield property responsefield".split())
"""What has a name that is shown."""
_WORDS = frozenset("badge button kbd label pill tag term tooltip".split())
"""Of these what is said first is shown."""
_PARTS = frozenset("include playground playpen rustdoc_include".split())

_TAG_RE = lazy_pattern(
    r"\{%-?(?P<liquid>(?:[^%]|%(?!\}))*)%\}|\{\{<(?P<raw>(?:[^>]|>(?!\}\}))*)>\}\}"
    r"|\{\{%(?P<shown>(?:[^%]|%(?!\}\}))*)%\}\}|\{\{(?:#|(?=/[a-z]))(?P<call>[^{}]*)\}\}"
)
_SIGNS = (("{%", "%}"), ("{{<", ">}}"), ("{{%", "%}}"))
_NAME_RE = lazy_pattern(r"\s*(?P<end>/|end(?=[a-z]))?\s*(?P<name>[A-Za-z][\w.:-]*)")
_ATTRIBUTE_RE = lazy_pattern(r"""(?<![\w-])([\w-]+)\s*=\s*\{?\s*(?:"([^"]*)"|'([^']*)'|([^\s"'{},]+))""")
_COMPONENT_RE = lazy_pattern(r"(?<!=)>.*", re.S)
_WORD_RE = lazy_pattern(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w+#-]+)(?![\w=]))""")
_ANY_WORD_RE = lazy_pattern(r"""(?<!=)"([^"]*)"|(?<!=)'([^']*)'|(?<!\S)([^\s"'={}]+)(?!\S)""")
_QUOTED_RE = lazy_pattern(r"""\s+"([^"]*)\"""")
_HIDDEN_RE = lazy_pattern(
    r"(?:\\(?:newpage|pagebreak|clearpage|bigskip|medskip|smallskip)|<--->|</>"
    r"|<<<[ ]*[@./][^\s{}]*(?:\{[^{}]*\})?(?:[ ]*\[[^\]]*\])?"
    r"|@\[code[^\]]*\]\([^()]*\)|\+\+\+(?:[ ]*\{.*\})?)[ ]*$"
)
_SHOWN_RE = lazy_pattern(r"(\{\{([<%]))/\*([^\n]{0,300}?)\*/([>%]\}\})")
_ITEMS_RE = lazy_pattern(r"""\bitems\s*=\s*(?:\{\s*\[([^\]]*)\]|"([^"]*)")""")
_LINK_RE = lazy_pattern(r"<((?:[A-Z]\w*)?(?:Link|Button))(?=\s)")
_OF_HEAD = frozenset("base link meta".split())
_TITLES = ("title", "label", "header", "summary", "file-name", "filename")
_SOURCES = ("src", "image_path", "path", "url", "file", "image")
_TARGETS = ("href", "to", "link")
_SAID = ("description", "subtitle", "caption", "content", "text", "message")
_FILMS = {"vimeo": "https://vimeo.com/", "youtube": "https://www.youtube.com/watch?v="}
_FILM_RE = lazy_pattern(r"[\w-]{6,20}")
_FENCE_RE = lazy_pattern(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_FROM_RE = lazy_pattern(r"""\bfrom\s*(["'])[^"']+\1\s*;?\s*$""")
_IMPORT_RE = lazy_pattern(
    r"""import\s+(?:["'][./@][^"']*["']\s*;?\s*$|(?:type\s+)?(?:\w+|\{[^{}]*\}|\*\s+as\s+\w+)(?:\s*,\s*\{[^{}]*\})?\s+from\s*(["'])[^"']+\1\s*;?\s*$)"""
)
_OPEN_IMPORT_RE = lazy_pattern(r"import\s+(?:type\s+)?(?:\w+\s*,\s*)?\{[^{}]*$")
_EXPORT_RE = lazy_pattern(
    r"export\s+(?:(?:const|let|var)\s+[\w{\[][^=]*=\s*(?:[\[{(\"'`\d]|(?:async|await|new|function)\b|\w+\s*=>|[\w.]+\()"
    r"|(?:default\s+)?(?:async\s+)?(?:function\s*\w*\s*\(|class\s+\w+\s*(?:extends\s+[\w.]+\s*)?\{)"
    r"|default\s+(?:[({]|[\w.]+(?:;\s*$|\())|(?:\{[^{}]*\}|\*(?:\s+as\s+\w+)?)\s*from\s*[\"'])"
)


class Tag(NamedTuple):
    """One tag."""

    name: str
    """In small letters."""
    is_end: bool
    said: str
    """What stands behind its name."""
    is_whole: bool = False
    """Whether nothing is in it: `<Card />`."""

    def values(self) -> dict[str, str]:
        """Its attributes."""
        return {
            found[1].lower(): " ".join((found[2] or found[3] or found[4] or "").split())
            for found in _ATTRIBUTE_RE.finditer(self.said)
        }

    def words(self) -> Iterator[str]:
        """What it says without names."""
        return (next(filter(None, found.groups()), "") for found in _ANY_WORD_RE.finditer(self.said))

    def second_word(self) -> str:
        """What it says behind that between quotation marks: `A`, in `{{% notice tip "A" %}}`."""
        first = _WORD_RE.match(self.said)
        second = _QUOTED_RE.match(self.said, first.end()) if first else None
        return second[1] if second else ""

    def first_word(self) -> str:
        """What it says first without a name: `bash`, in `{% highlight bash %}`."""
        found = _WORD_RE.match(self.said)
        return next(filter(None, found.groups()), "") if found else ""


class TagLine(NamedTuple):
    """Lines that have nothing but tags."""

    length: int
    tags: tuple[Tag, ...]
    text: str
    """What stands between the first tag and the one that closes it, if all is in one line."""


def read_tag_line(lines: Sequence[str], start: int, text: str) -> TagLine | None:
    """The tags that line `start` has, whose text is `text`; None where it is prose.

    >>> read_tag_line(['{{< note >}}A{{< /note >}}'], 0, '{{< note >}}A{{< /note >}}').text
    'A'
    >>> read_tag_line(["{% b %} is a tag"], 0, "{% b %} is a tag")
    """
    length, end = _tag_length(lines, start, text), 0
    if length > 1:
        text = "\n".join([text, *lines[start + 1 : start + length]])
    found = _TAG_RE.match(text)
    if not found:
        return None
    tags = list[Tag]()
    while found:
        tag = _read_tag(found[found.lastgroup or ""])
        if tag is None or (found.lastgroup == "call" and tag.name in _PARTS):
            return None
        tags.append(tag)
        end = found.end()
        while text[end : end + 1].isspace():
            end += 1
        found = _TAG_RE.match(text, end)
    rest = text[end:].rstrip()
    if not rest:
        return TagLine(length, tuple(tags), "")
    closing = _TAG_RE.match(rest, max(rest.rfind("{%"), rest.rfind("{{")))
    last = _read_tag(closing[closing.lastgroup or ""]) if closing and closing.end() == len(rest) else None
    if closing is None or last is None or not last.is_end or last.name != tags[0].name:
        return None
    return TagLine(length, tuple(tags), rest[: closing.start()].strip())


def _tag_length(lines: Sequence[str], start: int, text: str) -> int:
    """How many lines the tag has that a text begins with."""
    closing = next((end for opening, end in _SIGNS if text.startswith(opening)), "")
    if closing and closing not in text:
        for number in range(start + 1, min(start + MOST_TAG_LINES, len(lines))):
            if closing in lines[number]:
                return number - start + 1
            if not lines[number].strip():
                break
    return 1


def read_component(tag: str) -> Tag:
    """The tag of a component that a text begins with.

    >>> read_component('<TabItem label="A">').values()
    {'label': 'A'}
    """
    found = _read_tag(_COMPONENT_RE.sub("", tag, count=1).strip("< \t\n"))
    return found if found is not None else Tag("", False, "")


def _read_tag(inside: str) -> Tag | None:
    found = _NAME_RE.match(inside)
    if found is None:
        return None
    said = inside[found.end() :].rstrip("- \t\n")
    return Tag(found["name"].lower(), found["end"] is not None, said.rstrip("/ \t\n"), said[-1:] == "/")


def find_end(lines: Sequence[str], start: int, name: str) -> int:
    """The line with nothing but the tag that closes one of this name, from `start` on; -1 for none.

    >>> find_end(["a", "{% endhint %}"], 0, "hint"), find_end(["</Note >"], 0, "note"), find_end(["x"], 0, "x")
    (1, 0, -1)
    >>> find_end(["```", "</Note>", "```", "</Note>"], 0, "note")  # in code it is no end
    3
    """
    fence = ""
    for number in range(start, len(lines)):
        found = _FENCE_RE.match(lines[number]) if name != "highlight" else None
        if found and (not fence or (found[1].startswith(fence) and not found[2].strip())):
            fence = "" if fence else found[1]
        if fence:
            continue
        text = lines[number].strip(" \t>" if lines[number].lstrip()[:1] == ">" else " \t")
        if text[:2] == "</":
            tag = _read_tag(text.strip("<>"))
        elif text[:1] == "{" and (call := _TAG_RE.match(text)) and call.end() == len(text):
            tag = _read_tag(call[call.lastgroup or ""])
        else:
            continue
        if tag is not None and tag.is_end and tag.name == name:
            return number
    return -1


def note_of(tag: Tag) -> tuple[str, str] | None:
    """The kind and the title of the note that a tag begins, as `read_directive` has them; None for another tag.

    >>> note_of(Tag("hint", False, ' style="warning"')), note_of(Tag("notice", False, " tip"))
    (('warning', ''), ('tip', ''))
    >>> note_of(Tag("tabitem", False, ' label="A"')), note_of(Tag("tabs", False, ""))
    (('tab', 'A'), None)
    """
    if tag.is_end:
        return None
    folded = _TITLED.get(tag.name)
    if folded:
        return (folded, title) if (title := _title_of(tag)) else None
    if tag.name in ("blockquote", "pullquote"):  # as Hexo has it
        return "quote", tag.said.strip(" \"'")
    if tag.name not in _NOTES:
        return None
    values = tag.values()
    said = (*map(values.get, ("style", "type", "color", "level")), tag.first_word(), tag.name)
    kind = next((word.lower() for word in said if word and word.lower() in NOTE_KINDS), "note")
    return kind, values.get("title") or tag.second_word()


def tabs_of(tag: Tag) -> list[str]:
    """The titles of the tabs in a tag, which have none of their own.

    >>> tabs_of(Tag("tabs", False, " items={['A', 'B']}")), tabs_of(Tag("tabs", False, ' items="A,B"'))
    (['A', 'B'], ['A', 'B'])
    """
    found = _ITEMS_RE.search(tag.said) if tag.name == "tabs" else None
    if not found:
        return []
    return [name.strip(" '\"`").replace('"', "") for name in (found[1] or found[2] or "").split(",")]


def with_title(tag: Tag, title: str) -> Tag:
    """The tag of a tab with a title, if it has none of its own."""
    is_bare = _TITLED.get(tag.name) == "tab" and not (tag.is_end or _title_of(tag))
    return tag._replace(said=f'{tag.said} title="{title}"') if is_bare else tag


def code_of(tag: Tag) -> str | None:
    """The info of the fence that a tag stands for; None if what follows it is no code.

    >>> code_of(Tag("highlight", False, " go")), code_of(Tag("tab", False, ""))
    ('go', None)
    """
    if tag.is_end or tag.name not in _CODE:
        return None
    return tag.name if tag.name == "mermaid" else tag.first_word() if tag.name == "highlight" else ""


def is_comment(tag: Tag) -> bool:
    """Whether what follows up to its end is for nobody."""
    return tag.name == _COMMENT and not tag.is_end


def fence_around(tag: Tag, lines: Iterable[str]) -> str:
    """The fence that makes code of the lines between a tag and its end; `""` if they have fences of their own.

    >>> fence_around(Tag("highlight", False, ""), ["a", "~~~"]), fence_around(Tag("code", False, ""), ["```", "b"])
    ('~~~~', '')
    """
    longest, is_first = 2, tag.name != "highlight"
    for line in lines:
        if found := _FENCE_RE.match(line):
            if is_first:
                return ""
            longest = max(longest, len(found[1]))
        is_first = is_first and not line.strip()
    return "~" * (longest + 1)


def texts_of(tag: Tag) -> Iterator[str]:
    """The paragraphs of Markdown that are shown for a tag: its image, its address, its title in bold, what it says of
    itself.

    >>> list(texts_of(Tag("figure", False, ' src="a.png" alt="A"'))), list(texts_of(Tag("tab", False, ' "B"')))
    (['![A](<a.png>)'], ['**B**'])
    >>> list(texts_of(Tag("card", False, ' title="C" description="d"'))), list(texts_of(Tag("img", False, " a.png 9")))
    (['**C**', 'd'], ['![](<a.png>)'])
    """
    if tag.is_end or tag.name in _OF_HEAD:
        return
    values, title = tag.values(), _title_of(tag)
    named = (values.get(name, "") for name in _SOURCES)
    source = next(filter(is_image, named), "") or next(filter(is_image, tag.words()), "")
    said = next((values[name] for name in _SAID if values.get(name)), "")
    if said and values.get("number"):
        said = f"{tag.name.capitalize()} {values['number']}: {said}"
    address = _address_of(tag, values)
    if source:
        alt = values.get("alt") or said or title
        yield f"![{_without_brackets(alt)}](<{source.replace('<', '').replace('>', '')}>)"
    elif address:
        yield address
    elif title:
        target = next((values[name] for name in _TARGETS if values.get(name)), "")
        is_link = any(sign in target for sign in "./#") and not set("<>") & set(target)
        yield f"[**{_without_brackets(title)}**](<{target}>)" if is_link else f"**{title}**"
    if said and not (source and said == alt):
        yield said


def _address_of(tag: Tag, values: dict[str, str]) -> str:
    """Where a film or a file is, as Markdown."""
    if tag.name == "embed" and values.get("url", "").startswith(("https://", "http://")):
        return values["url"]
    if tag.name == "file" and values.get("src"):
        return f"[{values['src'].rpartition('/')[2]}](<{values['src']}>)"
    film = values.get("id") or values.get("videoid") or tag.first_word()
    return f"{_FILMS[tag.name]}{film}" if tag.name in _FILMS and film and _FILM_RE.fullmatch(film) else ""


def says_more(tag: Tag) -> bool:
    """Whether there is more to show of a tag than what stands between it and its end."""
    return note_of(tag) is not None or next(texts_of(tag), "") != ""


def _title_of(tag: Tag) -> str:
    values = tag.values()
    title = next((values[name] for name in _TITLES if values.get(name)), "")
    if not title and tag.name in _TITLED:
        title = (
            values.get("name")
            or values.get("value")
            or (tag.first_word() if tag.said.strip()[:1] in ("'", '"') else "")
        )
    if not title and tag.name in _NAMED:
        title = next((values[name] for name in ("name", "path", "query", "body", "header") if values.get(name)), "")
    return title.strip(" *")


def _without_brackets(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


def read_inline_tag(text: str, closed: Container[str]) -> str | None:
    """The words that are shown for a tag among words; None for prose, such as the type `List<T>`: a component has
    values, ends itself, or is one of those that are `closed` in the lesson.

    >>> read_inline_tag('<Badge text="A" />', ""), read_inline_tag("<Key>", {"Key"}), read_inline_tag("</Key>", "")
    ('A', '', '')
    >>> read_inline_tag('<Tab label="A">', "")
    ' A: '
    >>> read_inline_tag("<T>", ()), read_inline_tag('<IMG src="a.png">', ())
    (None, None)
    >>> read_inline_tag('{{< icon "a" >}}', ()), read_inline_tag("{{</* a */>}}", ())
    ('', '{{< a >}}')
    """
    if text[0] == "%":
        return ""
    if text[1:2] in ("'", '"'):
        return " "
    if text[0] == "{":
        inside = text[3:-3]
        if inside.startswith("/*"):
            return show_shortcodes(text)
        tag = Tag("", True, "") if text[1] == "/" else _read_tag(inside)
        return None if tag is None else _words_of(tag)
    name = text.strip("</>").split()[0]
    if not is_component(name):
        return None
    if text.endswith("/>"):
        return _words_of(read_component(text))
    if "=" not in text and text[1] != "/" and name not in closed:
        return None
    title = _title_of(read_component(text)) if "=" in text else ""
    return f" {title}: " if title else ""


def show_shortcodes(text: str) -> str:
    """The text with the shortcodes that Hugo shows as they are without the signs that say so.

    >>> show_shortcodes('{{</* a "b" */>}} {{%/* c */%}} {{</*/* d */*/>}}')
    '{{< a "b" >}} {{% c %}} {{</* d */>}}'
    """
    return _SHOWN_RE.sub(r"\1\3\4", text)


def link_of(text: str) -> tuple[str, str]:
    """The name and the target of a component that is a link; no target for any other.

    >>> link_of('<Link to="b.md">'), link_of('<Tooltip href="b.md">')
    (('Link', 'b.md'), ('', ''))
    """
    found = _LINK_RE.match(text)
    values = read_component(text).values() if found and not text.endswith("/>") else {}
    return (found[1], values.get("to") or values.get("href", "")) if found else ("", "")


def _words_of(tag: Tag) -> str:
    values = tag.values()
    said = tag.first_word() if tag.name in _WORDS and tag.said.strip()[:1] in ("'", '"') else ""
    return next((values[name] for name in ("text", "label", "title") if values.get(name)), said)


def module_length(lines: Sequence[str], start: int) -> int:
    """How many lines the `import` or `export` of a module of MDX has that begins with line `start`; 0 for prose.

    >>> module_length(["import A from './a';"], 0), module_length(["import {", "  B,", "} from 'b'"], 0)
    (1, 3)
    >>> module_length(["import numpy as np"], 0), module_length(["export default settings"], 0)
    (0, 0)
    """
    line = lines[start]
    if _IMPORT_RE.match(line):
        return 1
    if _OPEN_IMPORT_RE.match(line):
        for number in range(start + 1, min(start + MOST_TAG_LINES, len(lines))):
            if "}" in lines[number]:
                return number - start + 1 if _FROM_RE.search(lines[number]) else 0
            if not lines[number].strip():
                break
        return 0
    if not _EXPORT_RE.match(line):
        return 0
    opened = 0
    for number in range(start, min(start + MOST_TAG_LINES, len(lines))):
        line = lines[number]
        if not line.strip():
            break  # the words behind it may be meant
        opened += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        if opened <= 0 and line.rstrip()[-1:] not in ("=", "("):
            return number - start + 1
    return 0


def comment_length(lines: Sequence[str], start: int, text: str) -> int:
    """How many lines the comment of MDX has that begins with line `start`, whose text is `text`; 0 if something else
    stands behind it, or its paragraph ends before it does.

    >>> comment_length(["{/* a", "b */}"], 0, "{/* a"), comment_length(["{/* a", "", "b */}"], 0, "{/* a")
    (2, 0)
    """
    for number in range(start, len(lines)):
        line = text if number == start else lines[number]
        if not line.strip():
            break
        if "*/}" in line:
            return number - start + 1 if line.rstrip().endswith("*/}") else 0
    return 0


def hidden_length(closings: ClosingLines, start: int, text: str) -> int:
    """How many lines have nothing to show, from line `start` on, whose text is `text`: a page break, a part that is of
    another program, a comment of Obsidian.

    >>> lines = ["\\\\newpage", "<<< @/a.js", "<--->", "+++", "%%", "a", "b %%", "<<< a b"]
    >>> [hidden_length(ClosingLines(lines), number, line) for number, line in enumerate(lines)]
    [1, 1, 1, 1, 3, 0, 0, 0]
    """
    if text[:2] == "%%":
        end = closings.find("%%", start + 1) if "%%" not in text[2:] else -1
        return end - start + 1 if end >= 0 and closings.lines[end].rstrip().endswith("%%") else 0
    if text.rstrip() == "<>":
        return 1 if closings.find("</>", start + 1) >= 0 else 0
    return 1 if _HIDDEN_RE.match(text) else 0
