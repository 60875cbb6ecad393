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
    CARDS,
    KINDS,
    MANIFEST_PATH,
    TERMS,
    ScriptFile,
    SearchCard,
    folder_path,
    group_of,
    is_content_name,
    list_digests,
    list_path,
    pack_text,
    place_of,
    read_digests,
    read_file_path,
    render_group,
    render_list,
    render_manifest,
    render_shard,
)
from pipeline.search.shards import Posting, ShardChange, build_shards, collect_changes, count_parts, patch_shard
from pipeline.search.slots import Geometry, assign_slots, choose_geometry

__all__ = [
    "CARDS",
    "KINDS",
    "MANIFEST_PATH",
    "TERMS",
    "Geometry",
    "Posting",
    "ScriptFile",
    "SearchCard",
    "SearchEntry",
    "ShardChange",
    "TextBlock",
    "assign_slots",
    "build_shards",
    "choose_geometry",
    "collect_changes",
    "count_parts",
    "folder_path",
    "group_of",
    "is_content_name",
    "list_digests",
    "list_path",
    "pack_text",
    "patch_shard",
    "place_of",
    "read_digests",
    "read_file_path",
    "render_group",
    "render_list",
    "render_manifest",
    "render_shard",
    "search_entry",
    "search_labels",
    "title_entry",
]
