"""A table for people: lines on a terminal, HTML in a notebook, a frame for whoever counts on."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.claims.words import WORDS

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
        frame = self.frame
        left_out = [name for name in frame if len(frame) and (frame[name] == "").all()]
        left_out += ["study"] if "study" in frame and frame["study"].nunique() == 1 else []
        halves = [name for name in frame if name.endswith(HALF) and name.removesuffix(HALF) in frame]
        shown = frame.drop(columns=[*left_out, *halves])
        for half in halves:
            name = half.removesuffix(HALF)
            shown[name] = [_with_half(value, h) for value, h in zip(frame[name], frame[half], strict=True)]
        if "verdict" in shown:
            words: dict[str, str] = dict(WORDS.items())
            shown["verdict"] = shown["verdict"].map(lambda word: words.get(word, word))
        shown = shown.rename(columns={**HEADS, **{name: name.replace("_", " ") for name in shown if name not in HEADS}})
        table = shown.to_html(index=False, border=0, na_rep="", float_format=lambda v: f"{v:z.2f}", justify="left")
        return f"<p><b>{html.escape(self.title)}</b></p>{table}"


HALF = "_half"
"""Ends the name of a column that has half a 95 % interval of the one before it."""
HEADS = {"accuracy": "accuracy, %", "gap": "gap, points", "change": "change in accuracy", "gap_change": "change in gap"}


def _with_half(value: float | None, half: float | None) -> str:
    """A number with half its interval in one cell.

    >>> _with_half(98.494, 0.631), _with_half(1.5, math.nan), _with_half(None, None)
    ('98.49 ± 0.63', '1.50', '')
    """
    if value is None or math.isnan(value):
        return ""
    return f"{value:z.2f}" if half is None or math.isnan(half) else f"{value:z.2f} ± {half:z.2f}"
