"""The change against the baseline, with its interval."""

from __future__ import annotations

import math

import pandas as pd
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


def judged(*verdicts: str) -> pd.DataFrame:
    """Effects of which some are claimed to be below -2 points, and rest on an interval of a point either way."""
    said = [bool(v) for v in verdicts]
    frame = pd.DataFrame({"arm": [f"a-{i}" for i in range(len(verdicts))], "metric": "accuracy_gap", "n": 5})
    frame = frame.assign(estimate=-0.03, low=-0.032, high=-0.028, verdict=verdicts, claimed_low=math.nan)
    return frame.assign(
        claimed=["below -2 points" if s else "" for s in said],
        claimed_high=[-0.02 if s else math.nan for s in said],
        decides_low=[-0.04 if s else math.nan for s in said],
        decides_high=[-0.01 if s else math.nan for s in said],
    )


def test_the_claimed_side_is_shaded_to_the_end_of_the_axis_and_the_point_has_the_mark_of_its_verdict():
    """The page's forest had it, and its still in print had not."""
    frame = effects.prepare(judged("supported", "refuted", "open", ""), "accuracy_gap")
    axes = effects.draw(frame, "slow").axes[0]
    sides = [s.get_paths()[0].get_extents() for s in axes.collections if s.get_gid() == "claimed"]
    assert [(round(s.x1, 9), s.y0, s.y1) for s in sides] == [(-2.0, y - 0.5, y + 0.5) for y in range(3)]
    assert {s.x0 for s in sides} == {axes.get_xlim()[0]}
    assert sum(s.get_gid() == "decides" for s in axes.collections) == 3
    points = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    looks = [(p.get_marker(), p.get_markerfacecolor() == "white") for p in points]
    assert looks == [("o", False), ("s", False), ("o", True), ("o", False)]
    said = effects.caption(frame, "slow")
    assert "what was claimed, the point with the mark of its verdict (disc: supported; square: refuted; ring: o" in said
    assert said.endswith("Thin line: the wider interval that decides. Elsewhere hollow where the interval contains 0.")
    assert "a-1: -3.0 (-3.2 to -2.8), claimed below -2 points: refuted. a-2" in effects.alt(frame, "slow")


def test_where_nothing_is_claimed_or_all_is_the_caption_says_only_what_is_there():
    none, every = (effects.prepare(judged(v, v), "accuracy_gap") for v in ("", "supported"))
    assert not [s for s in effects.draw(none, "slow").axes[0].collections if s.get_gid()]
    assert "claimed" not in effects.caption(none, "slow") and ". Hollow where" in effects.caption(none, "slow")
    assert "ollow" not in effects.caption(every, "slow")


def test_an_interval_that_decides_and_is_very_wide_does_not_make_the_numbers_a_point():
    frame = judged("open").assign(decides_low=-0.9, decides_high=0.9)
    low, high = effects.draw(effects.prepare(frame, "accuracy_gap"), "slow").axes[0].get_xlim()
    assert high - low < 8
