"""line -> its words that are what is left of letters shown in an encoding of East Asia, Thai, or of before Unicode.

Too much of them is lost, or too little is there, for a reading to be sure; but no text has such words: they are told.
"""

import re

from pipeline.legacy import decode_tcvn3
from pipeline.syllables import is_syllable

# A word was UTF-8 when of so many bytes that it has in the encoding this share are letters of three bytes. A smaller
# one is enough where it is that of all words: of sound text it is a fifth at most.
LEAST_BYTES, LEAST_SHARE, OF_ALL, OF_WORD = 9, 0.75, 0.4, 0.3
_PAGES = ("gbk", "cp932", "cp949", "big5", "cp874")
_WORD_RE = re.compile(r"(?<![^\x00-\x20])[\x21-\x7f]*+[^\x00-\x7f][^\x00-\x20]*")
_SHOWN_RE = re.compile("[\u0e00-\u0e7f\u3000-\u9fff\uac00-\ud7a3\uff61-\uff9f]")
_LETTER_RE = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_BEYOND_RE = re.compile(rb"[\x80-\xff]")
_LETTERS_RE = re.compile(r"[^\W\d_]+(?:[\xa8-\xae\xb5-\xb9][^\W\d_]*)*")
# TCVN3 shows some letters as signs: 'Hµ Néi', 'd¹y'. Behind a letter no other text has them but `·` and `¹`, and `®` at
# the end.
_SIGN_RE = re.compile("[A-Za-z][\xa8-\xae\xb5-\xb9]")
LEAST_WORDS = 2


def find_remains(lines: list[str]) -> list[list[tuple[int, int]]]:
    """Return for each line (start, end) of the words that are what is left of others.

    >>> find_remains(["Tên: 鏂囦欢鍚嶇О銆?", "文件名称"])
    [[(5, 13)], []]
    """
    shown = [line for line in lines if _SHOWN_RE.search(line)]
    pages = [page for page in _PAGES if shown and _is_left("".join(shown), page, OF_ALL)]
    found = [
        [match.span() for match in _WORD_RE.finditer(line) if _is_word_left(match[0], pages)]
        if _SHOWN_RE.search(line)
        else []
        for line in lines
    ]
    if not any(found) and _is_tcvn3(lines):
        found = [[match.span() for match in _WORD_RE.finditer(line)] for line in lines]
    return found


def _is_word_left(word: str, pages: list[str]) -> bool:
    if not _SHOWN_RE.search(word):
        return False
    if any(_is_left(word, page, OF_WORD, least=1) for page in pages):
        return True
    return any(_is_left(word, page, LEAST_SHARE) for page in _PAGES)


def _is_left(text: str, page: str, share: float, least: int = LEAST_BYTES) -> bool:
    source = text.encode(page, "ignore")
    count = len(_BEYOND_RE.findall(source))
    return count >= least and 3 * len(_LETTER_RE.findall(source)) >= share * count


def _is_tcvn3(lines: list[str]) -> bool:
    """Say whether every word beyond ASCII is a syllable of Vietnamese in TCVN3, and one has a sign for a letter."""
    words: list[str] = []
    for line in lines:
        words += (word for word in _LETTERS_RE.findall(line) if not word.isascii())
    if not len(set(words)) >= LEAST_WORDS or not any(map(_SIGN_RE.search, words)):
        return False
    try:
        read = [decode_tcvn3(word.encode("cp1252")) for word in words]
    except UnicodeEncodeError:
        return False
    return all(word is not None and is_syllable(word.lower()) for word in read)
