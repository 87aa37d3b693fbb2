"""What a results folder's run does, or what was left undone, as values; no printing."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.data import protocols
from study.app.board import Board
from study.app.command_for_folder import for_folder, of_this_folder, with_metrics
from study.app.missing_time import seconds_to_train
from study.app.next_training import ANSWER, Waiting, training_command, trains_some, waiting_seeds
from study.app.run_end import fill_from_record
from study.app.search_status import SearchStatus, fresh_seeds, search_statuses
from study.app.signs_of_life import latest_run
from study.app.snapshot import Snapshot
from study.planning.input_scale import scale_note_on_record
from study.planning.plan import plan_trials, with_shared_seeds
from study.planning.protocol import Protocol
from study.planning.wanted_metrics import (
    check_metrics,
    refuse_without_test_part,
    wanted_metrics,
    with_metrics_on_record,
    without_asked_tests,
)
from study.spec.study import Study, latest_whole_version
from study.storage import unfinished
from study.storage.asked_seeds import AskedSeeds
from study.storage.checkpoints import saved_epochs
from study.storage.durable_files import Folder
from study.storage.gone_parts import absent_runs_said
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, in_order_of_runs, known_data, read_runs
from study.storage.survey import survey
from study.storage.trials import TrialOnRecord
from trainables.training.gpu_memory import DataSize

ANY_DATA_SIZE = DataSize(train=60_000, val=10_000, features=784, classes=10)
"""Stands in for the data's size, which only the expected time depends on: nothing is read but the results folder."""


@dataclass(frozen=True)
class TrialsLeft:
    """How many trials are not on record."""

    lost: int
    """Of those that were asked for."""
    wanted: int
    """All of those."""
    saved: tuple[int, ...]
    """The epochs behind each that goes on."""


@dataclass(frozen=True)
class StudyCount:
    """What the runs asked for of a study, and how much of that is not on record."""

    study: str
    reduced: bool
    wanted: int
    missing: int

    @classmethod
    def of(cls, board: Board) -> StudyCount:
        """Of its board."""
        study, trials = board.plan.studies[0], board.trials.values()
        return cls(study.name, bool(study.reduced), len(trials), sum(not t.on_record for t in trials))


@dataclass(frozen=True)
class FolderStatus:
    """A results folder: its run if there is one, else what is missing."""

    where: str
    run: Snapshot | None
    """Under way, or interrupted."""
    alive: bool
    statuses: Mapping[str, int]
    epochs: int
    boards: tuple[Board, ...]
    """One a study whose seeds are known: what is on record of its arms."""
    resumable: Mapping[str, int]
    """Epochs behind an unfinished trial, by identity."""
    command: str
    """Of the last run."""
    studies: tuple[Study, ...]
    problems: tuple[str, ...] = ()
    """A sentence for all that is damaged, with the command that mends it."""
    notes: tuple[str, ...] = ()
    """What is sound and has to be known of the records."""
    warnings: tuple[str, ...] = ()
    """Input whose scale does not fit, a sentence a data set."""
    searches: tuple[SearchStatus, ...] = ()
    """Of each study that searches; none of a damaged folder."""
    trains: str = ""
    """The command that trains what is missing; empty where none is known."""
    waiting: tuple[Waiting, ...] = ()
    """Seeds behind a gap that no run asked for."""
    metrics: tuple[str, ...] = ()
    """Asked for by name: the command that trains asks for them too."""
    seconds: float | None = None
    """Until what is missing is trained on all cores of this machine; None where that is not known, or a run goes on."""
    reduced: int = 0
    """Trials of reduced runs of studies that are shown in full; they are not among `statuses` and `epochs`."""

    @property
    def missing(self) -> tuple[int, int]:
        """Trials that are not on record, and all that the runs asked for."""
        wanted = {t.id: t for b in self.boards for t in b.trials.values()}
        return sum(not t.on_record for t in wanted.values()), len(wanted)

    @property
    def searching(self) -> tuple[SearchStatus, ...]:
        """The searches that are not over."""
        return tuple(s for s in self.searches if not s.over)

    @property
    def shown_boards(self) -> tuple[Board, ...]:
        """Those of the studies of an interrupted run, else all."""
        ran = {row.study for row in self.run.rows} if self.run else set[str]()
        return tuple(b for b in self.boards if not ran or b.plan.studies[0].name in ran)

    @property
    def left(self) -> TrialsLeft:
        """What is left to train of what is shown."""
        if self.run is not None and not self.shown_boards and not self.searches:
            done, wanted = self.run.trials
            return TrialsLeft(wanted - done, wanted, tuple(self.resumable.values()))
        trials = {t.id: t for b in self.shown_boards for t in b.trials.values()}
        lost = sum(not t.on_record for t in trials.values())
        return TrialsLeft(lost, len(trials), tuple(t.saved for t in trials.values() if t.saved))

    @property
    def next_command(self) -> str:
        """The command that follows: it watches what runs, or goes on, or mends, or shows; empty where none is known."""
        where = shlex.quote(self.where)
        if self.alive and self.run is not None:
            return f"study status {where} --watch"
        if self.left.lost or self.searching:
            return with_metrics(self.trains or (self.run.command if self.run else self.command), self.metrics)
        if any("study repair" in p for p in self.problems):
            return f"study repair {where}"
        if self.waiting and self.waiting[0].command:
            return self.waiting[0].command
        return f"study report {where}" if self.left.wanted or self.statuses else self.command

    def to_json(self) -> str:
        """Return it as JSON for programs."""
        values = {
            "folder": self.where,
            "running": self.alive,
            "run": _run_values(self.run) if self.run else None,
            "trials": dict(self.statuses),
            "epochs": self.epochs,
            "reduced_trials": self.reduced,
            "wanted": self.left.wanted,
            "missing": self.left.lost,
            "seconds_to_train": self.seconds,
            "studies": [dataclasses.asdict(StudyCount.of(b)) for b in self.boards],
            "unfinished": dict(self.resumable),
            "problems": list(self.problems),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
            "waiting": [{"text": w.text, "command": w.command} for w in self.waiting],
            "possibly_broken": {arm: why for b in self.boards for arm, why in b.broken.items()},
            "searches": [
                {
                    "study": s.study,
                    "tried": s.tried,
                    "tries": s.trials,
                    "different": s.different,
                    "configurations": s.most,
                    "going_on": s.resumed_epochs,
                    "answered": s.answered,
                }
                for s in self.searches
            ],
            "next": self.next_command,
        }
        return json.dumps(values)


