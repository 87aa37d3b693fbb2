"""Which scheduler finds the best for the least? Replays of real curves; trains nothing and takes a minute or two.

    python benchmarks/replay.py [results/curves/curves.parquet]

For each scheduler the share of the full budget until the chosen configuration is within 0.1 points of the best, against
random search (`none`) and successive halving after one epoch, which are the baselines, at 1 and at 16 configurations at
once. Each round draws its own searches, the same for every scheduler, so that ratios are of like with like. What
`docs/decisions/search-scheduler.md` says follows from it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median

from benchmarks.figures import Figure, compared
from study.search import replay as replays
from study.search.replay import CurveTable, SchedulerScore
from study.spec.search import Scheduler

TABLE = "results/curves/curves.parquet"
SEARCHES = 60
"""A round and scheduler."""
WORKERS = (1, 16)


def replay(repeats: int, part: int) -> list[Figure]:
    """Early stopping: share of the full budget to a regret of 0.1 points, against random search and halving."""
    table = replays.read(TABLE)
    return [f for workers in WORKERS for f in _figures(table, repeats, max(SEARCHES // part, 5), workers)]


def _figures(table: CurveTable, repeats: int, searches: int, workers: int) -> list[Figure]:
    candidates, rounds = rounds_of(table, repeats, searches, workers)
    random, halving = ([r[i].budget.mean for r in rounds] for i in (0, 1))
    drawn = replays.configurations_drawn(table)
    size = f"{searches} searches a round, each over {drawn} of {len(table.values)} configurations"
    found = []
    for i, scheduler in enumerate(candidates):
        ours, name = [r[i].budget.mean for r in rounds], _name(scheduler, workers)
        regret = median(r[i].regret.mean for r in rounds)
        kept = median(r[i].survived for r in rounds)
        note = f"mean regret {regret:.2f} points, the best survived in {kept:.0%}; {size}, {workers} at once"
        for against, peer in (("random", random), ("halving", halving)):
            if i == ("random", "halving").index(against):
                continue
            what = "random search" if against == "random" else "halving after one epoch"
            meaning = f"share of the full budget to a regret of 0.1 points: {what} / {replays.describe(scheduler)}"
            title = f"replay/{name}-against-{against}"
            found.append(compared(title, ours, peer, unit="of all epochs", meaning=meaning, note=note))
    return found


def rounds_of(
    table: CurveTable, repeats: int, searches: int, workers: int
) -> tuple[list[Scheduler], list[list[SchedulerScore]]]:
    """The schedulers, and by round their scores."""
    candidates = replays.candidates()
    return candidates, [
        [replays.score(table, s, orders=searches, workers=workers, seed=r) for s in candidates] for r in range(repeats)
    ]


def _name(s: Scheduler, workers: int) -> str:
    parts = [s.name, str(s.grace), f"keep{s.keep:g}" if s.keep else str(s.reduction)]
    parts += [f"{s.brackets}brackets"] if s.brackets > 1 else []
    return "-".join(["random"] if s.name == "none" else parts) + f"-{workers}w"


def main(where: str, repeats: int = 5) -> None:
    """Print all scores, and what each scheduler saves."""
    table = replays.read(where)
    for workers in WORKERS:
        candidates, rounds = rounds_of(table, repeats, SEARCHES, workers)
        pooled = [replays.score(table, s, orders=SEARCHES, workers=workers, seed=10**6) for s in candidates]
        print(replays.replay_text(pooled, table, workers, SEARCHES))
        print(f"\nshare of the full budget to a regret of 0.1 points, {repeats} rounds of {SEARCHES} other searches:")
        order = sorted(range(len(candidates)), key=lambda i: median(r[i].budget.mean for r in rounds))
        for i in order:
            mine = [r[i].budget.mean for r in rounds]
            ratios = " and ".join(
                f"{_spread([r[j].budget.mean / m for r, m in zip(rounds, mine, strict=True)])} x less than {what}"
                for j, what in ((0, "random search"), (1, "halving after one epoch"))
            )
            print(f"  {replays.describe(candidates[i]):34s} {100 * median(mine):5.1f} %   {ratios}")
        print()


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}..{max(values):.2f})"


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else TABLE)
