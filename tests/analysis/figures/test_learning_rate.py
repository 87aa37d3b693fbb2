"""The learning rate over epochs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from analysis.figures import learning_rate as rate
from study.spec.registry import load_study
from tests.analysis.drawn import LRS, of, xs


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


@pytest.mark.parametrize(
    ("slow", "fast", "said"),
    [
        (0, 0, "median over 5 seeds thick"),
        (3, 0, "median over 2 to 5 finished seeds thick"),
        (3, 3, "median over 2 finished seeds thick"),
        (5, 3, "median over 2 finished seeds thick, where none finished the one that went furthest thick"),
        (5, 5, "no seed finished, the one that went furthest thick"),
    ],
)
def test_the_seeds_of_a_median_are_those_that_finished(slow: int, fast: int, said: str) -> None:
    lost = [("slow", s) for s in range(slow)] + [("fast", s) for s in range(fast)]
    epochs, _ = of(LRS, endings={trial: ("diverged", 1 + trial[1] % 3) for trial in lost})
    assert f"used: {said}, single seeds thin." in rate.caption(epochs)
    for line in rate.draw(rate.prepare(epochs)).axes[0].lines:
        assert all(a < b for a, b in pairwise(xs(line))), "a line is of one trial, or of the median"
