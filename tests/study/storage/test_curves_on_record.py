"""Metrics by epoch from columns alone: the same as whole records say, loose or gathered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from study.spec.study import Arm, Study
from study.storage.curves_on_record import curves_on_record
from study.storage.results_folder import ResultsFolder
from tests.analysis.data.test_load import rewritten
from tests.analysis.stores import store_of

STUDY = Study(
    name="s",
    title="t",
    question="q",
    knobs=("lr",),
    epochs=3,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.01}, epochs=5)),
)
METRICS = ("val_loss", "train_accuracy", "none_such")


@pytest.fixture(params=[True, False], ids=["gathered", "loose"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> ResultsFolder:
    return store_of(tmp_path / "r", [STUDY], (0, 1), gather=request.param, endings={("b", 1): ("diverged", 2)})


def test_the_numbers_are_those_of_the_records(store: ResultsFolder) -> None:
    records = {r.id: r for r in store.trials.all_records()}
    found = {c.trial: c for c in curves_on_record(store, set(records), METRICS, places=True)}
    assert found.keys() == records.keys() and len(records) == 4
    for trial, curves in found.items():
        record = records[trial]
        assert set(curves.values) == {"val_loss", "train_accuracy"}, "a metric that nobody has is left out"
        for metric, values in curves.values.items():
            assert list(values) == pytest.approx(record.epochs[metric], nan_ok=True, abs=0, rel=0)
        assert (curves.epochs, curves.status) == (record.epochs_done, record.status)
        assert curves.place == ("processor of node-1", "2.14.1")


def test_other_trials_are_passed_over(store: ResultsFolder) -> None:
    (one, *_) = [r.id for r in store.trials.all_records()]
    assert [c.trial for c in curves_on_record(store, {one, "0" * 20}, ["val_loss"])] == [one]
    assert list(curves_on_record(store, set(), ["val_loss"])) == []


def test_damage_is_said_of_the_file_and_not_here(store: ResultsFolder) -> None:
    wanted = {r.id for r in store.trials.all_records()}
    first, *others = sorted((Path(store.folder.where) / "trials").iterdir())
    first.write_bytes(first.read_bytes()[:-9])
    found = list(curves_on_record(store, wanted, ["val_loss"]))
    assert len(found) == len(others), "what is whole is read all the same"


@pytest.mark.parametrize("text", ["{x", "[1]", "[" * 100_000])
def test_a_place_that_is_no_json_is_passed_over_too(tmp_path: Path, text: str) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["provenance"] = text

    store = store_of(tmp_path / "r", [STUDY], (0, 1))
    wanted = {r.id for r in store.trials.all_records()}
    rewritten(store, tmp_path / "r", spoil)
    assert list(curves_on_record(store, wanted, ["val_loss"], places=True)) == []
