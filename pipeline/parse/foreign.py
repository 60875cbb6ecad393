"""Lines that are for another program -> what they say.

These are tags of Liquid (`{% tab %}`) and of Hugo (`{{< tab >}}`), components (`<Tab>`), calls of mdBook's
preprocessors (`{{#tab}}`), and the modules and comments of MDX. Each counts only where it has its line for itself, or
begins it and is closed at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.parse.html_blocks import ClosingLines
from pipeline.patterns import lazy_pattern

MOST_TAG_LINES = 50
"""Of one tag, or of one module's line."""

_PARTS = frozenset("include playground playpen rustdoc_include".split())

_TAG_RE = lazy_pattern(
    r"\{%-?(?P<liquid>(?:[^%]|%(?!\}))*)%\}|\{\{<(?P<raw>(?:[^>]|>(?!\}\}))*)>\}\}"
    r"|\{\{%(?P<shown>(?:[^%]|%(?!\}\}))*)%\}\}|\{\{(?:#|(?=/[a-z]))(?P<call>[^{}]*)\}\}"
)
_SIGNS = (("{%", "%}"), ("{{<", ">}}"), ("{{%", "%}}"))
_NAME_RE = lazy_pattern(r"\s*+(?P<end>/|end(?=[a-z]))?\s*+(?P<name>[A-Za-z][\w.:-]*)")
_ATTRIBUTE_RE = lazy_pattern(r"""(?<![\w-])([\w-]++)\s*+=\s*+\{?\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'{},]+))""")
_COMPONENT_RE = lazy_pattern(r"(?<!=)>.*", re.S)
_WORD_RE = lazy_pattern(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w+#-]+)(?![\w=]))""")
_ANY_WORD_RE = lazy_pattern(r"""(?<!=)"([^"]*)"|(?<!=)'([^']*)'|(?<!\S)([^\s"'={}]+)(?!\S)""")
_QUOTED_RE = lazy_pattern(r"""\s+"([^"]*)\"""")
_HIDDEN_RE = lazy_pattern(
    r"(?:\\(?:newpage|pagebreak|clearpage|bigskip|medskip|smallskip)|<--->|</>"
    r"|<<<[ ]*[@./][^\s{}]*(?:\{[^{}]*\})?(?:[ ]*\[[^\]]*\])?"
    r"|@\[code[^\]]*\]\([^()]*\)|\+\+\+(?:[ ]*\{.*\})?)[ ]*$"
)
_FENCE_RE = lazy_pattern(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_FROM_RE = lazy_pattern(r"""\bfrom\s*(["'])[^"']+\1\s*+;?\s*+$""")
_IMPORT_RE = lazy_pattern(
    r"""import\s+(?:["'][./@][^"']*["']\s*+;?\s*+$|(?:type\s+)?(?:\w+|\{[^{}]*\}|\*\s+as\s+\w+)(?:\s*,\s*\{[^{}]*\})?\s+from\s*(["'])[^"']+\1\s*+;?\s*+$)"""
)
_OPEN_IMPORT_RE = lazy_pattern(r"import\s+(?:type\s+)?(?:\w+\s*,\s*)?\{[^{}]*$")
_EXPORT_RE = lazy_pattern(
    r"export\s+(?:(?:const|let|var)\s+[\w{\[][^=]*=\s*(?:[\[{(\"'`\d]|(?:async|await|new|function)\b|\w+\s*=>|[\w.]+\()"
    r"|(?:default\s+)?(?:async\s+)?(?:function\s*+\w*+\s*+\(|class\s+\w+\s*(?:extends\s+[\w.]+\s*)?\{)"
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
        tag = read_tag(found[found.lastgroup or ""])
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
    last = read_tag(closing[closing.lastgroup or ""]) if closing and closing.end() == len(rest) else None
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
    found = read_tag(_COMPONENT_RE.sub("", tag, count=1).strip("< \t\n"))
    return found if found is not None else Tag("", False, "")


def read_tag(inside: str) -> Tag | None:
    """What a tag says between its signs; None if it has no name."""
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
            tag = read_tag(text.strip("<>"))
        elif text[:1] == "{" and (call := _TAG_RE.match(text)) and call.end() == len(text):
            tag = read_tag(call[call.lastgroup or ""])
        else:
            continue
        if tag is not None and tag.is_end and tag.name == name:
            return number
    return -1


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
    stands behind it, or its paragraph ends before it does, or another begins.

    >>> [comment_length(lines, 0, "{/* a") for lines in (["", "b */}"], ["", "", "b */}"], ["", "{/* b */}"])]
    [2, 0, 0]
    """
    for number in range(start, len(lines)):
        line = text if number == start else lines[number]
        if not line.strip() or (number > start and line.lstrip()[:3] == "{/*"):
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
