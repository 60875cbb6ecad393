"""Nights one after another, and edits between them -> all that is said, logged and kept, whole, as a person has looked at it.

After a change that is meant, write `golden/nights.txt` anew and look at the difference:

    .venv/bin/python tests/test_golden_nights.py
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nights import Nights
from test_golden import CASE, FOLDER

from pipeline.nightly.history import Row

GOLDEN = FOLDER / "nights.txt"
# What no machine has like another: times, names of releases and of runs, folders, digests.
_VARIES = (
    (re.compile(r"^\d\d:\d\d:\d\d ", re.M), ""),
    (re.compile(r"\d{8}T\d{6}Z(-\d+)?"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?"), "TIME"),
    (re.compile(r"\b\d+\.\d+ s\b"), "TIME"),
    (re.compile(r"\b(lesson-pipeline|content-output)-[0-9a-f]{8}"), r"\1-NAME"),
    (re.compile(r"\.[0-9a-f]{8}\."), ".DIGEST."),
    (re.compile(r'File ".*", line \d+, in .*'), "FILE"),
    # How many files a site has besides its pages is of other rooms.
    (re.compile(r"\b(?!0\b)\d+ (changed|new|gone|files?)\b"), r"N \1"),
    (re.compile(r"\bchanged=\d+"), "changed=N"),
)
Step = str | Callable[[Nights], object]
TREE, NOTICES = "published/", "notices"
"""Steps that show what readers can ask for, and what a person was told."""


def write(path: str, text: str | bytes) -> Step:
    return lambda nights: nights.write(path, text)


def remove(path: str) -> Step:
    return lambda nights: (nights.content / path).unlink()


def set_up(**settings: object) -> Step:
    return lambda nights: nights.set_up(**settings)


def spoil(nights: Nights) -> None:
    """Change a page that readers see, and delete another one."""
    page = nights.site / "a/mot.html"
    page.write_bytes(page.read_bytes() + b" ")
    (nights.site / "a/hai.html").unlink()


def add_to_site(nights: Nights) -> None:
    (nights.site / "none.html").touch()


def take_from_site(nights: Nights) -> None:
    (nights.site / "none.html").unlink()


def keep(*rows: Row) -> Step:
    def add(nights: Nights) -> None:
        nights.history.path.unlink(missing_ok=True)
        for row in rows:
            nights.history.add(row)

    return add


PAST = (
    Row(started="2026-01-01T02:30:00Z", result="published", after="0123456789abcdef", lessons=1200, pages=1200, changed=2410,
        repaired=15000, doubtful=40, warnings=7, build_seconds=12.25, seconds=13.04),
    Row(started="by hand", result="published", lessons=3),
    Row(started="2026-01-02T02:30:00Z", result="not published", status=11, faults=("a: <b>", "c"), seconds=0.96),
    Row(started="2026-01-03T02:30:00Z", result="published, with faults", status=10, after="fedcba9876543210", lessons=1201, pages=1,
        changed=3, repaired=15001, doubtful=41, warnings=0, faults=("a: <b>",), fault_codes={"no-text": 1, "bug-here": 1200},
        build_seconds=0.5, seconds=1.06),
)  # fmt: skip
FAULT, SOUND = b"# M\0", "# Một\n\nCâu.\n"

NIGHTS: dict[str, tuple[Step, ...]] = {
    "releases": (
        "nightly", TREE, "nightly", write("a/hai.md", "# Hai\n\nCâu khác.\n"), write("b/ba.md", "# Ba\n\nChữ.\n"), write("x.txt", "x"), "nightly",
        remove("x.txt"), lambda nights: (nights.content / "b/ba.md").rename(nights.content / "b/bốn.md"), "nightly",
        lambda nights: (nights.root / "templates/static/site.css").write_text("a{}", "utf-8"), "nightly", TREE,
    ),
    "going back": (
        "nightly --rollback", "nightly", "nightly --verify-all", "nightly --rollback 2", TREE, "nightly --rollback", "nightly --rollback 0",
        "nightly --rollback x", "nightly --rollback 1 2", "nightly 1", "nightly --wait x", "nightly --wait 1.5h3", "nightly --timeout -1",
    ),
    "faults": (
        write("a/mot.md", FAULT), "nightly", "nightly", set_up(stop_on="error"), "nightly", set_up(stop_on="warning"), "nightly",
        write("a/mot.md", "# Một\n\n[x](mất.md)\n"), "nightly", set_up(stop_on="error"), "nightly", set_up(), "nightly",
        *(write(f"n/{number}.md", FAULT) for number in range(7)), "nightly",
        lambda nights: nights.delete(nights.content / "n"), write("course.toml", "titel = 1\n"), "nightly", write("course.toml", ""), "nightly",
    ),
    "what a person is told": (
        lambda nights: nights.set_up(notify_command=nights.notify), "nightly", write("a/mot.md", FAULT), "nightly", "nightly",
        write("a/hai.md", "\n\n\0"), "nightly", write("a/mot.md", SOUND), "nightly", write("a/hai.md", SOUND), "nightly", NOTICES,
        set_up(notify_command="echo; echo no such person; exit 3"), write("a/mot.md", FAULT), "nightly", write("a/mot.md", SOUND), "nightly",
    ),
    "commands that publish": (
        set_up(publish_command="grep html $CHANGES; basename $RELEASE; basename \"$LAST_RELEASE\""), write("a/mot.md", "# Một\n\nCâu nữa.\n"), "nightly",
        set_up(publish_command="echo so; exit 4"), write("a/mot.md", "# Một\n\nCâu cuối.\n"), "nightly", "nightly --rollback", set_up(), "nightly",
    ),
    "what readers see, held against a clean build": (
        "nightly --verify-all", spoil, "nightly --no-update --verify-all", add_to_site, "nightly", "nightly --verify-all", "nightly",
        take_from_site, set_up(verify_days=2), "nightly", "nightly",
    ),
    "settings": (
        set_up(stop_no="error"), "nightly", set_up(stop_on="all"), "nightly", set_up(update=1), "nightly", set_up(verify_days=-1), "nightly",
        set_up(publish=""), "nightly", set_up(publish="content/x"), "nightly", set_up(publish="output"), "nightly", set_up(),
    ),
    "schedules": (
        "schedule --at 2:05 --cron --print", "schedule --every 15 --cron --print", "schedule --at 02:30 --systemd --print",
        "schedule --every 60 --systemd --print", "schedule --every 60 --cron --print", lambda nights: (nights.root / "requirements.txt").write_text("x"),
        "schedule --at 02:30 --github --print", "schedule --at 02:30 --github", "schedule --status", "schedule --status --cron",
        "schedule --at 12:30 --github", "schedule --status", "schedule --remove", "schedule --remove", "schedule --status", "schedule",
        "schedule --at 24:00", "schedule --every 7", "schedule --at 02:30 --every 15", "schedule --at 02:30 --cron --github", "schedule x",
    ),
    "history": (
        keep(), "history", keep(*PAST), "history", "history -n 1", "history -n 3", "history --json", "history --plot", "history --plot -n 1",
        "history x", "history -n -1", "history --json --plot", keep(*PAST * 6), "history", "schedule --status",
    ),
}  # fmt: skip


def talk(root: Path) -> Iterator[tuple[str, str]]:
    """Each part, and what is said in it."""
    nights = Nights.of(root / "project")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CONFIG_HOME", os.fspath(root / "config"))
        environment.setenv("COLUMNS", "80")
        for name, steps in NIGHTS.items():
            said = [said for step in steps for said in _take(step, nights)]
            yield name, _same_everywhere("\n".join(said), root)


def _take(step: Step, nights: Nights) -> Iterator[str]:
    if callable(step):
        step(nights)
    elif step == TREE:
        shown = (path for path in nights.shown() if path.endswith((".html", ".css")) and "repairs" not in path)
        yield "\n".join([f"current: {nights.releases.current()}", *nights.releases.names(), *sorted(shown)])
    elif step == NOTICES:
        for told in nights.notices():
            yield f"{told['message']}\n  {told['new']} {told['root']}"
    else:
        before, logs = len(nights.history.rows()), nights.history.folder / "logs"
        shutil.rmtree(logs, ignore_errors=True)  # two nights within a second share their name, and their log
        command, *words = step.split()
        status, text = nights.night(*words, command=command)
        yield f"$ doit {step}  [{status}]\n{text}".rstrip("\n")
        if len(nights.history.rows()) > before:
            row = nights.row()
            yield f"{(logs / f'{row.run}.log').read_text('utf-8')}{_show_row(row)}"


def _show_row(row: Row) -> str:
    shown = row._replace(run="", started="", ended="", seconds=0, build_seconds=0, faults=())
    return " ".join(f"{name}={value!r}" for name, value in shown._asdict().items() if value)


def _same_everywhere(text: str, root: Path) -> str:
    text = text.replace(sys.executable, "PYTHON").replace(f"{root}/", "").replace(os.fspath(root), ".")
    for pattern, words in _VARIES:
        text = pattern.sub(words, text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def write_down(root: Path) -> str:
    return "".join(f"{CASE}{name}\n{said}\n" for name, said in talk(root))


def test_what_is_said_of_nights_is_what_a_person_has_looked_at(tmp_path: Path) -> None:
    kept = {part.partition("\n")[0]: part for part in GOLDEN.read_text("utf-8").split(CASE)[1:]}
    for name, said in talk(tmp_path):
        assert f"{name}\n{said}\n" == kept.pop(name, "")
    assert not kept


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(write_down(Path(folder).resolve()), "utf-8")
