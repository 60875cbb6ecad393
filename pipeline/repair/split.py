"""text cut up into sound and damaged pieces, with what becomes of each -> the account of its repairs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.repair import general
from pipeline.repair.calibration import FEW_WORDS, MOST_OF_FEW, calibrate_for, limit_for
from pipeline.repair.evidence import WORD_BEYOND_ASCII_RE, weigh
from pipeline.repair.lost import REPLACED, LostLetters
from pipeline.repair.review import UNREAD
from pipeline.repair.search import Choice, Decision
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.wordtable import WordTable
from pipeline.values import Repair

# What windows-1252 shows for the bytes 80 to 9F, and what they are in ISO 8859-1: where a text of a few words has none,
# all of them may be lost.
_CONTROL_RE = re.compile("[\x80-\x9f\u0152-\u02dc\u2013-\u2122]")
# The step of a reading that a person decided, and that no channel makes the damage of.
DECIDED = "decided"


@dataclass(slots=True)
class Split:
    """A text cut up: pieces (sound, damaged, sound ...); for each damaged one its readings and table (None: what was
    not read word by word by one, or left as it is), how sure that is, and the step that did it."""

    pieces: list[str] = field(default_factory=lambda: [""])
    values: list[str | Choice] = field(default_factory=list)
    tables: list[WordTable | LostLetters | None] = field(default_factory=list)
    sure: dict[int, float] = field(default_factory=dict)
    step: str = general.STEP

    @property
    def result(self) -> str:
        """The text that comes of it, each choice by its likeliest reading."""
        pieces = self.pieces.copy()
        pieces[1::2] = [value.texts[0] if isinstance(value, Choice) else value for value in self.values]
        return "".join(pieces)

    def add_words(self, found: list[str], table: WordTable | LostLetters) -> None:
        """Add a line split by the table's expression; a word that is its own reading is a sound piece."""
        self.pieces[-1] += found[0]
        for word, after in zip(found[1::2], found[2::2]):
            value = table[word]
            if value == word:
                self.pieces[-1] += word + after
                continue
            self.pieces += [word, after]
            if value is None:
                self.sure[len(self.values)] = 0.0
            self.values.append(word if value is None else value)
            self.tables.append(table)

    def add_span(self, line: str, span: general.Span) -> None:
        """Add a line with one part changed by the general step."""
        self.add_piece(line[: span.start], line[span.start : span.end], span.after, span.confidence)
        self.pieces[-1] += line[span.end :]

    def add_piece(self, sound: str, damaged: str, after: str, confidence: float) -> None:
        """Add a sound piece, and a damaged one with what becomes of it."""
        self.pieces[-1] += sound
        self.pieces += [damaged, ""]
        self.sure[len(self.values)] = confidence
        self.values.append(after)
        self.tables.append(None)

    def leave_suspects(self, line: str) -> None:
        """Add a line as it is, with its suspects as damage that has no reading."""
        done = 0
        for match in WORD_BEYOND_ASCII_RE.finditer(line):
            if SUSPECT_RE.search(line, match.start(), match.end() + 1):
                self.add_piece(line[done : match.start()], match[0], match[0], 0.0)
                done = match.end()
        self.pieces[-1] += line[done:]


def is_damaged(text: str) -> bool:
    """Say whether a text is still damaged, as one that was misread once more than could be undone."""
    return SUSPECT_RE.search(text) is not None and weigh(text.split("\n")).damaged


def explain(
    split: Split, decisions: dict[int, Decision], differs: Callable[[str, str], bool] = lambda word, after: False
) -> tuple[Repair, ...]:
    """Return every repaired or unreadable span.

    decisions: what was chosen for those with several readings; differs: whether a damaged word would be read otherwise
    if control characters were lost.
    """
    repairs = []
    line, column = 1, 1
    steps: dict[tuple[str, str, int], str] = {}
    words = sum(len(piece.split()) for piece in split.pieces)
    shows_controls = words >= FEW_WORDS or any(map(_CONTROL_RE.search, split.pieces[1::2]))
    for at, (sound, piece) in enumerate(zip(split.pieces[::2], split.pieces[1::2])):
        if "\n" in sound:
            line += sound.count("\n")
            column = len(sound) - sound.rfind("\n")
        else:
            column += len(sound)
        after, table = str(split.values[at]), split.tables[at]
        key = (after, piece, id(table))
        step = steps.get(key)
        if step is None:
            step = steps[key] = split.step if table is None else table.verify(after, piece) or DECIDED
        changed = after != piece
        if not changed and at in split.sure:
            step = UNREAD
        if changed or step in (DECIDED, UNREAD):
            decision = decisions.get(at)
            asked = max(0, piece.count("?") - after.count("?"))
            lost = len(after.encode("utf-8")) > len(piece) - piece.count(REPLACED) - asked
            if decision:
                share, runner_up = calibrate_for(step, decision.share, words), decision.runner_up
            else:
                share, runner_up = split.sure.get(at, 1.0), ""
                if share == 1.0 and step != DECIDED and lost:
                    share = limit_for(step, words)  # the only reading, if this was the page
            if changed and table is None and (REPLACED in after or is_damaged(after)):
                share = min(share, general.HALF_MENDED)
            elif lost and words < FEW_WORDS and step != DECIDED:
                may_differ = not shows_controls and table is not None and differs(piece, after)
                if may_differ or step == general.STEP:
                    share = min(share, MOST_OF_FEW)
            repairs.append(Repair(line, column, piece, after, step, share, runner_up))
        if "\n" in piece:
            line += piece.count("\n")
            column = len(piece) - piece.rfind("\n")
        else:
            column += len(piece)
    return tuple(repairs)
