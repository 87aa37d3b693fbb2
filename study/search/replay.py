"""Did early stopping cost the truth? Replays schedulers over full curves on record, in any order, with any workers.

Pure: the policies are those of a real search (`study.search.schedulers`), time is counted in epochs, nothing is
trained. What a scheduler sees of a configuration is the mean over seeds, as in a search; the truth is that mean after
the last epoch.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.search import schedulers
from study.spec.search import Scheduler
from trainables.config.errors import BadInput, NotFound
from trainables.config.plurals import counted

CLOSE_REGRET = 0.001
"""A regret of 0.1 points of accuracy."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CurveTable:
    """Full curves of validation accuracy."""

    values: Floats
    """[configurations, seeds, epochs]; NaN from where a trial diverged."""

    @property
    def mean(self) -> Floats:
        """[configurations, epochs], over seeds; NaN where any seed diverged."""
        mean: Floats = self.values.mean(axis=1)
        return mean


def read(where: str | Path) -> CurveTable:
    """A table of curves (`.parquet`), or the whole trials of a results folder that ran equally long under equal seeds.

    Raises:
        BadInput: it is neither, or holds no two configurations.
    """
    table = _from_parquet(Path(where)) if str(where).endswith(".parquet") else _from_results(where)
    if len(table.values) < 2 or not table.values.size:
        raise BadInput("--replay", str(where), "expected full curves of at least two configurations")
    return table


def _from_parquet(path: Path) -> CurveTable:
    import pyarrow as pa

    from study.storage.parquet import open_file

    if not path.is_file():
        raise BadInput("--replay", str(path), "it is no file") if path.exists() else NotFound("file", str(path))
    try:
        rows = open_file(path.read_bytes()).read(columns=["configuration", "seed", "val_accuracy"]).to_pylist()
        groups: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault(row["configuration"], []).append(row)
        table = _table([[(r["seed"], r["val_accuracy"]) for r in g] for g in groups.values()])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException) as error:
        raise BadInput("--replay", str(path), f"it cannot be read: {(str(error) or '?').splitlines()[0]}") from None
    return table


def _from_results(where: str | Path) -> CurveTable:
    from study.storage.results_folder import ResultsFolder

    groups: dict[str, list[tuple[int, list[float]]]] = {}
    for record in ResultsFolder(where).trials.records():
        if record.status in ("finished", "diverged"):
            curve = list(record.epochs["val_accuracy"])
            if record.status == "diverged":
                curve = (curve[:-1] + [float("nan")] * record.config.epochs)[: record.config.epochs]
            row = (record.config.seed, curve)
            groups.setdefault(record.config.group(record.data_checksum), []).append(row)
    return _table(list(groups.values()))


def _table(groups: list[list[tuple[int, list[float]]]]) -> CurveTable:
    """Of the most common length and seeds; the rest is left out."""
    groups = [sorted(g, key=lambda r: r[0]) for g in groups]
    shapes = [(tuple(seed for seed, _ in g), len(g[0][1])) for g in groups if len({len(c) for _, c in g}) == 1]
    if not shapes:
        return CurveTable(np.zeros((0, 0, 0)))
    common = max(shapes, key=lambda s: (shapes.count(s), s[1]))
    kept = [g for g in groups if tuple(r[0] for r in g) == common[0] and {len(r[1]) for r in g} == {common[1]}]
    return CurveTable(np.array([[c for _, c in g] for g in kept], dtype=np.float64))


# ------------------------------------------------------------------------------------------------------------- replay


@dataclass(frozen=True, eq=False)
class ReplayedSearch:
    """How one search over the table went."""

    spent: int
    """Epochs trained in all."""
    reached: dict[int, int]
    """Configuration -> epochs trained."""
    whole: tuple[tuple[int, int], ...]
    """(Epochs spent by then in all, configuration), as they came to their end."""


def replay(curves: Floats, scheduler: Scheduler, order: Sequence[int], workers: int = 1) -> ReplayedSearch:
    """One search: configurations arrive in an order, so many are trained at once, each epoch takes equally long.

    `curves` is [configurations, epochs], higher is better.
    """
    epochs = curves.shape[1]
    policy = schedulers.make_scheduler(scheduler, epochs)
    rows = [curves[c].tolist() for c in order]
    done = [0] * len(rows)
    running: list[tuple[int, int, int]] = []  # (when it ends, number, epoch)
    whole: list[tuple[int, int]] = []
    now = spent = arrived = 0
    while True:
        while len(running) < workers:
            going = policy.ready(False)
            if going is None and arrived < len(rows):
                going = arrived, policy.start(arrived)
                arrived += 1
            if going is None and not running:
                going = policy.ready(True)
            if going is None:
                break
            n, until = going
            policy.sent(n, until)
            heapq.heappush(running, (now + until - done[n], n, until))
        if not running:
            return ReplayedSearch(spent, {order[n]: d for n, d in enumerate(done) if d}, tuple(whole))
        now, n, until = heapq.heappop(running)
        curve = rows[n][:until]
        broken = next((i + 1 for i, v in enumerate(curve) if v != v), 0)
        spent += (broken or until) - done[n]
        done[n] = broken or until
        if broken:
            policy.lost(n)
            continue
        if until == epochs:
            whole.append((spent, order[n]))
        policy.report(n, curve)


