"""damaged word -> its reading, or a choice of readings; worked out once for each distinct word.

A chain of readers undoes a chain of misreadings, the outermost first. Readings are weighed with single-word
counts here; what stands beside them is weighed by `search.py`, and only when several are near one another.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import product
from math import inf
from unicodedata import category, normalize

from pipeline.repair.codepages import (
    LOW_QUOTES,
    REPLACEMENT,
    SOFT_HYPHEN,
    Channel,
    damage_through,
    kept_characters,
    shown_bytes,
)
from pipeline.repair.emoji import is_known_emoji
from pipeline.repair.evidence import can_be_read
from pipeline.repair.model import Model
from pipeline.repair.plausibility import (
    ONE_LETTER_WORDS,
    is_common,
    is_latin,
    load_worths,
    rank_next,
    weigh_letters,
    weigh_next,
)
from pipeline.repair.readings import Reader, Worths, make_reader
from pipeline.repair.search import Choice
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.words import WORD_RE, case_class, fold_word, letter_case
from pipeline.syllables import is_syllable

# Readings this much (log) less likely than the best by themselves are not searched.
NEAR = 11.0
MOST_CHOICES = 8
# A letter in a word never counted is weighed against a common letter's count (log).
COMMON_LETTER = 10.0
# What a word with ð for đ costs (log).
OLD_LETTER = 3.0
# Marks are counted too, and their counts are a share of this total (log).
MARK_TOTAL = 14.0
# What a symbol or a strange mark between two letters costs (log): 'tậpu' is a misspelt word, 't᭺pu' is nothing.
WITHIN = 12.0
CASE_WORTH = {"L": 0.0, "T": -0.7, "U": -1.0, "W": -1.0, "N": 0.0, "M": -9.0}
# Longer runs are not words; they are read in parts of this many characters.
LONGEST_WORD = 60
LONGEST_PART = 24
# A word of another language keeps this many readings at each letter, which costs what it does by two before it.
MOST_TEXTS, SEEN_BEHIND = 16, 2
# Any of these many capitals may be the one that became `?` where a page shows controls for all of them: `NÃ?O`, `AÃ?O`.
ALL_CAPITALS = 32
# What stands farther behind never changes their order, so that so many are enough.
MOST_SETTLED = 4
# Of Chinese and Japanese, whose characters are weighed by the one before them, so many.
MOST_EASTERN, EASTERN, HANGUL = 8, "\u2e80", "\uac00"


class _AnyLanguage:
    """What characters are worth where the language is not known: letters by the words of all that have them."""

    characters = property(lambda self: load_worths())


class WordTable(dict[str, "str | Choice | None"]):
    """The readings of every damaged word met, for one chain of channels; None has no reading, and a sound word is
    its own."""

    def __init__(self, chain: tuple[Channel, ...], read_model: Callable[[], Model]) -> None:
        """chain: the misreadings in the order they happened; read_model: asked when a word of the language is first
        read."""
        super().__init__()
        self.chain = chain
        self._read_model = read_model
        self.step = "+".join(channel.step for channel in chain)
        self.readers = _make_readers(chain, self)
        self.word_re = self.readers[0].word_re
        self.scores: dict[str, float] = {}
        self.read_any: dict[str, tuple[str, float]] = {}
        self.weighed: dict[str, list[tuple[float, str]]] = {}
        self._texts: dict[str, tuple[str, ...]] = {}
        self._listed: dict[str, list[tuple[str, ...]]] = {}
        self._votes: dict[str, int] = {}
        self._likely: dict[str, bool] = {}
        self._verified: dict[tuple[str, str], str] = {}

    @cached_property
    def model(self) -> Model:
        """The language model."""
        return self._read_model()

    @property
    def characters(self) -> Mapping[str, float]:
        """The log-worth of each character of the language."""
        return self.model.characters

    @cached_property
    def any_reader(self) -> Reader:
        """The outermost reader for words of any language, which asks no model."""
        reader = replace(self.readers[0], model=_AnyLanguage(), _units={})
        if self.chain[-1].loss == "question-c1":
            reader.most_capitals = ALL_CAPITALS
        return reader

    def vote(self, word: str) -> int:
        """Say whether a damaged word speaks for Vietnamese (1), against it (-1), or is silent (0)."""
        vote = self._votes.get(word)
        if vote is None:
            vote = self._votes[word] = self._cast_vote(word)
        return vote

    def is_likely(self, word: str) -> bool:
        """Say whether a word cannot be read as it stands, or its best reading is itself or words that were counted."""
        likely = self._likely.get(word)
        if likely is None:
            value = self[word]
            reading = value.texts[0] if isinstance(value, Choice) else value or ""
            counted = value == word or self._is_counted(reading)
            likely = self._likely[word] = counted or SUSPECT_RE.search(word) is not None or not can_be_read(word)
        return likely

    def _is_counted(self, reading: str) -> bool:
        words = [fold_word(match) for match in WORD_RE.findall(reading) if len(match) > 1]  # 'Ł.' is an initial
        known = all(character.isascii() or character in self.model.characters for character in reading)
        return known and all(map(self.model.is_counted, words))

    def _cast_vote(self, word: str) -> int:
        if not SUSPECT_RE.search(word):
            return 0
        value = self[word]
        reading = value.texts[0] if isinstance(value, Choice) else value or ""
        vote = 0
        if SUSPECT_RE.search(reading):
            return 0  # misread more than once: 'VÃ©rification' has no 'vã' in it
        for match in WORD_RE.finditer(reading):
            letters = fold_word(match[0])
            if len(letters) > 1 and not letters.isascii():
                if not (is_syllable(letters) and self.model.is_counted(letters)):
                    return -1
                vote = 1
        return vote

    def count_unread(self, text: str) -> int:
        """Return how many damaged words and stray characters of the text the chain does not explain."""
        found = self.word_re.split(text)
        between = "".join(found[::2])
        strays = 0 if between.isascii() else len(between) - len(between.encode("ascii", "ignore"))
        return strays + sum(self[word] is None for word in found[1::2])

    def __missing__(self, word: str) -> "str | Choice | None":
        value = self._read(word) if len(word) <= LONGEST_WORD else self._read_long(word)
        if self._is_sound(word, value):
            value = word
            self.scores[word] = self.sound_score(word)
        self[word] = value
        return value

    def _is_sound(self, word: str, value: "str | Choice | None") -> bool:
        """Say whether a word is what it says: it has no sign of damage, and no reading in one script that fits better.

        A small accented letter of Latin-1 is what a page shows of the first of three bytes, and both behind it may be
        lost: 'là' would be 'l୭', 'câu' 'c–u'. A capital is the first of two, so 'Ãch' may well be 'Ích'.
        """
        if SUSPECT_RE.search(word) or not can_be_read(word):
            return False
        written = value.texts[0] if isinstance(value, Choice) else value or ""
        reading = normalize("NFC", written)
        if not any(letter.isascii() and letter.isalpha() for letter in word):
            letter = word.strip()
            if letter in ONE_LETTER_WORDS:
                return True
            strange = reading != "" and not (is_latin(reading) and self._is_counted(reading))
            return len(letter) == 1 and strange and self.scores[word] < self.sound_score(word)
        if not reading or not is_latin(reading):
            return True
        if _has_signs(word, written) and self.scores[word] <= self.sound_score(word):
            return True
        return (_has_signs(word, reading) or not self._is_counted(reading)) and self._is_word(word)

    def _is_word(self, word: str) -> bool:
        return all(self.model.is_counted(fold_word(letters)) or is_common(letters) for letters in WORD_RE.findall(word))

    def sound_score(self, word: str) -> float:
        """Return the log-likelihood of a word as it stands."""
        score = sum(map(self.model.word_score, map(str.lower, WORD_RE.findall(word))))
        for character in word:
            if not (character.isascii() or character.isalpha()):
                score += self.model.characters.get(character, -5.0) - MARK_TOTAL
        return score

    def _read(self, word: str) -> "str | Choice | None":
        ranked = self._tell_apart([self._weigh(worth, text, word) for worth, text in self.list_readings(word)])
        ranked = self._keep_capitals([row for row in ranked if row[0] > ranked[0][0] - NEAR][:MOST_CHOICES])
        whole = [row for row in ranked if all(letter_case(part) != "M" for part in row[2].split(" "))]
        ranked = [row for row in whole or ranked if self.verify(row[2], word)]
        if not ranked:
            return None
        self.scores[word] = ranked[0][0]
        if len(ranked) == 1:
            return ranked[0][2]
        texts = [text for _, _, text in ranked]
        cases = "".join(map(case_class, texts))
        worths = [worth for _, worth, _ in ranked]
        if len(set(cases)) > 1:  # the neighbours' case will say it better
            worths = [worth - (CASE_WORTH[case] if case != "M" else 0.0) for worth, case in zip(worths, cases)]
        return Choice(
            texts,
            worths,
            [self.model.pieces(text) for text in texts],
            cases if len(set(cases)) > 1 else "",
            any(map(is_known_emoji, texts)),
        )

    def _keep_capitals(self, ranked: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
        """Return the readings without those that are no syllable, where they may be capitals that were counted: an
        abbreviation is of capitals alone, 'NĐ', and 'Nă' is nothing."""
        if not any(case_class(text) == "W" and self._is_counted(text) for _, _, text in ranked):
            return ranked
        return [row for row in ranked if all(map(_may_be_word, WORD_RE.findall(row[2])))]

    def _read_long(self, word: str) -> str | None:
        """Read a long run (a ruled line of a table) part by part, the best reading of each."""
        parts, size = [""], 0
        inner = self.readers[1] if len(self.readers) > 1 else None
        for match in self.readers[0].unit_re.finditer(word):
            size += len(match[0])
            if size > LONGEST_PART and (inner is None or self._starts_unit(match[0], inner)):
                parts.append("")
                size = len(match[0])
            parts[-1] += match[0]
        read = []
        for part in parts:
            value = self[part] if len(part) <= LONGEST_WORD else None
            if value is None:
                return None
            read.append(value.texts[0] if isinstance(value, Choice) else value)
        self.scores[word] = self.scores[parts[0]] * len(parts)
        return "".join(read)

    def _starts_unit(self, unit: str, inner: Reader) -> bool:
        """Say whether a unit of the outer misreading is a lead byte of the inner one."""
        found = self.readers[0].readings(unit)
        return bool(found) and all(inner.unit_re.fullmatch(text) for _, text in found)

    def list_readings(self, word: str) -> list[tuple[float, str]]:
        """Return every reading through the whole chain with its characters' worth."""
        found = self.readers[0].readings(word)
        for reader in self.readers[1:]:
            deeper: dict[str, float] = {}
            for _, text in found:
                if text.isascii() or reader.word_re.fullmatch(text):
                    for worth, inner in reader.readings(text):
                        deeper.setdefault(inner, worth)
            found = [(worth, text) for text, worth in deeper.items()]
        return found

    def list_units(self, word: str) -> list[tuple[str, ...]]:
        """Return what each letter of a word of any language, or its letters of ASCII in a row, may have been."""
        units = self._listed.get(word)
        if units is None:
            units = [self._list_texts(match[0]) for match in self.readers[0].unit_re.finditer(word)]
            self._listed = {word: units}  # each word is asked several times in a row
        return units

    def _list_texts(self, unit: str) -> tuple[str, ...]:
        texts = self._texts.get(unit)
        if texts is None:
            texts = (unit,) if unit.isascii() else tuple(text for _, text in self.any_reader.read_unit(unit))
            self._texts[unit] = texts
        return texts

    def list_any(self, word: str) -> list[tuple[float, str]]:
        """Return (about what it costs beside the others, reading) of a word of any language through a chain of one
        channel, the cheapest first."""
        paths, behind = [(0.0, "")], 0
        for unit in self.list_units(word):
            if not unit:
                return []
            if len(unit) > 1:
                paths, behind = _grow(paths, unit), 0
                continue
            more = unit[0]
            if len(paths) > 1 and behind < SEEN_BEHIND:  # what stands farther off costs the same behind all of them
                paths = [(cost + weigh_next(text[-2:], more[: SEEN_BEHIND - behind]), text) for cost, text in paths]
                paths.sort()
            behind += len(more)
            if behind >= SEEN_BEHIND or more >= EASTERN:
                del paths[MOST_SETTLED:]
            paths = [(cost, text + more) for cost, text in paths]
        return paths

    def count_hyphens(self, text: str, word: str) -> int:
        """Return how many letters of a reading lost a soft hyphen where the channel loses no-break spaces too."""
        if not {"spaces", "merged", "stripped"}.intersection(self.readers[0].channel.aftermath):
            return 0
        lost = sum(len(c.encode("utf-8")) == 2 and c.encode("utf-8")[1] == 0xAD for c in text)
        return max(0, lost - word.count(SOFT_HYPHEN))

    def _tell_apart(self, ranked: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
        """Sort the readings, those of words never counted by what their letters are worth in other languages:
        Sāriputta, not Sčriputta."""
        strange = [
            sum(weigh_letters(match[0]) for match in WORD_RE.finditer(row[2]) if not self._is_known(match[0]))
            for row in (ranked if len(ranked) > 1 else ())
        ]
        if any(strange):
            least = min(strange)
            ranked = [
                (all_ + least - cost, own + least - cost, text) for (all_, own, text), cost in zip(ranked, strange)
            ]
        return sorted(ranked, reverse=True)

    def _is_known(self, word: str) -> bool:
        return self.model.is_known(fold_word(word))

    def _weigh(self, worth: float, text: str, damaged: str) -> tuple[float, float, str]:
        """Return (score with its words, worth without, text)."""
        words = 0.0
        model = self.model
        # Where spaces were merged a damaged word has plain ones beside it ('lÃ xung'): they say nothing of the channel.
        plain = damaged.split(" ") if " " in damaged else ()
        composed = normalize("NFC", text)  # 'PHÁT' with a combining mark, as some editors write it, is a word too
        for match in WORD_RE.finditer(composed):
            word = match[0]
            if word in plain and word.isascii():
                continue
            folded = fold_word(word)
            words += model.word_score(folded)
            known = model.is_known(folded)
            worth -= OLD_LETTER * ("ð" in word.lower())
            for character in word:
                if character > "\x7f" and (composed is text or character in text):
                    letter = model.characters.get(character, -7.0)
                    worth -= letter
                    if not known:
                        worth += letter - COMMON_LETTER
            worth += CASE_WORTH[letter_case(word)]
        worth -= MARK_TOTAL * sum(not (c.isascii() or WORD_RE.match(c)) for c in composed)
        if len(text) > 2 and not text.isalpha():
            worth -= WITHIN * _count_within(text)
        return words + worth, worth, text

    def verify(self, reading: str, word: str) -> str:
        """Return the step whose damage makes exactly the damaged word of the reading; '' when none does."""
        step = self._verified.get((reading, word))
        if step is None:
            step = self._verified[reading, word] = self._find_step(reading, word)
        return step

    def damage_like(self, text: str, damaged: str) -> str:
        """Damage a text by the chain, with the losses that a damaged text beside it shows."""
        return damage_through(text, tuple([*_possible_losses(channel, damaged)][-1] for channel in self.chain))

    def _find_step(self, reading: str, word: str) -> str:
        options = [_possible_losses(channel, word) for channel in self.chain]
        for chain in product(*options):
            if damage_through(reading, chain) == word:
                return "+".join(channel.step for channel in chain)
        return ""


def _has_signs(word: str, reading: str) -> bool:
    """Say whether a word of letters would be read with signs: marks that combine are some."""
    return word.strip().isalpha() and any(c > "\x7f" and not c.isalpha() for c in reading)


def _may_be_word(word: str) -> bool:
    """Say whether a word with a capital first and others small is a syllable, or says nothing."""
    return len(word) < 2 or word.isascii() or letter_case(word) != "T" or is_syllable(fold_word(word))


def _grow(paths: list[tuple[float, str]], unit: tuple[str, ...]) -> list[tuple[float, str]]:
    """Return the cheapest paths with one more letter each; paths: sorted."""
    grown: list[tuple[float, str]] = []
    count = MOST_EASTERN if EASTERN <= unit[0] < HANGUL else MOST_TEXTS
    eastern = min(unit) >= EASTERN
    most = inf  # a bound for what is among the cheapest: so many are cheaper
    for cost, text in paths[:count]:
        for step, more in rank_next(text[-1:], unit, count) if eastern else _rank_next(text[-2:], unit):
            if cost + step > most:
                break
            grown.append((cost + step, text + more))
        if len(grown) >= count:
            grown.sort()
            del grown[count:]
            most = grown[-1][0]
    return sorted(grown)


@lru_cache(maxsize=50_000)
def _rank_next(before: str, unit: tuple[str, ...]) -> list[tuple[float, str]]:
    """Return what a letter may be behind two others, with what each costs there, the cheapest first."""
    ranked = sorted((weigh_next(before, more), more.isupper(), more) for more in unit)[:MOST_TEXTS]
    return [(cost, more) for cost, _, more in ranked]


def _count_within(text: str) -> int:
    """Count what stands between two plain letters and belongs to none: symbols, marks of other scripts.

    >>> _count_within('t᭺pu'), _count_within('tឺpu'), _count_within('H₂O một—hai a\u0301b 🐍 c')
    (1, 1, 0)
    """
    around = zip(text, text[1:], text[2:])
    return sum((a + b).isascii() and a.isalpha() and b.isalpha() and _is_strange(sign) for a, sign, b in around)


def _is_strange(sign: str) -> bool:
    return sign > "\u036f" and category(sign) in ("So", "Mn", "Mc")


def _possible_losses(channel: Channel, word: str) -> Iterable[Channel]:
    yield channel
    if "merged" in channel.aftermath and word.endswith(" "):  # nothing was beside this one to be merged with
        yield Channel(channel.page, channel.loss, (*channel.aftermath[:-1], "spaces"))
    if "quotes" in channel.aftermath and any(mark in word for mark in LOW_QUOTES):
        yield Channel(channel.page, channel.loss, tuple(name for name in channel.aftermath if name != "quotes"))
    if not word.isascii():
        if not kept_characters(channel.page).isdisjoint(word):
            yield Channel(channel.page, "keep", channel.aftermath)
        if REPLACEMENT in word:
            yield Channel(channel.page, "fffd", channel.aftermath)
        if SOFT_HYPHEN in word:
            yield Channel(channel.page, "drop-undefined", channel.aftermath)


def _make_readers(chain: tuple[Channel, ...], model: Worths) -> list[Reader]:
    readers = [make_reader(chain[0], model)]
    for inner, outer in zip(chain, chain[1:]):
        reader = make_reader(outer, model)
        shown = "".join(shown_bytes(inner.page)) + "".join(map(chr, range(0x80, 0xA0))) + REPLACEMENT
        reader.allowed = frozenset(character for character in shown if character > "\x7f")
        readers.append(reader)
    return readers[::-1]
