"""text -> FrontMatter and the text without it.

The block's lines are replaced by empty ones, so that every later line keeps its number. Lessons come with the front
matter of other programs: what can be read is read, the rest is told, and no fault here takes a page away.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

from pipeline.errors import Diagnostic, Edit, SettingsError, read_toml, shown
from pipeline.parse.converted import FrontMatter
from pipeline.parse.doubts import without_marks
from pipeline.parse.fields import FIELDS
from pipeline.patterns import lazy_pattern

_ENTRY = r"""["']?[\w.-]+["']?[ \t]*:(?=\s|\Z)"""
_BEGIN = r"\A(?P<before>\s*\n)?---[ \t]*\r?\n"
_YAML_RE = lazy_pattern(rf"{_BEGIN}(?P<source>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M)
_TOML_RE = lazy_pattern(
    r"\A\+\+\+[ \t]*\r?\n(?P<source>\s*(?:(?:[\w\"'.-]+[ \t]*=|[\[#])[^\n]*\n.*?)?)^\+\+\+[ \t]*(?:\r?\n|\Z)",
    re.S | re.M,
)
# As far as a block goes that nothing closes: entries, and lines that go on with one.
_OPEN_RE = lazy_pattern(rf"{_BEGIN}(?P<source>(?:(?:{_ENTRY}|[ \t]+\S|-[ \t])[^\n]*(?:\n|\Z))+)")
_KEY_RE = lazy_pattern(rf"\A\s*(?:#[^\n]*\n\s*)*{_ENTRY}")
_ENTRY_RE = lazy_pattern(rf"^(?={_ENTRY})", re.M)
_PROSE_RE = lazy_pattern(rf"^(?!{_ENTRY}|[#\]}}-])\S", re.M)
_HINT = 'write it like this: title: "Vòng lặp"'

NEAR_FIELD = 0.8
"""How alike two names are, for one to be meant by the other: `titel`, `darft` and `Title` are so near; `subtitle`,
`updated` and `tags`, which other programs read, are not."""
MOST_CHARACTERS = 50_000
"""A longer block is not read: one that a person wrote has some hundred."""
MOST_VALUES = 1_000
"""So many values its other names may have, each item of a list counted: YAML can say one many times over."""
MOST_TOLD = 100
"""Of so many names it is told where they stand and what was meant: each is looked for in the whole block."""
MOST_KEPT = 10_000
"""So many characters are kept for templates of what a block says beside the known names, as JSON."""
DEEPEST = 20
"""So deep may its lists and mappings stand in one another."""
LARGEST = 1 << 53
"""Whole numbers above it are no numbers to other programs."""


class _Block(NamedTuple):
    """Front matter, and where it stands."""

    source: str
    line: int
    """Of the mark above it, from 1."""
    end: int
    """Offset of the text below it, in characters."""
    is_toml: bool = False


def read_front_matter(text: str) -> tuple[FrontMatter, str, tuple[Diagnostic, ...]]:
    """The front matter, the text with its lines emptied, and what was odd about it.

    A first line `---` followed by prose is a rule, not front matter.
    """
    if text[:3] not in ("---", "+++") and not text[:1].isspace():
        return FrontMatter(), text, ()
    block = _find_closed(text)
    table, told = _read_table(block) if block else ({}, [])
    if block is None or (told and _PROSE_RE.search(block.source)):
        # What closes it, if anything does, is a rule further down: the lesson is not to vanish into it.
        opened = _find(_OPEN_RE, text)
        if opened is not None and _has_field(opened):
            block = opened
            table, told = _read_table(block)
            last = text.count("\n", 0, block.end)
            told.append(_told("front matter is never closed", block.line, f"write --- on a line below line {last}"))
    if block is None:
        return FrontMatter(), text, ()
    if block.line > 1:
        hint = "begin the file with it: other programs do not see it here"
        told.append(_told("front matter stands behind an empty line", block.line, hint))
    front = _read_values(block, table, told)
    told.sort(key=lambda diagnostic: diagnostic.line or 0)
    return front, "\n" * text.count("\n", 0, block.end) + text[block.end :], tuple(told)


def _told(message: str, line: int, hint: str = "") -> Diagnostic:
    return Diagnostic(message, line=line, hint=hint, code="front-matter")


# --- where it stands ---


def _find_closed(text: str) -> _Block | None:
    if text.startswith("+++"):
        return _find(_TOML_RE, text)
    block = _find(_YAML_RE, text)
    if block is None or (block.line > 1 and not _has_field(block)):
        return None
    return block if not block.source.strip() or _KEY_RE.match(block.source) else None


def _find(pattern: re.Pattern[str], text: str) -> _Block | None:
    found = pattern.match(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start("source"))
    return _Block(without_marks(found["source"]), line, found.end(), text.startswith("+++"))


def _has_field(block: _Block) -> bool:
    """Whether it has a known name: prose between two rules seldom has."""
    return any(_place_in(block.source, name)[0] for name in FIELDS)


def _place_in(source: str, name: str, sign: str = ":") -> tuple[int, int]:
    """The 1-based line and column of a name; 0 and 1 if it has none."""
    found = re.search(rf"""^[ \t]*["']?({re.escape(name)})["']?[ \t]*{sign}""", source, re.M)
    if not found:
        return 0, 1
    return source.count("\n", 0, found.end()) + 1, found.start(1) - source.rfind("\n", 0, found.start(1))


# --- what it says ---


def _read_table(block: _Block) -> tuple[dict[Any, Any], list[Diagnostic]]:
    """What YAML or TOML makes of a block; where it makes nothing of it, of each entry by itself."""
    source = block.source
    if len(source) > MOST_CHARACTERS:
        message = f"front matter of {len(source):,} characters is not read; the limit is {MOST_CHARACTERS:,}"
        return {}, [_told(message, block.line, "put it into a file of its own")]
    if block.is_toml:
        return _load_toml(block)
    try:
        return _load_yaml(source, block.line), []
    except _NotYamlError as fault:
        starts = [match.start() for match in _ENTRY_RE.finditer(source)]
        if len(starts) < 2:
            return {}, [fault.args[0]]
    table: dict[Any, Any] = {}
    told = []
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        try:
            table |= _load_yaml(source[start:end], block.line + source.count("\n", 0, start))
        except _NotYamlError as fault:
            told.append(fault.args[0])
    return table, told


class _NotYamlError(Exception):
    """What is to be told of YAML that is none."""


def _load_yaml(source: str, line: int) -> dict[Any, Any]:
    """The mapping below a line. Raises `_NotYamlError`."""
    import yaml  # 15 ms, and most lessons have no front matter

    try:
        table = yaml.load(source, Loader=_yaml_loader())  # noqa: S506  (a safe one is below it)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if re.match(r"while (?:scanning a quoted|parsing a flow)", getattr(error, "context", None) or ""):
            mark = error.context_mark  # type: ignore[attr-defined]  # where it was opened, not where the text ends
        lines = source.rstrip().split("\n")
        at = min(mark.line, len(lines) - 1) if mark is not None else 0  # what is open to the end begins above it
        hint = "write spaces for the tab" if at < len(lines) and lines[at].startswith("\t") else _HINT
        problem = getattr(error, "problem", None) or error
        told = _told(f"front matter: this is no YAML: {problem}", line + 1 + at, hint)
        raise _NotYamlError(told._replace(column=mark.column + 1) if mark and mark.line == at else told) from None
    except Exception as error:  # PyYAML raises whatever comes: ValueError for 5,000 digits, KeyError for `!!bool x`
        raise _NotYamlError(_told(f"front matter: this cannot be read: {error}", line + 1, _HINT)) from None
    if not isinstance(table, dict) and table is not None:
        raise _NotYamlError(_told("front matter has no names", line + 1, _HINT))
    return table or {}


@cache
def _yaml_loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Dates stay as they are written, for PyYAML raises what `datetime` does; and nothing is merged, which can
        make much of little."""

        yaml_implicit_resolvers = {  # noqa: RUF012
            sign: [(tag, pattern) for tag, pattern in found if tag.rpartition(":")[2] not in ("timestamp", "merge")]
            for sign, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def flatten_mapping(self, node: object) -> None:
            """An explicit `!!merge` neither."""

    Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: self.construct_scalar(node))
    # In the order that it is written in: Python's own sets have another in each process.
    Loader.add_constructor("tag:yaml.org,2002:set", lambda self, node: list(self.construct_mapping(node)))
    return Loader


def _load_toml(block: _Block) -> tuple[dict[str, Any], list[Diagnostic]]:
    hint = "between +++ and +++ stands TOML; YAML stands between --- and ---"
    try:
        return read_toml(block.source.replace("\r\n", "\n"), hint), []
    except SettingsError as fault:
        return {}, [_told(f"front matter: {fault.message}", block.line + (fault.line or 0), hint)]


def _read_values(block: _Block, table: dict[Any, Any], told: list[Diagnostic]) -> FrontMatter:
    """The known fields, and the others as JSON; what is wrong with them is added to `told`."""
    values: dict[str, Any] = {}
    others: dict[str, Any] = {}
    counted = iter(range(MOST_VALUES))
    for key, value in table.items():
        name = key if isinstance(key, str) else shown(key)
        read = FIELDS.get(name)
        plain = "..."
        try:
            plain = _plain(value, iter(range(MOST_VALUES)) if read else counted)
            if read is None:
                others[name] = plain
            elif plain is not None and plain != "":
                values[name] = read(plain)
        except (TypeError, ValueError) as error:
            message = f"front matter: {shown(name)} must be {error}, not {shown(plain)}: it is left out"
            line, column = _place_in(block.source, name, "[:=]") if len(told) < MOST_TOLD else (0, 1)
            told.append(_told(message, block.line + line)._replace(column=column))
        if read is None and len(told) < MOST_TOLD:
            told.append(_tell_unknown(block, table, name, plain))
    kept = json.dumps(others, ensure_ascii=False, separators=(",", ":")) if others else ""
    if len(kept) > MOST_KEPT:
        limit = f"the limit is {MOST_KEPT:,} characters; put them into a file of their own"
        told.append(_told(f"front matter: {len(kept):,} beside the known names are left out", block.line, limit))
        kept = ""
    return FrontMatter(**values, others=kept)


def _tell_unknown(block: _Block, table: dict[Any, Any], name: str, value: Any) -> Diagnostic:
    """A name that is not known, with what mends it if it is a slip of one that can have the value."""
    line, column = _place_in(block.source, name, "[:=]")
    meant = _meant(name)
    there = ", which it has besides: take one out" if meant in table else "?"
    is_sure = False
    if meant and meant not in table and block.source.count(name) == 1 and line:
        from pipeline.slips import sure_name

        with contextlib.suppress(TypeError, ValueError):
            FIELDS[meant](value)
            is_sure = sure_name(name, FIELDS) == meant
    return Diagnostic(
        f"front matter has {shown(name)}, which only a template of your own can read",
        line=block.line + line,
        hint=f"did you mean {meant}{there}" if meant else f"the names are {', '.join(FIELDS)}",
        severity="warning" if meant else "note",
        code="unknown-field",
        column=column,
        fix=(Edit(block.line + line, column, name, meant),) if is_sure else (),
    )


def _meant(name: str) -> str:
    """The known name that someone meant by another one; `""` if none is near."""
    from difflib import get_close_matches  # 3 ms, and few lessons have such a name

    found = get_close_matches(name.lower(), FIELDS, n=1, cutoff=NEAR_FIELD)
    return found[0] if found else ""


def _plain(value: Any, counted: Iterator[int], depth: int = 0) -> Any:
    """A value of YAML or TOML as JSON has it. Raises ValueError with what it must be to be one."""
    if next(counted, None) is None:
        raise ValueError(f"one of at most {MOST_VALUES:,} values")
    if depth > DEEPEST:
        raise ValueError(f"no more than {DEEPEST} lists and mappings deep")
    if isinstance(value, dict):
        return {str(_plain(key, counted, depth)): _plain(item, counted, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, counted, depth + 1) for item in value]
    if isinstance(value, (date, datetime, time)):  # TOML
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(f"a number of at most {LARGEST:,}; write a text in quotes")
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
