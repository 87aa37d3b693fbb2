"""A job's runner: what is measured on the test part, and what a stop leaves of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet, make_data_set
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.job_runner import JobRunner
from trainables.records.metrics import TEST_METRICS
from trainables.records.trial_record import TrialRecord

CONFIG = TrialConfig(hidden=(4,), batch_size=8, epochs=6, lr=0.05, held_out=0.2)


class Kept:
    """A sink in memory, whose checkpoints may lose what a job without a test part would not have written."""

    def __init__(self) -> None:
        self.records: list[TrialRecord] = []
        self.saved: dict[str, bytes] = {}

    def write(self, record: TrialRecord) -> None:
        self.records.append(record)

    def save_checkpoint(self, trial: str, epochs: int, data: bytes) -> None:
        self.saved[trial] = data

    def checkpoints(self, trial: str) -> Iterator[bytes]:
        return iter([self.saved[trial]] if trial in self.saved else [])

    def drop_checkpoints(self, trial: str) -> None:
        self.saved.pop(trial, None)


@pytest.fixture(scope="module")
def data() -> DataSet:
    chance = np.random.default_rng(1)
    labels = np.arange(100) % 2
    images = (chance.integers(0, 230, (100, 2, 2)) + 25 * labels[:, None, None]).astype(np.uint8)
    parts: dict[str, np.ndarray] = {"train_images": images[:60], "train_labels": labels[:60]}
    parts |= {"val_images": images[60:], "val_labels": labels[60:]}
    return make_data_set("two", parts, ("0", "1"))


def trained(data: DataSet, sink: Kept, job: Job, epochs: int = 99) -> JobRunner:
    runner = JobRunner(job, data, sink, JobOptions())
    while not runner.over and epochs:
        runner.epoch()
        epochs -= 1
    return runner


@pytest.mark.parametrize("stacked", [False, True])
def test_the_test_part_is_measured_after_the_best_epoch_and_the_last(data: DataSet, stacked: bool) -> None:
    plain, asked = Kept(), Kept()
    trained(data, plain, Job(CONFIG, (0, 1, 2), stacked=stacked))
    trained(data, asked, Job(CONFIG, (0, 1, 2), stacked=stacked, test=True, test_best=True))
    for without, record in zip(plain.records, asked.records, strict=True):
        assert record.epochs["val_loss"] == without.epochs["val_loss"], "looking changes nothing"
        best = int(np.argmax(record.epochs["val_accuracy"]))
        for name in TEST_METRICS:
            there = [n for n, v in enumerate(record.epochs[name]) if not math.isnan(v)]
            known = record.epochs["val_accuracy"]
            tops = {n for n in range(len(known)) if known[n] > max(known[:n], default=-1)}
            assert best in tops and there == sorted({*tops, CONFIG.epochs - 1})
        short = Kept()
        config = CONFIG.replace(epochs=best + 1)
        trained(data, short, Job(config, (record.config.seed,), test=True))
        assert short.records[0].epochs["test_loss"][-1] == pytest.approx(record.epochs["test_loss"][best])


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_a_stop_keeps_what_was_measured(data: DataSet, stop: int) -> None:
    job = Job(CONFIG, (0,), test=True, test_best=True)
    straight, halted = Kept(), Kept()
    trained(data, straight, job)
    trained(data, halted, job, stop).checkpoint()
    assert trained(data, halted, job).resumed_from == stop
    assert repr(halted.records[0].epochs["test_loss"]) == repr(straight.records[0].epochs["test_loss"])


def test_it_is_measured_at_the_ends_of_shorter_arms_too(data: DataSet) -> None:
    sink, short = Kept(), Kept()
    trained(data, sink, Job(CONFIG, (0,), test=True, test_after=(2, 6)))
    trained(data, short, Job(CONFIG.replace(epochs=2), (0,), test=True))
    for name in TEST_METRICS:
        (column,) = (r.epochs[name] for r in sink.records)
        assert [math.isnan(v) for v in column] == [True, False, True, True, True, False]
        assert column[1] == short.records[0].epochs[name][-1]


def test_a_checkpoint_without_the_test_part_of_the_best_epoch_is_of_no_use(data: DataSet) -> None:
    sink = Kept()
    trained(data, sink, Job(CONFIG, (0,)), 3).checkpoint()
    again = trained(data, sink, Job(CONFIG, (0,), test=True, test_best=True))
    assert again.resumed_from == 0
    assert trained(data, Kept(), Job(CONFIG, (0,), test=True)).resumed_from == 0


@pytest.mark.parametrize("stacked", [False, True])
def test_replicates_go_on_from_their_checkpoints_though_another_has_diverged(data: DataSet, stacked: bool) -> None:
    """What diverged keeps no checkpoint, and a worker that is lost later trains it again up to where it did."""
    job, whole, sink = Job(CONFIG, (0, 1, 2), stacked=stacked), Kept(), Kept()
    trained(data, whole, job)
    runner = trained(data, sink, job, 2)
    lost = runner.trainings[0 if stacked else 1].network.theta
    lost[1 if stacked else 0].fill_(math.nan)
    for _ in range(2):
        runner.epoch()
    runner.checkpoint()
    assert [(r.config.seed, r.status) for r in sink.records] == [(1, "diverged")] and len(sink.saved) == 2
    again = JobRunner(job, data, sink, JobOptions())
    assert {s: t.epochs_done for t in again.trainings for s in t.seeds} == {0: 4, 1: 0, 2: 4}
    while not again.over:
        again.epoch()
    assert [len(h) for h in again.history()] == [6, 6, 6]
    for record in sink.records[1:]:
        (same,) = (r for r in whole.records if r.config.seed == record.config.seed)
        assert record.status == "finished" and record.epochs["val_loss"] == pytest.approx(same.epochs["val_loss"])
    assert not sink.saved
