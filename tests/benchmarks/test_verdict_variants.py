"""The rules that were not taken keep their level, so that their figures beside ours are of like with like."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import verdict_rules, verdict_variants
from benchmarks.verdict_studies import SimulatedClaim


@pytest.mark.parametrize("rule", [verdict_variants.mixture, verdict_variants.block_ends])
def test_a_claim_on_its_bound_is_decided_by_chance_alone(rule: verdict_rules.Rule) -> None:
    on_bound = SimulatedClaim(np.random.default_rng(7).standard_normal((4000, 1, 24)), closed=False, true=False)
    ((supported, refuted),) = rule([on_bound], 1)
    for decided in (supported, refuted):
        assert 0.005 < (decided < verdict_rules.NEVER).mean() < 0.05
        assert decided.min() >= 5, "no verdict below five seeds"


def test_all_parts_support_and_one_part_refutes_at_a_level_that_pays_for_all() -> None:
    values = np.random.default_rng(7).standard_normal((50, 2, 24)) + np.array([4.0, -4.0])[:, None]
    ((supported, refuted),) = verdict_variants.mixture([SimulatedClaim(values, closed=False, true=False)], 6)
    assert (supported == verdict_rules.NEVER).all() and (refuted < 12).all()
    ((alone, _),) = verdict_variants.mixture([SimulatedClaim(-values[:, 1:], closed=False, true=True)], 6)
    assert (refuted >= alone).all() and (refuted > alone).any(), "two parts share the level"
