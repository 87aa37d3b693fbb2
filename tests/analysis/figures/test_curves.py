"""Figures of curves: the frames that are drawn, and the artists that draw them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D
from scipy import stats

from analysis.figures import curves, style
from tests.analysis.drawn import LRS, epochs_of, of, xs


def ys(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_ydata())


# ------------------------------------------------------------------------------------------------------------- curves


def test_the_band_is_the_t_interval_of_the_mean():
    values = [0.80, 0.84, 0.82, 0.86]
    epochs = epochs_of(**{f"t{i}": ("a", "finished", [v]) for i, v in enumerate(values)})
    row = curves.prepare(epochs, ["val_accuracy"]).iloc[0]
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert (row["value"], row["low"], row["high"]) == pytest.approx((83.0, 100 * low, 100 * high))
    assert row["n"] == 4


def test_two_seeds_give_their_range_and_one_gives_no_band():
    epochs = epochs_of(x=("a", "finished", [0.5]), y=("a", "finished", [0.7]), z=("b", "finished", [0.6]))
    frame = curves.prepare(epochs, ["val_accuracy"])
    a, b = (frame[(frame["arm"] == arm) & (frame["metric"] == "val_accuracy")].iloc[0] for arm in "ab")
    assert (a["low"], a["high"], a["n"]) == (50.0, 70.0, 2)
    assert math.isnan(b["low"])
    assert math.isnan(b["high"])
    assert "their range" in curves.caption(frame)
    one = curves.prepare(epochs_of(z=("b", "finished", [0.6])), ["val_accuracy"])
    assert "one seed an arm, so no band" in curves.caption(one)


def test_trials_that_did_not_finish_are_in_no_mean_and_keep_their_end():
    epochs = epochs_of(x=("a", "finished", [0.5, 0.6]), y=("a", "diverged", [0.1]), z=("a", "stopped", [0.2, 0.3]))
    frame = curves.prepare(epochs, ["val_accuracy"])
    assert frame[frame["series"] == "mean"]["value"].tolist() == [50.0, 60.0]
    assert frame[frame["series"] == "y"]["end"].tolist() == ["diverged"]
    assert frame[frame["series"] == "z"]["end"].tolist() == ["", "stopped"]
    assert "They are in no mean" in curves.caption(frame)


def test_the_best_epoch_is_the_first_of_the_highest_mean_validation_accuracy():
    epochs = epochs_of(x=("a", "finished", [0.5, 0.7, 0.7]), y=("a", "finished", [0.6, 0.8, 0.8]))
    frame = curves.prepare(epochs, ["val_loss", "val_accuracy"])
    assert frame[frame["best"]]["epoch"].tolist() == [2, 2]
    assert set(frame[frame["best"]]["metric"]) == {"val_loss", "val_accuracy"}


@pytest.fixture(scope="module")
def mixed() -> pd.DataFrame:
    endings = {("slow", 0): ("stopped", 2), ("fast", 1): ("diverged", 3), ("slow", 2): ("failed", 1)}
    return curves.prepare(of(LRS, endings=endings)[0])


def test_every_arm_is_a_line_of_its_own_colour_dashes_and_marker_in_each_panel(mixed):
    figure = curves.draw(mixed)
    assert len(figure.axes) == 4
    assert [a.get_ylabel() for a in figure.axes] == [style.LABELS[m] for m in curves.METRICS]
    assert [a.get_xlabel() for a in figure.axes[2:]] == ["epoch", "epoch"]
    for axes in figure.axes:
        solid = [
            line for line in axes.lines if line.get_linewidth() == style.RC["lines.linewidth"] and not line.get_gid()
        ]
        assert len(solid) == 2
        for attribute in ("get_color", "get_marker", "get_linestyle"):
            assert len({str(getattr(line, attribute)()) for line in solid}) == 2
        assert len(axes.collections) == 2  # bands
        np.testing.assert_allclose(
            ys(solid[0]),
            mixed[
                (mixed["arm"] == "slow")
                & (mixed["series"] == "mean")
                & (mixed["metric"] == curves.METRICS[figure.axes.index(axes)])
            ]["value"],
        )


def test_stopped_diverged_and_failed_trials_are_marked_where_they_end(mixed):
    figure = curves.draw(mixed)
    for axes in figure.axes:
        at = {line.get_gid(): xs(line)[0] for line in axes.lines if line.get_gid() in style.ENDS}
        assert at == {"stopped": 2, "diverged": 3, "failed": 1}
        markers = {line.get_gid(): line.get_marker() for line in axes.lines if line.get_gid() in style.ENDS}
        assert markers == style.ENDS
    names = [t.get_text() for t in figure.legends[0].get_texts()]
    assert names == ["slow", "fast", "best epoch", "stopped here", "diverged here", "failed here"]


def test_a_trial_that_diverged_at_once_is_marked_at_the_top_of_the_panel():
    epochs = epochs_of(x=("a", "finished", [0.5, 0.6]), y=("a", "diverged", [math.nan]))
    figure = curves.draw(curves.prepare(epochs, ["val_loss"]))
    mark = next(line for line in figure.axes[0].lines if line.get_gid() == "diverged")
    assert ys(mark).tolist() == [1.0]
    assert mark.get_transform() != figure.axes[0].transData


def test_arm_by_arm_there_is_a_pair_of_panels_with_training_and_validation(mixed):
    figure = curves.draw_arms(mixed)
    assert [a.get_title(loc="left") for a in figure.axes] == ["slow", "", "fast", ""]
    for axes in figure.axes:
        lines = [
            line for line in axes.lines if line.get_linewidth() == style.RC["lines.linewidth"] and not line.get_gid()
        ]
        assert len(lines) == 2
    assert [t.get_text() for t in figure.legends[0].get_texts()][:2] == ["training", "validation"]


def test_the_alternative_text_says_where_each_arm_ends(mixed):
    text = curves.alt(mixed)
    assert "slow: validation accuracy" in text
    assert "at epoch 4" in text
    assert "1 trial diverged" in text


# --------------------------------------------------------------------------------------------------------------- rate
