"""What a search costs: a range that four of five searches keep, for nobody knows which points come and who goes on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from study.planning.cost import point_costs
from study.search.rungs import hyperband_brackets, rungs
from study.spec.search import Search
from study.spec.study import Study
from trainables.training.gpu_memory import DataSize

DEVIATIONS_OF_80_PERCENT = 1.28
"""Standard deviations on either side of a mean that hold four of five, if normal."""
MAX_EPOCHS_FACTOR = 1.7
"""How many times as many epochs as its rungs say a scheduler may train; `results/search-sgd-adam` took 1.2 times."""
MEDIAN = (0.4, 1.0)
"""The share of all epochs that is trained where whoever is below the median is stopped."""


def search_range(study: Study, size: DataSize, fresh_seeds: int) -> tuple[float, float]:
    """Expected seconds of a search with its answer, on one core of an ordinary machine: from how little to how much.

    The points are drawn, so their costs vary; a scheduler stops some, more or fewer; the answer trains the best two or
    three of each part under fresh seeds. Both 0 where there is no search.
    """
    each = np.array(point_costs(study, size))
    search = study.search
    if search is None or not len(each):
        return 0.0, 0.0
    drawn = len(search.parts()) * search.trials
    mean, spread = drawn * each.mean(), np.sqrt(drawn) * each.std()
    low, high = trained_share(search, study.epochs)
    cheap, dear = len(search.parts()) * fresh_seeds * np.quantile(each, [0.1, 0.9])
    least = low * search.seeds * max(0.0, mean - DEVIATIONS_OF_80_PERCENT * spread) + 2 * cheap
    return float(least), float(high * search.seeds * (mean + DEVIATIONS_OF_80_PERCENT * spread) + 3 * dear)


def trained_share(search: Search, epochs: int) -> tuple[float, float]:
    """Return which share of all epochs of all proposals is trained, at least and at most.

    >>> low, high = _by_rungs([(1, (1, 3, 9))], 3, 9)
    >>> round(low, 2), round(high, 2)
    (0.26, 0.44)
    """
    said = search.scheduler
    if said.name == "none":
        return 1.0, 1.0
    if said.name == "median":
        return MEDIAN
    if said.name == "halving" and said.keep:
        kept = said.keep if said.keep < 1 else min(1.0, said.keep / search.trials)
        share = min(1.0, (said.grace + kept * max(0, epochs - said.grace)) / epochs)
        return share, min(1.0, MAX_EPOCHS_FACTOR * share)
    brackets = hyperband_brackets(said, epochs) if said.name == "hyperband" else [(1, rungs(said, epochs))]
    return _by_rungs(brackets, said.reduction, epochs)


def _by_rungs(brackets: list[tuple[int, tuple[int, ...]]], reduction: int, epochs: int) -> tuple[float, float]:
    done = sum(
        count * sum((b - a) / reduction**i for i, (a, b) in enumerate(pairwise((0, *places))))
        for count, places in brackets
    )
    share = done / (epochs * sum(count for count, _ in brackets))
    return share, min(1.0, MAX_EPOCHS_FACTOR * share)
