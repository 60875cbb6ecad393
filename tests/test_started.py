"""Whichever way doit is started on a course, it is locked and claimed; and no other project is this one's concern."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from building import Project, read_tree

DOIT = [sys.executable, "-m", "doit"]
API = "import sys; from doit.doit_cmd import DoitMain; sys.exit(DoitMain().run(sys.argv[1:]))"
WAYS = {
    "here": (".", DOIT),
    "by its file": ("below", [*DOIT, "-f", "../dodo.py"]),
    "found above": ("below", [*DOIT, "-k"]),
    "in another folder": ("below", [*DOIT, "-f", "../dodo.py", "-d", "."]),
    "by a program": (".", [sys.executable, "-c", API]),
    "by a program elsewhere": ("below", [sys.executable, "-c", API, "-f", "../dodo.py"]),
}
two_ways = [way if number % 3 == 1 else pytest.param(way, marks=pytest.mark.deep) for number, way in enumerate(WAYS)]


@pytest.fixture
def course(project: Project) -> Project:
    project.write("a.md", "# Một\n\nChữ.\n")
    project.write("s/b.md", "# Hai\n\nChữ.\n")
    (project.root / "below").mkdir()
    return project


def start(project: Project, way: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    folder, command = WAYS[way]
    return subprocess.run(
        [*command, *arguments], cwd=project.root / folder, capture_output=True, text=True, check=False
    )


def lock_of(project: Project) -> Path:
    (folder,) = (project.root / ".lesson-pipeline").glob("content-output-*")
    return folder / "lock"


@pytest.mark.parametrize("way", two_ways)
def test_a_course_that_is_being_built_is_not_built_by_another(course: Project, way: str) -> None:
    course.build()
    with lock_of(course).open("a+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        for arguments in ((), ("render:a",)):
            refused = start(course, way, "wait=no", *arguments)
            assert refused.returncode == 1, refused.stdout + refused.stderr
            assert "another build of this course is running" in refused.stdout


@pytest.mark.parametrize("command", ["clean", "forget", "ignore"])
def test_a_course_that_is_being_built_is_not_changed_by_a_command(course: Project, command: str) -> None:
    course.build()
    before = read_tree(course.output)
    with lock_of(course).open("a+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        refused = start(course, "here", command, "render:a", "wait=no")
    assert refused.returncode == 3
    assert "another build of this course is running" in refused.stderr
    assert read_tree(course.output) == before
    assert course.build().executed == []


@pytest.mark.parametrize("way", two_ways)
def test_a_build_is_sealed_and_a_second_has_nothing_to_do(course: Project, way: str) -> None:
    for told in ("pages rebuilt", "nothing to do", "1 page rebuilt"):
        if told.startswith("1"):
            course.write("a.md", "# Một\n\nChữ.\n\nThêm.\n")
        run = start(course, way)
        assert run.returncode == 0, run.stdout + run.stderr
        assert run.stdout.startswith("2 lessons, ")
        assert told in run.stdout
    assert read_tree(course.output) == course.clean_build()
    assert sorted(os.listdir(course.root / "below")) == []


@pytest.mark.parametrize("way", two_ways)
def test_a_file_that_another_wrote_is_never_taken_for_the_builds(course: Project, way: str) -> None:
    """What is written is claimed first: a lesson that comes and goes leaves what stood there."""
    start(course, way)
    course.write("c.md", "# Ba\n\nChữ.\n")
    start(course, way, "-r", "json")
    (course.content / "c.md").unlink()
    run = start(course, way)
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (course.output / "c.html").exists()
    assert read_tree(course.output) == course.clean_build()


@pytest.mark.parametrize("way", ["by its file", "found above"])
def test_another_folder_tells_the_same(course: Project, way: str) -> None:
    course.build()
    course.write("a.md", "# Mười\n\nChữ.\n")
    json = start(course, way, "render:nosuch", "-r", "json")
    assert json.returncode == 3, json.stdout + json.stderr
    listed = [start(course, each, "list", "--all", "--status") for each in ("here", way)]
    assert listed[0].stdout == listed[1].stdout
    assert "R render:index" in listed[1].stdout, "through `index`, not by its own inputs"
    told = start(course, way, "explain")
    assert told.returncode == 3
    assert f"cd {course.root}" in told.stderr
    assert '"lessons": 2' in start(course, way, "-r", "json").stdout


def test_a_loader_that_does_not_read_dodo_is_refused(course: Project) -> None:
    """Its tasks could not be locked."""
    code = "import dodo; from doit.cmd_base import ModuleTaskLoader as L; from doit.doit_cmd import DoitMain as M"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; sys.exit(M(L(dodo)).run([]))"],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(course.root)},
    )
    assert run.returncode == 3, run.stdout + run.stderr
    assert f"doit -f {course.root / 'dodo.py'}" in run.stderr
    assert not course.output.exists()


OTHER = """
def task_a():
    return {"actions": ["echo once"], "file_dep": ["dodo.py"], "verbosity": 2}
