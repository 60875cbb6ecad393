"""text of `redirects.toml` -> former paths and the lessons that stand elsewhere now; and back.

    "old/while.md" = "03_loops/while.md"

`redirects.toml` is a person's. What builds see renamed is in `renames.toml` beside the state, in the same form. A
lesson's own `aliases` do the same.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Container, Mapping

from pipeline.errors import PipelineError, SettingsError, find_line, read_toml, shown

ALIKE = 0.5
"""A lesson that is gone and a new one in the same run are one if they share this part of their text."""
_FORM = 'a line looks like this: "old.md" = "new.md"'
_HEAD = "# Former paths of lessons and where they stand now.\n"


_NOTED = (
    "# Former paths of lessons that builds saw renamed; `doit redirects` writes them into redirects.toml.\n"
    "# What is deleted here is led nowhere any more.\n"
)


def parse_redirects(text: str) -> dict[str, str]:
    """Former path -> path of a lesson. Raises `SettingsError`."""
    table = read_toml(text, _FORM)
    for name, value in table.items():
        if not isinstance(value, str):
            message = f"{name!r} must lead to the path of a lesson in quotes, not {shown(value)}"
            raise SettingsError(message, line=find_line(text, name), hint=_FORM)
    return table


def lines_of_redirects(text: str) -> dict[str, int]:
    """The 1-based line of each former path that has one of its own.

    >>> lines_of_redirects('# "b.md" was\\n"a.md" = "c.md"\\n"b.md" = "c.md"\\n')
    {'a.md': 2, 'b.md': 3}
    """
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        with contextlib.suppress(PipelineError):  # a part of something longer
            found.update(dict.fromkeys(parse_redirects(line), number))
    return found


def add_renames(
    redirects: Mapping[str, str],
    renames: Mapping[str, str],
    lessons: Container[str],
    moved: Mapping[str, str] = {},
) -> dict[str, str]:
    """The redirects with some renames more: what led to a former path leads on to the present one. A path where a
    lesson stands again is no former one, and one that leads to no lesson is forgotten. `moved` are lessons whose own
    former path needs no redirect, because something else stands there now: what led to them leads on.

    >>> add_renames({"a.md": "b.md"}, {"b.md": "c.md"}, {"c.md"})
    {'a.md': 'c.md', 'b.md': 'c.md'}
    >>> add_renames({"a.md": "b.md"}, {"a.md": "c.md"}, {"c.md"})
    {'a.md': 'c.md'}
    >>> add_renames({"a.md": "b.md"}, {"b.md": "a.md"}, {"a.md"})
    {'b.md': 'a.md'}
    >>> add_renames({"x.md": "a/index.md"}, {}, {"a/b.md"}, {"a/index.md": "a/b.md"})
    {'x.md': 'a/b.md'}
    >>> add_renames({"x.md": "2.md"}, {}, {"2.md", "3.md", "4.md"}, {"2.md": "3.md", "3.md": "4.md"})
    {'x.md': '3.md'}
    >>> add_renames({"a.md": "b.md"}, {}, {"c.md"})
    {}
    """
    moves = {**moved, **renames}
    led = {old: moves.get(new, new) for old, new in redirects.items()} | dict(renames)
    return {old: new for old, new in led.items() if old not in lessons and new in lessons}


def most_alike(text: str, others: Mapping[str, str]) -> str | None:
    """The name of the text that has most of its lines in common with this one; None if all have less than
    `ALIKE` of the longer one's.

    >>> most_alike("# One\\nwords\\nmore", {"a": "# Two\\nwords\\nmore", "b": "words"})
    'a'
    """
    lines = Counter(text.splitlines())
    shares = {name: _share(lines, Counter(other.splitlines())) for name, other in others.items()}
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] >= ALIKE else None


def _share(one: Counter[str], other: Counter[str]) -> float:
    whole = max(_length(one), _length(other))
    return _length(one & other) / whole if whole else 0.0


def _length(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())


def edit_redirects(text: str, redirects: Mapping[str, str]) -> str:
    """The text with just these redirects; comments and the order of its lines stay.

    >>> edit_redirects('# kept\\n"a.md" = "b.md"\\n', {"a.md": "c.md", "b.md": "c.md"})
    '# kept\\n"a.md" = "c.md"\\n"b.md" = "c.md"\\n'
    """
    waiting = dict(redirects)
    lines = []
    for line in (text or _HEAD).splitlines(keepends=True):
        try:
            found = parse_redirects(line)
        except PipelineError:
            found = {}  # a part of something longer
        for old, new in found.items():
            wanted = waiting.pop(old, None)
            if wanted != new:
                line = _line(old, wanted) if wanted is not None else ""
        lines.append(line if not line or line.endswith("\n") else line + "\n")
    edited = "".join([*lines, *(_line(old, new) for old, new in sorted(waiting.items()))])
    try:
        is_right = parse_redirects(edited) == redirects
    except PipelineError:
        is_right = False
    return edited if is_right else _HEAD + "".join(_line(old, new) for old, new in sorted(redirects.items()))


def format_renames(renames: Mapping[str, str]) -> str:
    """The text of `renames.toml`."""
    return _NOTED + "".join(_line(old, new) for old, new in sorted(renames.items()))


def _line(old: str, new: str) -> str:
    # A JSON string is a TOML string, but for DEL, which no path of a course may hold.
    return f"{json.dumps(old, ensure_ascii=False)} = {json.dumps(new, ensure_ascii=False)}\n"
