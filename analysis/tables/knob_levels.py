"""Arms that differ from the baseline in one number alone, in its order, with the level of each: a frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.claims.queries import Measurements, NotMeasured
from study.spec.claims import Quantity
from study.spec.splits import SPLIT_KNOBS
from study.spec.study import Study
from trainables.config.trial_config import TrialConfig

KNOB_COLUMNS = (
    *("study", "arm", "knob", "value", "metric", "tensor", "at"),
    *("estimate", "low", "high", "n", "diverged", "refused"),
)
MIN_VALUES = 3
"""Values of a knob from which on it has an axis of its own."""
NO_KNOB = frozenset({"seed", "epochs", *SPLIT_KNOBS})
"""Numbers of a configuration that are no knob to be drawn: curves have the epochs, and splits share images."""


@dataclass(frozen=True)
class KnobLadder:
    """Arms of a study that differ in one number alone, the baseline among them."""

    knobs: tuple[str, ...]
    """One knob; several where they have the same value in every arm, such as dropout of input and hidden layers."""
    arms: tuple[tuple[str, float], ...]
    """Each arm with its value, in the order of the values."""
    epochs: int
    """The last epoch that all of them have."""
    unequal: bool
    """Whether some have more."""

    @property
    def name(self) -> str:
        """What stands at the axis.

        >>> KnobLadder(("dropout_input", "dropout_hidden"), (), 10, False).name
        'dropout_input and dropout_hidden'
        """
        return " and ".join(self.knobs)

    @property
    def values(self) -> list[float]:
        """The values, in order."""
        return [value for _, value in self.arms]


def knob_ladders(study: Study) -> tuple[KnobLadder, ...]:
    """The ladders of a study, in the order of their first arms; none where a knob has fewer than three values."""
    base = study.config(study.baseline)
    found: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for arm in study.arms:
        config = study.config(arm.name)
        knobs = tuple(k for k in config.differing(base) if k != "epochs" or config.schedule == "cosine")
        value, from_value = _number(config, knobs), _number(base, knobs)
        if value is not None and from_value is not None:
            found.setdefault(knobs, [(study.baseline, from_value)]).append((arm.name, value))
    return tuple(_ladder(study, *of) for of in found.items() if len({v for _, v in of[1]}) >= MIN_VALUES)


def _ladder(study: Study, knobs: tuple[str, ...], arms: Sequence[tuple[str, float]]) -> KnobLadder:
    epochs = {study.config(arm).epochs for arm, _ in arms}
    return KnobLadder(knobs, tuple(sorted(arms, key=lambda of: of[1])), min(epochs), len(epochs) > 1)


def _number(config: TrialConfig, knobs: Sequence[str]) -> float | None:
    """The one number that all these knobs have; None where they have none, or several."""
    if NO_KNOB.intersection(knobs):
        return None
    values = [getattr(config, knob) for knob in knobs]
    values = [v[0] if isinstance(v, tuple) and len(v) == 1 else v for v in values]  # the width of one layer
    plain = [isinstance(v, int | float) and not isinstance(v, bool) for v in values]
    return float(values[0]) if values and all(plain) and len(set(values)) == 1 else None


def at_one_epoch(quantity: Quantity, ladder: KnobLadder) -> Quantity:
    """The same quantity where all arms of a ladder have it: after the last epoch of all, where one has more."""
    late = isinstance(quantity.at, int) and quantity.at > ladder.epochs
    open_end = ladder.unequal and not isinstance(quantity.at, int)
    return replace(quantity, at=ladder.epochs) if late or open_end else quantity


def knob_levels(study: Study, ladder: KnobLadder, quantity: Quantity, measurements: Measurements) -> pd.DataFrame:
    """The mean over seeds of each arm of a ladder, with its 95 % interval, in the recorded unit.

    Args:
        study: which has the arms.
        ladder: of `knob_ladders`.
        quantity: what is measured of each arm; its own arm does not matter.
        measurements: the trials.

    Returns:
        A row an arm in the order of the values: `KNOB_COLUMNS`; `at` is an epoch, or what a quantity has in its place,
        and `tensor` is empty where it is of a curve. Where seeds diverged and have no ordinary number, or
        trials are missing, there is no estimate: `diverged` counts those seeds, and `refused` says why.
    """
    rows = []
    for arm, value in ladder.arms:
        of = replace(at_one_epoch(quantity, ladder), arm=f"{study.name}/{arm}")
        facts = {"study": study.name, "arm": arm, "knob": ladder.name, "value": value}
        place = ladder.epochs if of.at == "last" else of.at
        measured = {"metric": of.metric, "tensor": of.tensor or "", "at": str(place)}
        rows.append({**facts, **measured, **_level(of, measurements)})
    return pd.DataFrame(rows, columns=list(KNOB_COLUMNS))


def _level(quantity: Quantity, measurements: Measurements) -> dict[str, object]:
    try:
        e = measurements.estimate(quantity)
    except NotMeasured as reason:
        none = dict.fromkeys(("estimate", "low", "high"), math.nan)
        why = str(reason).removeprefix(f"{quantity.arm.rpartition('/')[0]}/")
        return {**none, "n": 0, "diverged": measurements.diverged(quantity), "refused": why}
    return {"estimate": e.value, "low": e.low, "high": e.high, "n": e.n, "diverged": 0, "refused": ""}
