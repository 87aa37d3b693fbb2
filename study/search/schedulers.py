"""Who is trained how far: policies of early stopping, pure, driven by reports in the order in which they arrive.

The same objects decide in a search that runs and in a replay from recorded curves. They know numbers of proposals and
values (higher is better, NaN is worst), neither Ray nor files; what they know can be rebuilt by telling them the same
again. Where a proposal goes on from its checkpoint, that is simply a later `sent`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from study.search.asha import Asha, AshaStop
from study.search.median_stopping import Median
from study.search.rungs import MIN_WHOLE_PROPOSALS, halving_rungs, hyperband_brackets, quantile, rungs
from study.search.successive_halving import SuccessiveHalving
from study.search.trial_scheduler import TrialScheduler
from study.spec.search import Scheduler, SchedulerName

__all__ = [
    "MIN_WHOLE_PROPOSALS",
    "Asha",
    "AshaStop",
    "Median",
    "SuccessiveHalving",
    "TrialScheduler",
    "make_scheduler",
    "quantile",
    "rungs",
]


SchedulerMaker = Callable[[Scheduler, int], TrialScheduler]
"""From what a study says of its scheduler and the epochs of a whole trial."""


def _none(_: Scheduler, epochs: int) -> TrialScheduler:
    return SuccessiveHalving(epochs, [(0, (epochs,))])


def _hyperband(said: Scheduler, epochs: int) -> TrialScheduler:
    return SuccessiveHalving(epochs, hyperband_brackets(said, epochs), reduction=said.reduction)


def _halving(said: Scheduler, epochs: int) -> TrialScheduler:
    return SuccessiveHalving(epochs, [(0, halving_rungs(said, epochs))], keep=said.keep, reduction=said.reduction)


MAKERS: Mapping[SchedulerName, SchedulerMaker] = {
    "none": _none,
    "asha": Asha,
    "asha-stop": AshaStop,
    "hyperband": _hyperband,
    "median": Median,
    "halving": _halving,
}


def make_scheduler(scheduler: Scheduler, epochs: int, hyperband_keeps: int = 0) -> TrialScheduler:
    """The policy of a scheduler for trials of so many epochs; `hyperband_keeps`: see `SearchLog`."""
    if scheduler.name == "hyperband" and hyperband_keeps:
        return SuccessiveHalving(epochs, hyperband_brackets(scheduler, epochs), reduction=hyperband_keeps)
    return MAKERS[scheduler.name](scheduler, epochs)
