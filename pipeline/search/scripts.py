"""the parts of the index -> the text of their files, and where these stand.

Every file is a classic script that hands one value to `courseSearch.put`: a page on a disk may load
scripts, but not read files. Paths are relative to the output folder.

All files but the first are named after their content. The first names the lists, a list names the
files of its folder: a search that has begun with an index goes on with it, though the site is
another one by now, as long as the old files are there.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple
from zlib import compress

from pipeline.paths import SEARCH_FOLDER
from pipeline.patterns import lazy_pattern
from pipeline.search.entry import SearchEntry
from pipeline.search.slots import Geometry

MANIFEST_PATH = f"{SEARCH_FOLDER}/index.js"
FORMAT = 5
"""The version of the format; `search.js` refuses another."""
TERMS, CARDS = KINDS = ("terms", "cards")
FOLDER_BITS = 6
"""A folder holds 64 files, and its list has 0.7 KB. An edit of a sentence rewrites 25 shards or so, in almost as many
folders, and their lists: with more in a folder a query loads more, with fewer the first file grows."""
DIGEST_LETTERS = 8
_CONTENT_NAME_RE = lazy_pattern(rf"\d+\.[0-9a-f]{{{DIGEST_LETTERS}}}\.js")
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


class ScriptFile(NamedTuple):
    """A file that is named after its content."""

    path: str
    digest: str
    """Of its content, as it stands in the path."""
    text: str


def group_of(slot: int) -> int:
    """The number of the file that holds a slot's card."""
    return slot >> GROUP_BITS


def folder_path(kind: str, folder: int) -> str:
    """Where 64 shards (`TERMS`) or groups of cards (`CARDS`) stand.

    >>> folder_path(TERMS, 15)
    '_search/terms/15'
    """
    return f"{SEARCH_FOLDER}/{kind}/{folder}"


def list_path(kind: str, folder: int, digest: str) -> str:
    """Where the list of a folder stands.

    >>> list_path(TERMS, 15, "0123abcd")
    '_search/terms/15.0123abcd.js'
    """
    return f"{folder_path(kind, folder)}.{digest}.js"


def read_file_path(path: str) -> tuple[int, str]:
    """The number of a file in its folder, and its digest.

    >>> read_file_path("_search/terms/15/40.0123abcd.js")
    (40, '0123abcd')
    """
    number, digest, _ = path.rpartition("/")[2].split(".")
    return int(number), digest


def is_content_name(name: str) -> bool:
    """Whether a file that is named so has a number and the digest of its content in its name.

    >>> is_content_name("40.0123abcd.js"), is_content_name("index.js")
    (True, False)
    """
    return _CONTENT_NAME_RE.fullmatch(name) is not None


def render_manifest(geometry: Geometry, labels: Mapping[str, str], lists: Mapping[str, Mapping[int, str]]) -> str:
    """The first file that is read: it names the lists, of which `lists` has the digests by kind and folder."""
    manifest = {
        "format": FORMAT,
        "slots": geometry.slot_bits,
        "shards": geometry.shard_bits,
        "group": GROUP_BITS,
        "labels": dict(sorted(labels.items())),
        **{kind: list_digests(lists[kind]) for kind in KINDS},
    }
    return _put(_json(manifest))


def render_list(kind: str, folder: int, digests: Mapping[int, str]) -> ScriptFile:
    """The file that names those of a folder, by their numbers there."""
    return _named(f"{kind}/{folder}", list_digests(digests))


def render_shard(number: int, shard: bytes) -> ScriptFile:
    """The file of a shard in which there is something."""
    return _named(_numbered(TERMS, number), shard.decode("ascii"))


def render_group(number: int, cards: Iterable[SearchCard]) -> ScriptFile:
    """The file of a group of cards, at least one, in any order."""
    rows = [[card.slot, card.page, card.title, card.trail, card.text.decode("ascii")] for card in cards]
    return _named(_numbered(CARDS, number), sorted(rows))


def list_digests(digests: Mapping[int, str]) -> list[str]:
    """Digests by number, each in its place; `""` stands for a file that would be empty, and is not there.

    >>> list_digests({0: "0123abcd", 2: "4567cdef"})
    ['0123abcd', '', '4567cdef']
    """
    return [digests.get(number, "") for number in range(max(digests, default=-1) + 1)]


def read_digests(listed: Iterable[str]) -> dict[int, str]:
    """And back.

    >>> read_digests(["0123abcd", "", "4567cdef"])
    {0: '0123abcd', 2: '4567cdef'}
    """
    return {number: digest for number, digest in enumerate(listed) if digest}


def pack_text(entry: SearchEntry) -> bytes:
    """A page's text, deflated and in base64; empty if it has none."""
    if not entry.blocks:
        return b""
    blocks = [[block.anchor, block.heading, block.text] for block in entry.blocks]
    text = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return b64encode(compress(text.encode("utf-8", "replace"), TEXT_LEVEL))


def _numbered(kind: str, number: int) -> str:
    folder, place = place_of(number)
    return f"{kind}/{folder}/{place}"


def place_of(number: int) -> tuple[int, int]:
    """The folder of a file, and its number there.

    >>> place_of(1000)
    (15, 40)
    """
    return number >> FOLDER_BITS, number & (1 << FOLDER_BITS) - 1


def _named(name: str, value: Any) -> ScriptFile:
    said = _json(value)
    digest = blake2b(said.encode("utf-8"), digest_size=DIGEST_LETTERS // 2).hexdigest()
    return ScriptFile(f"{SEARCH_FOLDER}/{name}.{digest}.js", digest, _put(said))


def _put(said: str) -> str:
    return f"courseSearch.put({said});\n"


def _json(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        said.encode("utf-8")
    except UnicodeEncodeError:  # a file name that is no Unicode
        return json.dumps(value, separators=(",", ":"))
    return said
