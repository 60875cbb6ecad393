"""the parts of the index -> the text of their files, and where these stand.

Every file is a classic script that hands one value to `courseSearch.put(name, value)`: a page on a
disk may load scripts, but not read files. Paths are relative to the output folder.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from zlib import compress

from pipeline.paths import SEARCH_FOLDER
from pipeline.search.entry import SearchEntry
from pipeline.search.slots import Geometry

MANIFEST_PATH = f"{SEARCH_FOLDER}/index.js"
FORMAT = 4
"""The version of the format; `search.js` refuses another."""
GROUP_BITS = 1
"""A file of cards holds 2 slots, about 1.4 lessons and 5 KB. They are most of what a query costs: with 4 slots one
would be 9 KB. With one it would be 4 KB, but cards half of all files that a run looks at. The text is in it, since one
that is asked for when the card has come is a second journey."""
TEXT_LEVEL = 6
"""Of deflate: 9 takes a third longer and gains 2 %."""


class SearchCard(NamedTuple):
    """What a result shows of a page."""

    slot: int
    page: str
    title: str
    trail: str
    """Where it stands in the course, such as its section's title; may be empty."""
    text: bytes
    """As `pack_text` gives it."""


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


def render_manifest(geometry: Geometry, labels: Mapping[str, str]) -> str:
    """The first file that is read; it changes when the index is built anew, or the labels."""
    manifest = {
        "format": FORMAT,
        "slots": geometry.slot_bits,
        "shards": geometry.shard_bits,
        "group": GROUP_BITS,
        "labels": dict(sorted(labels.items())),
    }
    return _put("index", manifest)


def render_shard(number: int, shard: bytes) -> str:
    """The file of a shard."""
    return _put(_numbered("terms", number), shard.decode("ascii"))


def render_group(number: int, cards: Iterable[SearchCard]) -> str:
    """The file of a group of cards, at least one, in any order."""
    rows = [[card.slot, card.page, card.title, card.trail, card.text.decode("ascii")] for card in cards]
    return _put(_numbered("cards", number), sorted(rows))


def pack_text(entry: SearchEntry) -> bytes:
    """A page's text, deflated and in base64; empty if it has none."""
    if not entry.blocks:
        return b""
    blocks = _json([[block.anchor, block.heading, block.text] for block in entry.blocks])
    return b64encode(compress(blocks.encode("utf-8", "replace"), TEXT_LEVEL))


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
