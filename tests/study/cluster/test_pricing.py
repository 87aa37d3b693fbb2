"""Nodes, hours and money against numbers worked out by hand."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from study.cluster.check_file import find_problems
from study.cluster.cluster_file import Cluster, NodeType, read_cluster, read_first_document
from study.cluster.pricing import Workload, check_cap, describe, estimate
from trainables.config.errors import BadInput

ROOT = Path(__file__).parents[3]

CLUSTER = Cluster(
    path="c.yaml",
    provider="aws",
    name="c",
    workers=(
        NodeType(name="spot", cpus=4, gpus=1, max_nodes=2, hourly_price=0.2),
        NodeType(name="sure-on-demand", cpus=4, gpus=1, max_nodes=8, hourly_price=0.5),
        NodeType(name="cpu", cpus=8, gpus=0, max_nodes=1, hourly_price=0.1),
    ),
    max_workers=4,
    idle_minutes=6,
    head_hourly_price=0.1,
    python="3.11",
    ray="",
    start_minutes=6,
    cost_cap=10,
    currency="USD",
    prices_as_of="2026-06-17",
    prices_source="invented",
)


def test_spot_first_then_on_demand() -> None:
    # 4 trials a node (CPUs are what runs out): 12 trials fill 2 spot and 1 on demand, for one hour.
    got = estimate(CLUSTER, Workload(trials=12, seconds=12 * 3600, longest_seconds=3600, cpus=1, gpus=0.25))
    assert got.nodes == {"spot": 2, "sure-on-demand": 1}
    assert got.slots == 12
    assert got.hours == pytest.approx(0.1 + 1 + 11 / 12)  # Graham's bound
    assert got.cost == pytest.approx((got.hours + 0.1) * (0.1 + 2 * 0.2 + 0.5))
    assert got.worst_cost == pytest.approx((got.hours + 0.1) * (0.1 + 3 * 0.5))
    assert got.allowed_hours == pytest.approx(10 / 1.6 - 0.1), "what they idle at the end costs too"


def test_a_trial_without_gpu_prefers_a_node_without_one() -> None:
    got = estimate(CLUSTER, Workload(trials=10, seconds=100, longest_seconds=10, cpus=1))
    assert got.nodes == {"cpu": 1, "spot": 1}


def test_never_more_than_the_cluster_may_have() -> None:
    got = estimate(CLUSTER, Workload(trials=10_000, seconds=1e6, longest_seconds=100, cpus=1, gpus=1))
    assert sum(got.nodes.values()) == CLUSTER.max_workers
    assert got.slots == 4


def test_what_no_node_has_is_said_at_once() -> None:
    with pytest.raises(BadInput, match=r"no node of c\.yaml has that much \(spot: 4 CPU, 1 GPU"):
        estimate(CLUSTER, Workload(trials=1, seconds=1, longest_seconds=1, gpus=2))


def test_nothing_to_train_costs_nothing() -> None:
    got = estimate(CLUSTER, Workload(trials=0, seconds=0, longest_seconds=0))
    assert (got.nodes, got.hours, got.cost, got.worst_cost) == ({}, 0, 0, 0)
    assert "everything is on record" in describe(CLUSTER, Workload(trials=0, seconds=0, longest_seconds=0), got)


def test_the_cap_is_held_against_the_dear_case() -> None:
    work = Workload(trials=12, seconds=12 * 3600, longest_seconds=3600, cpus=1, gpus=0.25)
    got = estimate(CLUSTER, work)
    check_cap(CLUSTER, got)
    with pytest.raises(BadInput, match=r"could cost 3\.39 USD; ask for less .*raise metadata\.study\.cap in c\.yaml"):
        check_cap(dataclasses.replace(CLUSTER, cost_cap=3.0), got)


def test_own_machines_have_no_limit() -> None:
    local = read_cluster(ROOT / "cluster/local.yaml")
    got = estimate(local, Workload(trials=100, seconds=1e5, longest_seconds=1e3))
    check_cap(local, got)
    assert got.worst_cost == 0
    assert math.isinf(got.allowed_hours)


@pytest.mark.parametrize("file", ["cluster.yaml", "cluster/local.yaml", "cluster/gcp.yaml", "cluster/kuberay.yaml"])
def test_every_file_can_hold_the_usual_trials(file: str) -> None:
    cluster = read_cluster(ROOT / file)
    for gpus in (0.0, 0.25, 1.0):
        text = describe(
            cluster, work := Workload(trials=50, seconds=5e3, longest_seconds=100, gpus=gpus), estimate(cluster, work)
        )
        assert file in text
        assert f"cap {cluster.cost_cap:.2f}" in text
        assert cluster.prices_as_of in text


@given(
    trials=st.integers(1, 3000),
    seconds=st.floats(1, 1e5),
    cpus=st.sampled_from([0.5, 1, 2, 4]),
    gpus=st.sampled_from([0, 0.1, 1]),
)
def test_bounds_hold_whatever_is_asked(trials: int, seconds: float, cpus: float, gpus: float) -> None:
    got = estimate(
        CLUSTER, Workload(trials=trials, seconds=trials * seconds, longest_seconds=seconds, cpus=cpus, gpus=gpus)
    )
    assert 1 <= sum(got.nodes.values()) <= CLUSTER.max_workers
    assert got.hours * 3600 >= seconds  # never shorter than one trial
    assert got.hours * 3600 >= trials * seconds / got.slots  # nor than the load
    assert 0 < got.cost <= got.worst_cost + 1e-9


def test_what_takes_less_than_a_gpu_is_not_spread_over_two() -> None:
    kind = NodeType(name="four", cpus=48, gpus=4, max_nodes=1, hourly_price=1)
    assert [kind.slots(1, share) for share in (0.125, 0.3, 0.4, 1, 2, 3)] == [32, 12, 8, 4, 2, 1]


def test_nodes_that_are_kept_in_any_case_cost_as_the_head_does() -> None:
    spot, sure, cpu = CLUSTER.workers
    kept = dataclasses.replace(CLUSTER, workers=(dataclasses.replace(spot, min_nodes=2), sure, cpu))
    work = Workload(trials=1, seconds=3600, longest_seconds=3600)
    got = estimate(kept, work)
    assert got.nodes == {"cpu": 1, "spot": 2} and got.slots == 8
    assert got.cost == pytest.approx(1.2 * (0.1 + 0.1 + 2 * 0.2))
    assert got.worst_cost == pytest.approx(1.2 * (0.1 + 0.5 + 2 * 0.2))
    assert got.allowed_hours == pytest.approx(10 / 1.0 - 0.1)
    assert "1 x cpu, 2 x spot and the head" in describe(kept, work, got)
    busy = Workload(trials=12, seconds=3600, longest_seconds=3600, gpus=0.25)
    assert estimate(kept, busy) == estimate(CLUSTER, busy), "those that train are counted once"
    nothing = Workload(trials=0, seconds=0, longest_seconds=0)
    assert estimate(kept, nothing).cost == 0


BIG_SPOT = NodeType(name="big", cpus=16, gpus=0, max_nodes=2, hourly_price=0.25)
SMALL = NodeType(name="small-on-demand", cpus=4, gpus=0, max_nodes=8, hourly_price=0.8)


def test_the_dear_case_has_as_many_nodes_as_the_trials_can_start() -> None:
    """Without spot, 32 trials start 8 small nodes and not 2 big ones."""
    cluster = dataclasses.replace(CLUSTER, workers=(BIG_SPOT, SMALL), max_workers=8, cost_cap=5.0)
    got = estimate(cluster, Workload(trials=32, seconds=32 * 3600, longest_seconds=3600))
    assert got.nodes == {"big": 2}
    assert got.hourly_price == pytest.approx(0.1 + 8 * 0.8)
    assert (got.allowed_hours + got.idle_hours) * got.hourly_price == pytest.approx(cluster.cost_cap)
    with pytest.raises(BadInput, match="could cost"):
        check_cap(cluster, got)


def test_the_dear_case_takes_as_long_as_its_own_slots_do() -> None:
    """Without spot there is one small node, on which 32 trials go 4 at a time."""
    cluster = dataclasses.replace(CLUSTER, workers=(BIG_SPOT, dataclasses.replace(SMALL, max_nodes=1)), max_workers=1)
    got = estimate(cluster, Workload(trials=32, seconds=32 * 3600, longest_seconds=3600))
    assert got.slots == 16 and got.worst_cost == pytest.approx((0.1 + 32 / 4 + 3 / 4 + 0.1) * (0.1 + 0.8))


def test_kept_nodes_take_room_among_all_workers() -> None:
    kept = NodeType(name="kept", cpus=4, gpus=0, max_nodes=8, hourly_price=0.1, min_nodes=6)
    gpu = NodeType(name="gpu", cpus=4, gpus=1, max_nodes=8, hourly_price=0.5)
    cluster = dataclasses.replace(CLUSTER, workers=(kept, gpu), max_workers=8)
    work = Workload(trials=32, seconds=32 * 3600, longest_seconds=3600, gpus=0.25)
    got = estimate(cluster, work)
    assert got.nodes == {"gpu": 2, "kept": 6} and got.slots == 8
    assert got.hourly_price == pytest.approx(0.1 + 6 * 0.1 + 2 * 0.5)
    full = dataclasses.replace(cluster, workers=(dataclasses.replace(kept, min_nodes=8), gpu))
    with pytest.raises(BadInput, match=r"max_workers: got 8; the 8 nodes that c\.yaml keeps .* leave no room"):
        estimate(full, work)
    assert estimate(full, dataclasses.replace(work, gpus=0)).nodes == {"kept": 8}, "those that fit train"


HOUR = Workload(trials=1, seconds=3600, longest_seconds=3600)


def changed(file: str, folder: Path, change: Callable[[dict[str, Any]], object]) -> Cluster:
    values = read_first_document(ROOT / file)
    change(values)
    (folder / "cluster.yaml").write_text(yaml.safe_dump(values))
    return read_cluster(folder / "cluster.yaml")


def ray_type(values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = values["available_node_types"]["gpu-on-demand"]
    return found


def kube_group(values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = values["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]
    return found


@pytest.mark.parametrize(
    ("file", "change", "hourly", "idle_minutes"),
    [
        ("cluster.yaml", lambda c: None, 0.11 + 0.54, 5),
        (
            "cluster.yaml",
            lambda c: ray_type(c).update(min_workers=8),
            0.11 + 8 * 0.54,
            5,
        ),  # of 8 in all: there is no ninth
        ("cluster.yaml", lambda c: ray_type(c).update(idle_timeout_s=36000), 0.11 + 0.54, 600),
        ("cluster.yaml", lambda c: ray_type(c).update(idle_timeout_s=30), 0.11 + 0.54, 5),
        ("cluster/kuberay.yaml", lambda c: None, 0.21 + 0.54, 5),
        ("cluster/kuberay.yaml", lambda c: kube_group(c).update(minReplicas=3, replicas=3), 0.21 + 0.54 + 3 * 0.54, 10),
        ("cluster/kuberay.yaml", lambda c: kube_group(c).update(replicas=2, numOfHosts=2), 0.21 + 0.54 + 4 * 0.54, 5),
        ("cluster/kuberay.yaml", lambda c: kube_group(c).update(idleTimeoutSeconds=36000), 0.21 + 0.54, 600),
        ("cluster/kuberay.yaml", lambda c: c["spec"].update(ttlSecondsAfterFinished=86400), 0.21 + 0.54, 1440),
    ],
)
def test_what_a_file_keeps_and_for_how_long_is_in_its_price(
    file: str, change: Callable[[dict[str, Any]], object], hourly: float, idle_minutes: float, tmp_path: Path
) -> None:
    cluster = changed(file, tmp_path, change)
    got = estimate(cluster, HOUR)
    assert got.hourly_price == pytest.approx(hourly) and got.idle_hours * 60 == pytest.approx(idle_minutes)
    assert got.worst_cost == pytest.approx(hourly * (1 + cluster.start_minutes / 60 + idle_minutes / 60))


def test_machines_of_ones_own_are_all_started() -> None:
    local = read_cluster(ROOT / "cluster/local.yaml")
    assert [t.min_nodes for t in local.workers] == [2]


def test_a_cloud_has_as_many_workers_as_ray_takes_where_its_file_does_not_say(tmp_path: Path) -> None:
    from ray.autoscaler._private.util import prepare_config

    silent = changed("cluster.yaml", tmp_path, lambda c: (c.pop("max_workers"), ray_type(c).pop("max_workers")))
    prepared = prepare_config(read_first_document(tmp_path / "cluster.yaml"))
    assert silent.max_workers == prepared["max_workers"] == 2
    most = {t.name: t.max_nodes for t in silent.workers}
    assert most == {n: prepared["available_node_types"][n]["max_workers"] for n in most}
    got = estimate(silent, Workload(trials=200, seconds=360_000, longest_seconds=3600))
    assert sum(got.nodes.values()) == 2
    said = " ".join(map(str, find_problems(tmp_path / "cluster.yaml", root=ROOT, ray_flags=False)))
    assert "max_workers" not in said
    changed("cluster.yaml", tmp_path, lambda c: (c.pop("max_workers"), ray_type(c).update(min_workers=3)))
    said = " ".join(map(str, find_problems(tmp_path / "cluster.yaml", root=ROOT, ray_flags=False)))
    assert "2 is less than all min_workers together, 3" in said
