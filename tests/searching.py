"""A search index in memory: what the builder does with files and a database, for tests and the bench."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.search import (
    CARDS,
    MANIFEST_PATH,
    TERMS,
    Geometry,
    Posting,
    ScriptFile,
    SearchCard,
    SearchEntry,
    assign_slots,
    build_shards,
    choose_geometry,
    collect_changes,
    group_of,
    pack_text,
    patch_shard,
    place_of,
    render_group,
    render_list,
    render_manifest,
    render_shard,
    search_labels,
)


@dataclass
class Page:
    title: str
    entry: SearchEntry
    trail: str = ""


@dataclass
class SearchIndex:
    """The index of some pages; `update` patches it into the index of others."""

    pages: dict[str, Page]
    geometry: Geometry = field(init=False)
    slots: dict[str, int] = field(init=False)
    shards: dict[int, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.geometry = choose_geometry(len(self.pages))
        self.slots = assign_slots(self.pages, self.geometry)
        self.shards = dict(build_shards(self.geometry, (self._posting(name) for name in self.pages)))

    def _posting(self, name: str) -> Posting:
        return Posting(self.pages[name].entry.terms, self.slots[name])

    def update(self, pages: Mapping[str, Page]) -> set[int]:
        """Patch the index so that it is the one of `pages`; the numbers of the shards that were rewritten."""
        geometry = choose_geometry(len(pages))
        if geometry != self.geometry:
            self.pages = dict(pages)
            self.__post_init__()
            return set(self.shards)
        slots = assign_slots(pages, geometry) if pages.keys() != self.pages.keys() else self.slots
        changes = []
        for name in pages.keys() | self.pages.keys():
            old, new = self.pages.get(name), pages.get(name)
            if old is not new or self.slots[name] != slots[name]:
                before = Posting(old.entry.terms, self.slots[name]) if old else None
                after = Posting(new.entry.terms, slots[name]) if new else None
                changes.append((before, after))
        touched = set()
        for number, change in collect_changes(geometry, changes).items():
            shard = patch_shard(geometry, self.shards.get(number, b""), change)
            touched.add(number)
            if shard:
                self.shards[number] = shard
            else:
                del self.shards[number]
        self.pages, self.slots = dict(pages), slots
        return touched

    def files(self, language: str = "vi") -> Iterator[tuple[str, str]]:
        """Every file of the index, by its path in the output folder."""
        groups = defaultdict[int, list[str]](list)
        for name, slot in self.slots.items():
            groups[group_of(slot)].append(name)
        kinds = {
            TERMS: {number: render_shard(number, shard) for number, shard in self.shards.items()},
            CARDS: {number: self.group(number, names) for number, names in groups.items()},
        }
        lists: dict[str, dict[int, str]] = {}
        for kind, files in kinds.items():
            named = defaultdict[int, dict[int, str]](dict)
            for number, file in sorted(files.items()):
                yield file.path, file.text
                folder, place = place_of(number)
                named[folder][place] = file.digest
            found = {folder: render_list(kind, folder, digests) for folder, digests in named.items()}
            yield from ((file.path, file.text) for file in found.values())
            lists[kind] = {folder: file.digest for folder, file in found.items()}
        yield MANIFEST_PATH, render_manifest(self.geometry, search_labels(language), lists)

    def group(self, number: int, names: Iterable[str]) -> ScriptFile:
        """The file of the cards of these pages."""
        cards = [
            SearchCard(self.slots[name], name, page.title, page.trail, pack_text(page.entry))
            for name, page in ((name, self.pages[name]) for name in names)
        ]
        return render_group(number, cards)
