"""word numbers -> log-probabilities: the language model, read once from `model.bin`.

Words: triples, pairs and single words, each level interpolated with the next (absolute discounting). Below the
single words stands the syllable inventory: a word never counted is worth more when it is spelt as a Vietnamese
syllable. What stands behind a word is sorted, in one array for all words with the place where each begins; lookups
bisect, so that loading is a copy and not the making of a million objects.
"""

import array
import marshal
import zlib
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from itertools import compress
from math import log
from pathlib import Path

from pipeline.repair.marks import character_worths
from pipeline.repair.words import UNKNOWN, WORD_RE, split_pieces
from pipeline.syllables import is_syllable

MODEL_NAME = "model.bin"
# A word's number takes so many bits.
WORD_BITS = 16

# What each count gives up to what was never seen (absolute discounting, Ney 1994), and what an unseen word is
# worth; chosen on held-out modules.
PAIR_DISCOUNT = 0.9
TRIPLE_DISCOUNT = 0.75
CASE_PRIOR = 6.0
# What the course has counts as much as so many of it elsewhere: tried on one half of a register with the other half.
LEXICON_WEIGHT = 30
CASES = "WULTMN"
# How many counts the overall share of foreign words weighs when a word's own followers are asked for theirs.
CLASS_PRIOR = 8.0
UNSEEN_SYLLABLE = 0.03
UNSEEN_WORD = 0.00003


