"""Commands given one after another, and edits between them -> all that is said, whole, as a person has looked at it.

After a change that is meant, write `golden/talk.txt` anew and look at the difference:

    .venv/bin/python tests/test_golden_talk.py
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from building import Project, some_of_many
from doit.doit_cmd import DoitMain
from test_golden import CASE, FOLDER

from pipeline.commands.program import main
from pipeline.repair.codepages import Channel, damage

GOLDEN = FOLDER / "talk.txt"
# What no machine has like another: times, folders, digests.
_VARIES = (
    (re.compile(r"\b\d+\.\d+ s\b"), "TIME"),
    (re.compile(r'"seconds": [\d.]+'), '"seconds": TIME'),
    (re.compile(r"\.[0-9a-f]{8}\."), ".DIGEST."),
    (re.compile(r'File ".*", line \d+, in .*'), "FILE"),
)

FILES = {
    "course.toml": 'title = "Khóa"\nquick_links = ["a", "mất"]\n',
    "index.md": "# Nhà\n\nChữ của nhà.\n",
    "a/một.md": "# Một\n\nCâu của một. [hai](hai.md#không) [ảnh](ảnh.txt)\n",
    "a/hai.md": "# Hai\n\nCâu của hai. [mất](mất.md)\n",
    "a/ba.md": "# Ba\n\n" + "Một câu dài hơn của bài ba.\n\n" * 9,
    "a/ảnh.txt": "x",
    "hỏng.md": damage("# Hỏng\n\nHọc tập và hỏi. Anh gọi là bạn học tập, nhỏ hay bỏ.\n", Channel("cp1254", "drop")),
}
QUIZ = '{% extends "lesson.html" %}\n'
OUT, ACCEPTED = "out.json", "check-baseline.tsv"
"""Steps that show these files."""
Step = str | Callable[[Project], object]


def write(path: str, text: str | bytes) -> Callable[[Project], object]:
    return lambda project: project.write(path, text)


def rename(old: str, new: str) -> Callable[[Project], object]:
    return lambda project: (project.content / old).rename(project.content / new)


def template(name: str, text: str) -> Callable[[Project], object]:
    return lambda project: (project.root / "templates" / name).write_text(text, "utf-8")


def spoil(*names: str) -> Callable[[Project], object]:
    def delete(project: Project) -> None:
        for name in names:
            (project.output / name).unlink()

    return delete


def lengthen(name: str, by: int = 1) -> Callable[[Project], object]:
    """Add an empty line to a template, or take it away."""

    def edit(project: Project) -> None:
        path = project.root / "templates" / name
        text = path.read_text("utf-8")
        path.write_text(text + "\n" if by > 0 else text[:by], "utf-8")

    return edit


def severities(lines: str) -> Callable[[Project], object]:
    """Say how grave findings are."""

    def edit(project: Project) -> None:
        path, head = project.root / "pyproject.toml", "\n[tool.lesson-pipeline.check]\n"
        path.write_text(path.read_text("utf-8").partition(head)[0] + head + lines, "utf-8")

    return edit


SETTINGS = (
    'title = "Khóa"', 'language = "en"', 'quick_links = ["a"]', 'markers = ["X"]', 'ignore = ["x"]', 'repair = "off"',
    "repair_threshold = 0.5", 'edit_url = "https://example.org/{path}"', 'last_updated = "git"', "keep_renames = false",
    "trusted_html = true", "strict = true",
)  # fmt: skip
TEMPLATES = (
    "base.html", "lesson.html", "section.html", "home.html", "missing.html", "redirect.html", "repairs.html", "robots.txt",
    "sitemap.xml", "feed.xml", "static/site.css",
)  # fmt: skip


TALK: dict[str, tuple[Step, ...]] = {
    "a first build": ("explain", "list --status", "", "", "explain", "list", "list --all --status", "report"),
    "what a task is": ("info parse:a/một.md", "info render:index", "info", "info nothing", "list --all --deps search former"),
    "an edit of a body": (
        write("a/ba.md", "# Ba\n\nCâu khác hẳn.\n"), "explain", "info repair:a/ba.md", "list --all --status", "-v 2", "explain"
    ),
    "an edit of a title": (write("a/hai.md", "# Hai nữa\n\nCâu của hai.\n"), "explain", "explain a/hai.md", "-v 2"),
    "what the settings change": (
        write("course.toml", 'title = "Khác"\nbase_url = "https://example.org/"\nlanguage = "en"\n'),
        "explain", "-r json -o out.json", OUT, write("course.toml", 'tilte = "x"\nlanguage = 1\nstrict = "yes"\n'), "", "list", "explain",
        write("course.toml", 'title = "Khóa"\nstrict = true\n'), "", write("course.toml", 'title = "Khóa"\n'), "",
    ),
    "lessons that come, go and move": (
        rename("a/ba.md", "a/bốn.md"), write("b/năm.md", "# Năm\n\nChữ.\n"), "explain", "", "redirects", "",
        lambda project: (project.content / "a/một.md").unlink(), "explain", "", "lexicon", "explain",
    ),
    "lessons and templates with faults": (
        write("b/năm.md", b"# N\0"), template("quiz.html", "{{ nothing }}"), "explain", "", "-r json -o out.json", OUT, "report",
        write("a/hai.md", "---\ntemplate: quiz\n---\n# Hai nữa\n\nCâu của hai.\n"), "", write("b/năm.md", "# Năm\n\nChữ.\n"),
        template("quiz.html", QUIZ + "{% block txt %}{% endblock %}{% block text %}{{ nothing }}{% endblock %}"), "explain", "",
        template("quiz.html", QUIZ + "{% if %}"), "", "list --all --status render", template("quiz.html", QUIZ), "explain", "",
    ),
    "files of the output": (
        spoil("a/hai.html", "_site/tree.js", "_search/index.js"), "explain", "", "clean render:a/hai parse:a/hai.md", "explain",
        "--verify", "clean", "explain",
    ),
    "marks of tasks": (
        "ignore render:a/hai", "", "list --all --status render", "forget render:a/hai", "explain", "forget", "-a -v 2",
        "repair:a/hai.md parse:a/hai.md", "render:a/h*", "reset-dep",
    ),
    "what is misspelt": (
        "rendr", "expain", "explain nowhere.md", "explain rendr:x", "list nothing", "clean nothing", "forget nothing",
        "contnet=x", "out=x", "WAIT=yes", "foo=bar", "wait=", "output=", "content=nowhere", "output=content/x", "wait=maybe", "trusted=x", "--db-file=x", "--nothing", "explain --nothing",
    ),
    "each setting by itself": (
        write("course.toml", 'base_url = "https://example.org/"'), "",
        *(step for line in SETTINGS for step in (write("course.toml", f'base_url = "https://example.org/"\n{line}'), "explain")),
        write("course.toml", ""), "explain", "",
    ),
    "each template by itself": (
        write("course.toml", 'base_url = "https://example.org/"'), "",
        *(step for name in TEMPLATES for step in (lengthen(name), "explain", lengthen(name, by=-1))), "",
    ),
    "decisions": (
        write("repairs.toml", '[[repair]]\nlesson = "hỏng.md"\ndamaged = "gá»i"\naction = "accept"\nreading = "gọi"\n'),
        "explain", "", write("repairs.toml", "[[repair]]\nlesson = 1\n"), "", write("lexicon.tsv", "x\n"), "",
        write("redirects.toml", '"a" = 1\n'), "report",
    ),
    "what a check tells": (
        *(write(name, "") for name in ("repairs.toml", "lexicon.tsv", "redirects.toml", "course.toml")),
        write("lỗi.md", "# Lỗi\n\n![](ảnh.txt) [x](LỖI.md) [y](a/ha.md) [mất](mất.md)\n\n## A\n\n## A\n\n```pythn\nx\n```\n"),
        write("a/hai.md", "# Hai nữa\n\nCâu. [mất](mất.md) [lỗi](../lỗi.md#a-2)\n"),
        write("a/năm.md", "# Hai nữa\n\nCâu.\n\n<!-- check: off same-titel -->\n"), write("a/sáu.md", "# hai NỮA\n\nCâu.\n"),
        write("c/bảy.md", "# Hai nữa\n\nCâu.\n\n<!-- check: off same-title -->\n"), write("c/tám.md", "# Tám\n\nCâu. tám.csv\n"),
        write("a/index.md", "# A\n\n[hai](hai.md) [năm](năm.md) [bốn](bốn.md)\n"), write("c/index.md", "# C\n\n[bảy](bảy.md)\n"),
        *(write(name, "x") for name in ("c/tám.csv", "c/chín.csv", "c/mười.bin", "c/x.py", "c/favicon.ico", "c/.x/y.bin")),
        "check", "check --format json", "check --format github", "check a", "check c/tám.md lỗi.md", "check c/tam.md",
        "check --format x", "check --since HEAD", write("a/hai.md", "# Hai\n\nCâu.\n"), "check a c/tám.md",
    ),
    "what is accepted": (
        "check --baseline", ACCEPTED, "check", "check --format json", write("a/sáu.md", "# Sáu\n\n[mất](../mất.md)\n"), "check", ACCEPTED,
        write("a/sáu.md", b"# S\0"), write("a/năm.md", "# Năm\n\nCâu.\n"), "check", ACCEPTED, write("a/sáu.md", "# Sáu\n\nCâu.\n"), "check",
        ACCEPTED, "check a",
    ),
    "what is mended": (
        "check --fix --dry-run a", "check --fix --dry-run", "check --dry-run", "check --fix", "check --fix", "check lỗi.md",
        write("lỗi.md", "# Lỗi\n\n[x](LỖI.md) [x](LỖI.md)"), "check --fix",
    ),
    "what the owner said": (
        severities('broken-link = "error"\nsame-title = "off"\n'), write("lỗi.md", "# Lỗi\n\n[x](mất.md) <!-- check: off broken-link -->\n"),
        "check", write("course.toml", 'nav = ["lỗi.md", "a/hai.md"]\n'), "check", severities('broken-lnk = "off"\n'), "check",
        severities('broken-link = "of"\n'), "check", severities(""), write("course.toml", ""), "check",
    ),
}  # fmt: skip
REPAIRS = ("--to OUT", "--write --dry-run", "--write --threshold 1", "--write --threshold 0", "--write", "", "--write --to x",
           "--write --threshold 2", "--write --threshold=-1", "--to OUT --dry-run")  # fmt: skip


def talk(root: Path) -> Iterator[tuple[str, str]]:
    """Each part of the talk, and what is said in it."""
    project = Project(root / "project")
    for path, text in FILES.items():
        project.write(path, text)
    for name, steps in TALK.items():
        said = []
        for step in steps:
            if callable(step):
                step(project)
                continue
            if step in (OUT, ACCEPTED):
                said.append((project.root / step).read_text("utf-8"))
                continue
            run = project.doit(*step.split())
            told = re.sub(r"^\.  .*\n", "", run.text, flags=re.M)
            executed = "".join(f".  {task}\n" for task in sorted(run.executed))  # of named tasks the order is doit's
            said.append(f"$ doit {step}".rstrip() + f"  [{run.status}]\n{executed}{told}")
        yield name, _same_everywhere("".join(said), root)
    yield "files that are repaired", _same_everywhere("".join(_repair(project, root)), root)


def _repair(project: Project, root: Path) -> Iterator[str]:
    project.write("lexicon.tsv", "")
    project.write("repairs.toml", "")
    project.write("b/cũ.md", "# Cu\u0303\n\nA\u0300 va\u0300 a\u0300.\n".encode("cp1258"))
    for arguments in REPAIRS:
        words = [str(root / "out") if word == "OUT" else word for word in arguments.split()]
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            try:
                status = main(["repair", str(project.content), *words])
            except SystemExit as stop:
                status = int(stop.code or 0)
        yield f"$ repair {arguments}".rstrip() + f"  [{status}]\n{out.getvalue()}"


def _same_everywhere(text: str, root: Path) -> str:
    text = text.replace(f"{root}/", "").replace(str(root), ".")
    text = re.sub(rf"(?<![\w-]){re.escape(DoitMain.BIN_NAME)}(?![\w-])", "doit", text)  # that of a worker is `-c`
    for pattern, words in _VARIES:
        text = pattern.sub(words, text)
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))


def write_down(root: Path) -> str:
    return "".join(f"{CASE}{name}\n{said}\n" for name, said in talk(root))


@pytest.mark.parametrize("way", some_of_many(["asked", "sealed"], "sealed"), indirect=True)
def test_what_is_said_is_what_a_person_has_looked_at(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    kept = {part.partition("\n")[0]: part for part in GOLDEN.read_text("utf-8").split(CASE)[1:]}
    for name, said in talk(tmp_path):
        assert f"{name}\n{said}\n" == kept.pop(name, "")
    assert not kept


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(write_down(Path(folder).resolve()), "utf-8")
