"""The expression that finds what may be damage: for text in which there is some, and which is looked at closely.

`suspicion.py` asks the same of a whole text, without the time that it takes to compile this.
"""

import re

from pipeline.repair.codepages import C1_CONTROLS, CODE_PAGES, CUT_SHORT, MAC_ROMAN_LEADS, SIGNS, shown_bytes


def _class(characters: str) -> str:
    return "[" + "".join(map(re.escape, dict.fromkeys(characters))) + "]"


def _page_expressions() -> tuple[str, str]:
    """Return (every lead, the look-behind branches)."""
    every_lead, branches = "", []
    for page in CODE_PAGES:
        shown = shown_bytes(page)
        follow = _class("".join(shown[0x80:0xC0]) + C1_CONTROLS + "\ufffd")
        short = "".join(shown[0xC2:0xE0])
        long = "".join(shown[0xE0:0xF0])
        if page == "mac-roman":
            short = long = MAC_ROMAN_LEADS
        vietnamese = shown[0xE1]
        every_lead += short + long + shown[0xF0]
        branches.append(f"(?<={_class(short)}){follow}")
        branches.append(f"(?<={_class(long)}){follow}{follow}")
        branches.append(f"(?<={re.escape(vietnamese)}){_class(shown[0xBA] + shown[0xBB])}")
        if shown[0x9F] and shown[0xF0]:
            branches.append(f"(?<={re.escape(shown[0xF0])}){re.escape(shown[0x9F])}")
    branches.append(CUT_SHORT)
    branches.append(f"(?<=â)[{SIGNS}]")  # 'âŒ No' that lost its third byte
    return every_lead, "|".join(dict.fromkeys(branches))


_LEADS, _BRANCHES = _page_expressions()
SUSPECT_RE = re.compile(f"{_class(_LEADS)}(?:{_BRANCHES})|[\x80-\x9f]")
