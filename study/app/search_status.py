"""How far the searches of a results folder are: configurations tried, under way, not begun. Values; no printing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from study.app.live_progress import resumed_words
from study.spec.point import SharedKnobs
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import seeds_of_arms
from study.storage.search_events import Proposal
from study.storage.search_log import answer_of, current_parts, search_parts
from trainables.config.plurals import counted

ENDED_STATES = ("whole", "paused", "diverged", "failed")


@dataclass(frozen=True)
class SearchStatus:
    """A search, or a part of one."""

    study: str
    tried: int
    trials: int
    """Configurations in all."""
    saved: tuple[int, ...] = ()
    """Epochs behind each configuration that is under way, as far as they are saved; 0 where nothing is."""
    answered: bool = False
    """Whether the best are chosen; what is missing of their trials under fresh seeds is told elsewhere."""

    @property
    def over(self) -> bool:
        """Whether nothing is left to be tried or chosen."""
        return self.answered and self.tried >= self.trials

    def words(self) -> str:
        """Where it goes on."""
        rest = max(0, self.trials - self.tried - len(self.resumed_epochs))
        return f"{resumed_words(self.resumed_epochs)}{rest} not begun"

    def missing_words(self) -> str:
        """What is left of it, and what follows."""
        lost = self.trials - self.tried
        if lost <= 0:
            return f"the best of {self.study} under fresh seeds"
        return f"{lost} of {counted(self.trials, 'configuration')}: {self.words()}; then the best under fresh seeds"

    @property
    def resumed_epochs(self) -> tuple[int, ...]:
        """Epochs behind each configuration that goes on."""
        return tuple(epochs for epochs in self.saved if epochs)


def saved_of(
    proposals: Sequence[Proposal], seeds: int, shared: SharedKnobs, data: str, saved: Mapping[str, int]
) -> tuple[int, ...]:
    """Epochs behind each proposal that is under way.

    Args:
        proposals: of a part of a search.
        seeds: of each.
        shared: what all of them share.
        data: the checksum of the data.
        saved: epochs behind the last checkpoint of a trial, or on record of it, by identity.
    """
    found = []
    for p in proposals:
        if p.state == "running":
            ids = shared.config(p.point).identities(data, range(seeds))
            found.append(max(p.epochs, min((saved.get(trial, 0) for trial in ids), default=0)))
    return tuple(found)


def search_statuses(
    store: ResultsFolder, studies: Sequence[Study], saved: Mapping[str, int], *, ended: bool
) -> tuple[SearchStatus, ...]:
    """Of every study that searches, its parts together.

    Args:
        store: the results folder.
        studies: its studies.
        saved: as for `saved_of`.
        ended: whether the last run ended well. Then a search that has its answer is over, though some points of its
            grid could not be trained.
    """
    searching = [s for s in studies if s.search is not None]
    there = search_parts(store, []) if searching else []
    found = []
    for study in searching:
        assert study.search is not None
        parts, _ = current_parts(there, study)
        going = [saved_of(p.proposals, p.search.seeds, p.shared, p.data, saved) for p in parts]
        tried = sum(p.state in ENDED_STATES for part in parts for p in part.proposals)
        whole = any(p.state == "whole" for part in parts for p in part.proposals)
        trials = study.search.tries()
        chosen = answer_of(store, study.name, [], reduced=bool(study.reduced)) is not None
        nobody = tried >= trials and not whole  # all of them diverged or failed: there is nothing to choose
        every = tuple(epochs for of in going for epochs in of)
        trials = tried if ended and chosen and not every else trials
        found.append(SearchStatus(study.name, tried, trials, every, chosen or nobody))
    return tuple(found)


def fresh_seeds(store: ResultsFolder, studies: tuple[Study, ...]) -> dict[str, dict[str, tuple[int, ...]]]:
    """The seeds of each arm of a search's answer, by the answer's study: no run asks for them by name."""
    answers = [answer_of(store, s.name, [], reduced=bool(s.reduced)) for s in studies if s.search]
    known = {study.name: study for study in studies}
    return {a.study: seeds_of_arms(known[a.study], a.seeds) for a in answers if a is not None and a.study in known}
