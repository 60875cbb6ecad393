"""findings -> a file of those that were accepted, which only gets shorter.

A line for each finding, sorted: path, code and message, with a tab between. The number of its line is left out, so that
it is the same one when text above it comes or goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.errors import Diagnostic, SettingsError, as_typed, show_path, shown
from pipeline.patterns import lazy_pattern

HEAD = "# What `doit check --baseline` accepted: path, code, message. What is mended leaves the file by itself.\n"


_FINDING_RE = lazy_pattern(r"[^\t]*\t[a-z-]*\t[^\t]*")
_OF_MERGES = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
ONE_FOR_ALL = frozenset(("doubtful-repair", "loose-tex", "split-letters"))
"""Of these a lesson has one finding, which counts its places: whoever mends one of them has not brought another."""


def key_of(found: Diagnostic) -> str:
    """What makes a finding the same one after an edit.

    >>> key_of(Diagnostic("m", 3, path="a.md", code="c")) == key_of(Diagnostic("m", 9, path="a.md", code="c"))
    True
    """
    message = "*" if found.code in ONE_FOR_ALL else found.message
    return "\t".join(" ".join(part.split()) for part in (show_path(found.path), found.code, message))


def format_baseline(keys: Iterable[str]) -> str:
    """The file."""
    return HEAD + "".join(f"{key}\n" for key in sorted(keys))


def parse_baseline(text: str) -> Counter[str]:
    """How often each finding was accepted. Raises `SettingsError` with the line that is none.

    >>> parse_baseline("# a comment\\na.md\\tc-c\\tm\\n")
    Counter({'a.md\\tc-c\\tm': 1})
    """
    found = Counter[str]()
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if _FINDING_RE.fullmatch(line):
            found[line] += 1
        elif line.strip() and (line[0] != "#" or "\t" in line):
            is_merged = line.startswith(_OF_MERGES)
            again = f"take the line out, or delete the file: {as_typed('check --baseline')} writes it anew"
            hint = "keep the lines of both sides, and take out those of the merge" if is_merged else again
            raise SettingsError(f"this is no accepted finding: {shown(line)}", line=number, hint=hint)
    return found


def split_known(findings: Iterable[Diagnostic], accepted: Counter[str]) -> tuple[list[Diagnostic], Counter[str]]:
    """The findings that are new, and what is left of those that were accepted."""
    new, left = [], Counter[str]()
    for found in findings:
        key = key_of(found)
        if left[key] < accepted[key]:
            left[key] += 1
        else:
            new.append(found)
    return new, left
