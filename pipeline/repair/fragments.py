"""text of a few words, repaired -> is it mended whole and surely enough, or better left as it was and told?

Such a text says little of what happened to it. One of which half is mended, or that has a likely wrong word in it, is
worse than damage that anybody sees; in a document the same word is marked, and the words around it are right.
"""

import re

from pipeline.repair import general
from pipeline.repair.calibration import FEW_WORDS
from pipeline.repair.evidence import WORD_BEYOND_ASCII_RE, can_be_read, judge_word
from pipeline.repair.lost import REPLACED
from pipeline.repair.lost import STEP as LOST_LETTERS
from pipeline.repair.review import UNREAD
from pipeline.repair.suspects import SUSPECT_RE
from pipeline.repair.values import RepairedText
from pipeline.values import Repair

# Among so few words one that is less sure leaves the text as it is: of 880 pieces of two to eight words of Vietnamese
# those with such a word came back 6 times, and something else came 11 times.
VERY_FEW, LEAST_SURE = 10, 0.6

# What is left of a letter beside those of another script: `文件上ä¼`, `তথà§đয`, `Εimdi`.
_LATIN, _OTHER = "\xc0-\xd6\xd8-\xf6\xf8-\u024f", "\u0370-\u1dff\u3040-\u30ff\u3400-\ud7a3"
_BESIDE_RE = re.compile(f"[{_LATIN}][{_OTHER}]|[{_OTHER}][{_LATIN}]")
_MIXED_RE = re.compile("[A-Za-z][\u0370-\u06ff]|[\u0370-\u06ff][A-Za-z]")
# And what is shown of à, whose second byte is a no-break space.
_CUT_SHORT_RE = re.compile("[ÃĂ]\xa0")
_WORD_RE = re.compile("[^\x00-\x20]+")  # of what is shown of Thai or Hindi a no-break space is a part
_OTHER_RE, _LATIN_RE = re.compile(f"[{_OTHER}]"), re.compile(f"[{_LATIN}]")
_ASKS_WITHIN_RE = re.compile(r"[^\x00-\x7f]\?[^\W\d_]")
_ODD_SPACE_RE = re.compile("[\u2000-\u200a\u205f]")


def may_leave(text: str, result: RepairedText) -> bool:
    """Say whether a repaired text is of a few words and better left as it was."""
    words = len(_WORD_RE.findall(result.text))
    if result.text == text or words >= FEW_WORDS:
        return False
    return is_half_mended(text, result.text) or (words < VERY_FEW and any(map(_is_unsure, result.repairs)))


def _is_unsure(repair: Repair) -> bool:
    """Say whether a reading of a page is unsure; where letters became marks, or no page is named, it is known less well
    how sure one is."""
    named = repair.step not in (general.STEP, LOST_LETTERS)
    return named and repair.before != repair.after and repair.confidence < LEAST_SURE


def is_half_mended(text: str, after: str) -> bool:
    """Say whether a line that was changed keeps damage, or has a space for a letter.

    >>> is_half_mended("starÃ¡ teÅk", "stará teÅk"), is_half_mended("starÃ¡ kÅ¯", "stará ků")
    (True, False)
    """
    for line, mended in zip(text.split("\n"), after.split("\n")):
        if mended != line:
            before, now = (WORD_BEYOND_ASCII_RE.findall(some) for some in (line, mended))
            kept, changed = set(now).intersection(before), "".join(set(before).difference(now))
            if any(_is_left(word) or (word not in kept and _is_half(word, changed)) for word in now):
                return True
            if any(map(_cannot_be_read, kept)):
                return True
            if _OTHER_RE.search(mended) and any(_is_of_bytes(word, changed) for word in kept):
                return True
            if swallows_space(line, mended):
                return True
    return False


def swallows_space(line: str, mended: str) -> bool:
    """Say whether a plain space was taken for a byte of another one, which is hardly written: `â€ @ann`.

    >>> swallows_space("â€ @ann", "\u2006@ann"), swallows_space("10â€‰km, 5 m", "10\u2009km, 5 m")
    (True, False)
    """
    return _ODD_SPACE_RE.search(mended) is not None and mended.count(" ") < line.count(" ")


def _is_left(word: str) -> bool:
    """Say whether a word is damaged still."""
    return bool(judge_word(word) or REPLACED in word or _BESIDE_RE.search(word) or _CUT_SHORT_RE.search(word))


def _is_half(word: str, changed: str) -> bool:
    """Say whether a word that was mended has a part of the damage in it, or a question mark that stood for a byte."""
    return _ASKS_WITHIN_RE.search(word) is not None or any(match[0] in changed for match in SUSPECT_RE.finditer(word))


def _cannot_be_read(word: str) -> bool:
    return not can_be_read(word) or _MIXED_RE.search(word) is not None


def _is_of_bytes(word: str, changed: str) -> bool:
    """Say whether the letters of a word, such as `Ñ`, stood for bytes in what was mended beside it."""
    letters = [letter for letter in word if letter > "\x7f"]
    return all(letter in changed and _LATIN_RE.match(letter) for letter in letters)


def leave(text: str, result: RepairedText) -> RepairedText:
    """Return a text as it was, and what would have been repaired of it as damage that has no reading."""
    return RepairedText(
        text,
        (),
        lambda: tuple(
            repair._replace(after=repair.before, step=UNREAD, confidence=0.0, runner_up="") for repair in result.repairs
        ),
    )
