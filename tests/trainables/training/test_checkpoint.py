"""A run that is stopped and goes on is the run that was never stopped, to the last bit; damage never gets in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainables.small import KNOB_CHANGES, SMALL, arrays
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.job_runner import JobRunner
from trainables.records.trial_record import TrialRecord
from trainables.training import checkpoint as state
from trainables.training.loop import Training


class MemorySink:
    """A sink without files."""

    def __init__(self) -> None:
        self.records: dict[str, TrialRecord] = {}
        self.kept: dict[str, dict[int, bytes]] = {}

    def write(self, record: TrialRecord) -> None:
        self.records[record.id] = record

    def save_checkpoint(self, trial: str, epochs: int, data: bytes) -> None:
        self.kept.setdefault(trial, {})[epochs] = data

    def checkpoints(self, trial: str) -> Iterator[bytes]:
        yield from (data for _, data in sorted(self.kept.get(trial, {}).items(), reverse=True))

    def drop_checkpoints(self, trial: str) -> None:
        self.kept.pop(trial, None)


def data() -> DataSet:
    a = arrays()
    names = tuple("abcd")
    train, val = a.train_x.numpy(), a.val_x.numpy()
    return DataSet("tiny", train, a.train_y.numpy(), val, a.val_y.numpy(), names, (20,), "c" * 32)


def run(job: Job, sink: MemorySink, epochs: int | None = None, options: JobOptions | None = None) -> JobRunner:
    run = JobRunner(job, data(), sink, options or JobOptions(checkpoint_seconds=0))
    done = 0
    while not run.over and (epochs is None or done < epochs):
        run.epoch()
        done += 1
    return run


@pytest.mark.parametrize("changes", KNOB_CHANGES.values(), ids=KNOB_CHANGES.keys())
def test_killed_after_every_epoch_equals_straight_through(changes: dict[str, object]) -> None:
    config = SMALL.replace(**{"epochs": 3, **changes})
    straight, broken = MemorySink(), MemorySink()
    run(Job(config, (5,)), straight)
    for _ in range(config.epochs + 1):
        run(Job(config, (5,)), broken, epochs=1)
    assert straight.records.keys() == broken.records.keys()
    for trial, record in straight.records.items():
        assert broken.records[trial].result_digest() == record.result_digest()


def test_a_state_that_fails_half_way_through_leaves_nothing_behind() -> None:
    job = Job(SMALL, (0,))
    whole = MemorySink()
    run(job, whole)
    (trial,) = whole.records
    broken = MemorySink()
    run(job, broken, epochs=2)
    content = torch.load(io.BytesIO(broken.kept[trial][2]), weights_only=True)
    content["running"] = {"nothing of that name": torch.ones(3)}  # read last, when all else has been set
    stream = io.BytesIO()
    torch.save(content, stream)
    broken.kept[trial][2] = stream.getvalue()
    again = run(job, broken)
    assert again.resumed_from == 1
    assert broken.records[trial].result_digest() == whole.records[trial].result_digest()


def test_a_finished_trial_is_not_trained_again_and_more_epochs_train_the_difference() -> None:
    sink, options = MemorySink(), JobOptions(checkpoint_seconds=1e9, keep_checkpoints=True)
    run(Job(SMALL, (0,)), sink, options=options)
    longer = SMALL.replace(epochs=5)
    went_on = run(Job(longer, (0,)), sink, options=options)
    assert went_on.resumed_from == SMALL.epochs
    straight = MemorySink()
    run(Job(longer, (0,)), straight)
    (trial,) = straight.records
    assert sink.records[trial].result_digest() == straight.records[trial].result_digest()


def test_a_kept_last_state_whose_record_was_lost_is_recorded_again_without_training() -> None:
    sink, options = MemorySink(), JobOptions(checkpoint_seconds=1e9, keep_checkpoints=True)
    run(Job(SMALL, (0,)), sink, options=options)
    (trial, record), *_ = sink.records.items()
    sink.records.clear()
    again = run(Job(SMALL, (0,)), sink, epochs=0, options=options)
    assert again.over and sink.records[trial].result_digest() == record.result_digest()


def test_seeds_in_turn_equal_each_alone_and_are_recorded_once() -> None:
    together, alone = MemorySink(), MemorySink()
    run(Job(SMALL, (0, 1)), together)
    for seed in (0, 1):
        run(Job(SMALL.replace(seed=seed), (seed,)), alone)
    assert {k: r.result_digest() for k, r in together.records.items()} == {
        k: r.result_digest() for k, r in alone.records.items()
    }
    assert together.kept == {}


def saved(config: TrialConfig = SMALL) -> tuple[Training, bytes]:
    training = Training(config, (0,), arrays())
    training.epoch()
    return training, state.save(training, 0, "trial")


_TRAINING, _SAVED = saved()


@settings(max_examples=150)
@given(at=st.integers(0, len(_SAVED) - 1), value=st.integers(0, 255), cut=st.booleans())
def test_no_damaged_checkpoint_is_more_than_a_bad_checkpoint(at: int, value: int, cut: bool) -> None:
    damaged = _SAVED[:at] if cut else _SAVED[:at] + bytes([value]) + _SAVED[at + 1 :]
    fresh = Training(SMALL, (0,), arrays())
    try:
        state.load(fresh, 0, "trial", damaged)
    except StudyError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert "\n" not in refusal and fresh.epochs_done in ((0,) if refusal else range(256))


def test_a_checkpoint_that_would_be_far_larger_in_memory_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, packed, twice = io.BytesIO(), io.BytesIO(), io.BytesIO()
    torch.save({"format": 2, "identity": "trial", "epochs_done": 1, "theta": torch.zeros(100_000)}, whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            target.writestr(part.filename, source.read(part))
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(twice, "w") as target:  # names that share their bytes
        for part in source.infolist():
            target.writestr(part.filename, source.read(part))
        target.filelist += target.filelist
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    for stream in (packed, twice):
        with pytest.raises(state.BadCheckpoint, match=r"^the checkpoint of [\d,]+ bytes would take [\d,]+ in memory$"):
            state.epochs_in(stream.getvalue(), "trial")


class _Evil:
    def __reduce__(self):
        import os

        return os.system, ("echo this must not run >&2; exit 1",)


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"format": 1},
        {"format": 1, "identity": "trial"},
        {"format": 2, "identity": "trial"},
        {"format": 1, "identity": "another"},
        {"format": 1, "identity": "trial", "epochs_done": "x", "history": 3, "tensors": None, "theta": 1},
        {"format": 1, "identity": "trial", "epochs_done": 1, "history": [{"epoch": 1}], "tensors": [], "theta": 1},
    ],
)
def test_foreign_content_is_a_bad_checkpoint(content: object) -> None:
    stream = io.BytesIO()
    torch.save(content, stream)
    with pytest.raises(state.BadCheckpoint):
        state.load(Training(SMALL, (0,), arrays()), 0, "trial", stream.getvalue())
    with pytest.raises(state.BadCheckpoint):
        state.epochs_in(stream.getvalue(), "trial")


def test_nothing_in_a_checkpoint_is_executed(capfd: pytest.CaptureFixture[str]) -> None:
    stream = io.BytesIO()
    torch.save({"format": 1, "identity": "trial", "theta": _Evil()}, stream)
    with pytest.raises(state.BadCheckpoint):
        state.epochs_in(stream.getvalue(), "trial")
    assert "must not run" not in capfd.readouterr().err


def test_a_checkpoint_of_another_network_changes_nothing() -> None:
    other = SMALL.replace(hidden=(17,))
    training = Training(other, (0,), arrays())
    before = training.network.theta.clone()
    with pytest.raises(state.BadCheckpoint):
        state.load(training, 0, "trial", _SAVED)
    assert torch.equal(training.network.theta, before) and training.epochs_done == 0
    assert np.isfinite(before.numpy()).all()
