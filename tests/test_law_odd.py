"""The law of `test_law.py` with what people do to files that it does not: names that take each other's places, links,
encodings, parts, settings one by one, other commands, and a state or an output that was deleted. And what is said: that
`explain` and `list` name what then runs, and the last line counts what `report` tells."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from building import Run, read_tree
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from test_law import TRIES, SettledEdits, folders

from pipeline.paths import page_id, task_name

FIELDS = (
    *(
        "draft: true",
        "order: 1",
        "order: soon",
        "title: [",
        "title: Tên mới",
        "titel: x",
        "repair: off",
        "date: 2026-01-02",
    ),
    *("description: Tóm tắt.", "template: special", "aliases: [old/x.md]", "aliases: [old.md, old/]"),
)
LINES = (
    *(
        '--8<-- "a/lesson_2.md"',
        '--8<-- "part.md"',
        "{{#include part.txt}}",
        '--8<-- ".hidden.md"',
        '--8<-- "course.toml"',
    ),
    *(
        "[d](c/)",
        "[[lesson_2]]",
        "![p](hinh.png)",
        "[l](../a/x.md#phần-một)",
        "$\\frac{1}$",
        "![[hinh.png]]",
        "[x](linked/x.md)",
    ),
)
SETTINGS = {
    "title": ('"T2"', '"T3"'),
    "language": ('"en"', '"de"'),
    "base_url": ('"https://example.org/"',),
    "quick_links": ('["c"]', '["gone.md"]'),
    "ignore": ('["x*"]', '["c/*", ".*"]', '["*.png"]'),
    "repair_threshold": ("0.99", "0.1"),
    "edit_url": ('"https://example.org/{path}"',),
    "keep_renames": ("false",),
    "accent": ('"#0a5a9e"', '"#eeeeee"'),
    "font": ('"Literata"',),
    "width": ('"38rem"',),
    "logo": ('"hinh.png"',),
    "favicon": ('"gone.png"',),
    "footer": ('"F"',),
    "sections": ('{ "a" = "Phần A" }', '{ "a" = "Phần A", "c" = "C" }'),
    "nav": ('["a/x.md", { "Nhóm" = ["c/", "gone.md"] }]',),
}
COMMANDS = (
    *(
        "forget render:{page}",
        "forget parse:{path}",
        "forget search:all",
        "forget",
        "clean render:{page}",
        "clean search",
    ),
    *("clean former", "clean", "clean markdown:{path}", "clean site", "lexicon", "redirects", "check", "check --fix"),
    *("repair:{path}", "render", "former", "prune", "--verify", "-a", "report", "info parse:{path}"),
)


class OddEdits(SettledEdits):
    """Random edits of these kinds, and of the usual ones."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: dict[str, str] = {}
        """The settings that are said."""

    def lessons(self) -> list[Path]:
        """Those that the usual edits can read."""
        return [path for path in super().lessons() if path.is_file() and not path.is_symlink() and _is_text(path)]

    def draw_lesson(self, data: st.DataObject) -> Path:
        return data.draw(st.sampled_from(self.lessons()))

    def rename(self, path: Path, target: Path) -> None:
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    @precondition(lambda self: len(self.lessons()) > 1)
    @rule(data=st.data())
    def swap(self, data: st.DataObject) -> None:
        one, other = (self.draw_lesson(data) for _ in range(2))
        one.rename(one.with_name("between"))
        if other != one:
            other.rename(one)
        one.with_name("between").rename(other)

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), form=st.sampled_from((str.swapcase, lambda name: unicodedata.normalize("NFD", f"{name}é"))))
    def name_otherwise(self, data: st.DataObject, form: Callable[[str], str]) -> None:
        path = self.draw_lesson(data)
        self.rename(path, path.with_name(form(path.stem) + path.suffix))

    @precondition(lambda self: self.lessons())
    @rule(
        data=st.data(),
        ending=st.sampled_from(("", ".html", ".md.d")),
        name=st.sampled_from(("index", "README", "_index", "x")),
    )
    def make_a_folder_of_a_lesson(self, data: st.DataObject, ending: str, name: str) -> None:
        path = self.draw_lesson(data)
        self.rename(path, path.with_suffix(ending) / f"{name}.md")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data())
    def make_a_lesson_of_a_folder(self, data: st.DataObject) -> None:
        path = self.draw_lesson(data)
        if path.parent != self.project.content:
            self.rename(path, path.parent.with_name(f"{path.parent.name}.md"))
            if not any(path.parent.iterdir()):
                path.parent.rmdir()

    @precondition(lambda self: len(self.lessons()) > 1)
    @rule(data=st.data(), is_hard=st.booleans())
    def link_a_lesson(self, data: st.DataObject, is_hard: bool) -> None:
        path, other = (self.draw_lesson(data) for _ in range(2))
        if is_hard:
            target = path.with_name("linked.md")
            target.unlink(missing_ok=True)
            os.link(path, target)
        elif other != path:
            path.unlink()
            path.symlink_to(os.path.relpath(other, path.parent))

    @rule(folder=st.sampled_from(("a", "a/b", "c")))
    def link_a_folder(self, folder: str) -> None:
        link = self.project.content / "linked"
        if link.is_symlink():
            link.unlink()
        elif (self.project.content / folder).is_dir() and not link.exists():
            link.symlink_to(folder)

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), encoding=st.sampled_from(("utf-16", "utf-8-sig", "latin-1", "cp1258", "\r\n", "\r")))
    def encode(self, data: st.DataObject, encoding: str) -> None:
        path = self.draw_lesson(data)
        text = path.read_text("utf-8").lstrip("\ufeff")
        if encoding[0] == "\r":
            path.write_bytes(text.replace("\n", encoding).encode())
        else:
            path.write_bytes(text.encode(encoding, "replace"))

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), field=st.sampled_from(FIELDS), is_kept=st.booleans())
    def say_in_front(self, data: st.DataObject, field: str, is_kept: bool) -> None:
        path = self.draw_lesson(data)
        text = re.sub(r"\A---\n.*?^---\n", "", path.read_text("utf-8"), flags=re.S | re.M)
        path.write_text(f"---\n{field}\n---\n{text}" if is_kept else text, "utf-8")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), line=st.sampled_from(LINES))
    def refer(self, data: st.DataObject, line: str) -> None:
        path = self.draw_lesson(data)
        path.write_text(f"{path.read_text('utf-8')}\n\n{line}\n", "utf-8")

    @rule(
        folder=folders,
        name=st.sampled_from(("part.md", "part.txt", ".hidden.md", "x.mdx", "index.html")),
        text=st.sampled_from(("", "Há»c.\n", '--8<-- "part.md"\n', "{{#include part.txt}}\n")),
    )
    def write_part(self, folder: str, name: str, text: str) -> None:
        path = self.project.content / folder / name
        if not text:
            path.unlink(missing_ok=True)
        elif not path.is_dir():
            self.project.write(f"{folder}/{name}".lstrip("/"), text)

    @rule(data=st.data(), name=st.sampled_from(sorted(SETTINGS)))
    def set_one(self, data: st.DataObject, name: str) -> None:
        value = data.draw(st.sampled_from(("", *SETTINGS[name])))
        self.chosen = {**self.chosen, name: value} if value else {k: v for k, v in self.chosen.items() if k != name}
        self.project.write("course.toml", "".join(f"{name} = {value}\n" for name, value in self.chosen.items()))

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), command=st.sampled_from(COMMANDS))
    def ask_for_something_else(self, data: st.DataObject, command: str) -> None:
        path = self.draw_lesson(data).relative_to(self.project.content).as_posix()
        names = {"path": task_name("", path)[1:], "page": task_name("", page_id(path))[1:]}
        self.run(*(word.format(**names) for word in command.split(" ")))

    @rule(way=st.sampled_from(("seal", "warnings", "known.json", "checks.json", "s", "output", "pages")))
    def delete_what_builds_keep(self, way: str) -> None:
        """With `s` the state and the seal: by a seal that holds, a run has nothing to do and asks no state."""
        if way == "output":
            shutil.rmtree(self.project.output, ignore_errors=True)
        elif way == "pages":
            for path in self.project.output.glob("*.html"):
                path.unlink()
        else:
            for path in (self.project.root / ".lesson-pipeline").glob(f"content-output-*/{way}*"):
                path.unlink()

    def run(self, *words: str) -> Run:
        done = self.project.doit(*words)
        assert "Traceback (most recent" not in done.text, done.text
        return done

    @rule()
    def build(self) -> None:
        said = re.findall(r"^([a-z]+(?::\S+?)?): (?=\S)", self.run("explain").text, re.M)
        listed = re.findall(r"^R (\S+:\S+|clear|prune|report)(?= |$)", self.run("list", "--all", "--status").text, re.M)
        done = self.run()
        assert said == done.executed
        assert set(listed) == set(done.executed)
        again, clean = self.run(), self.project.clean_build()
        elsewhere = self.run(f"output={self.project.root / 'clean'}")
        assert again.status == elsewhere.status, (again.text, elsewhere.text)
        if again.status == 0:  # while an error is left the last good pages stay
            assert again.executed == []
            assert read_tree(self.project.output) == clean
            assert _without_time(again.text) == _without_time(elsewhere.text)
            standing = re.search(r"(\d+) warnings? stands? ", again.text)
            assert int(standing[1] if standing else 0) == self.run("report").text.count(": warning: ")

    @invariant()
    def is_built_after_every_edit(self) -> None:
        if self.project.output.exists() and any(self.project.output.iterdir()):
            self.build()


def _is_text(path: Path) -> bool:
    try:
        return "\0" not in path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False


def _without_time(text: str) -> str:
    return re.sub(r", [\d.]+ s$", "", text, flags=re.M)


OddEdits.TestCase.settings = settings(max_examples=TRIES // 50, stateful_step_count=10)
TestLawOfOddEdits = pytest.mark.deep(OddEdits.TestCase)