def _run_values(run: Snapshot) -> Mapping[str, object]:
    """A run as plain data for JSON; the epoch of an arm that waits is null."""
    rows = [dataclasses.asdict(row) | {"epoch": row.epoch or None} for row in run.rows]
    return {**run.to_dict(), "rows": rows}


def status_of(where: str, *, check: bool = True, metrics: tuple[str, ...] = ()) -> FolderStatus:
    """Read a folder's status; touches nothing. With `check`, every file is compared with its checksum.

    A trial whose record lacks a metric that a claim speaks of, or one of `metrics`, is missing.

    Raises:
        StoreError: it is no results folder.
        BadInput: there is no such metric, or nothing here can have it.
    """
    store = ResultsFolder(where)
    run, alive = latest_run(store.folder)
    if run is not None and not alive:
        run = replace(run, left=None)
    seen = survey(store) if check else None
    on_record = dict(seen.on_record) if seen else store.trials.on_record()
    there = {trial: one.epochs for trial, one in on_record.items()}
    saved = saved_epochs(store.folder)
    resumable = {trial: epochs for trial, epochs in saved.items() if _longer(epochs, on_record.get(trial))}
    runs = list(seen.runs) if seen else read_runs(store.folder)
    kept = _kept(store, runs, run)
    studies = tuple(kept[name] for name in in_order_of_runs(kept, runs))
    check_metrics(metrics)
    besides = protocols.reduced_besides(store, studies, runs, () if seen and seen.problems else on_record.keys())
    boards = [] if seen and seen.problems else _boards(store, studies, runs, on_record, metrics)
    of = {s.name: _runs_of(runs, s) for s in studies}
    for board in boards:
        _fill_unfinished(board, store.folder, resumable)
    store.refuse_gone()
    return FolderStatus(
        where,
        of_this_folder(run, store.folder.where, runs) if run is not None else None,
        alive,
        Counter(one.status for trial, one in on_record.items() if trial not in besides),
        sum(one.epochs for trial, one in on_record.items() if trial not in besides),
        tuple(boards),
        resumable,
        for_folder(runs[-1].command, where, runs[-1].studies) if runs else "",
        studies,
        seen.problems if seen else (),
        (*seen.notes, *absent_runs_said(store)) if seen else (),
        tuple(dict.fromkeys(note for s in studies if (note := scale_note_on_record(s, runs)))),
        () if seen and seen.problems else search_statuses(store, studies, there | resumable, ended=run is None),
        ""
        if run is not None and (alive or not runs or trains_some(runs[-1], boards))
        else training_command(boards, of, where),
        waiting_seeds(store, boards, AskedSeeds.of(runs), of, on_record) if check and boards and run is None else (),
        metrics,
        seconds_to_train(where, boards) if check and not alive else None,
        len(besides),
    )


