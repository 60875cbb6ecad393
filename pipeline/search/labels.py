"""language -> the words of the search box."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.locale import translator

FILLERS = (
    "là gì làm sao thế nào như tại vì cách của và thì để cho có được không các những một này đó khi trong với bằng về"
    " hay hoặc bị do nên cần phải ra ai đâu bao nhiêu"
    " how what why when where which who does do did is are was the a an and or of to in on at by with from between can"
    " should would i my we you your it its this that these there have has be"
)
"""Words that make a question of what is looked for: few lessons say `làm sao` where they say how. Of a query without
any diacritic these are read without theirs."""


def search_labels(language: str, templates: tuple[Path, ...] = ()) -> Mapping[str, str]:
    """The words of the search box in a language, given by its tag; `templates` are the folders where the course's own
    words may be.

    >>> search_labels("vi-VN")["close"], search_labels("de")["close"]
    ('Đóng', 'Close')
    """
    translate = translator(language, templates)
    return {
        "title": translate("Search the course"),
        "placeholder": translate("Type some words"),
        "close": translate("Close"),
        "results": translate("Results"),
        "none": translate("No lesson found"),
        "one": translate("1 lesson"),
        "many": translate("{count} lessons"),
        "some": translate("No lesson has all the words; {count} come closest"),
        "loading": translate("Searching…"),
        "fillers": FILLERS,
        "failed": translate("The search index could not be read"),
    }
