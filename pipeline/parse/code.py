"""A fence's info and its lines -> highlighted HTML, with classes only.

The text between the tags is always the code itself: whatever a lexer does to it, such as taking
away empty lines at its ends, would show in a copy.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from pipeline.parse.doubts import has_marks, marks_in_html
from pipeline.patterns import lazy_pattern

MAX_CODE_CHARACTERS = 10_000
"""Longer code is shown plain, and so is code that nobody writes: many lexers need a time that grows with the square of
what follows. Of 3,801 real blocks the longest has 6,359 characters."""
MAX_LINE_CHARACTERS = 2_000
MAX_BLANKS = 100
"""In a row, line breaks too. 10,000 characters of AutoIt with 2,000 in a row took 2.6 s; of the real blocks none has
more than 77."""
MAX_PLAIN = 300
"""Letters, digits and blanks in a row: a lexer that looks for `Type name(` tries each word of them. 10,000 characters
of words took that of C# more than 3 s; of the real blocks none has more than 143."""
MAX_OPEN = 100
"""Brackets of a kind that nothing closes; real blocks have two."""
CACHED_BLOCKS = 512
# Coloured by no style of Pygments: half of all its spans, and as much of the page.
PLAIN_CLASSES = frozenset({"", "n", "p", "w", "x", "esc", "err"})

_BLANKS_RE = lazy_pattern(r"\s+")
_PLAIN_RE = lazy_pattern(r"[\w\s]+")
_LANGUAGE_RE = lazy_pattern(r"\{?[ ]*+\.?(?P<name>[^\s{}`:,=]++)(?!=)")
_ATTRIBUTE_RE = lazy_pattern(
    r"""(?<![\w-])(?P<name>[\w-]++)[ ]*+=[ ]*+(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<list>\[[^\[\]]*\])|(?P<bare>[^\s{}"',\[]+(?:,[\d-]+(?![\w=-]))*))"""
)
# Docusaurus, VuePress and others: ```js {1,4-6}
_LINES_RE = lazy_pattern(r"\{(?P<lines>[\d,\s-]+)\}")
# VitePress, Zenn and others: ```js [a.js], ```js:a.js, ```js a.js
_FILE_RE = lazy_pattern(r"\s\[([^\[\]]+)\]\s*$|^[\w+#-]+:([^\s:=]+)|^[\w+#-]+\s+([\w./-]+\.[A-Za-z]\w*)(?=\s|$)")
_TITLES = ("title", "caption", "filename", "file", "lst-cap", "fig-cap", "cap")
_NUMBER_RE = lazy_pattern(r"\d{1,6}")
_RANGE_RE = lazy_pattern(r"(?P<first>\d{1,6})(?:[ ]*-[ ]*(?P<last>\d{1,6}))?")


# Docusaurus and VitePress say in comments which lines stand out.
_OPENS_COMMENT, _ENDS_COMMENT = r"(?://|#|<!--|/\*|--|;|%|\{/\*)[ ]*", r"[ ]*+(?:-->|\*/\}?)?[ ]*+$"
_MARK_RE = lazy_pattern(rf"{_OPENS_COMMENT}\[!code (?:[a-z]+|\+\+|--)(?::(?P<count>\d{{1,4}}))?\]{_ENDS_COMMENT}")
_HIDDEN_RE = lazy_pattern(r"^[ \t]*#(?:[ ][^\n]*)?(?:\n|\Z)", re.M)
"""Of Rust: what makes an example whole, and rustdoc and mdBook do not show."""
_MARK_LINE_RE = lazy_pattern(rf"[ \t]*{_OPENS_COMMENT}highlight-(?P<what>next-line|start|end){_ENDS_COMMENT}")


class FenceInfo(NamedTuple):
    """What a fence says about its code: ```` ```python title="a.py" hl_lines="2-4 7" ````."""

    language: str = ""
    title: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    """Ranges of lines to stand out, counted from 1, both ends included."""
    first: int | None = None
    """The number of the first line, where lines have numbers."""


