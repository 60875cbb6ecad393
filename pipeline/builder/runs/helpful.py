"""A command of doit's that tells in plain words what it takes. It imports no more than doit has."""

from __future__ import annotations

import re
import sys

from doit.cmd_base import Command
from doit.cmd_forget import Forget
from doit.cmd_ignore import Ignore
from doit.cmd_info import Info
from doit.cmd_run import Run
from doit.cmdparse import CmdParseError

VERBS = "verbs"
"""Where the program has doit's configuration say its own commands."""


class HelpfulCommand(Command):  # type: ignore[misc]
    """A command that shows its help when it is asked for, where doit shows the options of its parser."""

    def parse_execute(self, in_args: list[str]) -> int:
        if not {"-h", "--help"}.isdisjoint(in_args):
            sys.stdout.write(self.help() + "\n")
            return 0
        try:
            result: int = super().parse_execute(self._put_options_first(in_args))
        except CmdParseError as error:
            told = self._shorten(str(error))
            raise CmdParseError(f"{told}\n  hint: {self._hint(told)}") from None
        return result

    def _put_options_first(self, in_args: list[str]) -> list[str]:
        """The same arguments: doit's parser takes for a name whatever stands behind the first one. Only behind a task
        that runs, an option is the task's."""
        if self.name == "run" or "--" in in_args:
            return in_args
        from getopt import GetoptError, gnu_getopt

        try:
            said, names = gnu_getopt(in_args, self.cmdparser.get_short(), self.cmdparser.get_long())
        except GetoptError:  # for the parser to tell
            return sorted(in_args, key=lambda argument: not argument.startswith("-"))
        return [*(_join_option(option, value) for option, value in said), *names]

    def _shorten(self, told: str) -> str:
        """What doit's parser says, without what it says of itself."""
        wrong = re.match(r"Error parsing parameter '(\w+)' <class '(\w+)'>", told)
        option = next((option for option in self.cmdparser.options if wrong and option.name == wrong[1]), None)
        if wrong and option:
            return f"--{option.long} must be {'a whole number' if wrong[2] == 'int' else f'of type {wrong[2]}'}"
        return told.partition(" (parsing options")[0].removeprefix("Error parsing Command: ")

    def _hint(self, told: str) -> str:
        from pipeline.errors import as_typed, nearest_name

        written = re.match(r"option --([\w-]+) not", told)
        known = [option.long for option in self.cmdparser.options if option.long]
        meant = nearest_name(written[1], known) if written else ""
        return f"did you mean --{meant}?" if meant else f"{as_typed(f'help {self.name}')} shows what there is"


def _join_option(option: str, value: str) -> str:
    return f"{option}={value}" if value and option.startswith("--") else f"{option}{value}"


class RunHelpfully(HelpfulCommand, Run):  # type: ignore[misc]
    """`doit run`, and plain `doit`."""

    name = "run"


class InfoHelpfully(HelpfulCommand, Info):  # type: ignore[misc]
    """`doit info`."""

    name = "info"


class ForgetHelpfully(HelpfulCommand, Forget):  # type: ignore[misc]
    """`doit forget`."""

    name = "forget"


class IgnoreHelpfully(HelpfulCommand, Ignore):  # type: ignore[misc]
    """`doit ignore`."""

    name = "ignore"
