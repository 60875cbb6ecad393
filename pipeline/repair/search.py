"""readings in a row -> the best of each, with its runner-up: a beam over the words that are in doubt.

What is still in doubt then is decided once more, by what the text says elsewhere. Only words with several readings are
searched; the words around them are fixed context, walked into from the left and out to the right for as far as the
language model looks (two words).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import exp, log, log1p
from operator import itemgetter

from pipeline.repair.emoji import association_worth, commonness, find_words
from pipeline.repair.model import Model
from pipeline.repair.words import BREAK, NUMBER, WORD_RE, case_class, ends_sentence, fold_word, letter_case, next_case

BEAM = 24
# In a heading, how much the lesson's other headings weigh against the course's habits ('Lợi Ích' or 'Lợi ích').
STYLE = 0.9
# Words that stay small in a heading of capitals.
_SMALL = frozenset(
    "của và cho với trong về là các một vào từ bằng theo trên qua để khi hoặc the of and in to for a vs".split()
)
_HEADING_RE = re.compile(r"^#+[ \t]+(.*)$", re.MULTILINE)
CONTEXT = 2
# What a capital is worth that stands alone before a full stop, as the initial of a name.
INITIAL = 4.0
# A space before a mark that closes, or none before another one.
ODD_SPACE = -6.0
CLOSING = frozenset(("", " ", *",.;:!?)]}”’…\n|/"))
_QUOTES = frozenset("\"'*_-")
# A word that the text says elsewhere, soundly or surely read, is worth more where it is in doubt: 'gửi' among letters,
# 'gọi' among functions. By its count over RARELY, on a logarithmic scale; chosen on the course's modules, held out one
# by one, and seen to do good in law, a textbook and stories.
SAID, RARELY = 0.7, 0.5
SURE, DOUBTFUL = 0.95, 0.999
# Words in doubt that are decided together: without a bound, a long line of nothing else takes quadratic time.
MOST_CLUSTERED = 24


@dataclass
class Choice:
    """A damaged word with several readings.

    texts: the readings; worths: the log-worth of each apart from its words; pieces: their word numbers;
    cases: the letter case of each when they differ, else ''; emoji: whether some reading holds an emoji that
    the line's words may decide on.
    """

    texts: list[str]
    worths: list[float]
    pieces: list[tuple[int, ...]]
    cases: str
    emoji: bool

    @cached_property
    def spaced(self) -> bool:
        """Whether only some reading ends with a space: where spaces were merged."""
        return len({text[-1:] == " " for text in self.texts}) > 1


@dataclass(slots=True)
class Decision:
    """What was chosen for a `Choice`: reading, share of the probability, the second-best reading."""

    text: str
    share: float
    runner_up: str


@dataclass(slots=True)
class _Path:
    score: float
    first: int
    second: int
    chosen: tuple[int, ...]


class _Style:
    """How the lesson writes its headings, counted when the first heading asks."""

    def __init__(self) -> None:
        self._share: float | None = None

    def titled_share(self, pieces: list[str], values: list[str | Choice]) -> float:
        if self._share is None:
            self._share = _titled_share(pieces, values)
        return self._share


def settle(pieces: list[str], values: list[str | Choice], model: Model) -> dict[int, Decision]:
    """Decide every `Choice` in `values`, in place, and return the decisions by index.

    pieces: the text split into sound piece, damaged word, sound piece, ...; values: the damaged words'
    readings, one for each odd place of `pieces`.
    """
    choices = {at: value for at, value in enumerate(values) if isinstance(value, Choice)}
    decisions: dict[int, Decision] = {}
    style = _Style()
    at = 0
    for start in choices:
        if start >= at:
            at = _settle_cluster(start, pieces, values, model, decisions, style)
    doubtful = [at for at in choices if decisions[at].share < DOUBTFUL]
    if doubtful:
        said = _count_words(pieces, values, decisions)
        for at in doubtful:
            choice = choices[at]
            own = [SAID * sum(log1p(said[word] / RARELY) for word in _list_words(text)) for text in choice.texts]
            if max(own) > min(own):
                values[at] = replace(choice, worths=list(map(float.__add__, choice.worths, own)))
                _settle_cluster(at, pieces, values, model, decisions, style)
    return decisions


def _count_words(pieces: list[str], values: list[str | Choice], decisions: dict[int, Decision]) -> Counter[str]:
    """Count the words of a text that are sound, or were read surely."""
    counts: Counter[str] = Counter()
    for piece in pieces[::2]:
        if not piece.isascii():
            counts.update(_list_words(piece))
    read = Counter(str(value) for at, value in enumerate(values) if at not in decisions or decisions[at].share >= SURE)
    for text, count in read.items():
        for word in _list_words(text):
            counts[word] += count
    return counts


@lru_cache(maxsize=10_000)
def _list_words(text: str) -> tuple[str, ...]:
    return tuple(map(fold_word, WORD_RE.findall(text)))


def _settle_cluster(
    start: int,
    pieces: list[str],
    values: list[str | Choice],
    model: Model,
    decisions: dict[int, Decision],
    style: _Style,
) -> int:
    """Decide the choices from `start` on that see one another; return the place after the last."""
    first, second = _left_context(start, pieces, values, model)
    paths = [_Path(0.0, first, second, ())]
    clustered: list[int] = []
    at, seen, count = start, 0, len(values)
    while True:
        value = values[at]
        if isinstance(value, str):
            numbers = model.pieces(value)
        else:
            worths = _context_worths(at, value, pieces, values, model, style)
            if value.spaced:
                worths = [worth + _weigh_space(text, pieces[2 * at + 2]) for worth, text in zip(worths, value.texts)]
            paths = _branch(paths, value, worths, model)
            clustered.append(at)
            numbers, seen = (), 0
        seen += _walk(paths, numbers, model)
        at += 1
        after = pieces[2 * at] if at < count else f"{pieces[2 * at]}\n"  # what ends a text ends its last line
        if seen >= CONTEXT:
            break
        numbers = model.pieces(after)[: CONTEXT - seen] if after != " " else ()
        seen += _walk(paths, numbers, model)
        if seen >= CONTEXT or at == count or "\n" in after or len(clustered) == MOST_CLUSTERED:
            break
    _conclude(paths, clustered, values, decisions)
    return clustered[-1] + 1


def _left_context(at: int, pieces: list[str], values: list[str | Choice], model: Model) -> tuple[int, int]:
    """Return the two word numbers before the damaged word `at`."""
    found: tuple[int, ...] = ()
    place = 2 * at
    while len(found) < CONTEXT and place >= 0:
        piece = pieces[place] if place % 2 == 0 else values[place // 2]
        if piece != " ":
            found = model.pieces(str(piece))[-CONTEXT:] + found
            if BREAK in found:
                break
        place -= 1
    padded = (BREAK, BREAK, *found)
    return padded[-2], padded[-1]


def _walk(paths: list[_Path], numbers: tuple[int, ...], model: Model) -> int:
    for number in numbers:
        for path in paths:
            path.score += model.score(path.first, path.second, number)
            path.first, path.second = path.second, number
        if number == BREAK:
            return CONTEXT
    return sum(number > NUMBER for number in numbers)


def _branch(paths: list[_Path], choice: Choice, cases: list[float], model: Model) -> list[_Path]:
    """Return the likeliest paths that go on with one reading each."""
    grown: list[tuple[float, _Path, int, int, int]] = []
    for path in paths:
        for index, numbers in enumerate(choice.pieces):
            score = path.score + choice.worths[index] + cases[index]
            first, second = path.first, path.second
            for number in numbers:
                if number > NUMBER:
                    score += model.score(first, second, number)
                first, second = second, number
            grown.append((score, path, first, second, index))
    if len(grown) > BEAM:
        grown.sort(key=itemgetter(0), reverse=True)
        del grown[BEAM:]
    return [_Path(score, first, second, (*path.chosen, index)) for score, path, first, second, index in grown]


def _weigh_space(text: str, after: str) -> float:
    """Return what a space at a reading's end is worth: it stands before a word or a mark that opens, no comma."""
    closes = after[:1] in CLOSING
    return ODD_SPACE * ((text[-1:] == " ") == closes) if after[:1] not in _QUOTES else 0.0


