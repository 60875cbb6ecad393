"""Doubt belongs to a person: marks, the report, decisions, the lexicon, and sources mended in place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import lxml.html
import pytest
from building import PROJECT, Project, read_tree

from pipeline.builder import rewrite
from pipeline.commands.program import main
from pipeline.decisions import parse_decisions
from pipeline.errors import SettingsError
from pipeline.repair.codepages import Channel, damage

pytestmark = pytest.mark.usefixtures("models_let_go")

TRUTH = "# Học tập liên tục\n\nĐây là bài học về **ngôn ngữ**. Hãy đọc và nhớ bài, rồi hỏi.\n\nĐọc `đường` đi.\n"


def damaged(text: str) -> str:
    return damage(text, Channel("cp1254", "drop"))


@pytest.fixture
def course(project: Project) -> Project:
    project.write("course.toml", "repair_threshold = 0.9999\n")
    project.write("a/hong.md", damaged(TRUTH))
    project.write("a/lanh.md", "# Lành\n\nBài lành, học tập.\n")
    return project


def test_a_doubtful_word_is_marked_in_its_page_and_listed_for_review(course: Project) -> None:
    run = course.build()
    report = json.loads((course.output / "_repairs/report.json").read_text("utf-8"))
    (lesson,) = report["damaged_lessons"]
    assert lesson["lesson"] == "a/hong.md"
    assert lesson["review"]
    page = course.page("a/hong.html")
    for repair in lesson["review"]:
        assert repair["before"] in damaged(TRUTH).split("\n")[repair["line"] - 1]
        assert 0 <= repair["confidence"] < 0.9999
    assert '<mark class="doubt">' in page
    assert "\ufdd0" not in page
    assert "need a person" in run.text
    html = course.page("_repairs/index.html")
    assert "a/hong.md" in html
    assert "a/lanh.md" not in html
    assert not (course.output / "_repairs/a/lanh.md.json").exists()


NAVIGATION = "<!-- Aero-Navigation-Start -->\n{}\n<!-- Aero-Navigation-End -->\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a/hong.md", "# Sound\n\nText.\n\n" + NAVIGATION.format(damaged("Học tập, rồi hỏi."))),
        ("a/index.md", damaged("# Học tập liên tục\n\n- [Hãy đọc, rồi hỏi](lanh.md)\n")),
    ],
)
def test_doubts_about_what_no_page_shows_are_not_told(course: Project, path: str, text: str) -> None:
    (course.content / "a/hong.md").unlink()
    course.write("course.toml", "repair_threshold = 1\n")
    course.write(path, text)
    assert "need a person" not in course.build().text
    account = json.loads((course.output / f"_repairs/{path}.json").read_text("utf-8"))
    assert account["repairs"]
    (lesson,) = json.loads(course.page("_repairs/report.json"))["damaged_lessons"]
    assert lesson["review"] == []
    course.write("course.toml", 'repair_threshold = 1\nmarkers = ["Other"]\n')
    assert ("need a person" in course.build().text) is (path == "a/hong.md")
    assert read_tree(course.output) == course.clean_build()


def test_a_doubt_about_a_byte_order_mark_is_none(course: Project) -> None:
    course.write("course.toml", "repair_threshold = 1\n")
    course.write("a/hong.md", "ï»¿# Sound\n\nText.\n")
    assert "need a person" not in course.build().text
    assert "<h1>Sound</h1>" in course.page("a/hong.html")


def test_every_repair_is_in_the_account_of_its_lesson(course: Project) -> None:
    course.build()
    account = json.loads((course.output / "_repairs/a/hong.md.json").read_text("utf-8"))
    lines = damaged(TRUTH).split("\n")
    for repair in reversed(account["repairs"]):
        line, start = lines[repair["line"] - 1], repair["column"] - 1
        assert line[start : start + len(repair["before"])] == repair["before"]
        lines[repair["line"] - 1] = line[:start] + repair["after"] + line[start + len(repair["before"]) :]
    assert "\n".join(lines) == TRUTH


def test_the_report_gives_decisions_that_can_be_copied(course: Project) -> None:
    course.write("a/hong.md", damaged(TRUTH + "\nĐà này là gì?\n"))
    course.write("course.toml", "repair_threshold = 1\n")
    course.build()
    page = lxml.html.fromstring(course.page("_repairs/index.html"))
    text = "\n".join(item.text_content() for item in page.xpath("//details//code"))
    decisions = parse_decisions(text)["a/hong.md"]
    review = json.loads((course.output / "_repairs/report.json").read_text("utf-8"))["damaged_lessons"][0]["review"]
    assert decisions == {repair["before"]: repair["after"] for repair in review}
    course.write("repairs.toml", text)
    run = course.build()
    assert "need a person" not in run.text
    assert "matches nothing" not in run.text


def test_a_mended_lesson_loses_its_account(course: Project) -> None:
    course.build()
    course.write("a/hong.md", TRUTH)
    course.build()
    assert not (course.output / "_repairs/a").exists()
    assert read_tree(course.output) == course.clean_build()


def test_decisions_are_honoured_and_make_only_their_lesson_stale(course: Project) -> None:
    course.write("b/hong.md", damaged(TRUTH))
    course.build()
    course.write(
        "repairs.toml",
        '[[repair]]\nlesson = "a/hong.md"\ndamaged = "há»i"\naction = "replace"\nreading = "hời"\n'
        '[[repair]]\nlesson = "a/hong.md"\ndamaged = "Há»c"\naction = "reject"\n',
    )
    run = course.build()
    assert {task for task in run.executed if task.startswith("repair:")} == {"repair:a/hong.md"}
    page = course.page("a/hong.html")
    assert "rồi hời" in page
    assert "Há»c" in page
    assert "rồi hỏi" in course.page("b/hong.html").replace('<mark class="doubt">', "").replace("</mark>", "")
    assert not (course.output / "repairs.toml").exists()
    assert read_tree(course.output) == course.clean_build()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[repair]]\nlesson = "a"\ndamaged = "x"\n', "'action' must be one of"),
        ('[[repair]]\nlesson = "a"\ndamaged = "x"\naction = "accept"\n', "'reading' is missing"),
        ('[[repair]]\nlesson = "a"\nword = "x"\naction = "reject"\n', "there is no 'word'"),
        ('[[fix]]\nlesson = "a"\n', "there is no 'fix'"),
        ("[[repair]\n", "no TOML"),
    ],
)
def test_a_decision_that_cannot_be_read_is_told(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words.replace("[", r"\[")):
        parse_decisions(text)


def test_a_broken_decision_is_told_and_those_beside_it_are_heeded(course: Project) -> None:
    course.write(
        "repairs.toml",
        '[[repair]]\nlesson = "a"\n\n[[repair]]\nlesson = "a/hong.md"\ndamaged = "gá»i"\naction = "reject"\n',
    )
    run = course.doit()
    assert run.status == 1
    assert "\ncontent/repairs.toml:1: [[repair]] number 1: 'action' must be one of" in run.text
    assert run.text.count("repairs.toml:") == 1


def test_the_lexicon_is_written_on_request_only_and_makes_repairs_stale(course: Project) -> None:
    course.write("a/ten.md", "# Kvần\n\nKvần và Kvần học tập.\n")
    course.build()
    assert not (course.content / "lexicon.tsv").exists()
    assert course.build().executed == []
    assert course.doit("lexicon").status == 0
    text = (course.content / "lexicon.tsv").read_text("utf-8")
    assert "kvần\t3" in text
    assert "liên" not in text
    run = course.build()
    assert "repair:a/hong.md" in run.executed
    assert not (course.output / "lexicon.tsv").exists()
    assert course.build().executed == []


@pytest.mark.parametrize(
    "block",
    ["<!-- repair: off -->\n\nHá»c táºp\n\n<!-- repair: on -->", "```\nHá»c táºp\n```", "Viết `Há»c táºp` là sai."],
)
def test_mojibake_quoted_on_purpose_stays(project: Project, block: str) -> None:
    project.write("a.md", f"# Bài\n\nHọc tập.\n\n{block}\n")
    project.build()
    assert "Há»c táºp" in project.page("a.html")


def test_repair_off_in_the_front_matter_is_heeded(project: Project) -> None:
    project.write("a.md", "---\nrepair: off\n---\n# Bài\n\nHá»c táºp\n")
    project.build()
    assert "Há»c táºp" in project.page("a.html")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_repair_command_keeps_a_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "a.md").write_bytes(mark + damaged(TRUTH).encode())
    assert main(["repair", str(tmp_path / "a.md"), "--to", str(tmp_path / "b.md")]) == 0
    assert (tmp_path / "b.md").read_bytes() == mark + TRUTH.encode()


def test_the_repair_command_gives_what_the_build_works_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = Path(shutil.copytree(PROJECT / "content", tmp_path / "source"))
    assert main(["repair", str(source), "--to", str(tmp_path / "mended")]) == 0
    output = capsys.readouterr().out
    assert "cp1254-drop" in output
    project = Project(tmp_path / "project")
    shutil.rmtree(project.content)
    shutil.copytree(source, project.content)
    project.build()
    built = read_tree(project.output)
    for path in sorted((tmp_path / "mended").rglob("*.md")):
        project.write(path.relative_to(tmp_path / "mended").as_posix(), path.read_bytes())
    run = project.build()
    assert run.stages() <= {"repair", "parse", "markdown", "repairs", "render", "prune"}
    pages = {name: page for name, page in read_tree(project.output).items() if not name.startswith("_repairs")}
    marks = {b'<mark class="doubt">', b"</mark>"}
    for name, page in pages.items():
        before = built[name]
        for mark in marks:
            before = before.replace(mark, b"")
        assert page == before, name


def test_write_mends_only_what_is_sure_and_shows_it_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.md"
    path.write_text(damaged(TRUTH), "utf-8")
    assert main(["repair", str(path), "--write", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "+# Học tập liên tục" in shown
    assert path.read_text("utf-8") == damaged(TRUTH)
    assert main(["repair", str(path), "--write", "--threshold", "1"]) == 0
    mended = path.read_text("utf-8")
    assert mended.startswith("# Học tập liên tục")
    assert mended != TRUTH
    path.write_text(damaged(TRUTH), "utf-8")
    assert main(["repair", str(path), "--write", "--threshold", "0"]) == 0
    assert path.read_text("utf-8") == TRUTH
    assert main(["repair", str(path), "--write"]) == 0
    assert [item.name for item in tmp_path.iterdir()] == ["a.md"]


def test_write_keeps_a_byte_order_mark_and_refuses_what_is_a_guess(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf" + damaged(TRUTH).encode())
    assert main(["repair", str(path), "--write", "--threshold", "0"]) == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + TRUTH.encode()
    legacy = damaged(TRUTH).encode("utf-16")
    path.write_bytes(legacy)
    assert main(["repair", str(path), "--write", "--threshold", "0"]) == 1
    assert path.read_bytes() == legacy
    assert "not UTF-8: it is left alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--write", "--threshold", "nan"], ["--write", "--threshold", "2"], ["--to", "t", "--dry-run"]],
)
def test_flags_that_make_no_sense_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    path = tmp_path / "a.md"
    path.write_text(damaged(TRUTH), "utf-8")
    with pytest.raises(SystemExit):
        main(["repair", str(path), *arguments])
    assert path.read_text("utf-8") == damaged(TRUTH)


def test_a_decision_that_matches_nothing_is_told(course: Project) -> None:
    course.write(
        "repairs.toml",
        '[[repair]]\nlesson = "a/hong.md"\ndamaged = "không có"\naction = "replace"\nreading = "x"\n'
        '[[repair]]\nlesson = "nope.md"\ndamaged = "x"\naction = "reject"\n',
    )
    text = course.build().text
    assert "the decision about 'không có' matches nothing" in text
    assert "repairs.toml:7: warning: a decision is about 'nope.md', which is no lesson" in text


def test_write_refuses_a_file_that_changed_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.md"
    path.write_text(damaged(TRUTH), "utf-8")
    real = rewrite.apply_sure

    def edit_meanwhile(*arguments: object) -> str:
        path.write_text("someone else's edit", "utf-8")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.commands.repair.apply_sure", edit_meanwhile)
    assert main(["repair", str(path), "--write"]) == 1
    assert path.read_text("utf-8") == "someone else's edit"
    assert [item.name for item in tmp_path.iterdir()] == ["a.md"]


def test_the_repair_command_leaves_links_alone_and_says_when_there_is_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s").mkdir()
    assert main(["repair", str(tmp_path / "s"), "--to", str(tmp_path / "t")]) == 2
    secret = tmp_path / "secret.md"
    secret.write_text("x")
    (tmp_path / "s/link.md").symlink_to(secret)
    assert main(["repair", str(tmp_path / "s"), "--to", str(tmp_path / "t")]) == 1
    assert "link.md: not a plain file" in capsys.readouterr().err
    assert not (tmp_path / "t/link.md").exists()


def test_the_demo_module_comes_back_exactly(shared: Path) -> None:
    """The demo's third module was damaged by the rules of the shared tool; nothing else is."""
    import sys

    sys.path.insert(0, str(shared / "tools"))
    try:
        from damage import damage as damage_text  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    import random

    from pipeline.repair import repair_text

    for path in sorted((PROJECT / "content/03_xay_dung_tang_dan").glob("*.md")):
        text = path.read_text("utf-8")
        repaired = repair_text(text)
        assert repaired.text != text
        assert damage_text(repaired.text, "cp1254-drop", random.Random(0)) == text


