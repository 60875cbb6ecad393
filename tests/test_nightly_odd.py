"""Nights on a full disk, a read-only one, with a clock that was set back; what a week looks at, and what is kept of it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from building import read_tree
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from nights import Nights

from pipeline.nightly.faults import identity_of, split_faults, weigh_notice
from pipeline.nightly.history import LOGS_KEPT, Row, decode_row
from pipeline.nightly.plot import draw_history
from pipeline.nightly.programs import REASON_CHARACTERS, find_reason
from pipeline.nightly.releases import missing_styles
from pipeline.nightly.settings import NightlySettings, read_sound
from pipeline.statics import write_facts

EDITED = "# Hai\n\nCâu khác.\n"


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights.of(tmp_path / "project")


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


# --- disks and clocks ---


def test_a_full_disk_publishes_nothing_and_the_next_night_with_room_does(nights: Nights) -> None:
    with mounted(nights.root / "published", "size=2m"):
        nights.published()
        before = nights.shown()
        nights.write("a/big.bin", bytes(3_000_000))
        status, text = nights.night()
        assert status == 11
        assert "No space left on device" in text
        assert "free some space" in text
        assert nights.shown() == before
        assert len(list((nights.root / "published/releases").iterdir())) == 1, "what was begun is deleted"
        nights.write("a/big.bin", b"small")
        nights.published()
        assert nights.shown() == read_tree(nights.output)


def test_a_full_disk_of_the_state_is_told_and_readers_see_what_they_saw(nights: Nights) -> None:
    nights.published()
    before = nights.shown()
    state = nights.location.state_folder
    kept = nights.root / "kept"
    shutil.copytree(state, kept)
    with mounted(state, "size=1m"):
        shutil.copytree(kept, state, dirs_exist_ok=True)
        with contextlib.suppress(OSError), open(state / "filler", "wb") as filler:
            while True:
                filler.write(bytes(4096))
        nights.write("a/hai.md", EDITED)
        status, text = nights.night()
        assert status in (11, 12)
        assert "Traceback" not in text
        assert "No space left" in text
        assert nights.shown() == before


def test_a_read_only_target_is_told_and_tried_again(nights: Nights) -> None:
    target = nights.root / "published"
    with mounted(target, "size=20m"):
        nights.published()
        before = nights.shown()
        subprocess.run(["mount", "-o", "remount,ro", str(target)], check=True)
        nights.write("a/hai.md", EDITED)
        status, text = nights.night()
        assert status == 11
        assert "Read-only file system" in text
        assert nights.shown() == before
        subprocess.run(["mount", "-o", "remount,rw", str(target)], check=True)
        nights.published()
        assert nights.shows(read_tree(nights.output))


def test_releases_are_on_another_disk_than_the_output(nights: Nights) -> None:
    with mounted(nights.root / "published", "size=20m"):
        first = read_tree(nights.released(nights.published()))
        nights.write("a/hai.md", EDITED)
        second = nights.released(nights.published())
        same = [path for path, content in read_tree(second).items() if first.get(path) == content]
        assert same
        assert all((second / path).stat().st_nlink == 2 for path in same)


@pytest.mark.deep
@pytest.mark.parametrize("shift", ["-3 days", "+400 days"])
def test_a_clock_that_was_set_otherwise_hides_no_edit_and_no_release(nights: Nights, shift: str) -> None:
    """And back again: releases are ordered by their numbers."""
    if shutil.which("faketime") is None:
        pytest.skip("there is no faketime here")
    library = subprocess.run(
        ["faketime", "now", "sh", "-c", 'echo "$LD_PRELOAD"'], capture_output=True, text=True, check=True
    ).stdout.strip()
    sheet = nights.root / "templates/static/site.css"
    plain = sheet.read_text("utf-8")
    shifted = {"LD_PRELOAD": library, "FAKETIME": shift.replace(" days", "d"), "DONT_FAKE_MONOTONIC": "1"}
    nights.published()
    names = [nights.releases.current()]
    old = {path for path in nights.shown() if path.startswith("_static/site.")}
    for number, environment in enumerate(({}, shifted, {}, shifted, {})):
        sheet.write_text(f"{plain}\n/* {number} */\n", "utf-8")
        assert nights.night(**environment) == (0, "")
        names.append(nights.releases.current())
        expected = read_tree(nights.output)
        shown = nights.shown()
        assert {path: shown[path] for path in expected} == expected
        if shift.startswith("-"):
            assert old <= shown.keys()
    assert names == sorted(set(names))


# --- once a week ---


def test_what_readers_see_is_held_against_a_clean_build_once_in_so_many_days(nights: Nights) -> None:
    nights.set_up(verify_days=7)
    nights.published()
    verified = nights.row().verified
    assert verified
    (nights.output / "by-hand.txt").write_text("x")
    nights.published()
    assert nights.row().verified == verified, "the week is not over"
    status, text = nights.night("--verify-all")
    assert status == 10
    assert "by-hand.txt" in text
    assert nights.row().verified == verified
    (nights.output / "by-hand.txt").unlink()
    time.sleep(1.1)  # moments have seconds
    assert nights.night("--verify-all")[0] == 0
    assert nights.row().verified > verified


def test_what_is_kept_of_former_releases_is_no_difference_and_nothing_is_left_behind(nights: Nights) -> None:
    nights.published()
    sheet = nights.root / "templates/static/site.css"
    sheet.write_text(sheet.read_text("utf-8") + "\n/* x */\n", "utf-8")
    (nights.content / "a/hai.md").rename(nights.content / "a/ba.md")  # what a build noted is built from
    folders = sorted(path.name for path in (nights.root / ".lesson-pipeline").iterdir())
    assert nights.night("--verify-all") == (0, "")
    assert nights.row().verified
    assert sorted(path.name for path in (nights.root / ".lesson-pipeline").iterdir()) == folders
    assert not (nights.root / "published/verify").exists()
    (renamed,) = nights.row().renames
    assert "doit redirects" in renamed


# --- the history ---


def test_the_history_outlives_the_state_and_is_shown_as_table_json_and_picture(nights: Nights) -> None:
    assert nights.night(command="history") == (0, "no runs yet: doit nightly\n")
    nights.published()
    nights.location.state_path.unlink()
    nights.write("a/mot.md", b"\0")
    assert nights.night()[0] == 10
    status, text = nights.night("--json", command="history")
    assert status == 0
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["status"] for row in rows] == [0, 10]
    assert sum(rows[1]["fault_codes"].values()) == 1
    status, text = nights.night("-n", "1", command="history")
    assert (status, text.count("published")) == (0, 1)
    assert "1 x " in text
    status, text = nights.night("--plot", command="history")
    assert status == 0
    etree.fromstring(text)
    for row in rows:
        assert (nights.history.folder / "logs" / f"{row['run']}.log").is_file()


@pytest.mark.parametrize("arguments", [("--json", "--plot"), ("x",), ("-n", "-1")])
def test_what_history_cannot_show_is_refused(nights: Nights, arguments: tuple[str, ...]) -> None:
    assert nights.night(*arguments, command="history")[0] == 3


def test_a_cut_line_loses_no_other_row(nights: Nights) -> None:
    nights.history.add(Row(run="a"))
    with nights.history.path.open("ab") as stream:
        stream.write(b'{"run": "b", "star')
    nights.history.add(Row(run="c"))
    assert [row.run for row in nights.history.rows()] == ["a", "c"]
    assert nights.history.last().run == "c"


@given(
    st.binary(max_size=200)
    | st.from_regex(r'\{"(run|faults|status|told)": (\d+|"x"|\[\]|null|\{\})\}', fullmatch=True).map(str.encode)
)
def test_any_line_is_a_row_of_the_right_types_or_none(line: bytes) -> None:
    row = decode_row(line)
    if row is not None:
        assert decode_row(row.encode().strip()) == row
        assert [type(value) for value in row] == [type(value) for value in Row()]


def row_of(said: dict[str, Any]) -> Row:
    return Row()._replace(**said)


ROWS = st.fixed_dictionaries(
    {
        "started": st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat() + "Z")
        | st.just("by hand"),
        "lessons": st.integers(0, 5),
        "repaired": st.integers(0, 10**6),
        "build_seconds": st.floats(0, 1e5),
        "faults": st.lists(st.text(), max_size=3).map(tuple),
    }
).map(row_of)


@given(st.lists(ROWS, max_size=5))
def test_any_history_is_a_picture(rows: list[Row]) -> None:
    root = etree.fromstring(draw_history(rows))
    dots = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(dots) == 5 * sum(row.lessons > 0 and row.started != "by hand" for row in rows)
    width, height = map(float, root.get("viewBox").split()[2:])
    for dot in dots:
        assert 0 <= float(dot.get("cx")) <= width
        assert 0 <= float(dot.get("cy")) <= height


# --- what was told ---

FAULTS = st.lists(st.sampled_from(["a.md:3: oh", "a.md:9: oh", "b.md: ah 12", "c"]), max_size=4)


@given(st.lists(FAULTS, max_size=8))
def test_a_person_is_told_of_each_fault_when_it_comes_and_of_the_end_once(nightly: list[list[str]]) -> None:
    told: tuple[str, ...] = ()
    was_failing = False
    before = set[str]()
    for faults in nightly:
        notice = weigh_notice(faults, told, was_failing=was_failing, is_failing=bool(faults))
        now = set(map(identity_of, faults))
        assert notice.is_due == (bool(now - before) if faults else bool(before))
        told, was_failing, before = notice.told, notice.is_failing, now


@given(st.lists(st.text(max_size=30), max_size=5))
def test_faults_are_single_lines(told: list[str]) -> None:
    for fault in split_faults(told):
        assert fault.splitlines() == [fault]
        assert not fault.startswith(" ")


# --- what pages show ---


def test_a_page_whose_style_sheet_is_not_there_is_found_whatever_a_lesson_says(tmp_path: Path) -> None:
    about = '<meta content="_static/none.css"><script type="application/ld+json">{"name":"_static/none.css"}</script>'
    head = (
        f'<head>{about}<link href="./_static/a%20b.css">\n<script src="_static/s.js"></script></head><body class="x">'
    )
    said = '<img alt="<link " src="_static/none.png"><code>="_static/none.css"</code>'
    (tmp_path / "x.html").write_text(f"{head}{said}")
    assert missing_styles(tmp_path, ["x.html"]) == {"_static/s.js", "_static/a b.css"}
    (tmp_path / "_static").mkdir()
    for name in ("s.js", "a b.css"):
        (tmp_path / "_static" / name).touch()
    assert missing_styles(tmp_path, ["x.html"]) == set()
    (tmp_path / "_static/s.js").write_bytes(
        write_facts("en", {"search.js": "s.1.js"}) + b'({ "a":"_static/none.js" })\n'
    )
    assert missing_styles(tmp_path, ["x.html"]) == {"_static/s.1.js"}


def test_a_release_whose_pages_lack_a_style_sheet_is_not_shown(nights: Nights) -> None:
    """Such as after a disk that was full in the middle of the build."""
    nights.published()
    before = nights.shown()
    folder = nights.output / "_static"
    sheet = nights.root / "templates/static/site.css"
    sheet.write_text(sheet.read_text("utf-8") + "\n/* x */\n", "utf-8")
    nights.delete(folder)
    folder.symlink_to("/nowhere")  # a build does not write through it
    status, _ = nights.night()
    assert status == 11
    assert nights.shown() == before
    folder.unlink()
    nights.published()
    assert nights.shown().keys() > read_tree(nights.output).keys()


def test_a_folder_in_the_place_of_the_link_is_told_and_left_alone(nights: Nights) -> None:
    (nights.site / "mine").mkdir(parents=True)
    status, text = nights.night()
    assert status == 11
    assert "cannot publish into" in text
    assert "readers see what they saw" in text
    assert (nights.site / "mine").is_dir()


def test_only_the_newest_logs_are_kept(nights: Nights) -> None:
    names = [f"{number:04d}" for number in range(LOGS_KEPT + 5)]
    for name in names:
        nights.history.open_log(name)
    kept = sorted(path.stem for path in (nights.history.folder / "logs").iterdir())
    assert kept == names[-LOGS_KEPT:]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "[tool]\nlesson-pipeline = 3\n",
        "tool = [1]\n",
        "[tool.lesson-pipeline]\nnightly = 3\n",
        "[tool.lesson-pipeline.nightly]\nstop_on = 3\n",
    ],
)
def test_settings_that_are_none_are_the_usual_ones(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    assert read_sound(tmp_path) == NightlySettings()
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    assert read_sound(tmp_path) == NightlySettings()
    (tmp_path / "pyproject.toml").unlink()
    assert read_sound(tmp_path) == NightlySettings()


def test_where_a_program_says_nothing_of_an_error_its_last_line_is_the_reason() -> None:
    assert find_reason("one\n\ntwo\nthree\n") == "three"
    assert find_reason("") == ""
    assert find_reason("x" * REASON_CHARACTERS) == "x" * REASON_CHARACTERS
    assert len(find_reason("x" * (REASON_CHARACTERS + 1))) == REASON_CHARACTERS
