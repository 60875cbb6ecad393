"""text of `redirects.toml` -> former paths and the lessons that stand elsewhere now.

    "old/while.md" = "03_loops/while.md"

Written by `doit renames` from what builds saw; a lesson's own `aliases` do the same.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping

from pipeline.errors import SettingsError

_HEAD = "# Former paths of lessons and where they stand now; `doit renames` adds what builds saw.\n"


def parse_redirects(text: str) -> dict[str, str]:
    """Former path -> path of a lesson. Raises `SettingsError`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"this is no TOML: {error}", hint='a line looks like this: "old.md" = "new.md"') from None
    for name, value in table.items():
        if not isinstance(value, str):
            raise SettingsError(f"{name!r} must lead to the path of a lesson in quotes, not {value!r}")
    return table


def format_redirects(redirects: Mapping[str, str]) -> str:
    """The text of `redirects.toml`.

    >>> parse_redirects(format_redirects({"cũ.md": "a/mới.md"}))
    {'cũ.md': 'a/mới.md'}
    """
    rows = (f"{_quoted(old)} = {_quoted(new)}\n" for old, new in sorted(redirects.items()))
    return _HEAD + "".join(rows)


def _quoted(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which no path of a course may hold.
    return json.dumps(text, ensure_ascii=False)
