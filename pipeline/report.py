"""the damage of every lesson -> the account a maintainer can act on, as JSON and as a page."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.locale import translator
from pipeline.page.context import PageContext
from pipeline.page.frame import frame_values
from pipeline.page.template import render_template
from pipeline.paths import REPORT_FOLDER, page_target, relative_url
from pipeline.site_values import LessonRepairs, RepairSummary, ReportInputs
from pipeline.values import Repair, RepairedLesson

CONFIDENCE_DIGITS = 4
# Letters are compared up to this length; what is longer is a line of which all is shown as changed.
MOST_COMPARED = 200

Parts = tuple[tuple[str, bool], ...]
"""A text cut up: each part with whether the other text has it otherwise."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A repair that a person should look at."""

    line: int
    before: Parts
    after: Parts
    confidence: float
    runner_up: str
    channel: str
    """What happened to the text, in words."""
    decision: str
    """The entry for `repairs.toml` that accepts it."""


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A damaged lesson in the report."""

    path: str
    url: str
    account_url: str
    """The JSON with each of its repairs."""
    encoding: str
    channels: tuple[str, ...]
    """What happened to its text, in words."""
    repaired: int
    review: tuple[ReviewRow, ...]
    """The most doubtful first."""
    decisions: str
    """Entries for `repairs.toml` that accept every reading in doubt, to be copied and changed."""


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """The damage of one folder at the top of the course."""

    name: str
    lessons: int
    repaired: int
    review: int
    share: float
    """Its repairs as a share of those of the worst module, 0 to 1: the length of its bar."""


class RepairsContext(PageContext):
    """What `repairs.html` is given besides."""

    repaired: int
    """Places that were changed."""
    review: int
    """Places that need a person."""
    modules: tuple[ModuleRow, ...]
    """The damage by folder at the top of the course."""
    lessons: tuple[LessonRow, ...]
    """The damaged lessons, with `url`, `account_url`, `encoding`, `channels`, `repaired`, `review` and `decisions`."""


def summary_of(lesson: RepairedLesson, review: tuple[Repair, ...]) -> RepairSummary:
    """What the report says of a lesson, given those of its repairs that a person should look at."""
    return RepairSummary(
        encoding=lesson.encoding,
        repaired=sum(repair.before != repair.after for repair in lesson.repairs),
        steps=tuple(dict.fromkeys(repair.step for repair in lesson.repairs)),
        review=review,
    )


def account_of(path: str, lesson: RepairedLesson) -> str:
    """Every repair of a lesson as JSON."""
    # One repair a line: a lesson has hundreds, and a diff of two accounts should be readable.
    rows = ",\n  ".join(json.dumps(_plain(repair), ensure_ascii=False) for repair in lesson.repairs)
    head = json.dumps({"lesson": path, "encoding": lesson.encoding}, ensure_ascii=False)
    return f'{head[:-1]}, "repairs": [\n  {rows}\n]}}\n'


def report_json(inputs: ReportInputs) -> str:
    """The account of the course as JSON: counts, and what needs review."""
    return _to_json(
        {
            "damaged": len(inputs.lessons),
            "repaired": sum(lesson.summary.repaired for lesson in inputs.lessons),
            "review": sum(len(lesson.summary.review) for lesson in inputs.lessons),
            "modules": [asdict(row) for row in _modules(inputs)],
            "damaged_lessons": [
                {
                    "lesson": lesson.path,
                    "encoding": lesson.summary.encoding,
                    "steps": lesson.summary.steps,
                    "repaired": lesson.summary.repaired,
                    "review": [_plain(repair) for repair in lesson.summary.review],
                }
                for lesson in inputs.lessons
            ],
        }
    )


def render_report(inputs: ReportInputs, templates: tuple[Path, ...]) -> str:
    """The account of the course as a page."""
    own = f"{REPORT_FOLDER}/index.html"
    translate = translator(inputs.language, templates)
    lessons = tuple(_row(own, lesson, translate) for lesson in inputs.lessons)
    frame = frame_values(
        own,
        language=inputs.language,
        course_title=inputs.course_title,
        title=translate("Repairs"),
        statics=inputs.statics,
        look=inputs.look,
    )
    context = RepairsContext(
        **frame,
        repaired=sum(row.repaired for row in lessons),
        review=sum(len(row.review) for row in lessons),
        modules=_modules(inputs),
        lessons=lessons,
    )
    return render_template(templates, "repairs.html", context)


def name_channel(step: str, translate: Callable[[str], str]) -> str:
    """Return what a repair's step undoes, in words.

    >>> name_channel("cp1254-drop+latin-1-keep", str)
    'UTF-8 read as Turkish Windows, letters lost; UTF-8 read as ISO 8859-1'
    """
    known = {
        "unread": translate("damage that cannot be read"),
        "decided": translate("decided by a person"),
        "letters-lost": translate("letters saved as question marks"),
    }
    pages = {
        "cp1252": translate("Western Windows"),
        "cp1254": translate("Turkish Windows"),
        "cp1258": translate("Vietnamese Windows"),
        "cp1250": translate("Central European Windows"),
        "cp1251": translate("Cyrillic Windows"),
        "cp1253": translate("Greek Windows"),
        "cp1257": translate("Baltic Windows"),
        "latin-1": "ISO 8859-1",
        "iso8859-2": "ISO 8859-2",
        "iso8859-7": "ISO 8859-7",
        "mac-roman": "Mac Roman",
        "cp437": "DOS (437)",
        "cp850": "DOS (850)",
    }
    losses = {
        "drop": translate("letters lost"),
        "fffd": translate("letters replaced"),
        "question": translate("letters replaced"),
        "spaces": translate("spaces changed"),
        "merged": translate("spaces changed"),
        "stripped": translate("spaces changed"),
        "quotes": translate("quotation marks changed"),
    }
    named = []
    for channel in step.split("+"):
        page = next((page for page in pages if channel.startswith(f"{page}-")), "")
        if not page:
            return known.get(step, translate("text in a wrong encoding"))
        happened = [losses[name] for name in channel.removeprefix(page).split("-") if name in losses]
        named.append(", ".join((translate("UTF-8 read as %s") % pages[page], *dict.fromkeys(happened))))
    return "; ".join(named)


def compare_letters(before: str, after: str) -> tuple[Parts, Parts]:
    """Cut up two texts into what they share and what differs.

    >>> compare_letters("Há»c", "Học")
    ((('H', False), ('á»', True), ('c', False)), (('H', False), ('ọ', True), ('c', False)))
    """
    if max(len(before), len(after)) > MOST_COMPARED:
        return ((before, True),), ((after, True),)
    from difflib import SequenceMatcher  # 3 ms, and only the page of all repairs shows them

    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return (
        tuple((before[start:end], tag != "equal") for tag, start, end, _, _ in opcodes if start < end),
        tuple((after[start:end], tag != "equal") for tag, _, _, start, end in opcodes if start < end),
    )


def _review_row(path: str, repair: Repair, translate: Callable[[str], str]) -> ReviewRow:
    before, after = compare_letters(repair.before, repair.after)
    channel = name_channel(repair.step, translate)
    decision = _decision(path, repair)
    return ReviewRow(repair.line, before, after, repair.confidence, repair.runner_up, channel, decision)


def _row(own: str, lesson: LessonRepairs, translate: Callable[[str], str]) -> LessonRow:
    summary = lesson.summary
    doubtful = sorted(summary.review, key=lambda repair: (repair.confidence, repair.line, repair.column))
    return LessonRow(
        path=lesson.path,
        url=relative_url(own, page_target(lesson.page)),
        account_url=relative_url(own, f"{REPORT_FOLDER}/{lesson.path}.json"),
        encoding=summary.encoding,
        channels=tuple(dict.fromkeys(name_channel(step, translate) for step in summary.steps)),
        repaired=summary.repaired,
        review=tuple(_review_row(lesson.path, repair, translate) for repair in doubtful),
        decisions="\n".join(dict.fromkeys(_decision(lesson.path, repair) for repair in summary.review)),
    )


def _decision(path: str, repair: Repair) -> str:
    return (
        f"[[repair]]\nlesson = {_toml(path)}\ndamaged = {_toml(repair.before)}\n"
        f'action = "accept"\nreading = {_toml(repair.after)}\n'
    )


def _toml(text: str) -> str:
    """A TOML string in which what cannot be seen, such as a no-break space, is written out."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(map(_visible, escaped))}"'


def _visible(character: str) -> str:
    hidden = unicodedata.category(character)[0] in "CZ" and character != " "
    return f"\\U{ord(character):08X}" if hidden else character


def _modules(inputs: ReportInputs) -> tuple[ModuleRow, ...]:
    counts: dict[str, list[int]] = {}
    for lesson in inputs.lessons:
        module = lesson.path.partition("/")[0] if "/" in lesson.path else ""
        row = counts.setdefault(module, [0, 0, 0])
        row[0] += 1
        row[1] += lesson.summary.repaired
        row[2] += len(lesson.summary.review)
    worst = max((row[1] for row in counts.values()), default=0) or 1
    return tuple(
        ModuleRow(name, lessons, repaired, review, round(repaired / worst, CONFIDENCE_DIGITS))
        for name, (lessons, repaired, review) in counts.items()
    )


def _plain(repair: Repair) -> dict[str, Any]:
    return {
        "line": repair.line,
        "column": repair.column,
        "before": repair.before,
        "after": repair.after,
        "step": repair.step,
        "confidence": round(repair.confidence, CONFIDENCE_DIGITS),
        "runner_up": repair.runner_up,
    }


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
