"""A table for people: lines on a terminal, HTML in a notebook, a frame for whoever counts on."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class ShownTable:
    """Lines on a terminal, a table in a notebook; `frame` has the numbers, unrounded."""

    def __init__(self, title: str, frame: pd.DataFrame, lines: Sequence[str]) -> None:
        self.title, self.frame, self._lines = title, frame, tuple(lines)

    def __str__(self) -> str:
        return "\n".join(self._lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        empty = [name for name in self.frame if len(self.frame) and (self.frame[name] == "").all()]
        shown = self.frame.drop(columns=empty).to_html(
            index=False, border=0, na_rep="", float_format=lambda v: f"{v:.2f}"
        )
        return f"<p><b>{html.escape(self.title)}</b></p>{shown}"
