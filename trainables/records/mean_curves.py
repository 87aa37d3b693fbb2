"""The mean curves of a configuration's replicates: what a searcher and a scheduler see of it. No torch here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trainables.records.metrics import CURVES
from trainables.records.trial_record import EpochRecord


def mean_curves(histories: Sequence[Sequence[EpochRecord]], epochs: int) -> dict[str, list[float]]:
    """Each metric by epoch, up to an epoch that all replicates have reached, averaged over them."""
    done = min([epochs, *(len(h) for h in histories)])
    found = {name: [_mean([getattr(h[e], name) for h in histories]) for e in range(done)] for name in CURVES[:4]}
    found["accuracy_gap"] = [t - v for t, v in zip(found["train_accuracy"], found["val_accuracy"], strict=True)]
    total, seconds = 0.0, []
    for e in range(done):
        total += _mean([h[e].seconds for h in histories])
        seconds.append(total)
    return {**found, "seconds": seconds}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else math.nan
