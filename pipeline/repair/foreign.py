"""line -> what becomes of it, its damaged words read by what they are worth as text of any language.

ftfy is asked for what that leaves.

A word keeps its damage when no reading is clearly worth more than it and than every other reading.
"""

import re
from functools import cache
from itertools import islice, product
from math import inf, prod
from unicodedata import category

from pipeline.repair import general
from pipeline.repair.chains import SISTERS, Chains
from pipeline.repair.codepages import C1_CONTROLS, CUT_SHORT, ISO_PAGES, shown_bytes
from pipeline.repair.emoji import association_worth, find_words, is_known_emoji
from pipeline.repair.evidence import can_be_read, judge_word, may_show
from pipeline.repair.fragments import swallows_space
from pipeline.repair.plausibility import has_rare, is_common, is_latin, is_listed, is_strange, weigh_text
from pipeline.repair.readings import HYPHEN
from pipeline.repair.search import CLOSING
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.transcoding import LINE_LEAD, read_line, undo_utf8
from pipeline.repair.wordlists import find_cost
from pipeline.repair.wordtable import EASTERN, MOST_CHOICES, WordTable

# A line is repaired when this share at most of what makes it odd is left.
LEFT = 0.6
# So many lines are remembered.
MOST_LINES = 2000
# By so much (log) must a reading be worth more than the damage, and than the next reading; by so much it is sure.
LEAST_GAIN, LEAST_LEAD, SURE_LEAD = 4.0, 1.5, 5.0
# Of a word with no more readings each is looked up; the only one that costs so little as a listed word is sure, and of
# two words the only one that makes any listed word of them: `Ã quela`.
MOST_TRIED, COMMON_COST, JOINED_COST = 64, 6.0, 8.0
# What a reading costs that is not listed where another one is: of `Ãndice` Índice is a word, Ándice is none.
UNLISTED = 6.0
# Readings whose letters cost so much more than the cheapest are not weighed, but common words.
FAR = 12.0
SURE, UNSURE, SURE_OF_LISTED = 0.95, 0.6, 0.99
# For each word that a channel reads it may leave so many damaged ones.
MOST_LEFT = 1
# Longer runs are no words, nor sentences of Chinese.
LONGEST_RUN = 200
# What it says against a word as it stands that letters of it are cut short.
SIGN = 6.0

# What a capital costs within a sentence, where the damaged letter may be í ('os Ãndices'), and none at its start.
CAPITAL_WITHIN, SMALL_AT_START = 4.0, 2.0

# No word of Greek or Cyrillic has a capital behind a small letter ('λΡιρ'), nor an accented Latin one ('ĞаÑтройки').
_EASTERN = "\u0370-\u06ff"
_MIXED_RE = re.compile(f"[α-ωά-ώа-яё-џ][Α-ΩΆ-ΏА-ЯЀ-Џ]|[\xc0-\u024f][{_EASTERN}]|[{_EASTERN}][\xc0-\u024f]")
_WITHIN_RE = re.compile(r"[a-z,] $")
_SENTENCE_RE = re.compile(r"[a-z][.!?] [\"'(\[*_]*$")
_START_RE = re.compile(r"[ #>*_\"'(\[]*")
_BEYOND_LATIN_RE = re.compile("[\u0370-\u1dff]")
_SPACE_RE = re.compile(r"\s")
_HANGUL_RE = re.compile("[가-힣]")
# Scripts without spaces between words: there a letter that stays damaged is no word left half mended.
_UNSPACED_RE = re.compile("[\u0e00-\u0e7f\u2e80-\u9fff\uff61-\uff9f]")
_CUT_SHORT_RE = re.compile(CUT_SHORT)
# So many letters without their second byte say that all control characters are lost, if none is left.
LEAST_CUT = 3
# The first bytes of the letters of Greek, Cyrillic, Hebrew and Arabic, and of those of India, Thailand and East Asia.
_LEADS, _LONG_LEADS = b"\xce\xcf\xd0\xd1\xd7\xd8\xd9\xda\xdb", b"\xe0" + bytes(range(0xE3, 0xEE))


