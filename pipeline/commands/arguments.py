"""The arguments of the program's own commands: a slip in an option is answered with the one that was meant."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn

from pipeline.errors import nearest_name

_UNKNOWN_RE = re.compile(r"unrecognized arguments: (--[\w-]+)")


class Arguments(argparse.ArgumentParser):
    """argparse's own parser, which only knows that an option is none of its own."""

    def error(self, message: str) -> NoReturn:
        """End with the usage, what is wrong, and a hint where there is one."""
        unknown = _UNKNOWN_RE.match(message)
        known = [option for action in self._actions for option in action.option_strings if option.startswith("--")]
        meant = nearest_name(unknown[1], known) if unknown else ""
        super().error(f"{message}\n  hint: did you mean {meant}?" if meant else message)
