"""Which command trains what a results folder lacks: that of the last run that asked for it, or the same with seeds."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.app.command_for_folder import for_folder, trains
from study.app.command_words import MERGE_FILLS, more_seeds_command, seeds_that_fill
from study.planning.seeds import seeds_spelled
from study.spec.claims import arms_named
from study.spec.study import Study
from study.storage.asked_seeds import AskedSeeds
from study.storage.run_records import RunRecord

if TYPE_CHECKING:
    from study.app.board import Board
    from study.storage.results_folder import ResultsFolder
    from study.storage.trials import TrialOnRecord

ANSWER = ".answer"
"""What the study of a search's answer is called behind the search's name: no run asks for its seeds by name."""


@dataclass(frozen=True)
class Waiting:
    """Seeds on record that wait behind some that no run asked for."""

    text: str
    """Which, and what they wait for."""
    command: str
    """Fills the gap; empty where none is known."""


def training_command(boards: Sequence[Board], runs: Mapping[str, Sequence[RunRecord]], where: str) -> str:
    """The command that trains what boards lack: of the last run of most of their studies, with the seeds that it takes.

    Args:
        boards: one a study.
        runs: by study, those that asked for it as its board is, oldest first.
        where: the results folder.
    """
    lacking = _lacking(boards)
    of: dict[str, set[int]] = {}
    for arm, seeds in lacking.items():
        of.setdefault(arm.partition("/")[0], set()).update(seeds)
    run = _last_run(of, runs)
    if run is None:
        return ""
    typed, named = run.command[1:], {s for s in of if run in runs.get(s, ())}
    mine = {arm: seeds for arm, seeds in lacking.items() if arm.partition("/")[0] in named}
    if typed[:1] != ("run",) or all(_asks(run, arm, seeds) for arm, seeds in mine.items()):
        return for_folder(run.command, where, run.studies)
    asked = {tuple(sorted(t.seed for t in a.trials)) for b in boards for a in b.arms if a.study in named}
    wanted = next(iter(asked)) if len(asked) == 1 else tuple(sorted({s for n in named for s in of[n]}))
    return _with_seeds(run, wanted, where)


def _with_seeds(run: RunRecord, seeds: tuple[int, ...], where: str) -> str:
    """The command of a run, with other seeds and for a results folder."""
    return for_folder(shlex.split(more_seeds_command(run.command[1:], seeds)), where, run.studies)


def trains_some(run: RunRecord, boards: Sequence[Board]) -> bool:
    """Whether a run was asked for anything that boards lack."""
    return any(_asks(run, arm, {seed}) for arm, seeds in _lacking(boards).items() for seed in seeds)


def _lacking(boards: Sequence[Board]) -> dict[str, set[int]]:
    """The seeds of which an arm has no trial on record, by `STUDY/ARM`."""
    found = {f"{a.study}/{a.name}": {t.seed for t in a.trials if not t.on_record} for b in boards for a in b.arms}
    return {arm: seeds for arm, seeds in found.items() if seeds}


def _asks(run: RunRecord, name: str, seeds: set[int]) -> bool:
    study, _, arm = name.partition("/")
    return study.endswith(ANSWER) or seeds <= set(AskedSeeds.of([run]).arm(study, arm) or ())


def _last_run(studies: Mapping[str, object], runs: Mapping[str, Sequence[RunRecord]]) -> RunRecord | None:
    """The last of the runs that have most of these studies, and a command of ours."""
    every = [r for study in studies for r in runs.get(study, ()) if trains(r.command)]
    most = max((every.count(r) for r in every), default=0)
    return max((r for r in every if every.count(r) == most), key=lambda r: r.began, default=None)


def after_reduced(where: str, typed: Sequence[str], studies: Sequence[Study]) -> tuple[Sequence[str], Sequence[Study]]:
    """The command and studies to go on from: in full, where a reduced run's folder has all that is asked in full."""
    from study.app.status import status_of

    if not any(s.reduced for s in studies):
        return typed, studies
    status = status_of(where, check=False)
    whole = {s.name: s for s in status.studies if not s.reduced}
    of = [b for b in status.boards if b.plan.studies[0].name in {s.name for s in studies}]
    if any(s.name not in whole for s in studies) or any(not t.on_record for b in of for t in b.trials.values()):
        return typed, studies
    return [word for word in typed if word != "--quick"], [whole[s.name] for s in studies]


def waiting_seeds(
    store: ResultsFolder,
    boards: Sequence[Board],
    asked: AskedSeeds,
    runs: Mapping[str, Sequence[RunRecord]],
    on_record: Mapping[str, TrialOnRecord],
) -> tuple[Waiting, ...]:
    """Of each study with an undecided claim whose seeds have a gap, what fills it. Judges where there may be one.

    Args:
        store: the results folder.
        boards: one a study.
        asked: what its runs asked.
        runs: by study, those that asked for it, oldest first.
        on_record: the trials, by identity.
    """
    from study.app.run_end import folder_verdicts

    of_boards = [(b.plan.studies[0], b.checksum) for b in boards]
    gaps = [s for s, data in of_boards if not s.reduced and _may_wait(s, asked, data, on_record)]
    verdicts = folder_verdicts(store, gaps) if gaps else ()
    found = []
    for study in gaps:
        of = [v for v in verdicts if v.study == study.name and v.fills]
        if not of:
            continue
        fills = seeds_that_fill(of)
        there = set(asked.study(study.name) or ())
        gap = tuple(s for s in fills if s not in there)
        later = tuple(s for s in fills if gap and s > gap[0] and s in there)
        ran = [r for r in runs.get(study.name, ()) if r.command[1:2] == ("run",)]
        command = _with_seeds(ran[-1], fills, store.folder.where) if ran else ""
        claims = ", ".join(v.id for v in of)
        text = f"{seeds_spelled(later)} of {study.name} wait for {seeds_spelled(gap)} ({claims})"
        text += MERGE_FILLS.replace("does too", "unites them") * any(not v.path for v in of)
        found.append(Waiting(text, command))
    return tuple(found)


def _may_wait(study: Study, asked: AskedSeeds, data: str, on_record: Mapping[str, TrialOnRecord]) -> bool:
    """Whether a claim's arms were asked for a seed behind one that they were not asked for and that is not on record.

    `data`: the checksum of it.
    """
    for claim in study.claims:
        own = [name for name in arms_named(claim) if "/" not in name]
        of = [set(asked.arm(study.name, name) or ()) for name in own]
        common = {s for s in set.intersection(*of) if s >= claim.from_seed} if of else set()
        gap = sorted(set(range(claim.from_seed, max(common, default=0))) - common)
        if gap and not all(_has_all(study, name, gap, data, on_record) for name in own):
            return True
    return False


def _has_all(study: Study, arm: str, seeds: Sequence[int], data: str, on_record: Mapping[str, TrialOnRecord]) -> bool:
    """Whether trials of an arm under these seeds are on record, whole or diverged."""
    config = study.config(arm)
    there = [on_record.get(trial) for trial in config.identities(data, seeds)]
    return all(one is not None and (one.status == "diverged" or one.epochs >= config.epochs) for one in there)
