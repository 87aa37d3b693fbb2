"""What several records of a trial say together is the same by columns as record by record."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analysis.data.frames import from_records
from analysis.data.load import load
from analysis.data.read_on_demand import with_tensors
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.data.test_load import assert_same
from tests.trainables.records.test_agreement import BITS, CONFIG, made
from trainables.records.metric_sources import sources
from trainables.records.metric_sources import test_sources as sources_of_test
from trainables.records.trial_record import TrialRecord


def three() -> list[TrialRecord]:
    """The first lacks a metric, the second holds it otherwise than the third, which alone was tested."""
    one, two = made("a", 1.0, lacks="penalty"), synthetic.changed(made("b", 2.0, 9.0), 0, penalty=0.25)
    last = synthetic.changed(made("c", 3.0, 7.0, correct=BITS), 0, penalty=0.75)
    tested = last.epochs.replace(test_loss=(0.0, 0.0, 0.5), test_accuracy=(0.0, 0.0, 0.5))
    return [one, two, dataclasses.replace(last, epochs=tested, measured_by={**sources(), **sources_of_test("t")})]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("gathered", [0, 1, 3])
def test_columns_say_what_records_say(tmp_path: Path, order: tuple[int, ...], gathered: int) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.write(synthetic.record(CONFIG.replace(seed=5)))
    for i, which in enumerate(order):
        store.write(three()[which])
        if i < gathered:
            store.trials.gather()
    loaded = load(store)
    loaded = with_tensors(loaded, store, loaded.frames.trials["trial"])
    assert_same(loaded.frames, from_records(store.trials.records()))
    epochs = loaded.frames.epochs.set_index(["seed", "epoch"])
    assert epochs.loc[(0, 2), "val_loss"] == 1.0 and epochs.loc[(0, 1), "penalty"] == 0.25
    assert epochs.loc[(0, 3), "test_accuracy"] == 0.5
    assert len(loaded.frames.trials) == 2 and set(loaded.origin["host"]) == {"a", "node-1"}
    assert "penalty" not in loaded.frames.lacking.get(three()[0].id, ())
    assert len(list(store.trials.all_records())) == 4, "nothing is thrown away"


def test_a_trial_that_was_stopped_here_and_finished_elsewhere_is_finished(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    store.write(made("b", 2.0, 9.0))
    store.write(made("a", 1.0, status="stopped", message="for others", config=CONFIG.replace(epochs=9)))
    loaded = load(store)
    (row,) = loaded.frames.trials.to_dict("records")
    assert (row["status"], row["message"], row["epochs"]) == ("finished", "", 3)
    assert loaded.frames.epochs["val_loss"][1] == 1.0


def test_what_was_tested_after_the_best_epoch_too_is_read_as_records_say(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "r", create=True)
    for ended, at_best in ((1.0, float("nan")), (2.0, 0.25)):
        one = made("a", ended)
        columns = one.epochs.replace(**dict.fromkeys(("test_loss", "test_accuracy"), (at_best, float("nan"), 0.5)))
        store.write(dataclasses.replace(one, epochs=columns, measured_by={**sources(), **sources_of_test("t")}))
        store.trials.gather()
    loaded = load(store)
    loaded = with_tensors(loaded, store, loaded.frames.trials["trial"])
    assert loaded.frames.epochs["test_accuracy"][0] == 0.25
    assert_same(loaded.frames, from_records(store.trials.records()))
