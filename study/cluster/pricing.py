"""What a study takes on a cluster: nodes, hours and money, against the cluster file's cap.

Pure arithmetic on `study.cluster.cluster_file.Cluster`; how long trials take is the caller's to know
(`study.planning.plan`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from study.cluster.cluster_file import Cluster, NodeType
from study.cluster.spot_fallback import FALLBACK
from trainables.config.errors import BadInput
from trainables.config.plurals import counted


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What is to be trained: as `study plan` counts it."""

    trials: int
    seconds: float
    """Of all trials together, one after the other on one slot."""
    longest_seconds: float
    """Seconds of the longest trial: no number of machines makes a study shorter."""
    cpus: float = 1.0
    gpus: float = 0.0
    why: str = ""
    """How the share of a GPU was found."""


@dataclass(frozen=True, kw_only=True)
class CostEstimate:
    """Nodes, hours and money of a study on a cluster."""

    nodes: Mapping[str, int]
    slots: int
    hours: float
    cost: float
    """If every machine is the one that is tried first."""
    worst_cost: float
    """If there are as many machines as the trials can start, each at the price of the dearest type that fits and as
    slow as the types with the fewest slots, as when no spot machine is to be had. The cap is held against this."""
    allowed_hours: float
    """How long it may take: what the cap pays of the most nodes at their dearest, less their idling at the end;
    infinite where nothing costs."""
    hourly_price: float
    """Of the head and the most nodes, at their dearest."""
    idle_hours: float = 0.0
    """That the nodes idle at the end before they are given back, and cost."""


def estimate(cluster: Cluster, work: Workload) -> CostEstimate:
    """Nodes, hours and money.

    `study.cluster.spot_fallback` prefers nodes without a GPU for trials without one, then spot; so does this. Hours
    are those of a list scheduler at its worst (Graham's bound: the average load, and of the longest trial what is not
    in it), with the time that a machine takes to start and, for the money, that it idles before it is given back.
    Nodes that the file keeps in any case (`min_workers`) cost as the head does, and take room in `max_workers`; what
    they could train is not counted.

    Raises:
        BadInput: a trial asks for more than any type of node has, or the nodes that are kept leave no room for one.
    """
    fitting = [t for t in cluster.workers if t.max_nodes > 0 and t.slots(work.cpus, work.gpus) > 0]
    if not fitting:
        have = "; ".join(f"{t.name}: {t.cpus:g} CPU, {t.gpus:g} GPU" for t in cluster.workers) or "none"
        raise BadInput(
            "resources", {"CPU": work.cpus, "GPU": work.gpus}, f"no node of {cluster.path} has that much ({have})"
        )
    fitting.sort(key=lambda t: (work.gpus == 0 and t.gpus > 0, t.name.endswith(FALLBACK), t.hourly_price))
    nodes, slots = _fill(cluster, work, fitting)
    hours = _hours_with(cluster, work, slots)
    idle = cluster.idle_minutes / 60
    more = {t.name: t.min_nodes - nodes.get(t.name, 0) for t in cluster.workers if work.trials}
    more = {name: n for name, n in more.items() if n > 0}
    prices = {t.name: t.hourly_price for t in cluster.workers}
    always = cluster.head_hourly_price + sum(n * prices[name] for name, n in more.items())
    cheap = always + sum(n * prices[name] for name, n in nodes.items())
    most, fewest_slots = _most(cluster, work, fitting, more)
    dear = always + max(most, sum(nodes.values())) * max(t.hourly_price for t in fitting)
    longest = max(hours, _hours_with(cluster, work, fewest_slots))
    nodes = {t.name: n for t in [*fitting, *cluster.workers] if (n := nodes.get(t.name, 0) + more.get(t.name, 0))}
    return CostEstimate(
        nodes=nodes,
        slots=slots,
        hours=hours,
        cost=(hours + idle) * cheap if work.trials else 0.0,
        worst_cost=(longest + idle) * dear if work.trials else 0.0,
        allowed_hours=cluster.cost_cap / dear - idle if dear else math.inf,
        hourly_price=dear,
        idle_hours=idle,
    )


