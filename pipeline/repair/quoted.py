"""text -> which of its lines are to be left alone: switched off, or mojibake quoted on purpose."""

import re

from pipeline.repair.suspicion import SUSPECT_RE

_OFF_RE = re.compile(r"<!--\s*repair:\s*off\s*-->.*?(?:<!--\s*repair:\s*on\s*-->|\Z)", re.DOTALL | re.IGNORECASE)
_CODE_RE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?(?:^\1|\Z)|(`+)[^`\n].*?\2", re.DOTALL | re.MULTILINE)
# A listing of characters in order is a table of a code page, or a regular expression, not a text.
LISTED = 5


def find_quiet_lines(text: str) -> frozenset[int]:
    """Return the numbers (from 0) of the lines between `repair: off` and `repair: on`."""
    quiet: set[int] = set()
    if "repair:" in text:
        for match in _OFF_RE.finditer(text):
            first = text.count("\n", 0, match.start())
            quiet.update(range(first, first + match[0].count("\n") + 1))
    return frozenset(quiet)


def quotes_only(text: str) -> bool:
    """Say whether everything suspicious stands in code of an otherwise sound text.

    >>> quotes_only('The file showed `Ã©` for é.'), quotes_only('cafÃ© `x`')
    (True, False)
    """
    return "`" in text and SUSPECT_RE.search(_CODE_RE.sub("`", text)) is None


def lists_characters(line: str) -> bool:
    """Say whether the line lists characters in the order of a code page.

    >>> lists_characters('~¡¢£¤¥¦§¨©ª«¬®°²³'), lists_characters('Há»c táºp')
    (True, False)
    """
    ascending = 0
    for left, right in zip(line, line[1:]):
        ascending = ascending + 1 if right > "\x7f" and 0 < ord(right) - ord(left) < 3 else 0
        if ascending >= LISTED:
            return True
    return False


def quotes_reading(line: str, before: str, after: str) -> bool:
    """Say whether the line itself holds the reading: `Ã© -> é` is a table of replacements."""
    return not after.isascii() and len(after.strip()) > 0 and after in line.replace(before, "")
