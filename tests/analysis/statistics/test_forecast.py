"""Simulated paths of every kind of part: they go on as the rule would judge them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from analysis.statistics import boundary, forecast, power, sequential, students_t
from analysis.statistics.evidence import Part
from analysis.statistics.first_epoch import FirstEpochPart, OutcomesPart, Pair
from analysis.statistics.permutation import AssociationPart
from analysis.statistics.sequential import Bound, MeanPart, RatioPart
from analysis.statistics.shares import SharePart, seeds_without_exception

ABOVE_0, ABOVE_1 = Bound(0.0, "above"), Bound(1.0, "above")
VALUES = (0.5, 1.0, 1.5, 0.2, 0.7)
WAYS = OutcomesPart((("met", "met", "met", "neither", "met", "broken"),))
RISING = tuple((float(i), float(i) + 0.1) for i in range(5))


def contrast(*values: float) -> MeanPart:
    return MeanPart("contrast", values, (ABOVE_0,))


def need(parts: Sequence[Part], before: Sequence[Part | None] = (), places: int = 6, most: int = 60) -> power.Need:
    found = power.seeds_still_needed(parts, places, before=before, most=most, paths=300)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "part",
    [
        contrast(*VALUES),
        contrast(*VALUES[:4], math.inf),
        contrast(1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        MeanPart("level", VALUES, (ABOVE_0, Bound(3.0, "below"))),
        RatioPart((3.0, 3.2, 2.9, 3.1, 3.3), (1.0, 1.1, 0.9, 1.0, 1.2), (ABOVE_1,)),
        RatioPart((3.0, 3.2, 2.9, 3.1, math.inf), (1.0, 1.1, 0.9, 1.0, 1.2), (ABOVE_1,)),
        SharePart((True,) * 6),
        WAYS,
        FirstEpochPart((Pair(3, 9, 30, 30),) * 6),
    ],
    ids=lambda p: type(p).__name__,
)
def test_what_was_seen_is_the_rules_own_evidence(part: Part):
    draws = forecast.Draws(paths=50, ahead=4, known=part.n)
    for (met, broken), by_rule in zip(
        forecast.simulated_evidence(part, None, draws) or (), part.evidence(), strict=True
    ):
        assert met.shape == broken.shape == (50, part.n + 4)
        for looked, expected in ((met, by_rule.met), (broken, by_rule.broken)):
            assert np.allclose(looked[:, 4 : part.n], np.array(expected, float), rtol=1e-6)
            assert (np.diff(looked[:, 4:]) <= 0).all()


@pytest.mark.parametrize("places", [1, 43])
@pytest.mark.parametrize(
    "part",
    [
        contrast(*VALUES),
        MeanPart("level", VALUES, (ABOVE_0, Bound(3.0, "below"))),
        RatioPart((3.0, 3.2, 2.9, 3.1, 3.3), (1.0, 1.1, 0.9, 1.0, 1.2), (ABOVE_1,)),
    ],
    ids=["contrast", "level", "ratio"],
)
def test_what_is_exact_near_the_levels_alone_decides_the_same(part: Part, places: int):
    """Every path at every seed, on all levels between the lowest and the highest."""
    high = 0.05 / places
    low, middle = high / 4, high / 2
    quick = forecast.simulated_evidence(part, None, forecast.Draws(400, 70, part.n), (low, high))
    exact = forecast.simulated_evidence(part, None, forecast.Draws(400, 70, part.n))
    assert quick and exact
    ways = [both for sides in zip(quick, exact, strict=True) for both in zip(*sides, strict=True)]
    assert any((way != known).any() for way, known in ways)
    for way, known in ways:
        for level in (low, middle, high):
            assert ((way <= level) == (known <= level)).all()


def test_a_t_on_the_level_itself_is_looked_at_exactly():
    """Both ends lie a little beyond the t that just crosses, so rounding decides nothing."""
    near, far = sequential.t_between(80, 0.05 / 43, 0.05 / 43)
    for n in (5, 6, 11, 40, 80):
        crossing = -students_t.quantile(n - 1, boundary.t_level(sequential.T_SHARE * 0.05 / 43, n))
        assert near[n - 1] < crossing < far[n - 1]
        assert far[n - 1] - near[n - 1] < 1e-4 * crossing


def test_a_claim_without_seeds_counts_its_bounds_by_those_seen_before(monkeypatch: pytest.MonkeyPatch):
    """Outcomes of no seed say nothing of how many bounds there are, on which the level of a refutation depends."""
    now: list[Part] = [MeanPart("contrast", (), (ABOVE_0,)), OutcomesPart(())]
    before: list[Part] = [contrast(-0.3, 0.4, -0.5, 0.1, -0.6, -0.2), OutcomesPart((("met",) * 6,) * 6)]
    found = power.seeds_still_needed(now, 6, before=before, most=60, paths=300)
    exact = forecast.simulated_evidence
    monkeypatch.setattr(forecast, "simulated_evidence", lambda part, old, draws, _: exact(part, old, draws))
    assert found == power.seeds_still_needed(now, 6, before=before, most=60, paths=300)
    assert found is not None and found.by_seed[-1] > 0


def test_a_share_needs_at_least_what_it_takes_without_an_exception():
    found = need([SharePart((True,) * 5)])
    assert found.low == seeds_without_exception(6)
    assert 0.2 < found.undecided < 0.7
    assert found.by_seed[22] < 0.05 < 0.3 < found.by_seed[23]  # before, only refutations
    against = need([SharePart((False,) * 8)])
    assert against.high is not None and against.high < 24  # it is refuted far sooner


def test_who_comes_first_is_decided_by_counts_of_pairs():
    clear, unclear = need([OutcomesPart((("met",) * 5,))]), need([OutcomesPart((("met", "broken") * 4,))])
    assert clear.low == 8  # the fewest seeds that an e-process needs in a family of 6
    assert unclear.undecided > 0.5 > clear.undecided


def test_a_diverged_seed_leaves_counts():
    whole, lost = need([contrast(*VALUES)]), need([contrast(*VALUES[:4], math.inf)])
    assert whole.low is not None and lost.low is not None and lost.low >= 11  # counts have a tenth of the level
    assert not lost.by_seed[9]


def test_a_ratio_waits_for_its_denominator():
    sure = RatioPart((3.0, 3.2, 2.9, 3.1, 3.3), (1.0, 1.1, 0.9, 1.0, 1.2), (ABOVE_1,))
    unsure = RatioPart((3.0, 3.2, 2.9, 3.1, 3.3), (0.1, 1.1, -0.5, 1.0, 0.2), (ABOVE_1,))
    assert need([sure]).by_seed[9] > 0.9 > need([unsure]).by_seed[9]


def association(seeds: int, looks_at: int = 6, turned: bool = False) -> AssociationPart:
    rng = np.random.default_rng(1)
    x = rng.normal(np.arange(5.0)[:, None], 0.1, (5, seeds))
    y = x[::-1] if turned else x
    return AssociationPart(tuple(map(tuple, x.tolist())), tuple(map(tuple, y.tolist())), looks_at=looks_at)


def test_an_association_has_one_look():
    found = need([association(3)], places=6)
    assert (found.low, found.high) == (6, 6)
    assert found.by_seed[4] == 0.0 and found.undecided == 0.0
    mixed = RISING[2], RISING[0], RISING[1], *RISING[3:]
    x, y = (tuple((*way, *way, way[0]) for way in side) for side in (RISING, mixed))
    longer = AssociationPart(x, y, looks_at=5)
    assert need([longer], places=1000).undecided == 1.0  # looked at, and not decided: never


def test_earlier_seeds_tell_of_the_spread_and_count_for_nothing():
    nothing_yet = contrast()
    assert power.seeds_still_needed([nothing_yet], 6) is None
    found = need([nothing_yet], before=[contrast(3.0, 3.1, 2.9, 3.2, 2.8)])
    assert found.low == 5 and found.by_seed[4] > 0.8 and not any(found.by_seed[:4])


@pytest.mark.parametrize(
    ("empty", "before"),
    [
        (SharePart(()), SharePart((True,) * 5)),
        (OutcomesPart(()), WAYS),
        (RatioPart((), (), (ABOVE_1,)), RatioPart((3.0, 3.2), (1.0, 1.1), (ABOVE_1,))),
        (MeanPart("level", (), (ABOVE_0,)), MeanPart("level", (math.inf, 1.0), (ABOVE_0,))),
    ],
)
def test_a_path_may_be_empty_still(empty: Part, before: Part):
    assert need([empty], before=[before]).by_seed[3] == 0.0 < need([empty], before=[before]).by_seed[40]


def test_a_part_that_never_will_be_met_leaves_refutation_alone():
    never = AssociationPart(RISING, RISING, looks_at=5)
    assert need([never, contrast(0.1, -0.1)], places=10**6).undecided > 0.9


def test_bounds_of_one_number_are_not_broken_together():
    both = OutcomesPart((("met",) * 6, ("met",) * 6))
    draws = forecast.Draws(paths=200, ahead=30, known=6)
    drawn = draws.outcomes([(1, 1)] * 6)
    assert not ((drawn[:, :, 0] == -1) & (drawn[:, :, 1] == -1)).any()
    assert need([both]).low == 8
