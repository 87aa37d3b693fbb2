"""How a search went: a proposal that is still trained is not drawn as one that was stopped."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from analysis.figures.search_progress import draw_front, draw_history, draw_rungs

RUNGS = pd.DataFrame({"epoch": [1, 2], "arrived": [3, 2], "went_on": [2, 1]})


def curves(*states: str) -> pd.DataFrame:
    rows = [(n, e, 0.5 + 0.1 * n, state) for n, state in enumerate(states) for e in (1, 2)]
    return pd.DataFrame(rows, columns=["n", "epoch", "value", "state"])


def test_what_has_not_ended_has_no_mark_and_is_said() -> None:
    for states, marks, said in (
        (("whole", "paused"), 2, ["to the end", "stopped early"]),
        (("whole", "paused", "running"), 2, ["to the end", "stopped early", "not ended yet"]),
        (("whole", "paused", "diverged"), 3, ["to the end", "stopped early", "diverged"]),
        (("diverged", "failed"), 2, ["diverged", "failed"]),
    ):
        figure = draw_rungs(curves(*states), RUNGS, "val_accuracy")
        axes, (legend,) = figure.axes[0], figure.legends
        assert [t.get_text() for t in legend.get_texts()] == said
        assert len([line for line in axes.lines if line.get_marker() in ("o", "s", "X", "v")]) == marks


@pytest.mark.parametrize(("last", "scale"), [(9, "linear"), (81, "log")])
def test_rungs_that_lie_far_apart_have_a_logarithmic_axis(last: int, scale: str) -> None:
    """On a linear one the bars of the first rungs could not be seen, and their counts covered each other."""
    rungs = RUNGS.assign(epoch=[1, last])
    assert [axes.get_xscale() for axes in draw_rungs(curves("whole", "paused"), rungs, "val_accuracy").axes] == [
        scale
    ] * 2


@pytest.mark.parametrize("points", [1, 2, 5, 12, 60])
def test_the_names_of_a_fronts_points_do_not_lie_upon_each_other(points: int) -> None:
    """Five points in one place had one heap of figures beside them."""
    second = [0.01 + 0.002 * i if i % 3 else 0.02 + 2e-5 * i for i in range(points)]
    values = [0.84 + 0.001 * i if i % 3 else 0.86 + 1e-4 * i for i in range(points)]
    frame = pd.DataFrame({"n": range(points), "value": values, "second": second, "state": "whole"})
    search = SimpleNamespace(objectives=("val_accuracy", "accuracy_gap"))
    found = SimpleNamespace(part=SimpleNamespace(search=search), proposals=frame, pareto_front=tuple(range(points)))
    figure = draw_front(found, "accuracy_gap")  # type: ignore[arg-type]
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [Text.get_window_extent(text) for text in axes.texts]  # without the line to its point
    assert len(boxes) == points or points == 60
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    low = axes.get_window_extent().y0
    assert all(box.y0 >= low - 1 for box in boxes), "nor upon the axis"


def test_an_axis_of_accuracy_ends_at_100_percent() -> None:
    """It went to 104 %."""
    rows = [(0, "paused", 1, 0.02, float("nan")), (1, "whole", 9, 1.0, 1.0)]
    history = pd.DataFrame(rows, columns=["n", "state", "epochs", "value", "best"])
    assert draw_history(history, "val_accuracy").axes[0].get_ylim() == (0.0, 100.0)
    (axes,) = draw_history(history.assign(value=[2.0, 30.0]), "val_loss").axes
    assert axes.get_ylim()[1] > 30.0
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert [np.asarray(line.get_xdata()).tolist() for line in hollow] == [[0]], "stopped early"
    drawn = draw_rungs(
        curves("whole").assign(value=1.0), pd.DataFrame(columns=["epoch", "arrived", "went_on"]), "val_accuracy"
    )
    assert drawn.axes[0].get_ylim()[1] == 100.0
