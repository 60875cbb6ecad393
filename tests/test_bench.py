"""The parts of the measurements that measure nothing: tables, the plot, the accounting of bytes."""

from __future__ import annotations

import doctest
import math
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import build_model
import courses
import edits
import figures
import hypothesis
import limit
import mutants
import plot
import pytest
import timing
import weight
from figures import BODY, CASES, FIRST, HUGO, NOTHING, OURS, Figures, Measurement, PageBytes
from hypothesis import given
from hypothesis import strategies as st

from pipeline.repair.model import Model

names = st.sampled_from([OURS, HUGO, "A & B", "Nikola"])
measurements = st.builds(
    Measurement,
    lessons=st.sampled_from([60, 468, 10_000, 100_000]),
    case=st.sampled_from(CASES),
    builder=names,
    seconds=st.lists(st.floats(0.001, 4000), min_size=1, max_size=5).map(tuple),
    largest_mb=st.floats(1, 4000),
    sum_mb=st.floats(1, 4000),
)
measured = st.lists(measurements, min_size=1, max_size=30, unique_by=lambda one: (one.lessons, one.case, one.builder))


@given(measured)
def test_figures_survive_being_kept(tmp_path_factory: pytest.TempPathFactory, found: list[Measurement]) -> None:
    kept = Figures({"on": "máy"}, found, [PageBytes(468, OURS, 468, 7000.5, 4000.25, 9000)], ["could not run: Hugo"])
    path = tmp_path_factory.mktemp("figures") / "figures.json"
    figures.save_figures(kept, path)
    assert figures.load_figures([path]) == kept
    assert figures.load_figures([path, path]) == kept


@given(measured)
def test_every_median_has_one_mark_inside_the_plot(found: list[Measurement]) -> None:
    root = ElementTree.fromstring(plot.draw_plot(Figures(measurements=found)))  # noqa: S314 - our own
    titles = [element.text or "" for element in root.iter() if element.tag.endswith("title")]
    assert len(titles) == 1 + len(found)
    for one in found:
        assert f"{one.builder}: {one.median:.2f} s at {one.lessons:,} lessons" in titles


@given(st.floats(0.001, 1), st.floats(1.1, 10_000), st.floats(0, 1))
def test_a_scale_keeps_order_and_stays_between_its_ends(low: float, factor: float, share: float) -> None:
    scale = plot.Scale(low, low * factor, 0, 200)
    value = low * math.pow(factor, share)
    assert -0.1 <= scale(value) <= 200.1
    assert scale(low) == 0
    assert scale(low * factor) == 200


def test_a_plot_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        plot.draw_plot(Figures())


def example(seconds: float, builder: str, case: str = NOTHING, lessons: int = 468) -> Measurement:
    return Measurement(lessons, case, builder, (seconds, seconds * 2, seconds * 3), 60.4, 70.6)


def test_the_table_shows_median_minimum_and_ratio_and_a_dash_for_what_was_not_run() -> None:
    found = [example(0.1, OURS), example(0.2, HUGO), example(1.0, "Nikola"), example(7.0, OURS, FIRST)]
    assert figures.time_tables(Figures(measurements=found)).splitlines() == [
        "| 468 lessons | lesson-pipeline | Hugo | ours / Hugo | Nikola |",
        "| --- | --- | --- | --- | --- |",
        "| first build | 14.0 s (7.00 s) | - | - | - |",
        "| nothing to do | 0.20 s (0.10 s) | 0.40 s (0.20 s) | 0.50 | 2.00 s (1.00 s) |",
    ]


def test_the_report_has_memory_pages_and_what_could_not_be_run() -> None:
    weighed = PageBytes(468, OURS, 468, 7358.2, 5989.4, 9286)
    text = figures.report(Figures({"Python": "3"}, [example(1, OURS, BODY)], [weighed], ["could not run: Hugo"]))
    assert "| 468, body edit | 60 (71) |" in text
    assert "| 468 | lesson-pipeline | 7,358 | 5,989 | 9,286 |" in text
    assert text.endswith("- could not run: Hugo\n")


