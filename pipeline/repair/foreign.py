"""line -> what becomes of it, its damaged words read by what they are worth as text of any language.

ftfy is asked for what that leaves.

A word keeps its damage when no reading is clearly worth more than it and than every other reading.
"""

import re
from itertools import islice
from math import inf

from pipeline.repair import general
from pipeline.repair.chains import Chains
from pipeline.repair.codepages import CUT_SHORT
from pipeline.repair.emoji import association_worth, find_words, is_known_emoji
from pipeline.repair.evidence import may_show
from pipeline.repair.plausibility import is_listed, weigh_text
from pipeline.repair.readings import HYPHEN
from pipeline.repair.search import CLOSING, Choice
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.transcoding import read_line, undo_utf8
from pipeline.repair.wordtable import LONGEST_WORD, WordTable

# A line is repaired when this share at most of what makes it odd is left.
LEFT = 0.6
# So many lines are remembered.
MOST_LINES = 2000
# By so much (log) must a reading be worth more than the damage, and than the next reading; by so much it is sure.
LEAST_GAIN, LEAST_LEAD, SURE_LEAD = 4.0, 1.5, 5.0
SURE, UNSURE = 0.95, 0.6
# For each word that a channel reads it may leave so many damaged ones.
MOST_LEFT = 1
# What it says against a word as it stands that letters of it are cut short.
SIGN = 6.0

# What a capital costs within a sentence, where the damaged letter may be í: 'os Ãndices'.
CAPITAL_WITHIN = 4.0

# No word of Greek or Cyrillic has a capital behind a small letter ('λΡιρ').
_MIXED_RE = re.compile(r"[α-ωά-ώа-яё-џ][Α-ΩΆ-ΏА-ЯЀ-Џ]")
_WITHIN_RE = re.compile(r"[a-z,] $")
_HANGUL_RE = re.compile("[가-힣]")
# Scripts without spaces between words: there a letter that stays damaged is no word left half mended.
_UNSPACED_RE = re.compile("[\u0e00-\u0e7f\u2e80-\u9fff\uff61-\uff9f]")
_CUT_SHORT_RE = re.compile(CUT_SHORT)


class ForeignLines:
    """Lines of other languages, and what was made of each: a text may have the same one many times."""

    def __init__(self, chains: Chains) -> None:
        self._chains = chains
        self._read: dict[tuple[str, tuple[str, ...]], general.Span | None] = {}

    def read(self, line: str, pages: tuple[str, ...] = ()) -> general.Span | None:
        """Return the part of the line that becomes better text, and what it becomes: shown whole in a page, word by
        word, or by the general step, which is asked last because it takes longest.

        pages: those that show nearly all of the document, if any do.
        """
        key = line, pages
        if key not in self._read:
            if len(self._read) > MOST_LINES:
                self._read.clear()
            self._read[key] = self._read_anew(line, [page for page in pages if may_show(page, line)])
        return self._read[key]

    def _read_anew(self, line: str, pages: list[str]) -> general.Span | None:
        for page in pages:
            if (read := undo_utf8(line, page)) is not None:
                return general.find_span(line, read, general.LOSSLESS)
        if not pages:
            read = read_line(line)
            if read != line and (whole := _keep_better(line, general.find_span(line, read, general.LOSSLESS))):
                return whole
        span = self._read_words(line, pages)
        lost = span and len(span.after.encode("utf-8")) > span.end - span.start
        if span and lost and _keep_better(line, span) and not SUSPECT_RE.search(span.after):
            return span  # the general step knows what lost nothing
        spans = (_keep_better(line, span), _keep_better(line, _leave_halves(line, general.fix_line(line))))
        return max(filter(None, spans), key=lambda span: _weigh_with(line, span), default=None)

    def _read_words(self, line: str, pages: list[str]) -> general.Span | None:
        """Return the line with its damaged words read as words of any language, by the likeliest channel."""
        found = filter(None, (read_words(line, table) for table in self._chains.list_tables(line, pages)))
        ranked = sorted(found, key=lambda read: (weigh_text(read[0]), -len(read[0])))
        if not ranked:
            return None
        text, sure = ranked[-1]
        if len(ranked) > 1 and text != ranked[-2][0] and weigh_text(text) < weigh_text(ranked[-2][0]) + LEAST_LEAD:
            sure = min(sure, UNSURE)  # 'SarÃ' is Sarà by one channel, Sarí by another
        return general.find_span(line, text, sure)


def _weigh_with(line: str, span: general.Span) -> float:
    return weigh_text(line[: span.start] + span.after + line[span.end :])


