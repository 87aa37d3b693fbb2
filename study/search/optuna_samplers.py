"""Samplers that learn, by Optuna: TPE, Gaussian processes, CMA-ES, NSGA-II; those without memory beside them.

Thin: who goes next is decided in `study.search.controller`, from events that are ours. Optuna's storage is never read
back; it sees only what follows from the events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from study.search import memoryless_samplers
from study.search.controller import Sampler
from study.search.optuna_trials import (
    WarmPoints,
    decode,
    directions,
    distribution,
    encode,
    equally_long_trials,
    last_values,
    quiet_optuna,
    trials_with_stopped_ones,
)
from study.spec.domains import conditions_hold
from study.spec.point import Point
from study.spec.search import Search
from study.storage.search_events import Event, Proposal

if TYPE_CHECKING:
    import optuna

# --------------------------------------------------------------------------------------- points as Optuna has them


def _ask(study: optuna.Study, search: Search, flat: bool) -> tuple[Any, Point]:
    """A trial and its point; `flat` asks for every name, also for those that do not exist there."""
    trial = study.ask({n: distribution(d) for n, d in search.space.items()}) if flat else study.ask()
    found = Point()
    for name, domain in search.space.items():
        if conditions_hold(domain, found):
            drawn = trial.params[name] if flat else trial._suggest(name, distribution(domain))  # noqa: SLF001  # see test_ray_patches_private_names
            found = found.plus(name, decode(domain, drawn))
    return trial, found


# ------------------------------------------------------------------------------------------------------------ samplers


def make_sampler(search: Search, warm: WarmPoints = (), asked_first: int = 0) -> Sampler:
    """The searcher that a search names; `asked_first`: how many proposals it began with, if it was extended."""
    if search.searcher in memoryless_samplers.MEMORYLESS:
        return MemorylessSampler(memoryless_samplers.numbered(search))
    return (
        RefittedSampler(search, warm)
        if search.searcher in ("tpe", "gp")
        else PopulationSampler(search, warm, asked_first)
    )


@dataclass
class MemorylessSampler:
    """A searcher that needs no memory."""

    points: memoryless_samplers.NumberedPoints

    def propose(self, proposals: Sequence[Proposal], draw: int) -> Point | None:
        """See `Sampler`."""
        return self.points(draw)

    def observe(self, event: Event) -> None:
        """Learn nothing."""


@dataclass
class RefittedSampler:
    """TPE or GP, fitted anew for every proposal to all that is known; so there is no state that could be lost."""

    search: Search
    warm: WarmPoints

    def propose(self, proposals: Sequence[Proposal], draw: int) -> Point | None:
        """See `Sampler`."""
        o = quiet_optuna()
        flat = self.search.searcher == "gp"
        seed = (self.search.seed * 1_000_003 + draw) % (2**31 - 1)
        if flat:
            chosen = o.samplers.GPSampler(seed=seed, warn_independent_sampling=False)
        else:
            chosen = o.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True)
        study = o.create_study(directions=directions(self.search), sampler=chosen)
        told = equally_long_trials if flat else trials_with_stopped_ones
        study.add_trials(told(self.search, self.warm, proposals))
        return _ask(study, self.search, flat)[1]

    def observe(self, event: Event) -> None:
        """Learn nothing here: everything is in the proposals."""


def _earlier(search: Search, point: Point, values: list[float]) -> Any:
    """A warm start's point for CMA-ES, which takes only what has just its own dimensions: numbers, more than one."""
    o = quiet_optuna()
    kinds = {n: distribution(d) for n, d in search.space.items()}
    kinds = {n: k for n, k in kinds.items() if not isinstance(k, o.distributions.CategoricalDistribution)}
    kinds = {n: k for n, k in kinds.items() if not k.single()}
    domains = {n: search.space[n] for n in kinds}
    parameters = {n: encode(d, point.get(n, d.at(0.5))) for n, d in domains.items()}
    return o.trial.create_trial(values=values, params=parameters, distributions=kinds)


class PopulationSampler:
    """CMA-ES or NSGA-II, which carry a population along; rebuilt by asking and telling in the same order again."""

    def __init__(self, search: Search, warm: WarmPoints, asked_first: int = 0) -> None:
        o = quiet_optuna()
        self.search, self._flat = search, search.searcher == "cmaes"
        if search.searcher == "cmaes":
            earlier = [_earlier(search, point, last_values(search, curves)) for point, curves in warm]
            chosen = o.samplers.CmaEsSampler(
                seed=search.seed, warn_independent_sampling=False, source_trials=earlier or None
            )
        else:
            size = max(4, min(50, (asked_first or search.trials) // 5))
            chosen = o.samplers.NSGAIISampler(seed=search.seed, population_size=size)
        self._study = o.create_study(directions=directions(search), sampler=chosen)
        self._asked: tuple[Any, Point] | None = None
        self._trials: dict[int, Any] = {}

    def propose(self, proposals: Sequence[Proposal], draw: int) -> Point | None:
        """See `Sampler`."""
        self._asked = _ask(self._study, self.search, self._flat)
        return self._asked[1]

    def observe(self, event: Event) -> None:
        """See `Sampler`."""
        fail = quiet_optuna().trial.TrialState.FAIL
        if event.kind in ("proposed", "refused") and event.by != "first":
            trial, point = self._asked or _ask(self._study, self.search, self._flat)
            self._asked = None
            if event.kind == "proposed" and point == event.point:
                self._trials[event.proposal] = trial
            else:
                self._study.tell(trial, state=fail)
        elif event.kind in ("reported", "failed") and (trial := self._trials.pop(event.proposal, None)) is not None:
            values = (
                [event.curves[o][-1] for o in self.search.objectives] if event.curves and not event.diverged else None
            )
            self._study.tell(trial, values) if values else self._study.tell(trial, state=fail)


# -------------------------------------------------------------------------------------------------------------- for Ray
