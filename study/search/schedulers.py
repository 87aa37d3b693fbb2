"""Who is trained how far: policies of early stopping, pure, driven by reports in the order in which they arrive.

The same objects decide in a search that runs and in a replay from recorded curves. They know numbers of proposals and
values (higher is better, NaN is worst), neither Ray nor files; what they know can be rebuilt by telling them the same
again. Where a proposal goes on from its checkpoint, that is simply a later `went`.
"""

from __future__ import annotations

from study.search.asha import Asha, AshaStop
from study.search.median_stopping import Median
from study.search.rungs import WHOLE, halving, hyperband, quantile, rungs
from study.search.successive_halving import SuccessiveHalving
from study.search.trial_scheduler import TrialScheduler
from study.spec.search import Scheduler

__all__ = [
    "WHOLE",
    "Asha",
    "AshaStop",
    "Median",
    "TrialScheduler",
    "SuccessiveHalving",
    "make_scheduler",
    "quantile",
    "rungs",
]


def make_scheduler(scheduler: Scheduler, epochs: int) -> TrialScheduler:
    """The policy of a scheduler for trials of so many epochs."""
    if scheduler.name == "asha":
        return Asha(scheduler, epochs)
    if scheduler.name == "asha-stop":
        return AshaStop(scheduler, epochs)
    if scheduler.name == "median":
        return Median(scheduler, epochs)
    if scheduler.name == "hyperband":
        return SuccessiveHalving(epochs, hyperband(scheduler, epochs))
    if scheduler.name == "halving":
        return SuccessiveHalving(
            epochs, [(0, halving(scheduler, epochs))], keep=scheduler.keep, reduction=scheduler.reduction
        )
    return SuccessiveHalving(epochs, [(0, (epochs,))])
