"""What a search found: its proposals as a frame, importance of each knob, who was stopped where, edges of the space.

Frames to frames; how they are drawn is `analysis.figures.search_knobs`, how they read `analysis.searches.sentences`.
Importances are computed from whole trials only, never from early-stopped ones.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.data.protocols import as_judged
from study.spec import domains as spaces
from study.spec.domains import Choice, Domain
from study.spec.points import on_edge
from study.spec.search import OBJECTIVES, Search
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import Proposal, best, front
from study.storage.search_log import SearchPart, current, parts
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig

MIN_TRIALS_FOR_IMPORTANCE = 8
"""Whole trials below which importances are not computed."""

Evaluator = Literal["ped-anova", "fanova"]


@dataclass(frozen=True, eq=False)
class SearchFindings:
    """One part of a search, ready to be shown."""

    part: SearchPart
    proposals: pd.DataFrame
    """A row a configuration; see `proposal_frame`."""
    importances: pd.DataFrame
    """See `importances`; empty where there are too few whole trials."""
    edges: Mapping[str, str]
    """Knobs of the best whose range ends there, with the end: low or high."""
    front: tuple[int, ...] = ()
    """With two objectives: the proposals that no other beats in both, from the best in the first."""

    @property
    def name(self) -> str:
        """The study, and the part where there are several."""
        return f"{self.part.study} ({self.part.label})" if self.part.label else self.part.study


def summary(store: ResultsFolder, study: str, *, rounds: int = 20) -> tuple[SearchFindings, ...]:
    """Every part of a study's search, with bootstrap bands from so many rounds; nothing where it has none."""
    asked = as_judged(store, study)
    found = current(parts(store), asked)[0] if asked else [p for p in parts(store) if p.study == study]
    return tuple(searched(p, rounds=rounds) for p in found)


def searched(part: SearchPart, *, rounds: int = 20) -> SearchFindings:
    """One part: its frame, importances and edges."""
    frame = proposal_frame(part)
    ranked = best(part.proposals, part.search.objectives[0])
    edges = on_edge(part.search.space, ranked[0].point) if ranked else {}
    nobody_beats = front(distinct(part), part.search.objectives) if len(part.search.objectives) > 1 else []
    return SearchFindings(
        part, frame, importances(frame, part.search, rounds=rounds), edges, tuple(p.n for p in nobody_beats)
    )


def distinct(part: SearchPart) -> list[Proposal]:
    """Each configuration once, in order: where proposals repeat one, the first of those that came furthest."""
    kept: dict[TrialConfig | int, Proposal] = {}
    for p in part.proposals:
        try:
            key: TrialConfig | int = part.search.config(p.point, part.base, part.epochs)
        except BadInput:  # an earlier version took it
            key = p.n
        if key not in kept or _far(p) > _far(kept[key]):
            kept[key] = p
    return sorted(kept.values(), key=lambda p: p.n)


def _far(p: Proposal) -> tuple[bool, int]:
    return p.state in ("whole", "diverged"), p.epochs


def proposal_frame(part: SearchPart) -> pd.DataFrame:
    """A row a configuration, in the order of their proposals; of those that repeat one there is one (`distinct`).

    n, by, state, epochs, value and second (objectives, last epoch), and the point. What does not exist at a point is
    None; without a second objective `second` is missing.
    """
    values = ["value", "second"][: len(part.search.objectives)]
    rows = []
    for p in distinct(part):
        row = {"n": p.n, "by": p.by, "state": p.state, "epochs": p.epochs}
        row |= dict(zip(values, p.values(part.search.objectives), strict=True))
        rows.append(row | {name: p.point.get(name) for name in part.search.space})
    columns = ["n", "by", "state", "epochs", *values, *part.search.space]
    return pd.DataFrame(rows, columns=columns)


def curve_frame(part: SearchPart) -> pd.DataFrame:
    """A row a configuration and epoch: n, epoch, value of the first objective, state of the proposal."""
    objective = part.search.objectives[0]
    rows = [(p.n, e + 1, v, p.state) for p in distinct(part) for e, v in enumerate(p.curves.get(objective, ()))]
    return pd.DataFrame(rows, columns=["n", "epoch", "value", "state"])


def rung_frame(part: SearchPart) -> pd.DataFrame:
    """A row an epoch at which segments end: epoch, arrived, went_on, ended (stopped there), diverged (by then)."""
    reached: dict[int, set[int]] = {}
    once = distinct(part)
    numbers = {p.n for p in once}
    for event in part.events:
        if event.n in numbers and event.kind == "reported" and event.curves and not event.diverged:
            reached.setdefault(len(next(iter(event.curves.values()))), set()).add(event.n)
    rows = []
    for epoch in sorted(reached):
        ended = {p.n for p in once if p.state == "paused" and p.epochs == epoch}
        lost = sum(p.state == "diverged" and p.epochs <= epoch for p in once)
        rows.append((epoch, len(reached[epoch]), len(reached[epoch]) - len(ended), len(ended), lost))
    return pd.DataFrame(rows, columns=["epoch", "arrived", "went_on", "ended", "diverged"])


def history_frame(frame: pd.DataFrame, search: Search) -> pd.DataFrame:
    """Whole proposals in order with `best`, the best value so far."""
    whole = frame[frame["state"] == "whole"].sort_values("n")
    running = whole["value"].cummax() if OBJECTIVES[search.objectives[0]] == "higher" else whole["value"].cummin()
    return whole.assign(best=running)[["n", "value", "best"]].reset_index(drop=True)


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
    sign = 1.0 if OBJECTIVES[search.objectives[0]] == "higher" else -1.0
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judge = (
            optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.25, evaluate_on_local=False)
            if evaluator == "ped-anova"
            else optuna.importance.FanovaImportanceEvaluator(n_trees=32, seed=0)
        )
        found = optuna.importance.get_param_importances(study, evaluator=judge)
    return {str(n): float(found.get(str(n), 0.0)) for n in places.columns}
