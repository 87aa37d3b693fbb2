"""Seeds that all give one number: why that leaves a claim open, and how many decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.claims import verdicts as claims
from analysis.claims.sentences import sentence
from analysis.data.frames import from_records
from analysis.text.phrases import after_colon
from study.spec.claims import Contrast, Level
from study.spec.study import Family
from tests.analysis.claims.small_study import CONTRAST, NEAR, SMALL, claim, q, varying, verdict
from tests.synthetic import records


def flat(*parts, seeds, study=SMALL):
    """Judged of seeds that agree to the last digit; b lies 5 points above a, far outside any bound of 0."""
    made = from_records(records(study, range(seeds), noise=0.0, shift={"b": 0.05}))
    (found,) = claims.judge(claim(*parts, study=study), made)
    return found


WRONG = Contrast(a=q("b"), b=q("a"), low=0.3)


BETWEEN = Contrast(a=q("b"), b=q("a"), low=0.3, high=0.4)


@pytest.mark.parametrize(
    ("part", "word", "needed"), [(CONTRAST, "supported", 11), (WRONG, "refuted", 11), (BETWEEN, "refuted", 12)]
)
def test_seeds_without_spread_say_why_they_leave_it_open_and_how_many_decide(part, word, needed):
    v = flat(part, seeds=5)
    assert (v.verdict, v.n, v.part.estimate.low, v.part.estimate.high) == ("open", 5, v.estimate, v.estimate)
    assert v.reason == (
        "all 5 seeds give the same number, so nothing is known of how far seeds vary; only counts of seeds speak, and "
        f"if all go on so, {needed} seeds in all decide it"
    )
    assert after_colon(v.reason) in sentence(v)
    assert flat(part, seeds=needed - 1).verdict == "open"
    assert (flat(part, seeds=needed).verdict, flat(part, seeds=needed).decided_at) == (word, needed)


def test_seeds_without_spread_have_words_in_place_of_an_interval_without_width() -> None:
    open_still, decided = flat(CONTRAST, seeds=5), flat(CONTRAST, seeds=12)
    assert "1.3 points (in all 5 seeds) above" in open_still.sentence and " to " not in open_still.part.finding
    assert open_still.part.said("interval") == open_still.part.finding
    assert decided.verdict == "supported" and "1.3 points (in all 12 seeds) above" in decided.sentence
    assert decided.details[0] == "Counts of seeds decide it: in more than half of seeds it is 1.3 points."
    assert not any("interval that decides" in said for said in decided.details)


def test_a_family_pays_in_seeds_without_spread_too():
    family = replace(SMALL, family=Family(name="f", places=43))
    assert "14 seeds in all decide it" in flat(CONTRAST, seeds=5, study=family).reason
    assert [flat(CONTRAST, seeds=n, study=family).verdict for n in (13, 14)] == ["open", "supported"]


def test_seeds_that_differ_or_another_part_that_does_are_not_called_equal():
    assert verdict(NEAR).reason == "the seeds do not tell yet"
    made = from_records([*varying(SMALL, range(5))])
    (v,) = claims.judge(claim(CONTRAST, Level(quantity=q("a"), low=0.0)), made)
    assert "the same number" not in v.reason
