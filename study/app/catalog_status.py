"""What each study of the catalogue costs on this machine, and what of it is on record, as values; no training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from study.spec.study import Study
from trainables.config.errors import StudyError

if TYPE_CHECKING:
    from study.app.pace import Pace
    from study.planning.plan import Plan
    from study.storage.trials import TrialOnRecord

USUAL_SEEDS = 5
"""That a study usually has."""


@dataclass(frozen=True)
class StudyStatus:
    """A study's price, and what is there of it."""

    seconds: tuple[float, float] | None = None
    """Of all its arms under five seeds, from start to end, at the least and at the most: equal where the pace is known;
    None of a search, and where the size of its data is not known.
    """
    seeds: int | None = None
    """So many of five are on record of every arm; None of a search, or where no folder is known."""


@dataclass(frozen=True)
class KnownFolder:
    """What a results folder tells of any study."""

    where: str
    on_record: Mapping[str, TrialOnRecord]
    checksums: tuple[str, ...]
    pace: Pace | None

    @classmethod
    def nowhere(cls) -> KnownFolder:
        """Stands for one where there is none: prices are ranges, and nothing is on record."""
        return cls("", {}, (), None)

    @cached_property
    def studies(self) -> tuple[Study, ...]:
        """That it has on record, without answers of searches; none where they cannot be read."""
        if not self.where:
            return ()
        from study.storage.results_folder import ResultsFolder

        try:
            kept = ResultsFolder(self.where).studies.latest()
        except StudyError:
            return ()
        return tuple(s for s in kept if not s.name.endswith(".answer"))

    @classmethod
    def telling(cls, folders: Iterable[str], studies: Sequence[Study]) -> KnownFolder | None:
        """The first that has a seed of one of these studies, else that knows the pace, else that can be read."""
        there: list[KnownFolder] = []
        for where in folders:
            folder = cls.at(where)
            if folder is not None and any(folder.seeds(s) for s in studies):
                return folder
            there += [folder] if folder is not None else []
        return next((f for f in there if f.pace is not None), there[0] if there else None)

    @classmethod
    def at(cls, where: str | None) -> KnownFolder | None:
        """The folder there; None where there is none that can be read."""
        if where is None:
            return None
        from study.app.pace import measured_pace
        from study.planning.cost import FASHION, KNOWN_SIZES
        from study.storage.results_folder import ResultsFolder

        try:
            store = ResultsFolder(where)
            on_record, checksums = store.trials.on_record(), tuple(store.trials.data_checksums())
            return cls(where, on_record, checksums, measured_pace(where, KNOWN_SIZES[FASHION]))
        except StudyError:
            return None

    def status(self, study: Study) -> StudyStatus:
        """Return a study's price and what is on record of it; no price where it is not of Fashion-MNIST."""
        from study.planning.cost import FASHION

        known = study.arms and {study.config(a.name).data for a in study.arms} == {FASHION}
        return StudyStatus(self.seconds([study]) if known else None, self.seeds(study))

    def seeds(self, study: Study) -> int | None:
        """So many of five are on record of every arm; None of a search, or where no folder is known."""
        if not study.arms or not self.where:
            return None
        plan = self._plan([study])
        return len(set(plan.protocol.seeds) - {t.config.seed for t in plan.missing})

    def seconds(self, studies: Sequence[Study]) -> tuple[float, float] | None:
        """What all arms of some studies take together: a trial that they share is trained once."""
        from study.planning.cost import FASHION, KNOWN_SIZES, unmeasured_seconds, wall_seconds
        from study.planning.machine_load import most_slowed
        from study.planning.usable_cores import usable_cores

        compared = [s for s in studies if s.arms]
        if not compared:
            return None
        if self.pace is None:
            low, high = unmeasured_seconds(compared, USUAL_SEEDS, KNOWN_SIZES[FASHION], usable_cores())
            return low, most_slowed(1.0) * high
        trials = self._plan(compared).trials
        known = self.pace.clock_factor * wall_seconds(
            sum(t.seconds for t in trials), max(t.seconds for t in trials), usable_cores()
        )
        return known, known

    def _plan(self, studies: Sequence[Study]) -> Plan:
        """Under five seeds, against what is on record, in this machine's times."""
        from study.app.pace import in_machine_times
        from study.planning.cost import FASHION, KNOWN_SIZES
        from study.planning.plan import plan_trials
        from study.planning.protocol import Protocol

        protocol, size = Protocol(tuple(range(USUAL_SEEDS))), KNOWN_SIZES[FASHION]
        plans = [plan_trials(studies, protocol, c, self.on_record, size) for c in self.checksums or ("unknown",)]
        return min((in_machine_times(p, self.pace) for p in plans), key=lambda p: len(p.missing))
