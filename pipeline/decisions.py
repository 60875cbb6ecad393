"""text of `repairs.toml` -> what a person decided about damaged words, lesson by lesson.

    [[repair]]
    lesson = "03_loops/while.md"
    damaged = "Ä"
    action = "replace"      # or "accept", with the reading that was offered; or "reject"
    reading = "Đ"

`reading` is not needed for "reject".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.errors import SettingsError, find_line, read_toml
from pipeline.paths import nfc
from pipeline.patterns import lazy_pattern

Decisions = Mapping[str, str | None]
"""Damaged word -> its reading, or None to leave it as it is."""

_UNPRINTABLE_RE = lazy_pattern("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_NAMES = ("lesson", "damaged", "action", "reading")
_ACTIONS = ("accept", "reject", "replace")


def parse_decisions(text: str) -> dict[str, Decisions]:
    """Lesson path in NFC -> its decisions. Raises `SettingsError` with the line and number of the entry."""
    table = read_toml(text, 'a decision looks like this: [[repair]], and below it lesson = "a.md" and so on')
    unknown = sorted(set(table) - {"repair"})
    entries = table.get("repair", [])
    if unknown or not isinstance(entries, list):
        raise SettingsError(
            f"there is no {unknown[0]!r} here" if unknown else "'repair' must be a list",
            line=find_line(text, unknown[0] if unknown else "repair"),
            hint="each decision begins with a line [[repair]]",
        )
    decisions: dict[str, dict[str, str | None]] = {}
    for number, entry in enumerate(entries, 1):
        try:
            _check(entry, number)
        except SettingsError as error:
            hint = error.hint or f"a decision has {', '.join(_NAMES)}"
            raise SettingsError(error.message, line=_line_of_entry(text, number), hint=hint) from None
        reading = None if entry["action"] == "reject" else entry["reading"]
        decisions.setdefault(nfc(entry["lesson"]), {})[entry["damaged"]] = reading
    return dict(decisions)


def _line_of_entry(text: str, number: int) -> int | None:
    lines = [line for line, words in enumerate(text.splitlines(), 1) if words.strip().startswith("[[")]
    return lines[number - 1] if number <= len(lines) else None


def _check(entry: Any, number: int) -> None:
    place = f"[[repair]] number {number}"
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise SettingsError(f"{place}: every value must be a text in quotes")
    unknown = sorted(set(entry) - set(_NAMES))
    if unknown:
        raise SettingsError(f"{place}: there is no {unknown[0]!r}", hint=f"use {', '.join(_NAMES)}")
    if entry.get("action") not in _ACTIONS:
        raise SettingsError(f"{place}: 'action' must be one of {', '.join(_ACTIONS)}")
    if entry["action"] != "reject" and _UNPRINTABLE_RE.search(entry.get("reading", "")):
        raise SettingsError(f"{place}: 'reading' must be one line of printable text")
    needed = _NAMES[:2] if entry["action"] == "reject" else (*_NAMES[:2], "reading")
    for name in needed:
        if not entry.get(name):
            raise SettingsError(f"{place}: {name!r} is missing")
