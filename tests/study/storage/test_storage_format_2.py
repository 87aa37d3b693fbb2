"""Records of format 2: columns that may come, digests, bits, unknown fields; folders of format 1 beside them."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis.data.load import load
from study.storage import repair
from study.storage.integrity import HEADER_FILE, checksum_of, to_json
from study.storage.merge import Merge
from study.storage.results_folder import ResultsFolder
from tests import synthetic
from trainables.config.errors import BadInput, StoreError
from trainables.config.trial_config import TrialConfig
from trainables.records.agreement import conflict, holds_more
from trainables.records.correct_examples import CorrectExamples
from trainables.records.metric_sources import sources
from trainables.records.trial_record import TrialRecord

CONFIG = TrialConfig(epochs=3, hidden=(8,))
BITS = CorrectExamples(10, bytes([0b10110000, 0b01000000]), bytes([0xFF, 0xC0]))


def old(seed: int = 0) -> TrialRecord:
    return synthetic.record(CONFIG.replace(seed=seed))


def new(seed: int = 0, **changes: Any) -> TrialRecord:
    made = dataclasses.replace(old(seed), format=2, measured_by=sources(), correct=BITS)
    return dataclasses.replace(made, **changes)


def with_metric(
    record: TrialRecord, digest: str = "d" * 16, values: tuple[float, ...] = (0.1, 0.2, 0.3)
) -> TrialRecord:
    measured_by = {**record.measured_by, "f1": digest}
    return dataclasses.replace(record, epochs=record.epochs.replace(f1=values), measured_by=measured_by)


@pytest.fixture
def store(tmp_path: Path) -> ResultsFolder:
    return ResultsFolder(tmp_path / "results", create=True)


def head(store: ResultsFolder) -> int:
    return int(json.loads(store.folder.read(HEADER_FILE) or b"")["version"])


def test_it_comes_back_whole_loose_and_gathered(store: ResultsFolder) -> None:
    written = [
        new(0),
        with_metric(new(1)),
        new(2, correct=None),
        new(3, unknown={"later": [1, {"a": None}]}),
        dataclasses.replace(new(4), epochs=new(4).epochs.replace(steps=(1, 2, 3))),
        old(5),
    ]
    for one in written:
        store.write(one)
    loose = {r.id: r for r in store.trials.records()}
    assert store.trials.gather() == 6 and not store.trials.loose()
    gathered = {r.id: r for r in store.trials.records()}
    for one in written:
        assert repr(one) == repr(loose[one.id]) == repr(gathered[one.id])
    assert repair.verify(store.folder.where).sound


def test_the_head_says_2_before_the_first_record_and_not_sooner(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.folder.write(HEADER_FILE, to_json({"format": "hyperparameter-study results", "version": 1}))
    store.write(old())
    store.trials.gather()
    assert head(store) == 1
    seen: list[int] = []
    write = store.folder.write

    def watched(name: str, data: bytes, **options: bool) -> None:
        if name.startswith("trials/"):
            seen.append(head(store))
        write(name, data, **options)

    with monkeypatch.context() as patch:
        patch.setattr(store.folder, "write", watched)
        store.write(new(1))
    assert seen == [2] == [head(store)]


def test_a_folder_may_hold_both_formats(store: ResultsFolder) -> None:
    for seed in range(3):
        store.write(old(seed))
    store.trials.gather()
    store.write(new(3))
    store.trials.gather()
    store.write(new(0))
    store.write(new(4))
    found = load(store)
    assert len(found.frames.trials) == 5 and not found.problems
    on_test = [name for name in found.frames.epochs if name.startswith("test_")]
    assert len(found.frames.epochs) == 15 and found.frames.epochs.drop(columns=on_test).notna().all().all()
    assert found.frames.epochs[on_test].isna().all().all(), "nobody asked for them"
    assert {r.format for r in store.trials.records()} == {1, 2}


def test_of_two_that_are_equally_long_the_one_with_more_metrics_counts_then_the_newer() -> None:
    assert with_metric(new()).rank > new().rank > old().rank
    assert synthetic.record(CONFIG.replace(epochs=5)).rank > with_metric(new()).rank
    assert new(status="finished").rank > with_metric(new(status="stopped")).rank


def test_what_lacked_a_metric_is_kept_beside_what_has_it(store: ResultsFolder) -> None:
    store.write(new())
    store.write(with_metric(new()))
    store.write(with_metric(new()))
    assert len(store.trials.loose()) == 2
    store.trials.gather()
    (counts,) = store.trials.all_records()
    assert counts.epochs["f1"] == (0.1, 0.2, 0.3)
    store.write(new())
    assert store.trials.gather() == 0, "what holds nothing more is not kept twice"


def test_they_must_agree_in_all_that_both_hold(store: ResultsFolder) -> None:
    assert conflict(old(), new()) == "" == conflict(new(), with_metric(new()))
    assert "val_loss in epoch 2" in conflict(old(), synthetic.changed(new(), 1, val_loss=9.0))
    assert "examples" in conflict(new(), new(correct=dataclasses.replace(BITS, best=BITS.last)))
    assert "f1 in epoch 1" in conflict(with_metric(new()), with_metric(new(), values=(0.9, 0.2, 0.3)))
    store.write(old())
    with pytest.raises(StoreError, match="val_loss in epoch 2"):
        store.write(synthetic.changed(new(), 1, val_loss=9.0))


def test_another_digest_is_another_metric() -> None:
    one, other = with_metric(new()), with_metric(new(), digest="e" * 16, values=(0.9, 0.9, 0.9))
    assert conflict(one, other) == "" and holds_more(other, one) and holds_more(one, other)
    assert not holds_more(new(), with_metric(new())) and holds_more(new(), old()), "format 1 has no bits"


def test_what_another_code_measured_is_not_read_as_ours(store: ResultsFolder) -> None:
    store.write(new(0, measured_by={**sources(), "penalty": "0" * 16}))
    store.write(new(1))
    store.trials.gather()
    rows = load(store).frames.epochs
    assert rows[rows["seed"] == 0]["penalty"].isna().all() and rows[rows["seed"] == 1]["penalty"].notna().all()


def test_a_column_that_is_not_core_may_be_absent(store: ResultsFolder) -> None:
    columns = {k: v for k, v in new().epochs.columns.items() if k not in ("train_accuracy", "penalty")}
    store.write(dataclasses.replace(new(), epochs=dataclasses.replace(new().epochs, columns=columns)))
    assert load(store).frames.epochs["penalty"].isna().all()
    store.trials.gather()
    rows = load(store).frames.epochs
    assert rows["penalty"].isna().all() and rows["accuracy_gap"].isna().all() and rows["val_loss"].notna().all()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 3),
        ("format", "2"),
        ("measured_by", None),
        ("correct", {"count": 10, "last": "AA==", "best": "AA=="}),
        ("correct", {"count": 10, "last": "?", "best": "AAA="}),
        ("correct", {"count": 10}),
        ("correct", 3),
        ("epochs", {"epoch": [1], "train_loss": [1.0], "val_loss": [1.0], "lr": [0.1]}),
        ("epochs", {"epoch": [1], "train_loss": [1.0], "val_loss": [1.0, 2.0], "lr": [0.1], "updates": [1]}),
        ("epochs", {"epoch": [1], "train_loss": [1.0], "val_loss": ["x"], "lr": [0.1], "updates": [1]}),
        ("epochs", {"epoch": [1], "train_loss": [1.0], "val_loss": [10**400], "lr": [0.1], "updates": [1]}),
        ("epochs", {"epoch": [1], "train_loss": [1.0], "val_loss": [1.0], "lr": [0.1], "updates": [1.5]}),
        ("epochs", {"epoch": [1], "train_loss": [1.0], "val_loss": [1.0], "lr": [0.1], "updates": [10**30]}),
    ],
)
def test_what_is_wrong_in_it_is_said_in_a_line(field: str, value: object) -> None:
    with pytest.raises(BadInput) as caught:
        TrialRecord.from_dict({**new().to_dict(), field: value})
    assert "\n" not in str(caught.value)


def test_a_loss_that_was_written_as_a_whole_number_is_gathered_soundly(store: ResultsFolder) -> None:
    values = old().to_dict()
    values["epochs"]["val_loss"] = [2, 1, 1]
    name = f"trials/{old().id}-000003-finished.json"
    store.folder.write(name, to_json({"checksum": checksum_of(values), "record": values}))
    store.trials.gather()
    assert repair.verify(store.folder.where).sound
    assert next(store.trials.records()).epochs["val_loss"] == (2.0, 1.0, 1.0)


def test_bits_are_readable_without_this_project(store: ResultsFolder) -> None:
    store.write(new())
    text = json.loads(store.folder.read(store.trials.loose()[0]) or b"")["record"]["correct"]
    assert text["count"] == 10 and base64.b64decode(text["best"]) == b"\xff\xc0"
    store.trials.gather()
    table = store.trials.table(store.trials.gathered()[0], ["correct_count", "correct_best"])
    assert table is not None and table.to_pylist() == [{"correct_count": 10, "correct_best": b"\xff\xc0"}]


def test_merging_keeps_what_each_holds(tmp_path: Path) -> None:
    a, b = (ResultsFolder(tmp_path / n, create=True) for n in "ab")
    a.write(old())
    b.write(with_metric(new()))
    Merge(a.folder.where, b.folder.where).write(str(tmp_path / "c"))
    (counts,) = ResultsFolder(tmp_path / "c").trials.records()
    assert counts.format == 2 and "f1" in counts.epochs.columns


def test_the_committed_folders_stay_format_1_until_something_is_written(tmp_path: Path) -> None:
    kept = Path(__file__).parents[3] / "results" / "search-sgd-adam"
    shutil.copytree(kept, tmp_path / "copy")
    store = ResultsFolder(tmp_path / "copy")
    assert head(store) == 1 and len(list(store.trials.records())) > 0
    store.write(new())
    assert head(store) == 2
