"""What is sound on record in a results folder, and a sentence for all that is not: the same in every command.

Whatever a verdict rests on is looked at: trials, failures, studies, runs, searches. Of gathered files that is their
checksum and their names of trials, not each record within: `study.storage.repair.verify` does that. No checkpoint.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from study.storage import search_log
from study.storage.code_versions import notes_on_code
from study.storage.curves_on_record import CurvesOnRecord, curves_on_record
from study.storage.data_content import notes_on_contents
from study.storage.gone_parts import gone_parts
from study.storage.gone_records import gone_said, named_trials
from study.storage.integrity import GATHERED_NAME, Damage, parse_record, repair_command
from study.storage.lost_study import written_again
from study.storage.reported_values import contradicted
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import LOST, RunRecord, has_copy, read_run, read_runs
from study.storage.storage_errors import changes_too_fast
from study.storage.trials import TrialOnRecord
from trainables.config.errors import StoreError, StudyError
from trainables.records.agreement import conflict, from_elsewhere, trained_at
from trainables.records.metrics import RECORDED, TEST_METRICS, TIMES
from trainables.records.trial_record import TrialRecord

MAX_LOOKS = 10
"""How often a folder is looked at whose files are gathered meanwhile."""
CHECKED_FOLDERS = ("failures", "studies", "runs", "checkpoints")


@dataclass(frozen=True)
class FolderSurvey:
    """A look at a results folder."""

    on_record: Mapping[str, TrialOnRecord]
    """What is on record of each trial, at its longest, in sound files or still sound in damaged ones."""
    problems: tuple[str, ...]
    """A sentence for each damaged file and each contradiction, with the command that mends it."""
    damaged: frozenset[str]
    """The files that these are about."""
    notes: tuple[str, ...] = ()
    """What is no damage: that trials or other parts are gone, that records of other machines differ, that a data set's
    name had several contents, or trials several versions of the training code.
    """
    gone: tuple[str, ...] = ()
    """The sentences among the notes that say what is gone."""
    runs: tuple[RunRecord, ...] = ()
    """What is on record of runs, oldest first, without damaged files."""

    def not_about(self, lines: Iterable[str]) -> list[str]:
        """Return those lines that are not about a file that is told of already."""
        return [line for line in lines if not any(name in line for name in self.damaged)]


@dataclass(frozen=True)
class ContradictingRecords:
    """Two records of one trial that cannot both be right."""

    stays: tuple[str, TrialRecord]
    """The file, and the record in it: the longer one; of two equally long, the one that was trained first."""
    goes: tuple[str, TrialRecord]
    why: str


def survey(store: ResultsFolder) -> FolderSurvey:
    """What is on record, and what is wrong."""
    repair, problems = repair_command(store.folder), list[str]()
    named, runs = named_trials(store), read_runs(store.folder)
    places, reasons = _looked_at(store)
    for name, (reason, sound) in reasons.items():
        saved = f" and saves {sound} sound records in it" if GATHERED_NAME.fullmatch(name) else ""
        again = "the next run trains again what is lost"
        problems.append(f"{name} is damaged ({reason}); {repair} moves it to quarantine/{saved}, and {again}")
    on_record = {trial: max((found for _, found in there), key=lambda f: f.rank) for trial, there in places.items()}
    damaged = set(reasons)
    apart = differing(store, _suspects(store, places), damaged)
    for one in apart.contradict:
        damaged.add(one.goes[0])
        problems.append(_sentence(one, repair))
    for item in other_damage(store, without=("checkpoints",)):
        damaged.add(item.name)
        words = item.reason if item.name in item.reason else f"{item.name} is damaged ({item.reason})"
        problems.append(f"{words}; {repair} moves it to quarantine/{consequence(store, item.name)}")
    store.refuse_gone()
    lost = named - set(on_record) if not reasons else ()  # a damaged file is told of, and what it held
    gone = (*([gone_said(lost)] if lost else ()), *gone_parts(store, runs))
    notes = (*gone, *apart.notes, *notes_on_contents(runs), *notes_on_code(store, runs))
    return FolderSurvey(on_record, tuple(problems), frozenset(damaged), notes, gone, tuple(runs))


def refuse_contradictions(store: ResultsFolder) -> None:
    """Refuse a folder in which two records of one trial contradict each other; damaged files are passed over.

    Raises:
        StoreError: names the trial, its files, what differs and the command that mends it.
    """
    places, reasons = _looked_at(store)
    if there := contradictions(store, _suspects(store, places), set(reasons)):
        more = f" (so have {len(there) - 1} more)" if len(there) > 1 else ""
        raise StoreError(_sentence(there[0], repair_command(store.folder)) + more)


_Places = dict[str, list[tuple[str, TrialOnRecord]]]


def _looked_at(store: ResultsFolder) -> tuple[_Places, dict[str, tuple[str, int]]]:
    """By trial the files that hold it; by damaged file why it is, and how many records in it are sound.

    Looked at again where a run gathered meanwhile: what was listed is gone then, and lies in a file that was not.

    Raises:
        ChangesTooFast: it did so again and again.
    """
    for _ in range(MAX_LOOKS):
        places: _Places = defaultdict(list)
        reasons: dict[str, tuple[str, int]] = {}
        names = store.folder.names("trials")
        for name in names:
            entries, reason = store.trials.look(name)
            if reason:
                reasons[name] = (reason, len(entries))
            for trial, found in entries:
                places[trial].append((name, found))
        if set(names) <= set(store.folder.names("trials")):
            return places, reasons
    raise changes_too_fast(store.folder.where)


def _sentence(one: ContradictingRecords, repair: str) -> str:
    return (
        f"trial {one.stays[1].id} has two records that contradict each other, in {one.stays[0]} and {one.goes[0]} "
        f"({one.why}); {repair} moves the {'shorter' if _lengths_differ(one) else 'later'} one to quarantine/"
    )


_COMPARED = tuple(name for name in RECORDED if name not in TIMES and name not in TEST_METRICS)


def _suspects(store: ResultsFolder, places: Mapping[str, list[tuple[str, TrialOnRecord]]]) -> set[str]:
    """The trials whose records may contradict each other, by columns alone; only these are read in full.

    Records of different lengths are held against each other as far as both go; where two are equally long, or one
    ended by itself where another went on, all that they hold has to be compared.
    """
    several = {t: [h for _, h in there] for t, there in places.items() if len(there) > 1}
    found = {t for t, there in several.items() if _alike_or_ended(there)}
    longest: dict[str, CurvesOnRecord] = {}
    for one in curves_on_record(store, set(several) - found, _COMPARED):
        other = longest.setdefault(one.trial, one)
        if other is not one and _differ(one, other):
            found.add(one.trial)
        if one.rank > other.rank:
            longest[one.trial] = one
    return found


def _alike_or_ended(there: Sequence[TrialOnRecord]) -> bool:
    ended = [h for h in there if h.status == "diverged"]
    return len(set(there)) < len(there) or any(h.epochs >= e.epochs and h != e for e in ended for h in there)


def _differ(one: CurvesOnRecord, other: CurvesOnRecord) -> bool:
    done = min(one.epochs, other.epochs)
    both = [(one.values[n][:done], other.values[n][:done]) for n in one.values.keys() & other.values.keys()]
    return any(not np.array_equal(a, b, equal_nan=True) for a, b in both)


def _lengths_differ(one: ContradictingRecords) -> bool:
    return one.stays[1].epochs_done != one.goes[1].epochs_done


@dataclass(frozen=True)
class DifferingRecords:
    """Records of trials that do not agree."""

    contradict: tuple[ContradictingRecords, ...] = ()
    elsewhere: tuple[ContradictingRecords, ...] = ()
    """Those that come from other kinds of processor or versions of torch: both stay, the first of them is read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence where records of other machines differ."""
        if not self.elsewhere:
            return ()
        first, trials = self.elsewhere[0], {one.stays[1].id for one in self.elsewhere}
        many = f"{len(trials)} trials have records" if len(trials) > 1 else f"trial {first.stays[1].id} has records"
        named = f"trial {first.stays[1].id}, {first.why}" if len(trials) > 1 else first.why
        return (
            f"{many} of several kinds of machine, whose results differ ({named}). The one that was trained first is "
            "read for what it has, a later one for what that lacks",
        )


def contradictions(
    store: ResultsFolder, trials: set[str] | None = None, damaged: frozenset[str] | set[str] = frozenset()
) -> list[ContradictingRecords]:
    """Records of one trial, or of those named, that contradict each other; damaged files are passed over."""
    return list(differing(store, trials, damaged).contradict)


def differing(
    store: ResultsFolder, trials: set[str] | None = None, damaged: frozenset[str] | set[str] = frozenset()
) -> DifferingRecords:
    """Records of one trial, or of those named, that do not agree; damaged files are passed over."""
    if trials is None:
        counts = Counter(t for n in store.folder.names("trials") for t, _ in store.trials.look(n)[0])
        trials = {t for t, n in counts.items() if n > 1}
    found: dict[str, list[tuple[str, TrialRecord]]] = defaultdict(list)
    for name, record in sound_records(store, damaged, trials) if trials else ():
        found[record.id].append((name, record))
    said, apart = list[ContradictingRecords](), list[ContradictingRecords]()
    for trial in sorted(found):
        kept: list[tuple[str, TrialRecord]] = []
        for name, record in sorted(found[trial], key=lambda item: _precedence(item[1])):
            against = [(k, why) for k in kept if (why := conflict(k[1], record))]
            if first := next((one for one in against if not from_elsewhere(one[0][1], record)), None):
                said.append(ContradictingRecords(first[0], (name, record), first[1]))
                continue
            apart += [ContradictingRecords(k, (name, record), why) for k, why in against[:1]]
            kept.append((name, record))
    return DifferingRecords(tuple(said), tuple(apart))


def _precedence(record: TrialRecord) -> tuple[int, float, str]:
    """The least stays."""
    return -record.epochs_done, trained_at(record.provenance.get("ended")), record.result_digest()


def sound_records(
    store: ResultsFolder, damaged: frozenset[str] | set[str], trials: set[str] | None = None
) -> Iterator[tuple[str, TrialRecord]]:
    """Every record, or those of the trials named, with its file."""
    for name in store.trials.loose():
        wanted = trials is None or name.removeprefix("trials/")[:20] in trials
        if wanted and name not in damaged and (record := store.trials.loose_record(name)) is not None:
            yield name, record
    for name in store.trials.gathered():
        if name not in damaged:
            yield from ((name, record) for record in store.trials.gathered_records(name, trials))


def other_damage(store: ResultsFolder, without: tuple[str, ...] = ()) -> list[Damage]:
    """What is wrong with failures, studies, runs, checkpoints and searches, and what is no file."""
    names = [(top, n) for top in CHECKED_FOLDERS if top not in without for n in store.folder.names(top, deep=True)]
    checked = ((name, why_other_unsound(store, top, name)) for top, name in names)
    found = [*(Damage(name, reason) for name, reason in checked if reason), *search_log.damage(store)]
    contradicting = contradicted(store, search_log.search_parts(store, []))
    return [*found, *contradicting, *store.irregular()]


def why_other_unsound(store: ResultsFolder, top: str, name: str) -> str:
    """Why a file that is no trial's is not sound; empty if it is."""
    data = store.folder.read(name) if top in CHECKED_FOLDERS else None
    if data is None:
        return ""
    try:
        _check_other(store, top, name, data)
    except StudyError as error:
        return str(error)
    return ""


def _check_other(store: ResultsFolder, top: str, name: str, data: bytes) -> None:
    if top == "failures":
        parse_record(data)
    elif top == "checkpoints" and hashlib.sha256(data[32:]).digest() != data[:32]:
        raise StoreError("its content does not fit its checksum")
    elif top == "studies" and name.endswith(".json"):
        store.studies.parse(data, name)
    elif top == "runs" and name.endswith(".json"):
        read_run(store.folder, data, name)


_COPY_COMES = "; its copy takes its place"


def consequence(store: ResultsFolder, name: str) -> str:
    """What it costs to put a damaged file aside."""
    if name.startswith("studies/"):
        return _COPY_COMES if store.studies.has_copy(name) else f"; {written_again(store, name)}"
    if name.startswith("runs/") and has_copy(store.folder, name):
        return _COPY_COMES
    return {
        "checkpoints": "; its trial goes on from the checkpoint before it, or from the start",
        "runs": f"; {LOST}",
        "searches": "; the search goes on from what came before, and trains nothing that is on record",
    }.get(name.split("/")[0], "")
