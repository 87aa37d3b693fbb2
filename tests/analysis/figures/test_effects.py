"""The change against the baseline, with its interval."""

from __future__ import annotations

import math

import pytest

from analysis.figures import effects
from tests.analysis.figures.test_study_figures import EFFECTS


def test_effects_show_interval_and_n_hollow_where_the_interval_holds_zero_and_refusals_in_words():
    frame = effects.prepare(EFFECTS, "accuracy_gap")
    assert frame["estimate"].tolist()[0] == pytest.approx(-5.0)
    assert math.isnan(frame["estimate"][1])
    figure = effects.draw(frame, "slow")
    axes = figure.axes[0]
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [p.get_markerfacecolor() == "white" for p in points] == [False, True]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["fast", "odd", "tie"]
    texts = " ".join(t.get_text() for t in axes.texts)
    assert "not compared: epochs differ (4 and 9)" in texts
    assert "5 seeds" in texts and "\u22125.0" in texts and "-5" not in texts, "the minus of the axis"
    assert "9.0" not in texts
    assert "[points]" in figure.get_supxlabel()


def test_effects_at_different_epochs_say_which():
    assert "at equal epochs" in effects.caption(effects.prepare(EFFECTS, "accuracy_gap"), "slow")
    frame = effects.prepare(EFFECTS.assign(epoch=[4, 4, 9]), "accuracy_gap")
    assert "This is 4 for fast, 4 for odd, 9 for tie." in effects.caption(frame, "slow")


def test_effects_of_seeds_that_all_differ_alike_are_hollow_and_the_caption_says_so():
    assert "alike" not in effects.caption(effects.prepare(EFFECTS, "accuracy_gap"), "slow")
    frame = effects.prepare(EFFECTS, "accuracy_gap")
    frame.loc[0, ["low", "high"]] = frame.loc[0, "estimate"]
    points = [line for line in effects.draw(frame, "slow").axes[0].lines if line.get_marker() == "o"]
    assert [p.get_markerfacecolor() == "white" for p in points] == [True, True]
    assert "Hollow where the interval contains 0, or where all seeds differ alike." in effects.caption(frame, "slow")
