"""text -> how likely it is as text of some language (log): the scale that readings of any language are weighed on.

Three letters in a row are worth what they are among the accented words of wordfreq's lists (`letters.bin`); a syllable
of Vietnamese is a word; of Chinese, Japanese and Korean the characters that the national standards list first are
common. A sign within a word, two scripts in one and a capital behind a small letter cost most. ASCII costs nothing.
"""

import re
import zlib
from collections import Counter
from functools import cache, lru_cache
from importlib import resources
from math import log
from unicodedata import category

from pipeline.repair.marks import mark_worths
from pipeline.repair.words import letter_case
from pipeline.syllables import is_syllable

LETTERS_NAME = "letters.bin"
# What three letters in a row cost by how many words have them (100, 10, 2, 1, none), and a Vietnamese syllable.
COSTS = (1.0, 2.0, 3.5, 5.0)
UNSEEN = 8.0
# Wordfreq counts ß as ss, which costs nothing.
UNCOUNTED = 4.0
# What one of the commonest words of a language costs, and a common one.
WORD_COSTS = (1.5, 3.0)
SYLLABLE = 6.0
# A character of Chinese, Japanese or Korean; a letter of a script without a list.
COMMON, RARE, UNLISTED = 5.0, 12.0, 5.0
KANA = 3.0
# What two of them that stand so in some word cost less.
PAIRED = 2.5
# What a syllable of Korean that is one of its commonest words costs less: particles stand behind any word.
PARTICLE = 2.0
# The national standards, and the first byte beyond their first level, which has the common characters.
STANDARDS = (("gb2312", b"\xd8"), ("shift_jis", b"\x98"), ("big5", b"\xc9"))
# One character of East Asia by itself: such text has several in a row. A letter by itself.
ALONE = 8.0
SINGLE, WORD = 4.0, 2.0
ONE_LETTER_WORDS = frozenset("àáåèéêìòóôùæøаиоуявксієη")
# Two scripts in a word; a capital behind a small letter; a sign between two letters.
MIXED, CAPITAL, WITHIN = 12.0, 9.0, 8.0
# A mark costs this less what it is worth; one that is not listed; a control, U+FFFD or an unassigned character.
MARK, UNKNOWN_MARK, IMPOSSIBLE = 12.0, 10.0, 25.0
REPEATED = 1.0
# What the apostrophe costs less than another mark between two letters.
APOSTROPHE = 3.0
# A word that costs more for each of its characters beyond ASCII is strange.
STRANGE = 9.0
# So is one whose threes of letters cost more on average: of sound words one in 300 of Cyrillic.
STRANGE_THREE = 5.5
_JOINERS = "’·—–-…/_\u200d\ufe0f"

TOKEN_RE = re.compile(r"(?<![^\x00-\x20])[\x21-\x7f]*+[^\x00-\x7f][^\x00-\x20]*")
# The vowel signs of the scripts of India whose words are listed; Python has them for no letters.
_SIGNS = "".join(c for c in map(chr, (*range(0x900, 0xA00), *range(0xB80, 0xC00))) if category(c)[0] == "M")
_RUN_RE = re.compile(f"((?:[^\\W\\d_ªºµ¹²³ˆ˜\u2100-\u218f]++|[{_SIGNS}]++)++)")
_LETTERS_ONLY_RE = re.compile(
    "[A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u02af\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u0527"
    "\u05d0-\u05ea\u0620-\u064a]+"
)
_EASTERN = "\u2e80-\u9fff\uac00-\ud7a3\uff61-\uff9f"
_EASTERN_RE = re.compile(f"[{_EASTERN}]")
_ALONE_RE = re.compile(f"(?<![{_EASTERN}])[{_EASTERN}](?![{_EASTERN}])")
_BOX_RE = re.compile("(?<=[A-Za-z])[\u2500-\u259f]")
_QUOTES_RE = re.compile("[\u2018-\u201d][\"']|[\"'][\u2018-\u201d]")
_BETWEEN_RE = re.compile(f"[A-Za-z][{_EASTERN}]+[A-Za-z]")
_SCRIPTS = (
    (0x80, "ascii"), (0x250, "latin"), (0x370, "other"), (0x400, "greek"), (0x530, "cyrillic"), (0x590, "armenian"),
    (0x600, "hebrew"), (0x700, "arabic"), (0x900, ""), (0x980, "devanagari"), (0xA00, "bengali"), (0xB80, ""),
    (0xC00, "tamil"), (0x1E00, ""), (0x1F00, "latin"), (0x2000, "greek"), (0x2E80, "other"),
    (0xAC00, "han"), (0xD7B0, "hangul"), (0xF900, "other"), (0xFB00, "han"), (0xFE00, "arabic"), (0xFE70, "other"),
    (0xFF00, "arabic"), (0x20000, "half"), (0x30000, "han"),
)  # fmt: skip
_VIETNAMESE = frozenset(("ascii", "latin", "other"))  # its marks may stand by themselves
_LISTED = frozenset(("latin", "greek", "cyrillic", "hebrew", "arabic", "devanagari", "bengali", "tamil"))
_WEIGHED = _LISTED | {"han", "hangul", "half"}


