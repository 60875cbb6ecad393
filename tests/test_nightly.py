"""A night: published in one step, or not at all, and told how."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from building import read_tree, some_of_many
from nights import FromRemote, Nights, git
from test_own_stage import MODULE, ROW

EDITED = "# Hai\n\nCâu khác.\n"
BROKEN = b"\0"


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights.of(tmp_path / "project")


@pytest.fixture
def remote(tmp_path: Path) -> FromRemote:
    return FromRemote.of(tmp_path / "project")


# --- published ---


def test_what_readers_see_is_the_output_and_a_second_night_makes_no_release(nights: Nights) -> None:
    name = nights.published()
    assert nights.shown() == read_tree(nights.output)
    assert nights.published() == name
    assert [row.result for row in nights.history.rows()] == ["published", "nothing new"]


def test_an_edit_is_a_release_whose_other_files_are_links_to_the_last(nights: Nights) -> None:
    first = nights.released(nights.published())
    nights.write("a/hai.md", EDITED)
    second = nights.released(nights.published())
    assert second != first
    changed = {path for path, content in read_tree(second).items() if read_tree(first).get(path) != content}
    assert "a/hai.html" in changed
    for path in read_tree(second).keys() - changed:
        assert os.path.samefile(first / path, second / path), path
    assert nights.row().changed == len(changed)


def test_a_later_build_reaches_into_no_release(nights: Nights) -> None:
    release = nights.released(nights.published())
    before = read_tree(release)
    for path in nights.output.rglob("*"):
        if path.is_file():
            path.write_bytes(b"written in place")
    assert read_tree(release) == before


def test_a_page_of_before_finds_its_style_sheets_for_a_week_and_no_longer(nights: Nights) -> None:
    nights.published()
    old = {path for path in nights.shown() if path.startswith("_static/site.") and path.endswith(".css")}
    sheet = nights.root / "templates/static/site.css"
    for number in range(7):  # more often than releases are kept
        sheet.write_text(sheet.read_text("utf-8") + f"\n/* {number} */\n", "utf-8")
        nights.published()
        assert old <= nights.shown().keys()
    assert not old <= read_tree(nights.output).keys()
    assert len(nights.releases.names()) == 5
    nights.age_kept(days=8)
    nights.write("a/hai.md", EDITED)
    nights.published()
    assert not old & nights.shown().keys()
    assert read_tree(nights.output).keys() <= nights.shown().keys()


def test_a_copied_file_that_is_gone_is_gone_for_readers(nights: Nights) -> None:
    """It may be one that nobody was to see."""
    nights.write("a/secret.txt", "x")
    nights.published()
    (nights.content / "a/secret.txt").unlink()
    nights.published()
    assert "a/secret.txt" not in nights.shown()


def put_in_place(nights: Nights, target: str) -> None:
    nights.site.unlink()
    if target:
        nights.site.symlink_to(target)
    else:
        nights.site.write_text("x")


HANDS: dict[str, Callable[[Nights], object]] = {
    "a file of the release deleted": lambda nights: (nights.site / "a/mot.html").unlink(),
    "a file of the release edited": lambda nights: (nights.site / "a/mot.html").write_text("by hand"),
    "its folder deleted": lambda nights: nights.delete(nights.site.resolve()),
    "its manifest deleted": lambda nights: nights.delete(nights.root / "published/manifests"),
    "the link deleted": lambda nights: nights.site.unlink(),
    "the link leads elsewhere": lambda nights: put_in_place(nights, "/"),
    "a file in the place of the link": lambda nights: put_in_place(nights, ""),
    "a page of the output deleted": lambda nights: (nights.output / "a/mot.html").unlink(),
    "the output deleted": lambda nights: nights.delete(nights.output),
    "half a release left": lambda nights: nights.half_release(),
}


@pytest.mark.parametrize(
    "hand", some_of_many(HANDS, "its folder deleted", "the link leads elsewhere", "half a release left")
)
def test_whatever_hands_did_the_next_night_shows_the_whole_site(nights: Nights, hand: str) -> None:
    nights.published()
    expected = nights.shown()
    HANDS[hand](nights)
    nights.published()
    assert nights.shown() == expected
    assert not list((nights.root / "published/releases").glob("*.part"))


def test_a_rollback_shows_the_former_release_and_holds_until_something_changes(nights: Nights) -> None:
    first = nights.published()
    before = nights.shown()
    nights.write("a/hai.md", EDITED)
    second = nights.published()
    assert nights.night("--rollback")[0] == 0
    assert nights.releases.current() == first
    assert nights.shows(before)
    assert nights.row().result == "rolled back"
    assert nights.published() == first, "what was taken back is not published again"
    nights.write("a/hai.md", EDITED + "\nThêm.\n")
    third = nights.published()
    assert third > second
    assert nights.shows(read_tree(nights.output))
    assert nights.night("--rollback", "2")[0] == 0
    assert nights.releases.current() == first
    assert nights.night("--rollback", "0")[0] == 0
    assert nights.releases.current() == third
    status, text = nights.night("--rollback", "9")
    assert status == 11
    assert "only 2 releases before" in text, text
    assert not nights.row().is_failing, "that there is no such release says nothing of the course"


def test_a_page_of_the_release_that_was_taken_back_finds_its_style_sheets(nights: Nights) -> None:
    nights.published()
    sheet = nights.root / "templates/static/site.css"
    sheet.write_text(sheet.read_text("utf-8") + "\n/* x */\n", "utf-8")
    nights.published()
    new = {path for path in nights.shown() if path.startswith("_static/")}
    nights.night("--rollback")
    assert new <= nights.shown().keys()


# --- the gate ---


@pytest.mark.parametrize(("stop_on", "status"), [("never", 10), ("error", 11), ("warning", 11)])
def test_a_faulty_lesson_stops_what_it_was_said_to_stop(nights: Nights, stop_on: str, status: int) -> None:
    nights.published()
    before = nights.shown()
    nights.set_up(stop_on=stop_on)
    nights.write("a/mot.md", BROKEN)
    nights.write("a/hai.md", EDITED)
    ended, text = nights.night()
    assert ended == status
    assert "a/mot.md" in text
    assert "\n\n" not in text, "one paragraph"
    assert (nights.shown() != before) == (status == 10)
    assert nights.shown()["a/mot.html"] == before["a/mot.html"], "its last good page"
    assert sum(nights.row().fault_codes.values()) == 1
    again, _ = nights.night()
    assert again == status


def test_warnings_stop_where_they_were_said_to(nights: Nights) -> None:
    nights.write("a/mot.md", "# Một\n\n[không](nowhere.md)\n")
    assert nights.night()[0] == 0
    nights.set_up(stop_on="warning")
    nights.write("a/hai.md", EDITED)
    assert nights.night()[0] == 11
    assert nights.row().warnings == 1


def test_a_course_that_cannot_be_opened_is_not_published_whatever_was_said(nights: Nights) -> None:
    nights.published()
    before = nights.shown()
    note = nights.location.output_note
    other = nights.root / ".lesson-pipeline" / "other-output-00000000"
    other.mkdir()
    note.write_text(os.path.relpath(other, note.parent))
    status, text = nights.night()
    assert status == 11
    assert "is the site of another course" in text
    assert nights.shown() == before


def test_no_content_folder_could_not_start(nights: Nights) -> None:
    nights.delete(nights.content)
    status, text = nights.night()
    assert status == 12
    assert "there is no content folder" in text


@pytest.mark.parametrize(
    "line",
    [
        'stop_on = "eror"',
        "stop_n = 1",
        "verify_days = -1",
        'update = "no"',
        "publish = ''",
        "verify_days = true",
    ],
)
def test_a_wrong_setting_stops_before_anything_is_done(nights: Nights, line: str) -> None:
    path = nights.root / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace("verify_days = 0", line), "utf-8")
    status, text = nights.night()
    assert status == 12
    assert "Traceback" not in text
    assert not nights.site.exists()


def test_a_wrong_setting_is_noted_and_told_by_those_that_are_right(nights: Nights) -> None:
    nights.set_up(notify_command=nights.notify)
    nights.published()
    nights.set_up(notify_command=nights.notify, stop_onn="error", publish_command="touch ran")
    for _ in range(2):
        status, text = nights.night()
        assert status == 12
        assert "has no setting 'stop_onn' (hint: did you mean stop_on?)" in text
        assert (nights.row().status, nights.row().result) == (12, "could not start")
    nights.set_up(notify_command=nights.notify)
    nights.published()
    assert [told["status"] for told in nights.notices()] == [12, 0], "once, and once that all is well"
    assert not (nights.root / "ran").exists()


def test_what_stands_below_the_content_folder_has_no_say(nights: Nights) -> None:
    nights.write("pyproject.toml", '[tool.lesson-pipeline.nightly]\npublish_command = "touch ran"\n')
    nights.write("course.toml", 'title = "x"\n[nightly]\npublish_command = "touch ran"\n')
    nights.night()
    assert not list(nights.root.rglob("ran"))


# --- commands of the maintainer ---


def test_publish_command_gets_the_releases_and_what_changed(nights: Nights) -> None:
    copy = 'cp "$CHANGES" changes && echo "$LAST_RELEASE" > last && echo "$RELEASE" > new'
    nights.set_up(publish_command=copy)
    nights.write("a/gone.txt", "x")
    first = nights.released(nights.published())
    (nights.content / "a/gone.txt").unlink()
    nights.write("a/new.txt", "x")
    nights.write("a/hai.md", EDITED)
    second = nights.released(nights.published())
    assert (nights.root / "last").read_text().strip() == str(first)
    assert (nights.root / "new").read_text().strip() == str(second)
    lines = (nights.root / "changes").read_text().splitlines()
    assert {"changed\ta/hai.html", "new\ta/new.txt", "gone\ta/gone.txt"} <= set(lines)
    said = {
        kind: {line.split("\t")[1] for line in lines if line.startswith(kind)} for kind in ("changed", "new", "gone")
    }
    before, now = read_tree(first), read_tree(second)
    assert said["new"] == now.keys() - before.keys()
    assert said["gone"] == before.keys() - now.keys()
    assert said["changed"] == {path for path in before.keys() & now.keys() if before[path] != now[path]}


def test_a_publish_command_that_fails_leaves_all_as_it_was_and_is_tried_again(nights: Nights) -> None:
    first = nights.published()
    nights.set_up(publish_command="echo no way there; exit 3")
    nights.write("a/hai.md", EDITED)
    status, text = nights.night()
    assert status == 11
    assert "no way there" in text
    assert nights.releases.names() == [first]
    nights.set_up(publish_command="true")
    assert nights.published() != first


def test_a_person_is_told_once_of_each_fault_and_once_that_all_is_well(nights: Nights) -> None:
    nights.set_up(notify_command=nights.notify)
    nights.published()
    assert nights.notices() == []
    nights.write("a/mot.md", BROKEN)
    for _ in range(2):
        assert nights.night()[0] == 10
    assert [told["status"] for told in nights.notices()] == [10]
    nights.write("a/hai.md", BROKEN)
    nights.night()
    assert ["a/hai.md" in told["new"][0] for told in nights.notices()] == [False, True]
    nights.write("a/hai.md", EDITED)  # one fault fewer is no news
    nights.night()
    assert len(nights.notices()) == 2
    nights.write("a/mot.md", EDITED)
    for _ in range(2):
        nights.published()
    assert [told["status"] for told in nights.notices()] == [10, 10, 0]
    assert {"message", "log", "faults", "result"} <= nights.notices()[0].keys()


def test_going_back_or_waiting_in_vain_is_no_news_of_the_course(nights: Nights) -> None:
    nights.set_up(notify_command=nights.notify)
    nights.published()
    nights.write("a/mot.md", BROKEN)
    nights.write("a/hai.md", EDITED)
    assert nights.night()[0] == 10
    assert nights.night("--rollback")[0] == 0
    held = hold(nights.location.state_folder / "lock")
    assert nights.night_apart()[0] == 75  # a lock is a process's
    os.close(held)
    assert nights.night()[0] == 10
    assert len(nights.notices()) == 1


def test_a_notice_that_did_not_get_through_is_sent_again(nights: Nights) -> None:
    nights.set_up(notify_command="exit 1")
    nights.write("a/mot.md", BROKEN)
    assert "notify_command ended with 1" in nights.night()[1]
    nights.set_up(notify_command=nights.notify)
    nights.night()
    assert len(nights.notices()) == 1


# --- the source ---


def test_what_was_pushed_is_fetched_built_and_published(remote: FromRemote) -> None:
    remote.published()
    before = remote.row().after
    after = remote.edit("a/hai.md", EDITED)
    remote.published()
    assert (remote.row().before, remote.row().after) == (before, after)
    assert b"kh\xc3\xa1c" in remote.shown()["a/hai.html"]
    assert git(remote.content, "status", "--porcelain") == ""


def test_code_that_was_fetched_is_the_code_that_builds(tmp_path: Path) -> None:
    """The program may stand in the same repository: what was imported before the fetch is not what is there now."""
    remote = FromRemote.of(tmp_path / "project")
    remote.published()
    remote.edit("a/ba.md", "# Ba\n\nCâu.\n")
    remote.published()
    log = sorted((remote.history.folder / "logs").glob("*.log"))[-1].read_text("utf-8")
    assert log.count("run ") >= 2, "it began again"
    assert len(remote.history.rows()) == 2, "and is one run"


def break_force(remote: FromRemote) -> None:
    git(remote.desk, "commit", "-q", "--amend", "-m", "another past")
    git(remote.desk, "push", "-q", "--force", "origin", "main")


def break_local(remote: FromRemote) -> None:
    (remote.content / "a/mot.md").write_text("# Một\n\nCục bộ.\n", "utf-8")
    git(remote.content, "commit", "-q", "-a", "-m", "of here")
    remote.edit("a/hai.md", EDITED)


def break_merge(remote: FromRemote) -> None:
    break_local(remote)
    remote.edit("a/mot.md", "# Một\n\nỞ kia.\n")
    git(remote.content, "fetch", "-q")
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "merge", "-q", "origin/main"],
        cwd=remote.content,
        check=False,
        capture_output=True,
    )


def break_shallow(remote: FromRemote) -> None:
    remote.edit("a/hai.md", EDITED)
    remote.delete(remote.content)
    git(remote.root, "clone", "-q", "--depth", "1", f"file://{remote.remote}", str(remote.content))


def break_lock(remote: FromRemote) -> None:
    remote.edit("a/hai.md", EDITED)
    (remote.content / ".git/index.lock").touch()


BREAKS: dict[str, tuple[Callable[[FromRemote], object], str]] = {
    "dirty": (lambda remote: (remote.content / "a/mot.md").write_text("# Sửa\n"), "in no commit: a/mot.md"),
    "remote gone": (lambda remote: remote.delete(remote.remote), "cannot be fetched"),
    "no network": (
        lambda remote: git(remote.content, "remote", "set-url", "origin", "http://127.0.0.1:9/x.git"),
        "cannot be fetched",
    ),
    "force-pushed": (break_force, "have parted"),
    "own commits beside": (break_local, "have parted"),
    "conflict": (break_merge, "was not finished: a/mot.md"),
    "shallow": (break_shallow, "shallow clone"),
    "no branch": (lambda remote: git(remote.content, "checkout", "-q", "--detach"), "at no branch"),
    "no upstream": (lambda remote: git(remote.content, "checkout", "-q", "-b", "own"), "follows none"),
    "branch deleted": (lambda remote: git(remote.remote, "update-ref", "-d", "refs/heads/main"), "cannot be fetched"),
    "another git at work": (
        break_lock,
        "cannot be brought to",
    ),
    "a file in the way": (
        lambda remote: (remote.edit("a/ba.md", EDITED), (remote.content / "a/ba.md").write_bytes(b"mine")),
        "cannot be brought to",
    ),
}


@pytest.mark.parametrize("name", some_of_many(BREAKS, "remote gone", "a file in the way"))
def test_what_is_no_plain_step_forward_is_told_and_nothing_is_touched(remote: FromRemote, name: str) -> None:
    release = remote.published()
    BREAKS[name][0](remote)
    before = read_tree(remote.content)
    head = git(remote.content, "rev-parse", "HEAD")
    status, text = remote.night()
    assert status == 12
    assert BREAKS[name][1] in text
    assert "Traceback" not in text
    files = {path: content for path, content in read_tree(remote.content).items() if not path.startswith(".git")}
    assert files == {path: content for path, content in before.items() if not path.startswith(".git")}
    assert git(remote.content, "rev-parse", "HEAD") == head
    assert remote.releases.current() == release


def test_commits_of_ones_own_on_top_are_published(remote: FromRemote) -> None:
    (remote.content / "a/hai.md").write_text(EDITED, "utf-8")
    git(remote.content, "commit", "-q", "-a", "-m", "of here")
    remote.published()
    assert remote.row().after == git(remote.content, "rev-parse", "HEAD")


@pytest.mark.parametrize("way", ["--no-update", "setting"])
def test_the_source_is_left_alone_where_that_was_said(remote: FromRemote, way: str) -> None:
    remote.edit("a/hai.md", EDITED)
    remote.set_up(update=way != "setting")
    assert remote.night(*([way] if way.startswith("-") else []))[0] == 0
    assert "khác" not in (remote.content / "a/hai.md").read_text("utf-8")


def test_the_repository_starts_no_program(remote: FromRemote) -> None:
    """Its hooks are anybody's who can write there."""
    for name in ("post-merge", "post-checkout", "reference-transaction", "pre-auto-gc"):
        hook = remote.content / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {remote.root}/ran\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    git(remote.content, "config", "core.fsmonitor", f"touch {remote.root}/ran")
    remote.edit("a/hai.md", EDITED)
    (remote.root / "ran").unlink(missing_ok=True)
    remote.published()
    assert not (remote.root / "ran").exists()


