"""a few edited lessons -> their repair and parse, begun by a fork while doit's process opens the course.

After an edit most of the time goes into imports: of Python-Markdown in the fork, of all else here, where the parse is
finished.
"""

from __future__ import annotations

import contextlib
import pickle
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pipeline.builder.disk.forked import Forked

if TYPE_CHECKING:
    from pipeline.builder.course.work import BegunParse, RepairWork, Workshop
    from pipeline.builder.disk.location import Location

MOST_LESSONS = 23
"""More are for `workers.py`."""


class EditedLessons:
    """The lessons that a fork of this process works on. `mark` is that of the last finished build: the state that has
    it knows what the same code made of them, which need not all be made again."""

    def __init__(self, location: Location, paths: list[str], mark: str) -> None:
        self._forked = Forked(lambda: _work_on(location, paths, mark))

    def results(self, shop: Workshop) -> dict[tuple[str, str], Any]:
        """What the fork made, by stage and lesson; None where it failed. Nothing if the course's settings, decisions or
        words were other ones than those of this run."""
        told = self._forked.result()
        made_with, lessons = pickle.loads(told) if told else (None, {})  # noqa: S301  (our own fork said it)
        from pipeline.builder.course.work import finish_parse

        found: dict[tuple[str, str], Any] = {}
        if made_with == (shop.settings, shop.decisions, shop.lexicon, shop.words):
            for path, (repaired, begun) in lessons.items():
                parsed = None
                with contextlib.suppress(Exception):
                    parsed = finish_parse(path, begun, repaired.digest, shop)
                found |= {("repair", path): repaired, ("parse", path): parsed}
        return found

    def close(self) -> None:
        """Nobody will ask."""
        self._forked.close()


def _work_on(location: Location, paths: list[str], mark: str) -> bytes:
    from pipeline.builder.course.course_files import read_decisions, read_lexicon, read_settings
    from pipeline.builder.course.work import Workshop, begin_parse, do_repair
    from pipeline.builder.state.readers import read_last_good
    from pipeline.locale import read_lesson_words
    from pipeline.paths import task_name

    content = location.content
    settings = read_settings(content)
    words = read_lesson_words(settings.language, location.template_folders)
    made_with = (settings, read_decisions(content), read_lexicon(content), words)
    shop = Workshop(content, location.template_folders, *made_with, content, "")
    found: dict[str, tuple[RepairWork | None, BegunParse | None]] = {}
    before = read_last_good(location.state_path, [task_name("parse", path) for path in paths], mark)
    for path, lesson in zip_longest(paths, before):
        repaired = begun = None
        # What goes wrong here goes wrong again where it can be told.
        with contextlib.suppress(Exception):
            repaired = do_repair(path, shop)
            begun = begin_parse(path, repaired.lesson, shop, lesson)
        found[path] = repaired, begun
    return pickle.dumps((made_with, found))
