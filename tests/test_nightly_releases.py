"""Releases by their laws: whatever is written, published, taken back or deleted, readers see one whole output."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest
from building import read_tree
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.builder.disk.sweep import RACY_NS
from pipeline.errors import TargetError
from pipeline.nightly.manifest import read_files, settled
from pipeline.nightly.releases import KEPT_SECONDS, RELEASES_KEPT, Changes, Prepared, Releases

PATHS = (
    "index.html",
    "a/b.html",
    "a/anh.png",
    "_static/site.1.css",
    "_static/site.2.css",
    "_search/t/0.js",
    "tên 'lạ'.txt",
)
Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.just("write"), st.integers(0, len(PATHS) - 1), st.integers(0, 3))
    | st.tuples(st.just("delete"), st.integers(0, len(PATHS) - 1), st.just(0))
    | st.tuples(st.sampled_from(["publish", "fail", "leave", "kill", "spoil", "lose"]), st.just(0), st.just(0))
    | st.tuples(st.just("back"), st.integers(0, 6), st.just(0)),
    max_size=14,
)


class World(NamedTuple):
    """An output, its releases, and what readers ought to see."""

    output: Path
    releases: Releases
    outputs: dict[str, dict[str, bytes]]
    """By release, what the output was; not of one that hands were laid on."""
    ever: set[str]
    """Style sheets and files of the search that readers were ever shown: pages with them may be open still."""
    back: set[str]
    """The release that was gone back to, until there is a new one."""

    def shown(self) -> dict[str, bytes]:
        return read_tree(self.releases.folder / "current")

    def check(self, prepared: Prepared | None, before: dict[str, bytes]) -> None:
        """A release is the output and what pages of former ones show, and its changes are what they are called."""
        shown, made = self.shown(), read_tree(self.output)
        files = {path: content for path, content in made.items() if not path.endswith("/")}
        assert {path: shown.get(path) for path in files} == files
        assert all(path.startswith(("_static/", "_search/")) for path in shown.keys() - files.keys())
        if prepared is not None:
            both = before.keys() & shown.keys()
            assert prepared.changes == Changes(
                tuple(sorted(path for path in both if before[path] != shown[path])),
                tuple(sorted(shown.keys() - before.keys())),
                tuple(sorted(before.keys() - shown.keys())),
            )
            for path in both - set(prepared.changes.changed):
                if prepared.last is not None and (prepared.last / path).exists():
                    assert os.path.samefile(prepared.path / path, prepared.last / path)
        self.check_open_pages()
        assert len(self.releases.names()) <= RELEASES_KEPT + 1

    def check_open_pages(self) -> None:
        """What was shown less than a week ago is still there."""
        shown = {path for path in self.shown() if path.startswith(("_static/", "_search/"))}
        assert self.ever <= shown
        self.ever.update(shown)

    def take(self, step: Step) -> None:
        """One thing that happens."""
        kind, first, second = step
        releases = self.releases
        if kind in ("write", "delete"):
            path = self.output / PATHS[first]
            path.unlink(missing_ok=True)
            if kind == "write":
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"x" * second)
        elif kind in ("publish", "fail", "kill"):
            is_there = releases.current() != ""
            before = self.shown() if is_there else {}
            name = releases.current()
            names = releases.names()
            prepared = releases.prepare(self.output)
            if names and self.outputs.get(names[-1]) == read_tree(self.output):
                assert prepared is None, "nothing is new"
            if prepared is None:
                assert self.back == {releases.current()} or self._is_output(self.shown())
            elif kind == "publish":
                releases.show(prepared)
                self.back.clear()
                self.outputs[prepared.name] = read_tree(self.output)
                self.check(prepared, before)
            else:
                if kind == "fail":
                    releases.drop(prepared)
                assert releases.current() == name
                assert not is_there or self.shown() == before
        elif kind == "leave" and releases.current():
            (releases.folder / "releases/009999-20260101T000000Z.part").mkdir(exist_ok=True)
        elif kind == "spoil" and releases.current() and not self._is_taken_back():
            for path in (releases.folder / "current").resolve().rglob("*.html"):
                size = path.stat().st_size
                path.unlink()
                path.write_bytes(b"y" * size)  # as long as it was
            self.outputs.pop(releases.current(), None)
        elif kind == "lose" and releases.current():
            self.outputs.pop(releases.current(), None)
            shutil.rmtree((releases.folder / "current").resolve())
            self.ever.clear()
            self.back.clear()
        elif kind == "back":
            self._go_back(first)

    def _is_taken_back(self) -> bool:
        return self.releases.current() != self.releases.names()[-1]

    def _is_output(self, shown: dict[str, bytes]) -> bool:
        made = read_tree(self.output)
        return {path: shown.get(path) for path in made if not path.endswith("/")} == {
            path: content for path, content in made.items() if not path.endswith("/")
        }

    def _go_back(self, back: int) -> None:
        names, current = self.releases.names(), self.releases.current()
        try:
            prepared = self.releases.roll_back(back)
        except TargetError:
            assert not names or back > (names.index(current) if current else len(names))
            return
        self.releases.show(prepared)
        shown = self.shown()
        self.back.clear()
        if self._is_taken_back():
            self.back.add(prepared.name)
        assert self.releases.current() in names
        self.check_open_pages()
        if prepared.name in self.outputs:
            files = {path: content for path, content in self.outputs[prepared.name].items() if not path.endswith("/")}
            assert {path: shown.get(path) for path in files} == files


@pytest.mark.parametrize("racy", [0, RACY_NS], ids=["by stamps", "by content"])
@given(steps=STEPS)
@example(
    steps=[("write", 0, 1), ("publish", 0, 0), ("write", 0, 2), ("publish", 0, 0), ("back", 1, 0), ("publish", 0, 0)]
)
@example(
    steps=[("write", 3, 1), ("publish", 0, 0), ("delete", 3, 0), ("publish", 0, 0), ("write", 3, 2), ("publish", 0, 0)]
)
@example(steps=[("write", 0, 1), ("kill", 0, 0), ("publish", 0, 0), ("lose", 0, 0), ("publish", 0, 0)])
@example(
    steps=[("write", 3, 1), ("publish", 0, 0), ("delete", 3, 0), ("write", 4, 1), ("publish", 0, 0), ("back", 1, 0)]
)
@example(
    steps=[("write", 0, 1), ("publish", 0, 0), ("write", 4, 1), ("publish", 0, 0), ("back", 1, 0), ("delete", 4, 0)]
)
@example(steps=[("write", 0, 1), ("publish", 0, 0), ("write", 0, 2), ("kill", 0, 0), ("publish", 0, 0)])
@example(steps=[("write", 0, 2), ("publish", 0, 0), ("spoil", 0, 0), ("publish", 0, 0)])
def test_readers_see_one_whole_output_whatever_happens(racy: int, steps: list[Step]) -> None:
    with patch("pipeline.builder.disk.sweep.RACY_NS", racy), tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "output", Releases(Path(folder) / "published"), {}, set(), set())
        world.output.mkdir()
        for step in steps:
            world.take(step)
        world.take(("write", 0, 0))
        world.take(("publish", 0, 0))
        assert not list((Path(folder) / "published/releases").glob("*.part"))


def test_a_stamp_that_a_later_edit_could_keep_is_not_trusted(tmp_path: Path) -> None:
    """On a disk whose clock is coarse."""
    (tmp_path / "fresh").touch()
    assert settled(read_files(tmp_path)) == {"fresh": None}
    (stamp,) = read_files(tmp_path).values()
    old = stamp._replace(mtime_ns=stamp.mtime_ns - 2 * RACY_NS, ctime_ns=stamp.ctime_ns - 2 * RACY_NS)
    assert settled({"old": old, "set back": old._replace(ctime_ns=stamp.ctime_ns)}) == {"old": old, "set back": None}


@pytest.mark.parametrize(
    ("age", "is_there"), [(KEPT_SECONDS - 60, True), (KEPT_SECONDS + 60, False), (-KEPT_SECONDS, True)]
)
def test_a_style_sheet_stays_a_week_by_a_clock_that_may_be_set_back(tmp_path: Path, age: float, is_there: bool) -> None:
    output, releases = tmp_path / "output", Releases(tmp_path / "published")
    (output / "_static").mkdir(parents=True)
    sheet = output / "_static/site.1.css"
    sheet.touch()
    for number in range(3):
        (output / "index.html").write_text(str(number))
        prepared = releases.prepare(output)
        assert prepared is not None
        since = {path: when - age for path, when in prepared.manifest.kept.items()}
        releases.show(prepared._replace(manifest=prepared.manifest._replace(kept=since)))
        sheet.unlink(missing_ok=True)
    assert ("_static/site.1.css" in read_tree(tmp_path / "published/current")) == is_there
