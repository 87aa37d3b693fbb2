"""What goes to other tools: every setting of every study with its trials.

A setting is an arm, or a configuration that a search tried. Its seeds are those that the report shows:
of a search's answer the fresh ones alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analysis.data.arms import arm_epochs, arm_frame, asked_rows
from analysis.report.inputs import ReportInputs
from analysis.searches.proposal_frames import distinct
from study.spec.study import Study
from study.storage.search_events import Proposal
from study.storage.search_log import SearchPart, current_parts
from trainables.config.errors import BadInput, StoreError
from trainables.config.trial_config import TrialConfig


@dataclass(frozen=True, eq=False)
class ExportedTrial:
    """One seed of a setting."""

    seed: int
    trial: str
    """Its identity."""
    status: str
    began: float
    """When its run began, in seconds since 1970; 0 where that is not known."""
    epochs: pd.DataFrame
    """A row an epoch, cut at the setting's number of epochs: epoch and every metric."""

    @property
    def seconds(self) -> pd.Series[float]:
        """From the beginning of its training to the end of each epoch."""
        return self.epochs[[n for n in ("seconds", "eval_seconds") if n in self.epochs]].sum(axis=1).cumsum()

    @property
    def times(self) -> tuple[float, float]:
        """When it began and ended, in seconds since 1970, as far as its run's beginning and its epochs say."""
        return self.began, self.began + float(self.seconds.iloc[-1])


@dataclass(frozen=True, eq=False)
class ExportedSetting:
    """An arm of a study, or a configuration that its search tried."""

    study: Study
    name: str
    """Of the arm; of a search, `configuration-007`."""
    config: TrialConfig
    trials: tuple[ExportedTrial, ...]
    proposal: Proposal | None = None
    part: SearchPart | None = None

    @property
    def reduced(self) -> bool:
        """Whether it ran fewer epochs or images than its study declares."""
        return bool(self.study.reduced) if self.part else self.study.is_reduced(self.name)


def exported_knob(settings: Sequence[ExportedSetting], config: TrialConfig, name: str) -> Any:
    """A knob as other tools have it: where all settings have one hidden layer, `hidden` is the number of its units."""
    value = getattr(config, name)
    one_layer = isinstance(value, tuple) and all(len(getattr(s.config, name)) == 1 for s in settings)
    return value[0] if one_layer else value


def settings_of(inputs: ReportInputs) -> list[ExportedSetting]:
    """Every setting that has a trial, study by study.

    Raises:
        StoreError: no study of the folder has one.
    """
    found: list[ExportedSetting] = []
    for study in inputs.studies.values():
        found += _arms(inputs, study)
        found += _configurations(inputs, study)
    if not found:
        raise StoreError("there are no trials in it yet; `study run` makes some")
    return found


def _arms(inputs: ReportInputs, study: Study) -> Iterator[ExportedSetting]:
    if not study.arms:
        return
    trials, began = asked_rows(arm_frame(inputs.frames, study), inputs.seeds_by_arm(study), study.name), _began(inputs)
    epochs = dict(list(arm_epochs(inputs.frames, study).groupby(["arm", "trial"], sort=False, observed=True)))
    for arm in study.arms:
        own_trials = trials[trials["arm"] == arm.name]
        found = tuple(
            ExportedTrial(int(t.seed), t.trial, t.status, began.get(t.trial, 0.0), epochs[arm.name, t.trial])
            for t in own_trials.itertuples()
            if (arm.name, t.trial) in epochs
        )
        if found:
            yield ExportedSetting(study, arm.name, study.config(arm.name), found)


def _configurations(inputs: ReportInputs, study: Study) -> Iterator[ExportedSetting]:
    """What its search tried, each configuration once, with the seeds that it was tried under."""
    trials, began = inputs.frames.trials, _began(inputs)
    for part in current_parts(inputs.searches, study)[0]:
        for p in distinct(part):
            try:
                config = part.shared.config(p.point)
            except BadInput:  # an earlier version took it
                continue
            groups = {config.replace(seed=0).identity(c) for c in set(trials["data_checksum"])}
            own_trials = (
                trials[trials["group"].isin(groups)].sort_values("seed").head(part.search.seeds + part.search.racing)
            )
            rows = inputs.frames.epochs[inputs.frames.epochs["trial"].isin(own_trials["trial"])]
            each = dict(list(rows.groupby("trial", sort=False, observed=True)))
            found = tuple(
                ExportedTrial(int(t.seed), t.trial, t.status, began.get(t.trial, 0.0), each[t.trial])
                for t in own_trials.itertuples()
                if t.trial in each
            )
            label = f"{part.label}-" if part.label else ""
            yield ExportedSetting(study, f"{label}configuration-{p.number:03d}", config, found, p, part)


def _began(inputs: ReportInputs) -> Mapping[str, float]:
    """By trial, when the run that trained it began, as the run's name says."""
    origin = inputs.loaded.origin
    return {trial: _time(run) for trial, run in zip(origin["trial"], origin["run"], strict=True)}


def _time(run: str) -> float:
    """Seconds since 1970 of a run such as `20261125T101500-ab12cd`; 0 where it says none.

    >>> _time("20260101T000000-ab12cd"), _time("")
    (1767225600.0, 0.0)
    """
    try:
        return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
