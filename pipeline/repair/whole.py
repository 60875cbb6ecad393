"""text -> text that lost nothing: UTF-8 to the last byte of a whole text, shown in a page of single bytes.

Then there is nothing to choose, so neither words nor lines are weighed, and no model is read. A word is UTF-8 in a
wrong page by chance, several are not. Vietnamese is left to its own table, whose account names each word.
"""

import re
from itertools import islice

from pipeline.repair.codepages import REPLACEMENT
from pipeline.repair.evidence import LONG, WORD_BEYOND_ASCII_RE, shows_pair, weigh
from pipeline.repair.suspicion import has_suspect
from pipeline.repair.transcoding import SINGLE_BYTE_PAGES, undo_utf8

# So many different words beyond ASCII a text must have, among its first ones.
LEAST_WORDS, ASKED = 4, 50
# Pages that read so many lines beyond ASCII alike read all lines alike, if they do.
PROBED = 20
# So many misreadings in a row are undone.
DEEPEST = 3
# A text is Vietnamese when it has a letter that no other language has in this share of its words beyond ASCII.
VIETNAMESE = 0.1
_VIETNAMESE_RE = re.compile("[ạ-ỹẠ-ỸơƠưƯ]")


def read_whole(text: str) -> tuple[str, str] | None:
    """Return what a damaged text says when all of it is UTF-8 that a page shows, and the channel that did it; None when
    it is not, or two pages differ, or the words are too few to tell.

    >>> read_whole("LÃ¤rm, Ã–fen, StraÃŸe, MÃ¼hle"), read_whole("cafÃ©")
    (('Lärm, Öfen, Straße, Mühle', 'cp1252-keep'), None)
    """
    words = {match[0] for match in islice(WORD_BEYOND_ASCII_RE.finditer(text), ASKED)}
    if sum(len(word) // LONG or 1 for word in words) < LEAST_WORDS:
        return None
    steps: list[str] = []
    for _ in range(DEEPEST):
        read = _read_once(text)
        if read is None:
            return None
        text, page = read
        steps.insert(0, f"{page}-keep")
        if not has_suspect(text) or not _is_damaged(text, page):
            return None if _is_vietnamese(text) else (text, "+".join(steps))
    return None


def _read_once(text: str) -> tuple[str, str] | None:
    probe = "\n".join(islice((line for line in text.split("\n") if not line.isascii()), PROBED))
    pages: dict[str, list[str]] = {}
    for page in SINGLE_BYTE_PAGES:
        if (shown := undo_utf8(probe, page)) is not None:
            pages.setdefault(shown, []).append(page)
    found = dict(filter(None, (_read_by_one(text, alike) for alike in pages.values())))
    if len(found) != 1:
        return None
    read, page = found.popitem()
    return None if REPLACEMENT in read else (read, page)  # a letter that was lost before


def _read_by_one(text: str, pages: list[str]) -> tuple[str, str] | None:
    return next(((read, page) for page in pages if (read := undo_utf8(text, page)) is not None), None)


def _is_damaged(text: str, page: str) -> bool:
    """Say whether a text is damaged still. What one page shows twice has its pairs in it; of what another one shows all
    lines are damaged, so some are enough: sound Cyrillic is full of suspects, and takes long to weigh."""
    lines = text.split("\n")
    if not shows_pair(page, text):
        beyond = [line for line in lines if not line.isascii()]
        lines = beyond[:: len(beyond) // PROBED + 1]
    return weigh(lines).damaged


def _is_vietnamese(text: str) -> bool:
    count = len(_VIETNAMESE_RE.findall(text))
    return count > 0 and count >= VIETNAMESE * len(WORD_BEYOND_ASCII_RE.findall(text))
