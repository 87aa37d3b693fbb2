"""The judge that chooses the next machine: spot first, its fallback when it is refused, no GPU for work without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from study.cluster.cluster_file import read_first_document
from study.cluster.spot_fallback import score
from tests.study.cluster.test_check_file import FILES

TYPES = {n: e["resources"] for n, e in read_first_document(FILES["aws"])["available_node_types"].items() if n != "head"}
CPU, GPU = [{"CPU": 1}] * 6, [{"CPU": 1, "GPU": 0.25}] * 6


def best(waiting: Sequence[Mapping[str, float]], *refused: str) -> str:
    known = SimpleNamespace(node_availabilities={n: SimpleNamespace(is_available=n not in refused) for n in TYPES})
    scores = {n: score(r, waiting, n, node_availability_summary=known) for n, r in TYPES.items()}
    able: dict[str, Any] = {n: s for n, s in scores.items() if s is not None}
    return max(able, key=lambda name: able[name])


def test_spot_first_then_on_demand() -> None:
    assert best(GPU) == "gpu-spot"
    assert best(GPU, "gpu-spot") == "gpu-on-demand"
    assert best(CPU) == "cpu-spot"
    assert best(CPU, "cpu-spot") == "cpu-on-demand"


def test_a_gpu_is_the_last_resort_of_work_without_one() -> None:
    assert best(CPU, "cpu-spot", "cpu-on-demand") == "gpu-spot"


def test_when_all_are_refused_one_is_still_asked_for() -> None:
    assert best(GPU, *TYPES) == "gpu-spot"


def test_what_does_not_fit_is_never_started() -> None:
    assert score({"CPU": 8}, [{"GPU": 1}], "cpu-spot") is None
    assert score({"CPU": 8}, [], "cpu-spot") is None


def test_rays_autoscaler_takes_it_as_its_judge(monkeypatch: Any) -> None:
    monkeypatch.setenv("RAY_AUTOSCALER_UTILIZATION_SCORER", "study.cluster.spot_fallback.score")
    from ray.autoscaler._private.node_provider_availability_tracker import NodeAvailabilitySummary
    from ray.autoscaler._private.resource_demand_scheduler import ResourceDemandScheduler, get_nodes_for

    types: Any = {n: {"resources": r, "max_workers": 2, "node_config": {}} for n, r in TYPES.items()}
    nobody: Any = None
    made: Any = ResourceDemandScheduler(nobody, types, 8, "head", 4.0)
    assert made.utilization_scorer is score
    judge: Any = partial(score, node_availability_summary=NodeAvailabilitySummary({}))
    waiting: Any = [{"CPU": 1, "GPU": 0.25}] * 12
    nodes, left = get_nodes_for(types, {}, "head", 8, waiting, judge)
    assert (nodes, left) == ({"gpu-spot": 2, "gpu-on-demand": 1}, [])
