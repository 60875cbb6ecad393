"""The values between the two halves of a parse."""

from typing import NamedTuple

from pipeline.errors import Diagnostic, LessonError
from pipeline.parse.pieces import Piece


class FrontMatter(NamedTuple):
    """What a lesson says about itself; each field is optional."""

    title: str = ""
    description: str = ""
    order: float | None = None
    draft: bool = False
    aliases: tuple[str, ...] = ()
    date: str = ""
    template: str = ""
    repair: str = "auto"
    others: str = ""
    """What it says beside these, as a JSON object; `""` for nothing."""


class ConvertedLesson(NamedTuple):
    """A lesson between the two halves of its parse."""

    source: str
    """The text without front matter, whose lines are empty, and without marks: for the lines of what stands in it."""
    front: FrontMatter
    has_text: bool
    """False for an `index.md` that holds nothing but generated navigation."""
    html: str
    """Not sanitised."""
    pieces: tuple[Piece, ...]
    """What the numbers in the HTML stand for."""
    diagnostics: tuple[Diagnostic, ...]


class TooMuchError(LessonError):
    """There is more of something than Python-Markdown reads in linear time. Its line is not known yet."""

    def __init__(self, message: str, begins: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.begins = begins
        """The first words of the text it is about."""


def too_deep() -> LessonError:
    """What either half says when Python's stack ends."""
    return LessonError("lists, quotes or HTML are nested too deeply", hint="flatten them")
