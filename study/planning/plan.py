"""Studies to distinct trials, longest first: what is already on record, what is to be trained, and what that costs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from study.spec import domains as spaces
from study.spec.points import knob, point
from study.spec.study import Study
from study.storage.results_folder import TrialOnRecord
from trainables.config.trial_config import TrialConfig
from trainables.records.tensor_summary import SUMMARY_EPOCHS
from trainables.training.gpu_memory import Data

QUICK_LEAST = 1000
"""Training images of the reduced protocol at least, where there are so many."""


def quick_images(images: int) -> int:
    """How many training images the reduced protocol takes of so many: a tenth, and no fewer than can be learnt from.

    >>> [quick_images(n) for n in (60_000, 12_000, 3000, 300)]
    [6000, 1200, 1000, 300]
    """
    return min(images, max(images // 10, QUICK_LEAST))


START_SECONDS = 5.5
"""Seconds until the first trial begins: Ray and its workers start. Two cores of an AMD EPYC; docs/performance.md."""


def reduced_epochs(epochs: int) -> int:
    """The square root, rounded up to the next epoch at which tensors are summarised.

    >>> [reduced_epochs(n) for n in (1, 5, 10, 30, 100)]
    [1, 3, 5, 10, 10]
    """
    return min(e for e in SUMMARY_EPOCHS if e * e >= epochs)


@dataclass(frozen=True)
class Protocol:
    """How a study is run: under which seeds, and whether reduced."""

    seeds: tuple[int, ...]
    quick: bool = False
    device: str = "cpu"
    precision: str = "fp32"
    images: int = 60_000
    """Training images of the data."""

    def config(self, config: TrialConfig) -> TrialConfig:
        """A study's configuration as this protocol runs it.

        Reduced: a tenth of the training images (`quick_images`) and about the square root of the epochs; a batch is at
        most that many images. Where all images are taken, `train_images` stays as it is, so that trials are shared.
        """
        config = config.replace(device=self.device, precision=self.precision)
        if not self.quick:
            return config
        images = self._images(config.train_images)
        return config.replace(
            train_images=images,
            epochs=reduced_epochs(config.epochs),
            batch_size=min(config.batch_size, images or self.images),
        )

    def _images(self, declared: int | None) -> int | None:
        """`train_images` of the reduced protocol, where a study declares so many."""
        least = quick_images(self.images)
        return least if least < (declared or self.images) else declared

    def lowers(self, config: TrialConfig) -> bool:
        """Whether it runs a study's configuration with fewer epochs or images than that asks for."""
        ready = self.config(config)
        return ready.epochs < config.epochs or ready.train_images != config.train_images

    def study(self, study: Study) -> Study:
        """The study as this protocol runs it, with every arm's knobs written out where they changed."""
        if not self.quick and self.device == "cpu" and self.precision == "fp32":
            return study
        base = {**study.base, "device": self.device, "precision": self.precision}
        if self.quick:
            base |= self._reduced_base(study)
        arms = []
        for arm in study.arms:
            config = self.config(study.config(arm.name))
            change = {
                k: getattr(config, k) if k in ("batch_size", "train_images") else v for k, v in arm.change.items()
            }
            arms.append(dataclasses.replace(arm, change=change, epochs=config.epochs))
        epochs = reduced_epochs(study.epochs) if self.quick else study.epochs
        search = study.search.reduced() if study.search and self.quick else study.search
        reduced = [a.name for a in study.arms if self.lowers(study.config(a.name))]
        if search and (epochs < study.epochs or base.get("train_images") != study.base.get("train_images")):
            reduced.append("*")
        marks = tuple(dict.fromkeys((*study.reduced, *reduced)))
        return dataclasses.replace(study, base=base, arms=tuple(arms), epochs=epochs, search=search, reduced=marks)

    def _reduced_base(self, study: Study) -> dict[str, int]:
        """Images and batch that all arms share, where the reduced protocol has others and the study seeks neither."""
        declared = TrialConfig.from_dict(study.base)
        images = self._images(declared.train_images)
        values = {"batch_size": min(declared.batch_size, images or self.images)}
        if values["batch_size"] == declared.batch_size and "batch_size" not in study.base:
            del values["batch_size"]
        if images is not None:
            values["train_images"] = images
        sought = {knob(n) for n in study.search.space} if study.search else set()
        return {k: v for k, v in values.items() if k not in sought}


@dataclass(frozen=True)
class PlannedTrial:
    """A distinct trial: who asks for it, and what is on record of it."""

    id: str
    config: TrialConfig
    """With the most epochs that anybody asks for, and the trial's seed."""
    wanted_by: tuple[str, ...]
    """STUDY/ARM names."""
    held: TrialOnRecord | None
    seconds: float
    """Expected of all its epochs, on one core: `expected_seconds`."""

    @property
    def done(self) -> bool:
        """Whether what is on record serves: long enough, or ended by divergence."""
        if self.held is None:
            return False
        return self.held.status == "diverged" or self.held.epochs >= self.config.epochs


