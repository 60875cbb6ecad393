"""What can go wrong, told to a person: place, what happened, what to do.

A stage knows lines, not files: it raises a `PipelineError` or returns `Diagnostic` values, and the
edge that called it adds the path when it prints them::

    content/loops/while.md:12: link to '../lists.md' points outside the course
      hint: the lesson moved to content/data/lists.md
"""

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pipeline.patterns import TERMINAL_SIGNS, lazy_pattern

if TYPE_CHECKING:
    import re

Severity = Literal["error", "warning", "note"]

IN_LESSONS = "lessons"
"""In place of a path: what is so in many lessons is told once."""
NEAR_NAME = 0.7
"""How alike two names are, for one to be meant by the other: `contnet` and `content` have 0.86."""
TAKE_ONE_OUT = "take one of the two out"
"""The hint at what a file says twice: that reaches to what is said next."""
NAMES_TOLD = 3
"""So many of a long list are named."""
_TOML_LINE_RE = lazy_pattern(r"line (\d+)")
_TOML_NAME_RE = lazy_pattern(r"\s*(\[[^\]\n]*\]|[\w\"'.-]+(?=\s*=))")
MOST_NAME_PARTS = 100
"""`tomllib` takes a time that grows with the square of the parts of a name such as `a.b.c`: 10 s for 30,000."""
_LONG_NAME_RE = lazy_pattern(
    rf"""(?:\.[ \t]*+(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+){{{MOST_NAME_PARTS}}}"""
)
_QUOTED_RE = lazy_pattern(r"\"[^\"]*\"|'[^']*'")
_TWICE_RE = lazy_pattern(r"Cannot (?:overwrite|declare)")
_HARMFUL_RE = lazy_pattern(rf"[\x00-\x08\x0b-\x1f{TERMINAL_SIGNS}]")
_CONTROL_RE = lazy_pattern(rf"[\x00-\x1f{TERMINAL_SIGNS}]")


CALLED = ContextVar("CALLED", default="doit")
"""The program that a person started: doit itself, or the one of this package, which sets it."""


def as_typed(arguments: str) -> str:
    """A command as it is typed where this one was.

    >>> as_typed("report")
    'doit report'
    """
    return f"{CALLED.get()} {arguments}"


class Edit(NamedTuple):
    """Some characters of one line of a source, and what is to stand in their place."""

    line: int
    """1-based."""
    column: int
    """1-based, in characters."""
    before: str
    after: str
    """May be several lines, with `\\n` between them."""


class Diagnostic(NamedTuple):
    """One thing to tell the maintainer about one source."""

    message: str
    """What is wrong, in one line, without the path."""
    line: int | None = None
    """1-based line in the source, None when the whole file is meant."""
    hint: str = ""
    """What to do about it; may be empty."""
    severity: Severity = "warning"
    """`error` fails the build, `warning` is shown once, `note` only in the record."""
    path: str = ""
    """The file it is about, as it is to be shown, when that is not the source it was found with: a template."""
    code: str = ""
    """The name of its kind, a row of `pipeline/checks/`."""
    column: int | None = None
    """1-based column in that line, in characters; None when the whole line is meant."""
    fix: tuple[Edit, ...] = ()
    """What mends it, where there is one safe answer."""

    def format(self, path: str = "", *, with_code: bool = False) -> str:
        """The diagnostic as printed, with `path` before the line, or the one that it brings along.

        >>> print(Diagnostic("empty file", hint="write the lesson").format("a.md"))
        a.md: warning: empty file
          hint: write the lesson
        """
        numbers = ":".join(str(number) for number in (self.line, self.line and self.column) if number)
        place = ":".join(filter(None, (show_path(self.path or path), numbers)))
        label = "" if self.severity == "error" else f"{self.severity}: "
        message = show_signs(self.message)
        text = f"{place}: {label}{message}" if place else f"{label}{message}"
        code = f" [{self.code}]" if with_code and self.code else ""
        return f"{text}{code}\n  hint: {show_signs(self.hint)}" if self.hint else f"{text}{code}"

    def as_plain(self) -> dict[str, Any]:
        """What programs are given of it, as JSON has it."""
        plain: dict[str, Any] = self._asdict() | {"path": show_path(self.path)}
        return plain | {"fix": [edit._asdict() for edit in self.fix]}


