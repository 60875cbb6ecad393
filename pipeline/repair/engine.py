"""text -> repaired text: finds the damaged lines, their chain and words, and settles what is in doubt."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache, partial

from pipeline.repair import general
from pipeline.repair.chains import Chains, count_plain, is_foreign, sample_lines
from pipeline.repair.code import outside_code
from pipeline.repair.codepages import Channel
from pipeline.repair.entities import find_entities, may_have_entities
from pipeline.repair.escapes import may_have_escapes, speaks_of_encodings
from pipeline.repair.evidence import Weighing, find_pages, is_utf8, may_show, weigh
from pipeline.repair.foreign import ForeignLines
from pipeline.repair.fragments import leave, may_leave
from pipeline.repair.lost import DAMAGED_REPLACED, REPLACED, LostLetters, has_lost_letter
from pipeline.repair.model import Model, load_model
from pipeline.repair.off import is_repair_off
from pipeline.repair.plausibility import has_rare, reads_well, weigh_text
from pipeline.repair.quoted import (
    find_quiet_lines,
    lists_characters,
    names_damage,
    pair_parts,
    quotes_reading,
    repeats_line,
    shows_reading,
)
from pipeline.repair.search import Choice, settle
from pipeline.repair.split import Split, explain
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.suspicion import is_suspicious, may_be_transcoded, may_have_lost_letters
from pipeline.repair.transcoding import PERSONAL, SURE, UNSURE, find_transcoding
from pipeline.repair.unread import leave_unread, tell_escapes
from pipeline.repair.values import DEFAULT, RepairedText, RepairOptions
from pipeline.repair.whole import read_whole
from pipeline.repair.wordtable import WordTable
from pipeline.values import Repair

# Of the damaged words that read as words, this share must read as Vietnamese ones.
CREDIBLE = 0.5
# Where they are not so many times as many, the plain words are asked too.
FEW_OTHERS = 2
_LETTER_RE = re.compile(r"[^\W\d_]")
_HAN_RE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# A text is repaired again until nothing changes; one that is never done is left as it was.
MOST_PASSES = 5


class Engine:
    """A model and all that was worked out with it; one serves any number of texts. Text that lost nothing needs no
    model, so it is read when it is first asked."""

    def __init__(self, read_model: Callable[[], Model]) -> None:
        self._read_model = read_model

    @cached_property
    def model(self) -> Model:
        """The language model."""
        return self._read_model()

    @cached_property
    def chains(self) -> Chains:
        """The chains of misreadings met so far."""
        return Chains(lambda: self.model)

    @cached_property
    def lost(self) -> LostLetters:
        """The words with lost letters met so far."""
        return LostLetters(self.model)

    @cached_property
    def foreign(self) -> ForeignLines:
        """The lines of other languages met so far."""
        return ForeignLines(self.chains)

    def repair(self, text: str, options: RepairOptions = DEFAULT) -> RepairedText:
        """Repair one text, as often as it takes for the result to be sound or past repair."""
        first, is_sound = self._repair_once(text, text, options)
        last, passes = first, 1
        while last.text != text and is_suspicious(last.text, is_weighed=is_sound):
            if passes == MOST_PASSES:
                return RepairedText(text)
            again, is_sound = self._repair_once(last.text, text, options)
            if again.text == last.text:
                break
            last, passes = again, passes + 1
        result = first if passes == 1 else _join_passes(text, first, last)
        if not options.decisions and may_leave(text, result):
            result = leave(text, result)
        if not may_have_escapes(text) or is_repair_off(text):
            return result
        return RepairedText(result.text, result.steps, lambda: tell_escapes(text, _list_prose(text)[0], result.repairs))

    def _repair_once(self, text: str, first: str, options: RepairOptions) -> tuple[RepairedText, bool]:
        """Repair a text once, and say whether what comes of it was weighed and is sound; first: what it was before any
        repair, whose words name the pages."""
        if not is_suspicious(text) or is_repair_off(text):
            return RepairedText(text), False
        prose, quiet = _list_prose(text)
        if may_have_entities(text) and (found := _split_entities(text, prose)):
            return RepairedText(found.result, (general.STEP,), lambda: explain(found, {})), False
        weighing = weigh(prose)
        if weighing.damaged and (split := _split_whole(text, quiet)):
            return self._conclude(split, options), True
        is_asked = weighing.damaged and (text is first or not is_foreign(sample_lines(first)))
        table = self.chains.choose(text) if is_asked else None
        if table is not None and not self.is_credible(table, text):
            table = None
        if weighing.damaged and table is None:
            weighing = weighing._replace(pages=find_pages(sample_lines(first)))
        may_be_lost = table is None and may_have_lost_letters(text)
        if weighing.pages and REPLACED not in text and DAMAGED_REPLACED not in text:
            may_be_lost = False  # what a page shows lost bytes, and no letters
        lost = may_be_lost and self.lost.find("\n".join(prose))
        is_read = table is not None and not (
            table.chain[-1].page in PERSONAL and table.count_unread(sample_lines(text))
        )
        is_known = is_read or lost or weighing.pages
        may_be_whole = not is_known and (text is first or weighing.damaged or may_be_transcoded(text))
        written, whole = _transcode(text, prose, weighing) if may_be_whole else ("", None)
        if whole and written == "utf-8" and (split := _split_whole(text, quiet)):
            split.step = whole.step
            return self._conclude(split, options), True
        if lost:
            split = self._restore_letters(text, quiet)
        elif whole and written == "utf-8" and not SUSPECT_RE.search(whole.result):
            split = whole  # UTF-8 to the last byte
        else:
            done = quiet | _list_done(first, text, weighing.pages)
            split = self._split(text, table, done, weighing) if weighing.damaged else Split([text])
            if whole and (not split.values or weigh_text(whole.result) > weigh_text(split.result)):
                split = whole
        if not split.values and text is first and (REPLACED in text or not weighing.damaged):
            split = leave_unread(text, prose)
        return (self._conclude(split, options) if split.values else RepairedText(text)), False

    def _conclude(self, split: Split, options: RepairOptions) -> RepairedText:
        """Decide what is in doubt, and give back the text that comes of it."""
        if options.decisions:
            for at, word in enumerate(split.pieces[1::2]):
                if word in options.decisions:
                    split.values[at] = options.decisions[word] or word
        in_doubt = any(isinstance(value, Choice) for value in split.values)
        decisions = settle(split.pieces, split.values, self.model) if in_doubt else {}
        after = split.pieces.copy()
        after[1::2] = split.values  # type: ignore[assignment]  # settle leaves no Choice
        undone = [table for at, table in enumerate(split.tables) if table is not None or split.sure[at]]
        steps = tuple(dict.fromkeys(split.step if one is None else one.step for one in undone))
        return RepairedText("".join(after), steps, lambda: explain(split, decisions, self._differs))

    def _differs(self, word: str, after: str) -> bool:
        """Say whether a damaged word would be read otherwise if control characters were lost."""
        value = self.chains.table((Channel("latin-1", "drop-c1"),))[word]
        return (value.texts[0] if isinstance(value, Choice) else value) not in (None, after)

    def _restore_letters(self, text: str, quiet: frozenset[int]) -> Split:
        """Cut up a text at its words with lost letters."""
        split = Split()
        for number, line in enumerate(text.split("\n")):
            split.pieces[-1] += "\n" * (number > 0)
            if number in quiet:
                split.pieces[-1] += line
            else:
                found = self.lost.word_re.split(line)
                words = {word for word in found[1::2] if self.lost[word] or has_lost_letter(word)}
                split.add_words(_join_others(found, words), self.lost)
        return split

    def is_credible(self, table: WordTable, text: str) -> bool:
        """Say whether the chain's readings are Vietnamese: what makes a damaged text ours to claim."""
        ours = others = 0
        for word in table.word_re.split(sample_lines(text))[1::2]:
            vote = table.vote(word)
            ours += vote > 0
            others += vote < 0
        if others < ours <= FEW_OTHERS * others:  # 'não há' may be Vietnamese; the plain words beside it tell
            plain_ours, plain_others = count_plain(sample_lines(text))
            ours, others = ours + plain_ours, others + plain_others
        return ours > 0 and ours >= CREDIBLE * (ours + others)

    def _split(self, text: str, table: WordTable | None, quiet: frozenset[int], weighing: Weighing) -> Split:
        if table is not None and not quiet:
            found = table.word_re.split(text)
            if "".join(found[::2]).isascii():
                values = list(map(table.__getitem__, found[1::2]))
                if None not in values and all(map(table.is_likely, dict.fromkeys(found[1::2]))):
                    split = Split()
                    split.add_words(found, table)
                    return split
        split = Split()
        lines = text.split("\n")
        if table is not None:
            unread = [line for line in lines if SUSPECT_RE.search(line) and table.count_unread(line)]
            if unread:
                table = self.chains.refine(table, "\n".join(unread))
        for number, line in enumerate(lines):
            if number:
                split.pieces[-1] += "\n"
            if number in quiet or line.isascii():
                split.pieces[-1] += line
            else:
                beside = (lines[number - 1] if number else "", lines[number + 1] if number + 1 < len(lines) else "")
                self._split_line(line, beside, table, split, weighing)
        return split

    def _split_line(
        self, line: str, beside: tuple[str, str], table: WordTable | None, split: Split, weighing: Weighing
    ) -> None:
        """Cut up one line: by a table, by the table in part, by the general step, or not at all."""
        suspicious = SUSPECT_RE.search(line) is not None
        if suspicious and not weighing.claims(line):
            split.leave_suspects(line)
        elif table is not None and self._read_whole(line, table, suspicious):
            if suspicious and repeats_line(line, beside, lambda text: table.damage_like(text, line)):
                split.pieces[-1] += line
            else:
                split.add_words(table.word_re.split(line), table)
        elif (
            (not suspicious and (table is not None or not weighing.claims(line)))
            or lists_characters(line)
            or names_damage(line)
        ):
            split.pieces[-1] += line
        else:
            self._split_mixed(line, beside, table, split, weighing.pages)

    def _read_whole(self, line: str, table: WordTable, suspicious: bool) -> bool:
        """Say whether the table explains all of a line, and better than that it is sound.

        A line without a sign of damage may be words as it stands, so it must become words that were counted.
        """
        found = table.word_re.split(line)
        words = found[1::2]
        if not "".join(found[::2]).isascii() or None in map(table.__getitem__, words):
            return False
        if suspicious:
            return True
        return all(map(table.is_likely, words)) and (
            sum(map(table.scores.__getitem__, words)) > sum(map(table.sound_score, words))
        )

    def _split_mixed(
        self, line: str, beside: tuple[str, str], table: WordTable | None, split: Split, pages: tuple[str, ...]
    ) -> None:
        """Cut up a line that the document's table does not explain to the last character."""
        found: list[str] = []
        if table is not None:
            other = self.chains.choose(line)
            if other is not None and not other.count_unread(line) and self.is_credible(other, line):
                table, found = other, other.word_re.split(line)
            else:
                found = self._find_suspects(line, table)
        if table is not None and found:
            if not _is_quoted(line, beside, found[1::2], table):
                split.add_words(found, table)
                return
        elif span := self.foreign.read(line, pages):
            if not _is_shown(line, beside, span):
                split.add_span(line, span)
                return
        else:
            split.leave_suspects(line)
            return
        split.pieces[-1] += line

    def _find_suspects(self, line: str, table: WordTable) -> list[str]:
        """Return the line split at its suspects when the table reads more words than it leaves, else nothing."""
        found = table.word_re.split(line)
        damaged = set(filter(SUSPECT_RE.search, found[1::2]))
        unread = [table[word] for word in found[1::2]].count(None)
        read = sum(word in damaged and table[word] is not None for word in found[1::2])
        return _join_others(found, damaged) if read > unread else []