def read_fence_info(info: str) -> FenceInfo:
    """What the text behind a fence says.

    >>> read_fence_info('{.python title="a.py" hl_lines="2-4 7"}')
    FenceInfo(language='python', title='a.py', lines=((2, 4), (7, 7)), first=None)
    >>> read_fence_info("go {linenos=table,hl_lines=[2],linenostart=5}")
    FenceInfo(language='go', title='', lines=((2, 2),), first=5)
    >>> [read_fence_info(info).title for info in ("js [a.js]", "js:src/a.js", "js a.js live", "rust,ignore", "js live")]
    ['a.js', 'src/a.js', 'a.js', '', '']
    """
    info = info.strip()
    if not info:
        return _NO_INFO
    language = _LANGUAGE_RE.match(info)
    name = language["name"] if language and not _LINES_RE.match(info) else ""
    if language and language.end() == len(info):
        return FenceInfo(name)
    values = {
        found["name"]: next(value for value in found.group("double", "single", "list", "bare") if value is not None)
        for found in _ATTRIBUTE_RE.finditer(info)
    }
    lines = values.get("hl_lines")
    if lines is None and (found := _LINES_RE.search(info)):
        lines = found["lines"]
    ranges = [(int(found["first"]), int(found["last"] or found["first"])) for found in _RANGE_RE.finditer(lines or "")]
    title = next((values[key] for key in _TITLES if values.get(key)), "")
    if not title and (named := _FILE_RE.search(info)):
        title = next(filter(None, named.groups()))
    return FenceInfo(name, title, tuple(ranges), _first_line(values, info))


def take_line_marks(code: str, info: FenceInfo) -> tuple[str, FenceInfo]:
    """The code without comments that say which lines stand out, and the info with these lines.

    >>> code, info = take_line_marks("a // [!code ++]\\n// highlight-next-line\\nb\\n", FenceInfo("js"))
    >>> code, info.lines
    ('a\\nb\\n', ((1, 1), (2, 2)))
    """
    kept, ranges, start = list[str](), list(info.lines), 0
    for line in code.split("\n"):
        if "highlight-" in line and (alone := _MARK_LINE_RE.match(line)):
            if alone["what"] == "start":
                start = len(kept) + 1
            elif alone["what"] == "next-line" or start:
                ranges.append((start or len(kept) + 1, len(kept) + (not start)))
                start = 0
            continue
        if "[!code" in line and (mark := _MARK_RE.search(line)):
            line = line[: mark.start()].rstrip()
            ranges.append((len(kept) + 1, len(kept) + int(mark["count"] or 1)))
        kept.append(line)
    return "\n".join(kept), info._replace(lines=tuple(ranges))


def _first_line(values: Mapping[str, str], info: str) -> int | None:
    """The number of the first line, as Material for MkDocs, Hugo and Docusaurus write it."""
    for name in ("linenums", "linenostart", "showLineNumbers"):
        number = _NUMBER_RE.match(values.get(name, ""))
        if number:
            return int(number[0])
    return 1 if values.get("linenos", "false") != "false" or "showLineNumbers" in info.split() else None


_NO_INFO = FenceInfo()


@lru_cache(CACHED_BLOCKS)
def show_code(code: str, info: FenceInfo = _NO_INFO) -> str:
    """The HTML of a block of code.

    >>> show_code("x = 1", FenceInfo("python"))  # doctest: +ELLIPSIS
    '<div class="code"><pre tabindex="0"><code class="language-python">x <span class="o">=</span> <span class="mi">1...
    """
    if "[!code" in code or "highlight-" in code:
        code, info = take_line_marks(code, info)
    if info.language == "rust" and "#" in code:
        code = _HIDDEN_RE.sub("", code)
    title = f'<p class="code-title">{escape(info.title)}</p>' if info.title else ""
    name = f' class="language-{escape(info.language)}"' if info.language else ""
    return f'<div class="code">{title}<pre tabindex="0"><code{name}>{highlight(code, info)}</code></pre></div>'


