"""text -> repaired text and its explanation.

Undoes mojibake, text whose UTF-8 bytes were read with another code page, where it can be undone
exactly; everything else stays as it is, and what still looks damaged is reported.

    off.py      lessons that want no repair
    code.py     which lines and spans are code
    undo.py     one line: the encode and decode steps that undo its damage
"""

from pipeline.repair.off import is_repair_off
from pipeline.repair.repair import repair_text

__all__ = ["is_repair_off", "repair_text"]
