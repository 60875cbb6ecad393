"""The command line's `repair`: what it says and gives when a file cannot be read or written; and the URLs of pages."""

from __future__ import annotations

import os
import posixpath
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.builder.rewrite import write_text
from pipeline.commands.program import main
from pipeline.page.metadata import describe_page
from pipeline.paths import relative_url
from pipeline.repair.codepages import Channel, damage
from pipeline.values import Card, PageInputs

SOUND = "# Học tập\n\nĐây là bài học.\n"
DAMAGED = damage(SOUND, Channel("cp1252", "keep"))


def test_a_file_that_cannot_be_written_is_told_and_the_others_are_repaired(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name in ("a.md", "b/c.md", "d.txt", "e.png"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(DAMAGED, "utf-8")
    target.mkdir()
    (target / "b").write_text("a file where a folder should be")
    assert main(["repair", str(source), "--to", str(target)]) == 1
    told = capsys.readouterr()
    assert "b/c.md: cannot be written: " in told.err
    assert sorted(path.name for path in target.iterdir()) == ["a.md", "b", "d.txt"]
    assert (target / "a.md").read_text("utf-8") == (target / "d.txt").read_text("utf-8") == SOUND
    assert "a.md: utf-8, " in told.out
    assert " repairs\n  1:3: " in told.out


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nowhere"], 2, "there is no "),
        (["sound.md"], 0, "sound.md: utf-8, sound"),
        (["a"], 2, "has no file that ends in "),
        (["."], 2, "are in each other"),
    ],
)
def test_what_the_command_line_says_and_gives(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "sound.md").write_text(SOUND, "utf-8")
    assert main(["repair", *arguments, "--to", "target"]) == status
    assert words in "".join(capsys.readouterr())


@pytest.mark.parametrize("threshold", ["0", "1", "0.5"])
def test_a_threshold_may_be_any_share(tmp_path: Path, threshold: str) -> None:
    (tmp_path / "a.md").write_text(DAMAGED, "utf-8")
    assert main(["repair", str(tmp_path / "a.md"), "--write", "--threshold", threshold]) == 0
    assert (tmp_path / "a.md").read_text("utf-8") == SOUND, "nothing was lost: all of it is sure"


def test_a_reader_of_the_output_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"s{number}.md").write_text(DAMAGED, "utf-8")
    command = [sys.executable, "-m", "pipeline", "repair", str(tmp_path), "--write", "--dry-run"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_a_file_that_is_written_has_the_rights_of_the_one_before_it(tmp_path: Path) -> None:
    path = tmp_path / "new/a.md"
    before = os.umask(0o027)
    try:
        write_text(path, b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.write_text(DAMAGED, "utf-8")
    path.chmod(0o604)
    assert main(["repair", str(path), "--write"]) == 0
    assert path.read_text("utf-8") == SOUND
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


# --- addresses ---

parts = st.lists(st.sampled_from(["a", "b", "a.html", "bài 1", "#"]), min_size=1, max_size=4).map("/".join)


@given(parts, parts)
def test_a_relative_address_leads_from_any_file_to_any_other(here: str, there: str) -> None:
    url = relative_url(here, there)
    assert posixpath.normpath(posixpath.join(posixpath.dirname(here), unquote(url))) == there
    assert url


def described(**changes: object) -> list[dict[str, object]]:
    fields: dict[str, object] = dict.fromkeys(PageInputs._fields, "")
    fields |= {"page": "a/b", "title": "B", "course_title": "Khóa", "language": "vi", "kind": "lesson"}
    fields |= {"breadcrumbs": (), **changes}
    graph: list[dict[str, object]] = describe_page(PageInputs(**fields))["@graph"]  # type: ignore[arg-type]
    return graph


def test_what_a_page_says_of_itself_to_search_engines() -> None:
    base = {"name": "B", "inLanguage": "vi"}
    site = "https://example.org/k/"
    assert described()[0] == {
        "@type": "LearningResource",
        **base,
        "isPartOf": {"@type": "Course", "name": "Khóa"},
    }
    assert described(kind="home")[0] == {"@type": "Course", **base}
    full = described(base_url=site, summary="S", date="2026-01-02", updated="2026-02-03")
    assert full[0] == {
        "@type": "LearningResource",
        **base,
        "description": "S",
        "url": f"{site}a/b.html",
        "datePublished": "2026-01-02",
        "dateModified": "2026-02-03",
        "isPartOf": {"@type": "Course", "name": "Khóa", "url": site},
    }
    assert full[1:] == []
    assert described(base_url=site, breadcrumbs=(Card("index", "Khóa", ""), Card("a/index", "A", "")))[1] == {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "Khóa", "item": site},
            {"@type": "ListItem", "position": 2, "name": "A", "item": f"{site}a/"},
            {"@type": "ListItem", "position": 3, "name": "B"},
        ],
    }
