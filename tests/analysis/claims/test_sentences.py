"""What stands behind a verdict, in the direction of its sentence and with as many digits as it takes."""

from __future__ import annotations

import dataclasses

from analysis.claims import sentences
from analysis.claims.arm_words import ArmWords
from analysis.claims.judged_part import JudgedPart
from analysis.claims.new_examples import ExamplesMargin
from analysis.claims.verdict_json import to_json
from analysis.claims.verdicts import Verdict
from analysis.statistics.assumption import Doubt
from analysis.statistics.estimates import Estimate
from analysis.statistics.evidence import Interval
from analysis.statistics.power import Need
from analysis.text import phrases as wording
from study.spec.claims import Contrast, Level, Quantity
from study.spec.study import Family
from tests.analysis.claims.small_study import NEAR, SMALL, q
from tests.analysis.claims.small_study import verdict as verdict_of


def judged_part(form: Contrast | Level, number: Estimate, low: float, high: float) -> JudgedPart:
    words = ArmWords(baseline="plain", epochs={"plain": 5, "fast": 5})
    unit = (
        wording.unit(form.quantity)
        if isinstance(form, Level)
        else wording.unit(form.a, difference=True, ratio=form.ratio)
    )
    return JudgedPart(
        "w", "c", "supported", number, unit, low_bound=form.low, high_bound=form.high, form=form, words=words,
        decides=Estimate(number.value, low, high, 5),
    )  # fmt: skip


PLAIN, FAST = (Quantity(arm=arm, metric="val_accuracy") for arm in ("plain", "fast"))


def test_what_else_is_known_of_a_number_is_told_in_its_direction() -> None:
    form = Contrast(a=PLAIN, b=FAST, high=0.0)
    margin = ExamplesMargin(Interval(-0.05, -0.08, -0.02, 100, "exact"), 5)
    part = judged_part(form, Estimate(-0.05, -0.06, -0.04, 5), -0.09, -0.01)
    part = dataclasses.replace(part, new_examples=margin, before=Estimate(-0.04, -0.05, -0.03, 5))
    assert sentences.margin_words(part) == "2.0 to 8.0 points"
    assert sentences.margin_words(part, as_claimed=True) == "-8.0 to -2.0 points", (
        "beside numbers of the claim, in a table"
    )
    verdict = Verdict("s", "c", "s.", "supported", (part,), 0)
    assert "Seen before the claim was written, and not used: 4.0 points (3.0 to 5.0, 5 seeds)" in " ".join(
        verdict.details
    )


def test_an_interval_that_says_larger_too_is_told_as_so_many_times_as_large() -> None:
    """It was "2.2 times smaller ... The interval that decides: above 0.7 times", of which nobody knows what is 0.7."""
    gaps = [Quantity(arm=arm, metric="loss_gap") for arm in ("fast", "plain")]
    form = Contrast(a=gaps[0], b=gaps[1], low=0.5, ratio=True)
    both = judged_part(form, Estimate(0.45, 0.25, 0.65, 6), -0.5, 1.4)
    assert "2.2 times (1.5 to 4.0) smaller" in both.said("interval") and "at most 2 times smaller" in both.finding
    assert sentences.interval_words(both) == "-0.5 to 1.4 times as large"
    smaller = judged_part(form, Estimate(0.45, 0.25, 0.65, 6), 0.2, 0.75)
    assert sentences.interval_words(smaller) == "1.3 to 5.0 times"
    near = judged_part(form, Estimate(0.45, 0.25, 0.65, 6), 0.03, 1.02)
    assert sentences.interval_words(near) == "0.03 to 1.02 times as large", "it is seen on which side of 1 it ends"


def test_where_new_examples_change_nothing_there_is_one_number() -> None:
    """It was "anywhere from 100 to 100 % of seeds"."""
    form = Level(quantity=PLAIN, low=0.1, share=0.5)
    margin = ExamplesMargin(Interval(1.0, 1.0, 1.0, 397, "exact"), 5)
    part = judged_part(form, Estimate(1.0, 0.55, 1.0, 5), 0.5, 1.0)
    part = dataclasses.replace(part, unit=wording.SHARE, share=0.5, new_examples=margin)
    verdict = Verdict("s", "c", "s.", "supported", (part,), 0)
    assert "On 397 new examples like these, with the same seeds, the number stays at 100 % of seeds." in verdict.details


def test_a_claim_that_lost_a_trial_is_judged_by_counts_and_its_interval_is_of_seeds() -> None:
    part, endings = Contrast(a=q("b"), b=q("a"), low=0.0), {("a", 3): ("diverged", 2)}
    found = verdict_of(part, seeds=range(12), shift={"b": 0.05}, endings=endings)
    assert (found.verdict, found.decided_at) == ("supported", 11)
    why = "A trial diverged or failed, so there is no mean and the claim must be met in more than half of seeds."
    assert found.sentence.count(why) == 1
    assert found.details[0] == "The interval that decided, after 11 seeds: 51 to 100 % of seeds."
    two = verdict_of(dataclasses.replace(part, high=0.5), seeds=range(12), shift={"b": 0.05}, endings=endings)
    assert two.part.decides is None, "its two bounds are counted one by one"
    assert "no mean and each end must be met in more than half of seeds" in two.sentence
    late = verdict_of(part, seeds=range(12), shift={"b": 0.05}, endings={("a", 9): ("diverged", 2)})
    assert (late.verdict, late.decided_at, late.part.decides) == ("supported", 5, None), "t decided before"