def _list_prose(text: str) -> tuple[list[str], frozenset[int]]:
    """Return the lines of a text with its code blanked out, nothing for those to be left alone, and the numbers of
    these."""
    quiet = find_quiet_lines(text)
    lines = text.split("\n")
    if not all(line[:1] in ("", " ", "\t") for line in lines):  # else a fragment, which is no code of a text
        prose = list(outside_code(text))
        if not _is_all_code(text, prose):
            lines = prose
    return ["" if at in quiet else line for at, line in enumerate(lines)], quiet


def _is_all_code(text: str, prose: list[str]) -> bool:
    """Say whether a text has no word outside of its code: then what it says is there. One that speaks of encodings
    shows it on purpose."""
    return not any(map(_LETTER_RE.search, prose)) and not speaks_of_encodings(text)


def _list_done(first: str, text: str, pages: tuple[str, ...]) -> frozenset[int]:
    """Return the numbers of the lines that a page of the document has read as Chinese or Japanese before, which no page
    shows: there is nothing else to read in them, and to look takes long."""
    if text is first or not pages:
        return frozenset()
    return frozenset(
        number
        for number, (line, after) in enumerate(zip(first.split("\n"), text.split("\n"), strict=True))
        if after != line and _HAN_RE.search(after) and any(may_show(page, line) for page in pages)
    )


