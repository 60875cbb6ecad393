"""findings -> a file of those that were accepted, which only gets shorter.

A line for each finding, sorted: path, code, message and place, with a tab between. The number of its line is left out,
so that it is the same one when text above it comes or goes. The place is a sum of what its line says, and of what is
around it: of several findings that are called the same, it tells which were accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

from pipeline.errors import Diagnostic, SettingsError, as_typed, show_path, shown
from pipeline.patterns import lazy_pattern

HEAD = (
    "# What `doit check --baseline` accepted: path, code, message, and a sum of the words there. What is mended leaves "
    "the file by itself.\n"
)
_FINDING_RE = lazy_pattern(r"[^\t]*\t[a-z-]*\t[^\t]*(?:\t[0-9a-f-]*)?")
_PLACE_SIGN = "-"
_KEY_PARTS = 3
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


def place_in(lines: Sequence[str], number: int | None) -> str:
    """What the line of that number says, and what the nearest lines with words around it say, as two sums; `""` for no
    line.

    >>> place_in(["a", "[x](y)", "", "b"], 2) == place_in(["new", "", "a", "", "[x](y)", "b"], 5)
    True
    """
    if number is None or not 0 < number <= len(lines):
        return ""
    above = next((lines[at] for at in range(number - 2, -1, -1) if lines[at].strip()), "")
    below = next((lines[at] for at in range(number, len(lines)) if lines[at].strip()), "")
    return _PLACE_SIGN.join(_sum_of(text) for text in (lines[number - 1], f"{above}\n{below}"))


def _sum_of(text: str) -> str:
    return f"{crc32(' '.join(text.split()).encode('utf-8', 'surrogatepass')):08x}"


def accepted_line(found: Diagnostic, place: str) -> str:
    """A finding as a line of the file."""
    is_one = found.code in ONE_FOR_ALL or not place
    return key_of(found) if is_one else f"{key_of(found)}\t{place}"


def format_baseline(lines: Iterable[str]) -> str:
    """The file."""
    return HEAD + "".join(f"{line}\n" for line in sorted(lines))


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


def split_known(
    findings: Iterable[Diagnostic], accepted: Counter[str], place_of: Callable[[Diagnostic], str] = lambda found: ""
) -> tuple[list[Diagnostic], Counter[str]]:
    """The findings that are new, and what is left of the lines that were accepted.

    Where there are as many as were accepted, they are these. Where there are more or fewer of one name, `place_of` is
    asked: the same place is the same finding, else the same line, else whichever is left.
    """
    told, lines, new = list(findings), dict[str, list[str]](), set[int]()
    for line in sorted(accepted.elements()):
        lines.setdefault("\t".join(line.split("\t")[:_KEY_PARTS]), []).append(line)
    named: dict[str, list[int]] = {}
    for number, found in enumerate(told):
        named.setdefault(key_of(found), []).append(number)
    left = Counter[str]()
    for key, numbers in named.items():
        known = lines.get(key, [])
        if known and len(known) != len(numbers):
            places = {number: place_of(told[number]) for number in numbers}
            pairs = _pair(places, [(line, line[len(key) + 1 :]) for line in known])
            known, numbers = [*pairs.values()], [number for number in numbers if number not in pairs]
        elif known:
            numbers = []
        left.update(known)
        new.update(numbers)
    return [told[number] for number in sorted(new)], left


def _pair(places: dict[int, str], known: list[tuple[str, str]]) -> dict[int, str]:
    """The number of a finding -> the line that accepted it, for as many as there are of both; `known` are lines, each
    with its place."""
    pairs: dict[int, str] = {}
    for part_of in _PARTS_OF_PLACE:
        left: dict[str, list[tuple[str, str]]] = {}
        for line, place in reversed(known):
            left.setdefault(part_of(place), []).append((line, place))
        for number, place in places.items():
            there = left.get(part_of(place))
            if number not in pairs and there:
                pairs[number] = there.pop()[0]
        known = [line for lines in left.values() for line in lines]
    return pairs


_PARTS_OF_PLACE: tuple[Callable[[str], str], ...] = (
    lambda place: place,
    lambda place: place.partition(_PLACE_SIGN)[0],
    lambda place: "",
)
"""What has to be the same of two places: first all, then the line itself, then nothing."""