@dataclass(frozen=True)
class SchedulerScore:
    """What early stopping saved and what it cost, over many searches."""

    scheduler: str
    spent: MeanBand
    """Share of the epochs of all configurations to the end."""
    survived: float
    """Share of searches in which the truly best configuration was trained to the end."""
    regret: MeanBand
    """Truth of the best minus truth of the one chosen, in points of accuracy."""
    budget: MeanBand
    """Share of all epochs spent until the chosen one is within 0.1 points of the best; 1.0 where it never was."""
    reached: float
    """Share of searches in which it ever was."""


@dataclass(frozen=True)
class MeanBand:
    """A mean over searches, and where nine in ten of them lie."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> MeanBand:
        """Make the band of the values of all orders.

        >>> MeanBand.of([1.0, 1.0, 1.0])
        MeanBand(mean=1.0, low=1.0, high=1.0)
        """
        low, high = np.quantile(values, [0.05, 0.95])
        return cls(float(np.mean(values)), float(low), float(high))


def score(
    table: CurveTable, scheduler: Scheduler, *, orders: int = 200, workers: int = 1, seed: int = 0, share: float = 0.5
) -> SchedulerScore:
    """Replay a scheduler many times: each time a random part of the configurations, in a random order of arrival.

    Another part each time, so that the best is another one and the bands say more than the order alone.
    """
    curves = table.mean
    truth = np.where(np.isnan(curves[:, -1]), -np.inf, curves[:, -1])
    size = configurations_drawn(table, share)
    total = size * curves.shape[1]
    chance = np.random.default_rng(seed)
    spent, regret, budget, survived, reached = [], [], [], 0, 0
    for _ in range(orders):
        arriving = chance.permutation(len(curves))[:size].tolist()
        top = max(float(truth[c]) for c in arriving)
        run = replay(curves, scheduler, arriving, workers)
        close = [s for s, c in run.whole if top - truth[c] <= CLOSE_REGRET + 1e-12]
        chosen = max((float(truth[c]) for _, c in run.whole), default=0.0)
        spent.append(run.spent / total)
        regret.append(100 * (top - chosen))
        budget.append(close[0] / total if close else 1.0)
        survived += chosen == top
        reached += bool(close)
    return SchedulerScore(
        describe(scheduler),
        MeanBand.of(spent),
        survived / orders,
        MeanBand.of(regret),
        MeanBand.of(budget),
        reached / orders,
    )


def configurations_drawn(table: CurveTable, share: float = 0.5) -> int:
    """How many configurations a replay draws."""
    return max(2, round(share * len(table.values)))


def describe(scheduler: Scheduler) -> str:
    """A scheduler in a few words.

    >>> describe(Scheduler(name="halving", keep=20)), describe(Scheduler(name="halving", grace=3, keep=0.1))
    ('halving, best 20 after 1', 'halving, best 10 % after 3')
    """
    name = scheduler.name
    if name == "none":
        return "none (random search)"
    if name == "halving" and scheduler.keep:
        kept = f"{100 * scheduler.keep:g} %" if scheduler.keep < 1 else f"{scheduler.keep}"
        return f"halving, best {kept} after {scheduler.grace}"
    parts = f"{name}, grace {scheduler.grace}"
    parts += "" if name == "median" else f", reduction {scheduler.reduction}"
    return parts + (f", {scheduler.brackets} brackets" if scheduler.brackets > 1 else "")


def candidates() -> list[Scheduler]:
    """The schedulers that are compared where none is named: the two baselines first."""
    return [
        Scheduler(name="none"),
        Scheduler(name="halving", keep=0.1),
        Scheduler(name="halving", grace=3, keep=0.1),
        Scheduler(name="halving", keep=0.05),
        Scheduler(name="halving", keep=0.2),
        Scheduler(name="halving", grace=2, keep=0.1),
        Scheduler(name="halving", reduction=3),
        Scheduler(name="asha", grace=1, reduction=3),
        Scheduler(name="asha", grace=3, reduction=3),
        Scheduler(name="asha", grace=1, reduction=2),
        Scheduler(name="asha", grace=1, reduction=4),
        Scheduler(name="asha", grace=1, reduction=3, brackets=2),
        Scheduler(name="asha-stop", grace=1, reduction=3),
        Scheduler(name="hyperband", reduction=3),
        Scheduler(name="median", grace=3),
    ]


def replay_text(scores: Sequence[SchedulerScore], table: CurveTable, workers: int, orders: int) -> str:
    """The scores as text."""
    configurations, seeds, epochs = table.values.shape
    wide = max(len("scheduler"), *(len(s.scheduler) for s in scores))
    lines = [
        f"{counted(orders, 'search', 'searches')} in random order, {workers} at once: each over "
        f"{configurations_drawn(table)} of {counted(configurations, 'configuration')},",
        f"{counted(seeds, 'seed')}, {counted(epochs, 'epoch')}. Means over searches.",
        "",
        "spent   share of all epochs that were trained, per cent",
        "kept    how often the truly best was trained to the end, per cent",
        "regret  points of accuracy below the truly best",
        "most    regret that 19 in 20 searches stay below",
        "to 0.1  share of all epochs until a finished one is within 0.1 points of the",
        "        best, per cent; 100 where none ever is",
        "ever    how often one is, per cent",
        "",
        f"{'scheduler':{wide}s}  spent  kept  regret  most  to 0.1  ever",
    ]
    lines += [
        f"{s.scheduler:{wide}s}  {100 * s.spent.mean:5.0f}  {100 * s.survived:4.0f}  {s.regret.mean:6.2f}  "
        f"{s.regret.high:4.2f}  {100 * s.budget.mean:6.0f}  {100 * s.reached:4.0f}"
        for s in scores
    ]
    return "\n".join(lines)
