"""A study in short: which effect is its main one, what is said of it, and how it is drawn."""

from __future__ import annotations

import dataclasses
import re

import pytest

from analysis.claims.queries import Measurements, NotMeasured
from analysis.claims.verdicts import judge
from analysis.data.arms import arm_epochs
from analysis.data.frames import from_records
from analysis.report import effect_axis as ax
from analysis.report import html, markdown
from analysis.report.chart_blocks import AnswerRow
from analysis.report.curve_chart import curve_chart
from analysis.report.forest import forest
from analysis.report.headline import (
    BY_RULE,
    StudyInShort,
    answer_groups,
    study_in_short,
)
from analysis.report.page_tree import Page, Section
from analysis.statistics.estimates import Estimate
from analysis.tables.effects import effects
from analysis.tables.overfitting import overfitting
from analysis.text.phrases import Unit
from study.spec.claims import Claim, Contrast, CurvePlace, Level, Quantity
from study.spec.study import Arm, Effect, Study
from tests import synthetic

STUDY = Study(
    name="own",
    title="Own",
    question="Does it help?",
    knobs=("lr",),
    epochs=5,
    arms=(
        Arm(name="plain"),
        Arm(name="fast", change={"lr": 0.1}, say="the fast one"),
        Arm(name="slow", change={"lr": 0.001}),
    ),
)


def measured(study: Study, seeds: tuple[int, ...] = (0, 1, 2), **how: object) -> Measurements:
    records = synthetic.records(study, seeds, **how)  # type: ignore[arg-type]
    return Measurements({study.name: study}, from_records(records))


def short(study: Study, measurements: Measurements) -> StudyInShort:
    return study_in_short(study, measurements, judge(study, measurements.frames, measurements.studies), BY_RULE)


def test_a_number_whose_part_is_decided_does_not_bear_the_verdict_of_another_part() -> None:
    """It was "-0.7, open, claimed below 0", with its interval on the claimed side; then "no claim"."""
    study = with_claim(0.0, None, turned=False)
    measurements = measured(study, tuple(range(8)), shift={"fast": 0.2}, noise=0.01)
    (verdict,) = judge(study, measurements.frames, measurements.studies)
    mine, other = (dataclasses.replace(verdict.parts[0], verdict=word) for word in ("supported", "open"))
    claim = dataclasses.replace(study.claims[0], parts=(study.claims[0].parts[0],) * 2)
    both = dataclasses.replace(verdict, verdict="open", parts=(mine, other), deciding=1)
    row = study_in_short(dataclasses.replace(study, claims=(claim,)), measurements, [both], BY_RULE).row
    assert (row.verdict, row.claimed) == ("supported", "above 0, 1 of 2 parts")


def test_a_row_that_is_open_names_the_interval_that_leaves_it_so() -> None:
    """Its 95 % interval alone, beyond the bound, made "open" look like a mistake."""
    study = with_claim(0.0, None, turned=False)
    measurements = measured(study, tuple(range(8)), shift={"fast": 0.65}, noise=0.05)
    (group,) = answer_groups([short(study, measurements)])
    (row,) = group.rows
    assert row.effect is not None and (row.verdict, row.deciding) == ("supported", "")
    assert (row.effect.interval, row.effect.deciding) == ("3.2 to 3.9", "2.2 to 4.7")
    undecided = dataclasses.replace(group, rows=(dataclasses.replace(row, verdict="open"),))
    page = Page("T", "L", False, (), (Section("s", "S", (undecided,)),))
    for made in (markdown.render(page), html.render(page)):
        assert "claimed above 0; the verdict rests on 2.2 to 4.7" in made


def with_claim(low: float | None, high: float | None, *, turned: bool) -> Study:
    arms = ("plain", "fast") if turned else ("fast", "plain")
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in arms)
    claim = Claim(id="c-1", statement="It helps.", parts=(Contrast(a=a, b=b, low=low, high=high),))
    return dataclasses.replace(STUDY, claims=(claim,))


def test_a_level_that_is_claimed_has_its_verdict_beside_it() -> None:
    """It was "no claim", and "Nothing was claimed of it"."""
    of = Quantity(arm="plain", metric="val_accuracy", at=5)
    parts = (Level(quantity=of, low=0.1), Level(quantity=of, high=0.1))
    claims = tuple(Claim(id=f"c-{i}", statement="It learns.", parts=(part,)) for i, part in enumerate(parts))
    study = dataclasses.replace(STUDY, arms=STUDY.arms[:1], claims=claims)
    found = short(study, measured(study, tuple(range(8)), noise=0.01))
    assert (found.row.verdict, found.row.claimed) == ("supported", "above 10")
    assert found.measured is not None and found.measured.found.alt.endswith("Claimed above 10 %: supported.")
    other = dataclasses.replace(study, claims=(dataclasses.replace(claims[0], parts=(REACHED,)),))
    assert short(other, measured(other, tuple(range(8)))).row.verdict == "none", "of another number"


