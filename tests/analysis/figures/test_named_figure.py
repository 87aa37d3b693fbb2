"""A figure with its words: drawn when it is looked at, once; and what stands in where it cannot be drawn."""

from __future__ import annotations

import pandas as pd

from analysis.figures.named_figure import NamedFigure, missing
from analysis.figures.style import new_figure


def test_a_figure_is_drawn_when_it_is_looked_at_and_once() -> None:
    drawn = []

    def draw() -> object:
        drawn.append(new_figure())
        return drawn[-1]

    made = NamedFigure("a", "A", "a", "What it is.", pd.DataFrame(), draw)  # type: ignore[arg-type]
    assert drawn == []
    assert made.figure is made.figure and len(drawn) == 1


def test_what_cannot_be_drawn_says_why_in_figure_words_and_data() -> None:
    short, long = (missing("grid", "Samples", reason) for reason in ("no data", "no data set was given " * 12))
    assert short.alt == short.caption == "Not drawn: no data." and list(short.frame["missing"]) == ["no data"]
    (text,) = short.figure.texts
    assert text.get_text() == "Not drawn: no data."
    assert long.figure.get_figheight() > short.figure.get_figheight(), "a long reason has its lines"
    width = long.figure.get_window_extent().width
    assert long.figure.texts[0].get_window_extent().width < width, "and none is cut"