def _kept(store: ResultsFolder, runs: Sequence[RunRecord], run: Snapshot | None) -> dict[str, Study]:
    """By name each study as it is shown: as it is judged, or as a reduced run has it that is not over."""
    found = {}
    for name in store.studies.names():
        if versions := protocols.versions(store, name, runs):
            reduced = run is not None and runs and protocols.reduced_run(runs[-1], name)
            found[name] = versions[-1] if reduced else latest_whole_version(versions)
    return found


def _runs_of(runs: Iterable[RunRecord], study: Study) -> list[RunRecord]:
    """The runs that asked for a study as it is shown: in full or reduced."""
    named = study.name.removesuffix(ANSWER) if study.name.endswith(ANSWER) else study.name
    return [r for r in protocols.runs_of(runs, study) if {study.name, named} & set(r.studies)]


def _longer(epochs: int, on_record: TrialOnRecord | None) -> bool:
    """Whether a checkpoint is of more than is on record."""
    return on_record is None or (on_record.status != "diverged" and epochs > on_record.epochs)


def _boards(
    store: ResultsFolder,
    studies: tuple[Study, ...],
    runs: list[RunRecord],
    on_record: dict[str, TrialOnRecord],
    metrics: tuple[str, ...],
) -> list[Board]:
    """What is on record of each study's arms; nothing in the folder may be damaged."""
    on_record = with_metrics_on_record(store.trials, on_record, wanted_metrics(studies, metrics))
    there, fresh = store.trials.data_checksums(), fresh_seeds(store, studies)
    boards = [
        b
        for s in studies
        if s.arms
        and (b := board_of_asked(s, fresh.get(s.name) or _asked(runs, s), on_record, [*_data_of(runs, s), *there]))
    ]
    known = known_data(runs)
    for b in boards:
        if (data := known.get(b.checksum)) is not None and data.has_test_part is False:
            refuse_without_test_part(b.plan, metrics, data.name)
    boards = [Board(without_asked_tests(b.plan, store.trials, metrics), b.checksum, 1) for b in boards]
    if boards and on_record:
        fill_from_record(boards, store, runs)
    return boards


def _data_of(runs: Iterable[RunRecord], study: Study) -> list[str]:
    """The data that the runs of a study were on, the last run's first: of a study whose trials are lost they know."""
    found = [run.data.checksum for run in _runs_of(runs, study) if run.data is not None]
    return list(dict.fromkeys(reversed(found)))


def _asked(runs: Iterable[RunRecord], study: Study) -> dict[str, tuple[int, ...]]:
    """The seeds asked of each arm of a study as it is shown: in full or reduced."""
    return AskedSeeds.of(_runs_of(runs, study)).arms(study)


def _fill_unfinished(board: Board, folder: Folder, saved: Mapping[str, int]) -> None:
    """What trials that are not over have reported, as far as it is saved."""
    for trial in unfinished.read_unfinished(folder):
        state = board.trials.get(trial.config.identity(trial.data_checksum))
        if state is not None and not state.on_record:
            for epoch, m in trial.epochs.items():
                if "val_accuracy" in m and "train_accuracy" in m:
                    state.curve.setdefault(epoch, (m["val_accuracy"], m["train_accuracy"]))
    board.keep_saved(saved)


def board_of_asked(
    study: Study, asked: Mapping[str, Sequence[int]], on_record: Mapping[str, TrialOnRecord], checksums: Iterable[str]
) -> Board | None:
    """The trials of a study under the seeds of each arm, see `with_shared_seeds`; None where nothing tells these or the
    data.
    """
    arms = {name: tuple(seeds) for name, seeds in asked.items() if seeds}
    protocol = Protocol(
        tuple(sorted({s for seeds in arms.values() for s in seeds})),
        device=str(study.base.get("device", "cpu")),
        precision=str(study.base.get("precision", "fp32")),
    )
    ready, found = protocol.study(study), list[Board]()
    for checksum in checksums if protocol.seeds else ():
        of_arms = replace(protocol, arm_seeds=with_shared_seeds(ready, arms, checksum, on_record))
        found.append(Board(plan_trials([study], of_arms, checksum, on_record, ANY_DATA_SIZE), checksum, 1))
    return max(found, key=lambda b: sum(t.on_record for t in b.trials.values()), default=None)
