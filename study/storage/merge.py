"""Two results folders in one; refused, with nothing written, where they contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from study.storage import first_times, kept_files, search_log
from study.storage.arms_table import write_arms
from study.storage.data_content import contents
from study.storage.diff import MAX_DIFFERENCES_SHOWN
from study.storage.integrity import Damage, repair_command
from study.storage.merged_studies import refuse_two_arms, refuse_two_families, refuse_two_studies
from study.storage.older_seeds import DatedFolder, refuse_older_seeds
from study.storage.results_folder import ResultsFolder
from study.storage.survey import why_other_unsound
from study.storage.tested_parts import refuse_other_test_parts
from trainables.config.errors import BadInput, StoreError
from trainables.config.plurals import counted
from trainables.records.agreement import conflict, contradiction, holds_more
from trainables.records.metrics import TIMES
from trainables.records.trial_record import TrialRecord


class Contradiction(StoreError):
    """Two records of one trial that cannot both be right."""


@dataclass(frozen=True)
class _Read:
    """A results folder with its records, read once: they are many."""

    store: ResultsFolder
    records: tuple[TrialRecord, ...]

    @classmethod
    def of(cls, where: str) -> _Read:
        store = ResultsFolder(where)
        return cls(store, tuple(store.trials.all_records()))


class Merge:
    """Two results folders that are to be put into a third. What was read is what is checked, and what is written."""

    def __init__(self, a: str, b: str) -> None:
        """Read two folders.

        Raises:
            StoreError: there is none, or one is damaged.
        """
        self._sources = (_Read.of(a), _Read.of(b))

    def check(self, into: str) -> tuple[int, int]:
        """Refuse what cannot be one folder; nothing is written.

        Returns how many trials there would be, and how many of them more than one folder has.

        Raises:
            Contradiction: two records of a trial disagree; names every such trial, with the hardware.
            BadInput: two studies have one name, or a claim of one folder would be judged by seeds that another had
                before it was written.
        """
        read = (_Read.of(into), *self._sources) if _exists(into) else self._sources
        trials, shared, conflicts = _compared(read)
        if conflicts:
            shown = "; ".join(f"trial {t}: {w}" for t, w in sorted(conflicts.items())[:MAX_DIFFERENCES_SHOWN])
            a, b = (source.store.folder.where for source in self._sources)
            raise Contradiction(
                f"the records of {counted(len(conflicts), 'trial')} of {a} and {b} contradict "
                f"each other, nothing was merged: {shown}"
            )
        stores = [one.store for one in read]
        refuse_two_studies(stores)
        refuse_two_families(stores)
        refuse_two_arms(stores)
        _refuse_other_contents(read)
        refuse_other_test_parts(stores)
        refuse_older_seeds([DatedFolder(one.store, one.records) for one in read])
        for store in stores:
            store.refuse_gone()
            for item in (*_damaged_studies(store), *search_log.damage(store)):
                raise StoreError(
                    f"{item.name} in {store.folder.where} is damaged ({item.reason}): "
                    f"{repair_command(store.folder)} first"
                )
        return trials, shared

    def write(self, into: str) -> tuple[int, int]:
        """Put the records of both folders into a third, which may be there already, and which the caller holds.

        Returns and raises as `check`, of what that folder has by now.
        """
        found = self.check(into)
        _write(self._sources, ResultsFolder(into, create=True))
        return found


def _compared(read: Sequence[_Read]) -> tuple[int, int, dict[str, str]]:
    """How many trials folders have, how many of them more than one has, and why the records of a trial disagree."""
    known: dict[str, list[TrialRecord]] = {}
    conflicts: dict[str, str] = {}
    shared: set[str] = set()
    for one in read:
        before = set(known)
        for record in one.records:
            others = known.setdefault(record.id, [])
            if record.id in before:
                shared.add(record.id)
            if why := next(filter(None, (contradiction(other, record) for other in others)), ""):
                conflicts.setdefault(record.id, why)
            if all(record.epochs_done > o.epochs_done or conflict(o, record) or holds_more(record, o) for o in others):
                others.append(record)
    return len(known), len(shared), conflicts


def _damaged_studies(store: ResultsFolder) -> Iterator[Damage]:
    """Else a version would be left out without a word, and an older one be the newest."""
    for name in store.folder.names("studies", deep=True):
        if why := why_other_unsound(store, "studies", name):
            yield Damage(name, "; ".join(why.splitlines()))


def _refuse_other_contents(read: Sequence[_Read]) -> None:
    """Refuse folders of which none of the contents that a data set's name had in one is one of those in another."""
    found = [(one.store.folder.where, contents(one.records)) for one in read]
    for i, (where, of) in enumerate(found):
        for before, known in found[:i]:
            for name in of.keys() & known.keys():
                if not of[name] & known[name]:
                    raise BadInput(
                        "data",
                        name,
                        f"its content is another in {where} than in {before}, and no arm may have trials of both: "
                        "nothing was merged",
                    )


def _exists(where: str) -> bool:
    try:
        ResultsFolder(where)
    except StoreError as error:
        if "there are no results" in str(error):
            return False
        raise
    return True


def _write(read: Sequence[_Read], target: ResultsFolder) -> None:
    target.trials.gather()
    there = {_held(r) for r in target.trials.all_records()}
    sources = [one.store for one in read]
    with_first_times = first_times.of_merged((target, *sources), _held)
    new: dict[str, TrialRecord] = {}
    for one in read:
        for record in one.records:
            if (key := _held(record)) not in there:
                name = f"{one.store.folder.where} after {counted(record.epochs_done, 'epoch')} ({len(new)})"
                new[name] = with_first_times(one.store, record)
                there.add(key)
    target.trials.add(new)
    for store in sources:
        for record in store.trials.failures():
            target.trials.write(record)
        for name in store.folder.names("runs"):
            data = store.folder.read(name)
            if data is not None and target.folder.read(name) is None:
                target.folder.write(name, data)
        search_log.merge_searches(store, target)
    for name in sorted({n for store in sources for n in store.studies.names()}):
        _freeze_all(sources, target, name)
    for store in sources:
        for version in (v for name in store.studies.names() for v in store.studies.versions(name)):
            kept_files.keep_files(target, version, kept_files.files_of(store, version))
        store.refuse_gone()
    write_arms(target)


def _freeze_all(sources: Sequence[ResultsFolder], target: ResultsFolder, name: str) -> None:
    """Keep every version of a study with when it was frozen, in that order; the newest of all is the last."""
    kept = target.studies.dated(name)
    there = [version.to_dict() for _, version in kept]
    given = sorted((one for store in sources for one in store.studies.dated(name)), key=itemgetter(0))
    for at, version in given:
        if version.to_dict() not in there:
            target.studies.freeze(version, at)
            there.append(version.to_dict())
    at, newest = max((*kept, *given), key=itemgetter(0))
    if at:
        target.studies.freeze(newest, at)


def _held(record: TrialRecord) -> tuple[object, ...]:
    """What a record holds, by its key: of two that hold the same, one is enough."""
    metrics = tuple((name, record.source_of(name)) for name in record.epochs.columns)
    values = repr([record.epochs[name] for name in record.epochs.columns if name not in TIMES])
    return record.id, record.epochs_done, record.status, metrics, record.correct, hash(values)
