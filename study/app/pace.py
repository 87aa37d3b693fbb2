"""How fast this machine trains, from what it has on record; a plan's expected times by it."""

from __future__ import annotations

import dataclasses
import platform
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from study.planning.cost import expected_seconds
from study.planning.plan import Plan
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError
from trainables.config.trial_config import KNOBS, TrialConfig
from trainables.training.gpu_memory import Data

MOST = 400
"""Trials that are looked at, the last ones."""
LOWEST, HIGHEST = 0.7, 4.0
"""What an estimate is multiplied by where nothing was measured: the ends of the range that is said."""


@dataclass(frozen=True)
class Pace:
    """Seconds of an epoch on this machine."""

    ratio: float
    """Measured over expected, in the median."""
    measured: Mapping[TrialConfig, float] = field(default_factory=dict)
    """By configuration, with seed 0 and one epoch."""

    def seconds(self, config: TrialConfig, size: Data) -> float:
        """Of all epochs of a trial."""
        known = self.measured.get(_key(config))
        return known * config.epochs if known is not None else self.ratio * expected_seconds(config, size)


def _key(config: TrialConfig) -> TrialConfig:
    return config.replace(seed=0, epochs=1)


FASHION = "fashion-mnist"
KNOWN_SIZES = {FASHION: Data(60_000, 10_000, 784, 10)}


def pace_of(where: str, size: Data, data: str = FASHION) -> Pace | None:
    """The pace of the trials in a results folder that this machine has trained; None where there are none.

    Args:
        where: a results folder; nothing is known from one that is none, or is empty.
        size: of the data set `data`.
        data: its name. Trials of another say nothing, for its size is not on record, but of Fashion-MNIST.
    """
    try:
        store = ResultsFolder(where)
        if not (store.trials.gathered() or store.trials.loose()):
            return None
        from analysis.data.load import load

        frames = load(store).frames
    except StudyError:
        return None
    sizes = {**KNOWN_SIZES, data: size}
    trials = frames.trials[(frames.trials["host"] == platform.node()) & (frames.trials["epochs_done"] > 0)].tail(MOST)
    epochs = frames.epochs[frames.epochs["trial"].isin(set(trials["trial"]))]
    spent = (epochs["seconds"] + epochs["eval_seconds"]).groupby(epochs["trial"]).median().to_dict()
    found: dict[TrialConfig, list[float]] = {}
    for row in trials[["trial", *KNOBS]].to_dict("records"):
        config = _config(row)
        if config is not None and config.data in sizes and row["trial"] in spent:
            found.setdefault(_key(config), []).append(float(spent[row["trial"]]))
    if not found:
        return None
    measured = {config: statistics.fmean(seconds) for config, seconds in found.items()}
    ratios = [seconds / max(expected_seconds(c, sizes[c.data]), 1e-9) for c, seconds in measured.items()]
    return Pace(statistics.median(ratios), measured)


def pace_for(where: str, plan: Plan) -> Pace | None:
    """The same, for a plan's data set."""
    names = [t.config.data for t in plan.trials[:1]]
    data = (names + [str(s.base.get("data", FASHION)) for s in plan.studies] + [FASHION])[0]
    return pace_of(where, plan.size, data)


def _config(row: Mapping[str, object]) -> TrialConfig | None:
    values = {name: None if value != value else value for name, value in row.items() if name in KNOBS}
    hidden = str(values["hidden"] or "")
    try:
        values["hidden"] = tuple(int(width) for width in hidden.split("+") if width)
        if values.get("train_images") is not None:
            values["train_images"] = int(str(values["train_images"]).removesuffix(".0"))
        return TrialConfig.from_dict(values)
    except (StudyError, ValueError, TypeError):
        return None


def paced(plan: Plan, pace: Pace | None) -> Plan:
    """The same plan with expected times of this machine; its order stays."""
    if pace is None:
        return plan
    trials = tuple(dataclasses.replace(t, seconds=pace.seconds(t.config, plan.size)) for t in plan.trials)
    return dataclasses.replace(plan, trials=trials)
