"""text -> word numbers: how the language model sees a text, the same when it is counted and when it is used."""

import re
from collections.abc import Iterator

# A word is a run of letters; what stands between words is nothing, a break (sentence, line), a pause or a number.
# Superscripts, subscripts, letters like ℝ and circled numbers are marks: 'x₁' is the word x.
_LETTER = r"[^\W\d_\u00b2\u00b3\u00b9\u1d2c-\u1d6a\u2070-\u209c\u2100-\u214f\u2460-\u24ff]"
WORD_RE = re.compile(f"{_LETTER}+")
PIECE_RE = re.compile(
    rf"({_LETTER}+)|([.!?:;]\s|\n)|(\d+)|(`|\$+|\\[()\[\]])|[,()|\[\]/\"=]|[^\w\s\x00-\x7f]|[\u2100-\u214f]"
)

_LABEL_RE = re.compile(r"\w{1,2}\)")
# Code or a formula is a mark of its own: 'gọi `f`' and 'Gọi $x$ là' stand before nothing else.
BREAK, PAUSE, CODE, NUMBER, UNKNOWN = 0, 1, 2, 3, 4
SPECIAL_WORDS = ("<break>", "<pause>", "<code>", "<number>", "<unknown>")
_MARKS = {2: BREAK, 3: NUMBER, 4: CODE}


def split_pieces(text: str) -> Iterator[str | int]:
    """Yield the words (lower-case) and the marks between them; marks in a row count once.

    >>> list(split_pieces('Học (tập) 12 bài.'))
    ['học', 1, 'tập', 1, 3, 'bài']
    """
    last: str | int | None = None
    for match in PIECE_RE.finditer(text):
        kind = match.lastindex
        piece: str | int = fold_word(match[1]) if kind == 1 else _MARKS.get(kind or 0, PAUSE)
        if piece != last or kind == 1:
            yield piece
        last = piece


def fold_word(word: str) -> str:
    """Return a word as it is counted: in small letters, with đ for the ð that older files have in its place.

    >>> fold_word('Ðã')
    'đã'
    """
    return word.lower().replace("ð", "đ")


def case_class(word: str) -> str:
    """Name the case of a word as `letter_case` does, but W for capitals beyond ASCII: no name of a thing, as LLM is.

    >>> [case_class(word) for word in ('HỌC', 'LLM', 'Học')]
    ['W', 'U', 'T']
    """
    case = letter_case(word)
    return "W" if case == "U" and not word.isascii() else case


def next_case(words: list[str]) -> str:
    """Name the case of what stands behind a word: of the next word, behind a mark of the one behind it; N for a number,
    which a capital stands before more often ('Chương 2 QUYỀN'); > at the end of a line.

    >>> next_case(["–", "HỌC"]), next_case(["2", "HỌC"]), next_case(["–"])
    ('W', 'N', '>')
    """
    for word in words[:2]:
        case = case_class(word)
        if case != "N" or any(map(str.isdigit, word)):
            return case
    return ">"


def letter_case(word: str) -> str:
    """Name the case of a word: U all capitals, T a capital first, L none, M anything else, N no letters.

    >>> [letter_case(word) for word in ('HỌC', 'Học', 'học', 'iPad', 'Á', '12')]
    ['U', 'T', 'L', 'M', 'T', 'N']
    """
    if word.islower():
        return "L"
    if word.isupper():
        return "U" if sum(map(str.isalpha, word)) > 1 else "T"
    if word.istitle() or (word[:1].isupper() and word[1:].islower()):
        return "T"
    return "M" if any(map(str.isalpha, word)) else "N"


def ends_sentence(word: str) -> bool:
    """Say whether the next word starts a sentence: `bài.`, `**Ví dụ:**`, `a)`."""
    return word.rstrip("*_)\"'”’]`")[-1:] in (".", "!", "?", ":", "…", "|") or _LABEL_RE.fullmatch(word) is not None
