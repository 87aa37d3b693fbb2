"""How much each knob matters, with a band."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pandas as pd

from study.spec import domains as spaces
from study.spec.domains import Choice, Domain
from study.spec.search import Search
from trainables.records.metrics import METRICS

MIN_TRIALS_FOR_IMPORTANCE = 8
"""Whole trials below which importances are not computed."""


Evaluator = Literal["ped-anova", "fanova"]


def importances(
    frame: pd.DataFrame, search: Search, *, evaluator: Evaluator = "fanova", rounds: int = 20, seed: int = 0
) -> pd.DataFrame:
    """How much each name of the space matters among whole trials: name, importance, low, high, tied.

    By fANOVA; PED-ANOVA is misled by knobs that exist only here and there. `low` and `high` hold the value and nine in
    ten of `rounds` bootstrap samples of the trials; `tied`: its band overlaps that of the
    most important one, so that the order between the two is not known. What does not exist at a point counts as the
    start of its range. Empty with fewer than `MIN_TRIALS_FOR_IMPORTANCE` whole trials, or where they are all equal.
    """
    whole = frame[(frame["state"] == "whole") & np.isfinite(frame["value"])]
    names = [n for n, d in search.space.items() if len(d.ends()) > 1]
    columns = ["name", "importance", "low", "high", "tied"]
    if len(whole) < MIN_TRIALS_FOR_IMPORTANCE or not names or whole["value"].nunique() < 2:
        return pd.DataFrame(columns=columns)
    places = pd.DataFrame({n: [_place(search.space[n], v) for v in whole[n]] for n in names})
    sign = 1.0 if METRICS[search.objectives[0]].direction == "higher" else -1.0
    values = sign * whole["value"].to_numpy()
    chance = np.random.default_rng(seed)
    found = _evaluate(places, values, search, evaluator)
    again = []
    for _ in range(rounds):
        rows = chance.integers(0, len(values), len(values))
        if len(set(values[rows])) > 1:
            again.append(_evaluate(places.iloc[rows], values[rows], search, evaluator))
    out = []
    for name in names:
        low, high = np.quantile([a[name] for a in again] or [math.nan], [0.05, 0.95])
        out.append((name, found[name], min(float(low), found[name]), max(float(high), found[name])))
    out.sort(key=lambda r: -r[1])
    return pd.DataFrame([(*r, i > 0 and r[3] >= out[0][2]) for i, r in enumerate(out)], columns=columns)


def _place(domain: Domain, value: Any) -> float:
    """Where on its own scale a value lies: 0 to 1, or for an unordered choice its number."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return 0.0
    if isinstance(domain, Choice):
        index = next(i for i, v in enumerate(domain.values) if v == value)
        return index / (len(domain.values) - 1) if domain.ordered and len(domain.values) > 1 else float(index)
    return min(max(domain.share(int(value) if isinstance(domain, spaces.Int) else value), 0.0), 1.0)


def _evaluate(
    places: pd.DataFrame, values: np.ndarray[Any, Any], search: Search, evaluator: Evaluator
) -> dict[str, float]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kinds: dict[str, Any] = {}
    for name in places.columns:
        domain = search.space[name]
        if isinstance(domain, Choice) and not domain.ordered:
            kinds[name] = optuna.distributions.CategoricalDistribution(tuple(range(len(domain.values))))
        else:
            kinds[name] = optuna.distributions.FloatDistribution(0.0, 1.0)
    study = optuna.create_study(direction="maximize")
    rows = places.to_dict("records")
    study.add_trials(
        [
            optuna.trial.create_trial(
                params={
                    str(k): int(v) if isinstance(kinds[str(k)], optuna.distributions.CategoricalDistribution) else v
                    for k, v in row.items()
                },
                distributions=kinds,
                value=float(value),
            )
            for row, value in zip(rows, values, strict=True)
        ]
    )
    judge = (
        optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.25, evaluate_on_local=False)
        if evaluator == "ped-anova"
        else optuna.importance.FanovaImportanceEvaluator(n_trees=32, seed=0)
    )
    found = optuna.importance.get_param_importances(study, evaluator=judge)
    return {str(n): float(found.get(str(n), 0.0)) for n in places.columns}
