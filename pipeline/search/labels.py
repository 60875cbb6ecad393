"""language -> the words of the search box."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.locale import translator


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
        "failed": translate("The search index could not be read"),
    }
