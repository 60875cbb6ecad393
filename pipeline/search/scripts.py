"""the parts of the index -> the text of their files, and where these stand.

Every file is a classic script that hands one value to `courseSearch.put(name, value)`: a page on a
disk may load scripts, but not read files. Paths are relative to the output folder.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from zlib import compress

from pipeline.paths import SEARCH_FOLDER
from pipeline.search.entry import SearchEntry
from pipeline.search.slots import Geometry

MANIFEST_PATH = f"{SEARCH_FOLDER}/index.js"
FORMAT = 2
"""The version of the format; `search.js` refuses another."""
GROUP_BITS = 4
"""A file of cards holds 16 slots, about 10 lessons and 1.2 KB: a result costs one of these, so
that 64 would make the first ten results five times as dear."""
TEXT_BITS = 2
"""A file of texts holds 4 slots, about 2.5 lessons and 9 KB. One for each lesson would be 3.7 KB, and the texts half of
all files that a run looks at."""
TEXT_LEVEL = 6
"""Of deflate: 9 takes a third longer and gains 2 %."""


class SearchCard(NamedTuple):
    """What a result shows of a page before its text is read."""

    slot: int
    page: str
    title: str
    trail: str
    """Where it stands in the course, such as its section's title; may be empty."""
    has_text: bool


def group_of(slot: int) -> int:
    """The number of the file that holds a slot's card."""
    return slot >> GROUP_BITS


def shard_path(number: int) -> str:
    """The file of a shard.

    >>> shard_path(1000)
    '_search/terms/15/40.js'
    """
    return f"{SEARCH_FOLDER}/{_numbered('terms', number)}.js"


def group_path(number: int) -> str:
    """The file of a group of cards."""
    return f"{SEARCH_FOLDER}/{_numbered('cards', number)}.js"


def text_group_of(slot: int) -> int:
    """The number of the file that holds a slot's text."""
    return slot >> TEXT_BITS


def text_group_path(number: int) -> str:
    """The file of a group of texts."""
    return f"{SEARCH_FOLDER}/{_numbered('texts', number)}.js"


def render_manifest(geometry: Geometry, labels: Mapping[str, str]) -> str:
    """The first file that is read; it changes when the index is built anew, or the labels."""
    manifest = {
        "format": FORMAT,
        "slots": geometry.slot_bits,
        "shards": geometry.shard_bits,
        "group": GROUP_BITS,
        "texts": TEXT_BITS,
        "labels": dict(sorted(labels.items())),
    }
    return _put("index", manifest)


def render_shard(number: int, shard: bytes) -> str:
    """The file of a shard that is not empty."""
    return _put(_numbered("terms", number), shard.decode("ascii"))


def render_group(number: int, cards: Iterable[SearchCard]) -> str:
    """The file of a group of cards, at least one, in any order."""
    rows = [[card.slot, card.page, card.title, card.trail, int(card.has_text)] for card in cards]
    return _put(_numbered("cards", number), sorted(rows))


def pack_text(entry: SearchEntry) -> bytes:
    """A page's text, deflated and in base64; empty if it has none."""
    if not entry.blocks:
        return b""
    blocks = _json([[block.anchor, block.heading, block.text] for block in entry.blocks])
    return b64encode(compress(blocks.encode("utf-8", "replace"), TEXT_LEVEL))


def render_texts(number: int, texts: Mapping[int, bytes]) -> str:
    """The file of a group of packed texts by their slots, at least one."""
    return _put(_numbered("texts", number), {str(slot): texts[slot].decode("ascii") for slot in sorted(texts)})


def _numbered(folder: str, number: int) -> str:
    return f"{folder}/{number >> 6}/{number & 63}"


def _put(name: str, value: Any) -> str:
    call = f"courseSearch.put({_json(name)},{_json(value)});\n"
    try:
        call.encode("utf-8")
    except UnicodeEncodeError:  # a file name that is no Unicode
        return f"courseSearch.put({json.dumps(name)},{json.dumps(value, separators=(',', ':'))});\n"
    return call


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
