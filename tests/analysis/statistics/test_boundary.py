"""The boundary of t over all looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics import boundary, looks
from benchmarks import t_boundary


@given(st.floats(1e-12, 1.0), st.integers(5, 200))
def test_t_never_pays_more_than_its_share_and_the_two_ways_agree(p: float, n: int):
    level = float(boundary.over_looks(np.full(n, p))[-1])
    assert level <= p / float(looks.share(n)) * (1 + 1e-9)
    if 1e-7 < level < 0.1:
        assert boundary.t_level(level * (1 + 1e-6), n) >= p * (1 - 1e-6)


@given(st.integers(5, 200), st.lists(st.floats(1e-12, 1.0), min_size=2, max_size=10).map(sorted))
def test_a_smaller_p_is_never_less_evidence(n: int, p: list[float]):
    found = [float(boundary.over_looks(np.full(n, x))[-1]) for x in p]
    assert found == sorted(found)


def test_there_is_no_evidence_before_the_first_look():
    assert np.isinf(boundary.over_looks(np.full(6, 0.01))[:4]).all()
    assert boundary.over_looks(np.full(6, 0.01))[4] == pytest.approx(0.02)


@pytest.mark.parametrize("level", [0.0422, 0.0075, 0.001])
def test_the_table_is_what_its_script_makes(level: float):
    """By the script's own integrals, between the table's rows too: within 1 % of the block's share, hardly above."""
    bounds = [boundary.t_level(level, n) for n in range(5, 41)]
    for last, left in ((5, 1 / 2), (10, 1 / 4), (20, 1 / 8), (40, 1 / 16)):
        spent = bounds[0] if last == 5 else t_boundary.crossing(bounds[: last - 4])
        assert 0.99 * (1 - left) <= spent / level <= 1.002 * (1 - left)


def test_t_spends_by_simulation_what_its_table_says():
    level, paths, seeds = 0.05, 40_000, 40
    x = np.random.default_rng(1).standard_normal((paths, seeds))
    n = np.arange(1, seeds + 1)
    sums, squares = x.cumsum(1), (x * x).cumsum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = sums / np.sqrt(n * (squares - sums**2 / n) / (n - 1))
    crossed = t[:, 4:] >= stats.t.isf([boundary.t_level(level, k) for k in n[4:]], n[4:] - 1)
    spent = crossed.any(1).mean()
    assert spent == pytest.approx(level * 15 / 16, abs=4 * np.sqrt(level / paths))


def test_the_table_serves_levels_down_to_a_large_family():
    assert boundary.t_level(0.05 / 60 / 24 * 0.9, 80) > 0.05 / 60 / 24 * 0.9 / 1280
