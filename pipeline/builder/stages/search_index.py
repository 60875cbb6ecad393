"""One update of the search index: what lessons can be found by -> its files, of which an edit rewrites a few.

The index is one task, because its files belong to words, not to lessons. What has changed since it ran
last is told by the state: the old terms of a lesson are taken out of their shards, the new ones put in.
When there is no index yet, or its size changes, or one of its files was spoiled, it is built at once.
Files are named after their content: new ones come beside those that they replace, and the first file, which leads to
them, when they are there.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import NamedTuple

from pipeline.builder.course.graph import Graph
from pipeline.builder.course.plan import BUNDLE
from pipeline.builder.state.index_tables import IndexedPage
from pipeline.paths import task_name
from pipeline.search import (
    CARDS,
    KINDS,
    MANIFEST_PATH,
    TERMS,
    Geometry,
    Posting,
    ScriptFile,
    SearchCard,
    assign_slots,
    build_shards,
    choose_geometry,
    collect_changes,
    count_parts,
    folder_path,
    group_of,
    list_digests,
    list_path,
    patch_shard,
    place_of,
    read_digests,
    read_file_path,
    render_group,
    render_list,
    render_manifest,
    render_shard,
    search_labels,
    title_entry,
)
from pipeline.search.scripts import GROUP_BITS

SEARCH_TASK = task_name("search", BUNDLE)

File = tuple[str, bytes]
"""Target and content; an empty one is to be deleted."""


class IndexState(NamedTuple):
    """What the task's record says of the index it left."""

    outline: str
    """Digest of the pages of the course, their titles and their order, in hexadecimal."""
    slot_bits: int
    shard_bits: int
    code: str
    """Digest of the code that made it, in hexadecimal."""
    terms: tuple[str, ...] = ()
    """Digests of the lists that name its shards, as in the first file."""
    cards: tuple[str, ...] = ()
    """And of those that name its cards."""

    @property
    def geometry(self) -> Geometry:
        return Geometry(self.slot_bits, self.shard_bits)


def begin_index(graph: Graph) -> None:
    """Begin with the first index of a course, when every lesson is parsed and every section listed."""
    if graph.course.state.record(SEARCH_TASK) is None:
        SearchIndex(graph, None).begin()