REACHED = Level(quantity=Quantity(arm="plain", metric="val_accuracy", reaches=0.1), high=5)


@pytest.mark.parametrize("answer", ["Adam reaches 85 % first in 45 of 65 seeds, SGD in 13.", "Dropout cuts the gap."])
def test_an_answer_that_sounds_sure_beside_an_open_verdict_says_that_it_is_not_decided(answer: str) -> None:
    """Adam was "faster than SGD" beside "open": 45 of 65 seeds lie beyond the 95 % interval, and decide nothing."""
    row = AnswerRow("a", "s", "Is Adam faster than SGD?", answer, None)
    assert row.judged("open").answer == f"{answer} The seeds have not decided it."
    assert row.judged("supported").answer == answer
    for claimed in ("above 0", "below 0", "in more than half of seeds", "above 0, in at least 90 % of seeds"):
        assert row.judged("open", claimed, "points").answer == f"{answer} The seeds have not decided it."
    said = "The seeds have not decided whether the change is below \N{MINUS SIGN}2 points."
    assert row.judged("open", "below \N{MINUS SIGN}2", "points", "the change").answer == f"{answer} {said}"
    unsure = dataclasses.replace(row, answer=f"We do not know whether it helps: {answer}")
    assert unsure.judged("open") == dataclasses.replace(unsure, verdict="open")


def test_a_claim_about_a_share_of_seeds_is_told_as_one_and_goes_behind_one_about_the_mean() -> None:
    """It was "supported, claimed above -50" beside the mean."""
    a, b = (Quantity(arm=arm, metric="val_accuracy") for arm in ("fast", "plain"))
    share = Claim(id="z-1", statement="Mostly.", parts=(Contrast(a=a, b=b, low=-0.5, share=0.5),))
    mean = Claim(id="z-2", statement="In the mean.", parts=(Contrast(a=a, b=b, low=-0.2, high=0.2),))
    for claims, claimed in (((share,), f"above {ax.MINUS}50, in at least 50 % of seeds"), ((share, mean), "20 to 20")):
        study = dataclasses.replace(STUDY, claims=claims)
        found = short(study, measured(study, tuple(range(8)), noise=0.01))
        assert found.row.claimed.removeprefix(ax.MINUS) == claimed and found.measured is not None
        assert (
            f"Claimed {claimed.replace(ax.MINUS, '-').replace('50,', '50 points,')}" in found.measured.found.alt
        ) == (len(claims) == 1)


def test_a_number_that_lies_on_a_side_is_not_0() -> None:
    """It was "0 points (-6 to 5)"."""
    shown = ax.number_and_interval(Estimate(-0.31, -5.9, 5.3, 8), Unit(1.0, "points"), signed=True)
    assert shown == (f"{ax.MINUS}0.3", f"{ax.MINUS}6 to 5")


def test_a_study_without_claims_has_an_answer_too() -> None:
    found = short(STUDY, measured(STUDY))
    assert found.row.verdict == "none" and found.row.claimed == ""
    assert found.measured is not None and found.measured.effect.a.arm == "own/fast"
    assert found.row.answer.count(".") >= 1 and "%" in found.row.answer
    assert "fast one" in found.row.answer and "inconclusive" not in found.row.answer


def test_one_seed_has_numbers_and_no_interval() -> None:
    found = short(STUDY, measured(STUDY, (0,)))
    assert found.row.answer.startswith("With one seed, ")
    (group,) = answer_groups([found])
    effect = group.rows[0].effect
    assert effect is not None and effect.interval == "" and effect.mark is not None and effect.mark.interval is None


def test_an_arm_that_diverged_says_so() -> None:
    found = short(STUDY, measured(STUDY, endings={("fast", 1): ("diverged", 2)}))
    assert found.measured is None and "Not measured" not in found.row.answer
    assert found.row.answer.startswith("The fast one diverged in 1 of 3 seeds. Plain ends at ")
    (group,) = answer_groups([found])
    assert group.rows[0].effect is None


def test_nothing_was_trained() -> None:
    study = dataclasses.replace(STUDY, arms=STUDY.arms[:1])
    measurements = Measurements({study.name: study}, from_records([]))
    assert short(study, measurements).row.answer == "Nothing is trained yet."
    nobody = Measurements({STUDY.name: STUDY}, from_records([]))
    assert short(STUDY, nobody).row.answer == "Nothing is trained yet."
    plain = measured(STUDY, (0,), skip=[("fast", 0)])
    assert short(STUDY, plain).row.answer == "Not measured yet: the fast one has no trials.", "not own/fast"


