"""finished HTML <-> the numbers that stand for it while a lesson is parsed.

Code in colours and formulas are put away as soon as they are made: no sanitiser and no parser needs to see them.
What puts colours on code is half of what a parse imports: such a piece has a key, the digest of all that it is made
from, and a parsed lesson says where in its body it stands. When the lesson is edited, what has the same key is taken
from there.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from pipeline.patterns import lazy_pattern
from pipeline.values import ParsedLesson, PieceSpan

PIECE = "\ufdd2"
"""Stands on both sides of the number of a piece: a character that Unicode keeps for a program's own use."""
ESCAPED = "\ufdd3"
"""Such a character as well: stands before a sign that a backslash took the meaning from, until all that means something
in the words of a lesson's tree has been read: `\\[x]` is no task, and `\\:tada:` no emoji."""
KEY_BYTES = 12
_PIECE_RE = lazy_pattern(f"<(pre|span|div)>{PIECE}([0-9]{{1,9}}){PIECE}</\\1>")


class Piece(NamedTuple):
    """Finished HTML, safe."""

    html: str
    key: str = ""
    """Of what it was made from; `""` if it costs nothing to make again."""


def piece_key(*made_from: object) -> str:
    """The key of what is made from these strings, numbers and tuples of them.

    >>> piece_key("code", "x = 1") == piece_key("code", "x = 2")
    False
    """
    return blake2b(repr(made_from).encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).hexdigest()


def known_pieces(lesson: ParsedLesson) -> dict[str, str]:
    """The HTML of a lesson's pieces by their keys, for the next parse with the same code."""
    return {span.key: lesson.body[span.start : span.end] for span in lesson.pieces}


def fill_pieces(html: str, pieces: Sequence[Piece]) -> tuple[str, tuple[PieceSpan, ...]]:
    """Put the pieces in the places of their numbers; where those with a key are then.

    >>> fill_pieces(f"<p>x</p><pre>{PIECE}0{PIECE}</pre>", [Piece("<b>y</b>", "k")])
    ('<p>x</p><b>y</b>', (PieceSpan(key='k', start=8, end=16),))
    """
    if PIECE not in html:
        return html, ()
    parts: list[str] = []
    spans: list[PieceSpan] = []
    end = length = 0
    for match in _PIECE_RE.finditer(html):
        number = int(match.group(2))
        piece, key = pieces[number] if number < len(pieces) else ("", "")
        before = html[end : match.start()]
        end = match.end()
        length += len(before)
        if key:
            spans.append(PieceSpan(key, length, length + len(piece)))
        length += len(piece)
        parts += (before, piece)
    filled = "".join((*parts, html[end:]))
    if PIECE in filled:  # a number whose element is not around it any more
        return filled.replace(PIECE, ""), ()
    return filled, tuple(spans)


def find_piece(known: Mapping[str, str], key: str) -> Piece | None:
    """The piece with this key, if it is known."""
    html = known.get(key)
    return None if html is None else Piece(html, key)
