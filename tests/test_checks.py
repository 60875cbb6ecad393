"""The list of checks: each finds its fault where it stands, and nothing in what is sound."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import Counter

import pytest
from building import PROJECT
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.checks.baseline import accepted_line, format_baseline, key_of, parse_baseline, place_in, split_known
from pipeline.checks.blocks import place_open_fence
from pipeline.checks.course import CheckedLesson, CourseView
from pipeline.checks.forms import as_github
from pipeline.checks.mend import is_there, mend_text
from pipeline.checks.silence import count_for, find_silenced, read_severities
from pipeline.checks.table import BY_CODE, CHECKS, as_table, check_course, check_lesson
from pipeline.checks.view import LessonView
from pipeline.errors import Diagnostic, Edit, PipelineError, SettingsError
from pipeline.parse.lesson import parse_lesson
from pipeline.parse.verbatim import hide_code
from pipeline.slips import KnownPaths, _letters, _read_words, is_near, is_slip, plain_all, sure_name
from pipeline.values import Repair


def view_of(text: str, path: str = "a.md", **more: object) -> LessonView:
    lesson = parse_lesson(text, path, language="en")
    return LessonView(path, text, lesson.facts, lesson.body, **more)  # type: ignore[arg-type]


def found_in(text: str) -> list[tuple[str, int | None, int | None]]:
    return [(found.code, found.line, found.column) for found in check_lesson(view_of(text))]


FAULTS = [
    ("# T\n\nWords.\n\n### A\n\nx\n", "heading-jump", 5, 1),
    ("# T\n\nWords.\n\nA\n---\n\n#### B\n\nx\n", "heading-jump", 8, 1),
    ("---\ntitle: T\n---\n## A\n\nx\n\n##### B\n\nx\n", "heading-jump", 8, 1),
    ("# T\n\n## A\n\nx\n\n## A\n\ny\n", "same-heading", 7, 1),
    ("# T\n\nSee ![](x.png).\n", "missing-alt", 3, 5),
    ("# T\n\n<p><img src='x.png'></p>\n", "missing-alt", 3, 4),
    ("# T\n\n```pythn\nx\n```\n", "unknown-language", 3, 4),
    ("# T\n\n- x\n\n    ~~~ {.jvascript}\n    x\n    ~~~\n", "unknown-language", 5, 9),
    ("# T\n\n```python\nx\n\nWords.\n\n```bash\ny\n```\n", "fence-in-code", 3, 1),
    ("# T\n\n```\nx\n\nWords.\n\n```bash\ny\n```\n", "fence-in-code", 3, 1),
    ("# T\n\n```python\nx\n\nWords.\n\n```\ny\n```\n\nWords.\n\n```bash\nz\n```\n", "fence-in-code", 3, 1),
    ("# T\n\nSee [the text][label].\n", "undefined-reference", 3, 5),
    ("# T\n\nSee ![a picture][gone].\n\n[here]: x.md\n", "undefined-reference", 3, 5),
    ("# T\n\nSee [gone][].\n", "undefined-reference", 3, 5),
    ('# T\n\n<p id="x">a</p>\n\n<p id="x">b</p>\n', "same-id", 5, 8),
    ("# T\n", "no-words", None, None),
    ("# T\n\n## A\n", "no-words", None, None),
    ("# T\n\nWrite P\u0443thon.\n", "look-alike", 3, 7),
    ("# T\n\nΠρ\u03bfτ\u03bf and \u039cath.\n", "look-alike", 3, 11),
    ("# T\n\nПривeт.\n", "look-alike", 3, 1),
    (f"# T\n\nMột {unicodedata.normalize('NFD', 'chữ')}.\n", "split-letters", 3, 5),
    ("# T\n\nA l\ufffdst letter.\n", "damage-left", 3, 4),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), FAULTS)
def test_a_fault_is_found_once_where_it_stands(text: str, code: str, line: int | None, column: int | None) -> None:
    assert found_in(text) == [(code, line, column)]


@pytest.mark.parametrize("text", [row[0] for row in FAULTS if row[0].startswith("# T\n\n") and row[1] != "no-words"])
def test_what_is_found_is_called_the_same_wherever_it_stands(text: str) -> None:
    """Or what was accepted would be new when words come above it."""
    moved = text.replace("# T\n\n", "# T\n\nMore words.\n\nAnd more.\n\n", 1)
    before, after = ([each.message for each in check_lesson(view_of(written))] for written in (text, moved))
    assert before == after


SOUND = [
    "# T\n\nWords.\n\n## A\n\nx\n\n### B\n\nx\n\n## C\n\n### B\n\nx\n",
    "---\ntitle: T\n---\n### A\n\nx\n",
    "# T\n\n![a](x.png) <img src='x.png' alt=''> <img src='y.png' role='presentation'>\n",
    "# T\n\n```\n![](x.png) [a][b] P\u0443thon\n#### A\n```\n",
    "# T\n\n`![](x.png)` and ``[a][b] ` c`` and <!-- [a][b] --> and <code>[a][b]</code>\n",
    "# T\n\n```\n```python\n```\n\nWords.\n",
    "# T\n\n````python\n```bash\n```\n````\n\n```markdown\n```python\n```\n",
    "# T\n\n```python\n```\n\n```text\n```\n\n~~~mermaid\n~~~\n\n```{note}\n```\n\n```{.python title='x'}\n```\n",
    "# T\n\n[text][label] [label][] [Label  x][LABEL x]\n\n[label]: a.md\n[label x]: b.md\n",
    "# T\n\nx[0][1] and a matrix [1][2] and $A[i][j]$ and a note[^1][^2].\n\n[^1]: a\n[^2]: b\n",
    "# T\n\n| a |\n|---|\n| b |\n",
    "# T\n\n![a picture](x.png) and an escaped \\![](x.png)\n",
    "# T\n\nΔt, μm, σ-algebra, Ω, Ελλάδα, Привет, ABBA, naïve, chữ.\n",
    "# T\n\n$\\text{P\u0443}$ words.\n",
    "# T\n\nWords <!-- x\n\nWords <?php x\n\nWords <!DOCTYPE x\n\nWords <pre x\n",
    "# T\n\nWords <!-- [x](y.md) **z**\n\n- <!-- x\n- <?php y\n\n| a |\n|---|\n| <!-- b |\n\n    <!-- c\n",
    "# T\n\n`<!--` and ``<?php``\n\n```html\n<!-- x\n```\n\nWords <!-- x -->.\n",
    "# T\n\n<!-->\n\nWords.\n\n<!--->\n\nWords.\n\n<!-- a\n\nb -->\n\n<!DOCTYPE html>\n\n<?php x ?>\n\nWords.\n",
    "# T\n\n<!-- of two -- marks, and <b> -->\n\n<pre>\nx\n\ny\n</pre>\n\nWords.\n",
    "",
]


@pytest.mark.parametrize("text", SOUND)
def test_in_a_sound_lesson_nothing_is_found(text: str) -> None:
    assert found_in(text) == []


FENCES_OPEN = [
    # the blocks of a lesson: what opens each, and whether it is closed
    (["```python"], 0),
    (["```python", "```"], 0),
    (["```", "```"], 0),
    (["```", "```", "```"], 0),
    (["```", "```", "```"], 1),
    (["```python", "```", "```"], 1),
    (["~~~", "```", "~~~"], 2),
]


@pytest.mark.parametrize("gap", [[""], []], ids=["apart", "right below words"])
@pytest.mark.parametrize(("blocks", "at"), FENCES_OPEN)
def test_of_the_blocks_of_a_lesson_the_one_that_is_open_is_told(blocks: list[str], at: int, gap: list[str]) -> None:
    """Not the last one, whose end was taken for a beginning."""
    lines, where = ["# T", *gap], 0
    for number, opening in enumerate(blocks):
        where = len(lines) + 1 if number == at else where
        lines += [opening, f"x = {number}", *[opening[:3]] * (number != at), "", f"Words {number}.", *gap]
    lesson = parse_lesson("\n".join(lines), "a.md", language="en")
    view = view_of("\n".join(lines))
    told = [found for found in lesson.diagnostics if found.code == "unclosed-fence"]
    assert [place_open_fence(found, view).line for found in told] == [where]


@pytest.mark.parametrize("text", ["# T\n\n```\nx\n```\n```\n", "# T\n\n```\nx\n```\n\nWords.\n```\n"])
def test_an_end_too_much_is_told_where_it_is(text: str) -> None:
    (told,) = parse_lesson(text, "a.md", language="en").diagnostics
    assert place_open_fence(told, view_of(text)).line == text.count("\n")


@pytest.mark.parametrize("fault", ["```pythn\nx\n```\n", "[x][lable]\n"])
def test_so_many_findings_of_a_kind_have_a_hint_and_no_more(fault: str) -> None:
    found = list(check_lesson(view_of("# T\n\nWords.\n\n" + f"{fault}\n" * 22 + "[label]: x.md\n")))
    assert len(found) == 22
    assert sum("did you mean" in each.hint for each in found) == 20


@pytest.mark.parametrize(
    ("name", "hint", "fix"),
    [
        ("pyhton", "did you mean python?", "python"),
        ("csss", "did you mean css or scss?", ""),
        ("sqll", "did you mean sql?", ""),
        ("jaava", "did you mean java?", "java"),
        ("nowhere", "leave it out", ""),
    ],
)
def test_a_language_is_sure_if_no_other_usual_one_is_as_near(name: str, hint: str, fix: str) -> None:
    (found,) = check_lesson(view_of(f"# T\n\n```{name}\nx\n```\n"))
    assert found.hint.startswith(hint)
    assert [edit.after for edit in found.fix] == [fix] * bool(fix)


@pytest.mark.parametrize("name", ["ipython", "ipython3", "ipythonconsole", "ir", "xcpp17", "pyspark", "python3"])
def test_a_language_of_notebooks_is_known(name: str) -> None:
    """What says a language there is a kernel, or one of the lexers that IPython brings along."""
    assert found_in(f"# T\n\n```{name}\nx\n```\n") == []


def test_an_image_is_named_as_a_whole() -> None:
    (found,) = check_lesson(view_of("# T\n\nSee ![](<my picture.png>).\n"))
    assert "'my picture.png'" in found.message


def test_damage_that_no_repair_could_read_is_told_where_it_stood() -> None:
    repair = Repair(3, 5, "Há»c", "Há»c", "unread", 0.1)
    (found,) = check_lesson(view_of("# T\n\nMot Há»c.\n", repairs=(repair,)))
    assert (found.code, found.line, found.column) == ("damage-left", 3, 5)


def test_a_text_of_a_folder_needs_no_words() -> None:
    assert list(check_lesson(view_of("# T\n", "a/index.md", is_section=True))) == []


LESSON_TEXTS = st.lists(
    st.sampled_from(
        "# T|## A|#### B|words|![](x.png)|[a][b]|```pythn|```|~~~|> q|- item|    code|<p id='x'>y</p>|P\u0443thon|e\u0301|$x$|$$"
        "|`|<!--|-->|<pre>|</pre>|---|\ufffd|[b]: c.md|\\(|\t|".split("|")
    )
    | st.text(max_size=8),
    max_size=12,
).map("\n".join)


@given(LESSON_TEXTS)
@example("`\n\n` <pre> [a][b]")
def test_no_text_is_a_bug_and_each_place_is_one_of_the_lesson(text: str) -> None:
    text = text.replace("\0", "")
    try:
        view = view_of(text)
    except PipelineError:
        return
    lines = text.split("\n")
    for found in check_lesson(view):
        assert found.code in BY_CODE
        if found.line is not None:
            assert 1 <= found.line <= len(lines)
            assert found.column is None or 1 <= found.column <= len(lines[found.line - 1]) + 1
        assert all(is_there(lines, edit) for edit in found.fix)


@given(LESSON_TEXTS)
def test_code_is_hidden_in_place(text: str) -> None:
    hidden = hide_code(text)
    assert [len(line) for line in hidden.split("\n")] == [len(line) for line in text.split("\n")]
    assert all(sign in (" ", own) for sign, own in zip(hidden, text, strict=True))


@pytest.mark.parametrize(
    "hostile",
    [
        "<pre>",
        "`" + "a`",
        "[a][",
        "$",
        "\\(",
        "![](",
        "<img ",
        "# # ",
        "e\u0301 ",
        "<!--",
        "{#",
        "аb ",
        "<!-- x\n",
        "x <!-- y\n",
        "<? ",
        "- <?x\n",
        "- <!x\n",
        "```\n\n",
        "<!-- check: off x\n",
    ],
)
@pytest.mark.parametrize("length", [60_000, pytest.param(600_000, marks=pytest.mark.deep)])
@pytest.mark.timeout(100)
def test_a_long_lesson_takes_a_time_that_grows_with_its_length(hostile: str, length: int) -> None:
    """The count of steps is not asked, but what is quadratic would take minutes, and the test has no more than that."""
    text = hostile * (length // len(hostile))
    lesson = parse_lesson("# T\n\nWords.\n", "a.md")
    for line in (text, text[:90_000] + "\n" + text[:90_000]):
        list(check_lesson(LessonView("a.md", line, lesson.facts, lesson.body)))


# --- the course ---


def course_of(lessons: dict[str, CheckedLesson], **more: object) -> list[tuple[str, str]]:
    named = {path: path.replace(".md", ".html") for path in lessons}
    view = CourseView(lessons, named, {}, [], (), None)._replace(**more)  # type: ignore[arg-type]
    return [(path, found.code) for path, found in check_course(view)]


def test_titles_that_are_the_same_are_told() -> None:
    lessons = {path: CheckedLesson("", "", (), title="Loops") for path in ("a/x.md", "a/y.md", "b/x.md")}
    named = {path: path.replace(".md", ".html") for path in lessons}
    told = check_course(CourseView(lessons, named, {}, [], (), None))
    assert [(path, found.severity) for path, found in told] == [("a/y.md", "warning"), ("b/x.md", "note")]
    assert course_of(lessons, own_texts={"a": "a/y.md"}) == [("b/x.md", "same-title")]


def test_a_file_is_unused_if_nothing_leads_to_it() -> None:
    lessons = {"a.md": CheckedLesson("", "", (), title="A", leads=("x.png", "b.html"))}
    files = ["x.png", "y.png", "logo.svg", "favicon.ico", "LICENSE"]
    assert course_of(lessons, files=files, used=["logo.svg"]) == [("y.png", "unused-file")]
    named = {"a.md": CheckedLesson("", "", (), title="A", named=("data-1.csv",))}
    files = ["d/data-1.csv", "d/data-2.csv", "d/more.txt", "e/data-3.csv", "e/run.py"]
    assert course_of(named, files=files) == [("d/more.txt", "unused-file"), ("e/data-3.csv", "unused-file")]
    files = ["d/old.csv", "e/data-7.csv", "e/DATA-x.csv", "f/fig 1.png"]
    for name, left in (
        ("data-*.csv", "d/old.csv e/DATA-x.csv"),
        ("data-{n:02}.csv", "d/old.csv e/DATA-x.csv"),
        ("*.csv", ""),
    ):
        named = {"a.md": CheckedLesson("", "", (), title="A", named=(name,))}
        assert [path for path, _ in course_of(named, files=files)] == [*left.split(), "f/fig 1.png"]
    page = {"a.md": CheckedLesson("", "", (), title="A", leads=("app/index.html",))}
    assert course_of(page, files=["app/index.html", "app/data.bin"]) == []


def test_a_lesson_is_unlisted_where_the_others_are_named() -> None:
    names = [f"a/{name}.md" for name in "wxyz"]
    lessons = {path: CheckedLesson("", "", (), title=path) for path in names}
    text = CheckedLesson("", "", (), title="A", leads=("a/w.html", "a/x.html", "a/y.html"))
    whole = {**lessons, "a/index.md": text}
    assert course_of(whole, own_texts={"a": "a/index.md"}) == [("a/z.md", "unlisted-lesson")]
    assert course_of(lessons) == []
    few = {**lessons, "a/index.md": text._replace(leads=("a/w.html",))}
    assert course_of(few, own_texts={"a": "a/index.md"}) == []
    assert course_of(lessons, listed=names[1:]) == [("a/w.md", "unlisted-lesson")]


# --- what counts ---


def test_the_owner_may_switch_off_and_a_lesson_too_but_no_error() -> None:
    found = Diagnostic("m", code="missing-alt")
    assert list(count_for([found], {}, ())) == [found]
    assert list(count_for([found], {"missing-alt": "off"}, ())) == []
    assert list(count_for([found], {}, ("missing-alt",))) == []
    error = found._replace(severity="error")
    assert list(count_for([found], {"missing-alt": "error"}, ("missing-alt",))) == [error]
    assert list(count_for([error], {}, ("missing-alt",))) == [error]


def test_what_a_lesson_switches_off_is_read_outside_of_nothing_else() -> None:
    codes, told = find_silenced(
        "a\n<!-- check: off missing-alt, heading-jump -->\n<!--check: off mising-alt-->", BY_CODE
    )
    assert codes == ("missing-alt", "heading-jump")
    assert [(found.line, found.hint) for found in told] == [(3, "did you mean missing-alt?")]


@pytest.mark.parametrize(
    ("comment", "words", "after"),
    [
        ("<!-- check: on -->", "'check: on' switches nothing", ""),
        ("<!-- check: on missing-alt -->", "'check: on' switches nothing", ""),
        ("<!-- check: of missing-alt -->", "'check: of' switches nothing", "off"),
        ("<!-- check: skip missing-alt -->", "'check: skip' switches nothing", ""),
        ("<!-- check off missing-alt -->", "'check off' switches nothing", ""),
        ("<!-- check: off -->", "no check is named", ""),
        ("<!-- check: off\n  mising-alt -->", "there is no check 'mising-alt'", "missing-alt"),
        ("<!-- Check: OFF missing-alt -->", "", ""),
        ("<!-- check: off\nmissing-alt\n-->", "", ""),
        ("<!-- check: the numbers of 2024 -->", "", ""),
        ("<!-- check off the list -->", "", ""),
        ("<!-- checked: off -->", "", ""),
    ],
)
def test_a_comment_about_checks_does_what_it_says_or_is_told(comment: str, words: str, after: str) -> None:
    text = f"Words.\n\n{comment}"
    codes, told = find_silenced(text, BY_CODE)
    assert [found.message[: len(words)] for found in told] == [words] * bool(words)
    assert bool(codes) == (not words and "issing-alt" in comment)
    assert [edit.after for found in told for edit in found.fix] == [after] * bool(after)
    assert all(is_there(text.split("\n"), edit) for found in told for edit in found.fix)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[tool.lesson-pipeline.check]\nmising-alt = "off"', 2, "there is no check 'mising-alt'"),
        ('[tool.lesson-pipeline.check]\nmissing-alt = "of"', 2, "must be one of error, warning, note, off"),
        ("[tool.lesson-pipeline.check]\nmissing-alt = [1]", 2, "must be one of"),
        ('[tool.lesson-pipeline.check]\nno-text = "off"\nno-text = "note"', 3, "'no-text' is there twice"),
        ("[tool.lesson-pipeline]\ncheck = 1", None, "must be a table"),
        ("tool = 1", None, "must be a table"),
        ("x\ny = 1", 1, "this is no TOML"),
    ],
)
def test_a_wrong_severity_is_told(text: str, line: int | None, words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)) as caught:
        read_severities(text, BY_CODE)
    assert caught.value.line == line
    assert caught.value.hint


# --- what was accepted ---

FINDINGS = st.lists(
    st.builds(
        Diagnostic,
        message=st.sampled_from(["m", "n\tn", "# o"]),
        line=st.none() | st.integers(1, 9),
        path=st.sampled_from(["a.md", "# b.md", "c\td.md"]),
        code=st.sampled_from(["x-x", "y-y"]),
    ),
    max_size=8,
)


@given(FINDINGS, st.integers(1, 5))
def test_what_was_accepted_is_not_new_wherever_it_moves(findings: list[Diagnostic], by: int) -> None:
    kept = parse_baseline(format_baseline(map(key_of, findings)))
    moved = [found._replace(line=found.line and found.line + by) for found in findings]
    assert split_known(moved, kept) == ([], kept)


TEXTS = st.lists(st.sampled_from(["[x](y)", "a [x](y)", "b", "c", ""]), max_size=8)


@given(TEXTS, TEXTS, st.integers(0, 8))
@example(["b", "[x](y)"], ["[x](y)", "c"], 0)
def test_of_findings_with_one_name_the_one_in_the_words_that_were_accepted_is_known(
    before: list[str], more: list[str], at: int
) -> None:
    """Wherever lines come: the new ones are among what came, if what they say is not there already."""
    at = min(at, len(before))
    now = [*before[:at], "d", *(f"e {line}" for line in more), "d", *before[at:]]

    def findings_in(lines: list[str]) -> list[Diagnostic]:
        return [Diagnostic("m", number, path="a.md", code="c") for number, line in enumerate(lines, 1) if "[x]" in line]

    kept = Counter(accepted_line(found, place_in(before, found.line)) for found in findings_in(before))
    kept = parse_baseline(format_baseline(kept.elements()))
    new, left = split_known(findings_in(now), kept, lambda found: place_in(now, found.line))
    assert [now[(found.line or 0) - 1][:2] for found in new] == ["e "] * sum("[x]" in line for line in more)
    assert left == kept


def test_a_file_of_lines_without_places_is_read_too() -> None:
    kept = parse_baseline("a.md\tc\tm\n")
    found = [Diagnostic("m", line, path="a.md", code="c") for line in (3, 9)]
    assert split_known(found, kept, lambda found: "0-0") == (found[1:], kept)


def test_to_mend_one_of_many_places_brings_nothing_new() -> None:
    many = "".join(f"Ch\u01b0\u0303 {number}. " for number in range(3))
    before, after = (list(check_lesson(view_of(f"# T\n\n{text}\n"))) for text in (many, many[6:]))
    assert before[0].message != after[0].message
    assert split_known(after, Counter(map(key_of, before)))[0] == []


@given(FINDINGS, FINDINGS)
def test_what_is_new_and_what_is_left_are_all_that_is_found(accepted: list[Diagnostic], now: list[Diagnostic]) -> None:
    kept = Counter(map(key_of, accepted))
    new, left = split_known(now, kept)
    assert Counter(map(key_of, new)) + left == Counter(map(key_of, now))
    assert left <= kept
    assert split_known(now, left) == (new, left), "what was mended is not accepted again"


# --- fixes ---

EDITS = st.builds(
    Edit,
    st.integers(-1, 4),
    st.integers(-1, 6),
    st.sampled_from(["a", "ab", "b", ""]),
    st.sampled_from(["", "x", "aa"]),
)
LINES = st.lists(st.text("ab", max_size=5), min_size=1, max_size=3)


@given(LINES, st.lists(st.lists(EDITS, max_size=2), max_size=4))
def test_what_is_not_reported_is_not_changed(lines: list[str], edits: list[list[Edit]]) -> None:
    text = "\n".join(lines)
    findings = [Diagnostic("m", fix=tuple(edit)) for edit in edits]
    mended, done = mend_text(text, findings)
    after = mended.split("\n")
    assert len(after) == len(lines)
    touched = {edit.line for found in done for edit in found.fix}
    for number, (old, new) in enumerate(zip(lines, after, strict=True), 1):
        if number not in touched:
            assert old == new
    for found in done:
        assert all(is_there(lines, edit) for edit in found.fix)
    if not done:
        assert mended == text


def test_two_fixes_of_the_same_characters_are_one_or_the_first() -> None:
    one = Diagnostic("m", fix=(Edit(1, 1, "ab", "x"),))
    assert mend_text("abab", [one, one]) == ("xab", [one, one])
    other = Diagnostic("n", fix=(Edit(1, 2, "ba", "y"),))
    assert mend_text("abab", [one, other]) == ("xab", [one])
    far = Diagnostic("n", fix=(Edit(1, 3, "ab", "y"),))
    assert mend_text("abab", [far, one]) == ("xy", [far, one])


def test_a_line_that_a_fix_adds_ends_as_the_lines_of_its_file_do() -> None:
    added = Diagnostic("m", fix=(Edit(2, 1, "x", "x\n```"),))
    assert mend_text("```\r\nx\r\n", [added]) == ("```\r\nx\r\n```\r\n", [added])
    assert mend_text("```\nx", [added]) == ("```\nx\n```", [added])


OPEN_FENCES = st.lists(
    st.lists(
        st.sampled_from(
            "```python|```|~~~|````|- |  |   |    |> |1. |x|\t||# T|- ```|> ```|text|* a|  ```text|$$|<div>|| a |:::|!!! note".split(
                "|"
            )
        ),
        max_size=3,
    ).map("".join),
    min_size=1,
    max_size=9,
).map("\n".join)


@given(OPEN_FENCES, st.sampled_from(["", "\n", "\n\n"]))
@example("- ```python\n  x", "\n")
def test_an_open_block_that_is_closed_shows_what_it_showed(text: str, end: str) -> None:
    lesson = parse_lesson(text + end, "a.md", language="en")
    mended, done = mend_text(text + end, [found for found in lesson.diagnostics if found.code == "unclosed-fence"])
    if done:
        again = parse_lesson(mended, "a.md", language="en")
        assert again.body == lesson.body
        assert not {found.line for found in done} & {
            found.line for found in again.diagnostics if found.code == "unclosed-fence"
        }


@given(st.lists(st.text("aÉđe\u0301\u031b1 -_\0/.ẞς", max_size=9), max_size=6))
@example(["\u0301a", "b\u031b"])
@example(["1\0", "\u03012"])
def test_of_many_names_at_once_is_read_what_is_read_of_each(names: list[str]) -> None:
    assert plain_all(names, _letters) == [_letters(name) for name in names]
    assert _read_words(names) == [(name, *(words for _, words in _read_words([name]))) for name in names]


@given(st.lists(st.text("abcđê1-", min_size=1, max_size=9), max_size=6), st.text("abcđê1-", max_size=9))
def test_an_anchor_is_sure_only_if_it_is_the_only_one(anchors: list[str], anchor: str) -> None:
    found = sure_name(anchor, anchors)
    assert found in ("", *anchors)
    assert sure_name(anchor, list(reversed(anchors))) == found


SHORT_WORDS = st.text("abc", min_size=1, max_size=5)


@given(SHORT_WORDS, st.lists(SHORT_WORDS, max_size=4, unique=True))
@example("csss", ["css", "scss"])
@example("abbb", ["bbb", "babb"])
def test_a_name_is_sure_only_if_no_other_one_is_as_near(name: str, names: list[str]) -> None:
    """Whether the other one is long enough to be meant itself, or not."""
    found = sure_name(name, names)
    if found and found != name:
        assert [other for other in names if is_near(name, other)] == [found]


@given(st.text("abcé1-", max_size=7), st.text("abcé1-", max_size=7))
def test_a_slip_is_one_both_ways_and_never_the_same(one: str, two: str) -> None:
    assert is_slip(one, two) == is_slip(two, one)
    assert not is_slip(one, one)
    assert not is_slip(one, two) or abs(len(one) - len(two)) <= 1


@pytest.mark.parametrize(
    ("one", "two", "is_one"),
    [
        ("pythn", "python", True),
        ("pythonn", "python", True),
        ("pyhton", "python", True),
        ("pithon", "python", True),
        ("ajva", "java", True),
        ("java", "lava", False),
        ("java", "jva", False),
        ("step", "stop", False),
        ("python2", "python3", False),
        ("python", "pythons1", False),
        ("part1a", "part2a", False),
        ("pyhtno", "python", False),
    ],
)
def test_a_slip_is_of_one_letter_in_a_word_that_is_long_enough(one: str, two: str, is_one: bool) -> None:
    assert is_slip(one, two) == is_one


NAMES = st.sampled_from(
    ["loops", "Loops", "lopps", "lists", "01-loops", "mở_đầu", "mo-dau", "a", "b", "c++", "c", "index"]
)
KNOWN = st.lists(
    st.builds(
        lambda folders, name, ending: "/".join([*folders, name + ending]),
        st.lists(st.sampled_from(["a", "b", "parts"]), max_size=2),
        NAMES,
        st.sampled_from([".md", ".png", ".svg"]),
    ),
    unique=True,
    max_size=8,
)
WRITTEN = st.builds(
    lambda up, folders, name, ending: "../" * up + "/".join([*folders, name + ending]),
    st.integers(0, 2),
    st.lists(st.sampled_from(["a", "b", "parts", "prats"]), max_size=2),
    NAMES,
    st.sampled_from([".md", ".png", ".jpg", ""]),
)


@given(KNOWN, WRITTEN, st.sampled_from(["link", "image"]))
@example(["b/loops.md"], "loops.md", "link")
@example(["a/c.md"], "c++.md", "link")
def test_a_path_that_is_meant_is_there_whatever_the_order_and_has_the_name_that_is_written(
    paths: list[str], written: str, kind: str
) -> None:
    wanted = posixpath.normpath(f"a/{written}")
    if wanted in paths:
        return
    lessons = [path for path in paths if path.endswith(".md")]
    files = [path for path in paths if not path.endswith(".md")]
    folders = sorted({"/".join(path.split("/")[:at]) for path in paths for at in range(1, path.count("/") + 1)})
    found = [*KnownPaths(lessons, files, folders).find_meant(wanted, written, kind)]
    assert found == [*KnownPaths(lessons[::-1], files[::-1], folders[::-1]).find_meant(wanted, written, kind)]
    for path in found:
        assert path in {*paths, *folders}
        same = [sum(sign in name for sign in "+#") for name in (path, written)]
        assert same[0] == same[1], "c++ is not c"
        assert "/" in written or posixpath.dirname(path) == "a", "the same name in another folder is another lesson"


@pytest.mark.parametrize("count", [100, 4_000])
def test_what_a_thousand_broken_links_are_compared_with_has_a_bound(count: int) -> None:
    known = KnownPaths([f"a/lesson{chr(97 + number % 26)}{number}.md" for number in range(count)], [], ["a"])
    for number in range(1_000):
        assert [*known.find_meant(f"a/gone{number}.md", f"gone{number}.md", "link")] == []


def test_annotations_cannot_be_left() -> None:
    """GitHub reads `::` at the beginning of a line as a command."""
    found = Diagnostic("a\n::error::b", 3, "h\r", path="x\n::error::.md", code="c", column=2)
    assert as_github([found]).count("\n") == 1
    assert as_github([found]).startswith("::warning file=x")


# --- the list ---

_CODE_RE = re.compile(r"""(?:\bcode ?= ?|_tell\(|_at\([^"\n]*, )"([a-z]+-[a-z-]+)\"""")


def test_every_code_has_a_row_and_every_row_is_made_somewhere() -> None:
    sources = {path: path.read_text("utf-8") for path in (PROJECT / "pipeline").rglob("*.py")}
    made = {code for path, source in sources.items() if path.name != "table.py" for code in _CODE_RE.findall(source)}
    known = set(BY_CODE)
    assert len(known) == len(CHECKS)
    assert made <= known, made - known
    others = "".join(source for path, source in sources.items() if path.name != "table.py")
    assert {code for code in known if f'"{code}"' not in others} == set()


def test_the_reference_has_the_list() -> None:
    assert as_table() in (PROJECT / "docs" / "reference.md").read_text("utf-8")


def test_each_check_of_a_lesson_has_a_fault_here() -> None:
    assert {check.code for check in CHECKS if check.find} <= {code for _, code, _, _ in FAULTS}
