"""The words that a lesson's HTML brings along, by language.

They are part of the body, not of a template: an admonition without a title of its own, the names
of links that show only a sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

TITLES: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "abstract": "Tóm tắt", "attention": "Chú ý", "bug": "Lỗi", "caution": "Thận trọng", "danger": "Nguy hiểm",
        "error": "Lỗi", "example": "Ví dụ", "exercise": "Bài tập", "failure": "Thất bại", "faq": "Hỏi đáp",
        "help": "Trợ giúp", "hint": "Gợi ý", "important": "Quan trọng", "info": "Thông tin", "note": "Ghi chú",
        "question": "Câu hỏi", "quote": "Trích dẫn", "success": "Thành công", "summary": "Tóm tắt", "tip": "Mẹo",
        "todo": "Cần làm", "warning": "Cảnh báo",
    },
    "en": {},
}  # fmt: skip
"""Language -> kind of admonition -> its title; a kind that is not there is its own name."""

_BACK_TO_NOTE = {"vi": "Về chỗ có chú thích {}", "en": "Back to the place of note {}"}


@cache
def known_language(language: str) -> str:
    """The language whose words are used for a BCP 47 tag; English for an unknown one.

    >>> known_language("vi-VN"), known_language("de")
    ('vi', 'en')
    """
    short = language.split("-")[0].lower()
    return short if short in TITLES else "en"


def title_of(kind: str, language: str) -> str:
    """The title of an admonition that has none.

    >>> title_of("note", "vi"), title_of("note", "en"), title_of("my-own", "vi")
    ('Ghi chú', 'Note', 'My-own')
    """
    return TITLES[known_language(language)].get(kind, kind.capitalize())


def back_to_note(number: str, language: str) -> str:
    """What the link from a footnote back to the text is called."""
    return _BACK_TO_NOTE[known_language(language)].format(number)