class SearchIndex:
    """One update of a course's index. `files` gives what is to be written; then `keep` makes it so."""

    def __init__(self, graph: Graph, before: IndexState | None) -> None:
        self._graph = graph
        self._state = graph.course.state
        self._before = before
        self._unindexed = self._state.index.unindexed()
        self._gone: list[str] = []
        self._pages: list[IndexedPage] = []
        self._shards: list[tuple[int, bytes]] = []
        self._lists: dict[str, dict[int, str]] = {kind: {} for kind in KINDS}
        self.is_new = False
        """Whether what was there is to be forgotten: `files` are all that there are."""

    def files(self, *, is_intact: bool) -> Iterator[File]:
        """The files to write, in their order; what is deleted comes last."""
        outline = self._graph.whole.outline_digest().hex()
        code = self._graph.course.fingerprints.stage("search").hex()
        before = self._before if is_intact and self._before is not None and self._before.code == code else None
        # A lesson that is gone may stand elsewhere under the same page.
        is_same_set = self._unindexed.keys() <= set(self._graph.course.plan.lessons)
        if before is not None and is_same_set and before.outline == outline:
            self._after = before
            found = self._state.index.indexed_by_path(
                {path: self._graph.course.plan.page_of(path) for path in self._unindexed}
            )
            return self._patch(before, [(page, page) for page in found])
        geometry, pages = self._place_pages()
        self._after = IndexState(outline, geometry.slot_bits, geometry.shard_bits, code)
        if before is None or before.geometry != geometry:
            self.is_new = True
            return self._build(pages)
        old = self._state.index.indexed()
        changed: list[tuple[IndexedPage | None, IndexedPage | None]] = [
            (old.get(page.page), page) for page in pages if old.get(page.page) != page or page.path in self._unindexed
        ]
        names = {page.page for page in pages}
        changed += [(page, None) for name, page in old.items() if name not in names]
        return self._patch(before, changed)

    def keep(self) -> IndexState:
        """Remember what the index is now, when all its files are written; what the record is to say of it."""
        self._state.index.keep_index(self._gone, self._pages, self._shards)
        terms, cards = (tuple(list_digests(self._lists[kind])) for kind in KINDS)
        return self._after._replace(terms=terms, cards=cards)

    def _place_pages(self) -> tuple[Geometry, list[IndexedPage]]:
        wanted = self._wanted()
        geometry = choose_geometry(len(wanted))
        slots = assign_slots(wanted, geometry)
        return geometry, [
            IndexedPage(page, slots[page], path, title, trail) for page, (path, title, trail) in wanted.items()
        ]

    def _wanted(self) -> dict[str, tuple[str, str, str]]:
        """Every page of the course: its lesson, title, and where it stands."""
        wanted = {}
        plan = self._graph.course.plan
        for section in self._graph.whole.published_sections():
            title = self._graph.inputs.section_title(section.path)
            page = f"{section.path}/index".lstrip("/")
            own = self._graph.inputs.own_facts(section.path)
            trail = self._graph.inputs.section_title(plan.section_of(section.path)) if section.path else ""
            wanted[page] = (plan.sources[page] if own is not None and own.has_text else "", title, trail)
            for card in section.lessons:
                wanted[card.page] = (plan.sources[card.page], card.title, title)
        return wanted

    def _posting(self, page: IndexedPage) -> Posting:
        terms = self._state.index.entry_terms(page.path) if page.path else title_entry(page.title).terms
        return Posting(terms, page.slot)

    def _old_posting(self, page: IndexedPage) -> Posting:
        terms = self._unindexed.get(page.path) if page.path else None
        return self._posting(page) if terms is None else Posting(terms, page.slot)

    # --- at once ---

    def begin(self) -> None:
        """Have the shards worked out ahead."""
        geometry, pages = self._place_pages()
        self._graph.ahead.begin_shards(geometry, *self._postings(pages))

    def _postings(self, pages: list[IndexedPage]) -> tuple[list[tuple[str, int]], list[Posting]]:
        """Path and slot of each lesson; the terms of what has no text of its own."""
        lessons = [(page.path, page.slot) for page in pages if page.path]
        return lessons, [self._posting(page) for page in pages if not page.path]

    def _all_shards(self, geometry: Geometry, pages: list[IndexedPage]) -> Iterable[tuple[int, bytes]]:
        done = self._graph.ahead.take_shards(geometry, *self._postings(pages))
        if done is not None:
            return done
        parts = count_parts(geometry, len(pages))
        return chain.from_iterable(
            build_shards(geometry, map(self._posting, pages), part, parts) for part in range(parts)
        )

    def _build(self, pages: list[IndexedPage]) -> Iterator[File]:
        self._pages = pages
        # Should this be interrupted, what there is then is no index: the next run begins anew as well.
        self._state.forget(SEARCH_TASK)
        self._state.index.forget_index()
        for kind, files in ((TERMS, self._shard_files(pages)), (CARDS, self._card_files(pages))):
            for folder, members in groupby(files, lambda numbered: place_of(numbered[0])[0]):
                digests = {}
                for number, file in members:
                    digests[place_of(number)[1]] = file.digest
                    yield file.path, file.text.encode()
                listed = render_list(kind, folder, digests)
                self._lists[kind][folder] = listed.digest
                yield listed.path, listed.text.encode()
        yield MANIFEST_PATH, self._manifest()

    def _shard_files(self, pages: list[IndexedPage]) -> Iterator[tuple[int, ScriptFile]]:
        for number, shard in self._all_shards(self._after.geometry, pages):
            self._state.index.keep_shard(number, shard)
            yield number, render_shard(number, shard)

    def _card_files(self, pages: list[IndexedPage]) -> Iterator[tuple[int, ScriptFile]]:
        by_slot = sorted(pages, key=lambda page: page.slot)
        for number, members in groupby(by_slot, lambda page: group_of(page.slot)):
            yield number, self._group(number, members)

    # --- or patched ---

    def _patch(
        self, before: IndexState, changed: list[tuple[IndexedPage | None, IndexedPage | None]]
    ) -> Iterator[File]:
        postings = [
            (self._old_posting(before) if before else None, self._posting(after) if after else None)
            for before, after in changed
        ]
        geometry = before.geometry
        files: dict[str, dict[int, ScriptFile | None]] = {kind: {} for kind in KINDS}
        for number, change in collect_changes(geometry, postings).items():
            shard = patch_shard(geometry, self._state.index.shard(number), change)
            self._shards.append((number, shard))
            files[TERMS][number] = render_shard(number, shard) if shard else None
        self._pages = [after for _, after in changed if after is not None]
        self._gone = [before.page for before, after in changed if before is not None and after is None]
        slots = {page.slot for pair in changed for page in pair if page is not None}
        for number, members in self._groups_with(slots):
            files[CARDS][number] = self._group(number, members) if members else None
        old = set[str]()
        for kind, lists in zip(KINDS, (before.terms, before.cards), strict=True):
            self._lists[kind] = read_digests(lists)
            for file in files[kind].values():
                if file is not None:
                    yield file.path, file.text.encode()
            for folder, numbers in groupby(sorted(files[kind]), lambda number: place_of(number)[0]):
                yield from self._patch_list(kind, folder, {number: files[kind][number] for number in numbers}, old)
        yield MANIFEST_PATH, self._manifest()
        yield from ((path, b"") for path in sorted(old))

    def _patch_list(self, kind: str, folder: int, files: dict[int, ScriptFile | None], old: set[str]) -> Iterator[File]:
        """The list of a folder, some of whose files are others; what it no longer names is added to `old`."""
        named = {read_file_path(path): path for path in self._state.files.targets_below(folder_path(kind, folder))}
        now = dict(named.keys())
        for number, file in files.items():
            place = place_of(number)[1]
            if file is not None:
                now[place] = file.digest
            else:
                now.pop(place, None)
        old.update(path for (place, digest), path in named.items() if now.get(place) != digest)
        lists = self._lists[kind]
        before = lists.pop(folder, "")
        if now:
            listed = render_list(kind, folder, now)
            lists[folder] = listed.digest
            yield listed.path, listed.text.encode()
        if before and before != lists.get(folder):
            old.add(list_path(kind, folder, before))

    def _groups_with(self, slots: Iterable[int]) -> Iterator[tuple[int, list[IndexedPage]]]:
        """The groups that some slots are in, and the pages that are in these now."""
        names = {*self._gone, *(page.page for page in self._pages)}
        for number in sorted(set(map(group_of, slots))):
            found = self._state.index.indexed_slots(number << GROUP_BITS, number + 1 << GROUP_BITS)
            members = [page for page in found if page.page not in names]
            yield number, members + [page for page in self._pages if group_of(page.slot) == number]

    # --- one file each ---

    def _manifest(self) -> bytes:
        course = self._graph.course
        labels = search_labels(course.settings.language, course.location.template_folders)
        return render_manifest(self._after.geometry, labels, self._lists).encode()

    def _group(self, number: int, members: Iterable[IndexedPage]) -> ScriptFile:
        cards = [
            SearchCard(page.slot, page.page, page.title, page.trail, self._state.index.entry_text(page.path))
            for page in members
        ]
        return render_group(number, cards)
