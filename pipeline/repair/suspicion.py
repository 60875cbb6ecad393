"""text -> is anything in it suspicious? The question every sound lesson is asked, and the only one.

Suspicious is a character that some code page shows for a UTF-8 lead byte, with the characters of
continuation bytes behind it. Sound text in Vietnamese, English or code has none; text that has one is looked
at closely, with the expression of `suspects.py` that finds the same.
"""

import re
from functools import cache

from pipeline.repair.codepages import C1_CONTROLS, CODE_PAGES, MAC_ROMAN_LEADS, shown_bytes

_Following = tuple[frozenset[str], ...]
"""For each of the next characters, what it may be."""


def is_suspicious(text: str) -> bool:
    """Say whether the text may be damaged; False is certain, and quick.

    >>> is_suspicious('Học tập'), is_suspicious('Há»c táºp')
    (False, True)
    """
    if text.isascii():
        return False
    candidates, following = _look_out()
    for match in candidates.finditer(text):
        at, lead = match.end(), match[0]
        if lead in C1_CONTROLS:
            return True
        for wanted in following[lead]:
            if all(map(frozenset.__contains__, wanted, text[at : at + 2])) and at + len(wanted) <= len(text):
                return True
        if lead == "Ã" and text[at : at + 1].isascii():
            return True  # 'voilÃ  le' with its no-break space made plain or lost
    return False


@cache
def _look_out() -> tuple[re.Pattern[str], dict[str, list[_Following]]]:
    """Return an expression for each lead with some continuation behind it, and what must follow each lead."""
    following: dict[str, list[_Following]] = {}
    every_follow = set[str]()
    for page in CODE_PAGES:
        shown = shown_bytes(page)
        follow = frozenset("".join(shown[0x80:0xC0]) + C1_CONTROLS + "\ufffd")
        short, long = shown[0xC2:0xE0], shown[0xE0:0xF0]
        if page == "mac-roman":
            short = long = tuple(MAC_ROMAN_LEADS)
        ways = [(lead, (follow,)) for lead in short] + [(lead, (follow, follow)) for lead in long]
        ways.append((shown[0xE1], (frozenset(shown[0xBA] + shown[0xBB]),)))
        ways.append((shown[0xF0], (frozenset(shown[0x9F]),)))
        for lead, wanted in ways:
            if lead and all(wanted):
                following.setdefault(lead, []).append(wanted)
        every_follow |= follow
    leads, follows = ("".join(map(re.escape, sorted(found))) for found in (following, every_follow))
    # One set of characters comes first: Python's engine passes over all others several times as fast.
    cases = f"(?=[{follows}])|(?<=[a-z]Ã)(?=[ a-z])|(?<=[\x80-\x9f])"
    return re.compile(f"[{leads}Ã\x80-\x9f](?:{cases})"), following
