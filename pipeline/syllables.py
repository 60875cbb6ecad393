"""letters -> is it a Vietnamese syllable? The inventory: onset + rime + tone.

The tables are the standard orthography's (as in the tables of Vietnamese input methods): any onset before
any rime that its spelling rules allow, and stopped rimes (-c, -ch, -p, -t) with the tones sắc and nặng only.
"""

from functools import cache
from unicodedata import normalize

ONSETS = frozenset((
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh",
    "nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x",
))  # fmt: skip
RIMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oă oăc oăm oăn oăng oăt oc oe oen oeo oet
    oi om on ong oong oc ooc op ot ô ôc ôi ôm ôn ông ôông ôp ôt ơ ơi ơm ơn ơng ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt uy uya uych uyên uyêt
    uyn uynh uyp uyt uyu up ut
    ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y yêm yên yêng yêt yêu ych yt ynh
    """.split()
)
# 'nghiễng', each mark by itself.
LONGEST = 9
TONES = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
_FRONT = "eêiy"


@cache
def is_syllable(word: str) -> bool:
    """Say whether a lower-case word (NFC) is spelt as a Vietnamese syllable can be.

    >>> [is_syllable(word) for word in ('tập', 'nghiễng', 'tìch', 'ngiên', 'đường')]
    [True, True, False, False, True]
    """
    if len(word) > LONGEST:
        return False
    letters, tone = [], ""
    for mark in normalize("NFD", word):
        if mark in TONES:
            if tone:
                return False
            tone = TONES[mark]
        else:
            letters.append(mark)
    bare = normalize("NFC", "".join(letters))
    return any(bare[:end] in ONSETS and _fits(bare[:end], bare[end:], tone) for end in range(min(len(bare), 3) + 1))


def _fits(onset: str, rime: str, tone: str) -> bool:
    if onset == "gi" and rime and rime[0] == "ê":
        rime = "i" + rime  # 'giếng' is gi + iêng with one i written
    if onset == "g" and rime in ("i", "in", "ip"):
        return True  # 'gì', 'gìn'
    if rime == "ă" and (onset or tone):
        return False  # the name of the letter, and no word's end
    if rime not in RIMES and not (onset == "qu" and rime and "u" + rime in RIMES):
        return False
    if onset in ("k", "gh", "ngh") and rime[0] not in _FRONT:
        return False
    if onset in ("c", "g", "ng") and rime[0] in _FRONT:
        return False
    stopped = rime.endswith(("c", "ch", "p", "t"))
    return not stopped or tone in ("s", "j")