def _score_of(path: _Path) -> float:
    return path.score


def _conclude(
    paths: list[_Path],
    clustered: list[int],
    values: list[str | Choice],
    decisions: dict[int, Decision],
) -> None:
    best = max(paths, key=_score_of)
    weights = [(exp(path.score - best.score), path.chosen) for path in paths]
    total = sum(weight for weight, _ in weights)
    for order, at in enumerate(clustered):
        choice = values[at]
        assert isinstance(choice, Choice)
        shares = [0.0] * len(choice.texts)
        for weight, chosen in weights:
            shares[chosen[order]] += weight
        chosen_index = best.chosen[order]
        text = choice.texts[chosen_index]
        others = [i for i in range(len(shares)) if i != chosen_index]
        runner_up = choice.texts[max(others, key=shares.__getitem__)] if others else ""
        decisions[at] = Decision(text, shares[chosen_index] / total, runner_up)
        values[at] = text


def _context_worths(
    at: int, choice: Choice, pieces: list[str], values: list[str | Choice], model: Model, style: _Style
) -> list[float]:
    """Return how well each reading fits its line: its letter case the neighbours', its emoji the words."""
    if choice.cases:
        left = _neighbour_case(at, -1, pieces, values)
        right = _neighbour_case(at, 1, pieces, values)
        scores = model.case_scores(left, right, choice.cases, choice.texts)
        if pieces[2 * at + 2][:1] == "." and all(len(text) == 1 for text in choice.texts):  # 'Kaiser, Ł.'
            scores = [score + INITIAL * text.isupper() for score, text in zip(scores, choice.texts)]
        if left not in "<." and _gather(at, -1, pieces, values).startswith("#"):
            titled = style.titled_share(pieces, values)
            return [
                log((1 - STYLE) * exp(score) + STYLE * (titled if case in "TUW" else 1 - titled))
                for score, case in zip(scores, choice.cases)
            ]
        return scores
    if choice.emoji:
        line = _gather(at, -1, pieces, values) + " " + _gather(at, 1, pieces, values)
        words = find_words(line)
        return [commonness(text) + association_worth(text, words) for text in choice.texts]
    return [0.0] * len(choice.texts)


