"""text -> which of its lines are to be left alone: switched off, or mojibake quoted on purpose."""

import re

from pipeline.repair.code import blank_code
from pipeline.repair.suspects import SUSPECT_RE

_OFF_RE = re.compile(r"<!--\s*repair:\s*off\s*-->.*?(?:<!--\s*repair:\s*on\s*-->|\Z)", re.DOTALL | re.IGNORECASE)
# What stands between a damaged word and its reading in a table of replacements: `Ã© -> é`, `| Ã© | é |`.
_REPLACED_BY = r"[`'\"*)\s]*(?:→|->|=>|⇒|\||=|:|,|←|<-|<=|thành|to|for|không phải)[`'\"*(\s]*"
# A listing of characters in order is a table of a code page, or a regular expression, not a text.
LISTED = 5


def find_quiet_lines(text: str) -> frozenset[int]:
    """Return the numbers (from 0) of the lines between `repair: off` and `repair: on`."""
    quiet: set[int] = set()
    if "repair:" in text:
        for match in _OFF_RE.finditer(blank_code(text)):
            first = text.count("\n", 0, match.start())
            quiet.update(range(first, first + match[0].count("\n") + 1))
    return frozenset(quiet)


def quotes_only(text: str) -> bool:
    """Say whether everything suspicious stands in code of an otherwise sound text.

    >>> quotes_only('The file showed `Ã©` for é.'), quotes_only('cafÃ© `x`')
    (True, False)
    """
    return "`" in text and SUSPECT_RE.search(blank_code(text)) is None


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
    """Say whether the line is a table of replacements: the word, an arrow or a bar, and its reading.

    >>> quotes_reading('Ã© -> é', 'Ã©', 'é'), quotes_reading('dÃ©jÃ  déjà vu', 'dÃ©jÃ', 'déjà')
    (True, False)
    """
    pairs = list(zip(before.split(), after.split()))
    if len(pairs) > 1:
        return any(quotes_reading(line, word, reading) for word, reading in dict.fromkeys(pairs) if word != reading)
    before, after = before.strip(" `'\""), after.strip(" `'\"")
    if after.isascii() or not before or after not in line or after not in line.replace(before, ""):
        return False
    words = re.escape(before), re.escape(after)
    return any(re.search(_REPLACED_BY.join(pair), line) for pair in (words, words[::-1]))
