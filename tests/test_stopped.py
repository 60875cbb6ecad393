"""A build that is stopped has written files that no record tells of. Whatever is edited, or taken back, before the next
one, that leaves nothing of them that a clean build would not make."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from building import Project, die_before_record, read_tree, some_of_many

SOUND = "# A\n\nChữ của a.\n"
DRAFT = "---\ndraft: true\n---\n# D\n\nNháp.\n"
OTHER = "# C\n\nChữ của c.\n"

ROWS: dict[str, tuple[dict[str, str | None], str, dict[str, str | None]]] = {
    "a new page": ({"mới.md": "# Mới\n"}, "render:mới", {"mới.md": None}),
    "a new file": ({"mới.txt": "chữ"}, "asset:mới.txt", {"mới.txt": None}),
    "the page of a draft": ({"d.md": "# D\n\nHết nháp.\n"}, "render:d", {"d.md": DRAFT}),
    "the text of a draft": ({"d.md": "# D\n\nHết nháp.\n"}, "markdown:d.md", {"d.md": DRAFT}),
    "the account of damage": ({"a.md": "# A\n\nHá»c tập.\n"}, "repair:a.md", {"a.md": SOUND}),
    "pages at former paths": (
        {"redirects.toml": '"cũ.md" = "a.md"\n"cũ/x.md" = "b/c.md"\n'},
        "former:all",
        {"redirects.toml": None},
    ),
    "the search index": (
        {"a.md": f"{SOUND}\nTừ xylophone khác.\n"},
        "search:all",
        {"a.md": SOUND, "b/c.md": f"{OTHER}\nThêm.\n"},
    ),
}
"""What is edited, the task before whose record the build is stopped, and what is edited then."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    write(project, {"a.md": SOUND, "b/c.md": OTHER, "d.md": DRAFT})
    project.build()
    project.build()
    return project


def write(project: Project, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        if text is None:
            (project.content / path).unlink()
        else:
            project.write(path, text)


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
@pytest.mark.parametrize("name", some_of_many(ROWS, *list(ROWS)[::4]))
def test_nothing_is_left_of_what_a_stopped_build_wrote(
    finished: Project, tmp_path: Path, name: str, by: signal.Signals
) -> None:
    project = finished.copy_to(tmp_path / "project")
    edit, task, back = ROWS[name]
    write(project, edit)
    die_before_record(project, task, by)
    project.doit("list")  # who only looks forgets nothing
    write(project, back)
    project.build()
    assert read_tree(project.output) == project.clean_build()
    assert project.build().executed == []


def test_with_the_state_lost_a_stopped_build_still_takes_the_page_of_a_new_draft_away(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    project = finished.copy_to(tmp_path / "project")
    project.build()
    for path in (project.root / ".lesson-pipeline").rglob("state.sqlite3*"):
        path.unlink()
    write(project, {"a.md": DRAFT})
    die_before_record(project, "search:all")
    project.build()
    assert read_tree(project.output) == project.clean_build()
