"""The rule: worked examples, what never changes, and that two ways of computing it agree."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.statistics.evidence import Evidence, Interval
from analysis.statistics.sequential import Bound, Kind, MeanPart, RatioPart
from analysis.statistics.verdict_rule import judge
from benchmarks import verdict_rules
from benchmarks.verdict_studies import SimulatedClaim

INF, NAN = math.inf, math.nan
ABOVE_0 = (Bound(0.0, "above"),)
CLEAR = (1.0, 1.2, 0.9, 1.1, 1.0)
VALUES = st.lists(
    st.one_of(st.integers(-100, 300).map(lambda k: k / 100), st.sampled_from([INF, -INF, NAN])), min_size=0, max_size=30
)


def contrast(values, *bounds: Bound) -> MeanPart:
    return MeanPart("contrast", tuple(values), bounds or ABOVE_0)


@dataclasses.dataclass(frozen=True)
class Given:
    """A part of which the evidence is given."""

    found: Evidence
    n: int

    def evidence(self):
        return (self.found,)

    def interval(self, level: float, n: int) -> Interval | None:
        return Interval(0.0, -level, level, n, "given")

    def estimate(self, n: int) -> Interval | None:
        return Interval(0.0, -1.0, 1.0, n, "given")


def given_part(met, broken=None) -> Given:
    return Given(Evidence(tuple(met), tuple(broken or [1.0] * len(met))), len(met) + 4)


# ------------------------------------------------------------------------------------------------------- by hand


def test_the_first_look_by_hand():
    # t of 1.04 over the spread of five seeds; at 5 seeds t has 0.9 x 1/2 of 5 % / 6
    p = stats.ttest_1samp(CLEAR, 0.0, alternative="greater").pvalue
    found = judge([contrast(CLEAR)], places=6)
    assert (found.word, found.n, found.decided_at) == ("supported", 5, 5)
    assert found.p == found.p_supported == pytest.approx(6 * p / 0.9 / 0.5)
    half = stats.t.isf(0.05 / 6 * 0.9 / 2, 4) * np.std(CLEAR, ddof=1) / math.sqrt(5)
    assert found.interval is not None and found.plain is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((1.04 - half, 1.04 + half))
    half = stats.t.isf(0.025, 4) * np.std(CLEAR, ddof=1) / math.sqrt(5)
    assert (found.plain.low, found.plain.high) == pytest.approx((1.04 - half, 1.04 + half))


def test_a_refutation_pays_for_all_bounds():
    inside = Bound(0.0, "above"), Bound(5.0, "below")
    p = stats.ttest_1samp(CLEAR, 2.0, alternative="less").pvalue
    parts = [contrast(CLEAR, *inside), contrast(CLEAR, Bound(2.0, "above"))]
    found = judge(parts, places=6)
    assert (found.word, found.decided_at, found.part, found.bound) == ("refuted", 5, 1, 0)
    assert found.p == found.p_refuted == pytest.approx(6 * 3 * p / 0.9 / 0.5)
    assert found.p_supported == 1.0


def test_supported_at_the_first_look_by_which_every_bound_has_crossed_though_at_other_looks():
    level = 0.05 / 6
    early, late = given_part([level, 1.0, 1.0]), given_part([1.0, 1.0, level / 2])
    early = given_part([level] * 3)
    found = judge([early, late], places=6)
    assert (found.word, found.decided_at, found.part) == ("supported", 7, 0)
    assert found.p == pytest.approx(0.05)


def test_a_level_is_reached_exactly_and_not_by_rounding():
    for places in (1, 3, 6, 7, 60):
        level = Fraction(1, 20) / places
        assert judge([given_part([level])], places).word == "supported"
        assert judge([given_part([level + Fraction(1, 10**18)])], places).word == "open"
        assert judge([given_part([1.0], [level / 2]), given_part([1.0])], places).word == "refuted"
        assert judge([given_part([1.0], [level]), given_part([1.0])], places).word == "open"


def test_both_at_the_same_number_of_seeds_is_open_for_good():
    found = judge([given_part([1.0, 1e-6, 1e-9], [1.0, 1e-6, 1e-6])], places=6)
    assert (found.word, found.for_good, found.decided_at) == ("open", True, 6)
    first = judge([given_part([1.0, 1e-6, 1e-9], [1.0, 1.0, 1e-9])], places=6)
    assert (first.word, first.for_good, first.decided_at) == ("supported", False, 6)


@pytest.mark.parametrize("n", range(5))
def test_fewer_than_five_seeds_are_never_a_verdict(n: int):
    found = judge([contrast(CLEAR[:n])], places=1)
    assert (found.word, found.n, found.decided_at, found.p) == ("not-enough-seeds", n, None, 1.0)
    assert (found.plain is None) == (n == 0)


def test_the_weakest_part_of_a_supported_claim():
    parts = [contrast(CLEAR, Bound(b, "above")) for b in (0.0, 0.5, 0.2)]
    assert judge(parts, places=6).part == 1


def test_open_says_both_p_and_the_wider_interval():
    found = judge([contrast((1.0, -0.5, 0.4, 0.1, -0.2))], places=6)
    assert (found.word, found.for_good, found.decided_at) == ("open", False, None)
    assert found.interval is not None and found.plain is not None
    assert found.interval.low < found.plain.low < 0 < found.plain.high < found.interval.high
    assert found.p == min(found.p_supported, found.p_refuted) > 0.05


# ------------------------------------------------------------------------------------------------------- diverged


def test_what_t_crossed_before_the_first_diverged_seed_stands():
    assert judge([contrast((*CLEAR, -INF, -INF, -INF))], places=6).word == "supported"


def test_a_collapse_in_half_of_the_seeds_is_not_supported_by_the_others():
    values = tuple(-INF if i % 2 else 1.0 + i / 100 for i in range(60))
    assert judge([contrast(values)], places=6).word == "open"


def test_counts_decide_after_a_diverged_seed_over_all_seeds():
    values = (-INF, *(1.0 + i / 100 for i in range(40)))
    found = judge([contrast(values)], places=6)
    assert found.word == "supported"
    # 18 of 19: about 2^18 x 2 / (19 x 20) = 1380, the first to pass 6 / (5 % x 1/10) = 1200
    assert found.decided_at == 19
    assert found.plain is None
    assert judge([contrast([-v for v in values])], places=6).word == "refuted"
    assert judge([contrast([NAN] * 40)], places=6).word == "open"


@pytest.mark.parametrize(("kind", "word"), [("level", "supported"), ("contrast", "refuted")])
def test_without_spread_counts_alone_decide_and_on_the_bound_the_kind_does(kind, word):
    values = (93.007,) * 12
    assert judge([MeanPart(kind, values, (Bound(93.007, "above"),))], places=6).word == word
    found = judge([MeanPart(kind, values, (Bound(90.0, "above"),))], places=6)
    assert (found.word, found.decided_at) == ("supported", 12)
    assert judge([MeanPart(kind, values[:11], (Bound(90.0, "above"),))], places=6).word == "open"


def test_a_claim_on_its_bound_stays_open():
    assert judge([contrast([1.0, -1.0] * 40)], places=1).word == "open"


# ------------------------------------------------------------------------------------------------------- ratios


# ------------------------------------------------------------------------------------------------------- always


@given(VALUES, st.sampled_from([1, 6, 60]), st.sampled_from([0.0, 0.5, 1.0]))
@settings(max_examples=150, deadline=None)
def test_a_verdict_once_decided_never_changes(values, places: int, bound: float):
    whole = judge([contrast(values, Bound(bound, "above"), Bound(2.5, "below"))], places)
    for n in range(len(values) + 1):
        early = judge([contrast(values[:n], Bound(bound, "above"), Bound(2.5, "below"))], places)
        if early.decided_at is not None:
            assert repr(dataclasses.replace(whole, n=n)) == repr(early)
        if early.word == "open" and not early.for_good:
            assert whole.decided_at is None or whole.decided_at > n


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_evidence_never_falls_back_and_more_places_never_decide_earlier(values):
    (found,) = contrast(values).evidence()
    assert list(found.met) == sorted(found.met, reverse=True)
    assert list(found.broken) == sorted(found.broken, reverse=True)
    few, many = (judge([contrast(values)], places).decided_at or 10**6 for places in (6, 60))
    assert few <= many


@given(VALUES, st.permutations(range(3)))
@settings(max_examples=60, deadline=None)
def test_the_order_of_parts_does_not_matter(values, order):
    parts = [contrast(values, Bound(b, "above")) for b in (0.0, 0.3, 0.7)]
    one, other = judge(parts, 6), judge([parts[i] for i in order], 6)
    assert (one.word, one.decided_at, one.p, one.p_supported) == (
        other.word,
        other.decided_at,
        other.p,
        other.p_supported,
    )


@pytest.mark.parametrize("closed", [True, False])
def test_the_simulated_rule_is_the_rule(closed: bool):
    """What the benchmark simulates in bulk gives claim by claim what `judge` says."""
    rng = np.random.default_rng(7)
    values = np.round(rng.standard_normal((60, 3, 40)) + rng.choice([-1.0, 0.0, 1.0, 2.0], (60, 1, 1)), 2)
    values = np.where(rng.random(values.shape) < 0.01, -INF, values)
    ((supported, refuted),) = verdict_rules.ours([SimulatedClaim(values, closed=closed, true=True)], 6)
    kind: Kind = "level" if closed else "contrast"
    for one, s, r in zip(values, supported, refuted, strict=True):
        found = judge([MeanPart(kind, tuple(part), ABOVE_0) for part in one.tolist()], 6)
        assert found.decided_at == (None if min(s, r) == verdict_rules.NEVER else min(s, r))
        assert found.word == ("supported" if s < r else "refuted" if r < s else "open")


# ------------------------------------------------------------------------------------------------------- bad input


def test_what_is_no_claim_is_refused():
    with pytest.raises(ValueError, match="parts"):
        judge([], 6)
    with pytest.raises(ValueError, match="0"):
        judge([contrast(CLEAR)], 0)
    with pytest.raises(ValueError, match=r"\[4, 5\]"):
        judge([contrast(CLEAR), contrast(CLEAR[:4])], 6)
    with pytest.raises(ValueError, match="NaN"):
        MeanPart("level", (1.0, NAN), ABOVE_0)
    with pytest.raises(ValueError, match="finite"):
        Bound(INF, "above")
    with pytest.raises(ValueError, match="bound"):
        MeanPart("level", CLEAR, ())
    with pytest.raises(ValueError, match="denominators"):
        RatioPart((1.0,), (1.0, 2.0), ABOVE_0)
