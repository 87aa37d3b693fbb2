"""What is on record of the searches of a plan, and what they may train at most: a plan's own trials are none of theirs.

Values; no printing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from study.app.search_status import ENDED_STATES
from study.planning.plan import Plan, plan_trials
from study.planning.protocol import Protocol
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import first_fresh_seed
from study.storage.search_log import answer_of, current_parts, search_parts
from study.storage.trials import TrialOnRecord
from trainables.training.gpu_memory import DataSize


@dataclass(frozen=True)
class SearchOnRecord:
    """How far a search is, before a run of it."""

    tried: int
    trials: int
    """Configurations in all."""
    answered: bool = False
    """Whether its best are chosen."""
    fresh_missing: int = 0
    """Trials of its best under the fresh seeds that are asked for, as far as they are not on record."""

    @property
    def over(self) -> bool:
        """Whether nothing is left to be trained."""
        return self.answered and self.tried >= self.trials and not self.fresh_missing


NOTHING: Mapping[str, SearchOnRecord] = MappingProxyType({})
"""No search, or none that has begun."""


def searches_on_record(
    store: ResultsFolder | None, plan: Plan, checksum: str, on_record: Mapping[str, TrialOnRecord]
) -> dict[str, SearchOnRecord]:
    """By study that searches and has begun to: how far it is.

    Args:
        store: the results folder; None where there is none yet.
        plan: of these studies.
        checksum: of the data.
        on_record: trials, by identity.
    """
    searching = [s for s in plan.studies if s.search is not None]
    if store is None or not searching:
        return {}
    there, found = search_parts(store, []), {}
    for study in searching:
        assert study.search is not None
        parts = [p for p in current_parts(there, study)[0] if p.data == checksum]
        tried = sum(p.state in ENDED_STATES for part in parts for p in part.proposals)
        whole = any(p.state == "whole" for part in parts for p in part.proposals)
        if tried and not whole and tried >= study.search.tries():  # all of them diverged: there is nothing to choose
            found[study.name] = SearchOnRecord(tried, study.search.tries(), answered=True)
        elif tried:
            missing = _fresh_missing(store, study, plan, checksum, on_record)
            found[study.name] = SearchOnRecord(tried, study.search.tries(), missing is not None, missing or 0)
    return found


def _fresh_missing(
    store: ResultsFolder, study: Study, plan: Plan, checksum: str, on_record: Mapping[str, TrialOnRecord]
) -> int | None:
    """Trials of the answer that are not on record; None where the best are not chosen yet."""
    listed = answer_of(store, study.name, [], reduced=bool(study.reduced))
    answers = [] if listed is None else store.studies.versions(listed.study)
    alike = [version for version in answers if bool(version.reduced) == bool(study.reduced)]
    if not alike:
        return None
    first = first_fresh_seed(alike[-1])
    fresh = Protocol(tuple(range(first, first + len(plan.protocol.seeds))))
    return len(plan_trials([alike[-1]], fresh, checksum, dict(on_record), plan.size).missing)


def over(searched: Mapping[str, SearchOnRecord]) -> Collection[str]:
    """The searches of which nothing is left to be trained."""
    return [name for name, found in searched.items() if found.over]


def _most_epochs(study: Study, size: DataSize) -> int:
    """How many epochs a search trains at the most, without its answer."""
    assert study.search is not None
    different = sum(part.configurations(study.shared_knobs, size) for part in study.search.parts().values())
    return different * study.search.seeds * study.epochs


@dataclass(frozen=True)
class PlannedSearch:
    """A search of a plan, for programs: no count of the plan's trials and epochs knows of it."""

    study: str
    configurations: int
    tried: int
    seeds: int
    epochs_at_most: int
    """Of those that are yet to be tried, without the answer; as if nothing were on record where some are."""
    fresh_seeds: int
    over: bool


def planned_search(study: Study, plan: Plan, known: SearchOnRecord | None = None) -> PlannedSearch:
    """A search of a plan; `known`: how far it is."""
    assert study.search is not None
    tries = study.search.tries()
    known = known or SearchOnRecord(0, tries)
    most = 0 if known.tried >= known.trials else _most_epochs(study, plan.size)
    fresh = len(plan.protocol.seeds)
    return PlannedSearch(study.name, known.trials, known.tried, study.search.seeds, most, fresh, known.over)


def planned_searches(plan: Plan, searched: Mapping[str, SearchOnRecord]) -> list[PlannedSearch]:
    """The searches of a plan; `searched`: how far they are."""
    return [planned_search(s, plan, searched.get(s.name)) for s in plan.studies if s.search]
