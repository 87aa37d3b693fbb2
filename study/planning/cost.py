"""Expected seconds of a trial and of a search."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from study.spec.points import point
from study.spec.study import Study
from trainables.config.optimizer_table import OPTIMIZER_TABLE
from trainables.config.trial_config import TrialConfig
from trainables.training.gpu_memory import DataSize

START_SECONDS = 5.5
"""Seconds until the first trial begins: Ray and its workers start. Two cores of an AMD EPYC; docs/performance.md."""


END_SECONDS = 1.5
"""Seconds from a run's last trial to its end, where Ray has to be stopped: it took 2.6 and 5.2 on a core that three or
four processes shared."""

LOWEST_FACTOR, HIGHEST_FACTOR = 0.7, 4.0
"""What an estimate is multiplied by where nothing was measured: the ends of the range that is said."""

FASHION = "fashion-mnist"
KNOWN_SIZES = {FASHION: DataSize(60_000, 10_000, 784, 10)}

INLINE_START_SECONDS = 2.5
"""Likewise in the command's own process: PyTorch is imported. The same cores."""

TRIAL_SECONDS = 0.05
"""What a trial takes beside its epochs: to be handed over, set up, recorded. Processor time, AMD EPYC: 40 trials of 8
hidden units and 3 epochs took 0.129 s each, of which 0.07 in their epochs."""


def expected_seconds(config: TrialConfig, size: DataSize) -> float:
    """Expected seconds of all epochs of a trial on one core of an ordinary machine; for ordering and a first estimate.

    Counts the products of forward and backward pass and of both evaluations at 1.3e11 operations a second, the
    optimiser's passes over memory at 4e10 bytes a second, a tenth of a millisecond of bookkeeping an update, and a
    little over a nanosecond for each byte that an evaluation makes a number: in tiny networks most of an epoch.
    """
    size = size.seen_by(config)
    images = min(size.train, config.train_images or size.train)
    widths = (size.features, *config.hidden, size.classes)
    weights = sum(a * b for a, b in pairwise(widths))
    updates = config.updates_per_epoch(images)
    passes = 2 if len(widths) == 2 else 2 + (weights - widths[0] * widths[1]) / weights
    arithmetic = 2 * weights * (passes * images + images + size.val) / 1.3e11
    inner = config.lbfgs_max_iter * (10 + 6 * config.lbfgs_history)
    facts = OPTIMIZER_TABLE[config.optimizer]
    sweeps = inner if facts.inner else facts.sweeps
    sweeps += 4 * ((config.l1 > 0) + (config.l2_norm > 0) + (config.l2_squared > 0))
    evaluations = config.lbfgs_max_iter if facts.inner else 1
    extra = 1 + 0.35 * config.batch_norm + 0.25 * bool(config.dropout_hidden or config.dropout_input)
    per_epoch = extra * evaluations * arithmetic + updates * (sweeps * 4 * weights / 4e10 + 1e-4)
    return config.epochs * (per_epoch + 1.2e-9 * (images + size.val) * size.features)


def wall_seconds(total: float, longest: float, cpus: int) -> float:
    """Expected from start to end of jobs of so many seconds together, on so many cores, Ray's start included.

    >>> wall_seconds(120, 60, 2) - START_SECONDS, wall_seconds(120, 60, 8) - START_SECONDS, wall_seconds(0, 0, 2)
    (60.0, 60.0, 0.0)
    """
    return START_SECONDS + max(total / cpus, longest) if total else 0.0


def run_seconds(total: float, longest: float, cpus: int, *, inline: bool) -> float:
    """The same of a run that Ray or this process trains, one trial after the other.

    >>> run_seconds(2.0, 1.0, 2, inline=True) - INLINE_START_SECONDS
    2.0
    """
    if inline:
        return INLINE_START_SECONDS + total if total else 0.0
    return wall_seconds(total, longest, cpus)


def unmeasured_seconds(studies: Iterable[Study], seeds: int, size: DataSize, cpus: int) -> tuple[float, float]:
    """Seconds that all arms of some studies take under so many seeds, from start to end, where nothing was measured.

    A configuration that they share is trained once, at its longest.
    """
    longest: dict[str, float] = {}
    for config in (study.config(arm.name) for study in studies for arm in study.arms):
        same = config.identity("")
        longest[same] = max(longest.get(same, 0.0), expected_seconds(config, size))
    each = [TRIAL_SECONDS + seconds for seconds in longest.values()]
    total, most = seeds * sum(each), max(each, default=0.0)
    low, high = (wall_seconds(k * total, k * most, cpus) for k in (LOWEST_FACTOR, HIGHEST_FACTOR))
    return low, high


def drawn_configs(study: Study, size: DataSize, points: int = 200) -> list[TrialConfig]:
    """Configurations of some points of a search, drawn at random.

    Empty where there is no search, or none of the points can be trained.
    """
    search = study.search
    if search is None:
        return []
    import numpy as np  # here, for only a search draws

    chance = np.random.default_rng(0)
    drawn = [point(search.space, chance.random(len(search.space)).tolist()) for _ in range(points)]
    usable = [p for p in drawn if not search.fault(p, study.shared_knobs, size)]
    return [study.shared_knobs.config(p) for p in usable]


def point_costs(study: Study, size: DataSize) -> list[float]:
    """Expected seconds of one seed of each of `drawn_configs`, on one core, if not stopped early."""
    return [expected_seconds(config, size) for config in drawn_configs(study, size)]


def expected_search_seconds(study: Study, size: DataSize) -> float:
    """Expected seconds of all trials of a search, not of its answer, on one core, if nobody were stopped early."""
    each = point_costs(study, size)
    if study.search is None or not each:
        return 0.0
    search = study.search
    return (TRIAL_SECONDS + sum(each) / len(each)) * search.configurations(study.shared_knobs, size) * search.seeds
