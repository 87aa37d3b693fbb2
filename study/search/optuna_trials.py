"""Domains, points and proposals as Optuna has them."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Sequence
from typing import Any

from study.spec.domains import Choice, Domain, Float, Int
from study.spec.point import Point
from study.spec.search import Search
from study.storage.search_events import Curves, Proposal
from trainables.records.metrics import METRICS

WarmPoints = Sequence[tuple[Point, Curves]]
"""Points of earlier studies with their objectives by epoch, as far as a whole trial."""


def quiet_optuna() -> Any:
    """Import Optuna, with its messages turned off."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


def choice_label(value: Any) -> Any:
    """A choice as Optuna can hold it.

    >>> choice_label((128, 64)), choice_label(()), choice_label(0.5)
    ('128x64', 'none', 0.5)
    """
    return ("x".join(map(str, value)) or "none") if isinstance(value, tuple) else value


def distribution(domain: Domain) -> Any:
    """A domain as an Optuna distribution; an ordered choice is the number of its place."""
    d = quiet_optuna().distributions
    if isinstance(domain, Float):
        return d.FloatDistribution(domain.low, domain.high, log=domain.log)
    if isinstance(domain, Int):
        return d.IntDistribution(domain.low, domain.high, log=domain.log)
    if domain.ordered:
        return d.IntDistribution(0, len(domain.values) - 1)
    return d.CategoricalDistribution(tuple(choice_label(v) for v in domain.values))


def encode(domain: Domain, value: Any) -> Any:
    """A value as Optuna's parameter."""
    if isinstance(domain, Choice):
        return domain.values.index(value) if domain.ordered else choice_label(value)
    return value


def decode(domain: Domain, parameter: Any) -> Any:
    """The inverse of `encode`; real numbers to six digits."""
    if isinstance(domain, Float):
        return min(max(float(f"{parameter:.6g}"), domain.low), domain.high)
    if isinstance(domain, Choice):
        return (
            domain.values[parameter]
            if domain.ordered
            else next(v for v in domain.values if choice_label(v) == parameter)
        )
    return parameter


def frozen_trial(
    search: Search, proposal: Proposal, *, sampler: bool, flat: bool = False, dropped: bool = False
) -> Any:
    """A proposal as an Optuna trial; `dropped`: whether one that is paused will not go on.

    Early-stopped ones are PRUNED with their values by epoch, never COMPLETE (`equally_long_trials` is another view).
    Diverged ones are FAIL; a sampler, which would learn nothing from a failure, sees them as PRUNED without a value: it
    ranks these last, however far they came and whatever accuracy they had.
    """
    if sampler and proposal.state == "diverged":
        proposal = dataclasses.replace(proposal, curves={})
    o = quiet_optuna()
    state = o.trial.TrialState
    names = {
        "whole": state.COMPLETE,
        "paused": state.PRUNED if sampler or dropped else state.RUNNING,
        "diverged": state.PRUNED if sampler else state.FAIL,
        "failed": state.FAIL,
        "running": state.RUNNING,
    }
    return make_trial(search, proposal.point, names[proposal.state], proposal, flat)


def make_trial(
    search: Search, point: Point, state: Any, proposal: Proposal | None, flat: bool, values: list[float] | None = None
) -> Any:
    """A point as an Optuna trial in a state, with the values by epoch of its proposal; `flat`: with every name.

    `values`: of a complete one; if not given, those of its proposal after its last epoch.
    """
    o = quiet_optuna()
    chosen = {n: d for n, d in search.space.items() if flat or n in point}
    parameters = {n: encode(d, point.get(n, d.at(0.5))) for n, d in chosen.items()}
    curve = list(proposal.curves.get(search.objectives[0], ())) if proposal and len(search.objectives) == 1 else []
    if state != o.trial.TrialState.COMPLETE:
        values = None
    elif proposal and values is None:
        values = proposal.values(search.objectives)
    return o.trial.create_trial(
        state=state,
        values=values,
        params=parameters,
        distributions={n: distribution(d) for n, d in chosen.items()},
        intermediate_values={e + 1: v for e, v in enumerate(curve)},
        user_attrs={"proposal": proposal.number, "by": proposal.by}
        if proposal
        else {"proposal": -1, "by": "warm start"},
    )


def last_values(search: Search, curves: Curves) -> list[float]:
    """The objectives after the last epoch."""
    return [curves[o][-1] for o in search.objectives]


def trials_with_stopped_ones(search: Search, warm: WarmPoints, proposals: Sequence[Proposal]) -> list[Any]:
    """All that is known, for a searcher that learns from trials that were stopped early too."""
    complete = quiet_optuna().trial.TrialState.COMPLETE
    found = [make_trial(search, point, complete, None, False, last_values(search, curves)) for point, curves in warm]
    return found + [frozen_trial(search, p, sampler=True) for p in proposals]


def equally_long_trials(search: Search, warm: WarmPoints, proposals: Sequence[Proposal]) -> list[Any]:
    """All that is known, for a Gaussian process, which learns from COMPLETE trials alone.

    Each has its value after the last epoch that all of them have come to; one that diverged has the worst of these.
    """
    states, (objective,) = quiet_optuna().trial.TrialState, search.objectives
    reported = {p.number: p.curves[objective] for p in proposals if p.curves.get(objective) and p.state != "diverged"}
    curves = [*(c[objective] for _, c in warm), *reported.values()]
    last = min(map(len, curves), default=0) - 1
    finite = [c[last] for c in curves if math.isfinite(c[last])]
    worst = (min if METRICS[objective].direction == "higher" else max)(finite, default=math.nan)

    def complete(point: Point, proposal: Proposal | None, value: float) -> Any:
        value = value if math.isfinite(value) else worst
        state = states.COMPLETE if math.isfinite(value) else states.FAIL
        return make_trial(search, point, state, proposal, True, [value])

    found = [complete(point, None, c[objective][last]) for point, c in warm]
    for p in proposals:
        if p.number in reported or p.state == "diverged":
            found.append(complete(p.point, p, reported[p.number][last] if p.number in reported else math.nan))
        else:
            found.append(frozen_trial(search, p, sampler=True, flat=True))
    return found


def directions(search: Search) -> list[str]:
    """Return the directions of the objectives, in Optuna's words."""
    return ["maximize" if METRICS[o].direction == "higher" else "minimize" for o in search.objectives]
