"""share of the probability -> confidence: how often a reading with that share was right on held-out modules.

The search's shares are too sure of rare words. The table is fitted by `bench/repair.py --calibrate` on modules the
model had not counted, and read by interpolation.
"""

from bisect import bisect_right

# (share of the probability, how often right), both rising; a reading without rival is certain.
TABLE: tuple[tuple[float, float], ...] = (
    (0.0, 0.4),
    (0.5948, 0.8041),
    (0.8128, 0.9453),
    (0.9286, 0.9615),
    (0.985, 0.9949),
    (1.0, 1.0),
)


# The channels the table was fitted on; of any other, no reading among several is claimed to be surer than this.
FITTED_STEPS = frozenset({"cp1254-drop", "cp1252-drop", "cp1252-keep", "cp1252-fffd", "latin-1-keep", "cp1258-drop"})
MOST_ELSEWHERE = 0.98


def calibrate_for(step: str, share: float) -> float:
    """Return the confidence of a reading, by the channel it was damaged by; `+` joins channels."""
    channels = step.split("+")
    fitted = len(channels) < 3 and FITTED_STEPS.issuperset(channels)
    return calibrate(share) if fitted else min(calibrate(share), MOST_ELSEWHERE)


def calibrate(share: float) -> float:
    """Return the confidence of a reading with this share of the probability.

    >>> calibrate(0.6) < calibrate(0.9) < calibrate(1.0) == 1.0
    True
    """
    at = bisect_right(TABLE, (share, 2.0))
    if at == len(TABLE):
        return TABLE[-1][1]
    (low, low_right), (high, high_right) = TABLE[at - 1], TABLE[at]
    return low_right + (high_right - low_right) * (share - low) / (high - low)