def show_signs(text: str) -> str:
    """A text that may have words of a lesson, as a terminal can be given it: control characters but tabs and line
    breaks are escaped, or a lesson could write over what was told before.

    >>> print(show_signs("a\\x1b[2Kb"), show_signs("a\\u202eb\\x9b2J"))
    a\\x1b[2Kb a\\u202eb\\x9b2J
    """
    return _HARMFUL_RE.sub(_escape, text)


def _escape(match: "re.Match[str]") -> str:
    sign = ord(match.group())
    return f"\\x{sign:02x}" if sign < 0x100 else f"\\u{sign:04x}"


def show_path(path: str) -> str:
    """A path as it can be printed: control characters and bytes that are no UTF-8 are escaped.

    >>> show_path("bài\\udcff.md") == "bài\\\\xff.md"
    True
    """
    escaped = _CONTROL_RE.sub(_escape, path)
    return escaped.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def nearest_name(name: str, known: Iterable[str]) -> str:
    """The name that was most likely meant; empty if none is near.

    >>> nearest_name("rendr", ["render", "repair"]), nearest_name("x", ["render", "repair"])
    ('render', '')
    >>> nearest_name("nwe", ["news", "new"])  # letters that changed places are near however short the name is
    'new'
    """
    from difflib import get_close_matches  # 3 ms, and only faults need it

    names = sorted(known)
    swapped = (each for each in names if len(each) == len(name) and sorted(each) == sorted(name))
    return next(swapped, "") or next(iter(get_close_matches(name, names, n=1, cutoff=NEAR_NAME)), "")


def near_name(name: str, known: Iterable[str], what: str) -> str:
    """A hint at the name that was most likely meant, else at all there are.

    >>> near_name("contnet", ["content", "title"], "the blocks"), near_name("x", ["b", "a"], "the blocks")
    ('did you mean content?', 'the blocks are a, b')
    """
    names = sorted(known)
    found = nearest_name(name, names)
    return f"did you mean {found}?" if found else f"{what} are {', '.join(names)}"


def find_line(text: str, words: str, after: str = "") -> int | None:
    """The 1-based line of the words, looked for behind the first place of `after`; without the words, that place's.

    >>> find_line("x = 1\\nlinks = [\\n  'a',\\n  'x',\\n]", "'x'", "links")
    4
    """
    start = max(text.find(after), 0)
    place = text.find(words, start)
    if place < 0:
        place = text.find(after) if after else -1
    return text.count("\n", 0, place) + 1 if place >= 0 else None


def find_lines(text: str, words: Iterable[str], after: str = "") -> dict[str, int | None]:
    r"""What `find_line` gives for each of many words that stand in quotation marks, in one pass over the text.

    >>> find_lines("x = ['a']\nlinks = [\n  'a',\n  'b']", ["a", "b", "c"], "links")
    {'a': 3, 'b': 4, 'c': 2}
    """
    start = text.find(after) if after else 0
    first = text.count("\n", 0, max(start, 0)) + 1
    lines: dict[str, int] = {}
    for number, line in enumerate(text[max(start, 0) :].split("\n"), first):
        for quoted in _QUOTED_RE.findall(line):
            lines.setdefault(quoted[1:-1], number)
    return {word: lines.get(word, first if after and start >= 0 else None) for word in words}