def weigh_text(text: str) -> float:
    """Return the log-worth of a text, at most 0; ASCII weighs nothing, so texts with the same ASCII compare.

    >>> weigh_text('подменю') > weigh_text('ïîäìåíþ')
    True
    """
    return sum(map(_weigh_token, TOKEN_RE.findall(text)))


def has_rare(text: str) -> bool:
    """Say whether a character of East Asia is rare."""
    return any(map(is_rare, _EASTERN_RE.findall(text)))


def reads_well(text: str) -> bool:
    """Say whether every word of a text is likely: that a reading has no strange word in it, and no rare character.

    >>> reads_well('tiếng nước tôi'), reads_well('tiếng nớc tôi')
    (True, False)
    """
    return not has_rare(text) and all(
        -_weigh_token(token) <= STRANGE * sum(c > "\x7f" for c in token) for token in TOKEN_RE.findall(text)
    )


@lru_cache(maxsize=50_000)
def _weigh_token(token: str) -> float:
    if _LETTERS_ONLY_RE.fullmatch(token):
        return -weigh_letters(token)
    pieces = _RUN_RE.split(token)
    cost = ALONE * len(_ALONE_RE.findall(token)) + MIXED * len(_BETWEEN_RE.findall(token))
    cost += WITHIN * (len(_QUOTES_RE.findall(token)) + len(_BOX_RE.findall(token)))
    for at, piece in enumerate(pieces):
        if at % 2:
            cost += weigh_letters(piece)
        elif piece and not piece.isascii():
            cost += _weigh_marks(piece, pieces[at - 1][-1:] if at else "", within=0 < at < len(pieces) - 1)
    return -cost


def _is_vowel_sign(mark: str) -> bool:
    """Say whether a mark is a letter's own in a script of India and beyond, which has one in every second letter."""
    return "\u0900" <= mark < "\u1ab0" and category(mark)[0] == "M"


@lru_cache(maxsize=50_000)
def _weigh_marks(marks: str, before: str, *, within: bool) -> float:
    """Return what marks cost behind a letter; within: whether letters stand on both sides of them."""
    cost, last = 0.0, before
    if within and not all(mark in _JOINERS or _is_vowel_sign(mark) for mark in marks):
        cost = WITHIN
    elif within and marks == "’":
        cost = -APOSTROPHE
    for mark in marks:
        kind = category(mark)
        if mark == last:
            cost += REPEATED
        elif kind in ("Cc", "Cn", "Co", "Cs") or mark == "\ufffd":
            cost += IMPOSSIBLE
        elif mark == "\ufe0f" and last > "\x7f":
            cost += REPEATED
        elif "\ufe00" <= mark <= "\ufe0f":
            cost += IMPOSSIBLE
        elif kind[0] == "M":
            cost += UNLISTED if last and not last.isascii() else IMPOSSIBLE if _is_vowel_sign(mark) else RARE
        elif mark > "\x7f":
            cost += MARK - mark_worths_cached()[mark] if mark in mark_worths_cached() else UNKNOWN_MARK
        last = mark
    return cost


@cache
def mark_worths_cached() -> dict[str, float]:
    """Return the worth of each mark that is listed."""
    return mark_worths()


def fold(letters: str) -> str:
    """Return letters as wordfreq counts them: in small ones, `σ` at the end of a word too, and İ as i."""
    lower = letters.lower().replace("i\u0307", "i")
    return lower[:-1] + "σ" if lower[-1:] == "ς" else lower


