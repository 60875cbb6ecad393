"""The law: after any sequence of edits, `output/` equals a clean build byte for byte, and a
second run executes nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from building import InOneProcess, Project, ask_every_task, read_tree
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipeline.builder.stages import action

FOLDERS = ("", "a", "a/b", "c")
NAMES = ("lesson_2", "lesson_10", "index", "README", "bài học", "x")
TITLES = ("Vòng lặp", "Lists & sets", "", "Học <b>tập</b>", "2. Danh sách")
BODIES = (
    "Câu đầu tiên. Câu thứ hai.",
    "One sentence only.\n\n## Phần một\n\nText\n\n## Phần một",
    "Há»c vÃ\xa0 lÃ\xa0m.",
    "Text\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "<!-- Aero-Navigation-Start -->\n[x](../../x.md)\n<!-- Aero-Navigation-End -->\nSau.",
)
LINKS = (
    "lesson_2.md",
    "../a/lesson_10.md#phần-một",
    "/c/index.md",
    "a/",
    "hinh.png",
    "../x.md",
    "b/README.md#không-có",
    "README.md#phần-một",
    "../README.html",
    "b/#phần-một",
    "./#phần-hai",
)
SETTINGS = (
    "",
    'title = "Khóa"\n',
    'language = "en"\n',
    'quick_links = ["a", "c/x.md"]\n',
    'markers = ["Other"]\n',
    'repair = "off"\n',
    'ignore = ["x.md"]\n',
    'nav = [{ "Nhóm" = ["a/lesson_2.md", "x.md", { "C" = ["c/x.md", "a/b/"] }] }, { "D" = ["c/index.md", "a/x.md"] }]\n',
)

ABOUT = {
    "course.toml": SETTINGS,
    "redirects.toml": (
        '"old.md" = "a/lesson_2.md"\n',
        '"a/lesson_2.md" = "c/x.md"\n"old/x.md" = "a/lesson_10.md"\n',
        "# nothing\n",
    ),
    "repairs.toml": (
        '[[repair]]\nlesson = "a/lesson_2.md"\ndamaged = "Há»c"\naction = "reject"\n',
        '[[repair]]\nlesson = "c/x.md"\ndamaged = "Há»c"\naction = "replace"\nreading = "Hời"\n',
    ),
    "lexicon.tsv": ("học\t3\n", "hờc\t90\n"),
    "../templates/locale/vi.po": ('msgid "Contents"\nmsgstr "Mục"\n', 'msgid "Search"\nmsgstr "Kiếm"\n'),
    "../templates/static/course.css": ("p { color: red }\n", "p { color: blue }\n"),
}
"""Files about a course, by their path from its content folder, and what they may say."""

TRIES = settings().max_examples
"""How many texts a law is tried with in this tier: 50 or, with `--deep`, 500."""

folders = st.sampled_from(FOLDERS)
names = st.sampled_from(NAMES)


class Edits(RuleBasedStateMachine):
    """Random edits of a course, with every task asked by each build; `build` checks the law."""

    kind = Project

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.project = self.kind(Path(self.folder.name) / "project")
        self.patches = pytest.MonkeyPatch()
        self.set_way()

    def set_way(self) -> None:
        ask_every_task(self.patches)

    def teardown(self) -> None:
        self.patches.undo()
        self.folder.cleanup()

    @initialize()
    def start(self) -> None:
        self.git("init", "-q")
        for state in ("one", "two"):
            self.project.write("a/x.md", f"# Trạng thái {state}\n\n{state}\n")
            self.keep_in_history(state)
        self.project.write("a/lesson_2.md", "# Hai\n\nBài hai.\n\n[ba](lesson_10.md)\n")
        self.project.write("a/lesson_10.md", "# Mười\n\nBài mười.\n\n## Phần một\n")
        self.build()

    def lessons(self) -> list[Path]:
        return sorted(path for path in self.project.content.rglob("*.m*") if path.suffix in (".md", ".markdown"))

    @rule(
        folder=folders,
        name=names,
        title=st.sampled_from(TITLES),
        body=st.sampled_from(BODIES),
        link=st.sampled_from(LINKS),
        order=st.sampled_from(("", "order: 1", "draft: true", "title: Tên riêng")),
    )
    def write_lesson(self, folder: str, name: str, title: str, body: str, link: str, order: str) -> None:
        front = f"---\n{order}\n---\n" if order else ""
        heading = f"# {title}\n\n" if title else ""
        text = f"{front}{heading}{body}\n\n[link]({link}) ![image](hinh.png)\n"
        self.project.write(f"{folder}/{name}.md".lstrip("/"), text)

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), body=st.sampled_from(BODIES))
    def edit_body(self, data: st.DataObject, body: str) -> None:
        path = data.draw(st.sampled_from(self.lessons()))
        path.write_text(f"{path.read_text('utf-8')}\n{body}\n", "utf-8")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), title=st.sampled_from(TITLES))
    def edit_title(self, data: st.DataObject, title: str) -> None:
        path = data.draw(st.sampled_from(self.lessons()))
        text = re.sub(r"^# .*$|\A(?!---)", f"# {title}\n", path.read_text("utf-8"), count=1, flags=re.M)
        path.write_text(text, "utf-8")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), heading=st.sampled_from(("Phần một", "Phần hai")))
    def edit_heading(self, data: st.DataObject, heading: str) -> None:
        path = data.draw(st.sampled_from(self.lessons()))
        text = re.sub(r"^## .*$|\Z", f"\n## {heading}\n", path.read_text("utf-8"), count=1, flags=re.M)
        path.write_text(text, "utf-8")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data())
    def edit_one_letter(self, data: st.DataObject) -> None:
        """The size stays the same, and the clock may too."""
        path = data.draw(st.sampled_from(self.lessons()))
        text = path.read_text("utf-8")
        path.write_text(text.replace("i", "\0").replace("o", "i").replace("\0", "o"), "utf-8")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), seconds=st.sampled_from((0, -3600, 3600)), in_place=st.booleans())
    def edit_under_a_clock_that_lies(self, data: st.DataObject, seconds: int, in_place: bool) -> None:
        """The clock stands still, goes back or ahead; the file is written over or replaced."""
        path = data.draw(st.sampled_from(self.lessons()))
        before = path.stat().st_mtime_ns
        target = path if in_place else path.with_suffix(".new")
        target.write_text(path.read_text("utf-8") + "\nThêm.\n", "utf-8")
        os.utime(target, ns=(before, before + seconds * 10**9))
        target.replace(path)

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), moment=st.integers(1, 12), title=st.sampled_from(TITLES), gone=st.booleans())
    def edit_while_a_build_runs(self, data: st.DataObject, moment: int, title: str, gone: bool) -> None:
        """What the build has not seen is built by the next one."""
        edited, other = data.draw(st.sampled_from(self.lessons())), data.draw(st.sampled_from(self.lessons()))
        other.write_text(other.read_text("utf-8") + "\nThêm.\n", "utf-8")
        steps_done = 0

        def run_and_edit(*task: Any) -> dict[str, Any]:
            nonlocal steps_done
            done = run_step(*task)
            steps_done += 1
            if steps_done == moment and edited.exists():
                if gone:
                    edited.unlink()
                else:
                    edited.write_text(f"# {title}\n\nTrong lúc dựng.\n", "utf-8")
            return done

        run_step = action.run_step
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(action, "run_step", run_and_edit)
            self.project.doit()

    @rule(folder=folders, readme=st.sampled_from(("README.md", "readme.markdown")), title=st.sampled_from(TITLES))
    def turn_the_text_of_a_folder(self, folder: str, readme: str, title: str) -> None:
        """An `index.md` comes or goes beside a `README.md`, which is another page then."""
        own = self.project.content / folder / "index.md"
        names = {path.name.lower() for path in own.parent.glob("*")} if own.parent.exists() else set()
        if names.isdisjoint(("readme.md", "readme.markdown")):  # two of one name are a fault
            self.project.write(f"{folder}/{readme}".lstrip("/"), f"# {title}\n\nĐọc.\n\n## Phần một\n")
        if own.exists():
            own.unlink()
        else:
            own.write_text(f"# {title}\n\nMục lục.\n\n## Phần hai\n", "utf-8")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data())
    def remove_lesson(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.lessons())).unlink()

    @precondition(lambda self: self.lessons())
    @rule(data=st.data(), folder=folders, name=names)
    def move_lesson(self, data: st.DataObject, folder: str, name: str) -> None:
        path = data.draw(st.sampled_from(self.lessons()))
        target = self.project.content / folder / f"{name}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)

    @rule(old=st.sampled_from(("a", "a/b", "c")), new=st.sampled_from(("d", "a/e", "c")))
    def move_folder(self, old: str, new: str) -> None:
        source, target = self.project.content / old, self.project.content / new
        if source.is_dir() and not target.exists() and source not in target.parents:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)

    @rule(folder=st.sampled_from(("a/b", "c", "d")))
    def remove_folder(self, folder: str) -> None:
        shutil.rmtree(self.project.content / folder, ignore_errors=True)

    @rule(folder=folders, content=st.sampled_from((b"one", b"two", b"other")))
    def write_asset(self, folder: str, content: bytes) -> None:
        self.project.write(f"{folder}/hinh.png".lstrip("/"), content)

    @rule(
        data=st.data(), name=st.sampled_from(sorted(ABOUT)), way=st.sampled_from(("edit", "replace", "empty", "delete"))
    )
    def edit_file_about_the_course(self, data: st.DataObject, name: str, way: str) -> None:
        path = self.project.content / name
        if way == "delete":
            path.unlink(missing_ok=True)
            return
        text = data.draw(st.sampled_from(ABOUT[name])) if way != "empty" else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new") if way == "replace" else path
        written.write_text(text, "utf-8")
        written.replace(path)

    @rule(way=st.sampled_from(("empty", "delete")))
    def edit_notes(self, way: str) -> None:
        """What builds saw renamed is theirs to read, and a person's to take out."""
        notes = self.project.renames
        if way == "delete":
            notes.unlink(missing_ok=True)
        elif notes.exists():
            notes.write_text("", "utf-8")

    @rule()
    def keep_renames(self) -> None:
        assert self.project.doit("redirects").status == 0

    @rule(folder=folders, title=st.sampled_from(TITLES))
    def number_anew(self, folder: str, title: str) -> None:
        """A new lesson comes first, and each that is there makes room."""
        place = self.project.content / folder
        numbers = (int(found[1]) for path in place.glob("*.md") if (found := re.fullmatch(r"lesson_(\d+)", path.stem)))
        for number in sorted(numbers, reverse=True):
            (place / f"lesson_{number}.md").replace(place / f"lesson_{number + 1}.md")
        self.project.write(f"{folder}/lesson_2.md".lstrip("/"), f"# {title}\n\nBài mới.\n")

    def git(self, *arguments: str) -> None:
        where = [f"--git-dir={self.project.root / 'history'}", f"--work-tree={self.project.content}"]
        name = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"]
        subprocess.run(["git", *where, *name, *arguments], check=True, capture_output=True)

    @rule(state=st.sampled_from(("one", "two")))
    def keep_in_history(self, state: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", state, "--allow-empty")
        self.git("branch", "-f", f"state-{state}")

    @rule(state=st.sampled_from(("one", "two")))
    def check_out(self, state: str) -> None:
        """The content is that of another commit at once."""
        self.git("checkout", "-qf", "--detach", f"state-{state}")

    @rule(name=st.sampled_from(("lesson.html", "section.html", "parts.html", "static/site.css")))
    def edit_template(self, name: str) -> None:
        path = self.project.root / "templates" / name
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")

    @precondition(lambda self: self.lessons())
    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.lessons())).touch()

    @precondition(lambda self: any(path.is_file() for path in self.project.output.rglob("*")))
    @rule(data=st.data())
    def spoil_output(self, data: st.DataObject) -> None:
        files = sorted(path for path in self.project.output.rglob("*") if path.is_file())
        path = data.draw(st.sampled_from(files))
        if data.draw(st.booleans()):
            path.unlink()
        else:
            path.write_bytes(b"edited by hand")

    @precondition(lambda self: self.kind is Project)
    @rule()
    def move_all(self) -> None:
        """As a fresh clone beside a restored state and output: no file has the stamp that it had."""
        old = self.project
        self.project = old.copy_to(old.root.with_name(f"{old.root.name}-"), with_times=False)
        shutil.rmtree(old.root)

    @rule()
    def build(self) -> None:
        self.project.build()
        assert read_tree(self.project.output) == self.project.clean_build()
        again = self.project.build()
        assert again.executed == []


