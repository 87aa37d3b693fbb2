"""A job under way: one configuration with one or several seeds, trained to its end and recorded, without Ray.

Replicates of one job run in step, stacked into one set of tensors where that is wanted and possible, else in turn.
Records and checkpoints go to a `RecordSink`; a job asks it first for what an earlier attempt left behind.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import platform
import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from trainables.config.errors import BadInput
from trainables.data.dataset import DataSet, subset
from trainables.data.split import with_held_out
from trainables.jobs import cpu_info
from trainables.jobs.job import Job, JobOptions, RecordSink
from trainables.records.epoch_columns import EpochColumns
from trainables.records.metric_sources import sources, test_sources
from trainables.records.metrics import METRICS, RECORDED
from trainables.records.trial_record import FORMAT, Status, TrialRecord
from trainables.training import checkpoint as state
from trainables.training.cuda_graph import CudaGraphRecorder, GraphRecorder
from trainables.training.device_arrays import Arrays, placed, prepare_process
from trainables.training.loop import Training, why_not_stackable


class JobRunner:
    """A job under way.

    Args:
        job: what to train.
        data: the whole data set; a subset is taken as the configuration says.
        sink: where records and checkpoints go.
        options: how.

    Raises:
        BadInput: CUDA graphs are asked for where there is no CUDA; a test part, where there is none.
    """

    def __init__(self, job: Job, data: DataSet, sink: RecordSink, options: JobOptions) -> None:
        prepare_process()
        self._recorder = recorder_for(job.config.device) if options.cuda_graphs else None
        self.job, self.sink, self.options = job, sink, options
        self._tests: dict[int, tuple[list[float], list[float]]] = {}
        config = job.config
        data = with_held_out(data, config)
        self._test = data if job.test or job.test_best or job.test_after else None
        self._placed: tuple[Tensor, Tensor] | None = None
        rows = None if config.train_images is None else subset(data, config.train_images)
        arrays = Arrays.place(
            (data.train_images, data.val_images),
            (data.train_labels, data.val_labels),
            len(data.classes),
            rows=rows,
            device=config.device,
        )
        groups = [job.seeds] if job.stacked and not why_not_stackable(config) else [(s,) for s in job.seeds]
        self._ids = {s: config.replace(seed=s).identity(data.checksum) for s in job.seeds}
        self._checksum, self._recorded, self._saved_at = data.checksum, set[int](), time.monotonic()
        self.trainings = [t for seeds in groups for t in self._begun(seeds, arrays)]
        self.resumed_from = min((t.epochs_done for t in self.trainings), default=0)
        self._started = time.time()
        self._settle()

    def _begun(self, seeds: tuple[int, ...], arrays: Arrays) -> list[Training]:
        """A training, set to the latest epoch that all its replicates have a sound checkpoint of, else new.

        Where some have none, they begin anew on their own: one that diverged has ended, and the others go on.
        """
        found = [self._sound_checkpoints(seed) for seed in seeds]
        there = [seed for seed, checkpoints in zip(seeds, found, strict=True) if checkpoints]
        if there and len(there) < len(seeds):
            apart = tuple(seed for seed in seeds if seed not in there)
            return [*self._begun(tuple(there), arrays), *self._begun(apart, arrays)]
        for epochs in sorted(set.intersection(*(set(f) for f in found)), reverse=True):
            training = Training(self.job.config, seeds, arrays, self._recorder)
            with contextlib.suppress(state.BadCheckpoint):
                for r, seed in enumerate(seeds):
                    state.load(training, r, self._ids[seed], found[r][epochs])
                if all(self._to_test(training, r) <= training.on_test[r].keys() for r in range(len(seeds))):
                    return [training]
        return [Training(self.job.config, seeds, arrays, self._recorder)]

    def _sound_checkpoints(self, seed: int) -> dict[int, bytes]:
        """By epochs done."""
        sound: dict[int, bytes] = {}
        for data in self.sink.checkpoints(self._ids[seed]):
            with contextlib.suppress(state.BadCheckpoint):
                epochs = state.epochs_in(data, self._ids[seed])
                if epochs <= self.job.config.epochs:
                    sound[epochs] = data
        return sound

    @property
    def over(self) -> bool:
        """Whether nothing is left to train."""
        return all(t.over for t in self.trainings)

    @property
    def epochs_by_all(self) -> int:
        """How many epochs every replicate has behind it."""
        return min(t.epochs_done for t in self.trainings)

    @property
    def diverged(self) -> bool:
        """Whether any replicate has."""
        return any(d for t in self.trainings for d in t.diverged)

    @property
    def epochs_done(self) -> int:
        """How many epochs the replicate that is furthest has behind it."""
        return max(t.epochs_done for t in self.trainings)

    def history(self) -> list[EpochColumns]:
        """The epochs of every replicate so far, in the order of the seeds."""
        found = {seed: h for t in self.trainings for seed, h in zip(t.seeds, t.history, strict=True)}
        return [found[seed].columns() for seed in self.job.seeds]

    def epoch(self) -> dict[str, float]:
        """Advance every replicate by an epoch; returns the mean of each metric over the replicates.

        Those whose turn is over are recorded at once. A replicate that diverged makes the means NaN.
        """
        behind = min(t.epochs_done for t in self.trainings if not t.over)
        for training in self.trainings:
            if not training.over and training.epochs_done == behind:
                training.epoch()
                now = [r for r in range(len(training.seeds)) if training.epochs_done in self._to_test(training, r)]
                if now:
                    training.test(*self._test_arrays(), now)
        self._settle()
        if not self.over and time.monotonic() - self._saved_at >= self.options.checkpoint_seconds:
            self.checkpoint()
        return self.means()

    def means(self) -> dict[str, float]:
        """Each metric's mean over the replicates, at the latest epoch that all of them have."""
        if any(d for t in self.trainings for d in t.diverged):
            return {"val_accuracy": math.nan, "val_loss": math.nan, "epochs": float(self.epochs_done)}
        rows = [h for t in self.trainings for h in t.history]
        done = min(len(h) for h in rows)
        names = [n for n in RECORDED if METRICS[n].direction != "none"]
        means = {n: math.fsum(h[n][done - 1] for h in rows) / len(rows) for n in names} if done else {}
        return {**means, "epochs": float(done)}

    def checkpoint(self) -> None:
        """Save every replicate that is still under way."""
        for training in self.trainings:
            for r, seed in enumerate(training.seeds):
                if seed not in self._recorded:
                    data = state.save(training, r, self._ids[seed])
                    self.sink.save_checkpoint(self._ids[seed], training.epochs_done, data)
        self._saved_at = time.monotonic()

    def stop(self, status: Status = "stopped", message: str = "") -> None:
        """End early: record every replicate as it stands, checkpoint kept."""
        self.checkpoint()
        for training in self.trainings:
            for r, seed in enumerate(training.seeds):
                if seed not in self._recorded and training.history[r]:
                    self._record(training, r, status, message)

    def _settle(self) -> None:
        for training in self.trainings:
            for r, seed in enumerate(training.seeds):
                if seed in self._recorded:
                    continue
                if training.diverged[r]:
                    last = len(training.history[r])
                    self._finish(training, r, "diverged", f"a loss was not finite in epoch {last}")
                elif training.over:
                    self._finish(training, r, "finished", "")

    def _finish(self, training: Training, r: int, status: Status, message: str) -> None:
        trial = self._ids[training.seeds[r]]
        if self.options.keep_checkpoints and status == "finished":
            self.sink.save_checkpoint(trial, training.epochs_done, state.save(training, r, trial))
        self._record(training, r, status, message)
        if not self.options.keep_checkpoints or status == "diverged":
            self.sink.drop_checkpoints(trial)

    def _tested(self, training: Training, r: int) -> dict[str, list[float]]:
        """Columns of the test part's metrics: NaN, and after the last epoch what all replicates have, measured once;
        and after the other epochs that are asked for.
        """
        if id(training) not in self._tests:
            self._tests[id(training)] = training.measured(*self._test_arrays())
        columns = [[math.nan] * len(training.history[r]) for _ in ("loss", "accuracy")]
        for epoch in self._to_test(training, r):
            for column, value in zip(columns, training.on_test[r][epoch], strict=True):
                column[epoch - 1] = value
        for column, values in zip(columns, self._tests[id(training)], strict=True):
            column[-1] = values[r]
        return dict(zip(("test_loss", "test_accuracy"), columns, strict=True))

    def _to_test(self, training: Training, r: int) -> set[int]:
        """After which of its epochs so far a replicate is measured on the test part, the last of all apart."""
        known = training.history[r]["val_accuracy"]
        found = {epoch for epoch in self.job.test_after if epoch <= len(known)}
        if self.job.test_best:
            tops = itertools.accumulate(known, max, initial=-math.inf)
            found |= {n for n, (value, top) in enumerate(zip(known, tops, strict=False), 1) if value > top}
        return found

    def _test_arrays(self) -> tuple[Tensor, Tensor]:
        """Images and labels of the test part, where the training runs."""
        if self._placed is None:
            data = self._test
            assert data is not None
            if data.test_images is None or data.test_labels is None:
                raise no_test_part(data)
            self._placed = placed(data.test_images, data.test_labels, self.job.config.device)
        return self._placed

    def _record(self, training: Training, r: int, status: Status, message: str) -> None:
        seed = training.seeds[r]
        epochs, measured_by = training.history[r].columns(), sources()
        if self._test is not None and status == "finished":
            epochs = epochs.replace(**self._tested(training, r))
            measured_by |= test_sources(self._test.test_checksum)
        record = TrialRecord(
            config=training.config.replace(seed=seed),
            data_checksum=self._checksum,
            status=status,
            epochs=epochs,
            tensors=training.final_tensors(r),
            message=message,
            correct=training.right.examples(r),
            measured_by=measured_by,
            format=FORMAT,
            provenance={
                **({"run": self.options.run_name} if self.options.run_name else {}),
                **dataclasses.asdict(machine_facts(training.config.device)),
                "started": self._started,
                "ended": time.time(),
                "resumed_from": self.resumed_from,
                "stacked": len(training.seeds),
                **(_on_gpu(training) if training.config.device == "cuda" else {}),
            },
        )
        self.sink.write(record)
        self._recorded.add(seed)


