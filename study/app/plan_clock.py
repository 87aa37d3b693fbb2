"""How long a plan takes from start to end, in words: one number where this machine's pace is known, else a range."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from study.app.pace import Pace
from study.execution import choice
from study.execution.progress import rough_range
from study.planning.cost import HIGHEST_FACTOR, INLINE_START_SECONDS, LOWEST_FACTOR, START_SECONDS, run_seconds
from study.planning.executor import Executor
from study.planning.machine_load import most_slowed
from study.planning.plan import Plan
from study.search.search_cost import search_range
from study.spec.study import Study
from trainables.config.plurals import counted

WHERE = {None: " of an ordinary machine", True: " of this machine", False: ": not measured on this machine yet"}
WORKERS_SECONDS = INLINE_START_SECONDS
"""Each further part of a search, and its answer, has new workers, which import PyTorch as this process does."""
SAID_FROM_FACTOR = 1.25
"""A plan that counts on a machine that is so busy says so."""
SEARCH_PACE_FACTORS = (0.85, 1.2)
"""A search's points are no arms that were measured: their pace is known so well."""


@dataclass(frozen=True)
class PlanClock:
    """Where a plan is trained, and what is known of the pace there."""

    cores: int
    """Trials at once."""
    measured: bool | None = None
    """Whether the plan's times are those of this machine; None where another one trains it."""
    ratio: float = 1.0
    """Of this machine's pace to that of an ordinary one, for searches: a plan's trials have their own times."""
    inline: bool = False
    """Whether it is trained in the command's own process."""
    clock_factor: float = 1.0
    """Of the clock's seconds to the processor's, which a plan's times are; 1 on an idle machine."""
    most_slowed: float = 1.0
    """The same by the load of now, at the most, where no run has told: see `study.planning.machine_load`."""

    @classmethod
    def of(cls, plan: Plan, cores: int, pace: Pace | None, executor: str | Executor = "auto") -> PlanClock:
        """Make the clock of this machine, for a plan in its times (see `paced`)."""
        small = plan.device == "cpu" and choice.expected_seconds(plan) < START_SECONDS
        inline = executor == "inline" or (executor == "auto" and small)
        known = pace or Pace(1.0)
        load = most_slowed(1.0) if pace is None else 1.0
        return cls(cores, pace is not None, known.ratio, inline, known.clock_factor, load)

    @property
    def place(self) -> str:
        """Where the plan is trained, in words."""
        slow = self.clock_factor
        busy = f", lately {slow:.1f} times as slow as idle" if slow >= SAID_FROM_FACTOR else ""
        if self.inline:
            return f"in this process{WHERE[False] if self.measured is False else busy}"
        return f"on {counted(self.cores, 'core')}{WHERE[self.measured]}{busy}"

    def seconds(self, total: float, longest: float) -> float:
        """How many seconds trials take from start to end that are so many seconds long together."""
        return self.clock_factor * run_seconds(total, longest, self.cores, inline=self.inline)

    @property
    def factors(self) -> tuple[float, float]:
        """By which trials may take less or more than expected: both are 1 where their pace is known."""
        return (LOWEST_FACTOR, HIGHEST_FACTOR) if self.measured is False else (1.0, 1.0)

    def span(self, plan: Plan) -> tuple[float, float]:
        """Seconds that the missing trials of a plan take, from start to end; both ends are one where it is known."""
        return self.ends(plan.seconds_to_train, max((t.seconds for t in plan.missing), default=0.0))

    def ends(self, total: float, longest: float) -> tuple[float, float]:
        """Seconds from start to end, at the least and at the most, of trials as `seconds` has them."""
        low, high = self.factors
        return self.seconds(low * total, low * longest), self.most_slowed * self.seconds(high * total, high * longest)

    def words(self, plan: Plan) -> str:
        """The same in words."""
        return _range(*self.span(plan))

    def search_span(self, plan: Plan, study: Study) -> tuple[float, float]:
        """Seconds that a search with its answer takes: a range, for nobody knows which points come and who goes on."""
        low, high = search_range(study, plan.size, len(plan.protocol.seeds))
        wide = (LOWEST_FACTOR, HIGHEST_FACTOR) if self.measured is False else SEARCH_PACE_FACTORS
        ends = [k * self.ratio * seconds for k, seconds in zip(wide, (low, high), strict=True)]
        parts = 0 if self.inline or not high or study.search is None else len(study.search.parts())
        again = self.clock_factor * parts * WORKERS_SECONDS
        return again + self.seconds(ends[0], 0.0), self.most_slowed * (again + self.seconds(ends[1], 0.0))

    def search_words(self, plan: Plan, study: Study) -> str:
        """The same in words."""
        return _range(*self.search_span(plan, study))

    def total_span(self, plan: Plan, without: Collection[str] = ()) -> tuple[float, float]:
        """How long all of a plan takes, its searches too, one after the other; `without`: searches that are over."""
        searches = [s for s in plan.studies if s.search and s.name not in without]
        spans = [self.span(plan), *(self.search_span(plan, s) for s in searches)]
        return math.fsum(low for low, _ in spans), math.fsum(high for _, high in spans)


def _range(low: float, high: float) -> str:
    """Two ends in words, one where they read alike.

    >>> _range(300.0, 1200.0), _range(5.0, 5.2)
    ('5 to 20 min', 'about 5 s')
    """
    said = rough_range(low, high)
    return said if " to " in said else f"about {said}"