class Model:
    """The counts and the probabilities made of them; pure but for its memory of what was asked."""

    def __init__(self, packed: bytes, lexicon: Mapping[str, int] | None = None) -> None:
        table = marshal.loads(zlib.decompress(packed))
        words: list[str] = table["words"].split("\n")
        self.numbers = dict(zip(words, range(len(words))))
        self.counts: list[int] = array.array("I", table["counts"]).tolist()
        self._pair_starts = array.array("I", table["pair_starts"])
        self._pairs = array.array("H", table["pairs"])
        self._pair_counts = array.array("H", table["pair_counts"])
        self._large_counts: dict[int, int] = table["large_counts"]
        self._triple_starts = array.array("I", table["triple_starts"])
        self._triples = array.array("I", table["triples"])
        self._triple_counts = array.array("H", table["triple_counts"])
        self._followed = array.array("I", table["followed"])
        self._follow_types = array.array("I", table["follow_types"])
        self._added: dict[tuple[int, int], int] = {}
        self._add_lexicon(lexicon or {})
        self._counted = len(self.counts)
        self.total = float(sum(self.counts))
        self._left_over: bytes = table["left_over"]
        self._foreign: bytes = table["foreign"] + bytes(len(self.counts) - len(table["foreign"]))
        self._foreign_share: float = sum(compress(self.counts, self._foreign)) / self.total
        self.characters = character_worths(table["characters"])
        self.cases: dict[str, int] = table["cases"]
        self._scores: dict[tuple[int, int, int], float] = {}
        self._unseen: dict[int, float] = {}
        self._pieces: dict[str, tuple[int, ...]] = {}

    def _add_lexicon(self, lexicon: Mapping[str, int]) -> None:
        """Add a course's own counts of words and pairs."""
        for words, count in lexicon.items():
            numbers = []
            for word in words.lower().split(" "):
                number = self.numbers.setdefault(word, len(self.numbers))
                numbers.append(number)
                if number == len(self.counts):
                    self.counts.append(0)
                    self._followed.append(0)
                    self._follow_types.append(0)
            if len(numbers) == 1:
                self.counts[numbers[0]] += LEXICON_WEIGHT * count
            elif len(numbers) == 2:
                first, second = numbers
                self._added[first, second] = LEXICON_WEIGHT * count
                self._followed[first] += LEXICON_WEIGHT * count
                self._follow_types[first] += 1

    def number(self, word: str) -> int:
        """Return the number of a lower-case word; unseen syllables get new numbers of no count."""
        number = self.numbers.get(word)
        if number is None:
            share = UNSEEN_SYLLABLE if is_syllable(word) else UNSEEN_WORD
            number = self.numbers[word] = len(self.counts)
            self.counts.append(0)
            self._unseen[number] = share
        return number

    def list_counted(self) -> list[str]:
        """Return the words that were counted, the commonest first."""
        return [word for word, count in zip(self.numbers, self.counts) if count > 0]

    def is_counted(self, word: str) -> bool:
        """Say whether a lower-case word was counted."""
        return self.counts[self.number(word)] > 0

    def is_known(self, word: str) -> bool:
        """Say whether a lower-case word was counted or is a syllable."""
        number = self.number(word)
        return self.counts[number] > 0 or self._unseen[number] == UNSEEN_SYLLABLE

    def pieces(self, text: str) -> tuple[int, ...]:
        """Return the numbers of the words and marks of a piece of text."""
        known = self._pieces.get(text)
        if known is None:
            known = tuple(
                piece
                if isinstance(piece, int)
                else self.numbers.get(piece, UNKNOWN)
                if piece.isascii()
                else self.number(piece)
                for piece in split_pieces(text)
            )
            if len(self._pieces) < 100_000:
                self._pieces[text] = known
        return known

    def word_score(self, word: str) -> float:
        """Return log P(word) of a lower-case word by itself."""
        number = self.number(word)
        return log((self.counts[number] or self._unseen.get(number, UNSEEN_WORD)) / self.total)

    def score(self, first: int, second: int, word: int) -> float:
        """Return log P(word | first, second)."""
        key = (first, second, word)
        known = self._scores.get(key)
        if known is None:
            known = log(self._share(first, second, word))
            if len(self._scores) < 500_000:
                self._scores[key] = known
        return known

    def case_scores(self, left: str, right: str, cases: str, texts: list[str]) -> list[float]:
        """Return log P(case | the neighbours' cases, the word) for each reading."""
        counts = self._count_cases(left, right)
        total = sum(counts.values())
        scores = []
        for case, text in zip(cases, texts):
            share = counts[case] / total
            match = WORD_RE.search(text)
            # Among capitals a word's own habit says nothing: 'Ví dụ', but 'VÍ DỤ'.
            word = match[0].lower() + left if match and right != "W" else left
            own = sum(self.cases.get(word + other, 0) for other in CASES)
            share = (self.cases.get(word + case, 0) + CASE_PRIOR * share) / (own + CASE_PRIOR)
            scores.append(log(share))
        return scores

    def _count_cases(self, left: str, right: str) -> dict[str, float]:
        counts = {case: self.cases.get(left + right + case, 0) + 0.5 for case in CASES}
        counts["M"] *= 0.01
        return counts

    def _share(self, first: int, second: int, word: int) -> float:
        share = (self.counts[word] or self._unseen.get(word, UNSEEN_WORD)) / self.total
        followed = self._followed[second] if second < len(self._followed) else 0
        if followed:
            share = self._class_share(second, word, share)
            # A word that was never counted is in no pair, and its number may not fit into a key.
            count = self.pair_count(second, word)
            left_over = PAIR_DISCOUNT * self._follow_types[second] / followed
            share *= left_over
            if count:
                share += max(0.0, count - PAIR_DISCOUNT) / followed
            at = self._find_pair(first, second)
            if at >= 0:
                context = self._pair_counts[at] or self._large_counts[at]
                share *= self._left_over[at] / 255
                if count:
                    key, end = second << WORD_BITS | word, self._triple_starts[first + 1]
                    at = bisect_left(self._triples, key, self._triple_starts[first], end)
                    if at < end and self._triples[at] == key:
                        share += max(0.0, self._triple_counts[at] - TRIPLE_DISCOUNT) / context
        return share

    def _class_share(self, second: int, word: int, share: float) -> float:
        """Return a share in the light of what classes of words, Vietnamese or not, stand beside one another."""
        foreign = word == UNKNOWN or (word < self._counted and self._foreign[word])
        usual = self._foreign_share
        after_foreign = self._foreign[second] and second != UNKNOWN
        context = UNKNOWN if after_foreign else second
        followed = self._followed[context]
        likely: float = (self.pair_count(context, UNKNOWN) + CLASS_PRIOR * usual) / (followed + CLASS_PRIOR)
        if foreign:
            return share / usual * likely
        if after_foreign:
            count = self.pair_count(UNKNOWN, word)
            left_over: float = PAIR_DISCOUNT * self._follow_types[UNKNOWN] / followed
            after: float = max(0.0, count - PAIR_DISCOUNT) / followed
            return share * left_over + after
        return share / (1 - usual) * (1 - likely)

    def pair_count(self, first: int, second: int) -> int:
        """Return how often the second word was counted behind the first."""
        at = self._find_pair(first, second)
        added = self._added.get((first, second), 0) if self._added else 0
        return added + (self._pair_counts[at] or self._large_counts[at]) if at >= 0 else added

    def _find_pair(self, first: int, second: int) -> int:
        """Return the place of a pair of words, -1 of one that was never counted."""
        starts = self._pair_starts
        if first + 1 >= len(starts):
            return -1
        end = starts[first + 1]
        at = bisect_left(self._pairs, second, starts[first], end)
        return at if at < end and self._pairs[at] == second else -1


@lru_cache(maxsize=2)  # that of the course and the one without a lexicon: each takes 15 MB
def load_model(path: Path | None = None, lexicon: tuple[tuple[str, int], ...] = ()) -> Model:
    """Read the model; the package's own unless a path is given (the bench's held-out models)."""
    packed = (path or resources.files(__package__).joinpath(MODEL_NAME)).read_bytes()
    return Model(packed, dict(lexicon))
