"""How fast this machine trains, from what it has on record; a plan's expected times by it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import platform
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from study.app.folders import last_folder
from study.planning.cost import FASHION, KNOWN_SIZES, expected_seconds
from study.planning.plan import Plan, PlannedTrial
from study.storage.results_folder import ResultsFolder
from study.storage.trials import RecordedTrials
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig
from trainables.records.kept_times import TIMED_BY, Timed, timed, timed_in
from trainables.training.gpu_memory import DataSize

MAX_TRIALS_READ = 400
"""Trials that are looked at, the last ones."""
_NOT_AS_WRITTEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What text of a folder that is no JSON, or says something else, raises."""
_Knobs = tuple[object, ...]


@dataclass(frozen=True)
class Pace:
    """Seconds of an epoch on this machine."""

    ratio: float
    """Measured over expected, in the median."""
    measured: Mapping[_Knobs, float] = field(default_factory=dict)
    """By configuration, whatever its seed and its epochs."""

    def seconds(self, config: TrialConfig, size: DataSize) -> float:
        """How many seconds all epochs of a trial take here."""
        known = self.measured.get(_key(config))
        return known * config.epochs if known is not None else self.ratio * expected_seconds(config, size)


def _key(config: TrialConfig) -> _Knobs:
    return tuple(v for name, v in vars(config).items() if name not in ("seed", "epochs"))


def measured_pace(where: str, size: DataSize, data: str = FASHION, of: PlannedTrial | None = None) -> Pace | None:
    """The pace of the trials in a results folder that this machine has trained; None where there are none.

    Args:
        where: a results folder; nothing is known from one that is none, or is empty.
        size: of the data set `data`.
        data: its name. Trials of another say nothing, for its size is not on record, but of Fashion-MNIST.
        of: a trial of that data set, by which others of its name are told from it.
    """
    sizes, found, configs = {**KNOWN_SIZES, data: size}, dict[_Knobs, list[float]](), dict[_Knobs, TrialConfig]()
    try:
        for config, checksum, seconds in _spent(ResultsFolder(where).trials):
            same = of is None or config.data == FASHION or of.config.identity(checksum) == of.id
            if config.data in sizes and same:
                found.setdefault(_key(config), []).append(seconds)
                configs[_key(config)] = config
    except StudyError:
        return None
    if not found:
        return None
    measured = {key: statistics.fmean(seconds) for key, seconds in found.items()}
    ratios = [measured[k] / max(expected_seconds(c, sizes[c.data]), 1e-9) for k, c in configs.items()]
    return Pace(statistics.median(ratios), measured)


def pace_for_plan(where: str, plan: Plan) -> Pace | None:
    """The same, for a plan's data set."""
    of = next(iter(plan.trials), None)
    names = [of.config.data] if of is not None else []
    data = (names + [str(s.base.get("data", FASHION)) for s in plan.studies] + [FASHION])[0]
    return measured_pace(where, plan.size, data, of)


def pace_from(where: str) -> Callable[[Plan], Pace | None]:
    """What tells the pace of this machine: that results folder, else that of the last run.

    Ask for it before a run begins, which is then the last one itself.
    """
    folders = tuple(dict.fromkeys(filter(None, (where, last_folder()))))

    def pace(plan: Plan) -> Pace | None:
        found = (pace_for_plan(folder, plan) for folder in folders)
        return next((pace for pace in found if pace is not None), None)

    return pace


def unmeasured(_: Plan) -> Pace | None:
    """The pace of a cluster: nobody knows it beforehand."""
    return None


def known_pace(where: str, plan: Plan) -> Pace | None:
    """Return the pace of this machine: from that results folder, else from the last run's."""
    return pace_from(where)(plan)


def _spent(trials: RecordedTrials) -> Iterator[tuple[TrialConfig, str, float]]:
    """Of the last trials of this machine: configuration, checksum of the data, and median seconds of an epoch."""
    longest: dict[str, tuple[str, str, list[float]]] = {}
    for trial, text, checksum, host, seconds in _rows(trials):
        if host == platform.node() and len(seconds) > len(longest.get(trial, ("", "", ()))[2]):
            longest[trial] = (text, checksum, seconds)
        if len(longest) >= MAX_TRIALS_READ:
            break
    configs = {text: _config(text) for text in dict.fromkeys(text for text, _, _ in longest.values())}
    for text, checksum, seconds in longest.values():
        config, finite = configs[text], [s for s in seconds if math.isfinite(s)]
        if config is not None and finite:
            yield config, checksum, statistics.median(finite)


def _rows(trials: RecordedTrials) -> Iterator[tuple[str, str, str, str, list[float]]]:
    """Of each record, the last ones first: trial, configuration as JSON with seed 0, the data's checksum, host, seconds
    of every epoch.

    Plain lists: an array of pyarrow imports pandas when it becomes one of numpy, and `study list` comes here each time.
    """
    for name in reversed(trials.loose()):
        with contextlib.suppress(StudyError):
            if (record := trials.loose_record(name)) is not None:
                config, host = record.config.replace(seed=0).to_dict(), str(record.provenance.get("host", ""))
                spent = _own_seconds(record.epochs["seconds"], record.epochs["eval_seconds"], timed(record))
                yield record.id, json.dumps(config), record.data_checksum, host, spent
    for name in reversed(trials.gathered()):
        with contextlib.suppress(StudyError, pa.ArrowException, *_NOT_AS_WRITTEN):
            table = trials.table(name, ["id", "config", "data_checksum", "provenance", "seconds", "eval_seconds"])
            for row in reversed(table.to_pylist() if table is not None else []):
                provenance = json.loads(row["provenance"])
                host, text = str(provenance.get("host", "")), json.dumps({**json.loads(row["config"]), "seed": 0})
                first = timed_in(json.dumps(provenance[TIMED_BY])) if TIMED_BY in provenance else ()
                spent = _own_seconds(row["seconds"], row["eval_seconds"], first)
                yield row["id"], text, row["data_checksum"], host, spent


def _own_seconds(seconds: Sequence[float], tests: Sequence[float], first: tuple[Timed, ...]) -> list[float]:
    """Of every epoch; no number where another record's times were taken over, which may be of another machine."""
    own = first[-1].epochs if first else 0
    return [math.nan if k < own else sum(pair) for k, pair in enumerate(zip(seconds, tests, strict=True))]


def _config(text: str) -> TrialConfig | None:
    try:
        return TrialConfig.from_dict(json.loads(text) | {"epochs": 1})
    except (StudyError, *_NOT_AS_WRITTEN):
        return None


def in_machine_times(plan: Plan, pace: Pace | None) -> Plan:
    """The same plan with expected times of this machine; its order stays."""
    if pace is None:
        return plan
    trials = tuple(dataclasses.replace(t, seconds=pace.seconds(t.config, plan.size)) for t in plan.trials)
    return dataclasses.replace(plan, trials=trials)
