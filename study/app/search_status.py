"""How far the searches of a results folder are: configurations tried, under way, not begun. Values; no printing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from study.app.live_progress import left_words
from study.spec.point import SharedKnobs
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import seeds_of_arms
from study.storage.search_events import Proposal
from study.storage.search_log import answer_of, current_parts, search_parts
from trainables.config.plurals import counted

ENDED_STATES = ("whole", "paused", "diverged", "failed")


def tried_words(tried: int, trials: int, different: int, most: int) -> str:
    """How far a search is; where tries repeat configurations both are counted.

    Args:
        tried: how many tries are over.
        trials: tries in all.
        different: configurations among those that are over.
        most: configurations that there are for all tries.

    >>> tried_words(3, 12, 3, 12), tried_words(12, 12, 4, 4)
    ('3 of 12 configurations tried', '12 of 12 tries made, of 4 configurations')
    """
    if different == tried and most >= trials:
        return f"{tried} of {counted(trials, 'configuration')} tried"
    return f"{tried} of {counted(trials, 'try', 'tries')} made, of {counted(different, 'configuration')}"


def to_try_words(trials: int, most: int) -> str:
    """What a search begins with.

    >>> to_try_words(12, 12), to_try_words(12, 4)
    ('12 configurations to try', '12 tries to make, of at most 4 configurations')
    """
    if most >= trials:
        return f"{counted(trials, 'configuration')} to try"
    return f"{counted(trials, 'try', 'tries')} to make, of at most {counted(most, 'configuration')}"


@dataclass(frozen=True)
class SearchStatus:
    """A search, or a part of one."""

    study: str
    tried: int
    """Tries that are over; several may be of one configuration."""
    trials: int
    """Tries in all."""
    different: int
    """Configurations among those that are over."""
    most: int
    """Configurations that there are for all tries."""
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
        return left_words(self.trials - self.tried, self.resumed_epochs)

    def missing_words(self) -> str:
        """What is left of it, and what follows."""
        lost = self.trials - self.tried
        if lost <= 0:
            return f"the best of {self.study} under fresh seeds"
        one = ("configuration", "configurations") if self.most >= self.trials else ("try", "tries")
        return f"{lost} of {counted(self.trials, *one)}: {self.words()}; then the best under fresh seeds"

    def tried_words(self) -> str:
        """How far it is."""
        return tried_words(self.tried, self.trials, self.different, self.most)

    @property
    def resumed_epochs(self) -> tuple[int, ...]:
        """Epochs behind each configuration that goes on."""
        return tuple(epochs for epochs in self.saved if epochs)


def different_tried(proposals: Sequence[Proposal]) -> int:
    """How many configurations are among the proposals that are over."""
    return len({p.point for p in proposals if p.state in ENDED_STATES})


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
        different = sum(map(different_tried, (part.proposals for part in parts)))
        whole = any(p.state == "whole" for part in parts for p in part.proposals)
        trials = study.search.tries()
        chosen = answer_of(store, study.name, [], reduced=bool(study.reduced)) is not None
        nobody = tried >= trials and not whole  # all of them diverged or failed: there is nothing to choose
        every = tuple(epochs for of in going for epochs in of)
        trials = tried if ended and chosen and not every else trials
        most = min(trials, study.search.configurations())
        found.append(SearchStatus(study.name, tried, trials, different, most, every, chosen or nobody))
    return tuple(found)


def fresh_seeds(store: ResultsFolder, studies: tuple[Study, ...]) -> dict[str, dict[str, tuple[int, ...]]]:
    """The seeds of each arm of a search's answer, by the answer's study: no run asks for them by name."""
    answers = [answer_of(store, s.name, [], reduced=bool(s.reduced)) for s in studies if s.search]
    known = {study.name: study for study in studies}
    return {a.study: seeds_of_arms(known[a.study], a.seeds) for a in answers if a is not None and a.study in known}
