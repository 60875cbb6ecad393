"""The part of a task that needs no state: values -> values, in whatever process.

What a task is made from goes in, what it keeps comes out; `steps.py` keeps it. Everything here can be
pickled, so that many lessons can be worked on ahead in other processes (`ahead.py`).
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.disk.files import digest_of
from pipeline.builder.disk.sources import read_source
from pipeline.builder.disk.sweep import FileStamp
from pipeline.decisions import Decisions
from pipeline.errors import Diagnostic
from pipeline.paths import REPORT_FOLDER, nfc
from pipeline.patterns import lazy_pattern
from pipeline.settings import DECISIONS_NAME, Settings
from pipeline.values import PageInputs, ParsedLesson, Repair, RepairedLesson, decode, encode, encode_with

_BYTE_ORDER_RE = lazy_pattern(r"ï»¿[\x00-\x7f]*")


class Workshop(NamedTuple):
    """What the work on every lesson of a course has in common, read once for each run."""

    content: Path
    templates: tuple[Path, ...]
    settings: Settings
    decisions: Mapping[str, Decisions]
    lexicon: Mapping[str, int]
    words: Mapping[str, str]
    """The course's own for what lessons bring along, by the English ones."""
    compiled: Path
    """Where compiled templates are kept."""
    version: str
    """Of the code that compiles them and of the words in them."""


class RepairWork(NamedTuple):
    """What `repair:<path>` leaves."""

    stamp: FileStamp
    """The source's, before it was read."""
    source: bytes
    """Digest of the bytes that were read."""
    digest: bytes
    """Digest of the repaired text."""
    lesson: bytes
    """The `RepairedLesson`, encoded."""
    diagnostics: tuple[Diagnostic, ...]
    summary: str
    """The `RepairSummary`, encoded; `""` for a sound lesson."""
    account: bytes
    """Its file in the report; empty for a sound lesson."""


class ParseWork(NamedTuple):
    """What `parse:<path>` leaves."""

    repaired: bytes
    """Digest of the repaired text that was parsed."""
    page: str
    """The page that the lesson was to be."""
    digest: bytes
    """Digest of all that a page shows of it."""
    lesson: bytes
    """The `ParsedLesson`, encoded."""
    facts: str
    """Its `LessonFacts`, encoded."""
    aliases: tuple[str, ...]
    """Its former paths."""
    terms: bytes
    """What it can be found by, packed."""
    text: bytes
    """Its text for the search index, packed; empty if it has none."""
    diagnostics: tuple[Diagnostic, ...]


def import_stages() -> None:
    """Import what a lesson needs on its way, which is done when a stage first runs if not before."""
    for stage in ("decode", "parse.lesson", "repair", "search", "page", "search.shards"):
        importlib.import_module(f"pipeline.{stage}")


def do_repair(path: str, shop: Workshop) -> RepairWork:
    """source file -> repaired lesson and the account of its repairs. Raises `PipelineError`."""
    source = read_source(shop.content, path)
    lesson, review = _repair(source.content, path, shop.settings, shop.lexicon, shop.decisions.get(nfc(path), {}))
    summary, account = "", b""
    if lesson.repairs:
        from pipeline.report import account_of, summary_of

        summary = encode(summary_of(lesson, review)).decode("utf-8", "surrogatepass")
        account = account_of(path, lesson).encode("utf-8", "surrogatepass")
    parts = {"text": encode(lesson.text), "doubts": encode(lesson.doubts)}
    return RepairWork(
        source.stamp,
        source.digest,
        digest_of(b",".join(parts.values())),
        encode_with(lesson, parts),
        lesson.diagnostics,
        summary,
        account,
    )


def repair_source(
    content: bytes, settings: Settings, lexicon: Mapping[str, int], decisions: Decisions
) -> RepairedLesson:
    """Decode the bytes of a lesson and undo its damage."""
    return _repair(content, "", settings, lexicon, decisions)[0]


