"""The state keeps what it is told, whole, beside a model that is a few dictionaries; and so it does for files."""

from __future__ import annotations

import os
import shutil
import tempfile
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.builder.course.reads import FILE, LESSON, Key, number_of, pack_keys
from pipeline.builder.disk.files import digest_of
from pipeline.builder.disk.sweep import RACY_NS, FileStamp, is_settled
from pipeline.builder.state.index_tables import IndexedPage
from pipeline.builder.state.state import Record, State
from pipeline.errors import Diagnostic

PATHS = ["a.md", "b%.md", "c_.md", "C_.md"]
STAGES = ["repair", "parse", "render", "search", "former"]
KEYS = [(LESSON, "a.md"), (LESSON, "á.md"), (FILE, "a.md"), (FILE, "")]
OLD, NEW = 10**18, 4 * 10**18  # in 2001, and in a century

tasks = st.builds("{}:{}".format, st.sampled_from(STAGES), st.sampled_from([*PATHS, "all"]))
digests = st.sampled_from([b"", b"one", b"two"])
told = st.lists(
    st.builds(Diagnostic, st.sampled_from(["ề", "x"]), severity=st.sampled_from(["error", "warning", "note"])),
    max_size=2,
).map(tuple)
records = st.builds(Record, digests, digests, st.booleans(), told, st.sampled_from(["", "facts b%.md", "C_.MD \\"]))
stamps = st.builds(FileStamp, st.integers(0, 2), st.sampled_from([OLD, OLD + 1, NEW]), st.just(OLD), st.integers(1, 2))


@dataclass
class Model:
    """What a state should know."""

    records: dict[str, Record] = field(default_factory=dict)
    values: dict[str, bytes] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    sources: dict[str, tuple[FileStamp, bytes]] = field(default_factory=dict)
    targets: dict[str, tuple[str, FileStamp, bytes]] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    gone: dict[str, tuple[bytes, frozenset[str]]] = field(default_factory=dict)
    entries: dict[str, tuple[bytes, bytes, bytes]] = field(default_factory=dict)
    unindexed: dict[str, bytes] = field(default_factory=dict)
    indexed: dict[str, IndexedPage] = field(default_factory=dict)
    shards: dict[int, bytes] = field(default_factory=dict)
    reads: dict[str, set[int]] = field(default_factory=dict)
    mark: str = ""
    changes: int = 0


class StateMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.state = State(self.folder / "kept" / "state.sqlite3")
        self.model = Model()

    def teardown(self) -> None:
        self.state.close()
        shutil.rmtree(self.folder)

    @rule(
        task=tasks,
        record=records,
        value=st.none() | st.binary(max_size=4),
        source=st.none() | st.tuples(st.sampled_from(PATHS), stamps, digests),
        output=st.none() | st.tuples(st.sampled_from(PATHS), stamps, digests),
        aliases=st.none() | st.lists(st.sampled_from(PATHS), max_size=2).map(tuple),
        reads=st.none() | st.sets(st.sampled_from(KEYS)),
    )
    def commit(
        self,
        task: str,
        record: Record,
        value: bytes | None,
        source: tuple[str, FileStamp, bytes] | None,
        output: tuple[str, FileStamp, bytes] | None,
        aliases: tuple[str, ...] | None,
        reads: set[Key] | None,
    ) -> None:
        packed = None if reads is None else pack_keys(reads)
        self.state.commit(task, record, value=value, source=source, target=output, aliases=aliases, reads=packed)
        if reads is not None:
            self.model.reads[task] = {number_of(key) for key in reads}
        self.model.records[task] = record
        if value is not None:
            self.model.values[task] = value
        if aliases is not None:
            self.model.aliases[task] = set(aliases)
        if source is not None:
            self.put_source(*source)
        if output is not None:
            self.model.targets[output[0]] = (task, *output[1:])
        self.model.changes += task.split(":")[0] in ("repair", "parse")

    def put_source(self, path: str, stamp: FileStamp, digest: bytes) -> None:
        self.model.sources.pop(path, None)
        if stamp.mtime_ns != NEW:
            self.model.sources[path] = (stamp, digest)

    @rule(path=st.sampled_from(PATHS), stamp=stamps, digest=digests)
    def keep_source(self, path: str, stamp: FileStamp, digest: bytes) -> None:
        self.state.files.keep_source(path, stamp, digest)
        self.put_source(path, stamp, digest)

    @rule(task=tasks, path=st.sampled_from(PATHS), stamp=stamps, digest=digests)
    def keep_target(self, task: str, path: str, stamp: FileStamp, digest: bytes) -> None:
        self.state.files.keep_target(task, path, stamp, digest)
        self.model.targets[path] = (task, stamp, digest)

    @rule(path=st.sampled_from(PATHS))
    def drop_target(self, path: str) -> None:
        self.state.files.drop_target(path)
        self.model.targets.pop(path, None)

    @rule(task=tasks, diagnostics=told)
    def fail(self, task: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.state.fail(task, diagnostics)
        old = self.model.records.get(task, Record(b"", b""))
        self.model.records[task] = Record(b"", old.digest, True, diagnostics, old.facts)
        self.model.changes += task.split(":")[0] in ("repair", "parse")

    @rule(task=tasks)
    def forget(self, task: str) -> None:
        self.state.forget(task)
        if task in self.model.records:
            self.model.records[task] = self.model.records[task]._replace(inputs=b"")
            self.model.changes += task.split(":")[0] in ("repair", "parse")
        self.model.ignored.discard(task)
        self.model.mark = ""

    @rule(task=tasks)
    def ignore(self, task: str) -> None:
        self.state.ignore(task)
        self.model.ignored.add(task)

    @rule(task=tasks)
    def drop(self, task: str) -> None:
        self.state.drop(task)
        record = self.model.records.pop(task, None)
        value = self.model.values.pop(task, None)
        self.model.reads.pop(task, None)
        path = task.partition(":")[2]
        if task.startswith("repair:") and record is not None and record.digest:
            rivals = {
                other
                for other, found in self.model.records.items()
                if other.startswith("repair:") and found.digest == record.digest
            }
            self.model.gone[path] = (record.digest, frozenset({*rivals, task}))
        if task.startswith("repair:") and value is not None:
            assert self.state.dropped[path] == value
        if task.startswith("parse:") and (entry := self.model.entries.pop(path, None)) is not None:
            self.model.unindexed.setdefault(path, entry[1])
        self.model.aliases.pop(task, None)
        self.model.ignored.discard(task)
        self.model.changes += 1
        assert self.state.has_dropped

    @rule(path=st.sampled_from(PATHS), entry=st.tuples(digests, st.binary(max_size=2), st.binary(max_size=2)))
    def commit_entry(self, path: str, entry: tuple[bytes, bytes, bytes]) -> None:
        record = Record(b"one", b"one")
        self.state.commit(f"parse:{path}", record, entry=(path, *entry))
        self.model.records[f"parse:{path}"] = record
        self.model.changes += 1
        before = self.model.entries.get(path)
        if before is None or before[0] != entry[0]:
            if before is not None:
                self.model.unindexed.setdefault(path, before[1])
            self.model.entries[path] = entry

    @rule(
        gone=st.lists(st.sampled_from(PATHS), max_size=2),
        slots=st.dictionaries(st.sampled_from(PATHS), st.integers(0, 5), max_size=3),
        shards=st.dictionaries(st.integers(1, 2), st.binary(max_size=2), max_size=2),
    )
    def keep_index(self, gone: list[str], slots: dict[str, int], shards: dict[int, bytes]) -> None:
        pages = [IndexedPage(path[:-3], slot, path if slot else "", "title", "trail") for path, slot in slots.items()]
        self.state.index.keep_index([path[:-3] for path in gone], pages, shards.items())
        for path in gone:
            self.model.indexed.pop(path[:-3], None)
        self.model.indexed.update({page.page: page for page in pages})
        self.model.shards.update(shards)
        self.model.unindexed.clear()

    @rule()
    def forget_index(self) -> None:
        self.state.index.forget_index()
        self.model.indexed.clear()
        self.model.shards.clear()

    @rule(mark=st.sampled_from(["one", "two"]))
    def put_mark(self, mark: str) -> None:
        assert self.state.put_mark(mark)
        self.model.mark = mark

    @rule(written=st.dictionaries(st.sampled_from(PATHS), st.tuples(st.integers(0, 3), st.sampled_from([1, 2]))))
    def adopt(self, written: dict[str, tuple[int, int]]) -> None:
        self.state.files.adopt(written, {})
        for path, (size, time) in written.items():
            self.model.targets.setdefault(path, ("", FileStamp(size, time, 0, 0), b""))

    @precondition(lambda self: self.state.flush())
    @rule(rehearsed=st.booleans())
    def open_again(self, rehearsed: bool) -> None:
        """What was committed is there; what was only rehearsed is not."""
        if rehearsed:
            self.state.rehearse()
            self.state.commit("parse:a.md", Record(b"rehearsed", b"rehearsed"))
            self.state.drop("repair:a.md")
        self.state.close()
        self.state = State(self.folder / "kept" / "state.sqlite3")
        self.model.changes = 0
        assert self.state.notes == []
        assert self.state.dropped == {}
        self.state.check()

    @invariant()
    def it_knows_what_it_was_told(self) -> None:
        state, model = self.state, self.model
        assert state.lost == ""
        assert state.tasks() == sorted(model.records)
        for task in [*model.records, "parse:never"]:
            assert state.record(task) == model.records.get(task)
            assert state.value(task) == model.values.get(task)
            assert state.is_ignored(task) == (task in model.ignored)
        assert state.failed() == sorted(task for task, record in model.records.items() if record.failed)
        for severity in ("", "error", "warning", "note"):
            wanted = [
                (task, record.diagnostics)
                for task, record in sorted(model.records.items())
                if any(severity in ("", diagnostic.severity) for diagnostic in record.diagnostics)
            ]
            assert state.told(severity) == wanted
        repairs = {task: record for task, record in sorted(model.records.items()) if task.startswith("repair:")}
        assert state.damaged() == [(task, record.facts) for task, record in repairs.items() if record.facts]
        for task in model.records:
            assert state.reads(task) == model.reads.get(task, set())
        for number in map(number_of, KEYS):
            assert state.readers([number]) == {task for task, numbers in model.reads.items() if number in numbers}
        assert state.readers(map(number_of, KEYS)) == {task for task, numbers in model.reads.items() if numbers}
        assert state.aliases() == sorted((task, path) for task, paths in model.aliases.items() for path in paths)
        renames = [
            (path, task)
            for path, (digest, rivals) in sorted(model.gone.items())
            for task, record in repairs.items()
            if record.digest == digest and task not in rivals
        ]
        assert state.renames() == renames
        assert (state.mark(), state.changes) == (model.mark, model.changes)

    @invariant()
    def it_knows_the_index(self) -> None:
        state, model = self.state, self.model
        assert state.index.has_unindexed() == bool(model.unindexed)
        assert state.index.unindexed() == model.unindexed
        assert state.index.indexed() == model.indexed
        for path in PATHS:
            assert (state.index.entry_terms(path), state.index.entry_text(path)) == model.entries.get(
                path, (b"", b"", b"")
            )[1:]
        assert [state.index.shard(number) for number in (1, 2)] == [model.shards.get(number, b"") for number in (1, 2)]
        lessons = [page for page in map(model.indexed.get, (path[:-3] for path in PATHS)) if page and page.path]
        assert state.index.indexed_by_path({path: path[:-3] for path in PATHS}) == lessons
        between = sorted(page.slot for page in model.indexed.values() if 1 <= page.slot < 4)
        assert [page.slot for page in state.index.indexed_slots(1, 4)] == between

    @invariant()
    def it_knows_the_files(self) -> None:
        state, model = self.state, self.model
        for path in PATHS:
            for stamp in {FileStamp(size, OLD, OLD, 1) for size in (0, 1, 2)} | {
                stamp for stamp, _ in model.sources.values()
            }:
                known = model.sources.get(path)
                assert state.files.source_digest(path, stamp) == (known[1] if known and known[0] == stamp else None)
            assert state.files.owns(path) == (path in model.targets)
        assert list(state.files.targets()) == sorted((path, task) for path, (task, *_) in model.targets.items())
        assert state.files.target_stamps() == {path: stamp[:2] for path, (_, stamp, _) in model.targets.items()}
        assert state.files.digests_of(PATHS) == {path: digest for path, (*_, digest) in model.targets.items()}
        for task in ("search:all", "former:all", "render:a.md"):
            own = {path: digest for path, (by, _, digest) in model.targets.items() if by == task}
            assert state.files.target_digests(task) == (own if task.endswith(":all") else {})
            assert state.files.targets_of(task) == sorted(state.files.target_digests(task))


TestState = StateMachine.TestCase
TestState.settings = settings(max_examples=25, stateful_step_count=30)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state.sqlite3")


def test_what_is_claimed_is_owned_until_the_run_ends_and_what_stood_there_is_not(tmp_path: Path, state: State) -> None:
    (tmp_path / "theirs.html").write_text("x")
    many = [(f"{number}.html", "render:x") for number in range(1200)]
    state.files.keep_target("render:b", "600.html", FileStamp(1, 2, 3, 4), b"one")
    state.files.claim([*many, ("theirs.html", "render:t")], tmp_path)
    assert state.files.owns("0.html")
    assert state.files.owns("1199.html")
    assert not state.files.owns("theirs.html")
    assert state.files.target_stamps() == {"600.html": (1, 2)}, "what was only claimed has no stamp"
    state.files.claim(many, tmp_path)
    (tmp_path / "7.html").write_text("x")  # it is killed when it has written this one
    other = State(state.path)
    assert other.files.owns("0.html")
    other.close()
    again = State(state.path)
    assert again.files.owns("0.html"), "who claims nothing knows nothing of the output"
    again.files.claim([("new.html", "render:n")], tmp_path)
    again.close()
    last = State(state.path)
    assert list(last.files.targets()) == [("600.html", "render:b"), ("7.html", "render:x")]


def test_a_file_is_intact_by_its_stamp_or_by_its_content(tmp_path: Path, state: State) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(b"one")
    stamp = FileStamp.of(path.stat())
    assert not state.files.target_is_intact("a.html", path), "nothing is known of it"
    state.files.keep_target("render:a", "a.html", stamp, digest_of(b"one"))
    assert state.files.target_is_intact("a.html", path)
    os.utime(path, (1, 1))
    assert state.files.target_is_intact("a.html", path), "the same content under another stamp"
    assert state.files.target_stamps() == {"a.html": (3, 10**9)}, "which is kept"
    path.write_bytes(b"two")
    assert not state.files.target_is_intact("a.html", path)
    os.utime(path, (1, 1))
    assert state.files.target_is_intact("a.html", path), "a stamp is trusted"
    state.files.trusts_stamps = False
    assert not state.files.target_is_intact("a.html", path)
    assert state.files.source_digest("x", stamp) is None
    path.unlink()
    state.files.trusts_stamps = True
    assert not state.files.target_is_intact("a.html", path)
    path.symlink_to(tmp_path / "nowhere")
    assert not state.files.target_is_intact("a.html", path)


def test_a_file_is_settled_two_seconds_after_it_changed() -> None:
    import time

    now = time.time_ns()
    assert is_settled(now - RACY_NS - 10**6)
    assert not is_settled(now)
    assert not is_settled(now + 10**12)
    assert RACY_NS == 2 * 10**9, "the coarsest clock of a file system"


def test_what_was_asked_is_not_remembered(state: State) -> None:
    """A build of 100,000 lessons asks four million times."""

    def ask() -> None:
        for _ in range(1_000):
            state.files.owns("a.html")

    ask()
    tracemalloc.start()
    ask()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 40_000


def test_a_message_that_says_a_severity_is_not_of_it(state: State) -> None:
    told = (Diagnostic("error", severity="note"),)
    state.commit("parse:a.md", Record(b"", b"", False, told))
    assert state.told("error") == []
    assert state.told() == [("parse:a.md", told)]
