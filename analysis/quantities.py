"""A claim's `Quantity` as numbers: one a seed, with the trials that they come from. What is made of them is not here.

A sample takes every seed's trial of the arm. It is refused where a seed is missing, stopped early or failed; a diverged
trial stays: its curve goes on at the worst value of the metric, which is infinite, up to the epochs asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis import frames as fr
from analysis.stats import Refusal
from study.spec import Quantity, Study
from trainables.config import TrialConfig
from trainables.errors import BadInput
from trainables.records import DIRECTIONS, MEASURED_TIMES, QUANTILES

WORST = {"higher": -math.inf, "lower": math.inf, "none": math.nan}


@dataclass(frozen=True)
class Sample:
    """One number a seed."""

    values: Mapping[int, float]
    trials: tuple[str, ...]
    config: TrialConfig
    place: int
    """The epoch that the number is of; for a number of the whole curve, the last."""
    diverged: frozenset[int] = frozenset()
    reduced: bool = False
    hosts: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether every value is an ordinary number."""
        return all(math.isfinite(v) for v in self.values.values())


@dataclass(frozen=True)
class Arms:
    """The trials of every arm that a study's claims name, read once."""

    study: Study
    studies: Mapping[str, Study]
    frames: fr.Frames
    seeds: tuple[int, ...] | None = None
    """The seeds that every arm must have; if not given, those that it has."""
    _cache: dict[str, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]] = field(default_factory=dict, repr=False)

    def config(self, name: str) -> TrialConfig | Refusal:
        """The configuration of an arm, `ARM` or `STUDY/ARM`."""
        found = self._find(name)
        return found if isinstance(found, Refusal) else found[0].config(found[1])

    def rows(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | Refusal:
        """Trials, epochs and tensors of an arm, each cut at its epochs; refused unless every seed ran to its end."""
        found = self._find(name)
        if isinstance(found, Refusal):
            return found
        if name not in self._cache:
            study, arm = found
            small = self.frames.only(fr.arm_frame(self.frames, study, [arm])["trial"])
            self._cache[name] = (
                fr.arm_frame(small, study, [arm]),
                fr.arm_epochs(small, study, [arm]),
                fr.arm_tensors(small, study, [arm]),
            )
        trials, epochs, tensors = self._cache[name]
        refused = self._whole(name, trials)
        if refused is not None:
            return refused
        if self.seeds is not None:
            return trials[trials["seed"].isin(self.seeds)], epochs[epochs["seed"].isin(self.seeds)], tensors
        return trials, epochs, tensors

    def _find(self, name: str) -> tuple[Study, str] | Refusal:
        owner, _, arm = name.rpartition("/")
        study = self.studies.get(owner) if owner else self.study
        if study is None:
            return Refusal("missing", f"there is no study {owner} here, so no arm {name}")
        try:
            study.config(arm)
        except BadInput as error:
            return Refusal("missing", f"there is no arm {name} ({error})")
        return study, arm

    def _whole(self, name: str, trials: pd.DataFrame) -> Refusal | None:
        if self.seeds is not None:
            absent = sorted(set(self.seeds) - set(trials["seed"]))
            if absent and len(trials):
                return Refusal("seeds", f"{name} has no trial of seed {_list(absent)}")
            trials = trials[trials["seed"].isin(self.seeds)]
        if trials.empty:
            return Refusal("missing", f"{name} has no trials")
        for status in ("failed", "stopped"):
            rows = trials[trials["status"] == status]
            if len(rows):
                done = _list(sorted(set(rows["epochs_done"])))
                what = f"seed {_list(rows['seed'])} of {name} {'failed' if status == 'failed' else 'ended early'}"
                return Refusal("failed" if status == "failed" else "stopped", f"{what} (epochs done: {done})")
        return None


def sample(arms: Arms, quantity: Quantity) -> Sample | Refusal:
    """The quantity's value for every seed of its arm."""
    config, rows = arms.config(quantity.arm), arms.rows(quantity.arm)
    if isinstance(config, Refusal) or isinstance(rows, Refusal):
        return config if isinstance(config, Refusal) else rows  # type: ignore[return-value]
    trials, epochs, tensors = rows
    place = quantity.at if isinstance(quantity.at, int) else config.epochs
    if place > config.epochs:
        return Refusal(
            "not-reached", f"{quantity.arm} trains {config.epochs} epochs here; epoch {place} is beyond that"
        )
    if quantity.tensor:
        values: dict[int, float] | Refusal = _tensor_values(trials, tensors, quantity, place)
    else:
        values = {
            int(seed): _on_curve(epochs[epochs["trial"] == trial], quantity, config.epochs)
            for seed, trial in zip(trials["seed"], trials["trial"], strict=True)
        }
    if isinstance(values, Refusal):
        return values
    diverged = frozenset(int(s) for s in trials.loc[trials["status"] == "diverged", "seed"])
    odd = sorted(s for s, v in values.items() if not math.isfinite(v) and s not in diverged)
    if odd:
        return Refusal("not-finite", f"{quantity.metric} of {quantity.arm} is not a number for seed {_list(odd)}")
    timed = quantity.metric in MEASURED_TIMES
    hosts = (
        frozenset(f"{h} {c}".strip() for h, c in zip(trials["host"], trials["cpu"], strict=True))
        if timed
        else frozenset()
    )
    return Sample(values, tuple(trials["trial"]), config, place, diverged, bool(trials["reduced"].any()), hosts)


def _on_curve(rows: pd.DataFrame, quantity: Quantity, epochs: int) -> float:
    """One trial's number; what lies beyond a divergence is the metric's worst."""
    worst = WORST[DIRECTIONS[quantity.metric]]
    curve = _filled(rows[quantity.metric], epochs, worst)
    if quantity.reaches is not None:
        hit = curve >= quantity.reaches if DIRECTIONS[quantity.metric] == "higher" else curve <= quantity.reaches
        return float(np.argmax(hit) + 1) if hit.any() else float(epochs + 1)
    match quantity.at:
        case "last":
            return float(curve[-1])
        case "best":
            return float(curve[int(np.argmax(_filled(rows["val_accuracy"], epochs, -math.inf)))])
        case "max":
            return float(curve.max())
        case "min":
            return float(curve.min())
        case "mean":
            return float(curve.mean())
        case "fall":
            return float(curve[0] - curve[-1])
        case int(place):
            return float(curve[place - 1])
    raise AssertionError(quantity.at)


def _filled(column: pd.Series, epochs: int, worst: float) -> np.ndarray:
    curve = np.full(epochs, worst)
    known = column.to_numpy(dtype=float)[:epochs]
    curve[: len(known)] = np.where(np.isfinite(known), known, worst)
    return curve


def _tensor_values(
    trials: pd.DataFrame, tensors: pd.DataFrame, quantity: Quantity, place: int
) -> dict[int, float] | Refusal:
    rows = tensors[(tensors["name"] == quantity.tensor) & (tensors["epoch"] == place)]
    by_trial = {r.trial: r for r in rows.itertuples()}
    values: dict[int, float] = {}
    for seed, trial, status in zip(trials["seed"], trials["trial"], trials["status"], strict=True):
        if trial in by_trial:
            values[int(seed)] = tensor_metric(quantity.metric, by_trial[trial].quantiles, by_trial[trial].std)
        elif status == "diverged":
            values[int(seed)] = math.nan
        else:
            text = f"{quantity.arm} has no summary of {quantity.tensor} at epoch {place} for seed {seed}"
            return Refusal("no-tensor", text)
    return values


def tensor_metric(metric: str, quantiles: Iterable[float], std: float) -> float:
    """A statistic of one tensor from its summary.

    >>> tensor_metric("largest", (-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5), 1.0)
    3.0
    """
    q = dict(zip(QUANTILES, quantiles, strict=True))
    largest = max(abs(q[0.0]), abs(q[1.0]))
    match metric:
        case "width":
            return q[1.0] - q[0.0]
        case "std":
            return float(std)
        case "largest":
            return largest
        case "tail":
            return largest / std if std else math.nan
        case "inner_width":
            return q[0.999] - q[0.001]
    raise BadInput("metric", metric, "it is not a statistic of a tensor")


def _list(values: Iterable[object]) -> str:
    return ", ".join(str(v) for v in values)
