"""text -> damaged text: the code pages a text may have been misread with, and what each loses.

The forward channel. Everything the engine believes about damage is stated here once; `readings.py` walks the
same tables backwards, and every repair is checked by walking them forwards again.
"""

import re
from functools import cache
from typing import NamedTuple

from pipeline.repair.chardata import UPPER_HALVES

ISO_PAGES = ("latin-1", "iso8859-2", "iso8859-7")
"""Those that show the bytes 80 to 9F as control characters, which programs drop."""

SOFT_HYPHEN = "\u00ad"
REPLACEMENT = "\ufffd"
C1_CONTROLS = "".join(map(chr, range(0x80, 0xA0)))
# Mac Roman shows lead bytes as quotes, dashes and plain capitals, which sound text has before accented letters
# (“áo”); only its tell-tale leads are asked for.
MAC_ROMAN_LEADS = "¬√ƒ≈∆Œœ·‚„ÿ◊"

# What stands behind 'â' in a sign that lost its third byte; closing quotes and dashes stand behind sound words too.
SIGNS = "ŒœŠšŽžŸ€†‡‚„ƒˆ"

# 'lÃ m', 'jusqu'Ã la', 'score Ã partir': the capital behind a small letter, or alone among small words, is the first
# byte of a letter whose second one was a no-break space, made plain, lost, or kept: a capital alone is no word.
# 'NÃ?O': the second byte became a question mark, for nothing is asked within a word.
# 'donâ??t', 'PowerHouseâ"¢': so is the â whose second and third bytes became question marks, or a straight quote.
CUT_SHORT = (
    r"(?<=[a-z'’]Ã)(?![^\x00-\x7f])|(?<=[a-z] Ã)(?= {1,2}[a-z])|(?<=[a-z] [ÃĂ])(?=\xa0)|(?<=â)(?=\?\?[A-Za-z])"
    r"|(?<=[A-Z]Ã)(?=\?[A-Z])"
    "|(?<=â)(?=[\"'][\xa1-\xbf™š›œž])"
)

# The Python codecs of the code pages, most frequent first; ties in detection go to the earlier.
CODE_PAGES = (
    "cp1252", "cp1254", "cp1258", "cp1250", "cp1251", "cp1253", "cp1257",
    "latin-1", "iso8859-2", "iso8859-7", "mac-roman", "cp437", "cp850",
)  # fmt: skip

# What becomes of a byte that the code page leaves undefined, and what each loss costs (log): how much better than by
# a commoner one it must explain a text. `drop` loses U+00AD too, `question-hyphen` makes `?` of it; `-c1` are the 32
# controls of ISO 8859-1.
LOSSES = {
    "keep": 0.0, "drop": 0.0, "drop-undefined": 2.0, "fffd": 0.0, "question": 12.0, "drop-c1": 12.0,
    "question-c1": 12.0, "question-hyphen": 14.0,
}  # fmt: skip
# ISO 8859-1 loses nothing, unless its controls are dropped: nothing but a soft hyphen is lost seldom.
WHOLE_PAGE_LOSS = 8.0

# What editors do afterwards: (name, damaged character, what is left of it).
AFTERMATHS: dict[str, dict[str, str]] = {
    "quotes": {"‘": "'", "’": "'", "“": '"', "”": '"', "‚": "'", "„": '"'},
    "spaces": {"\xa0": " "},
    "stripped": {"\xa0": ""},
    "merged": {"\xa0": " "},  # and runs of spaces made one, and those at the end taken off
}


# Quotation marks that some editors leave as they are.
LOW_QUOTES = "‚„"

AFTERMATH_COSTS = {"quotes": 2.0, "spaces": 2.0, "merged": 2.0, "stripped": 4.0}

_SPACES_RE = re.compile(" +")


