"""text -> which of its lines are to be left alone: switched off, or mojibake quoted on purpose."""

import re
from collections.abc import Callable, Iterable
from operator import sub

from pipeline.repair.code import blank_code
from pipeline.repair.suspects import SUSPECT_RE

_OFF_RE = re.compile(r"<!--\s*repair:\s*off\s*-->.*?(?:<!--\s*repair:\s*on\s*-->|\Z)", re.DOTALL | re.IGNORECASE)
# What stands between a damaged word and its reading in a table of replacements: `Ã© -> é`, `| Ã© | é |`.
_REPLACED_BY = r"[`'\"*)\s]*(?:→|->|=>|⇒|\||=|:|,|←|<-|<=|thành|to|for|không phải)[`'\"*(\s]*"
# What sets the parts of a line off from one another: the cells of a table, quoted strings, the two sides of an arrow.
_BETWEEN_RE = re.compile(r"→|⇒|←|->|=>|<-|<=|(?<!\w)'|'(?!\w)|[|=:;,()\[\]{}\"`]")
_LABEL_RE = re.compile(r"[\s>]*(?:[-*+]|\d+[.)])?\s*(?:[^:|]{1,40}:)?")
_AROUND = " \t*_#>+-'“”‘’«»"
_NAMES_DAMAGE_RE = re.compile(
    r"\b(?:mojibake|garbled|corrupted|utf-?8|latin-?1|unicode|charset|(?:en|de)cod(?:e|ed|ing)"
    r"|lỗi (?:font|phông|mã hóa|mã hoá))\b",
    re.IGNORECASE,
)
# The beginnings of all that it finds: quickly looked for.
_NAMES = ("mojibake", "garbled", "corrupted", "utf", "latin", "unicode", "charset", "cod", "lỗi ")
_STRING_RE = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|'[^'\n]*'")
# A listing of characters in order is a table of a code page, or a regular expression, not a text; so is a long run of
# letters that are all different, an alphabet ('ěščřžýáíéúů'): of two letters of a text one in sixteen is the same, so
# 15 in a row are all different once in 700 times.
LISTED = 5
ALPHABET = 15
# A run long enough, and what stands before it.
_LISTED_RE = re.compile(r"(?s:\A|.)[^\x00-\x7f]{5,}")


def find_quiet_lines(text: str) -> frozenset[int]:
    """Return the numbers (from 0) of the lines between `repair: off` and `repair: on`."""
    quiet: set[int] = set()
    if "repair:" in text:
        for match in _OFF_RE.finditer(blank_code(text)):
            first = text.count("\n", 0, match.start())
            quiet.update(range(first, first + match[0].count("\n") + 1))
    return frozenset(quiet)


def lists_characters(line: str) -> bool:
    """Say whether the line lists characters in the order of a code page.

    >>> [lists_characters(line) for line in ('ÀÁÂÃÄÅ', 'ÀÂÄÆÈÊ', 'ěščřžýáíéúůďťňó')]
    [True, True, True]
    >>> [lists_characters(line) for line in ('ÀÁÂÃÄ', 'ÀÃÆÉÌÏ', 'éééééé', 'ěščřžýáíéúůďťň', 'Há»c táºp')]
    [False, False, False, False, False]
    """
    for run in _LISTED_RE.findall(line):
        numbers = list(map(ord, run))
        steps = bytes(map((1, 2).__contains__, map(sub, numbers[1:], numbers)))
        beyond = run[run[0].isascii() :]
        if LISTED * b"\1" in steps or len(set(beyond)) == len(beyond) >= ALPHABET:
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


def names_damage(line: str) -> bool:
    """Say whether the line speaks of damage or encodings, and all that is suspicious stands in quotation marks.

    >>> names_damage('It shows as mojibake: "Ã©"'), names_damage('cafÃ© "Ã©"')
    (True, False)
    """
    return (
        any(map(line.lower().__contains__, _NAMES))
        and _NAMES_DAMAGE_RE.search(line) is not None
        and SUSPECT_RE.search(_STRING_RE.sub("", line)) is None
    )


def shows_reading(line: str, damage: Callable[[str], str | None]) -> bool:
    """Say whether a part of the line is another part of it, damaged: the other cell, what an arrow leads to.

    damage: what a sound text would look like damaged.

    >>> shows_reading('| cafÃ© crÃ¨me | café crème |', {'café crème': 'cafÃ© crÃ¨me'}.get)
    True
    """
    parts = split_parts(line)
    return any(damage(part) in parts for part in parts if not part.isascii() and not SUSPECT_RE.search(part))


def repeats_line(line: str, beside: Iterable[str], damage: Callable[[str], str | None]) -> bool:
    """Say whether the line is a sound line beside it, damaged, but for a label such as `Wrong:`.

    >>> repeats_line('Wrong: cafÃ©', ['Right: café'], {'café': 'cafÃ©'}.get)
    True
    """
    for other in beside:
        if not other.isascii() and not SUSPECT_RE.search(other):
            right, (label, said) = split_label(other)[1], split_label(line)
            if not right.isascii() and damage(right) == said and not SUSPECT_RE.search(label):
                return True
    return False


def pair_parts(line: str, repaired: str) -> dict[str, str]:
    """Return the repaired parts of a line, and all of it behind its label, with what each was before."""
    label, said = split_label(line)
    pairs = {after: before for after, before in zip(split_parts(repaired), split_parts(line)) if after != before}
    return pairs | {repaired[len(label) :].strip(): said} if repaired.startswith(label) else pairs


def split_parts(line: str) -> list[str]:
    """Split a line into its cells, quoted strings and whatever else signs set off from one another."""
    return [part.strip(_AROUND) for part in _BETWEEN_RE.split(line)]


def split_label(line: str) -> tuple[str, str]:
    """Split a line into its marker and label, and what it says."""
    match = _LABEL_RE.match(line)
    end = match.end() if match else 0
    return line[:end], line[end:].strip()
