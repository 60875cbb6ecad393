"""`lesson-pipeline new lesson` and `new section`: what is made fits what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import read_tree
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.builder.disk.project import locate
from pipeline.builder.runs.builds import Builds
from pipeline.commands.new.neighbours import NAME_LENGTH, Neighbour, fit_name, write_text
from pipeline.commands.program import main
from pipeline.parse.converted import FrontMatter
from pipeline.parse.front_matter import read_front_matter
from pipeline.paths import SECTION_TEXTS, collision_key, natural_key
from pipeline.patterns import one_line

words = st.text(st.sampled_from("abcxyzđôA9 -_.'"), min_size=1, max_size=12)
names = st.lists(words, max_size=5)


@given(st.text(), names, names, names)
def test_any_title_gives_a_name_that_nothing_else_has(
    title: str, there: list[str], elsewhere: list[str], taken: list[str]
) -> None:
    name = fit_name(title, there, elsewhere, taken)
    assert name.strip(". ") == name != ""
    assert not set(name) & set('/\\\0:*?"<>|\n')
    assert len(name) <= NAME_LENGTH + 40
    assert collision_key(name) not in {collision_key(other) for other in (*there, *taken, *SECTION_TEXTS)}
    assert collision_key(fit_name(title, there, elsewhere, [*taken, name.upper()])) != collision_key(name)


@given(
    st.sampled_from(["", "lesson_", "bai-", "Bài "]),
    st.integers(0, 3),
    st.sampled_from(["_", "-", ". ", " "]),
    st.lists(st.integers(0, 999), min_size=1, max_size=6, unique=True),
    st.text(),
)
def test_where_names_are_numbered_it_comes_last_and_is_formed_as_they_are(
    before: str, width: int, after: str, numbers: list[int], title: str
) -> None:
    there = [f"{before}{number:0{width}}{after}word" for number in numbers]
    name = fit_name(title, there)
    assert name.startswith(f"{before}{max(numbers) + 1:0{width}}{after}")
    assert max([*there, name], key=natural_key) == name


NAMES = [
    ("Sets", [], [], "sets"),
    ("Sets", [], ["01_lists", "02_maps"], "01_sets"),
    ("Sets", ["01_lists", "03_maps"], [], "04_sets"),
    ("Sets", ["1-lists", "10-maps"], [], "11-sets"),
    ("Sets", ["099_a"], [], "100_sets"),
    ("Sets", ["lists", "maps", "01_old"], [], "sets"),
    ("Two words", ["my-lists", "my-maps"], [], "two-words"),
    ("Hai từ", ["danh_sach"], [], "hai_tu"),
    ("Hai từ", ["danh_sách"], [], "hai_từ"),
    ("Đường đi", ["1_a"], [], "2_duong_di"),
    ("Two Words", ["My Lists", "My Maps"], [], "Two Words"),
    ("It's C++ & C#", [], [], "its_c_c"),
    ("集合", ["01_a"], [], "02_集合"),
    ("???", ["01_a"], [], "02_new"),
    ("Index", [], [], "index_2"),
    ("README", ["a"], [], "readme_2"),
    ("Sets", ["sets"], [], "sets_2"),
    ("Sets", ["SETS", "sets_2"], [], "sets_3"),
    ("word " * 40, [], [], "_".join(["word"] * 12)),
    ("x" * 99, [], [], "x" * NAME_LENGTH),
]


@pytest.mark.parametrize(("title", "there", "elsewhere", "name"), NAMES)
def test_names(title: str, there: list[str], elsewhere: list[str], name: str) -> None:
    assert fit_name(title, there, elsewhere) == name


def beside(*, has_heading: bool = True, **fields: object) -> Neighbour:
    return Neighbour(FrontMatter(**fields), has_heading)  # type: ignore[arg-type]


@given(st.text(), st.booleans(), st.booleans())
def test_any_title_is_read_back(title: str, is_draft: bool, is_in_front: bool) -> None:
    title = one_line(title)
    assume(title)
    text = write_text(title, [beside(title="A", has_heading=not is_in_front)], is_draft=is_draft, today="2026-03-01")
    front, rest, told = read_front_matter(text)
    assert told == ()
    assert (front.title or rest.strip("\n").removeprefix("# ")) == title
    assert front.draft == is_draft


FRONTS = [
    ([], "---\ndraft: true\n---\n\n# T\n\n"),
    ([beside(order=10), beside(order=20)], "---\ndraft: true\norder: 30\n---\n\n# T\n\n"),
    ([beside(order=1), beside(order=2.5)], "---\ndraft: true\norder: 3.5\n---\n\n# T\n\n"),
    ([beside(order=1), beside(), beside()], "---\ndraft: true\n---\n\n# T\n\n"),
    ([beside(date="2020-01-01")], "---\ndraft: true\ndate: 2026-03-01\n---\n\n# T\n\n"),
    ([beside(template="quiz"), beside(template="quiz"), beside()], "---\ndraft: true\ntemplate: quiz\n---\n\n# T\n\n"),
    ([beside(title="A", has_heading=False)], '---\ntitle: "T"\ndraft: true\n---\n\n'),
    ([beside(title="A")], "---\ndraft: true\n---\n\n# T\n\n"),
]


@pytest.mark.parametrize(("neighbours", "text"), FRONTS)
def test_it_says_of_itself_what_most_neighbours_do(neighbours: list[Neighbour], text: str) -> None:
    assert write_text("T", neighbours, is_draft=True, today="2026-03-01") == text


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "c"
    main(["new", str(root)])
    monkeypatch.chdir(root)
    return root


def test_lessons_and_sections_are_made_and_built(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "content/01_start/02_next.csv").write_text("a,b")
    for arguments in (
        ["section", ".", "Data"],
        ["lesson", "02_data", "Lists"],
        ["lesson", "content/02_data", "Lists of lists", "--publish"],
        ["lesson", "01_start", "Next"],
    ):
        assert main(["new", *arguments]) == 0
    made = read_tree(root / "content")
    assert made["02_data/index.md"] == b"---\ndraft: true\n---\n\n# Data\n\n"
    assert made["02_data/02_lists_of_lists.md"] == b"# Lists of lists\n\n"
    assert {"02_data/01_lists.md", "01_start/02_next_2.md"} <= set(made), "02_next is the name of a file"
    assert "wrote content/02_data/01_lists.md, a draft\n" in capsys.readouterr().out
    outcome = Builds(locate(root, {}, root)).run()
    assert outcome.told["errors"] == []
    assert (root / "output/02_data/02_lists_of_lists.html").is_file()
    assert not (root / "output/02_data/01_lists.html").exists()


def test_what_is_there_by_its_title_is_not_made_again(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "content/01_start/09_old.md").write_text("---\ntitle: Old news\n---\nWords.\n", "utf-8")
    for arguments in (["section", ".", "Data"], ["lesson", "02_data", "Lists"], ["lesson", "02_data", "C"]):
        assert main(["new", *arguments]) == 0
    before = read_tree(root)
    for arguments, there in (
        (["section", ".", "data"], "02_data/index.md"),
        (["lesson", "02_data", " Lists "], "02_data/01_lists.md"),
        (["lesson", "01_start", "Old news"], "01_start/09_old.md"),
    ):
        assert main(["new", *arguments]) == 2
        assert f"content/{there} has this title\n  hint: write in it" in capsys.readouterr().err
        assert read_tree(root) == before
    assert main(["new", "lesson", "01_start", "Lists"]) == 0, "in another section it is another"
    assert main(["new", "lesson", "02_data", "C++"]) == 0


WRONG = [
    (["lesson", "1_start", "A"], "there is no section 1_start\n  hint: did you mean 01_start?"),
    (["lesson", "..", "A"], "there is no section .."),
    (["lesson", "../output", "A"], "there is no section"),
    (["section", ".", " "], "a section has a title"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_what_cannot_be_made_is_said(
    root: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_tree(root)
    assert main(["new", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert read_tree(root) == before


def test_outside_of_a_course_there_is_none_to_make_it_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "lesson", ".", "A"]) == 2
    assert "there is no course here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
