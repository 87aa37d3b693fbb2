"""A large folder in one table: each configuration at its last epoch, over its seeds. Nothing is compared here."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.claims.ranges import of
from analysis.data.frames import Frames
from analysis.tables.measures import METRICS


def by_configuration(frames: Frames, level: float = 0.95) -> pd.DataFrame:
    """Mean and t interval over the finished trials of every configuration, at their last epoch.

    Trials of one configuration count together only where they ran equally long: `group` and `epochs_done` name a row.

    Returns:
        group, epochs_done, n, and for every metric its mean, NAME_low and NAME_high (NaN where n is 1).
    """
    finished = frames.trials.loc[frames.trials["status"] == "finished", ["trial", "group", "epochs_done"]]
    last = _last(frames.epochs)
    rows = finished.merge(last.assign(trial=last["trial"].astype(finished["trial"].dtype)), on="trial")
    groups = rows.groupby(["group", "epochs_done"], sort=True)
    n = groups.size()
    mean, spread = groups[list(METRICS)].mean(), groups[list(METRICS)].std(ddof=1)
    half = spread.mul(stats.t.ppf((1 + level) / 2, np.maximum(n - 1, 1)) / np.sqrt(n), axis=0)
    table = mean.assign(n=n, **{f"{m}_low": (mean[m] - half[m]).clip(lower=of(m)[0]) for m in METRICS})
    table = table.assign(**{f"{m}_high": (mean[m] + half[m]).clip(upper=of(m)[1]) for m in METRICS})
    order = ["n", *(c for m in METRICS for c in (m, f"{m}_low", f"{m}_high"))]
    return table[order].reset_index()


def _last(epochs: pd.DataFrame) -> pd.DataFrame:
    """The last epoch's row of every trial; rows of a trial lie together, its epochs in order."""
    trial = epochs["trial"]
    codes = trial.cat.codes.to_numpy() if isinstance(trial.dtype, pd.CategoricalDtype) else pd.factorize(trial)[0]
    ends = np.append(codes[1:] != codes[:-1], True) if len(codes) else np.zeros(0, dtype=bool)
    return epochs.loc[ends, ["trial", *METRICS]]
