"""A search as Optuna and Ray see it: samplers that learn, and what Ray Tune asks for trials.

Thin: who goes next is decided in `study.search.controller`, from events that are ours. Neither Optuna's storage nor
Ray's saved state is ever read back; both see only what follows from the events.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from study.planning.executor import OUT_OF_MEMORY
from study.search import memoryless_samplers as sampling
from study.search.controller import Sampler, SearchController, Segment
from study.spec.domains import Choice, Domain, Float, Int, Point, exists
from study.spec.search import OBJECTIVES, Search
from study.storage.search_events import Curves, Event, Proposal

if TYPE_CHECKING:
    import optuna

Warm = Sequence[tuple[Point, list[float]]]
"""Points of earlier studies with their objectives."""


def library() -> Any:
    """Optuna, quiet."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


# --------------------------------------------------------------------------------------- points as Optuna has them


def label(value: Any) -> Any:
    """A choice as Optuna can hold it.

    >>> label((128, 64)), label(()), label(0.5)
    ('128x64', 'none', 0.5)
    """
    return ("x".join(map(str, value)) or "none") if isinstance(value, tuple) else value


def distribution(domain: Domain) -> Any:
    """A domain as an Optuna distribution; an ordered choice is the number of its place."""
    d = library().distributions
    if isinstance(domain, Float):
        return d.FloatDistribution(domain.low, domain.high, log=domain.log)
    if isinstance(domain, Int):
        return d.IntDistribution(domain.low, domain.high, log=domain.log)
    if domain.ordered:
        return d.IntDistribution(0, len(domain.values) - 1)
    return d.CategoricalDistribution(tuple(label(v) for v in domain.values))


def encode(domain: Domain, value: Any) -> Any:
    """A value as Optuna's parameter."""
    if isinstance(domain, Choice):
        return domain.values.index(value) if domain.ordered else label(value)
    return value


def decode(domain: Domain, parameter: Any) -> Any:
    """The inverse of `encode`; real numbers to six digits."""
    if isinstance(domain, Float):
        return min(max(float(f"{parameter:.6g}"), domain.low), domain.high)
    if isinstance(domain, Choice):
        return domain.values[parameter] if domain.ordered else next(v for v in domain.values if label(v) == parameter)
    return parameter


def _ask(study: optuna.Study, search: Search, flat: bool) -> tuple[Any, Point]:
    """A trial and its point; `flat` asks for every name, also for those that do not exist there."""
    trial = study.ask({n: distribution(d) for n, d in search.space.items()}) if flat else study.ask()
    found: Point = {}
    for name, domain in search.space.items():
        if exists(domain, found):
            drawn = trial.params[name] if flat else trial._suggest(name, distribution(domain))  # noqa: SLF001
            found[name] = decode(domain, drawn)
    return trial, found


def frozen(search: Search, p: Proposal, *, sampler: bool, flat: bool = False, dropped: bool = False) -> Any:
    """A proposal as an Optuna trial; `dropped`: whether one that is paused will not go on.

    Early-stopped ones are PRUNED with their values by epoch, never COMPLETE. Diverged ones are FAIL; a sampler sees
    them as PRUNED at NaN, which it ranks last, for it would learn nothing from a failure.
    """
    o = library()
    state = o.trial.TrialState
    names = {
        "whole": state.COMPLETE,
        "paused": state.PRUNED if sampler or dropped else state.RUNNING,
        "diverged": state.PRUNED if sampler else state.FAIL,
        "failed": state.FAIL,
        "running": state.RUNNING,
    }
    return made_trial(search, p.point, names[p.state], p, flat)


def made_trial(
    search: Search, point: Point, state: Any, p: Proposal | None, flat: bool, values: list[float] | None = None
) -> Any:
    """A point as an Optuna trial in a state, with the values by epoch of its proposal; `flat`: with every name."""
    o = library()
    chosen = {n: d for n, d in search.space.items() if flat or n in point}
    parameters = {n: encode(d, point.get(n, d.at(0.5))) for n, d in chosen.items()}
    curve = list(p.curves.get(search.objectives[0], ())) if p and len(search.objectives) == 1 else []
    if state == o.trial.TrialState.COMPLETE and p:
        values = p.values(search.objectives)
    return o.trial.create_trial(
        state=state,
        values=values,
        params=parameters,
        distributions={n: distribution(d) for n, d in chosen.items()},
        intermediate_values={e + 1: v for e, v in enumerate(curve)},
        user_attrs={"proposal": p.n, "by": p.by} if p else {"proposal": -1, "by": "warm start"},
    )


