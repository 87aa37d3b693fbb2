"""Figures of distributions: histograms and ranges of tensors, and what is said where they cannot be drawn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from analysis.figures import distributions, style
from study.spec.registry import load_study
from tests.analysis.drawn import of, tensor
from trainables.records.tensor_summary import BINS, QUANTILES


def test_histograms_of_seeds_are_rebinned_onto_common_bins_and_keep_their_mass():
    frame = distributions.prepare(pd.DataFrame([tensor("a", 0, "W1", 0.0, 1.0), tensor("a", 1, "W1", 0.0, 3.0)]))
    width = frame["right"] - frame["left"]
    assert (frame["density"] * width).sum() == pytest.approx(1.0)
    np.testing.assert_allclose(width, width.iloc[0])
    assert frame["left"].min() == 0.0
    assert frame["right"].max() == pytest.approx(3.0)
    inner = frame[frame["right"] < 1.0]["density"]
    np.testing.assert_allclose(inner, (1.0 + 1 / 3) / 2)
    np.testing.assert_allclose(frame[frame["left"] > 1.0]["density"], 1 / 6)
    assert set(frame["n"]) == {2}


def test_a_tensor_of_one_value_has_all_its_mass_in_one_bin():
    row = tensor("a", 0, "b1", 0.5, 0.5)
    frame = distributions.prepare(pd.DataFrame([row]))
    assert (frame["density"] > 0).sum() == 1
    assert (frame["density"] * (frame["right"] - frame["left"])).sum() == pytest.approx(1.0)
    distributions.draw(frame)


def test_values_that_are_not_finite_are_said_and_never_drawn():
    nothing: dict[str, Any] = {"quantiles": (math.nan,) * len(QUANTILES), "histogram": ()}
    rows = [tensor("a", 0, "W1", 0, 1), tensor("b", 0, "W1", 0, 1, **nothing)]
    frame, ranges = (f(pd.DataFrame(rows)) for f in (distributions.prepare, distributions.prepare_ranges))
    figure = distributions.draw(frame)
    assert [t.get_text() for t in figure.axes[1].texts] == ["not finite"]
    assert not figure.axes[1].patches
    assert "b not finite" in distributions.alt(frame, "Weights")
    assert [t.get_text() for t in distributions.draw_ranges(ranges).axes[0].texts] == ["not finite"]


def test_ranges_alike_share_an_axis_and_ranges_far_apart_do_not_but_say_their_width():
    rows = [tensor("a", 0, "W1", -1, 1), tensor("b", 0, "W1", -2, 2), tensor("a", 0, "W2", -1, 1)]
    rows.append(tensor("b", 0, "W2", -400, 400))
    frame = distributions.prepare(pd.DataFrame(rows))
    figure = distributions.draw(frame)
    one, two, three, four = figure.axes
    assert one.get_xlim() == two.get_xlim()
    assert three.get_xlim() != four.get_xlim()
    assert [a.texts[0].get_text() for a in figure.axes] == ["width 2", "width 4", "width 2", "width 800"]
    assert [a.get_title() for a in (one, two)] == ["a", "b"]
    assert "W2 has a range of its own" in distributions.caption(frame)
    ranges = distributions.draw_ranges(distributions.prepare_ranges(pd.DataFrame(rows)))
    assert [a.get_xscale() for a in ranges.axes] == ["linear", "symlog"]


def test_the_printed_width_hides_no_part_of_a_histogram():
    peak = {"histogram": (1, *[0] * (BINS // 2 - 1), 10**9, *[0] * (BINS // 2 - 2), 1)}
    for count in (distributions.MIN_VALUES_FOR_LOG - 1, 10**9):
        frame = distributions.prepare(pd.DataFrame([tensor("a", 0, "W1", -1, 1, count, **peak)]))
        axes = distributions.draw(frame).axes[0]
        top = axes.transAxes.inverted().transform(axes.transData.transform((0, frame["density"].max())))[1]
        assert top < 0.8


def test_an_arm_keeps_its_colour_where_the_histograms_need_a_second_figure():
    frame = distributions.prepare(pd.DataFrame([tensor("b", 0, "W1", 0, 1)]))
    axes = distributions.draw(frame, ["a", "b"]).axes[0]
    assert axes.patches[1].get_edgecolor() == to_rgba(style.arm_styles(["a", "b"])["b"].colour)


def test_histograms_of_different_epochs_say_which():
    rows = [tensor("a", 0, "W1", 0, 1), tensor("b", 0, "W1", 0, 1, epoch=9)]
    assert "This is 4 for a, 9 for b." in distributions.caption(distributions.prepare(pd.DataFrame(rows)))
    assert "at the last epoch. Log" in distributions.caption(distributions.prepare(pd.DataFrame(rows[:1])))


def test_a_tensor_that_an_arm_lacks_is_said():
    frame = distributions.prepare(of(load_study("batch-norm"), seeds=(0,))[1])
    figure = distributions.draw(frame)
    said = [t.get_text() for a in figure.axes for t in a.texts]
    assert said.count("no such tensor") == 4  # gamma1 and beta1 of two arms
    assert [a.get_ylabel().split("\n")[0] for a in figure.axes[::4]] == ["W1", "b1", "gamma1", "beta1", "W2", "b2"]


def test_only_the_last_epoch_of_finished_trials_counts_and_an_arm_without_any_is_named():
    rows = [
        tensor("a", 0, "W1", 0, 1),
        tensor("a", 0, "W1", 0, 9, epoch=2),
        tensor("a", 1, "W1", 0, 50, status="diverged"),
        tensor("b", 0, "W1", 0, 7, status="stopped"),
    ]
    frame = distributions.prepare(pd.DataFrame(rows))
    assert frame[frame["arm"] == "a"]["high"].unique().tolist() == [1.0]
    assert frame[frame["arm"] == "b"]["high"].unique().tolist() == [7.0]
    assert "No trial of b finished" in distributions.caption(frame)
