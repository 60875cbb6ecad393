"""A command of doit's that tells in plain words what it takes. It imports no more than doit has."""

from __future__ import annotations

import os
import sys

from doit.cmd_base import Command
from doit.cmdparse import CmdParseError

VERBS = "verbs"
"""Where the program has doit's configuration say its own commands."""


def leave_reader() -> int:
    """The reader, such as `head`, has had enough: what is left goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


class HelpfulCommand(Command):  # type: ignore[misc]
    """A command that shows its help when it is asked for, where doit shows the options of its parser."""

    def parse_execute(self, in_args: list[str]) -> int:
        if not {"-h", "--help"}.isdisjoint(in_args):
            sys.stdout.write(self.help() + "\n")
            return 0
        try:
            result: int = super().parse_execute(in_args)
        except CmdParseError as error:
            told = str(error).partition(" (parsing options")[0].removeprefix("Error parsing Command: ")
            raise CmdParseError(f"{told}\n  hint: {self.bin_name} help {self.name} shows what there is") from None
        except BrokenPipeError:
            return leave_reader()
        return result