def highlight(code: str, info: FenceInfo) -> str:
    """The code as HTML; what has no lexer, or a lexer that fails, is shown plain."""
    if has_marks(code):
        return marks_in_html(escape(code, quote=False))
    lexer = _lexer(info.language) if info.language and _is_written(code) else None
    tokens = _tokens(lexer, code) if lexer is not None else [("", code)]
    if info.lines or info.first is not None:
        return _show_lines(tokens, info)
    return "".join(_span(name, text) for name, text in tokens)


def _is_written(code: str) -> bool:
    return (
        len(code) <= MAX_CODE_CHARACTERS
        and max(map(len, code.split("\n"))) <= MAX_LINE_CHARACTERS
        and _longest(_BLANKS_RE, code) <= MAX_BLANKS
        and _longest(_PLAIN_RE, code) <= MAX_PLAIN
        and all(code.count(opening) - code.count(closing) <= MAX_OPEN for opening, closing in ("()", "[]", "{}"))
    )


def _longest(pattern: re.Pattern[str], code: str) -> int:
    return max(map(len, pattern.findall(code)), default=0)


def css_classes() -> frozenset[str]:
    """Every class that can stand inside a block of code, for the style sheet."""
    from pygments.token import STANDARD_TYPES

    return frozenset(STANDARD_TYPES.values()) - PLAIN_CLASSES | {"hl", "line"}


@lru_cache
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name  # 10 ms, and not every lesson has code
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


@lru_cache
def _class_of(kind: Any) -> str:
    from pygments.token import STANDARD_TYPES

    while kind not in STANDARD_TYPES:
        kind = kind.parent
    name = STANDARD_TYPES[kind]
    return "" if name in PLAIN_CLASSES else name


def _tokens(lexer: Any, code: str) -> list[tuple[str, str]]:
    """Class and text of each token, neighbours of one class taken together."""
    tokens: list[tuple[str, str]] = []
    last: str | None = None
    try:
        for _, kind, text in lexer.get_tokens_unprocessed(code):
            name = _class_of(kind)
            if name == last:
                tokens[-1] = (name, tokens[-1][1] + text)
            else:
                tokens.append((name, text))
                last = name
    except Exception:
        # A lexer is a table of expressions by many hands: what it raises is its own affair.
        return [("", code)]
    return tokens if "".join(text for _, text in tokens) == code else [("", code)]


def _span(name: str, text: str) -> str:
    text = escape(text, quote=False)
    return f'<span class="{name}">{text}</span>' if name else text


def _show_lines(tokens: list[tuple[str, str]], info: FenceInfo) -> str:
    """The tokens with each line that stands out, or has a number, in an element of its own; a token ends with its
    line. A number is drawn by the style sheet: it is not copied with the code."""
    lines: list[list[str]] = [[]]
    for name, text in tokens:
        *ended, rest = text.split("\n")
        for part in ended:
            lines[-1].append(_span(name, part + "\n"))
            lines.append([])
        if rest:
            lines[-1].append(_span(name, rest))
    shown = []
    ranges = sorted(info.lines, reverse=True)
    last = 0
    """Of the lines that stand out, as far as they have begun."""
    for place, parts in enumerate(lines):
        line = "".join(parts)
        while ranges and ranges[-1][0] <= place + 1:
            last = max(last, ranges.pop()[1])
        classes = ["hl"] if place + 1 <= last else []
        number = ""
        if info.first is not None:
            classes.append("line")
            number = f' data-line="{info.first + place}"'
        if line and classes:
            line = f'<span class="{" ".join(classes)}"{number}>{line}</span>'
        shown.append(line)
    return "".join(shown)
