"""line -> its damaged words read by what they are worth as text of any language: what ftfy leaves, or lost a byte.

A word keeps its damage when no reading is clearly worth more than it and than every other reading.
"""

import re

from pipeline.repair.codepages import CUT_SHORT
from pipeline.repair.emoji import association_worth, find_words
from pipeline.repair.plausibility import weigh_text
from pipeline.repair.readings import HYPHEN
from pipeline.repair.search import Choice
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.wordtable import LONGEST_WORD, WordTable

# By so much (log) must a reading be worth more than the damage, and than the next reading; by so much it is sure.
LEAST_GAIN, LEAST_LEAD, SURE_LEAD = 4.0, 1.5, 5.0
SURE, UNSURE = 0.95, 0.6
# For each word that a channel reads it may leave so many damaged ones.
MOST_LEFT = 1
# What it says against a word as it stands that letters of it are cut short.
SIGN = 6.0

# What a capital costs within a sentence, where the damaged letter may be í: 'os Ãndices'.
CAPITAL_WITHIN = 4.0

_WITHIN_RE = re.compile(r"[a-z,] $")
_CUT_SHORT_RE = re.compile(CUT_SHORT)


def read_words(line: str, table: WordTable) -> tuple[str, float] | None:
    """Return the line with its damaged words read through a channel, and how sure the least sure is; None when the
    channel reads too few of them to be what happened."""
    found = table.word_re.split(line)
    sure, read, left = 1.0, 0, 0
    for at in range(1, len(found), 2):
        if len(found[at]) > LONGEST_WORD:
            continue
        text, confidence = read_word(found[at], table, within=_WITHIN_RE.search(found[at - 1]) is not None)
        if text == found[at] and not text[0].isascii() and SUSPECT_RE.search(text):
            text, confidence = _read_emoji(text, line, table)
        if text != found[at]:
            found[at], sure, read = text, min(sure, confidence), read + 1
        else:
            left += SUSPECT_RE.search(text + " ") is not None
    if not read or left > MOST_LEFT * read:
        return None
    return "".join(found), min(sure, UNSURE) if left else sure


def _read_emoji(word: str, line: str, table: WordTable) -> tuple[str, float]:
    """Return a damaged emoji by the words beside it; the word itself when they say nothing."""
    value = table[word]
    if not isinstance(value, Choice) or not value.emoji:
        return word, 0.0
    beside = find_words(line.replace(word, " "))
    ranked = sorted(zip((association_worth(text, beside) for text in value.texts), value.texts), reverse=True)
    return (ranked[0][1], UNSURE) if ranked[0][0] > ranked[1][0] else (word, 0.0)


def read_word(word: str, table: WordTable, *, within: bool = False) -> tuple[str, float]:
    """Return the reading of a damaged word and how sure it is; the word itself when none is clear.

    within: whether it stands within a sentence, where few words have a capital.
    """
    key = word + " " * within
    known = table.read_any.get(key)
    if known is None:
        known = table.read_any[key] = _read_word(word, table, CAPITAL_WITHIN * within)
    return known


def _read_word(word: str, table: WordTable, capital: float) -> tuple[str, float]:
    ranked = sorted(
        (
            (weigh_text(text) - HYPHEN * table.count_hyphens(text, word) - capital * text[:1].isupper(), text)
            for text in table.list_any(word)
        ),
        reverse=True,
    )
    ranked = [row for row in ranked if table.verify(row[1], word)][:2]
    least = LEAST_GAIN - SIGN * bool(_CUT_SHORT_RE.search(word + " "))
    if not ranked or ranked[0][0] < weigh_text(word) + least:
        return word, 0.0
    lead = ranked[0][0] - ranked[1][0] if len(ranked) > 1 else SURE_LEAD
    return (ranked[0][1], SURE if lead >= SURE_LEAD else UNSURE) if lead >= LEAST_LEAD else (word, 0.0)
