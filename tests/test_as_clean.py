"""What a task is made from besides lessons and settings: after each edit of it the output, what stands of warnings and
errors, and the reasons that are given are those of a clean build."""

from __future__ import annotations

import inspect
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from building import PROJECT, Project, die_before_record, read_tree, some_of_many

from pipeline.builder.course.fingerprint import modules_of
from pipeline.builder.course.graph import Graph
from pipeline.builder.stages import action
from pipeline.builder.tasks import TASKS, Definitions
from pipeline.settings import RULES

Edit = Mapping[str, str | bytes | None] | Callable[[Project], object]
"""Files to write, by their paths from the content folder, or to delete where there is no text; or something else."""

DAMAGED = "Há»c tập.\n"
REJECTED = '[[repair]]\nlesson = "part.md"\ndamaged = "Há»c"\naction = "reject"\n'


def put_into_pages(words: str) -> Callable[[Project], None]:
    """Have each lesson's page show what a template says."""

    def edit(project: Project) -> None:
        path = project.root / "templates/lesson.html"
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"({% block \w+ %})", lambda found: found[1] + words, text, count=1), "utf-8")

    return edit


def link_templates(project: Project) -> None:
    (project.root / "templates/parts").symlink_to(project.root / "elsewhere")


def remove_folder(name: str) -> Callable[[Project], None]:
    def edit(project: Project) -> None:
        for path in (project.content / name).iterdir():
            path.unlink()
        (project.content / name).rmdir()

    return edit


ROWS: dict[str, Sequence[Edit]] = {
    "a part that is left out comes and goes": (
        {"a.md": '# A\n\n--8<-- ".part.md"\n', "b.md": "# B\n"},
        {".part.md": "Chữ.\n"},
        {".part.md": None},
    ),
    "a part that is a file about the course comes and goes": (
        {"a.md": '# A\n\n--8<-- "redirects.toml"\n'},
        {"redirects.toml": "# nothing\n"},
        {"redirects.toml": None},
    ),
    "a part that is too large comes and goes": (
        {"a.md": '# A\n\n--8<-- "part.md"\n'},
        lambda project: project.write("part.md", b"x" * 5_000_001),
        {"part.md": None},
    ),
    "a part that is a folder comes and goes": (
        {"a.md": '# A\n\n--8<-- "part.md"\n'},
        {"part.md/x.txt": "x"},
        remove_folder("part.md"),
    ),
    "a part that is a link to outside comes and goes": (
        {"a.md": '# A\n\n--8<-- "part.md"\n'},
        lambda project: (project.content / "part.md").symlink_to("/dev/null"),
        {"part.md": None},
    ),
    "a part is left out by a setting, and not": (
        {"a.md": '# A\n\n--8<-- "part.md"\n', "part.md": "Chữ.\n"},
        {"course.toml": 'ignore = ["part.md"]\n'},
        {"part.md": None},
        {"course.toml": None, "part.md": "Chữ.\n"},
    ),
    "a decision about a part": (
        {"a.md": '# A\n\n--8<-- "part.md"\n', "part.md": DAMAGED},
        {"repairs.toml": REJECTED},
        {"repairs.toml": REJECTED.replace("reject", 'replace"\nreading = "Hộc')},
        {"repairs.toml": None},
    ),
    "a decision about a part of a part": (
        {"a.md": '# A\n\n--8<-- "b.md"\n', "b.md": "{{#include part.md}}\n", "part.md": DAMAGED},
        {"repairs.toml": REJECTED},
    ),
    "a drawing in a template": (
        {"a.md": "# A\n", "../templates/static/x.svg": "<svg>1</svg>"},
        put_into_pages('{% include "static/x.svg" %}'),
        {"../templates/static/x.svg": "<svg>22</svg>"},
    ),
    "a template whose name is worked out": (
        {"a.md": "# A\n", "../templates/parts/x.svg": "<svg>1</svg>"},
        put_into_pages('{% set name = "x" %}{% include "parts/" ~ name ~ ".svg" %}'),
        {"../templates/parts/x.svg": "<svg>22</svg>"},
    ),
    "a template in a folder that is a link": (
        {"a.md": "# A\n", "../elsewhere/x.html": "1"},
        link_templates,
        put_into_pages('{% include "parts/x.html" %}'),
        {"../elsewhere/x.html": "22"},
    ),
    "a course's own robots.txt": (
        {"a.md": "# A\n", "../templates/robots.txt": "# {{ language }} {{ sitemap_url }}\n"},
        {"course.toml": 'language = "en"\n'},
        {"course.toml": 'language = "en"\nbase_url = "https://example.org/"\n'},
    ),
    "the title of the home page, where `sections` gives the whole course one": (
        {"index.md": "# Trang chủ\n\nChữ.\n", "a/b.md": "# B\n\nChữ.\n", "course.toml": '[sections]\n"" = "Khóa"\n'},
        {"index.md": "# Trang khác\n\nChữ.\n"},
        {"index.md": None},
    ),
    "a lesson in `nav` is a draft, and another one of its section is none any more": (
        {
            "course.toml": 'nav = ["b.md", { "C" = ["c/x.md", "c/y.md"] }]\n',
            "b.md": "# B\n\nChữ.\n",
            "c/x.md": "# X\n\nChữ.\n",
            "c/y.md": "# Y\n\nChữ.\n",
            "c/z.md": "---\ndraft: true\n---\n# Z\n\nChữ.\n",
        },
        {"c/z.md": "# Z\n\nChữ.\n", "c/x.md": "---\ndraft: true\n---\n# X\n\nChữ.\n"},
        {"c/x.md": "# X\n\nChữ.\n", "c/z.md": "---\ndraft: true\n---\n# Z\n\nChữ.\n"},
    ),
    "a part of a part is gone, and a link in a part leads nowhere twice": (
        {"a.md": '# A\n\n--8<-- "b.md"\n', "b.md": "# B\n\n[x](gone.md) [x](gone.md)\n"},
        {"b.md": '# B\n\n--8<-- "gone.md"\n\n[x](gone.md) [x](gone.md)\n'},
    ),
    "lines move above what is wrong with former paths": (
        {"a.md": "---\naliases: [../x.md]\n---\n# A\n", "redirects.toml": '"old.md" = "gone.md"\n'},
        {"a.md": "---\norder: 1\naliases: [../x.md]\n---\n# A\n"},
        {"redirects.toml": '# a comment\n"old.md" = "gone.md"\n'},
    ),
    "a warning about a setting stands": (
        {"a.md": "# A\n", "course.toml": 'accent = "#eeeeee"\nlogo = "x.png"\n'},
        {"a.md": "# A\n\nThêm.\n"},
        {"x.png": b"x"},
        {"course.toml": 'logo = "x.png"\n'},
    ),
}


