"""A run on 8, 64 and 512 nodes, simulated: how busy the driver is, what the bucket is asked, how long machines take.

    python -m benchmarks.cluster_scale

Measured on small machines and carried upwards: the driver is one queue (a report takes 2 ms, a trial's start and end
33 ms), trials are alike, and the bucket answers as Amazon promises. What none of this knows: lost packets, slow disks,
quotas.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure
from benchmarks.growth import exponent

REPORT = 1 / 500
"""Seconds of the driver for one report, without Ray's loggers."""
TURN = 0.033
"""Seconds of the driver for a trial's start and end, actors reused."""
SETUP_AT_ONCE = 50
"""Nodes that Ray's autoscaler sets up side by side, by ssh from the head (its `max_concurrent_installs`)."""
SLOTS = 4
WRITES, READS = 3500, 5500
"""Requests a second that a prefix of a bucket promises."""
PER_RECORD = {"read": 1, "write": 1}
"""Requests for a finished trial, counted on moto: is it there already? Then one write."""
PER_CHECKPOINT = {"read": 2, "write": 3}
"""For a checkpoint that takes the place of the last but one."""
PER_GATHERED = 5 * 0.03
"""Seconds for a record that is gathered at the end: five requests, one after the other."""


@dataclass(frozen=True)
class Load:
    """What a run of alike trials asks of everything that there is one of."""

    nodes: int
    slots: int
    busy: float
    """Share of the driver's time that is spent; 1 is its end."""
    late: float
    """Seconds that a slot waits for its next trial, on average."""
    reads: float
    writes: float
    start: float
    """Minutes until the last node trains."""
    gather: float
    """Minutes at the end to gather the records into one file, one after the other."""


def simulate(
    nodes: int, *, trial: float, report: float, checkpoint: float = 30.0, trials_per_slot: int = 4, setup: float = 5.0
) -> Load:
    """One run: every slot trains trial after trial, each reports as it goes, and the driver serves them in turn.

    Args:
        nodes: how many.
        trial: seconds of each.
        report: seconds between two reports of a trial.
        checkpoint: seconds between two checkpoints of a trial.
        trials_per_slot: how many each slot trains.
        setup: minutes to set up one node.
    """
    slots = nodes * SLOTS
    free_at = waited = 0.0
    events = [(trial * n / slots, 0) for n in range(slots)]  # (time, trials that this slot has behind it)
    heapq.heapify(events)
    reports = int(trial / report)
    while events:
        now, behind = heapq.heappop(events)
        # The reports of a trial lie spread over its time; the queue sees their work, and then the trial's end.
        cost = reports * REPORT + TURN
        turn = max(free_at, now) + TURN
        waited += turn - now
        free_at = max(free_at, now) + cost
        if behind + 1 < trials_per_slot:
            heapq.heappush(events, (turn + trial, behind + 1))
    finished = slots / (trial + waited / (slots * trials_per_slot))
    saved = slots / checkpoint if trial > checkpoint else 0.0
    total = slots * trials_per_slot
    return Load(
        nodes=nodes,
        slots=slots,
        busy=min(1.0, slots * (REPORT / report + TURN / trial)),
        late=waited / total,
        reads=finished * PER_RECORD["read"] + saved * PER_CHECKPOINT["read"],
        writes=finished * PER_RECORD["write"] + saved * PER_CHECKPOINT["write"],
        start=1 + setup * -(-nodes // SETUP_AT_ONCE),
        gather=total * PER_GATHERED / 60,
    )


def table(trial: float = 60.0) -> str:
    """The three sizes, with a report a second and with as many as `ray_executor.report_seconds` allows."""
    names = "nodes", "trials at once", "a report every", "driver busy", "a slot waits", "reads/s", "writes/s"
    lines = ["| " + " | ".join((*names, "all train after", "gathering")) + " |", "|---" * 9 + "|"]
    for nodes in (8, 64, 512):
        for report in dict.fromkeys((1.0, max(1.0, nodes * SLOTS / 200))):
            load = simulate(nodes, trial=trial, report=report)
            lines.append(
                f"| {nodes} | {load.slots} | {report:.1f} s | {load.busy:.0%} | {load.late:.2f} s | {load.reads:.0f} "
                f"| {load.writes:.0f} | {load.start:.0f} min | {load.gather:.0f} min |"
            )
    return "\n".join(lines)


NODES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def nodes(repeats: int, part: int) -> list[Figure]:
    """Trials a minute against simulated nodes, for trials of 10, 60 and 600 seconds: the fitted exponent, 1 at best."""
    return [figure for trial in (10.0, 60.0, 600.0) for figure in _against_nodes(trial)]


def throughput(count: int, trial: float) -> float:
    """Trials a minute on so many nodes, with reports as rare as `ray_executor.report_seconds` makes them.

    >>> round(throughput(1, 60.0), 1)
    4.0
    """
    load = simulate(count, trial=trial, report=max(1.0, count * SLOTS / 200))
    return 60 * load.slots / (trial + load.late)


def _against_nodes(trial: float) -> list[Figure]:
    found = [throughput(n, trial) for n in NODES]
    cut = NODES.index(64)
    return [
        _line(f"nodes/trials-of-{trial:g}-s-{a[0]}-to-{a[-1]}", a, b)
        for a, b in ((NODES[: cut + 1], found[: cut + 1]), (NODES[cut:], found[cut:]))
    ]


def _line(name: str, sizes: Sequence[int], rates: Sequence[float]) -> Figure:
    b, error = exponent(sizes, rates)
    points = ", ".join(f"{n}: {r:.4g}" for n, r in zip(sizes, rates, strict=True))
    return Figure(
        name,
        rates[-1],
        rates[0],
        b,
        b - 2 * error,
        b + 2 * error,
        len(sizes),
        None,
        "a minute",
        "exponent of trials a minute against nodes of four slots, simulated; `ours` at the most, `peer` at the fewest",
        points,
    )


if __name__ == "__main__":
    for seconds in (60.0, 600.0):
        print(f"trials of {seconds:g} s\n\n{table(seconds)}\n")
