"""One update of the search index: what lessons can be found by -> its files, of which an edit rewrites a few.

The index is one task, because its files belong to words, not to lessons. What has changed since it ran
last is told by the state: the old terms of a lesson are taken out of their shards, the new ones put in.
When there is no index yet, or its size changes, or one of its files was spoiled, it is built at once.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import NamedTuple

from pipeline.builder.course.graph import Graph
from pipeline.builder.course.plan import BUNDLE
from pipeline.builder.state.index_tables import IndexedPage
from pipeline.paths import task_name
from pipeline.search import (
    MANIFEST_PATH,
    Geometry,
    Posting,
    SearchCard,
    assign_slots,
    build_shards,
    choose_geometry,
    collect_changes,
    group_of,
    group_path,
    patch_shard,
    render_group,
    render_manifest,
    render_shard,
    search_labels,
    shard_path,
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
        self.is_new = False
        """Whether what was there is to be forgotten: `files` are all that there are."""

    def files(self, *, is_intact: bool) -> tuple[IndexState, Iterator[File]]:
        """The files to write, and what to remember of the index."""
        outline = self._graph.whole.outline_digest().hex()
        code = self._graph.course.fingerprints.stage("search").hex()
        before = self._before if is_intact and self._before is not None and self._before.code == code else None
        # A lesson that is gone may stand elsewhere under the same page.
        is_same_set = self._unindexed.keys() <= set(self._graph.course.plan.lessons)
        if before is not None and is_same_set and before.outline == outline:
            geometry = Geometry(before.slot_bits, before.shard_bits)
            found = self._state.index.indexed_by_path(
                {path: self._graph.course.plan.page_of(path) for path in self._unindexed}
            )
            return before, self._patch(geometry, [(page, page) for page in found])
        geometry, pages = self._place_pages()
        after = IndexState(outline, geometry.slot_bits, geometry.shard_bits, code)
        if before is None or (before.slot_bits, before.shard_bits) != (
            geometry.slot_bits,
            geometry.shard_bits,
        ):
            self.is_new = True
            return after, self._build(geometry, pages)
        old = self._state.index.indexed()
        changed: list[tuple[IndexedPage | None, IndexedPage | None]] = [
            (old.get(page.page), page) for page in pages if old.get(page.page) != page or page.path in self._unindexed
        ]
        names = {page.page for page in pages}
        changed += [(page, None) for name, page in old.items() if name not in names]
        return after, self._patch(geometry, changed)

    def keep(self) -> None:
        """Remember what the index is now."""
        self._state.index.keep_index(self._gone, self._pages, self._shards)

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
        return build_shards(geometry, map(self._posting, pages)) if done is None else done

    def _build(self, geometry: Geometry, pages: list[IndexedPage]) -> Iterator[File]:
        self._pages = pages
        # Should this be interrupted, what there is then is no index: the next run begins anew as well.
        self._state.forget(SEARCH_TASK)
        self._state.index.forget_index()
        yield MANIFEST_PATH, self._manifest(geometry)
        written = 0
        for number, shard in chain(self._all_shards(geometry, pages), [(geometry.shards, b"")]):
            # One that is empty has a file as well: the reader takes one that is not there for a failure.
            for empty in range(written, number):
                yield shard_path(empty), render_shard(empty, b"").encode()
            if shard:
                self._state.index.keep_shard(number, shard)
                yield shard_path(number), render_shard(number, shard).encode()
            written = number + 1
        by_slot = sorted(pages, key=lambda page: page.slot)
        for number, members in groupby(by_slot, lambda page: group_of(page.slot)):
            yield group_path(number), self._group(number, members)

    # --- or patched ---

    def _patch(
        self, geometry: Geometry, changed: list[tuple[IndexedPage | None, IndexedPage | None]]
    ) -> Iterator[File]:
        postings = [
            (self._old_posting(before) if before else None, self._posting(after) if after else None)
            for before, after in changed
        ]
        for number, change in collect_changes(geometry, postings).items():
            shard = patch_shard(geometry, self._state.index.shard(number), change)
            self._shards.append((number, shard))
            yield shard_path(number), render_shard(number, shard).encode()
        self._pages = [after for _, after in changed if after is not None]
        self._gone = [before.page for before, after in changed if before is not None and after is None]
        slots = {page.slot for pair in changed for page in pair if page is not None}
        for number, members in self._groups_with(slots):
            yield group_path(number), self._group(number, members)
        yield MANIFEST_PATH, self._manifest(geometry)

    def _groups_with(self, slots: Iterable[int]) -> Iterator[tuple[int, list[IndexedPage]]]:
        """The groups that some slots are in, and the pages that are in these now."""
        names = {*self._gone, *(page.page for page in self._pages)}
        for number in sorted(set(map(group_of, slots))):
            found = self._state.index.indexed_slots(number << GROUP_BITS, number + 1 << GROUP_BITS)
            members = [page for page in found if page.page not in names]
            yield number, members + [page for page in self._pages if group_of(page.slot) == number]

    # --- one file each ---

    def _manifest(self, geometry: Geometry) -> bytes:
        course = self._graph.course
        return render_manifest(
            geometry, search_labels(course.settings.language, course.location.template_folders)
        ).encode()

    def _group(self, number: int, members: Iterable[IndexedPage]) -> bytes:
        cards = [
            SearchCard(page.slot, page.page, page.title, page.trail, self._state.index.entry_text(page.path))
            for page in members
        ]
        return render_group(number, cards).encode() if cards else b""
