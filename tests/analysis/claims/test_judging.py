"""The word of a claim, from its parts."""

from __future__ import annotations

import math
from dataclasses import replace

from analysis.claims import verdicts as claims
from analysis.data.frames import from_records
from study.spec.claims import Level, Mechanism
from tests.analysis.claims.small_study import SMALL, claim, q, varying, verdict


def test_supported_when_all_parts_are_refuted_when_one_is():
    yes, no = Level(quantity=q(), low=0.0), Level(quantity=q(), low=0.99)
    cannot = Level(quantity=q(at=9), low=0.0)
    assert verdict(yes, yes).verdict == "supported"
    both = verdict(yes, no, cannot)
    assert (both.verdict, both.deciding, both.reason) == ("refuted", 1, "")
    half = verdict(yes, cannot)
    assert (half.verdict, half.deciding, half.judged) == ("not-judged", 1, False)
    assert math.isnan(half.p)
    assert "1 of 2 parts" in half.sentence


def test_a_supported_claim_shows_its_weakest_part_and_one_p_against_five_per_cent():
    weak, strong = Level(quantity=q(), low=0.5), Level(quantity=q(), low=0.0)
    found = [verdict(*parts) for parts in ((weak,), (strong, weak), (weak, strong))]
    assert {v.verdict for v in found} == {"supported"} and [v.deciding for v in found] == [0, 1, 0]
    assert len({v.p for v in found}) == 1 and all(0 < v.p <= 0.05 for v in found), "of the weakest part"
    assert "This is the weakest of its 2 parts." in found[1].details
    assert "Decided after 5 seeds, with seed 4, p below 0.001 against 5 %." in found[0].sentence


def test_an_open_claim_whose_plain_interval_would_decide_names_the_one_that_does():
    mean = verdict(Level(quantity=q(), low=0.0)).part.estimate
    assert mean is not None
    inside = verdict(Level(quantity=q(), low=mean.value))
    assert inside.verdict == "open" and "decides" not in inside.short, "the plain interval holds the bound too"
    beyond = verdict(Level(quantity=q(), low=mean.low - 0.2 * (mean.high - mean.low)))
    assert beyond.verdict == "open" and "The interval that decides is wider: " in beyond.short


def test_a_decided_claim_stays_so_though_what_holds_by_construction_breaks_in_a_later_seed():
    study = claim(Level(quantity=q(), low=0.5), Mechanism(arm="a", rule="updates", value=1875))
    made = list(varying(SMALL, range(8)))
    late = next(r for r in made if r.config.seed == 6 and r.config.lr == SMALL.config("a").lr)
    broken = replace(late, epochs=late.epochs.replace(updates=(7,) * len(late.epochs)))
    made[made.index(late)] = broken
    (before,), (after,) = (claims.judge(study, from_records(r for r in made if r.config.seed < n)) for n in (6, 8))
    assert [(v.verdict, v.decided_at) for v in (before, after)] == [("supported", 5)] * 2
    assert "in 7 of 8 trials" in after.parts[1].finding
    made = [r for r in made if (r.config.seed, r.config.lr) != (4, late.config.lr)]
    (early,) = claims.judge(study, from_records([*made, replace(broken, config=late.config.replace(seed=4))]))
    assert early.verdict == "not-judged", "it breaks in a seed that the verdict rests on"


def test_seeds_in_which_a_mechanism_breaks_are_named_in_the_plural() -> None:
    found = verdict(Mechanism(arm="a", rule="updates", value=1), Level(quantity=q(), low=0.0))
    assert "breaks in seeds 0, 1, 2, 3, 4" in found.reason
