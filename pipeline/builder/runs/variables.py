"""What was said as `name=value` on the command line -> refused, if nothing reads it so.

doit keeps such a variable and passes on to the tasks, so that `doit conten=DIR` would build another course
than the one that was meant.
"""

from __future__ import annotations

from collections.abc import Mapping

from doit.exceptions import InvalidCommand

VALUES: dict[str, tuple[str, ...]] = {"content": (), "output": (), "wait": ("yes", "no"), "trusted": ("yes", "no")}
"""The variables, and which values each may have; none are named for a folder."""
NEAR = 0.6
"""How alike two names are, for one to be meant by the other: `out` and `output` have 0.67."""


def check_variables(said: Mapping[str, str]) -> None:
    """Raise doit's error for a wrong command line, which ends the run with status 3, for the first that is wrong."""
    for name, value in said.items():
        allowed = VALUES.get(name)
        if allowed is None:
            raise InvalidCommand(f"there is no variable {name!r}, as in '{name}={value}'\n  hint: {_known(name)}")
        if not value:
            raise InvalidCommand(f"'{name}=' has no value\n  hint: say {_form(name)}, or leave it out")
        if allowed and value not in allowed:
            raise InvalidCommand(f"{name!r} cannot be {value!r}\n  hint: it is {' or '.join(allowed)}")


def _known(name: str) -> str:
    from difflib import get_close_matches  # of use to a mistake only

    near = get_close_matches(name.lower(), VALUES, n=1, cutoff=NEAR)
    if near:
        return f"did you mean {_form(near[0])}?"
    # The path of a lesson may hold the sign: doit takes it for a variable before anyone else sees it.
    return f"there are {', '.join(map(_form, VALUES))}; in the name of a task = is written %3D"


def _form(name: str) -> str:
    return f"{name}={'|'.join(VALUES[name]) or 'DIR'}"