def _repair(
    content: bytes, path: str, settings: Settings, lexicon: Mapping[str, int], decisions: Decisions
) -> tuple[RepairedLesson, tuple[Repair, ...]]:
    """The repaired lesson, and those of its repairs that a page shows and a person should look at."""
    from pipeline.decode import decode_source
    from pipeline.parse.limits import MAX_LINE_CHARACTERS
    from pipeline.repair import RepairOptions, find_doubts, is_repair_off, is_suspicious, repair_text
    from pipeline.repair.review import needs_review

    decoded = decode_source(content)
    text, threshold = decoded.text, settings.repair_threshold
    is_refused = len(text) > MAX_LINE_CHARACTERS and max(map(len, text.split("\n"))) > MAX_LINE_CHARACTERS
    if settings.repair == "off" or is_refused or is_repair_off(text) or not is_suspicious(text):
        return RepairedLesson(text, decoded.encoding, diagnostics=decoded.diagnostics), ()
    repaired = repair_text(text, RepairOptions(lexicon, decisions))
    review = [repair for repair in repaired.repairs if needs_review(repair, threshold)]
    doubts = find_doubts(text, repaired.repairs, threshold)
    if review:
        from pipeline.parse.navigation import find_shown

        shown = find_shown(repaired.text, doubts, path, settings.markers)
        # A byte order mark and the `#` behind it are no word.
        shown = [number for number in shown if not _BYTE_ORDER_RE.fullmatch(review[number].before)]
        review, doubts = [review[number] for number in shown], tuple(doubts[number] for number in shown)
    told = (*decoded.diagnostics, *_tell_doubts(review, repaired.repairs), *_tell_unused(decisions, repaired.repairs))
    return RepairedLesson(repaired.text, decoded.encoding, repaired.repairs, doubts, told), tuple(review)


def _tell_unused(decisions: Decisions, repairs: tuple[Repair, ...]) -> Iterator[Diagnostic]:
    damaged = {repair.before for repair in repairs}
    for word in sorted(set(decisions) - damaged):
        if decisions[word] is not None:
            yield Diagnostic(
                f"the decision about {word!r} matches nothing in this lesson",
                hint=f"copy the damaged word from {REPORT_FOLDER}/; it may hold a no-break space",
            )


def _tell_doubts(review: Sequence[Repair], repairs: tuple[Repair, ...]) -> tuple[Diagnostic, ...]:
    if not review:
        return ()
    first = review[0]
    example = f"{first.before!r} -> {first.after!r} ({first.confidence:.0%})"
    return (
        Diagnostic(
            f"{len(review)} of {len(repairs)} repairs need a person, the first {example}",
            line=first.line,
            hint=f"see {REPORT_FOLDER}/index.html and decide in {DECISIONS_NAME}",
        ),
    )


def do_parse(
    path: str, page: str, repaired: bytes, digest: bytes, shop: Workshop, before: bytes | None = None
) -> ParseWork:
    """A `RepairedLesson`, encoded, and the digest of its text -> parsed lesson, which is to be that page. Raises
    `PipelineError`.

    `before` is a `ParsedLesson`, encoded, that the same code made of the lesson as it was before an edit.
    """
    from pipeline.parse.lesson import parse_lesson
    from pipeline.parse.pieces import known_pieces
    from pipeline.search import pack_text, search_entry

    source = decode(RepairedLesson, repaired)
    lesson = parse_lesson(
        source.text,
        path,
        page=page,
        markers=shop.settings.markers,
        trusted_html=shop.settings.trusted_html,
        doubts=source.doubts,
        language=shop.settings.language,
        words=shop.words,
        known=known_pieces(decode(ParsedLesson, before)) if before else {},
    )
    facts = encode(lesson.facts)
    parts = {
        "facts": facts,
        "heading": encode(lesson.heading),
        "body": encode(lesson.body),
        "slot": encode(lesson.slot),
        "front": encode(lesson.front),
    }
    shown = facts if not lesson.facts.links else encode(lesson.facts._replace(link_lines=()))
    entry = search_entry(lesson)
    return ParseWork(
        digest,
        page,
        digest_of(b",".join((shown, *(part for name, part in parts.items() if name != "facts")))),
        encode_with(lesson, parts),
        facts.decode("utf-8", "surrogatepass"),
        lesson.facts.aliases,
        entry.terms,
        pack_text(entry),
        lesson.diagnostics,
    )


def do_lesson(shop: Workshop, path: str, page: str) -> Iterator[RepairWork | ParseWork]:
    """Both stages of one lesson, the second on what the first gives. Raises `PipelineError`."""
    repaired = do_repair(path, shop)
    yield repaired
    yield do_parse(path, page, repaired.lesson, repaired.digest, shop)


def _find_compiled(shop: Workshop) -> None:
    from pipeline.page import keep_compiled

    if shop.compiled.is_dir():
        keep_compiled(shop.compiled, shop.version)


def do_render(inputs: bytes, lesson: bytes | None, shop: Workshop) -> bytes:
    """`PageInputs` and `ParsedLesson`, encoded -> the bytes of the page. Raises `PipelineError`."""
    from pipeline.page import render_page

    _find_compiled(shop)
    parsed = decode(ParsedLesson, lesson) if lesson is not None else None
    return render_page(decode(PageInputs, inputs), parsed, shop.templates).encode("utf-8", "replace")