@dataclass(frozen=True)
class Plan:
    """All distinct trials of some studies, longest first."""

    studies: tuple[Study, ...]
    protocol: Protocol
    trials: tuple[PlannedTrial, ...]
    epochs_asked: int
    """Summed over every arm of every study and every seed, as if nothing were shared."""
    size: Data
    """Of the data set that all of them train on."""

    @property
    def epochs_distinct(self) -> int:
        """Of all distinct trials, on record or not."""
        return sum(t.config.epochs for t in self.trials)

    @property
    def missing(self) -> tuple[PlannedTrial, ...]:
        """What is to be trained, longest first."""
        return tuple(t for t in self.trials if not t.done)

    @property
    def epochs_to_train(self) -> int:
        """Of the missing trials, as if none had a checkpoint."""
        return sum(t.config.epochs for t in self.missing)

    @property
    def seconds_to_train(self) -> float:
        """Expected for the missing trials, one after the other on one core, as if none had a checkpoint."""
        return sum(t.seconds for t in self.missing)

    @property
    def device(self) -> str:
        """`cuda` where any trial needs it, be it asked for on the command line or in a study."""
        return "cuda" if any(device_of(s) == "cuda" for s in self.studies) else "cpu"


def device_of(study: Study) -> str:
    """`cuda` where any arm, or any point of the search, trains there."""
    used = {study.config(a.name).device for a in study.arms} | {study.base.get("device", "cpu")}
    if study.search and isinstance(space := study.search.space.get("device"), spaces.Choice):
        used |= set(space.values)
    return "cuda" if "cuda" in used else "cpu"


def plan_trials(
    studies: Sequence[Study], protocol: Protocol, data_checksum: str, held: Mapping[str, TrialOnRecord], size: Data
) -> Plan:
    """Plan some studies: one configuration named by several is one trial, and its longest run serves the shorter."""
    ready = tuple(protocol.study(s) for s in studies)
    chosen: dict[str, TrialConfig] = {}
    wanted: dict[str, list[str]] = {}
    asked = 0
    for seed in protocol.seeds:
        for study in ready:
            for arm in study.arms:
                config = study.config(arm.name, seed=seed)
                asked += config.epochs
                trial = config.identity(data_checksum)
                if trial not in chosen or config.epochs > chosen[trial].epochs:
                    chosen[trial] = config
                wanted.setdefault(trial, []).append(f"{study.name}/{arm.name}")
    trials = [
        PlannedTrial(t, c, tuple(dict.fromkeys(wanted[t])), held.get(t), expected_seconds(c, size))
        for t, c in chosen.items()
    ]
    trials.sort(key=lambda t: (-t.seconds, t.config.seed, t.id))
    return Plan(ready, protocol, tuple(trials), asked, size)


def expected_seconds(config: TrialConfig, size: Data) -> float:
    """Expected seconds of a whole trial on one core of an ordinary machine; for ordering and for a first estimate.

    Counts the products of forward and backward pass and of both evaluations at 1.3e11 operations a second, the
    optimiser's passes over memory at 4e10 bytes a second, and a tenth of a millisecond of bookkeeping an update.
    """
    images = min(size.train, config.train_images or size.train)
    widths = (size.features, *config.hidden, size.classes)
    weights = sum(a * b for a, b in pairwise(widths))
    updates = config.updates_per_epoch(images)
    passes = 2 if len(widths) == 2 else 2 + (weights - widths[0] * widths[1]) / weights
    arithmetic = 2 * weights * (passes * images + images + size.val) / 1.3e11
    inner = config.lbfgs_max_iter * (10 + 6 * config.lbfgs_history)
    sweeps = {"sgd": 3, "adagrad": 5, "adadelta": 18, "lbfgs": inner}.get(config.optimizer, 7)
    sweeps += 4 * ((config.l1 > 0) + (config.l2_norm > 0) + (config.l2_squared > 0))
    evaluations = config.lbfgs_max_iter if config.optimizer == "lbfgs" else 1
    extra = 1 + 0.35 * config.batch_norm + 0.25 * bool(config.dropout_hidden or config.dropout_input)
    per_epoch = extra * evaluations * arithmetic + updates * (sweeps * 4 * weights / 4e10 + 1e-4)
    return config.epochs * per_epoch


def wall_seconds(total: float, longest: float, cpus: int) -> float:
    """Expected from start to end of jobs of so many seconds together, on so many cores, Ray's start included.

    >>> wall_seconds(120, 60, 2) - START_SECONDS, wall_seconds(120, 60, 8) - START_SECONDS, wall_seconds(0, 0, 2)
    (60.0, 60.0, 0.0)
    """
    return START_SECONDS + max(total / cpus, longest) if total else 0.0


def point_costs(study: Study, size: Data, points: int = 200) -> list[float]:
    """Expected seconds of one seed of some points of a search, drawn at random, on one core, if not stopped early.

    Empty where there is no search, or none of the points can be trained.
    """
    search = study.search
    if search is None:
        return []
    chance = np.random.default_rng(0)
    drawn = [point(search.space, chance.random(len(search.space)).tolist()) for _ in range(points)]
    usable = [p for p in drawn if not search.fault(p, study.base, study.epochs, size)]
    return [expected_seconds(search.config(p, study.base, study.epochs), size) for p in usable]


def expected_search_seconds(study: Study, size: Data) -> float:
    """Expected seconds of all trials of a search, not of its answer, on one core, if nobody were stopped early."""
    each = point_costs(study, size)
    if study.search is None or not each:
        return 0.0
    return sum(each) / len(each) * len(study.search.parts()) * study.search.trials * study.search.seeds