# --- one at a time, and no longer than it may ---


def hold(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    fcntl.lockf(held, fcntl.LOCK_EX)
    return held


@pytest.mark.parametrize("lock", ["lock", "nightly/lock"], ids=["doit", "nightly"])
def test_another_run_makes_it_busy_or_is_waited_for(nights: Nights, lock: str) -> None:
    held = hold(nights.location.state_folder / lock)
    status, text = nights.night_apart()
    assert status == 75
    assert "is running" in text or "is at work" in text
    assert nights.row().result == "busy"
    waiting = nights.start("--wait", "1m")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(timeout=1.5)
    os.close(held)
    waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert nights.row().result == "published"


def test_two_nights_at_once_publish_once(nights: Nights) -> None:
    both = [nights.start(), nights.start("--wait", "1m")]
    for process in both:
        process.communicate(timeout=120)
    ended = sorted(process.returncode for process in both)
    assert ended in ([0, 0], [0, 75])
    assert nights.shown() == read_tree(nights.output)
    assert len(nights.releases.names()) == 1


SLOW = "echo at work > at-work; sleep 300"


def wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_sigterm_ends_it_with_all_that_it_started_and_is_logged(nights: Nights) -> None:
    nights.set_up(publish_command=SLOW)
    process = nights.start()
    wait_for(nights.root / "at-work")
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=10)  # the pipe is closed: the program that it started is gone too
    assert process.returncode == -signal.SIGTERM
    assert nights.row().result == "ended by SIGTERM"
    assert not nights.site.exists()
    nights.set_up()
    nights.published()
    assert len(nights.releases.names()) == 1


