"""Lessons with parts: `--8<-- "part.md"` and `{{#include part.rs}}`."""

from __future__ import annotations

import pytest
from building import Project, read_tree
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.parse.includes import (
    MAX_INCLUDE_DEPTH,
    MAX_INCLUDED,
    MAX_INCLUDES,
    MAX_READ,
    expand_includes,
    place_of_line,
)
from pipeline.values import TextSpan

FILES = {
    "parts/một.md": "---\ntitle: x\n---\nmột\nhai\nba\n",
    "parts/mã.rs": "// ANCHOR: đầu\nfn a() {}\n// ANCHOR_END: đầu\nfn b() {}\n",
    "parts/tên.txt": "ngoài\n# --8<-- [start:giữa]\ntrong\n# --8<-- [end:giữa]\n",
    "parts/vòng.md": "trước\n{{#include vòng.md}}\nsau\n",
    "parts/cha.md": "cha\n{{#include một.md}}\n",
}

SHOWN = [
    ("a snippet", '--8<-- "parts/một.md"', "một\nhai\nba"),
    ("in single quotes", "-8<- 'parts/một.md'", "một\nhai\nba"),
    ("from a line on", '--8<-- "parts/một.md:5"', "hai\nba"),
    ("some lines", '--8<-- "parts/một.md:4:5"', "một\nhai"),
    ("up to a line", "{{#include parts/mã.rs::2}}", "fn a() {}"),
    ("one line", "{{#include parts/mã.rs:4}}", "fn b() {}"),
    ("a section", '--8<-- "parts/tên.txt:giữa"', "trong"),
    ("an anchor", "{{#include parts/mã.rs:đầu}}", "fn a() {}"),
    ("no marks of sections", "{{#rustdoc_include parts/mã.rs}}", "fn a() {}\nfn b() {}"),
    ("code to run", "{{#playground parts/mã.rs:đầu editable}}", "```rust\nfn a() {}\n```"),
    ("several", "--8<--\nparts/một.md:6\n;parts/mã.rs\n\nparts/tên.txt:giữa\n--8<--", "ba\ntrong"),
    ("as far indented as it is asked for", '- x\n\n    --8<-- "parts/một.md:5"', "- x\n\n    hai\n    ba"),
    ("in code", "```\n{{#include parts/mã.rs:4}}\n```", "```\nfn b() {}\n```"),
    ("a part of a part", "{{#include parts/cha.md}}", "cha\nmột\nhai\nba"),
    ("what is only shown", ';--8<-- "x"\n\\{{#include x}}', '--8<-- "x"\n{{#include x}}'),
    ("prose", "Viết `{{#include x}}` hay {{#include x}} giữa câu, 8<- {{ x }}", None),
]


