"""text -> is anything in it suspicious? The question every sound lesson is asked, and the only one.

One expression finds a character that some code page shows for a UTF-8 lead byte, with the characters of
continuation bytes behind it. Sound text in Vietnamese, English or code has none; text that has one is looked
at closely.
"""

import re

from pipeline.repair.codepages import CODE_PAGES, shown_bytes

# Mac Roman shows lead bytes as quotes, dashes and plain capitals, which sound text has before accented letters
# (“áo”); only its tell-tale leads are asked for.
_MAC_LEADS = "¬√ƒ≈∆Œœ·‚„ÿ◊"
_C1 = "".join(map(chr, range(0x80, 0xA0)))


def _class(characters: str) -> str:
    return "[" + "".join(map(re.escape, dict.fromkeys(characters))) + "]"


def _page_expressions() -> tuple[str, str, str]:
    """Return (every lead, everything that follows one, the look-behind branches)."""
    every_lead, every_follow, branches = "", _C1 + "\ufffd", []
    for page in CODE_PAGES:
        shown = shown_bytes(page)
        follow = _class("".join(shown[0x80:0xC0]) + _C1 + "\ufffd")
        short = "".join(shown[0xC2:0xE0])
        long = "".join(shown[0xE0:0xF0])
        if page == "mac-roman":
            short = long = _MAC_LEADS
        vietnamese = shown[0xE1]
        every_lead += short + long + shown[0xF0]
        every_follow += "".join(shown[0x80:0xC0])
        branches.append(f"(?<={_class(short)}){follow}")
        branches.append(f"(?<={_class(long)}){follow}{follow}")
        branches.append(f"(?<={re.escape(vietnamese)}){_class(shown[0xBA] + shown[0xBB])}")
        if shown[0x9F] and shown[0xF0]:
            branches.append(f"(?<={re.escape(shown[0xF0])}){re.escape(shown[0x9F])}")
    return every_lead, every_follow, "|".join(dict.fromkeys(branches))


_LEADS, _FOLLOWS, _BRANCHES = _page_expressions()
_CUT = "(?<=[a-z]Ã)[ a-z]"  # 'voilÃ  le' with its no-break space made plain or lost
# Most leads are letters of sound text: what stands behind them is looked at once, not for each page.
SUSPECT_RE = re.compile(f"{_class(_LEADS)}(?:(?={_class(_FOLLOWS)})(?:{_BRANCHES})|{_CUT})|[\x80-\x9f]")


def is_suspicious(text: str) -> bool:
    """Say whether the text may be damaged; False is certain, and quick.

    >>> is_suspicious('Học tập'), is_suspicious('Há»c táºp')
    (False, True)
    """
    return not text.isascii() and SUSPECT_RE.search(text) is not None
