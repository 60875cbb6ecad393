"""parsed lessons -> a full-text index that a browser reads file by file.

    words.py      a text's words, folded, and the numbers that stand for them
    entry.py      one lesson: what it can be found by, and its plain text
    slots.py      the size of the index; every page's number
    shards.py     who contains a term: built at once or patched, with the same bytes
    scripts.py    the files, as scripts that a page may load from a disk
    labels.py     the words of the search box

`docs/search.md` has the format and the reasons; `templates/static/search.js` is the reader.
"""

from pipeline.search.entry import SearchEntry, TextBlock, search_entry, title_entry
from pipeline.search.labels import search_labels
from pipeline.search.scripts import (
    MANIFEST_PATH,
    SearchCard,
    group_of,
    group_path,
    pack_text,
    render_group,
    render_manifest,
    render_shard,
    shard_path,
)
from pipeline.search.shards import Posting, ShardChange, build_shards, collect_changes, patch_shard
from pipeline.search.slots import Geometry, assign_slots, choose_geometry

__all__ = [
    "MANIFEST_PATH",
    "Geometry",
    "Posting",
    "SearchCard",
    "SearchEntry",
    "ShardChange",
    "TextBlock",
    "assign_slots",
    "build_shards",
    "choose_geometry",
    "collect_changes",
    "group_of",
    "group_path",
    "pack_text",
    "patch_shard",
    "render_group",
    "render_manifest",
    "render_shard",
    "search_entry",
    "search_labels",
    "shard_path",
    "title_entry",
]
