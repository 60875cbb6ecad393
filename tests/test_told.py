"""What is wrong around the lessons is told with file, line and hint: templates, words, former paths."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from building import Project, read_tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.locale import parse_catalogue, places_in
from pipeline.locale.faults import check_catalogue


@pytest.fixture
def course(project: Project) -> Project:
    project.write("course.toml", 'language = "fr"\n')
    for name in ("a", "b", "c", "d", "e"):
        project.write(f"part/{name}.md", f"# Leçon {name}\n\nTexte de la leçon.\n")
    return project


def write_template(course: Project, name: str, text: str | bytes) -> Path:
    path = course.root / "templates" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def told(text: str, place: str) -> list[str]:
    """The messages about a file or a line of it, each with its hint."""
    return re.findall(rf"^(?:\S*content/)?{re.escape(place)}(?::\d+)?: .*(?:\n  .*)*", text, re.M)


# --- the words of a course ---

SEARCH = 'msgid "Search"\nmsgstr "Rechercher"\n'
BROKEN_WORDS: dict[str, tuple[str, int, str, str]] = {
    "an open quote": ('msgid "Close"\nmsgstr "Fermer\n\n', 2, "does not end on its line", 'close it with "'),
    "an open message": ('msgid "Close\nmsgstr "Fermer"\n\n', 1, "does not end on its line", 'close it with "'),
    "no translation": ('msgid "Close"\n\n', 3, "the msgid before this line has no msgstr", "an entry is two lines"),
    "no message": ('msgstr "Fermer"\n\n', 1, "a msgstr without a msgid before it", "an entry is two lines"),
    "no quotes": ('msgid "Close"\nmsgstr Fermer\n\n', 2, "this is no line of a catalogue", "an entry is two lines"),
    "a text alone": ('"Fermer"\n\n', 1, "a text that belongs to nothing", "an entry is two lines"),
    "forms": ('msgid "Close"\nmsgid_plural "C"\nmsgstr[0] "F"\n\n', 2, "plural forms", "an entry is two lines"),
}


@pytest.mark.parametrize("name", BROKEN_WORDS)
def test_a_broken_word_is_told_and_the_others_are_used(course: Project, name: str) -> None:
    source, line, words, hint = BROKEN_WORDS[name]
    write_template(course, "locale/fr.po", source + SEARCH)
    run = course.build()
    (message,) = told(run.text, f"templates/locale/fr.po:{line}")
    assert words in message
    assert f"\n  hint: {hint}" in message
    assert ">Rechercher</button>" in course.page("part/a.html")
    (script,) = course.output.glob("_static/site.*.js")
    assert '"close":"Close"' in script.read_text("utf-8")


def test_words_that_are_no_utf8_are_told_and_the_built_in_ones_used(course: Project) -> None:
    write_template(course, "locale/fr.po", SEARCH.encode() + 'msgid "Close"\nmsgstr "Fermé"\n'.encode("latin-1"))
    run = course.build()
    assert "templates/locale/fr.po:4: warning: not UTF-8; the project's own words are used" in run.text
    assert ">Search</button>" in course.page("part/a.html")


def test_a_warning_about_words_or_templates_fails_a_strict_build_as_long_as_it_stands(course: Project) -> None:
    course.write("course.toml", 'language = "fr"\nstrict = true\n')
    path = write_template(course, "locale/fr.po", 'msgid "Close"\n')
    for _ in range(2):
        run = course.doit()
        assert run.status == 1
        assert "templates/locale/fr.po:1: warning: the last msgid has no msgstr" in run.text
    path.write_text('msgid "Close"\nmsgstr "Fermer"\n')
    course.build()


entries = st.tuples(st.text(), st.text()).filter(lambda pair: places_in(clean(pair[0])) == places_in(clean(pair[1])))


@given(st.lists(entries, max_size=5, unique_by=lambda entry: clean(entry[0])), st.data())
def test_a_catalogue_of_whole_entries_has_no_fault_and_without_one_line_it_has(
    entries: list[tuple[str, str]], data: st.DataObject
) -> None:
    lines = [line for one, two in entries for line in (f"msgid {quote(one)}", f"msgstr {quote(two)}", "")]
    source = "\n".join(lines)
    assert not list(check_catalogue(source))
    assert parse_catalogue(source) == {clean(one): clean(two) for one, two in entries if clean(one) and clean(two)}
    if entries:
        del lines[3 * data.draw(st.integers(0, len(entries) - 1)) + data.draw(st.integers(0, 1))]
        assert list(check_catalogue("\n".join(lines)))


def clean(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def quote(text: str) -> str:
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


# --- templates ---


@pytest.mark.parametrize("wrong", ["{{ nothing }}", "{% if %}", "{{ 1/0 }}", '{% include "nowhere.html" %}'])
@pytest.mark.parametrize("arguments", [(), ("render",)])
def test_a_fault_of_a_template_is_told_once_and_how_many_pages_it_concerns(
    course: Project, wrong: str, arguments: tuple[str, ...]
) -> None:
    text = (course.root / "templates" / "lesson.html").read_text("utf-8")
    write_template(course, "lesson.html", text.replace("<article>", f"<article>\n{wrong}"))
    line = text[: text.index("<article>")].count("\n") + 2
    run = course.doit(*arguments)
    assert run.status == 1
    (message,) = told(run.text, f"templates/lesson.html:{line}")
    assert "it is so in 5 pages: part/a, part/b, part/c and 2 more" in message
    assert "5 failed" in run.text
    assert "Traceback" not in run.text
    write_template(course, "lesson.html", text)
    course.build()


def test_a_lesson_that_asks_for_a_template_in_vain_has_the_usual_one_until_it_is_there(course: Project) -> None:
    course.write("part/a.md", "---\ntitle: A\ntemplate: quiz\n---\nTexte.\n")
    run = course.build()
    (message,) = told(run.text, "part/a.md:3:11")
    assert message.startswith(
        "content/part/a.md:3:11: warning: 'quiz' is no template for a lesson: the usual one is taken\n  hint: "
    )
    assert "<article>" in course.page("part/a.html")
    assert ", 1 warning stands" in course.build().text
    write_template(course, "quiz.html", "QUIZ")
    assert ", 1 warning stands" in course.build().text
    assert "<article>" in course.page("part/a.html")
    write_template(course, "quiz.html", '{% extends "lesson.html" %}{% block article %}QUIZ{% endblock %}')
    assert "warning" not in course.build().text
    assert "QUIZ" in course.page("part/a.html")
    (course.root / "templates" / "quiz.html").unlink()
    assert told(course.build().text, "part/a.md:3") == [message]
    assert "<article>" in course.page("part/a.html")


CHILD = '{% extends "default/lesson.html" %}\n'


@pytest.mark.parametrize(
    ("text", "block", "hint"),
    [
        (CHILD + "{% block articel %}x{% endblock %}", "articel", "did you mean article?"),
        (CHILD + "{%- block  txet -%}x{%- endblock txet -%}", "txet", "did you mean text?"),
        (CHILD + "{% block qqqq %}x{% endblock %}", "qqqq", "the blocks are article, base, breadcrumbs, "),
    ],
)
def test_a_block_that_no_template_above_has_is_told_with_the_nearest(
    course: Project, tmp_path: Path, text: str, block: str, hint: str
) -> None:
    content = tmp_path / "elsewhere" / "content"
    (content.parent / "templates").mkdir(parents=True)
    (content.parent / "templates" / "lesson.html").write_text(text)
    (course.content).rename(content)
    run = course.doit(f"content={content}")
    assert run.status == 0, run.text
    (message,) = told(run.text, "elsewhere/templates/lesson.html:2")
    assert f"warning: no template that this one extends has a block {block!r}" in message
    assert f"\n  hint: {hint}" in message


@pytest.mark.parametrize(
    "text",
    [
        CHILD + "{% block article %}{% block mine %}x{% endblock %}{% endblock %}",
        CHILD + "{# {% block mine %}x{% endblock %} #}",
        CHILD + "{% raw %}{% block mine %}{% endraw %}",
        CHILD + "{% block mine %}x{% endblock %}{% block article %}{{ self.mine() }}{% endblock %}",
        '{% extends "default/" ~ "lesson.html" %}{% block mine %}x{% endblock %}',
        "{% block mine %}x{% endblock %}",
    ],
)
def test_a_block_that_may_be_shown_is_not_told(course: Project, text: str) -> None:
    own = course.root / "templates" / "quiz.html"
    own.write_text(text.replace("default/lesson.html", "lesson.html"))
    run = course.build()
    assert "warning" not in run.text


def test_what_is_wrong_with_templates_is_not_told_again_with_every_edit(
    course: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
    write_template(course, "quiz.html", '{% extends "lesson.html" %}{% block txt %}x{% endblock %}')
    assert "templates/quiz.html:1: warning" in course.build().text
    course.write("part/a.md", "# A\n\nAutre texte.\n")
    run = course.build()
    assert "render:part/a" in run.executed
    assert "warning: " not in run.text
    assert ", 1 warning stands (doit report)" in run.text


# --- what the files about the course say ---


def test_what_is_wrong_with_former_paths_and_quick_links_has_its_line(course: Project) -> None:
    course.write("course.toml", 'language = "fr"\nquick_links = [\n  "part",\n  "nulle part",\n]\n')
    course.write("redirects.toml", '# former\n"old.md" = "part/a.md"\n"x.md" = "gone.md"\n')
    course.write("part/b.md", "---\ntitle: B\naliases:\n  - former/b\n  - part/a.md\n  - ../out\n---\n\nTexte.\n")
    course.write("repairs.toml", '\n[[repair]]\nlesson = "gone.md"\ndamaged = "x"\naction = "reject"\n')
    run = course.build()
    for place, words, hint in [
        ("course.toml:4", "quick link 'nulle part' leads nowhere", "name a folder or a lesson"),
        ("redirects.toml:3", "'x.md' leads to 'gone.md', which has no page", "name a lesson that has a page"),
        ("part/b.md:5", "the former path 'part/a.md' is that of 'part/a.html'", "take it out"),
        ("part/b.md:6", "alias '../out' is outside the course", "write it from the top"),
        ("repairs.toml:3", "a decision is about 'gone.md', which is no lesson", "give its path"),
    ]:
        (message,) = told(run.text, place)
        assert words in message
        assert f"\n  hint: {hint}" in message


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("redirects.toml", '"a.md" = "b.md"\n"c.md" = b\n', 2, "this is no TOML"),
        ("redirects.toml", '"a.md" = "b.md"\n"c.md" = 1\n', 2, "'c.md' must lead to the path of a lesson in quotes"),
        ("repairs.toml", '[[repair]]\nlesson = "a"\ndamaged = x\n', 3, "this is no TOML"),
        (
            "repairs.toml",
            '[[repair]]\nlesson="a"\ndamaged="x"\naction="reject"\n\n[[repair]]\n',
            6,
            "number 2: 'action'",
        ),
        ("repairs.toml", "\nrepairs = 1\n", 2, "there is no 'repairs' here"),
    ],
)
def test_a_broken_file_about_the_course_is_told_with_its_line(
    course: Project, name: str, text: str, line: int, words: str
) -> None:
    course.write(name, text)
    run = course.doit()
    assert run.status == 1
    (message,) = told(run.text, f"{name}:{line}")
    assert words in message
    assert "\n  hint: " in message


def test_a_link_to_a_former_path_says_which_lesson_it_is_now(course: Project) -> None:
    course.write("part/b.md", "---\naliases: [old/b.md, older/]\n---\n# B\n\nTexte.\n\n## X\n")
    course.write("redirects.toml", '"part/été.md" = "part/c.md"\n')
    links = (
        "../old/b.md#gone",
        "../old/b.md#x",
        "../old/b.html",
        "../older/",
        "../older/index.md",
        "%C3%A9t%C3%A9.md",
        "../part/e2.md",
    )
    course.write("part/a.md", "# A\n\n" + "\n".join(f"- [l]({link})" for link in links) + "\n")
    course.build()
    (course.content / "part/d.md").rename(course.content / "part/d2.md")
    course.write("part/a.md", (course.content / "part/a.md").read_text("utf-8") + "- [d](d.md)\n")
    run = course.build()
    b, c = "the lesson is part/b.md now, where its old address leads; a link has to name it: b.md", "part/c.md now"
    hints = [b, b + "#x", b, b, b, c, "did you mean", "the lesson is part/d2.md now"]
    for line, hint in enumerate(hints, 3):
        if line == 9:
            continue
        (message,) = told(run.text, f"part/a.md:{line}")
        assert "leads nowhere" in message
        assert hint in message.split("hint: ")[1]
        assert "#gone" not in message.split("hint: ")[1], "of what is hinted at all is there"


def test_a_renamed_lesson_is_named_where_it_was_linked_to_in_the_same_run(course: Project) -> None:
    course.write("b.md", "# B\n\n[a](part/a.md)\n")
    course.build()
    (course.content / "part/a.md").rename(course.content / "part/z.md")
    run = course.build()
    (message,) = told(run.text, "b.md:3")
    assert "the lesson is part/z.md now" in message
    assert "a link has to name it: part/z.md" in message


# --- names that are one on some systems ---


@pytest.mark.parametrize(
    ("stays", "refused"),
    [
        ("part/while.md", "part/While.md"),
        ("part/while.md", "part/while.MD"),
        ("part/Ab.md", "part/aB.md"),
        ("part/\u00e9.md", "part/e\u0301.md"),
        ("part/x.png", "part/X.png"),
        ("unité/x.md", "unité/X.md"),
    ],
)
@pytest.mark.parametrize("is_added", [True, False])
def test_of_two_names_that_are_one_on_some_systems_the_same_stays_whichever_came_first(
    course: Project, stays: str, refused: str, is_added: bool
) -> None:
    course.write("link.md", f"# L\n\n[l]({stays})\n")
    text = "# Chữ\n\nChữ.\n"
    course.write(stays if is_added else refused, text)
    course.build()
    course.write(refused if is_added else stays, text)
    run = course.doit()
    assert run.status == 1
    (message,) = told(run.text, refused)
    assert f"the same name as '{stays}' on systems that ignore letter case or Unicode form" in message
    assert f"\n  hint: rename one of them; '{stays}' is built" in message
    assert "leads nowhere" not in run.text
    clean = course.clean_build()
    built = read_tree(course.output)
    # What stood there is not deleted, for nothing may be lost to a slip, unless the other has its very place.
    kept = {refused, refused[:-3] + ".html"}
    assert {path: text for path, text in built.items() if is_added or path in clean or path not in kept} == clean


def test_a_folder_in_small_letters_stays_when_another_of_its_name_is_added(course: Project) -> None:
    course.write("part/index.md", "# Partie\n\nTexte.\n")
    course.build()
    course.write("Part/index.md", "# Copie\n\nTexte.\n")
    run = course.doit()
    assert run.status == 1
    (message,) = told(run.text, "Part/index.md")
    assert "'part/index.md' is built" in message
    assert "<h1>Partie</h1>" in course.page("part/index.html")
    assert ">Partie</a>" in course.page("index.html")
    assert read_tree(course.output) == course.clean_build()


# --- warnings of earlier runs ---


def standing(text: str) -> int:
    """How many warnings a run says that there are."""
    told, more = (
        re.search(r", (\d+) warnings?, ", text),
        re.search(r", (\d+) (?:more|warnings?) stands? \(doit report\)", text),
    )
    return sum(int(found[1]) for found in (told, more) if found)


def link_to(*targets: str, title: str = "L") -> str:
    return f"# {title}\n\n" + "".join(f"- [l]({target})\n" for target in targets)


def test_the_summary_says_how_many_warnings_of_earlier_runs_stand(course: Project) -> None:
    course.write("part/a.md", link_to("x.md", "y.md"))
    assert ", 2 warnings, " in course.build().text
    assert ", 2 warnings stand (doit report), " in course.build().text
    course.write("part/b.md", link_to("z.md", title="Leçon b"))
    assert ", 1 warning, 2 more stand (doit report), " in course.build().text
    course.write("part/a.md", link_to("x.md"))
    assert standing(course.build().text) == 2
    (course.content / "part/a.md").unlink()
    assert standing(course.build().text) == 1
    course.write("part/b.md", "# B\n\nTexte.\n")
    assert "stand" not in course.build().text
    assert "stand" not in course.build().text


def test_doit_report_tells_every_warning_that_stands(course: Project) -> None:
    course.write("part/a.md", "---\ntitel: A\n---\n" + link_to("x.md"))
    write_template(course, "locale/fr.po", 'msgid "Close"\n')
    course.build()
    run = course.doit("report")
    assert run.status == 0
    assert [line.partition(": ")[0] for line in run.text.splitlines() if ": warning: " in line] == [
        "content/part/a.md:2:1",
        "templates/locale/fr.po:1",
        "content/part/a.md:6:7",
    ]
    assert ", 3 warnings, " in run.text
    course.write("part/b.md", b"\0")
    run = course.doit("report")
    assert run.status == 1
    assert "part/b.md:1: a NUL byte" in run.text
    assert ", 3 warnings, 1 failed" in run.text


STEPS = st.sampled_from(
    [
        ("part/a.md", link_to("x.md")),
        ("part/a.md", link_to("b.md", "c.md")),
        ("part/b.md", "---\ntitel: x\n---\n" + link_to("a.md", "d.md")),
        ("part/b.md", None),
        ("part/c.md", None),
        ("part/d.md", "# D\n\n$\\frac{a$\n"),
        ("part/c.md", "# C\n\nTexte.\n"),
        ("redirects.toml", '"old.md" = "part/c.md"\n'),
        ("course.toml", 'language = "fr"\nquick_links = ["part/b.md"]\n'),
        ("course.toml", 'language = "en"\n'),
        ("repairs.toml", '[[repair]]\nlesson = "part/c.md"\ndamaged = "x"\naction = "reject"\n'),
    ]
)


@pytest.mark.parametrize("settled", [False, True])
@settings(max_examples=settings().max_examples // 12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(STEPS, min_size=1, max_size=3), max_size=4))
def test_as_many_warnings_stand_as_a_clean_build_tells(
    tmp_path_factory: pytest.TempPathFactory, settled: bool, steps: list[list[tuple[str, str | None]]]
) -> None:
    course = Project(tmp_path_factory.mktemp("standing") / "project")
    for name in ("a", "b", "c", "d"):
        course.write(f"part/{name}.md", link_to("a.md"))
    with pytest.MonkeyPatch.context() as patch:
        if settled:
            patch.setattr("pipeline.builder.disk.sweep.RACY_NS", 0)
        course.build()
        for edits in steps:
            for path, text in edits:
                if text is None:
                    (course.content / path).unlink(missing_ok=True)
                else:
                    course.write(path, text)
            run = course.build()
            clean = course.root / "clean"
            shutil.rmtree(clean, ignore_errors=True)
            for state in (course.root / ".lesson-pipeline").glob("content-clean-*"):
                shutil.rmtree(state)
            assert standing(run.text) == standing(course.doit(f"output={clean}").text)
            assert standing(course.build().text) == standing(run.text) == standing(course.doit("report").text)


COURSE_WARNINGS = {
    "a setting": ({"course.toml": 'language = "fr"\nquick_links = ["gone"]\n'}, "course.toml:2: warning: "),
    "another one": (
        {"course.toml": 'language = "fr"\nquick_links = []\nfavicon = "gone.svg"\n'},
        "course.toml:3: warning: ",
    ),
    "a decision": (
        {"repairs.toml": '[[repair]]\nlesson = "gone.md"\ndamaged = "x"\naction = "reject"\n'},
        "repairs.toml:2: warning: ",
    ),
    "a file of another program": ({"part/x.mdx": "# X\n"}, "part/x.mdx: warning: "),
    "a file in the place of a page": ({"part/index.html": "x"}, "part/index.html: warning: "),
}


@pytest.mark.parametrize("name", COURSE_WARNINGS)
def test_a_warning_about_the_course_is_told_once_when_it_arises_and_stands_from_then_on(
    course: Project, way: str, name: str
) -> None:
    """Whether or not the home page, which tells of the course, is made again."""
    course.write("part/a.md", "# A\n\nTexte.\n")
    course.write("course.toml", 'language = "fr"\nquick_links = ["part"]\n')
    course.build()
    files, words = COURSE_WARNINGS[name]
    for path, text in files.items():
        course.write(path, text)
    first = course.build()
    assert first.text.count(words) == first.text.count("warning: ") == standing(first.text) == 1
    for path, text in files.items():
        course.write(path, f"{text}\n" if path == "repairs.toml" else text)  # nothing that it is about
    course.write("part/a.md", "# A\n\nAutre texte.\n")
    again = course.build()
    assert (again.text.count("warning: "), standing(again.text)) == (0, 1)
    assert course.doit("report").text.count(words) == 1


# --- settings ---


def test_dates_that_git_does_not_know_are_told(course: Project) -> None:
    course.write("course.toml", 'language = "fr"\nlast_updated = "git"\n')
    text = course.doit().text
    (message,) = told(text, "course.toml:2")
    assert "knows no date" in message
    assert "hint: commit" in message
    assert "1 warning stands" in course.doit().text


def test_a_build_tells_of_an_open_fence_where_a_check_does(course: Project) -> None:
    course.write("part/b.md", "# Leçon b\n\n```python\nx\n\nTexte.\n\n```\ny\n```\n\nTexte.\n")
    for asked in ((), ("report",), ("check",)):
        (message,) = told(course.doit(*asked).text, "part/b.md:3:1")
        assert "is never closed" in message


@pytest.mark.parametrize("written", ["{% tabs %}", "<Steps>", "Des mots :material-cog: ici."])
def test_what_is_so_in_many_lessons_is_told_once_with_the_place_of_the_first(course: Project, written: str) -> None:
    for name in ("b", "c", "d"):
        course.write(f"part/{name}.md", f"# Leçon {name}\n\nTexte.\n\n{written}\n\nTexte.\n")
    text = course.doit().text
    (message,) = told(text, "part/b.md:5:1" if written[0] in "{<" else "part/b.md:5:10")
    assert "doit check shows each lesson in which it is so" in message
    assert text.count("warning: ") == 1
    (message,) = told(course.doit("report").text, "part/b.md:5:1" if written[0] in "{<" else "part/b.md:5:10")
    assert "it is so in 3 pages: part/b.md, part/c.md, part/d.md" in message
    course.write("course.toml", 'language = "fr"\nstrict = true\n')
    assert "part/b.md:5" in course.doit().text


def test_a_course_that_cannot_be_opened_has_no_lessons_to_count(course: Project) -> None:
    course.output.write_text("no folder", "utf-8")
    run = course.doit()
    assert run.status == 1
    assert "nothing was built" in run.text
    assert "0 lessons" not in run.text
    listed = course.doit("list", "--status").text
    assert re.findall(r"^R (\w+)", listed, re.M) == ["settings"]


def test_a_folder_that_is_none_leaves_no_folder_behind(course: Project) -> None:
    course.doit("content=nowhere")
    kept = course.root / ".lesson-pipeline"
    assert not kept.exists() or not list(kept.iterdir())


def test_a_change_of_words_is_given_as_the_reason(course: Project) -> None:
    words = course.root / "templates" / "locale" / "fr.po"
    words.parent.mkdir(parents=True)
    words.write_text(SEARCH, "utf-8")
    course.build()
    words.write_text(SEARCH + '\nmsgid "Note"\nmsgstr "Remarque"\n', "utf-8")
    assert "parse:part/a.md: templates/locale/fr.po changed" in course.doit("explain").text


def test_a_shallow_clone_knows_no_dates_and_that_is_told(course: Project, tmp_path: Path) -> None:
    """Its first commit seems to have changed every file."""
    course.write("course.toml", 'last_updated = "git"\n')
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(course.root)]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["commit", "-qm", "y", "--allow-empty"]):
        subprocess.run([*git, *command], check=True)
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{course.root}", str(shallow)], check=True)
    run = course.doit(f"content={shallow / 'content'}", f"output={tmp_path / 'site'}")
    assert any("this clone is shallow" in message for message in told(run.text, "course.toml:1")), run.text
    assert "Last changed" not in (tmp_path / "site" / "part" / "a.html").read_text("utf-8")
    subprocess.run(["git", "-C", str(shallow), "fetch", "-q", "--unshallow"], check=True)
    run = course.doit(f"content={shallow / 'content'}", f"output={tmp_path / 'site'}")
    assert "shallow" not in run.text
    assert "<time" in (tmp_path / "site" / "part" / "a.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('msgid "{count} results"\nmsgstr "{n} résultats"', "{n} stands for nothing here"),
        ('msgid "{count} results"\nmsgstr "des résultats"', "{count} is missing"),
    ],
)
def test_a_word_that_lacks_what_is_put_into_it_is_told_and_not_used(entry: str, message: str) -> None:
    ((line, found, hint),) = check_catalogue(f'msgid "Close"\nmsgstr "Fermer"\n\n{entry}\n')
    assert (line, found) == (5, message)
    assert "{count}" in hint
    assert parse_catalogue(f'msgid "Close"\nmsgstr "Fermer"\n\n{entry}\n') == {"Close": "Fermer"}


def test_words_that_are_marked_as_unsure_are_not_used() -> None:
    source = '#, fuzzy\nmsgid ""\nmsgstr ""\n"Language: fr\\n"\n\n#: a.html\n#, fuzzy\n#| msgid "Open"\nmsgid "Close"\nmsgstr "Ouvrir"\n\nmsgid "Next"\nmsgstr "Suite"\n'
    assert parse_catalogue(source) == {"Next": "Suite"}


def test_a_template_that_extends_itself_is_told_how_to_name_the_original(course: Project) -> None:
    write_template(course, "lesson.html", '{% extends "lesson.html" %}')
    text = course.doit().text
    assert "lesson.html extends or includes itself" in text
    assert 'name "default/lesson.html"' in text
    assert "recursion" not in text


# --- however the course is named ---

WAYS = {
    "relative": "../courses/mine/content",
    "with a slash": "../courses/mine/content/",
    "absolute": "{base}/courses/mine/content",
    "with detours": "{base}/project/../courses/./mine/../mine/content",
    "a link to the folder": "../link",
    "a link to one above": "../above/mine/content",
}


def test_the_same_course_is_the_same_however_it_is_named(course: Project, tmp_path: Path) -> None:
    mine = tmp_path / "courses/mine"
    shutil.copytree(course.content, mine / "content")
    (mine / "content/course.toml").write_text('quick_links = ["gone"]\n')
    (mine / "content/part/a.md").write_text("---\ntemplate: quiz\n---\n# A\n\n[x](gone.md)\n")
    (mine / "templates").mkdir()
    (mine / "templates/quiz.html").write_text(
        '{% extends "default/lesson.html" %}\n{% block text %}\n\n{{ nothing }}{% endblock %}'
    )
    (tmp_path / "link").symlink_to(mine / "content")
    (tmp_path / "above").symlink_to(mine.parent)
    outcomes = []
    for way in WAYS.values():
        shutil.rmtree(course.root / ".lesson-pipeline", ignore_errors=True)
        shutil.rmtree(course.root / "out", ignore_errors=True)
        run = course.doit(f"content={way.format(base=tmp_path)}", "output=out")
        again = course.doit(f"content={way.format(base=tmp_path)}", "output=../project/out/")
        states = sorted(path.name for path in (course.root / ".lesson-pipeline").iterdir())
        told = [re.sub(r", [0-9.]+ s$", "", line) for line in (run.text + again.text).splitlines()]
        outcomes.append((run.status, told, states, read_tree(course.root / "out")))
    assert outcomes[0][0] == 1
    assert any(line.startswith("mine/templates/quiz.html:4: 'nothing' is undefined") for line in outcomes[0][1])
    for way, outcome in zip(WAYS, outcomes, strict=True):
        assert outcome == outcomes[0], way


@pytest.mark.parametrize("folder", [("templates",), ("..", "own", "templates")])
def test_what_is_no_template_is_told_once_under_its_own_name(course: Project, folder: tuple[str, ...]) -> None:
    own = course.root.parent / "own"
    shutil.copytree(course.content, own / "content")
    arguments = () if folder == ("templates",) else ("content=../own/content", "output=../own/output")
    place = course.root.joinpath(*folder)
    place.mkdir(exist_ok=True)
    (place / "base.html").write_text("\n\n{% if %}")
    run = course.doit(*arguments)
    shown = "own/templates/base.html:3" if arguments else "templates/base.html:3"
    (message,) = told(run.text, shown)
    assert "it is so in " in message
    assert run.text.count("Expected an expression") == 1


def test_a_warning_about_all_lessons_stands_once_until_the_last_of_them_is_mended(project: Project, way: str) -> None:
    for name in ("a", "b", "c"):
        project.write(f"{name}.md", f"# {name}\n\n<Tabs>\n\nChữ.\n\n</Tabs>\n")

    def standing() -> int:
        summary = project.build().text
        found = re.search(r"(\d+) (?:more|warnings?)(?: stands?)?\b", summary)
        reported = project.doit("report").text.count("warning: ")
        assert int(found[1] if found else 0) == reported
        return reported

    assert standing() == 1
    for name, left in (("a", 1), ("c", 1), ("b", 0)):
        project.write(f"{name}.md", f"# {name}\n\nChữ.\n")
        assert standing() == left


def test_one_lesson_is_one(project: Project) -> None:
    project.write("course.toml", 'language = "en"\n')
    project.write("part/a.md", "# A\n\nWords.\n")
    project.build()
    for page in ("index.html", "part/index.html"):
        text = project.page(page)
        assert "1 lesson<" in text
        assert "1 lessons" not in text
