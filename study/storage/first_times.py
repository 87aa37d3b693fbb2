"""Times stay as they were first recorded: what a longer record of a trial takes over, once trained and once merged.

See `trainables.records.kept_times`. What is on record already is never changed, nor read otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from study.storage.integrity import LOOSE_NAME
from study.storage.trials import RecordedTrials
from trainables.config.errors import StoreError
from trainables.records.agreement import combined, trained_at
from trainables.records.kept_times import with_known_times
from trainables.records.trial_record import TrialRecord

if TYPE_CHECKING:
    from study.storage.results_folder import ResultsFolder


class FirstTimes:
    """The times on record of trials that are trained for more epochs."""

    def __init__(self, trials: RecordedTrials) -> None:
        self.trials = trials
        self._only: frozenset[str] | None = None
        self._gathered: dict[str, frozenset[str]] = {}

    @contextlib.contextmanager
    def only_of(self, trials: Iterable[str]) -> Iterator[None]:
        """Within, no other trial is looked for: of many new ones that would take long."""
        self._only = frozenset(trials)
        try:
            yield
        finally:
            self._only = None

    def kept_in(self, record: TrialRecord) -> TrialRecord:
        """What was trained, with the times that are on record of its first epochs."""
        if record.status == "failed" or (self._only is not None and record.id not in self._only):
            return record
        shorter = [r for r in self._alike(record.id) if r.epochs_done < record.epochs_done]
        longest = max((r.epochs_done for r in shorter), default=0)
        return (
            with_known_times(record, combined([r for r in shorter if r.epochs_done == longest])) if longest else record
        )

    def _alike(self, trial: str) -> list[TrialRecord]:
        """The records of a trial, without those in damaged files: of these the next command tells."""
        found = list[TrialRecord | None]()
        for name in self.trials.loose():  # before the others: what is gathered now is there
            if (match := LOOSE_NAME.fullmatch(name)) and match[1] == trial:
                with contextlib.suppress(StoreError):
                    found.append(self.trials.loose_record(name))
        for name in self.trials.gathered():
            with contextlib.suppress(StoreError):
                if name not in self._gathered and (table := self.trials.table(name, ["id"])) is not None:
                    self._gathered[name] = frozenset(table.column("id").to_pylist())
                if trial in self._gathered.get(name, ()):
                    found += self.trials.gathered_records(name, {trial})
        return [r for r in found if r is not None]


def of_merged(
    stores: Sequence[ResultsFolder], held: Callable[[TrialRecord], object]
) -> Callable[[ResultsFolder, TrialRecord], TrialRecord]:
    """What gives a folder's record the times that others read of its first epochs, if these were trained before it.

    A shorter record that the folder has itself changes nothing: its numbers stay as it reads them.

    Args:
        stores: that are merged, the one that they go into among them.
        held: what a record holds, for telling whether two folders have the same one.
    """
    lengths: dict[str, set[int]] = {}
    for store in stores:
        for trial, found in store.trials.on_record().items():
            lengths.setdefault(trial, set()).add(found.epochs)
    unequal = {trial for trial, of in lengths.items() if len(of) > 1}
    read = {id(store): {r.id: r for r in store.trials.records(unequal)} if unequal else {} for store in stores}
    own = {id(store): {held(r) for r in store.trials.all_records(unequal)} if unequal else set() for store in stores}

    def kept(store: ResultsFolder, record: TrialRecord) -> TrialRecord:
        longest = read[id(store)].get(record.id)
        if longest is None or record.epochs_done < longest.epochs_done:
            return record
        others = (of[record.id] for of in read.values() if record.id in of)
        return _with_earlier(record, (r for r in others if held(r) not in own[id(store)]))

    return kept


def _with_earlier(record: TrialRecord, others: Iterable[TrialRecord]) -> TrialRecord:
    shorter = (r for r in others if 0 < r.epochs_done < record.epochs_done)
    known: TrialRecord | None = None
    for other in (*sorted(shorter, key=lambda r: r.epochs_done), record):
        earlier = known is not None and _ended(known.provenance) < _ended(other.provenance)
        known = with_known_times(other, known) if known is not None and earlier else other
    return known or record


def _ended(provenance: Mapping[str, object]) -> float:
    return trained_at(provenance.get("ended"))
