"""What the state knows of the search index: what lessons can be found by, and what is indexed so far."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pipeline.builder.state.damage import with_sum
from pipeline.builder.state.database import Database


class IndexedPage(NamedTuple):
    """A page in the index."""

    page: str
    slot: int
    path: str
    """Its lesson; `""` for a page that can be found by its title only."""
    title: str
    trail: str


class IndexTables:
    """The tables of the index. An entry is that of the lesson's last parse; what the index holds of a
    lesson that was parsed since is kept in `unindexed`, because a patch takes the old away."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put_entry(self, path: str, digest: bytes, terms: bytes, text: bytes) -> None:
        """Keep what a lesson can be found by; nothing is done if it is what it was."""
        before = self._db.execute("select digest from entry where path = ?", (path,)).fetchone()
        if before == (digest,):
            return
        if before:
            self._db.execute("insert or ignore into unindexed select path, terms from entry where path = ?", (path,))
        self._db.execute(
            "insert or replace into entry values (?,?,?,?)", (path, digest, with_sum(terms), with_sum(text))
        )

    def drop_entry(self, path: str) -> None:
        """A lesson is gone."""
        self._db.execute("insert or ignore into unindexed select path, terms from entry where path = ?", (path,))
        self._db.execute("delete from entry where path = ?", (path,))

    def has_unindexed(self) -> bool:
        """Whether a lesson can be found by something else than when it was indexed."""
        return self._db.execute("select 1 from unindexed limit 1").fetchone() is not None

    def entry_terms(self, path: str) -> bytes:
        """What a lesson can be found by, packed; empty without an entry."""
        row = self._db.execute("select terms from entry where path = ?", (path,)).fetchone()
        return self._db.whole(row[0]) if row else b""

    def entry_text(self, path: str) -> bytes:
        """A lesson's text, packed; empty if it has none."""
        row = self._db.execute("select text from entry where path = ?", (path,)).fetchone()
        return self._db.whole(row[0]) if row else b""

    def unindexed(self) -> dict[str, bytes]:
        """Lessons whose entry has changed since they were indexed, and what they could be found by then."""
        rows = self._db.execute("select path, terms from unindexed")
        return {path: self._db.whole(terms) for path, terms in rows}

    def indexed(self) -> dict[str, IndexedPage]:
        """Every page in the index by its name."""
        return {row[0]: IndexedPage(*row) for row in self._db.execute("select * from indexed")}

    def indexed_by_path(self, pages: Mapping[str, str]) -> list[IndexedPage]:
        """The pages of some lessons, by their paths, as far as they are in the index."""
        found = []
        for path, page in pages.items():
            rows = self._db.execute("select * from indexed where page = ?", (page,))
            found += [IndexedPage(*row) for row in rows if row[2] == path]
        return found

    def indexed_slots(self, first: int, end: int) -> list[IndexedPage]:
        """The pages with a slot from `first` on and below `end`."""
        rows = self._db.execute("select * from indexed where slot >= ? and slot < ? order by slot", (first, end))
        return [IndexedPage(*row) for row in rows]

    def shard(self, number: int) -> bytes:
        """A shard of the index; empty if nothing is in it."""
        row = self._db.execute("select shard from shard where number = ?", (number,)).fetchone()
        return self._db.whole(row[0]) if row else b""

    def keep_index(
        self, gone: Iterable[str], pages: Iterable[IndexedPage], shards: Iterable[tuple[int, bytes]]
    ) -> None:
        """Keep what the index is now: pages that left it, pages that are new or other, and shards."""
        self._db.executemany("delete from indexed where page = ?", [(page,) for page in gone])
        rows = [(page.page, page.slot, page.path, page.title, page.trail) for page in pages]
        self._db.executemany("insert or replace into indexed values (?,?,?,?,?)", rows)
        for number, shard in shards:
            self.keep_shard(number, shard)
        self._db.execute("delete from unindexed")

    def keep_shard(self, number: int, shard: bytes) -> None:
        """Keep a shard; an empty one is none."""
        if shard:
            self._db.execute("insert or replace into shard values (?,?)", (number, with_sum(shard)))
        else:
            self._db.execute("delete from shard where number = ?", (number,))

    def forget_index(self) -> None:
        """Begin the index anew."""
        for table in ("indexed", "shard"):
            self._db.execute(f"delete from {table}")  # noqa: S608