class Channel(NamedTuple):
    """One wrong decoding of UTF-8.

    page: Python's name of the code page; loss: one of LOSSES; aftermath: names from AFTERMATHS.
    """

    page: str
    loss: str
    aftermath: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """Its name in reports, such as `cp1254-drop`."""
        return "-".join((self.page, self.loss, *self.aftermath))

    @property
    def cost(self) -> float:
        """What it costs (log) to suppose it of a text that shows no sign of it."""
        whole = WHOLE_PAGE_LOSS if self.page == "latin-1" and self.loss == "drop" else 0.0
        return LOSSES[self.loss] + whole + sum(map(AFTERMATH_COSTS.__getitem__, self.aftermath))


def parse_step(step: str) -> tuple[Channel, ...]:
    """Return the chain that a repair's step names, the first misreading first.

    >>> parse_step('cp1252-drop+latin-1-keep')[1].page
    'latin-1'
    """
    return tuple(map(_parse_channel, step.split("+")))


def _parse_channel(name: str) -> Channel:
    shown = name.removeprefix("utf-8-as-")
    if shown != name and shown in CODE_PAGES:  # a text that was read whole, and lost nothing
        return Channel(shown, "keep")
    for page in CODE_PAGES:
        rest = name.removeprefix(page + "-")
        if rest == name:
            continue
        for loss in sorted(LOSSES, key=len, reverse=True):
            if rest == loss or rest.startswith(loss + "-"):
                aftermath = tuple(rest[len(loss) + 1 :].split("-")) if rest != loss else ()
                return Channel(page, loss, aftermath)
    raise ValueError(f"no such channel: {name}")


@cache
def shown_bytes(page: str) -> tuple[str, ...]:
    """Return what each of the 256 bytes is shown as; '' where the page leaves it undefined."""
    return (*map(chr, range(128)), *(shown.replace(REPLACEMENT, "") for shown in UPPER_HALVES[page]))


@cache
def kept_characters(page: str) -> frozenset[str]:
    """Return the characters that the page's undefined bytes are kept as: C1 controls, and '¡' in windows-1257."""
    return frozenset(chr(byte) for byte, shown in enumerate(shown_bytes(page)) if not shown)


@cache
def damage_table(channel: Channel) -> dict[int, str | None]:
    """Return a `str.translate` table from bytes written as ISO 8859-1 to the damaged text."""
    table: dict[int, str | None] = {}
    for byte, shown in enumerate(shown_bytes(channel.page)):
        if not shown:
            lost = {"keep": chr(byte), "fffd": REPLACEMENT, "question": "?", "question-hyphen": "?"}
            table[byte] = lost.get(channel.loss)
        elif channel.loss.endswith("-c1") and shown in C1_CONTROLS:
            table[byte] = "?" if channel.loss == "question-c1" else None
        elif channel.loss == "question-hyphen" and shown == SOFT_HYPHEN:
            table[byte] = "?"
        elif channel.loss in ("drop", "drop-c1") and shown == SOFT_HYPHEN:
            table[byte] = None
        else:
            for name in channel.aftermath:
                shown = AFTERMATHS[name].get(shown, shown)
            table[byte] = shown or None
    return table


def damage(text: str, channel: Channel) -> str:
    """Misread the UTF-8 bytes of `text` as the channel does.

    >>> damage('Học Tập', Channel('cp1254', 'drop'))
    'Há»c Táºp'
    """
    damaged = text.encode("utf-8").decode("latin-1").translate(damage_table(channel))
    if "merged" in channel.aftermath:
        damaged = _SPACES_RE.sub(" ", damaged)
        return damaged if text.endswith(" ") else damaged.removesuffix(" ")
    return damaged


def damage_through(text: str, chain: tuple[Channel, ...]) -> str:
    """Damage `text` by each channel in turn, the first misreading first."""
    for channel in chain:
        text = damage(text, channel)
    return text


def lost_bytes(channel: Channel) -> tuple[int, ...]:
    """Return the continuation bytes that may leave no character at all."""
    table = damage_table(channel)
    merged = "merged" in channel.aftermath
    return tuple(byte for byte in range(0x80, 0xC0) if table[byte] is None or (merged and table[byte] == " "))
