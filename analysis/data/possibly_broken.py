"""Arms that are possibly broken: their loss stands still to the last bit, or they are no better than guessing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import pandas as pd

from analysis.data.arms import Asked, arm_epochs, asked_rows
from analysis.data.frames import Frames
from study.planning.seeds import seeds_named
from study.spec.study import Study
from trainables.data.facts import DataFacts

LOSSES = ("train_loss", "train_loss_eval", "val_loss")
STILL_EPOCHS = 3
"""Epochs in a row with the same loss from which on it stands still."""
GUESSING_DEVIATIONS = 2.326
"""Standard deviations within which an accuracy is that of guessing: one guesser in a hundred lies above."""

FOLLOWS_SHARE = 0.5
"""Of what training accuracy has gained over the largest class, the least that validation accuracy has, too, where a
trial learns."""


@dataclass(frozen=True)
class Standstill:
    """Epochs in which a loss of a trial is the same to the last bit."""

    since: int
    until: int | None
    """None where it stands still to the end of the trial."""
    seed: int
    rate_is_zero: bool = False
    """Whether its learning rate has come to 0 there: no schedule does so unless its factor is far too small."""


@dataclass(frozen=True)
class Guess:
    """A trial that ends no better than guessing."""

    seed: int
    accuracy: float


@dataclass(frozen=True)
class BrokenArm:
    """Why an arm is possibly broken; at least one of the two is not empty."""

    study: str
    arm: str
    still: tuple[Standstill, ...]
    guessing: tuple[Guess, ...]
    largest_class: float = math.nan
    """Its share of the validation images: what whoever always names that class gets."""

    def __post_init__(self) -> None:
        order = sorted(self.still, key=lambda s: (s.since, s.until or math.inf, s.seed))
        object.__setattr__(self, "still", tuple(order))

    @property
    def reason(self) -> str:
        """Why it is possibly broken, in words, without the name of the arm."""
        return "; ".join([*([self._still] if self.still else []), *([self._guessing] if self.guessing else [])])

    @property
    def _still(self) -> str:
        spans: dict[tuple[int, int | None], list[int]] = {}
        for s in self.still:
            spans.setdefault((s.since, s.until), []).append(s.seed)
        if len(spans) > 3 and all(until is None for _, until in spans):
            epochs = sorted(since for since, _ in spans)
            said = [f"from epoch {epochs[0]} to {epochs[-1]} on in {seeds_named(s.seed for s in self.still)}"]
        else:
            said = [_span(*span) + f" in {seeds_named(seeds)}" for span, seeds in spans.items()]
        zero = [s.seed for s in self.still if s.rate_is_zero]
        why = f" (the learning rate has come to 0 in {seeds_named(zero)})" if zero else ""
        return f"the loss is the same to the last bit {'. Likewise '.join(said)}{why}"

    @property
    def _guessing(self) -> str:
        ends = sorted(g.accuracy for g in self.guessing)
        low, high, largest = (f"{100 * share:.1f}" for share in (ends[0], ends[-1], self.largest_class))
        accuracy = low if low == high else f"{low} to {high}"
        how = "not clearly better" if ends[0] > self.largest_class and low != largest else "no better"
        where = f"it ends {how} than guessing in {seeds_named(g.seed for g in self.guessing)}"
        return f"{where} ({accuracy} %). Always naming the largest class gives {largest} %"


def possibly_broken(
    study: Study, frames: Frames, data: Mapping[str, DataFacts], asked: Asked | None = None
) -> tuple[BrokenArm, ...]:
    """The arms of a study that are possibly broken, in its order; each with its seeds.

    A loss stands still where any that is recorded has the same bits in `STILL_EPOCHS` epochs in a row. Epochs whose
    training loss is 0 are none: there is nothing left to do.

    Guessing is told from learning by the last validation accuracy of trials that finished; one that diverged is said to
    have diverged. Whoever guesses without the image is right in at most the share p of the largest class, and over n
    images that scatters by sqrt(p (1 - p) / n). So what lies no more than `GUESSING_DEVIATIONS` of these above p is
    within chance: 0.7 points of 10 % for 10,000 images, 3.7 for 360. All images right is never chance. The mean over k
    such seeds scatters less, by 1 / sqrt(k): where it lies above that chance, none of them guesses. Nor does a trial
    that learns and is not done: its training accuracy is beyond chance, and the validation part follows it at least
    half of the way.

    Args:
        study: as it is judged.
        frames: of its results folder.
        data: by checksum; of trials on others it is not known what guessing would give, so nothing is said of that.
        asked: the seeds that count.
    """
    epochs = asked_rows(arm_epochs(frames, study), asked or {}, study.name)
    if epochs.empty:
        return ()
    still, guessing = _still(epochs), _guessing(study, frames, epochs, data)
    nothing: tuple[float, tuple[Guess, ...]] = (math.nan, ())
    found = []
    for arm in study.arms:
        share, guesses = guessing.get(arm.name, nothing)
        if arm.name in still or guesses:
            found.append(BrokenArm(study.name, arm.name, tuple(still.get(arm.name, ())), guesses, share))
    return tuple(found)


def _still(epochs: pd.DataFrame) -> dict[str, list[Standstill]]:
    """Where the trials of each arm stand still: of each the stretch that lasts to its end, else the first."""
    found: dict[str, list[Standstill]] = {}
    begins = _begins(epochs)
    idle = epochs[["train_loss_eval", "train_loss"]].to_numpy(dtype=float).min(axis=1) == 0  # nothing is left to do
    same = {name: _as_before(epochs[name]) & ~begins & ~idle for name in LOSSES}
    twice = np.any([mark[1:] & mark[:-1] for mark in same.values()], axis=0)
    starts = np.flatnonzero(begins)
    for row in dict.fromkeys(np.searchsorted(starts, np.flatnonzero(twice) + 1, side="right") - 1):
        first = starts[row]
        last = starts[row + 1] if row + 1 < len(starts) else len(epochs)
        spans = [s for mark in same.values() for s in _stretches(mark[first:last])]
        arm, seed = str(epochs["arm"].iloc[first]), int(epochs["seed"].iloc[first])
        ends = [since for since, until in spans if until == last - first]
        since, until = (min(ends), None) if ends else min(spans)
        rate = float(epochs["lr"].iloc[(last if until is None else first + until) - 1])
        found.setdefault(arm, []).append(Standstill(since, until, seed, rate == 0))
    return found


def _begins(epochs: pd.DataFrame) -> np.ndarray:
    """Which rows are the first of their arm and trial."""
    codes = epochs.groupby(["arm", "trial"], sort=False, observed=True).ngroup().to_numpy()
    return np.concatenate([[True], codes[1:] != codes[:-1]])


def _as_before(loss: pd.Series) -> np.ndarray:
    """Which values are the same as the one before."""
    values = loss.to_numpy(dtype=float)
    return np.concatenate([[False], (values[1:] == values[:-1]) & np.isfinite(values[1:])])


def _stretches(same: np.ndarray) -> list[tuple[int, int]]:
    """First and last epoch of each stretch that is long enough."""
    found, since = [], 1
    for epoch in range(2, len(same) + 2):
        if epoch == len(same) + 1 or not same[epoch - 1]:
            if epoch - since >= STILL_EPOCHS:
                found.append((since, epoch - 1))
            since = epoch
    return found


def _guessing(
    study: Study, frames: Frames, epochs: pd.DataFrame, data: Mapping[str, DataFacts]
) -> dict[str, tuple[float, tuple[Guess, ...]]]:
    """By arm the share of the largest class, and the trials that are no better than guessing."""
    columns = ["arm", "seed", "trial", "val_accuracy", "train_accuracy"]
    ends = epochs.loc[epochs["status"] == "finished", columns].groupby(["arm", "seed"], sort=True).tail(1)
    checksums = dict(zip(frames.trials["trial"], frames.trials["data_checksum"], strict=True))
    found = {}
    for name, rows in ends.groupby("arm", sort=False):
        known = data.get(str(checksums[rows["trial"].iloc[0]]))
        if known is None:
            continue
        images, share = known.validation(study.config(str(name)))
        limit = guessing_limit(images, share)
        trained = guessing_limit(known.train_images, known.train_largest_class / known.train_images)
        ends_of = sorted(zip(rows["seed"], rows["val_accuracy"], rows["train_accuracy"], strict=True))
        guesses = tuple(
            Guess(int(seed), float(v))
            for seed, v, t in ends_of
            if v <= limit and v < 1 and not (t > trained and v - share >= FOLLOWS_SHARE * (t - share) > 0)
        )
        if guesses and fmean(g.accuracy for g in guesses) <= guessing_limit(images, share, len(guesses)):
            found[str(name)] = share, guesses
    return found


def guessing_limit(images: int, share: float, seeds: int = 1) -> float:
    """The accuracy up to which a network may only guess.

    Args:
        images: of the validation part.
        share: of the largest class among them.
        seeds: over which the accuracy is a mean.
    """
    return share + GUESSING_DEVIATIONS * math.sqrt(share * (1 - share) / (images * seeds))


# -------------------------------------------------------------------------------------------------------------- words


def _span(since: int, until: int | None) -> str:
    return f"from epoch {since} on" if until is None else f"from epoch {since} to {until}"
