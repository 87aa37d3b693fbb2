"""What is found of one part: what it would need, and how likely that is."""

from __future__ import annotations

from study.spec.claims import Level
from tests.analysis.claims.small_study import q, verdict


def test_a_level_near_its_bound_is_open_and_says_how_many_seeds_as_a_range_with_its_chance():
    middle = verdict(Level(quantity=q(), low=0.0)).estimate
    v = verdict(Level(quantity=q(), low=middle - 8e-3))
    assert (v.verdict, v.judged, v.decided_at) == ("open", True, None)
    assert v.need is not None and v.need.low is not None and v.need.high is not None
    assert 5 < v.need.low < v.need.high <= v.need.most
    assert f"{v.need.low} to {v.need.high} seeds in all would decide it, with a chance of 80 %" in v.sentence
    assert v.part.decides is not None and v.part.decides.low < v.low < v.high < v.part.decides.high


def test_on_its_bound_a_claim_stays_open_and_says_that_seeds_hardly_decide_it():
    middle = verdict(Level(quantity=q(), low=0.0)).estimate
    v = verdict(Level(quantity=q(), low=middle))
    assert v.verdict == "open" and v.need is not None and v.need.high is None and v.need.undecided > 0.5
    assert "even 80 seeds leave it open" in v.sentence
