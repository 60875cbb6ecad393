"""line -> line that was written in one encoding and is shown in another, with nothing lost: `Íîâûé` -> `Новый`.

`engine.py` knows what UTF-8 becomes in a page of single bytes, word by word. Here is the rest: text of other encodings,
and UTF-8 read as an encoding of East Asia. Each misreading is undone by encoding a line and decoding it, strictly;
the document decides which it was, by what its lines are worth as text before and after.
"""

import codecs
import re
from collections.abc import Callable, Iterable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple
from unicodedata import normalize

from pipeline.legacy import decode_tcvn3, decode_viscii, decode_vni
from pipeline.repair.evidence import can_be_read
from pipeline.repair.plausibility import TOKEN_RE, is_latin, is_strange, weigh_text

# The encodings that text was written in, with the ones that it is shown in, likeliest first, and what a misreading
# costs (log): how seldom it is met.
WESTERN = ("cp1252", "latin-1")
PERSONAL = ("cp437", "cp850", "cp866")
CENTRAL = ("cp1250", "iso8859-2", "cp1257", "cp1254", "mac-roman")
OTHERS = (
    "cp1253", "cp1258", "cp852", "cp1255", "cp1256", "cp874", "koi8-r", "koi8-u", "iso8859-5", "iso8859-7",
    "iso8859-15", "mac-cyrillic", "cp862", "cp737", "cp775", "cp857", "iso8859-9",
)  # fmt: skip
EASTERN = ("gbk", "cp932", "cp949", "big5", "euc_jp")
MISREADINGS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("utf-8", (*WESTERN, "cp1251", *CENTRAL, *PERSONAL, *OTHERS), -4.0),
    ("utf-8", ("gbk", "cp932", "cp949", "big5"), 0.0),
    ("tcvn3", WESTERN, 2.0),
    ("vni", WESTERN, 2.0),
    ("viscii", WESTERN, 6.0),
    ("cp1258", (*WESTERN, "cp1250"), 2.0),
    ("cp1251", (*WESTERN, *CENTRAL, *PERSONAL, "koi8-r", "cp1253"), 2.0),
    ("koi8-r", (*WESTERN, "cp1251", "cp866"), 4.0),
    ("cp866", (*WESTERN, "cp1251", "cp437", "cp850"), 4.0),
    ("iso8859-5", WESTERN, 6.0),
    ("mac-cyrillic", (*WESTERN, "mac-roman"), 6.0),
    ("cp1253", (*WESTERN, *CENTRAL, "cp1251"), 3.0),
    ("iso8859-7", WESTERN, 3.0),
    ("cp737", (*WESTERN, "cp437", "cp850"), 6.0),
    ("cp1255", (*WESTERN, "cp1251", "cp1250"), 3.0),
    ("cp1256", (*WESTERN, "cp1251", "cp1250"), 3.0),
    ("cp874", WESTERN, 3.0),
    ("gbk", (*WESTERN, *CENTRAL, *PERSONAL, "cp1251", "cp932", "cp949", "big5"), 3.0),
    ("cp932", (*WESTERN, *CENTRAL, *PERSONAL, "cp1251", "gbk", "cp949"), 3.0),
    ("cp949", (*WESTERN, *CENTRAL, *PERSONAL, "cp1251", "gbk", "cp932"), 3.0),
    ("big5", (*WESTERN, *CENTRAL, *PERSONAL, "cp1251", "gbk"), 3.0),
    ("euc_jp", (*WESTERN, "cp1251", "gbk"), 4.0),
    ("cp1252", ("cp1253", "cp1251", "cp1250", "cp1255", "cp1256", *PERSONAL, "mac-roman"), 3.0),
    ("cp1250", (*WESTERN, "cp1251"), 4.0),
    ("iso8859-2", WESTERN, 5.0),
    ("cp1254", WESTERN, 5.0),
    ("cp1257", (*WESTERN, "cp1251"), 5.0),
    *((written, WESTERN, 5.0) for written in ("cp437", "cp850", "cp852", "mac-roman")),
)
SINGLE_BYTE_PAGES = MISREADINGS[0][1]
# By so much (log) must a line gain, and a document, and by this share of what it costs as it stands.
LEAST_LINE, LEAST, LEAST_SHARE = 3.0, 8.0, 0.4
# What each place further down in a list of pages costs.
STEP = 0.3
# A word that costs more as it stands is odd, if its letters beyond ASCII do; those of sound words cost some 2.
ODD, ODD_LETTER = 6.0, 3.0
# The judgement reads this many words beyond ASCII.
SAMPLE = 100
HEARD, FINALISTS = 10, 6
# A text of fewer different letters beyond ASCII is some text in every encoding: 'Ôôô', 'É¿'.
LETTERS = 2
# A reading is sure when it gains so much, and so much more than the next one: 'ìà îñååâ' is Hebrew or Cyrillic.
SURE_GAIN, SURE_LEAD = 30.0, 12.0
# So much more is enough for a line that is damaged UTF-8 anyway.
LINE_LEAD = 6.0
SURE, UNSURE = 0.95, 0.8

