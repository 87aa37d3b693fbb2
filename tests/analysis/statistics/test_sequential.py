"""Parts judged seed by seed: means, ratios, and the interval of all looks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics.sequential import Bound, RatioPart
from analysis.statistics.verdict_rule import judge
from tests.analysis.statistics.test_verdict_rule import INF, VALUES, contrast


def test_a_ratio_by_hand():
    a, b = (20.0, 22.0, 24.0, 21.0, 23.5), (10.0, 11.0, 12.1, 10.4, 11.9)
    part = RatioPart(a, b, (Bound(1.5, "above"),))
    p = stats.ttest_1samp(np.array(a) - 1.5 * np.array(b), 0.0, alternative="greater").pvalue
    q = stats.ttest_1samp(b, 0.0, alternative="greater").pvalue
    found = judge([part], places=6)
    assert found.word == "supported"
    assert found.p == pytest.approx(6 * max(p, q) / 0.9 / 0.5)
    assert found.interval is not None and found.interval.low > 1.5
    assert judge([RatioPart(a, b, (Bound(2.5, "above"),))], places=6).word == "refuted"


def test_a_denominator_near_0_decides_nothing():
    rng = np.random.default_rng(0)
    b = tuple(rng.standard_normal(60))
    part = RatioPart((5.0,) * 30 + (5.1,) * 30, b, (Bound(0.001, "above"),))
    assert judge([part], places=1).word == "open"
    assert part.estimate(60) is None


def test_diverged_trials_in_a_ratio():
    a, b = [20.0 + i / 10 for i in range(30)], [10.0 + i / 7 for i in range(30)]
    worst = RatioPart((INF, *a), (10.0, *b), (Bound(100.0, "below"),))
    assert judge([worst], places=6).word == "supported"  # in more than half of seeds
    both = RatioPart((INF,) * 30, (INF,) * 30, (Bound(-1.0, "above"),))
    assert judge([both], places=1).word == "open"


@given(VALUES, st.sampled_from([0.05, 0.008, 0.0008]))
@settings(max_examples=150, deadline=None)
def test_the_interval_of_all_looks_excludes_a_bound_where_the_rule_crosses_it(values, level: float):
    part = contrast([v for v in values if not math.isnan(v)], Bound(0.503, "above"))
    (found,), interval = part.evidence(), part.interval(level, part.n)
    if interval is None:
        assert part.n < 5
        return
    for crossed, outside in ((found.met, interval.low - 0.503), (found.broken, 0.503 - interval.high)):
        if abs(outside) > 1e-5:
            assert (crossed[-1] <= level) == (outside > 0)


@given(VALUES, st.booleans(), st.sampled_from([0.05, 0.008, 0.0008]))
@settings(max_examples=150, deadline=None)
def test_a_ratio_that_its_interval_excludes_is_one_that_the_rule_has_crossed(values, swapped: bool, level: float):
    moving = [v for v in values if math.isfinite(v)]
    sides = [tuple(2 + v for v in moving), (1.0,) * len(moving)]
    a, b = reversed(sides) if swapped else sides
    part = RatioPart(a, b, (Bound(1.2, "above"),))
    (found,), interval = part.evidence(), part.interval(level, part.n)
    if interval is not None:
        for crossed, outside in ((found.met, interval.low - 1.2), (found.broken, 1.2 - interval.high)):
            assert outside <= 1e-5 or crossed[-1] <= level


def test_equal_denominators_take_as_many_seeds_as_counts_take_to_lie_above_0():
    part = RatioPart(tuple(2 + i / 100 for i in range(12)), (1.0,) * 12, (Bound(0.5, "above"),))
    words = [judge([replace(part, numerators=part.numerators[:n], denominators=(1.0,) * n)], 6).word for n in (11, 12)]
    assert words == ["open", "supported"]
    assert part.interval(0.05 / 6, 11) is None and part.interval(0.05 / 6, 12) is not None
    flat = RatioPart((2.0,) * 12, (1.0,) * 12, (Bound(1.5, "above"),))
    assert judge([flat], 6).word == "supported" and flat.interval(0.05 / 6, 12) is None, "it has no width to show"
