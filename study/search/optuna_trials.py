"""Domains, points and proposals as Optuna has them."""

from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

from study.spec.domains import Choice, Domain, Float, Int
from study.spec.point import Point
from study.spec.search import Search
from study.storage.search_events import Proposal
from trainables.records.metrics import METRICS

if TYPE_CHECKING:
    pass


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

    Early-stopped ones are PRUNED with their values by epoch, never COMPLETE. Diverged ones are FAIL; a sampler, which
    would learn nothing from a failure, sees them as PRUNED without a value: it ranks these last, however far they came
    and whatever accuracy they had.
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
    """A point as an Optuna trial in a state, with the values by epoch of its proposal; `flat`: with every name."""
    o = quiet_optuna()
    chosen = {n: d for n, d in search.space.items() if flat or n in point}
    parameters = {n: encode(d, point.get(n, d.at(0.5))) for n, d in chosen.items()}
    curve = list(proposal.curves.get(search.objectives[0], ())) if proposal and len(search.objectives) == 1 else []
    if state == o.trial.TrialState.COMPLETE and proposal:
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


def directions(search: Search) -> list[str]:
    """Return the directions of the objectives, in Optuna's words."""
    return ["maximize" if METRICS[o].direction == "higher" else "minimize" for o in search.objectives]