FORKED = """
import os, sys, time
from pipeline.nightly.ending import end_by_signals
end_by_signals(lambda how: print(how, flush=True))
is_leader = os.fork() > 0
os.write(1, b"ready\\n")
time.sleep(60)
"""


def test_a_signal_to_all_processes_of_a_night_is_noted_once() -> None:
    """As systemd and a terminal send it; the workers of a build are forked."""
    process = subprocess.Popen(
        [sys.executable, "-c", FORKED], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
    os.killpg(process.pid, signal.SIGTERM)
    text, _ = process.communicate(timeout=10)
    assert (text, process.returncode) == ("ended by SIGTERM\n", -signal.SIGTERM)


def test_a_night_takes_no_longer_than_it_may(nights: Nights) -> None:
    nights.set_up(publish_command=SLOW, notify_command=nights.notify)
    status, text = nights.night_apart("--timeout", "3s")
    assert status == 11
    assert "longer than 3 s" in text
    assert len(nights.notices()) == 1
    assert nights.row().status == 11


def test_a_killed_night_has_a_row_too(nights: Nights) -> None:
    nights.set_up(publish_command=SLOW)
    process = nights.start()
    wait_for(nights.root / "at-work")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    nights.set_up()
    nights.published()
    assert [row.result for row in nights.history.rows()] == ["killed", "published"]


@pytest.mark.deep
def test_a_limit_that_is_over_before_the_program_began_again_still_counts(remote: FromRemote) -> None:
    remote.published()
    remote.edit("a/hai.md", EDITED)
    remote.set_up(publish_command=SLOW)
    assert remote.night("--timeout", "2s")[0] == 11


@pytest.mark.parametrize("folder", ["content", "output/site", "content/a/b"])
def test_releases_among_the_sources_or_the_output_are_refused(nights: Nights, folder: str) -> None:
    nights.set_up(publish=folder)
    status, text = nights.night()
    assert status == 12
    assert "releases would be among the files of" in text


def test_a_night_that_the_hook_of_another_repository_starts_looks_at_its_own(
    remote: FromRemote, tmp_path: Path
) -> None:
    remote.published()
    after = remote.edit("a/hai.md", EDITED)
    git(tmp_path, "init", "-q", "other")
    other = str(tmp_path / "other")
    assert remote.night(GIT_DIR=f"{other}/.git", GIT_WORK_TREE=other)[0] == 0
    assert remote.row().after == after


def test_a_course_with_a_stage_of_its_own_is_published_and_verified_with_it(nights: Nights) -> None:
    dodo = nights.root / "dodo.py"
    rows = (
        f"from pipeline.builder.tasks import LESSONS, TASKS, Definition, add_stage\n\nROWS = add_stage(TASKS, {ROW})\n"
    )
    text = dodo.read_text("utf-8").replace("\nCOURSE =", f"\n{rows}\nCOURSE =").replace(".parent)", ".parent, ROWS)", 1)
    dodo.write_text(text, "utf-8")
    (nights.root / "words.py").write_text(MODULE, "utf-8")
    assert nights.night("--verify-all") == (0, "")
    assert nights.row().verified
    assert "a/hai.md.words" in nights.shown()


def test_renames_are_told_with_the_command_that_keeps_them(nights: Nights) -> None:
    nights.published()
    (nights.content / "a/hai.md").rename(nights.content / "a/ba.md")
    nights.write("a/mot.md", BROKEN)
    assert "which doit redirects keeps: a/hai.md became a/ba.md" in nights.night()[1]


@pytest.mark.parametrize("command", ["nightly", "history", "schedule"])
def test_a_command_shows_its_help_and_refuses_what_it_does_not_know(nights: Nights, command: str) -> None:
    status, text = nights.night("--help", command=command)
    assert status == 0
    assert f" {command}" in text
    status, text = nights.night("--nonsense", command=command)
    assert status == 3
    assert f"help {command} shows what there is" in text
    assert nights.night("conten=x", *(["--status"] if command == "schedule" else []), command=command)[0] == 3


def test_two_courses_do_not_take_turns_before_the_readers(nights: Nights) -> None:
    nights.published()
    before = nights.shown()
    other = nights.root / "other"
    other.mkdir()
    (other / "x.md").write_text("# X\n\nCâu.\n", "utf-8")
    status, text = nights.night("content=other", "output=other-output")
    assert status == 12
    assert "are of another course" in text
    assert nights.shown() == before
    moved = nights.root.with_name("moved")
    nights.root.rename(moved)
    nights.root.mkdir()  # the whole project may stand elsewhere
    process = subprocess.run([sys.executable, "-m", "doit", "nightly"], cwd=moved, check=False)
    assert process.returncode == 0
