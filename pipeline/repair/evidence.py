"""text -> is it damaged, and which of its lines may be: the whole document is weighed before any line.

Evidence is the share of a document's words beyond ASCII that one code page explains. A word speaks for a page when it
cannot be read as it stands (`Há»c`, `cafÃ©`) and is what the page shows of UTF-8. A suspect that can be read as it
stands (`“XÃ”`, `10 Å²`) is no evidence, whatever it would spell: in a sound document it is sound, in a damaged one it
is as the words around it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import NamedTuple
from unicodedata import category

from pipeline.repair.codepages import (
    C1_CONTROLS,
    CODE_PAGES,
    CUT_SHORT,
    MAC_ROMAN_LEADS,
    REPLACEMENT,
    kept_characters,
    shown_bytes,
)
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.words import letter_case

# A document is damaged when a page explains this share of its words: a sixth of 'Xin chào â€“ tôi là An – bạn'.
LEAST_SHARE = 0.15
# Or when it explains more words than this on lines that are damaged for the most part, or a line of several words that
# are all damaged: that was pasted in.
FEW = 3
# A page is the document's when so many of its words are clear and nearly all of them are what the page shows.
LEAST_OF_PAGE, NEARLY_ALL = 4, 0.8
# So many characters are a word's; of damaged syllables the longest, 'NghiÃªng' or 'Ä‘Æ°á»ng', have 8 or 9.
LONG = 12

_CUT_SHORT_RE = re.compile(CUT_SHORT)
_CUT_PAGES = tuple(page for page in CODE_PAGES if shown_bytes(page)[0xC3] == "Ã")

Vote = tuple[str, ...] | None
"""What a word says: the pages that explain it; none of them for one that may be sound too; None for a sound one."""

WORD_BEYOND_ASCII_RE = re.compile(r"(?<![!-~])[!-~]*+[^\x00-\x7f][^\x00-\x20]*")
# A question mark between what is beyond ASCII may stand for a byte: 'ã?®è¦?ç´„'.
_RUN_RE = re.compile(r"[^\x00-\x7f]+(?:\?+[^\x00-\x7f]+)*")
_LETTERS_RE = re.compile("([^\\W\\d_ªº²³¹¼½¾ˆ]+)")
# The capitals that the western pages show for a lead byte alone say nothing: 'MÃ' may be that, or what is left of 'MÍ'.
_NO_LEAD_RE = re.compile("[^\x00-\x7f\u00c2-\u00df]")
_ASCII_RE = re.compile(r"[\x00-\x7f]")
# What stands in no word, and what pages show of letters: a root or `≈` of a sign, a capital before what no language has
# behind it ('Ãœber'), a line of a box before an accented letter.
_NO_WORD_RE = re.compile(
    "[a-z][√≈][^\x00-\x7f°µ\u0370-\u03ff\u2200-\u221e]|[√≈][^\x00-\x7f°µ\u0370-\u03ff\u2200-\u221e][a-z]"
    "|√(?:[†¢£§•¶ß®©™´¨]|[\u2200-\u221e][a-z]{3})|Ä±|Ã[ƒŠŒŽšœžŸªºµ]|[ÂÄÅ][ƒŒœŸ]|[ÐÑ][°±²³´µ¶¸¼½¾¿]|[\u2500-\u259f][\xa1-\u024f]"
)
# 'x√π' is a formula, though Mac Roman shows ù so.
_FORMULA_RE = re.compile("[!-@]*[A-Za-z]?[√≈∆][!-@]*[πΩµ∂∑∏∫∞°][!-@]*")
_ASCII_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_PLAIN_RE = re.compile(r"[!-/:-@[-`{-~]*[^\W\d_ªº²³¹¼½¾ˆ]{3,}[!-/:-@[-`{-~]*")

# What may stand behind a word at once, by Unicode category: closing quotes, dashes, footnotes, `±`; behind a word of
# capitals also a sign ('MAÇÃ™', 'HĐ§ 5').
_BEHIND_WORDS = frozenset(("Pf", "Pi", "Pe", "Pd", "Zs", "No", "Sm"))
_BEHIND_CAPITALS = _BEHIND_WORDS | {"Po", "So"}


class Weighing(NamedTuple):
    """The verdict on a document: whether it is damaged, and the pages that show nearly all of it, if any do."""

    damaged: bool
    pages: tuple[str, ...] = ()

    def claims(self, line: str) -> bool:
        """Say whether suspects on the line are damage: some word there speaks for a page, or none is sound."""
        sound = False
        for match in WORD_BEYOND_ASCII_RE.finditer(line):
            vote = judge_word(match[0])
            if vote:
                return self.damaged
            sound = sound or vote is None
        return self.damaged and not sound


def weigh(lines: Iterable[str]) -> Weighing:
    """Weigh a document: its lines, without code and what is switched off.

    >>> weigh(["Há»c táºp"]).damaged, weigh(["Cột “XÃ” lưu tên xã."]).damaged
    (True, False)
    """
    seen = [line for line in lines if not line.isascii()]
    explained = dict.fromkeys(CODE_PAGES, 0)
    pasted = dict.fromkeys(CODE_PAGES, 0)
    for line in seen:
        if not SUSPECT_RE.search(line):
            continue
        if not any(map(judge_word, WORD_BEYOND_ASCII_RE.findall(line))) and not _CUT_SHORT_RE.search(line):
            continue  # no evidence
        votes = _votes(line)
        if None not in votes:  # no word is sound
            votes += [_CUT_PAGES] * len(_CUT_SHORT_RE.findall(line))
        for page in {page for vote in votes if vote for page in vote}:
            count = sum(page in vote for vote in votes if vote)
            explained[page] += count
            clear = _count_clear(votes)
            if 2 * count > clear:
                pasted[page] += count
                if pasted[page] > FEW or count == clear > 1:
                    return Weighing(True)
    most = max(explained.values())
    if not most:
        return Weighing(False)
    words = Counter(WORD_BEYOND_ASCII_RE.findall("\n".join(seen)))
    clear = sum(count * (len(word) // LONG or 1) for word, count in words.items() if judge_word(word) != ())
    return Weighing(most >= LEAST_SHARE * clear)


def _votes(text: str) -> list[Vote]:
    """Return what each word says. One as long as several counts as several: Japanese and Thai have no spaces."""
    return [judge_word(word) for word in WORD_BEYOND_ASCII_RE.findall(text) for _ in range(len(word) // LONG or 1)]


def list_pages(line: str) -> list[str]:
    """Return the pages that explain the most words of a line, likeliest first."""
    counts = Counter(page for vote in _votes(line) for page in vote or ())
    most = max(counts.values(), default=0)
    return [page for page in CODE_PAGES if counts[page] == most > 0]


@lru_cache(maxsize=8)  # each pass over a text asks it
def find_pages(sample: str) -> tuple[str, ...]:
    """Return the pages that show nearly every word of a damaged sample; none when the words are few.

    >>> find_pages("Ð¡Ñ‚Ñ€Ð°Ð½Ð¸Ñ†Ñ‹ Ð´Ð»Ñ Ð²ÑÐµÑ… Ð¸ Ð½Ð°Ñ")
    ('cp1252',)
    """
    counts, total = _count_pages(sample)
    most = max(counts.values(), default=0)
    if total < LEAST_OF_PAGE or most < NEARLY_ALL * total:
        return ()
    return tuple(page for page in CODE_PAGES if counts[page] == most)


def is_utf8(sample: str) -> bool:
    """Say whether nearly every word of a damaged sample is what one page shows of UTF-8, however few they are.

    >>> is_utf8("à¤¨à¤®à¤¸à¥à¤¤à¥‡"), is_utf8("Íîâûé ôàéë")
    (True, False)
    """
    counts, clear = _count_pages(sample)
    return 2 * clear >= len(_votes(sample)) and max(counts.values(), default=0) >= NEARLY_ALL * (clear or 1)


def _count_pages(sample: str) -> tuple[Counter[str], int]:
    """Return how many words each page shows, and how many are clear."""
    votes = Counter({vote: count for vote, count in Counter(_votes(sample)).items() if vote != ()})
    total = sum(votes.values())
    counts = Counter[str]()
    for vote, count in votes.items():
        counts.update(dict.fromkeys(vote or (), count))
    return counts, total


def may_show(page: str, line: str) -> bool:
    """Say whether all beyond ASCII on a line may be what the page shows of UTF-8, some of it lost."""
    return _line_re(page).fullmatch(line) is not None


def _count_clear(votes: list[Vote]) -> int:
    return len(votes) - votes.count(())


@lru_cache(maxsize=20_000)
def judge_word(word: str) -> Vote:
    """Return what a word says about the document that it stands in.

    >>> judge_word("Học"), judge_word("“XÃ”"), "cp1254" in judge_word("Há»c")
    (None, (), True)
    """
    pages = () if can_be_read(word) else _explain(word)
    if SUSPECT_RE.search(word + " "):
        return pages
    return () if pages or not _NO_LEAD_RE.search(word) else None


def _explain(word: str) -> tuple[str, ...]:
    """Return the pages that show UTF-8 so; marks around the damage may be sound ('“dÃ©jÃ ”')."""
    runs = [run for run in _RUN_RE.findall(word) if any(map(str.isalpha, run)) or SUSPECT_RE.search(run)]
    return tuple(page for page, finds, explains in _pages() if finds(word) and all(map(explains, runs)))


def can_be_read(word: str) -> bool:
    """Say whether a word is words and punctuation as it stands: no sign within one, no capital behind a small letter,
    no two signs behind `×`, which is what pages show of Hebrew, nor what else they show and no word has.

    >>> [can_be_read(word) for word in ('“XÃ”', 'Ø±0.1', 'AMANHÃ—HOJE', 'Há»c', 'cafÃ©', 'Â©')]
    [True, True, True, False, False, False]
    """
    if _FORMULA_RE.fullmatch(word):
        return True
    if _NO_WORD_RE.search(word) or (word.count("×") > 1 and _timed_re().search(word)):
        return False
    if _PLAIN_RE.fullmatch(word) and word.lstrip(_ASCII_MARKS)[1:].islower():
        return True  # what most words are
    pieces = _LETTERS_RE.split(word)
    for letters, marks, after in zip(pieces[1::2], pieces[2::2], [*pieces[3::2], ""]):
        if letter_case(letters) == "M":
            return False
        if len(letters) == 2 and _RUN_RE.fullmatch(letters) and not (letters.isupper() or _is_title(letters)):  # 'âœ…'
            return False
        behind = _ASCII_RE.split(marks, maxsplit=1)[0]
        allowed = _BEHIND_CAPITALS if len(letters) > 1 and letters.isupper() else _BEHIND_WORDS
        if any(category(mark) not in allowed and mark != "…" for mark in behind):
            return False
        joins = len(letters) > 1 and all(category(mark) == "Pd" or mark in "…’" for mark in behind)
        if behind and behind == marks and after and not joins:
            return False
    return True


def _is_title(letters: str) -> bool:
    """Say whether letters of Cyrillic begin with a capital, as `Ці` does, which may stand at each line of a list."""
    return letters.istitle() and "\u0400" <= letters[0] <= "\u045f"


@cache
def _timed_re() -> re.Pattern[str]:
    shown = [shown_bytes(page) for page in CODE_PAGES]
    follow = "".join("".join(bytes_[0x80:0xC0]) for bytes_ in shown if bytes_[0xD7] == "×") + C1_CONTROLS
    return re.compile(f"(?<![0-9])(?:×{_class(follow)}){{2}}")


@cache
def _line_re(page: str) -> re.Pattern[str]:
    return re.compile(f"(?:[\x00-\x7f]++|(?:{_describe_units(page)})++)*+")


def _describe_units(page: str) -> str:
    """Return an expression for what is left of a letter that the page shows the bytes of."""
    shown = shown_bytes(page)
    follow = _class("".join((*shown[0x80:0xC0], *kept_characters(page), REPLACEMENT, "?")))
    return "|".join(f"{_class(some)}{follow}{{0,{count}}}" for count, some in enumerate(_list_leads(page), 1) if some)


def _list_leads(page: str) -> list[str]:
    shown = shown_bytes(page)
    if page == "mac-roman":
        return ["", MAC_ROMAN_LEADS, ""]
    return ["".join(shown[0xC2:0xE0]), "".join(shown[0xE0:0xF0]), "".join(shown[0xF0:0xF5])]


@cache
def _pages() -> list[tuple[str, Callable[[str], object], Callable[[str], object]]]:
    """Return for each code page its name, what finds a lead with a continuation, and what matches units only."""
    pages: list[tuple[str, Callable[[str], object], Callable[[str], object]]] = []
    for page in CODE_PAGES:
        shown = shown_bytes(page)
        follow = _class("".join((*shown[0x80:0xC0], *kept_characters(page), REPLACEMENT)))
        pair = f"{_class(''.join(_list_leads(page)))}{follow}" + "|(?<=[a-z])Ã(?=[a-z])" * (shown[0xC3] == "Ã")
        pages.append((page, re.compile(pair).search, re.compile(f"(?:{_describe_units(page)})+").fullmatch))
    return pages


def shows_pair(page: str, text: str) -> bool:
    """Say whether a text has what the page shows of two bytes of one letter; of other pages than those of UTF-8's
    misreadings that is not known.

    >>> shows_pair("cp1252", "cafÃ©"), shows_pair("cp1252", "«кафе»")
    (True, False)
    >>> shows_pair("cp1252", "voilÃla"), shows_pair("cp1250", "voilÃla")  # of a letter that lost its second byte
    (True, False)
    """
    return next((finds(text) is not None for name, finds, _ in _pages() if name == page), True)


def _class(characters: str) -> str:
    return "[" + "".join(map(re.escape, dict.fromkeys(characters))) + "]"