def _titled_share(pieces: list[str], values: list[str | Choice]) -> float:
    """Return the share of the lesson's heading words, but the first of each, that begin with a capital."""
    text = _rough_text(pieces, values)
    titled = plain = 1
    for match in _HEADING_RE.finditer(text):
        for word in match[1].split()[1:]:
            case = "" if word in _SMALL else letter_case(word)
            titled += case == "T"
            plain += case == "L"
    return titled / (titled + plain)


def _rough_text(pieces: list[str], values: list[str | Choice]) -> str:
    parts = [pieces[0]]
    for value, after in zip(values, pieces[2::2]):
        parts += (value if isinstance(value, str) else value.texts[0], after)
    return "".join(parts)


def _gather(at: int, way: int, pieces: list[str], values: list[str | Choice], most: int = 120) -> str:
    """Return the text of the line before (way -1) or after a damaged word, as far as it is read."""
    place = 2 * at + 1 + way
    text = ""
    while 0 <= place < 2 * len(values) + 1 and len(text) < most:
        piece = pieces[place] if place % 2 == 0 else values[place // 2]
        piece = piece if isinstance(piece, str) else piece.texts[0]
        if "\n" in piece:
            end = piece.partition("\n")[0] if way > 0 else piece.rpartition("\n")[2]
            return text + end if way > 0 else end + text
        text = text + piece if way > 0 else piece + text
        place += way
    return text


def _neighbour_case(at: int, way: int, pieces: list[str], values: list[str | Choice]) -> str:
    """Return the case of the next word on the line with letters; < or > at its ends, `.` after a sentence."""
    line = _gather(at, way, pieces, values, 60)
    if way > 0:
        words = line.split()[line[:1] not in ("", " ") :]
        return next_case(words)
    words = line.split()[: -1 if line[-1:] not in ("", " ") else None]
    for word in reversed(words):
        case = case_class(word)
        if word == "|":
            return "<"
        if case != "N":
            return "." if ends_sentence(word) else case
    return "<"