def some_of(names: Sequence[str]) -> str:
    """The first few of many names, and how many more there are.

    >>> some_of(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = len(names) - NAMES_TOLD
    return ", ".join(names[:NAMES_TOLD]) + (f" and {more:,} more" if more > 0 else "")


def count_of(number: int, noun: str) -> str:
    """So many of something.

    >>> count_of(1, "lesson"), count_of(1200, "page")
    ('1 lesson', '1,200 pages')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def shown(value: object) -> str:
    """A value that someone wrote, as it can be told: a few YAML aliases stand for a thousand million items.

    >>> shown("soon"), shown([1, [2, [3, [4, [5]]]]])
    ("'soon'", '[1, [2, [3, [...]]]]')
    """
    import reprlib  # only faults need it

    told = reprlib.Repr()
    told.maxlevel, told.maxstring, told.maxother = 3, 60, 60
    try:
        return told.repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of too many digits"


class PipelineError(Exception):
    """A person's mistake or a broken source: shown without a traceback.

    Survives pickling, so that it can cross from a worker process.
    """

    code = "cannot-build"
    """Of the diagnostic that it becomes."""

    def __init__(self, message: str, *, line: int | None = None, hint: str = "", path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.hint = hint
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.line, self.hint, self.path))

    @property
    def diagnostic(self) -> Diagnostic:
        """The same fault as a value that can be stored and shown again."""
        return Diagnostic(self.message, self.line, self.hint, "error", self.path, self.code)


def _rebuild(kind: type[PipelineError], message: str, line: int | None, hint: str, path: str) -> PipelineError:
    return kind(message, line=line, hint=hint, path=path)


class DecodeError(PipelineError):
    """The bytes of a source are no text."""

    code = "no-text"


class LessonError(PipelineError):
    """The text of a lesson cannot be turned into a page."""

    code = "refused-lesson"


class TemplateError(PipelineError):
    """A template cannot be loaded or rendered."""

    code = "broken-template"


class SettingsError(PipelineError):
    """`course.toml` or the command line asks for something that cannot be done."""

    code = "wrong-setting"


def read_toml(text: str, hint: str) -> dict[str, Any]:
    """What a file about the course says; raises `SettingsError` with the line where it is no TOML."""
    import tomllib

    if long := _LONG_NAME_RE.search(text):
        at = text.count("\n", 0, long.start()) + 1
        raise SettingsError(f"a name of more than {MOST_NAME_PARTS} parts", line=at, hint=hint)
    try:
        return tomllib.loads(f"{text}\n")  # it knows no line at the end of a text
    except (ValueError, RecursionError) as error:
        found = _TOML_LINE_RE.search(str(error))
        line = int(found.group(1)) if found else None
        twice = _find_twice(text, line) if line and _TWICE_RE.match(str(error)) else None
        if twice:
            name, first, line = twice
            message = f"{name} is there twice, first in line {first}"
            raise SettingsError(message, line=line, hint=TAKE_ONE_OUT) from None
        told = f"this is no TOML: {error}" if isinstance(error, ValueError) else "its lists are nested too deep"
        raise SettingsError(told, line=line, hint=hint) from None


def _find_twice(text: str, line: int) -> tuple[str, int, int] | None:
    """What a text of TOML says for the second time above or in a line: its name, and where both begin; None if they do
    not stand there under one name.

    >>> _find_twice("a = 1\\n[b]\\na = 2\\na = [\\n  3,\\n]", 6), _find_twice("[x]\\na = 1\\n[x]", 3)
    (("'a'", 3, 4), ('[x]', 1, 3))
    """
    lines = text.split("\n")[:line]
    names = [(number, found[1]) for number, said in enumerate(lines, 1) if (found := _TOML_NAME_RE.match(said))]
    if not names:
        return None
    at, name = names.pop()
    for number, other in reversed(names):
        if other == name:
            return name if name[0] == "[" else f"'{name}'", number, at
        if other[0] == "[" and name[0] != "[":
            break
    return None


class SourceError(PipelineError):
    """A source file or folder cannot be read."""

    code = "unreadable-file"


class TargetError(PipelineError):
    """An output file cannot be written or removed."""

    code = "unwritable-file"


class ClusterError(PipelineError):
    """The cluster that was asked for cannot be used any more, or not at all."""

    code = "lost-cluster"


class StateError(PipelineError):
    """What was made cannot be kept: the disk is full, or the state file was taken away."""

    code = "lost-state"