class SettledEdits(Edits):
    """The same when the clock is trusted at once: finished builds are sealed, and the next run
    makes only the tasks that an edit can reach. Otherwise no test would wait for a seal."""

    def set_way(self) -> None:
        self.patches.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)

    @invariant()
    def is_built_after_every_edit(self) -> None:
        if self.project.output.exists():
            self.build()
            # What the index of reads found covers what asking every task finds.
            listed = self.project.doit("list", "--all", "--status").text
            assert "\nU render:" in listed
            assert "\nR " not in listed


class EditsMovedEachTime(SettledEdits):
    """The same when each build is in a place of its own."""

    @rule()
    def build(self) -> None:
        self.move_all()
        super().build()


class EditsOfAMoment(SettledEdits):
    """The same when everything, the code too, was written so recently that no stamp says anything of it."""

    def set_way(self) -> None:
        self.patches.setattr("pipeline.builder.disk.sweep.RACY_NS", 10**18)


class EditsBuiltAhead(SettledEdits):
    """The same when other processes work ahead, however little there is to do."""

    def set_way(self) -> None:
        super().set_way()
        self.patches.setattr("pipeline.builder.course.ahead.FEWEST_JOBS", 1)
        self.patches.setattr("pipeline.builder.executors.pool.BATCH_JOBS", 2)