def directions(search: Search) -> list[str]:
    """Of the objectives, in Optuna's words."""
    return ["maximize" if OBJECTIVES[o] == "higher" else "minimize" for o in search.objectives]


# ------------------------------------------------------------------------------------------------------------ samplers


def make_sampler(search: Search, warm: Warm = (), asked_first: int = 0) -> Sampler:
    """The searcher that a search names; `asked_first`: how many proposals it began with, if it was extended."""
    if search.searcher in sampling.MEMORYLESS:
        return MemorylessSampler(sampling.numbered(search))
    return (
        RefittedSampler(search, warm)
        if search.searcher in ("tpe", "gp")
        else PopulationSampler(search, warm, asked_first)
    )


@dataclass
class MemorylessSampler:
    """A searcher that needs no memory."""

    points: sampling.Numbered

    def propose(self, proposals: Sequence[Proposal], draw: int) -> Point | None:
        """See `Sampler`."""
        return self.points(draw)

    def observe(self, event: Event) -> None:
        """Nothing to learn."""


@dataclass
class RefittedSampler:
    """TPE or GP, fitted anew for every proposal to all that is known; so there is no state that could be lost."""

    search: Search
    warm: Warm

    def propose(self, proposals: Sequence[Proposal], draw: int) -> Point | None:
        """See `Sampler`."""
        o = library()
        flat = self.search.searcher == "gp"
        seed = (self.search.seed * 1_000_003 + draw) % (2**31 - 1)
        if flat:
            chosen = o.samplers.GPSampler(seed=seed, warn_independent_sampling=False)
        else:
            chosen = o.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True)
        study = o.create_study(directions=directions(self.search), sampler=chosen)
        complete = o.trial.TrialState.COMPLETE
        study.add_trials([made_trial(self.search, point, complete, None, flat, values) for point, values in self.warm])
        study.add_trials([frozen(self.search, p, sampler=True, flat=flat) for p in proposals])
        return _ask(study, self.search, flat)[1]

    def observe(self, event: Event) -> None:
        """Everything is in the proposals."""


def _earlier(search: Search, point: Point, values: list[float]) -> Any:
    """A warm start's point for CMA-ES, which takes only what has just its own dimensions: numbers, more than one."""
    o = library()
    kinds = {n: distribution(d) for n, d in search.space.items()}
    kinds = {n: k for n, k in kinds.items() if not isinstance(k, o.distributions.CategoricalDistribution)}
    kinds = {n: k for n, k in kinds.items() if not k.single()}
    domains = {n: search.space[n] for n in kinds}
    parameters = {n: encode(d, point.get(n, d.at(0.5))) for n, d in domains.items()}
    return o.trial.create_trial(values=values, params=parameters, distributions=kinds)


class PopulationSampler:
    """CMA-ES or NSGA-II, which carry a population along; rebuilt by asking and telling in the same order again."""

    def __init__(self, search: Search, warm: Warm, asked_first: int = 0) -> None:
        o = library()
        self.search, self._flat = search, search.searcher == "cmaes"
        if search.searcher == "cmaes":
            earlier = [_earlier(search, point, values) for point, values in warm]
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
        fail = library().trial.TrialState.FAIL
        if event.kind in ("proposed", "refused") and event.by != "first":
            trial, point = self._asked or _ask(self._study, self.search, self._flat)
            self._asked = None
            if event.kind == "proposed" and point == event.point:
                self._trials[event.n] = trial
            else:
                self._study.tell(trial, state=fail)
        elif event.kind in ("reported", "failed") and (trial := self._trials.pop(event.n, None)) is not None:
            values = (
                [event.curves[o][-1] for o in self.search.objectives] if event.curves and not event.diverged else None
            )
            self._study.tell(trial, values) if values else self._study.tell(trial, state=fail)


# -------------------------------------------------------------------------------------------------------------- for Ray

CurvesOnRecord = Callable[[Segment], tuple[Curves, bool] | None]
"""The curves of a segment that is on record already, and whether it diverged."""


def drain(brain: SearchController, known: CurvesOnRecord) -> bool:
    """Report all that is on record, without Ray; whether that was all there is to do."""
    while (segment := brain.next()) is not None:
        there = known(segment)
        if there is None:
            brain.put_back(segment.n)
            return False
        brain.report(segment.n, *there)
    return brain.over


