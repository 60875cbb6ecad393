"""`doit explain` says exactly what the next `doit` executes, and changes nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from building import Project, read_tree, some_of_many

from pipeline.builder.runs import seal

_LINE_RE = re.compile(r"^([a-z]+(?::\S+?)?): (?=\S)", re.M)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    for name in ("lesson_1", "lesson_2", "lesson_10"):
        project.write(f"a/{name}.md", f"# Bài {name}\n\nCâu của {name}. Hết.\n")
    project.write("b/x.md", "# X\n\nChữ. [hai](../a/lesson_2.md)\n")
    project.write("b/image.png", b"one")
    project.build()
    return project


@pytest.fixture
def built(finished: Project, tmp_path: Path, way: str) -> Project:
    return finished.reopened(tmp_path / "project", way)


def append(path: str, text: str) -> Callable[[Project], None]:
    def edit(project: Project) -> None:
        file = project.content / path
        file.write_text(file.read_text("utf-8") + text, "utf-8")

    return edit


def replace(path: str, before: str, after: str) -> Callable[[Project], None]:
    def edit(project: Project) -> None:
        file = project.content / path
        file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")

    return edit


def touch_template(project: Project) -> None:
    path = project.root / "templates/lesson.html"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")


EDITS: dict[str, Callable[[Project], object]] = {
    "nothing": lambda project: None,
    "body": append("a/lesson_2.md", "\nThêm.\n"),
    "same page": append("a/lesson_2.md", "\n\n\n"),
    "title": replace("a/lesson_2.md", "# Bài", "# Tựa"),
    "added": lambda project: project.write("a/lesson_3.md", "# Ba\n\nChữ.\n"),
    "removed": lambda project: (project.content / "a/lesson_2.md").unlink(),
    "moved": lambda project: (project.content / "a/lesson_2.md").rename(project.content / "b/y.md"),
    "asset": lambda project: project.write("b/image.png", b"two"),
    "template": touch_template,
    "setting": lambda project: project.write("course.toml", 'title = "Khóa"\n'),
    "broken": lambda project: project.write("a/lesson_2.md", b"\0"),
    "spoiled": lambda project: (project.output / "b/x.html").unlink(),
}


@pytest.mark.parametrize("name", some_of_many(EDITS, *list(EDITS)[::3]))
def test_explain_says_what_the_next_run_executes_and_changes_nothing(built: Project, name: str) -> None:
    EDITS[name](built)
    before = read_tree(built.output)
    first = built.doit("explain")
    assert first.status == 0, first.text
    assert built.doit("explain").text == first.text
    assert read_tree(built.output) == before
    listed = built.doit("list", "--all", "--status").text
    executed = built.doit().executed
    assert set(re.findall(r"^R (\S+:\S+|clear|prune|report)", listed, re.M)) == set(executed)
    assert set(re.findall(r"^R ([a-z]+) ", listed, re.M)) == {task.partition(":")[0] for task in executed}
    assert _LINE_RE.findall(first.text) == executed
    assert ("nothing to do" in first.text) == (not executed)


def test_explain_follows_an_edit_through_the_graph(built: Project) -> None:
    EDITS["title"](built)
    text = built.doit("explain").text
    assert "repair:a/lesson_2.md: its source changed" in text
    assert "parse:a/lesson_2.md: the repaired text of a/lesson_2.md changed\n" in text
    assert "index:a: the title of a/lesson_2.md changed\n" in text
    assert "render:a/lesson_10: the title of a/lesson_2.md changed\n" in text


def test_explain_takes_the_path_of_a_lesson(built: Project) -> None:
    EDITS["body"](built)
    for name in ("a/lesson_2.md", "content/a/lesson_2.md", "render:a/lesson_2"):
        text = built.doit("explain", name).text
        assert _LINE_RE.findall(text) == [f"{stage}:a/lesson_2.md" for stage in ("repair", "parse", "markdown")] + [
            "render:a/lesson_2"
        ]
    assert built.doit("explain", "nothing.md").status == 3


def test_explain_leaves_the_lock_and_no_folder_behind(built: Project, tmp_path: Path) -> None:
    EDITS["body"](built)
    built.doit("explain")
    assert built.build().executed[0] == "repair:a/lesson_2.md"


def settings(text: str) -> Callable[[Project], object]:
    return lambda project: project.write("course.toml", text)


DECISION = '[[repair]]\nlesson = "a/lesson_2.md"\ndamaged = "x"\naction = "reject"\n'
REASONS: dict[str, tuple[Callable[[Project], object], dict[str, str]]] = {
    "title": (
        settings('title = "Khóa"\n'),
        {"render:b/x": "the setting title changed", "site:_site/tree.js": "the setting title changed"},
    ),
    "two settings": (
        settings('base_url = "https://example.org/"\nquick_links = ["a"]\n'),
        {"render:b/x": "the settings base_url, quick_links changed", "site:robots.txt": "the setting base_url changed"},
    ),
    "markers": (
        settings('markers = ["X"]\n'),
        {"repair:b/x.md": "the setting markers changed", "parse:b/x.md": "the setting markers changed"},
    ),
    "threshold": (settings("repair_threshold = 0.5\n"), {"repair:b/x.md": "the setting repair_threshold changed"}),
    "lexicon": (
        lambda project: project.write("lexicon.tsv", "học\t3\n"),
        {"repair:a/lesson_2.md": "lexicon.tsv changed", "repair:b/x.md": "lexicon.tsv changed"},
    ),
    "decisions": (
        lambda project: project.write("repairs.toml", DECISION),
        {"repair:a/lesson_2.md": "repairs.toml changed"},
    ),
    "decision and source": (
        lambda project: (append("a/lesson_2.md", "\nThêm.\n")(project), project.write("repairs.toml", DECISION)),
        {"repair:a/lesson_2.md": "repairs.toml changed; its source changed"},
    ),
    "setting and source": (
        lambda project: (append("b/x.md", "\nThêm.\n")(project), settings("repair_threshold = 0.5\n")(project)),
        {
            "repair:a/lesson_2.md": "the setting repair_threshold changed",
            "repair:b/x.md": "the setting repair_threshold changed; its source changed",
        },
    ),
    "former": (
        lambda project: project.write("redirects.toml", '"old.md" = "b/x.md"\n'),
        {"former:all": "redirects.toml changed"},
    ),
    "template": (touch_template, {"render:b/x": "templates/lesson.html changed"}),
    "removed": (
        lambda project: (project.content / "b/image.png").unlink(),
        {"prune": "nothing makes b/image.png any more, which it deletes"},
    ),
    "many removed": (
        lambda project: shutil.rmtree(project.content / "a"),
        {"prune": "nothing makes a/index.html, a/lesson_1.html, a/lesson_1.md and 4 more any more, which it deletes"},
    ),
    "title of a lesson": (
        replace("b/x.md", "# X", "# Y"),
        {
            "site:_site/tree.js": "the title of b/x.md changed",
            "search:all": "the title of b/x.md changed",
        },
    ),
}


@pytest.mark.parametrize("name", some_of_many(REASONS, *list(REASONS)[::4]))
def test_explain_names_what_changed_and_the_next_run_does_it(built: Project, name: str) -> None:
    edit, reasons = REASONS[name]
    edit(built)
    text = built.doit("explain").text
    told = dict(line.split(": ", 1) for line in text.splitlines())
    assert {task: told[task] for task in reasons} == reasons
    assert built.doit().executed == _LINE_RE.findall(text)
    assert built.doit("explain").text == "nothing to do\n"


def test_explain_tells_another_version_of_the_program_or_of_a_package(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.builder.course import fingerprint

    real = fingerprint.Fingerprints.stage
    monkeypatch.setattr(
        fingerprint.Fingerprints, "stage", lambda self, name: real(self, name) + b"x" * (name == "parse")
    )
    every = fingerprint.every_version
    monkeypatch.setattr(seal, "every_version", lambda: [*every(), "markdown 9"])  # breaks the seal
    assert "parse:b/x.md: the program's code changed\n" in built.doit("explain").text
    version = fingerprint.installed_version
    monkeypatch.setattr(fingerprint, "installed_version", lambda name: "9" if name == "Markdown" else version(name))
    assert "parse:b/x.md: another version of Markdown is installed\n" in built.doit("explain").text


def test_a_setting_of_an_earlier_run_is_no_reason(built: Project) -> None:
    settings('title = "Khóa"\n')(built)
    built.build()
    append("b/x.md", "\nThêm.\n")(built)
    assert "setting" not in built.doit("explain").text
    built.write("redirects.toml", '"old.md" = "b/x.md"\n')
    built.build()
    settings('title = "Khác"\n')(built)
    told = built.doit("explain").text
    assert "former:all: the setting title changed\n" in told


def test_without_what_the_last_build_knew_the_reason_is_what_may_have_changed(built: Project) -> None:
    for path in (built.root / ".lesson-pipeline").rglob("known.json"):
        path.write_text("{")
    EDITS["title"](built)
    assert "repair:a/lesson_2.md: its source, the repair code or a setting changed" in built.doit("explain").text


@pytest.mark.parametrize("command", ["explain", "list"])
def test_help_is_shown_when_it_is_asked_for(built: Project, command: str) -> None:
    run = built.doit(command, "--help")
    assert run.status == 0
    assert run.text.startswith("PURPOSE\n")
    assert "CmdOption" not in run.text
    run = built.doit(command, "--nothing")
    assert run.status == 3
    assert run.text.startswith("ERROR: option --nothing not recognized\n  hint: ")
    assert f"help {command} shows what there is" in run.text
