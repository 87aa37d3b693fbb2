"""A number that was selected on the validation part says so, wherever it is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from analysis.claims import verdicts as claims
from analysis.claims.verdict_json import to_json
from analysis.claims.verdicts import Verdict
from analysis.data.frames import from_records
from analysis.tables.overfitting import overfitting
from analysis.tables.sheets import overfitting_sheet
from study.cli.claims_text import long_text as text
from study.spec.claims import Claim, Contrast, CurvePlace, Form, Level, Quantity, Trajectory
from study.spec.study import Arm, Study
from tests import synthetic
from trainables.config.identity import CODE_VERSION
from trainables.records.metric_sources import sources
from trainables.records.metric_sources import test_sources as sources_of_test
from trainables.records.trial_record import TrialRecord

STUDY = Study(
    name="small",
    title="t",
    question="q",
    knobs=("schedule",),
    epochs=3,
    arms=(Arm(name="a"), Arm(name="cut", change={"schedule": "plateau"})),
)
CUT, A = Quantity(arm="cut", metric="val_accuracy"), Quantity(arm="a", metric="val_accuracy")


def made(*, tested: bool = False) -> Iterator[TrialRecord]:
    for one in synthetic.records(STUDY):
        if tested:
            value = 0.25 + 0.001 * one.config.seed * (2 if one.config.schedule == "plateau" else 1)
            columns = one.epochs.replace(
                **dict.fromkeys(("test_accuracy", "test_loss"), (float("nan"),) * 2 + (value,))
            )
            given = {**sources(), **sources_of_test("part")}
            one = dataclasses.replace(one, epochs=columns, format=2, measured_by=given)
        yield one


def judged(*parts: Form, tested: bool = False) -> Verdict:
    study = dataclasses.replace(STUDY, claims=(Claim(id="x", statement="s.", parts=parts),))
    (found,) = claims.judge(study, from_records(made(tested=tested)), {})
    return found


NEAR = Study(name="near", title="t", question="q", knobs=("lr",), epochs=3, arms=(Arm(name="b", change={"lr": 0.5}),))
APART = Contrast(a=A, b=dataclasses.replace(A, arm="near/b"), differ=("lr",), high=1.0)
ACROSS = dataclasses.replace(STUDY, claims=(Claim(id="x", statement="s.", parts=(APART,)),))
"""A study with a claim that compares its arm with one of the study beside it."""


def test_arms_of_two_studies_are_not_compared_on_different_data_of_one_name() -> None:
    mine, theirs = list(synthetic.records(STUDY)), list(synthetic.records(NEAR))
    (alike,) = claims.judge(ACROSS, from_records([*mine, *theirs]), {"near": NEAR})
    theirs = [dataclasses.replace(r, data_checksum="6" * 64) for r in theirs]
    (unlike,) = claims.judge(ACROSS, from_records([*mine, *theirs]), {"near": NEAR})
    assert alike.verdict in ("supported", "open") and unlike.verdict == "not-judged"
    assert "trained on different data called" in unlike.sentence


def test_arms_of_two_studies_are_not_compared_as_different_code_trained_them() -> None:
    mine, theirs = list(synthetic.records(STUDY)), list(synthetic.records(NEAR))
    theirs = [dataclasses.replace(r, code_version=CODE_VERSION + 1) for r in theirs]
    (unlike,) = claims.judge(ACROSS, from_records([*mine, *theirs]), {"near": NEAR})
    assert unlike.verdict == "not-judged" and "different versions of the training code" in unlike.sentence


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (Level(quantity=CUT, low=0.1), "the plateau schedule of cut follows the validation loss"),
        (Level(quantity=dataclasses.replace(A, at="best"), low=0.1), "it is of the best epoch of a"),
        (Contrast(a=A, b=CUT, high=1.0), "the plateau schedule of cut"),
        (Trajectory(arm="cut", metric="val_loss", direction="falls"), "the plateau schedule of cut"),
    ],
)
def test_it_is_said_in_sentence_terminal_and_json(part: Form, why: str) -> None:
    v = judged(part)
    assert ", selected on val" in v.sentence and ", selected on val" in " ".join(text([v]).split())
    (said,) = [d for d in v.details if d.startswith("Selected on val")]
    assert why in said
    found = to_json([v])[0]
    assert found["selected_on"] == found["parts"][0]["selected_on"] == "val"


@pytest.mark.parametrize(
    "part",
    [
        Level(quantity=A, low=0.1),
        Level(quantity=dataclasses.replace(CUT, metric="train_accuracy"), low=0.1),
        Level(quantity=dataclasses.replace(CUT, metric="test_accuracy"), low=0.1),
    ],
)
def test_what_nothing_selects_says_nothing(part: Form) -> None:
    v = judged(part, tested=True)
    assert "elected on" not in " ".join((v.sentence, *v.details)) and to_json([v])[0]["selected_on"] is None


def test_the_number_of_the_test_part_stands_beside_it_where_every_seed_has_one() -> None:
    level = Level(quantity=dataclasses.replace(CUT, at="best"), low=0.1)
    without, with_it = judged(level), judged(level, tested=True)
    assert any("The test part is not on record." in d for d in without.details)
    assert any("On the test part, on which nothing selects, after the last epoch: 25.4 %" in d for d in with_it.details)
    assert with_it.verdict == without.verdict and with_it.estimate == without.estimate
    assert to_json([with_it])[0]["parts"][0]["on_test"]["estimate"] == pytest.approx(0.254)
    apart = judged(Contrast(a=CUT, b=A, low=-1.0), tested=True)
    assert apart.part.on_test is not None and apart.part.on_test.value == pytest.approx(0.002)


@pytest.mark.parametrize(("metric", "at"), [("val_loss", "min"), ("val_accuracy", "max")])
def test_an_extreme_over_epochs_is_said_to_have_no_counterpart_on_the_test_part(metric: str, at: CurvePlace) -> None:
    v = judged(Level(quantity=Quantity(arm="cut", metric=metric, at=at), high=9.0 if at == "min" else 1.0))
    (said,) = [d for d in v.details if d.startswith("Selected on val")]
    assert said.endswith(" The test part has no extreme over epochs to set beside it; at: best, or an epoch, has one.")
    assert "not on record" not in said


def test_gaps_have_no_number_of_the_test_part() -> None:
    v = judged(Level(quantity=dataclasses.replace(CUT, metric="accuracy_gap"), low=-1.0), tested=True)
    assert v.part.selected and v.part.on_test is None and not any("test part" in d for d in v.details)


def test_columns_of_the_best_epoch_say_so() -> None:
    sheet = overfitting_sheet(overfitting(STUDY, from_records(made())), "c")
    heads = [h for h in sheet.heads if "est epoch" in h]
    assert len(heads) == 3 and all("selected on val" in h for h in heads)


def test_a_lost_trial_lies_on_the_side_that_the_rule_gives_it_where_a_bound_is_the_metrics_end() -> None:
    within = Level(quantity=A, low=0.0, high=0.2)
    lost = [
        dataclasses.replace(one, status="diverged", epochs=one.epochs.first(1))
        if one.config.schedule != "plateau"
        else one
        for one in synthetic.records(STUDY, range(14))
    ]
    for part in (within, dataclasses.replace(within, low=None), dataclasses.replace(within, share=0.5)):
        study = dataclasses.replace(STUDY, claims=(Claim(id="x", statement="s.", parts=(part,)),))
        (found,) = claims.judge(study, from_records(lost), {})
        assert (found.verdict, found.part.estimate and found.part.estimate.value) == ("supported", 1.0), part


def test_times_are_compared_on_the_machine_of_the_first_seed_that_counts() -> None:
    times = Contrast(
        a=dataclasses.replace(CUT, metric="seconds", at="mean"),
        b=dataclasses.replace(A, metric="seconds", at="mean"),
        ratio=True,
        low=0.5,
    )
    here, there = synthetic.records(STUDY, range(5)), synthetic.records(STUDY, range(5, 25), host="node-2")
    frames = from_records([*here, *there])
    for first, path in ((0, range(5)), (5, range(5, 25)), (25, ())):
        claim = Claim(id="x", statement="s.", parts=(times,), from_seed=first)
        (found,) = claims.judge(dataclasses.replace(STUDY, claims=(claim,)), frames, {})
        assert found.path == tuple(path) and (found.verdict == "supported") == (first == 5)
