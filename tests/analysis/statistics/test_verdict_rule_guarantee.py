"""The promise by simulation: any wrong verdict in a whole study at most 5 %, looked at after every seed.

`python -m benchmarks --only verdicts` is the long form.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import verdict_rules, verdict_studies
from benchmarks.verdict_studies import CASES

BY_NAME = {case.name: case for case in CASES}
STUDIES = 600


def rate(name: str, rule: verdict_rules.Rule, studies: int = STUDIES) -> float:
    case = BY_NAME[name]
    claims = case.draw(np.random.default_rng(11), studies)
    return float(verdict_rules.any_wrong(claims, rule(claims, case.places)).mean())


def limit(studies: int = STUDIES) -> float:
    """5 % and three standard errors."""
    return 0.05 + 3 * math.sqrt(0.05 * 0.95 / studies)


@pytest.mark.parametrize("name", ["claims-on-bounds", "all-true", "correlated-opposite", "clear-and-not", "shared-arm"])
def test_any_wrong_verdict_is_rare_under_the_rule(name: str):
    assert rate(name, verdict_rules.ours) <= limit()


@pytest.mark.parametrize("name", ["claims-on-bounds", "all-true", "clear-and-not", "shared-arm"])
def test_it_is_not_under_95_percent_intervals_part_by_part(name: str):
    assert rate(name, verdict_rules.intervals) > limit()


def test_it_is_not_under_holm_over_the_smaller_p(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verdict_studies, "SEEDS", verdict_rules.FIXED)
    studies = 60_000
    assert rate("shared-arm", verdict_rules.holm, studies) > limit(studies)


def test_a_level_that_was_fixed_for_one_look_is_not_for_all():
    every_seed = verdict_rules.RULES["the same at every seed"]
    assert rate("claims-on-bounds", every_seed, 300) > limit(300)