def _find_controls(page: str, iso_page: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds the first byte of a letter of these scripts without all of its others, and one with another one
    that a page shows as a sign and the ISO page as a control character."""
    shown, iso = shown_bytes(page), shown_bytes(iso_page)
    lead, long = ("".join(shown[byte] for byte in leads) for leads in (_LEADS, _LONG_LEADS))
    signs = re.escape("".join(sorted({*shown[0x80:0xA0], *C1_CONTROLS}.difference(iso[0xA0:]))))
    follow = re.escape("".join(iso[0xA1:0xC0]))  # a no-break space stands behind any letter
    behind = "".join(shown[0xC2:0xEE])
    return (
        re.compile(f"(?:[{lead}]|[{long}][{follow}])(?=[{behind}]|[\x00-@\\[-`{{-\x7f]|$)"),
        re.compile(f"(?:[{lead}]|[{long}][{follow}]?)[{signs}]"),
    )


_CONTROLS = (
    _find_controls("cp1252", "latin-1"),
    _find_controls("cp1253", "iso8859-7"),
    _find_controls("cp1250", "iso8859-2"),
)


def loses_controls(line: str) -> bool:
    """Say whether the bytes 80 to 9F are lost that a page without signs in their place shows: of all scripts but Latin
    half of the letters.

    >>> loses_controls('ÑÐ¸ÑÑÐ½ÐºÐµ Ð¾Ð½Ð¸'), loses_controls('Ð½Ð°Ñ‚ ÐµÑÑ‚ÑŒ Ð²Ñ')
    (True, False)
    """
    return any(len(cut.findall(line)) >= LEAST_CUT and not control.search(line) for cut, control in _CONTROLS)


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
        reads = dict.fromkeys(filter(None, (undo_utf8(line, page) for page in pages)))
        if reads:
            ranked = sorted(reads, key=weigh_text) if len(reads) > 1 else [*reads]
            is_sure = len(reads) == 1 or weigh_text(ranked[-1]) >= weigh_text(ranked[-2]) + LINE_LEAD
            return general.find_span(line, ranked[-1], general.LOSSLESS if is_sure else UNSURE)
        if not pages:
            read, is_sure = read_line(line)
            sure = general.LOSSLESS if is_sure and not is_strange(read) else UNSURE
            if read != line and (whole := _keep_better(line, general.find_span(line, read, sure))):
                return whole
        if loses_controls(line):
            return None  # half of the letters are lost, and any may be in their place
        span = self._read_words(line, pages)
        if span and pages and not _MIXED_RE.search(span.after) and _is_assigned(span.after):
            # The page is known: what it reads is better text, whatever it leaves. The general step knows no more of it,
            # but where spaces were changed.
            if _UNSPACED_RE.search(span.after) or not SUSPECT_RE.search(span.after):
                return span
            other = _keep_better(line, _leave_halves(line, general.fix_line(line)))
            return max(filter(None, (span, other)), key=lambda span: _weigh_with(line, span))
        lost = span and len(span.after.encode("utf-8")) > span.end - span.start
        better = _keep_better(line, span, 1.0 if span and _is_clear(line, span) else LEFT)
        if span and lost and better and not SUSPECT_RE.search(span.after):
            return span  # the general step knows what lost nothing
        spans = (better, _keep_better(line, _leave_halves(line, general.fix_line(line))))
        return max(filter(None, spans), key=lambda span: _weigh_with(line, span), default=None)

    def _read_words(self, line: str, pages: list[str]) -> general.Span | None:
        """Return the line with its damaged words read as words of any language, by the likeliest channel."""
        found = []
        for table in self._chains.list_tables(line, pages):
            if read := read_words(line, table, is_known=bool(pages)):
                if read[2] and table.chain[0].page in SISTERS:
                    # It lost nothing, or its words are known ones: no other channel makes better ones.
                    return general.find_span(line, read[0], min(read[1], SURE))
                cost = table.chain[0]._replace(aftermath=()).cost  # an editor's work shows, or it is not asked for
                found.append((weigh_text(read[0]) - cost, -len(read[0]), *read[:2]))
        if not found:
            return None
        ranked = sorted(found)
        worth, _, text, sure = ranked[-1]
        if len(ranked) > 1 and text != ranked[-2][2] and worth < ranked[-2][0] + LEAST_LEAD:
            sure = min(sure, UNSURE)  # 'SarÃ' is Sarà by one channel, Sarí by another
        return general.find_span(line, text, min(sure, SURE))


def _weigh_with(line: str, span: general.Span) -> float:
    return weigh_text(line[: span.start] + span.after + line[span.end :])


def _leave_halves(line: str, span: general.Span | None) -> general.Span | None:
    """Return a span of the general step, None when a word is only half mended by it."""
    return None if span is None or _has_halves(line[span.start : span.end], span.after) else span


def _has_halves(before: str, after: str) -> bool:
    """Say whether a word is only half mended, `हिनà¥à¤¦à¥€`, or has U+FFFD or a rare character for a lost byte."""
    if ("\ufffd" in after and "\ufffd" not in before) or (has_rare(after) and not has_rare(before)):
        return True
    if swallows_space(before, after):
        return True
    words = set(before.split())
    mended = (word for word in after.split() if word not in words and not _UNSPACED_RE.search(word))
    return any(match[0] in before for word in mended for match in SUSPECT_RE.finditer(word))


def _is_clear(line: str, span: general.Span) -> bool:
    """Say whether a span is sure, or has words in Latin for what windows-1252 shows of them and cannot be read as it
    stands: they may be in no list, `mÃ²dul`."""
    if span.confidence >= SURE:
        return True
    before, after = line[span.start : span.end].split(), span.after.split()
    return len(before) == len(after) and all(
        word == read
        or (judge_word(word) and undo_utf8(word, SISTERS[0]) == read and is_latin(read) and can_be_read(read))
        for word, read in zip(before, after)
    )


def _keep_better(line: str, span: general.Span | None, left: float = LEFT) -> general.Span | None:
    """Return a span that makes a line better text by much, None for another one."""
    if span is None or weigh_text(span.after) <= left * weigh_text(line[span.start : span.end]):
        return None
    if _MIXED_RE.search(span.after) or not _is_assigned(span.after):
        return None
    return span if _weigh_with(line, span) > weigh_text(line) else None


def read_words(line: str, table: WordTable, *, is_known: bool = False) -> tuple[str, float, bool] | None:
    """Return the line with its damaged words read through a channel, how sure that is, and whether all lost nothing or
    are listed words; None when the channel reads too few of them to be what happened.

    is_known: whether the document shows that this is what happened; then it reads what it can.
    """
    found = table.word_re.split(line)
    damaged = found.copy()
    confidences = dict.fromkeys(range(1, len(found), 2), 0.0)
    for at in confidences:
        if len(found[at]) > LONGEST_RUN:
            continue
        text, confidence = read_word(found[at], table, _guess_case(found[at - 1], is_first=at == 1))
        if not text:
            return None
        if text != found[at] and text[-1:] == " " and _closes(found[at + 1]):  # the space was the last byte
            text = text[:-1] if table.verify(text[:-1], found[at]) else text
        if found[at][-1] == " " and text[-1] != " " and not _closes(found[at + 1]):
            text, confidence = found[at], 0.0  # the space stood before another word: 'Ð `a`'
        if text == found[at] and not text[0].isascii() and SUSPECT_RE.search(text):
            text, confidence = _read_emoji(text, line, table)
        found[at], confidences[at] = text, confidence
    _leave_half_words(found, damaged)
    read = [at for at in confidences if found[at] != damaged[at]]
    left = [at for at in confidences if found[at] == damaged[at]]
    suspects = sum(SUSPECT_RE.search(found[at] + " ") is not None for at in left)
    if not read or (suspects > MOST_LEFT * len(read) and not is_known):
        return None
    sure = prod(confidences[at] for at in read)  # as sure as all words are together
    guesses = any(len(found[at].encode("utf-8")) > len(damaged[at]) for at in read)
    if guesses and _may_lose_controls(line, "".join(found), table.chain[0].page):
        sure = min(sure, UNSURE)
    shown = {letter for at in read for letter in damaged[at] if letter > "\x7f"}
    if suspects or any(not shown.isdisjoint(found[at]) for at in left):  # 'Ð' is no word beside 'Ð´Ð°'
        sure = min(sure, UNSURE)
    text = "".join(found)
    if _stray_sign_re().search(text):
        sure = min(sure, UNSURE)  # a vowel sign stands behind its letter: the space before it was a byte
    return text, sure, sure > UNSURE and all(confidences[at] >= SURE_OF_LISTED for at in read)


def _may_lose_controls(line: str, text: str, page: str) -> bool:
    """Say whether a line has nothing that the page shows for the bytes 80 to 9F: a page that shows controls for them
    may have lost these all, and other letters than were read. Of small letters in Latin these are no bytes."""
    is_asked = page in ISO_PAGES or _BEYOND_LATIN_RE.search(text)
    return bool(is_asked) and frozenset(shown_bytes(page)[0x80:0xA0]).isdisjoint(line)


def _closes(after: str) -> bool:
    """Say whether what stands behind a word stands there without a space; a hyphen joins the next one to it."""
    return after[:1] in CLOSING or (after[:1] == "-" and after[1:2].isalpha())


@cache
def _stray_sign_re() -> re.Pattern[str]:
    """Return an expression for a vowel sign of a script of India behind no letter."""
    signs = [sign for sign in map(chr, range(0x900, 0xE00)) if category(sign)[0] == "M"]
    return re.compile(f"(?<![^\x00-\x7f])[{''.join(signs)}]")


def _leave_half_words(found: list[str], damaged: list[str]) -> None:
    """Undo what was read of a word of which another part was not: `[ÃrÃ¡sa` is no `[Ãrása`.

    found: signs and words in turn, of which only words are read; changed in place.

    >>> damaged = ["", "Ã", "!", "rÃ¡sa", " ", "rÃ¡sa", " ", "Ã", "!", "rÃ¡sa", ""]
    >>> found = ["", "Ã", "!", "rása", " ", "rása", " ", "Ã", "!", "rása", ""]
    >>> _leave_half_words(found, damaged)
    >>> "".join(found)
    'Ã!rÃ¡sa rása Ã!rÃ¡sa'
    """
    start = 1
    if all(map(str.__ne__, found[1::2], damaged[1::2])):
        return
    for at in range(1, len(found), 2):
        if at + 2 < len(found) and not _SPACE_RE.search(found[at + 1]):
            continue
        parts = range(start, at + 1, 2)
        start = at + 2
        left = [part for part in parts if found[part] == damaged[part]]
        shown = {letter for part in parts if part not in left for letter in damaged[part] if letter > "\x7f"}
        is_half = any(SUSPECT_RE.search(found[part] + " ") or not shown.isdisjoint(found[part]) for part in left)
        if is_half and shown and not any(_UNSPACED_RE.search(found[part]) for part in parts):
            for part in parts:
                found[part] = damaged[part]


def _guess_case(before: str, *, is_first: bool) -> str:
    """Return the case of a word by what stands before it: T at the start of a sentence, L within one, nothing where it
    may be either."""
    if _WITHIN_RE.search(before):
        return "L"
    return "T" if _SENTENCE_RE.search(before) or (is_first and _START_RE.fullmatch(before)) else ""


def _read_emoji(word: str, line: str, table: WordTable) -> tuple[str, float]:
    """Return a damaged emoji by the words of its line; the word itself when they say nothing."""
    if not _may_be_signs(word, table):
        return word, 0.0
    texts = [text for _, text in table.any_reader.readings(word) if table.verify(text, word)][:MOST_CHOICES]
    if len(texts) < 2 or not any(map(is_known_emoji, texts)):
        return word, 0.0
    beside = find_words(line)
    ranked = sorted(((association_worth(text, beside), text) for text in texts), reverse=True)
    return (ranked[0][1], UNSURE) if ranked[0][0] > ranked[1][0] else (word, 0.0)


def _may_be_signs(word: str, table: WordTable) -> bool:
    """Say whether each character of a damaged word may be a sign, and some an emoji: quick, where to read it is not."""
    reader = table.any_reader
    seen: list[str] = []
    for match in reader.unit_re.finditer(word):
        texts = [text for _, text in reader.read_unit(match[0])]
        if all(text[0].isalpha() for text in texts):
            return False
        seen += texts
    return any(map(is_known_emoji, seen))


def read_word(word: str, table: WordTable, case: str = "") -> tuple[str, float]:
    """Return the reading of a damaged word and how sure it is; the word itself when none is clear, nothing when the
    channel would have it of characters that do not exist.

    case: what its case likely is, as `_guess_case` says.
    """
    key = word + " " + case
    known = table.read_any.get(key)
    if known is None:
        whole = undo_utf8(word, table.chain[0].page)
        if not whole:
            known = _read_word(word, table, case)
        elif _is_assigned(whole):
            known = whole, UNSURE if is_strange(whole) else 1.0
        else:
            known = "", 0.0
        table.read_any[key] = known
    return known


def _is_assigned(text: str) -> bool:
    """Say whether all characters exist; beyond the first plane there are emoji that are newer than Python."""
    return text.isprintable() or not any(
        category(character) in ("Cn", "Co") for character in text if "\x7f" < character < "\U00010000"
    )


def _find_listed(word: str, table: WordTable) -> str | None:
    """Return the only reading of a damaged word that is a common word of some language; None without one."""
    units = table.list_units(word)
    if not all(units) or prod(map(len, units)) > MOST_TRIED or max(map(max, units)) >= EASTERN:
        return None
    costs = {text: cost for text in map("".join, product(*units)) if (cost := find_cost(text)) is not None}
    if len(costs) != 1:
        return None
    text, cost = costs.popitem()
    return text if cost <= (JOINED_COST if " " in word.strip() else COMMON_COST) and table.verify(text, word) else None


def _weigh_case(text: str, case: str) -> float:
    if case == "L":
        return CAPITAL_WITHIN * text[:1].isupper()
    return SMALL_AT_START * (case == "T" and text[:1].islower())


def _weigh_readings(word: str, table: WordTable) -> list[tuple[float, str]]:
    """Return the log-worth of each reading of a damaged word that may be the best, in any case: what its letters are
    worth, or what it is as a listed word."""
    found = table.list_any(word)
    near = [
        text
        for cost, text in found
        if (cost <= found[0][0] + FAR or is_common(text)) and not _stray_sign_re().search(text, 1)
    ]
    costs = {text: find_cost(text) for text in near}
    unlisted = UNLISTED if any(costs.values()) else 0.0
    return [
        (
            (weigh_text(text) - unlisted if cost is None else max(weigh_text(text), -cost))
            - HYPHEN * table.count_hyphens(text, word),
            text,
        )
        for text, cost in costs.items()
    ]


def _read_word(word: str, table: WordTable, case: str) -> tuple[str, float]:
    if known := _find_listed(word, table):
        return known, SURE_OF_LISTED
    weighed = table.weighed.get(word)
    if weighed is None:
        weighed = table.weighed[word] = _weigh_readings(word, table)
    ranked = sorted(((worth - _weigh_case(text, case), text) for worth, text in weighed), reverse=True)
    ranked = list(islice((row for row in ranked if table.verify(row[1], word)), 2))
    least = LEAST_GAIN - SIGN * bool(_CUT_SHORT_RE.search(word + " "))
    spaced = {text[:-1] for _, text in ranked if text[-1:] == " "}
    ranked = [row for row in ranked if row[1] not in spaced]  # of 'là' and 'là ' the caller knows better
    if not ranked or ranked[0][0] < weigh_text(word) + least:
        return word, 0.0
    if len(ranked) > 1 and not is_listed(ranked[0][1]):
        return word, 0.0
    strange = has_rare(ranked[0][1]) or is_strange(ranked[0][1])
    if strange and not SUSPECT_RE.search(ranked[0][1]):  # else it was damaged twice
        return word, 0.0
    # Of Korean any syllable may stand beside any, so that no lead is sure: half of those that would be were wrong.
    sure_lead = SURE_LEAD if not _HANGUL_RE.search(ranked[0][1]) or len(ranked) == 1 else inf
    lead = ranked[0][0] - ranked[1][0] if len(ranked) > 1 else SURE_LEAD
    return (ranked[0][1], SURE if lead >= sure_lead else UNSURE) if lead >= LEAST_LEAD else (word, 0.0)
