"""a few edited lessons -> their repair and parse, by another process while doit's process opens the course.

After an edit most of the time goes into imports: of what parses there, of what renders here. The other process
begins with them before it is known whether a lesson was edited.
"""

from __future__ import annotations

import contextlib
import pickle
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pipeline.builder.disk.forked import Standby

if TYPE_CHECKING:
    from pipeline.builder.course.work import ParseWork, RepairWork, Workshop
    from pipeline.builder.disk.location import Location

MOST_LESSONS = 23
"""More are for `workers.py`."""


class EditedLessons:
    """A process for the lessons that were edited, once it is known that there are some."""

    def __init__(self) -> None:
        self._standby = Standby(_get_ready, _work_on)

    def begin(self, location: Location, pages: dict[str, str], mark: str) -> None:
        """Have it work on these, by their paths, for the pages that they are. `mark` is that of the last finished
        build: the state that has it knows what the same code made of them, which need not all be made again."""
        self._standby.ask(pickle.dumps((location, pages, mark)))

    def results(self, shop: Workshop) -> dict[tuple[str, str], Any]:
        """What it made, by stage and lesson; None where it failed. Nothing if the course's settings, decisions or
        words were other ones than those of this run."""
        found: dict[tuple[str, str], Any]
        try:
            made_with, found = pickle.loads(self._standby.result())  # noqa: S301  (our own fork said it)
        except (EOFError, pickle.UnpicklingError):
            return {}  # it did not come to its end
        return found if made_with == (shop.settings, shop.decisions, shop.lexicon, shop.words) else {}

    def close(self) -> None:
        """Nobody will ask."""
        self._standby.close()


def _get_ready() -> None:
    from pipeline.builder.course.work import PARSING, import_stages

    import_stages(PARSING)


def _work_on(asked: bytes) -> bytes:
    from pipeline.builder.course.course_files import read_course_files
    from pipeline.builder.course.work import Workshop, do_parse, do_repair
    from pipeline.builder.state.readers import read_last_good
    from pipeline.locale import read_lesson_words
    from pipeline.paths import task_name

    location, pages, mark = pickle.loads(asked)  # noqa: S301  (the process that forked this one said it)
    content = location.content
    about = read_course_files(location)
    words = read_lesson_words(about.settings.language, location.template_folders)
    made_with = (about.settings, about.decisions, about.lexicon, words)
    shop = Workshop(content, location.template_folders, *made_with, content, "")
    found: dict[tuple[str, str], RepairWork | ParseWork | None] = {}
    before = read_last_good(location.state_path, [task_name("parse", path) for path in pages], mark)
    for (path, page), lesson in zip_longest(pages.items(), before):
        repaired = parsed = None
        # What goes wrong here goes wrong again where it can be told.
        with contextlib.suppress(Exception):
            repaired = do_repair(path, shop)
            parsed = do_parse(path, page, repaired.lesson, repaired.digest, shop, lesson)
        found |= {("repair", path): repaired, ("parse", path): parsed}
    return pickle.dumps((made_with, found))
