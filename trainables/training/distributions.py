"""A tensor's values summarised in double precision."""

from __future__ import annotations

import itertools
import math

import numpy as np
from torch import Tensor

from trainables.records.tensor_summary import BINS, QUANTILES, Kind, TensorSummary


def summary(values: Tensor, epoch: int, kind: Kind, name: str) -> TensorSummary:
    """The distribution of a tensor's values, in double precision."""
    single = np.sort(values.detach().reshape(-1).cpu().numpy())  # half the time of doubles, in the same order
    if not np.isfinite(single[[0, -1]]).all():  # what is not finite comes to lie at the ends
        nan = math.nan
        return TensorSummary(epoch, kind, name, len(single), nan, nan, (nan,) * len(QUANTILES), ())
    ordered = single.astype(np.float64)
    at = [min(round(q * (len(ordered) - 1)), len(ordered) - 1) for q in QUANTILES]
    return TensorSummary(
        epoch=epoch,
        kind=kind,
        name=name,
        count=len(ordered),
        mean=float(ordered.mean()),
        std=float(ordered.std()),
        quantiles=tuple(float(ordered[i]) for i in at),
        histogram=_histogram(ordered),
    )


def _histogram(ordered: np.ndarray) -> tuple[int, ...]:
    """`numpy.histogram` of values in order, which need not be gone through one by one."""
    edges = np.linspace(*_span(float(ordered[0]), float(ordered[-1])), BINS + 1)
    before = [0, *np.searchsorted(ordered, edges[1:-1]).tolist(), len(ordered)]
    return tuple(after - start for start, after in itertools.pairwise(before))


def _span(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, high + 0.5)