_DECODERS: dict[str, Callable[[bytes], str | None]] = {
    "tcvn3": decode_tcvn3,
    "vni": decode_vni,
    "viscii": decode_viscii,
}


_WORD_RE = re.compile(r"(?![\x00-\x7f])[^\W\d_]")
# What is no mark that pages are full of: of a no-break space and a dash alone, letters would be made.
_OTHER_RE = re.compile("[^\x00-\x7f\xa0\u2013\u2014\u2018-\u201d\u2026]")
# A Latin letter beside one of another script.
_OTHER = "\u0370-\u1dff\u2e80-\uffdc"
_MIXED_RE = re.compile(f"[A-Za-z][{_OTHER}]|[{_OTHER}][A-Za-z]")


# Between Latin letters a letter of another script, a box, or half a sign; or one of them at the edge of such a word.
_JOINED_RE = re.compile(f"[a-z][{_OTHER}]|[{_OTHER}][a-z]|[a-z].*[\u2500-\u259f]|[\u2500-\u259f].*[a-z]")


_MARKS = frozenset("–—…•“”„‘’")


class Transcoding(NamedTuple):
    """A misreading without loss: the encoding that the text is shown in, the one that it was written in."""

    shown: str
    written: str

    @property
    def step(self) -> str:
        """Its name in reports."""
        return f"{self.written}-as-{self.shown}"

    def undo(self, line: str) -> str | None:
        """Return what was written, None when the line cannot be the misreading of anything."""
        if self.written == "utf-8" and self.shown not in EASTERN:
            return undo_utf8(line, self.shown)
        try:
            source = line.encode(self.shown)
            decode = _DECODERS.get(self.written)
            text = decode(source) if decode else source.decode(self.written)
        except UnicodeError:
            return None
        return text and (normalize("NFC", text) if self.written == "cp1258" else text)

    def read(self, line: str) -> str:
        """Return what was written where that is better text, and the line as it is where not."""
        text = self.undo(line)
        return text if text and weigh_text(text) - weigh_text(line) >= LEAST_LINE else line


def undo_utf8(text: str, page: str) -> str | None:
    """Return the text as UTF-8 that a page of single bytes shows, the bytes it leaves undefined as control characters;
    None when it is not.

    >>> undo_utf8("cafÃ© Ã\x81", "cp1252"), undo_utf8("cafÃ©", "cp1253")
    ('café Á', None)
    """
    try:
        return codecs.charmap_encode(text, "strict", _encoding_of(page))[0].decode("utf-8")
    except UnicodeError:
        return None