def make(project: Project, edit: Edit) -> None:
    if callable(edit):
        edit(project)
        return
    for path, text in edit.items():
        if text is None:
            (project.content / path).unlink()
        else:
            project.write(path, text)


def said(text: str) -> str:
    """What a run says, but for the time that it took."""
    return re.sub(r", [\d.]+ s$", "", text, flags=re.M)


@pytest.mark.parametrize("name", some_of_many(ROWS, *list(ROWS)[::10]))
def test_what_comes_out_and_what_is_said_is_that_of_a_clean_build(project: Project, way: str, name: str) -> None:
    for edit in ROWS[name]:
        make(project, edit)
        status = project.doit().status
        again = project.doit()
        assert read_tree(project.output) == project.clean_build()
        clean = project.doit(f"output={project.root / 'clean'}")
        assert (again.status, said(again.text)) == (clean.status, said(clean.text))
        assert again.status == status
        standing = re.search(r"(\d+) warnings? stands? ", again.text)
        report = project.doit("report").text
        assert int(standing[1] if standing else 0) == report.count(": warning: ")
        assert said(report) == said(project.doit(f"output={project.root / 'clean'}", "report").text)
        assert again.executed == [] or status, "nothing is left to do, but what failed"


def test_an_error_is_told_once_and_is_no_warning(project: Project) -> None:
    project.write("a.md", '# A\n\n--8<-- "course.toml"\n')
    project.write("course.toml", 'language = "en"\n')
    run = project.doit()
    assert run.text.count("a.md:3: it is no part of the course") == 1
    assert "1 lesson, 2 pages rebuilt, 1 failed" in run.text
    project.doit("forget", "repair:a.md")
    run = project.doit("repair:a.md")
    assert run.status == 1, "named alone, it is an error as well"
    assert run.text.count("a.md:3: it is no part of the course") == 1


