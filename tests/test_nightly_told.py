"""What a night tells a person: why it failed, each fault once, and once that all is well again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nights import FromRemote, Nights

from pipeline.nightly.faults import TOLD_KEPT, identity_of, weigh_notice
from pipeline.nightly.programs import REASON_CHARACTERS, find_reason

EDITED = "# Hai\n\nCâu khác.\n"
BROKEN = b"\0"
WARNED = "# Một\n\n[không](nowhere.md)\n"


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights.of(tmp_path / "project")


@pytest.fixture
def remote(tmp_path: Path) -> FromRemote:
    return FromRemote.of(tmp_path / "project")


# --- why it failed ---

REASONS = [
    # git gives advice behind what is wrong
    (
        "fatal: '/x.git' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\n"
        "Please make sure you have the correct access rights\nand the repository exists.\n",
        "fatal: '/x.git' does not appear to be a git repository; fatal: Could not read from remote repository.",
    ),
    # what ssh said stands before what git makes of it
    (
        "git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\n"
        "Please make sure you have the correct access rights\nand the repository exists.\n",
        "git@example.org: Permission denied (publickey).; fatal: Could not read from remote repository.",
    ),
    (
        "To example.org:x\n ! [rejected] main -> main (fetch first)\nerror: failed to push some refs to 'x'\n"
        "hint: Updates were rejected\nhint: See the note\n",
        "! [rejected] main -> main (fetch first); error: failed to push some refs to 'x'",
    ),
    # what went well before, with a name that sounds like an error, and a line that is written over
    (
        "sending a/error.html\nsent 10%\rsent 100%\n\nrsync: [sender] link failed: No space left on device (28)\n"
        "rsync error: some files were not transferred (code 23) at main.c(1338)\n",
        "rsync: [sender] link failed: No space left on device (28); "
        "rsync error: some files were not transferred (code 23) at main.c(1338)",
    ),
    ("one\ntwo\nno way there\n", "no way there"),
    ("\x1b[31mError\x1b[0m: not logged in\r\n", "Error: not logged in"),
    ("\x9b31mError\x9b0m: not\x85 \u202elogged\u2069 in\r\n", "Error: not logged in"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_the_reason_is_what_a_program_says_of_its_error(text: str, reason: str) -> None:
    assert find_reason(text) == reason


@example("error: " + "x" * 5000)
@example("\r\x0b")
@given(st.text() | st.lists(st.sampled_from(["error: a b", "", "hint: c", "x\ry", "“quoted”"])).map("\n".join))
def test_a_reason_is_one_short_line_without_marks_of_its_own(text: str) -> None:
    reason = find_reason(text)
    assert len(reason) <= REASON_CHARACTERS
    assert "\n" not in reason
    assert not set(reason) & set("\r\x1b“”")


def test_a_night_says_why_git_could_not_fetch(remote: FromRemote) -> None:
    remote.delete(remote.remote)
    status, text = remote.night()
    assert status == 12
    assert "does not appear to be a git repository" in text
    assert "make sure" not in text


# --- once ---


@given(
    st.lists(
        st.tuples(st.booleans(), st.lists(st.sampled_from(["a.md:3: oh", "a.md:9: oh", "b.md: ah"]), max_size=3)),
        max_size=10,
    )
)
def test_a_fault_is_told_again_only_after_a_night_looked_and_did_not_find_it(
    runs: list[tuple[bool, list[str]]],
) -> None:
    """A night that did not come through, for want of a network, looked at no lesson."""
    told: tuple[str, ...] = ()
    known = set[str]()
    was_failing = False
    for is_through, faults in runs:
        found = set(map(identity_of, faults if is_through else ["no network"]))
        notice = weigh_notice(
            faults if is_through else ["no network"],
            told,
            unseen=() if is_through else told,
            was_failing=was_failing,
            is_failing=bool(found),
        )
        assert notice.is_due == (bool(found - known) if found else was_failing)
        known = found if is_through else known | found
        assert notice.is_failing == bool(known)
        told, was_failing = notice.told, notice.is_failing


def test_what_was_told_is_forgotten_at_last() -> None:
    told: tuple[str, ...] = ()
    for number in range(TOLD_KEPT + 5):
        told = weigh_notice([f"a{number}.md: oh"], told, unseen=told, was_failing=True, is_failing=True).told
    assert len(told) == TOLD_KEPT
    assert told[-1] == f"a{TOLD_KEPT + 4}.md: oh"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "publish_command ended with 1: “no answer after 3001 ms from stage-k2Q”",
            "publish_command ended with 1: “no answer after 3004 ms from stage-Xyz”",
        ),
        (
            "the source and origin have parted: 0123456789 is not among what led to 9876543210",
            "the source and origin have parted: 0123456789 is not among what led to abcdef0123",
        ),
        (
            "/x/releases/000012-20260101T023000Z.part/a: Input/output error",
            "/x/releases/000013-20260102T023000Z.part/a: Input/output error",
        ),
        (
            "pages of output show files that are not there: _static/site.0123abcd.css",
            "pages of output show files that are not there: _static/site.4567abcd.css",
        ),
    ],
)
def test_what_is_another_each_night_makes_no_other_fault(first: str, second: str) -> None:
    assert identity_of(first) == identity_of(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a1.md:3: oh", "a2.md:3: oh"),
        ("publish_command ended with 1: “x”", "publish_command ended with 2: “x”"),
        ("a.md: 3 links lead nowhere", "a.md: 4 links lead nowhere"),
    ],
)
def test_other_faults_are_other_ones(first: str, second: str) -> None:
    assert identity_of(first) != identity_of(second)


def test_a_night_without_a_network_has_nobody_told_again_of_what_is_known(remote: FromRemote) -> None:
    remote.set_up(notify_command=remote.notify)
    remote.edit("a/mot.md", "\0")
    away = remote.remote.with_name("away.git")
    statuses = []
    for is_there in (True, False, True, False):
        if is_there != remote.remote.exists():
            (away if is_there else remote.remote).rename(remote.remote if is_there else away)
        statuses.append(remote.night()[0])
    assert statuses == [10, 12, 10, 12]
    assert [told["status"] for told in remote.notices()] == [10, 12, 12], "the lesson once; the network each time anew"
    away.rename(remote.remote)
    remote.edit("a/mot.md", EDITED)
    assert [remote.night()[0] for _ in range(2)] == [0, 0]
    assert [told["status"] for told in remote.notices()] == [10, 12, 12, 0]


def test_a_publish_command_that_fails_hides_no_fault_that_is_known(nights: Nights) -> None:
    nights.write("a/mot.md", BROKEN)
    failing = "date +%N >&2; exit 3"
    for command in ("true", failing, failing, "true"):
        nights.set_up(notify_command=nights.notify, publish_command=command)
        nights.write("a/hai.md", EDITED + f"\n{len(nights.history.rows())}\n")
        nights.night()
    assert [told["status"] for told in nights.notices()] == [10, 11]


def test_warnings_that_stop_each_night_are_told_once_and_by_name(nights: Nights) -> None:
    nights.set_up(notify_command=nights.notify, stop_on="warning")
    nights.write("a/mot.md", WARNED)
    for edit in ("", "\nThêm.\n"):
        nights.write("a/hai.md", EDITED + edit)
        assert nights.night()[0] == 11
    assert nights.night()[0] == 11, "with nothing to do"
    (told,) = nights.notices()
    assert "a/mot.md" in told["faults"][0]
    assert nights.row().faults == tuple(told["faults"])
    nights.write("a/hai.md", "# Hai\n\n[không](other.md)\n")
    nights.night()
    assert [len(told["new"]) for told in nights.notices()] == [1, 1]
    nights.write("a/hai.md", EDITED)
    nights.write("a/mot.md", EDITED)
    nights.published()
    assert [told["status"] for told in nights.notices()] == [11, 11, 0]


def test_a_difference_is_told_once_and_stays_a_fault_until_a_comparison_finds_it_mended(nights: Nights) -> None:
    nights.set_up(notify_command=nights.notify, verify_days=7)
    nights.published()
    (nights.output / "by-hand.txt").write_text("x")
    nights.published()
    assert nights.night("--verify-all")[0] == 10
    assert nights.night()[0] == 10, "it is compared again, though the week is not over"
    nights.write("a/mot.md", BROKEN)
    assert nights.night()[0] == 10
    assert "not verified" in Path(nights.notices()[-1]["log"]).read_text()
    nights.write("a/mot.md", EDITED)
    assert nights.night()[0] == 10
    assert [len(told["new"]) for told in nights.notices()] == [1, 1]
    assert nights.night("--rollback")[0] == 0
    assert nights.night()[0] == 0, "what was taken back is not compared"
    assert len(nights.notices()) == 2
    (nights.output / "by-hand.txt").unlink()
    assert [nights.night()[0] for _ in range(2)] == [0, 0]
    assert [told["status"] for told in nights.notices()] == [10, 10, 0]
