"""damaged word -> the texts that could have been damaged into it: the code page's table walked backwards.

A damaged word is a run of ASCII letters and units; a unit is one damaged character: what its lead byte is shown
as, then what is left of its continuation bytes. Bytes between C2 and F4 lead and bytes between 80 and BF
continue, so the split into units is the only one; a unit with fewer characters than its lead byte announces has lost
some, and every byte the channel loses may stand in each gap.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, product
from math import prod
from typing import Protocol
from unicodedata import category

from pipeline.repair.codepages import LOW_QUOTES, REPLACEMENT, Channel, damage_table, lost_bytes, shown_bytes
from pipeline.repair.plausibility import is_rare, is_standard, weigh_letters

# What a character the model never met is worth, by its kind: log of a count. A lone private-use or unassigned
# character is never a reading.
UNSEEN_LETTER = -7.0
RARE_LETTER = -10.0
UNSEEN_MARK = -5.0
UNLISTED_MARK = -8.0
UNSEEN_COMBINING = -12.0
IMPOSSIBLE = -30.0
# A bracket that closes before its word, or opens behind it; and one that closes the one that opened.
WRONG_SIDE, CLOSED = -4.0, 4.0
# What U+FE0F costs behind an emoji that browsers draw in colour without it: '🏛️', not '🐛️'.
COLOURED = 5.0
# What a mark costs that takes the space behind it for its last byte: it would stand at the next word ('🏠Home').
GLUED = -8.0
# What a reading in another case than its word's costs where there is none in its case.
OTHER_CASE = -9.0
# What a reading with a lost soft hyphen costs where the no-break spaces are known to be lost ('Ã' is à, hardly í).
HYPHEN = 4.0
# A unit keeps this many readings, a word this many; the rest are worse by orders of magnitude.
UNIT_READINGS = 12
MOST_SEQUENCES = 2000
WORD_READINGS = 48


_LETTERS_RE = re.compile("[A-Za-z]")


class Worths(Protocol):
    """What knows how common characters are: the language model, or whatever reads it when it is first asked."""

    @property
    def characters(self) -> Mapping[str, float]:
        """The log-worth of each."""


@dataclass(slots=True)
class Reader:
    """One code page backwards: finds damaged words and lists their readings.

    word_re: finds damaged words; unit_re: splits one into units and ASCII; allowed: the only characters a
    reading may have (what an inner misreading shows), all when empty; most_capitals: of a unit so many are kept;
    _units: unit -> its readings.
    """

    channel: Channel
    model: Worths
    word_re: re.Pattern[str]
    unit_re: re.Pattern[str]
    stray_re: re.Pattern[str]
    _bytes: dict[str, tuple[int, ...]]
    _lost: tuple[int, ...]
    allowed: frozenset[str] = frozenset()
    most_capitals: int = UNIT_READINGS
    _units: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    def readings(self, word: str) -> list[tuple[float, str]]:
        """Return (log-worth, reading), best first; empty when some unit has none.

        Only the characters' own frequencies are weighed here; words are weighed by the caller.
        """
        paths: list[tuple[float, str]] = [(0.0, "")]
        capitals = _is_capital(word)
        for match in self.unit_re.finditer(word):
            piece = match[0]
            if piece.isascii() and match.lastindex is None:
                paths = [(worth, text + piece) for worth, text in paths]
                continue
            unit = self.read_unit(piece)
            if not unit:
                return []
            if " " in word:  # of two words that lost the space between them
                start, end = word.rfind(" ", 0, match.start()) + 1, word.find(" ", match.start() + 1)
                capitals = _is_capital(word[start : end if end > 0 else None])
            first = word[match.start() - 1 : match.start()] == " " or not any(map(str.isalpha, paths[0][1]))
            unit = _keep_case(unit, capitals, first=first)
            paths = [
                (worth + more + self._beside(text, character), text + character)
                for worth, text in paths
                for more, character in unit
            ]
            if len(paths) > WORD_READINGS:
                paths = sorted(paths, key=self._promise, reverse=True)[:WORD_READINGS]
        return sorted(((worth + _weigh_brackets(text), text) for worth, text in paths), reverse=True)

    def _promise(self, path: tuple[float, str]) -> float:
        """Return what the beginning of a reading is worth, with its letters as those of any language."""
        return path[0] if self.allowed else path[0] - weigh_letters(path[1])

    def read_unit(self, unit: str) -> list[tuple[float, str]]:
        """Return (log-worth, reading) of one damaged character, best first."""
        found = self._units.get(unit)
        if found is None:
            found = self._units[unit] = self._read_unit(unit)
        return found

    def _beside(self, text: str, character: str) -> float:
        """What stands beside a symbol: U+FE0F and U+200D follow emoji and nothing else."""
        if character[0] in "\ufe0f\u200d":
            if text[-1:] == " ":
                return IMPOSSIBLE
            joins = text != "" and category(text[-1]) in ("So", "Mn", "Sk", "Sm")
            coloured = joins and character[0] == "\ufe0f" and not _is_plain(text[-1])
            return (6.0 if joins else -8.0) - COLOURED * coloured
        if text and text[-1] in "∏∑" and category(character) == "Lm":
            return 3.0  # an operator has an index: ∏ᵢ
        if text and text[-1] == "\u200d":
            return 3.0 if category(character) == "So" else -8.0
        return 0.0

    def _read_unit(self, unit: str) -> list[tuple[float, str]]:
        found: dict[str, float] = {}
        rest, behind = unit, ""
        while True:
            for character, worth in self._read_exactly(rest).items():
                glued = not behind and unit[-1] == " " and category(character)[0] != "L"
                found.setdefault(character + behind, worth + GLUED * glued)
            if rest[-1] != " " or len(rest) == 1:  # Mac Roman shows a lead byte as a no-break space
                break
            rest, behind = rest[:-1], behind + " "  # a space behind a lost byte, no no-break space made plain
        ranked = sorted(((worth, character) for character, worth in found.items()), reverse=True)
        capitals = [row for row in ranked if row[1].isupper()][: self.most_capitals]
        return sorted([row for row in ranked if not row[1].isupper()][:UNIT_READINGS] + capitals, reverse=True)

    def _read_exactly(self, unit: str) -> dict[str, float]:
        """Return what may have left exactly these characters, with what each is worth."""
        spaced = not {"spaces", "merged", "stripped"}.isdisjoint(self.channel.aftermath)
        leads = [byte for byte in self._bytes.get(unit[0], ()) if byte >= 0xC2]
        found: dict[str, float] = {}
        for lead in leads:
            length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            for sequence in self._sequences(lead, unit[1:], length - 1):
                try:
                    character = sequence.decode("utf-8")
                except UnicodeDecodeError:
                    continue
                worth = self._worth(character)
                if worth > IMPOSSIBLE:
                    found[character] = worth - HYPHEN * (
                        spaced and length == 2 and len(unit) < length and sequence[-1] == 0xAD
                    )
        return found

    def _sequences(self, lead: int, rest: str, wanted: int) -> Iterator[bytes]:
        shown = [[b for b in self._bytes.get(c, ()) if 0x80 <= b < 0xC0] for c in rest]
        gaps = wanted - len(shown)
        if gaps < 0 or gaps > 2:
            return
        if not gaps and prod(map(len, shown)) <= MOST_SEQUENCES:
            for middle in product(*shown):
                yield bytes((lead, *middle))
        if not gaps:
            return
        for places in combinations(range(wanted), gaps):
            remaining = iter(shown)
            slots = [self._lost if i in places else next(remaining) for i in range(wanted)]
            if prod(map(len, slots)) > MOST_SEQUENCES:
                continue
            for middle in product(*slots):
                yield bytes((lead, *middle))

    def _worth(self, character: str) -> float:
        if self.allowed:
            return 0.0 if character in self.allowed else IMPOSSIBLE
        known = self.model.characters.get(character)
        if known is not None:
            return known
        kind = category(character)
        if kind in ("Cn", "Co", "Cs"):
            return IMPOSSIBLE
        if kind[0] == "M":
            return UNSEEN_COMBINING
        if kind[0] == "L":
            return RARE_LETTER if character >= "\u2e80" and is_rare(character) else UNSEEN_LETTER
        return (UNSEEN_MARK if is_standard(character) else UNLISTED_MARK) if kind[0] in "SPN" else -12.0


@cache
def _is_plain(character: str) -> bool:
    """Say whether Unicode lists the character with U+FE0F, which makes an emoji of it."""
    from wcwidth.table_vs16 import VS16_NARROW_TO_WIDE

    ranges = next(reversed(VS16_NARROW_TO_WIDE.values()))
    return any(low <= ord(character) <= high for low, high in ranges)


def _is_capital(word: str) -> bool | None:
    """Say whether a word's plain letters are capitals; None when there are too few to tell."""
    letters = _LETTERS_RE.findall(word)
    return None if len(letters) < 2 else "".join(letters).isupper()


