"""What a search costs: a range that four of five searches keep, for nobody knows which points come and who goes on."""

from __future__ import annotations

import itertools
import math
from itertools import pairwise

import numpy as np

from study.planning.cost import TRIAL_SECONDS, point_costs
from study.search.finalists import MAX_FINALISTS
from study.search.median_stopping import Median
from study.search.memoryless_samplers import MEMORYLESS
from study.search.rungs import MIN_WHOLE_PROPOSALS, halving_rungs, hyperband_brackets, rungs
from study.spec.search import Scheduler, Search
from study.spec.study import Study
from trainables.training.gpu_memory import DataSize

DEVIATIONS_OF_80_PERCENT = 1.28
"""Standard deviations on either side of a mean that hold four of five, if normal."""
EPOCHS_FACTORS = 1.0, 1.7
"""How many times as many epochs as its rungs say a scheduler may train; `results/search-sgd-adam` took 1.2 times."""
EPOCHS_FACTORS_OF = {"asha": (1.0, 2.4), "asha-stop": (0.75, 4.5), "median": (1.0, math.inf)}
"""Of those who decide before all have arrived: more go on where the first are poor. Four of five replays keep it."""


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

    Counted as the scheduler counts (`study.search.schedulers`); at most, for decisions that come before all have
    arrived let more go on, and so does a search that is asked for more.
    """
    trials = -(-search.tries() // len(search.parts()))
    done = _epochs_trained(search.scheduler, _brackets(search.scheduler, epochs, trials))
    share = min(1.0, done / (trials * epochs))
    if share == 1:
        return 1.0, 1.0
    least, most = EPOCHS_FACTORS_OF.get(search.scheduler.name, EPOCHS_FACTORS)
    return least * share, min(1.0, most * share)


def _brackets(said: Scheduler, epochs: int, trials: int) -> list[tuple[int, tuple[int, ...]]]:
    """How many proposals begin in each bracket, and the epochs of its rungs.

    >>> _brackets(Scheduler(name="hyperband"), 9, 20)
    [(9, (1, 3, 9)), (5, (3, 9)), (3, (9,)), (3, (1, 3, 9))]
    >>> _brackets(Scheduler(name="asha", brackets=2), 9, 5)
    [(3, (1, 3, 9)), (2, (3, 9))]
    """
    if said.name == "hyperband":
        every = itertools.cycle(hyperband_brackets(said, epochs))
        found = []
        while trials > 0:
            size, places = next(every)
            found.append((min(size, trials), places))
            trials -= size
        return found
    if said.name in ("asha", "asha-stop"):
        places, number = rungs(said, epochs), min(said.brackets, trials)
        return [(-(-(trials - b) // said.brackets), places[min(b, len(places) - 1) :]) for b in range(number)]
    if said.name == "median":
        return [(trials, tuple(sorted({*range(said.grace, epochs, said.grace), epochs})))]
    return [(trials, (epochs,) if said.name == "none" else halving_rungs(said, epochs))]


def _epochs_trained(said: Scheduler, brackets: list[tuple[int, tuple[int, ...]]]) -> int:
    """The epochs of all, where as many go on as should, and at least two to the end.

    >>> _epochs_trained(Scheduler(name="asha"), [(4, (1, 3, 9))])
    20
    """
    counts = []
    for count, places in brackets:
        counts.append([count])
        for _ in places[1:]:
            counts[-1].append(min(counts[-1][-1], _going_on(said, counts[-1][-1])))
    whole = [(c, places) for c, (_, places) in zip(counts, brackets, strict=True)]
    for _ in range(MIN_WHOLE_PROPOSALS - sum(c[-1] for c in counts)):
        waiting = [(places[i], i, c) for c, places in whole for i in range(len(c) - 1) if c[i] > c[i + 1]]
        if waiting:  # the best of the highest rung where somebody waits goes on to the end
            _, rung, c = max(waiting, key=lambda w: w[:2])
            c[rung + 1 :] = [n + 1 for n in c[rung + 1 :]]
    return sum(
        n * (end - start) for c, places in whole for n, (start, end) in zip(c, pairwise((0, *places)), strict=True)
    )


def _going_on(said: Scheduler, arrived: int) -> int:
    """How many of those who arrive at a rung go on from it; under `asha`, `asha-stop` and `median`, at least."""
    if not arrived:
        return 0
    if said.name in ("asha", "asha-stop"):
        return arrived // said.reduction
    if said.name == "median":
        return max(arrived // 2, min(Median.LEAST, arrived))
    if said.name == "halving" and said.keep:
        return int(said.keep) if said.keep >= 1 else max(round(said.keep * arrived), MIN_WHOLE_PROPOSALS)
    return max(arrived // said.reduction, 1)
