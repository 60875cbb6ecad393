"""What the repair stage takes and gives, besides `Repair` itself."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

from pipeline.values import Repair


class RepairOptions(NamedTuple):
    """What a course knows that a text does not say."""

    lexicon: Mapping[str, int] = {}
    """Words of the course's own sound text and their counts."""
    decisions: Mapping[str, str | None] = {}
    """Damaged word -> the reading a person chose; None leaves the damage as it is."""


DEFAULT = RepairOptions()


class RepairedText:
    """A text after repair, with what was done; the account is written when it is first asked for.

    `text` is the repaired text, the same object as the input when it was sound; `steps` names the
    channels that were undone; `repairs` has one `Repair` for each damaged word.
    """

    def __init__(
        self,
        text: str,
        steps: tuple[str, ...] = (),
        explain: Callable[[], tuple[Repair, ...]] | None = None,
    ) -> None:
        self.text = text
        self.steps = steps
        self._explain = explain

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """Every repaired or unreadable span in the order of the input."""
        return self._explain() if self._explain else ()
