"""line -> its damaged words read by what they are worth as text of any language: what ftfy leaves, or lost a byte.

A word keeps its damage when no reading is clearly worth more than it and than every other reading.
"""

from pipeline.repair.plausibility import weigh_text
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.wordtable import LONGEST_WORD, WordTable

# By so much (log) must a reading be worth more than the damage, and than the next reading; by so much it is sure.
LEAST_GAIN, LEAST_LEAD, SURE_LEAD = 4.0, 1.5, 5.0
SURE, UNSURE = 0.95, 0.6


def read_words(line: str, table: WordTable) -> tuple[str, float] | None:
    """Return the line with its damaged words read through a channel, and how sure the least sure is; None when it has
    no word to read."""
    found = table.word_re.split(line)
    sure = left = 1.0
    for at in range(1, len(found), 2):
        if len(found[at]) <= LONGEST_WORD:
            read, confidence = read_word(found[at], table)
            if read != found[at]:
                found[at], sure = read, min(sure, confidence)
            elif SUSPECT_RE.search(read + " "):  # a line that keeps damage may be of another channel
                left = UNSURE
    return ("".join(found), min(sure, left)) if sure < 1.0 else None


def read_word(word: str, table: WordTable) -> tuple[str, float]:
    """Return the reading of a damaged word and how sure it is; the word itself when none is clear."""
    known = table.read_any.get(word)
    if known is None:
        known = table.read_any[word] = _read_word(word, table)
    return known


def _read_word(word: str, table: WordTable) -> tuple[str, float]:
    ranked = sorted(((weigh_text(text), text) for text in table.list_any(word)), reverse=True)
    ranked = [row for row in ranked if table.verify(row[1], word)][:2]
    if not ranked or ranked[0][0] < weigh_text(word) + LEAST_GAIN:
        return word, 0.0
    lead = ranked[0][0] - ranked[1][0] if len(ranked) > 1 else SURE_LEAD
    return (ranked[0][1], SURE if lead >= SURE_LEAD else UNSURE) if lead >= LEAST_LEAD else (word, 0.0)