def test_the_report_shows_what_differs_and_the_most_doubtful_repair_first(course: Project) -> None:
    course.write("a/hong.md", damaged(TRUTH + "\nAnh cắm mỏ, sử số, gọi tới bờ.\n"))
    course.write("course.toml", 'repair_threshold = 1\nlanguage = "en"\n')
    course.build()
    page = lxml.html.fromstring(course.page("_repairs/index.html"))
    rows = page.xpath("//section//tbody/tr[not(@class)]")
    reasons = page.xpath("//section//tbody/tr[@class='why']")
    assert len(rows) == len(reasons)
    shares = [float(row.xpath("string(td[4])").removesuffix(" %")) for row in rows]
    assert len(rows) > 1
    assert shares == sorted(shares)
    assert len(set(shares)) > 1, "else any order would do"
    for row, reason in zip(rows, reasons, strict=True):
        marked = ["".join(cell.xpath(".//mark/text()")) for cell in row.xpath("td[position() = 2 or position() = 3]")]
        assert all(marked)
        assert all(not text.isascii() for text in marked), "what is the same on both sides is no change"
        assert "UTF-8 read as Turkish Windows, letters lost" in reason.text_content()
        decided = parse_decisions(reason.xpath("string(.//details//code)"))["a/hong.md"]
        assert decided == {row.xpath("string(td[2])"): row.xpath("string(td[3])")}