def check_cap(cluster: Cluster, estimate: CostEstimate) -> None:
    """Refuse what could cost more than the file's cap.

    Raises:
        BadInput: it could.
    """
    if estimate.worst_cost > cluster.cost_cap + 1e-9:
        raise BadInput(
            "cap",
            cluster.cost_cap,
            f"this could cost {estimate.worst_cost:.2f} {cluster.currency}; ask for less (fewer seeds, --quick), "
            f"or raise metadata.study.cap in {cluster.path}",
        )


def describe(cluster: Cluster, work: Workload, estimate: CostEstimate) -> str:
    """What `--dry-run` prints about machines, time and money; plain text, a line each."""
    nodes = ", ".join(f"{n} x {name}" for name, n in estimate.nodes.items()) or "none: everything is on record"
    ask = f"{work.cpus:g} CPU" + (f" and {work.gpus:g} GPU" if work.gpus else "")
    limit = "none" if math.isinf(estimate.allowed_hours) else f"{_hours(estimate.allowed_hours)} (what the cap buys)"
    cost = f"about {estimate.cost:.2f} {cluster.currency}"
    money = f"{cost}, without spot {estimate.worst_cost:.2f}, cap {cluster.cost_cap:.2f}"
    pace = "; as on CPUs, for how fast a GPU is is not known" if work.gpus else ""
    share = {"gpu share": f"{work.gpus:g}: {work.why}"} if work.gpus and work.trials else {}
    most = f"{cluster.max_workers} worker{'s' * (cluster.max_workers != 1)}"
    lines = {
        "cluster": f"{cluster.name} ({cluster.provider}), {cluster.path}",
        "to train": f"{counted(work.trials, 'trial')} of {ask} each, {_hours(work.seconds / 3600)} one after the other",
        **share,
        "nodes": f"{nodes} and the head; {counted(estimate.slots, 'trial')} at a time, at most {most}",
        "time": f"about {_hours(estimate.hours)} from start to end, of which {cluster.start_minutes:g} min to start "
        f"machines{pace}",
        "money": money,
        "time limit": limit,
        "prices": f"as of {cluster.prices_as_of}, {cluster.prices_source}",
    }
    return "\n".join(f"{name:<11}{value}" for name, value in lines.items())


def _hours(hours: float) -> str:
    minutes = max(1, math.ceil(hours * 60)) if hours > 0 else 0
    return f"{minutes} min" if minutes < 120 else f"{hours:.1f} h"


def _hours_with(cluster: Cluster, work: Workload, slots: int) -> float:
    if not work.trials:
        return 0.0
    training = work.seconds / slots + work.longest_seconds * (1 - 1 / slots)
    return cluster.start_minutes / 60 + training / 3600


def _fill(cluster: Cluster, work: Workload, fitting: list[NodeType]) -> tuple[dict[str, int], int]:
    """The nodes that are started, by type, in the order in which they are tried, and their slots."""
    nodes: dict[str, int] = {}
    left, slots = work.trials, 0
    for kind in fitting:
        each = kind.slots(work.cpus, work.gpus)
        others = sum(max(t.min_nodes, nodes.get(t.name, 0)) for t in cluster.workers if t.name != kind.name)
        count = min(kind.max_nodes, cluster.max_workers - others, math.ceil(left / each))
        if count > 0:
            nodes[kind.name] = count
            slots += count * each
            left -= count * each
    if work.trials and not nodes:
        kept = sum(t.min_nodes for t in cluster.workers)
        raise BadInput(
            "max_workers",
            cluster.max_workers,
            f"the {kept} nodes that {cluster.path} keeps (min_workers) leave no room for one that a trial fits on; "
            "raise max_workers, or lower min_workers",
        )
    return nodes, max(1, slots)


def _most(cluster: Cluster, work: Workload, fitting: list[NodeType], kept: Mapping[str, int]) -> tuple[int, int]:
    """The most nodes that the trials can start, beside the `kept` ones, and their slots: whatever types are to be had,
    none holds fewer than the smallest.
    """
    left, slots, most = work.trials, 0, 0
    room = cluster.max_workers - sum(kept.values())
    for kind in sorted(fitting, key=lambda t: t.slots(work.cpus, work.gpus)):
        each = kind.slots(work.cpus, work.gpus)
        count = max(0, min(kind.max_nodes - kept.get(kind.name, 0), room - most, math.ceil(left / each)))
        most, slots, left = most + count, slots + count * each, left - count * each
    return most, max(1, slots)
