"""What a study file may say about a search: space, searcher, scheduler, objectives; and every check that needs no data.

Data only. The space itself is `study.spec.domains`; who decides is `study.search`.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, PlainValidator

from study.spec import domains as spaces
from study.spec import points
from study.spec.constraints import Constraint
from study.spec.domains import Domain, same_value
from study.spec.point import Point, SharedKnobs
from study.spec.points import corners, knob
from study.spec.values import (
    NO_SETTINGS,
    Label,
    Listed,
    ListOfMappings,
    ManySettings,
    MaybeNumber,
    Number,
    Text,
    checked,
    from_plain,
    whole_number,
)
from trainables.config.errors import BadInput
from trainables.config.nearest import expected_one_of
from trainables.config.plurals import counted
from trainables.records.metrics import OBJECTIVES
from trainables.training.gpu_memory import DataSize

Searcher = Literal["grid", "random", "sobol", "halton", "tpe", "cmaes", "gp", "nsga2"]
SchedulerName = Literal["none", "asha", "asha-stop", "hyperband", "median", "halving"]
SCHEDULERS: tuple[str, ...] = get_args(SchedulerName)
SEARCHERS_OF_WHOLE_TRIALS = ("cmaes", "nsga2")
"""Searchers that carry a population along, and learn from whole trials only."""

WARM_SEARCHERS = ("tpe", "gp", "cmaes")
"""Searchers that learn from trials of other folders."""
MAX_LOOKED_AT = 20_000
"""So many points of a space are looked at to see whether it has as many as are to be tried."""
MAX_DRAWS = 2000
"""So many points are drawn to see that constraints leave any."""


@checked(frozen=True, kw_only=True)
class Scheduler:
    """Who is trained how far.

    `none`: everybody to the end. `asha`: at epochs grace x reduction^k the best 1/reduction so far go on, the others
    are paused, and are promoted when later results make them the best. `asha-stop`: the same places, decided at once
    and for ever. `hyperband`: several brackets, each decided when all of it has arrived. `median`: stopped when below
    the median.
    `halving`: everybody for `grace` epochs, then the best `keep` to the end (below 1, that share of them); without
    `keep`, halving by `reduction`.
    """

    name: SchedulerName = "none"
    """Which of these."""
    grace: Annotated[int, *whole_number(1, 1_000_000)] = 1
    """Epochs before the first decision."""
    reduction: Annotated[int, *whole_number(2, 1_000_000)] = 3
    """One in so many goes on at each decision."""
    brackets: Annotated[int, *whole_number(1, 1000)] = 1
    """Brackets of ASHA: each begins to decide later."""
    keep: Number = 0
    """Configurations that go on to the end under halving; below 1, their share."""

    def __post_init__(self) -> None:
        if not (0 <= self.keep < 1 or self.keep == int(self.keep) > 0):
            raise BadInput("keep", self.keep, "expected a whole number, or a share below 1")


DEFAULT_SCHEDULER = Scheduler(name="halving", grace=1, keep=0.1)
"""Where a search names none: nothing measured finds the best for less, see `docs/decisions/search-scheduler.md`."""


def _scheduler(given: Any) -> Any:
    """A scheduler may be given by its name alone, or left to us."""
    return {"name": given} if isinstance(given, str) else given


def _parallel(given: Any) -> int | None:
    if given is None or (isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 100_000):
        return given
    raise ValueError("expected a whole number from 1 to 100000")


def _with_names(given: Any) -> Any:
    """A space is not empty, and its names are text."""
    if isinstance(given, Mapping) and not given:
        raise ValueError("the search space is empty: name at least one knob and its range")
    return dict(given) if isinstance(given, Mapping) else given


@checked(frozen=True, kw_only=True)
class Search:
    """A search: which knobs within which ranges, how many configurations, who chooses them and who is stopped.

    Raises:
        BadInput: whatever is wrong in it, when the value is made.
    """

    space: Annotated[Mapping[str, Annotated[Domain, Field(discriminator="kind")]], BeforeValidator(_with_names)]
    """The knobs that vary, each with its range."""
    trials: Annotated[int, *whole_number(1, 1_000_000)]
    """Configurations to try; with `within`, for each of its values. A grid may be smaller."""
    searcher: Searcher = "tpe"
    """Who chooses the configurations."""
    scheduler: Annotated[Scheduler, BeforeValidator(_scheduler)] = None  # type: ignore[assignment]  # never None once made
    """Who stops trials early. Left out: halving; for nsga2, cmaes and two objectives nobody."""
    objectives: Annotated[tuple[Label, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v), Listed] = (
        "val_accuracy",
    )
    """The metric that is sought, or two of them with `nsga2`."""
    seeds: Annotated[int, *whole_number(1, 1000)] = 3
    """Replicates of each configuration, seeds 0, 1, ...; searcher and scheduler see their mean."""
    seed: Annotated[int, *whole_number(0, 2**31 - 1)] = 0
    """The seed of the searcher itself. Another one is another search."""
    within: Text = ""
    """A choice of the space that is compared: each of its values gets a search of its own, of equal size."""
    first: ManySettings = NO_SETTINGS
    """Configurations to begin with. What they leave out is the middle of its range, or its first choice. For cmaes and
    nsga2 they are tried only, not learnt from."""
    constraints: Annotated[tuple[Constraint, ...], ListOfMappings] = ()
    """What every configuration must keep."""
    warm_start: Annotated[tuple[Label, ...], Listed] = ()
    """Results folders whose whole trials the searcher is told of before it begins."""
    grid_points: Annotated[int, *whole_number(1, 1000)] = 5
    """Values of each range of numbers, for `grid`."""
    racing: Annotated[int, *whole_number(0, 1000)] = 0
    """Once all have been tried: up to so many seeds more for those too close to the best to call."""
    parallel: Annotated[int | None, PlainValidator(_parallel, json_schema_input_type=int | None)] = None
    """Configurations at once; as many as there are cores if not given."""
    beat: MaybeNumber = None
    """A level of the first objective that the answer is held against, as a claim; decides nothing in the search."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "space", MappingProxyType(spaces.read_space(self.space)))
        if self.scheduler is None:
            whole = self.searcher in SEARCHERS_OF_WHOLE_TRIALS or len(self.objectives) > 1
            object.__setattr__(self, "scheduler", Scheduler() if whole else DEFAULT_SCHEDULER)
        self._check_objectives()
        if self.beat is not None and (len(self.objectives) > 1 or self.objectives[0] == "seconds"):
            raise BadInput("beat", self.beat, "expected a single objective, and not seconds")
        if self.within and not isinstance(self.space.get(self.within), spaces.Choice):
            raise BadInput("within", self.within, "expected a knob of the space whose kind is choice")
        if self.within and self.space[self.within].when:
            raise BadInput("within", self.within, "it exists only under a condition, so it cannot be compared")
        object.__setattr__(self, "first", tuple(map(self._whole, self.first)))
        if len(self.first) > self.trials * (len(self.parts()) if self.within else 1):
            raise BadInput("first", len(self.first), f"expected at most as many points as trials, {self.trials}")

    def _check_objectives(self) -> None:
        for name in self.objectives:
            if name not in OBJECTIVES:
                raise BadInput("objectives", name, f"no epoch reports it; {expected_one_of(name, OBJECTIVES)}")
        count = len(self.objectives)
        if count not in (1, 2) or len(set(self.objectives)) < count:
            raise BadInput("objectives", list(self.objectives), "expected one, or two different ones")
        if count == 2 and self.searcher not in ("nsga2", "random", "grid", "sobol", "halton"):
            raise BadInput("searcher", self.searcher, "two objectives need nsga2 (or random, grid, sobol, halton)")
        if count == 2 and self.scheduler.name != "none":
            raise BadInput("scheduler", self.scheduler.name, "two objectives have no single best: use none")
        if count == 2 and self.racing:
            raise BadInput("racing", self.racing, "two objectives have no single best: leave it out")

    def _whole(self, given: Point) -> Point:
        """A first point with what it leaves out filled in."""
        for name in given:
            if name not in self.space:
                raise BadInput("first", name, "it is not in the space: " + ", ".join(self.space))
        found = Point()
        for name, domain in self.space.items():
            value = given.get(name)
            value = domain.own(value) if isinstance(domain, spaces.Choice) else value
            if not spaces.conditions_hold(domain, found):
                if name in given:
                    raise BadInput("first", {name: value}, f"{name} does not exist at this point")
                continue
            if name not in given:
                value = domain.values[0] if isinstance(domain, spaces.Choice) else domain.at(0.5)
            elif not domain.holds(value):
                raise BadInput("first", {name: value}, "it lies outside the space")
            found = found.plus(name, value)
        return found

    def parts(self) -> dict[str, Search]:
        """The searches to run: one, under the name "", or one for each value of `within`, which is then fixed."""
        if not self.within:
            return {"": self}
        whole = self.space[self.within]
        assert isinstance(whole, spaces.Choice)
        found = {}
        for value in whole.values:
            domains = {
                n: d
                for n, d in self.space.items()
                if self.within not in d.when or any(same_value(value, v) for v in d.when[self.within])
            }
            domains[self.within] = spaces.Choice(values=(value,))
            for name, domain in domains.items():
                if self.within in domain.when:
                    when = {k: v for k, v in domain.when.items() if k != self.within}
                    domains[name] = dataclasses.replace(domain, when=when)
            first = tuple(p for p in self.first if p[self.within] == value)
            found[str(value)] = dataclasses.replace(self, space=domains, within="", first=first)
        return found

    def check(self, shared: SharedKnobs, size: DataSize) -> None:
        """Refuse, before anything runs, a space with a corner that is no configuration, or one that constraints empty.

        Raises:
            BadInput: names the corner and what is wrong there.
        """
        both = sorted({knob(n) for n in self.space} & set(shared.base))
        if both:
            raise BadInput("space", both, "these are fixed in base as well")
        for point in (*corners(self.space), *self.first):
            try:
                shared.config(point)
            except BadInput as error:
                raise BadInput(
                    "space",
                    dict(point.values),
                    f"this corner is no configuration ({error}); add a `when`, or narrow a range",
                ) from None
        for point in self.first:
            if fault := self.fault(point, shared, size):
                raise BadInput("first", dict(point.values), fault)
        import numpy as np  # here, for only a space that is checked needs it

        chance = np.random.default_rng(0)
        faults = Counter[str]()
        for _ in range(MAX_DRAWS):
            fault = self.fault(points.point(self.space, chance.random(len(self.space)).tolist()), shared, size)
            if not fault:
                break
            faults[fault] += 1
        else:
            raise BadInput(
                "space",
                list(self.space),
                f"of {MAX_DRAWS} points none can be used; mostly {faults.most_common(1)[0][0]}",
            )
        if self.scheduler.name != "none" and self.scheduler.grace > shared.epochs:
            raise BadInput(
                "scheduler.grace", self.scheduler.grace, f"expected at most the study's epochs, {shared.epochs}"
            )

    def fault(self, point: Point, shared: SharedKnobs, size: DataSize) -> str:
        """Why a point cannot be trained; empty if it can."""
        try:
            config = shared.config(point)
        except BadInput as error:
            return str(error)
        for c in self.constraints:
            if not c.holds(config, size):
                return f"it breaks {c.left} {c.op} {c.right}"
        size, left = size.seen_by(config), " that held_out leaves" if config.held_out else ""
        if (config.train_images or 0) > size.train:
            return f"train_images is above all {counted(size.train, 'image')}{left}"
        images = config.train_images or size.train
        if config.batch_size > images:
            return f"a batch is larger than all {counted(images, 'image')}{left}"
        return "the last batch is a single image" if config.batch_norm and images % config.batch_size == 1 else ""

    def configurations(self, shared: SharedKnobs | None = None, size: DataSize | None = None) -> int:
        """How many different configurations it tries at most: a grid or a space may have fewer than `trials`.

        `shared`, `size`: where both are known, what cannot be trained or breaks a constraint is not counted.
        """
        if self.within:
            return sum(part.configurations(shared, size) for part in self.parts().values())
        every = points.every_point(self.space, self.grid_points if self.searcher == "grid" else 0)
        if every is None:
            return self.trials
        found = set[Point]()
        for looked_at, point in enumerate(itertools.chain(self.first, every)):  # a grid may not hold the first ones
            if len(found) == self.trials or looked_at == MAX_LOOKED_AT:
                return self.trials
            if shared is None or size is None or not self.fault(point, shared, size):
                found.add(point)
        return len(found)

    def tries(self, shared: SharedKnobs | None = None, size: DataSize | None = None) -> int:
        """How many proposals it makes at most, of all its parts: of a grid its points, after those of `first`.

        `shared`, `size`: as for `configurations`.
        """
        parts = self.parts().values()
        if self.searcher != "grid":
            return self.trials * len(parts)
        return sum(
            min(p.trials, len(p.first) + dataclasses.replace(p, first=()).configurations(shared, size)) for p in parts
        )

    def why_not_warm(self) -> str:
        """Why the searcher learns nothing of `warm_start`; empty where it does, or nothing is given."""
        if not self.warm_start or self.searcher in WARM_SEARCHERS:
            return ""
        why = "goes on from its own population only" if self.searcher == "nsga2" else "learns from nothing"
        return f"{self.searcher} {why}; use tpe, gp or cmaes"

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` is the inverse."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        if self.beat is None:
            del values["beat"]
        values["space"] = {n: spaces.domain_to_dict(d) for n, d in self.space.items()}
        values["scheduler"] = dataclasses.asdict(self.scheduler)
        values["constraints"] = [dataclasses.asdict(c) for c in self.constraints]
        values["first"] = [p.to_json() for p in self.first]
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Search:
        """Make a search from plain data, as a study file holds it.

        Raises:
            BadInput: names the field that is wrong.
        """
        return from_plain(cls, given)
