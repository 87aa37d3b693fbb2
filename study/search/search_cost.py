"""What a search costs: a range that four of five searches keep, for nobody knows which points come and who goes on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from study.planning.cost import TRIAL_SECONDS, point_costs
from study.search.finalists import MAX_FINALISTS
from study.search.memoryless_samplers import MEMORYLESS
from study.search.rungs import hyperband_brackets, rungs
from study.spec.search import Search
from study.spec.study import Study
from trainables.training.gpu_memory import DataSize

DEVIATIONS_OF_80_PERCENT = 1.28
"""Standard deviations on either side of a mean that hold four of five, if normal."""
MAX_EPOCHS_FACTOR = 1.7
"""How many times as many epochs as its rungs say a scheduler may train; `results/search-sgd-adam` took 1.2 times."""
MEDIAN_TRAINED_SHARES = (0.4, 1.0)
"""The share of all epochs that is trained where whoever is below the median is stopped."""


def search_range(study: Study, size: DataSize, fresh_seeds: int) -> tuple[float, float]:
    """Expected seconds of a search with its answer, on one core of an ordinary machine: from how little to how much.

    The points are drawn, so their costs vary, and a searcher that learns may go where they are dear; a scheduler stops
    some, more or fewer; the answer trains its finalists under fresh seeds. What a trial takes beside its epochs counts,
    once or, where it goes on by rungs, twice. Both 0 where there is no search.
    """
    each = np.array(point_costs(study, size))
    search = study.search
    if search is None or not len(each):
        return 0.0, 0.0
    parts = len(search.parts())
    drawn = search.configurations(study.shared_knobs, size)
    cheap, dear = np.quantile(each, [0.1, 0.9])
    mean, spread = drawn * each.mean(), np.sqrt(drawn) * each.std()
    highest = mean if search.searcher in MEMORYLESS else max(mean, drawn * (each.mean() + dear) / 2)
    low, high = trained_share(search, study.epochs)
    fewest, most = finalists(search)
    trials, fresh, times = drawn * search.seeds, parts * fresh_seeds, 1 if search.scheduler.name == "none" else 2
    least = low * search.seeds * max(0.0, mean - DEVIATIONS_OF_80_PERCENT * spread) + fresh * fewest * cheap
    longest = high * search.seeds * (highest + DEVIATIONS_OF_80_PERCENT * spread) + fresh * most * dear
    least += TRIAL_SECONDS * (trials + fresh * fewest)
    longest += TRIAL_SECONDS * (times * trials + fresh * most)
    return float(least), float(longest)


def finalists(search: Search) -> tuple[int, int]:
    """How many of each part the answer trains, at least and at most; see `study.search.finalists.choose_finalists`."""
    if len(search.objectives) > 1:
        return 1, MAX_FINALISTS
    each = 1 if search.within else 2
    return each, each


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
        return MEDIAN_TRAINED_SHARES
    if said.name == "halving" and said.keep:
        each = search.tries() / len(search.parts())
        kept = said.keep if said.keep < 1 else min(1.0, said.keep / each)
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
