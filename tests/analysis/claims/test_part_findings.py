"""What is found of one part: what it would need, and how likely that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.claims import verdicts as claims
from analysis.data.frames import from_records
from analysis.text.phrases import SHARE
from study.spec.claims import Contrast, Level
from tests.analysis.claims.small_study import CONTRAST, SMALL, claim, q, varying, verdict


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


@pytest.mark.parametrize("ratio", [False, True])
def test_where_a_trial_was_lost_all_that_is_said_is_of_seeds(ratio: bool) -> None:
    claimed = Contrast(a=q("b"), b=q("a"), low=1.0 if ratio else 0.0, ratio=ratio)
    v = verdict(claimed, endings={("b", s): ("diverged", 2) for s in range(2, 12)}, seeds=range(12))
    assert v.part.unit == SHARE and v.part.holds_in is not None and v.estimate == v.part.holds_in / 12
    kind = "ratio" if ratio else "mean"
    assert f"so there is no {kind} and the claim must be met in more than half of seeds" in v.sentence
    assert "denominator" not in v.sentence
    assert v.part.decides is not None and 0 <= v.part.decides.low <= v.estimate <= v.part.decides.high <= 1


def test_what_was_seen_before_is_a_share_too_where_a_trial_was_lost_since() -> None:
    study = claim(CONTRAST)
    late = replace(study, claims=(replace(study.claims[0], from_seed=4),))
    made = from_records(varying(SMALL, range(10), shift={"b": 0.2}, endings={("b", 7): ("diverged", 2)}))
    (v,) = claims.judge(late, made)
    assert v.part.unit == SHARE and v.part.before is not None
    assert (v.part.before.value, v.part.before.n) == (1.0, 4)
