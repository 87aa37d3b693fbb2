"""Associations over arms: exact permutations, one look, and how many arms it takes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from analysis.statistics.permutation import AssociationPart, arms_needed
from analysis.statistics.verdict_rule import judge


def part(arms: int, seeds: int = 5, *, turn: int = 1, direction="above", looks_at: int = 5) -> AssociationPart:
    x = tuple(tuple(float(i) for _ in range(seeds)) for i in range(arms))
    y = tuple(tuple(turn * i + 0.01 * s for s in range(seeds)) for i in range(arms))
    return AssociationPart(x, y, direction, looks_at)


def test_arms_needed():
    assert [arms_needed(m) for m in (1, 5, 6, 10, 20, 50, 100)] == [4, 5, 5, 6, 6, 7, 7]


@pytest.mark.parametrize("places", [1, 5, 6, 10, 20, 50, 100])
def test_so_many_arms_can_decide_and_one_fewer_cannot(places: int):
    arms = arms_needed(places)
    found = judge([part(arms)], places)
    assert found.word == "supported"
    assert found.p == pytest.approx(float(Fraction(places, math.factorial(arms))))
    assert judge([part(arms - 1)], places).word == "open"


def test_the_other_direction_refutes():
    assert judge([part(6, turn=-1)], 6).word == "refuted"
    assert judge([part(6, turn=-1, direction="below")], 6).word == "supported"


def test_by_hand_of_three_arms():
    # ranks 1 3 2 against 1 2 3: of the six orders three correlate as much (1, 0.5, 0.5)
    x = AssociationPart(((1.0,) * 5, (2.0,) * 5, (3.0,) * 5), ((1.0,) * 5, (9.0,) * 5, (8.0,) * 5))
    (found,) = x.evidence()
    assert found.met == (Fraction(3, 6),)
    estimate = x.estimate(5)
    assert estimate is not None and estimate.value == pytest.approx(0.5)


def test_ties_and_constants_are_no_evidence():
    flat = AssociationPart(((1.0,) * 5,) * 6, tuple((float(i),) * 5 for i in range(6)))
    assert flat.evidence()[0].met == (Fraction(1),)


def test_one_look_at_its_frozen_number_of_seeds():
    assert [judge([part(6, seeds, looks_at=8)], 6).word for seeds in (4, 5, 7, 8, 20)] == [
        "not-enough-seeds",
        "open",
        "open",
        "supported",
        "supported",
    ]
    assert judge([part(6, 20, looks_at=8)], 6).decided_at == 8
    with pytest.raises(ValueError, match="5 seeds or more"):
        part(6, looks_at=4)
    with pytest.raises(ValueError, match="at least 3"):
        part(2)


def test_many_arms_are_sampled_and_the_same_each_time():
    found = part(12).evidence()
    assert found == part(12).evidence()
    assert found[0].met[0] == Fraction(1, 100_000)


def test_chance_alone_crosses_as_seldom_as_promised():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((400, 5, 5))
    y = rng.standard_normal((400, 5, 5))
    found = [
        AssociationPart(tuple(map(tuple, a)), tuple(map(tuple, b))).evidence()[0].met[0] <= 0.1
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    assert np.mean(found) <= 0.1 + 3 * math.sqrt(0.09 / 400)