def _split_entities(text: str, prose: list[str]) -> Split | None:
    """Cut up a text at the letters that are written as the entities of what they were shown as; None without any."""
    split = Split()
    for number, line in enumerate(text.split("\n")):
        split.pieces[-1] += "\n" * (number > 0)
        done = 0
        for start, end, letters in find_entities(prose[number]) if len(prose[number]) == len(line) else ():
            split.add_piece(line[done:start], line[start:end], letters, general.LOSSLESS)
            done = end
        split.pieces[-1] += line[done:]
    return split if split.values else None


def _split_whole(text: str, quiet: frozenset[int]) -> Split | None:
    """Cut up a damaged text that lost nothing at its lines; None for any other one."""
    lines = text.split("\n")
    said = ["" if at in quiet or names_damage(line) else line for at, line in enumerate(lines)]
    read = read_whole("\n".join(said))
    if read is None:
        return None
    split = Split(step=read[1])
    for number, (line, claimed, after) in enumerate(zip(lines, said, read[0].split("\n"), strict=True)):
        split.pieces[-1] += "\n" * (number > 0)
        if claimed == after:
            split.pieces[-1] += line
        else:
            split.add_span(line, general.find_span(line, after, SURE))
    return split


def _transcode(text: str, prose: list[str], weighing: Weighing) -> tuple[str, Split | None]:
    """Cut up a text that went through a misreading without loss as a whole, and name what it was written in."""
    found = find_transcoding(map(_claim, prose), is_utf8=weighing.damaged and is_utf8(sample_lines(text)))
    if found is None:
        return "", None
    transcoding, is_sure = found
    split = Split(step=transcoding.step)
    lines = ["", *text.split("\n"), ""]
    for number, said in enumerate(map(_claim, prose), 1):
        split.pieces[-1] += "\n" * (number > 1)
        line = lines[number]
        read = transcoding.read(line) if said else line
        span = general.find_span(line, read, SURE if is_sure and reads_well(read) else UNSURE)
        if read == line or _is_shown(line, (lines[number - 1], lines[number + 1]), span):
            split.pieces[-1] += line
        elif has_rare(read):  # what is left of a text that lost bytes
            split.add_piece(line[: span.start], line[span.start : span.end], line[span.start : span.end], 0.0)
            split.pieces[-1] += line[span.end :]
        else:
            split.add_span(line, span)
    return transcoding.written, split


