"""The learning rate over epochs."""

from __future__ import annotations

from analysis.figures import learning_rate as rate
from study.spec.registry import load_study
from tests.analysis.drawn import of, xs


def test_the_rate_is_drawn_on_a_log_axis_and_each_cut_is_marked():
    annealing = load_study("annealing")
    frame = rate.prepare(of(annealing)[0])
    median = frame[(frame["arm"] == "plateau") & (frame["series"] == "median")].reset_index(drop=True)
    assert median["cut"].sum() == 7  # 0.001 halved six times, then its least
    axes = rate.draw(frame).axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "learning rate"
    cuts = [line for line in axes.lines if line.get_gid() == "cuts"]
    assert [len(xs(line)) for line in cuts] == [1, 8]  # the first epoch is marked too
    assert "7 reductions" in rate.alt(frame)
