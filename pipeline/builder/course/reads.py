"""what a page shows of the rest of the course -> keys, by which a change finds the pages that may show it.

A key is noted when its question is asked, whatever the answer: that a lesson is not there is an answer too. The state
keeps the keys of each page. They are an index: they find the pages to ask again, and say why in words. Whether a page
is stale is told by the digest of its inputs, which the keys are a part of.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import lru_cache

from pipeline.builder.disk.files import digest_of

LESSON = "lesson"
"""Whether there is a lesson at a path, whether it has a page, and which."""
NAME = "name"
"""The title of the lesson at a path."""
ANCHORS = "anchors"
"""What a link into a page can lead to."""
SECTION = "section"
"""Whether a folder has a page."""
TITLE = "title"
"""The title of a folder."""
TITLES = "titles"
"""The titles of the lessons of a folder, and their order."""
BRANCHES = "branches"
"""The titles of the folders in a folder, and their order."""
LISTED = "listed"
"""All that the page of a folder shows of what is in it."""
FILE = "file"
"""Whether there is a file at a path."""
PART = "part"
"""The text of a file that lessons include."""
SIZE = "size"
"""Width and height of the image at a path."""
_STAGES = {
    **dict.fromkeys((LESSON, NAME), "parse"),
    **dict.fromkeys((SECTION, TITLE, TITLES, BRANCHES, LISTED), "index"),
    **dict.fromkeys((FILE, SIZE), "asset"),
}

Key = tuple[str, str]
"""One of the kinds above, and a path in NFC, a page or a folder."""

REFUSED: Key = (PART, "/")
"""Asked by each lesson that was refused a part. No part is called so."""


@lru_cache(maxsize=1 << 14)
def number_of(key: Key) -> int:
    """A key as the state keeps it. Two with one number would only have a page asked for nothing."""
    digest = digest_of(" ".join(key).encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest[:8], "little", signed=True)


def pack_keys(keys: Iterable[Key]) -> bytes:
    """Keys as the state keeps them for one page: the same set gives the same bytes."""
    return array("q", sorted(map(number_of, keys))).tobytes()


def stage_of(key: Key) -> str:
    """The stage whose tasks answer the question; `""` if it is asked by page."""
    return _STAGES.get(key[0], "")
