"""Schedules: said twice they are there once, removed they leave nothing, and what else stands there is left alone."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from nights import FromRemote, Nights, git

from pipeline.commands.new.course import make_course
from pipeline.errors import SettingsError
from pipeline.nightly.installed import WORKFLOW, GitHub
from pipeline.nightly.jobs import (
    Job,
    find_job,
    read_mark,
    with_job,
    without_job,
    write_service,
    write_timer,
    write_workflow,
)
from pipeline.nightly.timetable import Timetable, read_at, read_every, read_said

TABLES = st.integers(0, 24 * 60 - 1).map(Timetable) | st.sampled_from([1, 2, 15, 60]).map(read_every)
LINES = st.lists(st.text(st.characters(blacklist_characters="\n\0", blacklist_categories=["Cs"]), max_size=40)).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)
PLACES = st.text(
    st.characters(blacklist_characters="\n\0/", blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20
)


def job_at(table: Timetable, folder: str = "course", *arguments: str) -> Job:
    root = Path("/srv") / folder
    return Job(root, "/usr/bin/python3", arguments, (root,), table)


@given(TABLES)
def test_a_timetable_is_read_as_it_was_said(table: Timetable) -> None:
    assert read_said(str(table)) == table
    assert read_mark(f"{job_at(table).mark}\nother\n") == table


@given(TABLES, st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_the_next_time_is_the_first_that_the_timetable_names(table: Timetable, now: datetime) -> None:
    found = table.next_after(now)
    step = timedelta(minutes=table.every or 24 * 60)
    assert now < found <= now + step
    minute = found.hour * 60 + found.minute
    assert minute % table.every == 0 if table.every else minute == table.minute
    assert found.second == found.microsecond == 0


@pytest.mark.parametrize("said", ["25:00", "2", "02:60", "", "02:30\n", "٠٢:٣٠", "-1:00"])
def test_what_is_no_time_of_day_is_refused(said: str) -> None:
    with pytest.raises(SettingsError):
        read_at(said)


@pytest.mark.parametrize("minutes", [0, -1, 7, 61, 120])
def test_what_an_hour_does_not_divide_into_is_refused(minutes: int) -> None:
    with pytest.raises(SettingsError):
        read_every(minutes)


@given(LINES, TABLES, TABLES)
def test_a_crontab_has_a_job_once_and_all_other_lines_as_they_were(
    crontab: str, first: Timetable, second: Timetable
) -> None:
    once = with_job(crontab, job_at(first))
    assert with_job(once, job_at(first)) == once
    other = with_job(once, job_at(first, "other"))
    moved = with_job(other, job_at(second))
    assert read_mark(find_job(moved, job_at(second))) == second
    assert without_job(without_job(moved, job_at(first)), job_at(first, "other")) == crontab
    assert without_job(crontab, job_at(first)) == crontab


@pytest.mark.parametrize("said", ["at 25:00", "every 7 min", "every 0 min", "never"])
def test_a_mark_that_was_edited_by_hand_is_none(said: str) -> None:
    assert read_said(said) is None


def test_lines_whose_end_was_deleted_by_hand_take_no_others_along() -> None:
    job = job_at(read_at("02:30"))
    lines = with_job("", job).splitlines()
    assert without_job("\n".join([lines[0], lines[1], "0 1 * * * mine", ""]), job) == "0 1 * * * mine\n"


@given(PLACES, PLACES)
def test_a_crontab_line_starts_the_course_whatever_its_folder_is_called(folder: str, output: str) -> None:
    job = job_at(read_at("02:30"), folder, f"output=/srv/{output}")
    line = find_job(with_job("", job), job).split("\n")[1]
    command = line.split(" ", 5)[5]
    assert "%" not in command.replace("\\%", "")  # cron takes it for the end of the line
    words = shlex.split(command.replace("\\%", "%"))
    assert words == ["cd", str(job.root), "&&", "exec", *job.command]


@given(PLACES)
def test_a_unit_names_the_folder_whatever_it_is_called(folder: str) -> None:
    text = write_service(job_at(read_at("02:30"), folder))
    (line,) = [line for line in text.splitlines() if line.startswith("WorkingDirectory=")]
    assert line.partition("=")[2].replace("%%", "%") == f"/srv/{folder}"


def test_a_workflow_is_yaml_that_builds_where_the_course_stands() -> None:
    job = job_at(read_at("02:30"), "course", "content=lessons")
    said = yaml.safe_load(write_workflow(job, "sub/course", "pip install ."))
    assert said[True]["schedule"] == [{"cron": "30 2 * * *"}]  # YAML takes `on` for true
    steps = said["jobs"]["publish"]["steps"]
    (night,) = [step["run"] for step in steps if step.get("id") == "night"]
    assert "doit nightly --no-update content=lessons" in night
    paths = [step["with"]["path"] for step in steps if "cache" in step.get("uses", "")]
    assert paths[0] == paths[1]
    assert paths[0].split() == ["sub/course/.lesson-pipeline", "sub/course/output", "sub/course/published"]


# --- with the real programs ---


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")


@pytest.mark.parametrize("folder", ["project", '50% of a "course" it\'s $HOME'])
def test_systemd_takes_the_units_and_finds_little_that_they_may_do(tmp_path: Path, folder: str) -> None:
    need("systemd-analyze")
    root = tmp_path / folder
    root.mkdir()
    job = Job(root, shutil.which("python3") or "", (), (root,), read_at("02:30"))
    for kind, text in (("timer", write_timer(job)), ("service", write_service(job))):
        (tmp_path / f"{job.name}.{kind}").write_text(text, "utf-8")
    units = [str(tmp_path / f"{job.name}.{kind}") for kind in ("timer", "service")]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--user", *units], capture_output=True, text=True, check=False, env=environment
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    weighed = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=25", units[1]],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert weighed.returncode == 0, weighed.stdout[-300:]


def test_systemd_takes_every_timetable() -> None:
    need("systemd-analyze")
    tables = [
        *(read_every(minutes) for minutes in range(1, 61) if 60 % minutes == 0),
        Timetable(0),
        Timetable(24 * 60 - 1),
    ]
    read = subprocess.run(
        ["systemd-analyze", "calendar", *(table.calendar for table in tables)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.returncode, read.stderr) == (0, "")
    assert read.stdout.count("Normalized form:") == len(tables)


def read_crontab() -> str:
    """The crontab of whoever runs the tests; other lines in it are theirs."""
    need("crontab")
    done = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def test_the_service_may_write_where_the_course_does_and_nowhere_else(tmp_path: Path) -> None:
    nights = Nights.of(tmp_path / "project")
    outside = tmp_path / "www"
    (outside / "site").mkdir(parents=True)
    nights.set_up(publish=str(outside / "published"))
    arguments = ("--at", "02:30", "--systemd", "--print", f"output={outside / 'site'}")
    _, text = nights.night(*arguments, command="schedule")
    (line,) = [line for line in text.splitlines() if line.startswith("ReadWritePaths=")]
    assert line == f"ReadWritePaths={nights.root} {outside}"
    (outside / "published").mkdir()
    _, text = nights.night(*arguments, command="schedule")
    (line,) = [line for line in text.splitlines() if line.startswith("ReadWritePaths=")]
    assert line == f"ReadWritePaths={nights.root} {outside / 'published'} {outside / 'site'}"


@pytest.mark.xdist_group("crontab")
def test_a_schedule_is_installed_told_and_removed(tmp_path: Path) -> None:
    nights = Nights.of(tmp_path / "project")
    before = read_crontab()
    assert nights.night("--status", command="schedule") == (0, "no schedule: doit schedule --at 02:30\nno run yet\n")
    try:
        for _ in range(2):
            status, text = nights.night("--at", "02:30", "--cron", command="schedule")
            assert status == 0
            assert "at 02:30 by cron" in text
        crontab = read_crontab()
        assert crontab.startswith(before)
        assert crontab.count(str(nights.root)) == 1
        nights.published()
        status, text = nights.night("--status", command="schedule")
        assert "cron: at 02:30, next " in text
        assert "published (0)" in text
    finally:
        removed = nights.night("--remove", command="schedule")
    assert removed == (0, "removed from cron\n")
    assert read_crontab() == before


SYSTEMCTL = """#!/bin/sh
# Only what a user's systemd has loaded can be enabled.
echo "$*" >> "$CALLS"
units=$XDG_CONFIG_HOME/systemd/user
case "$2" in
show-environment) ;;
daemon-reload) ls "$units" > "$LOADED" 2>&1 ;;
enable | disable) grep -qx "$4" "$LOADED" || { echo "Unit $4 does not exist" >&2; exit 1; } ;;
*) exit 1 ;;
esac
"""


@pytest.mark.xdist_group("crontab")
def test_a_timer_is_put_in_place_once_started_and_removed_with_nothing_else(tmp_path: Path) -> None:
    """By a program that stands in for systemctl: without a systemd of the user the real one does nothing."""
    nights = Nights.of(tmp_path / "project")
    program, calls, config = tmp_path / "programs/systemctl", tmp_path / "calls", tmp_path / "config"
    program.parent.mkdir()
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    units = config / "systemd/user"
    units.mkdir(parents=True)
    (units / "mine.timer").write_text("[Timer]\n")
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(config),
        "CALLS": str(calls),
        "LOADED": str(tmp_path / "loaded"),
    }

    def schedule(*arguments: str) -> tuple[int, str]:
        return nights.night(*arguments, command="schedule", **environment)

    before = read_crontab()
    assert schedule("--at", "02:30", "--cron")[0] == 0
    try:
        status, text = schedule("--at", "02:30")
        assert (status, "by systemd, and no longer by cron" in text) == (0, True), text
        assert read_crontab() == before
    finally:
        schedule("--remove", "--cron")
    made = {path: path.read_text() for path in units.iterdir()}
    assert len(made) == 3
    (timer,) = [path.name for path in made if path.suffix == ".timer" and path.name != "mine.timer"]
    assert calls.read_text().splitlines()[-1] == f"--user enable --now {timer}"
    assert schedule("--at", "02:30")[0] == 0
    assert {path: path.read_text() for path in units.iterdir()} == made, "twice changes nothing"
    assert schedule("--at", "03:15")[0] == 0
    assert "systemd: at 03:15, next " in schedule("--status")[1]
    assert len(list(units.iterdir())) == 3
    assert schedule("--remove") == (0, "removed from systemd\n")
    done = [call for call in calls.read_text().splitlines() if not call.endswith("show-environment")]
    assert done[-2:] == [f"--user disable --now {timer}", "--user daemon-reload"]
    assert [path.name for path in units.iterdir()] == ["mine.timer"]
    assert schedule("--remove") == (0, "there was none\n")


@pytest.mark.xdist_group("crontab")
@pytest.mark.proof
@pytest.mark.timeout(600)
def test_real_cron_publishes_each_minute(tmp_path: Path) -> None:
    """With its bare environment, from its own folder."""
    need("cron")
    remote = FromRemote.of(tmp_path / "it's a course")
    assert remote.night("--every", "1", "--cron", command="schedule")[0] == 0
    daemon = subprocess.Popen(["cron", "-f"])
    try:
        for number in range(3):
            after = remote.edit("a/hai.md", f"# Hai\n\nCâu {number}.\n")
            until = time.monotonic() + 130
            while remote.row().after != after:
                assert time.monotonic() < until, remote.row()
                time.sleep(1)
        assert {row.result for row in remote.history.rows()} <= {"published", "nothing new"}
        assert f"Câu {number}".encode() in remote.shown()["a/hai.html"]
    finally:
        remote.night("--remove", command="schedule")
        daemon.terminate()
        daemon.wait()


def test_a_workflow_is_put_into_the_repository_once_and_never_over_another(tmp_path: Path) -> None:
    nights = Nights.of(tmp_path / "top" / "course")
    git(tmp_path / "top", "init", "-q")
    path = tmp_path / "top/.github/workflows/lesson-pipeline-nightly.yml"
    for _ in range(2):
        assert nights.night("--at", "02:30", "--github", command="schedule")[0] == 0
    said = yaml.safe_load(path.read_text("utf-8"))
    assert said["jobs"]["publish"]["defaults"]["run"]["working-directory"] == "course"
    assert "github: at 02:30" in nights.night("--status", command="schedule")[1]
    assert nights.night("--remove", command="schedule")[0] == 0
    assert not path.exists()
    path.write_text("name: mine\n")
    status, text = nights.night("--at", "02:30", "--github", command="schedule")
    assert status == 1
    assert "is not from here" in text
    assert path.read_text() == "name: mine\n"


def test_a_workflow_never_fetches_a_package_by_its_bare_name(tmp_path: Path) -> None:
    root = tmp_path / "course"
    make_course(root, content=None, origin=None)
    job = Job(root, sys.executable, (), (), read_at("02:30"))
    with pytest.raises(SettingsError, match="where a workflow gets lesson-pipeline from"):
        GitHub().put(job)
    assert not (root / WORKFLOW).exists()
    (root / "requirements.txt").write_text("lesson-pipeline @ git+https://git.example.org/x\n")
    GitHub().put(job)
    steps = yaml.safe_load((root / WORKFLOW).read_text("utf-8"))["jobs"]["publish"]["steps"]
    installs = [step["run"] for step in steps if "pip install" in step.get("run", "")]
    assert installs == ["python -m pip install -r requirements.txt"]
