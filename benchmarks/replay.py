"""Which scheduler finds the best for the least? Replays of real curves; trains nothing and takes a minute or two.

    python benchmarks/replay.py [results/curves/curves.parquet]

For each scheduler the share of the full budget until the chosen configuration is within 0.1 points of the best, against
random search (`none`) and successive halving after one epoch, which are the baselines, at 1 and at 16 configurations at
once. The default of `study.search_spec.Scheduler` users are pointed to is chosen by it; see `docs/decisions/`.
"""

from __future__ import annotations

import sys
import time

from study import replay

TABLE = "results/curves/curves.parquet"
ORDERS = 300


def main(where: str) -> None:
    table = replay.read(where)
    for workers in (1, 16):
        began = time.perf_counter()
        candidates = replay.candidates(replay.part(table))
        scores = [replay.score(table, s, orders=ORDERS, workers=workers) for s in candidates]
        taken = (time.perf_counter() - began) / (ORDERS * len(candidates))
        print(replay.page(scores, table, workers, ORDERS))
        random, halving = scores[0].budget.mean, scores[1].budget.mean
        print(f"\nshare of the full budget to a regret of 0.1 points ({1000 * taken:.1f} ms a replay):")
        for s in sorted(scores, key=lambda s: s.budget.mean):
            print(
                f"  {s.budget.mean:6.1%}  {random / s.budget.mean:4.1f} x less than random search, "
                f"{halving / s.budget.mean:4.2f} x less than halving after one epoch   {s.scheduler}"
            )
        print()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else TABLE)
