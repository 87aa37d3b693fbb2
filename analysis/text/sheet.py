"""A table ready to be written, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ArmName:
    """Says how a page shows an arm: with its colour in the charts, and what is to be known of it beside its name."""

    words: str
    colour: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """Holds what is shown, and the number behind it."""

    text: str
    value: float | None = None
    trials: str = ""
    """Where on a page the trials behind it begin."""
    arm: ArmName | None = None
    """On a page in place of the text."""
    of: str = ""
    """The arm behind the number, as `STUDY/ARM`, where the table is made before there is a page."""


@dataclass(frozen=True)
class Sheet:
    """A table ready to be written: the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def numeric(self, column: int) -> bool:
        """Whether a column holds numbers, and so is set flush right."""
        return any(row[column].value is not None for row in self.rows)
