"""A record that lacks a metric is a record that is missing: never a number that is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.by_seed import SeedValues, by_seed
from analysis.claims.samples import ArmReader
from analysis.claims.verdicts import Verdict, judge
from analysis.data.frames import Frames, from_records
from analysis.data.load import load
from analysis.tables.effects import effects
from study.planning.wanted_metrics import wanted_metrics, with_metrics_on_record
from study.spec.claims import Claim, Contrast, Form, Level, Quantity, Trajectory
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis import stores
from trainables.records.metric_sources import sources
from trainables.records.trial_record import TrialRecord

SMALL = Study(
    name="small",
    title="T",
    question="Q?",
    knobs=("lr",),
    epochs=4,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.2})),
)
OTHER_CODE = "0" * 16


def claiming(*parts: Form) -> Study:
    return replace(SMALL, claims=(Claim(id="x", statement="It is so.", parts=parts),))


def level(metric: str = "val_accuracy", at: int | str = "last") -> Level:
    return Level(quantity=Quantity(arm="a", metric=metric, at=at), low=0.0001)  # type: ignore[arg-type]


def lacking(records: Iterable[TrialRecord], metric: str, seeds: tuple[int, ...] = (2,)) -> list[TrialRecord]:
    """The records; of these seeds measured by other code."""
    digests = {**sources(), metric: OTHER_CODE}
    return [replace(r, format=2, measured_by=digests) if r.config.seed in seeds else r for r in records]


def judged(study: Study, frames: Frames) -> Verdict:
    (found,) = judge(study, frames)
    return found


FORMS = {
    "level": level(),
    "best": level("train_loss_eval", "best"),
    "derived": level("accuracy_gap"),
    "reaches": Level(quantity=Quantity(arm="a", metric="val_accuracy", reaches=0.1), high=2),
    "contrast": Contrast(
        a=Quantity(arm="b", metric="val_accuracy"), b=Quantity(arm="a", metric="val_accuracy"), low=-0.9
    ),
    "trajectory": Trajectory(arm="a", metric="val_accuracy", direction="rises"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_claim_on_a_record_that_lacks_its_metric_is_missing(form: Form) -> None:
    study = claiming(form)
    made = from_records(lacking(synthetic.records(study, range(4)), "val_accuracy"))
    v = judged(study, made)
    assert (v.verdict, v.path) == ("missing", (0, 1))
    assert "record of seed 2 of" in v.reason and v.reason.endswith("; the next run trains it again")
    assert "lacks the validation accuracy" in v.reason


def test_a_claim_on_another_metric_does_not_mind() -> None:
    study = claiming(level("train_loss_eval"))
    v = judged(study, from_records(lacking(synthetic.records(study, range(5)), "val_accuracy")))
    assert v.path == (0, 1, 2, 3, 4) and v.verdict != "missing"


@pytest.mark.parametrize("gather", [True, False])
def test_what_a_claim_calls_missing_is_what_the_next_run_trains(tmp_path: Path, gather: bool) -> None:
    study = claiming(level())
    store = ResultsFolder(tmp_path / "r", create=True)
    stores.fill(store, lacking(synthetic.records(study, range(4)), "val_accuracy"))
    if gather:
        store.trials.gather()
    frames = load(store).frames
    assert judged(study, frames).verdict == "missing"
    gone = {study.config(a, seed=2).identity(synthetic.CHECKSUM) for a in ("a", "b")}
    assert {trial for trial, metrics in frames.lacking.items() if "val_accuracy" in metrics} == gone
    held = store.trials.on_record()
    assert held.keys() - with_metrics_on_record(store.trials, held, wanted_metrics([study])).keys() == gone


def test_a_table_says_the_same() -> None:
    made = from_records(lacking(synthetic.records(SMALL, range(4)), "val_accuracy"))
    (refused,) = effects(SMALL, made, metrics=("val_accuracy",))["refused"]
    assert refused == "the record of seed 2 of b lacks the validation accuracy; the next run trains it again"


def test_a_verdict_that_rests_on_a_failed_trial_says_that_it_may_be_made_anew() -> None:
    study = claiming(Contrast(a=level().quantity, b=replace(level().quantity, arm="b"), low=0.0))
    failed = {("b", s): ("failed", 2) for s in range(20)}
    v = judged(study, from_records(synthetic.records(study, range(20), endings=failed)))  # type: ignore[arg-type]
    assert v.verdict == "supported" and v.decided_at is not None and v.failed == v.path[: v.decided_at]
    assert v.failed == tuple(range(len(v.failed)))
    assert v.short.endswith("this verdict is made anew."), "a terminal's line says it too"
    said = f"What failed counts as worst (seeds 0 to {v.failed[-1]}). The next run tries it again. "
    assert f"{said}If that succeeds, this verdict is made anew." in v.details
    ended = {("b", s): ("diverged", 2) for s in range(20)}
    v = judged(study, from_records(synthetic.records(study, range(20), endings=ended)))  # type: ignore[arg-type]
    assert v.verdict == "supported" and v.failed == () and not any("made anew" in d for d in v.details)


@pytest.mark.parametrize("gathered", [False, True])
@pytest.mark.parametrize("epochs", [4, 6])
def test_a_trial_that_is_trained_again_elsewhere_for_more_epochs_leaves_a_verdict_on_times(
    tmp_path: Path, gathered: bool, epochs: int
) -> None:
    a, b = (Quantity(arm=arm, metric="seconds", at="mean") for arm in "ab")
    study = claiming(Contrast(a=b, b=a, low=0.5, ratio=True))
    made, store = list(synthetic.records(study, range(20))), ResultsFolder(tmp_path, create=True)
    for record in made:
        store.write(record)
    before = judged(study, load(store).frames)
    assert before.verdict == "supported" and len(before.path) == 20
    for record in made[:3]:
        again = synthetic.record(record.config.replace(epochs=6), host="node-2")
        store.write(replace(again, epochs=again.epochs.replace(seconds=(99.0,) * 6)))
    if gathered:
        store.trials.gather()
    longer = replace(study, epochs=epochs)
    if epochs == 4:
        assert judged(study, load(store).frames) == before
        assert judged(study, from_records(store.trials.records())) == before
        return
    both = ArmReader(longer, {"small": longer}, load(store).frames)
    found = by_seed(both, a)
    assert isinstance(found, SeedValues) and set(found.hosts.values()) == {
        "processor of node-1 and processor of node-2"
    }
