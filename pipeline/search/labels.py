"""language -> the words of the search box."""

from __future__ import annotations

from collections.abc import Mapping

_LABELS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "title": "Tìm trong khóa học",
        "placeholder": "Gõ từ cần tìm, có dấu hay không đều được",
        "close": "Đóng",
        "results": "Kết quả",
        "none": "Không tìm thấy bài nào",
        "one": "1 bài",
        "many": "{count} bài",
        "some": "Không bài nào có đủ các từ; {count} bài gần nhất",
        "loading": "Đang tìm…",
        "failed": "Không đọc được chỉ mục tìm kiếm",
    },
    "en": {
        "title": "Search the course",
        "placeholder": "Type some words",
        "close": "Close",
        "results": "Results",
        "none": "No lesson found",
        "one": "1 lesson",
        "many": "{count} lessons",
        "some": "No lesson has all the words; {count} come closest",
        "loading": "Searching…",
        "failed": "The search index could not be read",
    },
}


def search_labels(language: str) -> Mapping[str, str]:
    """The words of the search box in a language, given by its tag; English if it is unknown.

    >>> search_labels("vi-VN")["close"], search_labels("de")["close"]
    ('Đóng', 'Close')
    """
    return _LABELS.get(language.split("-")[0].lower(), _LABELS["en"])