"""


def test_another_project_of_the_same_environment_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dodo.py").write_text(OTHER)

    def told(*arguments: str) -> str:
        run = subprocess.run([*DOIT, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert run.stderr == ""
        return run.stdout

    assert told() == ".  a\nonce\n"
    assert told() == "-- a\n"
    assert told("list", "--status").split() == ["U", "a"]
    assert "a" in told("dumpdb")
    assert "pages" not in told("-r", "json")
    assert "explain" not in told("help")


# --- what doit itself would fail at ---


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["info", "nosuch"], "there is no task 'nosuch'\n  hint: doit list --all"),
        (["rendr"], "there is no task 'rendr'\n  hint: did you mean render?"),
        (["lst"], "there is no task 'lst'\n  hint: did you mean list?"),
        (["render:s/c"], "there is no task 'render:s/c'\n  hint: did you mean render:s/b?"),
        (["clean", "parse:b.md"], "there is no task 'parse:b.md'\n  hint: did you mean parse:s/b.md?"),
        pytest.param(
            *(["list", "render:c"], "there is no task 'render:c'\n  hint: did you mean render"), marks=pytest.mark.deep
        ),
        (["-n", "1", "check"], "'check' is a command, no task\n  hint: it comes first, before options: doit check"),
        pytest.param(
            *(["-v", "2", "list"], "'list' is a command, no task\n  hint: it comes first, before options: doit list"),
            marks=pytest.mark.deep,
        ),
        (["dumpdb"], "a course has no database of doit's"),
        (["--backend", "json"], "--backend is not for a course"),
        pytest.param(*(["--db-file", "x"], "--db-file is not for a course"), marks=pytest.mark.deep),
        pytest.param(
            *(["--check_file_uptodate", "md5"], "--check_file_uptodate is not for a course"), marks=pytest.mark.deep
        ),
        pytest.param(*(["list", "--backend", "sqlite3"], "--backend is not for a course"), marks=pytest.mark.deep),
    ],
)
def test_what_a_course_has_not_is_told_in_plain_words(course: Project, arguments: list[str], told: str) -> None:
    course.build()
    run = start(course, "here", *arguments)
    assert run.returncode == 3
    assert run.stderr.startswith(f"ERROR: {told}")
    assert "\n  hint: " in run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert "remove" not in run.stderr
    assert course.build().executed == []


@pytest.mark.parametrize("name", ["chekc", "check", "render:nowhere"])
def test_a_name_that_is_refused_leaves_no_worker_behind(course: Project, name: str) -> None:
    """They begin as tasks are made; Python waits for them at its end, and an interrupt in that time hung for ever."""
    for number in range(60):
        course.write(f"s/{number}.md", f"# Lesson {number}\n\nWords $x^{number}$.\n")
    code = (
        "import multiprocessing, sys\nfrom doit.doit_cmd import DoitMain\n"
        "status = DoitMain().run(sys.argv[1:])\nprint(status, multiprocessing.active_children())\n"
    )
    command = [sys.executable, "-c", code, "-n", "2", name]
    run = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=True)
    assert run.stdout == "3 []\n"


def test_the_letters_of_a_list_are_explained_where_no_program_reads_them(course: Project) -> None:
    course.build()
    run = start(course, "here", "list", "--status")
    assert all(line.startswith("U ") for line in run.stdout.splitlines())
    assert run.stderr == "R: the next run executes it; U: it is up to date; I: it is ignored\n"
    assert start(course, "here", "list").stderr == ""


@pytest.mark.parametrize(
    ("task", "first", "again"),
    [
        (
            "lexicon",
            r"wrote \S*content/lexicon\.tsv: [\d,]+ words? or pairs of words .*, in \d sound lessons; the next build .*",
            "",
        ),
        (
            "redirects",
            r"wrote \S*redirects\.toml: 1 former path more, 0 lead on .*",
            r"no builds saw a rename that \S+ does not have",
        ),
    ],
)
def test_a_task_that_is_asked_for_says_what_it_wrote(course: Project, task: str, first: str, again: str) -> None:
    text = "# Renamed\n\n" + "Words that are its own.\n" * 9
    path = course.write("s/renamed.md", text)
    course.build()
    path.rename(path.with_name("moved.md"))
    course.build()
    for said in (first, again or first):
        assert re.search(f"^{said}$", course.doit(task).text, re.M)


# --- Ctrl-C ---

INTERRUPTED = """
import sys

class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == {!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from doit.doit_cmd import DoitMain
DoitMain().run([])
"""


@pytest.mark.parametrize("module", ["runs.run", "runs.session", "runs.reporter", "state.state"])
def test_an_interrupt_is_told_in_a_line_as_soon_as_the_project_is_at_work(course: Project, module: str) -> None:
    """What Python and doit import before belongs to them."""
    code = INTERRUPTED.format(f"pipeline.builder.{module}")
    run = subprocess.run([sys.executable, "-c", code], cwd=course.root, capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGINT
    assert run.stderr.strip() == "interrupted: the next build goes on from here"


# --- how a folder is named ---


def test_a_fault_of_a_template_is_the_courses_however_its_folder_is_named(course: Project) -> None:
    own = course.root / "own"
    (own / "content").mkdir(parents=True)
    (own / "templates").mkdir()
    (own / "content" / "a.md").write_text("# Một\n")
    (own / "templates" / "lesson.html").write_text("<p>\n{{ nosuch }}\n")
    for folder, named in (("below", "../own/content"), ("own/templates", "../content"), ("own/content", "../content")):
        run = subprocess.run(
            [*DOIT, "-f", str(course.root / "dodo.py"), f"content={named}", "output=../../site"],
            cwd=course.root / folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 1
        assert "own/templates/lesson.html:2: 'nosuch' is undefined" in run.stdout, run.stdout
        assert "a bug in this program" not in run.stdout
