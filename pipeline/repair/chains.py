"""text -> the chain of misreadings it went through: the likeliest, judged by the words it would give.

Damage is deterministic: given the true text, a channel leaves one damaged text. So the likeliest chain is the one
whose best readings are the likeliest words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from pipeline.repair.codepages import (
    AFTERMATHS,
    CODE_PAGES,
    ISO_PAGES,
    LOW_QUOTES,
    SOFT_HYPHEN,
    Channel,
    kept_characters,
    shown_bytes,
)
from pipeline.repair.evidence import LONG, WORD_BEYOND_ASCII_RE, list_pages
from pipeline.repair.model import Model
from pipeline.repair.search import Choice
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.transcoding import undo_utf8
from pipeline.repair.words import WORD_RE
from pipeline.repair.wordtable import WordTable
from pipeline.syllables import is_syllable

# The judgement looks at this many characters of the suspicious lines, and this many distinct damaged words.
SAMPLE_CHARACTERS = 2000
SAMPLE_WORDS = 60
DEEPEST = 3
# Of the words of Vietnamese beyond ASCII two in three have a letter that begins with the byte E1 or C6: among so many
# one has.
WORDS_WITHOUT = 10
# And of other text for each word so many at most: of Vietnamese there is one in every second word.
FEW_LETTERS = 0.1
# What a damaged word without a reading, or a stray character, costs (log): a very rare word.
NO_READING = -50.0
STRAY = -22.0
# A page must show at least this share of the signatures of the page that shows most.
NEAR_SIGNATURE = 0.5
SURE_SIGNS = 5
# What a word whose letter lost its last byte says (log) for the loss of all controls, where none is shown: of the bytes
# that are controls in ISO 8859-1 windows-1254 leaves one in five undefined. Of 900 pieces of two to eight words that
# lost all controls 53 more came back, and as many of other pages as before.
CUT_WORTH = 3.0
SISTERS = ("cp1252", "cp1254", "cp1258")
# What all three show for the first byte of Greek. A document of it shows `Ž` for `ώ`, unless its page is the second.
_GREEK = "Ï"

# Byte pairs that Vietnamese and other Latin text is full of.
_PAIRS = (b"\xe1\xba", b"\xe1\xbb", b"\xc6\xb0", b"\xc4\x91", b"\xc3\xa1", b"\xc3\xa2", b"\xc3\xa3", b"\xc3\xaa",
          b"\xc3\xb4", b"\xc3\xa0", b"\xc2\xba", b"\xc2\xbb", b"\xf0\x9f", b"\xe2\x80")  # fmt: skip

# Signs of what an editor did to the damage: `Ä'Ã£`, `lÃ m`, `há»?c`.
_STRAIGHT_QUOTE_RE = re.compile("Ä'|[áâ][»º€]['\"]|â['\"][^\x00-\x7f]")
_PLAIN_SPACE_RE = re.compile("[ÃĂ] [a-z ]|â[^ ] ï¸")
# 'âš  .env' may be ⚠ and its space, where the language says nothing.
_ANY_SPACE_RE = re.compile(
    "[ÃĂÂÅÎÐ×] |[\xe0-\xef](?: [\x80-\x9f\xa1-\xbf\u0152-\u2122]|[^\x00-\x7f] )|ð[^\x00-\x7f]{2} "
)
# 'lÃ  gÃ¬', 'bÃ i': a space that was a no-break space; and 'lÃ gÃ¬', 'lÃ.', where it was merged or taken off.
_SURE_SPACE_RE = re.compile(r"[ÃĂ] (?: |(?:[imynouctp]|nh|ng|ch)\b)|â[^ ] ï¸")
# At the end of a line stands no space otherwise, unless spaces were merged elsewhere.
_LAST_SPACE_RE = re.compile(r"[ÃĂ] (?:\n|\Z)")
_MERGED_SPACE_RE = re.compile(r"[ÃĂ] [^ \n]")
_DOUBLE_RE = re.compile("[ÃĂ]  ")
_MERGED_RE = re.compile(r"[ÃĂ](?: [^ ]|[.,;:!?)]|$)", re.MULTILINE)
# 'Ä‘á»?i', 'NÄ?-CP', 'Ð•Ñ?Ð»Ð¸': it stands for a byte, as no question is asked within a word. 'â??': it stands for two.
_WITHIN = r"[\xc4-\xdf]\?[\xc2-\xdf]|[\xe0-\xef][^\x00-\x7f]?\?[\xe0-\xef]"
# 'ã?—': of East Asia and of India the rest of the letter. 'NÃ?O', 'perÃ?odo': in Latin before any letter.
_WITHIN += r"|[\xe0-\xef]\?{1,2}[\xa1-\xbf\u0152-\u2122]|Ã\?[A-Za-z]"
# Nor before a word in small letters ('trá»? thÃ nh'), nor behind what makes an emoji of a sign ('ï¸?').
_BEFORE_SMALL = r"(?:á[º»]|[ÄÃĂ])\? (?:[a-z]|Ä‘|Æ[°¡]|Ã[\xa0-\xbf]|á[º»])|ï¸\?"
_QUESTION_RE = re.compile(rf"á[º»]\?|[ÄÃĂ]\?[A-Za-z]|{_WITHIN}|{_BEFORE_SMALL}")
_SURE_QUESTION_RE = re.compile(rf"(?:á[º»]|[ÄÃĂ])\?[A-Za-z]|{_WITHIN}|{_BEFORE_SMALL}")
# 'TÃi', 'vÃ,': nothing is left of what was behind it.
_STRIPPED_RE = re.compile(r"[ÃĂ](?![^\x00-\x7f])")
# 'NÃ?O': of capitals with an accent, whose second bytes are all controls, windows-1252 leaves few undefined.
_CAPITAL_QUESTION_RE = re.compile(r"[A-Z]Ã\?(?![a-z])|(?<![A-Za-z])Ã\?[A-Z]{2}")
_QUESTIONS_RE = re.compile(r"â\?\?")
_PLAIN_WORD_RE = re.compile(r"(?<![^\s(])[A-Za-z]{2,}(?![^\s,.;:!?)])")
_SUSPICIOUS_LINE_RE = re.compile(r"(?<![^\n])[\x00-\x09\x0b-\x7f]*+[^\x00-\x7f][^\n]*")

_RARE_PAIRS = tuple(bytes((0xC3, byte)) for byte in range(0x80, 0xC0)) + tuple(
    bytes((lead, byte)) for lead in (0xC4, 0xC5, 0xC6, 0xCE, 0xCF, 0xD0, 0xD1) for byte in range(0x80, 0xC0)
)


def _show_pairs(pairs: tuple[bytes, ...]) -> dict[str, list[str]]:
    shown = {page: [pair.decode(page, "ignore") for pair in pairs] for page in CODE_PAGES}
    return {page: [text for text in texts if len(text) == 2] for page, texts in shown.items()}


@cache
def _never_shown_re(page: str) -> re.Pattern[str]:
    """Return an expression for the characters that a misreading with the page cannot leave."""
    shown = "".join(shown_bytes(page)[0x80:]) + "\ufffd"
    kept = "".join(sorted(kept_characters(page)))
    return re.compile(f"[^\x00-\x7f\xa0\xad{re.escape(kept + shown)}]")


class _Signatures:
    """How often a sample has the pairs of characters that each page shows: one pass over the sample, not one for each
    of 9,000 pairs."""

    def __init__(self, pairs: dict[str, list[str]]) -> None:
        self._pages = tuple(pairs)
        self._shown_by: dict[str, list[str]] = {}
        for page, texts in pairs.items():
            for text in texts:
                self._shown_by.setdefault(text, []).append(page)

    def count(self, sample: str) -> dict[str, int]:
        counts = dict.fromkeys(self._pages, 0)
        pairs = Counter(map(str.__add__, sample, sample[1:]))
        for pair in pairs.keys() & self._shown_by.keys():
            times = sample.count(pair) if pair[0] == pair[1] else pairs[pair]  # of three equal signs two are a pair
            for page in self._shown_by[pair]:
                counts[page] += times
        return counts


@cache
def _cut_re(page: str) -> re.Pattern[str]:
    """Return an expression for a letter of Vietnamese whose last byte the page does not show."""
    shown = shown_bytes(page)
    follow = re.escape("".join(shown[0xA0:0xC0]))
    return re.compile(f"(?:{shown[0xE1]}[{shown[0xBA]}{shown[0xBB]}]|[{''.join(shown[0xC3:0xC7])}])(?![{follow}])")


@cache
def _rare_signatures() -> _Signatures:
    return _Signatures(_show_pairs(_RARE_PAIRS))


class Chains:
    """The word tables of the chains met so far, and the judgement between them."""

    def __init__(self, read_model: Callable[[], Model]) -> None:
        self._read_model = read_model
        self.tables: dict[tuple[Channel, ...], WordTable] = {}
        self._signatures = _Signatures(_show_pairs(_PAIRS))

    def table(self, chain: tuple[Channel, ...]) -> WordTable:
        """Return the word table of a chain."""
        table = self.tables.get(chain)
        if table is None:
            table = self.tables[chain] = WordTable(chain, self._read_model)
        return table

    def choose(self, text: str) -> WordTable | None:
        """Return the word table of the likeliest chain, or None when no page shows a signature."""
        sample = sample_lines(text)
        if is_foreign(sample):
            return None  # of a page that is commoner than any that would show its bytes too
        best, best_score = None, NO_READING * 1000
        channels = [row for row in self._near_channels(sample) if not rules_out_vietnamese(sample, row.page)]
        if any(channel.page == "cp1254" for channel in channels):  # what windows-1252 loses, it loses too
            channels = [channel for channel in channels if channel.page != "cp1252"]
        for channel in channels:
            table = self.table((channel,))
            score = judge(table, sample) - channel.cost
            if channel.loss == "drop-c1":
                score += CUT_WORTH * sum(map(bool, map(_cut_re(channel.page).search, set(sample.split()))))
            if score > best_score:
                best, best_score = table, score
        depth = 1
        while best is not None and depth < DEEPEST:
            inner_sample = apply_roughly(best, sample)
            if not SUSPECT_RE.search(inner_sample):
                break
            deeper, depth = None, depth + 1
            for channel in self._near_channels(inner_sample):
                if rules_out_vietnamese(inner_sample, channel.page):
                    continue
                table = self.table((channel, *best.chain))
                score = judge(table, sample) - sum(other.cost for other in table.chain)
                if score > best_score:
                    deeper, best_score = table, score
            if deeper is None:
                break
            best = deeper
        return best

    def list_tables(self, line: str, pages: list[str]) -> Iterator[WordTable]:
        """Yield the tables of the single misreadings that a line shows signs of, of the pages if any are known; not of
        those that lose all control characters, where of any language but Vietnamese too many readings are left."""
        if pages:
            channels = self._list_channels(line, pages)
        else:
            channels = self._near_channels(line)
            near = {channel.page for channel in channels}
            channels += self._list_channels(line, [page for page in list_pages(line)[:2] if page not in near])
        if "\xa0" not in line and _ANY_SPACE_RE.search(line):
            spaced = {Channel(channel.page, "drop", ("spaces",)) for channel in channels if not channel.aftermath}
            channels += sorted(spaced - {*channels}, key=lambda channel: CODE_PAGES.index(channel.page))
        one = SISTERS[1] if SISTERS[1] in pages and _GREEK in line else SISTERS[0]
        if any(channel.page == one for channel in channels):
            channels = [channel for channel in channels if channel.page == one or channel.page not in SISTERS]
        for channel in channels:
            if channel.loss != "drop-c1":
                yield self.table((channel,))

    def refine(self, table: WordTable, text: str) -> WordTable:
        """Return the chain with a sister code page in it when that explains more of the whole text.

        windows-1252, -1254 and -1258 differ in a few bytes that a sample need not show ('Ž' is 1252's alone).
        """
        best, fewest = table, table.count_unread(text)
        for at, channel in enumerate(table.chain):
            for page in SISTERS if channel.page in SISTERS and fewest else ():
                chain = (*table.chain[:at], Channel(page, channel.loss, channel.aftermath), *table.chain[at + 1 :])
                other = self.table(chain)
                unread = other.count_unread(text)
                if unread < fewest:
                    best, fewest = other, unread
        return best

    def _near_channels(self, sample: str) -> list[Channel]:
        counts = self._signatures.count(sample)
        most = max(counts.values())
        if not most:
            counts = _rare_signatures().count(sample)
            most = max(counts.values())
        near = [page for page, count in counts.items() if count and count >= NEAR_SIGNATURE * most]
        if not near and ("Ã" in sample or "â" in sample):  # what stood behind it is lost, or a plain space
            near = [CODE_PAGES[0]]
        whole = [page for page in near if not _never_shown_re(page).search(sample)]
        return self._list_channels(sample, whole or near)

    def _list_channels(self, sample: str, pages: list[str]) -> list[Channel]:
        """Return the channels of the pages that the sample shows signs of."""
        channels = [Channel(page, "drop") for page in pages]
        variants = _variants(sample) if {*SISTERS, "latin-1"}.intersection(pages) else []
        sure = bool(variants) and (
            _shows_space(sample)
            or len(_PLAIN_SPACE_RE.findall(sample)) > SURE_SIGNS
            or _SURE_QUESTION_RE.search(sample) is not None
        )
        for channel in tuple(channels):
            if channel.page in (*SISTERS, "latin-1"):
                if sure:
                    channels.remove(channel)  # its readings of the words cut short look likelier
                channels += (Channel(channel.page, *variant) for variant in variants)
            if channel.page in ISO_PAGES:
                channels.append(Channel(channel.page, "drop-c1"))
        if _QUESTIONS_RE.search(sample):
            channels = [channel for channel in channels if channel.page not in SISTERS]
        if _QUESTIONS_RE.search(sample) or _CAPITAL_QUESTION_RE.search(sample):
            channels.append(Channel("latin-1", "question-c1"))
        return channels


def _shows_space(sample: str) -> bool:
    """Say whether a no-break space was surely made a plain one."""
    return _SURE_SPACE_RE.search(sample) is not None or _ends_with_space(sample)


def _ends_with_space(sample: str) -> bool:
    """Say whether a line ends with a space that was a no-break space, and none was merged."""
    return _LAST_SPACE_RE.search(sample) is not None and _MERGED_SPACE_RE.search(sample) is None


def _variants(sample: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the (loss, aftermath) worth trying besides plain loss, by their signs in the sample."""
    signs: dict[str, object] = {"quotes": _STRAIGHT_QUOTE_RE.search(sample)}
    signs["spaces"] = _PLAIN_SPACE_RE.search(sample) or _ends_with_space(sample)
    aftermath = tuple(
        name
        for name, sign in signs.items()
        if sign and not any(mark in sample for mark in AFTERMATHS[name] if mark not in LOW_QUOTES)
    )
    found = [("drop", aftermath)] if aftermath else []
    merged = len(_MERGED_RE.findall(sample)) if not _DOUBLE_RE.search(sample) and "\xa0" not in sample else 0
    if merged > SURE_SIGNS and "spaces" in aftermath:  # else one of so many words would have both spaces: 'vÃ  xin'
        found = []
    if merged:
        found.append(("drop", (*aftermath[: "quotes" in aftermath], "merged")))
    if "\xa0" not in sample and _STRIPPED_RE.search(sample) and not _SURE_SPACE_RE.search(sample):
        found.append(("drop", (*aftermath[: "quotes" in aftermath], "stripped")))
    if _SURE_QUESTION_RE.search(sample):
        found = []
    if _QUESTION_RE.search(sample):
        found.append(("question", ()))
        if SOFT_HYPHEN not in sample:
            found.append(("question-hyphen", ()))
    return found


@lru_cache(maxsize=8)  # each step of a repair asks it
def sample_lines(text: str) -> str:
    """Return suspicious lines of the text, up to the sample's size."""
    lines, size = [], 0
    for match in _SUSPICIOUS_LINE_RE.finditer(text):
        if SUSPECT_RE.search(match[0]):
            lines.append(match[0][:SAMPLE_CHARACTERS])
            size += len(match[0])
            if size > SAMPLE_CHARACTERS:
                break
    return "\n".join(lines)


def rules_out_vietnamese(sample: str, page: str) -> bool:
    """Say whether a sample that a page may show is of another language: most of its words lost nothing and are no
    syllables, or none has a letter that is of Vietnamese alone or was damaged twice, and there are many of them, or the
    plain ones beside them are no syllables."""
    if is_foreign(sample, page):
        return True
    if _vietnamese_re(page).search(sample):
        return False
    ours, others = count_plain(sample)
    if others > ours + 1:
        return True
    words = {match[0] for match in WORD_BEYOND_ASCII_RE.finditer(sample)}
    return sum(len(word) // LONG or 1 for word in words) >= WORDS_WITHOUT


def count_plain(sample: str) -> tuple[int, int]:
    """Return how many different words of ASCII in a sample are syllables of Vietnamese, and how many are not.

    >>> count_plain("trong khi arquivo (encontrado)")
    (2, 2)
    """
    plain = {word.lower() for word in _PLAIN_WORD_RE.findall(sample)}
    ours = sum(map(is_syllable, plain))
    return ours, len(plain) - ours


@lru_cache(maxsize=32)  # each pass over a text asks it
def is_foreign(sample: str, page: str = SISTERS[0]) -> bool:
    """Say whether fewer words than half can be Vietnamese, whatever the damaged ones are read as: no model is asked."""
    if len(_letters_re(page).findall(sample)) > FEW_LETTERS * len(sample.split()):
        return False  # and quickly, as it is
    ours = others = 0
    for word in WORD_BEYOND_ASCII_RE.findall(sample):
        read = undo_utf8(word, page)
        if read is None or SUSPECT_RE.search(read):
            is_other = _eastern_re(page).search(word) is not None
            others, ours = others + is_other, ours + (not is_other)
            continue
        letters = [part.lower() for part in WORD_RE.findall(read) if len(part) > 1 and not part.isascii()]
        if letters:
            is_other = not all(map(is_syllable, letters))
            others, ours = others + is_other, ours + (not is_other)
    return others > ours


@cache
def _letters_re(page: str) -> re.Pattern[str]:
    """Return an expression for what a page shows of letters that are of Vietnamese alone."""
    shown = list(map(re.escape, shown_bytes(page)))
    return re.compile(f"{shown[0xE1]}[{shown[0xBA]}{shown[0xBB]}]|{shown[0xC6]}[{shown[0xA1]}{shown[0xB0]}]")


@cache
def _eastern_re(page: str) -> re.Pattern[str]:
    """Return an expression for what a page shows of a letter of East Asia that lost nothing."""
    shown = shown_bytes(page)
    lead, follow = (re.escape("".join(some)) for some in (shown[0xE3:0xEE], shown[0x80:0xC0]))
    return re.compile(f"[{lead}][{follow}]{{2}}")


@cache
def _vietnamese_re(page: str) -> re.Pattern[str]:
    """Return an expression for the beginning of a letter of Vietnamese, and for what is shown twice: `Ãƒ`, `Ã¡Â»`."""
    shown = list(map(re.escape, shown_bytes(page)))
    twice = f"{shown[0xC3]}(?:{shown[0x82]}|{shown[0x83]}|.{shown[0xC2]})"
    return re.compile(f"{shown[0xE1]}|{shown[0xC6]}|{twice}")


def judge(table: WordTable, sample: str) -> float:
    """Return the log-likelihood of the sample's distinct damaged words under a chain."""
    pieces = table.word_re.split(sample)
    between = "".join(pieces[::2])
    strays = 0 if between.isascii() else len(between) - len(between.encode("ascii", "ignore"))
    score = STRAY * strays
    for word in list(dict.fromkeys(pieces[1::2]))[:SAMPLE_WORDS]:
        score += NO_READING if table[word] is None else table.scores[word]
    return score


def apply_roughly(table: WordTable, sample: str) -> str:
    """Return the sample with each damaged word's best reading by itself."""
    pieces = table.word_re.split(sample)
    for at in range(1, len(pieces), 2):
        value = table[pieces[at]]
        pieces[at] = value.texts[0] if isinstance(value, Choice) else value or pieces[at]
    return "".join(pieces)
