"""The words that a lesson's HTML brings along, by language.

They are part of the body, not of a template: an admonition without a title of its own, the names
of links that show only a sign.
"""

from collections.abc import Mapping
from typing import NamedTuple

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


class LessonWords(NamedTuple):
    """These words for one course: its own before those of its language."""

    language: str
    """One of `TITLES`."""
    own: tuple[tuple[str, str], ...] = ()
    """English words, and what the course says for them."""

    def title_of(self, kind: str) -> str:
        """The title of an admonition that has none.

        >>> words_for("vi").title_of("note"), words_for("fr", {"Note": "NB"}).title_of("note")
        ('Ghi chú', 'NB')
        >>> words_for("en").title_of("my-own")
        'My-own'
        """
        name = kind.capitalize()
        return dict(self.own).get(name) or TITLES[self.language].get(kind, name)

    def back_to_note(self, number: str) -> str:
        """What the link from a footnote back to the text is called."""
        own = dict(self.own).get(_BACK_TO_NOTE["en"], _BACK_TO_NOTE[self.language])
        return own.replace("{}", number)


ENGLISH = LessonWords("en")


def words_for(language: str, own: Mapping[str, str] = {}) -> LessonWords:
    """The words for a course in a language, given by its BCP 47 tag, and with its own: English for an unknown one.

    >>> words_for("vi-VN").language, words_for("de").language
    ('vi', 'en')
    """
    short = language.split("-")[0].lower()
    return LessonWords(short if short in TITLES else "en", tuple(own.items()))