def test_a_declared_effect_goes_first() -> None:
    study = dataclasses.replace(
        with_claim(0.0, None, turned=False), effect=Effect(arm="slow", metric="accuracy_gap", at=3)
    )
    found = short(study, measured(study))
    assert found.measured is not None and found.row.verdict == "none"
    assert found.measured.effect.a == Quantity(arm="own/slow", metric="accuracy_gap", at=3)


@pytest.mark.parametrize(
    ("at", "said"), [(2, "after 2 epochs"), (1, "after 1 epoch"), ("max", "at its highest"), (5, "")]
)
def test_an_effect_that_is_not_at_the_end_says_where_it_is(at: CurvePlace, said: str) -> None:
    """It read as if it were of the end, whose numbers stand in the table beside it."""
    study = dataclasses.replace(STUDY, effect=Effect(arm="fast", metric="val_accuracy", at=at))
    found = short(study, measured(study))
    assert found.measured is not None
    for text in (found.row.answer, found.measured.effect.what):
        assert said in text and (said or not re.search(r"after \d+ epoch", text))
    alone = dataclasses.replace(study, arms=STUDY.arms[:1], effect=Effect(arm="plain", metric="val_accuracy", at=at))
    assert (f" {said}" if said else " ends at ") in short(alone, measured(alone)).row.answer


def test_arms_that_are_compared_at_different_epochs_say_both() -> None:
    a, b = (Quantity(arm=arm, metric="val_accuracy", at=at) for arm, at in (("fast", 2), ("plain", 4)))
    claim = Claim(id="c-1", statement="It helps.", parts=(Contrast(a=a, b=b, low=0.0),))
    study = dataclasses.replace(STUDY, claims=(claim,))
    said = short(study, measured(study, (0,))).row.answer
    assert " after 2 epochs with the fast one and " in said and said.endswith(" after 4 epochs with plain.")


def test_an_effect_that_a_reduced_run_does_not_reach_is_shown_after_its_last_epoch() -> None:
    """Five of the demo's twelve questions had no answer, for their effect is after epoch 5 of 3."""
    whole = dataclasses.replace(STUDY, effect=Effect(arm="fast", metric="val_accuracy", at=5))
    reduced = dataclasses.replace(
        whole, epochs=3, arms=tuple(dataclasses.replace(a, epochs=3) for a in whole.arms), reduced=("plain", "fast")
    )
    found = short(reduced, measured(reduced))
    assert found.measured is not None and found.measured.effect.a.at == found.measured.effect.b.at == 3
    assert "Not measured" not in found.row.answer
    assert short(whole, measured(whole)).measured.effect.a.at == 5  # type: ignore[union-attr]


# ----------------------------------------------------------------------------------------------------- declared answers


def test_an_epoch_that_never_came_is_in_no_mean() -> None:
    a, b = (Quantity(arm=arm, metric="val_accuracy", reaches=0.78) for arm in ("fast", "plain"))
    claim = Claim(id="c-1", statement="It is first.", parts=(Contrast(a=a, b=b, high=0.0),))
    study, seeds = dataclasses.replace(STUDY, claims=(claim,)), tuple(range(9))
    always = short(study, measured(study, seeds, shift={"fast": 0.62}))
    assert always.measured is not None and always.measured.unit.word == "epochs"
    never = short(study, measured(study, seeds, shift={"fast": 0.62, "plain": -0.5}))
    assert never.measured is None, "plain has no epoch, so there is no difference of epochs"
    assert never.row.answer == "The fast one reaches 78 % after 2 epochs, plain never within 5 epochs."
    assert never.row.verdict == "supported"
    other = short(study, measured(study, seeds, shift={"fast": -0.5, "plain": 0.62}))
    assert other.row.answer == "The fast one does not reach 78 % within 5 epochs; plain does after 1 epoch."
    none = short(study, measured(study, seeds, shift={"fast": -0.5, "plain": -0.5}))
    assert none.row.answer == "Neither the fast one nor plain reaches 78 % within 5 epochs."
    made = list(synthetic.records(study, seeds, shift={"fast": 0.62, "plain": -0.5}))
    late = [synthetic.changed(r, -1, val_accuracy=0.99) if r.config.seed < 3 else r for r in made]
    some = Measurements({study.name: study}, from_records(late))
    assert short(study, some).row.answer.endswith("plain within 5 epochs in 3 of 9 seeds.")
    with pytest.raises(NotMeasured, match="own/plain does not get there within 5 epochs in 6 of 9 seeds"):
        some.estimate(dataclasses.replace(b, arm="own/plain"))


# ---------------------------------------------------------------------------------------------------------------- axes


