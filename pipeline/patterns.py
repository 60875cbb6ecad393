"""a regular expression -> the same, compiled when it is first used; and what no page and no terminal may show.

A run after an edit imports most modules and uses few of their patterns; to compile one takes 0.1 to 1 ms.
"""

import re
from typing import Any, AnyStr, cast


class _LazyPattern:
    def __init__(self, pattern: Any, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """What a compiled pattern has by this name, found once."""
        found = getattr(re.compile(*self._source), name)
        setattr(self, name, found)
        return found


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, but that a fault of the pattern raises `re.error` when it is used.

    >>> lazy_pattern(r"[0-9]+").findall("1, 23")
    ['1', '23']
    """
    return cast("re.Pattern[AnyStr]", _LazyPattern(pattern, flags))


TERMINAL_SIGNS = r"\x7f-\x9f\u2028-\u202e\u2066-\u2069"
"""Beside those below a space, what a terminal takes for commands, or for another order of letters (UTS 55)."""
NOT_HTML = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd4-\ufdef" + "".join(
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
"""What HTML allows nowhere: control characters and those that Unicode keeps for a program's own use (WHATWG, 13.2.3.5),
but for the four that this program uses. lxml refuses some of them too."""
_UNSHOWN_RE = lazy_pattern(f"[{NOT_HTML}\ud800-\udfff\ufdd0-\ufdd3]")


def one_line(text: str) -> str:
    """A text that is shown as a name: one line, without the characters that no page may have.

    >>> one_line("Vòng\\x1b\\n  lặp\\x00")
    'Vòng lặp'
    """
    return " ".join(_UNSHOWN_RE.sub("", " ".join(text.split())).split())  # a line break may be a control character
