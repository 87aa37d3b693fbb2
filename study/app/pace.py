"""How fast this machine trains, from what it has on record; a plan's expected times by it."""

from __future__ import annotations

import dataclasses
import json
import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from study.app.folders import last_folder
from study.app.recorded_times import NOT_AS_WRITTEN, RecordedTimes, clock_factor, last_times
from study.planning.cost import FASHION, KNOWN_SIZES, expected_seconds
from study.planning.machine_load import most_slowed
from study.planning.plan import Plan, PlannedTrial
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError
from trainables.config.trial_config import TrialConfig
from trainables.training.gpu_memory import DataSize

_Knobs = tuple[object, ...]


@dataclass(frozen=True)
class Pace:
    """Seconds of an epoch on this machine, by the processor on a CPU."""

    ratio: float
    """Measured over expected, in the median."""
    measured: Mapping[_Knobs, float] = field(default_factory=dict)
    """By configuration, whatever its seed and its epochs."""
    clock_factor: float = 1.0
    """Seconds of the clock in which this machine has one of the processor's: see `_busy`."""

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
    times = _times_in(where)
    pace = _pace_of(times, size, data, of)
    return dataclasses.replace(pace, clock_factor=_busy(times)) if pace is not None else None


def _pace_of(times: Iterable[RecordedTimes], size: DataSize, data: str, of: PlannedTrial | None) -> Pace | None:
    sizes, found, configs = {**KNOWN_SIZES, data: size}, dict[_Knobs, list[float]](), dict[_Knobs, TrialConfig]()
    for config, checksum, seconds in _spent(times):
        same = of is None or config.data == FASHION or of.config.identity(checksum) == of.id
        if config.data in sizes and same:
            found.setdefault(_key(config), []).append(seconds)
            configs[_key(config)] = config
    if not found:
        return None
    measured = {key: statistics.fmean(seconds) for key, seconds in found.items()}
    ratios = [measured[k] / max(expected_seconds(c, sizes[c.data]), 1e-9) for k, c in configs.items()]
    return Pace(statistics.median(ratios), measured)


def pace_from(where: str) -> Callable[[Plan], Pace | None]:
    """What tells the pace of this machine for a plan: that results folder, else that of the last run.

    Of both the trials that ended last tell the clock's seconds. Ask for it before a run begins, which is then the last
    one itself.
    """
    folders = tuple(dict.fromkeys(filter(None, (where, last_folder()))))

    def pace(plan: Plan) -> Pace | None:
        of = next(iter(plan.trials), None)
        names = [of.config.data] if of is not None else []
        data = (names + [str(s.base.get("data", FASHION)) for s in plan.studies] + [FASHION])[0]
        read = [_times_in(folder) for folder in folders]
        found = next((p for times in read if (p := _pace_of(times, plan.size, data, of)) is not None), None)
        if found is None or plan.device != "cpu":  # a GPU's times are the clock's
            return found
        return dataclasses.replace(found, clock_factor=_busy(chain.from_iterable(read)))

    return pace


def unmeasured(_: Plan) -> Pace | None:
    """The pace of a cluster: nobody knows it beforehand."""
    return None


def known_pace(where: str, plan: Plan) -> Pace | None:
    """Return the pace of this machine: from that results folder, else from the last run's."""
    return pace_from(where)(plan)


def _times_in(where: str) -> list[RecordedTimes]:
    """Of the last trials of this machine in a results folder; none where it is none."""
    try:
        return last_times(ResultsFolder(where).trials)
    except StudyError:
        return []


def _busy(times: Iterable[RecordedTimes]) -> float:
    """How busy the next run will find this machine: as its last run did, but no more than its load allows now.

    A machine that was busy an hour ago may be idle by now; its load says so. What a load does to trials, the last run
    knows better.
    """
    return min(clock_factor(times, time.time()), most_slowed())


def _spent(times: Iterable[RecordedTimes]) -> Iterator[tuple[TrialConfig, str, float]]:
    """Of each trial's longest record: configuration, checksum of the data, and median seconds of an epoch."""
    longest: dict[str, RecordedTimes] = {}
    for one in times:
        if one.trial not in longest or len(one.seconds) > len(longest[one.trial].seconds):
            longest[one.trial] = one
    configs = {text: _config(text) for text in dict.fromkeys(one.config for one in longest.values())}
    for one in longest.values():
        config, finite = configs[one.config], [s for s in one.seconds if math.isfinite(s)]
        if config is not None and finite:
            yield config, one.checksum, statistics.median(finite)


def _config(text: str) -> TrialConfig | None:
    try:
        return TrialConfig.from_dict(json.loads(text) | {"epochs": 1})
    except (StudyError, *NOT_AS_WRITTEN):
        return None


def in_machine_times(plan: Plan, pace: Pace | None) -> Plan:
    """The same plan with expected times of this machine; its order stays."""
    if pace is None:
        return plan
    trials = tuple(dataclasses.replace(t, seconds=pace.seconds(t.config, plan.size)) for t in plan.trials)
    return dataclasses.replace(plan, trials=trials)
