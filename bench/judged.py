"""repaired text, its account and the truth -> what was right: shared by the benchmarks of the repair."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from math import sqrt

from pipeline.repair import RepairedText
from pipeline.values import Repair

# The edges of the reliability table's rows.
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0)
# A bin says something from this many repairs on.
LEAST_TRIALS = 200
# A wrong repair of this confidence or more is one that nobody looks at.
SURE = 0.9
# Wilson's interval that holds the true share in 95 of 100 cases.
WILSON_Z = 1.96


@dataclass
class Score:
    """What a set of texts came to."""

    files: int = 0
    exact: int = 0
    words: int = 0
    restored: int = 0
    ascii_changed: int = 0
    seconds: float = 0.0
    wrong: Counter = field(default_factory=Counter)

    def add(self, other: "Score") -> None:
        for name in ("files", "exact", "words", "restored", "ascii_changed", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wrong.update(other.wrong)

    def row(self) -> str:
        words = self.restored / self.words if self.words else 1.0
        files = self.exact / self.files if self.files else 1.0
        return (
            f"{self.restored:7d}/{self.words:<7d} {words:9.4%}  {self.exact:3d}/{self.files:<3d} {files:6.1%}"
            f"  {self.ascii_changed:3d}  {1000 * self.seconds / max(1, self.files):6.1f}"
        )


def judge_repairs(truth: str, repaired: RepairedText) -> Iterator[tuple[Repair, bool]]:
    """Yield each repair with whether it gave back what the truth says at its place."""
    truths, lines = truth.split("\n"), repaired.text.split("\n")
    by_line: dict[int, list[Repair]] = {}
    for repair in repaired.repairs:
        by_line.setdefault(repair.line, []).append(repair)
    for number, repairs in by_line.items():
        line = lines[number - 1]
        right = truths[number - 1] if len(truths) == len(lines) else ""
        wrong = [] if line == right else _find_differences(line, right)
        shift = 0
        for repair in repairs:
            start = repair.column - 1 + shift
            end = start + len(repair.after)
            yield repair, not any(low < end and start < high for low, high in wrong)
            shift += len(repair.after) - len(repair.before)


def judge_fragment(damaged: str, truth: str, repaired: RepairedText) -> list[str]:
    """Return what a damaged fragment counts for: `all`, and `exact`, `left` (as it was), or `wrong` and perhaps `sure`
    of it."""
    if repaired.text == truth:
        return ["all", "exact"]
    if repaired.text == damaged:
        return ["all", "left"]
    sure = any(
        repair.confidence >= SURE and not right and repair.before != repair.after
        for repair, right in judge_repairs(truth, repaired)
    )
    return ["all", "wrong", *(["sure"] if sure else [])]


def _find_differences(line: str, truth: str) -> list[tuple[int, int]]:
    """Return the stretches of the line that the truth has otherwise; what is missing is a stretch of two characters."""
    matcher = SequenceMatcher(None, line, truth, autojunk=False)
    spans = [opcode[1:3] for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    return [(start - (start == end), end + (start == end)) for start, end in spans]


def low_bound(right: int, count: int) -> float:
    """Return the lower end of Wilson's interval for a share.

    >>> round(low_bound(95, 100), 3)
    0.888
    """
    share, z = right / count, WILSON_Z
    middle = share + z * z / (2 * count)
    return (middle - z * sqrt((share * (1 - share) + z * z / (4 * count)) / count)) / (1 + z * z / count)


def print_reliability(trials: Iterable[tuple[float, bool]]) -> list[tuple[float, float, int, float]]:
    """Print a row for each bin of confidence: how many, their mean confidence and share right; return the rows."""
    rows = []
    trials = list(trials)
    for low, high in pairwise(BINS):
        inside = [(sure, right) for sure, right in trials if low <= sure < high or sure == high == 1.0]
        if inside:
            count, right = len(inside), sum(right for _, right in inside)
            said = sum(sure for sure, _ in inside) / count
            rows.append((low, high, count, right / count))
            high_bound = 1 - low_bound(count - right, count)
            verdict = "" if count < LEAST_TRIALS else "too sure" if high_bound < said else "as said"
            print(f"  {low:6.3f}..{high:5.3f}  {count:8d}  said {said:8.4%}  right {right / count:8.4%}  {verdict}")
    return rows


def fit(trials: list[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Fit the calibration table: isotonic regression (pool adjacent violators) over shares below 1."""
    pools: list[list[float]] = []
    for share, right in sorted(trial for trial in trials if trial[0] < 1.0):
        pools.append([share, 1.0, float(right)])
        while len(pools) > 1 and (pools[-2][1] < 30 or pools[-2][2] / pools[-2][1] >= pools[-1][2] / pools[-1][1]):
            share_sum, count, rights = pools.pop()
            low, more, sum_right = pools[-1]
            pools[-1] = [
                (low * more + share_sum * count) / (more + count),
                more + count,
                sum_right + rights,
            ]
    return [(round(share, 4), round((right + 0.5) / (count + 1), 4)) for share, count, right in pools]


def clock(function: Callable[[str], object], texts: list[str], rounds: int = 2) -> float:
    """Return the milliseconds a text, the best of the rounds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        for text in texts:
            function(text)
        taken.append(1000 * (time.perf_counter() - start) / len(texts))
    return min(taken)
