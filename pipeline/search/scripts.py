"""the parts of the index -> the text of their files, and where these stand.

Every file is a classic script that hands one value to `courseSearch.put(name, value)`: a page on a
disk may load scripts, but not read files. Paths are relative to the output folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.paths import SEARCH_FOLDER
from pipeline.search.entry import SearchEntry
from pipeline.search.slots import Geometry

MANIFEST_PATH = f"{SEARCH_FOLDER}/index.js"
FORMAT = 1
"""The version of the format; `search.js` refuses another."""
GROUP_BITS = 4
"""A file of cards holds 16 slots, about 10 lessons and 1.2 KB: a result costs one of these, so
that 64 would make the first ten results five times as dear."""


@dataclass(frozen=True, slots=True)
class SearchCard:
    """What a result shows of a page before its text is read."""

    slot: int
    page: str
    title: str
    trail: str
    """Where it stands in the course, such as its section's title; may be empty."""
    size: int
    """Bytes of its text file; 0 if it has none."""


def group_of(slot: int) -> int:
    """The number of the file that holds a slot's card."""
    return slot >> GROUP_BITS


def shard_path(number: int) -> str:
    """The file of a shard.

    >>> shard_path(1000)
    '_search/terms/15/40.js'
    """
    return f"{SEARCH_FOLDER}/{_shard_name(number)}.js"


def group_path(number: int) -> str:
    """The file of a group of cards."""
    return f"{SEARCH_FOLDER}/{_group_name(number)}.js"


def text_path(page: str) -> str:
    """The file of a page's text."""
    return f"{SEARCH_FOLDER}/text/{page}.js"


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
    """The file of a shard that is not empty."""
    return _put(_shard_name(number), shard.decode("ascii"))


def render_group(number: int, cards: Iterable[SearchCard]) -> str:
    """The file of a group of cards, at least one, in any order."""
    rows = [[card.slot, card.page, card.title, card.trail, card.size] for card in cards]
    return _put(_group_name(number), sorted(rows))


def render_text(page: str, entry: SearchEntry) -> str:
    """The file of a page's text; one without blocks needs none."""
    return _put(f"text/{page}", [[block.anchor, block.heading, block.text] for block in entry.blocks])


def _shard_name(number: int) -> str:
    return f"terms/{number >> 6}/{number & 63}"


def _group_name(number: int) -> str:
    return f"cards/{number >> 6}/{number & 63}"


def _put(name: str, value: Any) -> str:
    call = f"courseSearch.put({_json(name)},{_json(value)});\n"
    try:
        call.encode("utf-8")
    except UnicodeEncodeError:  # a file name that is no Unicode
        return f"courseSearch.put({json.dumps(name)},{json.dumps(value, separators=(',', ':'))});\n"
    return call


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
