"""What seeds would decide: against the rule itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.statistics import power
from analysis.statistics.sequential import Bound, MeanPart
from analysis.statistics.verdict_rule import judge

ABOVE_0 = Bound(0.0, "above")


def test_seeds_for_80_percent():
    assert [power.seeds_for(d, 6) for d in (1.0, 2.0, 3.0)] == [24, 8, 5]
    assert power.seeds_for(0.05, 6) is None


def test_the_chance_is_what_the_rule_does():
    x = np.random.default_rng(3).standard_normal((400, 12)) + 2.0
    decided = [judge([MeanPart("contrast", tuple(v), (ABOVE_0,))], 6).word == "supported" for v in x.tolist()]
    assert power.chance_of_decision(2.0, 12, 6) == pytest.approx(np.mean(decided), abs=0.04)


def test_it_grows_with_distance_and_seeds_and_falls_with_the_family():
    chances = [power.chance_of_decision(1.0, n, 6) for n in (4, 5, 10, 20, 40)]
    assert chances == sorted(chances) and chances[0] == 0.0
    assert power.chance_of_decision(2.0, 10, 6) > power.chance_of_decision(1.0, 10, 6)
    assert power.chance_of_decision(1.0, 20, 6) > power.chance_of_decision(1.0, 20, 60)
    assert power.chance_of_decision(1.0, 20, 6, bounds=10) == power.chance_of_decision(1.0, 20, 60)


@pytest.mark.parametrize("seeds", [5, 10, 40])
def test_the_smallest_difference_is_decided_with_80_percent(seeds: int):
    found = power.smallest_difference(seeds, 6)
    assert power.chance_of_decision(found, seeds, 6) >= 0.8 > power.chance_of_decision(0.97 * found, seeds, 6)
    with pytest.raises(ValueError, match="4 seeds"):
        power.smallest_difference(4, 6)


def contrast(*values: float, bound: Bound = ABOVE_0) -> MeanPart:
    return MeanPart("contrast", tuple(map(float, values)), (bound,))


NEAR, FAR = contrast(0.5, 1.0, 1.5, 0.2, -0.3), contrast(0.5, 1.0, 1.5, 0.2, 0.7)


def test_what_an_open_claim_still_needs_is_a_range():
    near, far = power.seeds_still_needed([NEAR], 6), power.seeds_still_needed([FAR], 6)
    assert near is not None and far is not None
    assert far.low is not None and far.high is not None
    assert 5 < far.low < far.high
    assert far.undecided < near.undecided
    assert near.by_seed[:5] == (0.0,) * 5 and list(near.by_seed) == sorted(near.by_seed)
    assert near.by_seed[-1] == pytest.approx(1 - near.undecided)


def test_the_range_is_where_claims_of_that_kind_are_decided():
    """Of claims that go on from these values as the posterior says, the rule decides as many as was said."""
    found = power.seeds_still_needed([FAR], 6)
    assert found is not None and found.low is not None and found.high is not None
    rng, seen = np.random.default_rng(4), np.array(FAR.values)
    decided = []
    for _ in range(300):
        spread = seen.std(ddof=1) * math.sqrt(4 / rng.chisquare(4))
        mean = seen.mean() + spread * rng.standard_normal() / math.sqrt(5)
        values = (*FAR.values, *(mean + spread * rng.standard_normal(75)))
        decided.append(judge([contrast(*values)], 6).decided_at or 10**6)
    for n in (6, 10, 20, 80):
        assert np.mean(np.array(decided) <= n) == pytest.approx(found.by_seed[n - 1], abs=0.08)
    assert np.mean([found.low <= n <= found.high for n in decided]) >= 0.8 - 0.06


def test_a_claim_needs_at_least_what_its_weakest_part_does_and_the_same_part_twice_no_more():
    one, twice, both = (power.seeds_still_needed(parts, 6) for parts in ([FAR], [FAR, FAR], [FAR, NEAR]))
    assert one is not None and twice is not None and both is not None
    assert twice.low == one.low
    assert np.mean(both.by_seed) < np.mean(one.by_seed)


def test_on_its_bound_no_number_of_seeds_is_likely_to_decide():
    found = power.seeds_still_needed([contrast(*(1.0, -1.0) * 30)], 6)
    assert found is not None and found.high is None and found.undecided > 0.5


@pytest.mark.parametrize("values", [(), (1,), tuple(range(80))])
def test_where_nothing_can_be_said_nothing_is(values):
    assert power.seeds_still_needed([contrast(*values)], 6) is None
