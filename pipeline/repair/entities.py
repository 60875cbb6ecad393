"""text -> its characters that were damaged, then written as HTML entities: `&Atilde;&copy;` -> `é`.

Two or more entities in a row that name what a western page shows of the bytes of a letter are this letter: no text
writes one so. In code they are what the code says.
"""

import html
import re

_RUN_RE = re.compile(r"(?:&(?:#\d{2,4}|#x[0-9A-Fa-f]{2,4}|[A-Za-z]{2,8}\d{0,2});){2,}")
# `&eacute;&nbsp;&nbsp;`, which would be a Chinese letter: signs and small letters with nothing but spaces behind them.
_SPACED_RE = re.compile("(?:[\\x00-\\x7fß-ÿ]\xa0*)+")
# The longest run that is read: four bytes a letter, of a word or two.
_MOST_CHARACTERS = 80


def may_have_entities(text: str) -> bool:
    """Say whether there may be two entities in a row; False is certain, and quick."""
    return ";&" in text


def find_entities(line: str) -> list[tuple[int, int, str]]:
    """Return (start, end, letters) of each run of entities that stands for letters.

    >>> find_entities('d&Atilde;&copy;j&Atilde;&nbsp; &lt;&gt;')
    [(1, 15, 'é'), (16, 30, 'à')]
    """
    found = []
    for match in _RUN_RE.finditer(line):
        letters = _decode(html.unescape(match[0])) if match.end() - match.start() <= 8 * _MOST_CHARACTERS else None
        if letters:
            found.append((match.start(), match.end(), letters))
    return found


def _decode(shown: str) -> str | None:
    if _SPACED_RE.fullmatch(shown):
        return None
    for page in ("cp1252", "latin-1"):
        try:
            letters = shown.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        if letters != shown and letters.isprintable():
            return letters
    return None
