"""Small inputs -> all that comes out of a stage, whole, as it was when a person last looked at it.

Laws and examples say what has to be. This says what is, so that nothing changes unseen: constants, conditions, the
order of tables. After a change that is meant, write the files anew and look at the difference:

    .venv/bin/python tests/test_golden.py
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple
from zlib import decompress

import pytest
from searching import Page, SearchIndex

from pipeline.checks.table import check_lesson
from pipeline.checks.view import LessonView
from pipeline.errors import Diagnostic, PipelineError
from pipeline.parse.lesson import parse_lesson
from pipeline.repair import repair_text
from pipeline.repair.chains import judge
from pipeline.repair.codepages import damage_through, parse_step
from pipeline.repair.emoji import association_worth, find_words
from pipeline.repair.foreign import read_word
from pipeline.repair.model import load_model
from pipeline.repair.plausibility import weigh_text
from pipeline.repair.review import UNREAD
from pipeline.repair.search import Choice
from pipeline.repair.transcoding import find_transcoding
from pipeline.repair.words import case_class
from pipeline.repair.wordtable import WordTable
from pipeline.search import search_entry
from pipeline.values import ParsedLesson, Repair, TextSpan

pytestmark = pytest.mark.usefixtures("models_let_go")

FOLDER = Path(__file__).resolve().parent / "golden"
CASE, RESULT = "@@@ ", "--->"
SLOT = "slot0:"
"""Shown for what stands for the address of a link: that is another with each change of a lesson."""


class Case(NamedTuple):
    """A part of a file: `@@@ title`, perhaps with `@path`, `!language` or `?doubt` at its end; the input; `--->`; what comes out."""

    head: str
    text: str
    result: str

    def option(self, sign: str, default: str) -> str:
        """What stands behind a sign at the end of the title."""
        _, _, value = self.head.partition(f" {sign}")
        return value or default


def read_cases(name: str) -> list[Case]:
    cases = []
    whole = (FOLDER / name).read_text("utf-8").removesuffix("\n")
    for part in f"\n{whole}".split(f"\n{CASE}")[1:]:
        head, _, rest = part.partition("\n")
        text, _, result = rest.partition(f"\n{RESULT}\n")
        cases.append(Case(head, text, result))
    return cases


def tell(diagnostics: tuple[Diagnostic, ...]) -> Iterator[str]:
    for told in diagnostics:
        yield f"{told.severity} {told.line or '-'}: {told.message}{f' | {told.hint}' if told.hint else ''}"


def show_parsed(case: Case) -> str:
    try:
        lesson = parse_lesson(
            case.text,
            case.option("@", "a/b.md"),
            markers=("N", "M"),
            language=case.option("!", "vi"),
            doubts=tuple(TextSpan(*found.span()) for found in re.finditer(case.option("?", r"\Z."), case.text)),
        )
    except PipelineError as error:
        return "\n".join(tell((error.diagnostic,)))
    return "\n".join(_show_lesson(lesson))


def _show_lesson(lesson: ParsedLesson) -> Iterator[str]:
    facts = lesson.facts
    yield f"title: {facts.title}"
    if facts.summary:
        yield f"summary: {facts.summary}"
    for name, usual in {
        "order": None,
        "draft": False,
        "aliases": (),
        "date": "",
        "template": "",
        "has_text": True,
    }.items():
        if getattr(facts, name) != usual:
            yield f"{name}: {getattr(facts, name)!r}"
    if lesson.front:
        yield f"front: {lesson.front}"
    if lesson.heading != escape(facts.title, quote=False):
        yield f"heading: {lesson.heading.replace(lesson.slot, SLOT)}"
    for link, place in zip(facts.links, facts.link_places, strict=True):
        at = ":".join(map(str, place)) if place else "-"
        yield f"{link.kind} {at}: {link.target} | {link.text}"
    for heading in facts.headings:
        yield f"h{heading.level}: {heading.anchor} | {heading.title}"
    if facts.anchors:
        yield f"anchors: {' '.join(facts.anchors)}"
    yield from tell(lesson.diagnostics)
    yield from (f"piece: {lesson.body[piece.start : piece.end].partition('<pre')[0]}" for piece in lesson.pieces)
    yield lesson.body.replace(lesson.slot, SLOT)


def show_repaired(case: Case) -> str:
    """For each step that the title names: what a text comes back as that was damaged so, and what is told of it."""
    return "\n".join(line for step in case.option("@", "").split() or [""] for line in _show_repairs(step, case.text))


def damage_by(text: str, step: str) -> str:
    """Sound text as it is shown behind `cp1254-drop` and the like, or `cp1251-as-cp1252`: written in one page, shown in
    another; as it is without a step."""
    if not step:
        return text
    written, is_transcoding, shown = step.partition("-as-")
    return text.encode(written).decode(shown) if is_transcoding else damage_through(text, parse_step(step))


def _show_repairs(step: str, text: str) -> Iterator[str]:
    damaged = damage_by(text, step)
    repaired = repair_text(damaged)
    yield f"{step or 'as it is'} {'->' if repaired.text != text else '='} {', '.join(repaired.steps)}"
    yield from (line for line in repaired.text.split("\n") if line not in text.split("\n"))
    told = {
        f"{repair.before!r} {repair.after!r} {repair.step} {repair.confidence:.3f} {repair.runner_up!r}": repair
        for repair in repaired.repairs
        if repair.confidence < 1
    }
    yield from (f"  {repair.line}:{repair.column} {words}" for words, repair in told.items())
    if found := find_transcoding(damaged.split("\n")):
        yield f"  {found[0].step} {'sure' if found[1] else 'in doubt'}"


def show_readings(case: Case) -> str:
    """What each damaged word may have been, by each step that the title names, and what each reading weighs; without
    a step what the words of sound text are worth beside one another."""
    steps = case.option("@", "").split()
    shown = (_show_readings(step, case.text) for step in steps) if steps else map(_show_worth, case.text.split("\n"))
    return "\n".join(line for lines in shown for line in lines)


def _show_worth(line: str) -> Iterator[str]:
    model = load_model(lexicon=(("kvềng", 3), ("kvềng học", 2)))
    numbers = model.pieces(line)
    yield f"{line} {weigh_text(line):.2f}"
    triples = zip((0, 0, *numbers), (0, *numbers), numbers, strict=False)
    yield " ".join(f"{model.score(*triple):.3f}" for triple in triples)
    words = line.split()
    for left, word, right in zip(words, words[1:], words[2:], strict=False):
        worths = model.case_scores(case_class(left), case_class(right), "LTWUM", [word] * 5)
        yield f"  {left} {word} {right}: {' '.join(f'{worth:.3f}' for worth in worths)}"
    worths = [association_worth(character, find_words(line)) for character in line]
    yield f"  {' '.join(f'{worth:.1f}' for worth in worths if worth)}"


def _show_readings(step: str, text: str) -> Iterator[str]:
    chain = parse_step(step)
    table = WordTable(chain, load_model)
    damaged = damage_by(text, step)
    yield f"{step}: {judge(table, damaged):.2f}, costs {sum(channel.cost for channel in chain)}"
    for word in dict.fromkeys(table.word_re.findall(damaged)):
        value = table[word]
        signs = f"{table.vote(word):+d}{'?' * (not table.is_likely(word))}"
        yield f"  {word!r} {signs} {table.scores.get(word, 0):.2f} {_show_worths(table.list_readings(word)[:6])}"
        if isinstance(value, Choice):
            worths = sorted(zip(value.worths, value.texts, strict=True), reverse=True)
            yield f"    {value.cases} {'emoji' * value.emoji} {_show_worths(worths)}"
        elif value != word:
            yield f"    {value!r}"
        if len(chain) == 1 and not word.isascii():
            likely = sorted(((weigh_text(other), other) for _, other in table.list_any(word)), reverse=True)[:4]
            yield f"    any: {read_word(word, table)} {_show_worths(likely)}"


def _show_worths(rows: list[tuple[float, str]]) -> str:
    return " ".join(f"{text!r} {worth:.2f}" for worth, text in rows)


def show_index(case: Case) -> str:
    """The files of a search index: what `search.js` reads. `@70` has each lesson so many times."""
    pages = {}
    for copy in range(int(case.option("@", "1"))):
        for number, text in enumerate(case.text.split("\n===\n")):
            lesson = parse_lesson(text, "a.md")
            pages[f"{copy}/{number}"] = Page(lesson.facts.title, search_entry(lesson), f"Phần {copy}")
    files = dict(SearchIndex(pages).files())
    cards = [path for path in files if path.count("/") > 2 and "/cards/" in path]
    shown = (path for path in files if path not in cards[3:])
    return "".join(_show_file(path, files[path]) for path in shown).removesuffix("\n")


def _show_file(path: str, text: str) -> str:
    """A file of the index, without the words of the search box, and with the texts of its cards unpacked."""
    text = text.partition(',"labels"')[0]
    whole = re.sub(r'"(eJ[A-Za-z0-9+/]+=*)"', lambda packed: decompress(b64decode(packed[1])).decode(), text)
    return f"{path} {whole.rstrip()}\n"


def show_findings(case: Case) -> str:
    """What is wrong with a lesson as its own text shows, with its hints and fixes. `?word` is damage that nobody could
    read; `@section` is the text of a folder."""
    lesson = parse_lesson(case.text, "a.md", markers=("N", "M"), language="en")
    unread = re.finditer(case.option("?", r"\Z."), case.text)
    view = LessonView(
        "a.md",
        case.text,
        lesson.facts,
        lesson.body,
        repairs=tuple(_unread(case.text, found) for found in unread),
        markers=("N", "M"),
        is_section=case.option("@", "") == "section",
    )
    found = [line for one in check_lesson(view) for line in _show_finding(one)]
    return "\n".join(found) or "nothing"


def _unread(text: str, found: re.Match[str]) -> Repair:
    line, column = text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())
    return Repair(line, column, found[0], found[0], UNREAD, 0.1)


def _show_finding(found: Diagnostic) -> Iterator[str]:
    yield f"{found.code} {found.severity} {found.line or '-'}:{found.column or '-'}: {found.message}"
    if found.hint:
        yield f"  hint: {found.hint}"
    for edit in found.fix:
        yield f"  {edit.line}:{edit.column} {edit.before!r} -> {edit.after!r}"


STAGES: dict[str, Callable[[Case], str]] = {
    "parse.txt": show_parsed,
    "repair.txt": show_repaired,
    "readings.txt": show_readings,
    "search.txt": show_index,
    "checks.txt": show_findings,
}


@pytest.mark.parametrize("case", read_cases("parse.txt"), ids=lambda case: case.head)
def test_what_a_lesson_is_parsed_to_is_what_a_person_has_looked_at(case: Case) -> None:
    assert show_parsed(case) == case.result


@pytest.mark.parametrize("case", read_cases("repair.txt"), ids=lambda case: case.head.partition(" @")[0])
def test_what_a_text_is_repaired_to_is_what_a_person_has_looked_at(case: Case) -> None:
    assert show_repaired(case) == case.result


@pytest.mark.parametrize("case", read_cases("readings.txt"), ids=lambda case: case.head.partition(" @")[0])
def test_what_a_reading_weighs_is_what_a_person_has_looked_at(case: Case) -> None:
    assert show_readings(case) == case.result


@pytest.mark.parametrize("case", read_cases("search.txt"), ids=lambda case: case.head.partition(" @")[0])
def test_the_files_of_a_search_index_are_what_a_person_has_looked_at(case: Case) -> None:
    assert show_index(case) == case.result


@pytest.mark.parametrize("case", read_cases("checks.txt"), ids=lambda case: case.head.partition(" ?")[0])
def test_what_is_found_in_a_lesson_is_what_a_person_has_looked_at(case: Case) -> None:
    assert show_findings(case) == case.result


def write_anew() -> None:
    for name, show in STAGES.items():
        parts = [f"{CASE}{case.head}\n{case.text}\n{RESULT}\n{show(case)}\n" for case in read_cases(name)]
        (FOLDER / name).write_text("".join(parts), "utf-8")


if __name__ == "__main__":
    write_anew()