@lru_cache(maxsize=50_000)
def weigh_letters(letters: str) -> float:
    """Return what a run of letters costs.

    >>> weigh_letters('été') < weigh_letters('йtй')
    True
    """
    if letters.isascii():
        return 0.0
    lower = fold(letters)
    if len(letters) == 1 and name_script(letters) in _LISTED:
        return CAPITAL if letters != lower else WORD if letters in ONE_LETTER_WORDS else SINGLE
    cost = CAPITAL * (letters != letters.lower() and letter_case(letters) == "M")
    if lower in _load_common():
        return cost + _load_common()[lower]
    scripts = list(map(name_script, letters))
    kinds = set(scripts)
    if len(kinds) > 1:
        cost += MIXED * sum(map(_clash, scripts, scripts[1:]))
    if kinds <= _VIETNAMESE and is_syllable(lower):
        return cost + SYLLABLE
    framed = f" {lower} "
    known = _load_letters()
    if kinds <= _LISTED or kinds == {"ascii", "latin"}:
        threes = [framed[at : at + 3] for at in range(len(lower))]
        unseen = UNSEEN if "ß" not in lower else UNCOUNTED
        return cost + sum([known.get(three, unseen) for three in threes if not three.isascii()])
    han = ""
    for at, (letter, script) in enumerate(zip(lower, scripts)):
        if script in _LISTED or script == "ascii":
            three = framed[at : at + 3]
            if not three.isascii():
                cost += known.get(three, UNSEEN)
        elif script == "han":
            han += letter
        elif script == "hangul":
            cost += COMMON if _spell(letter, "euc_kr") else RARE
            cost -= PARTICLE * (letter in _load_common())
        else:
            cost += RARE if script == "half" else UNLISTED
    if "han" in kinds or "hangul" in kinds:
        cost -= PAIRED * sum(map(_load_pairs().__contains__, map(str.__add__, lower, lower[1:])))
    return cost + min(map(sum, zip(*map(_weigh_han, han))), default=0.0)


def is_strange(text: str) -> bool:
    """Say whether a word of a text is made of letters that no language has beside one another.

    >>> is_strange('подѭиѭанѭ'), is_strange('подписаны')
    (True, False)
    """
    return any(map(_is_strange_run, _RUN_RE.findall(text)))


@lru_cache(maxsize=50_000)
def _is_strange_run(letters: str) -> bool:
    if not set(map(name_script, letters)) <= _LISTED | {"ascii"}:
        return False
    framed = f" {letters} "
    threes = sum(not three.isascii() for three in map("".join, zip(framed, framed[1:], framed[2:])))
    return threes > 1 and weigh_letters(letters) > STRANGE_THREE * threes


@lru_cache(maxsize=50_000)
def weigh_next(before: str, more: str) -> float:
    """Return about what more letters cost behind the beginning of a word: their threes, or each one of East Asia."""
    if before[:-2]:
        return weigh_next(before[-2:], more)
    cost, known = CAPITAL * (more[:1].isupper() and before[-1:].islower()), _load_letters()
    text = (before if len(before) == 2 else " " + before).lower()
    for letter in more:
        text = text[-2:] + letter.lower().replace("ς", "σ")
        if "\u2e80" <= letter <= "\uffdc":
            cost += KANA if "\u3040" <= letter <= "\u30ff" else RARE if is_rare(letter) else COMMON
            cost -= PAIRED * (text[-2:] in _load_pairs())
            cost -= PARTICLE * (letter in _load_common())
        elif letter > "\x7f" and not letter.isalpha() and letter not in _SIGNS:
            cost += UNKNOWN_MARK - mark_worths_cached().get(letter, 0.0)
        elif not text.isascii() and len(text) == 3 and text[1] != " ":
            cost += known.get(text, UNSEEN)
    return cost


@lru_cache(maxsize=50_000)
def rank_next(before: str, letters: tuple[str, ...], most: int) -> list[tuple[float, str]]:
    """Return what a letter of East Asia may be behind another one, with what each costs there, the cheapest first.

    Only what stands right before it says anything of it.
    """
    known = _load_pairs()
    ranked = [(cost - PAIRED * (before + more[0] in known), more) for cost, more in _weigh_alone(letters)]
    ranked.sort()
    return ranked[:most]


@lru_cache(maxsize=5_000)
def _weigh_alone(letters: tuple[str, ...]) -> list[tuple[float, str]]:
    return [(weigh_next("", more), more) for more in letters]


