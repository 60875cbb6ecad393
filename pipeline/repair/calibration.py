"""share of the probability -> confidence: how often a reading with that share was right on text that was not counted.

The search's shares are too sure, the more so the more letters a channel loses. The tables are fitted to a textbook,
codes of law and a game's stories, whose own counts were taken out (`bench/registers.py`), and read by interpolation.
They say less than was found where the registers differ.
"""

from bisect import bisect_right

Table = tuple[tuple[float, float], ...]
"""(share of the probability, how often right), both rising."""

# Where the page's undefined bytes are lost; where the controls of ISO 8859-1 are; where each letter is a mark, which a
# person should look at whatever the words beside it say (97 % at most were right).
DROPPED: Table = (
    (0.0, 0.3), (0.55, 0.5), (0.75, 0.75), (0.85, 0.76), (0.95, 0.85), (0.97, 0.93), (0.9927, 0.965), (0.998, 0.972),
    (0.9996, 0.998), (1.0, 1.0),
)  # fmt: skip
CONTROLS_DROPPED: Table = (
    (0.0, 0.02), (0.4, 0.05), (0.51, 0.14), (0.63, 0.24), (0.79, 0.42), (0.91, 0.68), (0.957, 0.76), (1.0, 0.82),
)  # fmt: skip
LETTERS_LOST: Table = (
    (0.0, 0.2), (0.26, 0.21), (0.45, 0.38), (0.58, 0.5), (0.74, 0.62), (0.86, 0.7), (0.9, 0.79), (0.93, 0.82),
    (1.0, 0.89),
)  # fmt: skip

# Where bytes are lost in a text of few words, which says nothing elsewhere: of 1,700 pieces of four to seven words of a
# game's stories, readings with shares of 0.97 to 0.9996 were right 93 times in 100.
OF_FEW_WORDS: Table = (
    (0.0, 0.2), (0.55, 0.3), (0.75, 0.6), (0.85, 0.68), (0.97, 0.85), (0.998, 0.89), (0.9996, 0.998), (1.0, 1.0),
)  # fmt: skip
FEW_WORDS = 20
# No letter that was lost there is read more surely than this in another language, whose words are less well known, nor
# in a word that would be another one without control characters ('hiều', 'hiệu'), where none is shown.
MOST_OF_FEW = 0.89

# Pages the first table was fitted on; of any other, no reading among several is claimed to be surer than this.
FITTED_PAGES = ("cp1254", "cp1252", "latin-1", "cp1258")
MOST_ELSEWHERE, MOST_OF_FEW_ELSEWHERE = 0.98, 0.85
# Where spaces were merged, words may be joined wrongly: of such readings one in 150 was wrong however sure.
MOST_MERGED = 0.99


def calibrate_for(step: str, share: float, words: int) -> float:
    """Return the confidence of a reading, by the channel it was damaged by, and the number of the text's words; `+`
    joins channels.

    >>> calibrate_for("latin-1-drop-c1", 0.99, 500) < calibrate_for("cp1254-drop", 0.99, 500)
    True
    >>> calibrate_for("cp1254-drop", 0.99, 5) < 0.9 < calibrate_for("cp1254-drop", 0.99, 500)
    True
    """
    channels = step.split("+")
    if any(channel.endswith("-c1") for channel in channels):
        return calibrate(share, CONTROLS_DROPPED)
    if step == "letters-lost":
        return calibrate(share, LETTERS_LOST)
    most = min(limit_for(step, words), MOST_MERGED if "merged" in step else 1.0)
    return min(calibrate(share, OF_FEW_WORDS if words < FEW_WORDS else DROPPED), most)


def limit_for(step: str, words: int) -> float:
    """Return the most that is claimed of a reading that lost bytes by the channel, even where there is no other.

    >>> limit_for("cp1254-drop", 5), limit_for("cp1253-drop", 5) < 0.9 < limit_for("cp1253-drop", 500) < 1.0
    (1.0, True)
    """
    channels = step.split("+")
    if len(channels) < 3 and all(name.startswith(FITTED_PAGES) or name.endswith("-c1") for name in channels):
        return 1.0
    return MOST_OF_FEW_ELSEWHERE if words < FEW_WORDS else MOST_ELSEWHERE


def calibrate(share: float, table: Table = DROPPED) -> float:
    """Return the confidence of a reading with this share of the probability.

    >>> calibrate(0.6) < calibrate(0.9) < calibrate(1.0) == 1.0
    True
    """
    at = bisect_right(table, (share, 2.0))
    if at == len(table):
        return table[-1][1]
    (low, low_right), (high, high_right) = table[at - 1], table[at]
    return low_right + (high_right - low_right) * (share - low) / (high - low)
