"""Which trials belong to which arm, cut at its epochs.

An arm takes the trials whose identity is that of its configuration, cut at the arm's number of epochs: a longer run
serves a shorter one. A trial's status is read at that cut, so a run that was stopped, failed or diverged later is whole
here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.data.frames import PROVENANCE, Frames
from study.spec.study import Study
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig

_LOSSES = ["train_loss", "train_loss_eval", "val_loss"]


_COLUMNS = ["arm", "seed", "trial", "status", "epochs", "epochs_done", "reduced", *PROVENANCE]


Asked = Mapping[str, Sequence[int] | None]
"""The seeds that were asked, by arm (`STUDY/ARM`) or by study; of what is in neither, all on record count."""


def asked_of(asked: Asked, study: str, arm: str) -> tuple[int, ...] | None:
    """The seeds asked of an arm, else of its study; None where nothing says."""
    seeds = asked.get(f"{study}/{arm}", asked.get(study))
    return None if seeds is None else tuple(seeds)


def asked_rows(rows: pd.DataFrame, asked: Asked, study: str) -> pd.DataFrame:
    """The rows of a frame with `arm` and `seed` whose seed was asked of their arm."""
    place, arms = pd.factorize(rows["arm"])
    seeds, kept = rows["seed"].to_numpy(), np.ones(len(rows), dtype=bool)
    for i, arm in enumerate(arms):
        if (of := asked_of(asked, study, str(arm))) is not None:
            kept[place == i] = np.isin(seeds[place == i], of)
    return rows.copy(deep=False) if kept.all() else rows[kept]


WHOLE, ENDED = ("finished", "diverged"), ("finished", "diverged", "failed")
"""How a trial ends that has all its epochs or lost them, and one that counts in a verdict."""


def whole_seeds(frames: Frames, study: Study, ends: Sequence[str] = WHOLE) -> dict[str, tuple[int, ...]]:
    """By arm (`STUDY/ARM`) the seeds that are on record to the arm's end, or until they diverged; or that ended so."""
    rows, found = arm_frame(frames, study), dict[str, list[int]]()
    for arm, seed, status in zip(*(rows[name].tolist() for name in ("arm", "seed", "status")), strict=True):
        if status in ends:
            found.setdefault(f"{study.name}/{arm}", []).append(seed)
    return {arm: tuple(seeds) for arm, seeds in found.items()}


def seeds_an_arm(frames: Frames, studies: Iterable[Study], asked: Asked) -> list[int]:
    """How many seeds each arm has of those that were asked; arms without trials are left out."""
    rows = [asked_rows(arm_frame(frames, s), asked, s.name) for s in studies if s.arms]
    return [int(n) for of in rows for n in of.groupby("arm")["seed"].nunique()]


def seeds_so_far(used: Asked, wanted: Asked, arms: Iterable[str]) -> str:
    """How many of the seeds asked of all these arms (`STUDY/ARM`) are used; empty where all are, or nobody asked.

    >>> seeds_so_far({"s/a": (0, 1), "s/b": (0, 1, 2)}, {"s/a": range(60), "s/b": range(60)}, ["s/a", "s/b"])
    '2 of 60 seeds so far'
    """
    names = [name for name in arms if wanted.get(name) is not None]
    if not names:
        return ""
    here, all_of_them = (set.intersection(*(set(of.get(n) or ()) for n in names)) for of in (used, wanted))
    return f"{len(here)} of {counted(len(all_of_them), 'seed')} so far" if 0 < len(here) < len(all_of_them) else ""


def arm_frame(frames: Frames, study: Study, arms: Iterable[str] | None = None) -> pd.DataFrame:
    """One row an arm and seed that has a trial.

    Returns:
        arm, seed, trial, status (at the arm's cut), epochs (asked for), epochs_done (of those), reduced (whether the
        study declares more epochs or images), host, cpu;
        in the order of the arms, then of the seeds. Arms without trials have no row.
    """
    kinds, names = _kinds_of(frames, study), [a.name for a in study.arms] if arms is None else arms
    keys = tuple(
        (name, (config := study.config(name)), study.is_reduced(name), kinds.get(config.data)) for name in names
    )
    if keys not in frames.arms:
        frames.arms[keys] = _below(p for key in keys if len(p := _trials_of(frames, *key)))
    return frames.arms[keys].copy(deep=False)


