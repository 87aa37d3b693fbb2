"""A folder that was disturbed against what an undisturbed run of the same trials gives, to the last bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from study.storage import diff as compare
from study.storage import repair as upkeep
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import search_parts
from study.storage.survey import other_damage
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet
from trainables.data.sources import load_data_set
from trainables.jobs.job import Job, JobOptions
from trainables.jobs.job_runner import JobRunner
from trainables.records.agreement import conflict
from trainables.records.trial_record import TrialRecord


@dataclass
class Judgement:
    """What was found wrong."""

    lost: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing was."""
        return not self.lost and not self.differing


def of_study(mine: Path, reference: Path) -> Judgement:
    """Of a fixed study: equal to the undisturbed folder."""
    verdict = _of_any(mine)
    for difference in compare.diff(str(reference), str(mine)):
        (verdict.lost if "only in" in difference.what else verdict.differing).append(difference.what)
    return verdict


def of_search(mine: Path, data_dir: Path) -> Judgement:
    """Of a search: whatever it tried is on record, and each record equals that of a run without Ray or any fault.

    Which configurations are tried may depend on timing; what each of them gave may not.
    """
    store = ResultsFolder(mine)
    records = {r.id: r for r in store.trials.records()}
    checksum = {r.data_checksum for r in records.values()}.pop()
    parts = search_parts(store)
    tried = [
        (p, seed, part.shared.config(p.point).replace(seed=seed).identity(checksum))
        for part in parts
        for p in part.proposals
        for seed in range(part.search.seeds)
    ]
    over = {r.id for r in records.values() if r.status in ("finished", "diverged")}
    set_unread_aside(store, {*(trial for _, _, trial in tried), *over})
    verdict = _of_any(mine)
    for p, seed, trial in tried:
        record = records.get(trial)
        if record is None or (p.state != "diverged" and record.epochs_done < p.epochs):
            verdict.lost.append(f"proposal {p.number}, seed {seed}, {p.state} after {p.epochs} epochs")
    if store.folder.read(f"searches/{parts[0].study}/answer.json") is None:
        verdict.lost.append("the answer")
    data = load_data_set("tiny", data_dir)
    for record in records.values():
        if why := conflict(undisturbed(record.config, data), record):
            verdict.differing.append(f"trial {record.id}: {why}")
    return verdict


def set_unread_aside(store: ResultsFolder, needed: Collection[str]) -> None:
    """Put aside the damaged checkpoints of trials that the search no longer has, as `study repair` does.

    A search that lost its log may try others; what it tried before stays, and no run reads those checkpoints again.
    """
    for item in list(other_damage(store)):
        folder, _, rest = item.name.partition("/")
        if folder == "checkpoints" and rest.split("/")[0] not in needed:
            store.trials.quarantine(item)


def _of_any(mine: Path) -> Judgement:
    """What holds for every folder: sound, and nothing on record twice."""
    sound = upkeep.verify(str(mine))
    counts = Counter((r.id, r.epochs_done) for r in ResultsFolder(mine).trials.all_records())
    twice = [f"trial {trial} is on record {n} times" for (trial, _), n in counts.items() if n > 1]
    return Judgement(differing=twice + ([] if sound.sound else list(sound.lines)))


class RecordKeeper:
    """Keeps a record, and no checkpoint."""

    def __init__(self) -> None:
        self.record: TrialRecord | None = None

    def write(self, record: TrialRecord) -> None:
        """Keep it."""
        self.record = record

    def save_checkpoint(self, trial: str, epochs: int, data: bytes) -> None:
        """Do not."""

    def checkpoints(self, trial: str) -> Iterator[bytes]:
        """There are none."""
        return iter(())

    def drop_checkpoints(self, trial: str) -> None:
        """There are none."""


def undisturbed(config: TrialConfig, data: DataSet) -> TrialRecord:
    """A trial from beginning to end in this process."""
    sink = RecordKeeper()
    run = JobRunner(Job(config, (config.seed,)), data, sink, JobOptions())
    while not run.over:
        run.epoch()
    assert sink.record is not None
    return sink.record
