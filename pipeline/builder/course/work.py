"""The part of a task that needs no state: values -> values, in whatever process.

What a task is made from goes in, what it keeps comes out; `steps.py` keeps it. Everything here can be
pickled, so that many lessons can be worked on ahead in other processes (`ahead.py`).
"""

import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.builder.disk.files import digest_of
from pipeline.builder.disk.sources import PART_LIMIT, SourceBytes, digest_source, limit_of, read_source
from pipeline.builder.disk.sweep import FileStamp, is_left_out
from pipeline.decisions import Decisions
from pipeline.errors import Diagnostic, LessonError, SourceError
from pipeline.paths import REPORT_FOLDER, nfc
from pipeline.patterns import lazy_pattern
from pipeline.settings import COURSE_FILES, DECISIONS_NAME, Settings
from pipeline.values import PageInputs, ParsedLesson, Repair, RepairedLesson, decode, encode, encode_with

_BYTE_ORDER_RE = lazy_pattern(r"ï»¿[\x00-\x7f]*")


class Workshop(NamedTuple):
    """What the work on every lesson of a course has in common, read once for each run."""

    content: Path | None
    """Where the parts of lessons are; None on another machine."""
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
    parts: tuple[tuple[str, bytes], ...]
    """The files that were asked for to be included, and their digests (`digest_part`)."""


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


class PartsElsewhereError(Exception):
    """A lesson asks for parts, which are not on this machine."""


PARTS_HELD = 8
INCLUDES = "includes"
"""The message of the note that a `repair` task keeps of each file that it asked for; its hint is the digest."""


def import_stages() -> None:
    """Import what a lesson needs on its way, which is done when a stage first runs if not before."""
    for stage in ("decode", "parse.lesson", "repair", "search", "page", "search.shards"):
        importlib.import_module(f"pipeline.{stage}")


def do_repair(path: str, source: SourceBytes, shop: Workshop) -> RepairWork:
    """The bytes of a source -> repaired lesson and the account of its repairs. Raises `PipelineError`."""
    lesson, review = _repair(source.content, path, shop.settings, shop.lexicon, shop.decisions.get(nfc(path), {}))
    summary, account = "", b""
    if lesson.repairs:
        from pipeline.report import account_of, summary_of

        summary = encode(summary_of(lesson, review)).decode("utf-8", "surrogatepass")
        account = account_of(path, lesson).encode("utf-8", "surrogatepass")
    included: tuple[tuple[str, bytes], ...] = ()
    if "8<-" in lesson.text or "{{" in lesson.text:  # few lessons have parts
        lesson, included = _include(path, lesson, shop)
    parts = {name: encode(getattr(lesson, name)) for name in ("text", "doubts", "included")}
    return RepairWork(
        source.stamp,
        source.digest,
        digest_of(b",".join(parts.values())),
        encode_with(lesson, parts),
        lesson.diagnostics,
        summary,
        account,
        included,
    )


def _include(path: str, lesson: RepairedLesson, shop: Workshop) -> tuple[RepairedLesson, tuple[tuple[str, bytes], ...]]:
    """The lesson with its parts, each repaired as it would be alone; and the parts that were asked for."""
    from pipeline.parse.includes import expand_includes

    digests: dict[str, bytes] = {}
    kept = _parts_of(shop)

    def read(part: str) -> str | None:
        digests[part] = b""
        if shop.content is None:
            raise PartsElsewhereError
        if not os.path.lexists(shop.content / part):
            return None
        try:
            _check_part(shop.content, part, shop.settings.ignore)
            source = read_source(shop.content, part, PART_LIMIT)
        except SourceError:
            digests[part] = _digest_refused(shop.content, part, shop.settings.ignore)
            raise
        digests[part] = source.digest
        if (part, source.digest) not in kept:
            decided = shop.decisions.get(nfc(part), {})
            if len(kept) >= PARTS_HELD:
                kept.pop(next(iter(kept)))
            kept[part, source.digest] = _repair(source.content, part, shop.settings, shop.lexicon, decided)[0].text
        return kept[part, source.digest]

    found = expand_includes(lesson.text, path, read, lesson.doubts)
    notes = tuple(
        Diagnostic(INCLUDES, hint=digests[part].hex(), severity="note", path=part, code=INCLUDES)
        for part in found.asked
    )
    diagnostics = (*lesson.diagnostics, *found.diagnostics, *notes)
    expanded = lesson._replace(text=found.text, doubts=found.doubts, diagnostics=diagnostics)
    return expanded._replace(included=found.lines if found.asked else ()), tuple(digests.items())


_Parts = dict[tuple[str, bytes], str]
_PARTS_KEPT: list[tuple[Workshop, _Parts]] = []
"""The parts that were repaired last, by path and digest of their bytes, and what they were repaired with."""


