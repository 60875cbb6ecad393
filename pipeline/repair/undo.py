"""damaged line -> the line before it was read with the wrong code page.

ftfy (https://ftfy.readthedocs.io) finds the chain of encodings; only chains that can be run
backwards are taken, so nothing of the line can be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftfy import TextFixerConfig, fix_and_explain
from ftfy.badness import is_bad

# Mojibake and nothing else: quotes, ligatures, full-width letters, line breaks, HTML entities
# and control characters of correct text are the author's. `restore_byte_a0` and
# `replace_lossy_sequences` guess: on text that lost bytes they turn `vá» cÃ¡c` into wrong letters.
MOJIBAKE_ONLY = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_encoding=True,
    restore_byte_a0=False,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=False,
    fix_c1_controls=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=True,
)


@dataclass(frozen=True, slots=True)
class UndoneLine:
    """A line before its damage, and how to get there."""

    text: str
    step: str
    """Codecs in the order they were undone, such as `sloppy-windows-1252 -> utf-8`."""


def undo_mojibake(line: str) -> UndoneLine | None:
    """The line with its mojibake undone, or None if there is none or it cannot be undone exactly.

    >>> undo_mojibake("Ä‘á»©ng").text
    'đứng'
    """
    fixed, plan = fix_and_explain(line, MOJIBAKE_ONLY)
    if not plan or fixed == line or not _gives(line, fixed, plan):
        return None
    return UndoneLine(fixed, " -> ".join(codec for _, codec in plan))


def _gives(line: str, fixed: str, plan: Sequence[tuple[str, str]]) -> bool:
    """Whether damaging `fixed` again gives `line`."""
    text: str | bytes = fixed
    try:
        for action, codec in reversed(plan):
            if action == "decode" and isinstance(text, str):
                text = text.encode("utf-8" if codec == "utf-8-variants" else codec)
            elif action == "encode" and isinstance(text, bytes):
                text = text.decode(codec)
            else:
                return False
    except UnicodeError:
        return False
    return text == line


def looks_damaged(line: str) -> bool:
    """Whether a line has sequences that correct text does not have."""
    return bool(is_bad(line))
