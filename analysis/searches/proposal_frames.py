"""Proposals, curves, rungs and history of a search as frames."""

from __future__ import annotations

import pandas as pd

from study.spec.search import Search
from study.storage.search_events import Proposal
from study.storage.search_log import SearchPart
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import METRICS


def distinct(part: SearchPart) -> list[Proposal]:
    """Each configuration once, in order: where proposals repeat one, the first of those that came furthest."""
    kept: dict[TrialConfig | int, Proposal] = {}
    for p in part.proposals:
        try:
            key: TrialConfig | int = part.shared.config(p.point)
        except BadInput:  # an earlier version took it
            key = p.number
        if key not in kept or _far(p) > _far(kept[key]):
            kept[key] = p
    return sorted(kept.values(), key=lambda p: p.number)


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
        row = {"n": p.number, "by": p.by, "state": p.state, "epochs": p.epochs}
        row |= dict(zip(values, p.values(part.search.objectives), strict=True))
        rows.append(row | {name: p.point.get(name) for name in part.search.space})
    columns = ["n", "by", "state", "epochs", *values, *part.search.space]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(values, float))


def curve_frame(part: SearchPart) -> pd.DataFrame:
    """A row a configuration and epoch: n, epoch, value of the first objective, state of the proposal."""
    objective = part.search.objectives[0]
    rows = [(p.number, e + 1, v, p.state) for p in distinct(part) for e, v in enumerate(p.curves.get(objective, ()))]
    return pd.DataFrame(rows, columns=["n", "epoch", "value", "state"]).astype({"value": float})


def rung_frame(part: SearchPart) -> pd.DataFrame:
    """A row an epoch at which segments end: epoch, arrived, went_on, ended (stopped there), diverged (by then)."""
    reached: dict[int, set[int]] = {}
    once = distinct(part)
    numbers = {p.number for p in once}
    for event in part.events:
        if event.proposal in numbers and event.kind == "reported" and event.curves and not event.diverged:
            reached.setdefault(len(next(iter(event.curves.values()))), set()).add(event.proposal)
    rows = []
    for epoch in sorted(reached):
        ended = {p.number for p in once if p.state == "paused" and p.epochs == epoch}
        lost = sum(p.state == "diverged" and p.epochs <= epoch for p in once)
        rows.append((epoch, len(reached[epoch]), len(reached[epoch]) - len(ended), len(ended), lost))
    return pd.DataFrame(rows, columns=["epoch", "arrived", "went_on", "ended", "diverged"])


def history_frame(frame: pd.DataFrame, search: Search) -> pd.DataFrame:
    """Whole proposals in order with `best`, the best value so far; between them those stopped early, without it."""
    ended = frame[frame["state"].isin(["whole", "paused"]) & frame["value"].notna()].sort_values("n")
    whole = ended.loc[ended["state"] == "whole", "value"]
    best = whole.cummax() if METRICS[search.objectives[0]].direction == "higher" else whole.cummin()
    return ended.assign(best=best)[["n", "state", "epochs", "value", "best"]].reset_index(drop=True)