def test_a_later_file_replaces_what_it_measured_again(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    figures.save_figures(Figures(measurements=[example(1, OURS), example(1, HUGO)]), first)
    figures.save_figures(Figures(measurements=[example(5, OURS)]), second)
    merged = figures.load_figures([first, second])
    assert [(one.builder, one.seconds[0]) for one in merged.measurements] == [(OURS, 5), (HUGO, 1)]


def test_bytes_beyond_the_lesson_are_those_outside_its_article(tmp_path: Path) -> None:
    for name, own in (("a", "<h1>Bài</h1>"), ("b", "<h1>B</h1><article>in</article>")):
        (tmp_path / name).write_text(f'<body><article class="x">{own}</article></body>', "utf-8")
    weighed = figures.weigh_pages(2, OURS, [tmp_path / "a", tmp_path / "b"])
    assert weighed == PageBytes(2, OURS, 2, (13 + 31) / 2, 42, 42)


def test_pages_that_do_not_say_what_is_the_lessons_own_are_not_weighed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("<body>all</body>", "utf-8")
    assert figures.weigh_pages(1, OURS, [tmp_path / "a"]) is None


@pytest.mark.parametrize("module", [figures, limit], ids=lambda module: str(module.__name__))
def test_examples_in_the_docstrings_are_true(module: object) -> None:
    assert doctest.testmod(sys.modules[module.__name__]).failed == 0  # type: ignore[attr-defined]


def test_every_edit_is_the_same_for_all_and_leaves_the_course_as_large() -> None:
    seed = courses.Seed("two lessons", ("# Một\n\nCâu.\n", "# Hai\n\nMột câu.\n"))
    course: dict[str, str | None] = {courses.lesson_path(number): seed.lesson(number) for number in range(60)}
    editor = edits.Editor(60, seed)
    for case, make_edit in edits.EDITS.items():
        for number in range(3):
            edit = make_edit(editor, number)
            for changes in (edit.before, edit.changes):
                assert all(text is not None or path in course for path, text in changes.items()), case
                course = {path: text for path, text in (course | changes).items() if text is not None}
            assert not edit.page or edit.shows in (course[edit.page] or "") or edit.shows == "<"
            assert edit.gone not in course
    assert len(course) == 60


def test_a_large_course_has_no_two_lessons_alike_and_is_always_the_same() -> None:
    seed = courses.read_seed(Path("nowhere"))
    lessons = [seed.lesson(number) for number in range(100)]
    assert len(set(lessons)) == 100
    assert lessons == [seed.lesson(number) for number in range(100)]
    assert all("\n# " in f"\n{lesson}" and not lesson.startswith("---") for lesson in lessons)


def test_a_command_is_timed_with_its_children_and_its_failure_told(tmp_path: Path) -> None:
    code = "import os; held = bytearray(30_000_000); os.system('true')"
    taken = timing.time_command([sys.executable, "-c", code], tmp_path)
    assert taken.seconds > 0
    assert taken.sum_mb >= taken.largest_mb > 30
    with pytest.raises(timing.CommandFailedError, match="status 3: why"):
        timing.time_command(["sh", "-c", "echo why; exit 3"], tmp_path)
    assert timing.time_command(["sh", "-c", "exit 3"], tmp_path, accept=(3,)).status == 3


PAGE = """<!doctype html><head><link rel="stylesheet" href="../a.css"><link rel="stylesheet" media="print" href="p.css">
<link rel="stylesheet" href="https://fonts.example/x.css"><script src="/early.js"></script><script src="/late.js" defer>
</script><script type="application/json">{}</script><style>b{}</style></head>
<body><article>own</article><script src="/end.js"></script></body>"""


def test_only_what_the_head_waits_for_comes_before_the_first_paint(tmp_path: Path) -> None:
    page = tmp_path / "folder" / "page.html"
    page.parent.mkdir()
    page.write_text(PAGE, "utf-8")
    for name, size in (("a.css", 100), ("folder/p.css", 10), ("early.js", 1000), ("late.js", 200), ("end.js", 30)):
        (tmp_path / name).write_text("x" * size, "utf-8")
    found = weight.weigh_page(page, tmp_path, compressed=False)
    assert found == weight.Weight(len(PAGE), 3, 100 + 10 + 3, 1230, requests=4, elsewhere=1)
    assert found.frame == len(PAGE) - 3
    compressed = weight.weigh_page(page, tmp_path, compressed=True)
    assert compressed.page < found.page
    assert compressed.own + compressed.frame == compressed.page


WRITTEN = """import time: self [us] | cumulative | imported package
import time:       100 |        100 |   _io
import time:       900 |       1000 | site
import time:      2000 |       2000 |     json.decoder
import time:      5000 |       7000 |   doit
import time:      3000 |       3000 | pipeline.values
"""


def test_imports_are_counted_after_pythons_own_start() -> None:
    imports = limit.read_imports(WRITTEN)
    assert imports == [("json.decoder", 2.0), ("doit", 5.0), ("pipeline.values", 3.0)]
    assert limit.share_imports(imports) == {"doit": 0.5, "pipeline": 0.3, "standard library": 0.2}


@given(st.dictionaries(st.text("abc", min_size=1), st.floats(0.001, 100), min_size=1))
def test_the_parts_of_a_time_add_up_to_it(sums: dict[str, float]) -> None:
    total = sum(sums.values())
    rows = limit.split_rows("work", 1000.0, {name: value / total for name, value in sums.items()})
    assert sum(float(cell) for _, cell in rows) == pytest.approx(1000, abs=1 + 0.1 * len(rows))


def test_each_module_is_of_one_area_that_faults_are_drawn_in() -> None:
    """What no area has is never tried, and no figure says so."""
    modules = [path for area in mutants.AREAS for path in mutants.modules_of(area)]
    assert sorted(modules) == sorted(mutants.PACKAGE.rglob("*.py"))


SYLLABLES = st.sampled_from(["gọi", "gửi", "thư", "hàm", "lời", "thề", "python"])
segments = st.lists(st.lists(SYLLABLES, min_size=1, max_size=9).map(" ".join), max_size=6)
vocabularies = st.lists(
    st.tuples(st.lists(SYLLABLES, min_size=1, max_size=3).map(tuple), st.integers(1, 9000)), max_size=6
)


@given(segments, segments, vocabularies)
@hypothesis.example([], [], [(("gọi", "gọi", "gửi"), 211)])
def test_what_was_counted_is_kept_and_can_be_taken_out_again(
    kept: list[str], added: list[str], vocabulary: list[tuple[tuple[str, ...], int]]
) -> None:
    counts, more = build_model.Counts(), build_model.Counts()
    counts.add(kept, 3)
    build_model.add_vocabulary(counts, vocabulary)
    packed = build_model.pack(counts)
    more.add(added, 2)
    both = build_model.unpack(packed)
    both.merge(more, 1)
    again = build_model.unpack(build_model.pack(both))
    again.merge(more, -1)
    assert +again.pairs == +counts.pairs
    assert +again.loose == +counts.loose
    assert build_model.pack(build_model.unpack(packed)) == packed


@pytest.mark.parametrize("count", [70_000, 200])
def test_a_pair_is_known_by_its_count_however_large(count: int) -> None:
    counts = build_model.Counts()
    counts.pairs["lời", "thề"] = count
    counts.words.update({"lời": count, "thề": count})
    model = Model(build_model.pack(counts))
    assert model.pair_count(model.number("lời"), model.number("thề")) == count
    assert model.pair_count(model.number("thề"), model.number("lời")) == 0
    assert model.pair_count(model.number("lời"), model.number("khuýp")) == 0


def test_a_vocabulary_says_which_syllable_stands_behind_another_and_leaves_room_for_the_rest() -> None:
    counts = build_model.Counts()
    counts.add(["nói lời hay và lời ngay"] * 20, 1)
    build_model.add_vocabulary(counts, [(("lời", "thề"), 2000), (("lời",), 8000), (("thử",), 4000), (("thề",), 1)])
    model = Model(build_model.pack(counts))
    first, second, *words = map(model.number, ("nói", "lời", "thề", "thử", "hay"))
    sworn, tried, kind = (model.score(first, second, word) for word in words)
    assert tried < sworn, "a commoner word, which never stood behind this one"
    assert sworn < kind, "what the text says weighs more"
