"""text -> is anything in it suspicious? The question every sound lesson is asked, and the only one.

Suspicious is a character that some code page shows for a UTF-8 lead byte, with the characters of
continuation bytes behind it. Sound text in Vietnamese, English or code has none; text that has one is looked
at closely, with the expression of `suspects.py` that finds the same.
"""

import re
from functools import cache

from pipeline.legacy import VNI_MARKS
from pipeline.patterns import lazy_pattern
from pipeline.repair.codepages import C1_CONTROLS, CODE_PAGES, CUT_SHORT, MAC_ROMAN_LEADS, SIGNS, shown_bytes
from pipeline.repair.escapes import may_have_escapes

# What sound text seldom has: three accented Latin letters in a row, a sign between letters, two scripts in a word, a
# letter beside a line of a box, and as VNI writes it a vowel and the letter that stands for its mark.
_SIGN = "\x80-\xb6\xb8-\xbf\xd7\xf7\u0192\u02c6\u2018\u201a-\u2022\u2026\u2030\u20ac\u2122"
_ACCENTED = "\xc0-\xd6\xd8-\xf6\xf8-\u017f"
_LATIN = "A-Za-z" + _ACCENTED
_OTHER = "\u0370-\u06ff"
_BOX = "\u2500-\u259f"
_UNSPACED = "\u0e00-\u0e7f\u3400-\u9fff\uac00-\ud7a3\uff61-\uff9f"
_MARKS = "".join(map(chr, (*VNI_MARKS, *(byte - 0x20 for byte in VNI_MARKS))))
# One set of characters comes first, then what it was: Python's engine passes over all others 30 times as fast.
_ODD_RE = lazy_pattern(
    "[^\x00-\x7f](?:"
    f"(?<=[{_ACCENTED}])(?:[{_ACCENTED}]{{2}}|(?<=[a-z][\xc0-\xd6\xd8-\xde])"
    f"|(?<=[aeouyAEOUY\xf4\xf6\xd4\xd6][{_MARKS}]))"
    f"|(?<=[{_LATIN}{_OTHER}][{_SIGN}])[{_LATIN}{_OTHER}]"
    "|(?<=[\xa7-\xae\xb5-\xb9])(?:(?<=[A-Za-z][\xa8-\xb9])|[A-Za-z])"
    f"|(?<=[{_OTHER}])(?:(?<=[{_LATIN}].)|[{_LATIN}]|(?<=[\u0430-\u044f])[\u0410-\u042f]|(?<=Ё)Я|(?<=\u064b)\u06ba)"
    f"|(?<=[{_BOX}])(?:(?<=[^\x00-\x7f{_BOX}].)|[^\x00-\x7f{_BOX}])"
    f"|(?<=[a-z][{_UNSPACED}]))",
    re.DOTALL,
)
_VIETNAMESE_RE = lazy_pattern("[\u1ea0-\u1ef9]")
# A question mark within a word, or before one: in no address, and no call. What is quickly looked for comes first.
_QUESTION_RE = lazy_pattern(r"\?[a-zA-Z\xc0-\xff]")
_LOST_RE = lazy_pattern(r"(?<![\w/.=&?%#\\-])[a-zA-Z\xc0-\xff]*\?+[a-zA-Z\xc0-\xff]+(?![\w=/&\\(\[]|\.\w)")
# The entity of what a western page shows for the first byte of a letter, and another one behind it.
_ENTITY_RE = lazy_pattern(r"&(?:[A-Za-z]{2,6}|#[12]\d\d|#x[C-Fc-f][0-9A-Fa-f]);&(?!lt|gt|amp|quot|nbsp;&nbsp)")
_EASTERN_RE = lazy_pattern("[\u3400-\u9fff\uac00-\ud7a3\uff61-\uff9f]")
_THAI_RE = lazy_pattern("[\u0e00-\u0e7f]")
_RUN_RE = lazy_pattern("[^\x00-\x7f]+")
# In a text shown in a wrong encoding so many of its runs beyond ASCII are odd, or its characters of East Asia rare.
_ODD_SHARE = 0.2
_RARE_SHARE = 0.25
# Thai in UTF-8 that cp874 shows has one of two beginnings for each letter: of a word of sound Thai, a fiftieth.
_THAI_SHARE = 0.15
_SAMPLE_CHARACTERS = 200

_Following = tuple[frozenset[str], ...]
"""For each of the next characters, what it may be."""


def is_suspicious(text: str, *, is_weighed: bool = False) -> bool:
    """Say whether the text may be damaged; False is certain, and quick.

    is_weighed: whether it is known that what may be UTF-8 in it is not.

    >>> [is_suspicious(text) for text in ('Học tập', 'Há»c táºp', 'Íîâûé ôàéë')]
    [False, True, True]
    """
    if not is_weighed and has_suspect(text):
        return True
    if may_be_transcoded(text) or may_have_lost_letters(text) or may_have_escapes(text):
        return True
    return ";&" in text and _ENTITY_RE.search(text) is not None


def has_suspect(text: str) -> bool:
    """Say whether something in the text may be UTF-8 that a page of single bytes shows."""
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
        if lead in "Ãâ" and text[at : at + 1].isascii():
            return True  # cut short
    return False


def may_be_transcoded(text: str) -> bool:
    """Say whether the text may be a misreading without loss; False is certain, and quick.

    >>> [may_be_transcoded(text) for text in ('Íîâûé ôàéë', 'Học tập', 'élève', '璇存槑')]
    [True, False, False, True]
    """
    if text.isascii() or _VIETNAMESE_RE.search(text):
        return False
    if "เธ" in text and text.count("เธ") + text.count("เน") > _THAI_SHARE * len(_THAI_RE.findall(text)):
        return True
    if _ODD_RE.search(text) and len(_ODD_RE.findall(text)) >= _ODD_SHARE * len(_RUN_RE.findall(text)):
        return True
    from pipeline.repair.plausibility import is_rare

    eastern = _EASTERN_RE.findall(text)[:_SAMPLE_CHARACTERS]
    return bool(eastern) and sum(map(is_rare, eastern)) > _RARE_SHARE * len(eastern)


def may_have_lost_letters(text: str) -> bool:
    """Say whether letters may have become `?` or U+FFFD; False is certain, and quick.

    >>> [may_have_lost_letters(text) for text in ('kho?ng cách', 'Thế à?', '/page?id=1')]
    [True, False, False]
    """
    if "\ufffd" in text or "ï¿½" in text:
        return True
    if not (_QUESTION_RE.search(text) and _LOST_RE.search(text)):
        return False
    try:
        text.encode("cp1252")  # what was saved in this page has no other letter
    except UnicodeEncodeError:
        return False
    return True


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
    following["â"].append((frozenset(SIGNS),))
    leads, follows = ("".join(map(re.escape, sorted(found))) for found in (following, every_follow))
    # One set of characters comes first: Python's engine passes over all others several times as fast.
    cases = f"(?=[{follows}])|{CUT_SHORT}|(?<=[\x80-\x9f])"
    return re.compile(f"[{leads}Ã\x80-\x9f](?:{cases})"), following
