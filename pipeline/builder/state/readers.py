"""What a process that works ahead on the search index reads of a state: what its writer has committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from pipeline.builder.state.damage import without_sum


def read_terms(state_path: Path, paths: Iterable[str]) -> Iterator[bytes]:
    """What each of some lessons can be found by, packed; empty without an entry."""
    database = _connection(state_path)
    for path in paths:
        row = database.execute("select terms from entry where path = ?", (path,)).fetchone()
        terms = without_sum(row[0]) if row else b""
        if terms is None:
            raise sqlite3.DatabaseError(f"the terms of {path} are not what was kept")
        yield terms


@cache
def _connection(state_path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{state_path.absolute().as_uri()}?mode=ro", uri=True)