def _keep_case(unit: list[tuple[float, str]], capitals: bool | None, *, first: bool) -> list[tuple[float, str]]:
    """Return the readings of a letter in the case of its word: 'TRÆ¯á»NG' is TRƯỜNG, in 'corazÃ³n' stands no capital.

    capitals: what `_is_capital` says of its word; first: whether it is the first letter.
    """
    if capitals is None or (first and not capitals):
        return unit
    kept = [row for row in unit if not (row[1].islower() if capitals else row[1].isupper())]
    return kept or [(worth + OTHER_CASE, text) for worth, text in unit]


def _weigh_brackets(text: str) -> float:
    """Return what the brackets at the ends of a reading say for it: '『Ma』', not '』Ma『'."""
    if len(text) < 2:
        return 0.0
    first, last = category(text[0]), category(text[-1])
    worth = WRONG_SIDE * ((first == "Pe") + (last == "Ps"))
    return worth + CLOSED * (first == "Ps" and last == "Pe" and ord(text[-1]) == ord(text[0]) + 1)


def make_reader(channel: Channel, model: Worths) -> Reader:
    """Build the reader of a channel: its tables and the expressions that find damaged words."""
    table = damage_table(channel)
    shown_as: dict[str, list[int]] = {}
    for byte in range(0x80, 0x100):
        shown = table[byte]
        if shown is not None:
            shown_as.setdefault(shown, []).append(byte)
        if not shown_bytes(channel.page)[byte]:
            shown_as.setdefault(chr(byte), []).append(byte)  # kept as a control character
            shown_as.setdefault(REPLACEMENT, []).append(byte)
        elif shown is None or (shown in "'\"" and shown_bytes(channel.page)[byte] in LOW_QUOTES):
            shown_as.setdefault(shown_bytes(channel.page)[byte], []).append(
                byte
            )  # a soft hyphen or a mark that was kept
    leads: dict[int, list[str]] = {1: [], 2: [], 3: []}
    follows = []
    for shown, numbers in shown_as.items():
        for byte in numbers:
            if 0xC2 <= byte < 0xF5:
                leads[1 if byte < 0xE0 else 2 if byte < 0xF0 else 3].append(shown)
            elif byte < 0xC0:
                follows.append(shown)
    follow = f"[{''.join(map(re.escape, dict.fromkeys(follows)))}]"
    unit = "|".join(
        f"[{''.join(map(re.escape, chars))}]{follow}{{0,{count}}}" for count, chars in leads.items() if chars
    )
    return Reader(
        channel=channel,
        model=model,
        word_re=re.compile(f"((?<![A-Za-z])[A-Za-z]*+(?:(?:{unit})[A-Za-z]*+)++)"),
        unit_re=re.compile(f"({unit})|[A-Za-z]+"),
        stray_re=re.compile(r"[^\x00-\x7f]"),
        _bytes={shown: tuple(numbers) for shown, numbers in shown_as.items()},
        _lost=lost_bytes(channel),
    )