def _parts_of(shop: Workshop) -> _Parts:
    """The parts that were repaired with the same: many lessons have the same one."""
    if not _PARTS_KEPT or _PARTS_KEPT[0][0] is not shop:
        _PARTS_KEPT[:] = [(shop, {})]
    return _PARTS_KEPT[0][1]


def digest_part(content: Path, part: str, ignore: tuple[str, ...]) -> bytes:
    """What is at a path that a lesson asks for: the digest of its bytes; of why it is refused, if it is; empty if
    nothing is there."""
    if not os.path.lexists(content / part):
        return b""
    try:
        _check_part(content, part, ignore)
        return digest_source(content, part, limit_of(part))[1]  # too large a lesson may be a file all the same
    except SourceError as error:
        return digest_of(error.message.encode())


def _digest_refused(content: Path, part: str, ignore: tuple[str, ...]) -> bytes:
    """`digest_part`, of a file that may be large, and be refused to many lessons: it is read once."""
    path = content / part
    try:
        stamps = [(s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino) for s in (os.lstat(path), os.stat(path))]
    except OSError:
        return digest_part(content, part, ignore)
    return _digest_once(content, part, ignore, *stamps)


@lru_cache(maxsize=64)
def _digest_once(content: Path, part: str, ignore: tuple[str, ...], *stamps: tuple[int, ...]) -> bytes:
    return digest_part(content, part, ignore)


def _check_part(content: Path, part: str, ignore: tuple[str, ...]) -> None:
    if part in COURSE_FILES or is_left_out(content, part, ignore):
        raise SourceError("it is no part of the course", hint="see the setting ignore")


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
    if settings.repair == "off" or is_refused or is_repair_off(text):
        return RepairedLesson(text, decoded.encoding, diagnostics=decoded.diagnostics), ()
    formulas: tuple[Repair, ...] = ()
    if "\\" in text:
        from pipeline.parse.lone_tex import join_repairs, set_lone_tex

        formulas = set_lone_tex(text, decisions)
    if not is_suspicious(text) and not formulas:
        return RepairedLesson(text, decoded.encoding, diagnostics=decoded.diagnostics), ()
    repaired = repair_text(text, RepairOptions(lexicon, decisions))
    repairs, mended = repaired.repairs, repaired.text
    if formulas:
        repairs, mended = join_repairs(formulas, repairs, mended)
    review = [repair for repair in repairs if needs_review(repair, threshold)]
    doubts = find_doubts(text, repairs, threshold)
    if review:
        from pipeline.parse.navigation import find_shown

        shown = find_shown(mended, doubts, path, settings.markers)
        # A byte order mark and the `#` behind it are no word.
        shown = [number for number in shown if not _BYTE_ORDER_RE.fullmatch(review[number].before)]
        review, doubts = [review[number] for number in shown], tuple(doubts[number] for number in shown)
    told = (*decoded.diagnostics, *tell_doubts(review, repairs), *_tell_unused(decisions, repairs))
    return RepairedLesson(mended, decoded.encoding, repairs, doubts, told), tuple(review)


def _tell_unused(decisions: Decisions, repairs: tuple[Repair, ...]) -> Iterator[Diagnostic]:
    damaged = {repair.before for repair in repairs}
    for word in sorted(set(decisions) - damaged):
        if decisions[word] is not None:
            yield Diagnostic(
                f"the decision about {word!r} matches nothing in this lesson",
                hint=f"copy the damaged word from {REPORT_FOLDER}/; it may hold a no-break space",
                code="unused-decision",
            )


def tell_doubts(review: Sequence[Repair], repairs: tuple[Repair, ...]) -> tuple[Diagnostic, ...]:
    """What is told of the repairs of a lesson, of which `review` need a person."""
    if not review:
        return ()
    first = review[0]
    example = f"{first.before!r} -> {first.after!r} ({first.confidence:.0%})"
    return (
        Diagnostic(
            f"{len(review)} of {len(repairs)} repairs need a person, the first {example}",
            line=first.line,
            column=first.column,
            code="doubtful-repair",
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
    try:
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
    except LessonError as error:
        if source.included and error.line:
            from pipeline.parse.includes import place_of_line

            error.path, error.line, _ = place_of_line(error.line, source.included)
        raise
    if source.included:
        from pipeline.parse.includes import relocate

        lesson = relocate(lesson, source.included)
    facts = encode(lesson.facts)
    parts = {
        "facts": facts,
        "heading": encode(lesson.heading),
        "body": encode(lesson.body),
        "slot": encode(lesson.slot),
        "front": encode(lesson.front),
    }
    shown = facts if not lesson.facts.links else encode(lesson.facts._replace(link_places=()))
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


def do_lesson(
    shop: Workshop, path: str, page: str, content: bytes, stamp: FileStamp, digest: bytes
) -> Iterator[RepairWork | ParseWork]:
    """Both stages of one lesson, the second on what the first gives. Raises `PipelineError`."""
    repaired = do_repair(path, SourceBytes(content, stamp, digest), shop)
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