@cache
def name_script(letter: str) -> str:
    """Return the name of a letter's script, of one without a name its place."""
    return next((name for end, name in _SCRIPTS if ord(letter) < end), "other") or f"block {ord(letter) >> 7}"


def is_latin(text: str) -> bool:
    """Say whether letters, digits and marks of a text are what languages write in Latin: not what phonetics adds.

    >>> [is_latin(text) for text in ('l୭', 'caf魏', 'thꝁm', 'PHʔ', 'café', 'tập', 'x₁')]
    [False, False, False, False, True, True, True]
    """
    letters = (c for c in text if c >= "\u0240" and (c.isalpha() or c.isdecimal() or category(c)[0] == "M"))
    return all(c >= "\u0300" and not "\u0330" <= c < "\u0370" and name_script(c) in _VIETNAMESE for c in letters)


def is_listed(text: str) -> bool:
    """Say whether the letters of a text are of scripts whose words are listed: of any other one, all weigh the same.

    >>> [is_listed(text) for text in ('день', '日本', 'é – 🐍ℝ', 'नमस्ते', 'ភាសា')]
    [True, True, True, True, False]
    """
    letters = (c for c in text if not ("\u2000" <= c < "\u2e80" or c.isascii()))  # signs like ℝ have their own worth
    return all(name_script(c) in _WEIGHED for c in letters if category(c) in ("Lu", "Ll", "Lo", "Mc"))


def is_common(word: str) -> bool:
    """Say whether a word is a common one of some language."""
    return fold(word) in _load_common()


def _clash(left: str, right: str) -> bool:
    """Say whether two scripts do not stand beside one another: those of East Asia stand beside any."""
    return left != right and {left, right} != {"ascii", "latin"} and not {left, right} & {"han", "hangul", "half"}


@cache
def is_rare(letter: str) -> bool:
    """Say whether a letter of East Asia is rare: half-width, or not among the common ones."""
    if "\uac00" <= letter <= "\ud7a3":
        return not _spell(letter, "euc_kr")
    return letter >= "\uff61" or not any(b"" < _spell(letter, codec) < end for codec, end in STANDARDS)


def is_standard(mark: str) -> bool:
    """Say whether a mark is in a national standard of East Asia, which list what print has: '』', not '㏀'."""
    return any(_spell(mark, codec) for codec, _ in STANDARDS)


@cache
def _weigh_han(letter: str) -> list[float]:
    """Return what a character costs in a text of each national standard; syllables stand in Japanese alone."""
    if "\u3040" <= letter <= "\u30ff":
        return [KANA if codec == "shift_jis" else RARE for codec, _ in STANDARDS]
    return [COMMON if b"" < _spell(letter, codec) < end else RARE for codec, end in STANDARDS]


def _spell(letter: str, codec: str) -> bytes:
    """Return the bytes of a character in a national standard; none where it is not in it."""
    source = letter.encode(codec, "ignore")
    return source if len(source) <= 2 else b""  # EUC-KR spells what KS X 1001 has not, in eight bytes


@cache
def _load_letters() -> dict[str, float]:
    """Read the threes of letters with what each costs; a space stands for the edge of a word."""
    found: dict[str, float] = {}
    for band, cost in zip(_read_bands(), COSTS):
        found.update(dict.fromkeys(re.findall("...", band), cost))
    return found


@cache
def load_worths() -> dict[str, float]:
    """Return about how common each letter is among the words of all languages, and what each mark is worth."""
    bands = _read_bands()
    counts = Counter(bands[0] + bands[1] + bands[len(COSTS)])
    return {letter: log(count + 1) for letter, count in counts.items()} | mark_worths_cached()


@cache
def _load_pairs() -> frozenset[str]:
    """Read the twos of characters of East Asia that stand beside one another in some word."""
    return frozenset(re.findall("..", _read_bands()[len(COSTS)]))


@cache
def _load_common() -> dict[str, float]:
    """Read the common words of every language with what each costs."""
    bands = _read_bands()[len(COSTS) + 1 :]
    return {word: cost for band, cost in zip(bands, WORD_COSTS) for word in band.split(" ")}


@cache
def _read_bands() -> list[str]:
    packed = resources.files(__package__).joinpath(LETTERS_NAME).read_bytes()
    return zlib.decompress(packed).decode("utf-8").split("\n")
