"""Which trials lack a metric."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from study.planning.wanted_metrics import with_metrics_on_record
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from tests.analysis.data.test_load import rewritten
from trainables.config.errors import StoreError
from trainables.config.trial_config import TrialConfig
from trainables.records import metrics
from trainables.records.metric_sources import source_digest, sources
from trainables.records.metrics import Metric

MARGIN = Metric(name="margin", label="margin", direction="higher", measured_in="training/evaluation.py:evaluate")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ResultsFolder:
    monkeypatch.setitem(metrics.METRICS, "margin", MARGIN)
    made = ResultsFolder(tmp_path / "r", create=True)
    for seed, digest in enumerate((None, source_digest(MARGIN.measured_in), "0" * 16)):
        record = synthetic.record(TrialConfig(epochs=2, hidden=(8,), seed=seed))
        if digest:
            record = dataclasses.replace(
                record,
                epochs=record.epochs.replace(margin=(0.1, 0.2)),
                measured_by={**sources(), "margin": digest},
                format=2,
            )
        made.write(record)
    return made


@pytest.mark.parametrize("gathered", [False, True])
def test_those_that_lack_it_are_missing(store: ResultsFolder, gathered: bool) -> None:
    if gathered:
        store.trials.gather()
    held = store.trials.on_record()
    assert len(held) == 3 and with_metrics_on_record(store.trials, held, ["val_loss"]) == held
    kept = {r.id: r for r in store.trials.records()}
    left = with_metrics_on_record(store.trials, held, ["margin"])
    assert [kept[trial].config.seed for trial in left] == [1], "a record of other code lacks it too"


@pytest.mark.parametrize("gathered", [False, True])
def test_what_a_record_of_another_machine_gives_is_not_lacking(store: ResultsFolder, gathered: bool) -> None:
    """A search stopped the trial here, and it was trained again, to the same length, elsewhere."""
    lacked = synthetic.record(TrialConfig(epochs=2, hidden=(8,)))
    more = synthetic.changed(synthetic.record(lacked.config, "stopped", host="node-2"), 0, val_loss=9.0)
    digests = {**sources(), "margin": source_digest(MARGIN.measured_in)}
    more = dataclasses.replace(more, epochs=more.epochs.replace(margin=(0.3, 0.4)), measured_by=digests, format=2)
    assert lacked.id == more.id
    store.write(more)
    if gathered:
        store.trials.gather()
    held = store.trials.on_record()
    kept = {r.id: r for r in store.trials.records()}
    left = with_metrics_on_record(store.trials, held, ["margin"])
    assert sorted(kept[trial].config.seed for trial in left) == [0, 1] and left[more.id].status == "finished"
    assert kept[more.id].status == "finished" and kept[more.id].epochs["margin"] == (0.3, 0.4)
    assert kept[more.id].epochs["val_loss"] == lacked.epochs["val_loss"]


@pytest.mark.parametrize("text", ["{x", "[1]", "[" * 100_000])
def test_digests_that_are_no_json_are_damage_and_name_their_file(store: ResultsFolder, text: str) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["measured_by"] = text

    store.trials.gather()
    name = rewritten(store, Path(store.folder.where), spoil, "measured_by")
    with pytest.raises(StoreError, match=f"{name} is damaged .*measured_by.*`study repair "):
        with_metrics_on_record(store.trials, {}, ["margin"])
    (found,) = store.trials.damage()
    assert found.name == name and "Expecting" not in found.reason, "`study repair` finds it; no library's words"