def _claim(line: str) -> str:
    """Return a line that may be damaged, nothing for one that is about damage or sound."""
    return "" if line.isascii() or lists_characters(line) or names_damage(line) else line


def _is_shown(line: str, beside: tuple[str, str], span: general.Span) -> bool:
    """Say whether what the span would repair is shown on purpose: the right text stands there too."""
    before = pair_parts(line, line[: span.start] + span.after + line[span.end :])
    return (
        quotes_reading(line, line[span.start : span.end], span.after)
        or shows_reading(line, before.get)
        or repeats_line(line, beside, before.get)
    )


def _is_quoted(line: str, beside: tuple[str, str], words: list[str], table: WordTable) -> bool:
    """Say whether the right text stands beside the damage, so that the line is about it."""
    for word in dict.fromkeys(words):
        value = table[word]
        texts = value.texts if isinstance(value, Choice) else [value or ""]
        if any(quotes_reading(line, word, text) for text in texts):
            return True

    def damage(text: str) -> str:
        return table.damage_like(text, line)

    return shows_reading(line, damage) or repeats_line(line, beside, damage)


def _join_others(found: list[str], words: set[str]) -> list[str]:
    """Join the damaged words that are not among `words` to the sound pieces around them."""
    joined = [found[0]]
    for word, after in zip(found[1::2], found[2::2]):
        if word in words:
            joined += [word, after]
        else:
            joined[-1] += word + after
    return joined


def _join_passes(text: str, first: RepairedText, last: RepairedText) -> RepairedText:
    """Explain several passes: the first's repairs, and a whole line where a later pass changed it again."""

    def explain_all() -> tuple[Repair, ...]:
        lines = list(zip(text.split("\n"), first.text.split("\n"), last.text.split("\n"), strict=True))
        again = {at for at, (_, middle, after) in enumerate(lines, 1) if middle != after}
        repairs = [repair for repair in first.repairs if repair.line not in again]
        for at in again:
            before, _, after = lines[at - 1]
            repairs.append(Repair(at, 1, before, after, general.STEP, general.AGAIN, ""))
        return tuple(sorted(repairs, key=lambda repair: (repair.line, repair.column)))

    return RepairedText(last.text, first.steps, explain_all)


_frozen: list[tuple[Mapping[str, int], tuple[tuple[str, int], ...]]] = []
"""The lexicon of the last text, and the same as a value: a course has one, of thousands of words, for its lessons."""


@lru_cache(maxsize=2)
def _engine(lexicon: tuple[tuple[str, int], ...]) -> Engine:
    return Engine(partial(load_model, lexicon=lexicon))


def repair_suspicious(text: str, options: RepairOptions) -> RepairedText:
    """Repair a text that looks damaged, with the engine of the options' lexicon."""
    return _engine(_freeze(options.lexicon)).repair(text, options)


def _freeze(lexicon: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    if not _frozen or _frozen[0][0] is not lexicon:
        _frozen[:] = [(lexicon, tuple(sorted(lexicon.items())))]
    return _frozen[0][1]