def _below(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Arms that have trials below each other."""
    if found := list(parts):
        return pd.concat(found, ignore_index=True) if len(found) > 1 else found[0]
    return pd.DataFrame(
        {c: pd.Series(dtype="int64" if c in ("seed", "epochs", "epochs_done") else "object") for c in _COLUMNS}
    )


def _trials_of(
    frames: Frames, arm: str, config: TrialConfig, reduced: bool, kind: tuple[int, str] | None
) -> pd.DataFrame:
    key = (arm, config, reduced, kind)
    if key not in frames.arms:
        frames.arms[key] = _read(frames, config, kind, arm, reduced)
    return frames.arms[key]


def _kinds_of(frames: Frames, study: Study) -> dict[str, tuple[int, str]]:
    """By name of a data set, the version of the training code and the checksum that a study's arms are read in.

    Where a folder has several, it is the checksum with most trials of all its arms together, and of these trials the
    newest code: so no two arms are compared on different data, nor as different code trained them.
    """
    if all(len(kinds) == 1 for kinds in frames.versions.values()):
        return {data: kinds[0] for data, kinds in frames.versions.items()}
    trials, newest = Counter[tuple[str, str]](), dict[tuple[str, str], int]()
    for config in {study.config(arm.name) for arm in study.arms}:
        for code, checksum in frames.versions.get(config.data, ()):
            of = config.replace(seed=0).identity(checksum, code)
            if found := len(frames.rows_by_group.get(of, ())):
                kind = config.data, checksum
                trials[kind], newest[kind] = trials[kind] + found, max(code, newest.get(kind, code))
    most: dict[str, tuple[int, str]] = {}
    for data, checksum in sorted(trials, key=lambda kind: (-trials[kind], kind[1])):  # of two alike the first by name
        most.setdefault(data, (newest[data, checksum], checksum))
    return most


def _read(frames: Frames, config: TrialConfig, kind: tuple[int, str] | None, arm: str, reduced: bool) -> pd.DataFrame:
    rows: Sequence[int] = ()
    if kind is not None:
        code, checksum = kind
        rows = list(frames.rows_by_group.get(config.replace(seed=0).identity(checksum, code), ()))
    found = frames.of_arms.iloc[rows].sort_values("seed", ignore_index=True)
    done = found["epochs_done"].clip(upper=config.epochs)
    read = {"epochs_done": done, "status": _status_at(frames, found, config.epochs)}
    columns = {**found, "arm": arm, "reduced": reduced, "epochs": config.epochs, **read}
    return pd.DataFrame({name: columns[name] for name in _COLUMNS}, index=found.index)


def _status_at(frames: Frames, trials: pd.DataFrame, epochs: int) -> list[str]:
    """What each trial's status is when only its first `epochs` epochs count."""
    out = []
    for trial, status, done in zip(trials["trial"], trials["status"], trials["epochs_done"], strict=True):
        if done >= epochs and status == "diverged":
            rows = frames.epochs[frames.epochs["trial"] == trial]
            finite = np.isfinite(rows.loc[rows["epoch"] <= epochs, _LOSSES].to_numpy(dtype=float)).all()
            out.append("finished" if finite else "diverged")
        elif done >= epochs:
            out.append("finished")
        else:  # a run that ended whole but is shorter than the arm asks for has yet to be extended
            out.append("stopped" if status == "finished" else str(status))
    return out


def arm_epochs(frames: Frames, study: Study, arms: Iterable[str] | None = None) -> pd.DataFrame:
    """The epochs of the trials of `arm_frame`, cut at each arm's number of epochs.

    Returns:
        study, arm, seed, trial, status, epoch and every metric; a trial that two arms share has rows under both.
    """
    names = tuple(a.name for a in study.arms) if arms is None else tuple(arms)
    key = (study.name, tuple((name, study.config(name), study.is_reduced(name)) for name in names))
    if key not in frames.last:
        made = joined(frames.epochs, arm_frame(frames, study, names), study)
        frames.last.clear()
        frames.last[key] = made
    return frames.last[key].copy(deep=False)


def arm_tensors(frames: Frames, study: Study, arms: Iterable[str] | None = None) -> pd.DataFrame:
    """The tensor summaries of the trials of `arm_frame`, cut likewise."""
    return joined(frames.tensors, arm_frame(frames, study, arms), study)


def joined(rows: pd.DataFrame, arms: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Rows of epochs or tensors under the arms of an `arm_frame`, cut at each arm's epochs."""
    rows = rows[rows["trial"].isin(pd.Index(arms["trial"].unique()))]
    keys = arms[["arm", "seed", "trial", "status", "epochs"]].assign(study=study.name)
    made = keys.merge(rows.drop(columns="seed"), on="trial", how="inner", sort=False)
    made = made[made["epoch"] <= made["epochs"]].drop(columns="epochs")
    first = ["study", "arm", "seed", "trial", "status", "epoch"]
    return made[[*first, *(c for c in made.columns if c not in first)]].reset_index(drop=True)