def _leave_halves(line: str, span: general.Span | None) -> general.Span | None:
    """Return a span of the general step, None when a word is only half mended by it: `हिनà¥à¤¦à¥€`."""
    if span is None:
        return None
    before = set(line[span.start : span.end].split())
    halves = (word for word in span.after.split() if SUSPECT_RE.search(word) and word not in before)
    return span if all(map(_UNSPACED_RE.search, halves)) else None


def _keep_better(line: str, span: general.Span | None) -> general.Span | None:
    """Return a span that makes a line better text by much, None for another one."""
    if span is None or weigh_text(span.after) <= LEFT * weigh_text(line[span.start : span.end]):
        return None
    if _MIXED_RE.search(span.after):
        return None
    return span if _weigh_with(line, span) > weigh_text(line) else None


def read_words(line: str, table: WordTable) -> tuple[str, float] | None:
    """Return the line with its damaged words read through a channel, and how sure the least sure is; None when the
    channel reads too few of them to be what happened."""
    found = table.word_re.split(line)
    sure, read, left = 1.0, 0, 0
    beside: frozenset[str] | None = None
    for at in range(1, len(found), 2):
        if len(found[at]) > LONGEST_WORD:
            continue
        text, confidence = read_word(found[at], table, within=_WITHIN_RE.search(found[at - 1]) is not None)
        if text != found[at] and text[-1:] == " " and found[at + 1][:1] in CLOSING:  # the space was the last byte
            text = text[:-1] if table.verify(text[:-1], found[at]) else text
        if text == found[at] and not text[0].isascii() and SUSPECT_RE.search(text):
            beside = find_words(line) if beside is None else beside
            text, confidence = _read_emoji(text, beside, table)
        if text != found[at]:
            found[at], sure, read = text, min(sure, confidence), read + 1
        else:
            left += SUSPECT_RE.search(text + " ") is not None
    if not read or left > MOST_LEFT * read:
        return None
    return "".join(found), min(sure, UNSURE) if left else sure


def _read_emoji(word: str, beside: frozenset[str], table: WordTable) -> tuple[str, float]:
    """Return a damaged emoji by the words beside it; the word itself when they say nothing."""
    if not _may_be_signs(word, table):
        return word, 0.0
    value = table[word]
    if not isinstance(value, Choice) or not value.emoji:
        return word, 0.0
    ranked = sorted(zip((association_worth(text, beside) for text in value.texts), value.texts), reverse=True)
    return (ranked[0][1], UNSURE) if ranked[0][0] > ranked[1][0] else (word, 0.0)


def _may_be_signs(word: str, table: WordTable) -> bool:
    """Say whether each character of a damaged word may be a sign, and some an emoji: quick, where to read it is not."""
    reader = table.readers[0]
    units = [[text for _, text in reader.read_unit(match[0])] for match in reader.unit_re.finditer(word)]
    return all(any(not text[0].isalpha() for text in texts) for texts in units) and any(
        is_known_emoji(text) for texts in units for text in texts
    )


def read_word(word: str, table: WordTable, *, within: bool = False) -> tuple[str, float]:
    """Return the reading of a damaged word and how sure it is; the word itself when none is clear.

    within: whether it stands within a sentence, where few words have a capital.
    """
    key = word + " " * within
    known = table.read_any.get(key)
    if known is None:
        whole = undo_utf8(word, table.chain[0].page)
        known = (whole, SURE) if whole else _read_word(word, table, CAPITAL_WITHIN * within)
        table.read_any[key] = known
    return known


def _read_word(word: str, table: WordTable, capital: float) -> tuple[str, float]:
    ranked = sorted(
        (
            (weigh_text(text) - HYPHEN * table.count_hyphens(text, word) - capital * text[:1].isupper(), text)
            for text in table.list_any(word)
        ),
        reverse=True,
    )
    ranked = list(islice((row for row in ranked if table.verify(row[1], word)), 2))
    least = LEAST_GAIN - SIGN * bool(_CUT_SHORT_RE.search(word + " "))
    spaced = {text[:-1] for _, text in ranked if text[-1:] == " "}
    ranked = [row for row in ranked if row[1] not in spaced]  # of 'là' and 'là ' the caller knows better
    if not ranked or ranked[0][0] < weigh_text(word) + least:
        return word, 0.0
    if len(ranked) > 1 and not is_listed(ranked[0][1]):
        return word, 0.0
    # Of Korean any syllable may stand beside any, so that no lead is sure: half of those that would be were wrong.
    sure_lead = SURE_LEAD if not _HANGUL_RE.search(ranked[0][1]) or len(ranked) == 1 else inf
    lead = ranked[0][0] - ranked[1][0] if len(ranked) > 1 else SURE_LEAD
    return (ranked[0][1], SURE if lead >= sure_lead else UNSURE) if lead >= LEAST_LEAD else (word, 0.0)