@dataclass
class SearchListener:
    """Who is told what happens, for display."""

    epoch: Callable[[int, int, int], None] = lambda n, done, until: None
    """A segment has so many epochs behind it, of so many."""
    began: Callable[[Proposal], None] = lambda p: None
    """A proposal was sent to be trained."""
    ended: Callable[[Proposal], None] = lambda p: None
    """A segment of it is over."""


def ray_searcher(  # noqa: C901
    brain: SearchController,
    seeds: Sequence[int],
    known: CurvesOnRecord,
    watch: SearchListener,
    extra: Mapping[str, Any],
) -> Any:
    """What Ray Tune asks for trials: each is a segment of a proposal, on all seeds.

    `extra`: put into each trial's config as it is.
    """
    from ray.tune.search import Searcher

    class Segments(Searcher):  # type: ignore[misc, unused-ignore]
        """Passes on what the brain wants."""

        def __init__(self) -> None:
            super().__init__(metric="val_accuracy", mode="max")
            self.sent: dict[str, Segment] = {}
            self.failing: dict[str, Segment] = {}
            """Ended in an error of which `failed` will say more."""
            self.alone: set[int] = set()
            """Proposals that were under way when memory ran out: each is trained by itself before all others."""
            self.finished = False

        def __reduce__(self) -> tuple[Any, ...]:
            return Searcher, ("val_accuracy", "max")  # Ray pickles its searcher to disk and never reads it back

        def __deepcopy__(self, memo: object) -> Segments:
            return self

        def set_search_properties(self, *args: object, **kwargs: object) -> bool:
            return True

        def suggest(self, trial_id: str) -> Any:
            if self.alone and self.sent:
                return None
            while (segment := brain.next()) is not None:
                there = known(segment)
                if there is None:
                    self.sent[trial_id] = segment
                    watch.began(brain.proposals[segment.n])
                    values = segment.config.to_dict()
                    del values["seed"]
                    return {"knobs": {**values, "seeds": list(seeds)}, "until": segment.until, "n": segment.n, **extra}
                brain.report(segment.n, *there)
                watch.ended(brain.proposals[segment.n])
            self.finished = brain.over
            return Searcher.FINISHED if brain.over else None

        def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
            segment = self.sent[trial_id]
            watch.epoch(segment.n, int(result.get("epochs", 0)), segment.until)

        def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
            segment = self.sent.pop(trial_id, None)
            curves = {k.removeprefix("curves/"): v for k, v in (result or {}).items() if k.startswith("curves/")}
            failure = str((result or {}).get("failed") or "")
            if segment is None or (not error and not curves and not failure):
                return  # ended from outside; it goes on when the search is run again
            self.alone.discard(segment.n)
            if failure:
                brain.fail(segment.n, failure)
                watch.ended(brain.proposals[segment.n])
                return
            if error or result is None:
                self.failing[trial_id] = segment
                return
            brain.report(segment.n, curves, bool(result["diverged"]))
            watch.ended(brain.proposals[segment.n])

        def failed(self, trial_id: str, reason: str) -> None:
            """Why a trial ended in an error; Ray tells a searcher that it did, and others why."""
            if (segment := self.failing.pop(trial_id, None)) is not None:
                brain.fail(segment.n, reason)
                watch.ended(brain.proposals[segment.n])

        def out_of_memory(self) -> None:
            """Ray killed a worker for memory and gave up; one that was alone has failed, the others go alone now."""
            for segment in self.sent.values():
                if segment.n in self.alone and len(self.sent) == 1:
                    brain.fail(segment.n, OUT_OF_MEMORY)
                    self.alone.discard(segment.n)
                    watch.ended(brain.proposals[segment.n])
                else:
                    brain.put_back(segment.n)
                    self.alone.add(segment.n)
            self.sent.clear()

        def save(self, checkpoint_path: str) -> None:
            """Nothing to save: the events are."""

        def restore(self, checkpoint_path: str) -> None:
            """Never called."""

        def get_state(self) -> dict[str, Any]:
            return {}

        def set_state(self, state: dict[str, Any]) -> None:
            """Never called."""

        def save_to_dir(self, checkpoint_dir: str, session_str: str = "default") -> None:
            """Nothing to save: the events are."""

    return Segments()
