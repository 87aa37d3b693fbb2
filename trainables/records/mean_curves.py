"""The mean curves of a configuration's replicates: what a searcher and a scheduler see of it. No torch here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from trainables.records.epoch_columns import EpochColumns
from trainables.records.metrics import METRICS, OBJECTIVES, add_derived


def mean_curves(histories: Sequence[EpochColumns], epochs: int) -> dict[str, list[float]]:
    """Each objective by epoch, up to an epoch that all replicates have reached, averaged over them; times added up."""
    done = min([epochs, *(len(h) for h in histories)])
    recorded = [name for name in OBJECTIVES if METRICS[name].derived_from is None]
    found = {name: np.array([_mean([h[name][e] for h in histories]) for e in range(done)]) for name in recorded}
    found |= {name: np.cumsum(values) for name, values in found.items() if METRICS[name].is_time}
    made = add_derived(found)
    return {name: made[name].tolist() for name in OBJECTIVES}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else math.nan
