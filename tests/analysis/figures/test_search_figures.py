"""Figures of a search."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.figures import search_figures as figures
from analysis.searches import findings as searches
from tests.analysis.searches.test_findings import made


def cut(figure: Figure) -> bool:
    """Whether something goes beyond a figure's edges, by more than a pixel."""
    FigureCanvasAgg(figure).draw()
    (left, low), (right, high) = figure.get_tightbbox().get_points()
    width, height = figure.get_size_inches()
    return bool(min(left, low) < -1 / 96 or right > width + 1 / 96 or high > height + 1 / 96)


@pytest.mark.parametrize(("scheduler", "trials"), [("none", 12), ("asha", 30), ("none", 1)])
def test_every_figure_is_drawn_or_says_why_not(scheduler: str, trials: int) -> None:
    found = searches.findings_of_part(made(scheduler, trials), rounds=2)
    drawn = figures.figures(found)
    names = [f.name.removeprefix("demo-") for f in drawn]
    assert names == ["history", "rungs", "importances", "slices", "contour", "parallel"]
    for f in drawn:
        assert f.caption and f.alt and (f.figure.axes or f.caption.startswith("Not drawn"))
        inches, texts = f.figure.get_size_inches()[0], [t for t in f.figure.findobj(Text) if isinstance(t, Text)]
        if f.figure.axes:
            wide = f.name == "demo-parallel"  # it scrolls there, within its frame
            assert f.small is not wide and (wide or inches * 96 <= 390 - 2 * 16), "a phone shows it whole"
            assert all(float(t.get_fontsize()) * 96 / 72 >= 12 for t in texts if t.get_text()), (
                "nothing on a page is smaller"
            )
            assert not cut(f.figure), "no label is cut at an edge"
    slices = drawn[3].figure.axes
    marks = sum(np.shape(c.get_offsets())[0] for c in slices[0].collections)
    assert marks == sum(found.proposals[slices[0].get_xlabel()].notna())


def test_the_caption_of_a_history_counts_what_has_ended() -> None:
    """It counted one more than the sentence above it: the one that was still trained."""
    part = made("asha", 30)
    running = dataclasses.replace(part.proposals[0], state="running")
    part = dataclasses.replace(part, proposals=(running, *part.proposals[1:]))
    history = next(f for f in figures.figures(searches.findings_of_part(part), ("history",)))
    best = max(p.curves["val_accuracy"][-1] for p in part.proposals[1:] if p.state == "whole")
    assert f"The best validation accuracy is {100 * best:.4g} %. " in history.caption, "it had the axis' label"
    assert " of 29 configurations were trained to the end. Filled marks" in history.caption


@pytest.mark.parametrize(("state", "said"), [("running", "is trained to the end yet"), ("paused", "was trained to")])
def test_what_is_not_drawn_says_that_it_may_come_while_the_search_goes_on(
    state: Literal["running", "paused"], said: str
) -> None:
    part = made("asha", 4)
    proposals = tuple(dataclasses.replace(p, state=state if p.number == 0 else "paused") for p in part.proposals)
    found = searches.findings_of_part(dataclasses.replace(part, proposals=proposals))
    for f in figures.figures(found, ("history", "parallel")):
        assert f.caption.startswith(f"Not drawn: no configuration {said}"), f.caption