@pytest.mark.parametrize(("text", "shown"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_a_part_stands_in_the_place_of_its_name(text: str, shown: str | None) -> None:
    found = expand_includes(f"đầu\n{text}\ncuối", "a.md", FILES.get)
    assert found.text == f"đầu\n{text if shown is None else shown}\ncuối"
    assert found.diagnostics == ()


WRONG = [
    ("{{#include gone.md}}", "'gone.md' cannot be included: there is no such file in the course", ""),
    ("{{#include ../x.md}}", "'../x.md' cannot be included: it is outside of the course", ""),
    ('--8<-- "/etc/passwd"', "'/etc/passwd' cannot be included: only files of the course can", ""),
    ('--8<-- "https://example.org/x"', "'https://example.org/x' cannot be included: only files of the course can", ""),
    ("{{#include parts/mã.rs:cuối}}", "there is no part 'cuối' in the file", ""),
    ("{{#include parts/vòng.md}}", "'parts/vòng.md' includes itself: parts/vòng.md -> parts/vòng.md", "parts/vòng.md"),
    ("{{#include a.md}}", "'a.md' includes itself: a.md -> a.md", ""),
]


@pytest.mark.parametrize(("text", "message", "path"), WRONG)
def test_what_cannot_be_included_is_told_with_its_place(text: str, message: str, path: str) -> None:
    severity = "error" if "includes itself" in message else "warning"
    (told,) = expand_includes(f"x\n{text}", "a.md", {**FILES, "a.md": text}.get).diagnostics
    assert (told.message, told.severity, told.line, told.path) == (message, severity, 2, path)


def test_depth_number_and_size_have_limits() -> None:
    deep = {f"{n}.md": f"{{{{#include {n + 1}.md}}}}" for n in range(99)}
    (told,) = expand_includes(deep["0.md"], "x.md", deep.get).diagnostics
    assert (told.message, told.path) == ("parts are included more than 10 deep", f"{MAX_INCLUDE_DEPTH}.md")
    twice = {f"{n}.md": f"{{{{#include {n + 1}.md}}}}\n" * 2 for n in range(99)}
    found = expand_includes(twice["0.md"], "x.md", twice.get)
    assert any(f"more than {MAX_INCLUDES:,} parts" in told.message for told in found.diagnostics)
    for most, told_of in ((MAX_INCLUDES, 0), (MAX_INCLUDES + 1, 1)):
        found = expand_includes("{{#include b.md}}\n" * most, "a.md", {"b.md": "x"}.get)
        assert len(found.diagnostics) == told_of
    large = {"b.md": "x" * (MAX_INCLUDED // 3)}
    found = expand_includes("{{#include b.md}}\n" * 5, "a.md", large.get)
    assert len(found.text) < MAX_INCLUDED
    assert "at most 250,000 characters" in found.diagnostics[0].message
    many = {f"{n}.md": "x\n" * (MAX_READ // 8) for n in range(9)}
    found = expand_includes("".join(f"{{{{#include {name}:1}}}}\n" for name in many), "a.md", many.get)
    assert len(found.asked) == 5
    assert found.text.startswith("x\n" * 4 + "{{#include")
    assert "at most 1,000,000 characters" in found.diagnostics[0].message


def test_what_cannot_be_read_is_told() -> None:
    def read(path: str) -> str:
        raise SourceError("no text")

    (told,) = expand_includes("{{#include b.md}}", "a.md", read).diagnostics
    assert told.message == "no text"


own_lines = st.sampled_from(["a", "", "  b", "{{#include parts/một.md}}", '--8<-- "parts/cha.md"', "{{#include gone}}"])


@given(st.lists(own_lines, min_size=1), st.data())
def test_each_line_is_known_by_where_it_stands(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    found = expand_includes(text, "a.md", FILES.get)
    for number, line in enumerate(found.text.split("\n"), 1) if found.lines else ():
        path, there, at = place_of_line(number, found.lines)
        assert (FILES[path] if path else text).split("\n")[there - 1].strip() == line.strip()
        assert path == "" or "8<-" in lines[at - 1] or "#include" in lines[at - 1]
    start = data.draw(st.integers(0, len(text)))
    span = TextSpan(start, data.draw(st.integers(start, len(text))))
    for moved in expand_includes(text, "a.md", FILES.get, [span]).doubts:
        assert found.text[moved.start : moved.end] == text[span.start : span.end]


# --- in a build ---


@pytest.fixture
def course(project: Project) -> Project:
    project.write("a.md", '# A\n\n--8<-- "parts/b.md"\n\n[x](gone.md)\n')
    project.write("c.md", "# C\n\n```rust\n{{#include parts/d.rs}}\n```\n")
    project.write("e.md", "# E\n\nKhông có gì.\n")
    project.write("parts/b.md", "---\ndraft: true\n---\nPhần **b**.\n")
    project.write("parts/d.rs", "fn d() {}\n")
    return project


STEPS = (
    {"parts/b.md": "Phần *mới*.\n"},
    {"parts/d.rs": "fn moi() {}\n"},
    {"parts/b.md": None},
    {"parts/b.md": "Lại có.\n\n{{#include f.txt}}\n"},
    {"parts/f.txt": "Từ f.\n"},
    {"parts/f.txt": "Từ f, sửa.\n", "e.md": "# E\n\nSửa.\n"},
    {"parts/f.txt": None, "a.md": "# A\n\nHết.\n"},
)


def test_an_incremental_build_of_parts_equals_a_clean_one(course: Project, project: Project) -> None:
    course.build()
    for step in STEPS:
        for path, text in step.items():
            if text is None:
                (course.content / path).unlink()
            else:
                course.write(path, text)
        course.doit()
        assert read_tree(course.output) == course.clean_build(), step


def test_an_edited_part_makes_what_includes_it_again_and_nothing_else(course: Project) -> None:
    course.build()
    course.write("parts/d.rs", "fn moi() {}\n")
    run = course.doit()
    assert "moi" in course.page("c.html")
    executed = {task for task in run.executed if task.startswith(("repair:", "parse:"))}
    assert executed == {"repair:c.md", "parse:c.md"}
    assert course.doit().executed == []


def test_lines_are_those_of_the_file_that_they_stand_in(course: Project) -> None:
    course.write("parts/b.md", "---\ndraft: true\n---\nmột\n\n[y](#không)\n")
    run = course.doit()
    assert "content/a.md:5:5: warning: link to 'gone.md' leads nowhere" in run.text
    assert "content/parts/b.md:6: warning: link to '#không': this lesson has no such heading" in run.text


def test_what_is_outside_of_the_course_or_left_out_is_never_read(course: Project) -> None:
    (course.content.parent / "secret.txt").write_text("bí mật")
    (course.content / "link.txt").symlink_to(course.content.parent / "secret.txt")
    course.write(".env", "bí mật")
    names = ("../secret.txt", "link.txt", ".env", "course.toml")
    course.write("a.md", "# A\n\n" + "".join(f"{{{{#include {name}}}}}\n" for name in names))
    course.write("course.toml", "# bí mật\n")
    run = course.doit()
    assert run.status == 1
    assert [f"a.md:{line}: " in run.text for line in (3, 4, 5, 6)] == [True] * 4
    assert "bí mật" not in course.page("a.html")


def test_a_part_that_is_too_large_or_no_text_is_told_and_asked_again_only_when_it_changes(course: Project) -> None:
    course.write("parts/b.txt", b"x" * 5_000_001)
    course.write("parts/c.bin", b"\x00\xff\xfe\x00\x81")
    course.write("a.md", "# A\n\n{{#include parts/b.txt}}\n\n{{#include parts/c.bin}}\n")
    assert "a.md:3: 'parts/b.txt'" in course.doit().text or "a.md:3: a part of 5.0 MB" in course.doit().text
    assert not {task for task in course.doit().executed if task.startswith("repair:a")}
    course.write("parts/b.txt", "vừa\n")
    course.doit()
    assert "vừa" in course.page("a.html")
