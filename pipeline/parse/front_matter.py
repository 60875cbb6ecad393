"""text -> FrontMatter and the text without it.

The block's lines are replaced by empty ones, so that every later line keeps its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pipeline.errors import Diagnostic, FrontMatterError, shown
from pipeline.parse.converted import FrontMatter
from pipeline.parse.doubts import without_marks
from pipeline.patterns import lazy_pattern

_BLOCK_RE = lazy_pattern(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)
_KEY_RE = lazy_pattern(r"""\A\s*(?:#[^\n]*\n\s*)*["']?[\w-]+["']?\s*:(?:\s|\Z)""")
_TEMPLATE_RE = lazy_pattern(r"\w[\w-]*(?:/\w[\w-]*)*")
_HINT = 'write it like this: title: "Vòng lặp"'


MOST_ORDER = 10**15
"""A number with more digits is a mistake, and above 10 to the 308th no `float`."""
MAX_CHARACTERS = 20_000
"""Of front matter: YAML takes a second for 100,000."""
NEAR_FIELD = 0.8
"""How alike two names are, for one to be meant by the other: `titel`, `darft` and `Title` are so near; `subtitle`,
`updated` and `tags`, which other programs read, are not."""


def read_front_matter(text: str) -> tuple[FrontMatter, str, tuple[Diagnostic, ...]]:
    """The front matter, the text with its lines emptied, and what was odd about it.

    Raises `FrontMatterError` when the block is no YAML or a value has the wrong type. A first
    line `---` followed by prose is a rule, not front matter.
    """
    block = _BLOCK_RE.match(text) if text.startswith("---") else None
    if block is None or (block["yaml"].strip() and not _KEY_RE.match(block["yaml"])):
        return FrontMatter(), text, ()
    if len(block["yaml"]) > MAX_CHARACTERS:
        raise FrontMatterError(f"front matter of more than {MAX_CHARACTERS:,} characters", line=1, hint="shorten it")
    table = _load(without_marks(block["yaml"]))
    values: dict[str, Any] = {}
    diagnostics = []
    for key, value in table.items():
        name = key if isinstance(key, str) else shown(key)
        line = _line_of(block["yaml"], name)
        read = FIELDS.get(name)
        if read is None:
            meant = _meant(name, table)
            diagnostics.append(
                Diagnostic(
                    f"front matter has {name!r}, which nothing reads",
                    line=line,
                    hint=f"did you mean {meant}?" if meant else f"the names are {', '.join(FIELDS)}",
                    severity="warning" if meant else "note",
                )
            )
        elif value is not None:
            try:
                values[name] = read(value)
            except (TypeError, ValueError) as error:
                raise FrontMatterError(f"{name!r} must be {error}, not {shown(value)}", line=line) from None
    rest = "\n" * block.group().count("\n") + text[block.end() :]
    return FrontMatter(**values), rest, tuple(diagnostics)


def _meant(name: str, table: Mapping[Any, Any]) -> str:
    """The name of the table below that someone meant by another one and does not use besides; `""` if none is near."""
    from difflib import get_close_matches  # 3 ms, and few lessons have such a name

    found = get_close_matches(name.lower(), FIELDS.keys() - table.keys(), n=1, cutoff=NEAR_FIELD)
    return found[0] if found else ""


def _load(source: str) -> dict[Any, Any]:
    import yaml  # 15 ms, and most lessons have no front matter

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # A few lines of aliases stand for more items than there is memory for.
        events = yaml.parse(source, Loader=loader) if "*" in source else ()
        alias = next((event for event in events if isinstance(event, yaml.AliasEvent)), None)
        if alias is not None:
            message = f"the front matter has an alias, *{alias.anchor}"
            mark = alias.start_mark
            raise FrontMatterError(message, line=mark.line + 2 if mark else None, hint="write out what it stands for")
        table = yaml.load(source, Loader=loader)  # noqa: S506  (it is a safe one)
    except FrontMatterError:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise FrontMatterError(
            f"the front matter is no YAML: {getattr(error, 'problem', None) or error}",
            line=mark.line + 2 if mark is not None else 1,
            hint=_HINT,
        ) from None
    except Exception as error:
        # PyYAML raises whatever comes: what `datetime` does for `2026-13-45`, a KeyError for `!!bool x`.
        raise FrontMatterError(f"the front matter is no YAML: {error}", line=_date_line(source), hint=_HINT) from None
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise FrontMatterError("the front matter has no names", line=2, hint=_HINT)
    return table


def _date_line(source: str) -> int:
    """The line of what looks like a date, which is what YAML can read and Python cannot."""
    for number, line in enumerate(source.splitlines(), 2):
        if re.search(r"\b\d{4}-\d\d?-\d\d?\b", line):
            return number
    return 1


def _line_of(source: str, name: str) -> int:
    for number, line in enumerate(source.splitlines(), 2):
        if line.lstrip(" \"'").startswith(name):
            return number
    return 1


def _text(value: Any) -> str:
    if isinstance(value, (dict, list, set)) or (isinstance(value, int) and not -MOST_ORDER < value < MOST_ORDER):
        raise TypeError("a text")
    return " ".join(str(value).split())


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -MOST_ORDER < value < MOST_ORDER:
        raise TypeError("a number of at most 15 digits")
    return float(value)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _paths(value: Any) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise TypeError("a path or a list of paths")
    return tuple(items)


def _date(value: Any) -> str:
    # YAML makes a date of `2026-03-01`, a date with a time of `2026-03-01 08:00`.
    text = value.isoformat()[:10] if isinstance(value, date) else str(value).strip()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("a date like 2026-03-01") from None


def _template(value: Any) -> str:
    if not isinstance(value, str) or not _TEMPLATE_RE.fullmatch(value):
        raise TypeError("the name of a template without .html")
    return value


def _repair_mode(value: Any) -> str:
    # YAML 1.1 reads a bare `off` as false.
    mode = {False: "off", True: "auto"}.get(value, value) if isinstance(value, bool) else value
    if mode not in ("auto", "off"):
        raise ValueError("auto or off")
    return str(mode)


FIELDS: dict[str, Callable[[Any], Any]] = {
    "title": _text,
    "description": _text,
    "order": _number,
    "draft": _switch,
    "aliases": _paths,
    "date": _date,
    "template": _template,
    "repair": _repair_mode,
}
