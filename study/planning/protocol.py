"""How a study is run: under which seeds, full or reduced."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from study.spec.claim_versions import in_full
from study.spec.points import knob
from study.spec.search import Search
from study.spec.selection import with_test_part
from study.spec.study import Study
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.records.metrics import METRICS
from trainables.records.tensor_summary import SUMMARY_EPOCHS

QUICK_MIN_IMAGES = 1000
"""Training images of the reduced protocol at least, where there are so many."""


def quick_images(images: int) -> int:
    """How many training images the reduced protocol takes of so many: a tenth, and no fewer than can be learnt from.

    >>> [quick_images(n) for n in (60_000, 12_000, 3000, 300)]
    [6000, 1200, 1000, 300]
    """
    return min(images, max(images // 10, QUICK_MIN_IMAGES))


def reduced_epochs(epochs: int) -> int:
    """The square root, rounded up to the next epoch at which tensors are summarised.

    >>> [reduced_epochs(n) for n in (1, 5, 10, 30, 100)]
    [1, 3, 5, 10, 10]
    """
    return min(e for e in SUMMARY_EPOCHS if e * e >= epochs)


def reduced_search(search: Search, epochs: int, images: int) -> Search:
    """A search as the reduced protocol runs it on so many images: a fifth of its proposals, at least four, two seeds.

    Of `first` as many as there are proposals, and none whose batch is larger than all images. The scheduler decides at
    the last epoch at the latest.
    """
    trials = min(search.trials, max(4, search.trials // 5))
    places: dict[str, list[int]] = {}
    for i, point in enumerate(search.first):
        if point.get("batch_size", 0) <= (point.get("train_images") or images):
            places.setdefault(str(point[search.within]) if search.within else "", []).append(i)
    kept = sorted(i for of_part in places.values() for i in of_part[:trials])
    return dataclasses.replace(
        search,
        trials=trials,
        seeds=min(search.seeds, 2),
        first=tuple(search.first[i] for i in kept),
        scheduler=dataclasses.replace(search.scheduler, grace=min(search.scheduler.grace, epochs)),
    )


@dataclass(frozen=True)
class Protocol:
    """How a study is run: under which seeds, and whether reduced."""

    seeds: tuple[int, ...]
    quick: bool = False
    device: str | None = None
    """If not given, what each study says."""
    precision: str | None = None
    images: int = 60_000
    """Training images of the data."""
    metrics: tuple[str, ...] = ()
    """Metrics that every record must hold, besides those that claims speak of."""
    hold_out: float = 0.0
    """What is held out of the training images by what selects and says nothing of it; 0 where the data have a test
    part.
    """
    begun: frozenset[str] = frozenset()
    """Searches that have begun without a test part: they go on so."""
    selecting: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Other studies that are judged on a test part, since they select; of each the claims that a folder has on val."""
    arm_seeds: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By `STUDY/ARM`, the seeds of these arms and of no others; if not given, every arm has `seeds`."""

    @property
    def tests_all(self) -> bool:
        """Whether every trial is measured on the test part, because a metric of it is asked for by name."""
        return any(METRICS[name].is_test for name in self.metrics if name in METRICS)

    def seeds_of(self, study: str, arm: str) -> tuple[int, ...]:
        """The seeds asked of an arm.

        >>> some = Protocol((5, 6), arm_seeds={"dropout/none": (5, 6)})
        >>> Protocol((0, 1)).seeds_of("dropout", "none"), some.seeds_of("dropout", "half")
        ((0, 1), ())
        """
        return self.arm_seeds.get(f"{study}/{arm}", ()) if self.arm_seeds else self.seeds

    def config(self, config: TrialConfig) -> TrialConfig:
        """A study's configuration as this protocol runs it.

        Reduced: a tenth of the training images (`quick_images`) and about the square root of the epochs; a batch is at
        most that many images. Where all images are taken, `train_images` stays as it is, so that trials are shared.
        """
        config = config.replace(device=self.device or config.device, precision=self.precision or config.precision)
        if not self.quick:
            return config
        images = self._images(config)
        return config.replace(
            train_images=images,
            epochs=reduced_epochs(config.epochs),
            batch_size=min(config.batch_size, images or self._there(config)),
        )

    def _there(self, config: TrialConfig) -> int:
        """The training images that are left to a configuration."""
        return self.images - config.images_held_out(self.images)

    def _images(self, config: TrialConfig) -> int | None:
        """`train_images` of the reduced protocol."""
        declared, there = config.train_images, self._there(config)
        least = quick_images(there)
        return least if least < (declared or there) else declared

    def lowers(self, config: TrialConfig) -> bool:
        """Whether it runs a study's configuration with fewer epochs or images than that asks for."""
        ready = self.config(config)
        return ready.epochs < config.epochs or ready.train_images != config.train_images

    def in_full(self, study: Study) -> Study:
        """The study as it would be run in full."""
        return dataclasses.replace(self, quick=False).study(study)

    def study(self, study: Study) -> Study:
        """The study as this protocol runs it, with every arm's knobs written out where they changed."""
        if self.hold_out and study.search and "held_out" not in study.base and study.name not in self.begun:
            study = dataclasses.replace(study, base={**study.base, "held_out": self.hold_out})
        elif study.name in self.selecting and "held_out" not in study.base:
            study = with_test_part(study, self.hold_out, self.selecting[study.name])
        overrides = {"device": self.device, "precision": self.precision}
        has = {name: study.base.get(name, KNOBS[name].default) for name in overrides}
        if not self.quick and all(given in (None, has[name]) for name, given in overrides.items()):
            return study
        base = {**study.base, **{name: given or has[name] for name, given in overrides.items()}}
        if self.quick:
            base |= self._reduced_base(study)
        arms = []
        for arm in study.arms:
            config = self.config(study.config(arm.name))
            change = {k: getattr(config, k) if k in ("batch_size", "train_images") else v for k, v in arm.change.values}
            arms.append(dataclasses.replace(arm, change=change, epochs=config.epochs))
        epochs = reduced_epochs(study.epochs) if self.quick else study.epochs
        search = study.search
        if search and self.quick:
            declared = TrialConfig.from_dict({**study.base})
            search = reduced_search(search, epochs, self._images(declared) or self._there(declared))
        reduced = [a.name for a in study.arms if self.lowers(study.config(a.name))]
        fewer_images = base.get("train_images") != study.base.get("train_images")
        if search and (epochs < study.epochs or fewer_images or search != study.search):
            reduced.append("*")
        marks = tuple(dict.fromkeys((*study.reduced, *reduced)))
        if marks and self.quick:
            whole = self.in_full(study)
            arms = [dataclasses.replace(arm, in_full=in_full(whole.config(arm.name))) for arm in arms]
        return dataclasses.replace(study, base=base, arms=tuple(arms), epochs=epochs, search=search, reduced=marks)

    def _reduced_base(self, study: Study) -> dict[str, int]:
        """Images and batch that all arms share, where the reduced protocol has others and the study seeks neither."""
        declared = TrialConfig.from_dict({**study.base})
        images = self._images(declared)
        values = {"batch_size": min(declared.batch_size, images or self._there(declared))}
        if values["batch_size"] == declared.batch_size and "batch_size" not in study.base:
            del values["batch_size"]
        if images is not None:
            values["train_images"] = images
        sought = {knob(n) for n in study.search.space} if study.search else set()
        return {k: v for k, v in values.items() if k not in sought}