def find_transcoding(lines: Iterable[str], *, is_utf8: bool = False) -> tuple[Transcoding, bool] | None:
    """Return the misreading that explains the words of a document best, and whether that is sure; None when none does.

    is_utf8: whether its words show that it was UTF-8: then it was written in nothing else.
    """
    found: dict[str, None] = {}
    for line in lines:
        found.update(dict.fromkeys(TOKEN_RE.findall(line)))
        if len(found) >= SAMPLE:
            break
    tokens = list(found)[:SAMPLE]
    few = tokens[:: len(tokens) // HEARD or 1]
    if not (_are_odd(few, LEAST_SHARE / 2) and _are_odd(tokens)):
        return None
    misreadings = [row for row in _list_misreadings() if row[0].written == "utf-8" or not is_utf8]
    if len(tokens) > 2 * HEARD:  # each is heard on a few words, and the best on all
        gains = {
            row: _measure(row[0], few, {token: weigh_text(token) for token in few}) - row[1] for row in misreadings
        }
        misreadings = sorted((row for row in misreadings if gains[row] > 0), key=gains.__getitem__)[-FINALISTS:]
    best = _find_best(tokens, misreadings)
    if best is None:
        return None
    transcoding, gain, lead = best
    read = "".join(transcoding.undo(token) or "" for token in tokens)
    letters = {letter for letter in read if letter > "\x7f" and letter.isalpha()}
    is_chance = len(letters) < LETTERS and max(read) <= "\uffff"  # an emoji is none
    if is_chance and not _is_unmixed(transcoding, tokens):
        return None
    if sum(map(is_strange, filter(None, map(transcoding.undo, tokens)))) > LEAST_SHARE * len(tokens):
        return None
    return transcoding, gain >= SURE_GAIN and lead >= SURE_LEAD


def _is_unmixed(transcoding: Transcoding, tokens: list[str]) -> bool:
    """Say whether words of two scripts become Latin ones, as `r├йponse` and `versi처n` do, or dashes and quotation
    marks: `тАУ`."""
    return transcoding.written == "utf-8" and all(
        text in _MARKS or (_JOINED_RE.search(token) and is_latin(text) and not is_strange(text))
        for token in tokens
        if (text := transcoding.undo(token)) and text != token
    )


def read_line(line: str) -> tuple[str, bool]:
    """Return a damaged line as UTF-8 shown in the page that makes it the best text, and whether no other page makes one
    nearly as good; the line itself when none is better."""
    whole: dict[str, tuple[Transcoding, float]] = {}  # of pages that give the same the likeliest
    for row in _list_misreadings():
        if row[0].written == "utf-8" and (text := row[0].undo(line)) and (text not in whole or row[1] < whole[text][1]):
            whole[text] = row
    best = _find_best(TOKEN_RE.findall(line), whole.values()) if whole else None
    return (best[0].read(line), best[2] >= LINE_LEAD) if best else (line, False)


def _find_best(
    sample: list[str], misreadings: Iterable[tuple[Transcoding, float]]
) -> tuple[Transcoding, float, float] | None:
    """Return the misreading that gains most, what it gains, and how much more than the next one that reads otherwise.

    Most of a document's words must be odd as they stand; those that can be read are no evidence of UTF-8.
    """
    if not _are_odd(sample):
        return None
    before = {token: weigh_text(token) for token in sample}
    odd = [token for token in sample if before[token] < -ODD and _OTHER_RE.search(token)]
    unread = [token for token in odd if _MIXED_RE.search(token) or not can_be_read(token)]
    most = least = max(LEAST, -LEAST_SHARE * sum(map(before.__getitem__, sample)))
    letters = {token: frozenset(token) for token in odd}
    gains: list[tuple[float, Transcoding]] = []
    if any(all(undo_utf8(token, page) for token in odd) for page in SINGLE_BYTE_PAGES):  # what else would be so
        misreadings = [row for row in misreadings if row[0].written == "utf-8"]
    for transcoding, cost in misreadings:
        gain = -cost
        shown = _letters_shown(transcoding.shown)
        tokens = [
            token
            for token in (unread if transcoding.written == "utf-8" else odd)
            if not shown or letters[token] <= shown
        ]
        if -sum(map(before.__getitem__, tokens)) - cost <= max(least, most - SURE_LEAD):
            continue
        gain += _measure(transcoding, tokens, before)
        if gain > least:
            gains.append((gain, transcoding))
            most = max(most, gain)
    if not gains:
        return None
    best = max(gains, key=itemgetter(0))[1]  # of pages that give the same the likeliest
    others = [gain for gain, other in gains if gain > most - SURE_LEAD and not _read_alike(best, other, odd)]
    return best, most, most - max(others, default=most - SURE_LEAD)


def _read_alike(left: Transcoding, right: Transcoding, tokens: list[str]) -> bool:
    return all(left.undo(token) == right.undo(token) for token in tokens)


def _are_odd(sample: list[str], share: float = LEAST_SHARE) -> bool:
    """Say whether enough words are odd as they stand."""
    return sum(map(_is_odd, sample)) >= share * len(sample)


def _is_odd(token: str) -> bool:
    cost = -weigh_text(token)
    return (
        cost > ODD
        and cost > ODD_LETTER * sum(letter > "\x7f" for letter in token)
        and _OTHER_RE.search(token) is not None
    )


def _measure(transcoding: Transcoding, tokens: list[str], before: dict[str, float]) -> float:
    """Return what the words gain that a misreading makes better text."""
    gain = 0.0
    for token in tokens:
        text = transcoding.undo(token)
        if text is not None and text != token and (transcoding.written == "utf-8" or _WORD_RE.search(text)):
            gain += max(0.0, weigh_text(text) - before[token])
    return gain


@cache
def _list_shown(page: str) -> str:
    """Return what a page of single bytes shows for each, for those it leaves undefined the control that they are kept
    as, and U+FFFE where that is a letter of the page; nothing for a page of several bytes."""
    if page in EASTERN:
        return ""
    shown = [bytes((byte,)).decode(page, "ignore") for byte in range(0x100)]
    return "".join(text or (chr(byte) if chr(byte) not in shown else "\ufffe") for byte, text in enumerate(shown))


@cache
def _letters_shown(page: str) -> frozenset[str]:
    return frozenset(_list_shown(page))


@cache
def _encoding_of(page: str) -> Any:
    """Return the table of a page of single bytes backwards, as `codecs` wants it."""
    return codecs.charmap_build(_list_shown(page))


@cache
def _list_misreadings() -> list[tuple[Transcoding, float]]:
    return [
        (Transcoding(shown, written), cost + STEP * at)
        for written, pages, cost in MISREADINGS
        for at, shown in enumerate(pages)
    ]