# --- the reasons ---

SETTINGS = {
    "title": '"Khác"',
    "language": '"en"',
    "base_url": '"https://example.org/"',
    "quick_links": '["c"]',
    "nav": '[{ "Z" = ["c/x.md"] }]',
    "markers": '["M"]',
    "repair": '"off"',
    "repair_threshold": "0.99",
    "edit_url": '"https://example.org/{path}"',
    "sections": '{ c = "Phần" }',
    "accent": '"#0a5a9e"',
    "accent_dark": '"#9ecbff"',
    "font": '"Literata"',
    "code_font": '"Hack"',
    "width": '"38rem"',
    "radius": '"0"',
    "logo": '"c/x.png"',
    "favicon": '"c/x.png"',
    "footer": '"Hết"',
}
"""The settings that pages, lists and repairs are made from, each with a value that changes some."""
OTHERS = {"ignore", "last_updated", "keep_renames", "trusted_html", "strict"}
"""The others decide what is in the course, whether it fails, and what git and former builds are asked."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("finished") / "project")
    project.write("a.md", "# A\n\nChữ. [c](c/)\n")
    project.write("c/x.md", f"# X\n\n{DAMAGED}")
    project.write("c/x.png", b"x")
    project.build()
    return project


def test_each_setting_is_tried() -> None:
    assert set(SETTINGS) | OTHERS == set(RULES)


@pytest.mark.parametrize("name", some_of_many(SETTINGS, *list(SETTINGS)[::3]))
def test_a_setting_that_changed_is_named_as_the_reason(finished: Project, tmp_path: Path, name: str) -> None:
    project = finished.copy_to(tmp_path / "project")
    project.write("course.toml", f"{name} = {SETTINGS[name]}\n")
    reasons = dict(line.split(": ", 1) for line in project.doit("explain").text.splitlines())
    assert reasons.keys() == set(project.doit().executed)
    assert f"the setting {name} changed" in reasons.values()
    assert not [task for task, why in reasons.items() if "or a setting changed" in why]


def test_a_part_that_changed_is_named_as_the_reason(project: Project) -> None:
    project.write("a.md", '# A\n\n--8<-- "part.txt"\n')
    project.write("part.txt", "một\n")
    project.build()
    project.write("part.txt", "hai\n")
    assert "repair:a.md: part.txt changed\n" in project.doit("explain").text
    project.write("a.md", '# A\n\nThêm.\n\n--8<-- "part.txt"\n')
    assert "repair:a.md: part.txt changed; its source changed\n" in project.doit("explain").text


def test_what_is_left_over_is_named_also_when_the_state_is_lost(project: Project, way: str) -> None:
    for path in ("a.md", "b/c.md", "x.txt"):
        project.write(path, "# Bài\n")
    project.build()
    for state in (project.root / ".lesson-pipeline").rglob("state.sqlite3*"):
        state.unlink()
    for path in ("b/c.md", "x.txt"):
        (project.content / path).unlink()
    told = re.findall(r"^(\w+(?::\S+?)?): ", project.doit("explain").text, re.M)
    assert told == project.doit().executed
    assert "prune" in told


# --- the last line ---


def test_a_page_that_is_not_there_is_not_counted_as_built(project: Project) -> None:
    project.write("a.md", "# A\n\nChữ.\n")
    project.write("b.md", "---\ndraft: true\n---\n# B\n")
    run = project.build()
    assert "2 lessons, 2 pages rebuilt, " in run.text, "index.html and a.html"
    assert "prune" not in run.executed, "a draft that never had a page has none to delete"
    project.write("a.md", "---\ndraft: true\n---\n# A\n\nChữ.\n")
    assert "2 lessons, 1 page rebuilt, " in project.build().text


def test_warnings_of_a_killed_build_and_of_a_strict_one_stand(project: Project, way: str) -> None:
    for name in ("a", "b"):
        project.write(f"{name}.md", f"# {name}\n\n[x](gone.md)\n")
    die_before_record(project, "render:b")
    assert ", 1 warning, 1 more stands " in project.build().text
    assert ", 2 warnings stand " in project.build().text
    project.write("course.toml", "strict = true\n")
    for name in ("a", "b"):
        project.write(f"{name}.md", f"# {name}\n\nKhác. [x](gone.md)\n")
    assert project.doit().status == 1
    project.write("course.toml", "")
    assert ", nothing to do, 2 warnings stand " in project.build().text
    project.build()
    counted = next((project.root / ".lesson-pipeline").glob("content-output-*/warnings"))
    counted.unlink()
    assert ", nothing to do, 2 warnings stand " in project.build().text
    counted.write_text("two")
    assert project.doit("repair:a.md").status == 0
    assert ", nothing to do, 2 warnings stand " in project.build().text


def test_the_old_address_of_a_draft_leads_nowhere_yet(project: Project) -> None:
    project.write("a.md", "---\ndraft: true\n---\n# A\n\nChữ.\n")
    project.build()
    (project.content / "a.md").rename(project.content / "b.md")
    assert "a.md became b.md: its old address leads there as soon as it has a page; " in project.build().text
    assert not (project.output / "a.html").exists()
    project.write("b.md", "# A\n\nChữ.\n")
    project.build()
    assert 'url=b.html"' in project.page("a.html")


def test_clean_counts_the_files_that_it_deletes(project: Project) -> None:
    project.write("a.md", "# A\n")
    project.build()
    (project.output / "a.html").unlink()
    for arguments in (("--dry-run",), ()):
        assert project.doit("clean", *arguments, "render:a").text.startswith(
            "0 files" if arguments else "deleted 0 files"
        )


# --- the code ---

GIVEN = {
    "pipeline.locale",
    "pipeline.look",
    "pipeline.nav",
    "pipeline.page.blocks",
    "pipeline.paths",
    "pipeline.patterns",
    "pipeline.redirects",
    "pipeline.settings",
    "pipeline.values",
}
"""What these say is a value that tasks are made from, and so need not be known as code."""
TOLD = {"pipeline.errors", "pipeline.locale.faults", "pipeline.sitewide.aliases", "pipeline.slips"}
"""What these say is told of a page, and stands on none."""


def test_a_stage_calls_no_code_that_does_not_make_it_stale(project: Project) -> None:
    shutil.copytree(PROJECT / "content", project.content, dirs_exist_ok=True)
    project.write("course.toml", 'base_url = "https://example.org/"\nnav = [{ "A" = ["x.md"] }]\n')
    project.write("redirects.toml", '"old.md" = "x.md"\n"older.md" = "gone.md"\n')
    project.write("x.md", f"---\naliases: [old/x.md]\n---\n# X\n\n{{{{#include y.md}}}}\n\n(\\theta)\n\n{DAMAGED}")
    project.write("y.md", "# Y\n\n$\\frac{1}$ [x](gone.md) <script>y</script>\n\n{% tabs %}\n")
    called = defaultdict[str, set[str]](set)
    make, folder = action.run_step, f"{PROJECT / 'pipeline'}/"

    def run_watched(graph: Graph, stage: str, item: str) -> dict[str, Any]:
        def note(frame: FrameType, event: str, argument: object) -> None:
            code = frame.f_code
            if event == "call" and code.co_flags & inspect.CO_NEWLOCALS and code.co_filename.startswith(folder):
                called[stage].add(code.co_filename)

        sys.setprofile(note)
        try:
            return make(graph, stage, item)
        finally:
            sys.setprofile(None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(action, "run_step", run_watched)
        assert project.doit("-n", "0").status == 0
    stages = Definitions(TASKS).stages
    assert called.keys() == stages.keys()
    for name, files in called.items():
        modules = {".".join(Path(file).relative_to(PROJECT).with_suffix("").parts) for file in files}
        modules = {module.removesuffix(".__init__") for module in modules if not module.startswith("pipeline.builder.")}
        code = stages[name].code
        assert modules - {*modules_of(code.modules), *code.actions} <= GIVEN | TOLD, name


def test_a_copy_of_a_style_sheet_of_the_program_is_the_courses_own_when_the_program_has_another(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    shutil.copytree(PROJECT / "templates", program)
    monkeypatch.setattr("pipeline.builder.disk.location.TEMPLATES_FOLDER", program)
    project.write("a.md", "# A\n")
    project.build()
    with (program / "static/site.css").open("a") as sheet:
        sheet.write("p { color: red }\n")
    project.build()
    assert read_tree(project.output) == project.clean_build()