def no_test_part(data: DataSet) -> BadInput:
    """Why nothing can be measured on a test part, and what would help."""
    why = f"{data.name} has no test part: write held_out: 0.1 in base, or bring test_images and test_labels"
    return BadInput("test", data.name, why)


def recorder_for(device: str) -> GraphRecorder:
    """What captures updates on that device.

    Raises:
        BadInput: nothing can.
    """
    if device != "cuda":
        raise BadInput("cuda_graphs", True, f"they need --device cuda, and this runs on {device}")
    if not torch.cuda.is_available():
        raise BadInput("cuda_graphs", True, "they need a GPU, and PyTorch finds none on this machine")
    return CudaGraphRecorder()


def _on_gpu(training: Training) -> dict[str, Any]:
    """What only a run on a GPU has to tell: the most memory that its tensors took, and whether updates were replayed.

    The memory is that of the process so far, so of the largest of its jobs.
    """
    return {"gpu_bytes": torch.cuda.max_memory_allocated(), "cuda_graphs": training.recorder is not None}


@dataclass(frozen=True)
class MachineFacts:
    """What the numbers may depend on: processor, versions; part of a record's provenance."""

    host: str
    hardware: str
    """The processor's name, or the GPU's."""
    torch: str
    python: str
    system: str


def machine_facts(device: str) -> MachineFacts:
    """What is known of this machine, for a trial on such a device."""
    name = torch.cuda.get_device_name() if device == "cuda" else cpu_info.cpu_name()
    system = f"{platform.system()} {platform.machine()}"
    return MachineFacts(platform.node(), name, torch.__version__, platform.python_version(), system)