def test_what_was_selected_on_the_validation_part_says_so() -> None:
    falling = dataclasses.replace(
        STUDY,
        knobs=("schedule",),
        arms=(Arm(name="plain"), Arm(name="annealed", change={"schedule": "plateau"})),
        effect=Effect(arm="annealed", metric="accuracy_gap"),
        answer="It ends at {val_accuracy of annealed}.",
    )
    found = short(falling, measured(falling))
    assert re.fullmatch(r"It ends at [\d.]+ %, selected on val\.", found.row.answer)
    assert found.measured is not None and found.measured.effect.what == "gap, annealed against plain, selected on val"
    other = dataclasses.replace(falling, effect=Effect(arm="annealed", metric="train_accuracy"))
    for answer in ("It ends at {val_accuracy of plain}.", "It ends at {train_accuracy of annealed}.", ""):
        found = short(one := dataclasses.replace(other, answer=answer), measured(one))
        assert "elected" not in found.row.answer
        assert found.measured is not None and "selected" not in found.measured.effect.what
    best = dataclasses.replace(other, answer="It ends at {val_accuracy of plain at best}.")
    assert short(best, measured(best)).row.answer.endswith(", selected on val.")
    table, epochs = effects(falling, measured(falling).frames), arm_epochs(measured(falling).frames, falling)
    drawn, chart = forest(falling, table), curve_chart(falling, epochs, ())
    assert drawn is not None and drawn.note.endswith("Selected on val: annealed.")
    assert chart is not None and chart.note.endswith("Selected on val: annealed.")
    (note,) = set(
        overfitting(falling, measured(falling).frames).query("arm == 'annealed' and measure == 'val_loss'").note
    )
    assert note == "selected on val: the plateau schedule of annealed follows the validation loss"


def test_seeds_that_all_give_one_number_have_no_interval_of_no_width() -> None:
    assert ax.number_and_interval(Estimate(100.0, 100.0, 100.0, 5), Unit(), signed=False) == ("100", "in all 5 seeds")
    assert ax.number_and_interval(Estimate(-3.0, -4.0, -2.0, 5), Unit(), signed=True) == (
        f"{ax.MINUS}3.0",
        f"{ax.MINUS}4.0 to {ax.MINUS}2.0",
    )


def test_verbs_fit_an_arm_whose_name_is_plural() -> None:
    """First screens said "Four units lowers accuracy"."""
    fast = dataclasses.replace(STUDY.arm("fast"), say="four units")
    study = dataclasses.replace(STUDY, arms=tuple(fast if a.name == "fast" else a for a in STUDY.arms))
    said = short(study, measured(study, shift={"fast": 0.9})).row.answer
    assert said.startswith(("Four units raise ", "Four units lower ", "We do not know whether four units change "))
    plain = measured(study, (0,), skip=[("fast", 0)])
    assert short(study, plain).row.answer == "Not measured yet: four units have no trials."


def test_a_study_whose_claims_are_of_other_numbers_shows_their_verdicts() -> None:
    """It said "no claim", "measured only" above the marks of its claims."""
    losses = (("plain", 9.0), ("fast", 9.0), ("slow", 0.0))
    claims = tuple(
        Claim(
            id=f"loss-{arm}", statement="S.", parts=(Level(quantity=Quantity(arm=arm, metric="val_loss"), high=high),)
        )
        for arm, high in losses
    )
    study = dataclasses.replace(STUDY, claims=claims)
    row = short(study, measured(study, tuple(range(5)))).row
    assert row.verdict == "none" and row.of_other_numbers == (("supported", 2), ("refuted", 1))
    (group,) = answer_groups([short(study, measured(study, tuple(range(5))))])
    said = markdown.render(Page("T", "", False, (), (Section("answers", "Answers", (group,)),)))
    assert "claimed of other numbers: 2 supported, 1 refuted" in said and "no claim" not in said
    page = html.render(Page("T", "", False, (), (Section("answers", "Answers", (group,)),)))
    assert "2 supported" in page and "1 refuted" in page and "claimed of other numbers" in page
    assert "measured only" not in page
    spoken = dataclasses.replace(row, verdict="supported", claimed="above 0")
    assert spoken.of_other_numbers == ()


def test_the_answer_of_one_pair_speaks_of_that_pair_where_one_arm_has_more_seeds() -> None:
    """While a run goes on: "the gap is 2.3 points and 3.1" beside a change of -0.9: 3.1 was over two seeds."""
    study = dataclasses.replace(STUDY, arms=STUDY.arms[:2])
    records = synthetic.records(study, (0, 1), skip=[("fast", 1)], shift={"fast": -0.05})
    asked = {"own/plain": (0, 1), "own/fast": (0,)}  # as of a run that goes on
    found = short(study, Measurements({study.name: study}, from_records(records), asked))
    assert (
        found.row.answer.startswith("In the one seed that both have, ")
        and "lower with the fast one" in found.row.answer
    )
    assert found.measured is not None
    number, _ = ax.number_and_interval(found.measured.found.estimate, found.measured.unit, signed=True)
    assert f"is {number.lstrip(ax.MINUS)} points lower" in found.row.answer