class EditsInOneProcess(SettledEdits):
    """The same when one process makes build after build, with all that it keeps of the code and of templates."""

    kind = InOneProcess


# A thousand edits in the deep tier, all together. The builds of one walk are some twenty times as much work as a text of
# another law.
EditsBuiltAhead.TestCase.settings = settings(max_examples=TRIES // 25, stateful_step_count=8)
TestLawOfWorkAhead = EditsBuiltAhead.TestCase

EditsInOneProcess.TestCase.settings = settings(max_examples=TRIES // 25, stateful_step_count=8)
TestLawOfOneProcess = EditsInOneProcess.TestCase

EditsMovedEachTime.TestCase.settings = settings(max_examples=TRIES // 25, stateful_step_count=8)
TestLawOfMovedBuilds = pytest.mark.deep(EditsMovedEachTime.TestCase)

EditsOfAMoment.TestCase.settings = settings(max_examples=TRIES // 50, stateful_step_count=8)
TestLawOfUnsettledBuilds = pytest.mark.deep(EditsOfAMoment.TestCase)

SettledEdits.TestCase.settings = settings(max_examples=TRIES // 14, stateful_step_count=10)
TestLawOfSealedBuilds = SettledEdits.TestCase

Edits.TestCase.settings = settings(max_examples=TRIES // 10, stateful_step_count=10)
TestLaw = Edits.TestCase
