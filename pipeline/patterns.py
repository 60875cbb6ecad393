"""a regular expression -> the same, compiled when it is first used.

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
