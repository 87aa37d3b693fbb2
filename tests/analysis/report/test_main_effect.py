"""Which effect answers a study in short."""

from __future__ import annotations

import pytest

from analysis.report import effect_axis as ax
from analysis.report.main_effect import effect_by_claims
from tests.analysis.report.test_headline import measured, short, with_claim


@pytest.mark.parametrize("turned", [False, True])
def test_it_is_always_the_change_against_the_baseline(turned: bool) -> None:
    study = with_claim(0.02, None, turned=turned)
    effect = effect_by_claims(study)
    assert effect is not None and (effect.a.arm, effect.b.arm) == ("own/fast", "own/plain")
    found = short(study, measured(study))
    assert found.measured is not None
    bounds = (found.measured.found.low, found.measured.found.high)
    assert bounds == ((None, -2.0) if turned else (2.0, None))
    assert found.row.claimed == (f"below {ax.MINUS}2" if turned else "above 2"), "its unit stands beside the number"