def test_an_open_ratio_whose_denominator_may_be_0_at_that_level_says_so() -> None:
    part = Contrast(a=q("b", "val_loss"), b=q("a", "val_loss"), low=0.5, ratio=True)
    family = Family(name="f", places=100_000)
    found = verdict_of(part, study=dataclasses.replace(SMALL, family=family), noise=0.03)
    assert found.verdict == "open" and found.part.decides is None and found.low > 0.5
    assert sentences.NO_END_YET in found.details and sentences.NO_END_YET in found.short


def test_a_short_line_says_what_stands_in_the_way() -> None:
    level = Level(quantity=q("a"), low=0.1)
    flat = verdict_of(level, noise=0.0)
    assert flat.verdict == "open" and flat.part.decides is None, "no look has excluded anything"
    assert flat.need is not None and sentences.seeds_needed(flat) and not sentences.still_needed(flat)
    assert flat.sentence.count("seeds in all decide it") == 1 and "would decide it" not in flat.sentence
    assert "All 5 seeds give the same number" in flat.short and "interval that decides" not in flat.short
    assert not any("interval that decides" in said for said in flat.details)
    gap = verdict_of(level, seeds=(0, 1, 2, 3, 6))
    assert gap.verdict == "not-enough-seeds" and gap.short.endswith(
        "A has no trial of seed 4, so later ones wait (the first is 6): --seeds 0-6 fills the gap."
    )
    near = verdict_of(NEAR)
    assert near.verdict == "open" and "do not tell" not in near.short


def test_a_range_of_seeds_without_an_upper_end_is_told_as_what_may_be() -> None:
    need = Need(16, None, 0.8, 0.3, 200, (*[0.0] * 14, 0.08, *[0.2] * 100, *[0.7] * 85))
    assert sentences.advice(need) == (
        "16 to 200 seeds in all would decide it, with a chance of 62 %; "
        "with a chance of 30 % even 200 seeds leave it open"
    )


def test_what_was_simulated_is_never_told_as_certain() -> None:
    never = Need(None, None, 0.8, 1.0, 80, (0.0,) * 80)
    assert sentences.advice(never) == "with a chance above 99 % even 80 seeds leave it open"
    surely = Need(5, 5, 0.8, 0.0, 80, (*[0.0] * 4, *[1.0] * 76))
    assert sentences.advice(surely) == "5 seeds in all would decide it, with a chance of 80 %"


def test_a_claim_with_one_look_says_when_it_comes_and_how_likely_it_decides() -> None:
    once = Need(None, None, 0.8, 0.97, 80, (*[0.0] * 4, *[0.03] * 76), one_look=5)
    assert sentences.advice(once) == "it is judged once, at 5 seeds, which decide it with a chance of 3 %"


def test_a_ratio_that_is_decided_without_one_interval_says_so_and_has_its_p() -> None:
    form = Contrast(a=PLAIN, b=FAST, low=0.5, ratio=True)
    part = judged_part(form, Estimate(1.5, 0.9, 2.5, 11), 0.4, 3.0)
    part = dataclasses.replace(part, decides=None, p_supported=0.04)
    verdict = Verdict("s", "c", "s.", "supported", (part,), 0, decided_at=11, path=tuple(range(11)), p=0.04)
    assert sentences.NO_ONE_INTERVAL in verdict.details and sentences.NO_END_YET not in verdict.details
    assert to_json([verdict])[0]["parts"][0]["p"] == 0.04


def test_seeds_that_do_not_look_normal_are_said_of_every_part_that_the_verdict_rests_on() -> None:
    """Of a supported claim it was said of the weakest part alone."""
    form, number = Level(quantity=PLAIN, low=0.8), Estimate(0.9, 0.88, 0.92, 5)
    plain = judged_part(form, number, 0.85, 0.95)
    odd = dataclasses.replace(plain, doubts=(Doubt("two groups of seeds", (0, 3), 0.001),))
    said = {}
    for word in ("supported", "refuted"):
        v = Verdict("s", "c", "s.", word, (plain, odd), 0, path=(5, 6, 7, 8, 9), decided_at=5, p=0.01)
        said[word] = [line for line in sentences.details(v) if "do not look normal" in line]
    wanted = "The seeds of part 2 do not look normal: two groups of seeds (seeds 5, 8)."
    assert said == {"supported": [wanted], "refuted": []}
    of_its_own = Verdict("s", "c", "s.", "refuted", (plain, odd), 1, path=(5, 6, 7, 8, 9), decided_at=5, p=0.01)
    assert any(line.startswith("The seeds do not look") for line in sentences.details(of_its_own))
