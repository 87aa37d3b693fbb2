"""A search in a plan's text: what is tried and how, the answer, the time, the parts of the data."""

from __future__ import annotations

from collections.abc import Sequence

from study.app.plan_clock import PlanClock
from study.app.search_on_record import SearchOnRecord, planned_search
from study.planning.plan import Plan
from study.spec.search import SEARCHERS_OF_WHOLE_TRIALS, Search
from study.spec.study import Study
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.training.gpu_memory import DataSize


def search_lines(study: Study, plan: Plan, clock: PlanClock, known: SearchOnRecord | None = None) -> list[str]:
    """A search in two or three lines: what is tried and how, the answer and the time, the parts of the data.

    `known`: what is on record of it.
    """
    search = study.search
    assert search is not None
    name = f"{study.name}: " if len(plan.studies) > 1 else ""
    different = [part.configurations(study.shared_knobs, plan.size) for part in search.parts().values()]
    most = planned_search(study, plan).epochs_at_most
    fresh = counted(len(plan.protocol.seeds), "fresh seed")
    if known is not None and known.tried >= known.trials:
        return [f"{name}{_on_record(known, fresh)}", *_parts(study, plan.size)]
    some = [f"{known.tried} of these are on record, so it takes less"] if known is not None else []
    return [
        f"{name}{_tries(search, different)} x {counted(search.seeds, 'seed')}, at most "
        f"{counted(most, 'epoch')}; {search.searcher} tries them, {_stops(search.scheduler.name)}",
        f"then the best under {fresh}; in all {clock.search_words(plan, study)} {clock.place}",
        *some,
        *_unlearnt(search),
        *_parts(study, plan.size),
    ]


def _on_record(known: SearchOnRecord, fresh: str) -> str:
    """What is on record of a search that has tried all.

    >>> _on_record(SearchOnRecord(12, 12, answered=True), "5 fresh seeds")
    '12 configurations on record, all that it tries, and the best under 5 fresh seeds: nothing to train'
    """
    tried = f"{counted(known.tried, 'configuration')} on record, all that it tries"
    if known.over:
        return f"{tried}, and the best under {fresh}: nothing to train"
    if known.answered:
        return f"{tried}; of the best under {fresh} {counted(known.fresh_missing, 'trial')} to train"
    return f"{tried}; then the best under {fresh}"


def _unlearnt(search: Search) -> list[str]:
    """That a searcher with a population of its own learns nothing from the configurations of `first`."""
    learns = not search.first or search.searcher not in SEARCHERS_OF_WHOLE_TRIALS
    return [] if learns else [f"{search.searcher} learns nothing from the configurations of first"]


def _tries(search: Search, different: Sequence[int]) -> str:
    """How many configurations a search tries, in each part so many different ones; and whether there are no more."""
    if set(different) == {search.trials}:
        return counted(search.trials, "configuration") + (f" for each {search.within}" if search.within else "")
    if search.trials in different:
        return f"{counted(sum(different), 'configuration')} of all {search.within} together"
    if search.searcher == "grid":
        return f"{counted(sum(different), 'configuration')}, all of the grid,"
    tries = counted(search.trials, "try", "tries") + (f" for each {search.within}" if search.within else "")
    return f"{counted(sum(different), 'configuration')}, all that the space has, each trained once, in {tries}"


def _stops(scheduler: str) -> str:
    return "none is stopped early" if scheduler == "none" else f"{scheduler} stops the worse ones early"


def _parts(study: Study, size: DataSize) -> list[str]:
    """What a search selects on, where it holds something out."""
    held_out = TrialConfig(held_out=study.base.get("held_out", 0.0), fold=study.base.get("fold", 0)).images_held_out(
        size.train
    )
    if not held_out:
        return []
    return [
        f"{held_out:,} of {size.train:,} training examples select; the {size.val:,} validation examples judge the "
        "best, once"
    ]
