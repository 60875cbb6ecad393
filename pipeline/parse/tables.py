"""Blocks of Markdown -> tables, whose cells are counted."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from markdown.extensions.tables import TableProcessor

from pipeline.parse.converted import TooMuchError

MAX_CELLS = 50_000
"""In the tables of a lesson."""


class CountingTables(TableProcessor):
    """Tables whose cells are counted: a row may be two characters and have as many cells as the head of its table."""

    cells = 0

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Add a table. Raises `TooMuchError` if the lesson has too many cells by now."""
        rows = blocks[0].split("\n")
        self.cells += len(rows) * (rows[0].count("|") + 1)
        if self.cells > MAX_CELLS:
            raise TooMuchError(
                f"tables with more than {MAX_CELLS:,} cells", rows[0][:60], "give a data file another ending than .md"
            )
        super().run(parent, blocks)

    def _build_empty_row(self, parent: Element, align: Sequence[str | None]) -> None:
        """A table without rows has none."""
